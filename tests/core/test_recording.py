"""Calls of NumPy that are recorded and made later do what they do when they are made at once."""

from itertools import pairwise

import numpy as np
import pytest

from momentum_gui.core.recording import LINE, Given, Recorder, room


def layer(np, x, w, out, most):
    """Some calls, of functions and a method of one, with views of what is given."""
    np.dot(x, w, out)
    np.add(out, np.ones(out.shape), out)
    np.maximum(out, np.zeros(()), out=out)
    np.maximum.reduce(out, axis=0, out=most)
    np.multiply(x, 2.0, x)
    np.dot(x.mT, out, w)


def numbers():
    rng = np.random.default_rng(0)
    return rng.standard_normal((3, 2)), rng.standard_normal((2, 4)), np.empty((3, 4)), np.empty(4)


def test_recorded_calls_are_those_that_were_made():
    at_once, later = numbers(), numbers()
    layer(np, *at_once)
    recorder = Recorder()
    layer(recorder, Given("x"), *later[1:])
    assert np.array_equal(later[1], numbers()[1]), "made while they were recorded"
    calls = recorder.function("x")
    calls(later[0])
    for one, other in zip(at_once, later, strict=True):
        assert np.array_equal(one, other)

    x = np.zeros((3, 2))  # another one, and what the calls wrote is what they read
    calls(x)
    assert np.array_equal(later[2], np.ones((3, 4)))
    assert not later[1].any()


def test_recorders_follow_one_another():
    first, second, out = Recorder(), Recorder(), np.zeros(3)
    first.add(out, 1.0, out)
    second.multiply(out, 5.0, out)
    second.record(np.ndarray.sort, out)
    first.extend(second)
    first.subtract(out, Given("x"), out)
    first.function("x")(np.array([0.0, 1.0, 2.0]))
    assert out.tolist() == [5.0, 4.0, 3.0]


def test_what_numpy_has_not_can_not_be_recorded():
    with pytest.raises(AttributeError):
        Recorder().no_such_function(1.0)


@pytest.mark.parametrize("shape", [(), (1,), (5, 3), (1000, 7)])
@pytest.mark.parametrize("dtype", [float, bool])
def test_a_room_begins_with_a_line(shape, dtype):
    made = [room(shape, dtype, 1) for _ in range(5)]
    for each in made:
        assert each.shape == shape
        assert each.dtype == dtype
        assert each.ctypes.data % LINE == 0
        assert each.flags.c_contiguous
        assert (each == 1).all()
    assert not any(np.shares_memory(one, other) for one, other in pairwise(made))
