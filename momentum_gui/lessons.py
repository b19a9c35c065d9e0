"""Lessons: ready experiments with a title and a few sentences, in ``resources/lessons``.

A file there is all it takes to add one; the name says the lab and the place in the list.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from msgspec.structs import replace

from momentum_gui import assets
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import MAX_BYTES, parse
from momentum_gui.core.messages import InputError
from momentum_gui.i18n import _


def lessons() -> dict[str, Experiment]:
    """All lessons by their names, in the order of these. One that can't be read is left out."""
    found = {}
    for path in sorted((assets.resources() / "lessons").glob("*.toml")):
        with suppress(InputError):
            found[path.stem] = lesson(path.stem)
    return found


def lesson(name: str) -> Experiment:
    """The lesson ``name``. Raises InputError if it can't be read."""
    path = assets.resources() / "lessons" / f"{name}.toml"
    return parse(assets.read_file(str(path), MAX_BYTES + 1), path.name)


def worded(experiment: Experiment) -> Experiment:
    """A lesson's ``experiment`` with its racers called in the language in use: from then on names like anybody's.

    (Title and text stay the keys of their translations: they are translated where they are shown.)
    """
    optimizers = tuple(replace(racer, label=_(racer.label)) for racer in experiment.optimizers)
    return replace(experiment, optimizers=optimizers)


def strings(file: BinaryIO, *_how: object, **_options: object) -> Iterator[tuple[int, None, str, list[str]]]:
    """What there is to translate in a lesson for ``pybabel extract`` (see i18n): title, text, the racers' names."""
    found = parse(file.read(), file.name)
    labels = [racer.label for racer in found.optimizers if racer.label]
    for text in (found.title, found.text, *labels):
        yield 1, None, text, []
