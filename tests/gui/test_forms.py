"""Forms fold away what is advanced."""

import pytest

from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import Adam, Momentum
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui.forms import Form


@pytest.fixture
def form(qtbot):
    form = Form(Momentum)
    qtbot.addWidget(form)
    form.show()
    return form


def test_what_is_advanced_is_folded_away_until_it_is_asked_for(form):
    form.show_value(Momentum())
    assert form.editors["mu"].isVisible()
    assert not form.editors["convention"].isVisible()
    form.fold.click()
    assert form.editors["convention"].isVisible()
    form.fold.click()
    assert not form.editors["convention"].isVisible()


def test_another_value_than_the_default_unfolds_once(form):
    form.show_value(Momentum(convention="outside"))
    assert form.editors["convention"].isVisible()
    form.fold.click()
    form.show_value(Momentum(lr=0.5, convention="outside"))
    assert not form.editors["convention"].isVisible()


def test_a_form_without_advanced_fields_has_nothing_to_unfold(qtbot):
    form = Form(Ravine)
    qtbot.addWidget(form)
    form.show()
    assert not form.fold.isVisible()


@pytest.mark.parametrize(
    ("kind", "folded"),
    [
        (Adam, {"eps"}),
        (Network, {"batching", "reduction", "l2", "l1", "stop_epoch", "stop_loss", "patience"}),
        (Momentum, {"convention"}),
    ],
)
def test_which_fields_are_advanced(qtbot, kind, folded):
    form = Form(kind)
    qtbot.addWidget(form)
    form.show()
    assert {name for name, editor in form.editors.items() if not editor.isVisible()} == folded
