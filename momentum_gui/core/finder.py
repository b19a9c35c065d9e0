"""Learning-rate finder: train a little at ever larger rates and see from where on the loss rises."""

import numpy as np
from msgspec import structs

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.network import MLP, Network, minibatches
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.training import streams
from momentum_gui.core.weight_change import SetWeights

SMOOTHING = 0.9
"""How much of the loss's running mean is kept every step."""

TOO_MUCH = 4.0
"""The search ends where the smoothed loss is so many times its lowest value so far: from there it only diverges."""

FALLEN = 0.75
"""From where the smoothed loss is this part of the first, a minibatch's loss above all before it is an overshoot:
on the plateau before, where rates are too small to matter, it is only that minibatch."""

FRACTION = 0.1
"""The suggestion is this part of the rate at which the smoothed loss was lowest."""

FROM, TO = 1e-6, 10.0


class RateFinder:
    """The learning-rate range test of Smith 2017, with the rate raised by the same factor every minibatch.

    Row k of ``rate``, ``loss`` and ``smoothed`` is minibatch k: the rate of its step, its loss before that step,
    and the running mean of the losses (corrected for its start, as Adam's). Rows ``0 … count - 1`` are valid and
    never change again. ``optimizer`` keeps its other hyper-parameters; its memories go through the whole sweep.
    Training itself is not touched.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        network: Network,
        data: Dataset,
        seed: int,
        steps: int = 200,
        first: float = FROM,
        last: float = TO,
    ) -> None:
        if not hasattr(optimizer, "lr"):
            raise InputError(N_("{title} has no learning rate to find"), title=optimizer.title)
        self.optimizer = optimizer
        self.steps = steps
        self.rate = np.geomspace(first, last, steps)
        self.loss, self.smoothed = np.full(steps, np.nan), np.full(steps, np.nan)
        self.count = 0
        self.stopped = False
        """Whether the loss grew so much that the sweep ended before its last rate."""
        self._mlp = MLP(network, data.x_train.shape[1], len(data.classes))
        weights_rng, batch_rng = streams(seed)
        self._batches = minibatches(network, data, batch_rng)
        start = SetWeights(optimizer.weight_changes, self._mlp.place).applied(0, self._mlp.start(weights_rng))
        self._state = optimizer.start(start)
        self._mean = 0.0

    @property
    def done(self) -> bool:
        return self.stopped or self.count == self.steps

    def advance(self, steps: int) -> None:
        """Take up to ``steps`` further minibatches; how they are cut into calls never changes a number."""
        with np.errstate(all="ignore"):
            for _ in range(steps):
                if self.done:
                    return
                self._step(self.count)

    def lowest(self) -> int | None:
        """The row of the lowest smoothed loss before the first overshoot (see FALLEN); None while there is no loss.

        Without that, a loss that leaps, lands elsewhere and falls again would speak for the rates beyond its leap.
        """
        count = self.count  # once: another thread may go on meanwhile
        if not count:
            return None
        loss, smoothed = self.loss[:count], self.smoothed[:count]
        fallen = np.minimum.accumulate(smoothed) < FALLEN * smoothed[0]
        over = fallen[:-1] & (loss[1:] > np.maximum.accumulate(loss)[:-1])
        end = int(np.argmax(over)) + 1 if over.any() else count
        return int(np.argmin(smoothed[:end]))

    def suggestion(self) -> float | None:
        """A tenth of the rate at which the smoothed loss was lowest; None while there is no loss.

        Where the loss turns up, single steps already overshoot; a tenth of that rate still goes down fast.
        """
        row = self.lowest()
        return None if row is None else FRACTION * float(self.rate[row])

    def _step(self, k: int) -> None:
        optimizer = structs.replace(self.optimizer, lr=float(self.rate[k]))
        x, y = next(self._batches)
        loss, g = self._mlp.loss_and_gradient(optimizer.look(*self._state), x, y)
        mean = SMOOTHING * self._mean + (1 - SMOOTHING) * float(loss)
        smoothed = mean / (1 - SMOOTHING ** (k + 1))
        if not np.isfinite(smoothed) or (k and smoothed > TOO_MUCH * self.smoothed[:k].min()):
            self.stopped = True
            return
        self._mean = mean
        self._state = optimizer.move(g, k + 1, *self._state)
        self.loss[k], self.smoothed[k] = loss, smoothed
        self.count = k + 1
