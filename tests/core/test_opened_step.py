"""A step opened up: its parts add up, and its sentences say what the numbers say."""

import numpy as np
import pytest

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.opened_step import explain, open_step
from momentum_gui.core.optimizers import OPTIMIZERS, QHM, SGD, Adam, AdamW, Lion, Momentum, Nesterov
from momentum_gui.core.schedules import Change
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Himmelblau, Ravine, Saddle


def run(racer, surface=None, steps=30, **fields):
    simulation = Simulation(Experiment(objective=surface or Ravine(), optimizers=(racer,), steps=steps, **fields), None)
    simulation.advance(steps)
    return simulation.runs[0]


def sentences(racer, number, surface=None, **fields):
    return [str(each) for each in explain(open_step(run(racer, surface, **fields), number))]


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_the_parts_add_up_to_the_step(kind, noise):
    opened = open_step(run(kind(lr=0.01), Himmelblau(), noise=noise, seed=3), 17)
    total = sum(opened.parts.values())
    assert total == pytest.approx(opened.step, rel=1e-9, abs=1e-12)


def test_a_step_of_momentum_by_hand():
    # f = 0.1 x^2 + 2 y^2 from (-5, -2), lr 0.4, mu 0.5: the gradients are (-1, -8), then at (-4.6, 1.2) (-0.92, 4.8)
    opened = open_step(run(Momentum(lr=0.4, mu=0.5)), 2)
    assert opened.before == pytest.approx([-4.6, 1.2])
    assert opened.gradient == pytest.approx([-0.92, 4.8])
    assert opened.parts["momentum"] == pytest.approx([0.2, 1.6])
    assert opened.parts["gradient"] == pytest.approx([0.368, -1.92])
    assert opened.after == pytest.approx([-4.032, 0.88])
    assert not opened.looks_ahead


def test_nesterov_looks_ahead():
    opened = open_step(run(Nesterov(lr=0.1, mu=0.5)), 2)
    # v after one step: -0.1 (-1, -8) = (0.1, 0.8); it looks from (-4.9, -1.2) to (-4.85, -0.8)
    assert opened.looked == pytest.approx([-4.85, -0.8])
    assert opened.gradient == pytest.approx([0.2 * -4.85, 4 * -0.8])
    assert opened.looks_ahead


def test_the_noise_is_the_one_that_was_used():
    noisy = run(SGD(lr=0.1), noise=0.5, seed=7)
    for number in (1, 2, 30):
        opened = open_step(noisy, number)
        assert opened.before - 0.1 * opened.gradient == pytest.approx(opened.after, abs=1e-13)
        assert not np.allclose(opened.gradient, Ravine().gradient(*opened.before))


def test_a_change_in_mid_run_is_in_force():
    changed = run(SGD(lr=0.1, changes=(Change(step=10, field="lr", value=0.2),)))
    assert open_step(changed, 9).optimizer.lr == 0.1
    assert open_step(changed, 10).optimizer.lr == 0.2


def test_momentum_tells_why_the_ball_turned():
    first = sentences(Momentum(lr=0.4, mu=0.5), 1)
    assert first == ["There is no velocity yet: the first step goes straight down the gradient."]
    # across: kept +1.6, the gradient adds -1.92; along the floor: kept 0.2 and 0.368 more
    across, along = sentences(Momentum(lr=0.4, mu=0.5), 2)
    assert across == "Across the ravine the gradient turns the ball around: 1.6 one way, now 0.32 back."
    assert along == "Along the floor the gradient agrees with the velocity: 0.2 grows to 0.568."


def test_sgd_tells_that_it_overshoots():
    assert len(sentences(SGD(lr=0.1), 1)) == 1
    assert "1.6 > 1" in sentences(SGD(lr=0.4), 1)[1]  # lr x curvature = 0.4 x 4


def test_adam_tells_each_coordinates_learning_rate():
    rates, held_back = sentences(Adam(lr=0.1), 1)
    assert "0.1 in x, 0.0125 in y" in rates  # lr / |g|, for the gradient (-1, -8)
    assert held_back.startswith("y has seen the larger gradients")


def test_a_saddle_has_an_axis_that_falls_away():
    told = sentences(Momentum(lr=0.2, mu=0.5), 5, Saddle())
    assert told[0].startswith("Along the axis that rises")
    assert told[1].startswith("Along the axis that falls away the gradient agrees")


def test_lion_has_a_memory_and_moves_by_its_learning_rate():
    (told,) = sentences(Lion(lr=0.1), 5)
    assert told == "Every coordinate moves by the learning rate, 0.1: only the sign counts."


@pytest.mark.parametrize(
    ("racer", "values"),
    [
        (SGD(lr=0.3), {"η": 0.3}),
        (Momentum(lr=0.3, mu=0.6), {"η": 0.3, "μ": 0.6}),
        (Momentum(lr=0.3, mu=0.6, convention="outside"), {"η": 0.3, "μ": 0.6}),
        (Momentum(lr=0.3, mu=0.6, convention="average"), {"η": 0.3, "μ": 0.6}),
        (Nesterov(lr=0.1, mu=0.6), {"η": 0.1, "μ": 0.6}),
        (QHM(lr=0.3, beta=0.7, nu=0.4), {"η": 0.3, "β": 0.7, "ν": 0.4}),
        (AdamW(lr=0.3, weight_decay=0.2), {"η": 0.3, "λ": 0.2}),
    ],
)
def test_the_symbols_of_the_parts_are_what_they_are_made_of(racer, values):
    opened = open_step(run(racer), 4)
    values = values | {"g": opened.gradient, "w": opened.before}
    values |= {name[0]: memory for name, memory in opened.memories.items()}
    for part, symbols in racer.part_symbols().items():
        if "√" not in symbols:
            product = symbols.replace(" − ", "-").replace("−", "-").replace(" ", "*")
            assert opened.parts[part] == pytest.approx(eval(product, {}, values), rel=1e-12), symbols


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_parts_that_are_drawn_apart_have_symbols(kind):
    opened = open_step(run(kind(lr=0.01), Himmelblau()), 4)
    if len(opened.parts) > 1:
        assert opened.optimizer.part_symbols().keys() == opened.parts.keys()
