"""The window: two labs, and what belongs to both: files, undo, look, shortcuts.

It paints an empty frame first; NumPy and pyqtgraph are imported by ``furnish``, after the first paint.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QFileOpenEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from momentum_gui.gui.settings import VERSION, Settings
from momentum_gui.gui.style import SPACE, Look, icon
from momentum_gui.i18n import LANGUAGES, _

if TYPE_CHECKING:
    from momentum_gui.core.experiment import Experiment
    from momentum_gui.gui.lab import Lab

LABS = ("ravine", "network")
FILTER = "*.toml *.json"
TABLES = (".csv", ".tsv")

IDLE = 1000
"""Milliseconds after the last edit when it is remembered: no crash takes more away."""

LOGGER = logging.getLogger(__name__)


class Window(QMainWindow):
    """The one window of the program."""

    furnished = Signal()
    """Both the frame and its first lab are there."""

    def __init__(self, look: Look, settings: Settings, path: Path | None = None) -> None:
        super().__init__()
        self.look = look
        self._settings = settings
        self._opening = path
        self._painted = False
        self.labs: dict[str, Lab] = {}
        self._paths: dict[str, Path] = {}
        self._saved: dict[str, Experiment] = {}
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(IDLE)
        self._idle.timeout.connect(self.remember)
        self.setWindowTitle("momentum")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        frame = QWidget()
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._make_header())
        self.stack = QStackedWidget()
        column.addWidget(self.stack, 1)
        self.setCentralWidget(frame)
        look.changed.connect(self._restyle)
        self._restyle()
        self._restore_geometry()
        app = QGuiApplication.instance()
        assert app is not None
        app.installEventFilter(self)

    # ---- the header

    def _make_header(self) -> QWidget:
        header = QWidget()
        row = QHBoxLayout(header)
        row.setContentsMargins(SPACE, SPACE // 2, SPACE, 0)
        row.setSpacing(SPACE // 2)
        self.tabs = QButtonGroup(self)
        for index, (text, key) in enumerate(((_("Ravine"), "Ctrl+1"), (_("Network"), "Ctrl+2"))):
            tab = QToolButton()
            tab.setObjectName("tab")
            tab.setText(text)
            tab.setCheckable(True)
            tab.setShortcut(QKeySequence(key))
            tab.setToolTip(f"{text} ({key})")
            self.tabs.addButton(tab, index)
            row.addWidget(tab)
        self.tabs.idClicked.connect(self._show_lab)
        self.examples = QToolButton()
        self.examples.setText(_("Examples") + " ▾")
        self.examples.setToolTip(_("Ready experiments, each with something to see"))
        self.examples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.examples)
        menu.aboutToShow.connect(self._list_examples)
        self.examples.setMenu(menu)
        row.addWidget(self.examples)
        self.heading = QLabel()
        self.heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        row.addWidget(self.heading, 1)
        self._icons: dict[QAction, str] = {}
        standard = QKeySequence.StandardKey
        buttons: tuple[tuple[str, str, list[QKeySequence | QKeySequence.StandardKey], Callable[[], object]], ...] = (
            ("undo", _("Undo"), [standard.Undo], lambda: self._lab_do("undo")),
            ("redo", _("Redo"), [standard.Redo, QKeySequence("Ctrl+Y")], lambda: self._lab_do("redo")),
            ("open", _("Open an experiment…"), [standard.Open], self._open),
            ("save", _("Save the experiment"), [standard.Save], self._save),
            ("fit", _("Show the whole surface"), [QKeySequence("0")], lambda: self._lab_do("fit")),
            ("reset", _("Start afresh with the first example"), [QKeySequence("Ctrl+N")], self._start_afresh),
            ("fullscreen", _("Projector: full screen"), [QKeySequence("F11")], self._toggle_fullscreen),
        )
        for name, text, keys, slot in buttons:
            action = QAction(text, self)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setToolTip(f"{text} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
            action.triggered.connect(lambda _checked=False, slot=slot: slot())
            self._add_button(row, action, name)
        self.take_home = self._add_button(row, QAction(_("Take home: pictures, the run"), self), "export")
        self.take_home.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.theme_button = self._add_button(row, QAction(_("Theme, text size, language"), self), "theme")
        self.theme_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.theme_button.setMenu(self._make_look_menu())
        shortcuts = QAction(_("Keyboard shortcuts"), self)
        shortcuts.setShortcuts([QKeySequence("?"), QKeySequence("F1")])
        shortcuts.setToolTip(_("Keyboard shortcuts") + " (?)")
        shortcuts.triggered.connect(self._show_shortcuts)
        self._add_button(row, shortcuts, "help")
        save_as = QAction(_("Save under another name…"), self)
        save_as.setShortcut(QKeySequence("Ctrl+Shift+S"))
        save_as.triggered.connect(self._save_as)
        leave = QAction(_("Quit"), self)
        leave.setShortcut(QKeySequence("Ctrl+Q"))
        leave.triggered.connect(self.close)
        self.addActions([save_as, leave])
        return header

    def _add_button(self, row: QHBoxLayout, action: QAction, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAccessibleName(action.text())
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._icons[action] = name
        row.addWidget(button)
        return button

    def _make_look_menu(self) -> QMenu:
        menu = QMenu(self)
        for theme, text in (("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(self.look.choice == theme)
            action.triggered.connect(lambda _checked=False, theme=theme: self._choose_look(theme=theme))
            action.setData(theme)
        menu.addSeparator()
        for text, keys, factor in (
            (_("Larger text"), ["Ctrl++", "Ctrl+="], 1.1),
            (_("Smaller text"), ["Ctrl+-"], 1 / 1.1),
            (_("Normal text"), ["Ctrl+0"], 0.0),
        ):
            action = menu.addAction(text)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.triggered.connect(
                lambda _checked=False, factor=factor: self._choose_look(scale=self.look.scale * factor or 1.0)
            )
            self.addAction(action)
        menu.addSeparator()
        menu.addMenu(self._make_language_menu())
        menu.aboutToShow.connect(self._mark_theme)
        return menu

    def _make_language_menu(self) -> QMenu:
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
        for action in self.theme_button.menu().actions():
            if action.isCheckable():
                action.setChecked(action.data() == self.look.choice)

    def _choose_look(self, theme: str | None = None, scale: float | None = None) -> None:
        self.look.choose(theme, scale)
        self._settings.set("theme", self.look.choice)
        self._settings.set("scale", self.look.scale)

    @Slot()
    def _restyle(self) -> None:
        size = round(self.look.points() * 1.8)
        for action, name in self._icons.items():
            action.setIcon(icon(name, self.look.theme.text))
        for button in self.findChildren(QToolButton):
            if button.defaultAction() in self._icons:
                button.setIconSize(QSize(size, size))

    # ---- coming and going

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            LOGGER.info("painted")
            QTimer.singleShot(0, self.furnish)

    @Slot()
    def furnish(self) -> None:
        """Build the lab that was open last, or the one the file given belongs to."""
        self._show_lab(LABS.index(self._settings.get("lab", LABS[0])) if self._known_lab() else 0)
        if self._opening is not None:
            self.open_file(self._opening)
        self._offer_take_home()
        LOGGER.info("furnished")
        self.furnished.emit()

    def _known_lab(self) -> bool:
        return self._settings.get("lab", LABS[0]) in LABS

    def _offer_take_home(self) -> None:
        from momentum_gui.gui.take_home import TakeHome

        self.take_home.setMenu(TakeHome(self, self._settings, lambda: self.lab if self.labs else None))

    @property
    def lab(self) -> "Lab":
        """The lab that is shown."""
        return self.labs[LABS[self.tabs.checkedId()]]

    @Slot(int)
    def _show_lab(self, index: int) -> None:
        name = LABS[index]
        for other in self.labs.values():
            other.playhead.pause()
        if name not in self.labs:
            self._build_lab(name)
        self.tabs.button(index).setChecked(True)
        self.stack.setCurrentWidget(self.labs[name])
        self._show_heading()

    def _build_lab(self, name: str) -> None:
        from momentum_gui import assets
        from momentum_gui.core.experiment_text import parse
        from momentum_gui.core.messages import InputError
        from momentum_gui.core.network import Network
        from momentum_gui.gui import network_lab, ravine_lab

        lab: Lab
        if name == "ravine":
            lab, experiment = ravine_lab.RavineLab(self.look, assets.read), ravine_lab.first_experiment()
        else:
            lab, experiment = network_lab.NetworkLab(self.look, assets.read), network_lab.first_experiment()
        try:
            remembered = parse(self._settings.get(f"{name}/experiment", "").encode(), name)
            if isinstance(remembered.objective, Network) == (name == "network"):
                experiment = remembered
        except InputError:
            pass  # nothing remembered, or by a version that knew other fields: the first example it is
        self.labs[name] = lab
        lab.experiment_changed.connect(self._show_heading)
        lab.experiment_changed.connect(self._remember_soon)
        lab.transport.show_speed(self._settings.get(f"{name}/speed", lab.speed))
        lab.splitter.restoreState(self._settings.get(f"{name}/splitter{VERSION}", QByteArray()))
        lab.curves.log = self._settings.get(f"{name}/log", lab.curves.log)
        lab.arrangement = self._settings.get(f"{name}/arrangement", "")
        for panel in self._settings.get(f"{name}/panels", "").split():
            lab.panels.open(panel)
        self.stack.addWidget(lab)
        lab.set_experiment(experiment)

    def _restore_geometry(self) -> None:
        """Where the window was, if that is on a screen that is there."""
        saved = self._settings.get(f"geometry{VERSION}", QByteArray())
        if saved.isEmpty() or not self.restoreGeometry(saved):
            self.resize(1280, 800)
        elif not any(screen.geometry().intersects(self.geometry()) for screen in QGuiApplication.screens()):
            self.setGeometry(QGuiApplication.primaryScreen().availableGeometry().adjusted(40, 40, -40, -40))

    def closeEvent(self, event: QCloseEvent) -> None:
        self._idle.stop()
        self.remember()
        for lab in self.labs.values():
            lab.close_thread()
        app = QGuiApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        event.accept()

    def remember(self) -> None:
        """Keep what is open, for the next start."""
        from momentum_gui.core.experiment_text import to_json

        self._settings.set(f"geometry{VERSION}", self.saveGeometry())
        for name, lab in self.labs.items():
            self._settings.set(f"{name}/splitter{VERSION}", lab.splitter.saveState())
            self._settings.set(f"{name}/speed", float(lab.playhead.speed))
            self._settings.set(f"{name}/log", lab.curves.log)
            self._settings.set(f"{name}/arrangement", lab.arrangement)
            self._settings.set(f"{name}/panels", " ".join(lab.panels.opened))
            if lab.experiment is not None:
                self._settings.set(f"{name}/experiment", to_json(lab.experiment).decode())
        if self.tabs.checkedId() >= 0:
            self._settings.set("lab", LABS[self.tabs.checkedId()])
        self._settings.write()

    @Slot()
    def _remember_soon(self) -> None:
        self._idle.start()

    @Slot()
    def show_what_was_kept(self) -> None:
        """Say that the last session crashed and that its experiment is shown, unless there is worse to say."""
        if not self.lab.banner.isVisible():
            self.lab.banner.show_text(
                _("The last session crashed. This is the experiment that was open; Ctrl+N starts afresh.")
            )

    # ---- files

    @Slot()
    def _show_heading(self) -> None:
        name = LABS[self.tabs.checkedId()]
        lab = self.labs.get(name)
        if lab is None or lab.experiment is None:
            return
        path = self._paths.get(name)
        title = path.name if path else _(lab.experiment.title)
        edited = path is not None and lab.experiment != self._saved.get(name)
        self.heading.setText(f"{title} *" if edited else title)
        self.heading.setToolTip(str(path) if path else "")
        self.setWindowTitle(f"{title} – momentum" if title else "momentum")

    def open_file(self, path: Path) -> None:
        """Show the experiment in the file ``path`` in the lab it belongs to; a fault is said, nothing is lost.

        A table is learned from in the network lab.
        """
        from momentum_gui.core.messages import InputError
        from momentum_gui.core.network import Network
        from momentum_gui.files import load_experiment
        from momentum_gui.gui.network_lab import NetworkLab
        from momentum_gui.i18n import say

        if path.suffix.lower() in TABLES:
            self._show_lab(LABS.index("network"))
            assert isinstance(self.lab, NetworkLab)
            self.lab.data_section.open_table(str(path.absolute()))
            return
        try:
            experiment = load_experiment(path)
        except InputError as error:
            self.lab.banner.show_text(say(error))
            return
        index = int(isinstance(experiment.objective, Network))
        self._show_lab(index)
        self._paths[LABS[index]], self._saved[LABS[index]] = path, experiment
        self._settings.set("folder", str(path.parent))
        self.lab.edit(experiment, f"open {path}")
        self._show_heading()

    @Slot()
    def _list_examples(self) -> None:
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
                    action.setToolTip(_(experiment.text))
                    action.triggered.connect(lambda _checked=False, name=name: self.open_lesson(name))

    def open_lesson(self, name: str) -> None:
        """Show the lesson ``name`` in the lab it belongs to, so that it can be undone."""
        from momentum_gui.lessons import lessons

        lab = name.partition("_")[0]
        self._show_lab(LABS.index(lab))
        self._paths.pop(lab, None)
        self.lab.edit(lessons()[name], f"lesson {name}")
        self.lab.go(self.lab.playhead.steps if self.lab.runs_ahead else 0)
        self._show_heading()

    @Slot()
    def _open(self) -> None:
        folder = self._settings.get("folder", "")
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Open an experiment"), folder, _("Experiments") + f" ({FILTER});;" + _("All files") + " (*)"
        )
        if name:
            self.open_file(Path(name))

    @Slot()
    def _save(self) -> None:
        path = self._paths.get(LABS[self.tabs.checkedId()])
        if path is None or path.suffix != ".json":  # what is written is JSON
            self._save_as()
        else:
            self.save_file(path)

    @Slot()
    def _save_as(self) -> None:
        path = self._paths.get(LABS[self.tabs.checkedId()])
        name = path.with_suffix(".json").name if path else "experiment.momentum.json"
        start = str(Path(self._settings.get("folder", "")) / name)
        chosen, _filter = QFileDialog.getSaveFileName(
            self, _("Save the experiment"), start, _("Experiments") + " (*.json)"
        )
        if chosen:
            self.save_file(Path(chosen) if Path(chosen).suffix else Path(chosen + ".json"))

    def save_file(self, path: Path) -> None:
        """Write the experiment shown to ``path``; a fault is said, the old file stays."""
        from momentum_gui.core.messages import InputError
        from momentum_gui.files import save_experiment
        from momentum_gui.i18n import say

        name = LABS[self.tabs.checkedId()]
        experiment = self.lab.experiment
        assert experiment is not None
        try:
            save_experiment(experiment, path)
        except InputError as error:
            self.lab.banner.show_text(say(error))
            return
        self._paths[name], self._saved[name] = path, experiment
        self._settings.set("folder", str(path.parent))
        self.lab.banner.show_text("")
        self._show_heading()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        local = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if local and self.labs:
            event.acceptProposedAction()
            self.open_file(Path(local[0]))

    @Slot()
    def _start_afresh(self) -> None:
        from momentum_gui.gui import network_lab, ravine_lab

        module = ravine_lab if self.tabs.checkedId() == 0 else network_lab
        self._paths.pop(LABS[self.tabs.checkedId()], None)
        self.lab.edit(module.first_experiment(), "afresh")
        self._show_heading()

    # ---- keys

    def _lab_do(self, what: str) -> None:
        if not self.labs:
            return
        match what:
            case "undo":
                self.lab.undo_stack.undo()
            case "redo":
                self.lab.undo_stack.redo()
            case "fit":
                self.lab.fit()

    @Slot()
    def _toggle_fullscreen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What concerns the whole program: macOS asks to open a file; a button or a list that was reached with Tab
        keeps the space bar and the arrows for itself."""
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            if self.labs:
                self.open_file(Path(event.file()))
            else:
                self._opening = Path(event.file())
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            own = isinstance(watched, QAbstractButton) and event.key() == Qt.Key.Key_Space
            if plain and (own or isinstance(watched, QComboBox)):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    @Slot()
    def _show_shortcuts(self) -> None:
        dialog = QDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(_("Keyboard shortcuts"))
        grid = QGridLayout(dialog)
        grid.setHorizontalSpacing(3 * SPACE)
        actions = [*self._icons, *self.actions()]
        if self.labs:
            buttons = (*self.lab.transport.buttons.values(), *self.lab.panels.switches.values())
            actions = [button.defaultAction() for button in buttons] + actions
        for action in actions:
            native = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()]
            keys = ", ".join(dict.fromkeys(native))
            if keys:
                grid.addWidget(QLabel(keys), grid.rowCount(), 0)
                grid.addWidget(QLabel(action.text().rstrip("…")), grid.rowCount() - 1, 1)
        grid.addWidget(QLabel("Ctrl+1, Ctrl+2"), grid.rowCount(), 0)
        grid.addWidget(QLabel(_("The ravine lab, the network lab")), grid.rowCount() - 1, 1)
        dialog.show()
