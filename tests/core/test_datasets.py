"""Data sets: shapes, splits, seeds; the shipped ones; a user's table and every sentence about a faulty one."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from momentum_gui import assets
from momentum_gui.core.datasets import (
    DATASETS,
    AnyData,
    Article,
    Circles,
    Csv,
    Digits,
    Gaussians,
    Moons,
    Planar,
    Spirals,
    Xor,
)
from momentum_gui.core.messages import InputError

PLANAR = [cls for cls in DATASETS if issubclass(cls, Planar)]


def nothing(name):
    raise AssertionError(f"{name} was read")


def everything(data):
    """A data set's samples, training part first."""
    return np.concatenate([data.x_train, data.x_test]), np.concatenate([data.y_train, data.y_test])


def assert_sound(data):
    for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        assert x.shape == (len(y), len(data.features))
        assert x.dtype == np.float64
        assert y.dtype == np.int64
        assert len(y) > 0
        assert np.isfinite(x).all()
        assert y.min() >= 0
        assert y.max() < len(data.classes)
    assert set(data.y_train) == set(range(len(data.classes))), "every class is there to be learnt"


# -- generated


@pytest.mark.parametrize("cls", PLANAR)
@pytest.mark.parametrize(("samples", "fraction", "test"), [(1000, 0.25, 250), (101, 0.05, 5), (200, 0.9, 180)])
def test_the_split_is_as_asked(cls, samples, fraction, test):
    data = cls(samples=samples, test_fraction=fraction).load(nothing)
    assert_sound(data)
    assert (len(data.y_train), len(data.y_test)) == (samples - test, test)
    assert data.features == ("x", "y")
    assert data.image_shape is None


@pytest.mark.parametrize("cls", PLANAR)
def test_one_seed_makes_one_set(cls):
    one, same, other = (cls(seed=seed).load(nothing) for seed in (3, 3, 4))
    assert np.array_equal(one.x_train, same.x_train)
    assert np.array_equal(one.y_test, same.y_test)
    assert not np.array_equal(one.x_train, other.x_train)


@pytest.mark.parametrize("cls", PLANAR)
def test_classes_are_of_one_size_and_mixed(cls):
    data = cls(samples=600).load(nothing)
    counts = np.bincount(everything(data)[1])
    assert counts.max() - counts.min() <= 1
    assert len(set(data.y_train[:30])) > 1


def without_noise(cls, **fields):
    x, y = everything(cls(samples=500, noise=0.0, **fields).load(nothing))
    return x[:, 0], x[:, 1], y


def test_moons_are_two_half_circles():
    x, y, c = without_noise(Moons)
    np.testing.assert_allclose(np.hypot(x, y)[c == 0], 1, rtol=1e-12)
    np.testing.assert_allclose(np.hypot(x - 1, y - 0.5)[c == 1], 1, rtol=1e-12)
    assert (y[c == 0] >= 0).all()
    assert (y[c == 1] <= 0.5).all()


def test_circles_have_radius_one_and_a_half():
    x, y, c = without_noise(Circles)
    np.testing.assert_allclose(np.hypot(x, y), np.where(c == 0, 1.0, 0.5), rtol=1e-12)


def test_xor_is_the_exclusive_or_of_the_signs():
    x, y, c = without_noise(Xor)
    assert np.array_equal((x > 0) ^ (y > 0), c == 1)
    assert np.abs(x).min() >= 0.2
    assert np.abs(x).max() <= 1.0
    assert len({*zip(x > 0, y > 0, strict=True)}) == 4


@pytest.mark.parametrize("classes", [2, 5, 8])
def test_gaussians_stand_around_evenly_spread_centres(classes):
    data = Gaussians(samples=8000, noise=0.2, classes=classes).load(nothing)
    assert data.classes == tuple(str(each) for each in range(classes))
    x, c = everything(data)
    for each in range(classes):
        turn = 2 * np.pi * each / classes
        np.testing.assert_allclose(x[c == each].mean(axis=0), [np.cos(turn), np.sin(turn)], atol=0.03)
        np.testing.assert_allclose(x[c == each].std(axis=0), 0.2, rtol=0.1)


