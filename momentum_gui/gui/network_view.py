"""The picture of the network lab: what the network of one racer makes of the data."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.network import Network
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.boundary_view import BoundaryPage
from momentum_gui.gui.class_map import Grid, affordable, class_map, predictions
from momentum_gui.gui.confusion_view import ConfusionPage
from momentum_gui.gui.racer_choice import RacerChoice
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import whole_text
from momentum_gui.i18n import _, say

JOB = 0.015
"""Seconds that a question may keep the worker."""
PACE = 0.125
"""Seconds between two questions."""
PATIENCE = 1.0
"""Seconds after which an answer is no longer waited for."""


@dataclass(frozen=True)
class Question:
    """What the worker is asked: what the network of ``run`` with the weights of ``step`` makes of a grid's points,
    or, without a grid, of the images of the test set. ``generation`` counts the data sets shown."""

    generation: int
    run: NetworkRun
    step: int
    grid: Grid | None = None

    def job(self) -> Callable[[], Any]:
        """NumPy only, so that it may run on any thread."""
        weights = self.run.weights_at(self.step)[1]
        if self.grid is not None:
            return partial(class_map, self.run.mlp, weights, self.grid)
        return partial(predictions, self.run.mlp, weights, self.run.data.x_test[: affordable(self.run.mlp, JOB)])


class NetworkView(QFrame):
    """Data and decision boundary, or confusion matrix and images, of one racer at a time.

    What takes long is asked from the owner by ``asked``, whose arguments are a key and a callable without arguments;
    the owner calls it on another thread and brings ``answer(key, result)``.
    """

    asked = Signal(object, object)
    picked = Signal(int)
    """Somebody chose the racer to look at closely."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("card")
        self._look = look
        self._simulation: Simulation | None = None
        self._step = 0
        self._generation = 0
        self._racer = -1
        self._counted: tuple[NetworkRun, int] | None = None
        self._open: Question | None = None
        self._answered: Question | None = None
        self._asked_at = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

        self.heading = QLabel()
        self.heading.setObjectName("heading")
        self.note = Sentence(look)
        self.racer = RacerChoice(look)
        self.racer.picked.connect(self.picked)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.heading)
        head.addWidget(self.note, 1)
        head.addWidget(self.racer)
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setObjectName("muted")
        self.boundary, self.confusion = BoundaryPage(look), ConfusionPage(look)
        self._pages = QStackedWidget()
        for page in (self.empty, self.boundary, self.confusion):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addWidget(self._pages, 1)
        self.boundary.plot.plane.sigRangeChanged.connect(self._ask)
        look.changed.connect(self.restyle)
        self.restyle()

    # ---- what is shown

    def show_simulation(self, simulation: Simulation) -> None:
        """Show another simulation, whose runs may still grow."""
        before, self._simulation = self._simulation, simulation
        data = simulation.dataset
        assert data is not None
        assert isinstance(simulation.experiment.objective, Network)
        if before is None or before.dataset is None or not same_data(before.dataset, data):
            self._generation += 1
            self.heading.setText(_(simulation.experiment.objective.data.title))
            if len(data.features) == 2:
                self.boundary.show_data(data, fit=True)
            else:
                self.confusion.show_data(data)
        self.racer.show_simulation(simulation)
        page: QWidget = self.boundary if len(data.features) == 2 else self.confusion
        self._pages.setCurrentWidget(page if simulation.runs else self.empty)
        self._show_empty()
        self.show_step(self._step)

    def show_step(self, step: int) -> None:
        """Show what the chosen racer's network makes of the data at ``step``."""
        self._step = step
        run = self._run
        if run is None:
            return
        if self._pages.currentWidget() is self.confusion:
            at = run.evaluated_at(min(step, run.count - 1))
            if (run, at) != self._counted:
                self._counted = run, at
                self.confusion.show_counts(run.confusion[at], int(run.evaluated[at]))
        self._show_note()
        self._ask()

    def fit(self) -> None:
        """Bring all data into view."""
        self.boundary.plot.fit()

    @property
    def _run(self) -> NetworkRun | None:
        """The chosen racer's run."""
        run = self._simulation.runs.get(self._racer) if self._simulation is not None else None
        return run if isinstance(run, NetworkRun) else None

    @property
    def _counted_step(self) -> int:
        """The step of the confusion matrix; -1 if there is none."""
        return int(self._counted[0].evaluated[self._counted[1]]) if self._counted is not None else -1

    @Slot(int)
    def show_racer(self, racer: int) -> None:
        """Look at the network of ``racer``, by its place in the experiment's list."""
        self._racer = racer
        self.racer.show_racer(racer)
        self.show_step(self._step)

    @Slot()
    def restyle(self) -> None:
        self.empty.setFont(self._look.font(1.2))
        self._show_empty()
        self.boundary.restyle()
        self.confusion.restyle()
        self.note.update()

    def _show_empty(self) -> None:
        if self._simulation is None:
            self.empty.setText(_("Choose data and a network on the left; then press play."))
        else:
            help_text = _("Switch one on in the list of racers, or add one.")
            self.empty.setText(_("No racer is switched on.") + "\n" + help_text)
        self.note.show_text("", False)

    def _show_note(self) -> None:
        """Say how the racer ended, or which weights are shown, where that is not the matrix's step."""
        run, drawn = self._run, self._answered
        if run is not None and run.outcome is Outcome.DIVERGED and self._step >= run.count:
            self.note.show_text(say(run.message), True)
        elif drawn is not None and (drawn.grid is not None or drawn.step != self._counted_step):
            self.note.show_text(_("weights of step {step}").format(step=whole_text(drawn.step)), False)
        else:
            self.note.show_text("", False)

    # ---- questions and answers

    @Slot()
    def _ask(self, *_changed: Any) -> None:
        """Ask for what is to be seen, unless it is there, on its way, or asked for too soon."""
        wanted = self._wanted()
        if wanted is None or wanted in (self._open, self._answered):
            return
        waited = time.monotonic() - self._asked_at
        if self._open is not None and waited < PATIENCE:
            return  # its answer leads here again
        if waited < PACE:
            if not self._timer.isActive():
                self._timer.start(max(1, round(1000 * (PACE - waited))))
            return
        self._open, self._asked_at = wanted, time.monotonic()
        self.asked.emit(wanted, wanted.job())

    def _wanted(self) -> Question | None:
        run = self._run
        if run is None or not self.isVisible():
            return None
        step = run.weights_at(min(self._step, run.count - 1))[0]
        if self._pages.currentWidget() is self.boundary:
            return Question(self._generation, run, step, self.boundary.plot.grid(affordable(run.mlp, JOB)))
        return Question(self._generation, run, step) if run.data.image_shape is not None else None

    @property
    def settled(self) -> bool:
        """Whether what is seen is what there is at this step."""
        return self._wanted() in (None, self._answered)

    @Slot(object, object)
    def answer(self, key: object, result: Any) -> None:
        """The result of the job with this ``key``; others than the newest question's are dropped."""
        if self._open is None or key != self._open:
            return
        question, self._open = self._open, None
        if question.generation == self._generation:
            self._answered = question
            if question.grid is not None:
                self.boundary.plot.show_map(result)
            else:
                self.confusion.show_predictions(result)
            self._show_note()
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()


def same_data(one: Dataset, other: Dataset) -> bool:
    """Whether two data sets, each loaded anew, hold the same."""
    names = (one.classes, one.features, one.image_shape) == (other.classes, other.features, other.image_shape)
    arrays = ("x_train", "y_train", "x_test", "y_test")
    return names and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)


class Sentence(QWidget):
    """One line of muted or warning text, as much of it as there is room for, all of it as its tooltip."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.text = ""
        self._warning = False
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, warning: bool) -> None:
        if (text, warning) != (self.text, self._warning):
            self.text, self._warning = text, warning
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(self._look.theme.error if self._warning else self._look.theme.muted))
        fitting = self.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, fitting)
