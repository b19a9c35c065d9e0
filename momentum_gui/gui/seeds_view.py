"""Repeat over seeds: what the racers reach on average, and whether one is better or it is noise."""

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Read
from momentum_gui.core.messages import N_
from momentum_gui.core.params import Array
from momentum_gui.core.repeats import RepeatedRun, Repeats
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.statistics import Difference, paired_difference, spread
from momentum_gui.gui.chart import Band, Chart
from momentum_gui.gui.curves import Series
from momentum_gui.gui.editors import NumberEdit
from momentum_gui.gui.panel_parts import note, stack
from momentum_gui.gui.racer_table import RacerRow, RacerTable
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.task import Task
from momentum_gui.gui.task_row import TaskRow
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.i18n import _

FEWEST, MOST, USUAL = 2, 200, 20

EARLY = 0.1
"""This part of a run is not given room in the chart: where all are still bad, the others would be flat."""


class Measure(NamedTuple):
    """What is compared: a field of a RepeatedRun, its title, its name in a sentence, and whether it is a share."""

    field: str
    title: str
    name: str
    share: bool

    @property
    def unit(self) -> float:
        """Shares are written in per cent."""
        return 100.0 if self.share else 1.0

    def of(self, run: RepeatedRun) -> Array:
        """Its values (evaluations, seeds) so far."""
        values: Array = getattr(run, self.field)
        return values[: run.evaluations]


MEASURES = (
    Measure("test_accuracy", N_("Test accuracy"), N_("test accuracy"), True),
    Measure("test_loss", N_("Test loss"), N_("test loss"), False),
    Measure("train_accuracy", N_("Training accuracy"), N_("training accuracy"), True),
    Measure("train_loss", N_("Training loss"), N_("training loss"), False),
)


