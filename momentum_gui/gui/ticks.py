"""The numbers on an axis: what range it shows, where its ticks are, how a value is written. NumPy only."""

import math
from collections.abc import Sequence

import numpy as np

from momentum_gui.core.params import Array

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
THIN_SPACE = "\u202f"

CALM = 10.0
"""A curve that ends beyond this times the first value runs away."""
ROOM = 2.0
"""Curves that run away are shown up to this times the first value; they leave the others their room."""
MOST = 100.0
"""No linear axis shows more than this times the first value."""
DECADES = 4.0
"""A logarithmic axis shows at most so many decades above the first value …"""
FLOOR = 1e-16
"""… and ends at this times the first value: below it there is only rounding."""
MOST_INNER = 4
"""Up to so many decades have lines at their 2 … 9."""
UPPER_HALF = 0.5
"""A linear axis begins at 0 unless all is above this share of its top."""


def power_text(exponent: int) -> str:
    """Ten to the power of ``exponent``."""
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def number_text(value: float, digits: int, zeros: bool = False) -> str:
    """``value`` with so many significant digits, a power of ten where it is large or small; ``zeros`` fill them up."""
    if value == 0:
        return "0"  # whichever its sign
    if not math.isfinite(value):
        return f"{value:g}".replace("-", "−")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if -4 <= power < max(5, digits):
        text = f"{value:.{max(0, digits - 1 - power)}f}"
        suffix = ""
    else:
        text = mantissa
        suffix = "×" + power_text(power)
    if not zeros and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", "−") + suffix


def tick_text(value: float, step: float) -> str:
    """``value`` on an axis whose numbers are ``step`` apart: with as many decimals as ``step`` has, 0 for less."""
    if abs(value) < step / 100:
        return "0"
    place = math.floor(math.log10(step) + 1e-9)
    size = math.floor(math.log10(abs(value)) + 1e-9)
    plain = -4 <= size < max(5, size - place + 1)
    return number_text(value, max(1, size - place + 1), zeros=plain)


def whole_text(value: int) -> str:
    """A whole number, its digits in groups of three from five digits on."""
    text = str(value) if abs(value) < 10_000 else f"{value:,}".replace(",", THIN_SPACE)
    return text.replace("-", "−")


def round_step(smallest: float) -> float:
    """The smallest of … 0.1, 0.2, 0.5, 1, 2, 5, 10 … that is not below ``smallest``."""
    power = 10.0 ** math.floor(math.log10(smallest))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= smallest * (1 - 1e-9))


def linear_ticks(low: float, high: float, most: int, smallest: float = 0.0) -> list[float]:
    """At most about ``most`` round numbers from ``low`` to ``high``, at least ``smallest`` apart."""
    step = max(round_step((high - low) / max(1, most)), smallest)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def round_heights(low: float, high: float) -> list[float]:
    """Heights that a compressed axis may be labelled with, from low to high: 0, and 1, 2 and 5 times powers of ten
    where the range has many of them, else evenly spaced round ones."""
    if not high > low:
        return [low]
    even = linear_ticks(low, high, 8)
    if low < 0 or low > high / 20:
        return even
    last = math.floor(math.log10(high))
    rounds = [m * 10.0**k for k in range(last - 3, last + 1) for m in (1, 2, 5)]
    return [0.0] * (low < high / 1000) + [value for value in rounds if max(low, high / 1000) <= value <= high]


def linear_texts(ticks: Sequence[float]) -> list[str]:
    """The ticks of a linear axis, all with the same decimals."""
    step = ticks[1] - ticks[0] if len(ticks) > 1 else abs(ticks[0]) if ticks else 0.0
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest >= 1e5 or 0 < step < 1e-4:
        return [number_text(tick, 4) for tick in ticks]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return [f"{tick:.{decimals}f}".replace("-", "−") for tick in ticks]


def log_ticks(low: float, high: float, most: int) -> tuple[list[float], list[float]]:
    """Labelled and unlabelled ticks from 10**low to 10**high, as logarithms."""
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first >= 2:
        stride = next(k for k in (1, 2, 3, 5, 10, 20, 50, 100, 1000) if (last - first) / k <= max(1, most))
        major = [float(k) for k in range(first, last + 1) if k % stride == 0]
        if stride > 1 or last - first > MOST_INNER:
            return major, [float(k) for k in range(first, last + 1) if k % stride]
        inner = [k + math.log10(m) for k in range(first - 1, last + 1) for m in range(2, 10)]
        return major, [v for v in inner if low <= v <= high]
    rounds = [k + math.log10(m) for k in range(first - 1, last + 1) for m in (1, 2, 5)]
    rounds = [v for v in rounds if low <= v <= high]
    if len(rounds) < 3:
        rounds = [math.log10(v) for v in linear_ticks(10**low, 10**high, most) if v > 0]
    return rounds, []


def log_texts(ticks: Sequence[float]) -> list[str]:
    """The labelled ticks of a logarithmic axis: powers of ten, or numbers where it shows a part of one."""
    if all(abs(tick - round(tick)) < 1e-9 for tick in ticks):
        return [power_text(round(tick)) for tick in ticks]
    return [number_text(10**tick, 4) for tick in ticks]


def linear_range(parts: Sequence[Array]) -> tuple[float, float]:
    """The range that shows ``parts``, the seen values of every curve, each with at least one.

    A curve that runs away flattens nobody: it leaves the picture.
    """
    first = max(abs(float(part[0])) for part in parts)
    low, high = min(float(part.min()) for part in parts), max(float(part.max()) for part in parts)
    if first > 0:
        calm = [part for part in parts if abs(part[-1]) <= CALM * first]
        needed = max((float(np.abs(part).max()) for part in calm), default=0.0)
        reach = max(ROOM * first, min(MOST * first, needed))
        low, high = max(low, -reach), min(high, reach)
    if 0 <= low < UPPER_HALF * high:
        low = 0.0
    return (low, high) if high > low else (low - 0.1 * (abs(low) or 1), high + 0.1 * (abs(high) or 1))


def share_range(parts: Sequence[Array]) -> tuple[float, float]:
    """The range that shows ``parts``, shares of 0 to 1: from a whole tenth up to 1."""
    lowest = min((float(part.min()) for part in parts), default=0.0)
    return min(0.9, math.floor(10 * lowest) / 10), 1.0


def log_range(parts: Sequence[Array]) -> tuple[float, float]:
    """The range of logarithms that shows ``parts``; whole decades below, so that it rests while values change."""
    first, high = max(float(part[0]) for part in parts), max(float(part.max()) for part in parts)
    if high <= 0:
        return -1.0, 1.0
    if first > 0:
        high = min(high, first * 10**DECADES)
    lowest = min(_smallest_positive(part) for part in parts)
    lowest = max(lowest, FLOOR * (first if first > 0 else high))
    bottom, top = math.log10(min(lowest, high)), math.log10(high)
    if top - bottom > 2:
        return float(math.floor(bottom + 1e-9)), top
    return (bottom, top) if top - bottom > 0.2 else (bottom - 0.1, top + 0.1)


def _smallest_positive(values: Array) -> float:
    smallest = float(values.min())
    return smallest if smallest > 0 else float(np.min(values, where=values > 0, initial=np.inf))
