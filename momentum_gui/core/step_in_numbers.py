"""The rule of a linear method with the numbers of one step in it, as LaTeX and as plain text."""

import re
from collections.abc import Callable
from typing import NamedTuple

from momentum_gui.core.opened_step import OpenedStep
from momentum_gui.core.params import Array

LETTERS = {"velocity": "v", "mean": "m"}
"""The letters that stand for memories in the rules of linear methods."""
PARAMETERS = {r"\eta": "lr", r"\mu": "mu", r"\beta": "beta", r"\nu": "nu"}
GRADIENT = r"\nabla f(w + \mu v)"
ARROW = r" \leftarrow "
SYMBOL = re.compile(r"\\(?:eta|mu|beta|nu)(?![a-zA-Z_])|(?<![\\a-zA-Z])[wvmg](?![a-zA-Z_])")


class Line(NamedTuple):
    """One line of a rule: ``v = 0.8 (1, 2) - 0.1 (3, 4) = (0.5, 1.2)``."""

    latex: str
    plain: str


def in_numbers(opened: OpenedStep, number: Callable[[float], str]) -> list[Line]:
    """The lines of the step's rule with its numbers, each written by ``number``; [] for methods that are not linear."""
    optimizer = opened.optimizer
    if opened.scale is not None or "step" in opened.parts or not set(opened.memories) <= set(LETTERS):
        return []
    vectors = {"w": opened.before, "g": opened.gradient}
    vectors |= {LETTERS[name]: value for name, value in opened.memories.items()}
    results = {"w": opened.after} | {LETTERS[name]: value for name, value in opened.new_memories.items()}
    scalars = {symbol: getattr(optimizer, field, None) for symbol, field in PARAMETERS.items()}
    lines = []
    for rule in optimizer.typeset():
        letter, _arrow, rest = rule.partition(ARROW)
        rest = rest.replace(GRADIENT, "g")
        values = dict(vectors)

        def put(match: re.Match[str], column: Callable[[Array], str], values: dict[str, Array] = values) -> str:
            symbol = match.group()
            if symbol in values:
                return column(values[symbol])
            scalar = scalars.get(symbol)
            return symbol if scalar is None else number(scalar)

        def pair(vector: Array) -> str:
            return f"({number(float(vector[0]))}, {number(float(vector[1]))})"

        def matrix(vector: Array) -> str:
            x, y = (number(float(value)).replace("−", "-") for value in vector)
            return rf"\begin{{pmatrix}} {x} \\ {y} \end{{pmatrix}}"

        result = results[letter]
        latex = SYMBOL.sub(lambda match: put(match, matrix), rest)
        plain = SYMBOL.sub(lambda match: put(match, pair), rest)
        plain = plain.replace(r"\left( ", "(").replace(r" \right)", ")").replace(" - ", " − ")
        lines.append(Line(f"{letter} = {latex} = {matrix(result)}", f"{letter} = {plain} = {pair(result)}"))
        vectors[letter] = result
    return lines