class SeedsView(QWidget):
    """All racers from many seeds: a table, the mean's course with its band, and the difference of two racers.

    Results stay until others are asked for; those of another experiment than the one shown are grey.
    """

    tasked = Signal(object)
    """A Task for the simulation thread."""

    def __init__(self, look: Look, read: Read) -> None:
        super().__init__()
        self._look = look
        self._read = read
        self._simulation: Simulation | None = None
        self._names: dict[int, str] = {}  # of the racers of the results
        allowed = _("at least {low}, at most {high}").format(low=FEWEST, high=MOST)
        self.count = NumberEdit(True, lambda count: FEWEST <= count <= MOST, allowed)
        self.count.setAccessibleName(_("Number of seeds"))
        self.count.setToolTip(_("Number of seeds") + ": " + allowed)
        self.count.show_value(USUAL)
        self._count = USUAL
        self.count.changed.connect(self._set_count)
        self.row = TaskRow(look, self.count)
        self.row.asked.connect(self._start)
        self.row.moved.connect(self.restyle)
        self.note = note()
        self.table = RacerTable(look)
        self.measure = QComboBox()
        self.measure.setAccessibleName(_("What is compared"))
        self.measure.activated.connect(self.restyle)
        self.copy = QPushButton(_("Copy"))
        self.copy.setToolTip(_("Copy the table, for a spreadsheet"))
        self.copy.clicked.connect(self._copy)
        self.chart = Chart(look, _("Mean over the seeds"), _("Step"))
        self.pair = (QComboBox(), QComboBox())
        for box, name in zip(self.pair, (_("One racer"), _("The other racer")), strict=True):
            box.setAccessibleName(name)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(6)
            box.activated.connect(self.restyle)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self._results = QWidget()
        results = QVBoxLayout(self._results)
        results.setContentsMargins(0, 0, 0, 0)
        results.setSpacing(SPACE // 2)
        choice = QHBoxLayout()
        choice.addWidget(self.measure, 1)
        choice.addWidget(self.copy)
        self._rivals = QWidget()
        rivals = QHBoxLayout(self._rivals)
        rivals.setContentsMargins(0, 0, 0, 0)
        rivals.addWidget(self.pair[0], 1)
        rivals.addWidget(QLabel(_("against")))
        rivals.addWidget(self.pair[1], 1)
        results.addWidget(self.table)
        results.addLayout(choice)
        for widget in (self._rivals, self.verdict, self.chart):
            results.addWidget(widget)
        stack(self, self.row, self.note, self._results)
        look.changed.connect(self.restyle)
        self.restyle()

    @property
    def repeats(self) -> Repeats | None:
        """The results, which may still grow."""
        return self.row.task.job if self.row.task is not None else None

    @property
    def stale(self) -> bool:
        """Whether the results are of another experiment than the one that is shown."""
        if self.repeats is None or self._simulation is None:
            return False
        shown = self.repeats.experiment
        return not shown.same_until(self._simulation.experiment, shown.steps + 1)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self.restyle()

    def show_step(self, step: int) -> None:
        """The results are of whole runs."""

    @Slot(object)
    def _set_count(self, count: int) -> None:
        self._count = count

    @Slot()
    def _start(self) -> None:
        if self._simulation is None or not self._simulation.runs:
            return
        experiment, count, read = self._simulation.experiment, self._count, self._read
        self._names = self._simulation.labels(_)
        task = Task(lambda: Repeats(experiment, count, read))
        self.row.watch(task, lambda repeats: (repeats.step, repeats.experiment.steps))
        self.tasked.emit(task)
        self.restyle()

    # ---- what is seen

    @Slot()
    def restyle(self) -> None:
        repeats = self.repeats
        runs = self._runs
        self.count.setFixedWidth(self.count.fontMetrics().horizontalAdvance("0000") + 3 * SPACE)
        self._results.setVisible(bool(runs))
        self.row.button.setEnabled(bool(self._simulation is not None and self._simulation.runs) or self.row.running)
        if self._simulation is not None and not self._simulation.runs:
            self.row.say(_("No racer is switched on."))
        elif repeats is None:
            self.row.say(_("seeds for every racer"))
        elif repeats.done:
            self.row.say(_("seeds: done"))
        self.note.setText(self._remarks() if runs else self._purpose())
        self.note.setVisible(bool(self.note.text()))
        self._results.setEnabled(not self.stale)
        if not runs:
            return
        self._offer(runs)
        self._show_table(runs)
        self._show_chart(runs)
        self._rivals.setVisible(len(runs) > 1)
        self.verdict.setVisible(len(runs) > 1)
        if len(runs) > 1:
            one, other = (box.currentData() for box in self.pair)
            self.verdict.setText(self._judge(runs, one, other))

    @property
    def _runs(self) -> dict[int, RepeatedRun]:
        """The racers' runs that have something to show."""
        if self.repeats is None:
            return {}
        return {index: run for index, run in self.repeats.runs.items() if run.evaluations}

    @property
    def _measure(self) -> Measure:
        return MEASURES[self.measure.currentData() or 0]

    def _color(self, racer: int) -> QColor:
        assert self.repeats is not None
        theme = self._look.theme
        chosen = self.repeats.experiment.optimizers[racer].color
        return QColor(theme.muted) if self.stale else racer_color(racer, chosen, theme)

    def _offer(self, runs: dict[int, RepeatedRun]) -> None:
        """The choices there are."""
        regression = next(iter(runs.values())).mlp.regression
        measures = [k for k, each in enumerate(MEASURES) if not (regression and each.share)]
        if [self.measure.itemData(k) for k in range(self.measure.count())] != measures:
            self.measure.clear()
            for k in measures:
                self.measure.addItem(_(MEASURES[k].title), k)
        names = {index: self._names[index] for index in runs}
        for place, box in enumerate(self.pair):
            offered = {box.itemData(k): box.itemText(k) for k in range(box.count())}
            if offered != names:
                box.clear()
                for index, name in names.items():
                    box.addItem(name, index)
                # The second against the first: the method that comes later is the one in question.
                box.setCurrentIndex(1 - place if len(names) > 1 else 0)

    def _purpose(self) -> str:
        if self.row.running or self._simulation is None:
            return ""
        return _("Trains every racer from many seeds at once: is one better, or is it noise?")

    def _remarks(self) -> str:
        """What one must know about the results."""
        repeats = self.repeats
        assert repeats is not None
        remarks = []
        if self.stale:
            remarks.append(_("Of another experiment."))
        if not repeats.done:
            remarks.append(_("So far, to step {step}.").format(step=whole_text(repeats.step)))
        for index, run in self._runs.items():
            lost = int(np.count_nonzero(run.lost))
            if lost:
                text = _("{name}: {lost} of {count} seeds diverged and are left out from there.")
                remarks.append(text.format(name=self._names[index], lost=lost, count=len(run.seeds)))
        return " ".join(remarks)

    def _show_table(self, runs: dict[int, RepeatedRun]) -> None:
        shown = [each for each in MEASURES[:2] if not (each.share and next(iter(runs.values())).mlp.regression)]
        rows = []
        for index, run in runs.items():
            texts = []
            for each in shown:
                last = spread(each.of(run)[-1] * each.unit)
                text = plus_minus(float(last.mean), float(last.deviation))
                texts.append(text + " %" if each.share and math.isfinite(last.mean) else text)
            rows.append(RacerRow(index, self._names[index], self._color(index), tuple(texts)))
        self.table.show_rows(tuple(_(each.title) for each in shown), rows, self.stale)

    def _show_chart(self, runs: dict[int, RepeatedRun]) -> None:
        assert self.repeats is not None
        measure, series, bands = self._measure, [], []
        low, high, early = math.inf, -math.inf, EARLY * self.repeats.step
        for index, run in runs.items():
            found = spread(measure.of(run))
            there = np.isfinite(found.mean)
            steps, mean = run.evaluated[: len(there)][there], found.mean[there]
            deviation = np.nan_to_num(found.deviation[there])
            color = self._color(index)
            series.append(Series(index, color, steps, mean))
            if len(steps):
                top = np.minimum(mean + deviation, 1.0) if measure.share else mean + deviation
                bands.append(Band(color, steps, np.maximum(mean - deviation, 0.0), top))
                late = np.searchsorted(steps[:-1], early)
                low, high = min(low, float(bands[-1].low[late:].min())), max(high, float(top[late:].max()))
        up = None
        if low < high:
            up = (low if measure.share or low > high / 2 else 0.0, high)
        across = (0.0, float(self.repeats.experiment.steps))
        self.chart.show_curves(series, across, up, bands, measure.share)

    def _judge(self, runs: dict[int, RepeatedRun], one: int, other: int) -> str:
        """The difference of two racers in one honest sentence."""
        if one == other:
            return _("Choose two racers.")
        measure, a, b = self._measure, runs[one], runs[other]
        done = self.repeats is not None and self.repeats.done
        places = (-1, -1) if done else (min(a.evaluations, b.evaluations) - 1,) * 2
        difference = paired_difference(measure.of(a)[places[0]], measure.of(b)[places[1]])
        return verdict(difference, measure, self._names[one], self._names[other])

    # ---- what is taken away

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text())

    def text(self) -> str:
        """The results, tab-separated: mean and standard deviation of every measure, and the difference."""
        runs = self._runs
        heads = [_("Racer"), _("Seeds"), _("Diverged")]
        for each in MEASURES:
            heads += [_(each.title), _("standard deviation")]
        lines = ["\t".join(heads)]
        for index, run in runs.items():
            cells = [self._names[index], str(len(run.seeds)), str(int(np.count_nonzero(run.lost)))]
            for each in MEASURES:
                last = spread(each.of(run)[-1])
                cells += [f"{float(value):.6g}" for value in (last.mean, last.deviation)]
            lines.append("\t".join(cells))
        return "\n".join([*lines, *([self.verdict.text()] if len(runs) > 1 else [])]) + "\n"


