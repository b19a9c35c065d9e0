"""A racer that takes another method keeps what both methods have."""

from momentum_gui.core.optimizers import SGD, Adam, Momentum
from momentum_gui.core.schedules import Change, Cosine
from momentum_gui.gui.controls import adopt


def test_another_method_keeps_learning_rate_schedule_and_label():
    racer = Momentum(lr=0.3, mu=0.5, schedule=Cosine(), label="mine")
    assert adopt(Adam, racer) == Adam(lr=0.3, schedule=Cosine(), label="mine")


def test_a_change_of_a_field_that_the_new_method_has_not_is_dropped():
    racer = Momentum(changes=(Change(3, "mu", 0.5), Change(4, "lr", 0.2)))
    assert adopt(SGD, racer).changes == (Change(4, "lr", 0.2),)
