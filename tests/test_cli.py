"""The command line as its users find it: calls, exit codes, one-line errors, no Qt where none is needed."""

import csv
import errno
import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

from momentum_gui import __version__, cli, selftest
from momentum_gui.cli import main
from momentum_gui.core.datasets import DATASETS
from momentum_gui.core.messages import InputError
from momentum_gui.core.optimizers import OPTIMIZERS
from momentum_gui.core.surfaces import SURFACES
from momentum_gui.gui import app

ROOT = Path(__file__).parents[1]
QT = ("PySide6", "shiboken6", "pyqtgraph")

RACE = """
steps = 20
[objective]
kind = "ravine"
curvature = 0.2
kappa = 20.0
[[optimizers]]
kind = "sgd"
lr = 0.4
[[optimizers]]
kind = "momentum"
lr = 0.6
mu = 0.5
label = "half"
"""

NOT_THERE = os.strerror(errno.ENOENT)  # in the language of the C library


@pytest.fixture
def race(tmp_path):
    path = tmp_path / "race.toml"
    path.write_text(RACE)
    return path


def call(*arguments, without=(), **options):
    """The program in a process of its own, in which the packages ``without`` can't be imported."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({without!r}))\n"
        "from momentum_gui.cli import main\n"
        "sys.exit(main())"
    )
    options = {"capture_output": True, "encoding": "utf-8", "timeout": 60, "cwd": ROOT} | options
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], **options)


def environment(**variables):
    """This one without a display, with ``variables``."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {name: value for name, value in os.environ.items() if name not in screens} | variables


