"""How a run ends, in sentences."""

from momentum_gui.core.messages import Message
from momentum_gui.core.optimizers import SGD
from momentum_gui.core.run import Outcome, Run


class Still(Run):
    """A run that never moves."""

    def advance(self, steps):
        self.count = min(self.count + steps, self.steps + 1)


def test_a_new_run_is_under_way():
    run = Still(SGD(), 10)
    assert (run.count, run.steps, run.done) == (0, 10, False)
    assert run.outcome is Outcome.RUNNING
    assert str(run.message) == "running"


def test_a_diverged_run_says_where_and_why():
    run = Still(SGD(), 10)
    run.diverged(7, Message("{a} > 2", {"a": 2.4}))
    assert run.done
    assert run.outcome is Outcome.DIVERGED
    assert str(run.message) == "diverged at step 7: 2.4 > 2"


def test_a_reason_that_is_not_known_is_left_out():
    run = Still(SGD(), 10)
    run.diverged(7)
    assert str(run.message) == "diverged at step 7"
