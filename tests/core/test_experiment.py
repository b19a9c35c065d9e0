"""Experiment: defaults, and what belongs to surfaces only."""

import json

import pytest
from msgspec import structs

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import parse
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import SURFACES, Ravine


def test_everything_but_the_objective_has_a_default():
    experiment = Experiment(objective=Ravine())
    assert (experiment.format, experiment.steps, experiment.seed, experiment.noise) == (1, 300, 0, 0.0)
    assert experiment.optimizers == (SGD(), Momentum())
    with pytest.raises(TypeError, match="objective"):
        Experiment()


@pytest.mark.parametrize("cls", SURFACES)
def test_the_start_is_the_surfaces_own_unless_said_otherwise(cls):
    assert Experiment(objective=cls()).start_point == cls().start
    assert Experiment(objective=cls(), start=(0.5, 0.25)).start_point == (0.5, 0.25)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"start": (0.0, 0.0)}, "start is for surfaces; a network starts from random weights"),
        ({"noise": 0.1}, "noise is for surfaces; a network's noise comes from its minibatches"),
    ],
)
def test_a_network_has_neither_start_nor_noise(fields, sentence):
    with pytest.raises(InputError) as caught:
        Experiment(objective=Network(), **fields)
    assert str(caught.value) == sentence


def test_an_experiment_is_a_value():
    one = Experiment(objective=Ravine(), steps=10)
    assert one == Experiment(objective=Ravine(), steps=10)
    assert hash(one) == hash(structs.replace(one))
    assert structs.replace(one, steps=11) != one
    with pytest.raises(AttributeError):
        one.steps = 20


def test_two_experiments_are_the_same_until_something_changes():
    racer = Momentum(lr=0.1)
    one = Experiment(objective=Ravine(), optimizers=(racer,), title="one")
    later = Experiment(objective=Ravine(), optimizers=(racer.changed("lr", 0.2, 21),), text="Another.")
    assert one.same_until(later, 20)
    assert later.same_until(one, 20)
    assert not one.same_until(later, 21)
    assert not one.same_until(structs.replace(one, seed=1), 0)
    assert not one.same_until(structs.replace(one, optimizers=(Momentum(lr=0.2),)), 0)
    assert one.same_until(structs.replace(one, optimizers=(Momentum(lr=0.1, label="fast", color="#123456"),)), 1000)


def test_a_lessons_text_is_one_line_and_not_endless():
    for text in ("two\nlines", "x" * 1001):
        with pytest.raises(InputError, match=r"text is .*; allowed: one line of at most 1000 characters"):
            parse(json.dumps({"text": text, "objective": {"kind": "ravine"}}).encode(), "lesson")
