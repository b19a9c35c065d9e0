"""Where the weights go: the racers' paths over the loss in the space of all weights, and the slice around an end."""

import numpy as np
from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from momentum_gui.core.simulation import Simulation
from momentum_gui.core.training import NetworkRun
from momentum_gui.gui.landscape import Landscape
from momentum_gui.gui.loss_plane import LossPlane, level_ratio
from momentum_gui.gui.panel_parts import note, stack
from momentum_gui.gui.style import SPACE, Look, racer_color
from momentum_gui.gui.task import Task
from momentum_gui.gui.task_row import TaskRow
from momentum_gui.gui.ticks import whole_text
from momentum_gui.i18n import _

PATHS, SLICE = 0, 1


class WeightsView(QWidget):
    """Two pictures of the loss over a plane of weights, each computed when it is asked for."""

    tasked = Signal(object)
    """A Task for the simulation thread."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._racer = -1
        self._step = 0
        self._tasks: dict[int, Task] = {}
        self.modes = QButtonGroup(self)
        self._modes = modes = QHBoxLayout()
        modes.setSpacing(SPACE // 2)
        for mode, text, about in (
            (PATHS, _("Paths"), _("All paths, on the plane that holds the most of them")),
            (
                SLICE,
                _("Around the end"),
                _("The loss around the chosen racer’s newest weights"),
            ),
        ):
            chip = QToolButton()
            chip.setObjectName("chip")
            chip.setCheckable(True)
            chip.setText(text)
            chip.setToolTip(about)
            chip.setAccessibleDescription(about)
            self.modes.addButton(chip, mode)
            modes.addWidget(chip)
        modes.addStretch(1)
        self.modes.button(PATHS).setChecked(True)
        self.modes.idClicked.connect(self.restyle)
        self.row = TaskRow(look)
        self.row.asked.connect(self._start)
        self.row.moved.connect(self.restyle)
        self.plot = LossPlane(look, _("The loss over a plane of weights"))
        self.note = note()
        stack(self, modes, self.row, self.plot, self.note)
        self._arrange()
        look.changed.connect(self.restyle)

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def show_racer(self, racer: int) -> None:
        self._racer = racer
        self.restyle()

    def show_step(self, step: int) -> None:
        self._step = step
        self.plot.show_step(step)
        self._show_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        """Start stands beside the choice of what it starts, if there is room, else below."""
        chips = [chip.sizeHint().width() + self._modes.spacing() for chip in self.modes.buttons()]
        fits = sum(chips) + self._modes.spacing() + self.row.button_width <= self.width()
        self.row.keep_button(self._modes if fits else None)

    @property
    def mode(self) -> int:
        return self.modes.checkedId()

    @property
    def landscape(self) -> Landscape | None:
        """What there is for the mode that is chosen; it may still grow."""
        task = self._tasks.get(self.mode)
        return task.job if task is not None else None

    @property
    def stale(self) -> bool:
        """Whether what is seen is of another experiment or, a slice, of another racer than the chosen one."""
        shown = self.landscape
        if shown is None or self._simulation is None:
            return False
        return self._foreign(shown) or (shown.racer is not None and shown.racer != self._racer)

    def _foreign(self, shown: Landscape) -> bool:
        """Whether it is of another experiment than the one that is shown."""
        assert self._simulation is not None
        experiment = shown.simulation.experiment
        return not experiment.same_until(self._simulation.experiment, experiment.steps + 1)

    @Slot()
    def _start(self) -> None:
        simulation = self._simulation
        if simulation is None or self._racer not in simulation.runs:
            return
        racer = self._racer if self.mode == SLICE else None
        task = self._tasks[self.mode] = Task(lambda: Landscape(simulation, racer))
        self.row.watch(task, lambda shown: (shown.grid.count, shown.grid.values.size))
        self.tasked.emit(task)
        self.restyle()

    # ---- what is seen

    @Slot()
    def restyle(self) -> None:
        shown = self.landscape
        self.row.button.setEnabled(self.row.running or (self._simulation is not None and bool(self._simulation.runs)))
        if shown is None:
            self.plot.show_nothing(self._why_nothing())
        else:
            self.plot.show_landscape(shown.grid, shown.paths, self._colors(shown), self._titles(shown), self.stale)
            self.plot.show_step(self._step)
        self._show_words()

    def _colors(self, shown: Landscape) -> dict[int, QColor]:
        theme = self._look.theme
        if self.stale:
            return dict.fromkeys(shown.paths, QColor(theme.muted))
        racers = shown.simulation.experiment.optimizers
        return {index: racer_color(index, racers[index].color, theme) for index in shown.paths}

    def _titles(self, shown: Landscape) -> tuple[str, str]:
        """What stands along the axes."""
        share = shown.plane.share
        if share is None:
            return _("random direction 1"), _("random direction 2")
        first, second = (f"{100 * each:.0f} %" for each in share)
        return (
            _("component 1 ({share})").format(share=first),
            _("component 2 ({share})").format(share=second),
        )

    def _show_words(self) -> None:
        task, shown = self._tasks.get(self.mode), self.landscape
        if shown is not None and task is not None and not task.cancelled:
            behind = not self.stale and shown.step < self._newest(shown)
            text = _("up to step {step}; start again for all") if behind else _("up to step {step}")
            self.row.say(text.format(step=whole_text(shown.step)))
        elif task is None:
            self.row.say("")
        self.note.setText(" ".join(self._words()))

    def _why_nothing(self) -> str:
        """What the picture will show, or what it lacks."""
        if self._simulation is None or not self._simulation.runs:
            return _("No racer is switched on.")
        if self.row.running:
            return ""  # it is on its way
        if self.mode == PATHS:
            return _("Start shows the way of the weights over the loss; it is computed in the background.")
        return _("Start shows how the loss rises around the weights that were found, in two random directions.")

    def _words(self) -> list[str]:
        """What one must know about the picture."""
        shown, words = self.landscape, []
        if shown is None or self._simulation is None or not self._simulation.runs:
            return []
        names = shown.simulation.labels(_)
        if self._foreign(shown):
            words.append(_("Of another experiment."))
        if shown.plane.share is not None:
            share = f"{100 * sum(shown.plane.share):.0f}"
            text = _("Of the paths’ variance this plane holds {share} %; the loss off it is not seen.")
            words.append(text.format(share=share))
        elif shown.racer is not None:
            text = _("Around {name}: 1 is a change as large as the weights of each unit.")
            words.append(text.format(name=names[shown.racer]))
        ratio = level_ratio(shown.grid.values)
        if shown.done and ratio is not None:
            words.append(_("From line to line the loss grows by {share} %.").format(share=f"{100 * (ratio - 1):.0f}"))
        if shown.lost:
            lost = ", ".join(names[index] for index in shown.lost)
            words.append(_("Diverged and left out: {names}.").format(names=lost))
        return words

    def _newest(self, shown: Landscape) -> int:
        """The newest kept step of the racers that are shown."""
        assert self._simulation is not None
        runs = [self._simulation.runs.get(index) for index in shown.paths]
        return int(np.max([run.kept[-1][0] for run in runs if isinstance(run, NetworkRun)], initial=0))
