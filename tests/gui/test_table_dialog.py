"""The preview of a table, and what is made of the choices."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from momentum_gui.core.datasets import Csv
from momentum_gui.core.table import PreviewJob
from momentum_gui.gui.table_dialog import TableDialog

ROWS = "".join(f"{k},{k % 7},{'' if k == 3 else k * k},{'uv'[k % 2]},{'abc'[k % 3]}\n" for k in range(60))
TABLE = ("long,short,square,soil,kind\n" + ROWS).encode()


@pytest.fixture
def ask(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)

    def asked(file=TABLE, data=None):
        known = data is not None
        return TableDialog(PreviewJob(file).preview(), data or Csv(path="t.csv"), known, parent)

    return asked


def ok(dialog):
    return dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)


def cell(dialog, row, column):
    return dialog.table.item(row, column).text()


def test_it_shows_kinds_and_what_is_missing(ask):
    dialog = ask()
    assert [cell(dialog, row, 0) for row in range(5)] == ["long", "short", "square", "soil", "kind"]
    assert [cell(dialog, row, 1) for row in range(5)] == ["numbers"] * 3 + ["words"] * 2
    assert [cell(dialog, row, 2) for row in range(5)] == ["0", "0", "1", "0", "0"]
    assert cell(dialog, 4, 4).startswith("a,  b,  c")


def test_the_last_column_is_predicted_from_the_numbers(ask):
    dialog = ask()
    assert not ok(dialog).isEnabled()
    assert "square" in dialog.fault.text()
    dialog.drop.setChecked(True)
    assert ok(dialog).isEnabled()
    assert dialog.data == Csv(path="t.csv", label="kind", features=("long", "short", "square"), missing="drop")


def test_a_column_can_be_left_out_instead(ask):
    dialog = ask()
    dialog.table.item(2, 0).setCheckState(Qt.CheckState.Unchecked)
    assert ok(dialog).isEnabled()
    assert not dialog.drop.isEnabled()
    assert dialog.data == Csv(path="t.csv", label="kind", features=("long", "short"))


def test_few_numbers_that_are_not_whole_are_a_regression(ask):
    prices = "".join(f"{k},{k / 2 + 100}\n" for k in range(6))
    assert ask(f"area,price\n{prices}".encode()).data.task == "regression"
    years = "".join(f"{k},{1990 + k % 3}.0\n" for k in range(6))
    assert ask(f"area,year\n{years}".encode()).data.task == "classification"


def test_many_numbers_are_a_regression_few_are_classes(ask):
    dialog = ask()
    dialog.drop.setChecked(True)
    dialog.label.setCurrentIndex(0)
    assert dialog.data.task == "regression"
    assert dialog.data.features == ("short", "square")
    dialog.label.setCurrentIndex(1)
    assert dialog.data.task == "classification"
    assert dialog.data.features == ("long", "square")
    dialog.label.setCurrentIndex(3)
    assert not dialog.task.isEnabled()
    assert dialog.data.task == "classification"


def test_what_can_not_be_learned_is_said(ask):
    dialog = ask()
    dialog.drop.setChecked(True)
    dialog.label.setCurrentIndex(0)
    dialog.task.setCurrentIndex(0)
    assert "60" in dialog.fault.text()
    assert not ok(dialog).isEnabled()
    dialog.label.setCurrentIndex(4)
    for row in range(3):
        dialog.table.item(row, 0).setCheckState(Qt.CheckState.Unchecked)
    assert "at least one" in dialog.fault.text()


def test_choices_made_before_are_shown_again(ask):
    data = Csv(path="t.csv", label=0, features=("short",), seed=5, task="regression")
    assert ask(data=data).data == Csv(path="t.csv", label="long", features=("short",), seed=5, task="regression")


def test_columns_without_names_are_called_by_their_numbers(ask):
    table = "".join(f"{k},{k + 1},{k % 2}\n" for k in range(30)).encode()
    assert ask(table).data == Csv(path="t.csv", label=2)


def test_ok_tells_the_choice(qtbot, ask):
    dialog = ask()
    dialog.drop.setChecked(True)
    with qtbot.waitSignal(dialog.chosen) as told:
        ok(dialog).click()
    assert told.args[0].label == "kind"


def test_a_table_with_decimal_commas_is_of_numbers_and_can_be_learned(ask):
    file = "region;area;rooms;price\n" + "".join(f"north;3{k},40;{k};12{k},5\n" for k in range(8))
    dialog = ask(file.encode())
    assert [cell(dialog, row, 1) for row in range(4)] == ["words", "numbers", "numbers", "numbers"]
    assert cell(dialog, 1, 4).startswith("30.40,  31.40")
    assert ok(dialog).isEnabled()
    data = dialog.data
    assert (data.label, data.features, data.task) == ("price", ("area", "rooms"), "regression")
    read = data.load(lambda _path: file.encode())
    areas = read.scale(0).own(np.concatenate([read.x_train[:, 0], read.x_test[:, 0]]))
    np.testing.assert_allclose(np.sort(areas), 30.4 + np.arange(8))


def test_another_column_to_predict_is_one_change_however_many_there_are(ask):
    """The view measures all rows at every change it is told of: of 2 000 columns that took over a minute."""
    names = [f"c{k}" for k in range(50)]
    rows = [",".join(str(row * k) for k in range(50)) for row in range(30)]
    dialog = ask("\n".join([",".join(names), *rows]).encode())
    told = []
    dialog.table.model().dataChanged.connect(lambda *_what: told.append(True))
    dialog.label.setCurrentIndex(3)
    assert len(told) <= 1
    assert dialog.features() == [k for k in range(50) if k != 3]
    dialog.tick(5).setCheckState(Qt.CheckState.Unchecked)  # and one's own ticks still count
    assert len(dialog.data.features) == 48