def test_spirals_are_arms_of_a_turn_and_a_quarter():
    x, y, c = without_noise(Spirals, classes=3)
    radius = np.hypot(x, y)
    assert radius.min() >= 0.1
    assert radius.max() <= 1.0
    turn = 2 * np.pi * (1.25 * radius + c / 3)
    np.testing.assert_allclose(x, radius * np.cos(turn), atol=1e-12)
    np.testing.assert_allclose(y, radius * np.sin(turn), atol=1e-12)


def test_noise_has_the_deviation_that_was_asked_for():
    (clean, _), (noised, _) = (
        everything(Gaussians(samples=20_000, noise=noise, classes=2).load(nothing)) for noise in (0.0, 0.3)
    )
    np.testing.assert_allclose((noised - clean).std(axis=0), 0.3, rtol=0.03)


def test_a_class_that_would_be_left_out_of_training_is_named():
    data = Gaussians(samples=20, classes=8, test_fraction=0.9)
    with pytest.raises(InputError, match=r"^class “\d” has no sample in the training part; it needs more samples"):
        data.load(nothing)


# -- shipped


def test_the_digits_are_1797_images():
    data = Digits().load(assets.read)
    assert_sound(data)
    x, y = everything(data)
    assert x.shape == (1797, 64)
    assert data.image_shape == (8, 8)
    assert data.classes == tuple("0123456789")
    assert (x.min(), x.max()) == (0.0, 1.0)
    assert np.array_equal(x * 16, np.round(x * 16)), "sixteen greys"
    # how often each digit stands in the published test part
    assert list(np.bincount(y)) == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert len(data.y_test) == round(1797 * 0.25)
    assert np.array_equal(Digits().load(assets.read).x_train, data.x_train)
    assert not np.array_equal(Digits(seed=1).load(assets.read).x_train, data.x_train)


def test_the_articles_moons_are_3750_and_1250():
    data = Article().load(assets.read)
    assert_sound(data)
    assert data.x_train.shape == (3750, 2)
    assert data.x_test.shape == (1250, 2)
    x, y = everything(data)
    assert list(np.bincount(y)) == [2500, 2500]
    upper, lower = np.hypot(*x[y == 0].T), np.hypot(x[y == 1, 0] - 1, x[y == 1, 1] - 0.5)
    for radius in (upper, lower):  # two half circles with noise 0.1
        assert radius.mean() == pytest.approx(1.0, abs=0.01)
        assert radius.std() == pytest.approx(0.1, rel=0.05)


def test_the_table_and_the_union_list_the_same():
    assert AnyData.__args__ == DATASETS
    kinds = [cls.__struct_config__.tag for cls in DATASETS]
    assert len(set(kinds)) == len(kinds)
    assert {"moons", "circles", "xor", "gaussians", "spirals", "plane", "peaks", "digits", "article", "csv"} <= set(
        kinds
    )
    assert all(cls.title and cls.summary for cls in DATASETS)


# -- a table of the user's


def table(text, **fields):
    file = text if isinstance(text, bytes) else text.encode()
    return Csv(path="my table.csv", **fields).load({"my table.csv": file}.__getitem__)


FLOWERS = "length,width,kind\n" + "".join(f"{i},{i * i % 7},{'rose' if i % 2 else 'lily'}\n" for i in range(40))


def test_a_table_with_names():
    data = table(FLOWERS, label="kind")
    assert_sound(data)
    assert data.features == ("length", "width")
    assert data.classes == ("lily", "rose")
    assert (len(data.y_train), len(data.y_test)) == (30, 10)
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.x_train.std(axis=0), 1, rtol=1e-12)
    # the length is i, the class its parity: undo the standardisation by its own extremes
    x, y = everything(data)
    rank = np.argsort(np.argsort(x[:, 0]))
    assert np.array_equal(rank % 2, y)


