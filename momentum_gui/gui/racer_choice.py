"""The box that says which racer is looked at closely, and lets one choose another."""

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy

from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.elided import ElidedBox
from momentum_gui.gui.markers import marker_icon
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.i18n import _


class RacerChoice(ElidedBox):
    """The racers that run, by marker and name. It is empty and unseen where none does."""

    picked = Signal(int)
    """Somebody chose a racer, by its place in the experiment's list."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._racer = -1
        self._legend: tuple[Any, ...] = ()
        self.setAccessibleName(_("Racer looked at closely"))
        self.setToolTip(_("Racer looked at closely"))
        self.setSizeAdjustPolicy(ElidedBox.SizeAdjustPolicy.AdjustToContents)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.activated.connect(self._pick)
        look.changed.connect(self.restyle)

    def minimumSizeHint(self) -> QSize:
        """Where there is little room, only the marker is seen."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), self.iconSize().width() + 6 * SPACE), hint.height())

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.restyle()

    @Slot(int)
    def show_racer(self, racer: int) -> None:
        """Show that ``racer`` is chosen; nobody is told."""
        self._racer = racer
        self.setCurrentIndex(self.findData(racer))

    @Slot()
    def restyle(self) -> None:
        if self._simulation is None:
            return
        runs, theme = self._simulation.runs, self._look.theme
        names = self._simulation.labels(_)
        legend = (names, [run.optimizer.color for run in runs.values()], theme, self._look.scale)
        if legend != self._legend:
            self._legend = legend
            size = round(self._look.points() * 1.6)
            self.setIconSize(QSize(size, size))
            self.clear()
            for index, run in runs.items():
                color = racer_color(index, run.optimizer.color, theme)
                self.addItem(marker_icon(index, color, theme, size), names[index], index)
        self.show_racer(self._racer)
        self.setVisible(bool(runs))

    @Slot(int)
    def _pick(self, place: int) -> None:
        self.picked.emit(self.itemData(place))
