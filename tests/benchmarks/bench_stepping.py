"""How fast a racer steps down a surface: ``pip install -e '.[bench]' && python tests/benchmarks/bench_stepping.py``.

Kinds of surface behind it, such as ``ravine rosenbrock``, measure only these.

The anchor is ``torch.optim`` as one writes it, eager and on one thread: the surface's loss, ``backward()``,
``step()``, the path kept. Anchors and runs are interleaved in rounds; printed are the best of the rounds, for a shared
machine only ever adds, in nanoseconds of processor time a step, and their ratios. Trust the ratios; the times are the
machine's. The first run of a kind of racer on a kind of surface also traces both and compiles their loop; it is in the
worst of the repaints, not in the best of the steps.

Wanted: 400 for the linear methods and 200 for Adam, on every surface; 4 racers x 500 steps, a repaint's worth while
something is dragged, in a few milliseconds.
"""

import math
import sys
import time
from collections.abc import Callable

import torch

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.optimizers import OPTIMIZERS, QHM, SGD, Adam, Momentum, Nesterov
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import SURFACES, Expression, Rastrigin, Surface

ROUNDS = 12
STEPS = 3000
ANCHOR_STEPS = 200
LR = 1e-4  # small, so that nobody diverges and every step is taken

ANCHORS: dict[str, Callable[[list[torch.Tensor]], torch.optim.Optimizer]] = {
    "linear": lambda w: torch.optim.SGD(w, lr=LR, momentum=0.9),
    "adaptive": lambda w: torch.optim.Adam(w, lr=LR),
}
TORCH: dict[type[Surface], Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    Rastrigin: lambda x, y: 20 + x * x + y * y - 10 * (torch.cos(2 * math.pi * x) + torch.cos(2 * math.pi * y)),
    Expression: lambda x, y: x**2 + 10 * y**2 + torch.sin(3 * x),
}
"""The surfaces whose own text does not run on tensors."""

LINEAR = (SGD, Momentum, Nesterov, QHM)


def anchor(make: Callable[[list[torch.Tensor]], torch.optim.Optimizer], surface: Surface) -> float:
    """Nanoseconds a step of torch."""
    w = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    value = TORCH.get(type(surface), surface.value)
    path = []
    begin = time.process_time()
    for _step in range(ANCHOR_STEPS):
        optimizer.zero_grad()
        loss = value(w[0], w[1])
        loss.backward()
        optimizer.step()
        path.append(w.detach().clone())
    return 1e9 * (time.process_time() - begin) / ANCHOR_STEPS


def run(optimizer: Optimizer, surface: Surface) -> float:
    """Nanoseconds a step of ours."""
    racer = SurfaceRun(optimizer, surface, surface.start, STEPS, noise=0.0, seed=0)
    begin = time.process_time()
    racer.advance(STEPS)
    spent = time.process_time() - begin
    assert racer.count == STEPS + 1, f"{optimizer} stopped early on {surface}"
    return 1e9 * spent / STEPS


def repaint(surface: Surface) -> float:
    """Milliseconds of 4 racers x 500 steps, from the experiment to their paths."""
    racers = (SGD(lr=LR), Momentum(lr=LR), Nesterov(lr=LR), Adam(lr=LR))
    experiment = Experiment(objective=surface, steps=500, optimizers=racers)
    begin = time.process_time()
    simulation = Simulation(experiment, read=no_files)
    simulation.advance(500)
    return 1e3 * (time.process_time() - begin)


def no_files(name: str) -> bytes:
    raise AssertionError(f"a surface needs no file {name}")


def main() -> None:
    torch.set_num_threads(1)
    surfaces = [kind() for kind in SURFACES if kind.__struct_config__.tag in sys.argv[1:] or not sys.argv[1:]]
    anchors = {(name, surface): [] for name in ANCHORS for surface in surfaces}
    cases = {(kind(lr=LR), surface): [] for surface in surfaces for kind in OPTIMIZERS}
    repaints = {surface: [] for surface in surfaces}
    for _round in range(ROUNDS):
        for name, surface in anchors:
            anchors[name, surface].append(anchor(ANCHORS[name], surface))
        for optimizer, surface in cases:
            cases[optimizer, surface].append(run(optimizer, surface))
        for surface in surfaces:
            repaints[surface].append(repaint(surface))
    for surface in surfaces:
        best, worst = min(repaints[surface]), max(repaints[surface])
        print(f"{surface.title}, 4 racers x 500 steps: {best:.2f} ms at best, {worst:.2f} ms at worst")
        for name in ANCHORS:
            print(f"  torch.optim, {name:14}{min(anchors[name, surface]):10.0f} ns a step")
        for optimizer in (optimizer for optimizer, where in cases if where == surface):
            ours = cases[optimizer, surface]
            theirs = anchors["linear" if isinstance(optimizer, LINEAR) else "adaptive", surface]
            ratio = min(theirs) / min(ours)
            print(f"  {optimizer.title:27}{min(ours):10.0f} ns a step   {ratio:6.0f} x")


if __name__ == "__main__":
    main()
