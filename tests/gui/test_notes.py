"""Words over a picture stand in its corners, where nothing is that counts."""

from PySide6.QtCore import QRect, QSize

from momentum_gui.gui.notes import corners, first_clear

AREA, SIZE = QRect(10, 20, 400, 300), QSize(100, 40)


def test_the_corners_lie_within_and_leave_the_chips_free():
    places = corners(AREA, SIZE, 30)
    assert all(AREA.contains(place) for place in places)
    assert not any(one.intersects(other) for one in places for other in places if one is not other)
    chips = QRect(10, 290, 50, 30), QRect(360, 20, 50, 30)
    assert not any(place.intersects(chip) for place in places[2:] for chip in chips)


def test_the_first_place_is_taken_where_nothing_is():
    places = corners(AREA, SIZE, 30)
    assert first_clear(places, []) == places[0]
    assert first_clear(places, [QRect(50, 30, 5, 5)]) == places[1]
    assert first_clear(places, [AREA]) is None
