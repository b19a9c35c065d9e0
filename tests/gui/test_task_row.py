"""The row that starts and cancels a task; the task is worked on here, as the simulation thread would."""

import pytest

from momentum_gui.core.messages import InputError
from momentum_gui.gui.style import Look
from momentum_gui.gui.task import Task
from momentum_gui.gui.task_row import TaskRow, duration_text


class Count:
    """A job of twenty pieces."""

    def __init__(self):
        self.count = 0

    @property
    def done(self):
        return self.count == 20

    def work(self):
        self.count += 1


def progress(job):
    return job.count, 20


@pytest.fixture
def row(qtbot):
    row = TaskRow(Look("light"))
    qtbot.addWidget(row)
    row.show()
    return row


def test_start_is_asked_for(qtbot, row):
    assert row.button.text() == "Start"
    with qtbot.waitSignal(row.asked):
        row.button.click()
    assert not row.running


def test_it_says_how_far_it_is(row, monkeypatch):
    task = Task(Count)
    row.watch(task, progress)
    assert row.text.text() == "Preparing …"
    task.slice(-1.0)
    row.look()
    assert row.text.text() == "1 of 20"
    assert row.bar.share == pytest.approx(0.05)
    for _piece in range(4):
        task.slice(-1.0)
    monkeypatch.setattr(Task, "passed", 10.0)
    row.look()
    assert row.text.text() == "5 of 20 · 0.5/s, 30 s left"
    row.grab()


def test_it_ends(qtbot, row):
    task = Task(Count)
    row.watch(task, progress)
    with qtbot.waitSignal(row.moved):
        task.slice(60.0)
    row.look()
    assert not row.running
    assert row.button.text() == "Start"
    assert not row._timer.isActive()
    row.say("all is done")
    assert row.text.text() == "all is done"


def test_it_is_cancelled(row):
    task = Task(Count)
    row.watch(task, progress)
    task.slice(-1.0)
    row.say("not while it runs")
    assert row.button.text() == "Cancel"
    row.button.click()
    assert task.cancelled
    assert row.text.text() == "Cancelled at 1 of 20"
    assert row.bar.share == 0


def test_another_task_cancels_the_first(row):
    first, second = Task(Count), Task(Count)
    row.watch(first, progress)
    row.watch(second, progress)
    assert first.cancelled
    assert row.task is second
    assert row.running


def test_a_failure_is_a_sentence(row):
    def make():
        raise InputError("no such data: {name}", name="x")

    task = Task(make)
    row.watch(task, progress)
    task.slice()
    row.look()
    assert row.text.text() == "no such data: x"


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (605, "10 min 5 s")])
def test_times_are_short(seconds, text):
    assert duration_text(seconds) == text
