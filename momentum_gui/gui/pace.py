"""How fast a run trains and how long it will still take."""

from collections import deque

WINDOW = 3.0
"""Seconds over which the rate is taken."""
SOONEST = 0.5
"""Seconds after which there is a rate at all."""


class Pace:
    """The rate of a counter that grows, from what it was in the last few seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, step: int, now: float) -> None:
        """The counter is at ``step`` at the time ``now``; a smaller one than before begins anew."""
        if self._marks and step < self._marks[-1][1]:
            self._marks.clear()
        self._marks.append((now, step))
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW:
            self._marks.popleft()

    def rest(self) -> None:
        """Nothing grows now."""
        self._marks.clear()

    @property
    def rate(self) -> float:
        """Steps a second; 0 as long as it is not known."""
        if not self._marks:
            return 0.0
        (first, begin), (last, end) = self._marks[0], self._marks[-1]
        return (end - begin) / (last - first) if last - first >= SOONEST else 0.0
