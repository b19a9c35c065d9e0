"""Weights set by hand: the one that is meant, when it is meant, and the rest of the run as it would have been."""

from itertools import islice

import numpy as np
import pytest
from msgspec.structs import replace

from momentum_gui.core import training
from momentum_gui.core.datasets import Moons, Plane
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import parse, to_json
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import MLP, Network, minibatches
from momentum_gui.core.optimizer import MAX_CHANGES
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.repeats import RepeatedRun, Repeats
from momentum_gui.core.schedules import Cosine
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine
from momentum_gui.core.training import NetworkRun, streams
from momentum_gui.core.weight_change import WeightChange

NETWORK = Network(hidden=(4, 3), bias=True, batch=10, init="xavier", data=Moons(samples=100))


def run_of(*changes, steps=60, network=NETWORK, optimizer=None, seed=0):
    racer = replace(optimizer or Momentum(lr=0.1), weight_changes=changes)
    run = NetworkRun(racer, network, network.data.load(None), steps, seed)
    run.advance(steps)
    return run


def test_the_weight_that_is_named_is_the_one_that_is_set():
    """By the layers' own views: the matrix is (inputs, outputs), so row source - 1, column unit - 1."""
    mlp = MLP(NETWORK, 2, 2)
    w = np.arange(float(mlp.size))
    layers = mlp.layers(w)
    for layer, (inputs, outputs) in enumerate(((2, 4), (4, 3), (3, 2)), 1):
        matrix, bias = layers[layer - 1]
        for unit in range(1, outputs + 1):
            assert w[mlp.place(layer, 0, unit)] == bias[0, unit - 1]
            for source in range(1, inputs + 1):
                assert w[mlp.place(layer, source, unit)] == matrix[source - 1, unit - 1]


@pytest.mark.parametrize(
    ("weight", "fault"),
    [
        ((4, 1, 1), "there is no layer 4; the network has 3, hidden ones and outputs"),
        ((1, 3, 1), "layer 1 has no weight from 3 to 1; it has 2 inputs and 4 units"),
        ((3, 1, 3), "layer 3 has no weight from 1 to 3; it has 3 inputs and 2 units"),
    ],
)
def test_a_weight_that_the_network_has_not_is_told_with_its_place(weight, fault):
    change = WeightChange(5, *weight, 0.0)
    experiment = Experiment(objective=NETWORK, optimizers=(SGD(), SGD(weight_changes=(change,))), steps=10)
    for make in (lambda: Simulation(experiment, None), lambda: Repeats(experiment, 2, None)):
        with pytest.raises(InputError) as error:
            make()
        assert str(error.value) == f"optimizers[1]: weight_changes[0]: {fault}"


def test_a_network_without_biases_has_none_to_set():
    with pytest.raises(InputError, match=r"weight_changes\[0\]: layer 1 has no biases"):
        run_of(WeightChange(0, 1, 0, 1, 0.5), network=replace(NETWORK, bias=False))


def test_after_its_step_the_weight_is_the_value_and_everything_else_as_it_was():
    plain, changed = run_of(steps=30), run_of(WeightChange(30, 2, 3, 1, 0.75), steps=30)
    at = changed.mlp.place(2, 3, 1)
    assert changed.weights[at] == 0.75
    others = np.arange(changed.mlp.size) != at
    assert np.array_equal(changed.weights[others], plain.weights[others])
    assert np.array_equal(changed.batch_loss[1:], plain.batch_loss[1:])
    loss, _accuracy, _predicted = changed.mlp.evaluate(changed.weights, changed.data.x_test, changed.data.y_test)
    assert changed.test_loss[changed.evaluations - 1] == loss != plain.test_loss[plain.evaluations - 1]


def test_training_goes_on_from_the_changed_weights_with_its_memories():
    """One step by hand: the velocity before it is the plain run's."""
    optimizer = Momentum(lr=0.1, mu=0.9)
    before, changed = run_of(steps=12), run_of(WeightChange(12, 1, 2, 4, -1.5), steps=13)
    (_last, w), (_step, earlier) = before.weights_at(12), before.weights_at(11)
    v, w = w - earlier, w.copy()
    w[before.mlp.place(1, 2, 4)] = -1.5
    batches = minibatches(NETWORK, before.data, streams(0)[1])
    x, y = next(islice(batches, 12, None))
    _loss, g = before.mlp.loss_and_gradient(w, x, y)
    v = optimizer.mu * v - optimizer.lr * g
    np.testing.assert_allclose(changed.weights, w + v, rtol=1e-13, atol=1e-14)


def test_the_start_can_be_changed_and_what_is_kept_and_evaluated_is_what_was_set():
    change = WeightChange(0, 1, 1, 1, 2.0)
    run = run_of(change, steps=20)
    step, kept = run.weights_at(0)
    assert (step, kept[run.mlp.place(1, 1, 1)]) == (0, 2.0)
    assert run.train_loss[0] == run.mlp.evaluate(kept, run.data.x_train, run.data.y_train)[0]


def test_a_change_between_evaluations_is_evaluated_and_kept(monkeypatch):
    monkeypatch.setattr(training, "EVALUATIONS", 2)
    run = run_of(WeightChange(7, 1, 1, 1, 2.0), WeightChange(7, 1, 1, 1, 3.0), WeightChange(13, 3, 0, 2, 0.0), steps=40)
    assert run.evaluated[: run.evaluations].tolist() == [0, 7, 13, 20, 40]
    kept = dict(run.kept)
    assert kept[7][run.mlp.place(1, 1, 1)] == 3.0, "of two at one step the last counts"
    assert kept[13][run.mlp.place(3, 0, 2)] == 0.0


