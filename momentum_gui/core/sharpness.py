"""Sharpness: the largest eigenvalue of the training loss's Hessian, by Lanczos on exact products with it.

Gradient descent is stable in a direction as long as its learning rate times the curvature there lies below the
optimizer's limit. Training tends to sharpen the loss until it reaches that limit and to hover there: the edge of
stability (Cohen et al. 2021). "At most", not "equal": some runs end below it.
"""

from collections.abc import Callable, Iterator

import numpy as np

from momentum_gui.core.datasets import Targets
from momentum_gui.core.network import MLP, Activation, softmax
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Array
from momentum_gui.core.training import NetworkRun

PRODUCTS = 60
"""At most so many products with the Hessian for one eigenvalue."""

TOLERANCE = 1e-4
"""An eigenvalue is good enough when its residual is this small a part of it."""


def limit(optimizer: Optimizer) -> float | None:
    """The sharpness up to which ``optimizer`` is stable on a quadratic: 2 / lr for SGD; None if not known."""
    known = optimizer.stability_limit()
    rate: float | None = getattr(optimizer, "lr", None)
    return None if known is None or rate is None else known / rate


class Hessian:
    """The Hessian at ``w`` (n,) of the loss that training minimises, on all of (x, y), as products with vectors.

    By the R-operator (Pearlmutter 1994): the forward and the backward pass, differentiated along a vector ``v``.
    Exact, at about twice the cost of a gradient. Where the loss is summed over minibatches it is that of a
    minibatch of average content: the mean times the minibatch's size. Kinks (ReLU, L1) count as flat.
    """

    def __init__(self, mlp: MLP, w: Array, x: Array, y: Targets) -> None:
        network = mlp.network
        self._mlp = mlp
        self._layers = mlp.layers(w)
        outputs = mlp.forward(self._layers, x)
        self._inputs = [x, *outputs[:-1]]
        batch = min(network.batch or len(x), len(x))
        self._scale = (batch if network.reduction == "sum" else 1) / len(x)
        z = outputs[-1]
        truth = y[:, None] if mlp.regression else np.eye(z.shape[-1])[y]
        self._prediction = z if mlp.squared else softmax(z)

        # the derivatives of the loss by every layer's sums, and of its units by their sums
        error = (self._prediction - truth) * self._scale
        self._errors, self._backs = [error], list[Array]()
        self._slopes, self._bends = list[Array](), list[Array | None]()
        for (weights, _bias), h in zip(self._layers[:0:-1], self._inputs[:0:-1], strict=True):
            slope, bend = slope_and_bend(h, network.activation)
            back = error @ weights.T
            error = back * slope
            self._errors.insert(0, error)
            self._backs.insert(0, back)
            self._slopes.insert(0, slope)
            self._bends.insert(0, bend)

    def times(self, v: Array) -> Array:
        """H v, (n,)."""
        directions = self._mlp.layers(v)
        sums: list[Array] = []  # how every layer's sums change along v,
        changes: list[Array | None] = [None]  # and its inputs; the data do not
        for place, ((weights, _), (dw, db), h) in enumerate(zip(self._layers, directions, self._inputs, strict=True)):
            change = h @ dw
            if db is not None:
                change += db
            moved = changes[place]
            if moved is not None:
                change += moved @ weights
            sums.append(change)
            if place < len(self._slopes):
                changes.append(change * self._slopes[place])

        product = np.zeros_like(v)
        results = self._mlp.layers(product)
        change = sums[-1]
        if not self._mlp.squared:
            p = self._prediction
            change = p * (change - (p * change).sum(axis=-1, keepdims=True))
        change = change * self._scale  # of the output's error
        for place in reversed(range(len(self._layers))):
            dw, db = results[place]
            dw += self._inputs[place].T @ change
            moved = changes[place]
            if moved is not None:
                dw += moved.T @ self._errors[place]
            if db is not None:
                db += change.sum(axis=0)
            if place > 0:
                back = change @ self._layers[place][0].T + self._errors[place] @ directions[place][0].T
                change = back * self._slopes[place - 1]
                bend = self._bends[place - 1]
                if bend is not None:
                    change += self._backs[place - 1] * bend * sums[place - 1]
        if self._mlp.network.l2:
            for (dw, _), (v_weights, _) in zip(results, directions, strict=True):
                dw += self._mlp.network.l2 * v_weights
        return product


