"""A table of the user's, as text: its columns previewed, its rows as numbers and labels.

UTF-8; commas, semicolons or tabs between the columns. Where it is not commas, a number may have a decimal comma:
``30,40`` is read, and shown, as 30.40. Thousands are not to be marked: ``1.234,5`` is no number.
"""

import csv
import io
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

import numpy as np

from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.params import Array

MAX_BYTES = 50_000_000
MIN_ROWS, MAX_ROWS = 4, 100_000
MAX_COLUMNS = 2_000
MAX_NUMBER = 1e50
"""A table's numbers are at most this large; a column that varies by less than its inverse counts as constant."""

MISSING = {"", "?", "na", "n/a", "nan", "null", "none"}
"""What stands where a number is missing, in small letters. A class is missing only where nothing stands."""

LOOKED_AT = 100_000
"""So many characters of a line tell what stands between its columns; csv refuses a cell of more than 131 072."""

SHOWN = 10
"""How many rows a preview shows."""

DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
"""A number with a comma before its decimals."""

SEPARATOR = re.compile(r'"?sep=([,;\t|])"?(\r\n?|\n)', re.IGNORECASE)
"""A first line that says for Excel what stands between the columns; it is no row."""

COUNTED = 1000
"""Up to how many different values of a column a preview counts."""


PIECE = 2000
"""So many cells are looked at at once for a preview."""


@dataclass(frozen=True)
class Column:
    """A column as a preview tells it: all numbers or not, how many values it lacks, how many differ (up to COUNTED),
    and whether they are whole numbers."""

    name: str
    kind: Literal["numeric", "categorical"]
    missing: int
    distinct: int
    whole: bool = False


@dataclass(frozen=True)
class Preview:
    """A table's columns, its number of rows, how many of them lack a value, and the first few."""

    columns: tuple[Column, ...]
    rows: int
    incomplete: int
    first: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Table:
    """Features ``x`` (rows, features) and ``labels`` of the column called ``label``; ``dropped`` rows were left out."""

    x: Array
    features: tuple[str, ...]
    labels: list[str]
    label: str
    dropped: int


