"""Theory beside measurement, of the racer that is looked at closely."""

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QHideEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.linear import linear_method
from momentum_gui.core.measurement import Estimate, Rate, measured_rate, measured_variance
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.theory import (
    NOT_LINEAR,
    Behaviour,
    QuadraticModel,
    Shape,
    behaviour,
    best,
    loss_envelope,
    rate,
    stationary_variance,
)
from momentum_gui.gui.curvature import axis_names, model_at_minimum, model_at_step, surface_run
from momentum_gui.gui.curves import Series
from momentum_gui.gui.roots_view import RootsView
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.theory_parts import (
    MEASURED,
    NOTHING,
    PREDICTED,
    AxisRow,
    BesideOrBelow,
    Comparison,
    Facts,
    Sentences,
    estimate_text,
    rate_places,
    rate_text,
    sentence,
)
from momentum_gui.gui.ticks import number_text
from momentum_gui.i18n import N_, _, say

PACE = 0.2
"""Seconds between two measurements of a run that grows."""
READABLE = 100
"""Milliseconds between two showings of numbers that change while the racer moves."""
REST = 8.0
"""It is measured again after at least so many times as long as measuring took."""
MOST_MEASURED = 40_000
"""The variance is measured on at most so many of the newest rows."""
MOST_PREDICTED = 100_000
"""The loss is predicted for at most so many steps."""
NO_BEST = N_("No best is known here: only of SGD and momentum, where both curvatures are positive.")
WIDEST = "Variance, λ₁ 0.000827 0.00079 ± 0.00005"
"""The longest line there is at an ordinary text size."""
ROOM = 45 * SPACE
"""How wide a panel is at least where the window is small: with large text, only so much is kept free for the line."""
DRAWN = 300
"""Points of a predicted curve that are drawn, evenly spaced, and as many again by ratio."""


@dataclass(frozen=True)
class Measured:
    """What is measured of a run: its rate above ``minimum``, and its variance along the axes."""

    rate: Rate | None = None
    minimum: float | None = None
    variances: tuple[Estimate, Estimate] | None = None


