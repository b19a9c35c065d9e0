"""The playhead moves over what there is, never past it."""

import time

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QGraphicsRectItem, QGraphicsScene, QGraphicsView, QWidget

from momentum_gui.gui.playhead import FASTEST, SLOWEST, SMOOTH, Playhead


def test_it_never_passes_what_is_reached(qtbot):
    playhead = Playhead()
    playhead.set_steps(100, reached=10, step=0)
    playhead.go(50)
    assert playhead.step == 10
    playhead.set_reached(100)
    playhead.go(1000)
    assert playhead.step == 100
    assert playhead.at_end
    playhead.go(-5)
    assert playhead.step == 0


def test_it_plays_at_its_speed_and_stops_at_the_end(qtbot):
    playhead = Playhead()
    playhead.set_steps(30, reached=30, step=0)
    playhead.speed = 200.0
    seen = []
    playhead.moved.connect(seen.append)
    playhead.play()
    qtbot.waitUntil(lambda: not playhead.playing, timeout=5000)
    assert seen == sorted(set(seen))
    assert seen[-1] == 30


def test_playing_from_the_end_starts_again(qtbot):
    playhead = Playhead()
    playhead.set_steps(30, reached=30, step=30)
    playhead.play()
    assert playhead.step == 0
    playhead.pause()


def test_at_its_fastest_it_stays_with_the_newest_step(qtbot):
    playhead = Playhead()
    playhead.set_steps(1000, reached=700, step=0)
    playhead.speed = FASTEST
    playhead.play()
    qtbot.waitUntil(lambda: playhead.step == 700, timeout=1000)
    assert playhead.playing
    playhead.pause()


def test_at_rest_no_timer_runs(qtbot):
    playhead = Playhead()
    frames = []
    playhead.frame.connect(lambda: frames.append(1))
    playhead.set_steps(10, reached=10, step=3)
    qtbot.wait(60)
    assert frames == []


def intervals(qtbot, monkeypatch, yields, grows, speed=None):
    """The rest after a frame that took 20 ms."""
    playhead = Playhead()
    playhead.yields = yields
    playhead.set_steps(10**9, reached=0, step=0)
    reached = iter(range(1, 10**6) if grows else [0] * 10**6)
    playhead.frame.connect(lambda: playhead.set_reached(next(reached)))
    playhead.pull(True)
    if speed is not None:
        playhead.speed = speed
        playhead._set_playing(True)
    playhead._tick()
    now = playhead._last + 0.020
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    playhead._breathe()
    rest = playhead._timer.interval()
    playhead.pull(False)
    playhead.pause()
    return rest


def test_a_frame_leaves_keys_and_mouse_as_much_time_as_it_took(qtbot, monkeypatch):
    assert intervals(qtbot, monkeypatch, 1.0, grows=True) == 20


def test_while_a_history_grows_its_training_is_left_alone_for_longer_but_not_for_ever(qtbot, monkeypatch):
    assert intervals(qtbot, monkeypatch, 5.0, grows=True) == 100
    monkeypatch.undo()
    assert intervals(qtbot, monkeypatch, 50.0, grows=True) == SLOWEST - 20
    monkeypatch.undo()
    assert intervals(qtbot, monkeypatch, 5.0, grows=False) == 20, "nobody trains"
    monkeypatch.undo()
    assert intervals(qtbot, monkeypatch, 5.0, grows=True, speed=12.0) == SMOOTH - 20, "somebody follows the steps"
    monkeypatch.undo()
    assert intervals(qtbot, monkeypatch, 5.0, grows=True, speed=FASTEST) == 100


class Painted(QWidget):
    """Counts how often it is painted, and what else it is told."""

    count = told = 0

    def paintEvent(self, event):
        self.count += 1

    def customEvent(self, event):
        self.told += 1


class PaintedItem(QGraphicsRectItem):
    """Counts how often it is painted."""

    count = 0

    def paint(self, painter, option, widget=None):
        self.count += 1


def test_what_a_frame_changes_is_painted_when_it_says_so(qtbot):
    playhead, widget, seen = Playhead(), Painted(), []
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    QApplication.processEvents()
    before = widget.count
    playhead.rested.connect(widget.update)
    playhead.painted.connect(lambda: seen.append(widget.count - before))
    playhead._tick()
    assert seen == [1]


def test_so_is_an_item_of_a_scene(qtbot):
    playhead, item, seen = Playhead(), PaintedItem(0, 0, 10, 10), []
    scene = QGraphicsScene()
    scene.addItem(item)
    view = QGraphicsView(scene)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    QApplication.processEvents()
    before = item.count
    playhead.rested.connect(item.update)
    playhead.painted.connect(lambda: seen.append(item.count - before))
    playhead._tick()
    assert seen == [1]


def test_what_is_posted_for_anything_but_painting_waits_for_its_turn(qtbot):
    """On Windows timers are among it: work that goes on bit by bit must not be done in one frame."""
    playhead, widget = Playhead(), Painted()
    qtbot.addWidget(widget)
    QCoreApplication.postEvent(widget, QEvent(QEvent.Type.User))
    playhead._tick()
    assert widget.told == 0
    QApplication.processEvents()
    assert widget.told == 1


def test_every_frame_ends_with_the_word_that_it_is_painted(qtbot):
    playhead = Playhead()
    told = []
    playhead.frame.connect(lambda: told.append("frame"))
    playhead.painted.connect(lambda: told.append("painted"))
    playhead.set_steps(10, reached=10, step=0)
    playhead.speed = 1000.0
    playhead.play()
    qtbot.waitUntil(lambda: not playhead.playing and told[-1:] == ["painted"], timeout=5000)
    assert told == ["frame", "painted"] * (len(told) // 2), "the last one, with which the playhead stops, too"
