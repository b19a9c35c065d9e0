"""The NumPy network: a multi-layer perceptron as an objective over one flat vector of weights.

Everything is written once and serves one network, weights (n,), and many at once, weights (n, runs): the runs are
the leading axis of every product. An array of weights of many runs is kept in Fortran order, so that a layer is a
view of it. The forward and the backward pass of training are in ``passes``.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from momentum_gui.core.datasets import AnyData, Dataset, Labels, Moons, Targets
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import Array, Declared
from momentum_gui.core.passes import ACTIVATIONS, Activation, Layer, Logistic, Output, Passes, Softmax, SquaredError
from momentum_gui.core.recording import room

# Two BLAS threads make products of this size up to five times slower.
threadpool_limits(limits=1, user_api="blas")

EVALUATED_AT_ONCE = 10_000
"""Samples whose hidden layers are held at once while a network is evaluated."""

SHAPES = 4
"""For so many shapes of minibatches passes are held at once: an epoch's last one is often smaller."""

Units = Annotated[int, Meta(ge=1, le=512)]
Loss = Literal["cross_entropy", "squared_error"]


class Network(Declared, frozen=True, kw_only=True, tag_field="kind", tag="network"):
    """A network and how it is trained: architecture, initial weights, loss, minibatches, data.

    One output a class, or a single one where the data are a regression's. One step is one minibatch.
    """

    hidden: Annotated[
        tuple[Units, ...],
        Meta(
            max_length=8,
            title=N_("Hidden units"),
            description=N_("Units of every hidden layer, such as 16, 16: up to 8 layers of 1 to 512."),
        ),
    ] = (100,)
    activation: Annotated[
        Activation,
        Meta(
            title=N_("Activation"),
            description=N_("What a hidden unit makes of its input."),
            extra={
                "names": {"relu": "ReLU", "tanh": "tanh", "sigmoid": N_("sigmoid"), "linear": N_("linear")},
            },
        ),
    ] = "relu"
    bias: Annotated[bool, Meta(title=N_("Biases"), description=N_("The article's network has none."))] = False
    init: Annotated[
        Literal["normal", "he", "xavier"],
        Meta(
            title=N_("Initial weights"),
            description=N_("normal: N(0, 1), the article's; He: variance 2 / inputs; Xavier: 2 / (inputs + outputs)."),
            extra={"names": {"normal": N_("normal"), "he": "He", "xavier": "Xavier"}},
        ),
    ] = "normal"
    loss: Annotated[
        Loss,
        Meta(
            title=N_("Loss"),
            description=N_(
                "Cross-entropy: of a softmax; squared error: half of it, of linear outputs, 1 for the true class and 0"
                " for the others. A regression always takes the squared error."
            ),
            extra={"names": {"cross_entropy": N_("cross-entropy"), "squared_error": N_("squared error")}},
        ),
    ] = "cross_entropy"
    batch: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000,
            title=N_("Minibatch"),
            description=N_("Samples in one step; 0 takes the full training set."),
            extra={"slider": (0, 200)},
        ),
    ] = 50
    batching: Annotated[
        Literal["epoch", "drawn"],
        Meta(
            title=N_("Batching"),
            description=N_("epoch: reshuffled every epoch; drawn: cut once, one drawn with replacement each step."),
            extra={"advanced": True, "names": {"epoch": N_("epoch"), "drawn": N_("drawn")}},
        ),
    ] = "epoch"
    reduction: Annotated[
        Literal["mean", "sum"],
        Meta(
            title=N_("Reduction"),
            description=N_("Whether the loss is averaged or summed over the minibatch."),
            extra={"advanced": True, "names": {"mean": N_("mean"), "sum": N_("sum")}},
        ),
    ] = "mean"
    l2: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            title=N_("Weight decay"),
            description=N_("Adds ½ λ |weights|² to the loss; biases are free."),
            extra={"symbol": "λ", "slider": (0.0, 0.1), "advanced": True},
        ),
    ] = 0.0
    l1: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            title=N_("L1 penalty"),
            description=N_("Adds λ₁ Σ |weight| to the loss, which drives small weights to 0; biases are free."),
            extra={"symbol": "λ₁", "slider": (0.0, 0.1), "advanced": True},
        ),
    ] = 0.0
    stop_epoch: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            title=N_("Stop at epoch"),
            description=N_("Training ends after so many passes over the training set; 0: it does not."),
            extra={"slider": (0, 100), "advanced": True},
        ),
    ] = 0
    stop_loss: Annotated[
        float,
        Meta(
            ge=0,
            le=1e6,
            title=N_("Stop at loss"),
            description=N_("Training ends when the evaluated training loss is at most this; 0: it does not."),
            extra={"slider": (0.0, 0.5), "advanced": True},
        ),
    ] = 0.0
    patience: Annotated[
        int,
        Meta(
            ge=0,
            le=1000,
            title=N_("Patience"),
            description=N_("Early stopping: after so many evaluations without a new lowest test loss; 0: never."),
            extra={"slider": (0, 50), "advanced": True},
        ),
    ] = 0
    data: AnyData = Moons()


