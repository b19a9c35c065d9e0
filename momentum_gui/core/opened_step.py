"""One step of a run on a surface, opened up: what it was made of, and what that means in words."""

from dataclasses import dataclass

import numpy as np

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.messages import N_, Message
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Array
from momentum_gui.core.theory import quadratic_model

RAVINE = 1.5
"""A quadratic of a larger condition number than this has a floor and walls."""

SMALL = 1e-9
"""What is smaller than this share of the whole counts as nothing."""

FLOOR, WALLS = N_("Along the floor"), N_("Across the ravine")
DOWN, UP = N_("Along the axis that falls away"), N_("Along the axis that rises")
FIRST, SECOND = N_("Along one axis"), N_("Along the other axis")
COORDINATES = N_("In x"), N_("In y")

MEETS_VELOCITY = (
    N_("{axis} the ground is level: it keeps rolling."),
    N_("{axis} the gradient agrees with the velocity: {before:.3g} grows to {after:.3g}."),
    N_("{axis} the gradient brakes the velocity: {before:.3g} shrinks to {after:.3g}."),
    N_("{axis} the gradient turns the ball around: {before:.3g} one way, now {after:.3g} back."),
)
"""What is told along an axis where the gradient adds nothing to what is kept, agrees with it, brakes it, turns it."""
MEETS_MEAN = (
    N_("{axis} the ground is level: it keeps rolling."),
    N_("{axis} the gradient agrees: {before:.3g} grows to {after:.3g}."),
    N_("{axis} the gradient brakes: {before:.3g} shrinks to {after:.3g}."),
    N_("{axis} it turns around: {before:.3g} one way, {after:.3g} back."),
)
"""The same in few words, for there is more to tell."""
STARTS = N_("{axis} it stood still: the gradient alone moves it by {after:.3g}.")
RESTS = N_("{axis} it stands still.")
"""What is told along an axis where nothing is kept: with a gradient, and without."""


@dataclass(frozen=True, eq=False)
class OpenedStep:
    """Step ``number`` (from 1) of a run; positions and displacements are (2,): x and y.

    It leads from ``before`` to ``after``, by ``optimizer``, the one in force at it. The gradient was taken at
    ``looked``, and is the one that was used, with its noise. ``parts`` are the displacements that add up to the
    step; ``memories`` are the method's memories before it, ``new_memories`` after it. ``scale`` is the learning
    rate of each coordinate where the method has one for each. ``axes`` (2, 2) are the unit eigenvectors of the
    Hessian at ``before``, a row each, with their ``curvatures`` (2,), the smaller first; None where it is not finite.
    """

    number: int
    optimizer: Optimizer
    before: Array
    looked: Array
    gradient: Array
    parts: dict[str, Array]
    scale: Array | None
    memories: dict[str, Array]
    new_memories: dict[str, Array]
    after: Array
    axes: Array | None
    curvatures: Array | None

    @property
    def step(self) -> Array:
        """The displacement (2,)."""
        return self.after - self.before

    @property
    def stages(self) -> list[str]:
        """What there is to see of the step, in its order: the names of ``parts`` that are more than one, then "sum".

        Where each coordinate has its learning rate, "scale" comes before; and, where only the gradient is scaled,
        "slope" before that: its direction as it was.
        """
        parts = list(self.parts) if len(self.parts) > 1 else []
        if self.scale is None:
            return [*parts, "sum"]
        return [*([] if parts else ["slope"]), "scale", *parts, "sum"]

    @property
    def looks_ahead(self) -> bool:
        """Whether the gradient was taken elsewhere than at the point itself."""
        return not np.array_equal(self.looked, self.before)


def open_step(run: SurfaceRun, number: int) -> OpenedStep:
    """Step ``number`` of ``run``, from 1 to ``run.count - 1``."""
    optimizer = run.optimizer.at(number, run.steps)
    state, new = run.states[number - 1], run.states[number]
    values = state.T
    looked = np.asarray(optimizer.look(*values))
    with np.errstate(all="ignore"):
        gradient = np.array(run.surface.gradient(*looked.tolist())) + run.noise_at(number)
        parts = {name: np.asarray(part) for name, part in optimizer.parts(gradient, number, *values).items()}
        scale = optimizer.scale(gradient, number, *values)
    names = optimizer.memories
    model = quadratic_model(run.surface, (float(state[0, 0]), float(state[1, 0])))
    return OpenedStep(
        number,
        optimizer,
        state[:, 0],
        looked,
        gradient,
        parts,
        None if scale is None else np.asarray(scale),
        {name: state[:, 1 + place] for place, name in enumerate(names)},
        {name: new[:, 1 + place] for place, name in enumerate(names)},
        new[:, 0],
        None if model is None else model.axes,
        None if model is None else model.curvatures,
    )


