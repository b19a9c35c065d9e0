"""What is a formula, and what is said of a text that is none: a sentence with the place."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from momentum_gui.core.formula import FUNCTIONS, MAX_DEPTH, MAX_LENGTH, parse
from momentum_gui.core.messages import InputError


def prefix(term):
    """A term in prefix notation."""
    if not term.parts:
        return term.text
    return "(" + " ".join([term.kind, *map(prefix, term.parts)]) + ")"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("x+y*2", "(+ x (* y 2))"),
        ("x-y-1", "(- (- x y) 1)"),
        ("x/y/2", "(/ (/ x y) 2)"),
        ("-x**2", "(neg (** x 2))"),
        ("2**3**2", "(** 2 (** 3 2))"),
        ("2**-x", "(** 2 (neg x))"),
        ("-x*-y", "(* (neg x) (neg y))"),
        ("+x", "x"),
        ("(x+y)*2", "(* (+ x y) 2)"),
        ("sin(x)**2", "(** (sin x) 2)"),
        ("1e-3*x + .5*y + 2.*x", "(+ (+ (* 1e-3 x) (* .5 y)) (* 2. x))"),
        ("x − 2·y × 3", "(- x (* (* 2 y) 3))"),
        ("\tx ** 2 ", "(** x 2)"),
    ],
)
def test_it_reads_as_mathematicians_and_python_do(text, meaning):
    assert prefix(parse(text)) == meaning


@pytest.mark.parametrize(
    ("text", "column", "length", "said"),
    [
        ("", 1, 0, "missing"),
        ("   ", 1, 0, "missing"),
        ("x +", 4, 0, "the formula ends"),
        ("2x", 2, 1, "an operator is missing between “2” and “x”"),
        ("x y", 3, 1, "an operator is missing"),
        ("x**2 + 3(y)", 9, 1, "an operator is missing"),
        ("x^2", 2, 1, "a power is written **"),
        ("|x|", 1, 1, "abs(…)"),
        ("1,5*x", 2, 1, "comma"),
        ("(x + y", 1, 1, "never closed"),
        ("x + y)", 6, 1, "closes nothing"),
        ("sin x", 1, 3, "parentheses"),
        ("sin", 1, 3, "parentheses"),
        ("x + foo", 5, 3, "allowed: x, y, pi, e, sin"),
        ("sine(x)", 1, 4, "did you mean sin?"),
        ("ln(x)", 1, 2, "did you mean log?"),
        ("X*y", 1, 1, "did you mean x?"),
        ("x * / y", 5, 1, "before “/”"),
        ("1e999", 1, 5, "too large"),
        ("x = 2", 3, 1, "“=” can't stand"),
        ("x.real", 2, 1, "“.” can't stand"),
        ("()", 2, 1, "before “)”"),
    ],
)
def test_a_fault_is_said_with_its_place(text, column, length, said):
    with pytest.raises(InputError) as error:
        parse(text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert (error.value.message.values["column"], error.value.message.values["length"]) == (column, length)


ATTACKS = [
    "__import__('os').system('touch formula_ran')",
    "x.__class__.__mro__[1].__subclasses__()",
    "().__class__",
    "(lambda: 1)()",
    "[x for x in (1,)]",
    "exec('x')",
    "eval(x)",
    "open(x)",
    "x if y else 1",
    "x; y",
    "x\ny",
    "x\0",
    "print(x)",
    "f'{x}'",
    '"x" * 9',
    "x := 2",
    "x @ y",
    "x or y",
    "*x",
    "x**",
    "ｘ + 1",
    "х + 1",  # a Cyrillic letter
    "x²",
    "π*x",
    "٣*x",  # an Arabic digit
    "x\u202e+y",
    "x\u200b+y",
    "1_000*x",
    "0x10*x",
    "1j*x",
    "True",
    "None",
    "nan",
    "inf",
    "sin.x",
    "sin(x)(y)",
    "sin(x, y)",
    "calculate(x)",
    "t1",
    "elementary",
    "x" * 10_000,
    "(" * 10_000,
    "-" * 399 + "x",
    "(" * 100 + "x" + ")" * 100,
    "x**" * 100 + "x",
    "sin(" * 60 + "x" + ")" * 60,
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: ascii(text[:30]))
def test_an_attack_is_a_sentence(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        parse(text)
    assert len(str(error.value)) < 300
    assert os.listdir(tmp_path) == []


def test_depth_and_length_are_bounded_and_useful():
    assert parse("(" * (MAX_DEPTH - 1) + "x" + ")" * (MAX_DEPTH - 1)).text == "x"
    assert parse("+".join(["x"] * (MAX_LENGTH // 2))).kind == "+"
    with pytest.raises(InputError, match=f"at most {MAX_LENGTH}"):
        parse("x+" * (MAX_LENGTH // 2) + "x")


PIECES = [
    "x",
    "y",
    "2",
    "0",
    "1e9",
    ".5",
    "9",
    "pi",
    "e",
    "+",
    "-",
    "*",
    "/",
    "**",
    "(",
    ")",
    " ",
    *FUNCTIONS,
    "^",
    "é",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_nothing_but_an_input_error_is_raised(text):
    try:
        parse(text)
    except InputError as error:
        values = error.message.values
        assert 1 <= values["column"] <= len(text) + 1
        assert 0 <= values["length"] <= max(1, len(text))
