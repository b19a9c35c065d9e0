"""The forward and the backward pass of a training step, for minibatches of one shape.

A product of so little data takes hardly longer than its call: all that the passes write to is made and cut into
layers once, and their calls of NumPy are recorded once, so that a step is these calls and nothing else. Written once,
they serve one network and many at once.
"""

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np

from momentum_gui.core.params import Array
from momentum_gui.core.recording import Given, Recorder, room

Activation = Literal["relu", "tanh", "sigmoid", "linear"]

Layer = tuple[Array, Array | None]
"""A layer's weights (*runs, inputs, outputs) and biases (*runs, 1, outputs)."""

ROWS = 128
"""The outputs of at most so many minibatches are kept, for their losses to be worked out together,"""

NUMBERS = 100_000
"""and of fewer if they are larger: about so many numbers."""


class Passes:
    """What forward and backward pass write, for minibatches of one ``shape`` (*runs, batch), and views of it.

    ``runs`` is nothing for one network, or the number of many. ``sizes`` are the units of every layer, the inputs
    first. They are taken at ``weights`` (n,) or (n, runs), in Fortran order, and write the ``gradient`` there, which
    ``layers`` cuts into layers. A minibatch's loss is the sum of its samples', times ``scale``. One thread at a time
    may use these passes.
    """

    def __init__(
        self,
        sizes: tuple[int, ...],
        layers: Callable[[Array], list[Layer]],
        weights: Array,
        gradient: Array,
        activation: Activation,
        output: "type[Output]",
        shape: tuple[int, ...],
        scale: float,
    ) -> None:
        *runs, self.batch = self.shape = shape
        self._activation, self._many = activation, bool(runs)
        self.weights, self.gradient = weights, gradient
        self._layers, self._slopes = layers(self.weights), layers(self.gradient)
        self._fold = Fold(self._layers.pop(), self._slopes.pop()) if output is Logistic else None
        matrices = [matrix for matrix, _bias in self._layers]
        if self._fold is not None:
            self._layers.append(self._fold.weights)
            self._slopes.append(self._fold.slopes)
            # back through a single unit NumPy stacks no BLAS products: many deep networks take the two
            matrices.append(self._fold.both if runs and len(sizes) > 3 else self._fold.weights[0])
        self._matrices = matrices

        # The last layer's outputs lie along the samples of all runs, (outputs, samples): what is summed over a few
        # classes are then a few long rows. They are kept for some minibatches, row by row.
        samples, last = math.prod(shape), self._layers[-1][0].shape[-1]
        count = 1 if runs else max(1, min(ROWS, NUMBERS // (samples * last)))
        z, errors = room((count, last, samples)), room((matrices[-1].shape[-1], samples))
        self._output = output(z, errors, scale, self.batch)
        self._hidden = [room((*shape, units)) for units in sizes[1:-1]]
        self._back = self._by_run(errors).mT
        self.rows = [(row, *own) for row, own in zip(self._by_run(z), self._output.rows, strict=True)]

        self.given = [Given(name) for name in ("x", "truth", "z", *(f"z{k}" for k in range(len(self.rows[0]) - 1)))]

    def truths(self, truth: Array) -> Array:
        """``truth`` (minibatches, *shape, width) as these passes compare outputs with it.

        That is (minibatches, width, samples), and scaled as the losses are.
        """
        rows = truth.reshape(len(truth), -1, truth.shape[-1]).swapaxes(1, 2)
        return np.multiply(rows, self._output.truth_scale, order="C")

    def run(self, x: Array, truth: Array) -> None:
        """Write ``gradient``, that at ``weights``, and keep the outputs in the first of the ``rows``.

        ``x`` (*runs, batch, features) are inputs, or (batch, features), and ``truth`` (width, samples) is one of
        ``truths``. The derivative of ReLU at 0 is 0.
        """
        self._run(x, truth, *self.rows[0])

    @cached_property
    def _run(self) -> Callable[..., None]:
        return self.recorded(careful=True).function(*self.given)

    def recorded(self, careful: bool) -> Recorder:
        """The calls that do so, with what is ``given``: x, truth and any of the ``rows``.

        Without care they are faster, and right if the outputs turn out to be ``sound``.
        """
        recorder = Recorder()
        self._passes(recorder, self._output.careful_error if careful else self._output.error, *self.given)
        return recorder

    def sound(self, count: int) -> bool:
        """Whether the outputs in the first ``count`` rows ask for no care."""
        return self._output.sound(count)

    def _passes(self, np: Any, error_of: Callable[..., None], x: Any, truth: Any, z: Any, *of_output: Any) -> None:
        """The passes as calls of NumPy, ``np``; the last outputs go to ``z`` (*runs, outputs, batch).

        ``error_of`` is the output's ``error`` or ``careful_error``. Only ``x``, ``truth``, ``z`` and what else is
        ``of_output`` is another array at every step.
        """
        product = np.matmul if self._many else np.dot  # takes less time to begin, but wants two axes
        activate, slope_of = ACTIVATIONS[self._activation]
        if self._fold is not None:
            self._fold.fold(np)

        # forwards: every layer's sums from the outputs ``h`` of the layer before it, and its units' function of them
        h, inputs = x, [x, *self._hidden]  # of every layer
        for (weights, bias), out in zip(self._layers, self._hidden, strict=False):
            product(h, weights, out)
            if bias is not None:
                np.add(out, bias, out)
            activate(np, out, np.zeros(out.shape))  # np.maximum takes half the time for two arrays
            h = out
        weights, bias = self._layers[-1]
        product(weights.mT, h.mT, z)
        if bias is not None:
            np.add(z, bias.mT, z)
        error_of(np, truth, *of_output)

        # backwards: the losses' derivatives ``error`` by a layer's sums give those by its weights, then those by the
        # outputs ``h`` of the layer before it and by that layer's sums
        back = self._back  # the error, but for a fold
        error, ones = back[..., : self._layers[-1][0].shape[-1]], np.ones((1, self.batch))
        for (dw, db), matrix, h in zip(self._slopes[::-1], self._matrices[::-1], inputs[::-1], strict=True):
            product(h.mT, error, dw)
            if db is not None:
                product(ones, error, db)
            if h is x:
                break
            slope = np.ones(h.shape)
            slope_of(np, h, slope)
            if len(self._hidden) == 1 and matrix.shape[-1] == 1:
                self._hidden_below_single_unit(np, product, x, error, slope)
                break
            product(back, matrix.mT, h)  # in the memory of h, which has done its duty
            np.multiply(h, slope, h)
            error = back = h
        if self._fold is not None:
            self._fold.unfold(np)

    def _hidden_below_single_unit(self, np: Any, product: Any, x: Any, error: Array, slope: Array) -> None:
        """The derivatives by the only hidden layer's weights, below a single unit.

        By that layer's sums they are the slopes times the products of every sample's ``error`` and every weight of
        the single unit: so one factor goes to the inputs, the other to the result, and both are small.
        """
        (dw, db), w = self._slopes[0], self._layers[-1][0].mT
        weighted = np.empty((*self.shape, dw.shape[-2]))
        np.multiply(x, error, weighted)
        product(weighted.mT, slope, dw)
        np.multiply(dw, w, dw)
        if db is not None:
            product(error.mT, slope, db)
            np.multiply(db, w, db)

    def losses(self, truths: Array) -> Array:
        """The losses of the minibatches whose outputs are kept in the first rows (rows,), or of the runs (runs,).

        ``truths`` (rows, width, samples) are these minibatches'.
        """
        return self._output.losses(truths)

    def bound(self) -> float:
        """A number that no run's loss, or the loss kept in the first row, exceeds; much faster than the losses are."""
        return self.batch * self._output.bound()

    def _by_run(self, rows: Array) -> Array:
        """Rows along all samples (..., outputs, samples) as (..., *runs, outputs, batch)."""
        return np.moveaxis(rows.reshape(*rows.shape[:-1], *self.shape), -1 - len(self.shape), -2)


DIFFERENCE = np.array([[1.0], [-1.0]])
"""Two outputs, or what gives them, times this: the first less the second."""


class Fold:
    """The last layer of two classes as one of a single unit: only the difference of the two outputs counts.

    Its weights are the differences of those of the two, and the derivatives by it are those by the first one's,
    and, negative, by the second one's.
    """

    def __init__(self, weights: Layer, slopes: Layer) -> None:
        self.both = weights[0]
        self.weights, self._weights = self._folded(weights)
        self.slopes, self._slopes = self._folded(slopes)
        self._many = self.both.ndim == 3  # where products with few numbers are slow, but for one network fast

    @staticmethod
    def _folded(layer: Layer) -> tuple[Layer, list[tuple[Array, Array]]]:
        """Room for the layer of a single unit; of weights and of biases that room and those of the two."""
        matrix, bias = layer
        room: Layer = np.empty((*matrix.shape[:-1], 1)), None if bias is None else np.empty((*bias.shape[:-1], 1))
        pairs = zip(room, layer, strict=True)
        return room, [(one, two) for one, two in pairs if one is not None and two is not None]

    def fold(self, np: Any) -> None:
        for one, two in self._weights:
            if self._many:
                np.subtract(two[..., :1], two[..., 1:], one)
            else:
                np.dot(two, DIFFERENCE, one)

    def unfold(self, np: Any) -> None:
        for one, two in self._slopes:
            if self._many:
                np.copyto(two[..., :1], one)
                np.negative(one, two[..., 1:])
            else:
                np.dot(one, DIFFERENCE.T, two)


class Output(Protocol):
    """The loss of the last layer's outputs: ``z`` (rows, outputs, samples) of many minibatches.

    A row has one minibatch, or those of many runs side by side, each of ``batch`` samples. ``error`` (outputs, samples)
    is where the loss's derivatives by one row go. Both loss and derivatives are times ``scale``, and so is the truth
    that they are given, by ``truth_scale``.
    """

    truth_scale: float
    rows: list[tuple[Array, ...]]
    """What is kept of every row."""

    def __init__(self, z: Array, error: Array, scale: float, batch: int) -> None: ...

    def error(self, np: Any, truth: Any, *row: Any) -> None:
        """Write the derivatives for the outputs in this row, which may be changed to what ``losses`` asks for.

        These are the calls of NumPy, ``np``.
        """

    def careful_error(self, np: Any, truth: Any, *row: Any) -> None:
        """The same for outputs of any size."""

    def sound(self, count: int) -> bool:
        """Whether ``error`` was right of the outputs in the first ``count`` rows."""

    def losses(self, truths: Array) -> Array:
        """Every minibatch's loss (minibatches,), of as many rows as there are ``truths``."""

    def bound(self) -> float:
        """A number that no sample's loss of the first row exceeds."""


def summed(losses: Array, batch: int) -> Array:
    """The sums over every ``batch`` samples of (rows, samples), one after the other."""
    return np.add.reduce(losses.reshape(-1, batch), axis=-1)


def summed_products(a: Array, b: Array, batch: int) -> Array:
    """The same of ``a`` times ``b``, both (rows, outputs, samples), and over the outputs too."""
    rows, outputs, samples = a.shape
    if samples == batch:  # a row is one minibatch, and lies in one piece
        return np.vecdot(a.reshape(rows, -1), b.reshape(rows, -1))
    return np.einsum("orb,orb->r", a.reshape(outputs, -1, batch), b.reshape(outputs, -1, batch))


TINY, HUGE = 1e-290, 1e300
"""Between these the sum of some exp z has all its digits."""

SMALL = 1e-3
"""A sample's loss below this, on average, loses digits as the difference of two large numbers."""


class Softmax:
    """Cross-entropy of a softmax: log sum exp z - z of the true class. The derivatives are probability - truth.

    Where exp z may overflow, or vanish for all classes, a sample's largest output is taken from all of them before:
    the same softmax and loss.
    """

    def __init__(self, z: Array, error: Array, scale: float, batch: int) -> None:
        rows, outputs, samples = z.shape
        self._z, self._error, self._totals = z, error, np.empty((rows, samples))
        self.rows: list[tuple[Array, ...]] = list(zip(self._z, self._totals, strict=True))
        self._scale, self._batch, self.truth_scale = scale, batch, scale
        self._classes = np.full(outputs, 1 / scale)

    def error(self, np: Any, truth: Any, *row: Any) -> None:
        z, total = row
        error = self._error
        np.exp(z, error)
        np.dot(self._classes, error, total)  # the sums over the classes, by the scale
        np.divide(error, total, error)
        np.subtract(error, truth, error)

    def careful_error(self, np: Any, truth: Any, *row: Any) -> None:
        z, total = row
        np.maximum.reduce(z, axis=0, out=total)
        np.subtract(z, total, z)
        self.error(np, truth, z, total)

    def sound(self, count: int) -> bool:
        totals = self._totals[:count]
        return bool(totals.min() > TINY and totals.max() < HUGE)

    def losses(self, truths: Array) -> Array:
        z, totals = self._z[: len(truths)], self._totals[: len(truths)]
        losses = self._scale * summed(np.log(self._scale * totals), self._batch)
        losses -= summed_products(z, truths, self._batch)
        small = losses < SMALL * self._scale * self._batch
        if len(losses) == len(z) and small.any():  # of one network: a row is a minibatch
            # log(1 + sum exp(z - z of the true class)) over the other classes; nowhere is that difference large
            z, others = z[small], truths[small] == 0
            true = np.where(others, 0.0, z).sum(axis=1, keepdims=True)
            sums = (np.exp(z - true) * others).sum(axis=1)
            losses[small] = self._scale * summed(np.log1p(sums), self._batch)
        return losses

    def bound(self) -> float:
        """Right after ``careful_error``."""
        return self._scale * float(len(self._classes) - self._z[0].min())  # log n < n


LARGE = 40.0
"""From here on log(1 + exp d) is d, to the last digit, and does not overflow."""


class Logistic:
    """The same of two classes, whose softmax is the logistic function of the difference of the outputs.

    With d = z0 - z1 the probability of class 1 is 1 / (1 + exp d), and the loss is log(1 + exp d), less d for class 0.
    ``z`` is d alone and ``truth`` one row, 1 for class 1. The derivatives are by z0, or by both.
    """

    def __init__(self, z: Array, error: Array, scale: float, batch: int) -> None:
        self._d, self._odds = z, np.empty(z.shape)  # exp d: of class 0 against class 1
        self.rows: list[tuple[Array, ...]] = list(zip(self._d, self._odds, strict=True))
        self._error, self._second = error[:1], error[1:] if len(error) == 2 else None
        self._scale, self._batch, self.truth_scale = scale, batch, scale
        self._scales, self._ones = np.full(z.shape[1:], scale), np.ones(z.shape[1:])

    def error(self, np: Any, truth: Any, *row: Any) -> None:
        d, odds = row
        error = self._error
        np.exp(d, odds)
        np.add(odds, self._ones, error)
        np.divide(self._scales, error, error)
        np.subtract(truth, error, error)
        if self._second is not None:
            np.negative(error, self._second)

    careful_error = error

    def sound(self, count: int) -> bool:
        return True

    def losses(self, truths: Array) -> Array:
        d, odds, first = self._d[: len(truths)], self._odds[: len(truths)], truths == 0
        wrong = np.where(first, -d, d)
        with np.errstate(divide="ignore"):  # odds of 0: far beyond LARGE
            losses = np.log1p(np.where(first, 1 / odds, odds))  # the odds against the true class
        if not wrong.max() <= LARGE:
            np.copyto(losses, wrong, where=wrong > LARGE)
        return self._scale * summed(losses, self._batch)

    def bound(self) -> float:
        return self._scale * float(1 + np.abs(self._d[0]).max())  # log 2 < 1


class SquaredError:
    """Half the squared error of linear outputs. The derivatives are output - truth."""

    truth_scale = 1.0

    def __init__(self, z: Array, error: Array, scale: float, batch: int) -> None:
        self._z, self._error, self._scale, self._batch = z, error, scale, batch
        self.rows: list[tuple[Array, ...]] = [(row,) for row in z]

    def error(self, np: Any, truth: Any, *row: Any) -> None:
        (z,) = row
        np.subtract(z, truth, z)
        np.multiply(z, self._scale, self._error)

    careful_error = error

    def sound(self, count: int) -> bool:
        return True

    def losses(self, truths: Array) -> Array:
        z = self._z[: len(truths)]
        return 0.5 * self._scale * summed_products(z, z, self._batch)

    def bound(self) -> float:
        z = self._z[0]
        largest = float(np.abs(z).max())
        return self._scale * len(z) * largest * largest  # infinite where ** would raise


Unit = Callable[[Any, Array, Array | float], object]
"""A hidden layer's function, in place, as calls of NumPy, the first argument; the last is 0, as one number or many."""

Slope = Callable[[Any, Array, Array], object]
"""This function's derivative, by its value ``h``, written to ``slope``; likewise."""


def relu(np: Any, h: Array, zeros: Array | float) -> None:
    np.maximum(h, zeros, out=h)


def relu_slope(np: Any, h: Array, slope: Array) -> None:
    active = np.empty(h.shape, dtype=bool)
    np.greater(h, np.zeros(()), active)
    np.copyto(slope, active)  # as numbers: a product with booleans takes three times as long


def tanh(np: Any, h: Array, _zeros: Array | float) -> None:
    np.tanh(h, h)


def tanh_slope(np: Any, h: Array, slope: Array) -> None:
    np.multiply(h, h, slope)
    np.subtract(1, slope, slope)


def sigmoid(np: Any, h: Array, _zeros: Array | float) -> None:
    """(1 + tanh(h / 2)) / 2: exp can't overflow."""
    np.multiply(h, 0.5, h)
    np.tanh(h, h)
    np.add(h, 1, h)
    np.multiply(h, 0.5, h)


def sigmoid_slope(np: Any, h: Array, slope: Array) -> None:
    np.subtract(1, h, slope)
    np.multiply(slope, h, slope)


def linear(_np: Any, _h: Array, _zeros: Array | float) -> None:
    """What comes in goes out, and the slope is 1: the room for it says so from the start."""


ACTIVATIONS: dict[Activation, tuple[Unit, Slope]] = {
    "relu": (relu, relu_slope),
    "tanh": (tanh, tanh_slope),
    "sigmoid": (sigmoid, sigmoid_slope),
    "linear": (linear, linear),
}
