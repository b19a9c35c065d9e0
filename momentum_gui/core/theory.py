"""What mathematics predicts of a run before it is made."""

from momentum_gui.core.messages import N_, Message
from momentum_gui.core.optimizers import Optimizer
from momentum_gui.core.surfaces import Surface


def why_diverged(surface: Surface, optimizer: Optimizer) -> Message | None:
    """Why a run diverges, where that is known exactly: on a quadratic, beyond the limit of stability.

    A linear method shrinks every component of a quadratic's error if and only if its learning rate times the
    largest curvature lies below ``optimizer.stability_limit()``.
    """
    limit = optimizer.stability_limit()
    if surface.curvatures is None or limit is None:
        return None
    product = optimizer.lr * surface.curvatures[1]
    if product <= limit:
        return None
    return Message(N_("lr × largest curvature = {product:.4g} > {limit:.4g}"), {"product": product, "limit": limit})
