"""The window: two labs, and what belongs to both: files, undo, look, shortcuts.

It paints an empty frame first; NumPy and pyqtgraph are imported by ``furnish``, after the first paint.
"""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QPaintEvent,
)
from PySide6.QtWidgets import QFileDialog, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from momentum_gui.gui.header import LABS, Header
from momentum_gui.gui.keys import OwnKeys, Shortcuts
from momentum_gui.gui.look_menu import LookMenu
from momentum_gui.gui.settings import VERSION, Settings
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.i18n import _

if TYPE_CHECKING:
    from momentum_gui.core.experiment import Experiment
    from momentum_gui.gui.lab import Lab

FILTER = "*.toml *.json"
TABLES = (".csv", ".tsv", ".txt")
"""Files with these endings are tables to learn from, not experiments."""

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
        self._restored: set[str] = set()
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
        self.header = Header(look)
        self.tabs, self.heading = self.header.tabs, self.header.heading
        self.header.lab_wanted.connect(self._show_lab)
        self.header.lesson_wanted.connect(self.open_lesson)
        self.header.wanted.connect(self._do)
        self.header.look_button.setMenu(LookMenu(self, look, settings))
        column.addWidget(self.header)
        self.stack = QStackedWidget()
        column.addWidget(self.stack, 1)
        self.setCentralWidget(frame)
        for text, keys, slot in (
            (_("Save under another name…"), "Ctrl+Shift+S", self._save_as),
            (_("Quit"), "Ctrl+Q", self.close),
        ):
            action = QAction(text, self)
            action.setShortcut(QKeySequence(keys))
            action.triggered.connect(slot)
            self.addAction(action)
        self._offer_only_picture()
        self._own_keys = OwnKeys(self)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click beside the fields takes the keys from them
        self._restore_geometry()
        self.setFocus()  # or else Qt lights the first button as if a key had led there

    def _offer_only_picture(self) -> None:
        """A key for the picture alone, with full screen or without, and another that brings all back."""
        self.only_picture = QAction(_("Only the picture"), self)
        self.only_picture.setShortcut(QKeySequence("O"))
        self.only_picture.setCheckable(True)
        self.only_picture.toggled.connect(self._show_only_picture)
        self._all_again = QAction(_("Both sides again"), self)
        self._all_again.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        self._all_again.setEnabled(False)  # Escape is for whatever has the focus
        self._all_again.triggered.connect(lambda: self.only_picture.setChecked(False))
        self.addActions([self.only_picture, self._all_again])

    @Slot(bool)
    def _show_only_picture(self, wanted: bool) -> None:
        self._all_again.setEnabled(wanted)
        for lab in self.labs.values():
            lab.show_only_picture(wanted)
        if wanted:
            self.setFocus()  # a field that is out of sight takes no keys

    def _do(self, command: str) -> None:
        """Do what the header asks for, where it makes sense yet."""
        match command:
            case "fullscreen":
                self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
            case "help":
                self._show_shortcuts()
            case _ if not self.labs:
                return
            case "undo":
                self.lab.undo_stack.undo()
            case "redo":
                self.lab.undo_stack.redo()
            case "fit":
                self.lab.fit()
            case "open":
                self._open()
            case "save":
                self._save()
            case "reset":
                self._start_afresh()

    def _show_shortcuts(self) -> None:
        actions = [*self.header.commands, *self.actions()]
        if self.labs:
            buttons = (*self.lab.transport.buttons.values(), *self.lab.panels.switches.values())
            shown = [button.defaultAction() for button in buttons]
            local = Qt.ShortcutContext.WidgetWithChildrenShortcut
            others = [each for each in self.lab.findChildren(QAction) if each.shortcutContext() != local]
            actions = [*dict.fromkeys([*shown, *others]), *actions]
        Shortcuts(self, actions).show()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        self._own_keys.resume()
        return super().focusNextPrevChild(forward)

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

        self.header.take_home.setMenu(TakeHome(self, self._settings, lambda: self.lab if self.labs else None))

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
                self._restored.add(name)
        except InputError:
            pass  # nothing remembered, or by a version that knew other fields: the first example it is
        self.labs[name] = lab
        lab.panels.asked.connect(self._all_again.trigger)  # what is opened is seen
        lab.experiment_changed.connect(self._show_heading)
        lab.experiment_changed.connect(self._remember_soon)
        lab.transport.show_speed(self._settings.get(f"{name}/speed", lab.speed))
        lab.splitter.restoreState(self._settings.get(f"{name}/splitter{VERSION}", QByteArray()))
        lab.curves.log = self._settings.get(f"{name}/log", lab.curves.log)
        lab.curves.away = self._settings.get(f"{name}/away", lab.curves.away)
        lab.arrangement = self._settings.get(f"{name}/arrangement", "")
        lab.lesson.put_away = self._settings.get(f"{name}/put_away", "")
        for panel in self._settings.get(f"{name}/panels", "").split():
            lab.panels.open(panel)
        self.stack.addWidget(lab)
        lab.set_experiment(experiment)
        lab.show_only_picture(self.only_picture.isChecked())

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
        self.hide()  # a step or an evaluation under way may be a long one
        for lab in self.labs.values():
            lab.close_thread()
        event.accept()

    def remember(self) -> None:
        """Keep what is open, for the next start."""
        from momentum_gui.core.experiment_text import to_json

        self._settings.set(f"geometry{VERSION}", self.saveGeometry())
        for name, lab in self.labs.items():
            self._settings.set(f"{name}/splitter{VERSION}", lab.shares)
            self._settings.set(f"{name}/speed", float(lab.playhead.speed))
            self._settings.set(f"{name}/log", lab.curves.log)
            self._settings.set(f"{name}/away", lab.curves.away)
            self._settings.set(f"{name}/arrangement", lab.arrangement)
            self._settings.set(f"{name}/put_away", lab.lesson.put_away)
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

    @Slot()
    def show_what_was_restored(self) -> None:
        """Say that the last session had no end and that its experiment is shown, if it is."""
        name = LABS[self.tabs.checkedId()]
        if name in self._restored and name not in self._paths and not self.lab.banner.isVisible():
            self.lab.banner.show_note(
                _("The last session was cut off. The experiment that was open is back, unsaved; Ctrl+N starts afresh.")
            )

    # ---- files

    @Slot()
    def _show_heading(self) -> None:
        name = LABS[self.tabs.checkedId()]
        lab = self.labs.get(name)
        if lab is None or lab.experiment is None:
            return
        path, objective = self._paths.get(name), lab.experiment.objective
        about: Any = getattr(objective, "data", objective)
        title = path.name if path else _(lab.experiment.title or about.title)
        edited = path is not None and lab.experiment != self._saved.get(name)
        self.heading.setText(f"{title} *" if edited else title)
        self.heading.setToolTip(str(path) if path else "")
        self.setWindowTitle(f"{title} – momentum" if title else "momentum")

    @Slot(object)
    def open_soon(self, path: Path) -> None:
        """Show the experiment in the file ``path``, as soon as there is a lab to show it in."""
        if self.labs:
            self.open_file(path)
        else:
            self._opening = path

    def open_file(self, path: Path) -> None:
        """Show the experiment in the file ``path`` in the lab it belongs to; a fault is said, nothing is lost.

        Of a table the network lab asks what to learn from it.
        """
        if path.suffix.lower() in TABLES:
            self._open_table(path)
            return
        from momentum_gui.core.messages import InputError
        from momentum_gui.core.network import Network
        from momentum_gui.files import load_experiment
        from momentum_gui.i18n import say

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

    def _open_table(self, path: Path) -> None:
        from momentum_gui.gui.network_lab import NetworkLab

        self._show_lab(LABS.index("network"))
        assert isinstance(self.lab, NetworkLab)
        self.lab.open_table(str(path.absolute()))

    @Slot(str)
    def open_lesson(self, name: str) -> None:
        """Show the lesson ``name`` in the lab it belongs to, so that it can be undone."""
        from momentum_gui.lessons import lessons, worded

        lab = name.partition("_")[0]
        self._show_lab(LABS.index(lab))
        self._paths.pop(lab, None)
        self.lab.edit(worded(lessons()[name]), f"lesson {name}")
        self.lab.lesson.bring_back()
        self.lab.go(self.lab.playhead.steps if self.lab.runs_ahead else 0)
        self._show_heading()

    @Slot()
    def _open(self) -> None:
        folder = self._settings.get("folder", "")
        kinds = ((_("Experiments"), FILTER), (_("Tables"), "*.csv *.tsv *.txt"), (_("All files"), "*"))
        name, _filter = QFileDialog.getOpenFileName(
            self, _("Open an experiment"), folder, ";;".join(f"{title} ({pattern})" for title, pattern in kinds)
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
