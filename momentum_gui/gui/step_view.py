"""The step that was just taken, opened up: the rule, the numbers in it, and what they mean in words."""

from itertools import zip_longest

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from momentum_gui.core.descent import SurfaceRun
from momentum_gui.core.messages import N_
from momentum_gui.core.opened_step import OpenedStep, explain, open_step
from momentum_gui.core.optimizers import OPTIMIZERS
from momentum_gui.core.plain_formula import plain
from momentum_gui.core.simulation import Simulation
from momentum_gui.core.step_in_numbers import in_numbers
from momentum_gui.gui.formula_view import Formula
from momentum_gui.gui.step_arrows import part_color
from momentum_gui.gui.step_table import Row, StepTable, row
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.ticks import number_text
from momentum_gui.i18n import _, say

PAUSE = 1600
"""Milliseconds for each part of a step in slow motion."""
RULE = 1.15
"""The size of a rule on the type scale."""
LINES = 4
"""How many lines the words have room for, so that nothing jumps."""

STAGES = {
    "gradient": N_("The gradient pushes downhill, as far as the learning rate says."),
    "momentum": N_("The velocity of the last steps lives on, a little weaker."),
    "step": N_("The method turns the gradient and what it remembers into a step, coordinate by coordinate."),
    "decay": N_("Weight decay pulls towards the origin."),
    "sum": N_("Together they are the step."),
}
SCALED_STAGES = {
    **STAGES,
    "slope": N_("Straight down the slope, as steep as it is: so plain gradient descent would go."),
    "scale": N_("Each coordinate has a learning rate of its own: the larger its gradients were, the shorter its bar."),
    "momentum": N_("The mean of the last gradients lives on, times the learning rate of each coordinate."),
    "gradient": N_("The new gradient adds its share, times the learning rate of each coordinate."),
}
"""Those of a method with a learning rate for each coordinate."""
STRETCHED = N_("Each coordinate goes as far as its learning rate says: the step is bent away from the slope.")
MEAN = N_("kept mean")
"""What such a method keeps."""
PARTS = {
    "gradient": N_("push"),
    "momentum": N_("kept velocity"),
    "step": N_("scaled step"),
    "decay": N_("weight decay"),
}


def rule_height(latex: str) -> float:
    """How high a line of a rule is when it is set, in lines of body text: so much room it has before, too."""
    return 2.45 if r"\frac" in latex else 1.2


