"""The Qt binding itself: a call that returns nothing must give back as many references to None as it takes."""

import gc
import sys

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPen


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal: no reference to it is counted")
@pytest.mark.parametrize(
    "call",
    [
        lambda: QObject().setObjectName("name"),
        lambda: QObject().deleteLater(),
        lambda: QTimer().stop(),
        lambda: QPen().setWidthF(2.0),
    ],
    ids=["setObjectName", "deleteLater", "QTimer.stop", "QPen.setWidthF"],
)
def test_calls_that_return_nothing_lose_no_reference_to_none(qapp, call):
    """PySide6 6.12.0 lost one a call, and on CPython 3.11 the process then aborted ("none_dealloc")."""
    for _ in range(10):
        call()
    gc.collect()
    gc.disable()  # what it finds may hold references of its own
    try:
        before = sys.getrefcount(None)
        for _ in range(1000):
            call()
        after = sys.getrefcount(None)
    finally:
        gc.enable()
    assert abs(after - before) < 100
