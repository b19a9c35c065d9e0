"""The bar below: play, step, speed and the time line, over a playhead."""

import time

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QToolButton, QVBoxLayout

from momentum_gui.gui.editors import ValueSlider
from momentum_gui.gui.pace import Pace
from momentum_gui.gui.playhead import FASTEST, Playhead
from momentum_gui.gui.style import SPACE, Look, icon
from momentum_gui.gui.ticks import whole_text
from momentum_gui.i18n import _

READ = 0.5
"""Seconds for which a rate stands, so that it can be read."""


class TimeLine(QSlider):
    """A slider over the steps; a click goes where it points."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName(_("Time line"))

    def mousePressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            handle = self.style().subControlRect(
                QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
            )
            if not handle.contains(event.position().toPoint()):
                span = self.width() - handle.width()
                place = round(event.position().x() - handle.width() / 2)
                self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, span))
        super().mousePressEvent(event)


class Transport(QFrame):
    """The playhead's buttons. ``play_wanted`` and ``go_wanted`` say what a person asked for."""

    play_wanted = Signal(bool)
    go_wanted = Signal(int)

    def __init__(self, playhead: Playhead, look: Look) -> None:
        super().__init__()
        self.setObjectName("card")
        self._playhead = playhead
        self._look = look
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE // 2, SPACE * 3 // 2, SPACE // 2)
        row.setSpacing(SPACE // 2)
        self.buttons: dict[str, QToolButton] = {}
        for name, text, shortcut, slot in (
            ("to_start", _("To the start"), Qt.Key.Key_Home, lambda: self.go_wanted.emit(0)),
            ("step_back", _("One step back"), Qt.Key.Key_Left, lambda: self._go_by(-1)),
            ("play", _("Play or pause"), Qt.Key.Key_Space, lambda: self.play_wanted.emit(not playhead.playing)),
            ("step", _("One step on"), Qt.Key.Key_Right, lambda: self._go_by(1)),
            ("to_end", _("To the end"), Qt.Key.Key_End, lambda: self.go_wanted.emit(playhead.steps)),
        ):
            button = QToolButton()
            action = QAction(text, button)
            action.setShortcut(QKeySequence(shortcut))
            action.setToolTip(f"{text} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
            action.triggered.connect(slot)
            button.setDefaultAction(action)
            button.setAccessibleName(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.buttons[name] = button
            row.addWidget(button)
        self.buttons["play"].setObjectName("primary")
        row.addSpacing(SPACE)
        self._speed_label = QLabel(_("Speed"))
        row.addWidget(self._speed_label)
        self.speed = ValueSlider(1, FASTEST, logarithmic=True, integer=True)
        self.speed.setFixedWidth(12 * SPACE)
        self.speed.setAccessibleName(_("Speed"))
        self.speed.show_value(playhead.speed)
        self.speed.changed.connect(self._change_speed)
        self._speed_label.setBuddy(self.speed)
        row.addWidget(self.speed)
        self._speed_text = QLabel()
        self._speed_text.setObjectName("muted")
        row.addWidget(self._speed_text)
        row.addSpacing(SPACE)
        self.line = TimeLine()
        self.line.valueChanged.connect(self.go_wanted)
        row.addWidget(self.line, 1)
        self.counter = QLabel()
        self.counter.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.training = QLabel()
        self.training.setObjectName("muted")
        self.training.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.training.hide()
        self._pace = Pace()
        self._said_at = 0.0
        counts = QVBoxLayout()
        counts.setSpacing(0)
        counts.addWidget(self.counter, 0, Qt.AlignmentFlag.AlignRight)
        counts.addWidget(self.training)
        row.addSpacing(SPACE)
        row.addLayout(counts)
        playhead.moved.connect(self.show_step)
        playhead.playing_changed.connect(self._show_playing)
        look.changed.connect(self.restyle)
        self.restyle()
        self._change_speed(playhead.speed)

    @Slot()
    def restyle(self) -> None:
        theme = self._look.theme
        size = round(self._look.points() * 1.9)
        for name, button in self.buttons.items():
            button.setIconSize(QSize(size, size))
            if name != "play":
                button.defaultAction().setIcon(icon(name, theme.text))
        self._show_playing(self._playhead.playing)
        metrics = self.fontMetrics()
        self._speed_text.setMinimumWidth(metrics.horizontalAdvance(_("{speed} steps/s").format(speed="0000")))
        self._fit_counter()

    @Slot(int)
    def show_step(self, step: int) -> None:
        if self.line.maximum() != self._playhead.steps:
            with QSignalBlocker(self.line):
                self.line.setRange(0, self._playhead.steps)
                self.line.setPageStep(max(1, self._playhead.steps // 20))
            self._fit_counter()
        with QSignalBlocker(self.line):
            self.line.setValue(step)
        steps = whole_text(self._playhead.steps)
        self.counter.setText(_("Step {step} of {steps}").format(step=whole_text(step), steps=steps))

    def show_training(self, reached: int, busy: bool) -> None:
        """Say how far the training is, or while it goes on, how fast it is and how long it will still take."""
        now = time.monotonic()
        if busy:
            self._pace.note(reached, now)
        else:
            self._pace.rest()
        rate = self._pace.rate
        if rate and now - self._said_at >= READ:
            self._said_at = now
            left = duration((self._playhead.steps - reached) / rate)
            self.training.setText(_("{rate}/s, {time} left").format(rate=whole_text(rounded(rate)), time=left))
        elif not busy:
            self.training.setText(_("trained to {step}").format(step=whole_text(reached)))

    def show_speed(self, speed: float) -> None:
        self.speed.show_value(speed)
        self._change_speed(speed)

    def _fit_counter(self) -> None:
        """Room for the widest count, so that nothing moves while it counts."""
        widest = whole_text(int("8" * len(str(self._playhead.steps))))
        text = _("Step {step} of {steps}").format(step=widest, steps=widest)
        metrics = self.counter.fontMetrics()
        # of one size, so that no new text has the whole window laid out anew
        self.counter.setFixedSize(metrics.horizontalAdvance(text), metrics.height())
        self.training.setFont(self._look.font(0.85))
        text = _("{rate}/s, {time} left").format(rate=whole_text(99_000), time=duration(55 * 60))
        self.training.setMinimumWidth(self.training.fontMetrics().horizontalAdvance(text))

    def _go_by(self, steps: int) -> None:
        self.go_wanted.emit(self._playhead.step + steps)

    @Slot(object)
    def _change_speed(self, speed: float) -> None:
        self._playhead.speed = speed
        text = _("fastest") if speed >= FASTEST else _("{speed} steps/s").format(speed=f"{speed:.0f}")
        self._speed_text.setText(text)

    @Slot(bool)
    def _show_playing(self, playing: bool) -> None:
        action = self.buttons["play"].defaultAction()
        action.setIcon(icon("pause" if playing else "play", self._look.theme.on_accent))


def rounded(rate: float) -> int:
    """A rate with two digits: more would not stand still."""
    return round(float(f"{rate:.2g}"))


def duration(seconds: float) -> str:
    """A time in seconds, minutes or hours."""
    if seconds < 99.5:
        return _("{count} s").format(count=max(1, round(seconds)))
    if seconds < 99.5 * 60:
        return _("{count} min").format(count=round(seconds / 60))
    return _("{count} h").format(count=whole_text(round(seconds / 3600)))
