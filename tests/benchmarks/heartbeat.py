"""How late the window's event loop is while four racers run flat out.

A 16 ms timer in the window's thread notes when it is served. Printed: how far apart its beats were, at rest
(the anchor) and while a surface and a network run at full speed with the window drawing them; how much processor time
the window's thread spent between two beats, which on a shared machine says more; and how soon a pause is answered by
the simulation thread.

    python tests/benchmarks/heartbeat.py
"""

import os
import statistics
import sys
import time
from typing import NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import itertools

from opened_window import opened_window
from PySide6.QtCore import QEventLoop, Qt, QTimer

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.playhead import FASTEST

RACERS = (SGD(lr=0.01), Momentum(lr=0.01), Nesterov(lr=0.01), Momentum(lr=0.005, mu=0.95))
CASES = {
    "4 racers on a ravine, 1 000 000 steps": Experiment(objective=Ravine(), optimizers=RACERS, steps=1_000_000),
    "4 racers training 2-100-2 on the article's moons": Experiment(
        objective=Network(), optimizers=RACERS, steps=1_000_000
    ),
}


class Beats(NamedTuple):
    """Milliseconds between the beats of a 16 ms timer: by the clock, and of the processor time of this thread."""

    gaps: list[float]
    work: list[float]


def beats(app, seconds):
    """The beats of ``seconds``."""
    times = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(16)
    timer.timeout.connect(lambda: times.append((time.perf_counter(), time.thread_time())))
    timer.start()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    timer.stop()
    pairs = list(itertools.pairwise(times))
    return Beats([1e3 * (b[0] - a[0]) for a, b in pairs], [1e3 * (b[1] - a[1]) for a, b in pairs])


def pauses(app, lab, count):
    """Milliseconds from a pause to the answer of the simulation thread."""
    times = []
    for _ in range(count):
        lab.play(True)
        beats(app, 0.2)
        begin = time.perf_counter()
        lab.play(False)
        lab.player.run_to(0)
        while lab.player.busy:
            app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        times.append(1e3 * (time.perf_counter() - begin))
    return times


def say(name, times):
    times = sorted(times)
    print(
        f"{name:52s} median {statistics.median(times):5.1f} ms   "
        f"99th percentile {times[int(len(times) * 0.99)]:5.1f} ms   maximum {times[-1]:5.1f} ms   of {len(times)}"
    )


def say_beats(name, measured):
    say(name, measured.gaps)
    say("    processor time of the window's thread", measured.work)


def main():
    print(f"load average {os.getloadavg()[0]:.1f}")
    with opened_window() as (app, window):
        beats(app, 1)
        say_beats("at rest", beats(app, 4))
        for name, experiment in CASES.items():
            window.tabs.button(int(isinstance(experiment.objective, Network))).click()
            lab = window.lab
            lab.transport.show_speed(FASTEST)
            lab.set_experiment(experiment)
            while lab.simulation is None or lab.simulation.experiment is not experiment:
                app.processEvents()
            lab.go(0)
            lab.play(True)
            beats(app, 0.5)
            before, began = lab.simulation.step, time.perf_counter()
            measured = beats(app, 6)
            rate = (lab.simulation.step - before) * len(RACERS) / (time.perf_counter() - began)
            say_beats(name, measured)
            print(f"    {rate:,.0f} racer-steps a second meanwhile")
            say("    a pause is answered after", pauses(app, lab, 10))


if __name__ == "__main__":
    sys.exit(main())