def same(one, other):
    return one.classes == other.classes and np.array_equal(one.x_train, other.x_train) and np.array_equal(
        one.y_test, other.y_test
    )  # fmt: skip


@pytest.mark.parametrize("label", ["kind", 2, -1, "2", "-1"])
def test_the_class_column_by_name_or_number(label):
    assert same(table(FLOWERS, label=label), table(FLOWERS))


@pytest.mark.parametrize(
    "text",
    [
        FLOWERS.replace(",", ";"),
        FLOWERS.replace(",", "\t"),
        FLOWERS.replace(",", " , "),
        FLOWERS.replace("\n", "\r\n"),
        FLOWERS.replace("\n", "\n\n"),
        "\n\n" + FLOWERS.rstrip("\n"),
        b"\xef\xbb\xbf" + FLOWERS.encode(),
        re.sub(r"(\w+)", r'"\1"', FLOWERS),
        FLOWERS.partition("\n")[2],
    ],
    ids=["semicolons", "tabs", "spaces", "crlf", "blank lines", "no last line end", "bom", "quotes", "no names"],
)
def test_other_ways_to_write_the_same_table(text):
    assert same(table(text), table(FLOWERS))


def test_a_table_without_names_numbers_its_columns():
    assert table(FLOWERS.partition("\n")[2]).features == ("0", "1")


def test_a_column_may_be_called_by_a_name_that_reads_like_a_word():
    text = "a,b,1st\n" + "1,2,3\n2,1,4\n" * 8
    assert table(text, label="1st").classes == ("3", "4")


def test_classes_are_in_the_order_of_numbers_and_then_words():
    rows = "".join(f"{i},{name}\n" for i, name in enumerate(["10", "9", "b", "a", "-1"] * 8))
    assert table("x,y\n" + rows).classes == ("-1", "9", "10", "a", "b")


def test_a_column_that_never_changes_becomes_nought():
    data = table("a,b,c\n" + "".join(f"{i},7.5,{i % 2}\n" for i in range(20)))
    assert not data.x_train[:, 1].any()
    assert not data.x_test[:, 1].any()


@pytest.mark.parametrize("size", [1e-45, 1e48])
def test_very_large_and_very_small_numbers_are_standardised(size):
    data = table("a,c\n" + "".join(f"{i * size!r},{i % 2}\n" for i in range(20)))
    assert data.x_train.std() == pytest.approx(1.0)


def test_the_seed_and_the_share_decide_the_split():
    assert not same(table(FLOWERS, seed=1), table(FLOWERS))
    assert len(table(FLOWERS, test_fraction=0.5).y_test) == 20


FEW = "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n"


