"""A racer's training of the network: its losses, its evaluations, its weights now and then."""

import sys

import numpy as np

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.messages import N_, Message
from momentum_gui.core.network import MLP, Network, minibatches
from momentum_gui.core.optimizers import Optimizer
from momentum_gui.core.params import Array
from momentum_gui.core.run import LIMIT, Outcome, Run
from momentum_gui.core.stopwatch import Clock, Stopwatch
from momentum_gui.core.weight_change import SetWeights

EVALUATIONS = 100
"""About how many times a run is evaluated on the full training and test sets: 100 to 200 times if it is longer."""

KEPT_BYTES = 64_000_000
"""How much memory the kept weights of one run may take."""

LIMIT_SQUARED = LIMIT**2

LOSS_TOO_HIGH = N_("the loss went beyond the limit of 1e12")
PASSES_DONE = N_("so many passes over the training set were asked for: {passes}")
LOSS_REACHED = N_("the training loss came down to {loss:g}")
NO_BETTER = N_("evaluations without a lower test loss: {count}")
WEIGHT_TOO_LARGE = N_("a weight went beyond the limit of 1e12")


class NetworkRun(Run):
    """One racer that trains the network.

    For every row: ``batch_loss`` of the minibatch of that step, at the point where its gradient was taken, and
    ``epoch``, the passes over the training set so far. Row 0 has no minibatch: its ``batch_loss`` is not a number.
    For every one of the ``evaluations`` so far, which are at least the start's and the last row's:
    ``evaluated`` (its step), ``train_loss``, ``test_loss``, ``train_accuracy``, ``test_accuracy`` and ``confusion``
    (true class, predicted class) on the test set. A regression's accuracies are not numbers.
    Losses lie within the limit, but for the evaluation of a diverged run's last row: it may show, as a finite
    number, why the run went no further. The same goes for a start.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        network: Network,
        data: Dataset,
        steps: int,
        seed: int,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(optimizer, steps)
        self._stopwatch = Stopwatch(steps + 1, clock)
        self.data = data
        self.mlp = MLP(network, data.x_train.shape[1], len(data.classes))
        weights_rng, batch_rng = streams(seed)
        self._batches = minibatches(network, data, batch_rng)
        self._seen, self._samples = 0, len(data.y_train)
        self._set = SetWeights(optimizer.weight_changes, self.mlp.place)
        self._state = optimizer.start(self._set.applied(0, self.mlp.start(weights_rng)))

        self.batch_loss = np.full(steps + 1, np.nan)
        self.epoch = np.zeros(steps + 1)
        self._every = evaluation_interval(steps)
        # every so many steps, the start among them, the last row, and where weights are set
        room = steps // self._every + 2 + len(self._set)
        classes = len(data.classes)
        self.evaluations = 0
        self.evaluated = np.zeros(room, dtype=np.int64)
        self.train_loss, self.test_loss = np.zeros(room), np.zeros(room)
        self.train_accuracy, self.test_accuracy = np.zeros(room), np.zeros(room)
        self.confusion = np.zeros((room, classes, classes), dtype=np.int64)
        slots = max(2, KEPT_BYTES // (8 * self.mlp.size) - len(self._set))
        self._keep_every = -(-room // (slots - 1))  # one slot is the last row's
        self._kept: list[tuple[int, Array]] = []
        self._evaluate(0, anyway=True)
        self.count = 1

    @property
    def weights(self) -> Array:
        """The newest weights (n,)."""
        return self._state[0]

    @property
    def seconds(self) -> Array:
        """The seconds of its own training steps up to each row (n,), evaluations apart; row by row, a little late."""
        return self._stopwatch.seconds

    @property
    def kept(self) -> tuple[tuple[int, Array], ...]:
        """Every step whose weights (n,) were kept so far, and these weights, in the order of the steps."""
        return tuple(self._kept)

    def weights_at(self, step: int) -> tuple[int, Array]:
        """The step of the newest kept weights at or before ``step``, and these weights (n,)."""
        return max((each for each in self.kept if each[0] <= step), key=lambda each: each[0])

    def evaluated_at(self, step: int) -> int:
        """The place of the newest evaluation at or before ``step``."""
        return int(np.searchsorted(self.evaluated[: self.evaluations], step, side="right")) - 1

    def advance(self, steps: int) -> None:
        if self.done:
            return
        with self._stopwatch.slice(self), np.errstate(all="ignore"):
            for step in range(self.count, min(self.count + steps, self.steps + 1)):
                fault = self._step(step)
                if fault:
                    self._evaluate(step - 1, anyway=True)
                    self.diverged(step, Message(fault))
                    return
                reason = self._reason_to_stop(step)
                if reason is not None:
                    self._evaluate(step, anyway=True)
                    self._keep(step)
                    self.stopped(step, reason)
                    return
        if self.count > self.steps:
            self.outcome = Outcome.FINISHED
            self.message = Message(self.outcome.value)

    def _step(self, step: int) -> str:
        """Take one step and record it; or else stay, and say what is wrong with it."""
        x, y = next(self._batches)
        optimizer = self.optimizer.at(step, self.steps)
        loss, g = self.mlp.loss_and_gradient(optimizer.look(*self._state), x, y)
        before, after = self._state, optimizer.move(g, step, *self._state)
        if not loss <= LIMIT:
            return LOSS_TOO_HIGH
        if not _within_limit(after[0]):
            return WEIGHT_TOO_LARGE
        if step in self._set:
            after = (self._set.applied(step, after[0]), *after[1:])
        self._state = after
        due = step % self._every == 0 or step == self.steps or step in self._set
        if due and not self._evaluate(step):
            self._state = before
            return LOSS_TOO_HIGH
        self._seen += len(y)
        self.batch_loss[step] = loss
        self.epoch[step] = self._seen / self._samples
        self.count = step + 1
        return ""

    def _evaluate(self, step: int, anyway: bool = False) -> bool:
        """Record losses, accuracies and weights of the present state, unless a loss is beyond the limit.

        ``anyway`` takes any finite loss: that of a start, or of a diverged run's last row.
        """
        place, w, data = self.evaluations, self._state[0], self.data
        if place and self.evaluated[place - 1] == step:
            return True
        with self._stopwatch.pause():
            train_loss, train_accuracy, _predicted = self.mlp.evaluate(w, data.x_train, data.y_train)
            test_loss, test_accuracy, predicted = self.mlp.evaluate(w, data.x_test, data.y_test)
        limit = sys.float_info.max if anyway else LIMIT
        if not (train_loss <= limit and test_loss <= limit):
            return False
        self.evaluated[place] = step
        self.train_loss[place], self.test_loss[place] = train_loss, test_loss
        self.train_accuracy[place], self.test_accuracy[place] = train_accuracy, test_accuracy
        if not self.mlp.regression:
            np.add.at(self.confusion[place], (data.y_test, predicted), 1)
        if place % self._keep_every == 0 or anyway or step == self.steps or step in self._set:
            self._keep(step)
        self.evaluations = place + 1
        return True

    def _keep(self, step: int) -> None:
        if not self._kept or self._kept[-1][0] < step:
            self._kept.append((step, self._state[0]))

    def _reason_to_stop(self, step: int) -> Message | None:
        network = self.mlp.network
        if network.stop_epoch and self.epoch[step] >= network.stop_epoch and step < self.steps:
            return Message(PASSES_DONE, {"passes": network.stop_epoch})
        count = self.evaluations
        if step == self.steps or self.evaluated[count - 1] != step:
            return None
        return reason_to_stop(network, self.train_loss[:count], self.test_loss[:count])


def reason_to_stop(network: Network, train_loss: Array, test_loss: Array) -> Message | None:
    """Why training ends after these evaluations, (evaluations,) each, if it does.

    Early stopping: the test loss was lowest ``patience`` evaluations ago (Prechelt 1998). What is kept are the
    last weights, not the best: the history tells where these were.
    """
    if train_loss[-1] <= network.stop_loss and network.stop_loss:
        return Message(LOSS_REACHED, {"loss": network.stop_loss})
    if network.patience and len(test_loss) - 1 - int(np.argmin(test_loss)) >= network.patience:
        return Message(NO_BETTER, {"count": network.patience})
    return None


def streams(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """One stream for the weights and one for the minibatches, the same for every racer of this seed."""
    weights, batches = np.random.SeedSequence(seed).spawn(2)
    return np.random.default_rng(weights), np.random.default_rng(batches)


def evaluation_interval(steps: int) -> int:
    """Every so many steps a run of ``steps`` steps is evaluated, and at its start and its last step."""
    return max(1, steps // EVALUATIONS)


def _within_limit(w: Array) -> bool:
    """Whether no weight lies beyond the limit; one product answers it nearly always."""
    return bool(w.dot(w) <= LIMIT_SQUARED) or bool(np.abs(w).max() <= LIMIT)
