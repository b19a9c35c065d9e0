"""Each rule against steps worked by hand, PyTorch's numbers and the papers' statements; floats against arrays."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from momentum_gui.core.descent import SurfaceRun, walk
from momentum_gui.core.elementary import larger, sign, sqrt
from momentum_gui.core.messages import InputError
from momentum_gui.core.optimizers import (
    OPTIMIZERS,
    QHM,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    AMSGrad,
    AnyOptimizer,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
    RMSprop,
)
from momentum_gui.core.run import Outcome
from momentum_gui.core.schedules import Change, Cosine, Exponential
from momentum_gui.core.surfaces import SURFACES, Ravine, Rosenbrock

REFERENCE = json.loads((Path(__file__).parent / "reference" / "optimizers.json").read_text(encoding="utf-8"))
KINDS = {cls.__struct_config__.tag: cls for cls in OPTIMIZERS}
SURFACES_OF_REFERENCE = {"rosenbrock": Rosenbrock(), "ravine": Ravine(curvature=0.2, kappa=20.0)}


def steps(optimizer, gradient, w, count):
    """The states after every step."""
    state, states = optimizer.start(w), []
    for t in range(1, count + 1):
        state = optimizer.move(gradient(optimizer.look(*state)), t, *state)
        states.append(state)
    return states


def test_sgd_by_hand():
    """w - lr g on f = w^2 from 1: 1 - 0.25 * 2 = 0.5, 0.5 - 0.25 * 1 = 0.25."""
    assert steps(SGD(lr=0.25), lambda w: 2 * w, 1.0, 2) == [(0.5,), (0.25,)]


def test_momentum_by_hand():
    """v = mu v - lr g; w + v on f = w^2 from 1:
    v = -0.25 * 2 = -0.5, w = 0.5; v = 0.5 * -0.5 - 0.25 * 1 = -0.5, w = 0; v = -0.25 - 0, w = -0.25."""
    assert steps(Momentum(lr=0.25, mu=0.5), lambda w: 2 * w, 1.0, 3) == [(0.5, -0.5), (0.0, -0.5), (-0.25, -0.25)]


def test_nesterov_by_hand():
    """v = mu v - lr grad(w + mu v); w + v on f = w^2 from 1:
    v = -0.5, w = 0.5; the look-ahead is 0.25, so v = -0.25 - 0.25 * 0.5 = -0.375, w = 0.125."""
    assert steps(Nesterov(lr=0.25, mu=0.5), lambda w: 2 * w, 1.0, 2) == [(0.5, -0.5), (0.125, -0.375)]


def test_the_ascent_form_of_the_article_is_the_same_rule():
    """velocity = gamma * velocity + alpha * grad; model += velocity, with the gradient uphill."""
    rng = np.random.default_rng(0)
    model, velocity = rng.standard_normal(5), np.zeros(5)
    optimizer = Momentum(lr=0.03, mu=0.9)
    state = optimizer.start(model.copy())
    for t in range(1, 51):
        uphill = rng.standard_normal(5)
        velocity = 0.9 * velocity + 0.03 * uphill
        model = model + velocity
        state = optimizer.move(-uphill, t, *state)
        assert np.array_equal(state[0], model)
        assert np.array_equal(state[1], velocity)


@pytest.mark.parametrize("still", [Momentum(lr=0.07, mu=0.0), Nesterov(lr=0.07, mu=0.0)])
@pytest.mark.parametrize("w", [1.3, np.linspace(-2, 2, 7)])
def test_without_memory_it_is_sgd_bit_for_bit(still, w):
    def gradient(w):
        return w * w * w - 0.4 * w

    ours = [state[0] for state in steps(still, gradient, w, 50)]
    plain = [state[0] for state in steps(SGD(lr=0.07), gradient, w, 50)]
    assert np.array_equal(ours, plain)


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_memories_start_at_zero_and_states_are_never_changed_in_place(cls):
    optimizer = cls()
    w = np.array([1.0, -2.0])
    state = optimizer.start(w)
    assert len(state) == 1 + len(cls.memories)
    assert state[0] is w
    assert all(np.array_equal(memory, [0.0, 0.0]) for memory in state[1:])
    assert all(memory == 0.0 for memory in optimizer.start(3.0)[1:])
    for t in (1, 2, 3):
        before = [np.array(each) for each in state]
        after = optimizer.move(np.array([0.5, 0.25]), t, *state)
        assert all(np.array_equal(each, kept) for each, kept in zip(state, before, strict=True))
        state = after


def test_the_table_and_the_union_list_the_same():
    assert AnyOptimizer.__args__ == OPTIMIZERS
    kinds = [cls.__struct_config__.tag for cls in OPTIMIZERS]
    assert len(set(kinds)) == len(kinds)
    assert {"sgd", "momentum", "nesterov"} <= set(kinds)
    assert all(cls.title and cls.formula for cls in OPTIMIZERS)


# -- by hand, the adaptive methods


def test_adagrad_by_hand():
    """s = 9, w = 1 - 0.5 * 3 / (3 + 1); s = 9 + 16 = 25, w = 0.625 - 0.5 * 4 / (5 + 1)."""
    optimizer = Adagrad(lr=0.5, eps=1.0)
    state = optimizer.move(3.0, 1, *optimizer.start(1.0))
    assert state == (0.625, 9.0)
    assert optimizer.move(4.0, 2, *state) == pytest.approx((0.625 - 1 / 3, 25.0), rel=1e-15)


def test_rmsprop_by_hand():
    """s = 0.25 * 36 = 9, w = 1 - 0.5 * 6 / (3 + 1); s = 0.75 * 20 + 0.25 * 4 = 16, w = 1 - 0.5 * 2 / (4 + 1)."""
    optimizer = RMSprop(lr=0.5, rho=0.75, eps=1.0)
    assert optimizer.move(6.0, 1, 1.0, 0.0) == (0.25, 9.0)
    assert optimizer.move(2.0, 2, 1.0, 20.0) == (0.8, 16.0)


def test_adadelta_by_hand():
    """u = 2, g = 6: s = 0.5 * 36 = 18, d = sqrt(2 + 7) / sqrt(18 + 7) * 6 = 3.6, u = 0.5 * 2 + 0.5 * 3.6^2."""
    optimizer = Adadelta(lr=0.5, rho=0.5, eps=7.0)
    w, s, u = optimizer.move(6.0, 1, 1.0, 0.0, 2.0)
    assert s == 18.0
    assert w == pytest.approx(1 - 0.5 * 3.6, rel=1e-15)
    assert u == pytest.approx(0.5 * 2 + 0.5 * 3.6**2, rel=1e-15)


def test_adam_by_hand():
    """beta 1/2, 3/4, g = 4, 0: m = 2, 1, s = 4, 3; m^ = 4, 4/3, s^ = 16, 48/7."""
    optimizer = Adam(lr=0.5, beta1=0.5, beta2=0.75, eps=1.0)
    one = optimizer.move(4.0, 1, *optimizer.start(1.0))
    assert one == (1 - 0.5 * 4 / 5, 2.0, 4.0)
    two = optimizer.move(0.0, 2, *one)
    assert two == pytest.approx((0.6 - 0.5 * (4 / 3) / (math.sqrt(48 / 7) + 1), 1.0, 3.0), rel=1e-15)


def test_amsgrad_does_not_forget_a_large_gradient():
    """As Adam's hand-worked steps, but the second keeps h = 4: h^ = 4 / (7/16) = 64/7."""
    optimizer = AMSGrad(lr=0.5, beta1=0.5, beta2=0.75, eps=1.0)
    one = optimizer.move(4.0, 1, *optimizer.start(1.0))
    assert one == (0.6, 2.0, 4.0, 4.0)
    two = optimizer.move(0.0, 2, *one)
    assert two == pytest.approx((0.6 - 0.5 * (4 / 3) / (math.sqrt(64 / 7) + 1), 1.0, 3.0, 4.0), rel=1e-15)


