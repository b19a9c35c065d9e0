"""Experiments as text: read in TOML and JSON, written in JSON, and one line for whatever is wrong with them."""

import json
import re
import string

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect
from msgspec.structs import replace

from momentum_gui.core.datasets import DATASETS, Article, Csv, Spirals
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.experiment_text import MAX_BYTES, kind_of, parse, to_json
from momentum_gui.core.messages import InputError
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import OPTIMIZERS, SGD, Momentum
from momentum_gui.core.params import numbers
from momentum_gui.core.schedules import Change
from momentum_gui.core.surfaces import SURFACES, AnySurface, Expression, Ravine, Rosenbrock


def read(text):
    return parse(text if isinstance(text, bytes) else text.encode(), "race.toml")


def fault(text):
    """The one line that is said of a faulty text, without the file's name."""
    with pytest.raises(InputError) as caught:
        read(text)
    sentence = str(caught.value)
    assert sentence.startswith("race.toml: ")
    assert len(sentence.splitlines()) == 1
    return sentence.removeprefix("race.toml: ")


RACE = """
format = 1
title = "A race"
steps = 40
seed = 7
start = [-5.0, -2.0]
noise = 0.5

[objective]
kind = "ravine"
curvature = 0.2
kappa = 20.0
angle = 10.0

[[optimizers]]
kind = "sgd"
lr = 0.4

[[optimizers]]
kind = "momentum"
lr = 0.4
mu = 0.5
label = "half"
color = "#0072b2"
enabled = false
"""

TRAINING = """
steps = 1_000
[objective]
kind = "network"
hidden = [16, 8]
activation = "tanh"
bias = true
init = "xavier"
batch = 0
batching = "drawn"
reduction = "sum"
l2 = 0.01
[objective.data]
kind = "spirals"
samples = 300
noise = 0.05
seed = 3
classes = 4
test_fraction = 0.5
[[optimizers]]
kind = "nesterov"
"""


# -- what is right


def test_a_race_in_toml():
    assert read(RACE) == Experiment(
        title="A race",
        steps=40,
        seed=7,
        start=(-5.0, -2.0),
        noise=0.5,
        objective=Ravine(curvature=0.2, kappa=20.0, angle=10.0),
        optimizers=(SGD(lr=0.4), Momentum(lr=0.4, mu=0.5, label="half", color="#0072b2", enabled=False)),
    )


def test_a_training_in_toml():
    experiment = read(TRAINING)
    assert experiment.steps == 1000
    assert experiment.objective == Network(
        hidden=(16, 8),
        activation="tanh",
        bias=True,
        init="xavier",
        batch=0,
        batching="drawn",
        reduction="sum",
        l2=0.01,
        data=Spirals(samples=300, noise=0.05, seed=3, classes=4, test_fraction=0.5),
    )
    assert [kind_of(each) for each in experiment.optimizers] == ["nesterov"]


def test_the_same_in_json():
    text = {"steps": 40, "objective": {"kind": "rosenbrock", "b": 10}, "optimizers": [{"kind": "sgd", "lr": 1}]}
    expected = Experiment(steps=40, objective=Rosenbrock(b=10.0), optimizers=(SGD(lr=1.0),))
    assert read(json.dumps(text)) == expected
    assert isinstance(read(json.dumps(text)).optimizers[0].lr, float), "a whole number is a number"


@pytest.mark.parametrize("text", [RACE.replace("\n", "\r\n"), "\ufeff" + RACE, "# a note\n" + RACE])
def test_other_ways_to_write_the_same_file(text):
    assert read(text) == read(RACE)


@pytest.mark.parametrize("cls", SURFACES)
def test_a_kind_is_enough_for_a_surface(cls):
    assert read(f'[objective]\nkind = "{kind_of(cls())}"').objective == cls()


@pytest.mark.parametrize("cls", OPTIMIZERS)
def test_a_kind_is_enough_for_an_optimizer(cls):
    text = f'optimizers = [{{kind = "{kind_of(cls())}"}}]\n[objective]\nkind = "saddle"'
    assert read(text).optimizers == (cls(),)