def plus_minus(middle: float, reach: float) -> str:
    """``middle`` and ``reach``, this with one digit or, up to 3.5, two, and that with as many decimals."""
    if not math.isfinite(middle):
        return "—"
    if not math.isfinite(reach) or reach == 0:
        return number_text(middle, 4) + (" ± 0" if reach == 0 else "")
    power = math.floor(math.log10(reach))
    decimals = max(0, (1 if reach < 3.55 * 10.0**power else 0) - power)
    if decimals > 6 or abs(middle) >= 1e5:
        return f"{number_text(middle, 3)} ± {number_text(reach, 2)}"
    return f"{middle:.{decimals}f} ± {reach:.{decimals}f}".replace("-", "−")


def verdict(difference: Difference | None, measure: Measure, one: str, other: str) -> str:
    """What the paired ``difference`` of racer ``one`` from the ``other`` in ``measure`` is worth."""
    if difference is None:
        return _("Too few seeds of both have come so far to be compared.")
    values = {"measure": _(measure.name), "count": difference.count, "one": one, "other": other}
    if difference.low == difference.high == 0:
        return _("{one} and {other} have the same {measure} from every one of {count} seeds.").format(**values)
    middle, reach = difference.mean * measure.unit, (difference.high - difference.low) / 2 * measure.unit
    if difference.low <= 0 <= difference.high:
        text = N_("No difference can be told from noise: {one} is {amount} off {other} in {measure} ({seeds}).")
    else:
        text = N_("{one} is better by {amount} in {measure} ({seeds}).")
        if (difference.mean > 0) != measure.share:
            values["one"] = other
        middle = abs(middle)
    amount = plus_minus(middle, reach)
    if measure.share:
        amount = _("{amount} percentage points").format(amount=amount)
    seeds = _("{count} seeds, interval of 95 %").format(count=difference.count)
    return _(text).format(**values, amount=amount, seeds=seeds)
