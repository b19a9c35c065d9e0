"""Errors that nobody foresaw: the experiment is kept, the dialog says one sentence and has the details."""

import logging
import sys
import threading

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from momentum_gui.core.experiment_text import parse
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.unexpected import Unexpected
from momentum_gui.gui.window import IDLE, Window


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def window(qtbot, settings):
    look = Look("light")
    look.apply()
    window = Window(look, settings)
    with qtbot.waitSignal(window.furnished, timeout=20000):
        window.show()
    qtbot.waitUntil(lambda: window.lab.settled, timeout=20000)
    yield window
    window.close()
    window.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def unexpected(window, tmp_path):
    unexpected = Unexpected(tmp_path / "momentum-gui.log")
    unexpected.window = window
    yield unexpected
    if unexpected.box is not None:
        unexpected.box.close()


def fail(text="no such racer"):
    raise KeyError(text)


def fall_into(unexpected, text="no such racer"):
    try:
        fail(text)
    except KeyError as error:
        unexpected(type(error), error, error.__traceback__)


def kept(settings):
    return parse(settings.get("ravine/experiment", "").encode(), "what is remembered")


def test_the_experiment_is_kept_and_one_sentence_said(window, unexpected, settings, caplog):
    with caplog.at_level(logging.ERROR):
        fall_into(unexpected)
    assert kept(settings) == window.lab.experiment
    box = unexpected.box
    assert box.isVisible()
    assert box.text() == "Something went wrong that should not. Your experiment is kept."
    assert "KeyError: 'no such racer'" in box.informativeText()
    assert "momentum-gui.log" in box.informativeText()
    assert "Traceback" in caplog.text


def test_the_details_can_be_copied(unexpected):
    fall_into(unexpected)
    copy = next(button for button in unexpected.box.buttons() if "Copy" in button.text())
    copy.click()
    text = QGuiApplication.clipboard().text()
    assert text.startswith("Traceback")
    assert "in fail" in text


def test_what_fails_again_and_again_is_said_once(window, unexpected):
    for _ in range(50):
        fall_into(unexpected)
    assert len(window.findChildren(QMessageBox)) == 1
    unexpected.box.close()
    assert unexpected.box is None
    fall_into(unexpected, "the same line")
    assert unexpected.box is None


def test_an_error_on_another_thread_is_said_on_the_window_s(qtbot, unexpected):
    thread = threading.Thread(target=fall_into, args=(unexpected,))
    thread.start()
    thread.join()
    assert unexpected.box is None  # until the window's thread comes to it
    qtbot.waitUntil(lambda: unexpected.box is not None, timeout=5000)
    assert unexpected.box.thread() is QGuiApplication.instance().thread()


def test_an_error_while_keeping_is_no_second_one(window, unexpected, monkeypatch):
    monkeypatch.setattr(window, "remember", fail)
    fall_into(unexpected)
    assert unexpected.box.text() == "Something went wrong that should not."


def test_ctrl_c_closes_the_window(window, unexpected):
    unexpected(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert not window.isVisible()
    assert unexpected.box is None


def test_installed_it_is_what_python_calls(unexpected, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    unexpected.install()
    assert sys.excepthook is unexpected
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    QApplication.processEvents()
    assert "no such racer" in unexpected.box.informativeText()


def test_an_edit_is_remembered_soon_without_closing(qtbot, window, settings):
    experiment = parse(b'steps = 7\n[objective]\nkind = "himmelblau"', "test")
    window.lab.edit(experiment, "test")
    qtbot.waitUntil(lambda: "himmelblau" in settings.get("ravine/experiment", ""), timeout=IDLE + 10000)
    assert kept(settings) == experiment


def test_after_a_crash_the_window_says_what_it_shows(window):
    window.show_what_was_kept()
    assert "crashed" in window.lab.banner.label.text()
    window.lab.banner.show_text("worse")
    window.show_what_was_kept()
    assert window.lab.banner.label.text() == "worse"


def test_what_was_restored_is_said_calmly_and_only_if_it_was(qtbot, window, settings, look):
    window.show_what_was_restored()
    assert not window.lab.banner.isVisible()  # the first example: nothing was open
    window.remember()
    again = Window(look, settings)
    qtbot.addWidget(again)
    again.furnished.connect(again.show_what_was_restored)
    with qtbot.waitSignal(again.furnished, timeout=20000):
        again.show()
    assert "cut off" in again.lab.banner.label.text()
    assert again.lab.banner.label.objectName() == "muted"
    again.close()


def test_a_file_that_was_asked_for_was_not_restored(qtbot, window, settings, look, tmp_path):
    window.remember()
    path = tmp_path / "race.json"
    path.write_text('{"objective": {"kind": "himmelblau"}}')
    again = Window(look, settings, path)
    qtbot.addWidget(again)
    again.furnished.connect(again.show_what_was_restored)
    with qtbot.waitSignal(again.furnished, timeout=20000):
        again.show()
    assert not again.lab.banner.isVisible()
    again.close()
