"""A formula typeset as mathematics: a widget that any view can hold."""

import re
import threading
from functools import lru_cache
from itertools import accumulate
from threading import Lock, Thread

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from momentum_gui.gui.style import Look

SIZE = 20
"""The type size in which formulas are set, in units of their drawings."""

DEEPEST = 6
"""How deep the parts of a formula that is set may be nested: every level doubles the time, which is 0.4 s here."""
NESTING = re.compile(r"\\left(?![a-z])|\\right(?![a-z])|[{}]")

DELAY = 120
"""Milliseconds before setting begins: long enough for the window to paint first, and for a typist to go on."""

POLL = 15
"""Milliseconds between two looks whether a formula is set."""

SMALLER = (1.0, 0.85, 0.7, 0.6, 0.5)
"""The sizes that plain text may take to fit."""
NUMBERS = SMALLER[1:]
"""Those of plain text that is numbers for the most part: one size for most of them, so that nothing flickers."""
WRAPPED = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap

INK = 'fill="black"', 'stroke="black"'
_one_at_a_time = Lock()


def depth(latex: str) -> int:
    """How deep the parts of ``latex`` are nested."""
    return max(accumulate((1 if each in (r"\left", "{") else -1 for each in NESTING.findall(latex)), initial=0))


@lru_cache(maxsize=256)
def typeset(latex: str) -> str:
    """``latex`` as SVG, in black; empty if it can't be set. Takes 50 to 300 ms, and as long again the first time.

    WORKAROUND: ziamath lays out every part twice at every level around it. What is nested deeper than ``DEEPEST`` is
    not set, or it would be for minutes, or for ever, and the window could not close.
    """
    if depth(latex) > DEEPEST:
        return ""
    with _one_at_a_time:
        try:
            import ziamath

            ziamath.config.svg2 = False  # QtSvg draws SVG 1.2 Tiny
            return str(ziamath.Latex(latex, size=SIZE).svg())
        except Exception:  # whatever a formula does to it: the plain text is shown instead
            return ""


class Formula(QWidget):
    """Shows a formula given in LaTeX in the text's colour and size; until it is set, and if it can't be, in plain text.

    It is set in the background. ``relative`` is its size on the type scale, where 1 is body text. If it is wider
    than the widget may be, it is drawn smaller; plain text goes on in a second line first, where there is room.
    Plain text is in italics, like the letters of mathematics, if it is not mostly ``numbers``.
    """

    shown = Signal()
    """Another formula is shown, perhaps of another size."""

    def __init__(self, look: Look, relative: float = 1.0, parent: QWidget | None = None, numbers: bool = False) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._look = look
        self._relative = relative
        self._latex = self._plain = ""
        self._svg = ""
        self._job: _Typesetting | None = None
        self._renderer = QSvgRenderer(self)
        self._picture = QPixmap()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.changed.connect(self._restyle)

    def show_latex(self, latex: str, plain: str = "") -> None:
        """Show the formula ``latex``; ``plain`` is its plain text, also for those who can't see it."""
        if (latex, plain) == (self._latex, self._plain):
            return
        self._latex, self._plain = latex, plain
        self.setAccessibleName(plain or latex)
        if not self._svg or not latex:
            self._take("")
        self._timer.start(POLL if self._job is not None else DELAY)

    @property
    def settled(self) -> bool:
        """Whether the formula asked for is the one shown."""
        return self._job is None and not self._timer.isActive()

    def sizeHint(self) -> QSize:
        width, height = self._natural()
        scale = min(1.0, self.maximumWidth() / width) if width else 1.0
        return QSize(round(width * scale + 0.5), round(height * scale + 0.5))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._svg:
            painter.setPen(self._look.theme.text)
            font, text = self.plain_that_fits()
            painter.setFont(font)
            painter.drawText(self.rect(), WRAPPED, text)
            return
        ratio = painter.deviceTransform().m11()  # a picture to take home has other pixels than the screen
        if self._picture.size() != self.size() * ratio:
            self._picture = self._drawn(ratio)
        painter.drawPixmap(0, 0, self._picture)

    def plain_that_fits(self) -> tuple[QFont, str]:
        """The plain text as it is drawn, and the font: as large as there is room for on all lines."""
        # a pair of numbers, and a sign and what it stands for, stay on one line
        text = self._plain.replace(", ", ",\xa0").replace("= ", "=\xa0").replace("− ", "−\xa0").replace("+ ", "+\xa0")
        for smaller in NUMBERS if self._numbers else SMALLER:
            font = self._look.font(smaller * self._relative)
            font.setItalic(not self._numbers)
            if self.rect().contains(QFontMetrics(font).boundingRect(self.rect(), WRAPPED.value, text)):
                return font, text
        return font, QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, self.width())

    def _drawn(self, ratio: float) -> QPixmap:
        """The formula as a picture of the widget's size: rendering it takes longer than most of what changes below."""
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        width, height = self._natural()
        scale = min(1.0, self.width() / width, self.height() / height)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._renderer.render(painter, QRectF(0, (self.height() - scale * height) / 2, scale * width, scale * height))
        painter.end()
        return picture

    def _natural(self) -> tuple[float, float]:
        """Width and height in pixels, wherever there is room."""
        if not self._svg:
            font = self._look.font(self._relative)
            font.setItalic(not self._numbers)
            metrics = QFontMetricsF(font)
            return metrics.horizontalAdvance(self._plain) + 1, metrics.height()
        scale = QFontMetricsF(self._look.font(self._relative)).ascent() / ASCENT
        size = self._renderer.viewBoxF().size()
        return scale * size.width(), scale * size.height()

    @Slot()
    def _go_on(self) -> None:
        """Begin to set the formula, or look whether it is set: the thread that does it knows nothing of the window."""
        if self._job is not None and not self._job.is_alive():
            job, self._job = self._job, None
            if job.latex == self._latex:
                self._take(job.svg)
                return
        if self._job is None and self._latex:
            self._job = _Typesetting(self._latex)
            self._job.start()
        if self._job is not None:
            self._timer.start(POLL)

    def _take(self, svg: str) -> None:
        self._svg = svg
        self._restyle()
        self.shown.emit()

    @Slot()
    def _restyle(self) -> None:
        if self._svg:
            drawing = self._svg
            for ink in INK:
                drawing = drawing.replace(ink, ink.replace("black", self._look.theme.text))
            self._renderer.load(QByteArray(drawing.encode()))
        self._picture = QPixmap()
        self.updateGeometry()
        self.update()


ASCENT = 0.93 * SIZE
"""The ascent of a text font whose letters are as large as those of a formula."""


class _Typesetting(Thread):
    """Sets one formula, and ends."""

    def __init__(self, latex: str) -> None:
        super().__init__(name="typesetting")
        self.latex = latex
        self.svg = ""

    def run(self) -> None:
        self.svg = typeset(self.latex)


def wait() -> None:
    """Wait until no formula is being set any more, at most the fraction of a second that one takes."""
    for thread in threading.enumerate():
        if isinstance(thread, _Typesetting):
            thread.join()
