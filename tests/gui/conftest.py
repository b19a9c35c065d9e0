"""Labs for the tests of the window's parts, the real ones without the window around them; a look that leaks nowhere."""

from functools import partial

import pytest
from PySide6.QtWidgets import QApplication

from momentum_gui import assets
from momentum_gui.gui.ravine_lab import RavineLab
from momentum_gui.gui.style import Look


@pytest.fixture(autouse=True)
def plain_application(qapp):
    """Every test begins with the application's own font, colours and style, whatever a look made of them."""
    font, palette, sheet = qapp.font(), qapp.palette(), qapp.styleSheet()
    yield
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)


@pytest.fixture
def look(plain_application):
    """The light look, applied."""
    look = Look("light")
    look.apply()
    return look


@pytest.fixture
def open_lab(qtbot):
    """``open_lab(kind, experiment)`` is a shown lab of this class that has run it; it is closed after the test."""
    labs = []

    def make(kind, experiment, theme="light"):
        look = Look(theme)
        look.apply()
        lab = kind(look, assets.read)
        labs.append(lab)
        lab.resize(1280, 900)
        lab.show()
        lab.set_experiment(experiment)
        qtbot.waitUntil(lambda: lab.settled, timeout=20000)
        lab.go(experiment.steps)
        qtbot.waitUntil(lambda: lab.settled, timeout=20000)
        return lab

    yield make
    for lab in labs:
        lab.close_thread()
        lab.close()
        lab.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def ravine_lab(open_lab):
    """``ravine_lab(experiment)`` is a shown ravine lab that has run it."""
    return partial(open_lab, RavineLab)
