"""The window's top line: the two labs, the examples, what is shown, and buttons for what belongs to both labs."""

from html import escape

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QToolButton, QWidget

from momentum_gui.gui.elided import ElidedLabel
from momentum_gui.gui.style import SPACE, Look, icon
from momentum_gui.i18n import _

LABS = ("ravine", "network")


class Header(QWidget):
    """It asks by signals; ``take_home`` and ``look_button`` are buttons for menus of others."""

    lab_wanted = Signal(int)
    """Somebody wants to see this one of LABS."""
    lesson_wanted = Signal(str)
    """Somebody wants to see this lesson."""
    wanted = Signal(str)
    """Somebody wants this to be done: undo, redo, open, save, fit, reset, fullscreen or help."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._icons: dict[QToolButton, str] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE, SPACE // 2, SPACE, 0)
        self._row.setSpacing(SPACE // 2)
        self.tabs = self._make_tabs()
        self.examples = QToolButton()
        self.examples.setText(_("Examples") + " ▾")
        self.examples.setToolTip(_("Ready experiments, each with something to see"))
        self.examples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.examples)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.list_examples)
        self.examples.setMenu(menu)
        self._row.addWidget(self.examples)
        self.heading = ElidedLabel()
        self.heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self._row.addWidget(self.heading, 1)
        standard = QKeySequence.StandardKey
        buttons: tuple[tuple[str, str, list[QKeySequence | QKeySequence.StandardKey | str]], ...] = (
            ("undo", _("Undo"), [standard.Undo]),
            ("redo", _("Redo"), [standard.Redo, "Ctrl+Y"]),
            ("open", _("Open an experiment…"), [standard.Open]),
            ("save", _("Save the experiment"), [standard.Save]),
            ("fit", _("Show the whole surface"), ["0"]),
            ("reset", _("Start afresh with the first example"), ["Ctrl+N"]),
            ("fullscreen", _("Projector: full screen"), ["F11"]),
        )
        for name, text, keys in buttons:
            self._add_command(name, text, keys)
        self.take_home = self._add_button(QAction(_("Take home: pictures, the run"), self), "export")
        self.look_button = self._add_button(QAction(_("Theme, text size, language"), self), "theme")
        for button in (self.take_home, self.look_button):
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._add_command("help", _("Keyboard shortcuts"), ["?", "F1"])
        look.changed.connect(self.restyle)
        self.restyle()

    @property
    def commands(self) -> list[QAction]:
        """The actions of the buttons, in their order."""
        return [button.defaultAction() for button in self._icons]

    def _make_tabs(self) -> QButtonGroup:
        tabs = QButtonGroup(self)
        for index, (text, key) in enumerate(((_("Ravine"), "Ctrl+1"), (_("Network"), "Ctrl+2"))):
            tab = QToolButton()
            tab.setObjectName("tab")
            tab.setText(text)
            tab.setCheckable(True)
            tab.setShortcut(QKeySequence(key))
            tab.setToolTip(f"{text} ({key})")
            tabs.addButton(tab, index)
            self._row.addWidget(tab)
        tabs.idClicked.connect(self.lab_wanted)
        return tabs

    def _add_command(self, name: str, text: str, keys: list[QKeySequence | QKeySequence.StandardKey | str]) -> None:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setToolTip(f"{text} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        action.triggered.connect(lambda: self.wanted.emit(name))
        self._add_button(action, name)

    def _add_button(self, action: QAction, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._icons[button] = name
        self._row.addWidget(button)
        return button

    @Slot()
    def list_examples(self) -> None:
        """Fill the menu, the first time it is wanted."""
        from momentum_gui.lessons import lessons

        menu = self.examples.menu()
        if menu.actions():
            return
        known = lessons()
        for index, lab in enumerate(LABS):
            if menu.actions():
                menu.addSeparator()
            menu.addAction(self.tabs.button(index).text()).setEnabled(False)
            for name, experiment in known.items():
                if name.partition("_")[0] == lab:
                    action = menu.addAction(_(experiment.title))
                    action.setToolTip(f"<p>{escape(_(experiment.text))}</p>")  # rich text: Qt breaks its lines
                    action.triggered.connect(lambda _checked=False, name=name: self.lesson_wanted.emit(name))

    @Slot()
    def restyle(self) -> None:
        size = round(self._look.points() * 1.8)
        for button, name in self._icons.items():
            button.defaultAction().setIcon(icon(name, self._look.theme.text))
            button.setIconSize(QSize(size, size))
