"""Where ``resources/`` is: in a checkout, in an installed wheel, in the packaged program."""

import sys
from pathlib import Path

from momentum_gui.core.messages import InputError, N_

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
    path = resources() / "data" / name.removeprefix(BUNDLED) if name.startswith(BUNDLED) else Path(name)
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(N_("{file}: {reason}"), file=name, reason=error.strerror or str(error)) from None
    except ValueError:  # a null byte in the name
        raise InputError(N_("{file}: not the name of a file"), file=repr(name)) from None
