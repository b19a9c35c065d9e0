"""The right side of a lab: the curves, and the panels that open where they are asked for."""

from typing import Protocol, cast

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.column import Column
from momentum_gui.gui.racer_choice import RacerChoice
from momentum_gui.gui.style import SPACE, Look
from momentum_gui.i18n import _

NARROWEST, WIDE = 44 * SPACE, 48 * SPACE
"""How wide the curves and panels are at least, and for the sake of their switches at most."""
LARGE = 1.25
"""With text that is larger than this they are wider, as soon as a panel is open."""


ONE_ROW = 5
"""So many switches stand in one row if there is room; more of them in two, so that the panels need not be wider."""


class View(Protocol):
    """What a lab asks of the widgets that draw."""

    def show_simulation(self, simulation: Simulation) -> None:
        """Draw another simulation, whose histories may still grow."""

    def show_step(self, step: int) -> None:
        """Draw what there is, at ``step``."""


class RacerView(View, Protocol):
    """A view of one racer at a time."""

    def show_racer(self, racer: int) -> None:
        """Draw ``racer``, by its place in the experiment's list; -1 if none runs."""


class Panel(QFrame):
    """A card around a view, with its title and the choice of the racer it shows."""

    closed = Signal()

    def __init__(self, title: str, view: QWidget, look: Look) -> None:
        super().__init__()
        self.setObjectName("card")
        self.view = view
        heading = QLabel(title)
        heading.setObjectName("heading")
        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(heading)
        head.addStretch(1)
        self.choice: RacerChoice | None = None
        if hasattr(view, "show_racer"):
            self.choice = RacerChoice(look)
            head.addWidget(self.choice)
        close = QToolButton()
        close.setObjectName("flat")
        close.setText("×")
        close.setToolTip(_("Close this panel"))
        close.setAccessibleName(_("Close this panel"))
        close.clicked.connect(self.closed)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE * 3 // 2, SPACE, SPACE * 3 // 2, SPACE)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addWidget(view)


class Cards(Column):
    """The curves and the open panels: as wide as the curves would like, and the switches below, if that is not much."""

    def __init__(self, look: Look, curves: QWidget) -> None:
        super().__init__()
        self._look = look
        self._curves = curves
        self.cards.addWidget(curves, 1)
        self.switches = 0
        self.opened = False

    def narrowest(self) -> int:
        larger = max(1.0, self._look.scale / LARGE) if self.opened else 1.0
        curves = self._curves.sizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return max(round(NARROWEST * larger), curves, self.switches if self.switches <= WIDE else 0)


