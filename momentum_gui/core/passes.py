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
    first, and ``layers`` cuts a vector of ``size`` numbers (n,) or (n, runs) into layers. A minibatch's loss is the
    sum of its samples', times ``scale``. One thread at a time may use these passes.
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
        # np.dot takes less time to begin than np.matmul, but wants two axes and contiguous arrays to write to.
        self._product: Callable[[Array, Array, Array], Array] = np.matmul if runs else np.dot
        self._activate, self._slope = ACTIVATIONS[activation]
        # Fortran order, so that layers are views
        self._w, self._gradient = np.empty((*runs, size)).T, np.empty((*runs, size)).T
        weights, slopes = layers(self._w), layers(self._gradient)
        matrices = [matrix for matrix, _bias in weights]
        self._fold = Fold(weights[-1], slopes[-1]) if output is Logistic else None
        if self._fold is not None:
            weights[-1], slopes[-1] = self._fold.weights, self._fold.slopes
            if not runs:  # back through a single unit NumPy stacks no BLAS products: many networks take the two
                matrices[-1] = weights[-1][0]

        # The last layer's outputs lie along the samples of all runs, (outputs, samples): what is summed over a few
        # classes are then a few long rows. They are kept for some minibatches, row by row.
        samples, last = math.prod(shape), weights[-1][0].shape[-1]
        self.rows = 1 if runs else max(1, min(ROWS, NUMBERS // (samples * last)))
        z, errors = np.empty((self.rows, last, samples)), np.empty((matrices[-1].shape[-1], samples))
        self._output = output(z, errors, scale)

        inputs = [np.empty((*shape, units)) for units in sizes[1:-1]]  # of every layer but the first
        # np.maximum takes half the time for two arrays than for an array and a number
        self._hidden = [(*layer, h, np.zeros(h.shape)) for layer, h in zip(weights, inputs, strict=False)]
        matrix, bias = weights[-1]
        self._last = matrix.mT, None if bias is None else bias.mT, [self._by_run(row) for row in z]
        self._back = self._by_run(errors).mT
        self._error = self._back[..., :last]
        self._first = slopes[0]  # whose inputs are the minibatch
        self._backward = [
            (h, h.mT, matrix.mT, *slope, np.ones(h.shape))
            for h, matrix, slope in zip(inputs, matrices[1:], slopes[1:], strict=True)
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
        if self._fold is not None:
            self._fold.fold()
        product, activate, slope_of = self._product, self._activate, self._slope

        # forwards: every layer's sums from the outputs ``h`` of the layer before it, and its units' function of them
        h = x
        for weights, bias, out, zeros in self._hidden:
            product(h, weights, out)
            if bias is not None:
                np.add(out, bias, out)
            activate(out, zeros)
            h = out
        transposed, bias, rows = self._last
        z = product(transposed, h.mT, rows[row])
        if bias is not None:
            np.add(z, bias, z)
        self._output.error(truth, row)

        # backwards: the losses' derivatives by a layer's sums give those by its weights, then those by the sums
        # of the layer before it; ``h`` are its inputs, ``weights`` and ``transposed`` its weights and ``h``, transposed
        error, back = self._error, self._back  # the same, but for a fold
        for h, transposed, weights, dw, db, slope in self._backward:
            product(transposed, error, dw)
            if db is not None:
                product(self._ones, error, db)
            slope_of(h, slope)
            product(back, weights, h)  # in the memory of h, which has done its duty
            error = back = np.multiply(h, slope, h)
        dw, db = self._first
        product(x.mT, error, dw)
        if db is not None:
            product(self._ones, error, db)
        if self._fold is not None:
            self._fold.unfold()
        return self._gradient

    def losses(self, truths: Array) -> Array:
        """The losses of the minibatches whose outputs are kept in the first rows (rows,), or of the runs (runs,).

        ``truths`` (rows, width, samples) are these minibatches'.
        """
        losses = self._output.losses(truths)
        return np.add.reduce(losses.reshape(-1, self.batch), axis=-1)

    def bound(self) -> float:
        """A number that no run's loss, or the loss kept in the first row, exceeds; much faster than the losses are."""
        return self.batch * self._output.bound()

    def _by_run(self, rows: Array) -> Array:
        """Rows along all samples (outputs, samples) as (*runs, outputs, batch)."""
        return np.moveaxis(rows.reshape(len(rows), *self.shape), 0, -2)


class Fold:
    """The last layer of two classes as one of a single unit: only the difference of the two outputs counts.

    Its weights are the differences of those of the two, and the derivatives by it are those by the first one's,
    and, negative, by the second one's.
    """

    def __init__(self, weights: Layer, slopes: Layer) -> None:
        self.weights, self._weights = self._folded(weights)
        self.slopes, self._slopes = self._folded(slopes)

    @staticmethod
    def _folded(layer: Layer) -> tuple[Layer, list[tuple[Array, Array, Array]]]:
        """Room for the layer of a single unit; of weights and of biases that room, the first's and the second's."""
        matrix, bias = layer
        room: Layer = np.empty((*matrix.shape[:-1], 1)), None if bias is None else np.empty((*bias.shape[:-1], 1))
        pairs = zip(room, layer, strict=True)
        return room, [
            (one[..., 0], two[..., 0], two[..., 1]) for one, two in pairs if one is not None and two is not None
        ]

    def fold(self) -> None:
        for difference, first, second in self._weights:
            np.subtract(first, second, difference)

    def unfold(self) -> None:
        for difference, first, second in self._slopes:
            np.copyto(first, difference)
            np.negative(difference, second)


class Output(Protocol):
    """The loss of the last layer's outputs: ``z`` (rows, outputs, samples) of many minibatches, row by row.

    ``error`` (outputs, samples) is where the loss's derivatives by one row go. Both loss and derivatives are times
    ``scale``, and so is the truth that they are given, by ``truth_scale``.
    """

    truth_scale: float

    def __init__(self, z: Array, error: Array, scale: float) -> None: ...

    def error(self, truth: Array, row: int) -> None:
        """Write the derivatives for the outputs in this row, which may be changed to what ``losses`` asks for."""

    def losses(self, truths: Array) -> Array:
        """Every sample's loss (rows, samples), of as many rows as there are ``truths``."""

    def bound(self) -> float:
        """A number that no sample's loss of the first row exceeds."""


class Softmax:
    """Cross-entropy of a softmax: log sum exp z - z of the true class. The derivatives are probability - truth."""

    def __init__(self, z: Array, error: Array, scale: float) -> None:
        rows, outputs, samples = z.shape
        self._z, self._error, self._totals = z, error, np.empty((rows, samples))
        self._rows = list(zip(self._z, self._totals, strict=True))
        self._scale = self.truth_scale = scale
        self._scales, self._classes = np.full(samples, scale), np.ones(outputs)

    def error(self, truth: Array, row: int) -> None:
        (z, total), error = self._rows[row], self._error
        np.maximum.reduce(z, axis=0, out=total)
        np.subtract(z, total, z)  # exp can't overflow
        np.exp(z, error)
        self._classes.dot(error, total)
        np.multiply(error, self._scales / total, error)
        np.subtract(error, truth, error)

    def losses(self, truths: Array) -> Array:
        rows = len(truths)
        return self._scale * np.log(self._totals[:rows]) - np.einsum("kos,kos->ks", self._z[:rows], truths)

    def bound(self) -> float:
        return self._scale * float(len(self._classes) - self._z[0].min())  # log n < n


LARGE = 40.0
"""From here on log(1 + exp d) is d, to the last digit, and does not overflow."""


class Logistic:
    """The same of two classes, whose softmax is the logistic function of the difference of the outputs.

    With d = z0 - z1 the probability of class 1 is 1 / (1 + exp d), and the loss is log(1 + exp d), less d for class 0.
    ``z`` is d alone and ``truth`` one row, 1 for class 1. The derivatives are by z0, or by both.
    """

    def __init__(self, z: Array, error: Array, scale: float) -> None:
        self._d, self._totals = z[:, 0], np.empty((len(z), z.shape[-1]))
        self._rows = list(zip(self._d, self._totals, strict=True))
        self._error, self._second = error[0], error[1] if len(error) == 2 else None
        self._scale = self.truth_scale = scale
        self._scales, self._ones = np.full(z.shape[-1], scale), np.ones(z.shape[-1])

    def error(self, truth: Array, row: int) -> None:
        (d, total), error = self._rows[row], self._error
        np.exp(d, total)
        np.add(total, self._ones, total)
        np.divide(self._scales, total, error)
        np.subtract(truth[0], error, error)
        if self._second is not None:
            np.negative(error, self._second)

    def losses(self, truths: Array) -> Array:
        d, losses = self._d[: len(truths)], np.log(self._totals[: len(truths)])
        np.copyto(losses, d, where=d > LARGE)
        losses -= d
        losses *= self._scale
        losses += truths[:, 0] * d
        return losses

    def bound(self) -> float:
        return self._scale * float(1 + np.abs(self._d[0]).max())  # log 2 < 1


class SquaredError:
    """Half the squared error of linear outputs. The derivatives are output - truth."""

    truth_scale = 1.0

    def __init__(self, z: Array, error: Array, scale: float) -> None:
        self._z, self._error, self._scale = z, error, scale

    def error(self, truth: Array, row: int) -> None:
        z = self._z[row]
        np.subtract(z, truth, z)
        np.multiply(z, self._scale, self._error)

    def losses(self, truths: Array) -> Array:
        z = self._z[: len(truths)]
        return 0.5 * self._scale * np.einsum("kos,kos->ks", z, z)

    def bound(self) -> float:
        z = self._z[0]
        return self._scale * len(z) * float(np.abs(z).max()) ** 2


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
