"""What the program remembers between two starts, in the platform's own place for settings."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings

VERSION = 1
"""Of the window's layout; a saved layout of another version is not restored."""


class Settings:
    """Typed access to what is remembered. Anything unreadable counts as not there."""

    def __init__(self, path: Path | None = None) -> None:
        """Those of the program, or those in the file ``path``."""
        self._store = QSettings(str(path), QSettings.Format.IniFormat) if path else QSettings()

    def get(self, key: str, default: Any) -> Any:
        """The remembered value, of the type of ``default``."""
        try:
            value = self._store.value(key, default, type=type(default))
        except (TypeError, ValueError):
            return default
        return default if value is None else value

    def set(self, key: str, value: Any) -> None:
        self._store.setValue(key, value)

    def write(self) -> None:
        """Put what was set on the disk now; where that can't be done, it is lost at the end."""
        self._store.sync()
