"""The playhead: which step of the history the views show, and how it moves."""

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Signal, Slot

FRAME = 16
"""Milliseconds between two looks at the histories, where what is drawn then takes at most half of that."""

SLOWEST, SMOOTH = 180, 50
"""Milliseconds between two looks at the most, however long a frame takes; the second while steps are played one by
one, for somebody follows them."""

FASTEST = 1000.0
"""Steps a second above which playing means: stay with the newest step there is."""

PAINTS = (QEvent.Type.LayoutRequest, QEvent.Type.MetaCall, QEvent.Type.UpdateRequest)
"""What Qt posts itself to lay out and to paint. Nothing else is sent early: on Windows timers are posted events, too,
and one without an interval would be sent again and again until its work is done."""


class Playhead(QObject):
    """A step between 0 and ``steps`` that plays, pauses and is dragged over a history.

    ``reached`` is how far the history has come; the playhead never passes it. While it plays or ``pulling`` is set,
    ``frame`` comes up to 60 times a second, to look how far the histories are; then ``moved``, or ``rested`` where the
    playhead stays: either way there may be something to draw, once.
    """

    moved = Signal(int)
    frame = Signal()
    rested = Signal()
    painted = Signal()
    """All that a frame asked for is painted."""
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.steps = 0
        self.speed = 10.0
        self.yields = 1.0
        """While a history grows, how many times as long as a frame took it is left alone after it."""
        self._reached = 0
        self._grows = False
        self._place = 0.0
        self._playing = False
        self._pulling = False
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME)
        self._timer.timeout.connect(self._tick)

    @property
    def step(self) -> int:
        return int(self._place)

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def at_end(self) -> bool:
        return self.step >= self.steps

    def set_steps(self, steps: int, reached: int, step: int) -> None:
        """Another history: its length, how far it has come, and the step to show."""
        self.steps, self._reached = steps, reached
        self._place = float(min(step, steps, reached))
        self.moved.emit(self.step)

    def set_reached(self, reached: int) -> None:
        self._grows = reached > self._reached
        self._reached = reached

    def go(self, step: int) -> None:
        """Show ``step``, or the nearest there is."""
        place = min(max(0, step), self._reached, self.steps)
        if place != self.step:
            self._place = float(place)
            self.moved.emit(place)

    def pull(self, wanted: bool) -> None:
        """Keep ``frame`` coming while a history grows, also when the playhead rests."""
        self._pulling = wanted
        self._clock()

    @Slot()
    def play(self) -> None:
        """Play on, from the start if the end is reached."""
        if self.at_end:
            self.go(0)
        self._set_playing(True)

    @Slot()
    def pause(self) -> None:
        self._set_playing(False)

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self._clock()
            self.playing_changed.emit(playing)

    def _clock(self) -> None:
        if self._playing or self._pulling:
            if not self._timer.isActive():
                self._last = time.perf_counter()
                self._timer.start(FRAME)
        else:
            self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        now = time.perf_counter()
        passed, self._last = now - self._last, now
        self.frame.emit()
        before = self.step
        if self._playing and self.speed >= FASTEST:
            self._place = float(self._reached)
        elif self._playing:
            self._place = min(self._place + self.speed * min(passed, 0.3), float(self._reached))
        if self.step != before:
            self.moved.emit(self.step)
        else:
            self.rested.emit()
        if self._playing and self.at_end:
            self.pause()
        for kind in PAINTS:
            QCoreApplication.sendPostedEvents(None, kind.value)
        self.painted.emit()
        self._breathe()

    def _breathe(self) -> None:
        """Leave keys, mouse and the simulation as much time as the frame took, or more."""
        if not self._timer.isActive():
            return
        cost = 1000 * (time.perf_counter() - self._last)
        most = SMOOTH if self._playing and self.speed < FASTEST else SLOWEST
        rest = min(most - cost, cost * self.yields) if self._grows and self.yields > 1 else cost
        if max(cost, rest) > FRAME / 2:
            self._timer.start(round(max(FRAME - cost, cost, rest)))
        elif self._timer.interval() != FRAME:
            self._timer.start(FRAME)
