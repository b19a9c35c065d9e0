import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsRectItem

from momentum_gui.gui.kept_picture import Frame, KeptPicture

BLUE, RED = QColor("#0000ff"), QColor("#ff0000")


class Square(KeptPicture):
    """The square from (2, 2) to (4, 4) of the plane, and how often it was drawn."""

    drawn = 0

    def draw(self, painter, frame):
        self.drawn += 1
        painter.fillRect(QRectF(frame.pixel(2, 4), frame.pixel(4, 2)), BLUE)


@pytest.fixture
def widget(qtbot):
    widget = pg.GraphicsView(background="w")
    qtbot.addWidget(widget)
    view = pg.ViewBox(enableMenu=False)
    widget.setCentralItem(view)
    widget.resize(200, 100)
    view.setRange(xRange=(0, 20), yRange=(0, 10), padding=0)
    widget.view = view
    widget.picture = Square(view)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def blue_box(image):
    """left, top, right, bottom of the blue pixels, in device pixels."""
    rows, columns = np.nonzero(
        [[image.pixelColor(x, y) == BLUE for x in range(image.width())] for y in range(image.height())]
    )
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def rendered(widget, ratio):
    image = QImage(round(200 * ratio), round(100 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    widget.render(painter, QRectF(0, 0, 200, 100))
    painter.end()
    return image


def test_the_frame_maps_the_plane_to_pixels_and_back(widget):
    frame = Frame.of(widget.view)
    assert frame.pixel(0, 10) == QPointF(0, 0)
    assert frame.pixel(20, 0) == QPointF(200, 100)
    assert frame.point(QPointF(50, 25)) == (5.0, 7.5)
    assert frame.pixels(np.array([[5.0, 7.5], [20, 0]])).tolist() == [[50, 25], [200, 100]]


def test_the_frame_rounds_to_what_a_pixel_resolves():
    assert Frame(800, 600, -6, 4, 66, 66).round(1.23456, -0.98765) == (1.23, -0.99)
    assert Frame(800, 600, 0, 0, 1e-3, 1e-3).round(123456, -98765) == (123000, -99000)


def test_near_keeps_far_pixels_close():
    frame = Frame(800, 600, 0, 0, 1, 1)
    assert frame.near(QPointF(5, 7)) == QPointF(5, 7)
    assert frame.near(QPointF(1e15, -1e15)) == QPointF(900, -100)


@pytest.mark.parametrize("ratio", [1, 1.25, 2])
def test_it_is_sharp_at_every_pixel_ratio(widget, ratio):
    left, top, right, bottom = blue_box(rendered(widget, ratio))
    assert (left, right) == (20 * ratio, 40 * ratio)
    assert (top, bottom) == (60 * ratio, 80 * ratio)


def test_it_is_drawn_once_however_often_it_is_painted(widget, qtbot):
    widget.grab()
    drawn = widget.picture.drawn
    for _again in range(3):
        widget.viewport().repaint()
        widget.grab()
    assert widget.picture.drawn == drawn


def test_it_is_drawn_anew_when_range_or_size_or_content_change(widget, qtbot):
    picture = widget.picture
    widget.grab()
    drawn = picture.drawn
    widget.view.setXRange(0, 40, padding=0)
    assert picture.frame is None
    assert blue_box(widget.grab().toImage()) == (10, 60, 20, 80)
    assert picture.drawn == drawn + 1
    widget.resize(400, 100)
    assert blue_box(widget.grab().toImage()) == (20, 60, 40, 80)
    assert picture.drawn == drawn + 2
    picture.redraw()
    widget.grab()
    assert picture.drawn == drawn + 3


def test_more_can_be_painted_onto_it(widget):
    widget.grab()
    drawn = widget.picture.drawn
    with widget.picture.painters() as (painter,):
        painter.fillRect(100, 10, 10, 10, RED)
    widget.picture.update()
    image = widget.grab().toImage()
    assert image.pixelColor(105, 15) == RED
    assert image.pixelColor(30, 70) == BLUE
    assert widget.picture.drawn == drawn


class Layers(KeptPicture):
    """Blue all over, half of it to be seen through, under the red square from (2, 2) to (4, 4)."""

    def __init__(self, view):
        super().__init__(view, (0.5, 1.0))

    def draw_layers(self, painters, frame):
        below, above = painters
        below.fillRect(QRectF(0, 0, frame.width, frame.height), BLUE)
        above.fillRect(QRectF(frame.pixel(2, 4), frame.pixel(4, 2)), RED)


def test_layers_lie_upon_each_other(widget):
    layers = Layers(widget.view)
    image = widget.grab().toImage()
    assert image.pixelColor(30, 70) == RED
    assert image.pixelColor(100, 10).getRgb()[:3] == pytest.approx((127, 127, 255), abs=1)
    layers.setOpacity(0.5)
    image = widget.grab().toImage()
    assert image.pixelColor(30, 50).getRgb()[:3] == pytest.approx((191, 191, 255), abs=1)


@pytest.mark.parametrize("ratio", [1, 1.25, 1.5, 2])
def test_what_was_copied_is_put_back(widget, ratio):
    layers = Layers(widget.view)
    before = rendered(widget, ratio)
    area, more = QRectF(15.3, 50.7, 20, 30), QRectF(10, 40, 60, 50)
    copied = layers.copied(area)
    with layers.painters() as painters:
        for painter in painters:
            painter.fillRect(more, Qt.GlobalColor.black)
    assert rendered(widget, ratio) != before
    layers.replace(more, area, copied)
    after = rendered(widget, ratio)
    for x, y in ((20, 60), (30, 70), (16, 75)):
        x, y = round(x * ratio), round(y * ratio)
        assert after.pixelColor(x, y) == before.pixelColor(x, y)
    assert after.pixelColor(round(60 * ratio), round(80 * ratio)) == Qt.GlobalColor.white  # nothing is left there
    assert after.pixelColor(round(100 * ratio), round(20 * ratio)) == before.pixelColor(
        round(100 * ratio), round(20 * ratio)
    )


def test_nothing_is_copied_of_nowhere(widget):
    layers = Layers(widget.view)
    widget.grab()
    assert layers.copied(QRectF()) == []
    layers.replace(QRectF(0, 0, 200, 100), QRectF(), [])
    assert widget.grab().toImage().pixelColor(30, 70) == BLUE  # the other picture is left


def test_the_mouse_goes_through_it(widget):
    below = QGraphicsRectItem(0, 0, 200, 100, widget.view)
    below.setZValue(-1)
    assert widget.picture.acceptedMouseButtons() == Qt.MouseButton.NoButton


class Failing(KeptPicture):
    def draw(self, painter, frame):
        raise OverflowError("on purpose")


def test_a_picture_that_fails_lets_go_of_its_pixels(qtbot, widget):
    failing = Failing(widget.view)
    with qtbot.captureExceptions() as told:
        widget.grab()
    assert {(kind, str(error)) for kind, error, _trace in told} == {(OverflowError, "on purpose")}
    assert not failing._layers[0].paintingActive()
