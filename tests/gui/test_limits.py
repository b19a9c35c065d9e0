"""The limits of stability on the learning-rate sliders of the real lab."""

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QImage, qBlue, qRed
from PySide6.QtWidgets import QApplication

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.expression import Expression
from momentum_gui.core.optimizers import SGD, Adam, Momentum, Nesterov
from momentum_gui.core.schedules import Exponential
from momentum_gui.core.surfaces import Ravine, TwoWells
from momentum_gui.gui.limits import limit, steepness


def marks(lab):
    return [card.form.sliders["lr"].limit_place for card in lab.controls.racers.cards]


def test_the_limits_of_a_quadratic_are_exact():
    ravine = Ravine(curvature=0.1, kappa=40.0)
    assert steepness(ravine) == 4.0
    assert limit(SGD(), ravine, 4.0) == (0.5, "Stable below 0.5 (η × 4 < 2)")
    assert limit(Momentum(mu=0.8), ravine, 4.0)[0] == pytest.approx(0.9)
    assert limit(Momentum(mu=0.8, convention="average"), ravine, 4.0)[0] == pytest.approx(4.5)
    assert limit(Nesterov(mu=0.5), ravine, 4.0)[0] == pytest.approx(3 / 2 / 4)


def test_elsewhere_they_are_those_of_the_flattest_minimum_and_say_so():
    surface = TwoWells()
    wells = [max(abs(each) for each in surface.hessian(*minimum)) for minimum in surface.minima]
    assert steepness(surface) == pytest.approx(min(wells), rel=0.2)
    assert "flattest minimum" in limit(SGD(), surface, 3.0)[1]
    one = Expression(formula="x**4 + x**2 + y**2")
    assert limit(SGD(), one, steepness(one))[0] == pytest.approx(1.0)
    assert "At the minimum" in limit(SGD(), one, 2.0)[1]


def test_there_is_none_where_nothing_is_known():
    assert limit(Adam(), Ravine(), 4.0) == (None, "")
    assert limit(SGD(), Expression(formula="x + y"), steepness(Expression(formula="x + y"))) == (None, "")
    assert steepness(Expression(formula="x**4 + y**4")) in (None, pytest.approx(0.0, abs=1e-6))


def test_a_schedule_does_not_move_the_limit():
    decaying = SGD(schedule=Exponential())
    assert limit(decaying, Ravine(curvature=0.1, kappa=40.0), 4.0)[0] == 0.5


def test_they_are_marked_on_the_sliders_where_the_handle_would_be(ravine_lab, qtbot):
    racers = (SGD(lr=0.1), Adam(), Momentum(lr=0.1, mu=0.8))
    lab = ravine_lab(Experiment(objective=Ravine(curvature=0.1, kappa=40.0), optimizers=racers, steps=20))
    sgd, adam, momentum = marks(lab)
    assert adam is None
    assert sgd < momentum
    slider = lab.controls.racers.cards[0].form.sliders["lr"]
    assert "Stable below 0.5 (η × 4 < 2)" in slider.toolTip()
    slider.setValue(slider.tick_of(0.5))
    assert slider._places()[1].center().x() == pytest.approx(sgd, abs=1.5)
    # twice as steep, half the limit: log10(2) of the slider's six decades to the left
    lab.edit(replace(lab.experiment, objective=Ravine(curvature=0.2, kappa=40.0)), "objective")
    qtbot.waitUntil(lambda: lab.settled, timeout=20000)
    groove, handle = slider._places()
    assert sgd - marks(lab)[0] == pytest.approx(0.30103 / 6 * (groove.width() - handle.width()), abs=0.5)


def test_what_lies_beyond_is_painted_red(ravine_lab):
    lab = ravine_lab(Experiment(objective=Ravine(curvature=0.1, kappa=40.0), optimizers=(SGD(lr=0.01),), steps=5))
    slider = lab.controls.racers.cards[0].form.sliders["lr"]
    QApplication.processEvents()
    picture: QImage = slider.grab().toImage()
    y = round(slider._places()[0].center().y())
    before, beyond = (picture.pixel(round(slider.limit_place) + dx, y) for dx in (-4, 4))
    assert qRed(beyond) > qBlue(beyond) + 60
    assert abs(qRed(before) - qBlue(before)) < 60


def test_a_limit_off_the_slider_is_told_but_not_marked(ravine_lab):
    flat = Ravine(curvature=0.001, kappa=10.0)
    lab = ravine_lab(Experiment(objective=flat, optimizers=(SGD(lr=0.01),), steps=5))
    slider = lab.controls.racers.cards[0].form.sliders["lr"]
    assert slider.limit_place is None
    assert "Stable below 200" in slider.toolTip()
