"""The last resort for errors that nobody foresaw: the experiment kept, the error logged, one sentence said."""

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from momentum_gui.gui.window import Window
from momentum_gui.i18n import _

LOGGER = logging.getLogger("momentum_gui")


class Unexpected(QObject):
    """A ``sys.excepthook``. Lives in the window's thread, and may be called on any."""

    _happened = Signal(str, str, str)

    def __init__(self, log: Path | None = None) -> None:
        """``log`` is the file that the dialog names."""
        super().__init__()
        self.window: Window | None = None
        self.box: QMessageBox | None = None
        self._log = log
        self._said: set[str] = set()
        self._happened.connect(self._say)  # queued from another thread, at once on the window's

    def install(self) -> None:
        """Be what Python calls for an exception that nobody caught, on any thread."""
        sys.excepthook = self
        threading.excepthook = lambda thrown: self(
            thrown.exc_type, thrown.exc_value or thrown.exc_type(), thrown.exc_traceback
        )

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        LOGGER.error("%s", details)
        if issubclass(kind, KeyboardInterrupt):
            if self.window is not None:
                self.window.close()
            return
        frames = traceback.extract_tb(trace)
        where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        self._happened.emit(f"{kind.__name__} {where}", f"{kind.__name__}: {error}", details)

    @Slot(str, str, str)
    def _say(self, place: str, summary: str, details: str) -> None:
        """One dialog at a time, and once a place: a view that fails whenever it is painted must not fill the screen."""
        if place in self._said:
            return
        self._said.add(place)
        kept = self._keep()
        if self.box is not None:
            return
        self.box = box = QMessageBox(QMessageBox.Icon.Warning, _("Unexpected error"), "", parent=self.window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        if kept:
            box.setText(_("Something went wrong that should not. Your experiment is kept."))
        else:
            box.setText(_("Something went wrong that should not."))
        more = _("The log is {file}").format(file=self._log) if self._log is not None else ""
        box.setInformativeText(f"{summary}\n{more}".rstrip())
        box.setDetailedText(details)
        copy = box.addButton(_("Copy the details"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Close)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        box.finished.connect(self._put_away)
        if self.window is not None and self.window.isVisible():
            box.open()
        else:  # before or after the window: nothing else keeps the dialog on the screen
            box.exec()

    def _keep(self) -> bool:
        """Remember what is open in the window; say whether there was something."""
        if self.window is None:
            return False
        try:
            self.window.remember()
        except Exception:  # what went wrong may be just this
            LOGGER.exception("what is open could not be remembered")
            return False
        return bool(self.window.labs)

    @Slot()
    def _put_away(self) -> None:
        if self.box is not None:
            self.box.deleteLater()
            self.box = None
