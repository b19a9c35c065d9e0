"""What a person takes home from a lab: its picture, and every step of its run."""

import io
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRunnable, Qt, QThreadPool, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QImage, QImageWriter, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from momentum_gui.core.messages import N_, InputError, Message
from momentum_gui.core.simulation import Simulation
from momentum_gui.export import write_csv
from momentum_gui.files import replacing
from momentum_gui.gui.lab import Lab
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.still import still
from momentum_gui.i18n import _, say


class TakeHome(QMenu):
    """The menu for it. ``lab`` gives the lab that is shown, None while there is none."""

    def __init__(self, window: QWidget, settings: Settings, lab: Callable[[], Lab | None]) -> None:
        super().__init__(window)
        self._settings = settings
        self._lab = lab
        self._writer = Writer(self)
        self._writer.written.connect(self._tell)
        self.copy_picture = self._add(_("Copy the picture"), "Ctrl+Shift+C", self._copy_picture)
        self.save_picture = self._add(_("Save the picture…"), "Ctrl+P", self._save_picture)
        self.save_window = self._add(_("Save the whole window as a picture…"), "", self._save_window)
        self.addSeparator()
        self.save_run = self._add(_("Save every step as CSV…"), "Ctrl+E", self._save_run)
        window.addActions(self.actions())

    def _add(self, text: str, keys: str, slot: Callable[[], None]) -> QAction:
        action = self.addAction(text)
        if keys:
            action.setShortcut(QKeySequence(keys))
        action.triggered.connect(slot)
        return action

    # ---- pictures

    @Slot()
    def _copy_picture(self) -> None:
        lab = self._lab()
        if lab is not None:
            QGuiApplication.clipboard().setImage(still(lab))
            lab.banner.show_note(_("The picture is on the clipboard."))

    @Slot()
    def _save_picture(self) -> None:
        lab = self._lab()
        if lab is not None:
            self._ask_and_write(_("Save the picture"), "momentum.png", "PNG (*.png)", picture_writer(still(lab)))

    @Slot()
    def _save_window(self) -> None:
        lab = self._lab()
        if lab is not None:
            picture = lab.window().grab().toImage()  # a pixmap belongs to the window's thread
            self._ask_and_write(_("Save the picture"), "momentum.png", "PNG (*.png)", picture_writer(picture))

    # ---- the run

    @Slot()
    def _save_run(self) -> None:
        lab = self._lab()
        if lab is None or lab.simulation is None:
            return
        if not lab.simulation.runs:
            lab.banner.show_text(_("No racer is switched on."))
            return
        self._ask_and_write(_("Save every step"), "momentum.csv", "CSV (*.csv)", run_writer(lab.simulation))

    # ---- writing

    def _ask_and_write(self, title: str, name: str, kinds: str, data: Callable[[], bytes]) -> None:
        start = str(Path(self._settings.get("folder", "")) / name)
        chosen, _filter = QFileDialog.getSaveFileName(self.parentWidget(), title, start, kinds)
        if chosen:
            path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(Path(name).suffix)
            self._settings.set("folder", str(path.parent))
            self.write(path, data)

    def write(self, path: Path, data: Callable[[], bytes]) -> None:
        """Write ``data()`` to ``path`` in the background; a sentence above the picture says how it went."""
        lab = self._lab()
        if lab is not None:
            lab.banner.show_note(_("Writing {file} …").format(file=path.name))
        self._writer.write(path, data)

    @Slot(object, bool)
    def _tell(self, message: Message, good: bool) -> None:
        lab = self._lab()
        if lab is None:
            return
        if good:
            lab.banner.show_note(say(message))
        else:
            lab.banner.show_text(say(message))


def picture_writer(picture: QImage) -> Callable[[], bytes]:
    """What gives ``picture`` as a PNG file."""

    def data() -> bytes:
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(picture)
        return bytes(buffer.data().data())

    return data


def run_writer(simulation: Simulation) -> Callable[[], bytes]:
    """What gives every row of ``simulation`` so far as a CSV file."""

    def data() -> bytes:
        text = io.StringIO(newline="")
        write_csv(simulation, text)
        return text.getvalue().encode()

    return data


class Writer(QObject):
    """Writes files one after another on a thread of their own, so that the window goes on."""

    written = Signal(object, bool)
    """What happened, a Message, and whether it is good."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)  # which waits, when it goes, for what is being written
        self._pool.setMaxThreadCount(1)

    def write(self, path: Path, data: Callable[[], bytes]) -> None:
        job = _Job(path, data)
        job.signals.done.connect(self.written, Qt.ConnectionType.QueuedConnection)
        self._pool.start(job)

    def wait(self) -> None:
        """Wait until everything is written."""
        self._pool.waitForDone()


class _Signals(QObject):
    done = Signal(object, bool)


class _Job(QRunnable):
    def __init__(self, path: Path, data: Callable[[], bytes]) -> None:
        super().__init__()
        self._path, self._data = path, data
        self.signals = _Signals()

    def run(self) -> None:
        try:
            content = self._data()
            with replacing(self._path) as file:
                file.write(content)
        except InputError as error:
            self.signals.done.emit(error.message, False)
        except MemoryError:
            self.signals.done.emit(Message(N_("There is not enough memory to write that many steps.")), False)
        else:
            self.signals.done.emit(Message(N_("{file} is written."), {"file": str(self._path)}), True)
