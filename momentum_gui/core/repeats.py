"""Repeat over seeds: every racer trained from many seeds at once, as one batched run."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from momentum_gui.core.datasets import Dataset, Labels, Read
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import N_, InputError, Message, at
from momentum_gui.core.network import MLP, Network, orders
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.params import Array
from momentum_gui.core.run import LIMIT, Outcome, Run
from momentum_gui.core.training import evaluation_interval, reason_to_stop, streams
from momentum_gui.core.weight_change import SetWeights

MAX_REPEATS = 1000

PRODUCTS_AT_ONCE = 4_000_000
"""About how many multiplications of a forward pass are done in one piece of a step: some milliseconds."""

Flags = NDArray[np.bool_]

Part = tuple[Labels, Array, Array]
"""Which runs of the batch, and their minibatches: inputs (runs, batch, features), truth (runs, batch, width)."""


class RepeatedRun(Run):
    """One racer, trained from every one of ``seeds``: what a ``NetworkRun`` of each would do, at once.

    A step of many runs may take long, and its evaluations longer: ``work`` does it piece by piece.

    For every one of the ``evaluations`` so far: ``evaluated`` (its step) and, a column a seed, ``train_loss``,
    ``test_loss``, ``train_accuracy``, ``test_accuracy``; not a number from where that seed's run has diverged.
    ``lost`` says at which step each seed's run diverged, 0 if it did not, and ``ended`` at which it stopped by the
    network's rules; its last values are then repeated. The others go on.
    """

    def __init__(self, optimizer: Optimizer, network: Network, data: Dataset, steps: int, seeds: range) -> None:
        super().__init__(optimizer, steps)
        self.data, self.seeds = data, seeds
        self.mlp = MLP(network, data.x_train.shape[1], len(data.classes))
        self._truth = self.mlp.truth(data.y_train)
        self._set = SetWeights(optimizer.weight_changes, self.mlp.place)
        self._every = evaluation_interval(steps)
        room = steps // self._every + 2 + len(self._set)
        self.evaluations = 0
        self.evaluated = np.zeros(room, dtype=np.int64)
        self._measures = np.full((4, room, len(seeds)), np.nan)
        self.train_loss, self.test_loss, self.train_accuracy, self.test_accuracy = self._measures
        self.lost, self.ended = np.zeros((2, len(seeds)), dtype=np.int64)
        self._last = np.full((4, len(seeds)), np.nan)  # of the runs that ended
        self._seen = np.zeros(len(seeds), dtype=np.int64)  # samples

        rngs = [streams(seed) for seed in seeds]
        self._orders = [orders(network, len(data.y_train), batch_rng) for _, batch_rng in rngs]
        # Fortran order: a run's weights are contiguous
        starts = np.array([self.mlp.start(weights_rng) for weights_rng, _ in rngs]).T
        self._state = optimizer.start(self._set.applied(0, starts))
        self._columns = np.arange(len(seeds))  # the seed of every run that goes on
        self._order = np.zeros((len(seeds), len(data.y_train)), dtype=np.int64)
        self._known: list[Labels | None] = [None] * len(seeds)
        products = sum(inputs * outputs for inputs, outputs in zip(self.mlp.sizes, self.mlp.sizes[1:], strict=False))
        batch = min(network.batch or len(data.y_train), len(data.y_train))
        self._at_once = max(1, PRODUCTS_AT_ONCE // (batch * products))  # runs
        self._shuffle()
        self._pieces = self._all_pieces()

    @property
    def weights(self) -> Array:
        """The newest weights of the runs that go on, (n, runs)."""
        return self._state[0]

    def advance(self, steps: int) -> None:
        goal = max(1, self.count) + steps
        while not self.done and self.count < goal:
            self.work()

    def work(self) -> None:
        """Do the next piece of the start or of a step, some milliseconds, unless all is done."""
        with np.errstate(all="ignore"):
            next(self._pieces, None)

    def _all_pieces(self) -> Iterator[None]:
        yield from self._evaluate(0, anyway=True)
        self.count = 1
        for step in range(1, self.steps + 1):
            yield
            yield from self._step(step)
            if not len(self._columns) and not self.ended.any():
                self.diverged(step, Message(N_("the runs of all seeds diverged")))
                return
            self.count = step + 1
            if not len(self._columns):
                self.stopped(step, Message(N_("the runs of all seeds have ended")))
                return
        self.outcome = Outcome.FINISHED
        self.message = Message(self.outcome.value)

    def _step(self, step: int) -> Iterator[None]:
        optimizer = self.optimizer.at(step, self.steps)
        look = optimizer.look(*self._state)
        parts = self._parts()
        if len(parts) == 1:
            good, gradient = self._gradient(look, *parts[0][1:])
        else:
            good, gradient = np.empty(len(self._columns), dtype=bool), np.empty_like(look)
            for runs, x, truth in parts:
                good[runs], gradient[:, runs] = self._gradient(look[:, runs], x, truth)
                yield
        w, *memories = optimizer.move(gradient, step, *self._state)
        self._state = (self._set.applied(step, w), *memories)
        sizes = np.abs(self._state[0])
        if not sizes.max() <= LIMIT:
            good &= sizes.max(axis=0) <= LIMIT
        if not good.all():
            self._go_on(good, self.lost, step)
        if step % self._every == 0 or step == self.steps or step in self._set:
            yield from self._evaluate(step)
        yield from self._stop(step)

    def _gradient(self, w: Array, x: Array, truth: Array) -> tuple[Flags, Array]:
        """Whether the loss of these runs' minibatches is within the limit, and its gradient at ``w`` (n, runs).

        The next call writes over the gradient.
        """
        mlp, passes = self.mlp, self.mlp.passes(x.shape[:2])
        truths = passes.truths(truth[None])
        gradient = passes.gradient
        np.copyto(passes.weights, w)
        passes.run(x, truths[0])
        if mlp.penalised:
            mlp.add_penalty_slope(gradient, w)
        elif passes.bound() <= LIMIT:  # which is so nearly always
            return np.ones(len(x), dtype=bool), gradient
        return passes.losses(truths) + mlp.penalty(w) <= LIMIT, gradient

    def _parts(self) -> list[Part]:
        """This step's minibatches. They are of one size, but where a smaller last one may be drawn."""
        if self._next == len(self._cuts[0]):
            self._shuffle()
        cuts = [each[self._next] for each in self._cuts[: 1 if self._alike else None]]
        self._next += 1
        sizes = np.array([cut.stop - cut.start for cut in cuts])
        self._seen += sizes
        if len(cuts) == 1:
            if len(self._columns) <= self._at_once:
                return [(np.arange(len(self._columns)), *self._samples(self._order[:, cuts[0]]))]
            cuts, sizes = cuts * len(self._columns), sizes.repeat(len(self._columns))
        parts = []
        for size in set(sizes.tolist()):
            alike = np.flatnonzero(sizes == size)
            for first in range(0, len(alike), self._at_once):
                runs = alike[first : first + self._at_once]
                index = np.array([self._order[run, cuts[run]] for run in runs])
                parts.append((runs, *self._samples(index)))
        return parts

    def _shuffle(self) -> None:
        """Take every run's next order of the training samples, and the minibatches that it is cut into."""
        self._next, self._cuts = 0, []
        for run, source in enumerate(self._orders):
            order, cuts = next(source)
            self._cuts.append(cuts)
            if order is not self._known[run]:
                self._known[run] = self._order[run] = order
        self._alike = self._cuts.count(self._cuts[0]) == len(self._cuts)

    def _samples(self, index: Labels) -> tuple[Array, Array]:
        """The training samples at ``index`` (runs, batch); ``take`` is much faster here than an index."""
        return self.data.x_train.take(index, axis=0, mode="clip"), self._truth.take(index, axis=0, mode="clip")

    def _go_on(self, good: Flags, record: Labels, step: int) -> None:
        """Go on with the ``good`` runs only, (runs,) of booleans; ``record`` that the others did not, at ``step``."""
        record[self._columns[~good]] = step
        self._columns = self._columns[good]
        self._state = tuple(np.array(each.T[good]).T for each in self._state)
        self._orders = [each for each, stays in zip(self._orders, good, strict=True) if stays]
        self._known = [each for each, stays in zip(self._known, good, strict=True) if stays]
        self._cuts = [each for each, stays in zip(self._cuts, good, strict=True) if stays]
        self._order, self._seen = self._order[good], self._seen[good]

    def _evaluate(self, step: int, anyway: bool = False) -> Iterator[None]:
        """Record losses and accuracies, run by run; a run whose loss is beyond the limit goes no further."""
        place = self.evaluations
        self._measures[:, place, self.ended > 0] = self._last[:, self.ended > 0]
        good = np.ones(len(self._columns), dtype=bool)
        for run, column in enumerate(self._columns):
            measures = self._measure(run)
            good[run] = anyway or (measures[0] <= LIMIT and measures[1] <= LIMIT)
            if good[run]:
                self._measures[:, place, column] = measures
            yield
        if not good.all():
            self._go_on(good, self.lost, step)
        self.evaluated[place] = step
        self.evaluations = place + 1

    def _measure(self, run: int) -> tuple[float, float, float, float]:
        """Training and test loss, training and test accuracy of one of the runs that go on."""
        w, data = self._state[0][:, run], self.data
        train_loss, train_accuracy, _ = self.mlp.evaluate(w, data.x_train, data.y_train)
        test_loss, test_accuracy, _ = self.mlp.evaluate(w, data.x_test, data.y_test)
        return train_loss, test_loss, train_accuracy, test_accuracy

    def _stop(self, step: int) -> Iterator[None]:
        """End the runs that the network's rules end after ``step``, as ``NetworkRun`` does."""
        network, place = self.mlp.network, self.evaluations - 1
        if not (network.stop_epoch or network.stop_loss or network.patience) or step == self.steps:
            return
        fresh = self.evaluated[place] == step
        going = np.ones(len(self._columns), dtype=bool)
        if network.stop_epoch:
            going &= self._seen < network.stop_epoch * len(self.data.y_train)
        for run, column in enumerate(self._columns):
            if fresh and reason_to_stop(
                network, self.train_loss[: place + 1, column], self.test_loss[: place + 1, column]
            ):
                going[run] = False
            if not going[run]:
                self._last[:, column] = self._measures[:, place, column] if fresh else self._measure(run)
                yield
        if not going.all():
            self._go_on(going, self.ended, step)
            if not len(self._columns) and not fresh:
                yield from self._evaluate(step)


