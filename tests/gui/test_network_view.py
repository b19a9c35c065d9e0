"""The real view; its questions are answered here, as the simulation thread would."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from momentum_gui.assets import read
from momentum_gui.core.datasets import Csv, Digits, Moons, Scale, Spirals
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import SGD, Momentum
from momentum_gui.core.simulation import Simulation
from momentum_gui.gui.boundary_view import FeatureAxis
from momentum_gui.gui.class_map import Cut, class_map, predictions
from momentum_gui.gui.data_picture import class_color
from momentum_gui.gui.kept_picture import Frame
from momentum_gui.gui.network_view import CHOSEN, NetworkView
from momentum_gui.gui.style import DARK, LIGHT
from momentum_gui.gui.ticks import whole_text
from momentum_gui.i18n import say


def trained(data=None, *racers, steps=200, advance=None, hidden=(16,), files=read):
    racers = racers or (SGD(lr=0.05), Momentum(lr=0.1))
    network = Network(hidden=hidden, bias=True, init="he", data=data or Moons(samples=400))
    simulation = Simulation(Experiment(objective=network, steps=steps, optimizers=racers), files)
    simulation.advance(steps if advance is None else advance)
    return simulation


class Asked:
    """What the view asked, in order."""

    def __init__(self, view):
        self.view = view
        self.questions = []
        view.asked.connect(self.take)

    def take(self, key, job):
        self.questions.append((key, job))

    def answer(self, place=-1):
        key, job = self.questions[place]
        self.view.answer(key, job())
        return key


@pytest.fixture
def view(qtbot, look):
    view = NetworkView(look)
    view.resize(640, 560)
    qtbot.addWidget(view)
    view.picked.connect(view.show_racer)  # as its lab does
    view.show_racer(0)
    with qtbot.waitExposed(view):
        view.show()
    return view


@pytest.fixture
def asked(view):
    return Asked(view)


def seen(view):
    """The question whose answer is the picture of the chosen racer."""
    return view._answered[CHOSEN]


def settle(view, asked):
    """Show what there is to be seen."""
    for _round in range(20):
        QApplication.processEvents()
        if view._open:
            asked.answer()
        if not view._open and view.settled:
            return
        QTest.qWait(30)
    raise AssertionError("the view asks on and on")


def pixels(widget):
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.array(image.constBits()).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def at(view, x, y):
    """The pixel of the plot at (x, y) of the plane."""
    plane = view.boundary.plot.plane
    return plane.mapToScene(Frame.of(plane).pixel(x, y)).toPoint()


def nearer(color, one, other):
    """Whether ``color`` leans from the panel's to ``one`` rather than to ``other``."""
    panel = np.array(QColor(LIGHT.panel).getRgb()[:3])
    ways = [panel - np.array(each.getRgb()[:3]) for each in (one, other)]
    lean = [np.dot(panel - color, way) / np.linalg.norm(way) for way in ways]
    return lean[0] > lean[1]


