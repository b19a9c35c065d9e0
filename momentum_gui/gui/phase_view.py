"""The phase portrait of the chosen racer: position against velocity, along each axis of the curvature."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.measurement import phase
from momentum_gui.core.params import Array
from momentum_gui.core.run import Outcome
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.theory import QuadraticModel
from momentum_gui.gui.courses import Course
from momentum_gui.gui.curvature import axis_names, curvature_text, model_at_minimum, surface_run
from momentum_gui.gui.curve_axes import make_room_below
from momentum_gui.gui.kept_picture import Frame, KeptPicture
from momentum_gui.gui.style import SPACE, Look, racer_color, racer_marker
from momentum_gui.gui.ticks import linear_texts, linear_ticks
from momentum_gui.gui.trails import Marker, Strokes, Trail
from momentum_gui.i18n import _

ROOM = 1.12
"""The view reaches so far beyond the farthest point."""
RUNAWAY = 5.0
"""Of a run that diverged so many times the start is shown."""
TINY = 1e-100
"""A racer that moves less stands still."""
AHEAD = 0.25
"""Opacity of what lies after the playhead."""
MOST_TICKS = 8
WIDE = 46 * SPACE
"""From this width on the two plots stand side by side."""


class Orbits:
    """Positions and velocities of a run along both axes of a model, as far as the run has come."""

    def __init__(self, run: SurfaceRun, model: QuadraticModel) -> None:
        self._run = run
        self._model = model
        self.count = 0
        self.rows = np.empty((len(run.states), 2, 2))
        """(steps + 1, axes, 2): position and velocity."""
        self.reach = np.zeros((2, 2))
        """The largest position and velocity along each axis."""
        self.catch_up()

    def catch_up(self) -> bool:
        """Take in what the run has by now; whether that changed ``reach``."""
        count, have = self._run.count, self.count
        if count == have:
            return False
        first = max(0, have - 1)  # the velocity of the first new row needs the row before it
        self.rows[have:count] = phase(self._run.states[first:count], self._model)[have - first :]
        self.count = count
        reach = np.maximum(self.reach, np.abs(self.rows[have:count]).max(axis=0))
        if self._run.outcome is Outcome.DIVERGED:
            start = RUNAWAY * max(1e-300, float(np.abs(self.rows[0, :, 0]).max()))
            reach = np.minimum(reach, start)
        changed = not np.array_equal(reach, self.reach)
        self.reach = reach
        return changed


class Orbit:
    """One axis of ``Orbits`` as a path for ``Strokes``."""

    def __init__(self, orbits: Orbits, axis: int) -> None:
        self._orbits = orbits
        self._axis = axis

    @property
    def path(self) -> Array:
        return self._orbits.rows[: self._orbits.count, self._axis]


class PhaseAxis(pg.AxisItem):
    """Round numbers, as many as there is room for."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self.font = QFont()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        metrics = QFontMetricsF(self.font)
        for most in range(MOST_TICKS, 0, -1):
            ticks = linear_ticks(minVal, maxVal, most)
            upright = self.orientation == "left"
            texts = linear_texts(ticks)
            lengths = (1.4 * metrics.height() if upright else metrics.horizontalAdvance(text) + SPACE for text in texts)
            if sum(lengths) <= size:
                break
        return [(1.0, ticks)]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return linear_texts(values)


class Cross(KeptPicture):
    """The lines of position 0 and velocity 0: the place where everything rests is where they meet."""

    color = QColor()

    def draw(self, painter: QPainter, frame: Frame) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(self.color, 1))
        rest = frame.pixel(0.0, 0.0)
        painter.drawLine(QPointF(0, rest.y()), QPointF(frame.width, rest.y()))
        painter.drawLine(QPointF(rest.x(), 0), QPointF(rest.x(), frame.height))


