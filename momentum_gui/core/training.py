"""A racer's training of the network: its losses, its evaluations, its weights now and then."""

import sys
from collections.abc import Callable
from itertools import accumulate, groupby, islice

import numpy as np

from momentum_gui.core.datasets import Dataset, Labels
from momentum_gui.core.in_place import InPlace
from momentum_gui.core.messages import N_, InputError, Message
from momentum_gui.core.network import MLP, Network, orders
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Array
from momentum_gui.core.passes import Passes
from momentum_gui.core.recording import Given, Recorder, room
from momentum_gui.core.run import LIMIT, Outcome, Run
from momentum_gui.core.stopwatch import Clock, Stopwatch
from momentum_gui.core.weight_change import SetWeights

EVALUATIONS = 100
"""About how many times a run is evaluated on the full training and test sets: 100 to 200 times if it is longer."""

KEPT_BYTES = 64_000_000
"""How much memory the kept weights of one run may take."""

STEP_BYTES = 25
"""Memory that steps keep for every sample of a minibatch and hidden unit: output, slope, what it is compared with."""

MOST_BYTES = 8_000_000_000
"""How much of that all racers may take: a system that has not so much ends the program without a word."""

LIMIT_SQUARED = LIMIT**2

LOSS_TOO_HIGH = N_("the loss went beyond the limit of 1e12")
PASSES_DONE = N_("so many passes over the training set were asked for: {passes}")
LOSS_REACHED = N_("the training loss came down to {loss:g}")
NO_BETTER = N_("evaluations without a lower test loss: {count}")
WEIGHT_TOO_LARGE = N_("a weight went beyond the limit of 1e12")


class Steps:
    """Steps with minibatches of one size: their passes, and room for the minibatches' part of the data."""

    def __init__(self, passes: Passes, mlp: MLP, data: Dataset) -> None:
        self.passes, self._mlp, (size,) = passes, mlp, passes.shape
        self.inputs, (self.targets,) = data.x_train, passes.truths(mlp.truth(data.y_train)[None])
        self.x = room((size, self.inputs.shape[1]))
        self.truths = room((len(passes.rows), len(self.targets), size))
        self.squares = np.empty(len(passes.rows))  # of the weights after each step, summed up
        squares = [self.squares[row, ...] for row in range(len(passes.rows))]  # views, arrays without axes
        rows = zip(squares, self.truths, passes.rows, strict=True)
        self.rows = [(square, self.x, truth, *row) for square, truth, row in rows]

    def recorded(self, rule: InPlace, penalties: list[float], careful: bool) -> Callable[..., None]:
        """A step as a function of the samples and one of the ``rows``; the weights' penalty goes to ``penalties``."""
        samples, square, recorder = Given("samples"), Given("square"), Recorder()
        x, truth = self.passes.given[:2]
        # Every minibatch is gathered right before its step, so that it is at hand when the products ask for it.
        recorder.record(self.inputs.take, samples, 0, x, "clip")  # without a check, which would take a copy
        recorder.record(self.targets.take, samples, 1, truth, "clip")
        recorder.extend(rule.look)
        recorder.extend(self.passes.recorded(careful))
        if self._mlp.penalised:
            recorder.record(penalise, self._mlp, self.passes.weights, self.passes.gradient, penalties)
        recorder.extend(rule.move)
        recorder.dot(rule.state[0], rule.state[0], square)
        return recorder.function(samples, square, *self.passes.given)

    def losses(self, count: int, careful: bool) -> Array:
        """Of the minibatches in the first ``count`` rows; not numbers if one asks for care that was not taken."""
        if careful or self.passes.sound(count):
            return self.passes.losses(self.truths[:count])
        return np.full(count, np.nan)


