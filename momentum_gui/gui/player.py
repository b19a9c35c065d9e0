"""The simulation thread, and the one object of the window that knows there is a thread.

The window pulls: the worker appends to histories, the window looks how far they have come on its own frame
timer. Signals pass only when a simulation is there, stops or fails. While the window paints a frame of a training the
worker waits, for both are faster so.
"""

import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from momentum_gui.core.datasets import Read
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import N_, InputError, Message
from momentum_gui.core.simulation import Simulation, Unwanted
from momentum_gui.gui.task import Task

SLICE = 0.008
"""Seconds of stepping between two looks at the worker's event loop: what a pause or an edit waits at most."""

NO_ROOM = N_("This experiment needs more memory than there is.")

LONGEST_HOLD = 0.05
"""Seconds that the window may keep the worker waiting at once."""

CLOCK = time.perf_counter if sys.platform == "win32" else time.thread_time
"""What a racer's steps are measured by: the processor time of the simulation thread, which others on a busy machine
do not lengthen. Windows counts that in 64ths of a second only; there it is the time on the wall."""


class Worker(QObject):
    """Lives on the simulation thread and is spoken to by queued signals only."""

    loaded = Signal(int, object)  # the order's number, its Simulation
    failed = Signal(int, object)  # the order's number, a Message
    stopped = Signal(int)
    answered = Signal(object, object)
    _again = Signal()
    _work_on = Signal()

    def __init__(self, read: Read) -> None:
        super().__init__()
        self.newest = 0
        """The number of the newest order. The window's side writes it, so that stale orders are skipped."""
        self.free = threading.Event()
        """Set but for the moments in which the window paints: two threads that hand the interpreter to and fro at every
        call of Qt and NumPy take several times as long as one after the other (measured on a ravine: 140 ms for a frame
        of 35, and 45 with the wait)."""
        self.free.set()
        self.resting = threading.Event()
        """Set while no step is being taken."""
        self.resting.set()
        self._read = read
        self._order = 0
        self._simulation: Simulation | None = None
        self._told = True
        self._target = 0
        self._chunk = 1
        self._pending = False
        self._tasks: deque[Task] = deque()
        self._again.connect(self._go_on, Qt.ConnectionType.QueuedConnection)  # behind what waits already
        self._work_on.connect(self._work, Qt.ConnectionType.QueuedConnection)

    @Slot(int, object, int)
    def load(self, order: int, experiment: Experiment, target: int) -> None:
        """Make the simulation of ``experiment`` and run it to step ``target``."""
        if order < self.newest:
            return
        self._order, self._simulation = order, None
        try:
            self._simulation = Simulation(experiment, self._read, CLOCK, lambda: order >= self.newest)
        except Unwanted:
            return  # the next order is on its way, or the end
        except InputError as error:
            self.failed.emit(order, error.message)
        except MemoryError:
            self.failed.emit(order, Message(NO_ROOM))
        else:
            self._told, self._target, self._chunk = False, target, self._simulation.at_once
            self._slice()

    @Slot(int)
    def run_to(self, target: int) -> None:
        """Run on to step ``target``, or stop where the racers are if they are past it."""
        self._target = target
        if self._simulation is None:
            self.stopped.emit(self._order)
        else:
            self._slice()

    @Slot(object, object)
    def answer(self, key: object, job: Callable[[], Any]) -> None:
        """Do ``job`` between two slices; its result goes to whoever asked."""
        self.answered.emit(key, job())

    @Slot(object)
    def take(self, task: Task) -> None:
        """Do ``task``, slice by slice, in turn with the others and the training."""
        self._tasks.append(task)
        if len(self._tasks) == 1:
            self._work_on.emit()

    @Slot()
    def _work(self) -> None:
        task = self._tasks.popleft()
        try:
            if task.slice():
                self._tasks.append(task)
        finally:  # whatever goes wrong with one, the others go on
            if self._tasks:
                self._work_on.emit()

    def _slice(self) -> None:
        """Step for about ``SLICE`` seconds, racer by racer, then go back to the event loop."""
        simulation = self._simulation
        if simulation is None:
            return
        deadline = time.perf_counter() + SLICE
        while (ahead := self._target - simulation.step) > 0 and not simulation.done:
            self.free.wait(LONGEST_HOLD)
            self.resting.clear()
            began = time.perf_counter()
            try:
                for run in simulation.runs.values():
                    if self._order < self.newest:
                        return  # a step of a large network may take seconds
                    run.advance(min(self._chunk, ahead))
            except MemoryError:  # what a step writes to is made at the first of its size
                self._simulation = None
                self.failed.emit(self._order, Message(NO_ROOM))
                return
            finally:  # whatever goes wrong, no frame waits for a step that has ended
                self.resting.set()
            now = time.perf_counter()
            if now - began > SLICE:
                self._chunk = max(1, self._chunk // 2)
            elif now - began < SLICE / 16:
                self._chunk *= 8
            if now > deadline:
                break
        if not self._told:  # with its first slice done, so that a short path appears whole
            self._told = True
            self.loaded.emit(self._order, simulation)
        if simulation.done or simulation.step >= self._target:
            self.stopped.emit(self._order)
        elif not self._pending:
            self._pending = True
            self._again.emit()

    @Slot()
    def _go_on(self) -> None:
        self._pending = False
        self._slice()


class Player(QObject):
    """Runs experiments in the background. Lives in the window's thread; views and tests connect to it only."""

    loaded = Signal(object)
    """A new Simulation is there; it may still be growing."""
    failed = Signal(object)
    """The experiment can't be run: a Message."""
    stopped = Signal()
    """The simulation has reached the step asked for, or its end."""
    answered = Signal(object, object)
    """The key and the result of a job. While a simulation grows it comes with the next ``hold``, so that a frame has
    everything and each part of it is painted once, while the worker waits."""

    _load = Signal(int, object, int)
    _run_to = Signal(int)
    _ask = Signal(object, object)
    _take = Signal(object)

    def __init__(self, read: Read, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.simulation: Simulation | None = None
        self.busy = False
        self._thread = QThread()
        self._thread.setObjectName("simulation")
        self._worker = Worker(read)
        self._worker.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._load.connect(self._worker.load, queued)
        self._run_to.connect(self._worker.run_to, queued)
        self._ask.connect(self._worker.answer, queued)
        self._take.connect(self._worker.take, queued)
        self._worker.loaded.connect(self._on_loaded, queued)
        self._worker.failed.connect(self._on_failed, queued)
        self._worker.stopped.connect(self._on_stopped, queued)
        self._worker.answered.connect(self._on_answered, queued)
        self._answers: list[tuple[object, object]] = []
        self._thread.start()

    def load(self, experiment: Experiment, target: int) -> None:
        """Run ``experiment`` to step ``target``; what is under way is dropped."""
        self._worker.newest += 1
        self.busy = True
        self._load.emit(self._worker.newest, experiment, target)

    def run_to(self, target: int) -> None:
        """Run on to step ``target``; a step already passed means: stop here."""
        self.busy = True
        self._run_to.emit(target)

    def ask(self, key: object, job: Callable[[], Any]) -> None:
        """Do ``job`` on the simulation thread; ``answered`` brings ``key`` and its result."""
        self._ask.emit(key, job)

    @Slot(object)
    def work(self, task: Task) -> None:
        """Do ``task`` on the simulation thread in slices, until it is done or cancelled. Nobody is told: look at it."""
        self._take.emit(task)

    @Slot()
    def hold(self) -> None:
        """Let the worker end its steps and begin no more for a moment: the window paints, also what was answered."""
        self._worker.free.clear()
        self._worker.resting.wait(2 * SLICE)
        self._tell()

    @Slot()
    def release(self) -> None:
        """Let the worker go on."""
        self._worker.free.set()

    def close(self) -> None:
        """Stop the thread and wait for its end, at most the length of one slice, or of one racer's step."""
        if self._thread.isRunning():
            self._worker.newest += 1
            self._run_to.emit(0)
            self._thread.quit()
            self._thread.wait()

    @Slot(object, object)
    def _on_answered(self, key: object, result: object) -> None:
        self._answers.append((key, result))
        if not self.busy:
            self._tell()

    def _tell(self) -> None:
        answers, self._answers = self._answers, []
        for key, result in answers:
            self.answered.emit(key, result)

    @Slot(int, object)
    def _on_loaded(self, order: int, simulation: Simulation) -> None:
        if order == self._worker.newest:
            self.simulation = simulation
            self.loaded.emit(simulation)

    @Slot(int, object)
    def _on_failed(self, order: int, message: Message) -> None:
        if order == self._worker.newest:
            self.busy = False
            self._tell()
            self.failed.emit(message)

    @Slot(int)
    def _on_stopped(self, order: int) -> None:
        if order == self._worker.newest:
            self.busy = False
            self._tell()
            self.stopped.emit()
