"""The network lab: racers that train the same network on the same minibatches."""

from collections.abc import Sequence
from typing import Any

from msgspec import structs
from PySide6.QtCore import Slot

from momentum_gui.core.datasets import Csv, Data, Read
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.gui.controls import Controls
from momentum_gui.gui.curves_view import CurvesView
from momentum_gui.gui.finder_view import FinderView
from momentum_gui.gui.graph_view import GraphView
from momentum_gui.gui.lab import Lab
from momentum_gui.gui.network_controls import SEEDS, DataSection, NetworkSection, Restart
from momentum_gui.gui.network_view import NetworkView
from momentum_gui.gui.seeds_view import SeedsView
from momentum_gui.gui.sharpness_view import SharpnessView
from momentum_gui.gui.style import Look
from momentum_gui.gui.weights_view import WeightsView
from momentum_gui.i18n import _, say
from momentum_gui.lessons import lesson, worded

YIELDS = 16.0
"""So many times as long as a frame took the training is left alone after it, so that it keeps most of its speed; see
``tests/benchmarks/bench_training_drawn.py``."""


def first_experiment() -> Experiment:
    """What opens for the first time: two moons, which momentum tells apart long before SGD."""
    return worded(lesson("network_02_moons"))


class NetworkLab(Lab):
    """The data with the boundary a racer has found, and the curves of all racers."""

    runs_ahead = False
    speed = 60.0

    def __init__(self, look: Look, read: Read) -> None:
        self._wanted: Experiment | None = None
        """The example that is trained to its end as soon as it is loaded."""
        controls = Controls(look, ("steps", "seed"))
        super().__init__(look, read, controls, CurvesView(look, log=False))
        self.playhead.yields = YIELDS
        self.data_section = DataSection(read)
        self.data_section.failed.connect(lambda message: self.banner.show_text(say(message)))
        self.data_section.noted.connect(self.banner.show_note)
        self.data_section.tasked.connect(self.player.work)
        self.data_section.proposed.connect(self._change_data)
        controls.insert(self.data_section)
        self.network_section = NetworkSection()
        self.network_section.proposed.connect(self._change_network)
        controls.insert(self.network_section)
        self.restart = Restart()
        self.restart.same_wanted.connect(lambda: self.go(0))
        self.restart.other_wanted.connect(self._renew_seed)
        controls.run.body.addWidget(self.restart)
        self.picture = NetworkView(look)
        self.picture.asked.connect(self.player.ask)
        self.player.answered.connect(self.picture.answer)
        self.picture_area = self.picture
        self.centre.addWidget(self.picture, 1)
        self.picture.picked.connect(self.choose)
        self.chosen_changed.connect(self.picture.show_racer)
        self.units = GraphView(look)
        self.units.asked.connect(self.player.ask)
        self.player.answered.connect(self.units.answer)
        self.units.proposed.connect(self._set_weight)
        self.panels.add("units", _("Units"), "U", self.units, _("The network's units, and the weights between them"))
        self._add_panels(look, read)
        self.offer_results()
        self.views = [self.picture, self.curves, self.panels]

    def _add_panels(self, look: Look, read: Read) -> None:
        seeds = SeedsView(look, read)
        seeds.tasked.connect(self.player.work)
        self.panels.add("seeds", _("Seeds"), "N", seeds, _("Repeat over many seeds: better, or noise?"))

        sharpness = SharpnessView(look)
        sharpness.tasked.connect(self.player.work)
        sharpness.proposed.connect(self._run_example)
        about = _("How sharp the loss becomes, against what the method can stand")
        self.panels.add("sharpness", _("Sharpness"), "E", sharpness, about)

        weights = WeightsView(look)
        weights.tasked.connect(self.player.work)
        self.panels.add("weights", _("Weight space"), "W", weights, _("Where the weights go, over the loss"))
        finder = FinderView(look)
        finder.tasked.connect(self.player.work)
        finder.taken.connect(self._take_rate)
        self.panels.add("finder", _("Find a rate"), "F", finder, _("The loss at ever larger learning rates"))

    def set_experiment(self, experiment: Experiment) -> None:
        assert isinstance(experiment.objective, Network)
        self.data_section.show_data(experiment.objective.data)
        self.network_section.show_network(experiment.objective)
        super().set_experiment(experiment)

    @Slot(object)
    def _run_example(self, experiment: Experiment) -> None:
        """Take ``experiment`` and train to its end."""
        if experiment == self.experiment:
            self.go(experiment.steps)
        else:
            self._wanted = experiment
            self.edit(experiment, "example")

    @Slot(object)
    def _on_loaded(self, simulation: Simulation) -> None:
        super()._on_loaded(simulation)
        wanted, self._wanted = self._wanted, None
        if simulation.experiment == wanted:
            self.go(simulation.experiment.steps)

    @Slot(int, float)
    def _take_rate(self, racer: int, rate: float) -> None:
        """Give ``racer`` the learning rate ``rate``."""
        assert self.experiment is not None
        racers = list(self.experiment.optimizers)
        racers[racer] = structs.replace(racers[racer], lr=rate)
        self.edit(structs.replace(self.experiment, optimizers=tuple(racers)), f"optimizers.{racer}.lr")

    @Slot(int, object)
    def _set_weight(self, racer: int, change: WeightChange) -> None:
        """Set a weight of ``racer`` by hand."""
        assert self.experiment is not None
        racers = self.experiment.optimizers
        try:
            changed = racers[racer].reweighted(change)
        except InputError as error:
            self.banner.show_text(say(error.message))
            return
        key = f"optimizers.{racer}.weight_changes.{change.step}.{change.weight}"
        optimizers = (*racers[:racer], changed, *racers[racer + 1 :])
        self.edit(structs.replace(self.experiment, optimizers=optimizers), key)

    @property
    def settled(self) -> bool:
        return super().settled and self.picture.settled and self.units.settled

    def fit(self) -> None:
        self.picture.fit()

    @property
    def racers_seen(self) -> Sequence[int]:
        return self.picture.racers_seen

    def open_table(self, path: str) -> None:
        """Ask what to learn from the table at ``path``."""
        self.data_section.open_table(path)

    @Slot()
    def _renew_seed(self) -> None:
        assert self.experiment is not None
        self.edit(structs.replace(self.experiment, seed=(self.experiment.seed + 1) % SEEDS), "seed.renew")

    @Slot(object, str)
    def _change_data(self, data: Data, key: str) -> None:
        assert self.experiment is not None
        network = self.experiment.objective
        assert isinstance(network, Network)
        title = self.experiment.title
        if title == network.data.title:  # named after its data
            title = data.title
        self._change_network(structs.replace(network, data=data), key, title)

    @Slot(object, str)
    def _change_network(self, network: Network, key: str, title: str | None = None) -> None:
        assert self.experiment is not None
        before, racers = self.experiment.objective, self.experiment.optimizers
        assert isinstance(before, Network)
        gone = 0
        if what_weights(network) != what_weights(before):
            gone = sum(len(racer.weight_changes) for racer in racers)
            racers = tuple(structs.replace(racer, weight_changes=()) for racer in racers)
        title = self.experiment.title if title is None else title
        changed = structs.replace(self.experiment, objective=network, optimizers=racers, title=title)
        self.edit(changed, key)
        if gone:
            text = _("Weights set by hand were of the network before and are dropped: {count}. Undo brings them back.")
            self.banner.show_note(text.format(count=gone))


def what_weights(network: Network) -> tuple[Any, ...]:
    """What decides which weights a network has, and what they are about."""
    data = network.data
    about = data if isinstance(data, Csv) else (type(data), getattr(data, "classes", 0))
    return network.hidden, network.bias, about