class TheoryView(QWidget):
    """What theory says of the chosen racer on this surface, with what is measured beside it."""

    tuned = Signal(int, object)
    """Somebody wants racer number … to be this optimizer: the best for this ravine."""
    guides_changed = Signal(object)
    """The lines to be laid over the losses: a list of Series, empty while nobody sees this view."""
    place_changed = Signal(bool)
    """Somebody wants the curvature at the minimum (True) or at the racer's place."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._racer = -1
        self._step = 0
        self._run: SurfaceRun | None = None
        self._model: QuadraticModel | None = None
        self._rows = -1
        self._measured = Measured()
        self._measured_at, self._cost = 0.0, 0.0
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._measure)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(READABLE)
        self._pause.timeout.connect(self._show_newest)
        self._stale = False
        self.at_minimum = True
        self.guides: list[Series] = []

        self.kind = Sentences()
        self.place = QButtonGroup(self)
        self._places = QWidget()
        row = QHBoxLayout(self._places)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        for number, text in enumerate((_("at the racer"), _("at the minimum"))):
            button = QToolButton()
            button.setObjectName("chip")
            button.setText(text)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.place.addButton(button, number)
            row.addWidget(button, 1)
        self.place.button(1).setChecked(True)
        self.place.idClicked.connect(self._choose_place)
        self.roots = RootsView(look)
        self.facts = Facts()
        self.axes = (AxisRow(0, look), AxisRow(1, look))
        self.comparison = Comparison(look)
        self.best = QPushButton(_("Best for this ravine"))
        self.best.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.best.clicked.connect(self._tune)
        self.promise = Sentences()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SPACE // 2)
        column.setSpacing(SPACE)
        facts = BesideOrBelow(self.roots, self.facts)
        for widget in (self.kind, self._places, facts, *self.axes, self.comparison, self.best, self.promise):
            column.addWidget(widget)
        look.changed.connect(self.restyle)
        self._fix_width()

    # ---- what is shown

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._take_run()

    @Slot(int)
    def show_racer(self, racer: int) -> None:
        if racer != self._racer:
            self._racer, self._cost = racer, 0.0
            self._take_run()

    def show_step(self, step: int) -> None:
        moved, self._step = step != self._step, step
        run = self._run
        if run is None:
            return
        grown = run.count != self._rows
        local = run.surface.curvatures is None
        if (moved and (not run.optimizer.steady or (local and not self.at_minimum))) or (grown and local):
            self._show_theory_soon()
        if grown:
            self._measure_soon()

    @Slot()
    def restyle(self) -> None:
        self._show_theory()
        self._show_guides()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fix_width()

    def _fix_width(self) -> None:
        """A width that suits all numbers, so that none of them ever moves the whole window's parts."""
        self.setMinimumWidth(min(ROOM, self.fontMetrics().horizontalAdvance(WIDEST) + 3 * SPACE))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_guides()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._late.stop()
        self._pause.stop()
        self.guides_changed.emit([])

    @property
    def color(self) -> QColor:
        """The racer's."""
        assert self._run is not None
        return racer_color(self._racer, self._run.optimizer.color, self._look.theme)

    @property
    def now(self) -> Optimizer:
        """The optimizer in force at the playhead."""
        assert self._run is not None
        return self._run.optimizer.at(max(1, self._step), self._run.steps)

    def _take_run(self) -> None:
        self._run = surface_run(self._simulation, self._racer)
        self._rows = -1
        self._show_theory()
        self._measure_soon()

    @Slot(int)
    def _choose_place(self, number: int) -> None:
        self.at_minimum = bool(number)
        self._show_theory()
        self.place_changed.emit(self.at_minimum)

    def _show_theory_soon(self) -> None:
        """Show it now, or when people have had the time to read the numbers before."""
        if self._pause.isActive():
            self._stale = True
        else:
            self._show_theory()
            self._pause.start()

    @Slot()
    def _show_newest(self) -> None:
        if self._stale and self.isVisible():
            self._show_theory_soon()

    def _show_theory(self) -> None:
        self._stale = False
        run = self._run
        floor = model_at_minimum(run) if run is not None else None
        model = self._model = floor
        if run is not None and (floor is None or not self.at_minimum):
            model = self._model = model_at_step(run, self._step)
        shown = run is not None and model is not None
        for widget in (self.roots, self.facts, *self.axes, self.comparison, self.best, self.promise):
            widget.setVisible(shown)
        self._places.setVisible(model is not None and not model.exact)
        if run is None or model is None:
            self.kind.setText(
                _("No racer is switched on.") if run is None else _("The curvature here is not a finite number.")
            )
            return
        self.place.button(1).setEnabled(floor is not None)
        self.place.button(1).setToolTip("" if floor is not None else _("No minimum is known here."))
        self.place.button(int(self.at_minimum and floor is not None)).setChecked(True)
        now, color = self.now, self.color
        found = [behaviour(now, curvature) for curvature in model.curvatures.tolist()]
        kinds = {shape: f"{sentence(say(model.label))} {sentence(_(shape.value))}" for shape in Shape}
        self.kind.reserve((kinds[model.shape],) if model.exact else tuple(kinds.values()))
        self.kind.setText(kinds[model.shape])
        self.promise.reserve(() if model.exact else (_(NO_BEST),))
        x, y = (number_text(each, 4) for each in model.center)
        self.kind.setToolTip(_("At ({x}, {y})").format(x=x, y=y))
        linear = None not in found
        self.roots.setVisible(linear)
        self.roots.show_roots(
            tuple(each.eigenvalues for each in found if each is not None), common_radius(found), color
        )
        self.facts.show_facts(now, model)
        for row, name, curvature, each in zip(self.axes, axis_names(model), model.curvatures, found, strict=True):
            row.show_axis(name, float(curvature), each, color)
        self._show_best()
        self._show_comparison(floor)

    def _show_best(self) -> None:
        assert self._run is not None
        optimizer, model = self._run.optimizer, self._model
        assert model is not None
        tuned, reason = tuning(optimizer, model)
        self.best.setEnabled(tuned is not None)
        promised = rate(tuned, model.curvatures) if tuned is not None else None
        if tuned is None or promised is None:
            self.best.setToolTip(reason)
            self.promise.setText(reason)
            return
        text = ", ".join(f"{symbol} = {getattr(tuned, name):.6g}" for name, symbol in parameters(tuned))
        self.best.setToolTip(_("Takes {values}").format(values=text))
        self.promise.setText(_("{values}: rate {rate}").format(values=text, rate=rate_text(promised)))

    def _show_comparison(self, floor: QuadraticModel | None) -> None:
        run = self._run
        assert run is not None
        assert self._simulation is not None
        now, measured = self.now, self._measured
        noise = self._simulation.experiment.noise
        bowl = floor is not None and floor.shape is Shape.BOWL
        predicted = rate(now, floor.curvatures) if floor is not None and bowl else None
        rows: list[tuple[str, str, str]] = []
        if not noise:
            found = None if measured.rate is None else measured.rate.rate
            places = rate_places(predicted if predicted is not None else found or 0.0)
            rows.append((_("Rate"), rate_text(predicted, places), rate_text(found, places)))
        elif floor is not None:
            for axis, curvature in enumerate(floor.curvatures.tolist()):
                variance = stationary_variance(now, curvature, noise)
                estimate = measured.variances[axis] if measured.variances is not None else None
                title = _("Variance, {axis}").format(axis=f"λ{'₁₂'[axis]}")
                rows.append((title, NOTHING if variance is None else number_text(variance, 3), estimate_text(estimate)))
        self.comparison.show_rows(rows, self.color)

    # ---- measuring

    def _measure_soon(self) -> None:
        """Measure now, or as soon as the last measurement is long enough ago."""
        run = self._run
        if run is None:
            self._measured = Measured()
            self._show_guides()
            return
        wait = self._measured_at + max(0.0 if run.done else PACE, REST * self._cost) - time.monotonic()
        if wait <= 0:
            self._measure()
        elif not self._late.isActive():
            self._late.start(round(1000 * wait))

    @Slot()
    def _measure(self) -> None:
        run, simulation = self._run, self._simulation
        if run is None or simulation is None:
            return
        begin = time.monotonic()
        self._rows = run.count
        model = model_at_minimum(run)
        if model is None:
            with np.errstate(over="ignore"):  # a slope may be any number, its square none: there is no rate then
                found = measured_rate(run.gradient_norm(slice(run.count)) ** 2) if run.count else None
            self._measured = Measured(found)
        elif simulation.experiment.noise:
            states = run.states[max(0, run.count - MOST_MEASURED) : run.count]
            self._measured = Measured(variances=measured_variance(states, model))
        else:
            self._measured = Measured(measured_rate(run.loss[: run.count], model.value), model.value)
        self._show_guides()
        if self._model is not None:
            self._show_comparison(model)
        self._measured_at = time.monotonic()
        self._cost = self._measured_at - begin

    def _show_guides(self) -> None:
        """Offer the predicted loss and the fitted rate as lines over the losses."""
        run = self._run
        self.guides = []
        if run is not None and run.count and self.isVisible():
            guides = (self._predicted(run), self._fitted(run))
            self.guides = [guide for guide in guides if guide is not None]
        self.guides_changed.emit(self.guides)

    def _predicted(self, run: SurfaceRun) -> Series | None:
        """The predicted loss: of a quadratic from the start on, locally from where the run is near the minimum."""
        model, simulation = model_at_minimum(run), self._simulation
        assert simulation is not None
        if model is None or not run.optimizer.steady:
            return None
        first = 0
        if not model.exact:
            if self._measured.rate is None:
                return None
            first = self._measured.rate.first
        curve = loss_envelope(run.optimizer, model, run.states[first], min(MOST_PREDICTED, run.steps - first))
        if curve is None:
            return None
        if noise := simulation.experiment.noise:
            for each in model.curvatures.tolist():  # what the noise adds to the mean loss in the long run
                curve = curve + 0.5 * each * (stationary_variance(run.optimizer, each, noise) or 0.0)
        last = len(curve) - 1
        at = np.unique(np.concatenate([np.linspace(0, last, DRAWN), np.geomspace(1, last + 1, DRAWN) - 1]).astype(int))
        at = at[np.isfinite(curve[at])]
        return Series(self._racer, self.color, first + at, curve[at], PREDICTED)

    def _fitted(self, run: SurfaceRun) -> Series | None:
        found, minimum = self._measured.rate, self._measured.minimum
        if found is None or minimum is None:
            return None
        at = np.linspace(found.first, found.last, min(DRAWN, found.last - found.first + 1))
        color = QColor(self._look.theme.text)
        return Series(self._racer, color, at, minimum + found.excess(at), MEASURED)

    # ---- tuning

    @Slot()
    def _tune(self) -> None:
        if self._run is not None and self._model is not None:
            tuned, _reason = tuning(self._run.optimizer, self._model)
            if tuned is not None:
                self.tuned.emit(self._racer, tuned)


