"""The rate of training, by a clock of ours."""

import pytest

from momentum_gui.gui.pace import Pace
from momentum_gui.gui.transport import duration, rounded


def test_the_rate_is_that_of_the_last_seconds():
    pace = Pace()
    for tenth in range(100):
        pace.note(tenth * 10 if tenth < 50 else 500 + (tenth - 50) * 40, tenth / 10)
    assert pace.rate == pytest.approx(400)


def test_there_is_none_at_first_and_after_a_rest():
    pace = Pace()
    assert pace.rate == 0
    pace.note(0, 10.0)
    pace.note(90, 10.3)
    assert pace.rate == 0
    pace.note(200, 11.0)
    assert pace.rate == pytest.approx(200)
    pace.note(5, 11.2)  # another run
    assert pace.rate == 0
    pace.note(500, 12.2)
    pace.rest()
    assert pace.rate == 0


def test_texts_have_few_digits():
    assert rounded(12_345.6) == 12_000
    assert rounded(7.77) == 8
    assert [duration(seconds) for seconds in (0.2, 12.4, 150, 9000)] == ["1 s", "12 s", "2 min", "2 h"]
