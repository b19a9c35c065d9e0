"""Data to learn, classes or numbers: generated in the plane, shipped, or a table of the user's own."""

import gzip
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import Array, Declared
from momentum_gui.core.table import MAX_NUMBER, number, read_table, short

Read = Callable[[str], bytes]
"""Gives the bytes of the program's own data file for ``bundled:NAME``, else of the file at a path."""

Labels = NDArray[np.int64]
Targets = NDArray[Any]
"""What is to be learned of every sample: its class, or a regression's number."""

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
TargetNoise = Annotated[
    float,
    Meta(
        ge=0,
        le=10,
        title=N_("Noise"),
        description=N_("Standard deviation of the Gaussian noise on the number to predict."),
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
        extra={"advanced": True},
    ),
]
TestFraction = Annotated[
    float,
    Meta(
        ge=0.05,
        le=0.9,
        title=N_("Test share"),
        description=N_("The share of the data that is kept for testing."),
        extra={"slider": (0.05, 0.9), "advanced": True},
    ),
]


@dataclass(frozen=True)
class Scale:
    """The mean and the deviation with which a column was standardised."""

    mean: float = 0.0
    deviation: float = 1.0

    def own(self, value: Any) -> Any:
        """What a standardised ``value``, or array of them, stands for in the units of its source."""
        return self.mean + self.deviation * value

    def standard(self, own: Any) -> Any:
        """The standardised value of a number in the units of its source."""
        return (own - self.mean) / self.deviation


@dataclass(frozen=True)
class Target:
    """What a regression predicts: its name, and the mean and deviation with which it was standardised."""

    name: str
    mean: float = 0.0
    deviation: float = 1.0

    @property
    def scale(self) -> Scale:
        """How its numbers were standardised."""
        return Scale(self.mean, self.deviation)

    def typical_error(self, loss: float) -> float:
        """The root mean squared error, in the units of the source, of a ``loss``: half the mean squared error of the
        standardised numbers."""
        return self.deviation * math.sqrt(2 * loss)


@dataclass(frozen=True)
class Dataset:
    """Inputs ``x`` (samples, features) and targets ``y`` (samples,), for training and testing.

    Targets are classes, 0 … classes - 1, or a regression's numbers; then ``target`` says of what, and there are
    no ``classes``. ``image_shape`` is (rows, columns) where the features are the pixels of an image.
    ``dropped`` rows of a table were left out, for they lacked a value. ``scales`` are those of the features, none
    where they are in the units of their source.
    """

    x_train: Array
    y_train: Targets
    x_test: Array
    y_test: Targets
    classes: tuple[str, ...]
    features: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    target: Target | None = None
    dropped: int = 0
    scales: tuple[Scale, ...] = ()

    def scale(self, feature: int) -> Scale:
        """How ``feature``, by its place, was standardised."""
        return self.scales[feature] if self.scales else Scale()


class Data(Declared, frozen=True, tag_field="kind"):
    """A data set as it is declared; ``load`` makes or reads it."""

    title: ClassVar[str]
    summary: ClassVar[str]

    @property
    def regression(self) -> bool:
        """Whether a number is predicted, and no class."""
        return False

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


class Plane(Data, frozen=True, kw_only=True, tag="plane"):
    """A regression: points of the square from -1 to 1, and the height (x + y) / 2 of a plane above them."""

    title = N_("Plane (regression)")
    summary = N_("A number to predict: the height of a tilted plane.")

    samples: Samples = 1000
    noise: TargetNoise = 0.1
    seed: DataSeed = 0
    test_fraction: TestFraction = 0.25

    @property
    def regression(self) -> bool:
        return True

    def height(self, x: Array, y: Array) -> Array:
        """The number to predict at (x, y), without noise."""
        return (x + y) / 2

    def load(self, read: Read) -> Dataset:
        rng = np.random.default_rng(self.seed)
        x = rng.uniform(-1, 1, (self.samples, 2))
        y = self.height(*x.T) + self.noise * rng.standard_normal(self.samples)
        return _split(x, y, (), ("x", "y"), self.test_fraction, rng, target=Target("z"))


