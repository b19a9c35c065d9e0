"""How late the window's event loop is while four racers run flat out.

A 16 ms timer in the window's thread notes when it is served. Printed: how far apart its beats were, at rest
(the anchor) and while a surface and a network run at full speed with the window drawing them.

    python tests/benchmarks/heartbeat.py
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import itertools

from PySide6.QtCore import Qt, QTimer

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.app import make_application
from momentum_gui.gui.playhead import FASTEST
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window

RACERS = (SGD(lr=0.01), Momentum(lr=0.01), Nesterov(lr=0.01), Momentum(lr=0.005, mu=0.95))
CASES = {
    "4 racers on a ravine, 1 000 000 steps": Experiment(objective=Ravine(), optimizers=RACERS, steps=1_000_000),
    "4 racers training 2-100-2 on the article's moons": Experiment(
        objective=Network(), optimizers=RACERS, steps=1_000_000
    ),
}


def beats(app, seconds):
    """Milliseconds between the beats of a 16 ms timer over ``seconds``."""
    times = []
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(16)
    timer.timeout.connect(lambda: times.append(time.perf_counter()))
    timer.start()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        app.processEvents()
        time.sleep(0.0005)
    timer.stop()
    return [1e3 * (b - a) for a, b in itertools.pairwise(times)]


def say(name, gaps):
    gaps = sorted(gaps)
    print(
        f"{name:52s} median {statistics.median(gaps):5.1f} ms   "
        f"99th percentile {gaps[int(len(gaps) * 0.99)]:5.1f} ms   maximum {gaps[-1]:5.1f} ms   {len(gaps)} beats"
    )


def main():
    app = make_application()
    with tempfile.TemporaryDirectory() as folder:
        look = Look("light")
        look.apply()
        window = Window(look, Settings(Path(folder) / "settings.ini"))
        window.resize(1280, 800)
        window.show()
        while not window.labs:
            app.processEvents()
        beats(app, 1)
        say("at rest", beats(app, 4))
        for name, experiment in CASES.items():
            window.tabs.button(int(isinstance(experiment.objective, Network))).click()
            lab = window.lab
            lab.transport.show_speed(FASTEST)
            lab.set_experiment(experiment)
            beats(app, 0.3)
            lab.go(0)
            lab.play(True)
            beats(app, 0.5)
            before, began = lab.simulation.step, time.perf_counter()
            gaps = beats(app, 6)
            rate = (lab.simulation.step - before) * len(RACERS) / (time.perf_counter() - began)
            say(name, gaps)
            print(f"    {rate:,.0f} racer-steps a second meanwhile")
            lab.play(False)
        window.close()


if __name__ == "__main__":
    sys.exit(main())