def test_a_table_of_the_users_and_the_articles_moons():
    text = '[objective]\nkind = "network"\ndata = {kind = "csv", path = "größe.csv", label = %s}'
    assert read(text % '"art"').objective.data == Csv(path="größe.csv", label="art")
    assert read(text % "3").objective.data == Csv(path="größe.csv", label=3)
    assert read('[objective]\nkind = "network"\ndata = {kind = "article"}').objective.data == Article()


# -- round trip


def is_text(declared):
    """Whether it is text that only its reader can judge: a file's path, a formula."""
    while isinstance(declared, inspect.Metadata):
        declared = declared.type
    return isinstance(declared, inspect.StrType) and declared.pattern is None


def values(declared):
    """Whatever a declaration allows."""
    match declared:
        case inspect.Metadata(type=inner):
            return values(inner)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType(ge=low, le=high):
            return st.integers(low, high) if low is not None else st.integers(-(2**31), 2**31)
        case inspect.FloatType(gt=over, ge=low, lt=under, le=high):
            return st.floats(
                over if low is None else low,
                under if high is None else high,
                exclude_min=low is None,
                exclude_max=high is None,
            )
        case inspect.LiteralType(values=choices):
            return st.sampled_from(choices)
        case inspect.StrType(pattern=str() as pattern, max_length=longest):
            words = st.from_regex(pattern, alphabet=string.printable + "é文🌍\u2029")
            return words.filter(lambda text: longest is None or len(text) <= longest)
        case inspect.StrType():
            return st.text(min_size=1, max_size=20)
        case inspect.NoneType():
            return st.none()
        case inspect.TupleType(item_types=items):
            return st.tuples(*map(values, items))
        case inspect.VarTupleType(item_type=item, max_length=longest):
            return st.lists(values(item), max_size=min(longest or 4, 4)).map(tuple)
        case inspect.UnionType(types=types):
            return st.one_of(*map(values, types))
        case inspect.StructType(cls=cls) if cls is Expression:
            return EXPRESSIONS
        case inspect.StructType(cls=cls, fields=fields):
            named = {field.name: field.type for field in fields if field.required or not is_text(field.type)}
            changes = {"changes": changes_of(cls)} if named.pop("changes", None) else {}
            return st.builds(cls, **{name: values(declared) for name, declared in named.items()}, **changes)
    raise NotImplementedError(declared)


def changes_of(cls):
    """Changes of an optimizer's own numbers, in order."""
    change = st.sampled_from(sorted(numbers(cls))).flatmap(
        lambda name: st.builds(Change, st.integers(1, 1_000_000), st.just(name), values(numbers(cls)[name]))
    )
    return st.lists(change, max_size=3).map(lambda found: tuple(sorted(found, key=lambda each: each.step)))


RANGES = st.builds(lambda low, width: (low, low + width), st.floats(-100, 100), st.floats(0.1, 100))
EXPRESSIONS = st.builds(Expression, st.sampled_from(("x**2 + 10*y**2", "sin(3*x) - y", "1")), RANGES, RANGES)
"""A formula must be one, and have values in its ranges."""

FIELDS_OF = {field.name: field.type for field in inspect.type_info(Experiment).fields}
FOR_ANY = {name: values(FIELDS_OF[name]) for name in ("title", "text", "steps", "seed", "optimizers")}
FOR_SURFACES = {name: values(FIELDS_OF[name]) for name in ("start", "noise")} | {
    "optimizers": FOR_ANY["optimizers"].map(lambda racers: tuple(replace(each, weight_changes=()) for each in racers))
}
"""A surface has no weights to change."""
EXPERIMENTS = st.one_of(
    st.builds(Experiment, objective=values(inspect.type_info(AnySurface)), **(FOR_ANY | FOR_SURFACES)),
    st.builds(Experiment, objective=values(inspect.type_info(Network)), **FOR_ANY),
)


