"""What is taken home is whole, and what can't be written is a sentence."""

import io

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from momentum_gui.export import write_csv
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.still import still
from momentum_gui.gui.style import Look
from momentum_gui.gui.take_home import TakeHome, picture_writer, run_writer
from momentum_gui.gui.window import Window


@pytest.fixture
def window(qtbot, tmp_path):
    look = Look("light")
    look.apply()
    window = Window(look, Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.furnished, timeout=20000):
        window.show()
    qtbot.waitUntil(lambda: window.lab.settled, timeout=20000)
    yield window
    window.close()
    QApplication.processEvents()


@pytest.fixture
def menu(window):
    menu = window.header.take_home.menu()
    assert isinstance(menu, TakeHome)
    return menu


def test_the_run_is_what_the_command_line_writes(qtbot, window, menu, tmp_path):
    path = tmp_path / "run.csv"
    with qtbot.waitSignal(menu._writer.written, timeout=20000) as written:
        menu.write(path, run_writer(window.lab.simulation))
    assert written.args[1] is True
    expected = io.StringIO(newline="")
    write_csv(window.lab.simulation, expected)
    assert path.read_text(encoding="utf-8") == expected.getvalue()
    assert "run.csv" in window.lab.banner.label.text()


def test_the_picture_is_the_labs(qtbot, window, menu, tmp_path):
    path = tmp_path / "picture.png"
    picture = still(window.lab)
    with qtbot.waitSignal(menu._writer.written, timeout=20000):
        menu.write(path, picture_writer(picture))
    written = QImage(str(path))
    assert written.size() == picture.size()
    assert written.pixel(600, 600) == picture.pixel(600, 600)


def test_the_picture_is_copied(window, menu):
    picture = still(window.lab)  # before a sentence above it takes some of the room
    menu.copy_picture.trigger()
    assert QGuiApplication.clipboard().image() == picture


def test_what_can_t_be_written_is_a_sentence(qtbot, window, menu, tmp_path):
    path = tmp_path / "no" / "run.csv"
    with qtbot.waitSignal(menu._writer.written, timeout=20000) as written:
        menu.write(path, run_writer(window.lab.simulation))
    assert written.args[1] is False
    assert str(path) in window.lab.banner.label.text()
    assert not path.parent.exists()
