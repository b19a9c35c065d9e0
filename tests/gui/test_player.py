"""The simulation thread: it answers quickly, never hangs, and gives a headless run's numbers."""

import threading
import time

import numpy as np
import pytest

from momentum_gui import assets
from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum, Nesterov
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Ravine
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.player import SLICE, Player, Worker
from momentum_gui.gui.task import Task

RACE = Experiment(
    objective=Ravine(), optimizers=(SGD(lr=0.1), Momentum(lr=0.1), Nesterov(lr=0.1), Momentum(lr=0.3)), steps=500
)
LONG = Experiment(objective=Ravine(), optimizers=RACE.optimizers, steps=1_000_000)


@pytest.fixture
def player(qtbot):
    player = Player(assets.read)
    yield player
    player.close()


def test_the_window_gets_a_headless_run_bit_for_bit(qtbot, player):
    with qtbot.waitSignal(player.stopped, timeout=5000):
        player.load(RACE, RACE.steps)
    headless = Simulation(RACE, assets.read)
    headless.advance(RACE.steps)
    for index, run in headless.runs.items():
        shown = player.simulation.runs[index]
        assert shown.count == run.count
        np.testing.assert_array_equal(shown.states[: run.count], run.states[: run.count])
        np.testing.assert_array_equal(shown.loss[: run.count], run.loss[: run.count])


def test_a_network_gets_a_headless_run_bit_for_bit(qtbot, player):
    training = Experiment(objective=Network(hidden=(8,)), optimizers=(SGD(), Momentum()), steps=50)
    with qtbot.waitSignal(player.stopped, timeout=10000):
        player.load(training, 10)
    with qtbot.waitSignal(player.stopped, timeout=10000):
        player.run_to(50)
    headless = Simulation(training, assets.read)
    headless.advance(50)
    for index, run in headless.runs.items():
        shown = player.simulation.runs[index]
        np.testing.assert_array_equal(shown.batch_loss[1:51], run.batch_loss[1:51])
        assert len(shown.seconds) == 51, "the window's runs are measured, a headless one's are not"
        assert (np.diff(shown.seconds) > 0).all()
        assert len(run.seconds) == 0


@pytest.fixture
def slices(monkeypatch):
    """Grows by one with every slice that a worker takes."""
    taken, slice_ = [], Worker._slice

    def counted(worker):
        taken.append(True)
        slice_(worker)

    monkeypatch.setattr(Worker, "_slice", counted)
    return taken


def slices_until_stopped(qtbot, player, slices):
    """How many slices begin between the order to stop and its answer."""
    before = len(slices)
    with qtbot.waitSignal(player.stopped, timeout=20000):
        player.run_to(0)
    return len(slices) - before


def test_a_pause_waits_for_a_slice_or_two_flat_out(qtbot, slices, player):
    """Of at most 8 ms each: a pause is answered within 50. How long they take here and now is no matter of tests."""
    assert SLICE <= 0.008
    player.load(LONG, LONG.steps)
    qtbot.waitUntil(lambda: player.simulation is not None, timeout=20000)
    for _ in range(10):
        player.run_to(LONG.steps)
        taken = len(slices)
        qtbot.waitUntil(lambda taken=taken: len(slices) > taken + 1, timeout=20000)
        # the one that waits its turn, the empty one of the order itself, one that began while we counted
        assert slices_until_stopped(qtbot, player, slices) <= 3
        assert not player.simulation.done


def test_many_edits_do_not_slow_the_answer(qtbot, slices, player):
    for _ in range(200):
        player.load(LONG, LONG.steps)
    qtbot.waitUntil(lambda: player.simulation is not None, timeout=20000)
    assert slices_until_stopped(qtbot, player, slices) <= 3


def test_a_new_experiment_replaces_one_under_way(qtbot, player):
    player.load(LONG, LONG.steps)
    for steps in (100, 200, 300):
        player.load(Experiment(objective=Ravine(), steps=steps), steps)
    with qtbot.waitSignal(player.stopped, timeout=5000):
        pass
    assert player.simulation.experiment.steps == 300
    assert player.simulation.done


def test_closing_while_running_leaves_no_thread(qtbot):
    before = threading.active_count()
    for _ in range(5):
        player = Player(assets.read)
        player.load(LONG, LONG.steps)
        qtbot.wait(10)
        player.close()
        simulation = player._worker._simulation
        assert simulation is None or not simulation.done  # it did not wait for the run to end
        assert not player._thread.isRunning()
    assert threading.active_count() == before


def test_an_order_that_is_stale_makes_no_further_racer_and_takes_no_further_step(monkeypatch):
    """A large network's first evaluation takes seconds, and so does its step: the next order waits for one of them."""
    worker = Worker(assets.read)
    told = []
    for signal in (worker.loaded, worker.failed, worker.stopped):
        signal.connect(lambda *_what: told.append(True))
    training = Experiment(objective=Network(hidden=(2,)), optimizers=(SGD(), Momentum(), Nesterov()), steps=3)
    made, advanced = [], []
    make, advance = NetworkRun.__init__, NetworkRun.advance

    def made_late(run, *given):
        make(run, *given)
        made.append(run)
        worker.newest = 1

    def advanced_late(run, steps):
        advance(run, steps)
        advanced.append(run)
        worker.newest = 2

    with monkeypatch.context() as patch:
        patch.setattr(NetworkRun, "__init__", made_late)
        worker.load(0, training, 3)
    assert len(made) == 1
    monkeypatch.setattr(NetworkRun, "advance", advanced_late)
    worker.load(1, training, 3)
    assert len(advanced) == 1
    assert worker.resting.is_set()
    assert not told


