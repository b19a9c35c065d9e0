"""The curves of all racers, loss and, for a network, accuracy, over the read-out of their values."""

import math
import sys
import time
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from momentum_gui.core.network import Network
from momentum_gui.core.run import Run
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.curve_axes import Unit, log_place
from momentum_gui.gui.curve_plot import CurvePlot
from momentum_gui.gui.curves import DASHED, DOTTED, GHOST, SOLID, THIN, Extremes, Series
from momentum_gui.gui.editors import Choice
from momentum_gui.gui.ghosts import pinned_runs
from momentum_gui.gui.line_key import KINDS, LineKey
from momentum_gui.gui.readout import Readout
from momentum_gui.gui.segments import Segments
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.ticks import round_step
from momentum_gui.i18n import _

PACE = 0.08
"""Seconds between two paintings of the curves of one simulation after another."""
GROWING = 0.15
"""The same for curves that grow while their racers train: these wait meanwhile."""
UNSEEN = 1.0
"""The same where nothing would be seen of it: no new evaluation, and less than a pixel of a minibatch's losses."""
SHORTEST = 0.01
"""Seconds that an axis of seconds shows at least while they are measured."""
LOWEST = 34 * SPACE
"""How high the curves are at least."""
REST = 8.0
"""Curves that change all the time wait at least so many times as long as they took to paint."""
REST_OF_GROWING = 30.0
"""The same for curves that grow while their racers train."""
ASKED = 1000
"""About so many losses of a racer are asked for their sign."""
FRAME = 0.2
"""Seconds in which the next frame comes while racers train: they wait while it is painted, so curves come with it."""


