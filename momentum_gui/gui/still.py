"""The picture of a lab as it is taken home: finer than the screen, without what one clicks, with a legend."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QPoint, QPointF, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QTextDocument
from PySide6.QtWidgets import QAbstractButton, QComboBox, QWidget

from momentum_gui.core.optimizer import CONSTANT, Optimizer
from momentum_gui.core.params import numbers
from momentum_gui.gui.lab import Lab
from momentum_gui.gui.markers import marker_icon
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.ticks import number_text, whole_text
from momentum_gui.i18n import _

FINER = 2.0
"""Pixels of the picture for each of the screen, along a line."""
MOST_CHANGES = 3
"""So many of a racer's changes on the way are listed."""


def still(lab: Lab) -> QImage:
    """What ``lab`` shows of its racers, and below it who they are."""
    picture, look = lab.picture_area, lab.look
    ratio = FINER * picture.devicePixelRatioF()
    entries = legend(lab)
    legend_size = arranged(entries, picture.width() - 2 * SPACE)
    size = QSize(picture.width(), picture.height() + legend_size.height() + 2 * SPACE)
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(look.theme.panel))
    with ExitStack() as stack:
        stack.enter_context(without_controls(picture))
        stack.enter_context(lab.as_fine_as(ratio))
        picture.render(image, QPoint())
    painter = QPainter(image)
    painter.translate(SPACE, picture.height() + SPACE)
    for entry in entries:
        entry.draw(painter)
    painter.end()
    return image


@contextmanager
def without_controls(picture: QWidget) -> Iterator[None]:
    """Have nothing in ``picture`` to press or to choose; all else stays where it is."""
    controls = [*picture.findChildren(QAbstractButton), *picture.findChildren(QComboBox)]
    seen = [control for control in controls if control.isVisible()]
    focus = next((control for control in seen if control.hasFocus()), None)
    for control in seen:
        control.hide()
    try:
        yield
    finally:
        for control in seen:
            control.show()
        if focus is not None:
            focus.setFocus()


@dataclass
class Entry:
    """A line of the legend: a marker, if it has one, and a text."""

    icon: QIcon | None
    text: QTextDocument
    size: int
    """Pixels of the marker."""
    place: QPointF

    def draw(self, painter: QPainter) -> None:
        painter.save()
        painter.translate(self.place)
        if self.icon is not None:
            top = round((self.text.size().height() - self.size) / 2)
            self.icon.paint(painter, 0, max(0, top), self.size, self.size)
            painter.translate(self.size + SPACE // 2, 0)
        self.text.drawContents(painter)
        painter.restore()


def legend(lab: Lab) -> list[Entry]:
    """The racers that the picture shows, and the step; nowhere yet."""
    simulation, look = lab.simulation, lab.look
    if simulation is None:
        return []
    names = simulation.labels(_)
    size = round(look.points() * 1.6)
    entries = []
    for index in lab.racers_seen:
        racer = simulation.runs[index].optimizer
        color = racer_color(index, racer.color, look.theme)
        icon = marker_icon(index, color, look.theme, size)
        html = f"<b>{escape(names[index])}</b>&nbsp; {described(racer)}"
        entries.append(Entry(icon, _document(html, look.theme.text, look), size, QPointF()))
    entries.append(Entry(None, _document(escape(lab.transport.counter.text()), look.theme.muted, look), 0, QPointF()))
    return entries


def described(racer: Optimizer) -> str:
    """A racer's hyper-parameters as rich text: those of its form, and the advanced ones that are not as usual."""
    fields = numbers(type(racer))
    usual: Mapping[str, object] = dict(
        zip(racer.__struct_fields__[-len(racer.__struct_defaults__) :], racer.__struct_defaults__, strict=True)
    )
    parts = []
    for name, meta in fields.items():
        value, extra = getattr(racer, name), meta.extra or {}
        if not extra.get("advanced") or value != usual.get(name):
            parts.append(f"{_symbol(racer, name)} = {number_text(value, 6)}")
    if racer.schedule != CONSTANT:
        parts.append(escape(_(racer.schedule.title)))
    for change in racer.changes[:MOST_CHANGES]:
        text = _("from step {step} on: {symbol} = {value}")
        value_text = number_text(change.value, 6)
        step = whole_text(change.step)
        parts.append(text.format(step=step, symbol=_symbol(racer, change.field), value=value_text))
    if len(racer.changes) > MOST_CHANGES:
        parts.append("…")
    return "&nbsp; ".join(part.replace(" = ", "&nbsp;=&nbsp;") for part in parts)


def _symbol(racer: Optimizer, field: str) -> str:
    """What a hyper-parameter is called in formulas; if nothing, its title."""
    meta = numbers(type(racer))[field]
    symbol, title = (meta.extra or {}).get("symbol"), (meta.extra_json_schema or {})["title"]
    return f"<i>{symbol}</i>" if symbol else escape(_(title))


def _document(html: str, color: str, look: Look) -> QTextDocument:
    document = QTextDocument()
    document.setDocumentMargin(0)
    document.setDefaultFont(look.font())
    document.setHtml(f'<span style="color: {color}">{html}</span>')
    return document


def arranged(entries: list[Entry], width: int) -> QSize:
    """Place ``entries`` one beside the other, on as many lines as ``width`` makes necessary; the room they take."""
    x = y = line = 0.0
    for entry in entries:
        before = entry.size + SPACE // 2 if entry.icon is not None else 0
        needed = before + entry.text.idealWidth() + 1
        if x and x + needed > width:
            x, y, line = 0.0, y + line + SPACE // 2, 0.0
        if needed > width:
            entry.text.setTextWidth(max(1, width - before))
        entry.place = QPointF(x, y)
        line = max(line, entry.text.size().height(), entry.size)
        x += needed + 3 * SPACE
    return QSize(width, round(y + line + 0.5))