class Peaks(Plane, frozen=True, kw_only=True, tag="peaks"):
    """A regression: two Gaussian hills and two hollows of width 1/4 on the diagonals of the square."""

    title = N_("Peaks (regression)")
    summary = N_("A number to predict: the height of two hills and two hollows.")

    def height(self, x: Array, y: Array) -> Array:
        corners = ((0.5, 0.5, 1), (-0.5, -0.5, 1), (0.5, -0.5, -1), (-0.5, 0.5, -1))
        return sum(sign * np.exp(-8 * ((x - a) ** 2 + (y - b) ** 2)) for a, b, sign in corners)  # type: ignore[return-value]


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
    """A table of the user's: one column to predict, a class or a number, from other columns of numbers.

    UTF-8; commas, semicolons or tabs between the columns; decimal points, or, where it is no commas, decimal commas;
    a first line of names or none.
    The features, and a regression's target, are standardised: mean 0 and standard deviation 1 on the training
    part. A feature that is constant there becomes 0.
    """

    title = N_("Your own table (CSV)")
    summary = N_("One column to predict, every other a number.")

    path: str
    label: Annotated[
        str | int,
        Meta(
            title=N_("Column to predict"), description=N_("The name or the number (from 0) of the column to predict.")
        ),
    ] = -1
    seed: DataSeed = 0
    test_fraction: TestFraction = 0.25
    task: Annotated[
        Literal["classification", "regression"],
        Meta(
            title=N_("Task"),
            description=N_("classification: every value of the column is a class; regression: it is a number."),
        ),
    ] = "classification"
    features: Annotated[
        tuple[str | int, ...], Meta(description=N_("The columns to predict from; none given means every other one."))
    ] = ()
    missing: Annotated[
        Literal["refuse", "drop"],
        Meta(
            title=N_("Missing values"),
            description=N_("refuse: a table that lacks a value is refused; drop: such rows are left out."),
        ),
    ] = "refuse"

    @property
    def regression(self) -> bool:
        return self.task == "regression"

    def load(self, read: Read) -> Dataset:
        file = read(self.path)
        try:
            return _parsed(self, file)
        except InputError as error:
            raise InputError("{file}: {fault}", file=self.path, fault=error.message) from None

    def _parse(self, file: bytes) -> Dataset:
        regression = self.regression
        table = read_table(file, self.label, self.features, regression, drop=self.missing == "drop")
        names: list[str] = []
        if regression:
            y: Targets = np.array([number(label) for label in table.labels], dtype=np.float64)
        else:
            names = sorted(set(table.labels), key=_order)
            if not 2 <= len(names) <= MAX_CLASSES:
                text = N_("column “{column}” holds {count} classes; allowed are 2 to {limit}")
                raise InputError(text, column=short(table.label), count=len(names), limit=MAX_CLASSES)
            place = {name: index for index, name in enumerate(names)}
            y = np.array([place[label] for label in table.labels], dtype=np.int64)
        rng = np.random.default_rng(self.seed)
        data = _split(table.x, y, tuple(names), table.features, self.test_fraction, rng)
        x_train, x_test, scales = _standardised(data.x_train, data.x_test)
        data = replace(data, x_train=x_train, x_test=x_test, dropped=table.dropped, scales=scales)
        return _target_standardised(data, table.label) if regression else data


@lru_cache(maxsize=1)
def _parsed(data: Csv, file: bytes) -> Dataset:
    """The same table is parsed once: a large one takes half a minute, and every edit of a racer asks for it again."""
    return data._parse(file)


def _split(
    x: Array,
    y: Targets,
    classes: tuple[str, ...],
    features: tuple[str, ...],
    test_fraction: float,
    rng: np.random.Generator,
    image_shape: tuple[int, int] | None = None,
    target: Target | None = None,
) -> Dataset:
    """Shuffle, and keep ``test_fraction`` of the samples for testing; every class must be left for training."""
    order = rng.permutation(len(y))
    train, test = np.split(order, [len(y) - max(1, round(len(y) * test_fraction))])
    missing = np.setdiff1d(y, y[train]) if classes else np.empty(0, dtype=np.int64)
    if len(missing):
        raise InputError(
            N_(
                "class “{name}” has no sample in the training part;"
                " it needs more samples, a smaller test share or another data seed"
            ),
            name=short(classes[missing[0]]),
        )
    return Dataset(x[train], y[train], x[test], y[test], classes, features, image_shape, target)


def _target_standardised(data: Dataset, name: str) -> Dataset:
    """A regression's numbers on the scale on which the training part has mean 0 and standard deviation 1."""
    if np.ptp(data.y_train) < 1 / MAX_NUMBER:
        text = N_("column “{column}” is constant in the training part; there is nothing to learn")
        raise InputError(text, column=short(name))
    y_train, y_test, (scale,) = _standardised(data.y_train[:, None], data.y_test[:, None])
    return replace(data, y_train=y_train[:, 0], y_test=y_test[:, 0], target=Target(name, scale.mean, scale.deviation))


def _standardised(x_train: Array, x_test: Array) -> tuple[Array, Array, tuple[Scale, ...]]:
    """Both parts on the scales on which the training part's columns have mean 0 and standard deviation 1."""
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
    means, deviations = (low + spread * mean).tolist(), (spread * deviation).tolist()
    return x_train, x_test, tuple(Scale(*each) for each in zip(means, deviations, strict=True))


def _order(name: str) -> tuple[bool, float, str]:
    """Numbers by their value, then words by the alphabet."""
    value = number(name)
    return (value is None, value or 0.0, name)


DATASETS: tuple[type[Data], ...] = (Moons, Circles, Xor, Gaussians, Spirals, Plane, Peaks, Digits, Article, Csv)
AnyData = Moons | Circles | Xor | Gaussians | Spirals | Plane | Peaks | Digits | Article | Csv
