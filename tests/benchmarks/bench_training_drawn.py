"""What drawing costs training: ``python tests/benchmarks/bench_training_drawn.py [ROUNDS]``.

The real window, offscreen, trains at full speed. By turns it draws, as it does while somebody plays, and it rests: the
window's thread sleeps while the simulation thread goes on. Printed are the steps a second of both, medians over the
rounds, the median of the ratios of neighbouring turns, what was drawn meanwhile, and how much of a second the window's
thread was at work, which is about what the training waits. Other programs on the machine disturb the ratio, for they
keep the window's thread from finishing what the other waits for; the work they hardly change.
"""

import os
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from msgspec import structs
from opened_window import opened_window
from PySide6.QtCore import QEventLoop

from momentum_gui.core.datasets import Digits
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Adam, Momentum, Nesterov
from momentum_gui.gui.network_lab import first_experiment
from momentum_gui.gui.playhead import FASTEST

LIMIT = 0.85
"""What the steps a second while it draws over those while it rests should be at least."""
TURN = 1.5
"""Seconds of a turn."""
STEPS = 1_000_000
RACERS = (SGD(lr=0.01), Momentum(lr=0.01), Nesterov(lr=0.01), Adam(lr=0.01))
FIRST = structs.replace(first_experiment(), steps=STEPS)
ARTICLE = Experiment(objective=Network(hidden=(100,), init="he"), optimizers=RACERS, steps=STEPS)
DIGITS = Experiment(objective=Network(hidden=(100,), init="he", data=Digits()), optimizers=RACERS, steps=STEPS)
CASES = {
    "first experiment, 2-32-2, 2 racers": (FIRST, False, ()),
    "first experiment, side by side": (FIRST, True, ()),
    "first experiment, with its units": (FIRST, False, ("units",)),
    "2-100-2, 4 racers": (ARTICLE, False, ()),
    "2-100-2, 4 racers, side by side": (ARTICLE, True, ()),
    "digits 64-100-10, 4 racers": (DIGITS, False, ()),
    "digits 64-100-10, side by side": (DIGITS, True, ()),
}


def drawn(app, seconds):
    """Let the window draw for so many seconds."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    app.processEvents()  # the end of a frame that has begun: it holds the simulation thread


class Counted:
    """Counts the calls of a view's method."""

    def __init__(self, view, name):
        self.calls, called = 0, getattr(view, name)

        def counting(*arguments):
            self.calls += 1
            return called(*arguments)

        setattr(view, name, counting)


def rate(lab, turn):
    """Steps a second of one racer during a turn."""
    before, began = lab.simulation.step, time.perf_counter()
    turn()
    return (lab.simulation.step - before) / (time.perf_counter() - began)


def measure(app, window, case, rounds):
    experiment, side_by_side, panels = case
    lab = window.lab
    lab.transport.show_speed(FASTEST)
    before = lab.simulation
    lab.set_experiment(experiment)
    while lab.simulation is before or lab.player.busy:
        app.processEvents()
    for name in lab.panels.opened:
        lab.panels.open(name, False)
    for name in panels:
        lab.panels.open(name)
    lab.picture.extent.button(int(side_by_side)).click()
    lab.go(0)
    lab.play(True)
    drawn(app, 1.0)
    frames = Counted(lab.picture, "show_step")
    maps = [Counted(each, "show_map") for each in (lab.picture.boundary.plot, *lab.picture.all.tiles.values())]
    resting, drawing, work, seen = [], [], [], []
    for _round in range(rounds):
        resting.append(rate(lab, lambda: time.sleep(TURN)))
        drawn(app, 0.1)  # what has gathered
        began, before = time.thread_time(), (frames.calls, sum(each.calls for each in maps))
        drawing.append(rate(lab, lambda: drawn(app, TURN)))
        work.append(1e3 * (time.thread_time() - began) / TURN)
        seen.append((frames.calls - before[0], sum(each.calls for each in maps) - before[1]))
    lab.play(False)
    drawn(app, 0.2)
    shown, planes = (sum(each) / len(each) / TURN for each in zip(*seen, strict=True))
    ratio = statistics.median(a / b for a, b in zip(drawing, resting, strict=True))
    return (
        f"{statistics.median(resting):7.0f} steps/s resting {statistics.median(drawing):7.0f} drawing"
        f"   ratio {ratio:4.2f}"
        f"   {statistics.median(work):4.0f} ms of work a second"
        f"   {shown:4.1f} frames/s {planes:5.1f} boundaries/s"
    )


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"load average {os.getloadavg()[0]:.1f}; wanted: drawing / resting at least {LIMIT}")
    with opened_window() as (app, window):
        window.tabs.button(1).click()
        for name, case in CASES.items():
            print(f"{name:36} {measure(app, window, case, rounds)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
