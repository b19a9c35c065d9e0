"""The parts of one step as arrows in the picture: what the gradient adds, what is kept of the velocity, their sum.

Where each coordinate has its own learning rate, two bars beside the point show them.
"""

import math

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsObject, QStyleOptionGraphicsItem, QWidget

from momentum_gui.core.opened_step import OpenedStep
from momentum_gui.core.params import Array
from momentum_gui.gui.casing import draw_arrow, draw_words, name_arrow
from momentum_gui.gui.guarded import guarded
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.rate_bars import draw_rates, free_side, turned
from momentum_gui.gui.style import Look, Theme
from momentum_gui.gui.ticks import number_text, round_step
from momentum_gui.i18n import _

SHORTEST = 48.0
"""Pixels that the longest arrow has at least: shorter ones are enlarged, by 2, 5, 10, 20 …"""
MOST = 1e12
"""… but never more than this."""
LONGER = 1.3
"""How much longer than the step the direction of the gradient is drawn: their words are apart then."""


def part_color(name: str, theme: Theme) -> QColor:
    """The colour of a part of a step."""
    return QColor({"momentum": theme.kept, "decay": theme.muted}.get(name, theme.downhill))


class StepArrows(QGraphicsObject):
    """Arrows of one opened step, in pixels of the view. With ``stage`` only so many of them are there yet."""

    def __init__(self, view: pg.ViewBox, look: Look) -> None:
        super().__init__(view)
        self._look = look
        self._opened: OpenedStep | None = None
        self._color = QColor()
        self._stage: int | None = None
        self.setZValue(18)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        view.sigRangeChanged.connect(self._changed)
        view.sigResized.connect(self._changed)
        look.changed.connect(self._changed)

    def show_opened(self, opened: OpenedStep | None, color: QColor, stage: int | None = None) -> None:
        """Show the arrows of ``opened``, its sum in the racer's ``color``; none of None."""
        self._opened, self._color, self._stage = opened, color, stage
        self._changed()

    def _changed(self, *_changed: object) -> None:
        self.prepareGeometryChange()
        self.update()

    @property
    def magnification(self) -> float:
        """How many times longer than true the arrows are drawn, so that short ones can be seen."""
        if self._opened is None:
            return 1.0
        frame = Frame.of(self.parentItem())
        longest = max(math.hypot(*(part * (frame.x_scale, frame.y_scale))) for part in self._displacements().values())
        if not 0 < longest < SHORTEST:
            return 1.0
        if longest < SHORTEST / MOST:  # it may be so short that the quotient overflows
            return MOST
        return min(MOST, round_step(SHORTEST / longest))

    def _displacements(self) -> dict[str, Array]:
        assert self._opened is not None
        parts = dict(self._opened.parts) if len(self._opened.parts) > 1 else {}
        return {**parts, "sum": self._opened.step}

    def boundingRect(self) -> QRectF:
        view: pg.ViewBox | None = self.parentItem()
        return view.rect() if self._opened is not None and view is not None else QRectF()

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        opened = self._opened
        if opened is None:
            return
        frame = Frame.of(self.parentItem())
        enlarged, look, theme = self.magnification, self._look, self._look.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(0.95, bold=True))

        def pixel(displacement: Array, begin: Array) -> QPointF:
            x, y = opened.before + enlarged * (begin - opened.before + displacement)
            return frame.near(frame.pixel(float(x), float(y)), 4000.0)

        begin = opened.before
        origin = pixel(0 * begin, begin)
        displacements = self._displacements()
        tips = {name: pixel(displacement, begin) for name, displacement in displacements.items()}
        names = opened.stages[: self._stage]
        named: list[tuple[QPointF, QPointF, QColor, str]] = []
        taken: list[QRectF] = []
        note = ""
        if 1 < enlarged < MOST and self._stage is None:
            note = _("arrows × {times}").format(times=number_text(enlarged, 1))
        if "scale" in names and opened.scale is not None:
            free = free_side([tip - origin for tip in tips.values()])
            draw_rates(painter, look, origin, opened.scale, free, QSizeF(frame.width, frame.height), note, taken)
        if "slope" in names:  # only its direction means something
            x, y = -opened.gradient * (frame.x_scale, -frame.y_scale)
            step = tips["sum"] - origin
            tip = turned(QPointF(x, y), LONGER * math.hypot(step.x(), step.y()))
            draw_arrow(painter, look, origin, origin + tip, part_color("gradient", theme), thin=True)
            named.append((origin, origin + tip, part_color("gradient", theme), "−g"))
        symbols = opened.optimizer.part_symbols()
        if len(opened.parts) == 1:
            symbols = {"sum": next(iter(symbols.values()), "")}
        if self._stage is None and len(opened.parts) > 1 and not opened.looks_ahead:
            self._sides(painter, [tips[name] for name in names if name in opened.parts], origin)
        for name in (each for each in names if each in tips):
            ahead = opened.looks_ahead and name == "gradient"
            tail = pixel(0 * begin, opened.looked) if ahead else origin
            tip = pixel(displacements[name], opened.looked) if ahead else tips[name]
            color = self._color if name == "sum" else part_color(name, theme)
            draw_arrow(painter, look, tail, tip, color)
            named.append((tail, tip, color, symbols.get(name, "")))
        for arrow in named:  # when all are drawn: no arrow lies on the name of another
            name_arrow(painter, look, *arrow, taken)
        if note and opened.scale is None:
            draw_words(
                painter, look, origin + QPointF(0, 16), [(note, False)], QColor(theme.text), QPointF(0, 1), taken
            )

    def _sides(self, painter: QPainter, tips: list[QPointF], origin: QPointF) -> None:
        """The parts set end to end, in their order and in the other: the sides across from the arrows."""
        painter.setPen(QPen(QColor(self._look.theme.text), 1.0, Qt.PenStyle.DashLine))
        for order in (tips, tips[::-1]):
            end = order[0]
            for tip in order[1:]:
                painter.drawLine(end, end + (tip - origin))
                end = end + (tip - origin)
