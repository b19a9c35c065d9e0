"""The language of the program's window: the one chosen in it, else the system's."""

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QDialogButtonBox, QMenu

from momentum_gui import i18n
from momentum_gui.gui.app import speak
from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.gui.window import Window


@pytest.fixture
def application(qapp):
    """The application, with Qt's own words in English again afterwards."""
    yield qapp
    for translator in qapp.findChildren(QTranslator):
        QCoreApplication.removeTranslator(translator)
        translator.deleteLater()


@pytest.fixture
def opened(qtbot, tmp_path):
    """Makes a window that remembers in a file of the test's."""

    def make():
        look = Look("light")
        look.apply()
        window = Window(look, Settings(tmp_path / "settings.ini"))
        qtbot.addWidget(window)
        return window

    return make


def languages(window):
    """What the menu of languages offers, by its words."""
    menus = window.header.look_button.menu().findChildren(QMenu) + window.findChildren(QMenu)
    menu = next(menu for menu in menus if "中文" in [action.text() for action in menu.actions()])
    return {action.text(): action for action in menu.actions()}


def checked(window):
    return [text for text, action in languages(window).items() if action.isChecked()]


def test_the_language_chosen_is_that_of_the_next_window(application, opened, tmp_path):
    first = opened()
    assert checked(first) == ["As the system"]
    languages(first)["中文"].trigger()
    assert checked(first) == ["中文"]
    assert first.tabs.button(0).text() == "Ravine"
    speak(application, Settings(tmp_path / "settings.ini").get("language", ""))
    second = opened()
    assert second.tabs.button(0).text() == "峡谷"
    assert checked(second) == ["中文"]
    languages(second)["跟随系统"].trigger()
    speak(application, Settings(tmp_path / "settings.ini").get("language", ""))
    assert opened().tabs.button(0).text() == "Ravine"


def test_qts_own_buttons_speak_it_too(application, qtbot):
    speak(application, "zh_CN")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    assert "取消" in box.button(QDialogButtonBox.StandardButton.Cancel).text()


@pytest.mark.parametrize("remembered", ["", "xx", "../zh_CN"])
def test_else_it_is_what_the_environment_asks_for(application, monkeypatch, remembered):
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    speak(application, remembered)
    assert i18n.language() == "zh_CN"


def test_else_it_is_the_systems(application, monkeypatch):
    for name in i18n.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    speak(application, "")
    assert i18n.language() == "zh_CN"
    monkeypatch.setattr(QLocale, "system", lambda: QLocale(QLocale.Language.French))
    speak(application, "")
    assert i18n.language() == "en"