def test_adamw_without_gradient_only_decays():
    """Each step multiplies by 1 - lr * weight_decay = 0.95."""
    optimizer = AdamW(lr=0.1, weight_decay=0.5)
    assert [state[0] for state in steps(optimizer, lambda w: 0.0 * w, 8.0, 3)] == pytest.approx(
        [7.6, 7.22, 6.859], rel=1e-15
    )


def test_lion_by_hand():
    """g = 2: c = 0.1 * 2 > 0, m = 0.02; g = -0.1: c = 0.9 * 0.02 - 0.01 > 0 still, m = 0.99 * 0.02 - 0.001."""
    optimizer = Lion(lr=0.25, beta1=0.9, beta2=0.99)
    one = optimizer.move(2.0, 1, *optimizer.start(1.0))
    assert one == pytest.approx((0.75, 0.02), rel=1e-13)
    two = optimizer.move(-0.1, 2, *one)
    assert two == pytest.approx((0.5, 0.0188), rel=1e-13)
    assert optimizer.move(0.0, 1, 1.0, 0.0) == (1.0, 0.0)


@given(st.floats(1e-3, 1e6), st.sampled_from([1.0, -1.0]), st.floats(1e-6, 10))
def test_the_first_step_of_adam_is_lr_long(size, direction, lr):
    """m^ = g and s^ = g^2 after one step, whatever the gradient; only epsilon is missing."""
    w, *_memories = Adam(lr=lr).move(direction * size, 1, 0.0, 0.0, 0.0)
    assert w == pytest.approx(-direction * lr, rel=2e-5)


