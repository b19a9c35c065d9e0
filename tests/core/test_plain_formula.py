"""Formulas as plain text: every rule is written out, nothing of LaTeX is left in it."""

import pytest

from momentum_gui.core.optimizers import OPTIMIZERS, Adam, Lion, NAdam
from momentum_gui.core.plain_formula import plain


@pytest.mark.parametrize(
    ("latex", "written"),
    [
        (r"v \leftarrow \mu v - \eta \nabla f(w + \mu v)", "v ← μ v − η ∇ f(w + μ v)"),
        (r"w \leftarrow w - \eta \left( (1 - \nu) g + \nu m \right)", "w ← w − η ((1 − ν) g + ν m)"),
        (Lion.latex[0], "w ← w − η sign(β₁ m + (1 − β₁) g)"),
        (Adam.latex[2], "m̂ = m / (1 − β₁ᵗ)\u2003ŝ = s / (1 − β₂ᵗ)"),
        (Adam.latex[3], "w ← w − (η / (√ŝ + ε)) m̂"),
        (NAdam.latex[2], "μₜ = β₁ (1 − (1 / 2) 0.96^(t ψ))\u2003q ← 1 − μₜ (1 − q)"),
        (r"\frac{\sqrt{u + \epsilon}}{\sqrt{s}}", "√(u + ε) / √s"),
    ],
)
def test_it_reads_as_it_is_meant(latex, written):
    assert plain(latex) == written


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_nothing_of_latex_is_left(kind):
    for line in kind().typeset():
        assert not set(plain(line)) & set("\\{}_"), line
