"""The kinds of parameter, each declared once: range, label, symbol, slider and tooltip.

One declaration feeds the form, the command line, file validation and the documentation.
``extra`` of a kind may hold

``symbol``
    the letter that stands for it in formulas;
``scale``
    ``"log"`` or ``"linear"``: how a slider spreads the values (linear if left out);
``slider``
    the range a slider covers, where that is narrower than what a file may say;
``unit``
    what is written behind the number.
"""

from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from momentum_gui.core.messages import N_

Array: TypeAlias = NDArray[np.float64]

# One coordinate of one run (a float), of a batch of runs (an array), or a network's flat vector.
Value: TypeAlias = Any

LearningRate = Annotated[
    float,
    Meta(
        gt=0,
        le=1000,
        title=N_("Learning rate"),
        description=N_("How far one step goes for a gradient of length one."),
        extra={"symbol": "η", "scale": "log", "slider": (1e-5, 10.0)},
    ),
]
Decay = Annotated[
    float,
    Meta(
        ge=0,
        lt=1,
        title=N_("Momentum"),
        description=N_("How much of the last velocity is kept at every step; 0 is plain gradient descent."),
        extra={"symbol": "μ", "scale": "linear", "slider": (0.0, 0.99)},
    ),
]


class Declared(Struct, frozen=True, forbid_unknown_fields=True):
    """A value whose fields are declared with the kinds above: what a file may say and a form can show."""


def limits(field: msgspec.inspect.Field) -> str:
    """What a field may hold, in words: ``more than 0, at most 1000``."""
    declared: Any = field.type
    while isinstance(declared, msgspec.inspect.Metadata):
        declared = declared.type
    words = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
    parts = [
        f"{word} {getattr(declared, bound):g}"
        for bound, word in words.items()
        if getattr(declared, bound, None) is not None
    ]
    if isinstance(declared, msgspec.inspect.LiteralType):
        parts = [" or ".join(str(value) for value in declared.values)]
    return ", ".join(parts)
