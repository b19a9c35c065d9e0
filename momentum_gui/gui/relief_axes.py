"""The axes of the relief: numbers along the block's feet and beside its left corner."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from momentum_gui.core.params import Array
from momentum_gui.gui.relief import HEIGHT, PLINTH, Camera, Terrain
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.ticks import linear_texts, linear_ticks, number_text, round_heights
from momentum_gui.i18n import _


def draw_axes(painter: QPainter, look: Look, terrain: Terrain, camera: Camera, area: QRectF) -> None:
    """x and y along the feet of the block and heights beside its left corner; that they are compressed, in a corner of
    the ``area`` that is painted."""
    front, left, right, _back = corners(terrain, camera)
    painter.setFont(look.font(0.9))
    for corner in (left, right):
        along = int(abs(corner[1] - front[1]) > abs(corner[0] - front[0]))
        _draw_side_axis(painter, look, terrain, camera, front, corner, along)
    _draw_height_axis(painter, look, terrain, camera, left, area)


def _draw_side_axis(
    painter: QPainter, look: Look, terrain: Terrain, camera: Camera, front: Array, corner: Array, along: int
) -> None:
    """Ticks along the foot of the block from the ``front`` corner to another one: x (along 0) or y (1)."""
    ends = np.stack([front, corner]) * (1, 1, 0) - (0, 0, PLINTH)
    pixels = camera.project(ends)
    length = math.dist(*pixels)
    if length < 60:
        return
    outward = ends[0].copy()
    outward[along] = 0.0
    out = camera.project(np.stack([np.zeros(3), outward]))
    direction = (out[1] - out[0]) / max(1e-9, math.dist(*out))
    # Never flat: a label must clear the foot of the block.
    direction = np.array([direction[0], max(direction[1], 0.35)])
    direction /= math.hypot(*direction)
    low, high = terrain.part[2 * along], terrain.part[2 * along + 1]
    half = terrain.halves[along]
    metrics = QFontMetricsF(painter.font())
    ticks = linear_ticks(low, high, max(2, int(length / (5 * metrics.averageCharWidth() + 36))))
    shares = [(tick - low) / (high - low) for tick in ticks]
    line, text = QPen(QColor(look.theme.muted), 1.0), QColor(look.theme.muted)
    reach = metrics.height() * 0.5 + 9
    places = np.repeat(ends[:1], len(ticks), axis=0)
    places[:, along] = (2 * np.array(shares) - 1) * half
    for share, foot, label in zip(shares, camera.project(places), linear_texts(ticks), strict=True):
        if not 0.05 < share < 0.95:
            continue
        painter.setPen(line)
        painter.drawLine(QPointF(*foot), QPointF(*(foot + 4 * direction)))
        painter.setPen(text)
        wide = metrics.horizontalAdvance(label) / 2
        _draw_text(painter, foot + (reach + wide * abs(direction[0])) * direction, label)
    font = look.font(0.95)
    font.setItalic(True)
    painter.save()
    painter.setFont(font)
    painter.setPen(QColor(look.theme.text))
    middle = pixels.mean(axis=0) + 2.5 * reach * direction * (1 + 0.45 * abs(direction[0]))
    _draw_text(painter, middle, "xy"[along])
    painter.restore()


def _draw_height_axis(
    painter: QPainter, look: Look, terrain: Terrain, camera: Camera, corner: Array, area: QRectF
) -> None:
    """Heights beside the left corner: as many round ones as there is room for, from the lowest up."""
    post = np.array([(*corner[:2], 0.0), (*corner[:2], HEIGHT)])
    foot, top = camera.project(post)
    theme, metrics = look.theme, QFontMetricsF(painter.font())
    shift = np.array([-6.0, 0.0])
    painter.setPen(QPen(QColor(theme.line), 1.0))
    painter.drawLine(QPointF(*(foot + shift)), QPointF(*(top + shift)))
    if foot[1] - top[1] < 1.5 * metrics.height():
        return
    used = math.inf
    values = round_heights(terrain.lowest, terrain.highest)
    places = np.repeat(post[:1], len(values), axis=0)
    places[:, 2] = terrain.heights.z(np.array(values))
    for value, place in zip(values, camera.project(places) + shift, strict=True):
        if used - place[1] < 1.35 * metrics.height():
            continue
        used = place[1]
        label = number_text(value, 3)
        painter.setPen(QPen(QColor(theme.muted), 1.0))
        painter.drawLine(QPointF(*place), QPointF(place[0] - 4, place[1]))
        painter.setPen(QColor(theme.muted))
        _draw_text(painter, place - (8 + metrics.horizontalAdvance(label) / 2, 0), label)
    font = look.font(0.95)
    font.setItalic(True)
    painter.setPen(QColor(theme.text))
    painter.setFont(font)
    _draw_text(painter, top + shift - (0, 0.75 * metrics.height()), "f")
    if terrain.heights.compressed:
        painter.setFont(look.font(0.85))
        painter.setPen(QColor(theme.muted))
        corner_ = area.adjusted(SPACE, SPACE / 2, -SPACE, -SPACE / 2)
        painter.drawText(corner_, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, _("heights compressed"))


def corners(terrain: Terrain, camera: Camera) -> tuple[Array, Array, Array, Array]:
    """The front, left, right and back corner of the block's surface, (3,) each."""
    rows, columns = terrain.z.shape
    cells = np.array([(0, 0), (columns - 1, 0), (columns - 1, rows - 1), (0, rows - 1)], float)
    all_four = terrain.raised(cells)
    _right, back = camera.turned(all_four)
    front = int(back.argmin())
    # Counter-clockwise around the block, seen from above: to the right of the front comes the next corner.
    return all_four[front], all_four[front - 1], all_four[(front + 1) % 4], all_four[front - 2]


def _draw_text(painter: QPainter, middle: Array, text: str) -> None:
    box = QRectF(middle[0] - 100, middle[1] - 50, 200, 100)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
