"""The chosen racer's network as a graph: its units, what each makes of the plane, the weights between them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from momentum_gui.core.datasets import Dataset
from momentum_gui.core.params import Array
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.gui.boundary_view import MARGIN, extent
from momentum_gui.gui.class_map import Cut, Grid, Seen, affordable, unit_maps
from momentum_gui.gui.data_picture import class_color
from momentum_gui.gui.graph_layout import (
    MOST_LAYERS,
    MOST_UNITS,
    Edge,
    Node,
    columns,
    drawn_sizes,
    edges_between,
    found_at,
    skipped,
    tiles,
)
from momentum_gui.gui.signs import image, shaded, shades, sign_color, signed_pixels, signed_shades
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.gui.weight_edit import Weight, WeightEdit
from momentum_gui.i18n import _

JOB = 0.01
"""Seconds that a question may keep the worker."""
POINTS = 600
"""About so many cells has the picture of a unit."""
PACE = 0.125
"""Seconds between two questions."""
REST = 70.0
"""A picture that changes all the time is left as it is at least so many times as long as it took to paint."""
PATIENCE = 1.0
"""Seconds after which an answer is no longer waited for."""
THINNEST, THICKEST = 0.6, 4.0
"""Pixels of an edge without weight and of the layer's heaviest."""
CENTER = Qt.AlignmentFlag.AlignCenter
FOOT_LINES = 2
"""At most so many lines has what the mouse has found, or what it can do."""


@dataclass(frozen=True)
class UnitsQuestion:
    """What the units of a run, with its weights of a step, make of the plane."""

    seen: Seen
    grid: Grid

    def job(self) -> Callable[[], list[Array]]:
        """NumPy only, so that it may run on any thread."""
        return partial(unit_maps, self.seen.run.mlp, self.seen.weights, self.grid, MOST_LAYERS, MOST_UNITS)