@pytest.mark.parametrize(
    ("text", "fields", "sentence"),
    [
        ("", {}, "the table is empty"),
        ("\n \n,,\n", {}, "the table is empty"),
        ("a\n1\n2\n", {}, "number of columns: 1; allowed are 2 (a feature and the class) to 2000"),
        (",".join("a" * 2001), {}, "number of columns: 2001; allowed are 2 (a feature and the class) to 2000"),
        (FEW + "1,2\n", {}, "line 6: number of columns: 2; allowed are 3, as in the first line"),
        (FEW + "1,2,x,4\n", {}, "line 6: number of columns: 4; allowed are 3, as in the first line"),
        (FEW + "1,2,\n", {}, "line 6, column “c”: the class is missing"),
        (FEW + "1,,x\n", {}, "line 6, column “b”: the value is missing; a number is needed"),
        (FEW + "1,two,x\n", {}, "line 6, column “b”: “two”; a number of up to 1e+50 in size is needed"),
        (FEW + "nan,2,x\n", {}, "line 6, column “a”: “nan”; a number of up to 1e+50 in size is needed"),
        (FEW + "1,inf,x\n", {}, "line 6, column “b”: “inf”; a number of up to 1e+50 in size is needed"),
        (FEW + "1,2e51,x\n", {}, "line 6, column “b”: “2e51”; a number of up to 1e+50 in size is needed"),
        (FEW + "1,1_0,x\n", {}, "line 6, column “b”: “1_0”; a number of up to 1e+50 in size is needed"),
        (
            FEW + f"1,{'w' * 90},x\n",
            {},
            f"line 6, column “b”: “{'w' * 39}…”; a number of up to 1e+50 in size is needed",
        ),
        ("a,b,c\n1,2,x\n3,4,y\n5,6,x\n", {}, "number of rows: 3; allowed are 4 to 100000"),
        (FEW, {"label": "kind"}, "no column “kind”; allowed are a, b, c"),
        (FEW, {"label": 3}, "no column 3; allowed are -3 to 2"),
        (FEW, {"label": "-4"}, "no column -4; allowed are -3 to 2"),
        (FEW.replace("b", "a"), {"label": "a"}, "several columns are called “a”"),
        ("a,b\n1,x\n2,x\n3,x\n4,x\n", {}, "column “b” holds 1 classes; allowed are 2 to 50"),
        (
            "a,b\n" + "".join(f"{i},{i}\n" for i in range(51)),
            {},
            "column “b” holds 51 classes; allowed are 2 to 50",
        ),
        (
            "a,b\n1,x\n2,x\n3,x\n4,lonely\n",
            {"test_fraction": 0.9},
            "class “lonely” has no sample in the training part;"
            " it needs more samples, a smaller test share or another data seed",
        ),
        (b"a,b\n1,\xff\n", {}, "not UTF-8 text (byte 6)"),
        (FEW + '1,2,"x\n', {}, "line 6: not a row of a table: unexpected end of data"),
    ],
)
def test_a_faulty_table_gets_one_sentence(text, fields, sentence):
    with pytest.raises(InputError) as caught:
        table(text, **fields)
    assert str(caught.value) == f"my table.csv: {sentence}"


def test_a_table_with_too_many_columns_lists_the_first_twenty():
    with pytest.raises(InputError, match=r"no column “z”; allowed are c0, c1, .*c19, …$"):
        table(",".join(f"c{i}" for i in range(30)) + "\n", label="z")


def test_a_table_that_is_too_long_or_too_large_is_refused():
    with pytest.raises(InputError, match=r"^my table.csv: number of rows: 100001; allowed are 4 to 100000$"):
        table("0,a\n" * 100_001)
    with pytest.raises(InputError, match=r"^my table.csv: larger than 50000000 bytes$"):
        table(bytes(50_000_001))


def test_a_file_that_can_not_be_read_keeps_its_own_sentence(tmp_path):
    path = str(tmp_path / "nowhere.csv")
    with pytest.raises(InputError) as caught:
        Csv(path=path).load(assets.read)
    assert str(caught.value) == f"{path}: No such file or directory"


CELLS = st.sampled_from(["1", "2.5", "a", "", " b", '"c"'])
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=3).map(",".join), max_size=12)
TEXT = st.text(alphabet="ab01.,;\t\n\r\"' -e\x00é", max_size=80)


@given(
    st.one_of(st.binary(max_size=80), TEXT.map(str.encode), ROWS.map("\n".join).map(str.encode)),
    st.one_of(st.integers(-4, 4), st.text(max_size=3)),
)
@settings(max_examples=200, deadline=None)
def test_any_file_is_a_table_or_gets_one_line(file, label):
    try:
        data = table(file, label=label)
    except InputError as error:
        sentence = str(error)
    else:
        assert_sound(data)
        return
    assert sentence.startswith("my table.csv: ")
    assert len(sentence.splitlines()) == 1


def test_a_table_is_parsed_again_only_if_it_or_what_is_asked_of_it_has_changed():
    file = b"a,b\n" + b"".join(b"%d,%d\n" % (k, k % 2) for k in range(40))
    data = Csv(path="t.csv")
    once = data.load(lambda _path: file)
    assert Csv(path="t.csv").load(lambda _path: bytes(bytearray(file))) is once
    assert Csv(path="t.csv", seed=1).load(lambda _path: file) is not once
    changed = data.load(lambda _path: file + b"100,1\n")
    assert len(changed.y_train) + len(changed.y_test) == 41
