"""Start or cancel long work, and see how far it has come: its rate and the time that remains."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.task import Task
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.i18n import _, say

PACE = 100
"""Milliseconds between two looks at the task."""
FIRST = 0.5
"""Seconds after which a rate is worth saying."""

Progress = Callable[[Any], tuple[int, int]]
"""How much of a job is done, of how much."""


class Bar(QWidget):
    """How much is done, as a line that fills."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float) -> None:
        self.share = share
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(10 * SPACE, SPACE // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.share <= 0:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._look.theme.line))
        painter.fillRect(0, 0, round(self.width() * self.share), self.height(), QColor(self._look.theme.accent))


class TaskRow(QWidget):
    """A button that starts a task and cancels it, what there is to say about it, and a line that fills.

    It looks at the task on its own timer; nobody tells it anything.
    """

    asked = Signal()
    """Somebody pressed Start."""
    moved = Signal()
    """The task has come further, or has ended."""

    def __init__(self, look: Look, *before: QWidget) -> None:
        super().__init__()
        self.task: Task | None = None
        self._progress: Progress | None = None
        self.text = QLabel()
        self.text.setObjectName("muted")
        self.text.setWordWrap(True)
        self.button = QPushButton()
        self.button.clicked.connect(self._press)
        self.bar = Bar(look)
        self._row = row = QHBoxLayout()
        row.setSpacing(SPACE // 2)
        for widget in before:
            row.addWidget(widget)
        row.addWidget(self.text, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(row)
        column.addWidget(self.bar)
        self._timer = QTimer(self)
        self._timer.setInterval(PACE)
        self._timer.timeout.connect(self.look)
        look.changed.connect(self.bar.update)
        self._dress()

    @property
    def button_width(self) -> int:
        """How wide the button is at most, whatever stands on it."""
        metrics, now = self.button.fontMetrics(), self.button.text()
        wider = max(metrics.horizontalAdvance(text) for text in (_("Start"), _("Cancel")))
        return self.button.sizeHint().width() + wider - metrics.horizontalAdvance(now)

    def keep_button(self, other: QHBoxLayout | None) -> None:
        """Let the button stand at the end of the row ``other``; None: of this one."""
        row = self._row if other is None else other
        if row.indexOf(self.button) < 0:
            row.addWidget(self.button)

    @property
    def running(self) -> bool:
        return self.task is not None and self.task.running

    def watch(self, task: Task, progress: Progress) -> None:
        """Look after ``task`` until it ends; one under way is cancelled."""
        self.cancel()
        self.task, self._progress = task, progress
        self._timer.start()
        self._dress()

    @Slot()
    def cancel(self) -> None:
        if self.task is not None and self.task.running:
            self.task.cancel()
            self.look()

    @Slot()
    def look(self) -> None:
        """Look how far the task is."""
        self._dress()
        if not self.running:
            self._timer.stop()
        self.moved.emit()

    def say(self, text: str) -> None:
        """Say ``text`` while nothing runs."""
        if not self.running:
            self.text.setText(text)

    def _dress(self) -> None:
        running, task = self.running, self.task
        self.button.setText(_("Cancel") if running else _("Start"))
        done, total = self._progress(task.job) if task and task.job is not None and self._progress else (0, 0)
        self.bar.show_share(done / total if running and total else 0.0)
        if task is None:
            return
        if running:
            self.text.setText(self._how_far(task, done, total))
        elif task.failure is not None:
            self.text.setText(say(task.failure))
        elif task.cancelled:
            text = _("Cancelled at {done} of {total}")
            self.text.setText(text.format(done=whole_text(done), total=whole_text(total)) if total else _("Cancelled"))
        else:
            self.text.setText("")

    def _how_far(self, task: Task, done: int, total: int) -> str:
        if not total:
            return _("Preparing …")
        text = _("{done} of {total}").format(done=whole_text(done), total=whole_text(total))
        passed = task.passed
        if passed < FIRST or not done:
            return text
        rate = done / passed
        left = duration_text((total - done) / rate)
        return text + " · " + _("{rate}/s, {time} left").format(rate=number_text(rate, 2), time=left)

    @Slot()
    def _press(self) -> None:
        if self.running:
            self.cancel()
        else:
            self.asked.emit()


def duration_text(seconds: float) -> str:
    """A time in whole seconds, or minutes and seconds."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{seconds} s").format(seconds=whole)
    return _("{minutes} min {seconds} s").format(minutes=whole_text(whole // 60), seconds=whole % 60)