@pytest.mark.parametrize("cls", [Adagrad, RMSprop, Adam, AMSGrad, NAdam])
def test_the_size_of_the_gradient_does_not_matter_to_a_method_that_divides_by_it(cls):
    optimizer = cls(lr=0.1, eps=1e-300)
    rng = np.random.default_rng(1)
    gradients = rng.standard_normal(20)
    small, large = optimizer.start(0.0), optimizer.start(0.0)
    for t, g in enumerate(gradients.tolist(), start=1):
        small, large = optimizer.move(g, t, *small), optimizer.move(1000 * g, t, *large)
        assert small[0] == pytest.approx(large[0], rel=1e-9)


# -- PyTorch


def path_of(optimizer, case):
    """Our path through a case of the reference: the points PyTorch reports, for Nesterov those looked at."""
    rows = []
    start = REFERENCE["start"]
    xs, ys = optimizer.start(start[0]), optimizer.start(start[1])
    for t in range(1, REFERENCE["kept"][-1] + 1):
        if case["surface"] is None:
            gx, gy = REFERENCE["gradients"][t - 1]
        else:
            gx, gy = SURFACES_OF_REFERENCE[case["surface"]].gradient(optimizer.look(*xs), optimizer.look(*ys))
        xs, ys = optimizer.move(gx, t, *xs), optimizer.move(gy, t, *ys)
        if t in REFERENCE["kept"]:
            rows.append((optimizer.look(*xs), optimizer.look(*ys)))
    return rows


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: f"{case['kind']}-{case['surface']}")
def test_the_path_is_that_of_pytorch(case):
    """PyTorch's w of Nesterov's method is the point looked at, its velocity ours / -lr: the same for a constant lr."""
    optimizer = KINDS[case["kind"]](**case["fields"])
    np.testing.assert_allclose(path_of(optimizer, case), case["path"], rtol=1e-11)


def test_every_method_that_pytorch_has_is_compared_at_its_defaults_and_at_others():
    compared = {case["kind"] for case in REFERENCE["cases"]}
    assert compared == set(KINDS) - {"qhm", "lion"}
    defaults = {case["kind"] for case in REFERENCE["cases"] if not case["fields"]}
    assert defaults == {"adagrad", "rmsprop", "adadelta", "adam", "amsgrad", "adamw", "nadam"}


# -- the conventions of momentum


def scaled(convention, lr, mu):
    """Momentum of ``convention`` that walks the path of lr "inside"."""
    return Momentum(lr=lr / (1 - mu) if convention == "average" else lr, mu=mu, convention=convention)


