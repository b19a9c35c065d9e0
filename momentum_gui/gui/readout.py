"""The legend under the curves, which is their read-out: a row a racer, with its exact values at a step."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QIcon,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Scale, Target
from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.markers import marker_icon
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.i18n import _, say

MOST_ROWS = 6
"""More racers than these are scrolled."""
LEAST_NAME = "Mome…"
"""A racer's name has at least the room of this beside its values."""
NONE = "–"
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def figures(font: QFont) -> QFont:
    """``font`` with digits that are all of one width."""
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def values_at(run: SurfaceRun | NetworkRun, step: int) -> tuple[float, ...] | None:
    """A run's numbers at ``step``; None where it has not come so far. One that stopped earlier keeps its last.

    A surface's loss; a network's losses and accuracies, or a regression's losses and typical errors, of the training
    and the test set each, from its newest evaluation at or before the step.
    """
    if step >= run.count:
        if run.outcome is not Outcome.STOPPED:
            return None
        step = run.count - 1
    if isinstance(run, SurfaceRun):
        return (float(run.loss[step]),)
    at, target = run.evaluated_at(step), run.data.target
    losses = float(run.train_loss[at]), float(run.test_loss[at])
    if target is not None:
        return *losses, *(target.typical_error(loss) for loss in losses)
    return *losses, float(run.train_accuracy[at]), float(run.test_accuracy[at])


@dataclass(frozen=True)
class Row:
    """What a row says: the racer's name, and its values or a sentence."""

    name: str
    values: tuple[str, ...] = ()
    sentence: str = ""
    hidden: bool = False
    note: str = ""
    """What else is to be said, in the tooltip."""


