"""Declared fields -> a form: one row a field, its label, editor and slider made from its declaration."""

from typing import Any, get_type_hints

import msgspec
from msgspec.inspect import BoolType, FloatType, IntType, LiteralType, Metadata, TupleType, VarTupleType
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from momentum_gui.core.params import Declared, allowed
from momentum_gui.gui.editors import Choice, LineEdit, ListEdit, NumberEdit, RangeEdit, Switch, ValueSlider
from momentum_gui.gui.formula_edit import FormulaEdit
from momentum_gui.gui.style import SPACE
from momentum_gui.i18n import _, say

Editor = LineEdit | Choice | Switch | RangeEdit | FormulaEdit


class Form(QWidget):
    """The titled fields of a class of declared values, or some of them; the advanced ones are folded away at first.

    A field that is shown with another value than its default unfolds them. ``edited`` brings the name of a field and
    its new value, while a slider moves, too.
    """

    edited = Signal(str, object)

    def __init__(self, kind: type[Declared], fields: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.editors: dict[str, Editor] = {}
        self.sliders: dict[str, ValueSlider] = {}
        self._labels: list[QLabel] = []
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(SPACE)
        self._layout.setVerticalSpacing(SPACE // 2)
        self._layout.setColumnStretch(1, 1)
        info = msgspec.inspect.type_info(kind)
        assert isinstance(info, msgspec.inspect.StructType)
        self.fold = QPushButton()
        self.fold.setObjectName("fold")
        self.fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.unfolded = False
        self.fold.clicked.connect(self._toggle_fold)
        self._advanced: list[QWidget] = []
        self._defaults: dict[str, Any] = {}
        self._differing: set[str] = set()
        later = []
        for field in info.fields:
            if isinstance(field.type, Metadata) and (not fields or field.name in fields):
                title = (field.type.extra_json_schema or {}).get("title")
                if title and (field.type.extra or {}).get("advanced"):
                    later.append((field, field.type, title))
                elif title:
                    self._add_row(kind, field, field.type, title)
        self._layout.addWidget(self.fold, self._layout.rowCount(), 0)
        for field, meta, title in later:
            self._defaults[field.name] = field.default
            self._advanced += self._add_row(kind, field, meta, title)
        self._fault = QLabel()
        self._fault.setObjectName("error")
        self._fault.setWordWrap(True)
        self._fault.hide()
        self._layout.addWidget(self._fault, self._layout.rowCount(), 0, 1, 3)
        self._align()
        self.unfold(False)

    def add_advanced(self, widget: QWidget) -> None:
        """Put ``widget`` below the advanced fields."""
        self._layout.addWidget(widget, self._layout.rowCount(), 0, 1, 3)
        self._advanced.append(widget)
        self.unfold(self.unfolded)

    @Slot()
    def _toggle_fold(self) -> None:
        self.unfold(not self.unfolded)

    def unfold(self, wanted: bool = True) -> None:
        """Show what is advanced, or fold it away."""
        self.unfolded = wanted
        self.fold.setVisible(bool(self._advanced))
        self.fold.setText(_("Less") + " ▴" if wanted else _("More") + " ▾")
        for widget in self._advanced:
            widget.setVisible(wanted)

    def show_value(self, value: Declared) -> None:
        """Show the fields of ``value``; nobody is told."""
        self.show_fault("")
        for name, editor in self.editors.items():
            editor.show_value(getattr(value, name))
        for name, slider in self.sliders.items():
            slider.show_value(getattr(value, name))
        differing = {name for name, default in self._defaults.items() if getattr(value, name) != default}
        if differing - self._differing:
            self.unfold()
        self._differing = differing

    def show_limit(self, name: str, limit: float | None, text: str, color: QColor) -> None:
        """Mark on the slider of field ``name`` that values beyond ``limit`` are not good, and say why in ``text``."""
        slider = self.sliders[name]
        slider.show_limit(limit, color)
        hint = self.editors[name].accessibleDescription()
        slider.setToolTip(f"{hint}\n{text}" if text else hint)

    def show_fault(self, sentence: str, name: str = "") -> None:
        """Say why an edit, of the field ``name``, was not taken, until the next one. A formula says it itself."""
        editor = self.editors.get(name)
        if isinstance(editor, FormulaEdit):
            editor.show_fault(sentence)
            sentence = ""
        self._fault.setText(sentence[:1].upper() + sentence[1:])
        self._fault.setVisible(bool(sentence))

    def _add_row(self, kind: type[Declared], field: msgspec.inspect.Field, meta: Metadata, title: str) -> list[QWidget]:
        """A row for ``field``; its widgets."""
        extra = meta.extra or {}
        title = _(title)
        hint = _((meta.extra_json_schema or {}).get("description", ""))
        row = self._layout.rowCount()
        label = QLabel(f"{title} <i>{extra['symbol']}</i>" if "symbol" in extra else title)
        label.setToolTip(f"{hint}\n({say(allowed(field.type))})")
        self._labels.append(label)
        editor = _editor(kind, field, meta)
        editor.setAccessibleName(title)
        editor.setAccessibleDescription(hint)
        editor.setObjectName(field.name)
        editor.changed.connect(lambda value, name=field.name: self.edited.emit(name, value))
        label.setBuddy(editor)
        self.editors[field.name] = editor
        self._layout.addWidget(label, row, 0)
        if isinstance(editor, NumberEdit) and "slider" in extra:
            low, high = extra["slider"]
            slider = ValueSlider(low, high, extra.get("scale") == "log", isinstance(meta.type, IntType))
            slider.setAccessibleName(title)
            slider.setToolTip(hint)
            slider.setMinimumWidth(6 * SPACE)
            slider.changed.connect(lambda value, name=field.name: self._slid(name, value))
            self.sliders[field.name] = slider
            self._layout.addWidget(slider, row, 1)
            self._layout.addWidget(editor, row, 2)
        elif isinstance(editor, NumberEdit):
            self._layout.addWidget(editor, row, 2)
        elif isinstance(editor, FormulaEdit):  # it wants the whole width
            self._layout.addWidget(editor, row + 1, 0, 1, 3)
        else:
            self._layout.addWidget(editor, row, 1, 1, 2)
        return [label, editor, *([self.sliders[field.name]] if field.name in self.sliders else [])]

    def _slid(self, name: str, value: Any) -> None:
        self.editors[name].show_value(value)
        self.edited.emit(name, value)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._align()

    def _align(self) -> None:
        """Give labels and numbers the widths of the panel's grid, so that the sliders of all forms line up."""
        metrics = self.fontMetrics()
        for label in self._labels:
            label.setMinimumWidth(label_width(metrics))
        for editor in self.editors.values():
            if isinstance(editor, NumberEdit):
                editor.setFixedWidth(metrics.horizontalAdvance("0000000") + 2 * SPACE)


def label_width(metrics: QFontMetrics) -> int:
    """How wide the labels of all forms are."""
    return metrics.horizontalAdvance(_("Condition number") + " κ ")


def _editor(kind: type[Declared], field: msgspec.inspect.Field, meta: Metadata) -> Editor:
    """The widget for a field's type."""

    declared = get_type_hints(kind, include_extras=True)[field.name]

    def accepts(value: Any) -> bool:
        try:
            msgspec.convert(value, declared)
        except msgspec.ValidationError:
            return False
        return True

    match meta.type:
        case BoolType():
            return Switch()
        case LiteralType(values=values):
            names = (meta.extra or {}).get("names") or {value: str(value) for value in values}
            return Choice({value: _(name) for value, name in names.items()})
        case IntType() | FloatType():
            return NumberEdit(isinstance(meta.type, IntType), accepts, say(allowed(field.type)))
        case VarTupleType():
            return ListEdit(accepts, _((meta.extra_json_schema or {}).get("description", "")))
        case TupleType():
            return RangeEdit(accepts, _((meta.extra or {}).get("allowed", "")))
        case _ if (meta.extra or {}).get("editor") == "formula":
            return FormulaEdit()
        case _:
            return LineEdit()