def test_a_value_that_ruins_the_loss_ends_the_run_there():
    linear = Network(hidden=(3, 3, 3), activation="linear", batch=10, data=Plane(samples=60))
    changes = [WeightChange(5, layer, 1, 1, 1e6) for layer in (1, 2, 3)]
    run = run_of(*changes, network=linear, optimizer=SGD(lr=0.01))
    assert str(run.message).startswith("diverged at step 5")
    assert run.count == 5


def test_how_the_steps_are_cut_changes_no_bit():
    changes = WeightChange(0, 1, 1, 1, 1.0), WeightChange(9, 2, 1, 2, -1.0), WeightChange(31, 1, 0, 3, 0.5)
    whole = run_of(*changes)
    cut = NetworkRun(whole.optimizer, NETWORK, whole.data, 60, 0)
    for steps in (9, 1, 0, 21, 40):
        cut.advance(steps)
    assert np.array_equal(whole.weights, cut.weights)


@pytest.mark.parametrize("hidden", [(), (4, 3)])
def test_every_seed_is_changed_as_its_single_run(hidden):
    network = replace(NETWORK, hidden=hidden)
    changes = WeightChange(0, 1, 2, 1, 1.5), WeightChange(31, 1, 0, 2, 0.5)
    racer = Momentum(lr=0.1, weight_changes=changes)
    seeds = range(3, 8)
    repeated = RepeatedRun(racer, network, network.data.load(None), 250, seeds)
    repeated.advance(250)
    for column, seed in enumerate(seeds):
        single = run_of(*changes, network=network, steps=250, seed=seed)
        count = single.evaluations
        assert repeated.evaluations == count
        np.testing.assert_array_equal(repeated.evaluated[:count], single.evaluated[:count])
        found, expected = repeated.test_loss[:count, column], single.test_loss[:count]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(repeated.weights[:, column], single.weights, rtol=1e-12, atol=1e-12)


def test_seeds_obey_schedules_and_changes_of_hyper_parameters():
    racer = Momentum(lr=0.1, schedule=Cosine()).changed("mu", 0.5, 20)
    repeated = RepeatedRun(racer, NETWORK, NETWORK.data.load(None), 60, range(2))
    repeated.advance(60)
    for column, seed in enumerate(range(2)):
        single = run_of(optimizer=racer, seed=seed)
        np.testing.assert_allclose(repeated.weights[:, column], single.weights, rtol=1e-12, atol=1e-12)


def test_it_is_saved_and_read():
    change = WeightChange(20, 1, 2, 3, -0.5)
    experiment = Experiment(objective=NETWORK, optimizers=(SGD(weight_changes=(change,)),), steps=40)
    assert parse(to_json(experiment), "x.json") == experiment


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("value = inf", "value is Infinity; allowed: a number, at least -1000000, at most 1000000"),
        ("value = 2e6", "value is 2000000.0; allowed: a number, at least -1000000, at most 1000000"),
        ("value = nan", "value is NaN; allowed: a number, at least -1000000, at most 1000000"),
        ("value = 1.0\nstep = -1", "step is -1; allowed: a whole number, at least 0, at most 1000000"),
        ("", "value is missing; allowed: a number, at least -1000000, at most 1000000"),
    ],
)
def test_a_fault_in_a_file_is_one_sentence(line, fault):
    step = "" if "step" in line else "step = 1\n"
    text = '[objective]\nkind = "network"\n[[optimizers]]\nkind = "sgd"\n[[optimizers.weight_changes]]\n'
    with pytest.raises(InputError) as error:
        parse(f"{text}{step}layer = 1\nsource = 1\nunit = 1\n{line}\n".encode(), "x.toml")
    assert str(error.value) == f"x.toml: optimizers[0].weight_changes[0].{fault}"


def test_a_surface_has_no_weights():
    with pytest.raises(InputError, match="weight_changes are for networks; a surface has no weights"):
        Experiment(objective=Ravine(), optimizers=(SGD(weight_changes=(WeightChange(1, 1, 1, 1, 0.0),)),))


def test_one_weight_at_one_step_is_set_once_and_changes_stay_in_order():
    racer = SGD()
    for step, value in ((9, 1.0), (3, 2.0), (9, 3.0)):
        racer = racer.reweighted(WeightChange(step, 1, 1, 1, value))
    assert racer.weight_changes == (WeightChange(3, 1, 1, 1, 2.0), WeightChange(9, 1, 1, 1, 3.0))
    full = SGD(weight_changes=tuple(WeightChange(k, 1, 1, 1, 0.0) for k in range(MAX_CHANGES)))
    with pytest.raises(InputError, match=f"at most {MAX_CHANGES}"):
        full.reweighted(WeightChange(5, 1, 1, 2, 0.0))
    assert full.reweighted(WeightChange(5, 1, 1, 1, 1.0)).weight_changes[5].value == 1.0


def test_the_steps_before_a_change_are_the_same_those_after_it_are_not():
    plain = Experiment(objective=NETWORK, optimizers=(SGD(),), steps=40)
    changed = replace(plain, optimizers=(SGD(weight_changes=(WeightChange(20, 1, 1, 1, 0.0),)),))
    assert plain.same_until(changed, 20), "the 20th step is still the same; then the weight is set"
    assert not plain.same_until(changed, 21)
