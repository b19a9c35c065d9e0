"""The network lab's part of the panel: the data set, the network, fresh starts."""

from pathlib import Path
from typing import cast

import msgspec.inspect
from msgspec import structs
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from momentum_gui.core.datasets import DATASETS, Csv, Read
from momentum_gui.core.messages import Message
from momentum_gui.core.network import Network
from momentum_gui.core.params import Declared
from momentum_gui.core.table import Preview, PreviewJob
from momentum_gui.gui.controls import Section, adopt
from momentum_gui.gui.editors import Choice
from momentum_gui.gui.forms import Form
from momentum_gui.gui.style import SPACE
from momentum_gui.gui.table_dialog import TableDialog
from momentum_gui.gui.task import Task
from momentum_gui.i18n import _

SEEDS = 2**32
"""So many seeds there are."""
FIRST_UNITS = 8
"""Units of a first hidden layer."""
PACE = 50
"""Milliseconds between two looks at whether a table is looked through."""
SOON = 0.5
"""Seconds after which it is said that it takes its time."""
COLUMNS = 3
"""Steps in a row."""


class DataSection(Section):
    """Which data set, its parameters, and the file of the user's own."""

    proposed = Signal(object, str)
    """The edited data set and what was edited (for undo)."""
    failed = Signal(object)
    """A file can't be used: a Message."""
    noted = Signal(str)
    """What is being done; nothing any more if it is empty."""
    tasked = Signal(object)
    """A Task for the simulation thread: a large table takes half a minute to look through."""

    def __init__(self, read: Read) -> None:
        super().__init__(_("Data"))
        self._read = read
        self.dialog: TableDialog | None = None
        self._path, self._task, self._said = "", Task(lambda: None), False
        self._timer = QTimer(self)
        self._timer.setInterval(PACE)
        self._timer.timeout.connect(self._look)
        self._data: Declared | None = None
        self._form: Form | None = None
        self.kind = Choice({kind: _(kind.title) for kind in DATASETS})
        self.kind.setAccessibleName(_("Data set"))
        self.kind.changed.connect(self._change_kind)
        self.body.addWidget(self.kind)
        self.file = QPushButton(_("Open a CSV file…"))
        self.file.clicked.connect(self._choose_file)
        self.body.addWidget(self.file)
        self.columns = QPushButton(_("Choose columns…"))
        self.columns.clicked.connect(self._choose_columns)
        self.body.addWidget(self.columns)
        self.renew = QToolButton()
        self.renew.setObjectName("chip")
        self.renew.setText(_("New data"))
        self.renew.setToolTip(_("Other points of the same kind: the next data seed"))
        self.renew.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.renew.clicked.connect(self._renew)
        self.head.addWidget(self.renew)

    def show_data(self, data: Declared) -> None:
        if self._form is None or type(data) is not type(self._data):
            if self._form is not None:
                self._form.hide()
                self._form.deleteLater()
            self._form = Form(type(data))
            self._form.edited.connect(self._change_field)
            self.body.addWidget(self._form)
            self._form.setVisible(bool(self._form.editors))  # in its place: else it would be a window of its own
            self.kind.show_value(type(data))
        self._data = data
        self._form.show_value(data)
        self.file.setVisible(isinstance(data, Csv))
        self.columns.setVisible(isinstance(data, Csv))
        self.renew.setVisible(hasattr(data, "seed"))
        if isinstance(data, Csv):
            self.file.setText(Path(data.path).name or _("Open a CSV file…"))
            self.file.setToolTip(data.path)

    @Slot(object)
    def _change_kind(self, kind: type[Declared]) -> None:
        if kind is Csv:
            self._choose_file()
        elif kind is not type(self._data) and self._data is not None:
            self.proposed.emit(adopt(kind, self._data), "data")

    def _change_field(self, name: str, value: object) -> None:
        assert self._data is not None
        self.proposed.emit(structs.replace(self._data, **{name: value}), f"data.{name}")

    @Slot()
    def _choose_file(self) -> None:
        """Ask for a file; without one, everything stays as it was."""
        assert self._data is not None
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Open a CSV file"), "", _("Tables") + " (*.csv *.tsv *.txt);;" + _("All files") + " (*)"
        )
        self.kind.show_value(type(self._data))
        if name:
            self.open_table(name)

    @Slot()
    def _choose_columns(self) -> None:
        assert isinstance(self._data, Csv)
        self.open_table(self._data.path)

    def open_table(self, path: str) -> None:
        """Look through the table at ``path``, then ask what to learn from it; a fault is told, nothing is changed."""
        self._task.cancel()
        self._path, self._task = path, Task(lambda: PreviewJob(self._read(path)))
        self.tasked.emit(self._task)
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        """Ask, as soon as the table is looked through."""
        if not self._task.ended:
            if self._task.passed > SOON:
                self._said = True
                self.noted.emit(_("Looking through {file} …").format(file=Path(self._path).name))
            return
        self._timer.stop()
        if self._said:
            self._said = False
            self.noted.emit("")
        fault, job = self._task.failure, self._task.job
        if fault is not None:
            text = "{fault}" if self._path in str(fault) else "{file}: {fault}"
            self.failed.emit(Message(text, {"file": self._path, "fault": fault}))
        elif job is not None and job.done:
            self._ask(self._path, job.preview())

    def _ask(self, path: str, content: Preview) -> None:
        """Ask what to learn from the table at ``path``."""
        assert self._data is not None
        known = isinstance(self._data, Csv) and self._data.path == path
        kept = {name: getattr(self._data, name) for name in ("seed", "test_fraction") if hasattr(self._data, name)}
        before = self._data if known else Csv(path=path, **kept)
        assert isinstance(before, Csv)
        self.dialog = TableDialog(content, before, known, self.window())
        self.dialog.chosen.connect(lambda data: self.proposed.emit(data, "data.path"))
        self.dialog.open()

    @Slot()
    def _renew(self) -> None:
        assert self._data is not None
        seed = getattr(self._data, "seed", 0)
        self.proposed.emit(structs.replace(self._data, seed=(seed + 1) % SEEDS), "data.renew")


