"""Experiment files read and written, and files that are written whole or not at all."""

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from momentum_gui.core.datasets import Csv
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.surfaces import Ravine
from momentum_gui.files import load_experiment, replacing, save_experiment
from momentum_gui.i18n import say

RACE = Experiment(
    title="Rennen 赛跑",
    objective=Ravine(kappa=7.0),
    optimizers=(SGD(lr=0.1), Momentum(lr=1 / 3, mu=0.7, label="a, b", color="#112233", enabled=False)),
    steps=42,
    seed=5,
    start=(-1.5, 0.1),
    noise=0.25,
)


def training(table):
    return Experiment(objective=Network(data=Csv(path=str(table), label="y")))


def test_a_saved_experiment_is_loaded_again_exactly(tmp_path):
    save_experiment(RACE, tmp_path / "race.json")
    assert load_experiment(tmp_path / "race.json") == RACE


def test_what_is_written_is_json_and_says_so_in_its_name(tmp_path):
    with pytest.raises(InputError) as caught:
        save_experiment(RACE, tmp_path / "race.toml")
    text = "an experiment is written as JSON, to a file whose name ends in .json"
    assert say(caught.value) == f"{tmp_path / 'race.toml'}: {text}"
    assert not list(tmp_path.iterdir())


def test_toml_and_json_say_the_same(tmp_path):
    (tmp_path / "a.toml").write_text('steps = 9\n[objective]\nkind = "ravine"\nkappa = 4\n')
    (tmp_path / "a.json").write_text('{"steps": 9, "objective": {"kind": "ravine", "kappa": 4}}')
    expected = Experiment(objective=Ravine(kappa=4.0), steps=9)
    assert load_experiment(tmp_path / "a.toml") == load_experiment(tmp_path / "a.json") == expected


def test_standard_input_is_a_file_named_so(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'objective = {kind = "beale"}')))
    assert load_experiment(Path("-")).objective.__struct_config__.tag == "beale"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"steps = 0")))
    with pytest.raises(InputError, match=r"^standard input: "):
        load_experiment(Path("-"))
    monkeypatch.setattr(sys, "stdin", None)  # as a program without a console finds it
    with pytest.raises(InputError, match=r"^standard input: the file is empty"):
        load_experiment(Path("-"))


def test_a_fault_names_the_file(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("steps = 1.5")
    for each in (path, tmp_path / "missing.toml", tmp_path):
        with pytest.raises(InputError) as error:
            load_experiment(each)
        assert str(error.value).startswith(f"{each}: ")


def test_an_experiment_is_a_short_text(tmp_path):
    path = tmp_path / "long.toml"
    path.write_text('objective = {kind = "ravine"}\n' + "#" * 1_000_000)
    with pytest.raises(InputError, match="larger than 1000000 bytes"):
        load_experiment(path)


def test_a_table_is_sought_from_the_experiment_files_folder(tmp_path, monkeypatch):
    folder = tmp_path / "lesson"
    folder.mkdir()
    (folder / "net.toml").write_text('objective = {kind="network", data={kind="csv", path="d/t.csv", label="y"}}')
    monkeypatch.chdir(tmp_path)
    loaded = load_experiment(Path("lesson/net.toml"))
    assert Path(loaded.objective.data.path) == folder / "d" / "t.csv"
    monkeypatch.chdir(folder)
    assert load_experiment(Path("net.toml")) == loaded


def test_a_table_at_an_absolute_place_stays_there(tmp_path):
    path = tmp_path / "net.json"
    save_experiment(training("/elsewhere/t.csv"), path)
    assert load_experiment(path) == training("/elsewhere/t.csv")


def test_a_lesson_with_its_table_may_be_moved(tmp_path):
    (tmp_path / "old").mkdir()
    save_experiment(training(tmp_path / "old" / "data" / "t.csv"), tmp_path / "old" / "net.json")
    (tmp_path / "old").rename(tmp_path / "new")
    loaded = load_experiment(tmp_path / "new" / "net.json")
    assert Path(loaded.objective.data.path) == tmp_path / "new" / "data" / "t.csv"


# ---- replacing


def test_a_file_appears_whole_at_the_end(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["out"]


def write_half(path, fault):
    with replacing(path) as file:
        file.write(b"half")
        raise fault


@pytest.mark.parametrize("fault", [ValueError("x"), KeyboardInterrupt(), InputError("y")])
def test_nothing_is_left_of_what_failed(fault, tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    for each in (path, tmp_path / "fresh"):
        with pytest.raises(type(fault)):
            write_half(each, fault)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out"]


def test_a_full_disk_is_a_sentence_that_names_the_file(tmp_path):
    path = tmp_path / "out"
    with pytest.raises(InputError, match=r"out: No space left") as error, replacing(path):
        raise OSError(28, "No space left on device")
    assert str(path) in str(error.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["", "no/such/folder/out"])
def test_what_can_t_be_written_is_named(name, tmp_path):
    path = tmp_path / name
    with pytest.raises(InputError) as error, replacing(path) as file:
        file.write(b"x")
    assert str(error.value).startswith(f"{path}: ")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="an administrator may write anything")
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(InputError, match="Permission denied"), replacing(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="links and modes of POSIX")
def test_links_and_modes_stay(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_a_pipe_is_written_to_as_it_is(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    found = []
    reader = threading.Thread(target=lambda: found.append(path.read_bytes()))
    reader.start()
    with replacing(path) as file:
        file.write(b"rows")
    reader.join(10)
    assert found == [b"rows"]
    assert path.is_fifo()
