"""The learning-rate finder: the loss at ever larger rates, from which a click takes one."""

from typing import Any

import numpy as np
from msgspec import structs
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.finder import FROM, RateFinder
from momentum_gui.core.network import Network
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.chart import Chart
from momentum_gui.gui.curves import THIN, Series
from momentum_gui.gui.panel_parts import note, stack
from momentum_gui.gui.style import Look, racer_color
from momentum_gui.gui.task import Task
from momentum_gui.gui.task_row import TaskRow
from momentum_gui.gui.ticks import number_text
from momentum_gui.i18n import _

DIGITS = 2
"""As many digits of a rate as a pixel of the chart can tell."""
HEADROOM = 1.3
"""The chart reaches so many times the loss at the smallest rate: what lies above has diverged."""


class Sweep:
    """The job: one racer's method through all rates."""

    def __init__(self, optimizer: Optimizer, network: Network, data: Dataset, seed: int) -> None:
        self.finder = RateFinder(optimizer, network, data, seed)

    @property
    def done(self) -> bool:
        return self.finder.done

    def work(self) -> None:
        self.finder.advance(1)


class FinderView(QWidget):
    """The loss over the learning rate for the chosen racer's method; measured as soon as it is seen."""

    tasked = Signal(object)
    """A Task for the simulation thread."""
    taken = Signal(int, float)
    """Somebody wants a racer, by its place in the list, to have a learning rate."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._racer = -1
        self._asked: Any = None  # what the task is about
        self.row = TaskRow(look)
        self.row.asked.connect(self._start)
        self.row.moved.connect(self.restyle)
        self.advice = QLabel()
        self.advice.setWordWrap(True)
        self.use = QPushButton()
        self.use.clicked.connect(self._use)
        line = QHBoxLayout()
        line.addWidget(self.advice, 1)
        line.addWidget(self.use)
        self.chart = Chart(look, _("Loss over the learning rate"), _("Learning rate η"), rates=True)
        self.chart.clicked.connect(self._click)
        self.chart.hovered.connect(self._hover)
        self.note = note()
        stack(self, line, self.chart, self.note, self.row)
        look.changed.connect(self.restyle)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def show_racer(self, racer: int) -> None:
        self._racer = racer
        if self._question is not None and self._question != self._asked:
            self._start()
        self.restyle()

    def show_step(self, step: int) -> None:
        """A sweep has nothing to do with the run's steps."""

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.row.running:
            self.row.cancel()
            self._asked = None  # begun anew when it is seen again

    # ---- measuring

    @property
    def _optimizer(self) -> Optimizer | None:
        run = self._simulation.runs.get(self._racer) if self._simulation is not None else None
        return run.optimizer if run is not None else None

    @property
    def _question(self) -> Any:
        """What decides the curve: all but the racer's rate and looks."""
        if self._optimizer is None or self._simulation is None:
            return None
        method = structs.replace(self._optimizer, lr=FROM, label="", color="")
        return method, self._simulation.experiment.objective, self._simulation.experiment.seed

    @Slot()
    def _start(self) -> None:
        question, simulation = self._question, self._simulation
        if question is None or simulation is None or simulation.dataset is None:
            return
        method, network, seed = question
        data = simulation.dataset
        self._asked = question
        task = Task(lambda: Sweep(method, network, data, seed))
        self.row.watch(task, lambda sweep: (sweep.finder.count, sweep.finder.steps))
        self.tasked.emit(task)

    @property
    def finder(self) -> RateFinder | None:
        """What was found for the racer that is shown, so far."""
        task = self.row.task
        if task is None or task.job is None or self._asked != self._question:
            return None
        found: RateFinder = task.job.finder
        return found

    @property
    def suggestion(self) -> float | None:
        """The rate that is suggested, once all is measured."""
        finder = self.finder
        rate = finder.suggestion() if finder is not None and finder.done else None
        return rounded(rate) if rate is not None else None

    # ---- what is seen

    @Slot()
    def restyle(self) -> None:
        optimizer, finder, rate = self._optimizer, self.finder, self.suggestion
        self.row.setVisible(finder is None or not finder.done)
        self.use.setEnabled(rate is not None and optimizer is not None and optimizer.lr != rate)
        self.use.setText(_("Use {rate}").format(rate=number_text(rate, DIGITS)) if rate is not None else _("Use"))
        if optimizer is None:
            self.row.hide()
            self.advice.setText("")
            self.note.setText(_("No racer is switched on."))
            self.chart.show_curves([], (0.0, 1.0))
            self.chart.show_uprights([])
            return
        self.note.setText(self._words())
        self._advise()
        self._show_chart(optimizer, finder)

    def _advise(self) -> None:
        rate = self.suggestion
        text = _("Suggested: η = {rate}").format(rate=number_text(rate, DIGITS)) if rate is not None else ""
        self.advice.setText(text)

    def _words(self) -> str:
        finder = self.finder
        lowest = finder.lowest() if finder is not None and finder.done else None
        if finder is None or lowest is None:
            return _("A fresh network trains while the rate grows with every minibatch.")
        if lowest == finder.steps - 1:
            text = _("Still falling at {rate}, the largest tried; a tenth of it (dashed) is a good start.")
        else:
            text = _("Lowest at {rate}, before steps overshoot; a tenth of it (dashed) is a good start.")
        click = _("Solid: the rate in use. A click takes another.")
        return text.format(rate=number_text(float(finder.rate[lowest]), DIGITS)) + " " + click

    def _show_chart(self, optimizer: Optimizer, finder: RateFinder | None) -> None:
        theme = self._look.theme
        color = racer_color(self._racer, optimizer.color, theme)
        if finder is None or finder.count < 2:
            self.chart.show_curves([], (0.0, 1.0), title=_("Measuring …") if self.row.running else "")
            self.chart.show_uprights([])
            return
        rates = np.log10(finder.rate)
        count = finder.count  # once: the worker goes on meanwhile
        done, smoothed = rates[:count], finder.smoothed[:count]
        low, high = float(smoothed.min()), HEADROOM * float(smoothed[0])
        across = float(rates[0]), float(rates[-1])
        series = [
            Series(self._racer, color, done, finder.loss[:count], THIN),
            Series(self._racer, color, done, smoothed),
        ]
        self.chart.show_curves(series, across, (0.0 if low < high / 2 else low, high))
        uprights = [(float(np.log10(optimizer.lr)), color, False)]
        if self.suggestion is not None:
            uprights.append((float(np.log10(self.suggestion)), QColor(theme.text), True))
        self.chart.show_uprights(uprights)

    @Slot(object)
    def _hover(self, place: float | None) -> None:
        """Say which rate a click would take, and what its loss was."""
        finder = self.finder
        if place is None or finder is None or not finder.count:
            self._advise()
            return
        rate = rounded(10.0**place)
        row = int(np.argmin(np.abs(finder.rate[: finder.count] - rate)))
        text = _("η = {rate}: loss {loss}")
        if rate > finder.rate[finder.count - 1]:
            text = _("η = {rate}: diverged") if finder.stopped else "η = {rate}"
        self.advice.setText(text.format(rate=number_text(rate, DIGITS), loss=number_text(finder.smoothed[row], 3)))

    # ---- what is taken

    @Slot(float)
    def _click(self, place: float) -> None:
        if self.finder is not None and self._optimizer is not None:
            self.taken.emit(self._racer, rounded(10.0**place))

    @Slot()
    def _use(self) -> None:
        if self.suggestion is not None:
            self.taken.emit(self._racer, self.suggestion)


def rounded(rate: float) -> float:
    """A rate with as many digits as make sense."""
    return float(f"{rate:.{DIGITS - 1}e}")
