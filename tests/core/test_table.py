"""A table of the user's: previewed, its columns chosen, its gaps left out, its target standardised."""

import numpy as np
import pytest

from momentum_gui.core.datasets import Csv, Moons
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD
from momentum_gui.core.results import network_results
from momentum_gui.core.table import COUNTED, SHOWN, Column, PreviewJob, read_table
from momentum_gui.core.training import NetworkRun

TABLE = """\
height; weight; name; kind
1.5; 50; ann; a
1.6; NA; bob; b
1.7; 70; cy; a
; 80; di; b
1.9; 90; ed; a
2.0; 95; flo;
2.1; 99; gus; b
"""


def load(text, **fields):
    return Csv(**{"path": "my.csv", "label": "kind", "features": ("height", "weight"), **fields}).load(
        lambda name: text.encode()
    )


def test_a_preview_tells_names_kinds_and_gaps():
    found = PreviewJob(TABLE.encode()).preview()
    assert found.columns == (
        Column("height", "numeric", 1, 6),
        Column("weight", "numeric", 1, 6, whole=True),
        Column("name", "categorical", 0, 7),
        Column("kind", "categorical", 1, 2),
    )
    assert (found.rows, found.incomplete) == (7, 3)
    assert found.first[1] == ("1.6", "NA", "bob", "b")
    assert len(found.first) == 7


def test_a_preview_of_much_shows_the_first_and_counts_no_further():
    found = PreviewJob("".join(f"{row},{row % 3}\n" for row in range(5000)).encode()).preview()
    assert found.columns == (Column("0", "numeric", 0, COUNTED, whole=True), Column("1", "numeric", 0, 3, whole=True))
    assert found.rows == 5000
    assert found.first == tuple((str(row), str(row % 3)) for row in range(SHOWN))


def test_a_column_of_gaps_only_is_no_number():
    found = PreviewJob(b"a,b\n?,1\nNaN,2\nnull,3\n,4\n").preview()
    assert found.columns[0] == Column("a", "categorical", 4, 0)


def test_in_a_column_of_words_none_is_a_word_as_in_the_data():
    text = "size,pain\n" + 8 * "1,none\n2,mild\nNA,none\n4,\n5,mild\n"
    found = PreviewJob(text.encode()).preview()
    assert found.columns == (Column("size", "numeric", 8, 4, whole=True), Column("pain", "categorical", 8, 2))
    assert found.incomplete == 16
    data = load(text, label="pain", features=(), missing="drop")
    assert (data.classes, data.dropped) == (("mild", "none"), found.incomplete)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the table is empty"),
        ("a,b\n1,2\n3\n", "line 3: number of columns: 1; allowed are 2, as in the first line"),
        ("a,b\n1,2\n", "number of rows: 1; allowed are 4 to 100000"),
    ],
)
def test_what_is_no_table_has_no_preview(text, sentence):
    with pytest.raises(InputError) as caught:
        PreviewJob(text.encode()).preview()
    assert str(caught.value) == sentence


def test_rows_with_gaps_are_left_out_on_demand_and_counted():
    names, rows = TABLE.split("\n", 1)
    data = load(names + "\n" + 4 * rows, missing="drop")
    assert data.dropped == 12
    assert len(data.y_train) + len(data.y_test) == 16
    assert (data.features, data.classes) == (("height", "weight"), ("a", "b"))


def test_a_gap_is_refused_otherwise():
    with pytest.raises(InputError, match="line 5, column “height”: the value is missing; a number is needed"):
        load(TABLE.replace("NA", "60"))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"missing": "drop", "features": ("name",)},
            "line 2, column “name”: “ann”; a number of up to 1e+50",
        ),
        ({"features": ("height", 0)}, "column “height” is chosen twice"),
        ({"features": ("kind",)}, "column “kind” is chosen twice"),
        ({"features": ("size",)}, "no column “size”; allowed are height, weight, name, kind"),
        ({"task": "regression", "missing": "drop"}, "line 2, column “kind”: “a”; a number of up to 1e+50"),
        ({"task": "regression", "label": "weight", "features": (0,)}, "line 3, column “weight”: “NA”; a number"),
    ],
)
def test_columns_that_do_not_serve_are_told(fields, sentence):
    with pytest.raises(InputError) as caught:
        load(TABLE, **fields)
    assert str(caught.value).startswith(f"my.csv: {sentence}")


def line(count=80):
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 10, count)
    return "x,price\n" + "".join(f"{a!r},{1e5 * a + 3e6!r}\n" for a in x.tolist()), x


def test_a_regressions_target_is_standardised_by_the_training_part_and_comes_back():
    text, x = line()
    data = load(text, label="price", features=(), task="regression")
    assert data.classes == ()
    assert data.target.name == "price"
    assert data.y_train.mean() == pytest.approx(0, abs=1e-12)
    assert data.y_train.std() == pytest.approx(1)
    back = data.target.mean + data.target.deviation * np.concatenate([data.y_train, data.y_test])
    np.testing.assert_allclose(np.sort(back), np.sort(1e5 * x + 3e6), rtol=1e-12)
    run = NetworkRun(SGD(lr=0.5), Network(hidden=(), bias=True, batch=0), data, 100, 0)
    run.advance(100)
    assert run.test_loss[run.evaluations - 1] < 1e-20


def test_the_typical_error_is_the_root_mean_squared_error_in_the_tables_own_units():
    text, _x = line()
    data = load(text, label="price", features=(), task="regression")
    run = NetworkRun(SGD(lr=0.1), Network(hidden=(4,), bias=True, batch=0, l2=0.1), data, 20, 0)
    run.advance(20)
    weights = run.weights_at(20)[1]
    results = network_results(run)
    for x, y, error in (
        (data.x_train, data.y_train, results.train_error),
        (data.x_test, data.y_test, results.test_error),
    ):
        predicted = data.target.mean + data.target.deviation * run.mlp.logits(weights, x)[:, 0]
        truth = data.target.mean + data.target.deviation * y
        assert error == pytest.approx(np.sqrt(np.mean((predicted - truth) ** 2)), rel=1e-9)
        assert error > 1e4, "prices lie some 300 000 apart"