class Stepper:
    """Takes up to ``at_once`` steps together, with minibatches of at most ``size`` samples.

    ``state`` is where the steps write the weights and the memories, over those before.
    """

    def __init__(self, optimizer: Optimizer, mlp: MLP, data: Dataset, size: int) -> None:
        self._optimizer, self._mlp, self._data = optimizer, mlp, data
        self._point, self._gradient = room((mlp.size,)), room((mlp.size,))
        self._rule = InPlace(optimizer, self._point, self._gradient)
        self.state = self._rule.state
        self._careful = False
        self._penalties: list[float] = []
        self._steps: dict[int, Steps] = {}
        self._calls: dict[int, Callable[..., None]] = {}  # of every size, with the care that is taken
        self.at_once = len(self._steps_of(size).rows)

    def take(self, state: tuple[Array, ...], minibatches: list[Labels], first: int, steps: int) -> tuple[Array, Array]:
        """Take the steps from ``first`` on, of ``steps``, from ``state``, each with some samples (size,) of the data.

        Returns the minibatches' losses (minibatches,), at the points where the gradients were taken, and for every
        step the squares of the weights that it leads to, summed up. If one of many steps asks for care that was not
        taken, losses are not numbers: take them one by one, which finds that step; from it on all are taken with care.
        """
        losses, squares = self._taken(state, minibatches, first, steps)
        if np.isnan(losses).any() and len(minibatches) == 1 and not self._careful:
            self._careful = True
            self._calls.clear()  # first: their arrays are as large as those of the careful ones
            losses, squares = self._taken(state, minibatches, first, steps)
        return losses, squares

    def _taken(
        self, state: tuple[Array, ...], minibatches: list[Labels], first: int, steps: int
    ) -> tuple[Array, Array]:
        """The same with the care that is taken so far."""
        for each, start in zip(self.state, state, strict=True):
            np.copyto(each, start)
        self._penalties.clear()
        optimizer, rule = self._optimizer, self._rule
        steady, timely = optimizer.steady, rule.timely
        taken: dict[int, list[int]] = {}  # the places of the minibatches of every size
        end = 0
        for size, group in groupby(minibatches, len):
            alike, places = list(group), taken.setdefault(size, [])
            begin, end = end, end + len(alike)
            rows, calls = self._steps_of(size).rows[len(places) :], self._calls_of(size)
            for t, samples, row in zip(range(first + begin, first + end), alike, rows, strict=False):
                if not steady:
                    rule.use(optimizer.at(t, steps))
                if timely:
                    rule.use_at(t)
                calls(samples, *row)
            places += range(begin, end)
        losses, squares = np.empty((2, len(minibatches)))
        for size, places in taken.items():
            done = self._steps_of(size)
            losses[places] = done.losses(len(places), self._careful)
            squares[places] = done.squares[: len(places)]
        if self._mlp.penalised:
            losses += self._penalties
        return losses, squares

    def _steps_of(self, size: int) -> Steps:
        """Those with minibatches of this size; there are two sizes at most, an epoch's last one may be smaller."""
        if size not in self._steps:
            passes = self._mlp.passes_at(self._point, self._gradient, (size,))
            self._steps[size] = Steps(passes, self._mlp, self._data)
        return self._steps[size]

    def _calls_of(self, size: int) -> Callable[..., None]:
        if size not in self._calls:
            self._calls[size] = self._steps_of(size).recorded(self._rule, self._penalties, self._careful)
        return self._calls[size]