class Readout(QWidget):
    """Rows of racers under a line that says the step. Nothing in it moves while it counts."""

    toggled = Signal(int)
    """Somebody clicked a racer, by its place in the experiment's list: its curves should go, or come back."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._step = 0
        self._seconds: float | None = None
        self._names: dict[int, str] = {}
        self._legend: tuple[Any, ...] = ()
        self._exact, self._brief = True, False
        self._hidden: Set[int] = frozenset()
        self.setAccessibleName(_("Values of the racers"))
        self.head = Head()
        self.table = Table()
        self.table.setObjectName("body")
        self.table.clicked.connect(self._click)
        self._area = QScrollArea()
        self._area.setWidget(self.table)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self._area)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._names = simulation.labels(_)
        colors = [(index, run.optimizer.color) for index, run in simulation.runs.items()]
        data = simulation.dataset
        learned = (data.classes, data.target) if data is not None else None
        self.head.setToolTip(_about(data.target) if data is not None and data.target is not None else "")
        legend = self._names, colors, learned, simulation.experiment.steps
        if legend == self._legend:
            self._show()
        else:
            self._legend = legend
            self.restyle()

    def show_hidden(self, racers: Set[int]) -> None:
        """Show whose curves are put away."""
        if racers != self._hidden:
            self._hidden = racers
            self.restyle()

    @Slot(int)
    def _click(self, row: int) -> None:
        if self._simulation is not None:
            self.toggled.emit(list(self._simulation.runs)[row])

    def restyle(self) -> None:
        simulation, look = self._simulation, self._look
        font = figures(look.font())
        theme = look.theme
        widths, titles = self._choose_columns(font)
        last = whole_text(simulation.experiment.steps if simulation is not None else 0)
        first = QFontMetrics(font).horizontalAdvance(_("Step {step}").format(step=last)) + 2 * SPACE
        self.head.restyle(font, QColor(theme.text), QColor(theme.muted), first, widths, titles)
        size = round(look.points() * 1.6)
        runs = simulation.runs if simulation is not None else {}
        icons = [
            marker_icon(
                index, racer_color(index, run.optimizer.color, theme), theme, size, filled=index not in self._hidden
            )
            for index, run in runs.items()
        ]
        self.table.restyle(font, QColor(theme.text), QColor(theme.muted), QColor(theme.error), icons, size, widths)
        rows = min(MOST_ROWS, len(runs))
        self._area.setFixedHeight(rows * row_height(font))
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.restyle()

    def _choose_columns(self, font: QFont) -> tuple[list[int], tuple[str, ...]]:
        """Width and titles of a network's columns: with all digits if there is room for them beside the names."""
        if self._simulation is None or self._simulation.dataset is None:
            return [], ()
        metrics = QFontMetrics(font)
        longest = max((metrics.horizontalAdvance(name) for name in self._names.values()), default=0)
        marker = round(self._look.points() * 1.6) + 2 * SPACE
        least = marker + min(longest, metrics.horizontalAdvance(LEAST_NAME))
        target = self._simulation.dataset.target
        quality = ("100.0", "100.0", "100") if target is None else ("9.999×10⁻⁹", "0.0000", "8×10⁹")
        for self._exact, self._brief, sample, quality_sample, gap, names in (
            (True, False, "9.9999×10⁻⁹", quality[0], 2 * SPACE, longest + 5 * SPACE),
            (False, False, "0.0000", quality[1], SPACE, least),
            (False, True, "8×10⁹", quality[2], SPACE, least),
        ):
            loss, good = column_width(metrics, sample, gap), column_width(metrics, quality_sample, SPACE)
            room = self.width() - names
            if 2 * loss + 2 * good <= room:
                break
        else:
            good = max(0, min(good, room // 4))
            loss = max(0, min(loss, (room - 2 * good) // 2))
        title = _("Accuracy, %")
        if target is not None:
            title = _("Typical error, {target}").format(target=target.name)
            if metrics.horizontalAdvance(title) > 2 * good - SPACE // 2:
                title = _("Typical error")
        return [loss, loss, good, good], (_("Loss"), title)

    def show_step(self, step: int) -> None:
        """Show the values at ``step``."""
        self._step, self._seconds = step, None
        self._show()

    def show_seconds(self, seconds: float) -> None:
        """Show the values that every racer had after so many seconds of its own steps."""
        self._seconds = seconds
        self._show()

    def _at(self, run: SurfaceRun | NetworkRun) -> int:
        """The step of ``run`` whose values are shown."""
        if self._seconds is None or not isinstance(run, NetworkRun):
            return self._step
        row = int(np.searchsorted(run.seconds, self._seconds, side="right"))
        stays = run.outcome in (Outcome.FINISHED, Outcome.STOPPED)  # for it needed no more time
        return row - 1 if row < len(run.seconds) or stays else run.count

    def _show(self) -> None:
        simulation, step = self._simulation, self._step
        if simulation is None:
            return
        if self._seconds is not None:
            text = _("After {seconds} s").format(seconds=number_text(self._seconds, 3))
            self.head.show_texts(text, "", "")
            self.table.show_rows([self._row(index, self._at(run)) for index, run in simulation.runs.items()])
            return
        step_text, epoch_text, note = _("Step {step}").format(step=whole_text(step)), "", ""
        trained = [
            run
            for run in simulation.runs.values()
            if isinstance(run, NetworkRun) and (step < run.count or run.outcome is Outcome.STOPPED)
        ]
        if trained:
            run = max(trained, key=lambda run: min(step, run.count - 1))
            epoch_text = _("Epoch {epoch}").format(epoch=f"{run.epoch[min(step, run.count - 1)]:.2f}")
            at = int(run.evaluated[run.evaluated_at(step)])
            note = _("at step {step}").format(step=whole_text(at))
        self.head.show_texts(step_text, epoch_text, note)
        self.table.show_rows([self._row(index, step) for index in simulation.runs])

    def _row(self, index: int, step: int) -> Row:
        assert self._simulation is not None
        run, name, hidden = self._simulation.runs[index], self._names[index], index in self._hidden
        values = values_at(run, step)
        if values is not None:
            if isinstance(run, SurfaceRun):
                return Row(name, (number_text(values[0], 6, zeros=True),), hidden=hidden)
            places = 2 if self._brief else 4
            digits = (5, 5, 4, 4)
            numbers = tuple(
                number_text(value, count, zeros=True) if self._exact else short(value, places)
                for value, count in zip(values, digits, strict=True)
            )
            if run.data.target is None:
                shares = (f"{100 * value:.{0 if self._brief else 1}f}" for value in values[2:])
                numbers = *numbers[:2], *shares
            note = say(run.message) if run.outcome is Outcome.STOPPED and step >= run.count else ""
            return Row(name, numbers, hidden=hidden, note=note)
        if run.outcome is Outcome.DIVERGED:
            sentence = say(run.message)
            note = _("η λ₂: the learning rate times the largest curvature") if "η λ₂" in sentence else ""
            return Row(name, sentence=sentence, hidden=hidden, note=note)
        if not isinstance(run, NetworkRun):
            return Row(name, (NONE,), hidden=hidden)
        return Row(name, (NONE,) * 4, hidden=hidden)

    def text(self) -> str:
        """The values at the step, in full precision, as tab-separated text."""
        simulation = self._simulation
        if simulation is None:
            return ""
        columns = ["loss"]
        if simulation.dataset is not None:
            quality = "accuracy" if simulation.dataset.target is None else "typical_error"
            columns = ["train_loss", "test_loss", f"train_{quality}", f"test_{quality}"]
        lines = ["\t".join(["racer", "step", *columns])]
        for index, run in simulation.runs.items():
            step, cells = self._at(run), [""] * len(columns)
            values = values_at(run, step)
            if values is not None:
                step = int(run.evaluated[run.evaluated_at(step)]) if isinstance(run, NetworkRun) else step
                cells = [repr(value) for value in values]
            lines.append("\t".join([self._names[index], str(step), *cells]))
        return "\n".join(lines) + "\n"


def _about(target: Target) -> str:
    """What the numbers of a regression are."""
    about = _("Typical error: the root mean squared error, in the units of “{target}”").format(target=target.name)
    if target.scale == Scale():
        return _("Loss: half the mean squared error") + "\n" + about
    standardised = _("Loss: half the mean squared error of standardised numbers, of mean 0 and standard deviation 1")
    return standardised + "\n" + about


def row_height(font: QFont) -> int:
    return QFontMetrics(font).height() + SPACE // 2


def short(value: float, places: int) -> str:
    """A loss in about two characters more than ``places``, its decimals at most."""
    if 0.5 * 10.0**-places <= value < 10.0 ** (places + 1):
        return f"{value:.{places}f}"[: places + 2].rstrip(".")
    return number_text(value, 1)


def column_width(metrics: QFontMetrics, sample: str, gap: int) -> int:
    """Room for numbers like ``sample`` or for the column's title, and for the gap before it."""
    return max(metrics.horizontalAdvance(text) for text in (sample, _("train"), _("test"))) + gap


def cells(area: QRect, widths: Sequence[int]) -> list[QRect]:
    """The columns of ``widths`` at the right end of a row, from left to right."""
    right = area.right() + 1 - sum(widths)
    result = []
    for width in widths:
        result.append(QRect(right, area.top(), width, area.height()))
        right += width
    return result


class Head(QWidget):
    """The line with the step; over a network's columns, their titles."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = ("", "", "")
        """The step, the epoch, and whence the values are."""
        self._color, self._muted = QColor(), QColor()
        self._first = 0
        self._widths: Sequence[int] = ()
        self._titles: Sequence[str] = ()

    def restyle(
        self, font: QFont, color: QColor, muted: QColor, first: int, widths: Sequence[int], titles: Sequence[str]
    ) -> None:
        self.setFont(font)
        self._color, self._muted, self._first, self._widths, self._titles = color, muted, first, widths, titles
        self.setFixedHeight(row_height(font) * (2 if titles else 1))
        self.update()

    def show_texts(self, step: str, epoch: str, note: str) -> None:
        texts = step, epoch, note
        if texts != self.texts:
            self.texts = texts
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        height = row_height(self.font())
        first = QRect(0, 0, self.width(), height)
        second = first.translated(0, height)
        elide = Qt.TextElideMode.ElideRight
        for place, (text, titled) in enumerate(zip(self.fitting(), (False, False, True), strict=True)):
            painter.setPen(self._muted if titled else self._color)
            line = second if titled else first
            painter.drawText(line.adjusted(self._first if place == 1 else 0, 0, 0, 0), LEFT, text)
        columns = cells(first, self._widths)
        for k, title in enumerate(self._titles):
            column = columns[2 * k].united(columns[2 * k + 1])
            painter.drawText(column, RIGHT, metrics.elidedText(title, elide, column.width() - SPACE // 2))
        for k, column in enumerate(cells(second, self._widths)):
            title = metrics.elidedText((_("train"), _("test"))[k % 2], elide, column.width())
            painter.drawText(column, RIGHT, title)

    def fitting(self) -> tuple[str, str, str]:
        """The texts as there is room for them: the epoch and whence the values are go, then the step is cut."""
        metrics = self.fontMetrics()
        step, epoch, note = self.texts
        left = self.width() - sum(self._widths)
        room = left - SPACE
        if self._titles:  # over the first two columns, at their right
            room += max(0, sum(self._widths[:2]) - metrics.horizontalAdvance(self._titles[0]))
        return (
            metrics.elidedText(step, Qt.TextElideMode.ElideRight, max(0, room)),
            epoch if self._first + metrics.horizontalAdvance(epoch) <= room else "",
            note if metrics.horizontalAdvance(note) <= left else "",
        )


class Table(QWidget):
    """The racers' rows."""

    clicked = Signal(int)
    """A row, from 0."""

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.rows: list[Row] = []
        self._icons: Sequence[QIcon] = ()
        self._size = 0
        self._widths: Sequence[int] = ()
        self._color, self._muted, self._error = QColor(), QColor(), QColor()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def restyle(
        self,
        font: QFont,
        color: QColor,
        muted: QColor,
        error: QColor,
        icons: Sequence[QIcon],
        size: int,
        widths: Sequence[int],
    ) -> None:
        self.setFont(font)
        self._color, self._muted, self._error = color, muted, error
        self._icons, self._size, self._widths = icons, size, widths
        self.setFixedHeight(row_height(font) * len(icons))
        self.update()

    def show_rows(self, rows: list[Row]) -> None:
        if rows != self.rows:
            self.rows = rows
            self.setAccessibleDescription("; ".join(" ".join((row.name, *row.values, row.sentence)) for row in rows))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics = self.fontMetrics()
        height = row_height(self.font())
        elide = Qt.TextElideMode.ElideRight
        for k, (row, icon) in enumerate(zip(self.rows, self._icons, strict=True)):
            area = QRect(0, k * height, self.width(), height)
            icon.paint(painter, QRect(0, area.top(), self._size, height))
            area.setLeft(self._size + SPACE // 2)
            painter.setPen(self._muted if row.hidden else self._color)
            if row.sentence:
                name = min(metrics.horizontalAdvance(row.name) + 2 * SPACE, area.width() // 2)
            elif self._widths:
                name = area.width() - sum(self._widths)
            else:
                name = area.width() - metrics.horizontalAdvance(row.values[0]) - SPACE
            painter.drawText(area, LEFT, metrics.elidedText(row.name, elide, name - SPACE // 2))
            if row.sentence:
                area.setLeft(area.left() + name)
                painter.setPen(self._error)
                painter.drawText(area, RIGHT, metrics.elidedText(row.sentence, elide, area.width()))
            elif self._widths:
                for cell, value in zip(cells(area, self._widths), row.values, strict=True):
                    # of a number's digits none may be missing
                    painter.drawText(cell, RIGHT, value if metrics.horizontalAdvance(value) <= cell.width() else "…")
            else:
                painter.drawText(area, RIGHT, row.values[0])

    def tip(self, place: QPoint) -> str:
        """The whole name and sentence of the row at ``place``, which may have had to be cut short."""
        row = place.y() // row_height(self.font())
        if not 0 <= row < len(self.rows):
            return ""
        words = " – ".join(text for text in (self.rows[row].name, self.rows[row].sentence, self.rows[row].note) if text)
        return (
            words + "\n" + (_("A click shows its curves") if self.rows[row].hidden else _("A click hides its curves"))
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = event.position().toPoint().y() // row_height(self.font())
        if event.button() == Qt.MouseButton.LeftButton and row < len(self.rows):
            self.clicked.emit(row)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(event.pos()), self)
            return True
        return super().event(event)
