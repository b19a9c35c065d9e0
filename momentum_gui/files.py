"""Files of the user's: experiments read and written, and any file written whole or not at all."""

import contextlib
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec import structs

from momentum_gui import assets
from momentum_gui.core.datasets import Csv
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import MAX_BYTES, parse, to_json
from momentum_gui.core.messages import N_, InputError
from momentum_gui.core.network import Network
from momentum_gui.i18n import _


def load_experiment(path: Path) -> Experiment:
    """The experiment in the file ``path`` (``-``: standard input), TOML or JSON.

    The path of a table in it is taken relative to its folder. Raises InputError, a sentence that names the file.
    """
    if str(path) == "-":
        data = sys.stdin.buffer.read(MAX_BYTES + 1) if sys.stdin is not None else b""
        experiment = parse(data, _("standard input"))
    else:
        experiment = parse(assets.read_file(str(path), MAX_BYTES + 1), str(path))
    table = _table(experiment)
    return _with_table(experiment, str(path.parent.absolute() / table)) if table is not None else experiment


def save_experiment(experiment: Experiment, path: Path) -> None:
    """Write ``experiment`` to ``path`` as JSON; a table in or below the same folder is named relative to it.

    Raises InputError; an old file then stays as it was.
    """
    if path.suffix.lower() != ".json":
        text = N_("{file}: an experiment is written as JSON, to a file whose name ends in .json")
        raise InputError(text, file=str(path))
    table, folder = _table(experiment), path.parent.absolute()
    if table is not None and Path(table).absolute().is_relative_to(folder):
        experiment = _with_table(experiment, Path(table).absolute().relative_to(folder).as_posix())
    with replacing(path) as file:
        file.write(to_json(experiment))


def _table(experiment: Experiment) -> str | None:
    """The path of the user's own table that the experiment learns from, if it does."""
    objective = experiment.objective
    return objective.data.path if isinstance(objective, Network) and isinstance(objective.data, Csv) else None


def _with_table(experiment: Experiment, path: str) -> Experiment:
    network = experiment.objective
    assert isinstance(network, Network)
    data = structs.replace(network.data, path=path)
    return structs.replace(experiment, objective=structs.replace(network, data=data))


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of ``path`` at the end, whole; if anything fails, nothing is left of it.

    A device or a pipe is written to as it is. Raises InputError, a sentence that names the file.
    """
    temporary = None
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        target = Path(os.path.realpath(path))  # a link stays, and what it points to is replaced
        old = target.exists()
        if old:
            target.open("r+b").close()  # a file that may not be written may not be replaced either
        temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if old:
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(N_("{file}: {reason}"), file=str(path), reason=error.strerror or str(error)) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
