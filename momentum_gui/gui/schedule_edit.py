"""What changes a racer's hyper-parameters in mid-run: the schedule of its learning rate, and single changes."""

from msgspec import structs
from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Declared, numbers
from momentum_gui.core.schedules import SCHEDULES, Change, Schedule
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.gui.editors import Choice
from momentum_gui.gui.forms import Form, label_width
from momentum_gui.gui.style import SPACE
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.i18n import _

MOST = 6
"""So many changes are listed, the newest ones."""


class ScheduleEdit(QWidget):
    """Which schedule, and its fields. ``edited`` brings the schedule as it should be."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._schedule: Schedule | None = None
        self.form: Form | None = None
        hint = _("How the learning rate goes through the run.")
        self._label = QLabel(_("Schedule"))
        self._label.setToolTip(hint)
        self.kind = Choice({kind: _(kind.title) for kind in SCHEDULES})
        self.kind.setAccessibleName(_("Schedule"))
        self.kind.setAccessibleDescription(hint)
        self.kind.changed.connect(self._change_kind)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        row.addWidget(self._label)
        row.addWidget(self.kind, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE // 2)
        self._column.addLayout(row)
        self._align()

    def show_schedule(self, schedule: Schedule) -> None:
        if type(schedule) is not type(self._schedule):
            if self.form is not None:
                self.form.hide()
                self.form.deleteLater()
            self.form = Form(type(schedule))
            self.form.edited.connect(self._change_field)
            self.form.setVisible(bool(self.form.editors))
            self._column.addWidget(self.form)
            self.kind.show_value(type(schedule))
            self.kind.setToolTip(schedule.formula)
        self._schedule = schedule
        assert self.form is not None
        self.form.show_value(schedule)

    @Slot(object)
    def _change_kind(self, kind: type[Schedule]) -> None:
        if kind is not type(self._schedule):
            self.edited.emit(kind())

    def _change_field(self, name: str, value: object) -> None:
        assert isinstance(self._schedule, Declared)
        fields = {each: getattr(self._schedule, each) for each in self._schedule.__struct_fields__}
        self.edited.emit(type(self._schedule)(**{**fields, name: value}))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._align()

    def _align(self) -> None:
        self._label.setMinimumWidth(label_width(self.fontMetrics()))


class ChangeList(QWidget):
    """What changes "from here" on in a racer, hyper-parameters and single weights, each with a cross."""

    edited = Signal(object, str)
    """The racer as it should be, and the field that was edited."""

    def __init__(self) -> None:
        super().__init__()
        self._racer: Optimizer | None = None
        self._shown: tuple[Change | WeightChange, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._rows: list[tuple[QWidget, QLabel, QToolButton]] = []
        self.setVisible(False)

    @property
    def texts(self) -> list[str]:
        """What the rows say."""
        return [label.text() for _row, label, _cross in self._rows]

    @property
    def crosses(self) -> list[QToolButton]:
        """What takes the rows away."""
        return [cross for _row, _label, cross in self._rows]

    def show_racer(self, racer: Optimizer) -> None:
        """List what changes in mid-run; a change is named after the step that was shown when it was made."""
        listed: list[tuple[int, Change | WeightChange]] = [(change.step - 1, change) for change in racer.changes]
        listed += [(change.step, change) for change in racer.weight_changes]
        listed.sort(key=lambda each: each[0])
        changes = tuple(change for _step, change in listed)
        before, self._shown = self._shown, changes
        self._racer = racer  # what else of it was edited stays when a change is taken back
        if changes == before:
            return
        for row, _label, _cross in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        hidden = len(changes) - MOST
        if hidden > 0:
            self._add(_("{count} earlier changes").format(count=whole_text(hidden)), "", range(hidden))
        for place in range(max(0, hidden), len(listed)):
            step, change = listed[place]
            symbol, tip = named(change, racer)
            text = _("from step {step} on: {symbol} = {value}").format(
                step=whole_text(step), symbol=symbol, value=number_text(change.value, 6)
            )
            self._add(text, tip, range(place, place + 1))

    def _add(self, text: str, tip: str, gone: range) -> None:
        row = QWidget()
        row.setToolTip(tip)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        label = QLabel(text)
        label.setObjectName("muted")
        cross = QToolButton()
        cross.setObjectName("flat")
        cross.setText("×")
        cross.setToolTip(_("Take this change back"))
        cross.setAccessibleName(_("Take this change back"))
        cross.clicked.connect(lambda: self._take_back(gone))
        line.addWidget(label, 1)
        line.addWidget(cross)
        self._rows.append((row, label, cross))
        self._column.addWidget(row)

    def _take_back(self, places: range) -> None:
        """Propose the racer without the changes at these places: these very ones, not others that are equal to them."""
        racer, gone = self._racer, self._shown[places.start : places.stop]
        assert racer is not None
        left = {
            field: tuple(change for change in getattr(racer, field) if not any(change is each for each in gone))
            for field in ("changes", "weight_changes")
        }
        self.edited.emit(structs.replace(racer, **left), "changes")


def named(change: Change | WeightChange, racer: Optimizer) -> tuple[str, str]:
    """What a change is called in a formula, as rich text, and in words."""
    if isinstance(change, Change):
        return f"<i>{(numbers(type(racer))[change.field].extra or {}).get('symbol', change.field)}</i>", ""
    layer, source, unit = change.weight
    if source == 0:
        text = _("Layer {layer}: the bias of unit {unit}, set by hand; training goes on from there.")
        return f"<i>b</i><sub>{layer}</sub>({unit})", text.format(layer=layer, unit=unit)
    text = _("Layer {layer}: the weight from {source} to unit {unit}, set by hand; training goes on from there.")
    return f"<i>w</i><sub>{layer}</sub>({source} → {unit})", text.format(layer=layer, source=source, unit=unit)
