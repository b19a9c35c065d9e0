"""What is packed: the lists of what is left out, and that all that describes the program speaks of the same one."""

import ast
import configparser
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import momentum_gui
from momentum_gui.gui.app import DESKTOP_ID

ROOT = Path(__file__).parents[1]
PACKAGING = ROOT / "resources" / "packaging"


@pytest.fixture
def unneeded(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))
    import unneeded

    return unneeded


def imported(folder):
    """Every module that the files below a folder import, anywhere in them."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_that_we_import_is_left_out(unneeded):
    ours = set(imported(ROOT / "momentum_gui"))
    assert "PySide6.QtWidgets" in ours
    for excluded in unneeded.EXCLUDED_MODULES:
        assert not {name for name in ours if name == excluded or name.startswith(f"{excluded}.")}


PLUGINS = "PySide6/Qt/plugins"


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        (f"{PLUGINS}/platforms/libqxcb.so", False),
        (f"{PLUGINS}/platforms/libqsomethingnew.so", False),
        (f"{PLUGINS}/platforms/libqvnc.so", True),
        (f"{PLUGINS}/tls/libqopensslbackend.so", True),
        (f"{PLUGINS}/imageformats/libqsvg.so", False),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", False),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("PySide6/Qt/translations/qt_zh_CN.qm", True),
        ("PySide6/plugins/platforms/qwindows.dll", False),
        ("PySide6/opengl32sw.dll", True),
        ("resources/data/article.npz", False),
        ("numpy-2.4.6.dist-info/licenses/LICENSE.txt", False),
    ],
)
def test_the_list_names_what_is_left_out(unneeded, name, left_out):
    assert unneeded.is_unneeded(name) is left_out


def test_what_a_kept_file_links_to_is_kept_whatever_the_list_says(unneeded):
    files = {
        "core.so": ("EXTENSION", {"libQt6Gui.so.6"}),
        "lib/libQt6Gui.so.6": ("BINARY", {"libdeep.so"}),
        "lib/libdeep.so": ("BINARY", set()),
        "lib/libonly_for_vnc.so": ("BINARY", set()),
        "Qt/plugins/platforms/libqvnc.so": ("BINARY", {"libonly_for_vnc.so"}),
        "Qt/plugins/platforms/libqxcb.so": ("BINARY", {"libqlinuxfb.so"}),  # as if a later Qt linked it
        "Qt/plugins/platforms/libqlinuxfb.so": ("BINARY", set()),
        "libQt6Gui.so.6": ("SYMLINK", set()),
    }
    entries = [
        (name, "lib/libQt6Gui.so.6" if kind == "SYMLINK" else f"/{name}", kind) for name, (kind, _) in files.items()
    ]
    linked = {f"/{name}": links for name, (_, links) in files.items()}
    kept = [name for name, *_ in unneeded.prune(entries, linked.get, collect_unreferenced=True)]
    assert kept == [name for name in files if name not in ("Qt/plugins/platforms/libqvnc.so", "lib/libonly_for_vnc.so")]
    kept = [name for name, *_ in unneeded.prune(entries, linked.get, collect_unreferenced=False)]
    assert "lib/libonly_for_vnc.so" in kept
    assert "Qt/plugins/platforms/libqvnc.so" not in kept


def test_entry_metainfo_and_program_speak_of_the_same_application():
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(PACKAGING / f"{DESKTOP_ID}.desktop", encoding="utf-8")
    desktop = entry["Desktop Entry"]
    assert desktop["Icon"] == DESKTOP_ID
    metainfo = ElementTree.parse(PACKAGING / f"{DESKTOP_ID}.metainfo.xml").getroot()
    assert metainfo.findtext("id") == DESKTOP_ID
    assert metainfo.findtext("launchable") == f"{DESKTOP_ID}.desktop"
    assert metainfo.find("releases/release").get("version") == momentum_gui.__version__
    types = [each.text for each in metainfo.iterfind("provides/mediatype")]
    assert desktop["MimeType"] == "".join(f"{each};" for each in types)
    mime = ElementTree.parse(PACKAGING / f"{DESKTOP_ID}.mime.xml").getroot()
    assert [each.get("type") for each in mime] == types
    for name in ("momentum-gui.spec", "build.py", "add-to-menu.sh"):
        assert DESKTOP_ID in (PACKAGING / name).read_text(encoding="utf-8")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Windows asks for its own DLLs")
def test_pyqtgraph_draws_without_qtopengl(tmp_path):
    """What the packaged program puts in the place of QtOpenGL is enough."""
    import subprocess

    script = f"""
import runpy, sys
runpy.run_path({str(PACKAGING / "no_opengl.py")!r})
import pyqtgraph as pg
app = pg.mkQApp()
plot = pg.PlotWidget()
plot.plot([0, 1, 2], [1, 0, 1])
plot.show()
assert not plot.grab().isNull()
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
