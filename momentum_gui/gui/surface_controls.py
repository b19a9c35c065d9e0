"""The ravine lab's part of the panel: the surface, its parameters and the start."""

from msgspec import structs
from PySide6.QtCore import QEvent, QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import InputError
from momentum_gui.core.surfaces import SURFACES, Surface
from momentum_gui.gui.controls import Section, adopt
from momentum_gui.gui.editors import Choice, NumberEdit
from momentum_gui.gui.forms import Form
from momentum_gui.gui.style import SPACE, Look, icon
from momentum_gui.i18n import _, say


class SurfaceSection(Section):
    """Which surface, its parameters, and where the racers start."""

    proposed = Signal(object, str)
    """The edited experiment and what was edited (for undo)."""

    def __init__(self, look: Look) -> None:
        super().__init__(_("Surface"))
        self._look = look
        self._experiment: Experiment | None = None
        self._form: Form | None = None
        self.kind = Choice({kind: _(kind.title) for kind in SURFACES})
        self.kind.setAccessibleName(_("Surface"))
        self.kind.changed.connect(self._change_kind)
        self.body.addWidget(self.kind)
        row = QHBoxLayout()
        label = QLabel(_("Start at"))
        label.setToolTip(_("Click the picture or drag the ring to move the start."))
        row.addWidget(label, 1)
        self.start_edits: list[NumberEdit] = []
        for axis, name in enumerate("xy"):
            edit = NumberEdit(False, lambda value: abs(value) <= 1e6, _("a number, at most a million from 0"))
            edit.setAccessibleName(_("Start, {axis}").format(axis=name))
            edit.changed.connect(lambda value, axis=axis: self._change_start(axis, value))
            row.addWidget(QLabel(f"<i>{name}</i>"))
            row.addWidget(edit)
            self.start_edits.append(edit)
        self.reset = QToolButton()
        self.reset.setObjectName("flat")
        self.reset.setToolTip(_("Back to the surface's own start"))
        self.reset.setAccessibleName(_("Back to the surface's own start"))
        self.reset.clicked.connect(self._reset_start)
        row.addWidget(self.reset)
        self.body.addLayout(row)
        look.changed.connect(self.restyle)
        self.restyle()
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        """Give the start's numbers room for four digits, however large the text."""
        for edit in self.start_edits:
            edit.setFixedWidth(edit.fontMetrics().horizontalAdvance("−0.000") + 5 * SPACE // 2)

    def show_experiment(self, experiment: Experiment) -> None:
        before = self._experiment.objective if self._experiment else None
        self._experiment = experiment
        surface = experiment.objective
        assert isinstance(surface, Surface)
        if self._form is None or type(surface) is not type(before):
            if self._form is not None:
                self._form.hide()
                self._form.deleteLater()
            self._form = Form(type(surface))
            self._form.edited.connect(self._change_field)
            self.body.insertWidget(self.body.indexOf(self.kind) + 1, self._form)
            self._form.setVisible(bool(self._form.editors))  # in its place: else it would be a window of its own
            self.kind.show_value(type(surface))
        self._form.show_value(surface)
        for edit, value in zip(self.start_edits, experiment.start_point, strict=True):
            edit.show_value(value)
        self.reset.setEnabled(experiment.start is not None)

    @Slot()
    def restyle(self) -> None:
        size = round(self._look.points() * 1.8)
        self.reset.setIcon(icon("reset", self._look.theme.text))
        self.reset.setIconSize(QSize(size, size))

    def _propose(self, key: str, **fields: object) -> None:
        assert self._experiment is not None
        self.proposed.emit(structs.replace(self._experiment, **fields), key)

    @Slot(object)
    def _change_kind(self, kind: type[Surface]) -> None:
        """Another surface: its own start, and learning rates that are to it what they were to the old one."""
        assert self._experiment is not None
        old = self._experiment.objective
        assert isinstance(old, Surface)
        if kind is type(old):
            return
        ratio = kind.learning_rate / old.learning_rate
        racers = tuple(
            structs.replace(racer, lr=float(f"{min(1000.0, racer.lr * ratio):.3g}"))
            for racer in self._experiment.optimizers
        )
        self._propose("objective", objective=adopt(kind, old), start=None, steps=kind.steps, optimizers=racers)

    def _change_field(self, name: str, value: object) -> None:
        assert self._experiment is not None
        assert self._form is not None
        try:
            surface = structs.replace(self._experiment.objective, **{name: value})
        except InputError as error:
            self._form.show_fault(say(error), name)
            return
        self._form.show_fault("")
        self._propose(f"objective.{name}", objective=surface)

    def _change_start(self, axis: int, value: float) -> None:
        assert self._experiment is not None
        start = list(self._experiment.start_point)
        start[axis] = value
        self._propose("start", start=tuple(start))

    @Slot()
    def _reset_start(self) -> None:
        self._propose("start", start=None)
