"""Schedules against PyTorch's factors and their own definitions."""

import json
import math
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from momentum_gui.core.messages import InputError
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.schedules import (
    SCHEDULES,
    AnySchedule,
    Change,
    Constant,
    Cosine,
    Exponential,
    InverseSqrt,
    StepDecay,
    WarmUp,
)

REFERENCE = json.loads((Path(__file__).parent / "reference" / "optimizers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", REFERENCE["schedules"], ids=lambda case: case["schedule"]["kind"])
def test_the_factors_are_those_of_pytorch(case):
    schedule = msgspec.convert(case["schedule"], AnySchedule)
    steps = len(case["factors"])
    assert [schedule.factor(t, steps) for t in range(1, steps + 1)] == pytest.approx(case["factors"], rel=1e-13)


def test_every_schedule_but_the_root_is_compared_with_pytorch():
    kinds = {cls.__struct_config__.tag for cls in SCHEDULES}
    assert {case["schedule"]["kind"] for case in REFERENCE["schedules"]} == kinds - {"inverse_sqrt"}


def test_the_inverse_root():
    assert [InverseSqrt().factor(t, 100) for t in (1, 4, 16, 100)] == [1.0, 0.5, 0.25, 0.1]


def test_a_cosine_is_half_way_down_in_the_middle_of_the_run_whatever_its_length():
    assert Cosine(floor=0.2).factor(51, 100) == pytest.approx(0.6)
    assert Cosine(floor=0.2).factor(501, 1000) == pytest.approx(0.6)


@pytest.mark.parametrize("falling", [StepDecay(every=3), Exponential(), Cosine(), InverseSqrt(), Constant()])
def test_what_falls_begins_at_one_and_never_rises(falling):
    factors = [falling.factor(t, 200) for t in range(1, 201)]
    assert factors[0] == 1.0
    assert all(after <= before for before, after in pairwise(factors))


def test_a_warm_up_rises_evenly_and_stays():
    assert [WarmUp(over=4).factor(t, 100) for t in range(1, 7)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("cls", SCHEDULES)
@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_factor_lies_between_nought_and_one(cls, t, steps):
    factor = cls().factor(min(t, steps), steps)
    assert 0 <= factor <= 1
    assert math.isfinite(factor)


def test_the_table_and_the_union_list_the_same():
    assert AnySchedule.__args__ == SCHEDULES
    assert all(cls.title and cls.formula for cls in SCHEDULES)


def test_a_change_from_here_holds_until_the_next_one():
    racer = Momentum(lr=0.1, mu=0.5).changed("lr", 0.2, 11).changed("mu", 0.9, 5).changed("lr", 0.3, 21)
    assert [(each.step, each.field) for each in racer.changes] == [(5, "mu"), (11, "lr"), (21, "lr")]
    assert [racer.number_at("lr", t) for t in (1, 10, 11, 20, 21, 1000)] == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    assert [racer.at(t, 1000).lr for t in (10, 11, 21)] == [0.1, 0.2, 0.3]
    again = racer.changed("lr", 0.4, 11)
    assert again.changes[1] == Change(11, "lr", 0.4)
    assert len(again.changes) == 3


def test_a_change_back_is_no_change():
    racer = Momentum(lr=0.1)
    assert racer.changed("lr", 0.2, 11).changed("lr", 0.1, 11) == racer


def test_a_change_from_the_first_step_is_the_hyper_parameter_itself():
    assert SGD(lr=0.1).changed("lr", 0.2, 1) == SGD(lr=0.2)
    assert SGD(lr=0.1, changes=(Change(1, "lr", 0.5),)).changed("lr", 0.2, 1) == SGD(lr=0.2)


def test_changes_are_limited_in_number():
    full = SGD(lr=0.1, changes=tuple(Change(t, "lr", 0.1 + t / 1e4) for t in range(2, 1002)))
    with pytest.raises(InputError, match="at most 1000 times"):
        full.changed("lr", 0.9, 2000)
