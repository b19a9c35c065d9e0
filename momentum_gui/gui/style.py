"""How the window looks: themes, the type scale, the racers' colours and markers.

Text has a contrast of at least 4.5 : 1 on its ground and lines 3 : 1, in every theme.
"""

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from momentum_gui.assets import resources

SPACE = 8
"""The spacing grid in pixels; every distance is a multiple of it or half of it."""


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, ``#rrggbb``."""

    name: str
    dark: bool
    ground: str  # behind everything
    panel: str  # cards, plots, fields
    line: str  # hairlines and borders
    text: str
    muted: str  # secondary text
    accent: str  # what is chosen, what to press
    on_accent: str
    error: str
    downhill: str  # what the gradient adds to a step
    kept: str  # what a step keeps of the last ones
    ramp: tuple[str, ...]  # the surface from its lowest to its highest band
    level_line: str


LIGHT = Theme(
    name="light",
    dark=False,
    ground="#eef1f5",
    panel="#ffffff",
    line="#d3dae3",
    text="#17202b",
    muted="#566373",
    accent="#0b63a5",
    on_accent="#ffffff",
    error="#b3261e",
    downhill="#a3157f",
    kept="#3d6b00",
    ramp=("#ffffff", "#f3f6fa", "#e4ebf2", "#d2dde9", "#bccbdc", "#a5b9cf"),
    level_line="#8096ae",
)
DARK = Theme(
    name="dark",
    dark=True,
    ground="#0f1319",
    panel="#181e27",
    line="#2e3947",
    text="#e9eef5",
    muted="#a1aebd",
    accent="#5ab4f0",
    on_accent="#08131d",
    error="#ff8f85",
    downhill="#ff86d9",
    kept="#b5dd5f",
    ramp=("#0d1117", "#141b24", "#1a2430", "#212e3c", "#283848", "#2f4255"),
    level_line="#4c647a",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}

# Okabe & Ito 2008, safe for colour-blind eyes; the order keeps neighbours far apart.
PALETTE = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195", "#8C8C8C")
MARKERS = ("o", "s", "t1", "d", "star", "h", "t", "p")
"""pyqtgraph's names of the racers' markers, by their place in the list."""


def racer_color(index: int, chosen: str, theme: Theme) -> QColor:
    """The colour of racer ``index``: the ``chosen`` one or the palette's, made to stand out in ``theme``.

    In the dark that is on the brightest band of a surface; in the light a path has a white casing there.
    """
    return QColor(_outstanding(chosen or PALETTE[index % len(PALETTE)], theme))


@lru_cache(maxsize=64)
def _outstanding(color: str, theme: Theme) -> QColor:
    """The one and only; whoever gets it takes a copy."""
    return visible(QColor(color), QColor(theme.ramp[-1] if theme.dark else theme.panel), 3.0)


def racer_marker(index: int) -> str:
    """pyqtgraph's name of the marker of racer ``index``."""
    return MARKERS[index % len(MARKERS)]


def luminance(color: QColor) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    channels = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def visible(color: QColor, ground: QColor, ratio: float) -> QColor:
    """``color`` made lighter or darker, its hue kept, until it has the contrast ``ratio`` on ``ground``."""
    hue, light, saturation = colorsys.rgb_to_hls(color.redF(), color.greenF(), color.blueF())
    step = 0.02 if luminance(ground) < 0.18 else -0.02
    while contrast(color, ground) < ratio and 0 < light < 1:
        light = min(1.0, max(0.0, light + step))
        color = QColor.fromRgbF(*colorsys.hls_to_rgb(hue, light, saturation))
    return color


def blend(colors: Sequence[str], count: int) -> list[QColor]:
    """``count`` colours evenly along the ramp ``colors``."""
    result = []
    for i in range(count):
        place = i / max(1, count - 1) * (len(colors) - 1)
        low = min(int(place), len(colors) - 2)
        a, b, share = QColor(colors[low]), QColor(colors[low + 1]), place - low
        pairs = ((a.redF(), b.redF()), (a.greenF(), b.greenF()), (a.blueF(), b.blueF()))
        result.append(QColor.fromRgbF(*(x + (y - x) * share for x, y in pairs)))
    return result