class NetworkSection(Section):
    """The network's architecture and how its minibatches are made."""

    proposed = Signal(object, str)
    """The edited network and what was edited (for undo)."""

    def __init__(self) -> None:
        super().__init__(_("Network"))
        self._network: Network | None = None
        self.layers = LayerSteps()
        self.layers.changed.connect(lambda hidden: self._change_field("hidden", hidden))
        self.body.addWidget(self.layers)
        self._form = Form(Network)
        self._form.edited.connect(self._change_field)
        self.body.addWidget(self._form)

    def show_network(self, network: Network) -> None:
        self._network = network
        self._form.show_value(network)
        loss = cast(Choice, self._form.editors["loss"])
        loss.setEnabled(not network.data.regression)
        if network.data.regression:  # which always takes this one, whatever classes would take
            loss.show_value("squared_error")
        self.layers.show_value(network.hidden)

    def _change_field(self, name: str, value: object) -> None:
        assert self._network is not None
        self.proposed.emit(structs.replace(self._network, **{name: value}), f"objective.{name}")


def limits() -> tuple[int, int]:
    """How many hidden layers a network may have, and how many units each, as it declares them."""
    info = msgspec.inspect.type_info(Network)
    assert isinstance(info, msgspec.inspect.StructType)
    declared = next(field.type for field in info.fields if field.name == "hidden")
    assert isinstance(declared, msgspec.inspect.Metadata)
    assert isinstance(declared.type, msgspec.inspect.VarTupleType)
    units = declared.type.item_type
    assert isinstance(units, msgspec.inspect.IntType)
    assert declared.type.max_length is not None
    assert units.le is not None
    return declared.type.max_length, units.le


