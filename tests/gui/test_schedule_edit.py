"""The schedule of a racer, and its single changes."""

import pytest
from msgspec import structs

from momentum_gui.core.optimizers import Momentum
from momentum_gui.core.schedules import SCHEDULES, Change, Constant, Cosine, StepDecay
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.gui.schedule_edit import MOST, ChangeList, ScheduleEdit


def children(widget, kind):
    return [each for each in widget.findChildren(kind) if not each.isHidden()]


@pytest.fixture
def edit(qtbot):
    edit = ScheduleEdit()
    qtbot.addWidget(edit)
    edit.show_schedule(Constant())
    edit.show()
    return edit


def test_every_schedule_can_be_chosen(edit):
    told = []
    edit.edited.connect(told.append)
    for place in range(1, edit.kind.count()):
        edit.kind.setCurrentIndex(place)
        edit.show_schedule(told[-1])
    assert [type(each) for each in told] == list(SCHEDULES[1:])


def test_the_fields_of_the_schedule_are_edited(edit):
    told = []
    edit.edited.connect(told.append)
    edit.show_schedule(StepDecay(every=50))
    assert list(edit.form.editors) == ["every", "gamma"]
    edit.form.sliders["gamma"].setValue(edit.form.sliders["gamma"].tick_of(0.5))
    assert type(told[-1]) is StepDecay
    assert told[-1].every == 50
    assert told[-1].gamma == pytest.approx(0.5, abs=1e-3)


def test_showing_a_schedule_tells_nobody(edit):
    told = []
    edit.edited.connect(told.append)
    edit.show_schedule(Cosine(floor=0.1))
    assert told == []


def test_changes_are_named_after_the_step_that_was_shown_and_taken_back_one_by_one(qtbot):
    changes = ChangeList()
    qtbot.addWidget(changes)
    first, second = Change(89, "lr", 0.2), Change(101, "mu", 0.5)
    racer = Momentum(changes=(first, second))
    changes.show_racer(racer)
    assert changes.texts == ["from step 88 on: <i>η</i> = 0.2", "from step 100 on: <i>μ</i> = 0.5"]
    told = []
    changes.edited.connect(lambda *edit: told.append(edit))
    changes.crosses[0].click()
    assert told == [(Momentum(changes=(second,)), "changes")]
    changes.show_racer(Momentum())
    assert changes.texts == []


def test_many_changes_are_counted(qtbot):
    changes = ChangeList()
    qtbot.addWidget(changes)
    many = tuple(Change(t, "lr", 0.1 + t / 1000) for t in range(2, 12))
    changes.show_racer(Momentum(changes=many))
    assert len(changes.texts) == MOST + 1
    assert changes.texts[0] == "4 earlier changes"
    told = []
    changes.edited.connect(lambda racer, _field: told.append(racer.changes))
    changes.crosses[0].click()
    assert told == [many[4:]]


def test_weights_set_by_hand_are_listed_among_the_changes_and_taken_back(qtbot):
    changes = ChangeList()
    qtbot.addWidget(changes)
    rate, weight, bias = Change(31, "lr", 0.2), WeightChange(20, 1, 2, 3, 0.5), WeightChange(40, 2, 0, 1, -1e6)
    changes.show_racer(Momentum(changes=(rate,), weight_changes=(weight, bias)))
    assert changes.texts == [
        "from step 20 on: <i>w</i><sub>1</sub>(2 → 3) = 0.5",
        "from step 30 on: <i>η</i> = 0.2",
        "from step 40 on: <i>b</i><sub>2</sub>(1) = −1×10⁶",
    ]
    told = []
    changes.edited.connect(lambda racer, _field: told.append(racer))
    changes.crosses[0].click()
    assert told == [Momentum(changes=(rate,), weight_changes=(bias,))]


def test_what_else_was_edited_stays_when_a_change_is_taken_back(qtbot):
    changes = ChangeList()
    qtbot.addWidget(changes)
    racer = Momentum(lr=0.05, changes=(Change(3, "lr", 0.1), Change(9, "lr", 0.2)))
    changes.show_racer(racer)
    edited = structs.replace(racer, lr=0.777, label="Mine", changes=tuple(map(structs.replace, racer.changes)))
    changes.show_racer(edited)
    with qtbot.waitSignal(changes.edited) as told:
        changes.crosses[0].click()
    assert told.args[0] == structs.replace(edited, changes=(Change(9, "lr", 0.2),))
