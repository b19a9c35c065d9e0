"""The forward and the backward pass of a training step, for minibatches of one shape.

A product of so little data takes hardly longer than its call: all that the passes write to is made and cut into
layers once, so that a step is a few calls of NumPy. Written once, they serve one network and many at once.
"""

import math
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np

from momentum_gui.core.params import Array

Activation = Literal["relu", "tanh", "sigmoid", "linear"]

Layer = tuple[Array, Array | None]
"""A layer's weights (*runs, inputs, outputs) and biases (*runs, 1, outputs)."""

ROWS = 32
"""The outputs of at most so many minibatches are kept, for their losses to be worked out together,"""

NUMBERS = 100_000
"""and of fewer if they are larger: about so many numbers."""


class Passes:
    """What forward and backward pass write, for minibatches of one ``shape`` (*runs, batch), and views of it.

    ``runs`` is nothing for one network, or the number of many. ``sizes`` are the units of every layer, the inputs
    first, and ``layers`` cuts a vector (n,) or (n, runs) into them. One thread at a time may use these passes.
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        layers: Callable[[Array], list[Layer]],
        size: int,
        activation: Activation,
        output: "type[Output]",
        shape: tuple[int, ...],
        scale: float,
    ) -> None:
        *runs, self.batch = self.shape = shape
        *hidden, last = sizes[1:]
        samples = math.prod(shape)
        self.rows = 1 if runs else max(1, min(ROWS, NUMBERS // (samples * last)))
        # The last layer's outputs lie along the samples of all runs, (outputs, samples): what is summed over a few
        # classes are then a few long rows.
        z, errors = np.empty((last, samples)), np.empty((last, samples))
        self._output = output(z, errors, self.rows, scale)

        self._activate, self._slope = ACTIVATIONS[activation]
        # np.dot takes less time to begin than np.matmul, but wants two axes and contiguous arrays to write to.
        self._product: Callable[[Array, Array, Array], Array] = np.matmul if runs else np.dot
        # Fortran order, so that layers are views
        self._w, self._gradient = np.empty((*runs, size)).T, np.empty((*runs, size)).T
        weights, slopes = layers(self._w), layers(self._gradient)
        inputs = [np.empty((*shape, units)) for units in hidden]  # of every layer but the first
        # np.maximum takes half the time for two arrays than for an array and a number
        self._hidden = [(*layer, h, np.zeros(h.shape)) for layer, h in zip(weights, inputs, strict=False)]
        matrix, bias = weights[-1]
        self._last = matrix.mT, None if bias is None else bias.mT, self._by_run(z)
        self._error = self._by_run(errors).mT
        self._first = slopes[0]  # whose inputs are the minibatch
        self._backward = [
            (h, h.mT, matrix.mT, *slope, np.ones(h.shape))
            for h, (matrix, _bias), slope in zip(inputs, weights[1:], slopes[1:], strict=True)
        ][::-1]
        self._ones = np.ones((1, self.batch))

    def truths(self, truth: Array) -> Array:
        """``truth`` (minibatches, *shape, width) as these passes compare outputs with it.

        That is (minibatches, width, samples), and scaled as the losses are.
        """
        rows = truth.reshape(len(truth), -1, truth.shape[-1]).swapaxes(1, 2)
        return np.multiply(rows, self._output.truth_scale, order="C")

    def gradient(self, w: Array, x: Array, truth: Array, row: int = 0) -> Array:
        """The gradient at the weights ``w``, which the next call writes over; ``row`` is to keep the outputs in.

        ``x`` (*runs, batch, features) are inputs, or (batch, features), and ``truth`` (width, samples) is one of
        ``truths``. The derivative of ReLU at 0 is 0.
        """
        np.copyto(self._w, w)  # whose views, layer by layer, are made once
        product, activate, slope_of = self._product, self._activate, self._slope

        h = x
        for weights, bias, out, zeros in self._hidden:
            product(h, weights, out)
            if bias is not None:
                np.add(out, bias, out)
            activate(out, zeros)
            h = out
        transposed, bias, z = self._last
        product(transposed, h.mT, z)
        if bias is not None:
            np.add(z, bias, z)
        self._output.error(truth, row)

        # backwards: the losses' derivatives by a layer's sums give those by its weights, then those by the sums
        # of the layer before it; ``h`` are its inputs, ``weights`` and ``transposed`` its weights and ``h``, transposed
        error = self._error
        for h, transposed, weights, dw, db, slope in self._backward:
            product(transposed, error, dw)
            if db is not None:
                product(self._ones, error, db)
            slope_of(h, slope)
            product(error, weights, h)  # in the memory of h, which has done its duty
            error = np.multiply(h, slope, h)
        dw, db = self._first
        product(x.mT, error, dw)
        if db is not None:
            product(self._ones, error, db)
        return self._gradient

    def losses(self, truths: Array) -> Array:
        """The losses of the minibatches whose outputs are kept in the first rows (rows,), or of the runs (runs,).

        ``truths`` (rows, width, samples) are these minibatches'.
        """
        losses = self._output.losses(truths)
        return np.add.reduce(losses.reshape(-1, self.batch), axis=-1)

    def _by_run(self, rows: Array) -> Array:
        """Rows along all samples (outputs, samples) as (*runs, outputs, batch)."""
        return np.moveaxis(rows.reshape(len(rows), *self.shape), 0, -2)


class Output(Protocol):
    """The loss of the last layer's outputs ``z`` (outputs, samples), for many minibatches one after the other."""

    truth_scale: float

    def __init__(self, z: Array, error: Array, rows: int, scale: float) -> None: ...

    def error(self, truth: Array, row: int) -> None:
        """Write the loss's derivatives by ``z`` to ``error``, and keep in ``row`` what ``losses`` asks for."""

    def losses(self, truths: Array) -> Array:
        """Every sample's loss (rows, samples), times ``scale``, of as many rows as ``truths`` has."""


