"""Checks that the engine and the data are there and work; each tells, line by line, what it found.

They import what they check themselves: that it can't be imported is an outcome, too.
"""

from collections.abc import Callable, Iterator

from momentum_gui import assets
from momentum_gui.core.messages import N_, InputError
from momentum_gui.i18n import _


def check_ravine() -> Iterator[str]:
    """A published number: Dive into Deep Learning, chapter on momentum."""
    from momentum_gui.core.descent import SurfaceRun
    from momentum_gui.core.optimizers import Momentum
    from momentum_gui.core.surfaces import Ravine

    run = SurfaceRun(Momentum(lr=0.6, mu=0.5), Ravine(curvature=0.2, kappa=20.0), (-5.0, -2.0), 20, noise=0.0, seed=0)
    run.advance(20)
    found = "({:.6f}, {:.6f})".format(*run.path[-1])
    if found != "(0.007188, 0.002553)":
        raise InputError(N_("momentum came to {found} instead of (0.007188, 0.002553)"), found=found)
    yield _("momentum came down to {found} in 20 steps").format(found=found)


def check_data() -> Iterator[str]:
    from momentum_gui.core.datasets import Article, Digits

    for data in (Digits(), Article()):
        loaded = data.load(assets.read)
        count = len(loaded.y_train) + len(loaded.y_test)
        yield _("{title}: {count} samples").format(title=_(data.title), count=count)


def check_network() -> Iterator[str]:
    from momentum_gui.core.experiment import Experiment
    from momentum_gui.core.network import Network
    from momentum_gui.core.optimizers import Momentum
    from momentum_gui.core.simulation import Simulation

    network = Network(hidden=(20,), bias=True, init="he")
    simulation = Simulation(Experiment(objective=network, optimizers=(Momentum(lr=0.1),), steps=300), assets.read)
    simulation.advance(300)
    accuracy = simulation.runs[0].test_accuracy[simulation.runs[0].evaluations - 1]  # type: ignore[union-attr]
    if not accuracy > 0.95:
        raise InputError(N_("300 steps of training gave a test accuracy of {accuracy:.3f} only"), accuracy=accuracy)
    yield _("300 steps of training gave a test accuracy of {accuracy:.3f}").format(accuracy=accuracy)


CHECKS: dict[str, Callable[[], Iterator[str]]] = {"ravine": check_ravine, "data": check_data, "network": check_network}
