"""The surface section: what it proposes for an edit, and what it says of one that can't be."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD
from momentum_gui.core.surfaces import Expression, Ravine, ThreeCycle
from momentum_gui.gui.style import Look
from momentum_gui.gui.surface_controls import SurfaceSection


@pytest.fixture
def section(qtbot):
    section = SurfaceSection(Look("light"))
    qtbot.addWidget(section)
    section.proposals = []

    def take(experiment, key):
        section.proposals.append((experiment, key))
        section.show_experiment(experiment)

    section.proposed.connect(take)
    section.show_experiment(Experiment(objective=Ravine(), optimizers=(SGD(lr=0.4),)))
    section.show()
    return section


def choose(section, kind):
    section.kind.setCurrentIndex(section.kind.findData(kind))


def test_another_surface_brings_its_start_its_steps_and_fitting_learning_rates(section):
    choose(section, ThreeCycle)
    experiment, key = section.proposals[-1]
    assert key == "objective"
    assert experiment.objective == ThreeCycle()
    assert (experiment.start, experiment.steps) == (None, ThreeCycle.steps)
    assert experiment.optimizers[0].lr == ThreeCycle.learning_rate


def test_a_typed_formula_is_proposed_with_every_key_that_makes_one(qtbot, section):
    choose(section, Expression)
    field = section._form.editors["formula"].field
    field.selectAll()
    qtbot.keyClicks(field, "x*y")
    assert [each.objective.formula for each, _key in section.proposals[1:]] == ["x", "x*y"]
    assert {key for _each, key in section.proposals[1:]} == {"objective.formula"}


def test_a_formula_without_a_value_in_sight_is_refused_with_a_sentence(qtbot, section):
    choose(section, Expression)
    field = section._form.editors["formula"].field
    field.selectAll()
    qtbot.keyClicks(field, "sqrt(x-9)")
    assert len(section.proposals) == 1
    assert ["no finite real value" in sentence for sentence in told(section)] == [True]
    assert field.text() == "sqrt(x-9)"
    high = section._form.editors["x_range"].ends[1]
    high.selectAll()
    qtbot.keyClicks(high, "20\r")
    assert field.text() == "sqrt(x-9)"  # still there
    qtbot.keyClick(field, "\r")
    assert section.proposals[-1][0].objective == Expression(formula="sqrt(x-9)", x_range=(-3.0, 20.0))
    assert told(section) == []


def told(section):
    """The faults that are seen."""
    labels = [label for label in section.findChildren(QLabel) if label.objectName() == "error"]
    return [label.text() for label in labels if label.isVisible()]


def test_there_is_one_sentence_of_a_formula_and_it_is_of_this_one(qtbot, section):
    choose(section, Expression)
    field = section._form.editors["formula"].field
    field.selectAll()
    qtbot.keyClicks(field, "sqrt(x-9)")
    qtbot.keyClicks(field, " + foo")
    assert ["foo is not known" in sentence for sentence in told(section)] == [True]
    for _letter in " + foo":
        qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert ["no finite real value" in sentence for sentence in told(section)] == [True]
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == Expression().formula
    assert told(section) == []
