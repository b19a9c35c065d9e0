"""Where ``resources/`` is: in a checkout, in an installed wheel, in the packaged program."""

import sys
from pathlib import Path

from momentum_gui.core.messages import N_, InputError

BUNDLED = "bundled:"


def resources() -> Path:
    """The folder ``resources``."""
    package = Path(__file__).resolve().parent
    if getattr(sys, "frozen", False):
        return Path(getattr(sys, "_MEIPASS", package)) / "resources"
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"


def read(name: str) -> bytes:
    """The bytes of the program's own data file for ``bundled:…``, else those of a user's file.

    Raises InputError if it can't be read.
    """
    from momentum_gui.core.table import MAX_BYTES  # here, for it brings NumPy: the command line starts faster

    if name.startswith(BUNDLED):
        return read_file(str(resources() / "data" / name.removeprefix(BUNDLED)), MAX_BYTES)
    data = read_file(name, MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError(N_("{file}: larger than {limit} bytes"), file=name, limit=MAX_BYTES)
    return data


def read_file(name: str, limit: int) -> bytes:
    """Up to ``limit`` bytes of a file. Raises InputError, a sentence that names it, if it can't be read."""
    try:
        with open(name, "rb") as file:
            return file.read(limit)
    except OSError as error:
        raise InputError(N_("{file}: {reason}"), file=name, reason=error.strerror or str(error)) from None
    except ValueError:  # a null byte in the name
        raise InputError(N_("{file}: not the name of a file"), file=repr(name)) from None
