"""The NumPy network: a multi-layer perceptron as an objective over one flat vector of weights.

Forward and backward pass are written once and serve one network, weights (n,), and many at once, weights
(n, runs): the runs are the leading axis of every product. An array of weights of many runs is kept in Fortran
order, so that a layer is a view of it.
"""

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from momentum_gui.core.datasets import AnyData, Dataset, Labels, Moons, Targets
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import Array, Declared

# Two BLAS threads make products of this size up to five times slower.
threadpool_limits(limits=1, user_api="blas")

EVALUATED_AT_ONCE = 10_000
"""Samples whose hidden layers are held at once while a network is evaluated."""

ROOMS = 4
"""For so many shapes of minibatches room is held at once: an epoch's last one is often smaller."""

Units = Annotated[int, Meta(ge=1, le=512)]
Activation = Literal["relu", "tanh", "sigmoid", "linear"]
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
    loss: Annotated[
        Loss,
        Meta(
            title=N_("Loss"),
            description=N_(
                "cross_entropy: of a softmax; squared_error: half the squared error of linear outputs, 1 for the true"
                " class and 0 for the others. A regression always takes squared_error."
            ),
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


Layer = tuple[Array, Array | None]
"""A layer's weights (*runs, inputs, outputs) and biases (*runs, 1, outputs)."""

Product = Callable[[Array, Array, Array | None], Array]
"""np.matmul or np.dot: the matrix product of the first two, written to the third if it is given."""

Unit = Callable[[Array, Array | float], object]
"""A hidden layer's function, in place; the second argument is 0, as one number or many."""

Slope = Callable[[Array, Array], object]
"""This function's derivative, by its value, the first argument, written to the second."""


class MLP:
    """The network of a declaration, for data with so many features and classes; 0 classes is a regression.

    ``runs`` below is nothing for one network, weights (n,), or their number for many, weights (n, runs).
    Inputs ``x`` are (*runs, batch, features) and targets ``y`` (*runs, batch), classes or a regression's numbers;
    both without ``runs`` where all networks see the same. ``loss_and_gradient`` keeps the arrays that it writes
    to, so one thread at a time may call it; everything else may be called from any thread.
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
        self._activate, self._slope = ACTIVATIONS[network.activation]
        self._penalised = network.l1 > 0 or network.l2 > 0
        self._rooms: dict[tuple[int, ...], _Room] = {}

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
        return self._forward([(*layer, np.matmul, None, 0.0) for layer in layers], x)

    def _forward(self, layers: "list[Forward]", x: Array) -> list[Array]:
        h, outputs, last = x, list[Array](), len(layers) - 1
        for weights, bias, product, out, zero in layers:
            h = product(h, weights, out)
            if bias is not None:
                h += bias
            if len(outputs) < last:
                self._activate(h, zero)
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
        return self._reduced(self.losses(self.logits(w, x), y)) + self._penalty(w)

    def loss_and_gradient(self, w: Array, x: Array, y: Targets) -> tuple[Array, Array]:
        """The loss (*runs) and its gradient, of the shape of ``w``. The derivatives of ReLU and |w| at 0 are 0."""
        room = self._room((*w.shape[1:], x.shape[-2]))
        room.w[...] = w  # whose views, layer by layer, are made once
        outputs = self._forward(room.forward, x)
        loss = self._output_error(room, y)

        # backwards: the losses' derivatives by a layer's sums give those by its weights, then those by the sums
        # of the layer before it; ``h`` are its inputs, ``weights`` and ``transposed`` its weights and ``h``, transposed
        error, product = outputs[-1], room.product
        for h, transposed, weights, dw, db, slope in room.backward:
            product(transposed, error, dw)
            if db is not None:
                np.add.reduce(error, axis=-2, keepdims=True, out=db)
            self._slope(h, slope)
            error = product(error, weights, h)  # in the memory of h, which has done its duty
            error *= slope
        dw, db = room.first
        product(x.swapaxes(-1, -2), error, dw)
        if db is not None:
            np.add.reduce(error, axis=-2, keepdims=True, out=db)

        scale = room.scale
        loss, gradient = loss * scale, room.gradient * scale
        if self._penalised:
            loss += self._penalty(w)
            self._add_penalty_slope(gradient, w)
        return loss, gradient

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

    def _output_error(self, room: "_Room", y: Targets) -> Array:
        """The sum (*runs) of the samples' losses; turns the outputs into these losses' derivatives.

        Squared error: output - truth. Softmax: probability - truth, where the truth is 1 for the true class.
        """
        z, truth, total = room.z, room.truth, room.total  # (outputs, samples), twice, and (samples,)
        if y.shape != room.shape:
            y = np.broadcast_to(y, room.shape)
        if self.regression:
            truth[0] = y.reshape(-1)
        else:
            room.one_hot.take(y.reshape(-1), 1, truth, "clip")
        if self.squared:
            z -= truth
            return 0.5 * room.inner(z, z)
        z -= np.maximum.reduce(z, axis=0, out=total)
        chosen = room.inner(z, truth)
        np.exp(z, z)
        room.classes.dot(z, total)
        z /= total
        z -= truth
        np.log(total, total)
        logs: Array = room.totals.dot(room.samples)
        return logs - chosen

    def _reduced(self, losses: Array) -> Array:
        """The losses (*runs, batch) of the samples as the loss (*runs) of the minibatch."""
        total = np.add.reduce(losses, axis=-1)
        return total / losses.shape[-1] if self.network.reduction == "mean" else total

    def _penalty(self, w: Array) -> Array | float:
        """1/2 l2 |weights|^2 + l1 sum |weights|, (*runs); biases do not count."""
        if not self._penalised:
            return 0.0
        l1, l2 = self.network.l1, self.network.l2
        weights = [w[place] for place, _bias in self._places]
        squares = sum((each**2).sum(axis=0) for each in weights)
        sizes = sum(np.abs(each).sum(axis=0) for each in weights)
        return 0.5 * l2 * squares + l1 * sizes

    def _add_penalty_slope(self, gradient: Array, w: Array) -> None:
        l1, l2 = self.network.l1, self.network.l2
        for place, _bias in self._places:
            if l2:
                gradient[place] += l2 * w[place]
            if l1:
                gradient[place] += l1 * np.sign(w[place])

    def _room(self, shape: tuple[int, ...]) -> "_Room":
        room = self._rooms.get(shape)
        if room is None:
            if len(self._rooms) == ROOMS:
                self._rooms.clear()
            room = self._rooms[shape] = _Room(self, shape)
        return room


Forward = tuple[Array, Array | None, Product, Array | None, Array | float]
"""A layer's weights and biases, the product to take, where its output goes, and 0, as one number or many."""

Backward = tuple[Array, Array, Array, Array, Array | None, Array]
"""A layer's inputs and these transposed, its weights transposed, the slopes of weights and biases, and room for the
activation's slope: (*runs, batch, inputs)."""


class _Room:
    """What forward and backward pass write, for minibatches of one shape (*runs, batch), and views of it.

    The last layer's memory runs along the samples of all runs, (outputs, samples): what is summed over a few classes
    are then a few long rows.
    """

    def __init__(self, mlp: MLP, shape: tuple[int, ...]) -> None:
        *runs, batch = self.shape = shape
        *hidden, last = mlp.sizes[1:]
        samples = math.prod(shape)
        self.scale = 1 / batch if mlp.network.reduction == "mean" else 1.0
        self.z, self.truth, self.total = np.empty((last, samples)), np.empty((last, samples)), np.empty(samples)
        self.totals = self.total.reshape(shape)
        self.classes, self.samples, self.one_hot = np.ones(last), np.ones(batch), np.eye(last)
        self.inner: Callable[[Array, Array], Any] = self._inner if runs else np.vdot

        # Fortran order, so that layers are views
        self.w, self.gradient = np.empty((*runs, mlp.size)).T, np.empty((*runs, mlp.size)).T
        layers, slopes = mlp.layers(self.w), mlp.layers(self.gradient)
        outputs = [np.empty((*shape, units)) for units in hidden]
        # np.dot takes less time to begin than np.matmul, but wants two axes and a contiguous array to write to.
        # np.maximum takes half the time for two arrays than for an array and a number.
        self.product: Product = np.matmul if runs else np.dot
        self.forward: list[Forward] = [
            (*layer, self.product, h, np.zeros((batch, h.shape[-1]))) for layer, h in zip(layers, outputs, strict=False)
        ]
        self.forward.append((*layers[-1], np.matmul, np.moveaxis(self.z.reshape(last, *shape), 0, -1), 0.0))
        mask = bool if mlp.network.activation == "relu" else float
        self.first = slopes[0]  # whose inputs are the minibatch
        self.backward: list[Backward] = [
            (h, h.swapaxes(-1, -2), weights.swapaxes(-1, -2), *slope, np.ones(h.shape, dtype=mask))
            for h, (weights, _bias), slope in zip(outputs, layers[1:], slopes[1:], strict=True)
        ][::-1]

    def _inner(self, one: Array, other: Array) -> Array:
        """The sum (*runs) of the products over a run's outputs, (outputs, samples) each."""
        shape = (len(one), *self.shape)
        return np.einsum("orb,orb->r", one.reshape(shape), other.reshape(shape))


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


def _relu(h: Array, zero: Array | float) -> None:
    np.maximum(h, zero, out=h)


def _relu_slope(h: Array, slope: Array) -> None:
    np.greater(h, 0.0, slope)


def _tanh(h: Array, _zero: Array | float) -> None:
    np.tanh(h, h)


def _tanh_slope(h: Array, slope: Array) -> None:
    np.multiply(h, h, slope)
    np.subtract(1, slope, slope)


def _sigmoid(h: Array, _zero: Array | float) -> None:
    """(1 + tanh(h / 2)) / 2: exp can't overflow."""
    h *= 0.5
    np.tanh(h, h)
    h += 1
    h *= 0.5


def _sigmoid_slope(h: Array, slope: Array) -> None:
    np.subtract(1, h, slope)
    slope *= h


def _linear(_h: Array, _zero: Array | float) -> None:
    """What comes in goes out, and the slope is 1: the room for it says so from the start."""


ACTIVATIONS: dict[Activation, tuple[Unit, Slope]] = {
    "relu": (_relu, _relu_slope),
    "tanh": (_tanh, _tanh_slope),
    "sigmoid": (_sigmoid, _sigmoid_slope),
    "linear": (_linear, _linear),
}


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


def orders(network: Network, count: int, rng: np.random.Generator) -> Iterator[tuple[Labels, list[slice]]]:
    """Orders of the ``count`` training samples, each with the minibatches that it is cut into for the next steps.

    ``epoch``: the training set is shuffled anew every epoch and walked through, a smaller last one included.
    ``drawn``: shuffled and cut once, then one of the minibatches drawn with replacement each step (the article's).
    An order is the same array until it changes.
    """
    size = network.batch or count
    cuts = [slice(first, min(first + size, count)) for first in range(0, count, size)]
    order = np.arange(count)
    while len(cuts) == 1:
        yield order, cuts
    order = rng.permutation(count)
    while network.batching == "drawn":
        yield order, [cuts[rng.integers(len(cuts))]]
    while True:
        yield order, cuts
        order = order[rng.permutation(count)]