class Panels(QWidget):
    """The curves above, the open panels below them, and a row of switches that open and close the panels.

    It is a view itself: what it is shown goes to the open panels, so a closed one costs nothing.
    """

    picked = Signal(int)
    """Somebody chose the racer to look at closely."""
    asked = Signal()
    """Somebody opened or closed a panel."""

    def __init__(self, look: Look, curves: QWidget) -> None:
        super().__init__()
        self._look = look
        self._simulation: Simulation | None = None
        self._step = 0
        self._racer = -1
        self._panels: dict[str, Panel] = {}
        self.switches: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._column = Cards(look, curves)
        self._brought: tuple[Panel, int] | None = None
        """The panel that was brought into view last, and how far down that is."""
        self._column.verticalScrollBar().rangeChanged.connect(self._bring_again)
        self._row = QGridLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE // 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addWidget(self._column, 1)
        column.addLayout(self._row)

    def add(self, name: str, title: str, key: str, view: QWidget, about: str) -> None:
        """Offer ``view``, a RacerView or a View, as the panel ``name``; ``key`` opens and closes it."""
        panel = Panel(title, view, self._look)
        panel.hide()
        panel.closed.connect(lambda: self.open(name, False))
        if panel.choice is not None:
            panel.choice.picked.connect(self.picked)
        self._panels[name] = panel
        self._column.cards.addWidget(panel)
        switch = QToolButton()
        switch.setObjectName("chip")
        action = QAction(title, switch)
        action.setCheckable(True)
        action.setShortcut(QKeySequence(key))
        action.setToolTip(f"{about} ({key})")
        action.toggled.connect(lambda wanted: self.open(name, wanted))
        action.triggered.connect(self.asked)
        switch.setDefaultAction(action)
        switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        switch.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # it is arranged by what it needs
        switch.setAccessibleDescription(about)
        self.switches[name] = switch
        self._arrange()

    def give_way(self, most: int) -> None:
        """Take no more than ``most`` pixels of the window's width for granted."""
        self._column.give_way(most)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def _arrange(self) -> None:
        """The switches in as few rows as show their names, each row as wide as the panels."""
        switches = list(self.switches.values())
        widths = [switch.sizeHint().width() for switch in switches]
        rows = 1 if len(switches) <= ONE_ROW else 2
        wanted = sum(self._needed(widths, rows))
        if wanted != self._column.switches:
            self._column.switches = wanted
            self._column.fit()
        while rows < len(switches) and sum(self._needed(widths, rows)) > self.width():
            rows += 1
        needed = self._needed(widths, rows)
        for place in range(len(switches)):
            self._row.setColumnStretch(place, needed[place] if place < len(needed) else 0)
        for place, switch in enumerate(switches):
            self._row.addWidget(switch, place // len(needed), place % len(needed))

    def _needed(self, widths: list[int], rows: int) -> list[int]:
        """What each column of switches of these ``widths`` needs in so many ``rows``, with the gap after it."""
        columns = -(-len(widths) // rows)
        return [max(widths[column::columns]) + self._row.spacing() for column in range(columns)]

    def view(self, name: str) -> QObject:
        """The view in the panel ``name``."""
        return self._panels[name].view

    @property
    def opened(self) -> list[str]:
        """The names of the open panels."""
        return [name for name, panel in self._panels.items() if not panel.isHidden()]

    def open(self, name: str, wanted: bool = True) -> None:
        """Open the panel ``name``, or close it; a name of another version is none."""
        panel = self._panels.get(name)
        if panel is None or panel.isHidden() != wanted:
            return
        self.switches[name].defaultAction().setChecked(wanted)
        panel.setVisible(wanted)
        self._column.opened = bool(self.opened)
        self._column.free_bar()
        self._column.fit()
        if wanted:
            self._show(panel)
            self._column.make_room()
            self._bring(panel)
            # And again for a window that is only being laid out.
            QTimer.singleShot(0, panel, lambda: self._bring(panel))

    def _bring(self, panel: Panel) -> None:
        """Scroll until all of ``panel`` is seen, or as much of it from its top on as there is room for."""
        bar, room = self._column.verticalScrollBar(), self._column.viewport().height()
        top, bottom = panel.y(), panel.y() + panel.height()
        if top < bar.value() or panel.height() > room:
            bar.setValue(top)
        elif bottom > bar.value() + room:
            bar.setValue(bottom - room)
        self._column.horizontalScrollBar().setValue(0)
        self._brought = panel, bar.value()

    @Slot()
    def _bring_again(self) -> None:
        """What was brought into view has grown: results are seen when they come, unless somebody scrolls."""
        if self._brought is not None:
            panel, value = self._brought
            if not panel.isHidden() and self._column.verticalScrollBar().value() == value:
                QTimer.singleShot(0, panel, lambda: self._bring(panel))

    def show_simulation(self, simulation: Simulation) -> None:
        self._simulation = simulation
        for name in self.opened:
            self._show(self._panels[name])

    def show_step(self, step: int) -> None:
        self._step = step
        for name in self.opened:
            cast(View, self._panels[name].view).show_step(step)

    @Slot(int)
    def show_racer(self, racer: int) -> None:
        self._racer = racer
        for name in self.opened:
            self._show_racer(self._panels[name])

    def _show(self, panel: Panel) -> None:
        """Bring a panel that was closed, or knows another simulation, up to date."""
        if self._simulation is None:
            return
        if panel.choice is not None:
            panel.choice.show_simulation(self._simulation)
        view = cast(View, panel.view)
        view.show_simulation(self._simulation)
        self._show_racer(panel)
        view.show_step(self._step)

    def _show_racer(self, panel: Panel) -> None:
        if panel.choice is not None:
            panel.choice.show_racer(self._racer)
            cast(RacerView, panel.view).show_racer(self._racer)
