"""Text for a terminal: in one line, in columns."""

from collections.abc import Sequence
from typing import TextIO
from unicodedata import east_asian_width


def printable(text: str) -> str:
    """``text`` in one line, without anything that would move a terminal's cursor."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def print_table(rows: Sequence[Sequence[str]], stream: TextIO) -> None:
    """Print the rows, every column as wide as its widest text."""
    widths = [max(text_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(map(padded, row, widths)).rstrip(), file=stream)


def text_width(text: str) -> int:
    """How many columns of a terminal ``text`` takes: Chinese characters take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


def padded(text: str, width: int) -> str:
    return text + " " * (width - text_width(text))
