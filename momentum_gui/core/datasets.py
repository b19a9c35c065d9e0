"""Data to learn: generated sets in the plane, two shipped sets, and a table of the user's own."""

import csv
import gzip
import io
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import Array, Declared

Read = Callable[[str], bytes]
"""Gives the bytes of the program's own data file for ``bundled:NAME``, else of the file at a path."""

Labels = NDArray[np.int64]

MAX_BYTES = 50_000_000
MIN_ROWS, MAX_ROWS = 4, 100_000
MAX_COLUMNS = 2_000
MAX_CLASSES = 50
MAX_NUMBER = 1e50
"""A table's numbers are at most this large; a column that varies by less than its inverse counts as constant."""

Samples = Annotated[
    int,
    Meta(
        ge=20,
        le=100_000,
        title=N_("Samples"),
        description=N_("How many points, training and test together."),
        extra={"scale": "log", "slider": (100, 10_000)},
    ),
]
Noise = Annotated[
    float,
    Meta(
        ge=0,
        le=10,
        title=N_("Noise"),
        description=N_("Standard deviation of the Gaussian noise on every coordinate."),
        extra={"symbol": "σ", "slider": (0.0, 0.6)},
    ),
]
Classes = Annotated[
    int,
    Meta(ge=2, le=8, title=N_("Classes"), description=N_("How many classes."), extra={"slider": (2, 8)}),
]
DataSeed = Annotated[
    int,
    Meta(
        ge=0,
        le=2**32 - 1,
        title=N_("Data seed"),
        description=N_("Decides the points and which of them are for testing."),
    ),
]
TestFraction = Annotated[
    float,
    Meta(
        ge=0.05,
        le=0.9,
        title=N_("Test share"),
        description=N_("The share of the data that is kept for testing."),
        extra={"slider": (0.05, 0.9)},
    ),
]


@dataclass(frozen=True)
class Dataset:
    """Inputs ``x`` (samples, features) and classes ``y`` (samples,), 0 … classes - 1, for training and testing.

    ``image_shape`` is (rows, columns) where the features are the pixels of an image.
    """

    x_train: Array
    y_train: Labels
    x_test: Array
    y_test: Labels
    classes: tuple[str, ...]
    features: tuple[str, ...]
    image_shape: tuple[int, int] | None = None


class Data(Declared, frozen=True, tag_field="kind"):
    """A data set as it is declared; ``load`` makes or reads it."""

    title: ClassVar[str]
    summary: ClassVar[str]

    def load(self, read: Read) -> Dataset:
        """The data, shuffled and split. Raises InputError if there is something wrong with a file."""
        raise NotImplementedError


