"""Calls of NumPy, recorded once and made again as straight code.

What makes the same calls on the same arrays again and again, such as the passes of a training step, spends much of its
time on the loops, branches and look-ups around them. So it is run once with a ``Recorder`` in NumPy's place, which
keeps every call instead of making it; ``function`` is these calls, line by line. It is written once, as it is read,
and does what it did, to the bit.
"""

import math
from collections.abc import Callable
from functools import lru_cache, partial
from inspect import unwrap
from types import CodeType
from typing import Any

import numpy as np

from momentum_gui.core.params import Array

LINE = 64
"""Bytes: what a processor reads at once, at most, begins at a multiple of this."""

FILLED = {"empty": None, "zeros": 0, "ones": 1}
"""What makes an array is not recorded, but done, once; and what is in it."""


def room(shape: tuple[int, ...], dtype: type = float, fill: float | None = None) -> Array:
    """An array to write to, in C order, that begins at a multiple of ``LINE``.

    NumPy's own do not, which costs vectors of some thousand numbers a sixth of the time.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + LINE, dtype=np.uint8)
    first = -memory.ctypes.data % LINE
    array: Array = memory[first : first + size].view(dtype).reshape(shape)
    if fill is not None:
        array.fill(fill)
    return array


@lru_cache(maxsize=256)
def compiled(text: str) -> CodeType:
    """``text`` for ``exec``; for all networks of the same layers, and all rules of a kind, it is the same."""
    return compile(text, "<calls>", "exec")


class Given(str):
    """An array that is another one every time: its name in the text, or that of a view of it."""

    __slots__ = ()

    @property
    def mT(self) -> "Given":  # noqa: N802 - as an array's
        return Given(f"{self}.mT")


class Recorder:
    """Stands in for the module NumPy: ``recorder.add(a, b, out)`` is kept, for ``function`` to do it.

    A call's result is not known, so it must be written to an array, and only that is looked at.
    """

    def __init__(self) -> None:
        self._calls: list[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        if name in FILLED:
            return partial(room, fill=FILLED[name])
        return Recorded(self, unwrap(getattr(np, name)))  # without the question whether an array is another library's

    def record(self, called: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Keep a call of anything else."""
        self._calls.append((called, arguments, named))

    def extend(self, other: "Recorder") -> None:
        """Keep all that ``other`` has kept."""
        self._calls += other._calls

    def function(self, *given: str) -> Callable[..., None]:
        """All that was recorded, as a function of what is ``given`` every time, in this order."""
        names: dict[int, str] = {}
        space: dict[str, Any] = {"__builtins__": {}}

        def text(value: Any) -> str:
            """``value`` in the function: its name."""
            if isinstance(value, Given):
                return str(value)
            name = names.setdefault(id(value), f"_{len(names)}")
            space[name] = value
            return name

        lines = [f"def calls({', '.join(given)}):"]
        for called, arguments, named in self._calls:
            texts = [*map(text, arguments), *(f"{key}={text(each)}" for key, each in named.items())]
            lines.append(f"{text(called)}({', '.join(texts)})")
        exec(compiled("\n    ".join([*lines, "return"])), space)
        function: Callable[..., None] = space.pop("calls")  # no cycle, so the arrays go with the function
        return function


class Recorded:
    """A function of NumPy, such as ``add`` or ``maximum.reduce``, whose calls are recorded."""

    def __init__(self, recorder: Recorder, function: Any) -> None:
        self._recorder, self._function = recorder, function

    def __getattr__(self, name: str) -> "Recorded":
        return Recorded(self._recorder, getattr(self._function, name))

    def __call__(self, *arguments: Any, **named: Any) -> None:
        self._recorder.record(self._function, *arguments, **named)
