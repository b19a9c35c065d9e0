"""The menu of the window's look: theme, text size, language."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from momentum_gui.gui.settings import Settings
from momentum_gui.gui.style import Look
from momentum_gui.i18n import LANGUAGES, _


class LookMenu(QMenu):
    """Changes ``look`` and remembers it; its keys work in the whole ``window``."""

    def __init__(self, window: QWidget, look: Look, settings: Settings) -> None:
        super().__init__(window)
        self._look = look
        self._settings = settings
        self._themes = []
        for theme, text in (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))):
            action = self.addAction(text)
            action.setCheckable(True)
            action.setData(theme)
            action.triggered.connect(lambda _checked=False, theme=theme: self.choose(theme=theme))
            self._themes.append(action)
        self.addSeparator()
        for text, keys, factor in (
            (_("Larger text"), ["Ctrl++", "Ctrl+="], 1.1),
            (_("Smaller text"), ["Ctrl+-"], 1 / 1.1),
            (_("Normal text"), ["Ctrl+0"], 0.0),
        ):
            action = self.addAction(text)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.triggered.connect(
                lambda _checked=False, factor=factor: self.choose(scale=self._look.scale * factor or 1.0)
            )
            window.addAction(action)
        self.addSeparator()
        self.addMenu(self._make_languages())
        self.aboutToShow.connect(self._mark_theme)
        self._mark_theme()

    def _make_languages(self) -> QMenu:
        menu = QMenu(_("Language (from the next start)"), self)
        group = QActionGroup(menu)
        chosen = self._settings.get("language", "")
        for language, text in {"": _("As the system"), **LANGUAGES}.items():
            action = group.addAction(text)
            action.setCheckable(True)
            action.setChecked(language == chosen)
            action.triggered.connect(lambda _checked=False, language=language: self._settings.set("language", language))
        menu.addActions(group.actions())
        return menu

    @Slot()
    def _mark_theme(self) -> None:
        for action in self._themes:
            action.setChecked(action.data() == self._look.choice)

    def choose(self, theme: str | None = None, scale: float | None = None) -> None:
        self._look.choose(theme, scale)
        self._settings.set("theme", self._look.choice)
        self._settings.set("scale", self._look.scale)
