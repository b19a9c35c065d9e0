"""The log: where it is, that it rotates, and what a crash leaves for the next start."""

import faulthandler
import logging
import subprocess
import sys

import pytest
from PySide6.QtCore import qWarning

from momentum_gui import __version__
from momentum_gui.gui.log import BYTES, OLD_FILES, Log, place

LOGGER = logging.getLogger("momentum_gui")


@pytest.fixture(autouse=True)
def _pytests_own_handlers():
    """pytest keeps its own hold on crashes, which a Log takes over for its time; the logger's level is everybody's."""
    was, level = faulthandler.is_enabled(), LOGGER.level
    yield
    LOGGER.setLevel(level)
    if was:
        faulthandler.enable(sys.__stderr__)


def test_it_says_who_logs_and_what_is_logged(tmp_path):
    with Log(tmp_path / "not" / "there yet") as log:
        path = log.path
        LOGGER.info("it happened: η = %s", 0.3)
    text = path.read_text(encoding="utf-8")
    assert f"momentum-gui {__version__}, Python {sys.version.split()[0]}, Qt 6." in text
    assert "it happened: η = 0.3" in text
    LOGGER.error("after its end")
    assert "after its end" not in path.read_text(encoding="utf-8")


@pytest.mark.qt_log_ignore("a message of Qt's")
def test_messages_of_qt_are_logged_and_still_printed(tmp_path, capsys):
    with Log(tmp_path) as log:
        path = log.path
        qWarning("a message of Qt's")
    assert "WARNING Qt: a message of Qt's" in path.read_text(encoding="utf-8")
    assert "a message of Qt's" in capsys.readouterr().err


def test_it_rotates(tmp_path):
    with Log(tmp_path):
        for _ in range(6 * BYTES // 10_000):
            LOGGER.info("x" * 10_000)
    logs = sorted(tmp_path.glob("momentum-gui.log*"))
    assert len(logs) == 1 + OLD_FILES
    assert all(log.stat().st_size <= BYTES for log in logs)


def test_where_nothing_can_be_written_there_is_no_log_and_no_fault(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with Log(tmp_path / "file" / "folder") as log:
        LOGGER.info("nobody reads this")
        assert log.path is None
        assert log.crash == ""


def test_a_crash_is_told_at_the_next_start_and_only_then(tmp_path):
    crash = f"""
import faulthandler
from pathlib import Path
from momentum_gui.gui.log import Log
log = Log(Path({str(tmp_path)!r}))
faulthandler._sigsegv()
"""
    done = subprocess.run([sys.executable, "-c", crash], capture_output=True, check=False)
    assert done.returncode != 0
    with Log(tmp_path) as log:
        path = log.path
        assert "Segmentation fault" in log.crash
    assert "the last session crashed" in path.read_text(encoding="utf-8")
    with Log(tmp_path) as log:
        assert log.crash == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the place of Linux")
def test_its_place_is_the_user_s_own(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert place().is_relative_to(tmp_path)


MARKED = """
import sys
from pathlib import Path
from momentum_gui.gui.log import Log
log = Log(Path(sys.argv[1]))
print(log.cut_off, flush=True)
sys.stdin.read()
log.close()
"""


@pytest.fixture
def session(tmp_path):
    """Starts a process that logs until its input ends, and tells whether the one before it was cut off."""
    started = []

    def start():
        command = [sys.executable, "-c", MARKED, str(tmp_path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline().strip() == "True"

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_session_that_was_killed_is_told_at_the_next_start_and_only_then(session):
    killed, cut_off = session()
    assert not cut_off
    killed.kill()
    killed.wait()
    ended, cut_off = session()
    assert cut_off
    ended.communicate("")
    assert ended.returncode == 0
    _last, cut_off = session()
    assert not cut_off


def test_another_instance_that_runs_was_not_cut_off(session):
    _running, _cut_off = session()
    _other, cut_off = session()
    assert not cut_off