class StepView(QWidget):
    """One step of one racer."""

    opened = Signal(object, QColor, object)
    """For whoever draws its arrows: the OpenedStep or None, the racer's colour, how many are there yet (None: all)."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._racer = -1
        self._step = 0
        self._lines: tuple[str, ...] = ()
        self._shown: OpenedStep | None = None
        self._stage: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._next_stage)
        self.rule = [Formula(look, RULE) for _line in range(max(len(kind.latex) for kind in OPTIMIZERS))]
        self.title = QLabel()
        self.title.setObjectName("muted")
        self.slow = QToolButton()
        self.slow.setObjectName("chip")
        self.slow.setCheckable(True)
        self.slow.setText(_("Slow motion"))
        self.slow.setToolTip(_("Go through the parts of this step one by one"))
        self.slow.toggled.connect(self._set_slow)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.slow)
        self.table = StepTable(look)
        self.numbers = [Formula(look, numbers=True) for _line in range(2)]
        self.story = QLabel()
        self.story.setWordWrap(True)
        self.story.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SPACE // 2)
        column.setSpacing(SPACE // 2)
        for line in self.rule:
            column.addWidget(line)
        column.addSpacing(SPACE // 2)
        column.addLayout(head)
        for line in self.numbers:
            column.addWidget(line)
        column.addWidget(self.table)
        column.addWidget(self.story)
        look.changed.connect(self.restyle)
        self.restyle()

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._shown = None

    def show_racer(self, racer: int) -> None:
        self._racer = racer
        self.show_step(self._step)

    def show_step(self, step: int) -> None:
        """Open the step that led to ``step``."""
        self._step = step
        run = self._run
        number = min(step, run.count - 1) if run is not None else 0
        if self._shown is None or self._shown.number != number or self._shown.optimizer != self._now(number):
            self.slow.setChecked(False)
        self._shown = open_step(run, number) if run is not None and number > 0 else None
        self.restyle()

    @property
    def _run(self) -> SurfaceRun | None:
        run = self._simulation.runs.get(self._racer) if self._simulation is not None else None
        return run if isinstance(run, SurfaceRun) else None

    def _now(self, number: int) -> object:
        return self._run.optimizer.at(number, self._run.steps) if self._run is not None else None

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.slow.setChecked(False)
        self.opened.emit(None, QColor(), None)

    # ---- slow motion

    @Slot(bool)
    def _set_slow(self, wanted: bool) -> None:
        self._stage = 1 if wanted and self._shown is not None else None
        self._timer.start() if wanted else self._timer.stop()
        self.restyle()

    @Slot()
    def _next_stage(self) -> None:
        if self._shown is None or self._stage is None or self._stage >= len(self._shown.stages):
            self.slow.setChecked(False)
        else:
            self._stage += 1
            self.restyle()

    @staticmethod
    def _sentence(opened: OpenedStep, stage: str) -> str:
        """What is said of ``stage``, one of the step's."""
        alone = len(opened.parts) == 1
        if opened.scale is not None:
            return STRETCHED if alone and stage == "sum" else SCALED_STAGES[stage]
        return STAGES[next(iter(opened.parts)) if alone else stage]

    # ---- what is seen

    @Slot()
    def restyle(self) -> None:
        run, shown = self._run, self._shown
        lines: tuple[str, ...] = ()
        if run is not None:
            lines = (shown.optimizer if shown is not None else run.optimizer).typeset()
        another, self._lines = lines != self._lines, lines
        size = QFontMetrics(self._look.font()).height()
        for formula, line in zip_longest(self.rule, lines):
            formula.setVisible(line is not None)
            if another:
                formula.show_latex("")  # what stood there was another method's
            if line is not None:
                formula.setFixedHeight(round(rule_height(line) * size))
                formula.show_latex(line, plain(line))
        self.slow.setVisible(run is not None)
        self.slow.setEnabled(shown is not None)
        self._show_numbers()
        self.story.setMinimumHeight(LINES * QFontMetrics(self._look.font()).height())
        if run is None:
            self.table.show_rows([])
            self.title.setText("")
            self.story.setText(_("No racer is switched on."))
            return
        color = racer_color(self._racer, run.optimizer.color, self._look.theme)
        if shown is None:
            self.table.show_rows([])
            self.title.setText(_("Step 0"))
            hint = _("Press → to take the first step, and see what it is made of.")
            self.story.setText(say(run.message) if run.done and run.count < 2 else hint)
        else:
            self.title.setText(_("Step {step}").format(step=shown.number))
            self.table.show_rows(self._rows(shown, color))
            if self._stage is None:
                self.story.setText("\n".join(say(sentence) for sentence in explain(shown)))
            else:
                self.story.setText(_(self._sentence(shown, shown.stages[self._stage - 1])))
        if self.isVisible():
            self.opened.emit(shown, color, self._stage)

    def _show_numbers(self) -> None:
        """The rule with this step's numbers in it, where the method is linear."""
        lines = in_numbers(self._shown, lambda value: number_text(value, 3)) if self._shown is not None else []
        height = round(2.35 * QFontMetrics(self._look.font()).height())  # room for a column, so that nothing jumps
        for formula, line in zip_longest(self.numbers, lines):
            formula.setVisible(line is not None)
            formula.setFixedHeight(height)
            if line is not None:
                formula.show_latex("")  # what stood there was of another step
                formula.show_latex(line.latex, line.plain)

    def _rows(self, opened: OpenedStep, color: QColor) -> list[Row]:
        theme = self._look.theme
        where = _("gradient, looking ahead") if opened.looks_ahead else _("gradient")
        rows = [row(where, "g", opened.gradient)]
        if opened.scale is not None:
            rows.append(row(_("learning rates"), "ηᵢ", opened.scale))
        if len(opened.parts) > 1:
            symbols = opened.optimizer.part_symbols()
            titles = PARTS if opened.scale is None else {**PARTS, "momentum": MEAN}
            rows += [
                row(_(titles[name]), symbols.get(name, ""), part, part_color(name, theme))
                for name, part in opened.parts.items()
            ]
        return [*rows, row(_("the step"), "", opened.step, color, True), row(_("now at"), "w", opened.after)]
