"""The ravine lab: racers on a surface."""

from contextlib import suppress

from msgspec import structs
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QSplitter, QToolButton, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Read
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import N_
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import Ravine, Surface
from momentum_gui.gui import formula_view
from momentum_gui.gui.accumulated_view import AccumulatedView
from momentum_gui.gui.controls import Controls
from momentum_gui.gui.curves_view import CurvesView
from momentum_gui.gui.lab import Lab
from momentum_gui.gui.relief_view import ReliefView
from momentum_gui.gui.step_view import StepView
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.surface_controls import SurfaceSection
from momentum_gui.gui.surface_view import SurfaceView
from momentum_gui.i18n import _


def first_experiment() -> Experiment:
    """What opens for the first time: SGD swings between the walls of a tilted ravine, momentum runs along it."""
    return Experiment(
        title=N_("A tilted ravine"),
        objective=Ravine(curvature=0.1, kappa=40.0, angle=20.0),
        optimizers=(SGD(lr=0.45), Momentum(lr=0.15, mu=0.8)),
        start=(-5.0, 0.5),
        steps=60,
    )


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


class RavineLab(Lab):
    """A surface, the racers' paths on it, and their losses."""

    def __init__(self, look: Look, read: Read) -> None:
        controls = Controls(look, ("steps", "seed", "noise"))
        super().__init__(look, read, controls, CurvesView(look, log=True))
        self.surface_section = SurfaceSection(look)
        self.surface_section.proposed.connect(self.edit)
        controls.insert(self.surface_section)
        self.picture = SurfaceView(look)
        self.picture.start_moved.connect(self._move_start)
        self.relief = ReliefView(look)
        self.relief_switch = QToolButton()
        self.relief_switch.setObjectName("chip")
        self.relief_switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        action = QAction(_("3-D"), self)
        action.setCheckable(True)
        action.setShortcut(QKeySequence("D"))
        about = _("The surface as a relief that can be turned, beside the plan")
        action.setToolTip(f"{about} (D)")
        action.toggled.connect(self.open_relief)
        self.relief_switch.setDefaultAction(action)
        self.relief_switch.setAccessibleDescription(about)
        self.relief_card = card_around(self.relief)
        self.relief_card.hide()
        self.pictures = QSplitter()
        self.pictures.setHandleWidth(SPACE)
        self.pictures.setChildrenCollapsible(False)
        for card in (card_around(self.picture, self.relief_switch), self.relief_card):
            self.pictures.addWidget(card)
            self.pictures.setStretchFactor(self.pictures.count() - 1, 1)
        self.pictures.splitterMoved.connect(self._keep_share)
        self._share = 0.5
        self.centre.addWidget(self.pictures, 1)
        self.picture.plane.sigRangeChanged.connect(self._show_part)
        step_view = StepView(look)
        step_view.opened.connect(self.picture.arrows.show_opened)
        self.panels.add("step", _("This step"), "S", step_view, _("What the last step was made of, and why"))
        about = _("How the past gradients add up to the step")
        self.panels.add("accumulated", _("Memory"), "M", AccumulatedView(look), about)
        self.views = [self.picture, self.curves, self.panels]

    # ---- the relief beside the plan

    @Slot(bool)
    def open_relief(self, wanted: bool) -> None:
        """Show the relief beside the plan, or put it away; a closed one is shown nothing and costs nothing."""
        if self.relief_card.isHidden() != wanted:
            return
        self.relief_switch.defaultAction().setChecked(wanted)
        self.relief_card.setVisible(wanted)
        if not wanted:
            self.views.remove(self.relief)
            return
        self._lay_out()
        self.views.append(self.relief)
        self._show_part()
        if self.simulation is not None:
            self.relief.show_simulation(self.simulation)
            self.relief.show_step(self.playhead.step)

    @Slot()
    def _show_part(self, *_changed: object) -> None:
        if not self.relief_card.isHidden():
            self.relief.show_part(*self.picture.plane.viewRange())

    def _lay_out(self) -> None:
        """The two side by side or one below the other, whichever shows the surface's domain larger."""
        width, height = float(self.pictures.width()), float(self.pictures.height())
        if self.experiment is not None and isinstance(self.experiment.objective, Surface):
            left, right, bottom, top = self.experiment.objective.domain
            width, height = width / (right - left), height / (top - bottom)
        beside = min(width / 2, height) >= min(width, height / 2)
        self.pictures.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        self.pictures.setSizes([round(1000 * self._share), round(1000 * (1 - self._share))])

    @Slot()
    def _keep_share(self, *_moved: int) -> None:
        plan, relief = self.pictures.sizes()
        self._share = plan / max(1, plan + relief)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @property
    def arrangement(self) -> str:
        return f"{'closed' if self.relief_card.isHidden() else 'relief'} {self._share:.3f}"

    @arrangement.setter
    def arrangement(self, text: str) -> None:
        state, _space, share = text.partition(" ")
        with suppress(ValueError):
            self._share = min(0.9, max(0.1, float(share)))
        self.open_relief(state == "relief")

    def set_experiment(self, experiment: Experiment) -> None:
        self.surface_section.show_experiment(experiment)
        super().set_experiment(experiment)
        self._lay_out()

    @property
    def settled(self) -> bool:
        return super().settled and self.picture.formula.settled

    def close_thread(self) -> None:
        super().close_thread()
        formula_view.wait()

    def fit(self) -> None:
        self.picture.fit()

    @Slot(float, float)
    def _move_start(self, x: float, y: float) -> None:
        assert self.experiment is not None
        self.edit(structs.replace(self.experiment, start=(x, y)), "start")
