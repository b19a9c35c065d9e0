"""The picture of the ravine lab: the plan of the surface and, beside it where it is asked for, its relief."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surface import Surface
from momentum_gui.gui.relief_view import ReliefView
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.surface_view import SurfaceView
from momentum_gui.i18n import _


def card_around(view: QWidget, corner: QWidget | None = None) -> QFrame:
    """A card with ``view`` in it, and over its upper right corner, if given, something small."""
    card = QFrame()
    card.setObjectName("card")
    inside = QGridLayout(card)
    inside.setContentsMargins(SPACE // 2, SPACE // 2, SPACE // 2, SPACE // 2)
    inside.addWidget(view, 0, 0)
    if corner is not None:
        above = QVBoxLayout()
        above.setContentsMargins(0, 2 * SPACE, 2 * SPACE, 0)
        above.addWidget(corner)
        inside.addLayout(above, 0, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
    return card


class PlanAndRelief(QSplitter):
    """Both show the same part of the plane, the same paths and the same step. A closed relief costs nothing."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.plan = SurfaceView(look)
        self.relief = ReliefView(look)
        self.action = QAction(_("3-D"), self)
        self.action.setCheckable(True)
        self.action.setShortcut(QKeySequence("D"))
        about = _("The surface as a relief that can be turned, beside the plan")
        self.action.setToolTip(f"{about} (D)")
        self.action.toggled.connect(self.open_relief)
        self.switch = QToolButton()
        self.switch.setObjectName("chip")
        self.switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.switch.setDefaultAction(self.action)
        self.switch.setAccessibleDescription(about)
        self.card = card_around(self.relief)
        self.card.hide()
        self._simulation: Simulation | None = None
        self._step = 0
        self._share = 0.5
        self.setHandleWidth(SPACE)
        self.setChildrenCollapsible(False)
        for card in (card_around(self.plan, self.switch), self.card):
            self.addWidget(card)
            self.setStretchFactor(self.count() - 1, 1)
        self.splitterMoved.connect(self._keep_share)
        self.plan.plane.sigRangeChanged.connect(self._show_part)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.plan.show_simulation(simulation)
        self._lay_out()
        if self.opened:
            self.relief.show_simulation(simulation)

    def show_step(self, step: int) -> None:
        self._step = step
        self.plan.show_step(step)
        if self.opened:
            self.relief.show_step(step)

    @property
    def opened(self) -> bool:
        """Whether the relief is open."""
        return not self.card.isHidden()

    @Slot(bool)
    def open_relief(self, wanted: bool = True) -> None:
        """Show the relief beside the plan, or put it away."""
        if self.opened == wanted:
            return
        self.action.setChecked(wanted)
        self.card.setVisible(wanted)
        if wanted:
            self._lay_out()
            self._show_part()
            if self._simulation is not None:
                self.relief.show_simulation(self._simulation)
                self.relief.show_step(self._step)

    @Slot()
    def _show_part(self, *_changed: object) -> None:
        if self.opened:
            self.relief.show_part(*self.plan.plane.viewRange())

    def _lay_out(self) -> None:
        """The two side by side or one below the other, whichever shows the surface's domain larger."""
        width, height = float(self.width()), float(self.height())
        if self._simulation is not None and isinstance(self._simulation.experiment.objective, Surface):
            left, right, bottom, top = self._simulation.experiment.objective.domain
            width, height = width / (right - left), height / (top - bottom)
        beside = min(width / 2, height) >= min(width, height / 2)
        self.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        self.setSizes([round(1000 * self._share), round(1000 * (1 - self._share))])

    @Slot()
    def _keep_share(self, *_moved: int) -> None:
        plan, relief = self.sizes()
        self._share = plan / max(1, plan + relief)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @contextmanager
    def as_fine_as(self, ratio: float) -> Iterator[None]:
        """While this lasts both are painted whole, for a device of so many pixels for each of the screen."""
        with ExitStack() as stack:
            stack.enter_context(self.plan.at_once())
            if self.opened:
                stack.enter_context(self.relief.as_fine_as(ratio))
            yield

    @property
    def arrangement(self) -> str:
        """Whether the relief is open, and the plan's share of the room: what is remembered."""
        return f"{'relief' if self.opened else 'closed'} {self._share:.3f}"

    @arrangement.setter
    def arrangement(self, text: str) -> None:
        state, _space, share = text.partition(" ")
        with suppress(ValueError):
            self._share = min(0.9, max(0.1, float(share)))
        self.open_relief(state == "relief")
