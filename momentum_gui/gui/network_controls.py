"""The network lab's part of the panel: the data set and the network."""

from pathlib import Path

from msgspec import structs
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QPushButton

from momentum_gui.core.datasets import DATASETS, Csv
from momentum_gui.core.network import Network
from momentum_gui.core.params import Declared
from momentum_gui.gui.controls import Section, adopt
from momentum_gui.gui.editors import Choice
from momentum_gui.gui.forms import Form
from momentum_gui.i18n import _


class DataSection(Section):
    """Which data set, its parameters, and the file of the user's own."""

    proposed = Signal(object, str)
    """The edited data set and what was edited (for undo)."""

    def __init__(self) -> None:
        super().__init__(_("Data"))
        self._data: Declared | None = None
        self._form: Form | None = None
        self.kind = Choice({kind: _(kind.title) for kind in DATASETS})
        self.kind.setAccessibleName(_("Data set"))
        self.kind.changed.connect(self._change_kind)
        self.body.addWidget(self.kind)
        self.file = QPushButton(_("Open a CSV file…"))
        self.file.clicked.connect(self._choose_file)
        self.body.addWidget(self.file)

    def show_data(self, data: Declared) -> None:
        if self._form is None or type(data) is not type(self._data):
            if self._form is not None:
                self._form.hide()
                self._form.deleteLater()
            self._form = Form(type(data))
            self._form.edited.connect(self._change_field)
            self._form.setVisible(bool(self._form.editors))
            self.body.addWidget(self._form)
            self.kind.show_value(type(data))
        self._data = data
        self._form.show_value(data)
        self.file.setVisible(isinstance(data, Csv))
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
        if name:
            self.open_table(name)
        else:
            self.kind.show_value(type(self._data))

    def open_table(self, path: str) -> None:
        """Learn from the table in the file ``path``."""
        assert self._data is not None
        self.proposed.emit(adopt(Csv, self._data, path=path), "data.path")


class NetworkSection(Section):
    """The network's architecture and how its minibatches are made."""

    proposed = Signal(object, str)
    """The edited network and what was edited (for undo)."""

    def __init__(self) -> None:
        super().__init__(_("Network"))
        self._network: Network | None = None
        self._form = Form(Network)
        self._form.edited.connect(self._change_field)
        self.body.addWidget(self._form)

    def show_network(self, network: Network) -> None:
        self._network = network
        self._form.show_value(network)

    def _change_field(self, name: str, value: object) -> None:
        assert self._network is not None
        self.proposed.emit(structs.replace(self._network, **{name: value}), f"objective.{name}")
