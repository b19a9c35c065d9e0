"""A formula given in LaTeX as one line of plain text: for those who can't see it, and until it is typeset."""

import re
import unicodedata

SIGNS = {
    r"\leftarrow": "←",
    r"\beta": "β",
    r"\epsilon": "ε",
    r"\eta": "η",
    r"\lambda": "λ",
    r"\mu": "μ",
    r"\nabla": "∇",
    r"\nu": "ν",
    r"\psi": "ψ",
    r"\rho": "ρ",
    r"\max": "max",
    r"\left": "",
    r"\right": "",
    r"\qquad": "\u2003",
    r"\,": "",
}
SIGN = re.compile(r"\\(?:[a-zA-Z]+|,)")
SUBSCRIPTS = str.maketrans("0123456789+t", "₀₁₂₃₄₅₆₇₈₉₊ₜ")
SUPERSCRIPTS = str.maketrans("0123456789+t", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺ᵗ")
SCRIPT = re.compile(r"([_^])(?:\{([^{}]*)\}|(.))")
WHOLE = re.compile(r"\\(hat|sqrt|mathrm)\{([^{}]*)\}|\\frac\{([^{}]*)\}\{([^{}]*)\}(?=( [^-+= \u2003])?)")
"""What holds nothing that is still in braces; a fraction with the beginning of what it is multiplied by."""
CIRCUMFLEX = "\u0302"


def plain(latex: str) -> str:
    """``latex``, of the kind that the rules of the optimizers are written in, as plain text: ``w ← w − η g``."""
    text = SIGN.sub(lambda match: SIGNS.get(match.group(), match.group()), latex)
    text = SCRIPT.sub(_script, text)
    before = ""
    while text != before:
        before, text = text, WHOLE.sub(_whole, text)
    text = re.sub(r"\s*\u2003\s*", "\u2003", text).replace("( ", "(").replace(" )", ")").replace(" - ", " − ")
    return unicodedata.normalize("NFC", re.sub(" +", " ", text))


def _script(match: re.Match[str]) -> str:
    mark, text = match.group(1), match.group(2) or match.group(3)
    written = text.translate(SUBSCRIPTS if mark == "_" else SUPERSCRIPTS)
    return written if not set(written) & set(text) else f"{mark}({text})"


def _whole(match: re.Match[str]) -> str:
    name, inside, above, below, factor = match.groups()
    if name is None:
        divided = f"{_one(above)} / {_one(below)}"
        return f"({divided})" if factor else divided
    return {"hat": inside + CIRCUMFLEX, "sqrt": f"√{_one(inside)}", "mathrm": inside}[name]


def _one(text: str) -> str:
    """``text`` in parentheses if it is more than one thing."""
    return f"({text})" if " " in re.sub(r"\([^()]*\)", "", text) else text
