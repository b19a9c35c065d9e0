"""A job in slices: how it ends, and how it does not begin."""

from momentum_gui.core.messages import InputError
from momentum_gui.gui.task import Task


class Count:
    """Done after so many pieces."""

    def __init__(self, pieces):
        self.left = pieces

    @property
    def done(self):
        return self.left == 0

    def work(self):
        self.left -= 1


def test_it_ends_when_its_job_is_done():
    task = Task(lambda: Count(5))
    assert task.running
    assert not task.slice(10.0)
    assert task.job.done
    assert task.ended
    assert not task.running


def test_a_slice_without_time_does_one_piece():
    task = Task(lambda: Count(3))
    assert task.slice(-1.0)
    assert task.slice(-1.0)
    assert task.job.left == 1
    assert task.running


def test_a_cancelled_task_does_nothing_more():
    task = Task(lambda: Count(3))
    task.slice(-1.0)
    task.cancel()
    assert not task.slice(10.0)
    assert task.job.left == 2

    never = Task(lambda: Count(3))
    never.cancel()
    assert not never.slice(10.0)
    assert never.job is None


def test_what_can_t_be_made_is_a_sentence():
    def make():
        raise InputError("the file is gone: {path}", path="data.csv")

    task = Task(make)
    assert not task.slice(1.0)
    assert str(task.failure) == "the file is gone: data.csv"
    assert not task.running
