"""The rule with its numbers: what stands on the left of the last equals sign is what stands on its right."""

import re

import numpy as np
import pytest

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.opened_step import open_step
from momentum_gui.core.optimizers import OPTIMIZERS, QHM, SGD, Adam, Momentum, Nesterov
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.step_in_numbers import in_numbers
from momentum_gui.core.surfaces import Ravine


def opened(racer, number=3):
    simulation = Simulation(Experiment(objective=Ravine(angle=20), optimizers=(racer,), steps=5), None)
    simulation.advance(5)
    return open_step(simulation.runs[0], number)


def exact(value):
    return repr(value)


def calculated(text):
    """The numbers of a plain line, calculated: ``a (x, y) − b (x, y)``, factors side by side."""
    text = re.sub(r"\(([^(),]+), ([^(),]+)\)", r"np.array([\1, \2])", text.replace("−", "-"))
    return eval(re.sub(r"(?<=[\d)]) (?=[\d(]|np)", " * ", text), {"np": np})  # of our own making


def test_a_step_of_momentum_in_numbers():
    first, second = in_numbers(opened(Momentum(lr=0.1, mu=0.5)), lambda value: f"{value:.3g}")
    step = opened(Momentum(lr=0.1, mu=0.5))
    v, g = step.memories["velocity"], step.gradient
    assert first.plain == (
        f"v = 0.5 ({v[0]:.3g}, {v[1]:.3g}) − 0.1 ({g[0]:.3g}, {g[1]:.3g}) = ({step.step[0]:.3g}, {step.step[1]:.3g})"
    )
    assert second.plain.startswith(f"w = ({step.before[0]:.3g}, {step.before[1]:.3g}) + (")
    assert first.latex.count("pmatrix") == 6


@pytest.mark.parametrize(
    "racer",
    [
        SGD(lr=0.1),
        Momentum(lr=0.1, mu=0.5),
        Momentum(lr=0.1, mu=0.5, convention="outside"),
        Momentum(lr=0.1, mu=0.5, convention="average"),
        Nesterov(lr=0.1, mu=0.5),
        QHM(lr=0.1, beta=0.5, nu=0.7),
    ],
)
def test_both_sides_are_equal(racer):
    lines = in_numbers(opened(racer), exact)
    assert lines
    for line in lines:
        _letter, left, right = line.plain.split(" = ")
        assert calculated(left) == pytest.approx(calculated(right), rel=1e-12), line.plain
        assert not re.search(r"\\(eta|mu|beta|nu)", line.latex)


def test_methods_that_scale_coordinates_have_no_such_line():
    assert in_numbers(opened(Adam()), exact) == []


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_every_method_has_lines_of_numbers_or_none(kind):
    for line in in_numbers(opened(kind(lr=0.01)), exact):
        assert line.plain.count(" = ") == 2
