"""The NumPy network: a multi-layer perceptron as an objective over one flat vector of weights.

Forward and backward pass are written once and serve one network, weights (n,), and many at once, weights
(n, runs): the runs are the leading axis of every product. An array of weights of many runs is kept in Fortran
order, so that a layer is a view of it.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from threadpoolctl import threadpool_limits

from momentum_gui.core.datasets import AnyData, Dataset, Labels, Moons
from momentum_gui.core.messages import N_
from momentum_gui.core.params import Array, Declared

# Two BLAS threads make products of this size up to five times slower.
threadpool_limits(limits=1, user_api="blas")

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
        ),
    ] = "epoch"
    reduction: Annotated[
        Literal["mean", "sum"],
        Meta(title=N_("Reduction"), description=N_("Whether the loss is averaged or summed over the minibatch.")),
    ] = "mean"
    l2: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            title=N_("Weight decay"),
            description=N_("Adds ½ λ |weights|² to the loss; biases are free."),
            extra={"symbol": "λ", "slider": (0.0, 0.1)},
        ),
    ] = 0.0
    data: AnyData = Moons()


class MLP:
    """The network of a declaration, for data with so many features and classes."""

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
        self._buffers: dict[tuple[int, ...], list[Array]] = {}
        self._indices = lru_cache(8)(lambda shape: np.indices(shape, sparse=True))

    def start(self, rng: np.random.Generator) -> Array:
        """Initial weights (n,): N(0, 1), the article's; He et al. 2015; Glorot & Bengio 2010. Biases are 0."""
        w = np.zeros(self.size)
        for (weights, _bias), inputs, outputs in zip(self._places, self.sizes, self.sizes[1:], strict=False):
            scale = {"normal": 1.0, "he": 2 / inputs, "xavier": 2 / (inputs + outputs)}[self.network.init] ** 0.5
            w[weights] = scale * rng.standard_normal(inputs * outputs)
        return w

    def layers(self, w: Array) -> list[tuple[Array, Array | None]]:
        """Views of ``w``: for every layer its weights (*runs, inputs, outputs) and biases (*runs, 1, outputs)."""
        rows = w.T
        result = []
        for (weights, bias), inputs, outputs in zip(self._places, self.sizes, self.sizes[1:], strict=False):
            matrix = rows[..., weights].reshape(*rows.shape[:-1], inputs, outputs)
            result.append((matrix, rows[..., None, bias] if self.network.bias else None))
        return result

    def logits(self, w: Array, x: Array) -> Array:
        """Outputs before the softmax, (*runs, batch, classes), for inputs (*runs, batch, features)."""
        h = x
        layers = self.layers(w)
        for place, (weights, bias) in enumerate(layers):
            h = h @ weights
            if bias is not None:
                h += bias
            if place < len(layers) - 1:
                _activate(h, self.network.activation)
        return h

    def probabilities(self, w: Array, x: Array) -> Array:
        """Class probabilities, (*runs, batch, classes)."""
        return softmax(self.logits(w, x))

    def penalty(self, w: Array) -> Array | float:
        """1/2 l2 |weights|^2, (*runs); biases do not count."""
        if not self.network.l2:
            return 0.0
        squares = sum(np.sum(w.T[..., weights] ** 2, axis=-1) for weights, _bias in self._places)
        return 0.5 * self.network.l2 * squares

    def loss_and_gradient(self, w: Array, x: Array, y: Labels) -> tuple[Array, Array]:
        """The minibatch's loss (*runs) and its gradient, of the shape of ``w``.

        x is (*runs, batch, features), y (*runs, batch). Cross-entropy, averaged or summed over the minibatch,
        plus the penalty. The derivative of ReLU at 0 is 0.
        """
        layers = self.layers(w)
        outputs = self._forward(layers, x)
        inputs = [x, *outputs[:-1]]

        # the output layer: softmax, then error = probability - truth
        z = outputs[-1]
        z -= z.max(axis=-1, keepdims=True)
        truth = (*self._indices(y.shape), y)
        chosen = z[truth]
        error = np.exp(z, out=z)
        total = error.sum(axis=-1, keepdims=True)
        error /= total
        losses = np.log(total[..., 0]) - chosen
        error[truth] -= 1
        if self.network.reduction == "mean":
            error /= y.shape[-1]
            loss = losses.mean(axis=-1)
        else:
            loss = losses.sum(axis=-1)

        # backwards, layer by layer
        gradient = np.empty_like(w)
        for (weights, bias), (dw, db), h in zip(
            reversed(layers), reversed(self.layers(gradient)), reversed(inputs), strict=True
        ):
            np.matmul(h.swapaxes(-1, -2), error, out=dw)
            if db is not None:
                np.sum(error, axis=-2, keepdims=True, out=db)
            if h is not x:
                error = error @ weights.swapaxes(-1, -2)
                _times_slope(error, h, self.network.activation)
        if self.network.l2:
            for weights_place, _bias in self._places:
                gradient[weights_place] += self.network.l2 * w[weights_place]
        return loss + self.penalty(w), gradient

    def _forward(self, layers: list[tuple[Array, Array | None]], x: Array) -> list[Array]:
        """Every layer's output, in buffers kept for this shape of minibatch."""
        runs = layers[0][0].shape[:-2]
        shape = (*runs, x.shape[-2])
        buffers = self._buffers.get(shape)
        if buffers is None:
            buffers = self._buffers[shape] = [np.empty((*shape, outputs)) for outputs in self.sizes[1:]]
        h = x
        for place, ((weights, bias), out) in enumerate(zip(layers, buffers, strict=True)):
            h = np.matmul(h, weights, out=out)
            if bias is not None:
                h += bias
            if place < len(layers) - 1:
                _activate(h, self.network.activation)
        return buffers

    def evaluate(self, w: Array, x: Array, y: Labels) -> tuple[float, float, Labels]:
        """One network's mean cross-entropy, its accuracy and its predicted classes on (x, y)."""
        z = self.logits(w, x)
        z -= z.max(axis=-1, keepdims=True)
        rows = np.arange(len(y))
        loss = float(np.mean(np.log(np.exp(z).sum(axis=-1)) - z[rows, y]))
        predicted = z.argmax(axis=-1)
        return loss, float(np.mean(predicted == y)), predicted


def softmax(z: Array) -> Array:
    """exp(z) / sum exp(z) along the last axis, whatever the size of ``z``."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    e /= e.sum(axis=-1, keepdims=True)
    return e


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
