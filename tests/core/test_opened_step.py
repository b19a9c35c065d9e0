"""A step opened up: its parts add up, and its sentences say what the numbers say."""

import re
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from msgspec.structs import replace

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.expression import Expression
from momentum_gui.core.opened_step import explain, open_step
from momentum_gui.core.optimizers import (
    OPTIMIZERS,
    QHM,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
    RMSprop,
)
from momentum_gui.core.schedules import Change, Cosine
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


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_the_parts_add_up_whatever_changes(kind):
    """With noise, a schedule and changes in mid-run, at many steps: what is drawn end to end is the step."""
    racer = kind(lr=0.02, schedule=Cosine(), changes=(Change(step=9, field="lr", value=0.05),))
    if "beta1" in racer.__struct_fields__:
        racer = replace(racer, changes=(*racer.changes, Change(step=12, field="beta1", value=0.5)))
    went = run(racer, Ravine(), steps=40, noise=0.5, seed=11)
    for number in (1, 2, 8, 9, 12, 13, 39):
        opened = open_step(went, number)
        assert sum(opened.parts.values()) == pytest.approx(opened.step, rel=1e-12, abs=1e-12)


def test_the_first_steps_of_adam_by_hand():
    # f = 0.1 x^2 + 2 y^2 from (-5, -2): the gradient is (-1, -8). Both averages, corrected, are g and g^2 at first:
    # the step is lr in each coordinate, all of it the new gradient's.
    went = run(Adam(lr=0.1, eps=1e-12))
    first = open_step(went, 1)
    assert first.scale == pytest.approx([0.1, 0.1 / 8], rel=1e-9)
    assert first.step == pytest.approx([0.1, 0.1], rel=1e-9)
    assert first.parts["momentum"].tolist() == [0, 0]
    # Then at (-4.9, -1.9) it is (-0.98, -7.6); m was (-0.1, -0.8), s was (0.001, 0.064); 1 - beta^2 is 0.19, 0.001999.
    # s is 0.000999 + 0.0009604 in x, 0.063936 + 0.05776 in y.
    second = open_step(went, 2)
    rates = [0.1 / (0.0019594 / 0.001999) ** 0.5, 0.1 / (0.121696 / 0.001999) ** 0.5]
    assert second.scale == pytest.approx(rates, rel=1e-8)
    assert second.parts["momentum"] == pytest.approx([rates[0] * 0.09 / 0.19, rates[1] * 0.72 / 0.19], rel=1e-8)
    assert second.parts["gradient"] == pytest.approx([rates[0] * 0.098 / 0.19, rates[1] * 0.76 / 0.19], rel=1e-8)


def test_the_first_step_of_nadam_is_the_new_gradients():
    first = open_step(run(NAdam(lr=0.1)), 1)
    assert first.parts["momentum"].tolist() == [0, 0]
    assert first.parts["gradient"] == pytest.approx(first.step, rel=1e-12)


def test_adamw_decays_apart_from_the_gradient():
    # lr weight_decay = 0.05 of (-5, -2); the rest is Adam's first step, lr in each coordinate
    first = open_step(run(AdamW(lr=0.1, weight_decay=0.5, eps=1e-12)), 1)
    assert first.parts["decay"] == pytest.approx([0.25, 0.1])
    assert first.parts["gradient"] == pytest.approx([0.1, 0.1], rel=1e-9)


@pytest.mark.parametrize(
    ("racer", "stages"),
    [
        (SGD(), ["sum"]),
        (Momentum(), ["momentum", "gradient", "sum"]),
        (RMSprop(), ["slope", "scale", "sum"]),
        (Adam(), ["scale", "momentum", "gradient", "sum"]),
        (AdamW(), ["scale", "momentum", "gradient", "decay", "sum"]),
        (Lion(), ["sum"]),
    ],
)
def test_what_there_is_to_see_of_a_step_in_its_order(racer, stages):
    assert open_step(run(racer), 3).stages == stages


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


def test_a_velocity_that_is_nothing_but_rounding_is_none():
    # lr x curvature = 1.9 = 1 + mu: across, every other step undoes the velocity that the one before it left
    ravine = Ravine(curvature=0.01, kappa=1000.0)
    told = [sentences(Momentum(lr=0.19, mu=0.9), number, ravine)[0] for number in range(2, 8)]
    assert not any("e-1" in each for each in told)
    across = "Across the ravine "
    assert told[2] == across + "the gradient brakes the velocity: 3.08 shrinks to 0."
    assert told[3] == across + "it stood still: the gradient alone moves it by 3.08."


