"""What changes a racer's hyper-parameters in mid-run: the schedule of its learning rate, and single changes."""

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from momentum_gui.core.optimizers import Optimizer
from momentum_gui.core.params import Declared, numbers
from momentum_gui.core.schedules import SCHEDULES, Change, Schedule
from momentum_gui.gui.editors import Choice, number_text
from momentum_gui.gui.forms import Form, label_width
from momentum_gui.gui.style import SPACE
from momentum_gui.gui.ticks import whole_text
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
    """The changes "from here" of a racer, each with a cross. ``edited`` brings those that should stay."""

    edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Change, ...] = ()
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
        changes = racer.changes
        if changes == self._shown:
            return
        self._shown = changes
        for row, _label, _cross in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []
        hidden = len(changes) - MOST
        if hidden > 0:
            self._add(_("{count} earlier changes").format(count=whole_text(hidden)), changes[hidden:])
        for place, change in list(enumerate(changes))[max(0, hidden) :]:
            symbol = (numbers(type(racer))[change.field].extra or {}).get("symbol", change.field)
            text = _("from step {step} on: {symbol} = {value}").format(
                step=whole_text(change.step - 1), symbol=f"<i>{symbol}</i>", value=number_text(change.value)
            )
            self._add(text, (*changes[:place], *changes[place + 1 :]))

    def _add(self, text: str, without: tuple[Change, ...]) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        label = QLabel(text)
        label.setObjectName("muted")
        cross = QToolButton()
        cross.setObjectName("flat")
        cross.setText("×")
        cross.setToolTip(_("Take this change back"))
        cross.setAccessibleName(_("Take this change back"))
        cross.clicked.connect(lambda: self.edited.emit(without))
        line.addWidget(label, 1)
        line.addWidget(cross)
        self._rows.append((row, label, cross))
        self._column.addWidget(row)
