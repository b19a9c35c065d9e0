"""A formula's terms in LaTeX, as mathematicians write them: fractions, raised exponents, no needless parentheses."""

from momentum_gui.core.formula import FUNCTIONS, Term

SUM, PRODUCT, SIGNED, POWER, ATOM = range(5)
"""How strongly a term holds together."""

NAMED = {"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan", "log": r"\ln"}


def latex(term: Term) -> str:
    """The formula in LaTeX."""
    return _write(term)[0]


def _write(term: Term) -> tuple[str, int]:
    """The term in LaTeX, and how strongly it holds together."""
    match term.kind:
        case "number":
            return _number(term.text)
        case "name":
            return {"pi": r"\pi"}.get(term.text, term.text), ATOM
        case "+" | "-":
            left, right = term.parts
            bound = PRODUCT if term.kind == "-" else SUM
            return f"{_within(left, SUM)} {term.kind} {_within(right, max(bound, PRODUCT))}", SUM
        case "neg":
            return f"-{_within(term.parts[0], PRODUCT)}", SUM
        case "*":
            left, right = term.parts
            negative = left.kind == "neg"  # a minus sign in front needs no parentheses
            text = (
                f"{latex(left) if negative else _within(left, PRODUCT)}{_between(left, right)}{_within(right, PRODUCT)}"
            )
            return text, SUM if negative else PRODUCT
        case "/":
            return rf"\frac{{{latex(term.parts[0])}}}{{{latex(term.parts[1])}}}", PRODUCT
        case "**":
            base, exponent = term.parts
            return f"{_within(base, ATOM)}^{{{latex(exponent)}}}", POWER
        case "sqrt":
            return rf"\sqrt{{{latex(term.parts[0])}}}", ATOM
        case "abs":
            return rf"\left|{latex(term.parts[0])}\right|", ATOM
        case "exp":
            return f"e^{{{latex(term.parts[0])}}}", POWER
        case name:
            return rf"{NAMED.get(name, chr(92) + name)}\left({latex(term.parts[0])}\right)", POWER


def _within(term: Term, strength: int) -> str:
    """The term as a part of one that holds together by ``strength``, in parentheses if need be."""
    text, own = _write(term)
    return text if own >= strength else rf"\left({text}\right)"


def _number(text: str) -> tuple[str, int]:
    mantissa, _e, exponent = text.lower().partition("e")
    if not exponent:
        return text, ATOM
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", PRODUCT


def _between(left: Term, right: Term) -> str:
    """What stands between two factors: a dot before a number, else a thin space."""
    first = right
    while first.kind in ("*", "**"):
        first = first.parts[0]
    dot = first.kind == "number" or (right.kind == "/") or (left.kind in FUNCTIONS and right.kind not in FUNCTIONS)
    return r" \cdot " if dot else r" \, "