def tuning(optimizer: Optimizer, model: QuadraticModel) -> tuple[Optimizer | None, str]:
    """The best of ``optimizer``'s kind, in round numbers, or why there is none."""
    if linear_method(optimizer) is None and optimizer.steady:
        return None, sentence(_(NOT_LINEAR))
    if not optimizer.steady:
        return None, _("No best is known of a learning rate or momentum that changes during the run.")
    tuned = best(optimizer, model.curvatures)
    if tuned is None:
        return None, _(NO_BEST)
    rounded: dict[str, Any] = {name: rounded_value(name, getattr(tuned, name)) for name, _symbol in parameters(tuned)}
    tuned = replace(tuned, **rounded)
    if tuned == optimizer:
        return None, _("It is the best for this ravine already.")
    return tuned, ""


def parameters(optimizer: Optimizer) -> list[tuple[str, str]]:
    """The names and symbols of the hyper-parameters that have a best."""
    symbols = (("lr", "η"), ("mu", "μ"), ("beta", "β"), ("nu", "ν"))
    return [(name, symbol) for name, symbol in symbols if name in optimizer.__struct_fields__]


def rounded_value(name: str, value: float) -> float:
    """``value`` to four digits: a learning rate down, away from the limit; a momentum in its distance from 1."""
    if name == "lr":
        near = float(f"{value:.4g}")
        unit = 10.0 ** (math.floor(math.log10(value)) - 3)
        return near if near <= value else float(f"{near - unit:.4g}")
    return float(f"{1 - float(f'{1 - value:.4g}'):.12g}")


def common_radius(found: list[Behaviour | None]) -> float | None:
    """The radius of the circle that complex eigenvalues lie on, whatever the curvature: sqrt(mu); None if none is."""
    determinants = [float(np.linalg.det(each.matrix)) for each in found if each is not None and len(each.matrix) == 2]
    if len(determinants) == 2 and abs(determinants[0] - determinants[1]) < 1e-9 and determinants[0] > 0:
        return determinants[0] ** 0.5
    return None