class CurvesView(QFrame):
    """Loss and accuracy over steps, epochs or seconds; a legend reads out the values at the playhead or the mouse."""

    log_changed = Signal(bool)
    """Somebody chose a logarithmic axis or a linear one."""

    def __init__(self, look: Look, log: bool) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setMinimumHeight(LOWEST)
        self._look = look
        self._simulation: Simulation | None = None
        self._pinned: Simulation | None = None
        self._whole: NDArray[Any] = np.arange(0)
        """Where every step has its place: 0, 1, 2 …, or their logarithms."""
        self._extremes: WeakKeyDictionary[Run, Extremes] = WeakKeyDictionary()
        self._painted: Simulation | None = None
        """The simulation whose curves are there: while something is dragged, not always the newest."""
        self._step = 0
        self._hovered: float | None = None
        self._rows = (0, 0)
        self._seen = (0, 0)
        self._racers = 0
        self._log = log
        self._surface: tuple[type, str] | None = None
        self._suited = False
        """Whether the axis of this surface's losses was chosen, by somebody or for their signs."""
        self.hidden: frozenset[int] = frozenset()
        """The racers whose curves are put away, by their places in the experiment's list."""
        self._shown_at = 0.0
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._show_curves)

        self.loss = CurvePlot(look, _("Loss against steps"))
        self.accuracy = CurvePlot(look, _("Accuracy against steps"), share=True)
        self.readout = Readout(look)
        self.readout.toggled.connect(self._toggle)
        self.key = LineKey(look)
        self.key.clicked.connect(self.toggle_kind)
        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(heading(_("Loss")))
        head.addStretch(1)
        self.unit = Choice({})
        self.unit.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.unit.setMinimumWidth(10 * SPACE)  # its name is cut before anything is off the side
        self.unit.setAccessibleName(_("What the curves are against"))
        self.unit.changed.connect(self._choose_unit)
        head.addWidget(self.unit)
        head.addSpacing(SPACE)
        self.scale = Segments(look, ((_("linear"), _("Linear axis")), (_("log"), _("Logarithmic axis"))))
        self.scale.picked.connect(self._choose_scale)
        head.addWidget(self.scale)
        self._second = heading(_("Accuracy"))
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addWidget(self.loss, 3)
        column.addWidget(self.key)
        column.addWidget(self._second)
        column.addWidget(self.accuracy, 2)
        column.addWidget(self.readout)
        self.key.hide()
        self._second.hide()
        self.accuracy.hide()
        for one, other in ((self.loss, self.accuracy), (self.accuracy, self.loss)):
            one.hovered.connect(self._hover)
            one.span_changed.connect(other.show_span)
        copy = QAction(_("Copy values"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.triggered.connect(self._copy)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        look.changed.connect(self.restyle)
        self.restyle()
        self.log, self.away = log, "smoothed"

    @property
    def log(self) -> bool:
        """Whether the axis of the loss is to be logarithmic; that of negative losses is not, unless chosen for them."""
        return self._log

    @log.setter
    def log(self, log: bool) -> None:
        self._log = log
        self._show_scale(log)

    def _show_scale(self, log: bool) -> None:
        if log != self.loss.log:
            self.loss.log = log
        self.scale.choose(int(log))

    @property
    def away(self) -> str:
        """Which of KINDS are put away, in one text; setting it takes any text."""
        return " ".join(sorted(self.key.away))

    @away.setter
    def away(self, kinds: str) -> None:
        self.key.away = frozenset(kinds.split()) & KINDS.keys()
        self.key.update()
        self._show_curves()

    @Slot(str)
    def toggle_kind(self, kind: str) -> None:
        """Put the lines of one of KINDS away, or bring them back."""
        self.away = " ".join(self.key.away ^ {kind})

    def _suit_scale(self, simulation: Simulation) -> None:
        """Show the axis that is wanted; a linear one of a surface with negative losses where none was chosen for it."""
        objective = simulation.experiment.objective
        surface = type(objective), getattr(objective, "formula", "")
        if surface != self._surface:
            self._surface, self._suited = surface, False
            scale = self._log
        else:
            scale = self.loss.log
        if not self._suited and self._log and mostly_negative(simulation):
            self._suited, scale = True, False
        self._show_scale(scale)

    @Slot(int)
    def _choose_scale(self, number: int) -> None:
        self._suited = True
        self.log = bool(number)
        self.log_changed.emit(self.log)

    def show_simulation(self, simulation: Simulation) -> None:
        """Show another simulation, whose runs may still grow."""
        self._simulation = simulation
        data = simulation.dataset
        classes = data is not None and bool(data.classes)
        if classes == self.accuracy.isHidden():
            self.accuracy.setVisible(classes)
            self.loss.name_steps(not classes)
        self._second.setVisible(classes)
        self.key.setVisible(data is not None)
        self._offer_units(data is not None)
        racers = len(simulation.experiment.optimizers)
        if racers != self._racers:  # their places are others
            self._racers, self.hidden = racers, frozenset()
        self.readout.show_hidden(self.hidden)
        self.readout.show_simulation(simulation)
        self._show_unit()
        self._catch_up()

    def _offer_units(self, training: bool) -> None:
        """Offer what the curves may be against."""
        names = {Unit.STEPS: _("steps"), Unit.LOG_STEPS: _("steps, log")}
        if training:
            names |= {Unit.EPOCHS: _("epochs"), Unit.SECONDS: _("seconds")}
        if self.unit.count() != len(names):
            unit = self.unit.currentData()
            self.unit.show_names(names, unit)
            tip, role = seconds_tip(sys.platform == "win32"), Qt.ItemDataRole.ToolTipRole
            self.unit.setItemData(self.unit.findData(Unit.SECONDS), tip, role)

    def show_step(self, step: int) -> None:
        """Put the playhead at ``step``; draw what the histories have, if that is more than before."""
        self._step = step
        if self._simulation is None:
            return
        drawn = self._shown_at
        if self._painted is not self._simulation or self._rows != rows(self._simulation):
            self._catch_up()
        if self._shown_at == drawn:  # else they have been drawn with the step in its place
            self._place_step()
            self._show_values()

    def _place_step(self) -> None:
        """Put the playhead and the markers where they belong."""
        marked = self._marked
        for plot in self._plots():
            plot.show_step(self._step, marked)

    @property
    def _marked(self) -> dict[int, float]:
        """Where the markers belong against seconds, where every racer has its own place."""
        marked = {}
        if self._unit is Unit.SECONDS and self._simulation is not None:
            for index, run in self._simulation.runs.items():
                if isinstance(run, NetworkRun) and len(run.seconds):
                    marked[index] = float(run.seconds[min(self._step, len(run.seconds) - 1)])
        return marked

    @property
    def _unit(self) -> Unit:
        """What the curves are drawn against."""
        return Unit(self.unit.currentData() or Unit.STEPS)

    @property
    def settled(self) -> bool:
        """Whether the curves of the newest simulation are there."""
        return not self._late.isActive()

    def _plots(self) -> list[CurvePlot]:
        """The plots that are there to be seen."""
        return [self.loss] if self.accuracy.isHidden() else [self.loss, self.accuracy]

    def _catch_up(self) -> None:
        """Draw the curves of the simulation now, or soon if they were drawn just now or are another simulation's.

        Those wait at least until the picture is painted, which is what one looks at while dragging.
        """
        simulation = self._simulation
        assert simulation is not None
        another = simulation is not self._painted
        cost = self.loss.cost + self.accuracy.cost
        if another:
            pace = max(PACE, REST * cost)
        elif simulation.dataset is None:
            pace = REST * cost
        else:
            pace = max(GROWING if self._seen != self._to_see(simulation) else UNSEEN, REST_OF_GROWING * cost)
        wait = self._shown_at + pace - time.monotonic()
        late = 0.0 if another or simulation.dataset is None else FRAME
        milliseconds = max(0, math.ceil(1000 * (wait + late)))
        if not another and (wait <= 0 or simulation.done):
            self._show_curves()
        elif not self._late.isActive() or self._late.remainingTime() > milliseconds:
            self._late.start(milliseconds)

    def _to_see(self, simulation: Simulation) -> tuple[int, int]:
        """What a training has come to that its curves show: so many evaluations, at so many pixels."""
        runs = [run for run in simulation.runs.values() if isinstance(run, NetworkRun)]
        if self._unit is Unit.SECONDS:
            ends = [float(run.seconds[-1]) for run in runs if len(run.seconds)]
        else:
            ends = self._whole[[run.count - 1 for run in runs if run.count <= len(self._whole)]].tolist()
        return sum(run.evaluations for run in runs), int(max(ends, default=0) * self.loss.pixels)

    @Slot(object)
    def show_pinned(self, simulation: Simulation | None) -> None:
        """Draw the curves of this simulation, too, as ghosts; None for none."""
        self._pinned = simulation
        self._show_curves()

    @Slot(object)
    def show_guides(self, guides: list[Series]) -> None:
        """Lay other lines over the losses, such as what theory predicts of them."""
        self.loss.show_guides(guides)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # more racers, larger text: nothing may lie over another
            self.setMinimumHeight(max(LOWEST, self._column.minimumSize().height()))
        return super().event(event)

    @Slot()
    def restyle(self) -> None:
        self.readout.restyle()
        self._show_curves()

    @Slot()
    def _show_curves(self) -> None:
        simulation = self._simulation
        if simulation is None:
            return
        self._late.stop()
        self._suit_scale(simulation)
        self._painted, self._rows, self._shown_at = simulation, rows(simulation), time.monotonic()
        losses: list[Series] = []
        accuracies: list[Series] = []
        pinned = pinned_runs(self._pinned)
        longest = max([simulation.experiment.steps + 1, *(run.count for run in pinned.values())])
        if len(self._whole) < longest:
            steps = np.arange(longest)
            self._whole = log_place(steps) if self._unit is Unit.LOG_STEPS else steps
        for index, run in pinned.items():
            color = racer_color(index, run.optimizer.color, self._look.theme)
            extremes = self._extremes.setdefault(run, Extremes())
            if isinstance(run, NetworkRun):
                _x, at = self._against(run)
                done = len(at)
                losses.append(Series(index, color, at, run.train_loss[:done], GHOST))
                if not run.mlp.regression:
                    accuracies.append(Series(index, color, at, run.train_accuracy[:done], GHOST))
            else:
                count = run.count  # once: it may grow meanwhile
                losses.append(Series(index, color, self._whole[:count], run.loss[:count], GHOST, extremes))
        for index, run in simulation.runs.items():
            if index in self.hidden:
                continue
            color = racer_color(index, run.optimizer.color, self._look.theme)
            extremes = self._extremes.setdefault(run, Extremes())
            if isinstance(run, NetworkRun):
                x, at = self._against(run)
                done, count = len(at), len(x)
                away = self.key.away
                if "minibatch" not in away:
                    losses.append(Series(index, color, x[1:], run.batch_loss[1:count], THIN, extremes))
                if "smoothed" not in away:
                    losses.append(Series(index, color, at[1:], run.smoothed_loss[1:done], DOTTED))
                for kind, stroke, loss, accuracy in (
                    ("test", DASHED, run.test_loss, run.test_accuracy),
                    ("train", SOLID, run.train_loss, run.train_accuracy),
                ):
                    if kind not in away:
                        losses.append(Series(index, color, at, loss[:done], stroke))
                        if run.data.classes:
                            accuracies.append(Series(index, color, at, accuracy[:done], stroke))
            else:
                count = run.count  # once: it may grow meanwhile
                losses.append(Series(index, color, self._whole[:count], run.loss[:count], SOLID, extremes))
        order = (GHOST, THIN, DASHED, SOLID, DOTTED)
        nobody = _("No racer is switched on.")
        nobody += "\n" + _("Switch one on in the list of racers, or add one.")
        if simulation.runs:
            nobody = _("All curves are hidden.") + "\n" + _("Click a racer below to show its curves.")
        length, place = self._length(simulation), (self._step, self._marked)
        self.loss.show_series(sorted(losses, key=lambda each: order.index(each.stroke)), length, nobody, place)
        if not self.accuracy.isHidden():
            self.accuracy.show_series(sorted(accuracies, key=lambda each: order.index(each.stroke)), length, at=place)
        self._seen = self._to_see(simulation)
        self._show_values()

    def _against(self, run: NetworkRun) -> tuple[NDArray[Any], NDArray[Any]]:
        """Where the rows (n,) of ``run`` are drawn, as many as have a place so far, and its evaluations among them."""
        evaluated = run.evaluated[: run.evaluations]
        if self._unit is not Unit.SECONDS:
            return self._whole[: run.count], self._whole[evaluated]
        seconds = run.seconds
        return seconds, seconds[evaluated[: np.searchsorted(evaluated, len(seconds))]]

    def _length(self, simulation: Simulation) -> float:
        """The place of the last step or second. While seconds are measured, a round number that rarely changes."""
        if self._unit is not Unit.SECONDS:
            return float(self._whole[simulation.experiment.steps])
        runs = [*simulation.runs.values(), *pinned_runs(self._pinned).values()]
        ends = [float(run.seconds[-1]) for run in runs if isinstance(run, NetworkRun) and len(run.seconds)]
        longest = max(ends, default=0.0)
        return longest if simulation.done and longest else round_step(max(longest, SHORTEST))

    @Slot(int)
    def _toggle(self, racer: int) -> None:
        """Put the curves of ``racer`` away, or bring them back."""
        self.hidden ^= {racer}
        self.readout.show_hidden(self.hidden)
        self._show_curves()

    def _show_unit(self) -> None:
        """Name what the curves are against."""
        epoch = steps_per_epoch(self._simulation) if self._simulation is not None else None
        self.unit.setToolTip(self.unit.currentData(Qt.ItemDataRole.ToolTipRole) or self.unit.accessibleName())
        for plot in (self.loss, self.accuracy):
            plot.show_unit(self._unit, epoch or 1.0)

    @Slot(object)
    def _choose_unit(self, _picked: object) -> None:
        self._whole = self._whole[:0]  # they have other places
        self._show_unit()
        self._show_curves()

    def _show_values(self) -> None:
        if self._hovered is not None and self._unit is Unit.SECONDS:
            self.readout.show_seconds(self._hovered)
        else:
            self.readout.show_step(self._step if self._hovered is None else round(self._hovered))

    @Slot(object)
    def _hover(self, at: float | None) -> None:
        self._hovered = at
        for plot in self._plots():
            plot.show_cursor(at)
        self._show_values()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.readout.text())


def rows(simulation: Simulation) -> tuple[int, int]:
    """How much of all histories is there, and of how much of it the seconds are."""
    measured = sum(len(run.seconds) for run in simulation.runs.values() if isinstance(run, NetworkRun))
    return sum(run.count for run in simulation.runs.values()), measured


def mostly_negative(simulation: Simulation) -> bool:
    """Whether more than half of the losses on a surface, as far as they are there, are below 0; some ask for all."""
    runs = [run for run in simulation.runs.values() if not isinstance(run, NetworkRun)]
    losses = [run.loss[: run.count : 1 + run.count // ASKED] for run in runs]
    return 2 * sum(int(np.count_nonzero(each < 0)) for each in losses) > sum(len(each) for each in losses)


def seconds_tip(wall: bool) -> str:
    """What the seconds are seconds of; ``wall``: as the clock on the wall has it."""
    what = _("Against the seconds that every racer's own steps took, without evaluations, drawing and pauses")
    measured = _("Processor time: what else the machine does is not counted.")
    return what + "\n" + (_("By the clock on the wall.") if wall else measured)


def steps_per_epoch(simulation: Simulation) -> float | None:
    """How many minibatches an epoch has, the same for every racer; None for a surface.

    Whole epochs are exact. Within one, the last minibatch may be smaller than the others, and one that is drawn
    counts for the mean of all.
    """
    network, data = simulation.experiment.objective, simulation.dataset
    if not isinstance(network, Network) or data is None:
        return None
    count = len(data.y_train)
    return float(math.ceil(count / (network.batch or count)))


def heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    return label