class Repeats:
    """The racers of a network's experiment, each from ``count`` seeds: the experiment's and the ones after it.

    Every racer has the same weights and minibatches for the same seed, so that differences can be paired.
    Raises InputError where there is nothing to repeat, or something wrong with the data's file.
    """

    def __init__(self, experiment: Experiment, count: int, read: Read) -> None:
        if not isinstance(experiment.objective, Network):
            raise InputError(N_("only a network's training is repeated over seeds"))
        if not 2 <= count <= MAX_REPEATS:
            raise InputError(N_("repeats: {count}; allowed are 2 to {limit}"), count=count, limit=MAX_REPEATS)
        self.experiment = experiment
        self.seeds = range(experiment.seed, experiment.seed + count)
        network, steps = experiment.objective, experiment.steps
        self.dataset = network.data.load(read)
        self.runs: dict[int, RepeatedRun] = {}
        for index, racer in enumerate(experiment.optimizers):
            if racer.enabled:
                with at(f"optimizers[{index}]"):
                    self.runs[index] = RepeatedRun(racer, network, self.dataset, steps, self.seeds)

    @property
    def step(self) -> int:
        """The last step that every racer has taken, those apart whose runs have all diverged."""
        return min((max(0, run.count - 1) for run in self.runs.values() if not run.done), default=self.experiment.steps)

    @property
    def done(self) -> bool:
        return all(run.done for run in self.runs.values())

    def advance(self, steps: int) -> None:
        """Let every racer take up to ``steps`` further steps from all its seeds."""
        for run in self.runs.values():
            run.advance(steps)

    def work(self) -> None:
        """Do some milliseconds of work, for the racer that is the furthest behind."""
        behind = [run for run in self.runs.values() if not run.done]
        if behind:
            min(behind, key=lambda run: run.count).work()
