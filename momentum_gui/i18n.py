"""Translation of display strings: English is the key, ``resources/translations`` has the other languages.

gettext, so that the command line speaks them too, without Qt. When strings have changed, update the catalogue with the
first two commands, translate what is empty in ``momentum_gui.po``, and compile with the third:

    pybabel extract -F pyproject.toml -k N_ --no-wrap --add-location=file -o strings.pot momentum_gui resources/lessons
    pybabel update -i strings.pot -D momentum_gui -d resources/translations --no-wrap -N --ignore-obsolete
    pybabel compile -D momentum_gui -d resources/translations

A string is found where it is the argument of ``_`` or ``N_``, outside of an f-string, and in a lesson. A further
language takes ``pybabel init`` and a line in LANGUAGES.
"""

import gettext
from pathlib import Path
from typing import Any

from momentum_gui.core.messages import N_, InputError, Message

__all__ = ["LANGUAGES", "N_", "VARIABLES", "_", "language", "say", "use"]

DOMAIN = "momentum_gui"

LANGUAGES = {"en": "English", "zh_CN": "中文"}
"""The languages there are, each in its own words."""

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""What an environment asks for a language with; the first that is set counts."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use(folder: Path, language: str = "") -> None:
    """Show strings in ``language`` (such as ``zh_CN``) from now on; English where there is no translation.

    Without a ``language``, in the one that the environment asks for, see VARIABLES.
    """
    global _catalogue, _language
    languages = [language] if language else None
    found = gettext.find(DOMAIN, folder, languages)
    _catalogue = gettext.translation(DOMAIN, folder, languages, fallback=True)
    _language = Path(found).parent.parent.name if found else "en"


def language() -> str:
    """The language in use, one of LANGUAGES."""
    return _language


def _(text: str) -> str:
    """``text`` in the language in use."""
    return _catalogue.gettext(text) if text else ""


class _Number(float):
    """A number in a sentence: formatted, it has a true minus and a power of ten as people write it."""

    def __format__(self, spec: str) -> str:
        text, e, power = float.__format__(self, spec).partition("e")
        if not spec:
            return str(float(self))  # a value that somebody gave is said as it was given
        return text.replace("-", "−") + ("×10" + str(int(power)).translate(_SUPERSCRIPTS) if e else "")


def say(what: Message | InputError) -> str:
    """The sentence of a message in the language in use, messages among its values included."""
    message = what.message if isinstance(what, InputError) else what
    values = {name: _said(value) for name, value in message.values.items()}
    return _(message.text).format(**values)


def _said(value: Any) -> Any:
    if isinstance(value, Message | InputError):
        return say(value)
    return _Number(value) if isinstance(value, float) else value
