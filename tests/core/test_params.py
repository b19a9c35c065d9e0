"""One declaration a field: its words, and that every declaration keeps its own rules."""

from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, inspect

from momentum_gui.core.datasets import DATASETS, Csv
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import OPTIMIZERS, Momentum
from momentum_gui.core.params import allowed, bounds, tables
from momentum_gui.core.surfaces import SURFACES, Ravine

DECLARED = [*OPTIMIZERS, *SURFACES, *DATASETS, Network]


def example(cls):
    return Csv(path="table.csv") if cls is Csv else cls()


def labelled(field):
    """The field's bare type, and what its declaration says of it besides."""
    declared, extra = field.type, {}
    while isinstance(declared, inspect.Metadata):
        extra = {**(declared.extra or {}), **extra}
        declared = declared.type
    return declared, extra


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (bool, "true or false"),
        (int, "a whole number"),
        (str, "text"),
        (Annotated[int, Meta(ge=1, le=1_000_000)], "a whole number, at least 1, at most 1000000"),
        (Annotated[float, Meta(gt=0, lt=0.5)], "a number, more than 0, less than 0.5"),
        (Annotated[str, Meta(max_length=3, extra={"allowed": "up to three letters"})], "up to three letters"),
        (tuple[float, float], "a list of 2, each a number"),
        (Annotated[tuple[int, ...], Meta(max_length=8)], "a list of at most 8, each a whole number"),
        (str | int, "text or a whole number"),
        (float | None, "a number"),
        (Momentum | Ravine, "a table of kind momentum, ravine"),
    ],
)
def test_what_is_allowed_in_words(declared, words):
    # the union's members may come in either order
    said = str(allowed(inspect.type_info(declared)))
    assert said in (words, " or ".join(reversed(words.split(" or "))))


def test_a_choice_lists_its_values():
    fields = {field.name: field for field in inspect.type_info(Network).fields}
    assert set(str(allowed(fields["batching"].type)).split(", ")) == {"epoch", "drawn"}


def test_the_bounds_of_momentum_in_words():
    lr, mu = (field for field in inspect.type_info(Momentum).fields if field.name in ("lr", "mu"))
    assert str(allowed(lr.type)) == "a number, more than 0, at most 1000"
    assert str(allowed(mu.type)) == "a number, at least 0, less than 1"
    assert bounds(inspect.type_info(bool)) == []


def test_the_tables_that_may_stand_for_an_optimizer():
    choice = next(field for field in inspect.type_info(Experiment).fields if field.name == "optimizers")
    found = tables(labelled(choice)[0].item_type)
    assert {kind: each.cls for kind, each in found.items()} == {cls.__struct_config__.tag: cls for cls in OPTIMIZERS}


@pytest.mark.parametrize("cls", DECLARED)
def test_defaults_are_allowed_and_values_are_frozen(cls):
    value = example(cls)
    assert msgspec.convert(msgspec.to_builtins(value), cls) == value
    assert hash(value) == hash(example(cls))
    for field in inspect.type_info(cls).fields:
        with pytest.raises(AttributeError):
            setattr(value, field.name, getattr(value, field.name))


@pytest.mark.parametrize("cls", DECLARED)
def test_a_slider_lies_within_what_a_file_may_say_and_holds_the_default(cls):
    for field in inspect.type_info(cls).fields:
        _declared, extra = labelled(field)
        assert extra.get("scale", "linear") in ("linear", "log")
        if "slider" in extra:
            low, high = extra["slider"]
            assert low < high
            for end in (low, high):
                msgspec.convert({**msgspec.to_builtins(example(cls)), field.name: type(low)(end)}, cls)
            assert low <= getattr(example(cls), field.name) <= high
            if extra.get("scale") == "log":
                assert low > 0


@pytest.mark.parametrize("cls", DECLARED)
def test_a_field_that_is_not_known_is_refused(cls):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**msgspec.to_builtins(example(cls)), "learning": 1}, cls)


@pytest.mark.parametrize("cls", DECLARED)
def test_every_choice_has_a_name_or_none_has(cls):
    """A form offers what is named, in that order: a value without a name could not be chosen."""
    for field in inspect.type_info(cls).fields:
        declared, extra = labelled(field)
        if "names" in extra:
            assert isinstance(declared, inspect.LiteralType)
            assert set(extra["names"]) == set(declared.values), field.name