def test_the_conventions_by_hand():
    """g = 2, v = 4, w = 1, lr 0.25, mu 0.5: v = 2 - 0.5; v = 2 + 2, w - 0.25 * 4; v = 2 + 1, w - 0.25 * 3."""
    assert Momentum(lr=0.25, mu=0.5, convention="inside").move(2.0, 1, 1.0, 4.0) == (2.5, 1.5)
    assert Momentum(lr=0.25, mu=0.5, convention="outside").move(2.0, 1, 1.0, 4.0) == (0.0, 4.0)
    assert Momentum(lr=0.25, mu=0.5, convention="average").move(2.0, 1, 1.0, 4.0) == (0.25, 3.0)


@pytest.mark.parametrize("convention", ["outside", "average"])
@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9])
def test_the_conventions_coincide_while_lr_stays(convention, mu):
    def gradient(w):
        return w * w * w - 0.4 * w

    inside = [state[0] for state in steps(scaled("inside", 0.05, mu), gradient, 1.3, 200)]
    other = [state[0] for state in steps(scaled(convention, 0.05, mu), gradient, 1.3, 200)]
    np.testing.assert_allclose(other, inside, rtol=1e-9)


def test_the_conventions_differ_when_lr_changes_in_mid_run():
    """lr 0.5 -> 0.05 after one step of g = 1: the velocity 0.5 mu of the old lr goes on inside; outside it shrinks
    tenfold at once. With g = 1, mu = 0.5: inside v = -0.5, then -0.25 - 0.05; outside v = 1, 1.5, step 0.05 * 1.5."""
    ends = {}
    for convention in ("inside", "outside", "average"):
        optimizer = scaled(convention, 0.5, 0.5)
        later = scaled(convention, 0.05, 0.5).lr
        optimizer = Momentum(
            lr=optimizer.lr, mu=0.5, convention=convention, changes=(Change(step=2, field="lr", value=later),)
        )
        state = optimizer.start(0.0)
        for t in (1, 2):
            state = optimizer.at(t, 2).move(1.0, t, *state)
        ends[convention] = state[0]
    assert ends == pytest.approx({"inside": -0.8, "outside": -0.575, "average": -0.575}, rel=1e-15)


def test_the_limit_of_the_average_is_larger_by_the_same_factor():
    assert Momentum(mu=0.9, convention="outside").stability_limit() == pytest.approx(3.8)
    assert Momentum(mu=0.9, convention="average").stability_limit() == pytest.approx(38)


# -- what the papers say of one another


def test_terminal_velocity():
    """Along a constant gradient the velocity is lr g (1 - mu^t) / (1 - mu): 6.51322 lr g after 10 steps at 0.9."""
    velocity = -steps(Momentum(lr=1.0, mu=0.9), lambda w: 1.0, 0.0, 10)[-1][1]
    assert velocity == pytest.approx(6.51322, abs=5e-6)
    assert -steps(Momentum(lr=1.0, mu=0.9), lambda w: 1.0, 0.0, 1000)[-1][1] == pytest.approx(10)


def test_qhm_between_sgd_momentum_and_nesterov():
    """Ma & Yarats 2018, section 3: nu = 0 is SGD, nu = 1 momentum, nu = beta Nesterov's method."""

    def gradient(w):
        return w * w * w - 0.4 * w

    def points(optimizer):
        return [optimizer.look(*state) for state in steps(optimizer, gradient, 1.3, 100)]

    assert points(QHM(lr=0.05, beta=0.9, nu=0.0)) == pytest.approx(points(SGD(lr=0.05)), rel=1e-9)
    average = Momentum(lr=0.5, mu=0.9, convention="average")
    assert points(QHM(lr=0.5, beta=0.9, nu=1.0)) == pytest.approx(points(average), rel=1e-9)
    assert points(QHM(lr=0.5, beta=0.9, nu=0.9)) == pytest.approx(points(Nesterov(lr=0.05, mu=0.9)), rel=1e-9)