def test_a_regression_needs_a_target_that_varies():
    text = "x,y\n" + "".join(f"{row},7\n" for row in range(20))
    with pytest.raises(InputError, match="column “y” is constant in the training part; there is nothing to learn"):
        load(text, label="y", features=(), task="regression")


def test_features_come_back_in_the_tables_own_units():
    data = load("size,rooms,same,kind\n" + "".join(f"{30 + 7 * k},{k % 5},4,{'ab'[k % 2]}\n" for k in range(40)),
                label="kind", features=())  # fmt: skip
    assert len(data.scales) == 3
    x = np.concatenate([data.x_train, data.x_test])
    back = np.stack([data.scale(k).own(x[:, k]) for k in range(3)], axis=1)
    np.testing.assert_allclose(np.sort(back[:, 0]), 30 + 7 * np.arange(40), rtol=1e-12)
    assert sorted(np.round(back[:, 1], 9)) == sorted([k % 5 for k in range(40)])
    np.testing.assert_allclose(back[:, 2], 4)
    assert data.scale(0).standard(data.scale(0).own(0.7)) == pytest.approx(0.7)
    assert data.scale(1).mean == pytest.approx(back[: len(data.x_train), 1].mean()), "of the training part"


def test_generated_data_are_in_their_own_units():
    data = Moons().load(None)
    assert data.scales == ()
    assert data.scale(1).own(0.3) == 0.3


EUROPEAN = """\
region;area;rooms;price
north;30,40;2;120,5
south;-1,5e1;3;,25
east;40.5;;+99,0
west;50,00;4;100
north;61,25;5;200,75
"""


def test_between_semicolons_a_number_may_have_a_decimal_comma():
    found = PreviewJob(EUROPEAN.encode()).preview()
    assert [column.kind for column in found.columns] == ["categorical", "numeric", "numeric", "numeric"]
    assert [column.whole for column in found.columns] == [False, False, True, False]
    assert found.first[0] == ("north", "30.40", "2", "120.5")
    read = read_table(EUROPEAN.encode(), "price", ("area",), numeric=True)
    assert read.x[:, 0].tolist() == [30.4, -15.0, 40.5, 50.0, 61.25]
    assert [float(label) for label in read.labels] == [120.5, 0.25, 99.0, 100.0, 200.75]


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_no_separators_even_without_names(separator):
    rows = [separator.join(cells) for cells in (("1,5", "2,5", "3,5"), ("4,0", "5", "6,25"))] * 3
    read = read_table("\n".join(rows).encode(), -1, numeric=True)
    assert read.features == ("0", "1")
    assert read.x[:2].tolist() == [[1.5, 2.5], [4.0, 5.0]]
    assert read.labels[:2] == ["3.5", "6.25"]


def test_names_with_commas_leave_semicolons_between_columns():
    found = PreviewJob(EUROPEAN.replace("area", "area, m²").replace("price", "price, EUR").encode()).preview()
    assert [column.name for column in found.columns] == ["region", "area, m²", "rooms", "price, EUR"]


@pytest.mark.parametrize("thousands", ["1.234,5", "1,234,5", "1 234,5"])
def test_marked_thousands_are_no_number_and_are_quoted_as_they_stand(thousands):
    text = EUROPEAN.replace("30,40", thousands).encode()
    assert PreviewJob(text).preview().columns[1].kind == "categorical"
    with pytest.raises(InputError, match=f"line 2, column “area”: “{thousands}”; a number of up to"):
        read_table(text, "price", ("area",), numeric=True)


def test_between_commas_a_comma_is_none_of_a_number():
    found = PreviewJob(b"a,b,c\n" + 4 * b'"1,5",2,x\n').preview()
    assert [column.kind for column in found.columns] == ["categorical", "numeric", "categorical"]
    assert found.first[0] == ("1,5", "2", "x")


def test_commas_separate_though_a_cell_holds_a_semicolon():
    found = PreviewJob(b'1,"a;b",u;v\n' + 4 * b"2,c,d\n").preview()
    assert len(found.columns) == 3


def test_a_cell_that_is_much_too_long_is_told_wherever_it_is():
    for lines in ("a,b\n" + "x" * 200_000 + ",1\n", "x" * 200_000 + ",1\na,b\n"):
        with pytest.raises(InputError, match="not a row of a table: field larger than field limit"):
            PreviewJob(lines.encode()).preview()


@pytest.mark.parametrize("first", ["sep=;\r\n", "SEP=;\n", '"sep=;"\n'])
def test_the_line_that_tells_excel_the_separator_is_no_row(first):
    text = first + "a;b\n1,5;2\n3;4\n5;6\n7;8\n"
    table = read_table(text.encode(), "b", numeric=True)
    assert table.features == ("a",)
    assert table.x[:, 0].tolist() == [1.5, 3, 5, 7]
    assert PreviewJob(text.encode()).preview().columns[0] == Column("a", "numeric", 0, 4)
    with pytest.raises(InputError, match="line 6"):  # as an editor counts them
        read_table(text.replace("7", "x").encode(), "b", numeric=True)


def test_the_separator_that_is_told_is_taken_also_where_no_other_is_seen():
    table = read_table(b"sep=|\na|b\n1|2\n3|4\n5|6\n7|8\n", "b", numeric=True)
    assert table.x[:, 0].tolist() == [1, 3, 5, 7]
