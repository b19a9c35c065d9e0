"""The program's window from start to end: the application object, pictures of the window, unexpected errors."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QEvent,
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QtMsgType,
    QTranslator,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QFileOpenEvent, QGuiApplication, QIcon, QImage, QImageWriter
from PySide6.QtWidgets import QApplication

from momentum_gui import __version__, assets, i18n
from momentum_gui.core.messages import N_, InputError
from momentum_gui.gui.log import Log, place
from momentum_gui.gui.qt_parts import check_parts
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.unexpected import Unexpected
from momentum_gui.gui.window import LABS, Window
from momentum_gui.i18n import _

DESKTOP_ID = "io.github.momentum_gui.Momentum"
"""The name of the desktop entry: how Linux desktops find the icon and the entry of a window."""

PATIENCE = 600.0
"""Seconds that a picture waits for its run."""


class Application(QApplication):
    """Passes on what the system asks of a program that runs: macOS opens files so."""

    file_wanted = Signal(object)
    """The path of a file to open."""

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent):
            self.file_wanted.emit(Path(event.file()))
            return True
        return super().event(event)


def make_application() -> QApplication:
    """The application object, named so that settings and log find their place."""
    if os.name == "posix" and not os.environ.get("HOME"):
        os.environ["HOME"] = os.path.expanduser("~")  # from the list of users; Qt would take the root folder
    QCoreApplication.setOrganizationName("momentum-gui")
    QCoreApplication.setApplicationName("momentum-gui")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName(DESKTOP_ID)
    app = QApplication.instance() or Application(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setWindowIcon(QIcon(str(assets.resources() / "icons" / "momentum.svg")))
    # A worker in plain Python would else keep the interpreter for 5 ms at a time and the window at 39 frames a second.
    sys.setswitchinterval(0.0002)
    return app


def main(path: Path | None = None) -> int:
    """Show the window, on the experiment file ``path`` if given, until it is closed."""
    app = make_application()
    with Log(place()) as log:
        unexpected = Unexpected(log.path)
        unexpected.install()
        try:
            settings = Settings()
            speak(app, settings.get("language", ""))
            look = Look(settings.get("theme", "system"), settings.get("scale", 1.0))
            look.apply()
            window = unexpected.window = Window(look, settings, path)
            if log.crash:
                window.furnished.connect(window.show_what_was_kept)
            elif log.cut_off:
                window.furnished.connect(window.show_what_was_restored)
            if isinstance(app, Application):
                app.file_wanted.connect(window.open_soon)
            window.show()
            return app.exec()
        except Exception as error:
            unexpected(type(error), error, error.__traceback__)
            return 1


def speak(app: QApplication, language: str) -> None:
    """Show our strings and Qt's own in ``language``, or in the system's if it is none of ``i18n.LANGUAGES``."""
    if language not in i18n.LANGUAGES:
        # Windows and macOS set none of the variables that gettext goes by.
        asked = any(os.environ.get(name) for name in i18n.VARIABLES)
        language = "" if asked else QLocale.system().name()
    i18n.use(assets.resources() / "translations", language)
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{i18n.language()}", folder):
        app.installTranslator(translator)


def shot(path: Path, out: Path, size: tuple[int, int], theme: str = "light") -> None:
    """Render the real window on the experiment in ``path``, its run finished, to the PNG file ``out``.

    Raises InputError if the experiment can't be run or the picture can't be written.
    """
    from momentum_gui.files import replacing  # here, for it brings NumPy: the window starts faster

    with _Stage(size, theme, path) as stage:
        picture = stage.finished()
    data = QBuffer()
    data.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(data, QByteArray(b"png")).write(picture)
    with replacing(out) as file:
        file.write(data.data().data())


def probe() -> list[str]:
    """Look for Qt's parts; open the window, run the first example of each lab, draw it, close; say what was done."""
    done = []
    with _Stage((1280, 800), "dark", None) as stage:
        for index, name in enumerate(LABS):
            stage.window.tabs.button(index).click()
            picture = stage.finished()
            colors = {picture.pixel(x, y) for x in range(0, 1280, 16) for y in range(0, 800, 16)}
            assert len(colors) > 10, f"the {name} lab drew nothing"
            done.append(_("drew the {name} lab with {count} racers").format(name=name, count=len(stage.runs)))
        done += check_parts()
    done.append(_("closed the window and its threads"))
    return done


class _Stage:
    """A window for pictures: its own settings, nothing remembered, nothing left behind."""

    def __init__(self, size: tuple[int, int], theme: str, path: Path | None) -> None:
        self._app = make_application()
        self._told = qInstallMessageHandler(self._tell)
        self._folder = tempfile.TemporaryDirectory()
        self._errors: list[BaseException] = []
        look = Look(theme)
        look.apply()
        self.window = Window(look, Settings(Path(self._folder.name) / "settings.ini"), path)
        self.window.resize(*size)

    def __enter__(self) -> "_Stage":
        # An exception in a slot or a paint event only reaches this hook: it must not pass for a picture.
        self._hook, sys.excepthook = sys.excepthook, lambda kind, error, trace: self._errors.append(error)
        self.window.show()
        self._wait(lambda: bool(self.window.labs))
        return self

    def __exit__(self, *_error: object) -> None:
        sys.excepthook = self._hook
        self.window.close()
        self.window.deleteLater()
        self._app.processEvents()
        self._folder.cleanup()
        qInstallMessageHandler(self._told)

    def _tell(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        """WORKAROUND: the offscreen platform complains of every window, for it has no size hints to pass on."""
        if "propagateSizeHints" in text:
            return
        if self._told is not None:
            self._told(kind, context, text)
        else:
            print(text, file=sys.stderr)

    @property
    def runs(self) -> dict:
        simulation = self.window.lab.simulation
        return simulation.runs if simulation is not None else {}

    def finished(self) -> QImage:
        """The window once the run of the lab shown is finished."""
        lab = self.window.lab
        failures: list[str] = []
        lab.player.failed.connect(lambda message: failures.append(str(message)))
        self._wait(lambda: lab.simulation is not None or bool(failures) or lab.banner.isVisible())
        if lab.simulation is not None:
            lab.go(lab.playhead.steps)
        self._wait(lambda: lab.settled or bool(failures))
        if failures:
            raise InputError("{reason}", reason=failures[0])
        self._app.processEvents()  # what the last frame asked of the layout
        picture = self.window.grab().toImage()
        self._raise_errors()
        return picture

    def _wait(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > until:
                raise InputError(N_("the run did not finish within {seconds} s"), seconds=int(PATIENCE))
            self._app.processEvents()
            self._raise_errors()
            time.sleep(0.002)

    def _raise_errors(self) -> None:
        if self._errors:
            raise self._errors[0]