def test_the_limit_of_qhm_at_the_methods_it_contains():
    assert QHM(beta=0.9, nu=0.0).stability_limit() == pytest.approx(SGD().stability_limit())
    assert QHM(beta=0.9, nu=1.0).stability_limit() == pytest.approx(
        Momentum(mu=0.9, convention="average").stability_limit()
    )
    assert 0.1 * QHM(beta=0.9, nu=0.9).stability_limit() == pytest.approx(Nesterov(mu=0.9).stability_limit())


def test_the_weight_that_nadam_remembers_is_one_minus_the_product_of_its_momenta():
    optimizer = NAdam(beta1=0.9, momentum_decay=0.1)
    states = steps(optimizer, lambda w: w, 1.0, 40)
    product = np.cumprod([0.9 * (1 - 0.5 * 0.96 ** (0.1 * t)) for t in range(1, 41)])
    np.testing.assert_allclose([state[3] for state in states], 1 - product, rtol=1e-14)


def run_to(optimizer, surface, start, tolerance, steps):
    """The first step whose loss is below ``tolerance``."""
    run = SurfaceRun(optimizer, surface, start, steps, 0.0, 0)
    run.advance(steps)
    return int(np.argmax(run.loss < tolerance))


@pytest.mark.parametrize(
    ("optimizer", "surface", "start", "tolerance", "count"),
    [
        (SGD(lr=1e-3), Rosenbrock(), (-1.2, 1.0), 1e-6, 15_068),
        (Momentum(lr=1e-3, mu=0.9), Rosenbrock(), (-1.2, 1.0), 1e-6, 1_386),
        (SGD(lr=2 / 101), Ravine(curvature=1.0, kappa=100.0), (1.0, 1.0), 1e-8, 559),
        (Momentum(lr=(2 / 11) ** 2, mu=(9 / 11) ** 2), Ravine(curvature=1.0, kappa=100.0), (1.0, 1.0), 1e-8, 81),
    ],
    ids=["sgd-rosenbrock", "momentum-rosenbrock", "sgd-best", "heavy-ball-best"],
)
def test_how_many_steps_it_takes(optimizer, surface, start, tolerance, count):
    assert run_to(optimizer, surface, start, tolerance, count + 100) == count


# -- one text of a rule for floats and arrays


FLOATS = st.floats(-1e3, 1e3) | st.floats(allow_nan=True, allow_infinity=True)


def bits(values):
    """The bits of numbers; all that are not a number are alike."""
    values = np.array(values, dtype=float)
    return np.where(np.isnan(values), np.nan, values).view(np.int64).tolist()


@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=6))
def test_sqrt_sign_and_larger_are_the_same_for_floats_and_arrays(pairs):
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    with np.errstate(all="ignore"):
        assert bits([sqrt(x) for x, _y in pairs]) == bits(sqrt(a))
        assert bits([sign(x) for x, _y in pairs]) == bits(sign(a))
        assert bits([larger(x, y) for x, y in pairs if x or y]) == bits(larger(a, b)[(a != 0) | (b != 0)])


def test_sqrt_is_correctly_rounded():
    """The root of a square is the number itself."""
    rng = np.random.default_rng(0)
    whole = rng.integers(1, 2**26, 10_000).astype(float)
    assert [sqrt(x * x) for x in whole.tolist()] == whole.tolist()
    assert math.isnan(sqrt(-1.0))
    assert sqrt(math.inf) == math.inf


@pytest.mark.parametrize("cls", OPTIMIZERS)
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(FLOATS, min_size=3, max_size=3), min_size=1, max_size=8), st.floats(1e-6, 1e3))
def test_a_rule_gives_the_same_bits_for_floats_and_arrays_whatever_the_gradients(cls, gradients, lr):
    """Three coordinates at once or one by one; gradients beyond all bounds raise nothing, in neither."""
    optimizer = cls(lr=lr)
    together = optimizer.start(np.array([1.0, -2.0, 0.0]))
    alone = [optimizer.start(w) for w in (1.0, -2.0, 0.0)]
    with np.errstate(all="ignore"):
        for t, row in enumerate(gradients, start=1):
            together = optimizer.move(np.array(row), t, *together)
            alone = [optimizer.move(g, t, *state) for g, state in zip(row, alone, strict=True)]
            assert all(type(value) is float for state in alone for value in state)
            for place in range(len(together)):
                assert bits(together[place]) == bits([state[place] for state in alone])
            assert bits(optimizer.look(*together)) == bits([optimizer.look(*state) for state in alone])


