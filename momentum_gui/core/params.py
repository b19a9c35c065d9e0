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
    what is written behind the number;
``editor``
    ``"formula"``: the text is a formula in x and y;
``allowed``
    what a file may say, in words, where bounds and choices do not say it;
``names``
    what choices are called where people choose;
``advanced``
    True for what a form folds away at first.
"""

import math
from functools import cache, reduce
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
from msgspec import Meta, Struct, inspect
from numpy.typing import NDArray

from momentum_gui.core.messages import N_, Message

Array: TypeAlias = NDArray[np.float64]

# One coordinate of one run (a float), of a batch of runs (an array), or a network's flat vector.
Value: TypeAlias = Any

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z"
"""A pattern for text that is shown in a row of a table: no line ends, no control characters."""

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
Convention = Annotated[
    Literal["inside", "outside", "average"],
    Meta(
        title=N_("Convention"),
        description=N_(
            "Where the learning rate stands: inside the velocity (Sutskever), outside of it (PyTorch), or outside of a"
            " velocity that is an average of the gradients (Hagan)."
        ),
        extra={
            "advanced": True,
            "names": {"inside": N_("inside"), "outside": N_("outside"), "average": N_("average")},
        },
    ),
]
Beta = Annotated[
    float,
    Meta(
        ge=0,
        lt=1,
        title=N_("Average"),
        description=N_("How much of the average of the gradients is kept at every step."),
        extra={"symbol": "β", "slider": (0.0, 0.999)},
    ),
]
Beta1 = Annotated[
    float,
    Meta(
        ge=0,
        lt=1,
        title=N_("Average"),
        description=N_("How much of the average of the gradients is kept at every step."),
        extra={"symbol": "β₁", "slider": (0.0, 0.99)},
    ),
]
Beta2 = Annotated[
    float,
    Meta(
        ge=0,
        lt=1,
        title=N_("Average of squares"),
        description=N_("How much of the average of the squared gradients is kept at every step."),
        extra={"symbol": "β₂", "slider": (0.0, 0.999)},
    ),
]
Rho = Annotated[
    float,
    Meta(
        ge=0,
        lt=1,
        title=N_("Average of squares"),
        description=N_("How much of the average of the squared gradients is kept at every step."),
        extra={"symbol": "ρ", "slider": (0.0, 0.999)},
    ),
]
Nu = Annotated[
    float,
    Meta(
        ge=0,
        le=1,
        title=N_("Share of the average"),
        description=N_("How much of the step follows the average; the rest follows the gradient itself."),
        extra={"symbol": "ν", "slider": (0.0, 1.0)},
    ),
]
Epsilon = Annotated[
    float,
    Meta(
        gt=0,
        le=1,
        title=N_("Epsilon"),
        description=N_("Keeps the division from exploding where the gradient has always been nearly 0."),
        extra={"symbol": "ε", "scale": "log", "slider": (1e-12, 1.0), "advanced": True},
    ),
]
WeightDecay = Annotated[
    float,
    Meta(
        ge=0,
        le=1000,
        title=N_("Weight decay"),
        description=N_("How strongly every step pulls the point towards 0, apart from the gradient."),
        extra={"symbol": "λ", "slider": (0.0, 1.0)},
    ),
]
MomentumDecay = Annotated[
    float,
    Meta(
        ge=0,
        le=1,
        title=N_("Warming"),
        description=N_("How fast the momentum grows to its full value during the first steps."),
        extra={"symbol": "ψ", "slider": (0.0, 0.1), "advanced": True},
    ),
]


class Declared(Struct, frozen=True, forbid_unknown_fields=True):
    """A value whose fields are declared with the kinds above: what a file may say and a form can show."""


@cache
def numbers(kind: type[Declared]) -> dict[str, inspect.Metadata]:
    """The fields of a class that a slider can show: titled and of real numbers."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return {
        field.name: field.type
        for field in info.fields
        if isinstance(field.type, inspect.Metadata)
        and isinstance(field.type.type, inspect.FloatType)
        and "title" in (field.type.extra_json_schema or {})
    }


def within(declared: inspect.Metadata, number: float) -> bool:
    """Whether ``number`` lies within the bounds of a declared number; a NaN never does."""
    limit: Any = declared.type
    return (
        (limit.gt is None or number > limit.gt)
        and (limit.ge is None or number >= limit.ge)
        and (limit.lt is None or number < limit.lt)
        and (limit.le is None or number <= limit.le)
        and math.isfinite(number)
    )


_BOUNDS = {
    "gt": N_("more than {number}"),
    "ge": N_("at least {number}"),
    "lt": N_("less than {number}"),
    "le": N_("at most {number}"),
}


def bounds(declared: inspect.Type) -> list[Message]:
    """The bounds of a declared number, in words."""
    found = {name: getattr(declared, name, None) for name in _BOUNDS}
    return [Message(_BOUNDS[name], {"number": _plain(bound)}) for name, bound in found.items() if bound is not None]


def allowed(declared: inspect.Type) -> Message:
    """What a file may say where a value of this type is declared: ``a whole number, at least 1``.

    A declaration's own ``allowed`` in ``extra`` comes first.
    """
    match declared:
        case inspect.Metadata(extra={"allowed": text}):
            return Message(text)
        case inspect.Metadata(type=inner):
            return allowed(inner)
        case inspect.BoolType():
            return Message(N_("true or false"))
        case inspect.IntType():
            return _joined([Message(N_("a whole number")), *bounds(declared)])
        case inspect.FloatType():
            return _joined([Message(N_("a number")), *bounds(declared)])
        case inspect.LiteralType(values=values):
            return Message("{values}", {"values": ", ".join(str(value) for value in values)})
        case inspect.TupleType(item_types=items):
            return Message(N_("a list of {count}, each {item}"), {"count": len(items), "item": allowed(items[0])})
        case inspect.VarTupleType(item_type=item, max_length=count):
            return Message(N_("a list of at most {count}, each {item}"), {"count": count, "item": allowed(item)})
        case inspect.StructType(tag=None, fields=fields):
            return Message(N_("a table with {fields}"), {"fields": ", ".join(field.name for field in fields)})
        case inspect.UnionType(types=types) if tables(declared):
            return Message(N_("a table of kind {kinds}"), {"kinds": ", ".join(tables(declared))})
        case inspect.UnionType(types=types):
            given = [allowed(each) for each in types if not isinstance(each, inspect.NoneType)]
            return _joined(given, N_("{left} or {right}"))
        case _:
            return Message(N_("text"))


def tables(declared: inspect.Type) -> dict[str, inspect.StructType]:
    """The kinds of table that may stand where this type is declared."""
    choices = declared.types if isinstance(declared, inspect.UnionType) else (declared,)
    return {str(each.tag): each for each in choices if isinstance(each, inspect.StructType)}


def _joined(parts: list[Message], text: str = N_("{left}, {right}")) -> Message:
    return reduce(lambda left, right: Message(text, {"left": left, "right": right}), parts)


def _plain(number: float) -> str:
    """All digits and no exponent: bounds are round numbers."""
    return str(int(number)) if number == int(number) else str(number)
