"""The pieces that the view of theory is made of: facts, an axis of the curvature, predicted beside measured."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from momentum_gui.core.linear import product_limit
from momentum_gui.core.measurement import Estimate
from momentum_gui.core.optimizer import Optimizer
from momentum_gui.core.theory import Behaviour, Damping, QuadraticModel, Regime, lr_limit
from momentum_gui.gui.curvature import curvature_text
from momentum_gui.gui.curves import DASHES, Stroke
from momentum_gui.gui.elided import ElidedLabel
from momentum_gui.gui.roots_view import DOT, draw_dot
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import number_text, power_text
from momentum_gui.i18n import _

PREDICTED = Stroke(width=1.6, dashes=DASHES)
MEASURED = Stroke(width=1.6)
NOTHING = "–"


def sentence(text: str) -> str:
    """``text`` as a sentence of its own."""
    return _("{text}.").format(text=f"{text[:1].upper()}{text[1:]}")


def rate_places(value: float) -> int:
    """So many decimals tell a rate from 1."""
    return 4 if abs(1 - value) >= 5e-4 or value == 1 else 6


def rate_text(value: float | None, places: int | None = None) -> str:
    if value is None or not np.isfinite(value):
        return NOTHING
    return f"{value:.{rate_places(value) if places is None else places}f}" if value < 1e4 else number_text(value, 3)


def estimate_text(estimate: Estimate | None) -> str:
    """A measured mean with its standard error, to the digit that the error leaves it: ``0.40 ± 0.06``."""
    if estimate is None:
        return NOTHING
    if estimate.error <= 0:
        return number_text(estimate.value, 3)
    power = math.floor(math.log10(max(estimate.value, estimate.error)))
    unit = 10.0**power if power < -3 or power > 4 else 1.0
    places = max(0, -math.floor(math.log10(estimate.error / unit)))
    text = f"{estimate.value / unit:.{places}f} ± {estimate.error / unit:.{places}f}"
    return text if unit == 1 else f"({text})×{power_text(power)}"


class Sentences(QLabel):
    """Muted text in several lines, with room for the longest that could be said: nothing below it moves."""

    def __init__(self) -> None:
        super().__init__()
        self._longest: tuple[str, ...] = ()
        self.setObjectName("muted")
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def reserve(self, texts: tuple[str, ...]) -> None:
        """Keep room for any of ``texts``."""
        if texts != self._longest:
            self._longest = texts
            self._make_room()

    def _make_room(self) -> None:
        ruler, heights = QLabel(), [0]
        ruler.setFont(self.font())
        ruler.setWordWrap(True)
        for text in self._longest:
            ruler.setText(text)
            heights.append(ruler.heightForWidth(self.width()))
        self.setMinimumHeight(max(heights))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._make_room()


class BesideOrBelow(QWidget):
    """Two widgets side by side or, where there is no room for that, one below the other."""

    def __init__(self, first: QWidget, second: QWidget) -> None:
        super().__init__()
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE * 3 // 2)
        self._row.addWidget(first, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._row.addWidget(second, 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(max(self._widths()), self._row.minimumSize().height())

    def _widths(self) -> list[int]:
        """How wide the two are at least."""
        items = (self._row.itemAt(place) for place in range(self._row.count()))
        return [item.minimumSize().width() for item in items if item is not None]

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            beside = sum(self._widths()) + self._row.spacing() <= self.width()
            self._row.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        return super().event(event)


class Facts(QWidget):
    """Condition number, learning rate and limit of stability, one below the other."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        grid.setColumnStretch(0, 1)
        self.values: dict[str, QLabel] = {}
        self._titles: dict[str, QLabel] = {}
        for row, (name, title, hint) in enumerate(
            (
                ("condition", _("Condition κ"), _("λ₂ / λ₁: how much steeper the walls are than the floor")),
                ("lr", _("Learning rate η"), _("The learning rate in force at the playhead")),
                ("limit", _("Stable below"), _("The learning rate from which on a run no longer shrinks")),
                ("product", _("η λ₂"), _("The learning rate times the largest curvature, and its limit")),
            )
        ):
            label, value = QLabel(title), QLabel()
            label.setObjectName("muted")
            label.setToolTip(hint)
            value.setToolTip(hint)
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
            self.values[name], self._titles[name] = value, label
        grid.setRowStretch(len(self.values), 1)

    def show_facts(self, now: Optimizer, model: QuadraticModel) -> None:
        """Show what holds of the optimizer in force ``now``."""
        limit, product = lr_limit(now, model.curvatures), product_limit(now)
        texts = {
            "condition": NOTHING if model.condition is None else number_text(model.condition, 4),
            "lr": number_text(now.lr, 4),
            "limit": NOTHING if limit is None else number_text(limit, 4),
            "product": NOTHING,
        }
        if product is not None and limit is not None:
            product_now = number_text(now.lr * float(model.curvatures[1]), 3)
            sign = "<" if now.lr < limit else "≥"
            texts["product"] = f"{product_now} {sign} {number_text(product, 3)}"
        for name, text in texts.items():
            self.values[name].setText(text)
        unstable = limit is not None and now.lr >= limit
        name = "error" if unstable else ""
        if self.values["product"].objectName() != name:
            self.values["product"].setObjectName(name)
            self.values["product"].style().polish(self.values["product"])
        for name in ("limit", "product"):
            for label in (self.values[name], self._titles[name]):
                label.setVisible(product is not None)