class Look(QObject):
    """The theme and text size in use. Views repaint on ``changed``."""

    changed = Signal()

    def __init__(self, theme: str = "system", scale: float = 1.0) -> None:
        super().__init__()
        self.choice = theme
        self.scale = scale
        self._base = QApplication.font().pointSizeF()
        QApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def theme(self) -> Theme:
        if self.choice in THEMES:
            return THEMES[self.choice]
        dark = QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if dark else LIGHT

    def choose(self, theme: str | None = None, scale: float | None = None) -> None:
        """Take another theme (``light``, ``dark``, ``system``) or text size (1 is normal)."""
        self.choice = theme if theme is not None else self.choice
        self.scale = min(2.0, max(0.8, scale)) if scale is not None else self.scale
        self.apply()
        self.changed.emit()

    def points(self, relative: float = 1.0) -> float:
        """A font size of the type scale: 1 is body text."""
        return max(9.0, self._base) * 1.06 * relative * self.scale

    def font(self, relative: float = 1.0, bold: bool = False) -> QFont:
        font = QFont(QApplication.font())
        font.setPointSizeF(self.points(relative))
        font.setBold(bold)
        return font

    def apply(self) -> None:
        """Give the application its palette, font and style sheet."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        # Under an old sheet every change below restyles every widget, several times: it takes five times as long.
        app.setStyleSheet("")
        app.setStyle("Fusion")
        app.setPalette(_palette(self.theme))
        app.setFont(self.font())
        app.setStyleSheet(_sheet(self.theme, self.points()))

    def _system_changed(self) -> None:
        if self.choice not in THEMES:
            self.choose()


def icon(name: str, color: str) -> QIcon:
    """The icon ``resources/icons/name.svg`` in ``color``, sharp at every size."""
    from PySide6.QtSvg import QSvgRenderer

    source = (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    result = QIcon()
    for ground, mode in ((color, QIcon.Mode.Normal), (_faded(color), QIcon.Mode.Disabled)):
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", ground).encode()))
        for size in (16, 20, 24, 32, 48, 64):
            pixmap = QPixmap(QSize(size, size))
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter)
            painter.end()
            result.addPixmap(pixmap, mode)
    return result


def _faded(color: str) -> str:
    return blend((color, "#888888"), 3)[1].name()


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for roles, color in (
        ((role.Window, role.AlternateBase), theme.ground),
        ((role.Base, role.Button, role.ToolTipBase), theme.panel),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText, role.BrightText), theme.text),
        ((role.PlaceholderText,), theme.muted),
        ((role.Highlight, role.Link, role.Accent), theme.accent),
        ((role.HighlightedText,), theme.on_accent),
        ((role.Mid, role.Midlight, role.Light, role.Dark), theme.line),
    ):
        for each in roles:
            palette.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(_faded(theme.muted)))
    return palette


def _sheet(theme: Theme, points: float) -> str:
    """The few rules that a palette can't say."""
    pixel = points * 4 / 3
    handle = round(pixel * 1.1)
    arrow, check = ((resources() / "icons" / f"{name}_{theme.name}.svg").as_posix() for name in ("arrow", "check"))
    return f"""
    QToolTip {{ color: {theme.text}; background: {theme.panel}; border: 1px solid {theme.line}; padding: 4px; }}
    QFrame#card {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}
    QLabel#muted {{ color: {theme.muted}; }}
    QLabel#error {{ color: {theme.error}; }}
    QLabel#heading {{ font-weight: 600; font-size: {points * 1.12:.1f}pt; }}
    QLineEdit, QComboBox {{
        background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 4px; padding: 2px 6px;
        min-height: {round(pixel * 1.25)}px; selection-background-color: {theme.accent};
    }}
    QLineEdit:focus, QComboBox:focus {{ border: 1px solid {theme.accent}; }}
    QLineEdit[invalid="true"] {{ border: 1px solid {theme.error}; color: {theme.error}; }}
    QComboBox::drop-down {{ border: 0; width: {round(pixel * 1.4)}px; }}
    QComboBox::down-arrow {{ image: url("{arrow}"); width: {round(pixel * 0.9)}px; height: {round(pixel * 0.9)}px; }}
    QCheckBox::indicator, QTableWidget::indicator {{
        width: {round(pixel)}px; height: {round(pixel)}px; border: 1px solid {theme.muted}; border-radius: 4px;
        background: {theme.panel};
    }}
    QCheckBox::indicator:checked, QTableWidget::indicator:checked {{
        background: {theme.accent}; border-color: {theme.accent}; image: url("{check}");
    }}
    QCheckBox::indicator:focus {{ border: 2px solid {theme.text}; }}
    QCheckBox::indicator:disabled, QTableWidget::indicator:disabled {{
        border-color: {theme.line}; background: {theme.line};
    }}
    QTableWidget {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 4px; }}
    QTableWidget::item {{ padding: 0 {SPACE // 2}px; }}
    QTableWidget QHeaderView, QTableWidget QHeaderView::section {{ background: {theme.panel}; color: {theme.muted}; }}
    QTableWidget QHeaderView::section {{
        border: 0; border-bottom: 1px solid {theme.line}; padding: 3px {SPACE // 2}px;
    }}
    QComboBox QAbstractItemView {{
        background: {theme.panel}; border: 1px solid {theme.line};
        selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
    }}
    QPushButton, QToolButton {{
        background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px 8px;
    }}
    QToolButton#flat {{ padding: 2px; border: 0; }}
    QToolButton#since {{
        border: 1px solid {theme.line}; border-radius: 6px; padding: 2px 4px; color: {theme.muted};
    }}
    QToolButton#since:checked {{ color: {theme.accent}; border-color: {theme.accent}; background: {theme.ground}; }}
    QPushButton {{ border-color: {theme.line}; background: {theme.panel}; }}
    QPushButton:hover, QToolButton:hover {{ background: {theme.ground}; border-color: {theme.line}; }}
    QPushButton:focus, QToolButton:focus {{ border-color: {theme.accent}; }}
    QToolButton:checked {{ color: {theme.accent}; border-color: {theme.accent}; }}
    QToolButton::menu-indicator {{ image: none; width: 0; }}
    QPushButton#primary, QToolButton#primary {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QPushButton#fold {{ padding: 0; border: 0; background: transparent; color: {theme.muted}; text-align: left; }}
    QPushButton#fold:hover {{ color: {theme.text}; }}
    QPushButton#fold:focus {{ color: {theme.accent}; }}
    QFrame#strip {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 8px; }}
    QFrame#strip_error {{ background: {theme.panel}; border: 1px solid {theme.error}; border-radius: 8px; }}
    QToolButton#step {{ border: 1px solid {theme.line}; border-radius: 4px; padding: 0; }}
    QToolButton#step:focus {{ border-color: {theme.accent}; }}
    QToolButton#chip {{
        border: 1px solid {theme.line}; border-radius: 6px; padding: 3px 2px; background: {theme.panel};
        color: {theme.muted};
    }}
    QToolButton#chip:hover {{ color: {theme.text}; }}
    QToolButton#chip:checked {{ color: {theme.on_accent}; background: {theme.accent}; border-color: {theme.accent}; }}
    QToolButton#tab {{
        border: 0; border-bottom: 3px solid transparent; border-radius: 0; padding: 6px 12px; font-weight: 600;
        color: {theme.muted};
    }}
    QToolButton#tab:checked {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
    QToolButton#tab:focus {{ color: {theme.accent}; }}
    QSlider:horizontal {{ min-height: {handle + 2}px; }}
    QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {theme.line}; }}
    QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {theme.accent}; }}
    QSlider::sub-page:horizontal:disabled {{ background: {theme.line}; }}
    QSlider::handle:horizontal {{
        width: {handle}px; height: {handle}px; margin: -{(handle - 4) // 2}px 0; border-radius: {handle // 2}px;
        background: {theme.panel}; border: 2px solid {theme.accent};
    }}
    QSlider::handle:horizontal:focus {{ background: {theme.accent}; }}
    QSlider::handle:horizontal:disabled {{ border-color: {theme.line}; }}
    QScrollArea, QScrollArea > QWidget > QWidget#body {{ background: transparent; border: 0; }}
    QScrollArea#words {{ border: 1px solid transparent; border-radius: 4px; }}
    QScrollArea#words:focus {{ border-color: {theme.accent}; }}
    QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
    QScrollBar:vertical {{ width: 10px; background: transparent; }}
    QScrollBar::handle:vertical {{ background: {theme.line}; border-radius: 5px; min-height: 24px; }}
    QScrollBar:horizontal {{ height: 10px; background: transparent; }}
    QScrollBar::handle:horizontal {{ background: {theme.line}; border-radius: 5px; min-width: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QSplitter::handle {{ background: transparent; }}
    QMenu {{ background: {theme.panel}; border: 1px solid {theme.line}; padding: 4px; }}
    QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QMenu::item:disabled {{ color: {theme.muted}; }}
    QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px; }}
    """
