"""The table of racers: numbers are never cut, names are."""

from PySide6.QtGui import QColor

from momentum_gui.gui.racer_table import GAP, LEAST_NAME, SIZES, RacerRow, RacerTable
from momentum_gui.gui.style import LIGHT, Look


def rows(*names):
    return [RacerRow(k, name, QColor("#ff0000"), ("1.25", "—")) for k, name in enumerate(names)]


def test_it_takes_a_line_for_each_racer(qtbot):
    table = RacerTable(Look("light"))
    qtbot.addWidget(table)
    assert table.sizeHint().height() == 0
    table.show_rows(("a", "b"), rows("SGD"))
    one = table.sizeHint().height()
    table.show_rows(("a", "b"), rows("SGD", "Momentum", "Adam"))
    assert table.sizeHint().height() == 2 * one  # with the heads
    assert table.accessibleDescription() == "SGD 1.25, —; Momentum 1.25, —; Adam 1.25, —"


def test_its_markers_have_the_racers_colours_until_they_are_stale(qtbot):
    table = RacerTable(Look("light"))
    qtbot.addWidget(table)
    table.resize(120, 60)
    for stale, color in ((False, QColor("#ff0000")), (True, QColor(LIGHT.muted))):
        table.show_rows(("a", "b"), rows("A very long name that finds no room at all"), stale)
        picture = table.grab().toImage()
        height = table.sizeHint().height()
        colors = {picture.pixelColor(x, y).name() for x in range(20) for y in range(height // 2, height)}
        assert color.name() in colors


def test_numbers_are_smaller_before_a_name_is_lost(qtbot):
    look = Look("light")
    table = RacerTable(look)
    qtbot.addWidget(table)
    table.show_rows(("Test accuracy", "Test loss"), rows("Momentum", "SGD"))
    sizes = []
    for width in (400, 230, 190):
        table.resize(width, 80)
        font, widths = table.fitting()
        sizes.append(font.pointSizeF())
        names = width - sum(widths) - GAP * len(widths)
        if font.pointSizeF() > look.points(SIZES[-1]):
            assert names >= table.fontMetrics().horizontalAdvance(LEAST_NAME)
        table.grab()
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == look.points()
    assert sizes[-1] < sizes[0]
