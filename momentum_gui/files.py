"""Files of the user's: experiments read and written, and any text written whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from msgspec import structs

from momentum_gui import assets
from momentum_gui.core.datasets import Csv
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import parse, to_json
from momentum_gui.core.messages import InputError, N_
from momentum_gui.core.network import Network


def load_experiment(path: Path) -> Experiment:
    """The experiment in the file ``path``, TOML or JSON. Raises InputError, a sentence that names the file."""
    return rooted(parse(assets.read(str(path)), str(path)), path.parent)


def rooted(experiment: Experiment, folder: Path) -> Experiment:
    """``experiment`` with the path of its table, if it has one, taken relative to ``folder``."""
    network = experiment.objective
    if isinstance(network, Network) and isinstance(network.data, Csv):
        data = structs.replace(network.data, path=str(folder.absolute() / network.data.path))
        return structs.replace(experiment, objective=structs.replace(network, data=data))
    return experiment


def save_experiment(experiment: Experiment, path: Path) -> None:
    """Write ``experiment`` to ``path`` as JSON. Raises InputError; an old file then stays as it was."""
    write(path, lambda file: file.write(to_json(experiment)))


def write(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Let ``fill`` write a file that takes the place of ``path`` once it is whole.

    Raises InputError if that can't be; nothing half-written stays behind.
    """
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            fill(file)
        temporary.chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
        temporary = None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(N_("{file}: {reason}"), file=str(path), reason=reason) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    """The permissions that new files are not given; the system tells only when it is set."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
