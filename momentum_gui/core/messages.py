"""Sentences for people: English text and its values kept apart, so that a front end can translate them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


def N_(text: str) -> str:
    """Mark ``text`` for translation where it stands (tools look for this name); it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Message:
    """A sentence with named values: ``Message("step {step} of {steps}", {"step": 3, "steps": 10})``.

    ``str()`` gives the English sentence. ``text`` is the key of its translation.
    """

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


class InputError(ValueError):
    """Something a person gave that can't be used. Its message says what, which value, what is allowed."""

    def __init__(self, text: str, **values: Any) -> None:
        self.message = Message(text, values)
        super().__init__(str(self.message))


@contextmanager
def at(place: str) -> Iterator[None]:
    """An InputError that is raised here begins with ``place``, such as ``optimizers[2]``."""
    try:
        yield
    except InputError as error:
        raise InputError("{place}: {fault}", place=place, fault=error.message) from None