@pytest.mark.parametrize("surface", [cls() for cls in SURFACES if not cls.__struct_fields__ or cls is Ravine], ids=repr)
@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_run_that_diverges_gives_the_same_bits_for_floats_and_arrays(cls, surface):
    """From the domain's corners at a learning rate that is far too large, to the end, through inf and nan."""
    left, right, bottom, top = surface.domain
    corners = [(x, y) for x in (left, right) for y in (bottom, top)]
    optimizer = cls(lr=100.0)
    with np.errstate(all="ignore"):
        x, y = (optimizer.start(np.array(side)) for side in zip(*corners, strict=True))
        batch = np.array(walk(optimizer, surface.gradient, x, y, 1, 60, 60))
        for row, (x0, y0) in enumerate(corners):
            alone = walk(optimizer, surface.gradient, optimizer.start(x0), optimizer.start(y0), 1, 60, 60)
            assert bits(alone) == bits(batch[:, row])


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_run_beyond_all_bounds_freezes_as_diverged(cls):
    """Rosenbrock's gradient overflows within a few steps of a learning rate of 1000."""
    run = SurfaceRun(cls(lr=1000.0), Rosenbrock(), (-1.2, 1.0), 400, 0.0, 0)
    run.advance(400)
    assert np.isfinite(run.path).all()
    if cls not in (Adagrad, RMSprop, Adadelta, Adam, AMSGrad, AdamW, NAdam, Lion):  # whose steps are bounded
        assert run.outcome is Outcome.DIVERGED


# -- schedules and changes


def test_a_steady_optimizer_is_in_force_itself():
    optimizer = Momentum()
    assert optimizer.steady
    assert optimizer.at(7, 10) is optimizer


def test_what_is_in_force_at_a_step():
    optimizer = Momentum(
        lr=0.4,
        schedule=Exponential(gamma=0.5),
        changes=(Change(3, "mu", 0.5), Change(3, "lr", 0.8), Change(5, "mu", 0.25)),
        label="kept",
    )
    in_force = [(now.lr, now.mu) for now in (optimizer.at(t, 10) for t in range(1, 7))]
    assert in_force == [(0.4, 0.9), (0.2, 0.9), (0.2, 0.5), (0.1, 0.5), (0.05, 0.25), (0.025, 0.25)]
    assert optimizer.at(1, 10).steady
    assert optimizer.at(1, 10).label == "kept"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([Change(5, "nu", 0.5)], 'changes[0].field is "nu"; allowed: lr, mu'),
        ([Change(5, "label", 0.5)], 'changes[0].field is "label"; allowed: lr, mu'),
        ([Change(5, "mu", 1.0)], "changes[0].value is 1.0; allowed: a number, at least 0, less than 1"),
        ([Change(5, "lr", math.nan)], "changes[0].value is nan; allowed: a number, more than 0, at most 1000"),
        (
            [Change(5, "lr", 0.1), Change(4, "lr", 0.1)],
            "changes[1].step is 4; allowed: at least 5, the step of the change before it",
        ),
        ([Change(0, "lr", 0.1)], "changes[0].step is 0; allowed: at least 1, the step of the change before it"),
    ],
)
def test_a_change_that_can_not_be_is_said(changes, sentence):
    with pytest.raises(InputError) as caught:
        Momentum(changes=tuple(changes))
    assert str(caught.value) == sentence


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_run_with_a_change_is_the_other_run_until_then_and_keeps_its_memories(cls):
    surface, lr = Ravine(), 0.02
    plain = SurfaceRun(cls(lr=lr), surface, surface.start, 30, 0.0, 0)
    changed = SurfaceRun(cls(lr=lr, changes=(Change(11, "lr", 0.04),)), surface, surface.start, 30, 0.0, 0)
    for run in (plain, changed):
        run.advance(30)
    assert np.array_equal(plain.states[:11], changed.states[:11])
    assert not np.array_equal(plain.states[11], changed.states[11])
    other = cls(lr=0.04)
    xs, ys = (tuple(state) for state in plain.states[10].tolist())
    gx, gy = surface.gradient(other.look(*xs), other.look(*ys))
    assert changed.states[11].tolist() == [list(other.move(gx, 11, *xs)), list(other.move(gy, 11, *ys))]


