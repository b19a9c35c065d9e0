"""The picture of the network lab: what the network of one racer makes of the data."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Csv, Dataset
from momentum_gui.core.network import Network
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.boundary_grid import BoundaryGrid
from momentum_gui.gui.boundary_view import BoundaryPage
from momentum_gui.gui.class_map import Cut, Grid, Seen, affordable, class_map, predictions
from momentum_gui.gui.confusion_grid import ConfusionGrid
from momentum_gui.gui.confusion_view import ConfusionPage
from momentum_gui.gui.elided import ElidedLabel
from momentum_gui.gui.racer_choice import RacerChoice
from momentum_gui.gui.segments import Segments
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.gui.tile_grid import MOST
from momentum_gui.i18n import _, say

JOB = 0.015
"""Seconds that a question may keep the worker."""
QUICK = 0.1
"""The share of that while the racers train: they wait meanwhile."""
PACE = 0.15
"""Seconds between two questions, or, side by side, between two about the same racer."""
CALM = 0.3
"""Seconds without a step after which racers rest."""
PATIENCE = 1.0
"""Seconds after which an answer is no longer waited for."""
CHOSEN = -1
"""The place of the chosen racer's picture among the tiles'."""


@dataclass(frozen=True)
class Question:
    """What the worker is asked: what the network with the weights ``seen`` makes of a grid's points in the plane
    ``cut``, or, without a grid, of the images of the test set. ``generation`` counts the data sets shown;
    ``place`` is the racer whose tile it is for, or CHOSEN."""

    generation: int
    seen: Seen
    grid: Grid | None = None
    cut: Cut | None = None
    place: int = CHOSEN

    def job(self) -> Callable[[], Any]:
        """NumPy only, so that it may run on any thread."""
        run, weights = self.seen.run, self.seen.weights
        if self.grid is not None:
            target = run.data.target
            scale = target.scale if target is not None else None
            return partial(class_map, run.mlp, weights, self.grid, self.cut, scale)
        return partial(predictions, run.mlp, weights, run.data.x_test[: affordable(run.mlp, JOB)])

    @property
    def step(self) -> int:
        """The step of the weights."""
        return self.seen.step


class NetworkView(QFrame):
    """Data and decision boundary, or confusion matrix, of one racer, then with images, or of all side by side.

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
        self._data: Dataset | None = None
        self._step = 0
        self._generation = 0
        self._racer = -1
        self._counted: tuple[NetworkRun, int] | None = None
        self._open: dict[int, Question] = {}
        """The questions on their way, by the place they are for."""
        self._answered: dict[int, Question] = {}
        """What is seen at every place."""
        self._asked_at = 0.0
        self._rows = 0
        """How many rows all runs had when they were looked at last."""
        self._grown_at = 0.0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._ask)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

        self.heading = ElidedLabel()
        self.heading.setObjectName("heading")
        self.note = Sentence(look)
        self.racer = RacerChoice(look)
        self.racer.picked.connect(self.picked)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.heading)
        head.addWidget(self.note, 1)
        self.pages = Segments(
            look, ((_("matrix"), _("What is taken for what")), (_("plane"), _("The plane of two features")))
        )
        self.pages.picked.connect(self._show_page)
        head.addWidget(self.pages)
        self.extent = Segments(
            look, ((_("one"), _("The racer looked at closely")), (_("all"), _("All racers side by side")))
        )
        self.extent.picked.connect(self._show_page)
        head.addWidget(self.extent)
        head.addWidget(self.racer)
        self.empty = QLabel()
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setObjectName("muted")
        self.boundary, self.confusion = BoundaryPage(look), ConfusionPage(look)
        self.boundary.cut_changed.connect(self._change_cut)
        self.all = BoundaryGrid(look)
        self.all.picked.connect(self.picked)
        self.boundary.over.addWidget(self.all)
        self.matrices = ConfusionGrid(look)
        self.matrices.picked.connect(self.picked)
        self._pages = QStackedWidget()
        for page in (self.empty, self.boundary, self.confusion, self.matrices):
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
        self._simulation = simulation
        data = simulation.dataset
        assert data is not None
        assert isinstance(simulation.experiment.objective, Network)
        if self._data is None or not same_data(self._data, data):
            self._data = data
            self._generation += 1
            declared = simulation.experiment.objective.data
            self.heading.setText(Path(declared.path).name if isinstance(declared, Csv) else _(declared.title))
            if len(data.features) > 1:
                self.boundary.show_data(data)
            if data.classes:
                self.confusion.show_data(data)
            self._answered = {}
            self.pages.choose(0)
        self.racer.show_simulation(simulation)
        if len(data.features) > 1:
            self.all.show_simulation(simulation, self._data, self.boundary.cut)
        if data.classes:
            self.matrices.show_simulation(simulation, data)
        self._show_page()

    @Slot()
    def _show_page(self, *_picked: int) -> None:
        """Show the page that fits the data, the racers and what was chosen."""
        simulation = self._simulation
        if simulation is None or simulation.dataset is None:
            return
        data, several = simulation.dataset, len(simulation.runs) > 1
        planar, matrix = len(data.features) > 1 and data.image_shape is None, bool(data.classes)
        choice = planar and matrix and len(data.features) > 2
        plane = planar and (not choice or self.pages.chosen == 1)
        if not simulation.runs or not (plane or matrix):
            page: QWidget = self.empty
        else:
            everybody = several and self.extent.chosen == 1
            self.boundary.over.setCurrentIndex(int(everybody))
            page = self.boundary if plane else self.matrices if everybody else self.confusion
        self.pages.setVisible(choice and bool(simulation.runs))
        self.extent.setVisible(page is not self.empty and several)
        self._pages.setCurrentWidget(page)
        self._show_empty()
        self.show_step(self._step)

    @Slot()
    def _change_cut(self) -> None:
        """Another plane is shown: what was answered is no longer true."""
        self._answered = {}
        if self._simulation is not None and self._data is not None:
            self.all.show_simulation(self._simulation, self._data, self.boundary.cut)
            self.show_step(self._step)

    @property
    def _side_by_side(self) -> bool:
        """Whether the planes of all racers are shown."""
        return self._pages.currentWidget() is self.boundary and self.boundary.over.currentWidget() is self.all

    @property
    def racers_seen(self) -> list[int]:
        """Whose networks are shown, by their places in the experiment's list."""
        runs = list(self._simulation.runs) if self._simulation is not None else []
        page = self._pages.currentWidget()
        if page is self.empty:
            return runs
        return runs[:MOST] if self._side_by_side or page is self.matrices else [self._racer] * (self._racer in runs)

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
        if self._side_by_side:
            self.all.show_results(self._results(), self._racer)
        if self._pages.currentWidget() is self.matrices:
            self.matrices.show_step(step)
            self.matrices.show_results(self._results(), self._racer)
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
        self.all.restyle()
        self.matrices.restyle()
        self.note.update()

    def _show_empty(self) -> None:
        if self._simulation is None:
            self.empty.setText(_("Choose data and a network on the left; then press play."))
        elif self._simulation.runs:
            self.empty.setText(_("One feature has no plane to draw. The curves tell the loss."))
        else:
            help_text = _("Switch one on in the list of racers, or add one.")
            self.empty.setText(_("No racer is switched on.") + "\n" + help_text)
        self.note.show_text("", False)

    def _show_note(self) -> None:
        """Say how the racer ended, or which weights are shown, where that is not the matrix's step."""
        run, drawn = self._run, self._answered.get(CHOSEN)
        if self._side_by_side or self._pages.currentWidget() is self.matrices:
            more = len(self._simulation.runs) - MOST if self._simulation is not None else 0
            self.note.show_text(_("{count} more racers are not shown").format(count=more) if more > 0 else "", False)
        elif run is not None and run.outcome is Outcome.DIVERGED and self._step >= run.count:
            self.note.show_text(say(run.message), True)
        elif run is not None and run.outcome is Outcome.STOPPED and self._step >= run.count - 1:
            self.note.show_text(say(run.message), False)
        elif drawn is not None and (drawn.grid is not None or drawn.step != self._counted_step):
            self.note.show_text(_("weights of step {step}").format(step=whole_text(drawn.step)), False)
        else:
            self.note.show_text("", False)

    def _results(self) -> dict[int, str]:
        """What every racer's network achieves on the test set at the step, or that it has diverged."""
        assert self._simulation is not None
        results = {}
        for index, run in self._simulation.runs.items():
            assert isinstance(run, NetworkRun)
            if run.outcome is Outcome.DIVERGED and self._step >= run.count:
                results[index] = _("diverged")
                continue
            at = run.evaluated_at(min(self._step, run.count - 1))
            if run.data.target is None:
                results[index] = _("right: {share} %").format(share=f"{100 * run.test_accuracy[at]:.1f}")
            else:
                error = run.data.target.typical_error(float(run.test_loss[at]))
                results[index] = _("typical error {error}").format(error=number_text(error, 3, zeros=True))
        return results

    # ---- questions and answers

    @Slot()
    def _ask(self, *_changed: Any) -> None:
        """Ask for what is to be seen, unless it is there, on its way, or asked for too soon."""
        rows = sum(run.count for run in self._simulation.runs.values()) if self._simulation is not None else 0
        if rows != self._rows:
            self._rows, self._grown_at = rows, time.monotonic()
            self._again.start(round(1000 * CALM))  # to look whether they rest
        waited = time.monotonic() - self._asked_at
        if self._open and waited < PATIENCE:
            return  # its answer leads here again
        if waited < PACE:
            if not self._timer.isActive():
                self._timer.start(max(1, round(1000 * (PACE - waited))))
            return
        questions = self._wanted()
        if questions:
            self._open, self._asked_at = {each.place: each for each in questions}, time.monotonic()
        for each in questions:
            self.asked.emit(each, each.job())

    def _wanted(self) -> list[Question]:
        """What is to be seen and is not there yet."""
        run = self._run
        if run is None or not self.isVisible():
            return []
        if self._side_by_side:
            assert self._simulation is not None
            seconds = JOB / len(self.all.tiles)  # together they cost no more than one
            questions = [
                self._plane_question(index, index, tile.grid, seconds)
                for index, tile in self.all.tiles.items()
                if index in self._simulation.runs  # while another simulation comes the tiles are those of the last
            ]
        elif self._pages.currentWidget() is self.boundary:
            questions = [self._plane_question(self._racer, CHOSEN, self.boundary.plot.grid, JOB)]
        elif self._pages.currentWidget() is self.confusion and run.data.image_shape is not None:
            questions = [Question(self._generation, Seen.at(run, self._step))]
        else:
            questions = []
        return [each for each in questions if each != self._answered.get(each.place)]

    def _plane_question(self, racer: int, place: int, grid: Callable[[int], Grid], seconds: float) -> Question:
        """What is to be asked about the plane: quickly while the run grows, finely when it rests."""
        assert self._simulation is not None
        run = self._simulation.runs[racer]
        assert isinstance(run, NetworkRun)
        seen, cut, before = Seen.at(run, self._step), self.boundary.cut, self._answered.get(place)

        def asked(seconds: float) -> Question:
            return Question(self._generation, seen, grid(affordable(run.mlp, seconds)), cut, place)

        if run.done or time.monotonic() - self._grown_at >= 0.9 * CALM:
            return asked(seconds)
        if before is not None and before.seen == seen and before == (fine := asked(seconds)):
            return fine
        return asked(QUICK * seconds)

    @property
    def settled(self) -> bool:
        """Whether what is seen is what there is at this step."""
        return not self._wanted()

    @Slot(object, object)
    def answer(self, key: object, result: Any) -> None:
        """The result of the job with this ``key``; others than the newest question's are dropped."""
        if not isinstance(key, Question) or self._open.get(key.place) != key:
            return
        del self._open[key.place]
        if key.generation == self._generation and key.cut in (None, self.boundary.cut):
            self._answered[key.place] = key
            if key.place in self.all.tiles:
                self.all.tiles[key.place].show_map(result)
            elif key.place == CHOSEN and key.grid is not None:
                self.boundary.plot.show_map(result)
            elif key.place == CHOSEN:
                self.confusion.show_predictions(result)
            self._show_note()
        if not self._open:
            self._timer.start(0)  # not at once: the step may be another one in a moment

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()


def same_data(one: Dataset, other: Dataset) -> bool:
    """Whether two data sets, each loaded anew, hold the same."""
    described = [(each.classes, each.features, each.image_shape, each.target, each.scales) for each in (one, other)]
    arrays = ("x_train", "y_train", "x_test", "y_test")
    return described[0] == described[1] and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays
    )


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
        if not self._warning and fitting != self.text:
            return  # a few letters of it would tell nobody anything
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, fitting)
