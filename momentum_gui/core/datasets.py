"""Data to learn: generated sets in the plane, two shipped sets, and a table of the user's own."""

import csv
import gzip
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from momentum_gui.core.messages import InputError, N_
from momentum_gui.core.params import Array, Declared

Read = Callable[[str], bytes]
"""Gives the bytes of the program's own data file for ``bundled:NAME``, else of the file at a path."""

Labels = NDArray[np.int64]

MAX_BYTES = 50_000_000
MAX_CLASSES = 50

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
        return _split(table[:, :64] / 16.0, table[:, 64], names, pixels, self.test_fraction, rng, (8, 8))


class Article(Data, frozen=True, tag="article"):
    """The 5 000 moons of the article's source: scikit-learn's ``make_moons`` (noise 0.1, seed 42), split 3 750 / 1 250."""

    title = N_("The article's moons")
    summary = N_("The 5 000 points that the article's program trains on.")

    def load(self, read: Read) -> Dataset:
        with np.load(io.BytesIO(read("bundled:article.npz")), allow_pickle=False) as stored:
            parts = [stored[name] for name in ("x_train", "y_train", "x_test", "y_test")]
        x_train, y_train, x_test, y_test = parts
        return Dataset(x_train, y_train.astype(np.int64), x_test, y_test.astype(np.int64), ("0", "1"), ("x", "y"))


class Csv(Data, frozen=True, tag="csv"):
    """A table of the user's: one column the class, every other a numeric feature.

    The features are standardised: mean 0 and standard deviation 1 on the training part.
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
        header, rows = _table(read(self.path), self.path)
        column = _column(self.label, header, self.path)
        features = tuple(name for index, name in enumerate(header) if index != column)
        if not features:
            raise InputError(N_("{file}: only one column; a class needs features beside it"), file=self.path)
        x = np.array([[_number(rows, line, i, header, self.path) for i in range(len(header)) if i != column]
                      for line in range(len(rows))])
        labels = [cells[column].strip() for _line, cells in rows]
        for (line, _cells), label in zip(rows, labels, strict=True):
            if not label:
                raise InputError(N_("{file}, line {line}: the class is missing"), file=self.path, line=line)
        names = tuple(sorted(set(labels), key=_order))
        if not 2 <= len(names) <= MAX_CLASSES:
            raise InputError(
                N_("{file}: column “{column}” has {count} classes; from 2 to {limit} are allowed"),
                file=self.path, column=header[column], count=len(names), limit=MAX_CLASSES,
            )
        number = {name: index for index, name in enumerate(names)}
        y = np.array([number[label] for label in labels])
        data = _split(x, y, names, features, self.test_fraction, np.random.default_rng(self.seed))
        for index, name in enumerate(names):
            if not (data.y_train == index).any():
                raise InputError(
                    N_("{file}: class “{name}” has no row in the training part; give it more rows or take another seed"),
                    file=self.path, name=name,
                )
        mean, deviation = data.x_train.mean(axis=0), data.x_train.std(axis=0)
        deviation[deviation == 0] = 1.0
        return Dataset(
            (data.x_train - mean) / deviation, data.y_train, (data.x_test - mean) / deviation, data.y_test,
            names, features,
        )


Row = tuple[int, list[str]]


def _split(
    x: Array,
    y: Labels,
    classes: tuple[str, ...],
    features: tuple[str, ...],
    test_fraction: float,
    rng: np.random.Generator,
    image_shape: tuple[int, int] | None = None,
) -> Dataset:
    """Shuffle, and keep ``test_fraction`` of the samples for testing."""
    order = rng.permutation(len(y))
    train, test = np.split(order, [len(y) - max(1, round(len(y) * test_fraction))])
    return Dataset(x[train], y[train], x[test], y[test], classes, features, image_shape)


def _table(data: bytes, name: str) -> tuple[list[str], list[Row]]:
    """The column names and the rows, each with its line in the file, from 1."""
    if len(data) > MAX_BYTES:
        raise InputError(N_("{file}: {size} bytes; at most {limit} are allowed"), file=name, size=len(data), limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(N_("{file}: not UTF-8 text (byte {place})"), file=name, place=error.start) from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise InputError(N_("{file}, line {line}: {reason}"), file=name, line=reader.line_num, reason=error) from None
    if not rows:
        raise InputError(N_("{file}: the table is empty"), file=name)
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width:
            raise InputError(
                N_("{file}, line {line}: {count} columns; the first line has {width}"),
                file=name, line=line, count=len(cells), width=width,
            )
    header = [cell.strip() for cell in rows[0][1]]
    if any(_is_number(cell) for cell in header):
        header = [str(index) for index in range(width)]  # no line of names
    else:
        rows = rows[1:]
    if len(rows) < 4:
        raise InputError(N_("{file}: {count} rows; at least 4 are needed"), file=name, count=len(rows))
    return header, rows


def _column(label: str | int, header: list[str], name: str) -> int:
    if isinstance(label, str):
        if label in header:
            return header.index(label)
        if not label.lstrip("-").isdigit():
            raise InputError(
                N_("{file}: no column “{label}”; there are {columns}"), file=name, label=label, columns=", ".join(header)
            )
        label = int(label)
    if not -len(header) <= label < len(header):
        raise InputError(
            N_("{file}: no column {label}; there are {count}, from 0"), file=name, label=label, count=len(header)
        )
    return label % len(header)


def _number(rows: list[Row], index: int, column: int, header: list[str], name: str) -> float:
    line, cells = rows[index]
    text = cells[column].strip()
    if not text:
        raise InputError(
            N_("{file}, line {line}: column “{column}” is missing its value"), file=name, line=line, column=header[column]
        )
    if not _is_number(text) or not np.isfinite(float(text)):
        raise InputError(
            N_("{file}, line {line}: column “{column}” is “{value}”; a number is needed"),
            file=name, line=line, column=header[column], value=text[:40],
        )
    return float(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _order(name: str) -> tuple[bool, float, str]:
    """Numbers by their value, then words by the alphabet."""
    return (not _is_number(name), float(name) if _is_number(name) else 0.0, name)


DATASETS: tuple[type[Data], ...] = (Moons, Circles, Xor, Gaussians, Spirals, Digits, Article, Csv)
AnyData = Moons | Circles | Xor | Gaussians | Spirals | Digits | Article | Csv
