"""Lessons: ready experiments with a title and a few sentences, in ``resources/lessons``.

A file there is all it takes to add one; the name says the lab and the place in the list.
"""

from momentum_gui import assets
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import MAX_BYTES, parse
from momentum_gui.core.messages import InputError


def lessons() -> dict[str, Experiment]:
    """All lessons by their names, in the order of these. One that can't be read is left out."""
    found = {}
    for path in sorted((assets.resources() / "lessons").glob("*.toml")):
        try:
            found[path.stem] = parse(assets.read_file(str(path), MAX_BYTES + 1), path.name)
        except InputError:
            continue
    return found
