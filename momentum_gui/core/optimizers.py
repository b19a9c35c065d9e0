"""The optimizers, each a frozen value of its hyper-parameters with its update rule.

A rule is written once and serves a plain float (one coordinate of one run), an array (a batch of runs)
and a flat weight vector (a network), for it is coordinate-wise. It has two parts:

``look``
    the point at which the gradient is taken: ``w`` itself, but for Nesterov's look-ahead;
``move``
    given the gradient ``g`` there and the number ``t`` of the step (from 1), the new ``w`` followed by the
    new memories.

The memories are named in ``memories`` and start at 0. An optimizer never owns the parameters it updates, so
a hyper-parameter may change in mid-run while the memories survive.
"""

from typing import Annotated, Any, ClassVar

import numpy as np
from msgspec import Meta

from momentum_gui.core.messages import N_
from momentum_gui.core.params import ONE_LINE, Decay, Declared, LearningRate, Value


class Optimizer(Declared, frozen=True, kw_only=True, tag_field="kind"):
    """What every optimizer has: how its racer is shown, and the rule of its class."""

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

    title: ClassVar[str]
    formula: ClassVar[str]
    memories: ClassVar[tuple[str, ...]] = ()

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

    def stability_limit(self) -> float | None:
        """The learning rate times curvature below which a quadratic's runs shrink; None if not known."""
        return None


class SGD(Optimizer, frozen=True, tag="sgd"):
    """w <- w - lr g

    (Stochastic) gradient descent: Cauchy 1847; Robbins & Monro 1951.
    Stable on a quadratic of curvature l if lr l < 2.
    """

    title = "SGD"
    formula = "w − η g"

    lr: LearningRate = 0.01

    def move(self, g: Value, t: int, w: Value) -> tuple[Value, ...]:
        return (w - self.lr * g,)

    def stability_limit(self) -> float:
        return 2.0


class Momentum(Optimizer, frozen=True, tag="momentum"):
    """v <- mu v - lr g;  w <- w + v

    Polyak 1964, the heavy ball; v starts at 0. The learning rate is inside the velocity, so v is a
    displacement (the convention of Sutskever et al. 2013; PyTorch keeps it outside).
    The same rule in the ascent form of the article this program comes from, where the gradient is that of the
    log-likelihood, ``err = y_true - y_prob``, and thus points uphill:
    ``velocity = gamma * velocity + alpha * grad;  model += velocity``.
    Stable on a quadratic of curvature l if lr l < 2 + 2 mu.
    """

    title = "Momentum"
    formula = "v ← μ v − η g;  w + v"
    memories = ("velocity",)

    lr: LearningRate = 0.01
    mu: Decay = 0.9

    def move(self, g: Value, t: int, w: Value, v: Value) -> tuple[Value, ...]:
        v = self.mu * v - self.lr * g
        return w + v, v

    def stability_limit(self) -> float:
        return 2 + 2 * self.mu


class Nesterov(Optimizer, frozen=True, tag="nesterov"):
    """v <- mu v - lr grad(w + mu v);  w <- w + v

    Nesterov 1983 in the form of Sutskever et al. 2013: momentum whose gradient is taken at the look-ahead
    point. The learning rate is inside the velocity.
    Stable on a quadratic of curvature l if lr l < (2 + 2 mu) / (1 + 2 mu).
    """

    title = "Nesterov"
    formula = "v ← μ v − η ∇f(w + μ v);  w + v"
    memories = ("velocity",)

    lr: LearningRate = 0.01
    mu: Decay = 0.9

    def look(self, w: Value, v: Value) -> Value:
        return w + self.mu * v

    def move(self, g: Value, t: int, w: Value, v: Value) -> tuple[Value, ...]:
        v = self.mu * v - self.lr * g
        return w + v, v

    def stability_limit(self) -> float:
        return (2 + 2 * self.mu) / (1 + 2 * self.mu)


OPTIMIZERS: tuple[type[Optimizer], ...] = (SGD, Momentum, Nesterov)
AnyOptimizer = SGD | Momentum | Nesterov
