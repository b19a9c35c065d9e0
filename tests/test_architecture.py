"""Imports run one way: core stands alone, and nobody imports the window but the entry point, inside a function."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import momentum_gui

PACKAGE = Path(momentum_gui.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
CORE = [path for path in MODULES if path.is_relative_to(PACKAGE / "core")]
OUTSIDE_GUI = [path for path in MODULES if not path.is_relative_to(PACKAGE / "gui")]

QT = ("PySide6", "shiboken6", "pyqtgraph")
BRINGS = {"numpy", "msgspec", "threadpoolctl", "sympy"}
"""What core may take from outside the standard library."""
FILES_AND_CLOCK = {
    "asyncio", "datetime", "glob", "multiprocessing", "os", "pathlib", "sched", "shutil", "socket", "subprocess",
    "tempfile", "threading", "time", "urllib",
}  # fmt: skip
ENTRY_POINTS = {"cli.py", "__main__.py"}


def name_of(path):
    return path.relative_to(PACKAGE).as_posix()


def imports(path, inside_functions=True):
    """The modules that a file imports, by their full names; those for type checkers only are left out."""
    found = []

    def visit(node):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for each in node.orelse:
                visit(each)
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not inside_functions:
            return
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            found.append(node.module)
            found.extend(f"{node.module}.{alias.name}" for alias in node.names)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def within(module, *packages):
    return any(module == each or module.startswith(each + ".") for each in packages)


def test_the_imports_are_found():
    assert "momentum_gui.core.messages" in imports(PACKAGE / "core" / "surfaces.py")
    assert any(within(each, "momentum_gui.gui") for each in imports(PACKAGE / "cli.py"))
    assert any(within(each, *QT) for each in imports(PACKAGE / "gui" / "window.py"))
    assert len(CORE) > 10


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_imports_nothing_above_it_and_no_qt_no_files_no_clock(path):
    for module in imports(path):
        top = module.partition(".")[0]
        if top == "momentum_gui":
            assert module == "momentum_gui" or within(module, "momentum_gui.core"), module
        else:
            assert top in BRINGS or top in sys.stdlib_module_names, module
            assert top not in FILES_AND_CLOCK, module


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_core_opens_no_file_and_prints_nothing(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    assert not [ast.unparse(call) for call in calls if ast.unparse(call.func) in ("open", "io.open", "print", "input")]


@pytest.mark.parametrize("path", OUTSIDE_GUI, ids=name_of)
def test_nobody_imports_the_window_but_the_entry_point_inside_a_function(path):
    assert not [each for each in imports(path, inside_functions=False) if within(each, "momentum_gui.gui", *QT)]
    if path.name not in ENTRY_POINTS:
        assert not [each for each in imports(path) if within(each, "momentum_gui.gui", *QT)]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nobody_imports_the_command_line(path):
    if path.name not in ENTRY_POINTS:
        assert not [each for each in imports(path) if within(each, "momentum_gui.cli", "momentum_gui.__main__")]


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_have_one_purpose_and_a_name_that_says_it(path):
    assert path.stem not in {"utils", "common", "helpers", "manager", "base"}
    assert len(path.relative_to(PACKAGE).parts) <= 2
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), "what is it for?"


WITHOUT_QT = """
import sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ImportError(f"{name} was asked for")

sys.meta_path.insert(0, NoQt())
from momentum_gui.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("arguments", [["list"], ["run", "-", "--csv", "-"]], ids=" ".join)
def test_the_command_line_runs_with_qt_absent(arguments):
    experiment = 'steps = 2\n[objective]\nkind = "ravine"\n'
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT, *arguments], input=experiment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "momentum" in done.stdout
    assert "Traceback" not in done.stderr
