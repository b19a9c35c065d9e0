"""Where resources are found, and how a file that can't be read is told."""

import sys
import tomllib
from pathlib import Path

import pytest

from momentum_gui import assets
from momentum_gui.core import table
from momentum_gui.core.messages import InputError

ROOT = Path(__file__).parents[1]


def test_in_a_checkout_they_stand_beside_the_package():
    assert assets.resources() == ROOT / "resources"


def test_in_a_wheel_they_stand_in_the_package(monkeypatch, tmp_path):
    (tmp_path / "resources").mkdir()
    monkeypatch.setattr(assets, "__file__", str(tmp_path / "assets.py"))
    assert assets.resources() == tmp_path / "resources"


def test_in_the_packaged_program_they_stand_where_it_unpacks(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert assets.resources() == tmp_path / "resources"


def test_the_wheel_has_every_folder_that_the_program_reads():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["only-include"] == ["momentum_gui", "resources"]
    assert wheel["sources"] == {"resources": "momentum_gui/resources"}
    assert set(wheel["exclude"]) == {"/resources/packaging", "/resources/pictures"}


def test_bundled_data_and_a_users_file_are_read(tmp_path):
    assert assets.read("bundled:article.npz") == (ROOT / "resources/data/article.npz").read_bytes()
    (tmp_path / "own.csv").write_bytes(b"a,b\n")
    assert assets.read(str(tmp_path / "own.csv")) == b"a,b\n"


def test_a_file_is_read_up_to_a_limit(tmp_path):
    (tmp_path / "long").write_bytes(b"0123456789")
    assert assets.read_file(str(tmp_path / "long"), 4) == b"0123"


def test_a_table_of_the_largest_size_is_read_and_a_larger_one_is_not(monkeypatch, tmp_path):
    monkeypatch.setattr(table, "MAX_BYTES", 10)
    path = tmp_path / "table.csv"
    path.write_bytes(b"x" * 10)
    assert len(assets.read(str(path))) == 10
    path.write_bytes(b"x" * 11)
    with pytest.raises(InputError, match="larger than 10 bytes") as error:
        assets.read(str(path))
    assert str(path) in str(error.value)


@pytest.mark.parametrize("name", ["missing.csv", ".", "null\0byte"])
def test_what_can_t_be_read_is_named(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        assets.read(name)
    assert str(error.value).startswith(name if name.isprintable() else repr(name))
    assert "\n" not in str(error.value)