def test_what_neither_moves_nor_is_pushed_stands_still():
    told = sentences(Momentum(lr=0.1, mu=0.5), 3, start=(-5.0, 0.0))
    assert told[0] == "Across the ravine it stands still."
    assert told[1].startswith("Along the floor the gradient agrees")


def test_sgd_tells_that_it_overshoots():
    assert len(sentences(SGD(lr=0.1), 1)) == 1
    assert "1.6 > 1" in sentences(SGD(lr=0.4), 1)[1]  # lr x curvature = 0.4 x 4


def test_adam_tells_each_coordinates_learning_rate():
    rates, held_back, first = sentences(Adam(lr=0.1), 1)
    assert "0.1 in x, 0.0125 in y" in rates  # lr / |g|, for the gradient (-1, -8)
    assert held_back.startswith("y has seen the larger gradients")
    assert first == "There is no mean yet: whatever the gradient, the first step is 0.1 in x and in y."
    assert "the gradient's alone" in sentences(NAdam(lr=0.1), 1)[2]  # which is longer: it looks ahead


def test_adam_tells_what_the_gradient_does_to_the_mean():
    # f' is x: with beta1 = 0.6 and lr 3 the first step leads from 2 to -1, where the gradient is against the mean:
    # m is 0.8, then 0.48 - 0.4; s goes from 0.004 to 0.003996 + 0.001
    told = sentences(Adam(lr=3.0, beta1=0.6), 2, Expression(formula="0.5*x**2 + 2*y"), start=(2.0, 0.0))
    rate = 3 / (0.004996 / 0.001999) ** 0.5
    assert told[1] == f"In x the gradient brakes: {rate * 0.48 / 0.64:.3g} shrinks to {rate * 0.08 / 0.64:.3g}."
    assert told[2] == "In y the gradient agrees: 1.12 grows to 3."  # 3 * 0.48 / 0.64 / 2; lr


def test_adam_tells_that_it_turns_around():
    # beta1 = 0.4: m is 1.2, then 0.48 - 0.6
    told = sentences(Adam(lr=3.0, beta1=0.4), 2, Expression(formula="0.5*x**2 + 2*y"), start=(2.0, 0.0))
    assert told[1].startswith("In x it turns around: ")


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
        (Adagrad(lr=0.3), {}),
        (Adadelta(lr=0.3), {}),
        (Adam(lr=0.3, beta1=0.8), {"β₁": 0.8}),
        (AdamW(lr=0.3, beta1=0.8, weight_decay=0.2), {"η": 0.3, "β₁": 0.8, "λ": 0.2}),
    ],
)
def test_the_symbols_of_the_parts_are_what_they_are_made_of(racer, values):
    opened = open_step(run(racer), 4)
    values = values | {"g": opened.gradient, "w": opened.before, "ηᵢ": opened.scale}
    values |= {name[0]: memory for name, memory in reversed(opened.memories.items())}
    if "β₁" in values:
        values |= {hat: values[hat[0]] / (1 - racer.beta1**4) for hat in ("m\u0302", "g\u0302")}
    for part, symbols in racer.part_symbols().items():
        expected = product(unicodedata.normalize("NFD", symbols), values)
        assert opened.parts[part] == pytest.approx(expected, rel=1e-12), symbols


def product(symbols, values):
    """What ``symbols`` such as ``−η (1−μ) g`` come to."""
    names = "|".join(sorted(values, key=len, reverse=True))
    tokens = re.findall(rf"{names}|[()−1]", symbols)
    assert "".join(tokens) == symbols.replace(" ", "")
    code = ""
    for before, token in pairwise(["", *tokens]):
        times = before in {*values, ")"} and token in {*values, "("}
        code += "*" * times + (f"values['{token}']" if token in values else token.replace("−", "-"))
    return eval(code, {}, {"values": values})


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_parts_that_are_drawn_apart_have_symbols(kind):
    opened = open_step(run(kind(lr=0.01), Himmelblau()), 4)
    if len(opened.parts) > 1:
        assert opened.optimizer.part_symbols().keys() == opened.parts.keys()
