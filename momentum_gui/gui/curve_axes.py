"""The axes of plots: steps, linear or logarithmic, epochs or seconds below, losses or shares at the left."""

import math
from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QGraphicsItem

from momentum_gui.core.messages import N_
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import linear_texts, linear_ticks, log_texts, log_ticks, whole_text


class Unit(Enum):
    """What the curves are drawn against; the value is the axis's name."""

    STEPS = N_("Step")
    LOG_STEPS = N_("Step, logarithmic")
    EPOCHS = N_("Epoch")
    SECONDS = N_("Seconds of computing")


LAST_PLACE = 9.0
"""Beyond all steps that there may be; until the curves come, a plot may still show the places of another unit."""


def log_place(step: Any) -> Any:
    """Where a step, or each of many, is on a logarithmic axis: log10(1 + step), so that the start has a place, too."""
    return np.log10(1.0 + np.asarray(step))


def step_at(place: float) -> float:
    """The step that has this place on a logarithmic axis."""
    return float(10.0 ** min(place, LAST_PLACE) - 1.0)


class StepAxis(pg.AxisItem):
    """Whole steps, linear or logarithmic, the epochs that so many steps are, or seconds."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.enableAutoSIPrefix(False)
        self.room = 60.0
        self.unit = Unit.STEPS
        self.epoch = 1.0
        """The steps of an epoch, where epochs are written."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        if self.unit is Unit.LOG_STEPS:
            steps = log_step_ticks(step_at(max(0.0, minVal)), step_at(maxVal), size / (maxVal - minVal), self.room)
            return [(1.0, [float(log_place(step)) for step in steps])]
        unit, smallest = self._size, float(self.unit is Unit.STEPS)
        ticks = linear_ticks(max(0.0, minVal) / unit, maxVal / unit, int(size / self.room), smallest)
        ticks = [unit * tick for tick in ticks]
        return [(ticks[1] - ticks[0] if len(ticks) > 1 else 1.0, ticks)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.unit is Unit.LOG_STEPS:
            return [whole_text(round(step_at(value))) for value in values]
        if self.unit is Unit.STEPS:
            return [whole_text(round(value)) for value in values]
        return linear_texts([value / self._size for value in values])

    @property
    def _size(self) -> float:
        """How long the unit is, in the lengths of the plane."""
        return self.epoch if self.unit is Unit.EPOCHS else 1.0


def log_step_ticks(first: float, last: float, decade: float, room: float) -> list[int]:
    """Round steps from ``first`` to ``last``, at least ``room`` pixels apart where a ``decade`` has so many.

    0 and powers of ten, then fives and twos where there is room between them; evenly spaced ones where these are few.
    """
    powers = [10**power for power in range(math.ceil(math.log10(last + 1)) + 1)]
    ticks: list[int] = []
    for step in (0, *powers, *(5 * power for power in powers), *(2 * power for power in powers)):
        apart = (abs(log_place(step) - log_place(tick)) * decade for tick in ticks)
        if first <= step + 1e-9 and step - 1e-9 <= last and all(distance >= room for distance in apart):
            ticks.append(step)
    if len(ticks) > 2:
        return sorted(ticks)
    seen = (log_place(last) - log_place(first)) * decade
    return [round(tick) for tick in linear_ticks(first, last, int(seen / room), 1.0)]


class ValueAxis(pg.AxisItem):
    """Losses, linear or logarithmic, or shares in per cent."""

    def __init__(self, share: bool) -> None:
        super().__init__("left")
        self.enableAutoSIPrefix(False)
        self.room = 40.0
        self.log = False
        self._share = share

    def ticks(self, low: float, high: float, size: float) -> tuple[list[float], list[float]]:
        """Labelled and unlabelled ticks, in the heights of the plane."""
        most = max(3, int(size / self.room))
        return log_ticks(low, high, most) if self.log else (linear_ticks(low, high, most), [])

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        return [(1.0, self.ticks(minVal, maxVal, size)[0])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.log:
            return log_texts(values)
        if self._share:
            return [f"{text} %" for text in linear_texts([100 * value for value in values])]
        return linear_texts(values)


def dress(axis: pg.AxisItem, look: Look) -> None:
    """Give an axis of a plot the colours and the type of ``look``."""
    axis.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)  # for every curve beside it touches it
    axis.setTickFont(look.font(0.95))
    axis.setPen(look.theme.line)
    axis.setTextPen(look.theme.muted)


def make_room_below(axis: pg.AxisItem, numbers: QFontMetricsF) -> None:
    """Give a lower axis the height of its numbers and its name, whose letters may be of a taller font."""
    document = axis.label.document()
    name = axis.label.boundingRect().height() - 2 * document.documentMargin()
    axis.setHeight(numbers.height() + max(name, numbers.height()) + SPACE)
