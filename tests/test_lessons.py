"""Every lesson is read, runs to its end, and does what its text says."""

import numpy as np
import pytest
from msgspec.structs import replace

from momentum_gui import assets
from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.experiment_text import MAX_BYTES, parse
from momentum_gui.core.network import Network
from momentum_gui.core.results import network_results, results
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.lessons import lessons

FILES = sorted((assets.resources() / "lessons").glob("*.toml"))


@pytest.fixture(scope="module")
def ran():
    """Runs a lesson to its end, once."""
    known = {}

    def run(name):
        if name not in known:
            simulation = Simulation(lessons()[name], assets.read)
            simulation.advance(simulation.experiment.steps)
            known[name] = list(simulation.runs.values())
        return known[name]

    return run


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_lesson_is_read_and_named_after_its_lab(path):
    experiment = parse(assets.read_file(str(path), MAX_BYTES), path.name)
    assert lessons()[path.stem] == experiment
    assert experiment.title
    assert experiment.text.endswith(".")
    assert path.stem.partition("_")[0] == ("network" if isinstance(experiment.objective, Network) else "ravine")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_lesson_runs_to_its_end(path, ran):
    assert all(run.done for run in ran(path.stem))


def test_titles_differ():
    titles = [experiment.title for experiment in lessons().values()]
    assert len(set(titles)) == len(titles) == len(FILES) >= 17


def test_momentum_runs_along_the_tilted_ravine(ran):
    sgd, momentum = ran("ravine_01_tilted")
    assert momentum.loss[-1] < sgd.loss[-1] / 100


def test_plain_descent_is_stable_up_to_two_over_the_curvature(ran):
    below, at, beyond, momentum = ran("ravine_02_stability")
    assert results(below).final_loss < 1e-9
    assert np.allclose(np.abs(at.path[:, 1]), 2.0)  # it swings across for ever
    assert beyond.loss[-1] > 1e6 * beyond.loss[0]
    assert momentum.outcome is Outcome.CONVERGED


def test_the_best_of_each_method_in_steps(ran):
    steps = [results(run).steps_to_tolerance for run in ran("ravine_03_best")]
    assert steps[:2] == [559, 81]
    assert steps[2] < 120


def test_heavy_ball_circles_through_three_points(ran):
    sgd, momentum, nesterov = ran("ravine_04_three_cycle")
    cycle = sorted((792 / 1225, -2208 / 1225, 2592 / 1225))
    assert sorted(momentum.path[-3:, 0]) == pytest.approx(cycle, abs=1e-9)
    assert results(sgd).steps_to_tolerance
    assert results(nesterov).steps_to_tolerance


def test_only_nesterov_diverges_beyond_its_limit(ran):
    sgd, momentum, nesterov = ran("ravine_05_nesterov_limit")
    assert nesterov.outcome is Outcome.DIVERGED
    assert "1.385" in str(nesterov.message)
    assert max(sgd.loss[-1], momentum.loss[-1]) < 1e-3
    smaller = SurfaceRun(replace(nesterov.optimizer, lr=0.3), nesterov.surface, (-5.0, -2.0), 60, 0.0, 0)
    smaller.advance(60)
    assert smaller.loss[-1] < min(sgd.loss[-1], momentum.loss[-1])


def test_momentum_leaves_the_saddle_in_half_the_steps(ran):
    sgd, momentum, _nesterov = ran("ravine_06_saddle")
    left = [int(np.argmax(np.abs(run.path[:, 1]) > 0.5)) for run in (sgd, momentum)]
    assert left[0] == pytest.approx(60, abs=1)
    assert left[1] <= left[0] * 0.55


def test_momentum_crosses_the_plateau_sooner_and_runs_past(ran):
    sgd, momentum, adam = ran("ravine_07_plateau")
    steps = [results(run, 1e-6).steps_to_tolerance for run in (sgd, momentum, adam)]
    assert max(steps[1:]) < steps[0] / 2
    assert momentum.path[:, 0].max() > 0.5  # beyond the hole at 0
    assert sgd.path[:, 0].max() < 0.1


def test_rosenbrocks_valley_in_the_published_steps(ran):
    sgd, momentum = ran("ravine_08_rosenbrock")
    assert results(momentum, 1e-6).steps_to_tolerance == 1386
    assert results(sgd, 1e-6).steps_to_tolerance is None


def test_adaptive_methods_win_along_the_axes_and_lose_across(ran):
    along, across = (
        [results(run).final_loss for run in ran(name)] for name in ("ravine_09_adaptive", "ravine_10_turned")
    )
    assert max(along[2:]) < along[1] < along[0]
    assert min(across[2:]) > across[0] > across[1]
    assert across[:2] == pytest.approx(along[:2], rel=0.05)


def test_momentum_wanders_under_noise_until_the_learning_rate_falls(ran):
    sgd, momentum, cosine = ran("ravine_11_noise")
    tail = [run.loss[500:].mean() for run in (sgd, momentum, cosine)]
    assert tail[1] > 5 * tail[0]
    assert cosine.loss[-100:].mean() < sgd.loss[-100:].mean()
    there = [int(np.argmax(run.loss < 0.1)) for run in (sgd, momentum)]
    assert there[1] < there[0]


def test_a_falling_learning_rate_averages_the_noise_out(ran):
    constant, *falling = ran("ravine_12_schedule")
    for run in falling:
        assert run.loss[-50:].mean() < constant.loss[-50:].mean() / 4


def test_the_articles_momentum_needs_a_third_of_the_steps(ran):
    sgd, momentum = ran("network_01_article")
    target = sgd.train_loss[sgd.evaluations - 1]
    there = np.argmax(momentum.train_loss[: momentum.evaluations] < target)
    assert 0 < momentum.evaluated[there] < sgd.steps / 3


@pytest.mark.parametrize("name", ["network_02_moons", "network_03_spirals", "network_04_digits"])
def test_momentum_learns_before_sgd(name, ran):
    sgd, *faster = ran(name)
    first = [first_right(run, 0.95) for run in (sgd, *faster)]
    assert max(first[1:]) <= 130
    assert first[0] > 2.5 * max(first[1:])


def first_right(run, share):
    """The first evaluated step with so many of the test set right; beyond the last if there is none."""
    right = run.test_accuracy[: run.evaluations] >= share
    return int(run.evaluated[np.argmax(right)]) if right.any() else run.steps + 1


def test_one_hidden_unit_can_t_tell_xor_apart(ran):
    assert max(network_results(run).best_test_accuracy for run in ran("network_05_xor")) <= 0.76
