"""The program's log, and how the last session ended, in the platform's own place for such files.

Neither is needed: where nothing can be written, the program runs without.
"""

import faulthandler
import logging
import platform
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QLockFile, QMessageLogContext, QStandardPaths, QtMsgType, qInstallMessageHandler, qVersion

from momentum_gui import __version__

LOGGER = logging.getLogger("momentum_gui")
BYTES, OLD_FILES = 256 * 1024, 3
"""How far the log grows before a new one is begun, and how many old ones stay."""

LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
}


def place() -> Path:
    """The folder for it: below ``~/.local/state``, ``~/Library/Logs`` or ``%LOCALAPPDATA%``."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Logs" / "momentum-gui"
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.StateLocation))


class Log:
    """Logs what happens from now until it is closed; Qt's own messages too."""

    def __init__(self, folder: Path) -> None:
        self.path: Path | None = None
        """The file; None where nothing can be written."""
        self.crash = ""
        """What the interpreter wrote when the last session crashed; empty if it did not."""
        self.cut_off = False
        """Whether the last session ended without an end: it crashed, it was killed, the power failed."""
        self._running: QLockFile | None = None
        self._handler: RotatingFileHandler | None = None
        self._crash_file: TextIO | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / "momentum-gui.log"
            self._handler = RotatingFileHandler(path, maxBytes=BYTES, backupCount=OLD_FILES, encoding="utf-8")
            self._crash_file = (folder / "crash.txt").open("a+", encoding="utf-8", errors="replace")
            self._crash_file.seek(0)
            self.crash = self._crash_file.read(BYTES)
            self._crash_file.truncate(0)
            self._mark(folder / "running")
            self.path = path
        except OSError:
            self.close()
            return
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s"))
        # A disk that is full, or a log that another instance holds on Windows, is no reason to disturb anyone.
        self._handler.handleError = lambda record: None  # type: ignore[method-assign]
        LOGGER.addHandler(self._handler)
        LOGGER.setLevel(logging.INFO)
        faulthandler.enable(self._crash_file)
        qInstallMessageHandler(_log_qt)
        system, python = platform.platform(), platform.python_version()
        LOGGER.info("momentum-gui %s, Python %s, Qt %s, %s", __version__, python, qVersion(), system)
        if self.crash:
            LOGGER.error("the last session crashed:\n%s", self.crash)
        elif self.cut_off:
            LOGGER.warning("the last session did not end by itself")

    def _mark(self, path: Path) -> None:
        """Leave a mark for as long as the program runs. One that is left of a process that is no more tells of its end.

        While another instance runs the mark is its own.
        """
        left = path.exists()
        self._running = QLockFile(str(path))
        self._running.setStaleLockTime(0)  # whatever its age: a session may last for days
        self.cut_off = self._running.tryLock(0) and left

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Log no longer, and let go of the files."""
        if self.path is not None:
            qInstallMessageHandler(None)
            faulthandler.disable()
            self.path = None
        if self._handler is not None:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
        if self._crash_file is not None:
            self._crash_file.close()
        if self._running is not None:
            self._running.unlock()


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """Log a message of Qt's, and print it as Qt would have."""
    LOGGER.log(LEVELS.get(kind, logging.ERROR), "Qt: %s", text)
    if sys.stderr is not None:
        print(text, file=sys.stderr)
