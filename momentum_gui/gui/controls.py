"""The panel of controls: racers, objective, run. It shows an experiment and proposes edited ones."""

from typing import Any, NamedTuple

from msgspec import structs
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QColorDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from momentum_gui.core.experiment import MAX_RACERS, Experiment
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.optimizer import CONSTANT, Optimizer
from momentum_gui.core.optimizers import OPTIMIZERS
from momentum_gui.core.params import Declared, numbers
from momentum_gui.gui.column import Column
from momentum_gui.gui.editors import Choice, LineEdit
from momentum_gui.gui.forms import Form
from momentum_gui.gui.markers import marker_icon
from momentum_gui.gui.schedule_edit import ChangeList, ScheduleEdit
from momentum_gui.gui.style import PALETTE, SPACE, Look, icon, racer_color
from momentum_gui.gui.ticks import whole_text
from momentum_gui.i18n import _, say

WIDE = 50 * SPACE
"""Pixels that the controls are wide at least where their text is large."""


def adopt(kind: type[Declared], old: Declared, **given: object) -> Any:
    """A value of class ``kind`` with the fields ``given``, that keeps what ``old`` says in the others both have."""
    shared = {name: getattr(old, name) for name in kind.__struct_fields__ if name in old.__struct_fields__}
    if "changes" in shared:
        shared["changes"] = tuple(change for change in shared["changes"] if change.field in numbers(kind))
    return kind(**(shared | given))