class MLP:
    """The network of a declaration, for data with so many features and classes; 0 classes is a regression.

    ``runs`` below is nothing for one network, weights (n,), or their number for many, weights (n, runs).
    Inputs ``x`` are (*runs, batch, features) and targets ``y`` (*runs, batch), classes or a regression's numbers;
    both without ``runs`` where all networks see the same. The ``passes`` keep the arrays that they write to, so one
    thread at a time may train, by them or by ``loss_and_gradient``; everything else may be called from any thread.
    """

    def __init__(self, network: Network, features: int, classes: int) -> None:
        self.sizes = (features, *network.hidden, classes or 1)
        self.network = network
        self.regression = classes == 0
        self.squared = self.regression or network.loss == "squared_error"
        self._places: list[tuple[slice, slice]] = []
        end = 0
        for inputs, outputs in zip(self.sizes, self.sizes[1:], strict=False):
            weights = slice(end, end + inputs * outputs)
            end = weights.stop + (outputs if network.bias else 0)
            self._places.append((weights, slice(weights.stop, end)))
        self.size = end
        self.penalised = network.l1 > 0 or network.l2 > 0
        self._activate, _slope = ACTIVATIONS[network.activation]
        self._binary = not self.squared and self.sizes[-1] == 2
        self._passes: dict[tuple[int, ...], Passes] = {}

    def start(self, rng: np.random.Generator) -> Array:
        """Initial weights (n,): N(0, 1), the article's; He et al. 2015; Glorot & Bengio 2010. Biases are 0."""
        w = np.zeros(self.size)
        for (weights, _bias), inputs, outputs in zip(self._places, self.sizes, self.sizes[1:], strict=False):
            scale = {"normal": 1.0, "he": 2 / inputs, "xavier": 2 / (inputs + outputs)}[self.network.init] ** 0.5
            w[weights] = scale * rng.standard_normal(inputs * outputs)
        return w

    def layers(self, w: Array) -> list[Layer]:
        """Views of ``w``, layer by layer."""
        rows = w.T
        runs = rows.shape[:-1]
        result: list[Layer] = []
        for (weights, bias), inputs, outputs in zip(self._places, self.sizes, self.sizes[1:], strict=False):
            matrix = rows[..., weights].reshape(*runs, inputs, outputs)
            result.append((matrix, rows[..., None, bias] if self.network.bias else None))
        return result

    def place(self, layer: int, source: int, unit: int) -> int:
        """Where in the flat vector the weight into ``unit`` of ``layer`` from ``source`` of the layer before it is.

        All are counted from 1, layers from the first hidden one; ``source`` 0 stands for the unit's bias.
        Raises InputError if the network has no such weight.
        """
        if not 1 <= layer < len(self.sizes):
            text = N_("there is no layer {layer}; the network has {count}, hidden ones and outputs")
            raise InputError(text, layer=layer, count=len(self.sizes) - 1)
        inputs, outputs = self.sizes[layer - 1 : layer + 1]
        if source == 0 and not self.network.bias:
            raise InputError(N_("layer {layer} has no biases"), layer=layer)
        if not (0 <= source <= inputs and 1 <= unit <= outputs):
            text = N_("layer {layer} has no weight from {source} to {unit}; it has {inputs} inputs and {outputs} units")
            raise InputError(text, layer=layer, source=source, unit=unit, inputs=inputs, outputs=outputs)
        weights, bias = self._places[layer - 1]
        return bias.start + unit - 1 if source == 0 else weights.start + (source - 1) * outputs + unit - 1

    def forward(self, layers: list[Layer], x: Array) -> list[Array]:
        """Every layer's output, (*runs, batch, outputs), the last one linear."""
        h, outputs = x, list[Array]()
        for weights, bias in layers:
            h = h @ weights
            if bias is not None:
                h += bias
            if len(outputs) < len(layers) - 1:
                self._activate(np, h, 0.0)
            outputs.append(h)
        return outputs

    def logits(self, w: Array, x: Array) -> Array:
        """The linear outputs, before any softmax, (*runs, batch, outputs); the largest is the predicted class."""
        return self.forward(self.layers(w), x)[-1]

    def probabilities(self, w: Array, x: Array) -> Array:
        """Class probabilities by softmax, (*runs, batch, classes)."""
        return softmax(self.logits(w, x))

    def losses(self, z: Array, y: Targets) -> Array:
        """Every sample's loss, (*runs, batch), for the linear outputs ``z`` (*runs, batch, outputs)."""
        if not self.squared:
            return cross_entropies(z, y)
        truth = np.asarray(y)[..., None] if self.regression else np.eye(z.shape[-1])[y]
        return 0.5 * ((z - truth) ** 2).sum(axis=-1)

    def loss(self, w: Array, x: Array, y: Targets) -> Array:
        """What the training minimises (*runs): the samples' losses, averaged or summed, and the penalties.

        The penalties 1/2 l2 |weights|^2 + l1 sum |weights| are added once, whether averaged or summed.
        """
        return self._reduced(self.losses(self.logits(w, x), y)) + self.penalty(w)

    def loss_and_gradient(self, w: Array, x: Array, y: Targets) -> tuple[Array, Array]:
        """The loss (*runs) and its gradient, of the shape of ``w``. The derivatives of ReLU and |w| at 0 are 0."""
        passes = self.passes((*w.shape[1:], x.shape[-2]))
        truths = passes.truths(self.truth(y if y.shape == passes.shape else np.broadcast_to(y, passes.shape))[None])
        with np.errstate(over="ignore"):
            np.copyto(passes.weights, w)
            passes.run(x, truths[0])
            gradient = passes.gradient.copy(order="K")
            loss = passes.losses(truths)
        if self.penalised:
            loss = loss + self.penalty(w)
            self.add_penalty_slope(gradient, w)
        return (loss if w.ndim == 2 else loss[0]), gradient

    def passes(self, shape: tuple[int, ...]) -> Passes:
        """Forward and backward pass for minibatches of ``shape`` (*runs, batch), without the penalties."""
        passes = self._passes.get(shape)
        if passes is None:
            if len(self._passes) == SHAPES:
                self._passes.clear()
            *runs, _batch = shape
            # Fortran order, so that layers are views
            passes = self.passes_at(room((*runs, self.size)).T, room((*runs, self.size)).T, shape)
            self._passes[shape] = passes
        return passes

    def passes_at(self, weights: Array, gradient: Array, shape: tuple[int, ...]) -> Passes:
        """The same at these ``weights``, to this ``gradient``: arrays that others may share."""
        output: type[Output] = SquaredError if self.squared else Logistic if self._binary else Softmax
        scale = 1 / shape[-1] if self.network.reduction == "mean" else 1.0
        return Passes(self.sizes, self.layers, weights, gradient, self.network.activation, output, shape, scale)

    def truth(self, y: Targets) -> Array:
        """What the outputs are compared with, (..., width) for targets (...).

        1 for the true class and 0 for the others; of two classes that are told apart by one number only the second.
        """
        if self.regression or self._binary:
            return np.asarray(y, dtype=float)[..., None]
        return np.eye(self.sizes[-1]).take(y, axis=0)

    def evaluate(self, w: Array, x: Array, y: Targets) -> tuple[float, float, Labels]:
        """One network's mean loss (no penalty), its accuracy and its predicted classes on (x, y).

        A regression has no accuracy (not a number) and no classes (none predicted).
        """
        blocks = range(0, len(x), EVALUATED_AT_ONCE)
        z = np.concatenate([self.logits(w, x[first : first + EVALUATED_AT_ONCE]) for first in blocks])
        loss = float(self.losses(z, y).mean())
        if self.regression:
            return loss, float("nan"), np.empty(0, dtype=np.int64)
        predicted = z.argmax(axis=-1)
        return loss, float((predicted == y).mean()), predicted

    def _reduced(self, losses: Array) -> Array:
        """The losses (*runs, batch) of the samples as the loss (*runs) of the minibatch."""
        total = np.add.reduce(losses, axis=-1)
        return total / losses.shape[-1] if self.network.reduction == "mean" else total

    def penalty(self, w: Array) -> Array | float:
        """1/2 l2 |weights|^2 + l1 sum |weights|, (*runs); biases do not count."""
        if not self.penalised:
            return 0.0
        l1, l2 = self.network.l1, self.network.l2
        weights = [w[place] for place, _bias in self._places]
        squares = sum((each**2).sum(axis=0) for each in weights)
        sizes = sum(np.abs(each).sum(axis=0) for each in weights)
        return 0.5 * l2 * squares + l1 * sizes

    def add_penalty_slope(self, gradient: Array, w: Array) -> None:
        """Add the derivatives of the penalties at ``w`` to ``gradient``."""
        l1, l2 = self.network.l1, self.network.l2
        for place, _bias in self._places:
            if l2:
                gradient[place] += l2 * w[place]
            if l1:
                gradient[place] += l1 * np.sign(w[place])


