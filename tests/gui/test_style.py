"""The look: what a change of it costs."""

from PySide6.QtCore import QEvent, QObject

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.surfaces import Ravine


class Restyled(QObject):
    """Counts how often what it is installed on is restyled."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.StyleChange
        return False


def test_another_look_restyles_a_widget_few_times(ravine_lab):
    lab = ravine_lab(Experiment(objective=Ravine(), steps=5))
    restyled = Restyled()
    lab.controls.racers.cards[0].form.installEventFilter(restyled)
    lab.look.choose("dark", 1.25)
    assert 1 <= restyled.count <= 4
