"""Experiment -> history: all racers of an experiment, advanced together."""

from collections.abc import Callable

from momentum_gui.core.datasets import Dataset, Read
from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import at
from momentum_gui.core.network import Network
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.stopwatch import Clock
from momentum_gui.core.surfaces import Point
from momentum_gui.core.training import NetworkRun, check_memory

SURFACE_STEPS = 2048
"""So many steps on a surface take a few milliseconds at most."""


class Unwanted(Exception):  # noqa: N818 - nothing is wrong
    """Whoever asked for a simulation wants it no more."""


def always() -> bool:
    return True


class Simulation:
    """The runs of an experiment's enabled racers, by their place in its list of optimizers.

    Every racer starts from the same point or weights and sees the same noise or minibatches. ``read`` gives
    the bytes of a data file (see ``datasets.Read``); reading may raise InputError,
    and so may a change of a weight that the network has not, or steps that need too much memory. ``clock`` measures
    what a network's racers take for their steps; without one that is not known. ``wanted`` is asked before every
    network's racer, whose first evaluation may take seconds; if the answer is no, Unwanted is raised.
    """

    def __init__(
        self, experiment: Experiment, read: Read, clock: Clock | None = None, wanted: Callable[[], bool] = always
    ) -> None:
        self.experiment = experiment
        objective, steps, seed = experiment.objective, experiment.steps, experiment.seed
        racers = {index: racer for index, racer in enumerate(experiment.optimizers) if racer.enabled}
        self.at_once = 1
        """How many steps of every racer surely take no more than a few milliseconds."""
        self.dataset: Dataset | None = None
        self.minima: tuple[Point, ...] = ()
        self.runs: dict[int, SurfaceRun] | dict[int, NetworkRun]
        if isinstance(objective, Network):
            data = self.dataset = objective.data.load(read)
            check_memory(objective, data, len(racers))
            trained: dict[int, NetworkRun] = {}
            for index, racer in racers.items():
                if not wanted():
                    raise Unwanted
                with at(f"optimizers[{index}]"):
                    trained[index] = NetworkRun(racer, objective, data, steps, seed, clock)
            self.runs = trained
        else:
            self.at_once = max(1, SURFACE_STEPS // max(1, len(racers)))
            start, noise = experiment.start_point, experiment.noise
            self.minima = objective.minima  # a typed formula's take a while to find: not on the window's time
            self.runs = {
                index: SurfaceRun(racer, objective, start, steps, noise, seed) for index, racer in racers.items()
            }

    def labels(self, translate: Callable[[str], str] = str) -> dict[int, str]:
        """What to call every run: its racer's label, else its method, numbered where several share it."""
        racers = {index: run.optimizer for index, run in self.runs.items()}
        methods: list[type[Optimizer]] = [type(racer) for racer in self.experiment.optimizers]
        names = {}
        for index, racer in racers.items():
            title = translate(racer.title)
            number = methods[: index + 1].count(type(racer))
            names[index] = racer.label or (title if methods.count(type(racer)) == 1 else f"{title} {number}")
        return names

    @property
    def step(self) -> int:
        """The last step that every racer has taken, diverged ones apart."""
        return min((run.count - 1 for run in self.runs.values() if not run.done), default=self.experiment.steps)

    @property
    def done(self) -> bool:
        return all(run.done for run in self.runs.values())

    def advance(self, steps: int) -> None:
        """Let every racer take up to ``steps`` further steps."""
        for run in self.runs.values():
            run.advance(steps)
