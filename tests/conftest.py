"""What every test needs: Qt without a screen, English, and settings that are nobody's."""

import itertools
import locale
import os

import pytest

from momentum_gui import assets, i18n

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LANGUAGE"] = "en"


@pytest.fixture(autouse=True)
def english_afterwards():
    """Whatever a test speaks, and whatever the command line it called took from the environment, ends with it."""
    yield
    i18n.use(assets.resources() / "translations", "en")
    # The C library keeps its translation of “No such file or directory” until its locale changes, LANGUAGE or not.
    if hasattr(locale, "LC_MESSAGES"):
        known = locale.setlocale(locale.LC_MESSAGES)
        locale.setlocale(locale.LC_MESSAGES, "C")
        locale.setlocale(locale.LC_MESSAGES, known)


@pytest.fixture
def hurried():
    """``hurried(history)`` lets rows come while it is looked at: one more whenever it is asked how many there are."""

    def hurry(history):
        last, counts = history.count, itertools.count(5)
        kind = type(history)
        history.__class__ = type(kind.__name__, (kind,), {"count": property(lambda self: min(next(counts), last))})
        return history

    return hurry
