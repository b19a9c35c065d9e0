"""The limits of stability, for the learning-rate sliders to show."""

from msgspec.structs import replace

from momentum_gui.core.linear import product_limit
from momentum_gui.core.optimizer import CONSTANT, Optimizer
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Surface
from momentum_gui.core.theory import lr_limit, quadratic_model
from momentum_gui.gui.controls import RacerList
from momentum_gui.gui.ticks import number_text
from momentum_gui.i18n import _


def steepness(surface: Surface) -> float | None:
    """The largest curvature of a quadratic, or that of the flattest minimum; None if no minimum is known."""
    if surface.curvatures is not None:
        return max(surface.curvatures)
    models = [quadratic_model(surface, minimum) for minimum in surface.minima]
    return min((float(model.curvatures[1]) for model in models if model is not None), default=None)


def limit(racer: Optimizer, surface: Surface, curvature: float | None) -> tuple[float | None, str]:
    """The learning rate from which on ``racer`` is unstable at this ``curvature``, and a sentence that says so.

    None and no sentence for a method without a theory, and where nothing curves upwards.
    """
    constant = replace(racer, schedule=CONSTANT, changes=())
    product = product_limit(constant)
    lr = None if curvature is None else lr_limit(constant, (curvature, curvature))
    if curvature is None or product is None or lr is None:
        return None, ""
    if surface.curvatures is not None:
        text = _("Stable below {limit} (η × {curvature} < {product})")
    elif len(surface.minima) == 1:
        text = _("At the minimum stable below {limit} (η × {curvature} < {product}); local")
    else:
        text = _("At the flattest minimum stable below {limit} (η × {curvature} < {product}); local")
    numbers = {"limit": lr, "curvature": curvature, "product": product}
    return lr, text.format(**{name: number_text(number, 4) for name, number in numbers.items()})


class Limits:
    """Shows every racer's card its limit. A view: a simulation has found the minima that this needs."""

    def __init__(self, racers: RacerList) -> None:
        self._racers = racers

    def show_simulation(self, simulation: Simulation) -> None:
        surface = simulation.experiment.objective
        assert isinstance(surface, Surface)
        curvature = steepness(surface)
        for card, racer in zip(self._racers.cards, simulation.experiment.optimizers, strict=True):
            card.show_limit(*limit(racer, surface, curvature))

    def show_step(self, step: int) -> None:
        """The limits are those of the whole run."""
