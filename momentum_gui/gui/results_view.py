"""The results of all racers in a table, pinned ones included: to sort, to copy, to compare."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QColor, QFontMetrics, QGuiApplication, QIcon, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.results import TOLERANCE, NetworkResults, Results, network_results, results
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.editors import NumberEdit
from momentum_gui.gui.ghosts import pinned_runs
from momentum_gui.gui.markers import marker_icon
from momentum_gui.gui.readout import figures
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.i18n import _, say

PACE = 0.5
"""Seconds between two looks at runs that grow."""
DIGITS = 3
NONE = "–"
MOST_ROWS = 8
"""More rows than these are scrolled."""
ROLE = Qt.ItemDataRole
MARKER = ROLE.UserRole
"""The icon of a racer, for ``Names`` to paint."""
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """A column: its title, what it means, how to find its value, and how wide its numbers are."""

    title: str
    about: str
    value: Callable[[Any], float | int | str | None]
    sample: str
    share: bool = False
    digits: int = DIGITS

    def text(self, value: float | int | str | None) -> str:
        """What the table shows; the exact value is in the tooltip and in what is copied."""
        match value:
            case None:
                return NONE
            case int():
                return whole_text(value)
            case float() if self.share:
                return f"{100 * value:.1f} %"
            case float():
                return number_text(value, self.digits, zeros=self.digits > DIGITS)
            case _:
                return value


def surface_columns() -> tuple[Column, ...]:
    return (
        Column(_("Steps"), _("Steps until the loss comes within the tolerance"), lambda row: row.steps_to_tolerance,
               "0 000"),
        Column(_("Final loss"), _("Loss at the last step"), lambda row: row.final_loss, "0.00×10⁻⁰⁰"),
        Column(_("Rate"), _("What is left of the error after each step, measured on the second half of the run"),
               lambda row: row.rate.rate if row.rate is not None else None, "0.0000", digits=4),
        Column(_("Length"), _("Length of the path: the sum of all its steps"), lambda row: row.path_length, "00.00"),
        Column(_("Outcome"), _("How the run ended"), outcome, "converged"),
    )  # fmt: skip


def network_columns(regression: bool) -> tuple[Column, ...]:
    final = (
        Column(_("Test loss"), _("Loss on the test set at the end"), lambda row: row.test_loss, "0.0000"),
        Column(_("Train loss"), _("Loss on the training set at the end"), lambda row: row.train_loss, "0.0000"),
    )
    end = Column(_("Outcome"), _("How the run ended"), outcome, "finished")
    if regression:
        about = _("Typical error on the test set at the end: the root mean squared error, in the target's own units")
        of_training = _("The same on the training set")
        return (
            Column(_("Test error"), about, lambda row: row.test_error, "0.000×10⁰", digits=4),
            Column(_("Train error"), of_training, lambda row: row.train_error, "0.000×10⁰", digits=4),
            *final,
            Column(_("Best loss"), _("Lowest loss on the test set"), lambda row: row.best_test_loss, "0.0000"),
            Column(_("At step"), _("The first step with it"), lambda row: row.best_step, "0 000"),
            end,
        )
    return (
        Column(_("Test acc."), _("Accuracy on the test set at the end"), lambda row: row.test_accuracy, "00.0 %", True),
        Column(_("Best acc."), _("Best accuracy on the test set"), lambda row: row.best_test_accuracy, "00.0 %", True),
        Column(_("At step"), _("The first step with it"), lambda row: row.best_step, "0 000"),
        *final,
        Column(
            _("Train acc."), _("Accuracy on the training set at the end"), lambda row: row.train_accuracy, "0.0 %", True
        ),
        end,
    )


def outcome(row: Results | NetworkResults) -> str:
    return say(row.outcome)


@dataclass
class Line:
    """A racer in the table: its name, its run, and its results as soon as they are there."""

    name: str
    icon: QIcon
    run: SurfaceRun | NetworkRun
    values: tuple[float | int | str | None, ...] = ()
    known: tuple[int, float] | None = None
    """How far the run had come, and the tolerance, when the values were found."""


class ResultsModel(QAbstractTableModel):
    """The lines in the order chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.lines: list[Line] = []
        self.error = QColor()
        self._original: list[Line] = []
        self._sorted: tuple[int, Qt.SortOrder] = (-1, Qt.SortOrder.AscendingOrder)

    def show_lines(self, columns: tuple[Column, ...], lines: list[Line]) -> None:
        self.beginResetModel()
        self.columns, self._original = columns, lines
        self._arrange()
        self.endResetModel()

    def update_line(self, line: Line, values: tuple[float | int | str | None, ...]) -> None:
        """Take the new ``values`` of ``line``, and keep the order."""
        if values == line.values:
            return
        line.values = values
        self.layoutAboutToBeChanged.emit()
        self._arrange()
        self.layoutChanged.emit()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """By a column, what is not known last; column -1: as the racers stand in the list."""
        self.layoutAboutToBeChanged.emit()
        self._sorted = column, order
        self._arrange()
        self.layoutChanged.emit()

    def _arrange(self) -> None:
        column, order = self._sorted
        self.lines = list(self._original)
        if 0 <= column < len(self.columns):
            known = [line for line in self.lines if line.values and line.values[column] is not None]
            unknown = [line for line in self.lines if line not in known]
            known.sort(key=lambda line: cast(Any, line.values[column]), reverse=order == Qt.SortOrder.DescendingOrder)
            self.lines = known + unknown

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        line, column = self.lines[index.row()], self.columns[index.column()]
        value = line.values[index.column()] if line.values else None
        words = isinstance(value, str)
        match role:
            case ROLE.DisplayRole:
                return column.text(value)
            case ROLE.ToolTipRole:
                return value if words else exact(value)
            case ROLE.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignVCenter | (
                    Qt.AlignmentFlag.AlignLeft if words else Qt.AlignmentFlag.AlignRight
                )
            case ROLE.ForegroundRole if words and line.run.outcome is Outcome.DIVERGED:
                return self.error
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> Any:  # noqa: N802
        if orientation == Qt.Orientation.Horizontal:
            column = self.columns[section]
            left = section == len(self.columns) - 1  # the sentence; the others are numbers
            side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
            values = {
                ROLE.DisplayRole: column.title,
                ROLE.ToolTipRole: column.about,
                ROLE.TextAlignmentRole: side | Qt.AlignmentFlag.AlignVCenter,
            }
            return values.get(ROLE(role))
        line = self.lines[section]
        values = {ROLE.DisplayRole: line.name, MARKER: line.icon, ROLE.ToolTipRole: line.name}
        return values.get(ROLE(role))

    def text(self) -> str:
        """The table with all digits, its columns separated by tabs."""
        rows = [[_("Racer"), *(column.title for column in self.columns)]]
        rows += [[line.name, *(exact(value) for value in line.values)] for line in self.lines]
        return "\n".join("\t".join(row) for row in rows) + "\n"


