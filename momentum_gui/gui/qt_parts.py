"""Whether the parts that Qt loads by itself, when it needs them, are there: its plugins.

An import finds a missing library at once. A missing plugin shows only where it is used: no icons, no Chinese input,
no window at all. Packagers leave plugins out, and Qt renames them; the self-test therefore tries each that is needed.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QCollator, QIODevice, QLibraryInfo, QLocale, QPluginLoader
from PySide6.QtGui import QIcon, QImageReader, QImageWriter
from PySide6.QtWidgets import QStyleFactory

from momentum_gui.assets import resources
from momentum_gui.core.messages import N_, InputError
from momentum_gui.i18n import _

EVERYWHERE = {"platforms": {"offscreen"}, "iconengines": {"svg"}, "imageformats": {"svg"}}
OF_SYSTEM = {
    "linux": {
        "platforms": {"xcb", "wayland"},
        "platforminputcontexts": {"ibus", "compose"},  # Chinese input; accents
        "platformthemes": {"xdgdesktopportal"},  # the desktop's own file dialogs
        "wayland-shell-integration": {"xdg-shell"},
        "wayland-decoration-client": {"bradient"},  # a title bar where the desktop draws none
    },
    "win32": {"platforms": {"windows"}, "styles": {"modernwindows"}},
    "darwin": {"platforms": {"cocoa"}, "styles": {"macos"}},
}
"""The keys of the plugins that this program needs, by their folder."""


def check_parts() -> Iterator[str]:
    """Try what this program needs of Qt; what was found, a line each. Needs a QApplication.

    Raises InputError, a sentence that names what is missing.
    """
    found = set()
    for needs in (EVERYWHERE, OF_SYSTEM.get(sys.platform, {})):
        for folder, keys in needs.items():
            there = _keys(folder)
            if missing := keys - there:
                raise InputError(
                    N_("Qt lacks its plugin {name} in {folder}"), name=", ".join(sorted(missing)), folder=folder
                )
            found |= keys
    yield _("Qt has its plugins {names}").format(names=", ".join(sorted(found)))
    _check_style()
    _check_pictures()
    yield _("SVG icons and PNG pictures are read and written")
    _check_text()
    yield _("text is compared as its language asks for")


def _keys(folder: str) -> set[str]:
    """The keys of all plugins in a folder of Qt's. They are read, not loaded: a system library may be missing."""
    keys: set[str] = set()
    for file in Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), folder).glob("*"):
        described: Any = QPluginLoader(str(file)).metaData()
        keys.update(key.lower() for key in described.get("MetaData", {}).get("Keys", ()))
    return keys


def _check_style() -> None:
    if QStyleFactory.create("Fusion") is None:
        raise InputError(N_("Qt lacks its style {name}"), name="Fusion")


def _check_pictures() -> None:
    """An SVG file by its icon engine and by its image format, a PNG there and back."""
    file = str(resources() / "icons" / "momentum.svg")
    drawn = QIcon(file).pixmap(64).toImage()
    read = QImageReader(file).read()
    for image in (drawn, read):
        colors = {image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)}
        if len(colors) < 10:
            raise InputError(N_("Qt can't draw the SVG icon {file}"), file=file)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    written = QImageWriter(buffer, b"PNG").write(drawn)
    buffer.seek(0)
    back = QImageReader(buffer, b"PNG").read()
    if not written or back.convertToFormat(drawn.format()) != drawn:
        raise InputError(N_("Qt can't write and read PNG pictures"))


def _check_text() -> None:
    """Qt leaves the comparison of text to the system's library, or to ICU with its tables of languages."""
    for locale, first, second in (("de_DE", "Ä", "Z"), ("zh_CN", "北", "上")):  # by code point both are the other way
        if QCollator(QLocale(locale)).compare(first, second) >= 0:
            raise InputError(N_("Qt can't compare text in the language {name}"), name=locale)
    if "straße".upper() != QLocale("de_DE").toUpper("straße"):
        raise InputError(N_("Qt can't compare text in the language {name}"), name="de_DE")


def try_x11(program: str) -> None:
    """Find out what Qt would end ``program`` for: a library of its X11 part missing, no server at DISPLAY.

    Raises ImportError or InputError.
    """
    plugin = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath), "platforms", "libqxcb.so")
    if not plugin.exists():
        return
    try:
        ctypes.CDLL(str(plugin))
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        raise ImportError(str(error)) from None
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if failed:
        raise InputError(
            N_("the display {name} does not answer; “{program} shot FILE OUT.png” makes a picture without one"),
            name=os.environ["DISPLAY"],
            program=program,
        )
