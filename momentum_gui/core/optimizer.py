"""What every optimizer has: hyper-parameters with their schedule and changes, a state, a rule of two parts.

A rule is written once and serves a plain float (one coordinate of one run), an array (a batch of runs)
and a flat weight vector (a network), for it is coordinate-wise. It has two parts:

``look``
    the point at which the gradient is taken: ``w`` itself, but for Nesterov's look-ahead;
``move``
    given the gradient ``g`` there and the number ``t`` of the step (from 1), the new ``w`` followed by the
    new memories.

Both are arithmetic alone, with the functions of ``elementary``, so that ``tracing`` can write a run's loop from them.

The memories are named in ``memories`` and start at 0. An optimizer never owns the parameters it updates, so
a hyper-parameter may change in mid-run while the memories survive: ``at`` gives the optimizer in force at a step,
and no rule knows of schedules.
"""

from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta
from msgspec.structs import replace

from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import ONE_LINE, Declared, LearningRate, Value, allowed, numbers, within
from momentum_gui.core.schedules import AnySchedule, Change, Constant
from momentum_gui.core.weight_change import WeightChange

CONSTANT = Constant()
MAX_CHANGES = 1000


class Optimizer(Declared, frozen=True, kw_only=True, tag_field="kind"):
    """What every optimizer has: its learning rate and its schedule, how its racer is shown, the rule of its class."""

    lr: LearningRate = 0.01
    label: Annotated[
        str, Meta(max_length=40, pattern=ONE_LINE, extra={"allowed": N_("one line of at most 40 characters")})
    ] = ""
    """What the racer is called; left empty, the optimizer's title."""
    color: Annotated[str, Meta(pattern=r"^(#[0-9a-fA-F]{6})?\Z", extra={"allowed": N_("a colour such as #0072b2")})] = (
        ""
    )
    """``#rrggbb``; left empty, the palette's colour for its place in the list."""
    enabled: bool = True
    """A racer that is switched off is kept in the file but not run."""
    schedule: AnySchedule = CONSTANT
    """What the learning rate is multiplied by from step to step."""
    changes: Annotated[tuple[Change, ...], Meta(max_length=MAX_CHANGES)] = ()
    """What was changed "from here" on, by rising step."""
    weight_changes: Annotated[tuple[WeightChange, ...], Meta(max_length=MAX_CHANGES)] = ()
    """A network's weights that were set by hand, for this racer alone; of one weight at one step the last counts."""

    title: ClassVar[str]
    formula: ClassVar[str]
    latex: ClassVar[tuple[str, ...]]
    """The rule in LaTeX, a line for each of its steps."""
    memories: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        before = 1
        for index, change in enumerate(self.changes):
            place, fields = f"changes[{index}]", numbers(type(self))
            if change.field not in fields:
                raise InputError(
                    N_("{place} is {value}; allowed: {allowed}"),
                    place=f"{place}.field",
                    value=f'"{change.field}"',
                    allowed=", ".join(fields),
                )
            if not within(fields[change.field], change.value):
                raise InputError(
                    N_("{place} is {value}; allowed: {allowed}"),
                    place=f"{place}.value",
                    value=change.value,
                    allowed=allowed(fields[change.field]),
                )
            if change.step < before:
                raise InputError(
                    N_("{place} is {value}; allowed: at least {before}, the step of the change before it"),
                    place=f"{place}.step",
                    value=change.step,
                    before=before,
                )
            before = change.step

    @property
    def steady(self) -> bool:
        """Whether the hyper-parameters stay as they are through the whole run."""
        return not self.changes and self.schedule == CONSTANT

    def at(self, t: int, steps: int) -> "Optimizer":
        """The optimizer in force at step ``t``, from 1, of a run of ``steps``: a steady one."""
        if self.steady:
            return self
        now = {change.field: change.value for change in self.changes if change.step <= t}
        now["lr"] = now.get("lr", self.lr) * self.schedule.factor(t, steps)
        return replace(self, schedule=CONSTANT, changes=(), **now)

    def number_at(self, field: str, t: int) -> float:
        """The hyper-parameter ``field`` in force at step ``t``, from 1, before a schedule multiplies it."""
        values = [change.value for change in self.changes if change.field == field and change.step <= t]
        return values[-1] if values else getattr(self, field)

    def changed(self, field: str, value: float, t: int) -> "Optimizer":
        """This optimizer with ``field`` changed to ``value`` from step ``t``, from 1, until its next change.

        From the first step on it is the hyper-parameter itself that changes. Raises InputError at the most changes.
        """
        others = [change for change in self.changes if (change.field, change.step) != (field, t)]
        if t <= 1:
            return replace(self, changes=tuple(others), **{field: value})
        if replace(self, changes=tuple(others)).number_at(field, t) != value:
            others.append(Change(t, field, value))
        if len(others) > MAX_CHANGES:
            raise InputError(N_("a racer's hyper-parameters change at most {limit} times"), limit=MAX_CHANGES)
        return replace(self, changes=tuple(sorted(others, key=lambda change: change.step)))

    def reweighted(self, change: WeightChange) -> "Optimizer":
        """This optimizer with a network's weight set, in the place of what the same step set it to before.

        Raises InputError at the most changes.
        """
        here = change.step, change.weight
        others = [each for each in self.weight_changes if (each.step, each.weight) != here]
        if len(others) >= MAX_CHANGES:
            raise InputError(N_("at most {limit} weights of a racer are set by hand"), limit=MAX_CHANGES)
        return replace(self, weight_changes=tuple(sorted([*others, change], key=lambda each: each.step)))

    def start(self, w: Value) -> tuple[Value, ...]:
        """The state before the first step: ``w`` followed by its memories, all 0."""
        zero = 0.0 if isinstance(w, float) else np.zeros_like(w)
        return (w, *(zero for _ in self.memories))

    def look(self, w: Value, *memories: Any, **named: Any) -> Value:
        """The point at which the step wants its gradient."""
        return w

    def move(self, g: Value, t: int, *state: Any, **named: Any) -> tuple[Value, ...]:
        """The state after step ``t`` (from 1), given the gradient ``g`` at the point looked at."""
        raise NotImplementedError

    def parts(self, g: Value, t: int, *state: Any) -> dict[str, Value]:
        """The displacements by name, to be drawn as arrows, that add up (to rounding) to the step from ``state``."""
        return {"step": self.move(g, t, *state)[0] - state[0]}

    def part_symbols(self) -> dict[str, str]:
        """What ``parts`` names, in the symbols of the rule."""
        return {}

    def scale(self, g: Value, t: int, *state: Any) -> Value | None:
        """For a method that scales each coordinate: the learning rate it has there in the step from ``state``."""
        return None

    def typeset(self) -> tuple[str, ...]:
        """The rule of this very optimizer in LaTeX, line by line."""
        return self.latex

    def stability_limit(self) -> float | None:
        """The learning rate times curvature below which a quadratic's runs shrink; None if not known."""
        return None