class PreviewJob:
    """What is in a table, for the choice of columns before it is read: in pieces of some milliseconds, for a large one
    takes half a minute. Raises InputError as ``read_table`` does.
    """

    def __init__(self, file: bytes) -> None:
        self.done = False
        self._header, self._rows = _named(file, None)
        columns = range(len(self._header))
        self._at_once = max(1, PIECE // len(self._header))
        self._blank, self._numbers, self._whole = [0 for _ in columns], [True for _ in columns], [True for _ in columns]
        self._distinct: list[set[str]] = [set() for _ in columns]
        self._gaps: list[Counter[str]] = [Counter() for _ in columns]
        self._count = self._incomplete = 0
        self._doubtful = Counter[int]()  # rows that lack a value only if no words are in these columns, a bit each
        self._first: list[tuple[str, ...]] = []

    def work(self) -> None:
        """Look at some further rows."""
        before = self._count
        for _line, cells in islice(self._rows, self._at_once):
            self._look_at(cells)
        if self._count == before:
            _check_rows(self._count)
            self.done = True

    def _look_at(self, cells: list[str]) -> None:
        lacks, doubt = False, 0
        for index, cell in enumerate(cells):
            if not cell:
                self._blank[index] += 1
                lacks = True
                continue
            if cell.lower() in MISSING:
                self._gaps[index][cell] += 1
                doubt |= 1 << index
                continue
            value = number(cell)
            self._numbers[index] = self._numbers[index] and value is not None
            self._whole[index] = self._whole[index] and value is not None and value.is_integer()
            if len(self._distinct[index]) < COUNTED:
                self._distinct[index].add(cell)
        self._count += 1
        self._incomplete += lacks
        self._doubtful[0 if lacks else doubt] += 1
        if self._count <= SHOWN:
            self._first.append(tuple(_printable(cell) for cell in cells))

    def preview(self) -> Preview:
        """The preview; what was not looked at yet is looked at before."""
        while not self.done:
            self.work()
        numbers, columns, words = self._numbers, list[Column](), 0
        for index, name in enumerate(self._header):
            found, gaps = self._distinct[index], self._gaps[index]
            missing = self._blank[index]
            if numbers[index]:
                missing += gaps.total()
            else:  # there “none” is a word like the others, as ``read_table`` takes it
                words |= 1 << index
                found = found | set(gaps)
            kind: Literal["numeric", "categorical"] = "numeric" if numbers[index] and found else "categorical"
            whole = self._whole[index] and bool(found)
            columns.append(Column(name, kind, missing, min(COUNTED, len(found)), whole))
        doubtful = sum(count for doubt, count in self._doubtful.items() if doubt & ~words)
        return Preview(tuple(columns), self._count, self._incomplete + doubtful, tuple(self._first))


def read_table(
    file: bytes, label: str | int, features: Sequence[str | int] = (), numeric: bool = False, drop: bool = False
) -> Table:
    """The table, with the column ``label`` to predict (``numeric``: a number) from the columns ``features``.

    Without ``features`` every other column is one. ``drop`` leaves out the rows that lack a value; else they are
    a fault. Raises InputError: one line with the place, the value there and what is allowed.
    """
    header, rows = _named(file, label)
    column = _column(label, header)
    chosen = [_column(each, header) for each in features] or [each for each in range(len(header)) if each != column]
    for index in chosen:
        if index == column or chosen.count(index) > 1:
            text = N_("column “{column}” is chosen twice; a column is predicted or predicts, once")
            raise InputError(text, column=short(header[index]))
    numbers, labels, dropped = array("d"), list[str](), 0
    for line, cells in rows:
        row = [number(cells[index]) for index in chosen]
        truth = _printable(cells[column])
        known = number(truth) is not None if numeric else bool(truth)
        if known and None not in row:
            labels.append(truth)
            numbers.extend(row)  # type: ignore[arg-type]
            continue
        place = column if not known else chosen[row.index(None)]
        if drop and cells[place].lower() in MISSING:
            dropped += 1
            continue
        text = N_("line {line}, column “{column}”: “{value}”; a number of up to {limit:.0e} in size is needed")
        if not cells[place]:
            text = N_("line {line}, column “{column}”: the value is missing; a number is needed")
        if place == column and not numeric:
            text = N_("line {line}, column “{column}”: the class is missing")
        name, value = short(header[place]), short(cells[place])
        raise InputError(text, line=line, column=name, value=value, limit=MAX_NUMBER)
    _check_rows(len(labels))
    names = tuple(header[index] for index in chosen)
    x = np.array(numbers).reshape(len(labels), -1)
    return Table(x, names, labels, header[column], dropped)


Row = tuple[int, list[str]]
"""A row's last line in the file, from 1, and its cells."""


def _named(file: bytes, label: str | int | None) -> tuple[list[str], Iterator[Row]]:
    """A table's column names, and its rows, each as wide as the first line.

    The first line holds names if none of it is a number, or if it holds the column's name ``label``.
    """
    rows = _rows(file)
    first = next(rows, None)
    if first is None:
        raise InputError(N_("the table is empty"))
    cells = first[1]
    if not 2 <= len(cells) <= MAX_COLUMNS:
        text = N_("number of columns: {count}; allowed are 2 (a feature and the class) to {limit}")
        raise InputError(text, count=len(cells), limit=MAX_COLUMNS)
    by_name = isinstance(label, str) and number(label) is None and label in cells
    named = by_name or all(number(cell) is None for cell in cells)
    header = [_printable(cell) for cell in cells] if named else [str(index) for index in range(len(cells))]
    return header, _wide(rows if named else chain([first], rows), len(header))


def _wide(rows: Iterator[Row], width: int) -> Iterator[Row]:
    for line, cells in rows:
        if len(cells) != width:
            text = N_("line {line}: number of columns: {count}; allowed are {width}, as in the first line")
            raise InputError(text, line=line, count=len(cells), width=width)
        yield line, cells


def _check_rows(count: int) -> None:
    if not MIN_ROWS <= count <= MAX_ROWS:
        text = N_("number of rows: {count}; allowed are {low} to {high}")
        raise InputError(text, count=count, low=MIN_ROWS, high=MAX_ROWS)


def _rows(file: bytes) -> Iterator[Row]:
    """The rows that are not blank, whatever stands between their columns."""
    if len(file) > MAX_BYTES:
        raise InputError(N_("larger than {limit} bytes"), limit=MAX_BYTES)
    try:
        text = file.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(N_("not UTF-8 text (byte {place})"), place=error.start) from None
    said, before = SEPARATOR.match(text), 0
    if said is not None:
        delimiter, text, before = said[1], text[said.end() :], 1
    else:
        lines = (line[:LOOKED_AT] for line in io.StringIO(text, newline=None) if line.strip())
        delimiter = _delimiter(list(islice(lines, 2)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    try:
        for row in reader:
            cells = _cells(row, delimiter)
            if any(cells):
                yield before + reader.line_num, cells
    except csv.Error as error:
        text = N_("line {line}: not a row of a table: {reason}")
        raise InputError(text, line=before + reader.line_num, reason=str(error)) from None


def _delimiter(lines: list[str]) -> str:
    """What stands between the columns of a table that begins with these lines: what divides both into the most.

    Where semicolons or tabs leave the first no commas but those before decimals, it is these.
    """
    split = {each: [_cells(row, each) for row in csv.reader(lines, delimiter=each)] for each in ",;\t"}
    for each in ";\t":
        first = next(iter(split[each]), [])
        if len(first) > 1 and not any("," in cell for cell in first):
            return each
    return max(split, key=lambda each: (min(map(len, split[each]), default=0), max(map(len, split[each]), default=0)))


def _cells(row: list[str], delimiter: str) -> list[str]:
    """The cells of a row without the space around them, decimal commas as points."""
    cells = [cell.strip() for cell in row]
    if delimiter != ",":
        return [cell.replace(",", ".") if DECIMAL_COMMA.fullmatch(cell) else cell for cell in cells]
    return cells


def _column(label: str | int, header: list[str]) -> int:
    """The place of the column with this name, else with this number."""
    if isinstance(label, str) and label in header:
        if header.count(label) > 1:
            raise InputError(N_("several columns are called “{label}”"), label=short(label))
        return header.index(label)
    try:
        place = int(label)
    except ValueError:
        columns = ", ".join([short(name) for name in header[:20]] + ["…"] * (len(header) > 20))
        text = N_("no column “{label}”; allowed are {columns}")
        raise InputError(text, label=short(str(label)), columns=columns) from None
    if not -len(header) <= place < len(header):
        text = N_("no column {label}; allowed are {low} to {high}")
        raise InputError(text, label=place, low=-len(header), high=len(header) - 1)
    return place % len(header)


def number(text: str) -> float | None:
    """The finite number that ``text`` is."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -MAX_NUMBER <= value <= MAX_NUMBER and "_" not in text else None


def _printable(text: str) -> str:
    """``text`` on one line, without control characters."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())


def short(text: str) -> str:
    """``text`` as a message can quote it: on one line, at most 40 characters."""
    text = _printable(text)
    return text if len(text) <= 40 else text[:39] + "…"
