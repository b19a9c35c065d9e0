"""What a graphics item paints, guarded: its failure is an error to be told, not the end of the process."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any


def guarded(paint: Callable[..., None]) -> Callable[..., None]:
    """``paint``, whose exceptions go to ``sys.excepthook``.

    WORKAROUND: PySide keeps an exception until the outermost paint event is over and paints the other items with it
    set meanwhile; the next one that is written in Python then crashes the process.
    """

    @wraps(paint)
    def painted(*arguments: Any, **named: Any) -> None:
        try:
            paint(*arguments, **named)
        except Exception:
            sys.excepthook(*sys.exc_info())

    return painted
