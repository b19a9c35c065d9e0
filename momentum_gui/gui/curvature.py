"""The quadratic that the views of theory look at: the surface itself, or the one that touches it somewhere."""

import numpy as np

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.surfaces import Point, Surface
from momentum_gui.core.theory import QuadraticModel, Shape, nearest_minimum, quadratic_model
from momentum_gui.gui.ticks import number_text
from momentum_gui.i18n import _

ROUND = 1.01
"""Of a bowl whose condition number is smaller nobody can say where its floor is."""


def surface_run(simulation: Simulation | None, racer: int) -> SurfaceRun | None:
    """The run of ``racer``, if it runs on a surface."""
    run = simulation.runs.get(racer) if simulation is not None else None
    return run if isinstance(run, SurfaceRun) else None


def model_at_step(run: SurfaceRun, step: int) -> QuadraticModel | None:
    """The model at the racer's place at ``step``; of a quadratic always the one around its centre."""
    if not run.count:
        return None
    point = _point(run, min(step, run.count - 1))
    if run.surface.curvatures is not None:
        point = _centre(run.surface, point)
    return quadratic_model(run.surface, point)


def model_at_minimum(run: SurfaceRun) -> QuadraticModel | None:
    """The model at the minimum nearest to where the run ends, of one that diverged: began. None if none is known.

    Of a quadratic it is the one around its centre, whether that is a minimum or not.
    """
    if not run.count or run.surface.curvatures is not None:
        return model_at_step(run, 0)
    minimum = nearest_minimum(run.surface, _point(run, 0 if run.outcome is Outcome.DIVERGED else run.count - 1))
    return None if minimum is None else quadratic_model(run.surface, minimum)


def _point(run: SurfaceRun, row: int) -> Point:
    x, y = run.path[row].tolist()
    return x, y


def _centre(surface: Surface, point: Point) -> Point:
    """Where the gradient of a quadratic vanishes, one step of Newton's from anywhere; ``point`` if that is no point."""
    xx, xy, yy = surface.hessian(*point)
    try:
        x, y = point - np.linalg.solve([[xx, xy], [xy, yy]], surface.gradient(*point))
    except np.linalg.LinAlgError:
        return point
    return float(x), float(y)


def axis_names(model: QuadraticModel) -> tuple[str, str]:
    """What to call the axes: those of a ravine by name."""
    if model.shape is Shape.BOWL and (model.condition or 1.0) >= ROUND:
        return _("along the floor"), _("across the ravine")
    return _("first axis"), _("second axis")


def curvature_text(axis: int, curvature: float) -> str:
    """``λ₁ = 0.1`` for axis 0."""
    return f"λ{'₁₂'[axis]} = {number_text(curvature, 3)}"
