"""Nothing is sent anywhere."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import momentum_gui

PACKAGE = Path(momentum_gui.__file__).parent

WATCHED = """
import json, sys
calls = []
def watch(event, arguments):
    if event.split(".")[0] in ("socket", "urllib", "http", "ftplib", "smtplib", "ssl"):
        calls.append(event)
sys.addaudithook(watch)
from momentum_gui.cli import main
code = main({words!r})
maps = open("/proc/self/maps").read() if sys.platform.startswith("linux") else ""
print(json.dumps({{"code": code, "calls": calls, "network": "Qt6Network" in maps}}))
"""


def watched(*words):
    """Run the command line in a process that takes down every use of a network."""
    script = WATCHED.format(words=list(words))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=110)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def race(tmp_path):
    path = tmp_path / "race.toml"
    path.write_text('steps = 5\n[objective]\nkind = "ravine"\n[[optimizers]]\nkind = "momentum"\n')
    return str(path)


def test_the_window_and_both_labs_use_no_network():
    assert watched("selftest") == {"code": 0, "calls": [], "network": False}


def test_the_command_line_uses_no_network(race, tmp_path):
    assert watched("run", race, "--csv", str(tmp_path / "race.csv"))["calls"] == []
    assert watched("list")["calls"] == []


def test_the_watch_sees_a_network():
    script = WATCHED.replace(
        "from momentum_gui.cli import main", "import socket; main = lambda words: socket.socket().close()"
    )
    done = subprocess.run([sys.executable, "-c", script.format(words=[])], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["calls"] == ["socket.__new__"]


def test_no_file_of_ours_imports_what_talks_to_a_network():
    talkers = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "asyncio", "requests", "xmlrpc", "webbrowser"}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            assert not {name.split(".")[0] for name in names} & talkers, file
            assert "PySide6.QtNetwork" not in names, file