def test_data_that_can_t_be_read_are_a_sentence(qtbot, player):
    from momentum_gui.core.datasets import Csv

    missing = Experiment(objective=Network(data=Csv(path="/nowhere/data.csv", label="y")), steps=10)
    with qtbot.waitSignal(player.failed, timeout=5000) as failure:
        player.load(missing, 10)
    assert "/nowhere/data.csv" in str(failure.args[0])
    with qtbot.waitSignal(player.stopped, timeout=5000):  # and the next one runs
        player.load(RACE, RACE.steps)


def test_a_job_is_answered_with_the_next_frame_while_the_worker_runs_flat_out(qtbot, player):
    answers = []
    player.answered.connect(lambda key, result: answers.append((key, result)))
    player.load(LONG, LONG.steps)
    for key in ("one", "other"):
        player.ask(key, lambda: threading.current_thread() is not threading.main_thread())
    qtbot.waitUntil(lambda: len(player._answers) == 2, timeout=5000)
    assert player.busy
    assert not answers
    player.hold()
    assert answers == [("one", True), ("other", True)]
    player.release()


def test_what_was_answered_is_told_before_the_word_that_all_is_done(qtbot, player):
    told = []
    player.answered.connect(lambda key, _result: told.append(key))
    player.stopped.connect(lambda: told.append("stopped"))
    player.load(LONG, LONG.steps)
    player.ask("key", lambda: None)
    qtbot.waitUntil(lambda: bool(player._answers), timeout=5000)
    player.run_to(0)
    qtbot.waitUntil(lambda: "stopped" in told, timeout=5000)
    assert told[:2] == ["key", "stopped"]
    player.ask("at rest", lambda: None)
    qtbot.waitUntil(lambda: told[-1] == "at rest", timeout=5000)


class Endless:
    """A job that never ends and counts its pieces."""

    done = False

    def __init__(self):
        self.pieces = 0
        self.thread = None

    def work(self):
        self.pieces += 1
        self.thread = threading.current_thread()
        time.sleep(0.001)


def test_tasks_and_the_training_take_turns(qtbot, player):
    one, other = Task(Endless), Task(Endless)
    player.work(one)
    player.work(other)
    with qtbot.waitSignal(player.stopped, timeout=5000):
        player.load(RACE, RACE.steps)
    qtbot.waitUntil(lambda: other.job is not None and min(one.job.pieces, other.job.pieces) > 20, timeout=5000)
    assert one.job.thread is other.job.thread is not threading.main_thread()
    with qtbot.waitSignal(player.answered, timeout=5000):
        player.ask("key", lambda: None)


def test_a_cancelled_task_ends_and_the_next_one_runs(qtbot, player):
    task = Task(Endless)
    player.work(task)
    qtbot.waitUntil(lambda: task.job is not None, timeout=5000)
    task.cancel()
    assert not task.running
    qtbot.waitUntil(lambda: task.ended, timeout=5000)
    pieces = task.job.pieces
    again = Task(Endless)
    player.work(again)
    qtbot.waitUntil(lambda: again.job is not None and again.job.pieces > 0, timeout=5000)
    assert task.job.pieces == pieces


def test_closing_while_a_task_runs_does_not_hang(qtbot):
    player = Player(assets.read)
    task = Task(Endless)
    player.work(task)
    qtbot.waitUntil(lambda: task.job is not None, timeout=5000)
    player.close()
    assert not player._thread.isRunning()
    assert not task.ended


def test_while_the_window_paints_no_step_begins_and_then_they_go_on(qtbot, player):
    player.load(LONG, 0)
    qtbot.waitUntil(lambda: player.simulation is not None and not player.busy, timeout=5000)
    player.run_to(LONG.steps)
    qtbot.waitUntil(lambda: player.simulation.step > 0, timeout=5000)
    player.hold()
    assert not player._worker.free.is_set()
    assert player._worker.resting.wait(5)
    player.release()
    before = player.simulation.step
    qtbot.waitUntil(lambda: player.simulation.step > before, timeout=5000)


def test_a_window_that_forgets_to_let_go_slows_the_worker_and_stops_nothing(qtbot, player):
    player.hold()
    with qtbot.waitSignal(player.stopped, timeout=20000):
        player.load(RACE, 20)
    assert player.simulation.step >= 20


def test_no_frame_waits_for_a_step_that_failed(qtbot, player, monkeypatch):
    def fail(run, steps):
        raise ZeroDivisionError

    monkeypatch.setattr(SurfaceRun, "advance", fail)
    with qtbot.captureExceptions() as told:
        player.load(RACE, RACE.steps)
        qtbot.waitUntil(lambda: bool(told), timeout=5000)
    assert player._worker.resting.is_set()


def test_a_step_without_room_for_it_is_a_sentence_and_nothing_waits_for_it(qtbot, player, monkeypatch):
    def fail(run, steps):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(SurfaceRun, "advance", fail)
        with qtbot.waitSignal(player.failed, timeout=5000) as failure:
            player.load(RACE, RACE.steps)
        assert "memory" in str(failure.args[0])
        assert not player.busy
        with qtbot.waitSignal(player.stopped, timeout=5000):
            player.run_to(RACE.steps)
    with qtbot.waitSignal(player.stopped, timeout=5000):
        player.load(RACE, RACE.steps)
    assert player.simulation.done