def exact(value: float | int | str | None) -> str:
    """A value with all its digits."""
    return "" if value is None else value if isinstance(value, str) else repr(value)


class Names(QHeaderView):
    """The racers' names, each behind its marker, which grows with the text.

    WORKAROUND: a header's own icons have the style's small size, whatever the size of its text.
    """

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHighlightSections(False)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.side = 0

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:  # noqa: N802
        painter.save()
        super().paintSection(painter, rect, section)
        painter.restore()
        marker = self.model().headerData(section, self.orientation(), MARKER)
        marker.paint(painter, QRect(rect.left(), rect.center().y() - self.side // 2, self.side, self.side))


class ResultsView(QWidget):
    """What every run has come to. It is looked at when runs end, or twice a second while they grow.

    What takes long is asked from the owner by ``asked``, a key and a callable; it brings ``answer(key, result)``.
    """

    asked = Signal(object, object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._pinned: Simulation | None = None
        self._tolerance = TOLERANCE
        self._looked = 0.0
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._ask)
        self.model = ResultsModel()
        self._tolerance_label = QLabel(_("Tolerance"))
        hint = _("How near to the lowest minimum a loss must come to count as there.")
        self._tolerance_label.setToolTip(hint)
        self.tolerance = NumberEdit(False, lambda value: 0 < value <= 1e6, _("more than 0, at most a million"))
        self.tolerance.setAccessibleName(_("Tolerance"))
        self.tolerance.setAccessibleDescription(hint)
        self.tolerance.show_value(TOLERANCE)
        self.tolerance.changed.connect(self._choose_tolerance)
        copy = QAction(_("Copy the table"), self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.setToolTip(_("Copy the table with all digits, for a spreadsheet (Ctrl+C)"))
        copy.triggered.connect(self.copy)
        self.addAction(copy)
        self.copy_button = QToolButton()
        self.copy_button.setObjectName("since")
        self.copy_button.setDefaultAction(copy)
        self.copy_button.setText(_("Copy"))
        self.copy_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        head = QHBoxLayout()
        head.addWidget(self._tolerance_label)
        head.addWidget(self.tolerance)
        head.addStretch(1)
        head.addWidget(self.copy_button)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(_("Results of the racers"))
        self.table.setShowGrid(False)
        self.table.setFrameShape(QTableView.Shape.NoFrame)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setCornerButtonEnabled(False)
        self.table.setWordWrap(False)
        self.table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._names = Names()
        self.table.setVerticalHeader(self._names)
        top = self.table.horizontalHeader()
        top.setSectionsClickable(True)
        top.setHighlightSections(False)
        top.setSortIndicatorClearable(True)
        top.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        top.setStretchLastSection(True)
        self.table.setSortingEnabled(True)
        self.empty = QLabel(_("No racer is switched on."))
        self.empty.setObjectName("muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addWidget(self.table)
        column.addWidget(self.empty)
        look.changed.connect(self.restyle)
        self.restyle()

    def show_simulation(self, simulation: Simulation) -> None:
        """Show another simulation, whose runs may still grow."""
        self._simulation = simulation
        self._show_lines()

    def show_step(self, step: int) -> None:
        """Look how far the runs have come, if it is time."""
        simulation = self._simulation
        if simulation is None or all(self._is_known(line) for line in self.model.lines):
            return
        wait = self._looked + PACE - time.monotonic()
        if simulation.done or wait <= 0:
            self._ask()
        elif not self._late.isActive():
            self._late.start(max(1, round(1000 * wait)))

    @Slot(object)
    def show_pinned(self, simulation: Simulation | None) -> None:
        """List the runs of this simulation below, too; None for none."""
        self._pinned = simulation
        if self.isVisible():
            self._show_lines()

    @Slot()
    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.model.text())

    @Slot(object)
    def _choose_tolerance(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._ask()

    def _show_lines(self) -> None:
        """A line for every run; results that are known already are kept."""
        if self._simulation is None:
            return
        known = {id(line.run): line for line in self.model.lines}
        size = self._names.side
        lines = []
        for simulation, pinned in ((self._simulation, False), (self._pinned, True)):
            names = simulation.labels(_) if simulation is not None else {}
            runs = pinned_runs(simulation) if pinned or simulation is None else simulation.runs
            for index, run in runs.items():
                color = racer_color(index, run.optimizer.color, self._look.theme)
                symbol = marker_icon(index, color, self._look.theme, size, filled=not pinned)
                name = _("{racer} (pinned)").format(racer=names[index]) if pinned else names[index]
                before = known.get(id(run))
                kept = (before.values, before.known) if before is not None else ((), None)
                lines.append(Line(name, symbol, run, *kept))
        data = self._simulation.dataset
        network = data is not None
        for widget in (self._tolerance_label, self.tolerance):
            widget.setVisible(not network)
        columns = surface_columns() if data is None else network_columns(regression=not data.classes)
        self.model.show_lines(columns, lines)
        self.table.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        self._arrange()
        self._ask()

    def _is_known(self, line: Line) -> bool:
        return line.known == (line.run.count + line.run.done, self._tolerance)

    @Slot()
    def _ask(self) -> None:
        """Ask for the results that are missing or old, a racer at a time."""
        self._looked = time.monotonic()
        for line in self.model.lines:
            if not self._is_known(line):
                run, known = line.run, (line.run.count + line.run.done, self._tolerance)
                job = (
                    partial(results, run, self._tolerance)
                    if isinstance(run, SurfaceRun)
                    else partial(network_results, run)
                )
                self.asked.emit((self, run, known), job)

    @Slot(object, object)
    def answer(self, key: object, result: object) -> None:
        """The result of the job with this ``key``; others' are left alone."""
        if not (isinstance(key, tuple) and key[0] is self and isinstance(result, Results | NetworkResults)):
            return
        _view, run, known = key
        for line in list(self.model.lines):
            if line.run is run and known[1] == self._tolerance:
                line.known = known
                self.model.update_line(line, tuple(column.value(result) for column in self.model.columns))

    @Slot()
    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        self._names.side = round(look.points() * 1.6)
        left = self._names.side + SPACE // 2
        self.model.error = QColor(theme.error)
        self.table.setFont(figures(look.font()))
        self.table.setStyleSheet(
            f"QTableView, QHeaderView, QHeaderView::section {{ background: {theme.panel}; color: {theme.text}; }}"
            f"QHeaderView::section {{ border: 0; border-bottom: 1px solid {theme.line}; padding: 2px 4px; }}"
            f"QHeaderView::section:horizontal {{ color: {theme.muted}; }}"
            f"QHeaderView::section:vertical {{ border: 0; padding: 0 {SPACE}px 0 {left}px; }}"
            f"QTableCornerButton::section {{ background: {theme.panel}; border: 0;"
            f" border-bottom: 1px solid {theme.line}; }}"
        )
        if self.isVisible():
            self._show_lines()

    def _arrange(self) -> None:
        """Columns as wide as their numbers may become, so that nothing moves while they change."""
        font = figures(self._look.font())
        metrics = QFontMetrics(font)
        top = self.table.horizontalHeader()
        for place, column in enumerate(self.model.columns):
            widest = max(metrics.horizontalAdvance(text) for text in (column.title, column.sample))
            self.table.setColumnWidth(place, widest + SPACE + 2)
        height = metrics.height() + SPACE
        self._names.setDefaultSectionSize(height)
        rows = min(MOST_ROWS, max(1, len(self.model.lines)))
        bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(rows * height + top.sizeHint().height() + bar + 2)
        self.tolerance.setFixedWidth(metrics.horizontalAdvance("0.0000001") + 2 * SPACE)