def slope_and_bend(h: Array, activation: Activation) -> tuple[Array, Array | None]:
    """The hidden units' first and second derivative, written in their value ``h``; None where it is 0 everywhere."""
    if activation == "tanh":
        slope = 1 - h * h
        return slope, -2 * h * slope
    if activation == "sigmoid":
        slope = h * (1 - h)
        return slope, (1 - 2 * h) * slope
    return np.where(h > 0, 1.0, 0.0) if activation == "relu" else np.ones_like(h), None


def lanczos(times: Callable[[Array], Array], start: Array) -> Iterator[tuple[float, Array, float]]:
    """Estimates of a symmetric matrix's largest eigenvalue, one a product: (value, unit vector, residual).

    The matrix is given by its products ``times``. Lanczos 1950, every new vector made orthogonal to all before
    (twice, which is enough). Each value is at most the true one; some eigenvalue lies within the residual of it.
    Ends when the residual is a small part of the value or after PRODUCTS products. Power iteration would find the
    largest in size, which early in training may be a negative one.
    """
    basis = [start / np.linalg.norm(start)]
    matrix = np.zeros((PRODUCTS, PRODUCTS))
    for k in range(min(PRODUCTS, len(start))):
        r = times(basis[k])
        matrix[k, k] = basis[k] @ r
        rows = np.array(basis)
        for _ in range(2):
            r = r - (rows @ r) @ rows
        rest = float(np.linalg.norm(r))
        if not np.isfinite(rest) or not np.isfinite(matrix[k, k]):
            return
        values, vectors = np.linalg.eigh(matrix[: k + 1, : k + 1])
        value, residual = float(values[-1]), rest * abs(float(vectors[-1, -1]))
        yield value, vectors[:, -1] @ rows, residual
        if residual <= TOLERANCE * abs(value):
            return
        matrix[k, k + 1] = matrix[k + 1, k] = rest
        basis.append(r / rest)


class Sharpness:
    """The sharpness of a run at the steps whose weights it kept: an observation, made beside the training.

    Rows ``0 … count - 1`` of ``steps`` and ``values`` are valid and never change again. One thread calls
    ``advance``, at any time of the run; others may read. Every search starts from the last eigenvector, with some
    noise, so that another direction can overtake. It depends on the run's numbers only.
    """

    def __init__(self, run: NetworkRun) -> None:
        self.run = run
        self.count = 0
        self.steps = np.zeros(len(run.evaluated), dtype=np.int64)
        self.values = np.zeros(len(run.evaluated))
        self._rng = np.random.default_rng(0)
        self._vector = np.zeros(run.mlp.size)
        self._search: Iterator[None] | None = None

    @property
    def done(self) -> bool:
        """Whether nothing is left to do, for now if the run goes on."""
        return self._search is None and self._next() is None

    def advance(self, products: int) -> None:
        """Take up to so many products with the Hessian; how they are cut into calls never changes a number."""
        with np.errstate(all="ignore"):  # not in the search: it would last while others compute
            for _ in range(products):
                if self._search is None:
                    found = self._next()
                    if found is None:
                        return
                    self._search = self._measure(*found)
                if next(self._search, self) is self:
                    self._search = None

    def _next(self) -> tuple[int, Array] | None:
        """The first kept weights that are not measured yet."""
        last = self.steps[self.count - 1] if self.count else -1
        return next((each for each in self.run.kept if each[0] > last), None)

    def _measure(self, step: int, w: Array) -> Iterator[None]:
        data = self.run.data
        found = float("nan"), self._vector, 0.0
        noise = self._rng.standard_normal(len(w))
        start = self._vector + 0.3 * noise / np.linalg.norm(noise)
        hessian = Hessian(self.run.mlp, w, data.x_train, data.y_train)
        for found in lanczos(hessian.times, start):  # noqa: B007  the last one counts
            yield
        value, self._vector, _residual = found
        self.steps[self.count], self.values[self.count] = step, value
        self.count += 1
