"""What the packaged program leaves out.

The lists name what is *not* used. A file that a later Qt brings is packed; a library that something kept links to is
packed whatever the lists say. Plugins are loaded without being linked to: ``momentum-gui selftest`` tries every one
that is needed, in the packaged program too.
"""

import shutil
import subprocess
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

# Not pydoc, unittest, doctest, pdb: pyqtgraph and SymPy import them.
EXCLUDED_MODULES = [
    "tkinter",
    "_tkinter",
    "turtle",
    "idlelib",
    "lib2to3",
    "ensurepip",
    "pip",
    "setuptools",
    "pkg_resources",
    "wheel",
    "pytest",
    "_pytest",
    "hypothesis",
    "psutil",
    "babel",
    "mypy",
    "IPython",
    "matplotlib",
    "scipy",
    "cupy",
    "numba",
    "h5py",
    "OpenGL",
    "colorcet",
    "yaml",
    "attr",
    "attrs",
    "charset_normalizer",
    "requests",
    "numpy.f2py",
    "numpy.distutils",
    "PySide6.QtDBus",
    "PySide6.QtNetwork",
    "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets",
    "PySide6.QtPrintSupport",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtSql",
    "PySide6.QtTest",
    "PySide6.QtUiTools",
    "PySide6.QtXml",
    "pyqtgraph.opengl",
    "pyqtgraph.examples",
    "PIL.ImageTk",
    "PIL.ImageQt",
    "PIL._avif",
    "PIL._imagingtk",
    "readline",
    "_hashlib",
    "_ssl",
    "ssl",
]

UNNEEDED = (
    # Qt's plugins: for devices without a window system, for other toolkits, for the network, for other pictures
    "*/egldeviceintegrations/*",
    "*/generic/*",
    "*/networkinformation/*",
    "*/tls/*",
    "*/platforms/*eglfs*",
    "*/platforms/*linuxfb*",
    "*/platforms/*minimal*",
    "*/platforms/*vkkhrdisplay*",
    "*/platforms/*vnc*",
    "*/platforms/*direct2d*",
    "*/platforms/*ios*",
    "*/platformthemes/*gtk3*",
    "*/platforminputcontexts/*virtualkeyboard*",
    "*/imageformats/*gif*",
    "*/imageformats/*icns*",
    "*/imageformats/*jpeg*",
    "*/imageformats/*pdf*",
    "*/imageformats/*tga*",
    "*/imageformats/*tiff*",
    "*/imageformats/*wbmp*",
    "*/imageformats/*webp*",
    "*/wayland-graphics-integration-client/*",
    "*/xcbglintegrations/*",
    # Qt's libraries for what this program does not do, where PyInstaller brings them for such a plugin
    "*Qt6Network*",
    "*QtNetwork*",
    "*Qt6Qml*",
    "*QtQml*",
    "*Qt6Quick*",
    "*QtQuick*",
    "*Qt6OpenGL*",
    "*QtOpenGL*",
    # Software OpenGL and shader compilers for Windows, which Qt would load for OpenGL only
    "*opengl32sw.dll",
    "*d3dcompiler_*.dll",
    # Qt's own words, but for the language below
    "*/translations/*.qm",
    # pyqtgraph's logo and colour maps
    "pyqtgraph/icons/peegee/*",
    "pyqtgraph/colors/maps/*",
    # what packages say of themselves; their licences stay
    "*.dist-info/RECORD",
    "*.dist-info/direct_url.json",
    "*.pyi",
    "*/include/*.h",
)

NEEDED = ("*/translations/qtbase_zh_CN.qm",)
"""Exceptions from the list: the words on Qt's own buttons in the language that the program speaks beside English."""


def is_unneeded(name: str) -> bool:
    """Whether the file ``name``, relative to the program's folder, is on the list."""
    path = "/" + PurePath(name).as_posix()
    return any(fnmatchcase(path, f"*{each}") for each in UNNEEDED) and not any(
        fnmatchcase(path, f"*{each}") for each in NEEDED
    )


Entry = tuple[str, str, str]
"""A file to pack as PyInstaller lists it: its name in the program's folder, where it is, its type."""


def prune(binaries: list[Entry], imports: Callable[[str], set[str]], collect_unreferenced: bool) -> list[Entry]:
    """The entries but those on the list; what a kept one links to is kept too.

    ``imports(path)`` are the file names of the libraries that a file links to. With ``collect_unreferenced``, a
    shared library that nothing kept links to goes too: PyInstaller brought it for what is left out.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in binaries:
        by_name.setdefault(PurePath(entry[0]).name, []).append(entry)

    def is_root(entry: Entry) -> bool:
        name, _source, kind = entry
        return not is_unneeded(name) and (not collect_unreferenced or kind == "EXTENSION" or _loads_itself(name))

    kept: set[Entry] = set()
    waiting = [entry for entry in binaries if is_root(entry)]
    while waiting:
        entry = waiting.pop()
        if entry not in kept:
            kept.add(entry)
            # a symbolic link's source is the name that it points to
            wanted = {PurePath(entry[1]).name} if entry[2] == "SYMLINK" else imports(entry[1])
            waiting += (found for name in wanted for found in by_name.get(name, ()))
    return [entry for entry in binaries if entry in kept]


def stripped(binaries: list[Entry], folder: Path) -> list[Entry]:
    """The entries with Python's own libraries as copies in ``folder`` without symbols for debuggers: 23 MB less.

    Python's only: ``strip`` breaks OpenBLAS, and Qt's have none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    result = []
    for name, source, kind in binaries:
        if kind != "SYMLINK" and (PurePath(name).name.startswith("libpython") or "lib-dynload" in PurePath(name).parts):
            copy = folder / PurePath(name).name
            shutil.copy(source, copy)
            copy.chmod(0o755)
            subprocess.run(["strip", "--strip-unneeded", str(copy)], check=True)
            source = str(copy)
        result.append((name, source, kind))
    return result


def _loads_itself(name: str) -> bool:
    """Whether a library is loaded by its name and not by a link: Python itself, a plugin of Qt's."""
    return "/plugins/" in PurePath(name).as_posix() or PurePath(name).name.startswith("libpython")