def test_a_schedule_needs_the_length_of_the_run_not_of_a_part():
    """Advanced in parts or at once, a cosine is that of the whole run; its step t is lr times its factor."""
    optimizer = SGD(lr=0.1, schedule=Cosine())
    whole, parts = (SurfaceRun(optimizer, Ravine(), (-5.0, -2.0), 20, 0.0, 0) for _each in range(2))
    whole.advance(20)
    for count in (1, 4, 15):
        parts.advance(count)
    assert np.array_equal(whole.states, parts.states)
    went = -np.diff(whole.path[:, 0]) / whole.gradient[:-1, 0]
    np.testing.assert_allclose(went, 0.05 * (1 + np.cos(np.pi * np.arange(20) / 20)), rtol=1e-9)


# -- what views ask for


@pytest.mark.parametrize("convention", ["inside", "outside", "average"])
@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_the_parts_add_up_to_the_step(cls, convention):
    optimizer = Momentum(lr=0.1, convention=convention) if cls is Momentum else cls(lr=0.1)
    rng = np.random.default_rng(4)
    state = optimizer.start(rng.standard_normal(3))
    for t in range(1, 6):
        g = rng.standard_normal(3)
        parts, after = optimizer.parts(g, t, *state), optimizer.move(g, t, *state)
        np.testing.assert_allclose(sum(parts.values()), after[0] - state[0], rtol=1e-12, atol=1e-15)
        state = after


def test_the_arrows_of_momentum():
    assert Momentum(lr=0.25, mu=0.5).parts(2.0, 1, 1.0, 4.0) == {"momentum": 2.0, "gradient": -0.5}
    assert Nesterov(lr=0.25, mu=0.5).parts(2.0, 1, 1.0, 4.0) == {"momentum": 2.0, "gradient": -0.5}
    assert SGD(lr=0.25).parts(2.0, 1, 1.0) == {"gradient": -0.5}


@pytest.mark.parametrize("cls", [Adagrad, RMSprop, Adadelta])
def test_the_scale_is_the_learning_rate_of_each_coordinate(cls):
    """These move along the gradient itself: the step is -scale g."""
    optimizer = cls(lr=0.1)
    state = optimizer.start(np.array([1.0, 2.0]))
    for t, g in enumerate([np.array([0.5, -30.0]), np.array([-1.0, 4.0])], start=1):
        scale, after = optimizer.scale(g, t, *state), optimizer.move(g, t, *state)
        np.testing.assert_allclose(-scale * g, after[0] - state[0], rtol=1e-12, atol=1e-15)
        state = after


@pytest.mark.parametrize("cls", [Adam, AMSGrad, AdamW, NAdam])
def test_the_scale_of_adam_at_the_first_step_is_lr_over_the_gradient(cls):
    scale = cls(lr=0.1, eps=1e-12).scale(np.array([0.5, -20.0]), 1, *cls().start(np.zeros(2)))
    np.testing.assert_allclose(scale, [0.2, 0.005], rtol=1e-9)


@pytest.mark.parametrize("cls", [SGD, Momentum, Nesterov, QHM, Lion])
def test_a_method_without_scales_says_so(cls):
    assert cls().scale(1.0, 1, *cls().start(1.0)) is None


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_the_rule_is_typeset_line_by_line(cls):
    for convention in ("inside", "outside", "average") if cls is Momentum else ("",):
        lines = cls(convention=convention).typeset() if convention else cls().typeset()
        assert any(r"w \leftarrow" in line for line in lines)
        for line in lines:
            assert line.count("{") == line.count("}")
            assert line.count(r"\left(") == line.count(r"\right)")
