"""Translation of display strings: English is the key, ``resources/translations`` has the other languages.

gettext, so that the command line speaks them too, without Qt.
"""

import gettext
from pathlib import Path
from typing import Any

from momentum_gui.core.messages import N_, InputError, Message

__all__ = ["N_", "_", "ngettext", "say", "use"]

DOMAIN = "momentum_gui"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def use(folder: Path, language: str | None = None) -> None:
    """Show strings in ``language`` (such as ``zh_CN``) from now on; English where there is no translation.

    Without a ``language``, in the one that the environment asks for (LANGUAGE, LC_ALL, LC_MESSAGES, LANG).
    """
    global _catalogue
    _catalogue = gettext.translation(DOMAIN, folder, [language] if language else None, fallback=True)


def _(text: str) -> str:
    """``text`` in the language in use."""
    return _catalogue.gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """``one`` or ``many``, as ``count`` asks for in the language in use."""
    return _catalogue.ngettext(one, many, count)


def say(what: Message | InputError) -> str:
    """The sentence of a message in the language in use, messages among its values included."""
    message = what.message if isinstance(what, InputError) else what
    values: dict[str, Any] = {
        name: say(value) if isinstance(value, Message | InputError) else value for name, value in message.values.items()
    }
    return _(message.text).format(**values)