class Section(QFrame):
    """A card with a heading, a place for buttons beside it, and a body."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE * 3 // 2)
        self.body.setSpacing(SPACE)
        self.head = QHBoxLayout()
        heading = QLabel(title)
        heading.setObjectName("heading")
        self.head.addWidget(heading)
        self.head.addStretch(1)
        self.body.addLayout(self.head)


class Moment(NamedTuple):
    """A step of a run of so many steps."""

    step: int
    steps: int


class RacerCard(QWidget):
    """One racer: its marker (a click switches it off or on), its method, its hyper-parameters, its menu."""

    edited = Signal(object, str)
    """The racer as it should be, and the field that was edited."""
    duplicate_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, index: int, racer: Optimizer, look: Look) -> None:
        super().__init__()
        self._index = index
        self._racer = racer
        self._look = look
        self._moment: Moment | None = None
        self._limit: tuple[float | None, str] = None, ""
        self._dress: tuple[str, bool] | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, SPACE // 2)
        layout.setSpacing(SPACE // 2)
        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        self.switch = QToolButton()
        self.switch.setObjectName("flat")
        self.switch.setAccessibleName(_("Racer on or off"))
        self.switch.clicked.connect(self._toggle)
        self.method = Choice({kind: _(kind.title) for kind in OPTIMIZERS})
        self.method.setAccessibleName(_("Method"))
        self.method.changed.connect(self._change_method)
        self.name = LineEdit()
        self.name.setMaxLength(40)
        self.name.setAccessibleName(_("Name of the racer"))
        self.name.changed.connect(lambda text: self._edit("label", text.strip()))
        self.menu_button = QToolButton()
        self.menu_button.setObjectName("flat")
        self.menu_button.setAccessibleName(_("More for this racer"))
        self.menu_button.setToolTip(_("Rename, recolour, duplicate, remove"))
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.menu_button)
        self.rename_action = menu.addAction(_("Rename"), self._rename)
        menu.addAction(_("Colour…"), self._recolour)
        menu.addAction(_("Duplicate"), self.duplicate_wanted.emit)
        menu.addSeparator()
        menu.addAction(_("Remove"), self.remove_wanted.emit)
        self.menu_button.setMenu(menu)
        head.addWidget(self.switch)
        head.addWidget(self.name, 4)
        head.addWidget(self.method, 3)
        head.addWidget(self.menu_button)
        layout.addLayout(head)
        self.form = Form(type(racer))
        self.form.edited.connect(self._edit_number)
        self.schedule = ScheduleEdit()
        self.schedule.edited.connect(lambda schedule: self._edit("schedule", schedule))
        self.form.add_advanced(self.schedule)
        layout.addWidget(self.form)
        self.changes = ChangeList()
        self.changes.edited.connect(self.edited)
        layout.addWidget(self.changes)
        self.show_racer(racer)

    def show_racer(self, racer: Optimizer) -> None:
        """Show ``racer``, of the same method as before."""
        if racer.schedule != CONSTANT and (racer is self._racer or self._racer.schedule == CONSTANT):
            self.form.unfold()
        self._racer = racer
        self.form.show_value(self._in_force)
        self.schedule.show_schedule(racer.schedule)
        self.changes.show_racer(racer)
        self.changes.setVisible(bool(racer.changes or racer.weight_changes))
        self.form.setEnabled(racer.enabled)
        self.method.show_value(type(racer))
        self.name.show_value(racer.label)
        self.name.setVisible(bool(racer.label))
        if self._dress != (racer.color, racer.enabled):  # icons are costly while a slider is dragged
            self.restyle()

    def show_moment(self, moment: Moment | None) -> None:
        """Edit from this moment on, and show the numbers in force there; None: from the start."""
        before, self._moment = self._in_force, moment
        if self._in_force != before:
            self.form.show_value(self._in_force)

    @property
    def _in_force(self) -> Optimizer:
        """The racer with the numbers that are shown."""
        if self._moment is None or not self._racer.changes:
            return self._racer
        t = self._moment.step + 1
        now = {change.field: self._racer.number_at(change.field, t) for change in self._racer.changes}
        return structs.replace(self._racer, **now)

    def restyle(self) -> None:
        theme = self._look.theme
        self._dress = self._racer.color, self._racer.enabled
        color = racer_color(self._index, self._racer.color, theme)
        size = round(self._look.points() * 1.8)
        self.switch.setIconSize(QSize(size, size))
        self.switch.setIcon(marker_icon(self._index, color, theme, size, filled=self._racer.enabled))
        self.switch.setToolTip(_("Switch this racer off") if self._racer.enabled else _("Switch this racer on"))
        self.menu_button.setIconSize(QSize(size, size))
        self.menu_button.setIcon(icon("more", theme.muted))
        self.form.show_limit("lr", *self._limit, QColor(theme.error))

    def show_limit(self, limit: float | None, text: str) -> None:
        """Mark the limit of stability on the slider of the learning rate; None for no mark."""
        if (limit, text) != self._limit:
            self._limit = limit, text
            self.form.show_limit("lr", limit, text, QColor(self._look.theme.error))

    def _edit(self, field: str, value: object) -> None:
        self.edited.emit(structs.replace(self._racer, **{field: value}), field)

    def _edit_number(self, field: str, value: object) -> None:
        """A field of the form was edited: from the start, or from the moment on."""
        moment = self._moment
        if moment is None or field not in numbers(type(self._racer)):
            self._edit(field, value)
            return
        assert isinstance(value, int | float)
        try:
            if moment.step >= moment.steps:
                raise InputError(N_("nothing follows the last step; go back to an earlier one"))
            self.edited.emit(self._racer.changed(field, value, moment.step + 1), f"{field}.here")
        except InputError as error:
            self.form.show_value(self._in_force)
            self.form.show_fault(say(error))

    @Slot()
    def _toggle(self) -> None:
        self._edit("enabled", not self._racer.enabled)

    @Slot(object)
    def _change_method(self, kind: type[Optimizer]) -> None:
        if kind is not type(self._racer):
            self.edited.emit(adopt(kind, self._racer), "kind")

    @Slot()
    def _rename(self) -> None:
        self.name.setVisible(True)
        self.name.setPlaceholderText(_("Name"))
        self.name.setFocus()
        self.name.selectAll()

    @Slot()
    def _recolour(self) -> None:
        menu = QMenu(self)
        size = round(self._look.points() * 1.6)
        for color in PALETTE:
            shown = racer_color(0, color, self._look.theme)
            action = menu.addAction(marker_icon(self._index, shown, self._look.theme, size), shown.name())
            action.setData(color)
        menu.addSeparator()
        other = menu.addAction(_("Another colour…"))
        chosen = menu.exec(self.menu_button.mapToGlobal(QPoint(0, self.menu_button.height())))
        if chosen is other:
            picked = QColorDialog.getColor(racer_color(self._index, self._racer.color, self._look.theme), self)
            if picked.isValid():
                self._edit("color", picked.name())
        elif chosen is not None:
            self._edit("color", chosen.data())


class RacerList(Section):
    """The racers of an experiment: add, duplicate, remove, and a card for each."""

    edited = Signal(object, str)
    """The optimizers as they should be, and what was edited (for undo)."""

    def __init__(self, look: Look) -> None:
        super().__init__(_("Racers"))
        self._look = look
        self._racers: tuple[Optimizer, ...] = ()
        self.cards: list[RacerCard] = []
        self.pin_buttons = {}
        for name, text, key in (
            ("unpin", _("Unpin the ghosts"), "Shift+G"),
            ("pin", _("Pin this race as ghosts, to compare the next ones with it"), "G"),
        ):
            button = QToolButton()
            button.setObjectName("flat")
            action = QAction(text, button)
            action.setShortcut(QKeySequence(key))
            action.setToolTip(f"{text} ({key})")
            button.setDefaultAction(action)
            button.setAccessibleName(text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.pin_buttons[name] = button
            self.head.addWidget(button)
        self.show_pinned(None)
        self.add_button = QToolButton()
        self.add_button.setObjectName("flat")
        self.add_button.setToolTip(_("Add a racer"))
        self.add_button.setAccessibleName(_("Add a racer"))
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.add_button)
        for kind in OPTIMIZERS:
            action = menu.addAction(_(kind.title))
            action.triggered.connect(lambda _checked=False, kind=kind: self._add(kind))
        self.add_button.setMenu(menu)
        self.head.addWidget(self.add_button)
        self._moment = Moment(0, 1)
        self.since = QButtonGroup(self)
        row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        self._change_label = QLabel(_("Change"))
        self._change_label.setObjectName("muted")
        row.addWidget(self._change_label)
        for number, tip in enumerate(
            (
                _("A change of a learning rate or the like redraws the whole run."),
                _("A change of a learning rate or the like acts after the step shown; the run so far stays."),
            )
        ):
            button = QToolButton()
            button.setObjectName("since")
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAccessibleDescription(tip)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            policy = QSizePolicy.Policy.Ignored if number else QSizePolicy.Policy.Minimum
            button.setSizePolicy(policy, QSizePolicy.Policy.Fixed)
            self.since.addButton(button, number)
            row.addWidget(button, number)
        self.since.button(0).setText(_("from start"))
        self.since.button(0).setChecked(True)
        self.since.idClicked.connect(self._choose_since)
        self.body.addLayout(row)
        self.show_step(0, 1)
        self._empty = QLabel(_("No racers. Add one with +."))
        self._empty.setObjectName("muted")
        self.body.addWidget(self._empty)

    def show_racers(self, racers: tuple[Optimizer, ...]) -> None:
        """Show ``racers``; cards are made anew only where the methods differ."""
        if [type(racer) for racer in racers] != [type(racer) for racer in self._racers]:
            for card in self.cards:
                card.hide()
                card.deleteLater()
            self.cards = [RacerCard(index, racer, self._look) for index, racer in enumerate(racers)]
            for index, card in enumerate(self.cards):
                card.edited.connect(lambda racer, field, index=index: self._replace(index, racer, field))
                card.duplicate_wanted.connect(lambda index=index: self._duplicate(index))
                card.remove_wanted.connect(lambda index=index: self._remove(index))
                card.show_moment(self._since)
                self.body.addWidget(card)
        else:
            for card, racer, before in zip(self.cards, racers, self._racers, strict=True):
                if racer != before:
                    card.show_racer(racer)
        self._racers = racers
        self._empty.setVisible(not racers)
        self.add_button.setEnabled(len(racers) < MAX_RACERS)

    @Slot(object)
    def show_pinned(self, simulation: object) -> None:
        """Whether there are ghosts to unpin."""
        self.pin_buttons["unpin"].defaultAction().setVisible(simulation is not None)
        self.pin_buttons["unpin"].setVisible(simulation is not None)

    @property
    def _since(self) -> Moment | None:
        """From where on changes act; None: from the start."""
        return self._moment if self.since.checkedId() == 1 else None

    def show_step(self, step: int, steps: int) -> None:
        """The playhead is at ``step`` of ``steps``."""
        longer, self._moment = steps != self._moment.steps, Moment(step, steps)
        self.since.button(1).setText(_("from step {step} on").format(step=whole_text(step)))
        if longer:
            self._fit_since()
        if self._since is not None:
            self._show_moment()

    def _fit_since(self) -> None:
        """Let the label give way where the last step's number would not be seen whole."""
        last = _("from step {step} on").format(step=whole_text(self._moment.steps))
        button = self.since.button(1)
        longer = button.fontMetrics().horizontalAdvance(last) - button.fontMetrics().horizontalAdvance(button.text())
        widgets = self._change_label, self.since.button(0), button
        needed = sum(widget.sizeHint().width() for widget in widgets) + longer + SPACE
        self._change_label.setVisible(needed <= self.contentsRect().width() - 3 * SPACE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_since()

    @Slot(int)
    def _choose_since(self, _number: int) -> None:
        self._show_moment()

    def _show_moment(self) -> None:
        for card in self.cards:
            card.show_moment(self._since)

    def restyle(self) -> None:
        size = round(self._look.points() * 1.8)
        self.add_button.setIcon(icon("add", self._look.theme.text))
        self.add_button.setIconSize(QSize(size, size))
        for name, button in self.pin_buttons.items():
            button.setIconSize(QSize(size, size))
            button.defaultAction().setIcon(icon(name, self._look.theme.text))
        for card in self.cards:
            card.restyle()

    def _replace(self, index: int, racer: Optimizer, field: str) -> None:
        racers = (*self._racers[:index], racer, *self._racers[index + 1 :])
        self.edited.emit(racers, f"optimizers.{index}.{field}")

    def _free_color(self) -> str:
        """The first colour of the palette that no racer has."""
        used = {racer.color or PALETTE[index % len(PALETTE)] for index, racer in enumerate(self._racers)}
        return next((color for color in PALETTE if color not in used), "")

    def _add(self, kind: type[Optimizer]) -> None:
        racer = adopt(kind, self._racers[-1]) if self._racers else kind()
        new = structs.replace(racer, label="", color=self._free_color(), enabled=True)
        self.edited.emit((*self._racers, new), "optimizers.add")

    def _duplicate(self, index: int) -> None:
        copy = structs.replace(self._racers[index], color=self._free_color())
        self.edited.emit((*self._racers, copy), "optimizers.duplicate")

    def _remove(self, index: int) -> None:
        # those behind move up: their colours are written down, so that nobody changes colour
        kept = [
            structs.replace(racer, color=racer.color or PALETTE[place % len(PALETTE)])
            for place, racer in enumerate(self._racers)
            if place != index
        ]
        self.edited.emit(tuple(kept), "optimizers.remove")


class Controls(Column):
    """The left panel. ``edited`` brings the experiment as it should be and what was edited (for undo)."""

    edited = Signal(object, str)

    def __init__(self, look: Look, run_fields: tuple[str, ...]) -> None:
        super().__init__()
        self.look = look
        self.experiment: Experiment | None = None
        self.cards.setContentsMargins(0, 0, SPACE // 2, 0)
        self.racers = RacerList(look)
        self.racers.edited.connect(lambda racers, key: self.propose(key, optimizers=racers))
        self.cards.addWidget(self.racers)
        self.run = Section(_("Run"))
        self.run_form = Form(Experiment, run_fields)
        self.run_form.edited.connect(lambda name, value: self.propose(name, **{name: value}))
        self.run.body.addWidget(self.run_form)
        self.cards.addWidget(self.run)
        self.cards.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.fit()
        look.changed.connect(self.restyle)
        self.restyle()

    def insert(self, section: Section) -> None:
        """Put ``section`` between the racers and the run."""
        self.cards.insertWidget(self.cards.indexOf(self.run), section)

    def show_experiment(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.racers.show_racers(experiment.optimizers)
        self.run_form.show_value(experiment)

    def propose(self, key: str, **fields: object) -> None:
        """Tell everyone what the experiment should be."""
        assert self.experiment is not None
        self.edited.emit(structs.replace(self.experiment, **fields), key)

    @Slot()
    def restyle(self) -> None:
        self.racers.restyle()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("0") * 40, 600)

    def narrowest(self) -> int:
        """As wide as it is best; with text so large that this is too much, what is in it decides."""
        return min(self.sizeHint().width(), WIDE)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()