class AxisRow(QWidget):
    """One axis: its sign and curvature, its rate, and what happens along it in a sentence."""

    def __init__(self, axis: int, look: Look) -> None:
        super().__init__()
        self._axis = axis
        self.curvature, self.rate, self.story = ElidedLabel(), QLabel(), Sentences()
        self.rate.setToolTip(_("The factor by which the error is multiplied at each step, in the long run"))
        self.story.reserve(stories())
        self._sign = Sign(axis, look)
        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(self._sign)
        head.addWidget(self.curvature, 1)
        head.addWidget(self.rate)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 4)
        column.addLayout(head)
        column.addWidget(self.story)

    def show_axis(self, name: str, curvature: float, found: Behaviour | None, color: QColor) -> None:
        """Show the axis ``name``; ``found`` is None of a method without a theory."""
        self._sign.show_color(color)
        self.curvature.setText(f"{curvature_text(self._axis, curvature)}  {name}")
        self.rate.setText("" if found is None else f"× {rate_text(found.rate)}")
        self._sign.setVisible(found is not None)
        self.story.setText("" if found is None else story(found.regime, found.damping))
        self.story.setVisible(found is not None)


def story(regime: Regime, damping: Damping | None) -> str:
    """What happens along an axis, in one or two sentences."""
    texts = [_(regime.value)] if damping is None else [_(regime.value), _(damping.value)]
    return " ".join(sentence(text) for text in texts)


def stories() -> tuple[str, ...]:
    """All that can happen along an axis."""
    swinging = (Regime.RIPPLES, Damping.UNDER), (Regime.MONOTONE, Damping.OVER), (Regime.MONOTONE, Damping.CRITICAL)
    return tuple(story(regime, None) for regime in Regime) + tuple(story(*each) for each in swinging)


class Sign(QWidget):
    """The sign of an axis, as in the picture of the eigenvalues."""

    def __init__(self, axis: int, look: Look) -> None:
        super().__init__()
        self._axis = axis
        self._look = look
        self._color = QColor()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def show_color(self, color: QColor) -> None:
        if color != self._color:
            self._color = color
            self.update()

    def sizeHint(self) -> QSize:
        side = round(2 * (DOT + 1) * self._look.scale)
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(self.width() / 2, self.height() / 2)
        draw_dot(painter, middle, self._axis, self._color, QColor(self._look.theme.panel), self._look.scale)


class Comparison(QWidget):
    """A table with two columns, predicted and measured, headed by the lines that stand for them over the losses."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE)
        self._grid.setVerticalSpacing(SPACE // 2)
        self._grid.setColumnStretch(0, 1)
        self.heads = (LineSample(_("predicted"), PREDICTED, look), LineSample(_("measured"), MEASURED, look))
        for column, head in enumerate(self.heads, 1):
            self._grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignRight)
        self.cells = [[QLabel() for _column in range(3)] for _row in range(2)]
        for row, cells in enumerate(self.cells, 1):
            for column, cell in enumerate(cells):
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                cell.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self._grid.addWidget(cell, row, column)
            cells[0].setObjectName("muted")

    def show_rows(self, rows: list[tuple[str, str, str]], color: QColor) -> None:
        """Show at most two rows: what, predicted, measured."""
        self.heads[0].show_color(color)
        self.heads[1].show_color(QColor(self._look.theme.text))
        for place, cells in enumerate(self.cells):
            texts = rows[place] if place < len(rows) else ("", "", "")
            for cell, text in zip(cells, texts, strict=True):
                cell.setText(text)
                cell.setVisible(place < len(rows))


class LineSample(QWidget):
    """A short piece of a line, and what it means."""

    def __init__(self, text: str, stroke: Stroke, look: Look) -> None:
        super().__init__()
        self._text = text
        self._stroke = stroke
        self._look = look
        self._color = QColor()
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def show_color(self, color: QColor) -> None:
        if color != self._color:
            self._color = color
            self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text) + 5 * SPACE // 2, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._stroke.pen(self._color, self._look.scale))
        middle = self.height() // 2 + 0.5
        painter.drawLine(QPointF(0, middle), QPointF(2 * SPACE, middle))
        painter.setPen(QColor(self._look.theme.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._text)