class GraphView(QWidget):
    """Nodes with their pictures and edges as wide as their weights; for images the first layer's weights as images.

    What takes long is asked by ``asked``, as in NetworkView. A click on a line sets its weight, on a unit the bias.
    """

    asked = Signal(object, object)
    proposed = Signal(int, object)
    """Somebody set a weight of a racer, by its place in the experiment's list: a WeightChange."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.edit = WeightEdit(self)
        self.edit.taken.connect(self._propose)
        self._simulation: Simulation | None = None
        self._racer = -1
        self._step = 0
        self._open: UnitsQuestion | None = None
        self._answered: UnitsQuestion | None = None
        self._asked_at = 0.0
        self._cost = 0.0
        """Seconds that the last painting took."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self._maps: list[Array] = []
        self._pictures: dict[tuple[int, int], QImage] = {}
        self._drawn: Seen | None = None
        self._laid_at = 0.0
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._refresh)
        self.nodes: list[list[Node]] = []
        """The nodes of every drawn column: inputs, hidden layers, outputs."""
        self.edges: list[Edge] = []
        self._found: Node | Edge | None = None
        self._mouse: QPointF | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(_("The network's units"))
        self.setMinimumWidth(30 * SPACE)
        self._set_height()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        look.changed.connect(self.restyle)

    def _set_height(self) -> None:
        """The lines of large text take their share of the height: the units keep theirs."""
        least = round(min(42.0, max(32.0, 32 * self._look.scale)) * SPACE)
        self.setMinimumHeight(least + (self._foot_lines - 1) * self._line)

    def sizeHint(self) -> QSize:
        return QSize(38 * SPACE, min(42 * SPACE, max(34 * SPACE, round(0.9 * self.width()))))

    # ---- what is shown

    def show_simulation(self, simulation: Simulation) -> None:
        """Show another simulation, whose runs may still grow."""
        before, self._simulation = self._run, simulation
        if before is None or self._run is None or before.mlp.sizes != self._run.mlp.sizes:
            self.edit.leave()
        self._refresh()

    def show_racer(self, racer: int) -> None:
        """Show the network of ``racer``, by its place in the experiment's list."""
        if racer != self._racer:
            self.edit.leave()
        self._racer = racer
        self._refresh()

    def show_step(self, step: int) -> None:
        """Show the weights kept last at or before ``step``."""
        self._step = step
        self._refresh()

    @Slot()
    def restyle(self) -> None:
        self._set_height()
        self._pictures = {}
        self._lay_out()

    @property
    def _run(self) -> NetworkRun | None:
        run = self._simulation.runs.get(self._racer) if self._simulation is not None else None
        return run if isinstance(run, NetworkRun) else None

    @Slot()
    def _refresh(self) -> None:
        """Draw the weights there are, unless that was only just done."""
        run = self._run
        shown = None if run is None else Seen.at(run, self._step)
        if shown != self._drawn:
            wait = self._laid_at + self._pace - time.monotonic()
            if wait > 0 and shown is not None and self._drawn is not None and shown.run is self._drawn.run:
                if not self._late.isActive():
                    self._late.start(max(1, round(1000 * wait)))
                return
            self._drawn, self._laid_at = shown, time.monotonic()
            self._place()
            self._ask()
            if self._open is None:  # else its answer paints both at once
                self.update()
        else:
            self._ask()

    # ---- questions and answers

    @Slot()
    def _ask(self) -> None:
        wanted = self._wanted()
        if wanted is None or wanted in (self._open, self._answered):
            return
        waited = time.monotonic() - self._asked_at
        if self._open is not None and waited < PATIENCE:
            return  # its answer leads here again
        if waited < self._pace:
            if not self._timer.isActive():
                self._timer.start(max(1, round(1000 * (self._pace - waited))))
            return
        self._open, self._asked_at = wanted, time.monotonic()
        self.asked.emit(wanted, wanted.job())

    @property
    def _pace(self) -> float:
        """Seconds between two pictures: longer while the run trains, which waits while they are painted."""
        run = self._run
        return PACE if run is None or run.done else max(PACE, REST * self._cost)

    def _wanted(self) -> UnitsQuestion | None:
        if self._drawn is None or not self.isVisible() or not planar(self._drawn.run.data):
            return None
        run = self._drawn.run
        seen = extent(run.data, Cut.through(run.data))
        x, y = MARGIN * seen.width(), MARGIN * seen.height()
        area = seen.adjusted(-x, -y, x, y)
        points = min(POINTS, affordable(run.mlp, JOB))
        return UnitsQuestion(self._drawn, Grid.over(area.left(), area.right(), area.top(), area.bottom(), points))

    @property
    def settled(self) -> bool:
        """Whether what is seen is what there is at this step."""
        if not self.isVisible():
            return True
        run = self._run
        current = None if run is None else Seen.at(run, self._step)
        return current == self._drawn and self._wanted() in (None, self._answered)

    @Slot(object, object)
    def answer(self, key: object, result: Any) -> None:
        """The result of the job with this ``key``; others than the newest question's are dropped."""
        if self._open is None or key != self._open:
            return
        self._answered, self._open = self._open, None
        self._maps, self._pictures = result, {}
        self.update()
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()

    # ---- the layout

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._set_height()
            self.updateGeometry()  # the wider, the higher
        self._lay_out()

    @property
    def _line(self) -> int:
        """The height of a line of text."""
        return self.fontMetrics().height()

    @property
    def _foot_lines(self) -> int:
        """How many lines there are below, as many as the longest hint takes: so nothing jumps when another comes."""
        return min(FOOT_LINES, self._lines_of(self._hint))

    def _lines_of(self, text: str) -> int:
        """How many lines ``text`` takes, broken between words; too many for a word that is wider than a line."""
        area = self.fontMetrics().boundingRect(QRect(0, 0, self.width(), 0), Qt.TextFlag.TextWordWrap, text)
        return round(area.height() / self._line) if area.width() <= self.width() else FOOT_LINES + 1

    def _fitting(self, text: str) -> str:
        """As much of ``text`` as there is room for below."""
        metrics, lines = self.fontMetrics(), self._foot_lines
        room, fitting = lines * self.width(), text
        while self._lines_of(fitting) > lines and room > 0:
            fitting = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            room -= metrics.averageCharWidth()
        return fitting

    def _lay_out(self) -> None:
        self._place()
        self.update()

    def _place(self) -> None:
        """Place nodes and edges for the run and its weights."""
        self.nodes, self.edges, self._found = [], [], None
        if self._drawn is not None:
            run, foot = self._drawn.run, 1.5 + self._foot_lines
            if run.data.image_shape is None or not run.mlp.network.hidden:
                height = self.height() - (2 + foot) * self._line
                area = QRectF(0, self._line, self.width() - 2, height)  # less the last border
                self.nodes = columns(run.mlp.sizes, area, self._label_width(run), 7 * SPACE * self._look.scale)
                layers = run.mlp.layers(self._drawn.weights)
                self.edges = edges_between(self.nodes, [weights for weights, _bias in layers])
            else:
                side, room = 6 * SPACE * self._look.scale, self.height() - foot * self._line
                self.nodes.append(tiles(run.mlp.sizes[1], self.width(), room, side))
        self._find(self._mouse)

    def _label_width(self, run: NetworkRun) -> int:
        """Room for the names of the inputs."""
        names = [self.fontMetrics().horizontalAdvance(name) for name in run.data.features[:MOST_UNITS]]
        return min(max(names) + SPACE // 2, self.width() // 5)

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        begin = time.perf_counter()
        self._paint(QPainter(self))
        self._cost = time.perf_counter() - begin

    def _paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._look.theme
        painter.setPen(QColor(theme.muted))
        if self._drawn is None:
            painter.drawText(self.rect(), CENTER, _("No racer is switched on."))
            return
        run = self._drawn.run
        if self.edges:
            self._paint_graph(painter, run)
        else:
            self._paint_images(painter, run, self._drawn.weights)
        self._paint_foot(painter, run, self._drawn.step)

    def _paint_graph(self, painter: QPainter, run: NetworkRun) -> None:
        theme, data = self._look.theme, run.data
        positive, negative = sign_color(1, theme), sign_color(-1, theme)
        for edge in sorted(self.edges, key=lambda each: each.share):
            color = QColor(negative if edge.weight < 0 else positive)
            strong = self._found is None or self._found in (edge, edge.source, edge.target)
            color.setAlphaF((0.25 + 0.75 * edge.share) * (1.0 if strong else 0.15))
            pen = QPen(color, (THINNEST + (THICKEST - THINNEST) * edge.share) * self._look.scale)
            if edge.weight < 0:
                pen.setDashPattern([3.0, 2.0] if edge.share > 0.3 else [5.0, 4.0])
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(edge.line)
        sizes = drawn_sizes(run.mlp.sizes)
        metrics = self.fontMetrics()
        pitch = self.nodes[1][0].area.left() - self.nodes[0][0].area.left() - SPACE
        for column, nodes in enumerate(self.nodes):
            for node in nodes:
                self._paint_node(painter, run, node)
            painter.setPen(QColor(theme.muted))
            middle = nodes[0].area.center().x()
            half = max(5.0 * SPACE, pitch / 2)
            head = QRectF(middle - half, 0, 2 * half, self._line)
            if 0 < column < len(self.nodes) - 1:
                painter.drawText(head, CENTER, whole_text(sizes[column]))
            hidden = sizes[column] - len(nodes)
            if hidden:
                below = QRectF(head.left(), nodes[-1].area.bottom() + 1, head.width(), self._line)
                more = _("+{count} more").format(count=whole_text(hidden))
                if metrics.horizontalAdvance(more) > pitch:
                    more = f"+{whole_text(hidden)}"
                painter.drawText(below, CENTER, more)
            if column == 0:
                for node, name in zip(nodes, data.features, strict=False):
                    room = QRectF(0, node.area.top(), node.area.left() - SPACE // 2, node.area.height())
                    text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
                    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        if skipped(run.mlp.sizes):
            left, right = self.nodes[-2][0].area.right(), self.nodes[-1][0].area.left()
            gap = QRectF(left, 0, right - left, self.nodes[-1][0].area.top() - SPACE // 2)
            painter.drawText(gap, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, "· · ·")

    def _paint_node(self, painter: QPainter, run: NetworkRun, node: Node) -> None:
        theme = self._look.theme
        picture = self._picture(run, node)
        painter.setPen(QPen(QColor(theme.accent if node == self._found else theme.muted), 1.5))
        painter.setBrush(QColor(theme.panel))
        painter.drawRect(node.area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(node.area.adjusted(0.5, 0.5, -0.5, -0.5), picture)
            painter.drawRect(node.area)
        elif node.column == len(self.nodes) - 1 and run.data.classes:
            painter.fillRect(node.area.adjusted(3, 3, -3, -3), class_color(node.unit, theme))

    def _picture(self, run: NetworkRun, node: Node) -> QImage | None:
        """What the unit makes of the plane, from the newest answer."""
        question = self._answered
        if question is None or question.seen.run.mlp.sizes != run.mlp.sizes or not planar(run.data):
            return None
        place = node.column, node.unit
        if place not in self._pictures:
            theme, grid = self._look.theme, question.grid
            if node.column == 0:
                axis = grid.x if node.unit == 0 else grid.y[:, None]
                values = np.broadcast_to(axis, (grid.rows, grid.columns))
            else:
                values = self._maps[node.column - 1][..., node.unit]
            if node.column == len(self.nodes) - 1 and run.data.classes:
                shares, colors = values, shades(theme.panel, class_color(node.unit, theme).name())
            else:
                shares, colors = balanced(values), signed_shades(theme)
            self._pictures[place] = shaded(shares[::-1], colors)
        return self._pictures[place]

    def _paint_images(self, painter: QPainter, run: NetworkRun, w: Array) -> None:
        """The first layer's weights to every unit as an image: paper 0, the two colours the signs."""
        theme = self._look.theme
        weights = run.mlp.layers(w)[0][0]
        reach = float(np.abs(weights).max())
        for node in self.nodes[0]:
            pixels = signed_pixels(weights[:, node.unit].reshape(run.data.image_shape or (1, -1)), reach, theme)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(node.area, image(pixels))
            painter.setPen(QPen(QColor(theme.accent if node == self._found else theme.line), 1))
            painter.drawRect(node.area)

    def _paint_foot(self, painter: QPainter, run: NetworkRun, step: int) -> None:
        """What the colours mean, and what the mouse has found."""
        theme, metrics, height = self._look.theme, self.fontMetrics(), self._line
        lines = self._foot_lines
        top = self.height() - (1 + lines) * height
        x = 0.0
        for sign, text in ((1.0, _("positive")), (-1.0, _("negative"))):
            pen = QPen(sign_color(sign, theme), 3.0 * self._look.scale)
            if sign < 0:
                pen.setDashPattern([3.0, 2.0])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            middle = top + height / 2
            painter.drawLine(QPointF(x, middle), QPointF(x + 3 * SPACE, middle))
            painter.setPen(QColor(theme.muted))
            painter.drawText(QPointF(x + 3.5 * SPACE, top + metrics.ascent()), text)
            x += 5 * SPACE + metrics.horizontalAdvance(text)
        at = _("step {step}").format(step=whole_text(step))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if metrics.horizontalAdvance(at) <= self.width() - x:
            painter.drawText(QRectF(x, top, self.width() - x, height), right, at)
        text = self._edit_text() or self.found_text() or self._rest_text(run)
        painter.setPen(QColor(theme.text if text != self._rest_text(run) else theme.muted))
        foot = QRect(0, top + height, self.width(), lines * height)
        painter.drawText(foot, Qt.TextFlag.TextWordWrap, self._fitting(text))

    @property
    def _hint(self) -> str:
        return _("Point at a line to read its weight; click to set it.")

    def _rest_text(self, run: NetworkRun) -> str:
        if count := skipped(run.mlp.sizes):
            return _("Hidden layers that are not drawn: {count}").format(count=count)
        if self.edges:
            return self._hint
        count, shown = run.mlp.sizes[1], len(self.nodes[0])
        text = _("First layer's weights, {shown} of {count} units")
        return text.format(shown=whole_text(shown), count=whole_text(count))

    # ---- the mouse

    def found_text(self) -> str:
        """What is to be said about what the mouse points at."""
        found = self._found
        if self._drawn is None or found is None:
            return ""
        run = self._drawn.run
        if isinstance(found, Edge):
            value = number_text(found.weight, 4)
            return f"{self._name(run, found.source)} → {self._name(run, found.target)}: {value}"
        weights = run.mlp.layers(self._drawn.weights)
        if not self.edges:
            column = weights[0][0][:, found.unit]
            text = _("Unit {unit}: weights from {low} to {high}")
            low, high = number_text(float(column.min()), 3), number_text(float(column.max()), 3)
            return text.format(unit=found.unit + 1, low=low, high=high)
        if found.column == 0:
            return self._name(run, found)
        last = found.column == len(self.nodes) - 1
        bias = weights[-1 if last else found.column - 1][1]
        name = self._name(run, found)
        if bias is None:
            return name
        return _("{name}: bias {value}").format(name=name, value=number_text(float(bias[0, found.unit]), 4))

    def _name(self, run: NetworkRun, node: Node) -> str:
        if node.column == 0:
            return run.data.features[node.unit]
        if node.column == len(self.nodes) - 1:
            if run.data.classes:
                return _("class {name}").format(name=run.data.classes[node.unit])
            return run.data.target.name if run.data.target is not None else ""
        return _("layer {layer}, unit {unit}").format(layer=node.column, unit=node.unit + 1)

    def _weight(self, found: Node | Edge | None) -> tuple[Weight, float] | None:
        """The weight of a line or the bias of a unit, as a change names it, and what it is; None if it has none."""
        if self._drawn is None or found is None or not self.edges:
            return None
        mlp, target = self._drawn.run.mlp, found.target if isinstance(found, Edge) else found
        layer = target.column if target.column < len(self.nodes) - 1 else len(mlp.sizes) - 1
        if isinstance(found, Edge):
            return (layer, found.source.unit + 1, target.unit + 1), found.weight
        if target.column == 0 or not mlp.network.bias:
            return None
        weight = layer, 0, target.unit + 1
        return weight, float(self._drawn.weights[mlp.place(*weight)])

    def _edit_text(self) -> str:
        """What Enter does with what is typed."""
        if self.edit.weight is None:
            return ""
        return _("Enter sets it from step {step} on, Esc does not").format(step=whole_text(self._step))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._find(event.position())
        found, run = self._weight(self._found), self._run
        if event.button() != Qt.MouseButton.LeftButton or found is None or run is None:
            return
        if self._step >= run.count:
            text = _("This racer ended at step {step}: go back there to set a weight.")
            QToolTip.showText(event.globalPosition().toPoint(), text.format(step=whole_text(run.count - 1)), self)
            return
        self.edit.begin(*found, self.found_text(), event.position().toPoint())
        self.edit.setFont(self._look.font())
        self.update()

    @Slot(object, float)
    def _propose(self, weight: Weight, value: float) -> None:
        run = self._run
        if run is not None and self._step < run.count:  # the playhead may have moved on meanwhile
            self.proposed.emit(self._racer, WeightChange(self._step, *weight, value))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        self._find(self._mouse)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse = None
        self._find(None)

    def _find(self, place: QPointF | None) -> None:
        """Find the node at ``place``, else the nearest edge."""
        found = None if place is None else found_at(place, self.nodes, self.edges)
        if found != self._found:
            self._found = found
            editable = self._weight(found) is not None
            self.setCursor(Qt.CursorShape.PointingHandCursor if editable else Qt.CursorShape.ArrowCursor)
            self.setAccessibleDescription(self.found_text())
            self.update()


def balanced(values: Array) -> Array:
    """The shares of 0 to 1 that ``values`` are: 0.5 where they are 0, or no numbers; the largest is all of its sign."""
    reach = float(np.fmax.reduce(np.abs(values), axis=None)) or 1.0
    with np.errstate(invalid="ignore"):
        shares = 0.5 + (0.5 / reach) * values
    return np.where(np.isnan(shares), 0.5, shares)


def planar(data: Dataset) -> bool:
    """Whether the units can be seen over the plane of the inputs."""
    return len(data.features) == 2
