"""The sharpness of the loss while the racers train, against the limit of each method's stability."""

import numpy as np
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QColor, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from momentum_gui.core.datasets import Moons
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import N_
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD
from momentum_gui.core.params import Array
from momentum_gui.core.sharpness import Sharpness, limit
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.chart import Chart
from momentum_gui.gui.curves import DASHED, Series
from momentum_gui.gui.panel_parts import note, stack
from momentum_gui.gui.racer_table import RacerRow, RacerTable
from momentum_gui.gui.style import Look, blend, racer_color
from momentum_gui.gui.task import Task
from momentum_gui.gui.ticks import linear_range, number_text, whole_text
from momentum_gui.i18n import _

PACE = 100
"""Milliseconds between two looks at how far the measuring is."""
LIMITS = 200
"""A limit that changes with its schedule is drawn by so many points."""
SEEN = 3.0
"""A limit beyond so many times the highest sharpness is left to the table."""


def edge_of_stability() -> Experiment:
    """Gradient descent at two rates; its sharpness settles at their limits, 2 / 0.4 and 2 / 0.3 (Cohen et al. 2021)."""
    network = Network(
        hidden=(16, 16), activation="tanh", bias=True, init="he", loss="squared_error", batch=0, data=Moons(samples=200)
    )
    racers = (SGD(lr=0.4, label="η = 0.4"), SGD(lr=0.3, label="η = 0.3"))
    return Experiment(title=N_("Edge of stability"), objective=network, optimizers=racers, steps=10_000)


class Watch:
    """The job: the sharpness of all runs at the weights that they have kept so far."""

    def __init__(self, simulation: Simulation) -> None:
        self.found = {index: Sharpness(run) for index, run in simulation.runs.items() if isinstance(run, NetworkRun)}

    @property
    def done(self) -> bool:
        """Whether nothing is left to do, for now if the runs go on."""
        return all(each.done for each in self.found.values())

    def work(self) -> None:
        """Take one product with the Hessian, for the run that is the furthest behind."""
        behind = [each for each in self.found.values() if not each.done]
        if behind:
            min(behind, key=lambda each: each.count).advance(1)


