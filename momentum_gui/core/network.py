"""The NumPy network: a multi-layer perceptron as an objective over one flat vector of weights.

Forward and backward pass are written once and serve one network, weights (n,), and many at once, weights
(n, runs): the runs are the leading axis of every product. An array of weights of many runs is kept in Fortran
order, so that a layer is a view of it.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from momentum_gui.core.datasets import AnyData, Dataset, Labels, Moons
from momentum_gui.core.messages import N_
from momentum_gui.core.params import Array, Declared

# Two BLAS threads make products of this size up to five times slower.
threadpool_limits(limits=1, user_api="blas")

EVALUATED_AT_ONCE = 10_000
"""Samples whose hidden layers are held at once while a network is evaluated."""

Units = Annotated[int, Meta(ge=1, le=512)]
Activation = Literal["relu", "tanh", "sigmoid", "linear"]


class Network(Declared, frozen=True, kw_only=True, tag_field="kind", tag="network"):
    """A network and how it is trained: architecture, initial weights, minibatches, data.

    The output layer is softmax, the loss cross-entropy; one step is one minibatch.
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
        Activation, Meta(title=N_("Activation"), description=N_("What a hidden unit makes of its input."))
    ] = "relu"
    bias: Annotated[bool, Meta(title=N_("Biases"), description=N_("The article's network has none."))] = False
    init: Annotated[
        Literal["normal", "he", "xavier"],
        Meta(
            title=N_("Initial weights"),
            description=N_("normal: N(0, 1), the article's; he: variance 2 / inputs; xavier: 2 / (inputs + outputs)."),
        ),
    ] = "normal"
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
            extra={"advanced": True},
        ),
    ] = "epoch"
    reduction: Annotated[
        Literal["mean", "sum"],
        Meta(
            title=N_("Reduction"),
            description=N_("Whether the loss is averaged or summed over the minibatch."),
            extra={"advanced": True},
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
    data: AnyData = Moons()


Layer = tuple[Array, Array | None]
"""A layer's weights (*runs, inputs, outputs) and biases (*runs, 1, outputs)."""


class MLP:
    """The network of a declaration, for data with so many features and classes.

    ``runs`` below is nothing for one network, weights (n,), or their number for many, weights (n, runs).
    Inputs ``x`` are (*runs, batch, features) and classes ``y`` (*runs, batch), or without ``runs`` where all
    networks see the same. ``loss_and_gradient`` keeps its scratch arrays, so one thread at a time may call it;
    everything else may be called from any thread.
    """

    def __init__(self, network: Network, features: int, classes: int) -> None:
        self.sizes = (features, *network.hidden, classes)
        self.network = network
        self._places: list[tuple[slice, slice]] = []
        end = 0
        for inputs, outputs in zip(self.sizes, self.sizes[1:], strict=False):
            weights = slice(end, end + inputs * outputs)
            end = weights.stop + (outputs if network.bias else 0)
            self._places.append((weights, slice(weights.stop, end)))
        self.size = end
        self._scratches: dict[tuple[int, ...], _Scratch] = {}

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

    def logits(self, w: Array, x: Array) -> Array:
        """Outputs before the softmax, (*runs, batch, classes)."""
        layers = self.layers(w)
        return self._forward(layers, x, [None] * len(layers))[-1]

    def probabilities(self, w: Array, x: Array) -> Array:
        """Class probabilities, (*runs, batch, classes)."""
        return softmax(self.logits(w, x))

    def loss(self, w: Array, x: Array, y: Labels) -> Array:
        """Cross-entropy, averaged or summed over the minibatch, plus 1/2 l2 |weights|^2; (*runs).

        The penalty is added once, whether the minibatch is averaged or summed.
        """
        losses = cross_entropies(self.logits(w, x), y)
        return self._reduced(losses) + self._penalty(w)

    def loss_and_gradient(self, w: Array, x: Array, y: Labels) -> tuple[Array, Array]:
        """The loss (*runs) and its gradient, of the shape of ``w``. The derivative of ReLU at 0 is 0."""
        layers = self.layers(w)
        scratch = self._scratch(layers, x)
        outputs = self._forward(layers, x, scratch.outputs)
        inputs = [x, *outputs[:-1]]

        # the output layer: softmax, then error = probability - truth
        z = outputs[-1]
        truth = (*scratch.samples, y)
        z -= z.max(axis=-1, keepdims=True)
        chosen = z[truth]
        np.exp(z, out=z)
        total = z.sum(axis=-1, keepdims=True)
        loss = self._reduced(np.log(total[..., 0]) - chosen) + self._penalty(w)
        error = z
        error /= total
        error[truth] -= 1
        if self.network.reduction == "mean":
            error /= z.shape[-2]

        # backwards, layer by layer
        gradient = np.empty(w.shape[::-1]).T  # Fortran order
        slopes = self.layers(gradient)
        for place in reversed(range(len(layers))):
            h = inputs[place]
            dw, db = slopes[place]
            np.matmul(h.swapaxes(-1, -2), error, out=dw)
            if db is not None:
                error.sum(axis=-2, keepdims=True, out=db)
            if place > 0:
                weights = layers[place][0]
                error = np.matmul(error, weights.swapaxes(-1, -2), out=scratch.errors[place - 1])
                _times_slope(error, h, self.network.activation)
        if self.network.l2:
            for weights_place, _bias in self._places:
                gradient[weights_place] += self.network.l2 * w[weights_place]
        return loss, gradient

    def evaluate(self, w: Array, x: Array, y: Labels) -> tuple[float, float, Labels]:
        """One network's mean cross-entropy (no penalty), its accuracy and its predicted classes on (x, y)."""
        blocks = range(0, len(x), EVALUATED_AT_ONCE)
        z = np.concatenate([self.logits(w, x[first : first + EVALUATED_AT_ONCE]) for first in blocks])
        predicted = z.argmax(axis=-1)
        return float(cross_entropies(z, y).mean()), float((predicted == y).mean()), predicted

    def _forward(self, layers: list[Layer], x: Array, room: Sequence[Array | None]) -> list[Array]:
        """Every layer's output, (*runs, batch, outputs), written to its array in ``room`` if there is one."""
        outputs: list[Array] = []
        h = x
        for place, (weights, bias) in enumerate(layers):
            h = np.matmul(h, weights, out=room[place])
            if bias is not None:
                h += bias
            if place < len(layers) - 1:
                _activate(h, self.network.activation)
            outputs.append(h)
        return outputs

    def _reduced(self, losses: Array) -> Array:
        """The losses (*runs, batch) of the samples as the loss (*runs) of the minibatch."""
        total = losses.sum(axis=-1)
        return total / losses.shape[-1] if self.network.reduction == "mean" else total

    def _penalty(self, w: Array) -> Array | float:
        """1/2 l2 |weights|^2, (*runs); biases do not count."""
        if not self.network.l2:
            return 0.0
        squares = sum(np.sum(w.T[..., weights] ** 2, axis=-1) for weights, _bias in self._places)
        return 0.5 * self.network.l2 * squares

    def _scratch(self, layers: list[Layer], x: Array) -> "_Scratch":
        runs = layers[0][0].shape[:-2]
        shape = (*runs, x.shape[-2])
        if shape not in self._scratches:
            self._scratches[shape] = _Scratch(shape, self.sizes)
        return self._scratches[shape]


class _Scratch:
    """The arrays that forward and backward pass write, for minibatches of one shape (*runs, batch)."""

    def __init__(self, shape: tuple[int, ...], sizes: tuple[int, ...]) -> None:
        *runs, batch = shape
        *hidden, classes = sizes[1:]
        # The last output's memory runs along the samples: sums over a few classes are then sums of long rows.
        last = np.empty((*runs, classes, batch)).swapaxes(-1, -2)
        self.outputs = [*(np.empty((*shape, units)) for units in hidden), last]
        self.errors = [np.empty((*shape, units)) for units in hidden]
        self.samples = np.indices(shape, sparse=True)
        """With the classes ``y``, the index of every sample's true class."""


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


def _activate(h: Array, activation: Activation) -> None:
    """The hidden units' function, in place."""
    if activation == "relu":
        np.maximum(h, 0, out=h)
    elif activation == "tanh":
        np.tanh(h, out=h)
    elif activation == "sigmoid":  # (1 + tanh(h / 2)) / 2: exp can't overflow
        h *= 0.5
        np.tanh(h, out=h)
        h += 1
        h *= 0.5


def _times_slope(error: Array, h: Array, activation: Activation) -> None:
    """Multiply ``error`` by the function's derivative, written in its value ``h``, in place."""
    if activation == "relu":
        error *= h > 0
    elif activation == "tanh":
        error *= 1 - h * h
    elif activation == "sigmoid":
        error *= h * (1 - h)


def minibatches(network: Network, data: Dataset, rng: np.random.Generator) -> Iterator[tuple[Array, Labels]]:
    """The minibatch of every step, without end: inputs (batch, features) and classes (batch,).

    ``epoch``: the training set is shuffled anew every epoch and walked through, a smaller last one included.
    ``drawn``: shuffled and cut once, then one of the minibatches drawn with replacement each step (the article's).
    """
    x, y = data.x_train, data.y_train
    size = network.batch or len(y)
    cuts = [slice(first, first + size) for first in range(0, len(y), size)]
    if len(cuts) == 1:
        while True:
            yield x, y
    order = rng.permutation(len(y))
    x, y = x[order], y[order]
    while network.batching == "drawn":
        cut = cuts[rng.integers(len(cuts))]
        yield x[cut], y[cut]
    while True:
        for cut in cuts:
            yield x[cut], y[cut]
        order = rng.permutation(len(y))
        x, y = x[order], y[order]
