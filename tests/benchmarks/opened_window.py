"""The real window for a benchmark: 1280x800, light, with settings of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication

from momentum_gui.gui.app import make_application
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window


@contextmanager
def opened_window() -> Iterator[tuple[QApplication, Window]]:
    """The application and its window, its first lab at rest; it is closed at the end."""
    app = make_application()
    look = Look("light")
    look.apply()
    with tempfile.TemporaryDirectory() as folder:
        window = Window(look, Settings(Path(folder) / "settings.ini"))
        window.resize(1280, 800)
        window.show()
        while not window.labs or not window.lab.settled:
            app.processEvents()
        yield app, window
        window.close()