@given(EXPERIMENTS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_read_again(experiment):
    text = to_json(experiment)
    assert read(text) == experiment
    assert to_json(read(text)) == text


def test_what_is_written_spells_out_every_value():
    text = to_json(Experiment(objective=Network())).decode()
    assert text.endswith("}\n")
    written = json.loads(text)
    assert set(written) == {"format", "title", "text", "steps", "seed", "noise", "objective", "optimizers"}
    assert set(written["objective"]) == {"kind", *Network.__struct_fields__}
    assert all(set(each) >= {"kind", "lr", "label", "color", "enabled"} for each in written["optimizers"])
    assert json.loads(to_json(Experiment(objective=Ravine(), start=(1.0, 2.0))))["start"] == [1.0, 2.0]


# -- what is wrong

HEAD = '[objective]\nkind = "ravine"\n'
RACER = HEAD + '[[optimizers]]\nkind = "momentum"\n'
NET = '[objective]\nkind = "network"\n'
SURFACE_KINDS = ", ".join(kind_of(cls()) for cls in SURFACES)
OPTIMIZER_KINDS = ", ".join(kind_of(cls()) for cls in OPTIMIZERS)
DATA_KINDS = ", ".join(str(cls.__struct_config__.tag) for cls in DATASETS)
FIELDS = "format, title, text, steps, seed, start, noise, objective, optimizers"
STEPS = "allowed: a whole number, at least 1, at most 1000000"
KAPPA = "allowed: a number, at least 1, at most 1000000"
LABEL = "allowed: one line of at most 40 characters"
UNITS = "a whole number, at least 1, at most 512"
COORDINATE = "a number, at least -1000000, at most 1000000"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        # misspelt keys
        ("stepz = 3\n" + HEAD, f"stepz is not known; allowed: {FIELDS} (did you mean steps?)"),
        (
            HEAD + "kapa = 3",
            "objective.kapa is not known; allowed: kind, curvature, kappa, angle (did you mean kappa?)",
        ),
        (
            RACER + "beta = 0.5",
            "optimizers[0].beta is not known; allowed: kind, lr, mu, convention, label, color, enabled, schedule, "
            "changes, weight_changes",
        ),
        # tables in an optimizer
        (
            RACER + 'schedule = {kind = "cosin"}',
            'optimizers[0].schedule.kind is "cosin"; allowed: constant, step, exponential, cosine, warmup, '
            "inverse_sqrt (did you mean cosine?)",
        ),
        (
            RACER + "schedule = 0.5",
            "optimizers[0].schedule is 0.5; allowed: a table of kind constant, step, exponential, cosine, warmup, "
            "inverse_sqrt",
        ),
        (
            RACER + 'schedule = {kind = "step", every = 0}',
            "optimizers[0].schedule.every is 0; allowed: a whole number, at least 1, at most 1000000",
        ),
        (
            RACER + 'schedule = {kind = "cosine", flor = 0}',
            "optimizers[0].schedule.flor is not known; allowed: kind, floor (did you mean floor?)",
        ),
        (
            RACER + "changes = 5",
            "optimizers[0].changes is 5; allowed: a list of at most 1000, each a table with step, field, value",
        ),
        (RACER + "changes = [5]", "optimizers[0].changes[0] is 5; allowed: a table with step, field, value"),
        (
            RACER + 'changes = [{step = 5, field = "nu", value = 0.5}]',
            'optimizers[0]: changes[0].field is "nu"; allowed: lr, mu',
        ),
        (
            RACER + 'changes = [{step = 5, field = "convention", value = 0.5}]',
            'optimizers[0]: changes[0].field is "convention"; allowed: lr, mu',
        ),
        (
            RACER + '[[optimizers.changes]]\nstep = 5\nfield = "mu"\nvalue = 1',
            "optimizers[0]: changes[0].value is 1.0; allowed: a number, at least 0, less than 1",
        ),
        (
            RACER + 'changes = [{step = 5, field = "mu", value = nan}]',
            "optimizers[0]: changes[0].value is nan; allowed: a number, at least 0, less than 1",
        ),
        (
            RACER + 'changes = [{step = 5, field = "mu", value = 0}, {step = 4, field = "lr", value = 1}]',
            "optimizers[0]: changes[1].step is 4; allowed: at least 5, the step of the change before it",
        ),
        ("a.b.c = 1\n" + HEAD, f"a is not known; allowed: {FIELDS}"),
        # unknown kinds
        (
            '[objective]\nkind = "ravin"',
            f'objective.kind is "ravin"; allowed: {SURFACE_KINDS}, network (did you mean ravine?)',
        ),
        (
            NET + '[objective.data]\nkind = "moon"',
            f'objective.data.kind is "moon"; allowed: {DATA_KINDS} (did you mean moons?)',
        ),
        (
            RACER + '[[optimizers]]\nkind = "momemtum"',
            f'optimizers[1].kind is "momemtum"; allowed: {OPTIMIZER_KINDS} (did you mean momentum?)',
        ),
        ("[objective]\nkind = 3", f"objective.kind is 3; allowed: {SURFACE_KINDS}, network"),
        # what is missing
        ("steps = 3", f"objective is missing; allowed: a table of kind {SURFACE_KINDS}, network"),
        ("[objective]", f"objective.kind is missing; allowed: {SURFACE_KINDS}, network"),
        (HEAD + "[[optimizers]]\nlr = 1.0", f"optimizers[0].kind is missing; allowed: {OPTIMIZER_KINDS}"),
        (NET + "[objective.data]\nnoise = 1", f"objective.data.kind is missing; allowed: {DATA_KINDS}"),
        (NET + '[objective.data]\nkind = "csv"', "objective.data.path is missing; allowed: text"),
        # wrong types
        ('steps = "many"\n' + HEAD, f'steps is "many"; {STEPS}'),
        ("steps = 1.5\n" + HEAD, f"steps is 1.5; {STEPS}"),
        ("steps = true\n" + HEAD, f"steps is true; {STEPS}"),
        ("steps = 1979-05-27\n" + HEAD, f'steps is "1979-05-27"; {STEPS}'),
        ("title = 3\n" + HEAD, "title is 3; allowed: one line of at most 100 characters"),
        (HEAD + 'kappa = "x"', f'objective.kappa is "x"; {KAPPA}'),
        (HEAD + "kappa = [1]", f"objective.kappa is [1]; {KAPPA}"),
        (HEAD + "kappa = true", f"objective.kappa is true; {KAPPA}"),
        ("objective = 3", f"objective is 3; allowed: a table of kind {SURFACE_KINDS}, network"),
        (
            "optimizers = 3\n" + HEAD,
            f"optimizers is 3; allowed: a list of at most 64, each a table of kind {OPTIMIZER_KINDS}",
        ),
        ("optimizers = [3]\n" + HEAD, f"optimizers[0] is 3; allowed: a table of kind {OPTIMIZER_KINDS}"),
        (RACER + "enabled = 1", "optimizers[0].enabled is 1; allowed: true or false"),
        (NET + 'bias = "no"', 'objective.bias is "no"; allowed: true or false'),
        (NET + "hidden = 100", f"objective.hidden is 100; allowed: a list of at most 8, each {UNITS}"),
        (
            NET + "[objective.data]\nkind = 'csv'\npath = 'a'\nlabel = 1.5",
            "objective.data.label is 1.5; allowed: text or a whole number",
        ),
        ("start = 5\n" + HEAD, f"start is 5; allowed: a list of 2, each {COORDINATE}"),
        ("start = [1.0]\n" + HEAD, f"start is [1.0]; allowed: a list of 2, each {COORDINATE}"),
        ('start = [1.0, "a"]\n' + HEAD, f'start[1] is "a"; allowed: {COORDINATE}'),
        ('{"objective": null}', f"objective is null; allowed: a table of kind {SURFACE_KINDS}, network"),
        # out of range, not a number
        ("format = 2\n" + HEAD, "format is 2; allowed: 1"),
        ("steps = 0\n" + HEAD, f"steps is 0; {STEPS}"),
        ("steps = 1000001\n" + HEAD, f"steps is 1000001; {STEPS}"),
        ("seed = -1\n" + HEAD, "seed is -1; allowed: a whole number, at least 0, at most 4294967295"),
        ("noise = -0.1\n" + HEAD, "noise is -0.1; allowed: a number, at least 0, at most 1000000"),
        ("noise = nan\n" + HEAD, "noise is NaN; allowed: a number, at least 0, at most 1000000"),
        ("start = [0.0, 1e7]\n" + HEAD, f"start[1] is 10000000.0; allowed: {COORDINATE}"),
        (HEAD + "kappa = 0.5", f"objective.kappa is 0.5; {KAPPA}"),
        (HEAD + "kappa = nan", f"objective.kappa is NaN; {KAPPA}"),
        (HEAD + "kappa = -inf", f"objective.kappa is -Infinity; {KAPPA}"),
        ('{"objective": {"kind": "ravine", "kappa": 1e999}}', f"objective.kappa is Infinity; {KAPPA}"),
        (RACER + "lr = 0", "optimizers[0].lr is 0; allowed: a number, more than 0, at most 1000"),
        (RACER + "lr = nan", "optimizers[0].lr is NaN; allowed: a number, more than 0, at most 1000"),
        (RACER + "mu = 1.0", "optimizers[0].mu is 1.0; allowed: a number, at least 0, less than 1"),
        (RACER + 'color = "red"', 'optimizers[0].color is "red"; allowed: a colour such as #0072b2'),
        (RACER + 'label = "a\\nb"', f'optimizers[0].label is "a\\nb"; {LABEL}'),
        (RACER + 'label = "a\\u2028b"', f'optimizers[0].label is "a\\u2028b"; {LABEL}'),
        (
            RACER + f'label = "{41 * "l"}"',
            f'optimizers[0].label is "{38 * "l"}…; {LABEL}',
        ),
        (NET + "hidden = [4, 0]", f"objective.hidden[1] is 0; allowed: {UNITS}"),
        (
            NET + 'activation = "Relu"',
            'objective.activation is "Relu"; allowed: linear, relu, sigmoid, tanh (did you mean relu?)',
        ),
        (NET + 'init = "zeros"', 'objective.init is "zeros"; allowed: he, normal, xavier'),
        (NET + "batch = -1", "objective.batch is -1; allowed: a whole number, at least 0, at most 100000"),
        (
            NET + "[objective.data]\nkind = 'moons'\nsamples = 10",
            "objective.data.samples is 10; allowed: a whole number, at least 20, at most 100000",
        ),
        # a network has no start and no noise
        ("start = [0.0, 0.0]\n" + NET, "start is for surfaces; a network starts from random weights"),
        ("noise = 0.1\n" + NET, "noise is for surfaces; a network's noise comes from its minibatches"),
        # no experiment at all
        ("", "the file is empty"),
        (" \n\t\n", "the file is empty"),
        (b"\xff\xfe", "not UTF-8 text (byte 0)"),
        ("steps = \n" + HEAD, "not valid TOML: invalid value (at line 1, column 9)"),
        ("steps = 3\nsteps = 4\n", "not valid TOML: cannot overwrite a value (at line 2, column 10)"),
        ('{"objective": {"kind": "ravine"}', "line 1, column 33: not valid JSON: expecting ',' delimiter"),
        ('{\n"steps": 1\n"seed": 2}', "line 3, column 1: not valid JSON: expecting ',' delimiter"),
        ('{"steps": 1, "steps": 2}', "steps stands there twice"),
        ('{"a\\nb": 1, "a\\nb": 2}', '"a\\nb" stands there twice'),
        ('{"steps": ' + 5000 * "9" + "}", "a number has too many digits"),
        (10_000 * '{"a":', "nested too deeply for an experiment"),
        (b"#" * (MAX_BYTES + 1), "larger than 1000000 bytes; an experiment is a short text"),
        (
            '{"title": "\\ud800", "objective": {"kind": "ravine"}}',
            "half of a surrogate pair stands in a text, which is no character",
        ),
        ("[1, 2]", "[1, 2] is JSON, but no object in braces, as an experiment is"),
        ("[1]", "[1] is JSON, but no object in braces, as an experiment is"),  # a table's name in TOML, but of nothing
        ('"ravine"', '"ravine" is JSON, but no object in braces, as an experiment is'),
        # keys that are no names
        ('{"a\\nb": 1, "objective": {"kind": "ravine"}}', f'"a\\nb" is not known; allowed: {FIELDS}'),
        ('{"": 1, "objective": {"kind": "ravine"}}', f'"" is not known; allowed: {FIELDS}'),
        (
            '{"objective": {"kind": "ravine", "a.b": 1}}',
            'objective."a.b" is not known; allowed: kind, curvature, kappa, angle',
        ),
        ('{"\\ud800": 1}', "half of a surrogate pair stands in a text, which is no character"),
    ],
)
def test_what_is_wrong_gets_one_line_with_place_value_and_what_is_allowed(text, sentence):
    assert fault(text) == sentence


