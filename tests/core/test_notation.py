import pytest

from momentum_gui.core.formula import parse
from momentum_gui.core.notation import latex


@pytest.mark.parametrize(
    ("text", "typeset"),
    [
        ("x**2 + 10*y**2", r"x^{2} + 10 \, y^{2}"),
        ("x - (y - 1)", r"x - \left(y - 1\right)"),
        ("x - (y + 1)", r"x - \left(y + 1\right)"),
        ("x + (y - 1)", r"x + \left(y - 1\right)"),
        ("(x - y) + 1", "x - y + 1"),
        ("(x + y)/(x - y)", r"\frac{x + y}{x - y}"),
        ("((x))*2", r"x \cdot 2"),
        ("2*3*x", r"2 \cdot 3 \, x"),
        ("(x + 1)*y", r"\left(x + 1\right) \, y"),
        ("-x**2", "-x^{2}"),
        ("(-x)**2", r"\left(-x\right)^{2}"),
        ("-x*y", r"-x \, y"),
        ("x*-y", r"x \, \left(-y\right)"),
        ("-(x + y)", r"-\left(x + y\right)"),
        ("(x*y)**2", r"\left(x \, y\right)^{2}"),
        ("(x**2)**3", r"\left(x^{2}\right)^{3}"),
        ("x**(y + 1)", "x^{y + 1}"),
        ("sqrt(x + 1)", r"\sqrt{x + 1}"),
        ("abs(x)", r"\left|x\right|"),
        ("exp(-x)", "e^{-x}"),
        ("log(x)", r"\ln\left(x\right)"),
        ("asin(x)", r"\arcsin\left(x\right)"),
        ("sin(x)**2", r"\left(\sin\left(x\right)\right)^{2}"),
        ("sin(x)*y", r"\sin\left(x\right) \cdot y"),
        ("pi*x", r"\pi \, x"),
        ("1e-3*x", r"1 \cdot 10^{-3} \, x"),
        ("2**1e3", r"2^{1 \cdot 10^{3}}"),
    ],
)
def test_it_is_written_as_mathematicians_do(text, typeset):
    assert latex(parse(text)) == typeset