class Softmax:
    """Cross-entropy of a softmax: log sum exp z - z of the true class. The derivatives are probability - truth."""

    def __init__(self, z: Array, error: Array, rows: int, scale: float) -> None:
        self._z, self._error, self._scale = z, error, scale
        self.truth_scale = scale
        self._kept, self._totals = np.empty((rows, *z.shape)), np.empty((rows, z.shape[1]))
        self._records = list(zip(self._kept, self._totals, strict=True))
        self._classes = np.ones(len(z))

    def error(self, truth: Array, row: int) -> None:
        z, error, (kept, total) = self._z, self._error, self._records[row]
        np.maximum.reduce(z, axis=0, out=total)
        np.subtract(z, total, kept)
        np.exp(kept, error)
        self._classes.dot(error, total)
        np.multiply(error, self._scale / total, error)
        np.subtract(error, truth, error)

    def losses(self, truths: Array) -> Array:
        rows = len(truths)
        return self._scale * np.log(self._totals[:rows]) - np.einsum("kos,kos->ks", self._kept[:rows], truths)


LARGE = 40.0
"""From here on log(1 + exp d) is d, to the last digit."""


class Logistic:
    """The same of two classes, whose softmax is the logistic function of the difference of the outputs.

    With d = z0 - z1 the probability of class 1 is 1 / (1 + exp d), and the loss is log(1 + exp d), less d for class 0.
    ``truth`` is one row, 1 for class 1.
    """

    def __init__(self, z: Array, error: Array, rows: int, scale: float) -> None:
        self._views = *z, *error, np.ones(z.shape[1]), np.full(z.shape[1], scale)
        self._scale = self.truth_scale = scale
        self._kept, self._totals = np.empty((2, rows, z.shape[1]))
        self._records = list(zip(self._kept, self._totals, strict=True))

    def error(self, truth: Array, row: int) -> None:
        z0, z1, error0, error1, one, scale = self._views
        d, total = self._records[row]
        np.subtract(z0, z1, d)
        np.exp(d, total)
        np.add(total, one, total)
        np.divide(scale, total, error1)
        np.subtract(error1, truth[0], error1)
        np.negative(error1, error0)

    def losses(self, truths: Array) -> Array:
        rows = len(truths)
        d, truth = self._kept[:rows], truths[:, 0]
        logs = np.where(d < LARGE, np.log(self._totals[:rows]), d)
        return self._scale * (logs - d) + truth * d


class SquaredError:
    """Half the squared error of linear outputs. The derivatives are output - truth."""

    truth_scale = 1.0

    def __init__(self, z: Array, error: Array, rows: int, scale: float) -> None:
        self._z, self._error, self._scale = z, error, scale
        self._kept = np.empty((rows, *z.shape))

    def error(self, truth: Array, row: int) -> None:
        kept = self._kept[row]
        np.subtract(self._z, truth, kept)
        np.multiply(kept, self._scale, self._error)

    def losses(self, truths: Array) -> Array:
        kept = self._kept[: len(truths)]
        return 0.5 * self._scale * np.einsum("kos,kos->ks", kept, kept)


Unit = Callable[[Array, Array | float], object]
"""A hidden layer's function, in place; the second argument is 0, as one number or many."""

Slope = Callable[[Array, Array], object]
"""This function's derivative, by its value, the first argument, written to the second."""


def relu(h: Array, zeros: Array | float) -> None:
    np.maximum(h, zeros, out=h)


def relu_slope(h: Array, slope: Array) -> None:
    np.copyto(slope, h > 0.0)  # as numbers: a product with booleans takes three times as long


def tanh(h: Array, _zeros: Array | float) -> None:
    np.tanh(h, h)


def tanh_slope(h: Array, slope: Array) -> None:
    np.multiply(h, h, slope)
    np.subtract(1, slope, slope)


def sigmoid(h: Array, _zeros: Array | float) -> None:
    """(1 + tanh(h / 2)) / 2: exp can't overflow."""
    h *= 0.5
    np.tanh(h, h)
    h += 1
    h *= 0.5


def sigmoid_slope(h: Array, slope: Array) -> None:
    np.subtract(1, h, slope)
    slope *= h


def linear(_h: Array, _zeros: Array | float) -> None:
    """What comes in goes out, and the slope is 1: the room for it says so from the start."""


ACTIVATIONS: dict[Activation, tuple[Unit, Slope]] = {
    "relu": (relu, relu_slope),
    "tanh": (tanh, tanh_slope),
    "sigmoid": (sigmoid, sigmoid_slope),
    "linear": (linear, linear),
}
