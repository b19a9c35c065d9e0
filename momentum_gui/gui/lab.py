"""A lab: controls on the left, the picture in the centre, curves on the right, the transport below.

The data flows one way: an edit gives a new experiment, the player makes its simulation, the views draw it at
the playhead's step.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec import structs
from PySide6.QtCore import QByteArray, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from momentum_gui.core.datasets import Read
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import Message
from momentum_gui.core.network import Network
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.controls import Controls
from momentum_gui.gui.curves_view import CurvesView
from momentum_gui.gui.panels import Panels, View
from momentum_gui.gui.player import Player
from momentum_gui.gui.playhead import Playhead
from momentum_gui.gui.results_view import ResultsView
from momentum_gui.gui.strips import Middle
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.gui.transport import Transport
from momentum_gui.i18n import _, say

CONTROLS_MOST, PANELS_LEAST = 0.39, 0.3
"""The shares of the width that the controls may take for granted, and that the panels get at least."""
MERGE = 1.0
"""Edits of one field within this many seconds are undone together."""


class Edit(QUndoCommand):
    """One edit of the experiment; edits of one field in quick succession become one."""

    def __init__(self, lab: "Lab", old: Experiment, new: Experiment, key: str) -> None:
        super().__init__(key)
        self.lab, self.old, self.new, self.key = lab, old, new, key
        self.time = time.monotonic()

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        assert isinstance(other, Edit)
        if other.key != self.key or other.time - self.time > MERGE:
            return False
        self.new, self.time = other.new, other.time
        return True

    def redo(self) -> None:
        self.lab.set_experiment(self.new)

    def undo(self) -> None:
        self.lab.set_experiment(self.old)


def subject(experiment: Experiment) -> tuple[type, ...]:
    """What a text that comes with ``experiment`` is about: the kind of surface, or of data."""
    objective = experiment.objective
    return (Network, type(objective.data)) if isinstance(objective, Network) else (type(objective),)


class Lab(QWidget):
    """What both labs share. A subclass adds its views and says how far to run ahead."""

    experiment_changed = Signal()

    chosen_changed = Signal(int)
    """Another racer is looked at closely; its place in the experiment's list, -1 if none runs."""

    pinned_changed = Signal(object)
    """Another simulation is pinned for comparison; None for none."""

    runs_ahead = True
    """Whether a new experiment is run to its end at once (a surface) or waits for play (training)."""
    speed = 12.0
    """Steps a second at which a first-time user can follow."""

    def __init__(self, look: Look, read: Read, controls: Controls, curves: CurvesView) -> None:
        super().__init__()
        self.look = look
        self.curves = curves
        self.chosen = -1
        self.pinned: Simulation | None = None
        self.experiment: Experiment | None = None
        self.undo_stack = QUndoStack(self)
        self.views: list[View] = []
        self._before: Experiment | None = None
        self._goal: int | None = None
        self._drawn = (-1, -1)
        self._shares_before: QByteArray | None = None
        self.player = Player(read, self)
        self.player.loaded.connect(self._on_loaded)
        self.player.failed.connect(self._on_failed)
        self.player.stopped.connect(self._on_stopped)
        self.playhead = Playhead(self)
        self.playhead.speed = self.speed
        self.playhead.frame.connect(self.player.hold)
        self.playhead.painted.connect(self.player.release)
        self.playhead.frame.connect(self._look)
        self.playhead.moved.connect(self._draw)
        self.playhead.rested.connect(self._draw_on)
        self.playhead.playing_changed.connect(self._on_playing)
        self.controls = controls
        controls.edited.connect(self.edit)
        pins = controls.racers.pin_buttons
        pins["pin"].defaultAction().triggered.connect(self.pin)
        pins["unpin"].defaultAction().triggered.connect(self.unpin)
        self.pinned_changed.connect(controls.racers.show_pinned)
        self.pinned_changed.connect(curves.show_pinned)
        self.transport = Transport(self.playhead, look)
        self.transport.play_wanted.connect(self.play)
        self.transport.go_wanted.connect(self.go)
        self.transport.training.setVisible(not self.runs_ahead)
        self.middle = Middle()
        self.banner, self.lesson, self.centre = self.middle.banner, self.middle.lesson, self.middle.column
        self.panels = Panels(look, curves)
        self.panels.picked.connect(self.choose)
        self.chosen_changed.connect(self.panels.show_racer)
        self.results = ResultsView(look)
        self.results.asked.connect(self.player.ask)
        self.player.answered.connect(self.results.answer)
        self.pinned_changed.connect(self.results.show_pinned)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(SPACE)
        self.splitter.setChildrenCollapsible(False)
        for widget, stretch in ((controls, 10), (self.middle, 32), (self.panels, 12)):
            self.splitter.addWidget(widget)
            self.splitter.setStretchFactor(self.splitter.count() - 1, stretch)
        width = controls.sizeHint().width()
        self.splitter.setSizes([width, round(3.2 * width), round(1.25 * width)])  # the picture gets the room
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, 0, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.transport)
        look.changed.connect(self.share_out)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_out()

    @Slot()
    def share_out(self) -> None:
        """Give each side what it needs, as far as the picture keeps its room: then the sides scroll."""
        room = self.splitter.width() - 2 * self.splitter.handleWidth()
        # In a narrow window its texts give way, not the numbers beside it.
        self.middle.setMinimumWidth(max(30 * SPACE, round(20 * SPACE * self.look.scale)))
        self.controls.give_way(round(CONTROLS_MOST * room))
        left = room - self.middle.minimumWidth() - self.controls.minimumWidth()
        self.panels.give_way(max(round(PANELS_LEAST * room), left))

    @Slot(bool)
    def show_only_picture(self, wanted: bool) -> None:
        """Give the picture the whole width, or give both sides theirs again."""
        if wanted == (self._shares_before is not None):
            return
        before, self._shares_before = self._shares_before, self.splitter.saveState() if wanted else None
        for side in (self.controls, self.panels):
            side.setVisible(not wanted)
        # Their keys hold where their switches are not seen.
        self.addActions([switch.defaultAction() for switch in self.panels.switches.values()])
        if before is not None:
            self.splitter.restoreState(before)

    @property
    def shares(self) -> QByteArray:
        """How the width is shared out while the sides are shown: what is remembered."""
        return self.splitter.saveState() if self._shares_before is None else self._shares_before

    # ---- which racer is looked at closely

    @Slot(int)
    def choose(self, racer: int) -> None:
        """Look at ``racer`` closely."""
        if racer != self.chosen:
            self.chosen = racer
            self.chosen_changed.emit(racer)

    def _keep_chosen(self, simulation: Simulation) -> None:
        """Look at the same racer as before while it runs, else at the first that has a memory, else at the first."""
        runs = simulation.runs
        if self.chosen not in runs:
            remembering = [index for index, run in runs.items() if run.optimizer.memories]
            self.choose(next(iter([*remembering, *runs]), -1))

    # ---- ghosts

    @Slot()
    def pin(self) -> None:
        """Keep the present runs as ghosts, in the place of those pinned before; no file keeps them."""
        self._pin(self.simulation)

    @Slot()
    def unpin(self) -> None:
        self._pin(None)

    def _pin(self, simulation: Simulation | None) -> None:
        self.pinned = simulation
        self.pinned_changed.emit(simulation)

    # ---- the experiment

    @Slot(object, str)
    def edit(self, experiment: Experiment, key: str) -> None:
        """Take ``experiment``, so that it can be undone. What was said of another surface or other data goes."""
        before = self.experiment
        assert before is not None
        if before.text and experiment.text == before.text and subject(experiment) != subject(before):
            title = "" if experiment.title == before.title else experiment.title
            experiment = structs.replace(experiment, title=title, text="")
        if experiment != before:
            self.undo_stack.push(Edit(self, before, experiment, key))

    def set_experiment(self, experiment: Experiment) -> None:
        """Show ``experiment`` and run it."""
        self.experiment = experiment
        self.banner.show_text("")
        self.controls.show_experiment(experiment)
        self.lesson.show_text(_(experiment.text))
        self.experiment_changed.emit()
        self._load()

    def _load(self) -> None:
        assert self.experiment is not None
        ahead = self.runs_ahead or self.playhead.playing
        self.player.load(self.experiment, self.experiment.steps if ahead else 0)

    @property
    def settled(self) -> bool:
        """Whether all that was asked for is done and drawn."""
        return self.simulation is not None and not self.player.busy and self._goal is None and self.curves.settled

    @property
    def simulation(self) -> Simulation | None:
        return self.player.simulation

    @Slot(object)
    def _on_loaded(self, simulation: Simulation) -> None:
        self._keep_chosen(simulation)
        before, self._before = self._before, simulation.experiment
        for view in self.views:
            view.show_simulation(simulation)
        steps = simulation.experiment.steps
        goal, playing = self.playhead.step, self.playhead.playing
        resumes = not self.runs_ahead and before is not None and before.same_until(simulation.experiment, goal)
        if self.runs_ahead:
            goal = steps if self.playhead.at_end else min(goal, steps)
        elif not resumes:
            goal = 0
        self._goal = goal if resumes or not playing else None
        self._drawn = (-1, -1)
        self.playhead.set_steps(steps, simulation.step, goal)
        self.playhead.pull(self.player.busy)
        if resumes and not playing:
            self._run_to(goal)
        self._look()
        self._draw_on()

    @Slot(object)
    def _on_failed(self, message: Message) -> None:
        self._goal = None
        self.playhead.pause()
        self.playhead.pull(False)
        self.banner.show_text(say(message))

    @Slot()
    def _on_stopped(self) -> None:
        self.playhead.pull(False)
        self._drawn = (-1, -1)  # seconds come a little later than rows
        self._look()
        self._draw_on()

    # ---- the playhead

    @Slot(bool)
    def play(self, wanted: bool) -> None:
        if wanted and self.simulation is not None:
            self._goal = None
            self.playhead.play()
        else:
            self.playhead.pause()

    @Slot(bool)
    def _on_playing(self, playing: bool) -> None:
        if playing:
            self._run_to(self.playhead.steps)
        elif not self.runs_ahead and self._goal is None:
            self._run_to(0)

    @Slot(int)
    def go(self, step: int) -> None:
        """Show ``step``, running on to it where that is not done yet."""
        step = min(max(0, step), self.playhead.steps)
        if self.simulation is None:
            return
        if self.playhead.playing and step < self.playhead.steps:
            self.playhead.go(step)
            return
        self._goal = step
        self.playhead.pause()
        if step > self.simulation.step:
            self._run_to(step)
        self._look()
        self._draw_on()

    def _run_to(self, step: int) -> None:
        self.playhead.pull(True)
        self.player.run_to(step)

    @Slot()
    def _look(self) -> None:
        """Look how far the histories are."""
        simulation = self.simulation
        if simulation is None:
            return
        self.playhead.set_reached(simulation.step)
        self.transport.show_training(simulation.step, self.player.busy)
        if self._goal is not None:
            self.playhead.go(self._goal)
            if self.playhead.step == self._goal:
                self._goal = None

    @Slot()
    def _draw_on(self) -> None:
        """Draw if the histories have grown."""
        self._draw(self.playhead.step)

    @Slot(int)
    def _draw(self, step: int) -> None:
        simulation = self.simulation
        if simulation is None:
            return
        rows = sum(run.count for run in simulation.runs.values())
        if (step, rows) != self._drawn:
            self._drawn = (step, rows)
            self.controls.racers.show_step(step, self.playhead.steps)
            for view in self.views:
                view.show_step(step)

    def offer_results(self) -> None:
        """Offer the table of results as the last panel."""
        about = _("What every racer has come to, in a table to sort and to copy")
        self.panels.add("results", _("Results"), "R", self.results, about)

    def fit(self) -> None:
        """Bring the whole picture into view."""

    # ---- the picture to take home

    picture_area: QWidget
    """The picture itself, without what may be said above it."""

    @property
    def racers_seen(self) -> Sequence[int]:
        """Whose work the picture shows, by their places in the experiment's list."""
        return list(self.simulation.runs) if self.simulation is not None else []

    @contextmanager
    def as_fine_as(self, ratio: float) -> Iterator[None]:
        """While this lasts the picture is painted whole, for a device of so many pixels for each of the screen."""
        yield

    @property
    def arrangement(self) -> str:
        """What a lab remembers of how its picture is laid out, beside its panels; setting it takes any text."""
        return ""

    @arrangement.setter
    def arrangement(self, text: str) -> None:
        pass

    def close_thread(self) -> None:
        """Stop everything that moves and the thread."""
        self.playhead.pause()
        self.playhead.pull(False)
        self.player.close()
