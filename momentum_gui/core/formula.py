"""A formula in x and y, as people type it -> its terms, or one sentence that says what is wrong and where.

The text is read by the grammar below and by nothing else: it never reaches Python's own parser, and what is typed
is never run. ::

    sum      =  product { ("+" | "-") product }
    product  =  signed { ("*" | "/") signed }
    signed   =  ("-" | "+") signed  |  power
    power    =  atom [ "**" signed ]                     so -x**2 is -(x**2), and 2**3**2 is 2**9
    atom     =  number | "x" | "y" | constant | function "(" sum ")" | "(" sum ")"
"""

import difflib
import math
import re
from typing import NamedTuple

from momentum_gui.core.messages import N_, InputError

MAX_LENGTH = 400
"""Characters of a formula."""
MAX_DEPTH = 40
"""Parentheses, powers and signs within each other."""

VARIABLES = ("x", "y")
CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS = (
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "exp",
    "log",
    "sqrt",
    "abs",
)
SAME = str.maketrans("−·×", "-**")
"""What people also write, or paste from a text, for an operator."""

TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<sign>\*\*|[-+*/()])|(?P<space>[ \t]+)"
)


class Term(NamedTuple):
    """A part of a formula: an operator or a function with its parts, a number, or a name."""

    kind: str
    """``+ - * / **``, ``neg``, a function's name, ``number``, or ``name`` (a variable or a constant)."""
    text: str
    """As it is typed."""
    column: int
    """Where it stands in the formula, from 1; an operator, where the operator stands."""
    parts: "tuple[Term, ...]" = ()


class Token(NamedTuple):
    kind: str
    text: str
    column: int


def parse(text: str) -> Term:
    """The terms of the formula ``text``.

    Raises InputError: a sentence with the values ``column`` (from 1) and ``length``, which say where the fault is.
    """
    if not text.strip():
        raise _fault(N_("a function of x and y is missing, such as x**2 + 10*y**2"), 1, 0)
    if len(text) > MAX_LENGTH:
        raise _fault(
            N_("the formula has {count} characters; at most {limit} are allowed"),
            MAX_LENGTH + 1,
            len(text) - MAX_LENGTH,
            count=len(text),
            limit=MAX_LENGTH,
        )
    parser = _Parser(_tokens(text))
    whole = parser.sum()
    parser.expect_end()
    return whole


def _tokens(text: str) -> list[Token]:
    plain = text.translate(SAME)
    found: list[Token] = []
    place = 0
    while place < len(plain):
        match = TOKEN.match(plain, place)
        if match is None:
            raise _stranger(text[place], place + 1)
        if match.lastgroup != "space":
            found.append(Token(str(match.lastgroup), match[0], place + 1))
        place = match.end()
    return [*found, Token("end", "", len(text) + 1)]


def _stranger(character: str, column: int) -> InputError:
    if character == "^":
        return _fault(N_("column {column}: a power is written **, as in x**2"), column, 1)
    if character == "|":
        return _fault(N_("column {column}: an absolute value is written abs(…)"), column, 1)
    if character == ",":
        return _fault(
            N_("column {column}: a comma has no place here; decimals have a point, functions one argument"), column, 1
        )
    shown = character if character.isprintable() else character.encode("unicode_escape").decode()
    return _fault(N_("column {column}: “{word}” can't stand in a formula"), column, 1, word=shown)


class _Parser:
    """Reads tokens from left to right, one method a line of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._depth = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self, *texts: str) -> Token | None:
        """The next token, if it is one of the signs ``texts``."""
        token = self._next
        if token.kind != "sign" or token.text not in texts:
            return None
        self._place += 1
        return token

    def sum(self) -> Term:
        left = self._product()
        while sign := self._take("+", "-"):
            left = Term(sign.text, sign.text, sign.column, (left, self._product()))
        return left

    def _product(self) -> Term:
        left = self._signed()
        while sign := self._take("*", "/"):
            left = Term(sign.text, sign.text, sign.column, (left, self._signed()))
        return left

    def _signed(self) -> Term:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            token = self._next
            raise _at(token, N_("column {column}: nested deeper than {limit} levels"), limit=MAX_DEPTH)
        if sign := self._take("-", "+"):
            inner = self._signed()
            term = Term("neg", "-", sign.column, (inner,)) if sign.text == "-" else inner
        else:
            term = self._power()
        self._depth -= 1
        return term

    def _power(self) -> Term:
        base = self._atom()
        if sign := self._take("**"):
            return Term("**", "**", sign.column, (base, self._signed()))
        return base

    def _atom(self) -> Term:
        token = self._next
        self._place += 1
        match token.kind:
            case "number":
                if math.isinf(float(token.text)):
                    raise _at(token, N_("column {column}: the number {word} is too large"))
                return Term("number", token.text, token.column)
            case "name" if token.text in FUNCTIONS:
                return Term(token.text, token.text, token.column, (self._argument(token),))
            case "name" if token.text in VARIABLES or token.text in CONSTANTS:
                return Term("name", token.text, token.column)
            case "name":
                raise _unknown(token)
            case "sign" if token.text == "(":
                return self._closed(token)
            case "end":
                raise _at(
                    token, N_("column {column}: the formula ends where a number, x, y or a function should stand")
                )
            case _:
                raise _at(token, N_("column {column}: a number, x, y or a function should stand before “{word}”"))

    def _argument(self, name: Token) -> Term:
        bracket = self._take("(")
        if bracket is None:
            raise _at(name, N_("column {column}: {word} needs its argument in parentheses, as in {word}(x)"))
        return self._closed(bracket)

    def _closed(self, bracket: Token) -> Term:
        """What stands after the parenthesis ``bracket``, up to the one that closes it."""
        inner = self.sum()
        if self._take(")") is None:
            if self._next.kind == "end":
                raise _at(bracket, N_("column {column}: this parenthesis is never closed"))
            raise self._missing_operator()
        return inner

    def expect_end(self) -> None:
        if self._take(")"):
            raise _at(self._tokens[self._place - 1], N_("column {column}: this parenthesis closes nothing"))
        if self._next.kind != "end":
            raise self._missing_operator()

    def _missing_operator(self) -> InputError:
        before = self._tokens[self._place - 1]
        return _at(
            self._next,
            N_("column {column}: an operator is missing between “{before}” and “{word}”, perhaps *"),
            before=_short(before.text),
        )


def _unknown(token: Token) -> InputError:
    names = [*VARIABLES, *CONSTANTS, *FUNCTIONS]
    near = difflib.get_close_matches(token.text.lower(), names, n=1)
    if token.text == "ln":
        near = ["log"]
    if near:
        return _at(token, N_("column {column}: {word} is not known; did you mean {near}?"), near=near[0])
    return _at(token, N_("column {column}: {word} is not known; allowed: {allowed}"), allowed=", ".join(names))


def _at(token: Token, sentence: str, **values: object) -> InputError:
    return _fault(sentence, token.column, len(token.text), word=_short(token.text), **values)


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:19] + "…"


def _fault(sentence: str, column: int, length: int, **values: object) -> InputError:
    return InputError(sentence, column=column, length=length, **values)