def test_too_many_racers_are_refused():
    assert fault(HEAD + 65 * '[[optimizers]]\nkind = "sgd"\n').endswith(
        f"allowed: a list of at most 64, each a table of kind {OPTIMIZER_KINDS}"
    )


def outcome(text):
    """What a text is: an experiment, or the one line said of it."""
    try:
        return read(text)
    except InputError as error:
        return str(error)


def assert_understood(text):
    found = outcome(text)
    if isinstance(found, str):
        assert found.startswith("race.toml: ")
        assert len(found.splitlines()) == 1
        found.encode()  # it can be printed


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def put(tree, path, value):
    """The tree with another value at a place that is found by following ``path`` as far as it goes."""
    if not path or not isinstance(tree, dict | list) or not tree:
        return value
    if isinstance(tree, list):
        place = path[0] % len(tree)
        return [*tree[:place], put(tree[place], path[1:], value), *tree[place + 1 :]]
    key = sorted(tree)[path[0] % len(tree)]
    return {**tree, key: put(tree[key], path[1:], value)}


@given(
    st.sampled_from([read(RACE), read(TRAINING), Experiment(objective=Network(data=Csv(path="a.csv")))]),
    st.lists(st.integers(0, 20), min_size=1, max_size=4),
    ANYTHING,
)
@settings(max_examples=200, deadline=None)
def test_a_file_with_anything_anywhere_is_understood(experiment, path, value):
    assert_understood(json.dumps(put(msgspec.to_builtins(experiment), path, value)))


@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode), ANYTHING.map(json.dumps)))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_understood(data):
    assert_understood(data)


def test_the_name_of_the_file_stands_in_front():
    with pytest.raises(InputError) as caught:
        parse(b"", "standard input")
    assert str(caught.value) == "standard input: the file is empty"


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("one.json", "[1, 2]", "[1, 2] is JSON, but no object in braces, as an experiment is"),
        ("one.JSON", "[1, 2", "line 1, column 6: not valid JSON: expecting ',' delimiter"),
        ("one.json", "steps = ", "line 1, column 1: not valid JSON: expecting value"),
        ("one.toml", "[1, 2", "not valid TOML: "),
        ("one.toml", '{"steps": ', "line 1, column 11: not valid JSON: expecting value"),
    ],
)
def test_the_sentence_names_the_format_that_was_meant(name, text, sentence):
    with pytest.raises(InputError, match=re.escape(f"{name}: {sentence}")):
        parse(text.encode(), name)


def test_a_file_may_hold_the_other_format():
    assert parse(b"[objective]\nkind = 'ravine'", "one.json") == Experiment(objective=Ravine())
    assert parse(b'{"objective": {"kind": "ravine"}}', "one.toml") == Experiment(objective=Ravine())