class Planar(Data, frozen=True, kw_only=True):
    """Generated points in the plane, the same for the same fields."""

    samples: Samples = 1000
    noise: Noise = 0.1
    seed: DataSeed = 0
    test_fraction: TestFraction = 0.25

    def points(self, y: Labels, rng: np.random.Generator) -> Array:
        """One point without noise for every class in ``y``, (samples, 2)."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        """How many classes."""
        return 2

    def load(self, read: Read) -> Dataset:
        rng = np.random.default_rng(self.seed)
        y = np.arange(self.samples) % self.count
        x = self.points(y, rng) + self.noise * rng.standard_normal((self.samples, 2))
        names = tuple(str(each) for each in range(self.count))
        return _split(x, y, names, ("x", "y"), self.test_fraction, rng)


class Moons(Planar, frozen=True, tag="moons"):
    """Two interleaved half circles of radius 1."""

    title = N_("Two moons")
    summary = N_("Two interleaved half circles.")

    def points(self, y: Labels, rng: np.random.Generator) -> Array:
        turn = np.pi * rng.random(len(y))
        upper = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        lower = np.stack([1 - np.cos(turn), 0.5 - np.sin(turn)], axis=1)
        return np.where(y[:, None] == 0, upper, lower)


class Circles(Planar, frozen=True, tag="circles"):
    """A circle of radius 1 around a circle of radius 1/2."""

    title = N_("Circles")
    summary = N_("A circle within a circle.")

    def points(self, y: Labels, rng: np.random.Generator) -> Array:
        turn = 2 * np.pi * rng.random(len(y))
        radius = np.where(y == 0, 1.0, 0.5)
        return radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)


class Xor(Planar, frozen=True, tag="xor"):
    """Four squares, the opposite ones of one class: no straight line tells them apart."""

    title = N_("Exclusive or")
    summary = N_("Four squares, opposite ones of one class.")

    def points(self, y: Labels, rng: np.random.Generator) -> Array:
        first = rng.integers(0, 2, len(y))
        corner = np.stack([first, first ^ y], axis=1) * 2.0 - 1
        return corner * rng.uniform(0.2, 1.0, (len(y), 2))


class Gaussians(Planar, frozen=True, tag="gaussians"):
    """One cloud a class, their centres evenly on the unit circle."""

    title = N_("Gaussian clouds")
    summary = N_("One cloud of points a class.")

    noise: Noise = 0.3
    classes: Classes = 3

    @property
    def count(self) -> int:
        return self.classes

    def points(self, y: Labels, rng: np.random.Generator) -> Array:
        turn = 2 * np.pi * y / self.classes
        return np.stack([np.cos(turn), np.sin(turn)], axis=1)


class Spirals(Planar, frozen=True, tag="spirals"):
    """One arm a class, a turn and a quarter long."""

    title = N_("Spirals")
    summary = N_("One spiral arm a class.")

    noise: Noise = 0.03
    classes: Classes = 2

    @property
    def count(self) -> int:
        return self.classes

    def points(self, y: Labels, rng: np.random.Generator) -> Array:
        radius = np.sqrt(rng.uniform(0.01, 1.0, len(y)))
        turn = 2 * np.pi * (1.25 * radius + y / self.classes)
        return radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)


class Digits(Data, frozen=True, tag="digits"):
    """1 797 handwritten digits, 8 x 8 pixels of 0 to 1 (UCI, Optical Recognition of Handwritten Digits)."""

    title = N_("Handwritten digits")
    summary = N_("1 797 real images of 8 × 8 pixels.")

    seed: DataSeed = 0
    test_fraction: TestFraction = 0.25

    def load(self, read: Read) -> Dataset:
        table = np.loadtxt(io.BytesIO(gzip.decompress(read("bundled:digits.csv.gz"))), delimiter=",", dtype=np.int64)
        names = tuple(str(digit) for digit in range(10))
        pixels = tuple(f"pixel {row},{column}" for row in range(8) for column in range(8))
        rng = np.random.default_rng(self.seed)
        x, y = table[:, :64] / 16.0, table[:, 64]
        return _split(x, y, names, pixels, self.test_fraction, rng, (8, 8))


class Article(Data, frozen=True, tag="article"):
    """The 5 000 moons of the article's source: scikit-learn's ``make_moons`` (noise 0.1, seed 42).

    They are split 3 750 / 1 250, in the order of its ``train_test_split`` (seed 42).
    """

    title = N_("The article's moons")
    summary = N_("The 5 000 points that the article's program trains on.")

    def load(self, read: Read) -> Dataset:
        with np.load(io.BytesIO(read("bundled:article.npz")), allow_pickle=False) as stored:
            parts = [stored[name] for name in ("x_train", "y_train", "x_test", "y_test")]
        x_train, y_train, x_test, y_test = parts
        return Dataset(x_train, y_train.astype(np.int64), x_test, y_test.astype(np.int64), ("0", "1"), ("x", "y"))


class Csv(Data, frozen=True, tag="csv"):
    """A table of the user's: one column the class, every other a numeric feature.

    UTF-8; commas, semicolons or tabs between the columns; a first line of names or none.
    The features are standardised: mean 0 and standard deviation 1 on the training part. A feature that is
    constant there becomes 0.
    """

    title = N_("Your own table (CSV)")
    summary = N_("One column the class, every other a number.")

    path: str
    label: Annotated[
        str | int,
        Meta(title=N_("Class column"), description=N_("The name or the number (from 0) of the column to predict.")),
    ] = -1
    seed: DataSeed = 0
    test_fraction: TestFraction = 0.25

    def load(self, read: Read) -> Dataset:
        file = read(self.path)
        try:
            return self._parse(file)
        except InputError as error:
            raise InputError("{file}: {fault}", file=self.path, fault=error.message) from None

    def _parse(self, file: bytes) -> Dataset:
        header, column, x, labels = _table(file, self.label)
        names = sorted(set(labels), key=_order)
        if not 2 <= len(names) <= MAX_CLASSES:
            text = N_("column “{column}” holds {count} classes; allowed are 2 to {limit}")
            raise InputError(text, column=_short(header[column]), count=len(names), limit=MAX_CLASSES)
        number = {name: index for index, name in enumerate(names)}
        y = np.array([number[label] for label in labels], dtype=np.int64)
        features = (*header[:column], *header[column + 1 :])
        data = _split(x, y, tuple(names), features, self.test_fraction, np.random.default_rng(self.seed))
        x_train, x_test = _standardised(data.x_train, data.x_test)
        return replace(data, x_train=x_train, x_test=x_test)


def _split(
    x: Array,
    y: Labels,
    classes: tuple[str, ...],
    features: tuple[str, ...],
    test_fraction: float,
    rng: np.random.Generator,
    image_shape: tuple[int, int] | None = None,
) -> Dataset:
    """Shuffle, and keep ``test_fraction`` of the samples for testing; every class must be left for training."""
    order = rng.permutation(len(y))
    train, test = np.split(order, [len(y) - max(1, round(len(y) * test_fraction))])
    missing = np.setdiff1d(y, y[train])
    if len(missing):
        raise InputError(
            N_(
                "class “{name}” has no sample in the training part;"
                " it needs more samples, a smaller test share or another data seed"
            ),
            name=_short(classes[missing[0]]),
        )
    return Dataset(x[train], y[train], x[test], y[test], classes, features, image_shape)


def _standardised(x_train: Array, x_test: Array) -> tuple[Array, Array]:
    """Both parts on the scale on which the training part's columns have mean 0 and standard deviation 1."""
    low = x_train.min(axis=0)
    spread = x_train.max(axis=0) - low
    constant = spread < 1 / MAX_NUMBER
    spread[constant] = 1.0
    x_train, x_test = (
        (x_train - low) / spread,
        (x_test - low) / spread,
    )  # 0 … 1 first: squares neither over- nor underflow
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    deviation[constant] = 1.0
    x_train, x_test = (x_train - mean) / deviation, (x_test - mean) / deviation
    x_train[:, constant] = x_test[:, constant] = 0.0
    return x_train, x_test