class SharpnessView(QWidget):
    """The largest eigenvalue of the loss's Hessian over the steps. It is measured while the view is seen."""

    tasked = Signal(object)
    """A Task for the simulation thread."""
    proposed = Signal(object)
    """Somebody wants to see this Experiment run."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._step = 0
        self._task: Task | None = None
        self.watch: Watch | None = None
        self._drawn = (-1, -1)
        self._far = False  # whether a limit lies far above the curves
        self.status = QLabel()
        self.status.setObjectName("muted")
        self.example = QPushButton(_("Edge of stability"))
        self.example.setToolTip(_("Load an example: gradient descent that trains at its limit, full batches, tanh"))
        self.example.clicked.connect(lambda: self.proposed.emit(edge_of_stability()))
        head = QHBoxLayout()
        head.addWidget(self.status, 1)
        head.addWidget(self.example)
        self.table = RacerTable(look)
        self.chart = Chart(look, _("Sharpness"), _("Step"))
        self.note = note()
        stack(self, head, self.table, self.chart, self.note)
        self._timer = QTimer(self)
        self._timer.setInterval(PACE)
        self._timer.timeout.connect(self._look_on)
        look.changed.connect(self.restyle)

    def show_simulation(self, simulation: Simulation) -> None:
        if simulation is not self._simulation:
            self._stop()
            self._simulation, self.watch = simulation, Watch(simulation)
        self.restyle()

    def show_step(self, step: int) -> None:
        self._step = step
        self._show_step()

    # ---- measuring

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._stop()

    @property
    def measuring(self) -> bool:
        return self._task is not None and self._task.running

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    @Slot()
    def _look_on(self) -> None:
        """Show what there is, and have measured what is not."""
        watch = self.watch
        if watch is None:
            return
        if not self.measuring and not watch.done:
            self._task = Task(lambda: watch)
            self.tasked.emit(self._task)
        if (self._count, self._kept) != self._drawn:
            self.restyle()

    # ---- what is seen

    @property
    def _count(self) -> int:
        """So many weights are measured …"""
        return sum(each.count for each in self.watch.found.values()) if self.watch is not None else 0

    @property
    def _kept(self) -> int:
        """… of so many."""
        return sum(len(each.run.kept) for each in self.watch.found.values()) if self.watch is not None else 0

    @Slot()
    def restyle(self) -> None:
        if self._simulation is None or self.watch is None:
            return
        count, kept = self._drawn = self._count, self._kept
        if not self._simulation.runs:
            self.status.setText(_("No racer is switched on."))
        elif count < kept:
            text = _("{done} of {total}").format(done=whole_text(count), total=whole_text(kept))
            self.status.setText(text)
        else:
            self.status.setText("" if self._simulation.step else _("Press play."))
        self._show_chart()
        self._show_step()
        self.note.setText(self._words())

    def _color(self, racer: int) -> QColor:
        assert self._simulation is not None
        return racer_color(racer, self._simulation.runs[racer].optimizer.color, self._look.theme)

    def _show_chart(self) -> None:
        assert self._simulation is not None
        assert self.watch is not None
        curves, limits = [], []
        for index, found in self.watch.found.items():
            color = self._color(index)
            count = found.count  # once: the worker goes on meanwhile
            values = found.values[:count]
            there = np.isfinite(values)
            if there.any():
                curves.append(Series(index, color, found.steps[:count][there], values[there]))
            bound = limits_of(found.run)
            if bound is not None:
                over = blend((color.name(), self._look.theme.text), 3)[1]  # it is seen where it lies on the curve
                limits.append(Series(index, over, *bound, DASHED))
        if not curves:
            self.chart.show_curves([], (0.0, 1.0), title=_("Measuring …") if self._simulation.runs else "")
            return
        low, high = linear_range([each.values for each in curves])
        near = [float(each.values.min()) for each in limits if each.values.min() <= SEEN * high]
        self._far = len(near) < len(limits)
        up = min(0.0, low), 1.05 * max([high, *near])
        self.chart.show_curves([*curves, *limits], (0.0, float(self._simulation.experiment.steps)), up)

    def _show_step(self) -> None:
        """The numbers at the playhead, and a line where it is."""
        if self._simulation is None or self.watch is None:
            return
        names = self._simulation.labels(_)
        rows = []
        for index, found in self.watch.found.items():
            place = int(np.searchsorted(found.steps[: found.count], self._step, side="right")) - 1
            value = float(found.values[place]) if place >= 0 else np.nan
            bound = limit(found.run.optimizer.at(max(1, self._step), found.run.steps))
            texts = tuple(
                "—" if each is None or not np.isfinite(each) else number_text(each, 3, zeros=True)
                for each in (value, bound)
            )
            rows.append(RacerRow(index, names[index], self._color(index), texts))
        self.table.show_rows((_("Sharpness"), _("Limit")), rows)
        self.chart.show_uprights([(float(self._step), QColor(self._look.theme.muted), False)] if rows else [])

    def _words(self) -> str:
        """What the dashed lines say, and what they do not."""
        assert self._simulation is not None
        network = self._simulation.experiment.objective
        assert isinstance(network, Network)
        words = [
            _("Dashed: on a quadratic sharper than this the method diverges (SGD: 2/η)."),
            *([_("A limit far above the curves stands in the table only.")] if self._far else []),
            _("Full-batch training often sharpens up to it and hovers there: at most, not equal; some runs end below."),
        ]
        data = self._simulation.dataset
        if data is not None and 0 < network.batch < len(data.y_train):
            words.append(_("With minibatches, as here, it mostly stays lower."))
        names = self._simulation.labels(_)
        unknown = [names[index] for index, run in self._simulation.runs.items() if limit(run.optimizer) is None]
        if unknown:
            words.append(_("No limit is known for {names}.").format(names=", ".join(unknown)))
        return " ".join(words)


def limits_of(run: NetworkRun) -> tuple[Array, Array] | None:
    """The limit of the run's optimizer at some steps, (steps,) each, or None if it is not known."""
    optimizer = run.optimizer
    count = 2 if optimizer.steady else min(LIMITS, run.steps)
    steps = np.unique(np.linspace(0, run.steps, max(2, count)).round())
    bounds = [limit(optimizer.at(max(1, int(step)), run.steps)) for step in steps]
    known = [bound for bound in bounds if bound is not None]
    return (steps, np.array(known)) if len(known) == len(bounds) else None
