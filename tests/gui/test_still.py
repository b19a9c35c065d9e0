"""The picture to take home: finer than the screen, without controls, with who is who."""

import numpy as np
import pytest
from msgspec import structs
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QImage, QTextDocument

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.optimizers import SGD, Adam, Momentum
from momentum_gui.core.schedules import Change, Cosine
from momentum_gui.core.surfaces import Ravine
from momentum_gui.gui import network_lab
from momentum_gui.gui.network_lab import NetworkLab
from momentum_gui.gui.still import Entry, arranged, described, legend, still
from momentum_gui.gui.style import SPACE, racer_color

RACE = Experiment(objective=Ravine(), optimizers=(SGD(lr=0.3), Momentum(lr=0.15, mu=0.8)), start=(-5.0, 1.0), steps=40)


def plain(html):
    document = QTextDocument()
    document.setHtml(html)
    return document.toPlainText()


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


@pytest.fixture
def network_lab_of(open_lab):
    """``network_lab_of(steps)`` is a shown network lab that has trained so far."""
    return lambda steps: open_lab(NetworkLab, structs.replace(network_lab.first_experiment(), steps=steps))


@pytest.mark.parametrize(
    ("racer", "text"),
    [
        (Momentum(lr=0.15, mu=0.8), "η = 0.15  μ = 0.8"),
        (Adam(lr=0.001), "η = 0.001  β₁ = 0.9  β₂ = 0.999"),
        (Adam(lr=0.001, eps=1e-3), "η = 0.001  β₁ = 0.9  β₂ = 0.999  ε = 0.001"),
        (SGD(lr=0.1, schedule=Cosine()), "η = 0.1  Cosine"),
        (SGD(lr=0.1, changes=(Change(20, "lr", 0.05),)), "η = 0.1  from step 20 on: η = 0.05"),
    ],
)
def test_a_racer_is_described_by_what_is_set(qtbot, racer, text):
    assert plain(described(racer)) == text


def test_the_legend_names_who_runs_with_their_colours(ravine_lab):
    lab = ravine_lab(structs.replace(RACE, optimizers=(*RACE.optimizers, Adam(enabled=False))))
    texts = [entry.text.toPlainText() for entry in legend(lab)]
    assert texts == ["SGD  η = 0.3", "Momentum  η = 0.15  μ = 0.8", "Step 40 of 40"]


def test_a_name_is_no_markup(ravine_lab):
    lab = ravine_lab(structs.replace(RACE, optimizers=(SGD(lr=0.3, label="<i>a</i> & b"),)))
    assert legend(lab)[0].text.toPlainText().startswith("<i>a</i> & b")


def test_a_long_legend_takes_more_lines_and_stays_within_the_width(qtbot):
    entries = [Entry(None, QTextDocument("so many words " * count), 0, QPointF()) for count in (1, 2, 3, 30)]
    size = arranged(entries, 300)
    assert len({entry.place.y() for entry in entries}) > 1
    assert all(entry.place.x() + entry.text.size().width() <= 301 for entry in entries)
    lowest = max(entry.place.y() + entry.text.size().height() for entry in entries)
    assert lowest <= size.height() <= lowest + 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_has_twice_the_screens_pixels_and_no_controls(qtbot, ravine_lab, theme):
    lab = ravine_lab(RACE, theme)
    plane = lab.picture.plane
    lab.picture._hover(plane.sceneBoundingRect().center())
    assert lab.picture._readout.isVisible()
    image = still(lab)
    assert image.width() == 2 * lab.pictures.width()
    assert image.height() > 2 * lab.pictures.height()
    assert not lab.picture._readout.isVisible()
    taken = pixels(image)
    for button in (lab.pictures.switch, lab.axes.button):
        assert button.isVisible()  # it is there again
        corner = 2 * button.mapTo(lab.pictures, QPoint(0, 0))
        middle = taken[corner.y() : corner.y() + 2 * button.height(), corner.x() : corner.x() + 2 * button.width()]
        shown = pixels(lab.pictures.grab(button.geometry().translated(corner / 2 - button.pos())).toImage())
        letters = shown.min(axis=2).min() if theme == "light" else shown.max(axis=2).max()
        seen = middle.min(axis=2).min() if theme == "light" else middle.max(axis=2).max()
        assert abs(int(letters) - int(seen)) > 20  # the button's text is not in the picture
    legend_rows = taken[2 * lab.pictures.height() + SPACE :]
    for index in (0, 1):
        color = racer_color(index, "", lab.look.theme)
        wanted = color.blue(), color.green(), color.red()
        assert (np.abs(legend_rows - wanted).max(axis=2) < 3).sum() > 100


def test_every_step_is_in_the_picture_and_the_screens_is_as_before(qtbot, ravine_lab):
    lab = ravine_lab(structs.replace(RACE, optimizers=(SGD(lr=0.3, color="#d55e00"),), steps=20000))
    lab.pictures.open_relief(True)
    qtbot.waitUntil(lambda: lab.pictures.relief.settled and lab.settled, timeout=20000)
    before = pixels(lab.pictures.grab().toImage())
    first, again = still(lab), still(lab)
    assert first == again  # nothing was left to paint
    qtbot.waitUntil(lambda: lab.pictures.relief.settled and lab.settled, timeout=20000)
    lab.pictures.grab()
    qtbot.waitUntil(lambda: lab.pictures.relief.settled and lab.settled, timeout=20000)
    after = pixels(lab.pictures.grab().toImage())
    assert (np.abs(after - before).max(axis=2) > 8).mean() < 0.002


def test_of_the_networks_those_shown_are_named(qtbot, network_lab_of):
    lab = network_lab_of(20)
    assert lab.racers_seen == [1]  # the one with a memory is looked at
    lab.choose(0)
    assert lab.racers_seen == [0]
    image = still(lab)
    assert image.width() == 2 * lab.picture.width()
    assert lab.picture.racer.isVisible()
    lab.picture.extent.button(1).click()
    assert lab.racers_seen == [0, 1]
    assert [entry.text.toPlainText().split()[0] for entry in legend(lab)][:2] == ["SGD", "Momentum"]


def test_level_lines_are_finer_than_on_the_screen_and_then_as_before(ravine_lab):
    lab = ravine_lab(RACE)
    before = pixels(lab.pictures.grab().toImage())
    samples = []
    draw = lab.picture._contours.draw

    def spied(painter, frame):
        samples.append((lab.picture._contours._cell, frame.ratio))
        draw(painter, frame)

    lab.picture._contours.draw = spied
    still(lab)
    assert samples == [(1, 2.0)]
    assert np.array_equal(pixels(lab.pictures.grab().toImage()), before)
    assert samples[1:] == [(3, 1.0)]
