"""The ravine lab: racers on a surface."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import structs
from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QKeySequence

from momentum_gui.core.datasets import Read
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import AnyOptimizer
from momentum_gui.gui import formula_view
from momentum_gui.gui.accumulated_view import AccumulatedView
from momentum_gui.gui.controls import Controls
from momentum_gui.gui.curves_view import CurvesView
from momentum_gui.gui.eigen_axes import AxesSwitch
from momentum_gui.gui.lab import Lab
from momentum_gui.gui.limits import Limits
from momentum_gui.gui.phase_view import PhaseView
from momentum_gui.gui.plan_and_relief import PlanAndRelief
from momentum_gui.gui.step_view import StepView
from momentum_gui.gui.style import Look
from momentum_gui.gui.surface_controls import SurfaceSection
from momentum_gui.gui.theory_view import TheoryView
from momentum_gui.i18n import _
from momentum_gui.lessons import lesson, worded


def first_experiment() -> Experiment:
    """What opens for the first time: SGD swings between the walls of a tilted ravine, momentum runs along it."""
    return worded(lesson("ravine_01_tilted"))


class RavineLab(Lab):
    """A surface, the racers' paths on it, their losses, and why they move as they do."""

    def __init__(self, look: Look, read: Read) -> None:
        controls = Controls(look, ("steps", "seed", "noise"))
        super().__init__(look, read, controls, CurvesView(look, log=True))
        self.surface_section = SurfaceSection(look)
        self.surface_section.proposed.connect(self.edit)
        controls.insert(self.surface_section)
        self.pictures = PlanAndRelief(look)
        self.picture = self.pictures.plan
        self.picture.start_moved.connect(self._move_start)
        self.pinned_changed.connect(self.picture.show_pinned)
        self.picture_area = self.pictures
        self.centre.addWidget(self.pictures, 1)
        self.axes = AxesSwitch(self.picture, look)
        self.addAction(self.axes.action)
        self.chosen_changed.connect(self.axes.show_racer)
        self._offer_layers()
        self._offer_panels()
        self.views = [self.pictures, self.curves, self.panels, self.axes, Limits(controls.racers)]

    def _offer_layers(self) -> None:
        """Keys for what is drawn and has no button."""
        for text, key, show in (
            (_("Level lines"), "L", self.picture.show_lines),
            (_("Paths, or markers alone"), "H", self.picture.show_paths),
        ):
            action = QAction(text, self, checkable=True, checked=True)
            action.setShortcut(QKeySequence(key))
            action.toggled.connect(show)
            self.addAction(action)

    def _offer_panels(self) -> None:
        step = StepView(self.look)
        step.opened.connect(self.picture.arrows.show_opened)
        theory = TheoryView(self.look)
        theory.tuned.connect(self._tune)
        theory.guides_changed.connect(self.curves.show_guides)
        theory.place_changed.connect(self.axes.look_at_minimum)
        for name, title, key, view, about in (
            ("step", _("This step"), "S", step, _("What the last step was made of, and why")),
            ("accumulated", _("Memory"), "M", AccumulatedView(self.look), _("How past gradients add up to the step")),
            ("theory", _("Theory"), "T", theory, _("What mathematics predicts, beside what is measured")),
            ("phase", _("Phase"), "P", PhaseView(self.look), _("Position against velocity along both axes")),
        ):
            self.panels.add(name, title, key, view, about)
        self.offer_results()

    def set_experiment(self, experiment: Experiment) -> None:
        self.surface_section.show_experiment(experiment)
        super().set_experiment(experiment)

    @property
    def arrangement(self) -> str:
        return self.pictures.arrangement

    @arrangement.setter
    def arrangement(self, text: str) -> None:
        self.pictures.arrangement = text

    @property
    def settled(self) -> bool:
        return super().settled and self.picture.formula.settled

    def close_thread(self) -> None:
        super().close_thread()
        formula_view.wait()

    def fit(self) -> None:
        self.picture.fit()

    @contextmanager
    def as_fine_as(self, ratio: float) -> Iterator[None]:
        with self.pictures.as_fine_as(ratio):
            yield

    @Slot(int, object)
    def _tune(self, racer: int, tuned: AnyOptimizer) -> None:
        assert self.experiment is not None
        racers = self.experiment.optimizers
        racers = (*racers[:racer], tuned, *racers[racer + 1 :])
        self.edit(structs.replace(self.experiment, optimizers=racers), f"optimizers.{racer}.best")

    @Slot(float, float)
    def _move_start(self, x: float, y: float) -> None:
        assert self.experiment is not None
        self.edit(structs.replace(self.experiment, start=(x, y)), "start")