class PhasePlot(pg.PlotWidget):
    """Position against velocity along one axis: played up to a step, faint beyond it."""

    def __init__(self, look: Look) -> None:
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False)
        self._axes = {"left": PhaseAxis("left"), "bottom": PhaseAxis("bottom")}
        super().__init__(viewBox=self._box, axisItems=self._axes, enableMenu=False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)  # the wheel scrolls the panels
        self.setMinimumHeight(21 * SPACE)
        self.getPlotItem().hideButtons()
        self._box.disableAutoRange()
        self._look = look
        self._cross = Cross(self._box)
        self._ahead, self._played = Strokes(self._box), Strokes(self._box)
        self._ahead.setOpacity(AHEAD)
        self._marker = Marker(self._box)
        self._orbit: Orbit | None = None
        self._row = 0
        self._box.sigResized.connect(self._place)
        self._box.sigRangeChanged.connect(self._place)

    def sizeHint(self) -> QSize:
        return QSize(20 * SPACE, self.minimumHeight())

    @property
    def settled(self) -> bool:
        """Whether all is painted."""
        return self._ahead.settled and self._played.settled

    def show_orbit(self, orbit: Orbit | None, color: QColor, symbol: str) -> None:
        """Draw ``orbit`` in ``color``, with the marker ``symbol``; None for an empty plot."""
        self._orbit, self._row = orbit, 0
        self._marker.dress(symbol, color, QColor(self._look.theme.panel), self._look.scale)
        for strokes in (self._ahead, self._played):
            strokes.show_trails([Trail(Course(orbit), color)] if orbit is not None else [])

    def show_reach(self, position: float, velocity: float) -> None:
        """Show positions and velocities up to these, either way."""
        x, y = (ROOM * reach if reach > TINY else 1.0 for reach in (position, velocity))
        self._box.setRange(xRange=(-x, x), yRange=(-y, y), padding=0)

    def show_row(self, row: int, count: int) -> None:
        """Put the marker at ``row`` of the ``count`` that are there."""
        self._row = row
        self._ahead.setVisible(row + 1 < count)
        if row + 1 < count:
            self._ahead.grow([count])
        self._played.grow([row + 1])
        self._place()

    def restyle(self) -> None:
        look, theme = self._look, self._look.theme
        font = look.font(0.9)
        metrics = QFontMetricsF(font)
        self.setBackground(theme.panel)
        self._box.setBorder(pg.mkPen(theme.line))
        for axis in self._axes.values():
            axis.setPen(theme.line)
            axis.setTextPen(theme.muted)
            axis.font = font
            axis.setTickFont(font)
            axis.setStyle(tickLength=3, tickTextOffset=SPACE // 2)
            axis.label.setFont(font)
        self._axes["left"].setLabel(_("velocity"), color=theme.muted)
        self._axes["bottom"].setLabel(_("position"), color=theme.muted)
        # Of one width, whatever the numbers: the plot must not jump.
        self._axes["left"].setWidth(metrics.horizontalAdvance("−0.000") + metrics.height() + SPACE)
        make_room_below(self._axes["bottom"], metrics)
        self.getPlotItem().layout.setContentsMargins(0, SPACE // 2, SPACE, 0)
        self._cross.color = QColor(theme.line)
        self._cross.redraw()

    @Slot()
    def _place(self, *_changed: object) -> None:
        if self._orbit is None or not len(self._orbit.path):
            self._marker.hide()
        else:
            frame = Frame.of(self._box)
            self._marker.place(frame, *frame.pixels(self._orbit.path[self._row]))


class PhaseView(QWidget):
    """Two phase plots, one for each axis of the curvature at the minimum."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._racer = -1
        self._step = 0
        self._orbits: Orbits | None = None
        self._run: SurfaceRun | None = None
        self.note = QLabel()
        self.note.setObjectName("muted")
        self.note.setWordWrap(True)
        self.titles = [QLabel(), QLabel()]
        self.plots = [PhasePlot(look), PhasePlot(look)]
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._sides.setSpacing(SPACE)
        for title, plot in zip(self.titles, self.plots, strict=True):
            column = QVBoxLayout()
            column.setSpacing(0)
            column.addWidget(title)
            column.addWidget(plot, 1)
            self._sides.addLayout(column, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self.note)
        column.addLayout(self._sides, 1)
        look.changed.connect(self.restyle)
        self.restyle()

    @property
    def settled(self) -> bool:
        """Whether all is painted; a long history takes more than one frame."""
        return all(plot.settled for plot in self.plots)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._show_run()

    @Slot(int)
    def show_racer(self, racer: int) -> None:
        self._racer = racer
        self._show_run()

    def show_step(self, step: int) -> None:
        self._step = step
        if self._run is not None and self._orbits is not None:
            if self._orbits.catch_up():
                self._show_reach(self._orbits)
            row = min(step, self._orbits.count - 1)
            for plot in self.plots:
                plot.show_row(row, self._orbits.count)

    @Slot()
    def restyle(self) -> None:
        for plot in self.plots:
            plot.restyle()
        self._show_run()

    def _show_run(self) -> None:
        run = self._run = surface_run(self._simulation, self._racer)
        model = model_at_minimum(run) if run is not None else None
        shown = run is not None and model is not None
        for title, plot in zip(self.titles, self.plots, strict=True):
            title.setVisible(shown)
            plot.setVisible(shown)
        self._orbits = None
        if run is None or model is None:
            self.note.setText(
                _("No racer is switched on.") if run is None else _("No minimum is known here to measure from.")
            )
            for plot in self.plots:
                plot.show_orbit(None, QColor(), "o")
            return
        self.note.setText(
            _("Exact: the axes of the quadratic.")
            if model.exact
            else _("Along the axes of the curvature at the minimum.")
        )
        self._orbits = Orbits(run, model)
        color = racer_color(self._racer, run.optimizer.color, self._look.theme)
        for axis, (title, plot, name) in enumerate(zip(self.titles, self.plots, axis_names(model), strict=True)):
            text = curvature_text(axis, float(model.curvatures[axis]))
            title.setText(_("{left}, {right}").format(left=f"{name[:1].upper()}{name[1:]}", right=text))
            plot.setAccessibleName(_("Position against velocity {axis}").format(axis=name))
            plot.show_orbit(Orbit(self._orbits, axis), color, racer_marker(self._racer))
        self._show_reach(self._orbits)
        self.show_step(self._step)

    def _show_reach(self, orbits: Orbits) -> None:
        for plot, (position, velocity) in zip(self.plots, orbits.reach.tolist(), strict=True):
            plot.show_reach(position, velocity)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        wide = self.width() >= WIDE * self._look.scale
        self._sides.setDirection(direction.LeftToRight if wide else direction.TopToBottom)
