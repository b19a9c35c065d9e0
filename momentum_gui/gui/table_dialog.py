"""What is in a table of the user's, and the choice of what to learn from it."""

from pathlib import Path

from msgspec import structs
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from momentum_gui.core.datasets import MAX_CLASSES, Csv
from momentum_gui.core.table import COUNTED, Column, Preview
from momentum_gui.gui.editors import Choice
from momentum_gui.gui.style import SPACE
from momentum_gui.gui.ticks import whole_text
from momentum_gui.i18n import _

NUMBERS = (2, 3)
"""Which columns of the dialog's own table hold numbers."""
FEW = 20
"""A column of numbers with up to so many different ones is taken for classes at first."""
EXAMPLES = 4
"""So many of the first rows' values are shown."""


class TableDialog(QDialog):
    """A table's columns with their kind, what they lack and first values; which one to predict, and from which."""

    chosen = Signal(object)
    """The Csv as it should be."""

    def __init__(self, content: Preview, data: Csv, known: bool, parent: QWidget) -> None:
        """``known`` says that the choices of ``data`` were made for this table."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._content, self._data = content, data
        self.setWindowTitle(_("Learn from {file}").format(file=Path(data.path).name))
        columns = content.columns
        text = _("{rows} rows, {columns} columns; rows that lack a value: {incomplete}")
        counts = {"rows": content.rows, "columns": len(columns), "incomplete": content.incomplete}
        summary = QLabel(text.format(**{name: whole_text(count) for name, count in counts.items()}))
        summary.setObjectName("muted")
        label = self._place(data.label) if known else len(columns) - 1
        self.label = Choice({place: column.name for place, column in enumerate(columns)})
        self.label.show_value(label)
        self.label.changed.connect(self._change_label)
        self.task = Choice({"classification": _("classes"), "regression": _("a number")})
        self.task.changed.connect(self._judge)
        form = QFormLayout()
        form.setHorizontalSpacing(2 * SPACE)
        form.addRow(_("Column to predict"), self.label)
        form.addRow(_("It holds"), self.task)
        self.table = self._make_table()
        self.drop = QCheckBox(_("Leave out rows that lack a value"))
        self.drop.setChecked(known and data.missing == "drop")
        self.drop.toggled.connect(self._judge)
        self.fault = QLabel()
        self.fault.setObjectName("error")
        self.fault.setWordWrap(True)
        box = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(box.Ok | box.Cancel)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        column.setSpacing(SPACE)
        for part in (summary, form, self.table, self.drop, self.fault, self.buttons):
            column.addLayout(part) if isinstance(part, QFormLayout) else column.addWidget(part)
        self.resize(92 * SPACE, 64 * SPACE)
        features = [self._place(each) for each in data.features] if known else []
        for place in range(len(columns)):
            self._check(place, place in features if features else self._usable(place))
        self._guess_task(data.task if known else "")
        self._judge()

    def _make_table(self) -> QTableWidget:
        columns = self._content.columns
        titles = (_("Predict from"), _("Kind"), _("Missing"), _("Different"), _("First values"))
        left, right = (
            side | Qt.AlignmentFlag.AlignVCenter for side in (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
        )
        table = QTableWidget(len(columns), len(titles))
        for place, title in enumerate(titles):
            item = QTableWidgetItem(title)
            item.setTextAlignment(right if place in NUMBERS else left)
            table.setHorizontalHeaderItem(place, item)
        table.verticalHeader().hide()
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setAccessibleName(_("Columns of the table"))
        for place, column in enumerate(columns):
            kind = _("numbers") if column.kind == "numeric" else _("words")
            many = whole_text(column.distinct) + ("+" if column.distinct >= COUNTED else "")
            examples = ",  ".join(row[place] or "–" for row in self._content.first[:EXAMPLES])
            for k, text in enumerate((column.name, kind, whole_text(column.missing), many, examples)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if k in NUMBERS:
                    item.setTextAlignment(right)
                table.setItem(place, k, item)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        table.itemChanged.connect(self._judge)
        return table

    def _place(self, column: str | int) -> int:
        """The place of a column by its name or number; the last if there is none."""
        names = [each.name for each in self._content.columns]
        if column in names:
            return names.index(str(column))
        try:
            return range(len(names))[int(column)]
        except (ValueError, IndexError):
            return len(names) - 1

    def _column(self, place: int) -> str | int:
        """What to call a column: its name, or its number where the name would not find it."""
        names = [each.name for each in self._content.columns]
        name = names[place]
        return name if names.count(name) == 1 and name and not name.lstrip("-").isdigit() else place

    @property
    def _label(self) -> Column:
        return self._content.columns[self.label.currentData()]

    def _usable(self, place: int) -> bool:
        return self._content.columns[place].kind == "numeric" and place != self.label.currentData()

    def features(self) -> list[int]:
        """The places of the columns to predict from."""
        checked = Qt.CheckState.Checked
        return [
            place
            for place in range(len(self._content.columns))
            if self._usable(place) and self.tick(place).checkState() == checked
        ]

    def tick(self, place: int) -> QTableWidgetItem:
        """The cell with a column's tick and name."""
        item = self.table.item(place, 0)
        assert item is not None
        return item

    def _check(self, place: int, wanted: bool) -> None:
        """Tick a column, or not; words and the column to predict can't be."""
        # The model's, not the table's own: at each of them the view would measure all rows anew.
        self.table.model().blockSignals(True)
        item = self.tick(place)
        usable = self._usable(place)
        item.setCheckState(Qt.CheckState.Checked if wanted and usable else Qt.CheckState.Unchecked)
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable
        item.setFlags(flags if usable else Qt.ItemFlag.NoItemFlags)
        tip = _("This column is predicted.") if place == self.label.currentData() else _("Words can't be used.")
        item.setToolTip(item.text() if usable else tip)
        self.table.model().blockSignals(False)
        self.table.viewport().update()

    def _guess_task(self, task: str) -> None:
        """Numbers that are many, or not whole, are predicted as numbers, unless ``task`` says something else."""
        numbers, label = self._label.kind == "numeric", self._label
        self.task.setEnabled(numbers)
        guess = "regression" if numbers and (label.distinct > FEW or not label.whole) else "classification"
        self.task.show_value(task if task and numbers else guess)

    @Slot()
    def _change_label(self, *_changed: object) -> None:
        before = self.features()
        freed = self._predicted
        for place in range(len(self._content.columns)):
            self._check(place, place in before or place == freed)
        self._guess_task("")
        self._judge()

    @Slot()
    def _judge(self, *_changed: object) -> None:
        """Say what is missing before the table can be used."""
        self._predicted = self.label.currentData()
        features, label = self.features(), self._label
        used = [self._content.columns[place] for place in features]
        lacking = [column for column in (*used, label) if column.missing]
        self.drop.setEnabled(bool(lacking))
        fault = ""
        if not features:
            fault = _("Tick at least one column of numbers to predict from.")
        elif self.task.currentData() == "classification" and not 2 <= label.distinct <= MAX_CLASSES:
            text = _("Column “{column}” holds {count} classes; allowed are 2 to {limit}.")
            fault = text.format(column=label.name, count=whole_text(label.distinct), limit=MAX_CLASSES)
        elif lacking and not self.drop.isChecked():
            names = ", ".join(column.name for column in lacking[:3]) + (" …" if len(lacking) > 3 else "")
            text = _("Values are missing in {columns}: leave out those rows, or do without these columns.")
            fault = text.format(columns=names)
        self.fault.setText(fault)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not fault)

    @property
    def data(self) -> Csv:
        """The table with the choices made."""
        label, features = self.label.currentData(), self.features()
        everything = len(features) == len(self._content.columns) - 1
        return structs.replace(
            self._data,
            label=self._column(label),
            task=self.task.currentData(),
            features=() if everything else tuple(self._column(place) for place in features),
            missing="drop" if self.drop.isEnabled() and self.drop.isChecked() else "refuse",
        )

    @Slot()
    def _accept(self) -> None:
        self.chosen.emit(self.data)
        self.accept()
