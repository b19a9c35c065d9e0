"""How well the ravine lab's window keeps up with a playhead that is moved 60 times a second.

8 racers of 10 000 steps each: short steps, and long ones with noise, at 1280 x 800. Printed for a playhead that goes
back and forth by 50 steps a move, and for playing: moves and paintings of the picture a second, how far apart the moves
came, and how busy the window's thread was. On a shared machine its processor time for each move says most.

    python tests/benchmarks/bench_scrubbing.py
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from bench_dragging import Painted
from opened_window import opened_window
from PySide6.QtCore import QEventLoop, Qt, QTimer

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import Momentum
from momentum_gui.core.surfaces import Ravine

RACERS = 8
STEPS = 10_000
STRIDE = 50
"""Steps from one move to the next."""
INTERVAL = 16
"""Milliseconds from one move to the next."""
SECONDS = 3.0
SPEED = 600
"""Steps a second while it plays."""
RACES = {"short steps": (0.0, 0.002), "long steps, noise": (1.0, 1.0)}
"""Noise, and a factor of the learning rates."""
WAYS: dict[str, Callable[[int], int] | None] = {
    "back": lambda k: max(0, STEPS - STRIDE * (k + 1)),
    "forth": lambda k: min(STEPS, STRIDE * (k + 1)),
    "play": None,
}


def race(noise, slow):
    optimizers = tuple(Momentum(lr=(0.02 + 0.005 * k) * slow, mu=0.9) for k in range(RACERS))
    return Experiment(objective=Ravine(angle=20), steps=STEPS, optimizers=optimizers, noise=noise)


def settle(app, lab, experiment):
    while lab.simulation is None or lab.simulation.experiment is not experiment:
        app.processEvents()
    while not lab.settled or not lab.picture.settled:
        app.processEvents()


def scrub(app, lab, way):
    """Move the playhead by a timer along ``way``, or let it play; say how it went."""
    painted, beats = Painted(lab.picture.viewport()), []

    def beat():
        beats.append(time.perf_counter())
        if way is not None:
            lab.go(way(len(beats) - 1))

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(INTERVAL)
    timer.timeout.connect(beat)
    lab.go(0 if way is None else way(0))
    app.processEvents()
    while not lab.picture.settled:
        app.processEvents()
    painted.count = 0
    if way is None:
        lab.transport.show_speed(SPEED)
        lab.play(True)
    timer.start()
    begin, busy = time.perf_counter(), time.thread_time()
    while time.perf_counter() < begin + SECONDS:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    busy, took = time.thread_time() - busy, time.perf_counter() - begin
    timer.stop()
    lab.play(False)
    median, late = np.percentile(1e3 * np.diff(beats), (50, 99))
    return (
        f"{len(beats) / took:5.1f} moves/s   {painted.count / took:5.1f} paintings/s   "
        f"apart: median {median:5.1f} ms, p99 {late:5.1f} ms   "
        f"thread busy {100 * busy / took:3.0f} %, {1e3 * busy / len(beats):5.1f} ms a move"
    )


def main():
    print(f"load average {os.getloadavg()[0]:.1f}")
    with opened_window() as (app, window):
        for name, (noise, slow) in RACES.items():
            experiment = race(noise, slow)
            window.lab.set_experiment(experiment)
            settle(app, window.lab, experiment)
            for what, way in WAYS.items():
                print(f"{name:18s} {what:6s} {scrub(app, window.lab, way)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
