"""A racer's training of the network: its losses, its evaluations, its weights now and then."""

import numpy as np

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.messages import Message
from momentum_gui.core.network import MLP, Network, minibatches
from momentum_gui.core.optimizers import Optimizer
from momentum_gui.core.params import Array
from momentum_gui.core.run import LIMIT, Outcome, Run

EVALUATIONS = 100
"""About how many times a run is evaluated on the full training and test sets."""

KEPT_BYTES = 64_000_000
"""How much memory the kept weights of one run may take."""


class NetworkRun(Run):
    """One racer that trains the network.

    For every row: ``batch_loss`` of the minibatch of that step, at the point where its gradient was taken, and
    ``epoch``, the passes over the training set so far. Row 0 has no minibatch: its ``batch_loss`` is not a number.
    For every one of the ``evaluations`` so far: ``evaluated`` (its step), ``train_loss``, ``test_loss``,
    ``train_accuracy``, ``test_accuracy`` and ``confusion`` (true class, predicted class) on the test set.
    """

    def __init__(self, optimizer: Optimizer, network: Network, data: Dataset, steps: int, seed: int) -> None:
        super().__init__(optimizer, steps)
        self.data = data
        self.mlp = MLP(network, data.x_train.shape[1], len(data.classes))
        weights_rng, batch_rng = (np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(2))
        self._batches = minibatches(network, data, batch_rng)
        self._state = optimizer.start(self.mlp.start(weights_rng))

        self.batch_loss = np.full(steps + 1, np.nan)
        self.epoch = np.zeros(steps + 1)
        self._every = max(1, steps // EVALUATIONS)
        room = steps // self._every + 3  # the start, the last step, a diverged run's last good state
        classes = len(data.classes)
        self.evaluations = 0
        self.evaluated = np.zeros(room, dtype=np.int64)
        self.train_loss, self.test_loss = np.zeros(room), np.zeros(room)
        self.train_accuracy, self.test_accuracy = np.zeros(room), np.zeros(room)
        self.confusion = np.zeros((room, classes, classes), dtype=np.int64)
        self._keep_every = max(1, -(-room * self.mlp.size * 8 // KEPT_BYTES))
        self._kept: list[tuple[int, Array]] = []
        self._evaluate(0)
        self.count = 1

    @property
    def weights(self) -> Array:
        """The newest weights (n,)."""
        return self._state[0]

    def weights_at(self, step: int) -> tuple[int, Array]:
        """The newest kept weights at or before ``step``, and their step."""
        return max((each for each in tuple(self._kept) if each[0] <= step), key=lambda each: each[0])

    def evaluated_at(self, step: int) -> int:
        """The place of the newest evaluation at or before ``step``."""
        return int(np.searchsorted(self.evaluated[: self.evaluations], step, side="right")) - 1

    def advance(self, steps: int) -> None:
        if self.done:
            return
        with np.errstate(all="ignore"):
            for step in range(self.count, min(self.count + steps, self.steps + 1)):
                if not self._step(step):
                    self._evaluate(step - 1)
                    self.diverged(step)
                    return
        if self.count > self.steps:
            self.outcome = Outcome.FINISHED
            self.message = Message(self.outcome.value)

    def _step(self, step: int) -> bool:
        """Take one step and record it, unless it leads beyond the limit."""
        x, y = next(self._batches)
        loss, g = self.mlp.loss_and_gradient(self.optimizer.look(*self._state), x, y)
        state = self.optimizer.move(g, step, *self._state)
        if not (loss <= LIMIT and _within_limit(state[0])):
            return False
        before, self._state = self._state, state
        if (step % self._every == 0 or step == self.steps) and not self._evaluate(step):
            self._state = before
            return False
        self.batch_loss[step] = loss
        self.epoch[step] = self.epoch[step - 1] + len(y) / len(self.data.y_train)
        self.count = step + 1
        return True

    def _evaluate(self, step: int) -> bool:
        """Record losses, accuracies and weights of the present state, unless a loss is beyond the limit."""
        place, w, data = self.evaluations, self._state[0], self.data
        if place and self.evaluated[place - 1] == step:
            return True
        train_loss, train_accuracy, _predicted = self.mlp.evaluate(w, data.x_train, data.y_train)
        test_loss, test_accuracy, predicted = self.mlp.evaluate(w, data.x_test, data.y_test)
        if not (train_loss <= LIMIT and test_loss <= LIMIT):
            return False
        self.evaluated[place] = step
        self.train_loss[place], self.test_loss[place] = train_loss, test_loss
        self.train_accuracy[place], self.test_accuracy[place] = train_accuracy, test_accuracy
        np.add.at(self.confusion[place], (data.y_test, predicted), 1)
        if place % self._keep_every == 0 or step == self.steps:
            self._kept.append((step, w))
        self.evaluations = place + 1
        return True


def _within_limit(w: Array) -> bool:
    """Whether no weight lies beyond the limit; one product answers it nearly always."""
    return bool(w.dot(w) <= LIMIT**2) or bool(np.abs(w).max() <= LIMIT)
