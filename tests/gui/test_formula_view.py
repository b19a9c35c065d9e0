"""A formula in a widget: plain at first, then typeset, in the look's colour and size."""

import threading

import pytest
from PySide6.QtGui import QFontMetrics

from momentum_gui.core.expression import Expression
from momentum_gui.core.surfaces import SURFACES
from momentum_gui.gui.formula_view import DEEPEST, WRAPPED, Formula, depth, typeset, wait
from momentum_gui.gui.style import Look


@pytest.fixture
def formula(qtbot):
    look = Look("light")
    formula = Formula(look)
    formula.look = look
    qtbot.addWidget(formula)
    formula.resize(400, 60)
    with qtbot.waitExposed(formula):
        formula.show()
    yield formula
    wait()


def darkest(widget):
    """The colour of the widget's pixel that differs most from white, and how many are not white."""
    image = widget.grab().toImage()
    colors = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    ground = colors[-1]
    drawn = [color for color in colors if color != ground]
    return min(drawn, key=lambda color: color.lightness(), default=ground), len(drawn)


def test_it_is_plain_until_it_is_typeset(qtbot, formula):
    formula.show_latex(r"\frac{x^{2}}{3}", "x² / 3")
    plain = formula.sizeHint()
    assert formula.accessibleName() == "x² / 3"
    assert not formula.settled
    assert darkest(formula)[1] > 20
    qtbot.waitUntil(lambda: formula.settled, timeout=20000)
    assert formula.sizeHint() != plain
    assert formula.sizeHint().height() > 1.3 * plain.height()  # a fraction
    assert darkest(formula)[1] > 20
    assert "typesetting" not in [thread.name for thread in threading.enumerate()]


def test_only_the_last_of_many_is_shown(qtbot, formula):
    shown = []
    typeset.cache_clear()
    formula.shown.connect(lambda: shown.append(formula._latex))
    for k in range(20):
        formula.show_latex(f"x^{{{k}}}")
    qtbot.waitUntil(lambda: formula.settled, timeout=20000)
    assert formula._svg == typeset("x^{19}")
    assert len(shown) == 2 + 19  # emptied while there is nothing, then set once
    assert typeset.cache_info().currsize < 20


def test_it_follows_colour_and_size(qtbot, formula):
    formula.show_latex("x + y", "x + y")
    qtbot.waitUntil(lambda: formula.settled, timeout=20000)
    small = formula.sizeHint()
    assert darkest(formula)[0].lightness() < 80
    formula.look.choose("dark", 2.0)
    assert formula.sizeHint().width() == pytest.approx(2 * small.width(), rel=0.2)
    formula.setStyleSheet("background: black")
    image = formula.grab().toImage()
    lightest = max(image.pixelColor(x, y).lightness() for x in range(image.width()) for y in range(image.height()))
    assert lightest > 200
    formula.look.choose("light", 1.0)


def test_a_long_one_is_drawn_smaller(qtbot, formula):
    formula.show_latex("+".join(["x"] * 60))
    qtbot.waitUntil(lambda: formula.settled, timeout=20000)
    tall = formula.sizeHint().height()
    formula.setMaximumWidth(200)
    assert formula.sizeHint().width() <= 201
    assert formula.sizeHint().height() < tall


def test_what_cannot_be_typeset_stays_plain(qtbot, formula):
    formula.show_latex(r"\frac{", "x over nothing")
    qtbot.waitUntil(lambda: formula.settled, timeout=20000)
    assert formula._svg == ""
    assert darkest(formula)[1] > 20
    formula.show_latex("", "")
    assert formula.settled or formula._timer.isActive()


@pytest.mark.parametrize("width", [200, 280, 400])
@pytest.mark.parametrize("scale", [1.0, 1.25])
def test_plain_numbers_of_any_size_are_seen_whole(formula, width, scale):
    formula.look.choose(scale=scale)
    formula.setFixedSize(width, round(2.35 * QFontMetrics(formula.look.font()).height()))
    pair = "(−1.23×10¹⁵⁰, −4.56×10¹⁵⁰)"
    formula.show_latex("v", f"v = 0.985 {pair} − 0.123 {pair} = {pair}")
    font, text = formula.plain_that_fits()
    assert text.replace("\xa0", " ") == formula.accessibleName()
    assert formula.rect().contains(QFontMetrics(font).boundingRect(formula.rect(), WRAPPED.value, text))
    formula.look.choose(scale=1.0)


def test_plain_text_without_room_ends_in_an_ellipsis(formula):
    formula.setFixedSize(60, 12)
    formula.show_latex("v", "x" * 200)
    font, text = formula.plain_that_fits()
    assert text.endswith("…")
    assert QFontMetrics(font).horizontalAdvance(text) <= 60


@pytest.mark.parametrize("kind", SURFACES, ids=lambda kind: kind.__name__)
def test_every_surfaces_formula_can_be_typeset(kind):
    assert "<path" in typeset(f"f(x, y) = {kind().latex}")


@pytest.mark.parametrize(
    ("latex", "levels"),
    [
        ("x", 0),
        (r"x_{t} \leftarrow y", 1),
        (r"\left(x+\left(y\right)^{2}\right)\frac{1}{2}", 2),
        (r"\sqrt{\sqrt{x}}", 2),
    ],
)
def test_how_deep_a_formula_is_nested(latex, levels):
    assert depth(latex) == levels


def test_a_formula_that_would_take_for_ever_stays_plain():
    """Every level doubles the time: at 8 it is a second or two, at 40, which a formula may have, a thousand years."""

    def nested(levels):
        return Expression(formula="sin(" * levels + "x" + ")" * levels).latex

    assert depth(nested(8)) == 8 > DEEPEST
    assert typeset(nested(8)) == ""
    assert typeset(nested(4)) != ""