def penalise(mlp: MLP, w: Array, gradient: Array, penalties: list[float]) -> None:
    """Add the penalty at ``w`` to the ``penalties``, and its slope to the ``gradient``."""
    penalties.append(float(mlp.penalty(w)))
    mlp.add_penalty_slope(gradient, w)


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
        self._samples = len(data.y_train)
        self._batches = (order[cut] for order, cuts in orders(network, self._samples, batch_rng) for cut in cuts)
        self._batch, self._seen = min(network.batch or self._samples, self._samples), 0
        self._set = SetWeights(optimizer.weight_changes, self.mlp.place)
        self._state = optimizer.start(self._set.applied(0, self.mlp.start(weights_rng)))
        self._stepper = Stepper(optimizer, self.mlp, data, self._batch)

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

    @property
    def smoothed_loss(self) -> Array:
        """The mean loss of the minibatches since the evaluation before, at every evaluation (evaluations,).

        At the start, which has no minibatch, it is not a number.
        """
        evaluated = self.evaluated[: self.evaluations]
        sums = np.add.reduceat(self.batch_loss[: evaluated[-1] + 1], evaluated[:-1] + 1)
        return np.concatenate([[np.nan], sums / np.diff(evaluated)])

    def weights_at(self, step: int) -> tuple[int, Array]:
        """The step of the newest kept weights at or before ``step``, and these weights (n,)."""
        return max((each for each in self.kept if each[0] <= step), key=lambda each: each[0])

    def evaluated_at(self, step: int) -> int:
        """The place of the newest evaluation at or before ``step``."""
        return int(np.searchsorted(self.evaluated[: self.evaluations], step, side="right")) - 1

    def advance(self, steps: int) -> None:
        if self.done:
            return
        goal = min(self.count + steps, self.steps + 1)
        with self._stopwatch.slice(self), np.errstate(all="ignore"):
            while not self.done and self.count < goal:
                batches = self._minibatches(goal - self.count)
                fault = self._take(batches)
                if fault:  # perhaps, in one of the steps
                    fault = next((fault for batch in batches if (fault := self._take([batch]))), "")
                self._end(fault)
        if self.count > self.steps and not self.done:
            self.outcome = Outcome.FINISHED
            self.message = Message(self.outcome.value)

    def _minibatches(self, most: int) -> list[Labels]:
        """The next steps' minibatches: one or more, and none beyond a step that may be the last, or after which a
        weight is set."""
        most = min(most, self._stepper.at_once, self._every - (self.count - 1) % self._every)
        if self.mlp.network.stop_epoch:
            left = self.mlp.network.stop_epoch * self._samples - self._seen
            most = min(most, max(1, -(-left // self._batch)))
        if self._set:
            most = next((count for count in range(1, most) if self.count + count - 1 in self._set), most)
        return list(islice(self._batches, most))

    def _take(self, batches: list[Labels]) -> str:
        """Take a step with every one of these minibatches and record them; or else stay, and say what is wrong.

        Whether losses and weights lie within the limit is seen only after the last of them. Of more than one step
        it is a suspicion: taken one by one, to the same numbers, they tell whether, where and what.
        """
        first, count, stepper = self.count, len(batches), self._stepper
        losses, squares = stepper.take(self._state, batches, first, self.steps)
        if not losses.max() <= LIMIT:
            return LOSS_TOO_HIGH
        within = squares.max() <= LIMIT_SQUARED  # which is so nearly always
        if not within and not (count == 1 and np.abs(stepper.state[0]).max() <= LIMIT):
            return WEIGHT_TOO_LARGE
        last = first + count - 1
        state = tuple(each.copy() for each in stepper.state)  # which never changes again
        before, self._state = self._state, (self._set.applied(last, state[0]), *state[1:])
        due = last % self._every == 0 or last == self.steps or last in self._set
        if due and not self._evaluate(last):
            self._state = before
            return LOSS_TOO_HIGH
        seen = list(accumulate(map(len, batches), initial=self._seen))[1:]
        self._seen = seen[-1]
        self.batch_loss[first : last + 1] = losses
        self.epoch[first : last + 1] = np.divide(seen, self._samples)
        self.count = last + 1
        return ""

    def _end(self, fault: str) -> None:
        """End the run after its last step if the step after it is at fault, or if a rule says so."""
        last = self.count - 1
        if fault:
            self._evaluate(last, anyway=True)
            self.diverged(last + 1, Message(fault))
            return
        reason = self._reason_to_stop(last)
        if reason is not None:
            self._evaluate(last, anyway=True)
            self._keep(last)
            self.stopped(last, reason)

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


def check_memory(network: Network, data: Dataset, racers: int) -> None:
    """Raise InputError if the steps of so many racers take more memory than they may."""
    samples = min(network.batch or len(data.y_train), len(data.y_train))
    needed = STEP_BYTES * racers * samples * sum(network.hidden)
    if needed > MOST_BYTES:
        text = N_(
            "training steps of {samples} samples need about {needed:.1f} GB of memory for all racers;"
            " at most {most:.0f} GB are allowed: take a smaller minibatch, fewer hidden units or fewer racers"
        )
        raise InputError(text, samples=samples, needed=needed / 1e9, most=MOST_BYTES / 1e9)


def streams(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """One stream for the weights and one for the minibatches, the same for every racer of this seed."""
    weights, batches = np.random.SeedSequence(seed).spawn(2)
    return np.random.default_rng(weights), np.random.default_rng(batches)


def evaluation_interval(steps: int) -> int:
    """Every so many steps a run of ``steps`` steps is evaluated, and at its start and its last step."""
    return max(1, steps // EVALUATIONS)