def complaint(capsys, *arguments):
    """The one line that the program says on standard error before it ends with exit code 2."""
    assert main([str(each) for each in arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("momentum-gui: ")
    assert said.err.count("\n") == 1
    assert said.err.endswith("\n")
    return said.err.removeprefix("momentum-gui: ").rstrip("\n")


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


# ---- run


def test_run_writes_every_step_and_sums_up(race, tmp_path, capsys):
    out = tmp_path / "race.csv"
    assert main(["run", str(race), "--csv", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    found = rows(out.read_bytes().decode("utf-8"))
    assert [(row["run"], row["label"], row["step"]) for row in found] == [
        (run, label, str(step)) for run, label in (("0", "sgd"), ("1", "half")) for step in range(21)
    ]
    # Published: Dive into Deep Learning, chapters on gradient descent and momentum.
    ends = [(float(row["x"]), float(row["y"])) for row in found if row["step"] == "20"]
    assert ends == [pytest.approx((-0.943467, -0.000073), abs=5e-7), pytest.approx((0.007188, 0.002553), abs=5e-7)]
    head, sgd, half = said.err.splitlines()
    assert head.split() == ["racer", "steps", "loss", "x", "y", "outcome"]
    assert sgd.split()[:2] == ["sgd", "20"]
    assert sgd.split()[3:] == ["-0.943467", "-7.31232e-05", "finished"]
    assert half.split()[0] == "half"


def test_run_without_csv_only_sums_up(race, capsys):
    assert main(["run", str(race)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 3


def test_csv_to_standard_output_is_nothing_but_csv(race, tmp_path, capsys):
    main(["run", str(race), "--csv", str(tmp_path / "race.csv")])
    summary = capsys.readouterr().err
    result = call("run", race, "--csv", "-", encoding=None)
    assert result.returncode == 0
    assert result.stdout == (tmp_path / "race.csv").read_bytes()
    assert result.stderr.decode("utf-8").splitlines() == summary.splitlines()


def test_an_experiment_from_standard_input(race):
    from_file, from_input = call("run", race, "--csv", "-"), call("run", "-", "--csv", "-", input=RACE)
    assert from_input.returncode == 0
    assert from_input.stdout == from_file.stdout != ""


def test_steps_and_seed_stand_in_for_the_files(race, tmp_path, capsys):
    noisy = tmp_path / "noisy.toml"
    noisy.write_text(RACE.replace("steps = 20", "steps = 7\nseed = 3\nnoise = 0.5"))
    race.write_text(RACE.replace("steps = 20", "steps = 20\nseed = 1\nnoise = 0.5"))
    texts = []
    for arguments in ([noisy], [race, "--steps", "7", "--seed", "3"], [race, "--steps", "7"]):
        assert main(["run", *map(str, arguments), "--csv", "-"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert len(texts[2].splitlines()) == len(texts[0].splitlines()) == 1 + 2 * 8
    assert texts[2] != texts[0]


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("--steps", "0", "a whole number, at least 1, at most 1000000"),
        ("--steps", "1000001", "a whole number, at least 1, at most 1000000"),
        ("--steps", "2.5", "a whole number, at least 1, at most 1000000"),
        ("--steps", "many", "a whole number, at least 1, at most 1000000"),
        ("--seed", "-1", "a whole number, at least 0, at most 4294967295"),
        ("--seed", str(2**32), "a whole number, at least 0, at most 4294967295"),
    ],
)
def test_steps_and_seed_are_checked_as_the_files_are(race, capsys, option, value, allowed):
    assert complaint(capsys, "run", race, f"{option}={value}") == f"{option} is “{value}”; allowed: {allowed}"


def test_a_diverged_racer_is_named_with_its_reason_and_the_exit_code_is_0(race, tmp_path, capsys):
    race.write_text(RACE.replace("lr = 0.4", "lr = 0.6").replace("steps = 20", "steps = 200"))
    assert main(["run", str(race), "--csv", str(tmp_path / "out.csv")]) == 0
    sgd, half = capsys.readouterr().err.splitlines()[1:]
    found = rows((tmp_path / "out.csv").read_text())
    last = max(int(row["step"]) for row in found if row["run"] == "0")
    # Published: after 20 steps SGD is at (-0.387814, -1673.365109), which is far but not yet diverged.
    at_20 = next(row for row in found if row["run"] == "0" and row["step"] == "20")
    assert (float(at_20["x"]), float(at_20["y"])) == pytest.approx((-0.387814, -1673.365109), abs=5e-7)
    assert 20 < last < 200
    assert sgd.endswith(f"diverged at step {last + 1}: η λ₂ = 2.4 > 2")
    assert sgd.split()[1] == str(last)
    assert half.split()[1] == "200"


def test_a_network_is_run_and_summed_up(tmp_path, capsys):
    path = tmp_path / "net.toml"
    path.write_text('steps = 12\nobjective = {kind = "network", hidden = [4], data = {kind = "xor", samples = 80}}')
    assert main(["run", str(path), "--csv", "-"]) == 0
    said = capsys.readouterr()
    assert said.err.splitlines()[0].split("  ")[-1] == "outcome"
    assert "test accuracy" in said.err.splitlines()[0]
    last = rows(said.out)[-1]
    assert last["label"] == "momentum"
    shown = [f"{float(last[name]):.6g}" for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy")]
    assert said.err.splitlines()[2].split()[2:6] == shown


def test_a_regression_is_summed_up_by_its_typical_errors(tmp_path, capsys):
    path = tmp_path / "net.toml"
    path.write_text('steps = 12\nobjective = {kind = "network", hidden = [4], data = {kind = "plane", samples = 80}}')
    assert main(["run", str(path), "--csv", "-"]) == 0
    said = capsys.readouterr()
    assert re.split("  +", said.err.splitlines()[0])[-3:-1] == ["train error", "test error"]
    last = rows(said.out)[-1]
    shown = [f"{(2 * float(last[name])) ** 0.5:.6g}" for name in ("train_loss", "test_loss")]
    assert said.err.splitlines()[2].split()[4:6] == shown


def test_no_racer_is_said(race, capsys):
    race.write_text('optimizers = []\nobjective = {kind = "beale"}')
    assert main(["run", str(race)]) == 0
    assert capsys.readouterr().err == "no racer is switched on\n"


def test_progress_is_told_on_a_terminal_and_wiped_away(race, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["run", str(race)]) == 0
    told, wiped, table = re.fullmatch(r"\r([^\r]*)\r( *)\r(.*)", terminal.getvalue(), re.DOTALL).groups()
    assert re.fullmatch(r"step \d+ of 20", told.rstrip())
    assert len(wiped) >= len(told.rstrip())
    assert table.startswith("racer")


def test_columns_line_up_in_chinese(race):
    half = race.read_text().replace("half", "一半")
    result = call("run", "-", input=half, env=environment(LANGUAGE="zh_CN", PYTHONUTF8="1"))
    assert result.returncode == 0
    lines = result.stderr.splitlines()
    assert lines[0].startswith("选手  步数")
    assert lines[1].startswith("sgd   20 ")
    assert lines[2].startswith("一半  20 ")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kappa", "kapa", "objective.kapa is not known; allowed: kind, curvature, kappa, angle (did you mean kappa?)"),
        ('"sgd"', '"sdg"', 'optimizers[0].kind is "sdg"; allowed: .*(did you mean sgd?)'),
        ("lr = 0.4", 'lr = "big"', 'optimizers[0].lr is "big"; allowed: a number, more than 0, at most 1000'),
        ("lr = 0.4", "lr = -1.0", "optimizers[0].lr is -1.0; allowed: a number, more than 0, at most 1000"),
        ("lr = 0.4", "lr = nan", "optimizers[0].lr is NaN; allowed: a number, more than 0, at most 1000"),
        ("mu = 0.5", "mu = 1", "optimizers[1].mu is 1; allowed: a number, at least 0, less than 1"),
        ("steps = 20", "steps = 0", "steps is 0; allowed: a whole number, at least 1, at most 1000000"),
        ("steps = 20", "format = 2", "format is 2; allowed: 1"),
        ('kind = "ravine"\n', "", "objective.kind is missing; allowed: ravine, "),
        ("[objective]", "[objective", "not valid TOML: "),
    ],
)
def test_a_fault_in_the_file_is_one_line_with_file_place_value_and_what_is_allowed(
    race, tmp_path, capsys, old, new, said
):
    race.write_text(RACE.replace(old, new))
    pattern = re.escape(f"{race}: {said}").replace(re.escape(".*"), ".*")
    for arguments in (["run", race, "--csv", tmp_path / "out.csv"], ["shot", race, tmp_path / "out.png"], [race]):
        assert re.match(pattern, complaint(capsys, *arguments))
    assert os.listdir(tmp_path) == [race.name]


def test_a_missing_file_is_named(tmp_path, capsys):
    path = tmp_path / "none.toml"
    for arguments in (["run", path], ["shot", path, tmp_path / "out.png"], [path]):
        assert complaint(capsys, *arguments) == f"{path}: {NOT_THERE}"


def test_a_name_can_t_move_the_cursor(capsys):
    assert complaint(capsys, "run", "a\n\x1b[2Jb").startswith(r"a\n\x1b[2Jb: ")


def test_the_rows_do_not_replace_the_experiment_they_come_from(race, tmp_path, capsys):
    before = race.read_bytes()
    link = tmp_path / "link.csv"
    os.link(race, link)
    for out in (race, link):
        assert "the experiment itself" in complaint(capsys, "run", race, "--csv", out)
    assert race.read_bytes() == before


def test_an_old_csv_stays_when_the_run_can_t_be_made(race, tmp_path, capsys):
    out = tmp_path / "out.csv"
    out.write_text("old")
    race.write_text('objective = {kind = "network", data = {kind = "csv", path = "none.csv", label = 0}}')
    assert complaint(capsys, "run", race, "--csv", out) == f"{tmp_path / 'none.csv'}: {NOT_THERE}"
    assert out.read_text() == "old"


def test_an_output_that_can_t_be_written_is_named(race, tmp_path, capsys):
    assert complaint(capsys, "run", race, "--csv", tmp_path).startswith(f"{tmp_path}: ")
    nowhere = tmp_path / "no" / "out.csv"
    assert complaint(capsys, "run", race, "--csv", nowhere) == f"{nowhere}: {NOT_THERE}"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_line(race, capsys):
    assert complaint(capsys, "run", race, "--csv", "/dev/full") == "/dev/full: No space left on device"
    with open("/dev/full", "w") as full:
        result = call("run", race, "--csv", "-", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 2
    assert result.stderr == "momentum-gui: standard output: No space left on device\n"


def started(*arguments, **options):
    return subprocess.Popen([sys.executable, "-m", "momentum_gui", *map(str, arguments)], cwd=ROOT, **options)


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_reader_who_has_enough_is_no_fault(race):
    process = started(
        "run", race, "--csv", "-", "--steps", "100000", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "run,label,step,x,y,loss,grad_norm\n"
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.fixture
def heeding_ctrl_c():
    """A child heeds Ctrl-C even where this process was told not to, as shells tell what runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupted_run_leaves_no_file(race, tmp_path, heeding_ctrl_c):
    race.write_text(RACE.replace("lr = 0.6", "lr = 0.01").replace("steps = 20", "steps = 1000000\nnoise = 1e-9"))
    process = started("run", race, "--csv", tmp_path / "out.csv", stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while len(os.listdir(tmp_path)) == 1:  # it has begun to write beside the place that the file will take
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    # 130 in a shell either way: Python ends by the signal itself if that has hit an exec of a string.
    assert process.wait(60) in (130, -signal.SIGINT)
    assert process.stderr.read() == "momentum-gui: interrupted\n"
    process.stderr.close()
    assert os.listdir(tmp_path) == [race.name]


def test_too_much_for_the_memory_is_one_line(race, monkeypatch, capsys):
    def greedy(*_arguments):
        raise MemoryError

    monkeypatch.setattr("momentum_gui.core.simulation.SurfaceRun", greedy)
    assert complaint(capsys, "run", race) == "there is not enough memory for so many steps or weights"


# ---- list


def listed(capsys, *arguments):
    assert main(["list", *arguments]) == 0
    return capsys.readouterr().out


def test_list_json_holds_every_kind_with_its_fields(capsys):
    found = json.loads(listed(capsys, "--json"))
    for name, table in {"optimizers": OPTIMIZERS, "surfaces": SURFACES, "datasets": DATASETS}.items():
        assert [each["kind"] for each in found[name]] == [each.__struct_config__.tag for each in table]
        assert json.loads(listed(capsys, name, "--json")) == {name: found[name]}
    momentum = next(each for each in found["optimizers"] if each["kind"] == "momentum")
    assert momentum["formula"]
    fields = {field["name"]: field for field in momentum["fields"]}
    lr, mu = fields["lr"], fields["mu"]
    assert lr.items() >= {"default": 0.01, "gt": 0, "le": 1000, "scale": "log", "symbol": "η"}.items()
    assert mu.items() >= {"default": 0.9, "ge": 0, "lt": 1, "scale": "linear", "symbol": "μ"}.items()
    assert mu["allowed"] == "a number, at least 0, less than 1"
    (network,) = found["networks"]
    choices = next(field["choices"] for field in network["fields"] if field["name"] == "activation")
    assert sorted(choices) == ["linear", "relu", "sigmoid", "tanh"]
    table = next(each for each in found["datasets"] if each["kind"] == "csv")
    assert [field["name"] for field in table["fields"] if field["required"]] == ["path"]


def test_what_list_says_of_a_field_a_file_may_say(capsys, tmp_path):
    """Every default in the list is accepted where the list puts it."""
    for kind in json.loads(listed(capsys, "surfaces", "--json"))["surfaces"]:
        values = {field["name"]: field["default"] for field in kind["fields"] if not field["required"]}
        path = tmp_path / "each.json"
        path.write_text(json.dumps({"steps": 1, "objective": {"kind": kind["kind"], **values}}))
        if all(not field["required"] for field in kind["fields"]):
            assert main(["run", str(path)]) == 0, kind["kind"]


def test_list_for_people_holds_fields_defaults_ranges_and_formulas(capsys):
    text = listed(capsys)
    for kind in (*OPTIMIZERS, *SURFACES, *DATASETS):
        assert f"  {kind.__struct_config__.tag}: {kind.title}\n" in text
    assert re.search(r"mu = 0\.9 +Momentum μ +a number, at least 0, less than 1\n", text)
    assert "½ c (u² + κ v²)" in listed(capsys, "surfaces")
    assert "optimizers" not in listed(capsys, "surfaces")


def test_a_console_that_knows_no_greek_gets_question_marks():
    result = call("list", env=environment(PYTHONIOENCODING="ascii"))
    assert result.returncode == 0
    assert "Learning rate ?" in result.stdout


def test_list_json_is_the_same_in_every_language_and_encoding():
    english = call("list", "--json")
    chinese = call("list", "--json", env=environment(LANGUAGE="zh_CN", PYTHONIOENCODING="ascii"))
    assert english.stdout == chinese.stdout
    assert "学习率" in call("list", env=environment(LANGUAGE="zh_CN", PYTHONUTF8="1")).stdout


# ---- without Qt, without a display


def test_run_and_list_need_no_qt(race):
    for arguments in (["run", race, "--csv", "-"], ["list"], ["list", "--json"], ["--version"], ["--help"]):
        result = call(*arguments, without=QT, env=environment())
        assert result.returncode == 0, result.stderr
        assert result.stdout


def test_a_missing_qt_is_one_line(race, tmp_path):
    for arguments in (["shot", race, tmp_path / "out.png"], [race]):
        result = call(*arguments, without=QT, env=environment(DISPLAY=":0"))
        assert result.returncode == 2
        assert re.fullmatch(
            r"momentum-gui: the Python package PySide6\S* is missing; “pip install momentum-gui” brings it\n",
            result.stderr,
        )


def test_a_missing_system_library_is_one_line_with_the_remedy(race, tmp_path, monkeypatch, capsys):
    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "momentum_gui.gui.app":
                raise ImportError("libEGL.so.1: cannot open shared object file: No such file or directory")

    monkeypatch.delitem(sys.modules, "momentum_gui.gui.app")
    monkeypatch.delattr("momentum_gui.gui.app")
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    said = complaint(capsys, "shot", race, tmp_path / "out.png")
    assert "libEGL.so.1" in said
    assert f"“apt install {cli.OFFSCREEN_PACKAGES}”" in said


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
def test_no_display_is_one_line_that_says_what_to_do(race):
    for arguments in ([], [race]):
        result = call(*arguments, env=environment())
        assert result.returncode == 2
        assert result.stdout == ""
        assert result.stderr == (
            "momentum-gui: there is no display for the window;"
            " “momentum-gui shot FILE OUT.png” makes a picture without one\n"
        )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11")
def test_a_display_that_does_not_answer_is_one_line():
    result = call(env=environment(DISPLAY=":32109"))
    assert result.returncode == 2
    assert re.fullmatch(
        r"momentum-gui: (the display :32109 does not answer|Qt can't be loaded \(libx\S+: cannot open.*\)); .*\n",
        result.stderr,
    )


def test_the_packages_named_in_an_error_are_those_of_the_readme():
    readme, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run"))
    assert f"`{cli.OFFSCREEN_PACKAGES}`" in readme
    assert f"`{cli.SCREEN_PACKAGES}`" in readme
    assert f'libraries="{cli.OFFSCREEN_PACKAGES}"' in ci


# ---- shot


def png_size(path):
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", data[16:24])


def test_shot_needs_no_display_and_no_scale_changes_its_size(race, tmp_path):
    out = tmp_path / "out.png"
    result = call("shot", race, out, "--size", "1000x640", env=environment(QT_SCALE_FACTOR="2"))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert png_size(out) == (1000, 640)
    assert sorted(os.listdir(tmp_path)) == ["out.png", "race.toml"]


@pytest.fixture
def platform(monkeypatch):
    """Puts the variable back that a picture is made with."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


@pytest.mark.parametrize(("arguments", "size"), [([], (1280, 800)), (["--size", "960X600"], (960, 600))])
def test_shot_has_the_size_asked_for(qapp, platform, race, tmp_path, arguments, size):
    assert main(["shot", str(race), str(tmp_path / "out.PNG"), *arguments]) == 0
    assert png_size(tmp_path / "out.PNG") == size


@pytest.mark.parametrize(
    "size", ["959x600", "960x599", "8001x800", "1280", "1280x", "x", "1280x800x2", "-960x600", "²x²"]
)
def test_a_size_is_checked(race, tmp_path, capsys, size):
    said = complaint(capsys, "shot", race, tmp_path / "out.png", f"--size={size}")
    assert said == f"--size is “{size}”; allowed: width x height in pixels, from 960x600 to 8000x8000"


def test_a_picture_needs_a_name_a_folder_and_a_file(race, tmp_path, capsys):
    assert "ends in .png" in complaint(capsys, "shot", race, tmp_path / "out.jpg")
    assert "folder does not exist" in complaint(capsys, "shot", race, tmp_path / "no" / "out.png")
    assert "standard input" in complaint(capsys, "shot", "-", tmp_path / "out.png")
    assert "standard input" in complaint(capsys, "-")


def test_a_picture_that_can_t_be_written_is_named(qapp, platform, race, tmp_path, capsys):
    (tmp_path / "out.png").mkdir()
    said = complaint(capsys, "shot", race, tmp_path / "out.png")
    assert said == f"{tmp_path / 'out.png'}: Is a directory"


# ---- selftest


def test_selftest_says_what_it_did():
    result = call("selftest", env=environment())
    assert result.returncode == 0
    assert result.stderr == ""
    done = [line.partition(": ")[0] for line in result.stdout.splitlines()]
    assert list(dict.fromkeys(done)) == ["ravine", "data", "network", "window"]


def test_selftest_goes_on_after_a_fault_and_ends_with_1(qapp, platform, monkeypatch, capsys):
    def broken():
        yield "the first half is well"
        raise InputError("the second is not")

    monkeypatch.setitem(selftest.CHECKS, "data", broken)
    monkeypatch.setattr(app, "probe", lambda: iter(["stood in for the window"]))
    monkeypatch.setitem(selftest.CHECKS, "network", lambda: 1 // 0)
    assert main(["selftest"]) == 1
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "momentum-gui: the check “data” failed: the second is not",
        "momentum-gui: the check “network” failed: ZeroDivisionError: integer division or modulo by zero",
    ]
    assert "data: the first half is well\n" in said.out
    assert said.out.endswith("window: stood in for the window\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_output_that_cannot_be_written_is_no_failed_check():
    with open("/dev/full", "w") as full:
        result = call("selftest", capture_output=False, stdout=full, stderr=subprocess.PIPE, env=environment())
    assert result.returncode == 2
    assert result.stderr == "momentum-gui: standard output: No space left on device\n"


# ---- the rest


def test_version_and_help(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"momentum-gui {__version__}\n"
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    text = capsys.readouterr().out
    for word in ("run", "list", "shot", "selftest", "FILE", "--version"):
        assert word in text
    with pytest.raises(SystemExit, match="0"):
        main(["run", "--help"])
    text = capsys.readouterr().out
    for word in ("--csv OUT", "--steps N", "--seed N"):
        assert word in text


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["run", "a", "b"], ["shot", "a"], ["list", "colours"], ["selftest", "x"], ["a", "b"], ["--full"]],
)
def test_a_call_that_is_not_known_is_one_line(capsys, arguments):
    assert complaint(capsys, *arguments).endswith("(“momentum-gui --help” says more)")


def test_the_program_is_a_module_too():
    result = subprocess.run(
        [sys.executable, "-m", "momentum_gui", "--version"], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert result.stdout == f"momentum-gui {__version__}\n"