def step_button(text: str, tip: str) -> QToolButton:
    """A small button that repeats while it is held."""
    button = QToolButton()
    button.setObjectName("step")
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setAutoRepeat(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class LayerSteps(QWidget):
    """Hidden layers and the units of each, one more or one fewer at a press."""

    changed = Signal(object)
    """The units of every hidden layer as they should be."""

    def __init__(self) -> None:
        super().__init__()
        self._hidden: tuple[int, ...] = ()
        self._most_layers, self._most_units = limits()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE * 3 // 2)
        self._grid.setVerticalSpacing(SPACE // 2)
        self._grid.setColumnStretch(COLUMNS, 1)
        self.layers = Steps(_("One hidden layer fewer"), _("One hidden layer more"))
        self.layers.stepped.connect(self._step_layers)
        self.units: list[Steps] = []
        self._grid.addWidget(self.layers, 0, 0, Qt.AlignmentFlag.AlignLeft)

    def show_value(self, hidden: tuple[int, ...]) -> None:
        """Show the units of every hidden layer; nobody is told."""
        self._hidden = hidden
        count = len(hidden)
        layers = _("1 layer") if count == 1 else _("{count} layers").format(count=count)
        self.layers.show_value(layers, count > 0, count < self._most_layers)
        while len(self.units) < count:
            place = len(self.units)
            tips = (_("Fewer units in layer {layer}"), _("More units in layer {layer}"))
            steps = Steps(*(tip.format(layer=place + 1) for tip in tips))
            steps.stepped.connect(lambda way, place=place: self._step_units(place, way))
            self.units.append(steps)
            self._grid.addWidget(steps, *divmod(place + 1, COLUMNS), Qt.AlignmentFlag.AlignLeft)
        for place, steps in enumerate(self.units):
            steps.setVisible(place < count)
            if place < count:
                units = hidden[place]
                steps.show_value(str(units), units > 1, units < self._most_units)

    def _step_layers(self, way: int) -> None:
        hidden = self._hidden
        self.changed.emit((*hidden, hidden[-1] if hidden else FIRST_UNITS) if way > 0 else hidden[:-1])

    def _step_units(self, place: int, way: int) -> None:
        hidden = self._hidden
        units = min(self._most_units, max(1, next_units(hidden[place], way)))
        self.changed.emit((*hidden[:place], units, *hidden[place + 1 :]))


def next_units(units: int, way: int) -> int:
    """The next number of units up (1) or down (-1): by ones up to 10, by twos up to 20, by tenths of it beyond."""
    size = max(1, (units if way > 0 else units - 1) // 10)
    return units + way * size


class Steps(QWidget):
    """A text between a button that takes away and one that adds."""

    stepped = Signal(int)
    """-1 or 1."""

    def __init__(self, fewer: str, more: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        self.fewer, self.more = step_button("−", fewer), step_button("+", more)
        self.label = QLabel()
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for widget, way in ((self.fewer, -1), (self.more, 1)):
            widget.clicked.connect(lambda _checked=False, way=way: self.stepped.emit(way))
        row.addWidget(self.fewer)
        row.addWidget(self.label)
        row.addWidget(self.more)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """Buttons as high as a line, and room for any number between them."""
        metrics, text = self.fontMetrics(), self.label.text()
        self.label.setMinimumWidth(metrics.horizontalAdvance("000" if text.isdigit() else text))
        for button in (self.fewer, self.more):
            button.setFixedSize(metrics.height() + SPACE // 4, metrics.height() + SPACE // 4)

    def show_value(self, text: str, fewer: bool, more: bool) -> None:
        self.label.setText(text)
        self._fit()
        self.fewer.setEnabled(fewer)
        self.more.setEnabled(more)


class Restart(QWidget):
    """Two ways to train again: from the same weights, or from others."""

    same_wanted = Signal()
    other_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        self.same, self.other = QPushButton(_("Same weights again")), QPushButton(_("New seed"))
        self.same.setToolTip(_("Back to step 0: the same initial weights and minibatches"))
        self.other.setToolTip(_("The next seed: other initial weights and minibatches, the same for every racer"))
        for button, signal in ((self.same, self.same_wanted), (self.other, self.other_wanted)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch(1)