Row = tuple[int, list[str]]
"""A row's last line in the file, from 1, and its cells."""


def _table(file: bytes, label: str | int) -> tuple[list[str], int, Array, list[str]]:
    """A table's column names, which of them is the class, the features (rows, columns - 1), and the classes."""
    rows = _rows(file)
    first = next(rows, None)
    if first is None:
        raise InputError(N_("the table is empty"))
    cells = first[1]
    if not 2 <= len(cells) <= MAX_COLUMNS:
        text = N_("number of columns: {count}; allowed are 2 (a feature and the class) to {limit}")
        raise InputError(text, count=len(cells), limit=MAX_COLUMNS)
    by_name = isinstance(label, str) and _number(label) is None and label in cells
    named = by_name or all(_number(cell) is None for cell in cells)
    header = [_printable(cell) for cell in cells] if named else [str(index) for index in range(len(cells))]
    column = _column(label, header)
    numbers, labels = array("d"), []
    for line, cells in rows if named else chain([first], rows):
        if len(cells) != len(header):
            text = N_("line {line}: number of columns: {count}; allowed are {width}, as in the first line")
            raise InputError(text, line=line, count=len(cells), width=len(header))
        labels.append(_printable(cells[column]))
        row = [_number(cell) for index, cell in enumerate(cells) if index != column]
        if not labels[-1]:
            text = N_("line {line}, column “{column}”: the class is missing")
            raise InputError(text, line=line, column=_short(header[column]))
        if None in row:
            place = next(index for index, cell in enumerate(cells) if index != column and _number(cell) is None)
            text = N_("line {line}, column “{column}”: “{value}”; allowed are numbers of up to {limit:.0e} in size")
            if not cells[place]:
                text = N_("line {line}, column “{column}”: the value is missing; a number is needed")
            name, value = _short(header[place]), _short(cells[place])
            raise InputError(text, line=line, column=name, value=value, limit=MAX_NUMBER)
        numbers.extend(row)  # type: ignore[arg-type]
    if not MIN_ROWS <= len(labels) <= MAX_ROWS:
        text = N_("number of rows: {count}; allowed are {low} to {high}")
        raise InputError(text, count=len(labels), low=MIN_ROWS, high=MAX_ROWS)
    return header, column, np.array(numbers).reshape(len(labels), -1), labels


def _rows(file: bytes) -> Iterator[Row]:
    """The rows that are not blank, whatever stands between their columns."""
    if len(file) > MAX_BYTES:
        raise InputError(N_("larger than {limit} bytes"), limit=MAX_BYTES)
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(N_("not UTF-8 text (byte {place})"), place=error.start) from None
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    delimiter = max(",;\t", key=lambda each: len(next(csv.reader([first], delimiter=each), [])))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as error:
        text = N_("line {line}: not a row of a table: {reason}")
        raise InputError(text, line=reader.line_num, reason=str(error)) from None


def _column(label: str | int, header: list[str]) -> int:
    """The place of the column with this name, else with this number."""
    if isinstance(label, str) and label in header:
        if header.count(label) > 1:
            raise InputError(N_("several columns are called “{label}”"), label=_short(label))
        return header.index(label)
    try:
        number = int(label)
    except ValueError:
        columns = ", ".join([_short(name) for name in header[:20]] + ["…"] * (len(header) > 20))
        text = N_("no column “{label}”; allowed are {columns}")
        raise InputError(text, label=_short(str(label)), columns=columns) from None
    if not -len(header) <= number < len(header):
        text = N_("no column {label}; allowed are {low} to {high}")
        raise InputError(text, label=number, low=-len(header), high=len(header) - 1)
    return number % len(header)


def _number(text: str) -> float | None:
    """The finite number that ``text`` is."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if -MAX_NUMBER <= number <= MAX_NUMBER and "_" not in text else None


def _printable(text: str) -> str:
    """``text`` on one line, without control characters."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())


def _short(text: str) -> str:
    text = _printable(text)
    return text if len(text) <= 40 else text[:39] + "…"


def _order(name: str) -> tuple[bool, float, str]:
    """Numbers by their value, then words by the alphabet."""
    number = _number(name)
    return (number is None, number or 0.0, name)


DATASETS: tuple[type[Data], ...] = (Moons, Circles, Xor, Gaussians, Spirals, Digits, Article, Csv)
AnyData = Moons | Circles | Xor | Gaussians | Spirals | Digits | Article | Csv