def explain(opened: OpenedStep) -> list[Message]:
    """What the step did and why, in a few sentences.

    They go along each axis of the surface where a velocity meets the gradient, and along x and y where a method scales.
    """
    if opened.scale is not None:
        return _scaled(opened)
    if not opened.optimizer.memories:
        return _plain(opened)
    if "momentum" not in opened.parts:
        return _signed(opened)
    if not np.any(opened.parts["momentum"]):
        return [Message(N_("There is no velocity yet: the first step goes straight down the gradient."))]
    if opened.axes is None:
        return []
    return _meetings(opened, opened.axes[::-1], _names(opened)[::-1], MEETS_VELOCITY)


def _meetings(opened: OpenedStep, axes: Array, names: tuple[str, ...], sentences: tuple[str, ...]) -> list[Message]:
    """What becomes of what was kept along each of ``axes`` (2, 2), called ``names``, where the gradient pushes."""
    kept, pushed = axes @ opened.parts["momentum"], axes @ opened.parts["gradient"]
    level, agrees, brakes, turns = sentences
    nothing = SMALL * float(np.abs(kept).max() + np.abs(pushed).max())
    told = []
    for name, before, push in zip(names, kept.tolist(), pushed.tolist(), strict=True):
        after = before + push
        if abs(after) <= SMALL * abs(push):
            after = 0.0  # but for rounding
        if abs(push) <= nothing:
            sentence = level if abs(before) > nothing else RESTS
        elif abs(before) <= SMALL * abs(push):
            sentence = STARTS
        elif before * push >= 0:
            sentence = agrees
        else:
            sentence = brakes if before * after >= 0 else turns
        told.append(Message(sentence, {"axis": Message(name), "before": abs(before), "after": abs(after)}))
    return told


def _plain(opened: OpenedStep) -> list[Message]:
    """Of plain gradient descent: where it overshoots the floor, it swings."""
    told = [Message(N_("No memory: the step is the learning rate times the gradient, wherever it came from."))]
    if opened.curvatures is None or opened.axes is None:
        return told
    product = opened.optimizer.lr * float(opened.curvatures[1])
    across = abs(float(opened.axes[1] @ opened.step))
    if across > SMALL and product > 1:
        sentence = N_("{axis} it overshoots the floor and lands on the other wall: η × curvature = {product:.3g} > 1.")
        told.append(Message(sentence, {"axis": Message(_names(opened)[1]), "product": product}))
    return told


def _signed(opened: OpenedStep) -> list[Message]:
    """Of a method whose step is as long as its learning rate in every coordinate."""
    moved = np.abs(opened.step[opened.step != 0])
    lr = opened.optimizer.lr
    if not len(moved) or not np.allclose(moved, lr, rtol=1e-6):
        return []
    sentence = N_("Every coordinate moves by the learning rate, {lr:.3g}: only the sign counts.")
    return [Message(sentence, {"lr": lr})]


def _scaled(opened: OpenedStep) -> list[Message]:
    """Of a method with a learning rate for each coordinate."""
    assert opened.scale is not None
    x, y = opened.scale.tolist()
    sentence = N_("Every coordinate has its own learning rate: {x:.3g} in x, {y:.3g} in y.")
    told = [Message(sentence, {"x": x, "y": y})]
    if max(x, y) > RAVINE * min(x, y) > 0:
        less, more = ("x", "y") if x < y else ("y", "x")
        sentence = N_("{less} has seen the larger gradients, so it is held back against {more}.")
        told.append(Message(sentence, {"less": less, "more": more}))
    if "momentum" not in opened.parts:
        return told
    if np.any(opened.parts["momentum"]):
        return told[-1:] + _meetings(opened, np.eye(2), COORDINATES, MEETS_MEAN)
    lr = opened.optimizer.lr
    if np.allclose(np.abs(opened.parts["gradient"]), lr, rtol=1e-3):
        sentence = N_("There is no mean yet: whatever the gradient, the first step is {lr:.3g} in x and in y.")
        return [*told, Message(sentence, {"lr": lr})]
    return [*told, Message(N_("There is no mean yet: the first step is the gradient's alone."))]


def _names(opened: OpenedStep) -> tuple[str, str]:
    """What to call the axes of the smaller and of the larger curvature."""
    assert opened.curvatures is not None
    smaller, larger = opened.curvatures.tolist()
    if smaller < 0 < larger:
        return DOWN, UP
    if smaller >= 0 and larger > RAVINE * smaller:
        return FLOOR, WALLS
    return FIRST, SECOND