def softmax(z: Array) -> Array:
    """exp(z) / sum exp(z) along the last axis, whatever the size of ``z``."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return e


def cross_entropies(z: Array, y: Labels) -> Array:
    """-log softmax(z) of the true class, (*runs, batch), as log-sum-exp: a probability of 0 does no harm."""
    z = z - z.max(axis=-1, keepdims=True)
    samples = np.indices(z.shape[:-1], sparse=True)
    return np.log(np.exp(z).sum(axis=-1)) - z[(*samples, y)]


def minibatches(network: Network, data: Dataset, rng: np.random.Generator) -> Iterator[tuple[Array, Targets]]:
    """The minibatch of every step, without end: inputs (batch, features) and targets (batch,); see ``orders``."""
    order: Labels | None = None
    x, y = data.x_train, data.y_train
    for new, cuts in orders(network, len(y), rng):
        if new is not order:
            order = new
            x, y = data.x_train.take(order, axis=0), data.y_train.take(order)  # much faster than an index
        for cut in cuts:
            yield x[cut], y[cut]


@lru_cache(maxsize=16)
def cuts_of(size: int, count: int) -> list[slice]:
    """``count`` samples cut into minibatches of ``size``; the same list for all, so that it is soon compared."""
    return [slice(first, min(first + size, count)) for first in range(0, count, size)]


def orders(network: Network, count: int, rng: np.random.Generator) -> Iterator[tuple[Labels, list[slice]]]:
    """Orders of the ``count`` training samples, each with the minibatches that it is cut into for the next steps.

    ``epoch``: the training set is shuffled anew every epoch and walked through, a smaller last one included.
    ``drawn``: shuffled and cut once, then one of the minibatches drawn with replacement each step (the article's).
    An order is the same array until it changes.
    """
    cuts = cuts_of(network.batch or count, count)
    order = np.arange(count)
    while len(cuts) == 1:
        yield order, cuts
    order = rng.permutation(count)
    while network.batching == "drawn":
        yield order, [cuts[rng.integers(len(cuts))]]
    while True:
        yield order, cuts
        order = rng.permutation(order)