def test_the_boundary_is_drawn_in_the_classes_colours(view, asked):
    simulation = trained()
    view.show_simulation(simulation)
    view.show_step(200)
    settle(view, asked)
    run = simulation.runs[0]
    picture = pixels(view.boundary.plot)
    left, right = view.boundary.plot.plane.viewRange()[0]
    for x, y, label in ((left + 0.1, 1.2, 0), (right - 0.1, -0.9, 1)):
        assert run.mlp.probabilities(run.weights, np.array([[x, y]]))[0, label] > 0.8
        place = at(view, x, y)
        assert nearer(picture[place.y(), place.x()], class_color(label, LIGHT), class_color(1 - label, LIGHT))
    line = max(view.boundary.plot.ground.map.lines, key=len)
    place = at(view, *line[len(line) // 2])
    around = picture[place.y() - 1 : place.y() + 2, place.x() - 1 : place.x() + 2]
    assert (np.abs(around - np.array(QColor(LIGHT.text).getRgb()[:3])).max(axis=-1) < 90).any()
    assert view.note.text == "weights of step 200"


def test_the_boundary_of_the_initial_weights_is_shown(view, asked):
    simulation = trained(advance=0)
    view.show_simulation(simulation)
    settle(view, asked)
    shown = view.boundary.plot.ground.map
    run = simulation.runs[0]
    assert shown.probabilities == pytest.approx(class_map(run.mlp, run.weights, shown.grid).probabilities)


def test_the_weights_of_the_playheads_step_are_shown_and_named(view, asked):
    simulation = trained(steps=1000)
    view.show_simulation(simulation)
    view.show_step(504)
    settle(view, asked)
    assert seen(view).step == 500
    assert view.note.text == "weights of step 500"


def test_another_racer_can_be_chosen(qtbot, view, asked):
    simulation = trained()
    view.show_simulation(simulation)
    view.show_step(200)
    settle(view, asked)
    assert [view.racer.itemText(k) for k in range(view.racer.count())] == ["SGD", "Momentum"]
    assert seen(view).seen.run is simulation.runs[0]
    view.racer.setFocus()
    qtbot.keyClick(view.racer, Qt.Key.Key_Down)
    settle(view, asked)
    assert seen(view).seen.run is simulation.runs[1]
    view.show_simulation(trained())
    assert view.racer.currentText() == "Momentum"


def test_only_the_newest_question_counts(view, asked):
    view.show_simulation(trained())
    view.show_step(200)
    QApplication.processEvents()
    assert len(asked.questions) == 1
    view.answer("somebody else's", None)
    assert view.boundary.plot.ground.map is None
    asked.answer()
    assert view.boundary.plot.ground.map is not None
    before = view.boundary.plot.ground.map
    asked.answer(0)  # again: it is no longer open
    assert view.boundary.plot.ground.map is before


def test_an_answer_for_other_data_is_dropped(view, asked):
    view.show_simulation(trained())
    QApplication.processEvents()
    view.show_simulation(trained(Spirals(samples=200, classes=3), advance=0))
    asked.answer(0)
    assert view.boundary.plot.ground.map is None
    settle(view, asked)
    assert view.boundary.plot.ground.map.probabilities.shape[-1] == 3


def test_a_question_is_asked_now_and_then_not_every_frame(view, asked):
    simulation = trained(advance=0)
    view.show_simulation(simulation)
    for _frame in range(60):
        simulation.advance(3)
        view.show_step(simulation.step)
        if view._open:
            asked.answer()
        QTest.qWait(8)
    assert 2 <= len(asked.questions) <= 30
    settle(view, asked)
    assert seen(view).step == simulation.runs[0].weights_at(simulation.step)[0]


def test_nothing_is_asked_while_the_view_is_hidden(view, asked):
    view.hide()
    view.show_simulation(trained())
    QTest.qWait(30)
    assert not asked.questions
    view.show()
    assert len(asked.questions) == 1


def test_a_diverged_racer_says_so(view, asked):
    simulation = trained(None, SGD(lr=900.0))
    view.show_simulation(simulation)
    view.show_step(200)
    settle(view, asked)
    assert view.note.text == say(simulation.runs[0].message)


def test_zooming_asks_for_what_is_seen_then(view, asked):
    view.show_simulation(trained())
    settle(view, asked)
    view.boundary.plot.plane.setRange(xRange=(0, 0.5), yRange=(0, 0.5), padding=0)
    settle(view, asked)
    grid = view.boundary.plot.ground.map.grid
    (left, right), _y = view.boundary.plot.plane.viewRange()
    assert (grid.left, grid.right) == (left, right)
    view.fit()
    settle(view, asked)
    assert view.boundary.plot.ground.map.grid.right > 1


def test_the_same_data_leave_the_zoom_alone(view, asked):
    view.show_simulation(trained())
    view.boundary.plot.plane.setRange(xRange=(0, 0.5), yRange=(0, 0.5), padding=0)
    before = view.boundary.plot.plane.viewRange()
    view.show_simulation(trained(None, SGD(lr=0.2)))
    assert view.boundary.plot.plane.viewRange() == before
    view.show_simulation(trained(Moons(samples=400, seed=1)))
    assert view.boundary.plot.plane.viewRange() != before


def test_the_mouse_reads_the_class(view, asked):
    view.show_simulation(trained())
    view.show_step(200)
    settle(view, asked)
    plot = view.boundary.plot
    place = at(view, plot.plane.viewRange()[0][0] + 0.1, 1.2)
    none = Qt.MouseButton.NoButton
    where = QPointF(plot.viewport().mapToGlobal(place))
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(place), where, none, none, Qt.KeyboardModifier.NoModifier)
    QTest.qWait(20)
    QApplication.sendEvent(plot.viewport(), event)
    QTest.qWait(20)
    assert plot._note.isVisible()
    assert "class 0" in plot._note.labels["text"].text()


def test_the_confusion_matrix_is_the_evaluations(view, asked):
    simulation = trained(Digits(), hidden=(16,))
    view.show_simulation(simulation)
    view.show_step(150)
    settle(view, asked)
    run = simulation.runs[0]
    at = run.evaluated_at(150)
    assert (view.confusion.matrix.counts == run.confusion[at]).all()
    assert view.confusion.matrix.counts.sum() == len(run.data.y_test)
    share = f"{100 * run.test_accuracy[at]:.1f} %"
    assert share in view.confusion.accuracy.text()
    matrix = view.confusion.matrix
    tip = matrix.tip(matrix._cell(3, 8).center())
    assert tip == f"{run.confusion[at][3, 8]} of {run.confusion[at][3].sum()} samples of class 3 are taken for 8"
    assert matrix.tip(QPoint(0, 0)) == ""


def test_wrong_images_come_first(view, asked):
    simulation = trained(Digits(), hidden=(16,))
    view.show_simulation(simulation)
    view.show_step(200)
    settle(view, asked)
    run, samples = simulation.runs[0], view.confusion.samples
    predicted = predictions(run.mlp, run.weights, run.data.x_test)
    wrong = int((predicted != run.data.y_test).sum())
    assert wrong > 0
    assert (predicted[samples.order[:wrong]] != run.data.y_test[samples.order[:wrong]]).all()
    assert view.confusion.wrong.text().startswith(f"{wrong} of {len(predicted)}")
    color = np.array(QColor(LIGHT.error).getRgb()[:3])
    assert (np.abs(pixels(samples) - color).max(axis=-1) < 10).any()


def test_a_table_of_many_features_has_a_matrix_only(view, asked):
    rows = "".join(f"{k % 3},{(k * 7) % 5},{k % 2},{'abc'[k % 3]}\n" for k in range(60))
    table = ("u,v,w,kind\n" + rows).encode()

    def files(name):
        return table

    simulation = trained(Csv(path="t.csv", label="kind"), files=files)
    view.show_simulation(simulation)
    view.show_step(200)
    settle(view, asked)
    assert not asked.questions
    assert view.confusion.matrix.isVisible()
    assert not view.confusion.samples.isVisible()
    assert (view.confusion.matrix.counts == simulation.runs[0].confusion[-1 + simulation.runs[0].evaluations]).all()
    view.grab()


def test_empty_states_say_what_to_do(view, asked):
    assert "press play" in view.empty.text()
    assert view.empty.isVisible()
    view.show_simulation(trained(None, SGD(enabled=False)))
    assert "No racer" in view.empty.text()
    assert view.empty.isVisible()
    view.show_step(5)
    assert not asked.questions
    view.show_simulation(trained())
    assert not view.empty.isVisible()


def test_theme_and_text_size_change_at_once(view, asked, look):
    view.show_simulation(trained())
    view.show_step(200)
    settle(view, asked)
    number = len(asked.questions)
    look.choose("dark", 1.25)
    QApplication.processEvents()
    place = at(view, view.boundary.plot.plane.viewRange()[0][0] + 0.05, 1.0) - QPoint(0, 0)
    color = pixels(view.boundary.plot)[place.y(), place.x()]
    assert color.max() < 140
    assert len(asked.questions) <= number + 1  # another size of the plane may be asked for
    assert QColor(DARK.panel).lightness() < 60


def priced(scale=1000.0):
    """A table of flats with their prices: square metres from 30 to 148, distances below 1, prices."""
    rows = "".join(f"{30 + 2 * k},{(k * 7 % 60) / 60:.3f},{scale * (60 + 4 * k)}\n" for k in range(60))
    return ("area,distance,price\n" + rows).encode()


def test_the_axes_and_the_read_out_are_in_the_tables_own_units(view, asked):
    files = {"t.csv": priced()}
    simulation = trained(Csv(path="t.csv", label="price", task="regression"), files=lambda name: files[name])
    view.show_simulation(simulation)
    view.show_step(200)
    settle(view, asked)
    plot, data = view.boundary.plot, simulation.dataset
    axis = plot._axes["bottom"]
    (low, high), _y = plot.plane.viewRange()
    assert axis.labelText == "area"
    spacing, ticks = axis.tickValues(low, high, 500)[0]
    texts = axis.tickStrings(ticks, 1.0, spacing)
    assert texts
    for text, tick in zip(texts, ticks, strict=True):
        assert float(text) % 10 == 0, "round in square metres"
        assert data.scale(0).own(tick) == pytest.approx(float(text))
    middle = plot.plane.mapToScene(plot.plane.boundingRect().center())
    plot._hover(middle)
    text = plot._note.labels["text"].text()
    assert "price = " in text
    assert 30 < float(text.removeprefix("(").partition(",")[0]) < 148
    assert plot._axes["left"].width() >= 40
    view.grab()


def test_a_long_name_of_a_feature_ends_in_an_ellipsis(view, asked):
    """It is within its axis, all of it is the tooltip; names are no markup."""
    name = "share of households with <two> or more cars & a garage of their own in the year of the census"
    table = f'"{name}",b,kind\n' + "".join(f"{k},{k * 7 % 5},{k % 2}\n" for k in range(40))
    view.show_simulation(trained(Csv(path="t.csv", label="kind"), files=lambda _path: table.encode()))
    view.pages.picked.emit(1)
    QApplication.processEvents()
    plot = view.boundary.plot
    for up, sides in ((1, "bottom"), (0, "left")):
        plot.show_data(plot._data, Cut.through(plot._data, 1 - up, up))
        QApplication.processEvents()
        axis = plot._axes[sides]
        assert axis.labelText == name
        assert axis.label.toPlainText() == axis.fitting
        assert axis.fitting.endswith("…")
        assert axis.fitting.startswith("share of households with <two>")
        assert axis.toolTip() == name
        seen = axis.label.mapRectToParent(axis.label.boundingRect())
        assert axis.boundingRect().adjusted(-1, -1, 1, 1).contains(seen.center())
        length, room = (seen.width(), axis.width()) if sides == "bottom" else (seen.height(), axis.height())
        assert length <= room + 1
    assert plot._axes["bottom"].toolTip() == ""
    view.grab()


def test_a_table_whose_units_changed_is_shown_anew(view, asked):
    """Metres in place of millimetres: the standardised numbers are the same, the axes are not."""
    files = {"t.csv": b"a,b,kind\n" + b"".join(b"%d,%d,%d\n" % (k, k % 3, k % 2) for k in range(40))}
    source = Csv(path="t.csv", label="kind")
    view.show_simulation(trained(source, files=lambda name: files[name]))
    files["t.csv"] = b"a,b,kind\n" + b"".join(b"%d,%d,%d\n" % (1024 * k, k % 3, k % 2) for k in range(40))
    generation = view._generation
    view.show_simulation(trained(source, files=lambda name: files[name]))
    assert view._generation == generation + 1
    assert view.boundary.plot._data.scale(0).mean > 1000


def test_numbers_far_from_one_are_short_and_whole(look):
    axis = FeatureAxis("left")
    axis.restyle(look, "people", Scale(5e7, 1e7), -2.0, 2.0)
    assert axis.tickStrings([-1.0, 0.0, 1.0], 1.0, 1.0) == ["4×10⁷", "5×10⁷", "6×10⁷"]
    assert axis.tickStrings([-5.0], 1.0, 0.5) == ["0"]
    axis.restyle(look, "income", Scale(90_000, 10_000), -9.0, 2.0)
    assert axis.tickStrings([-9.0, -8.0, 1.0], 1.0, 1.0) == ["0", whole_text(10_000), whole_text(100_000)]
    axis.restyle(look, "x", Scale(), -2.0, 2.0)
    assert axis.tickStrings([-0.5, 0.0], 1.0, 0.5) == ["−0.5", "0.0"]


def cells(question):
    return question.grid.rows * question.grid.columns


def test_the_picture_is_quick_while_racers_train_and_fine_when_they_rest(qtbot, view, asked):
    simulation = trained(hidden=(64, 64), advance=0)
    view.show_simulation(simulation)
    for step in (1, 2):
        simulation.advance(1)
        view._asked_at = 0.0  # as if long ago
        view.show_step(step)
        asked.answer()
    quick = seen(view)
    qtbot.waitUntil(lambda: bool(view._open), timeout=5000)  # paused
    asked.answer()
    assert cells(seen(view)) > 3 * cells(quick)
    assert seen(view).step == quick.step
    qtbot.wait(400)
    assert view.settled
    assert not view._open, "nothing more is to be seen"
    simulation.advance(1)
    view._ask()
    assert view.settled, "what is seen already in all its fineness stays"


def test_side_by_side_all_are_asked_at_once_and_only_what_changed_again(view, asked):
    simulation = trained(advance=0)
    view.show_simulation(simulation)
    settle(view, asked)
    view.extent.button(1).click()
    view._asked_at = 0.0  # as if long ago
    view._ask()
    assert list(view._open) == [0, 1]
    for place in (-2, -1):
        asked.answer(place)
    simulation.runs[1].advance(2)
    view._asked_at = 0.0
    view.show_step(2)
    assert list(view._open) == [1]
    tile = view.all.tiles[1]
    before = tile.map
    asked.answer()
    assert tile.map is not before


def test_a_finished_run_is_seen_finely_at_once(view, asked):
    view.show_simulation(trained(hidden=(64, 64)))
    view.show_step(200)
    settle(view, asked)
    assert [cells(question) for question, _job in asked.questions if question.step == 200] == [cells(seen(view))]


def test_fewer_racers_on_other_data_side_by_side(view, asked):
    """While the data change nothing is asked about a racer that is gone."""
    racers = SGD(lr=0.05), Momentum(lr=0.05), SGD(lr=0.01)
    view.show_simulation(trained(None, *racers))
    view.extent.button(1).click()
    view._asked_at = 0.0  # as if long ago
    view._ask()
    for place in range(-len(view._open), 0):
        asked.answer(place)
    view._asked_at = 0.0
    view.show_simulation(trained(Moons(samples=90, noise=0.6), *racers[:2]))
    assert list(view.all.tiles) == [0, 1]
    assert set(view._open) <= {0, 1}
