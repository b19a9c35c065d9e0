"""Experiment <-> text: TOML or JSON in, JSON out, and every fault in the text as one clear sentence."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import inspect

from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import N_, InputError, Message
from momentum_gui.core.params import Declared, allowed, tables

MAX_BYTES = 1_000_000

Place = Sequence[str | int]
"""Where something stands in an experiment: ``("optimizers", 0, "lr")``."""


def parse(data: bytes, name: str) -> Experiment:
    """The experiment in ``data``, TOML or JSON; ``name`` is what errors call the file.

    Raises InputError: one line with the file, the place in it, the value there and what is allowed.
    """
    try:
        return _convert(_read(data, json_meant=name.lower().endswith(".json")))
    except InputError as error:
        fault = error.message
    except RecursionError:
        fault = Message(N_("nested too deeply for an experiment"))
    raise InputError("{file}: {fault}", file=name, fault=fault)


def to_json(experiment: Experiment) -> bytes:
    """The experiment as JSON with every value spelled out, but for a start that is the surface's own."""
    values = msgspec.to_builtins(experiment)
    if experiment.start is None:
        del values["start"]
    return msgspec.json.format(msgspec.json.encode(values), indent=2) + b"\n"


def kind_of(value: Declared) -> str:
    """The ``kind`` that stands for ``value`` in a file."""
    return str(value.__struct_config__.tag)


def _read(data: bytes, json_meant: bool) -> dict[str, Any]:
    """The tables, lists and values in the text; JSON if it begins with a brace, else TOML.

    What is neither is bad JSON if it is ``json_meant``, else bad TOML.
    """
    if len(data) > MAX_BYTES:
        raise InputError(N_("larger than {limit} bytes; an experiment is a short text"), limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
        if not text.strip():
            raise InputError(N_("the file is empty"))
        try:
            values = json.loads(text, object_pairs_hook=_once)
        except json.JSONDecodeError as fault:
            if text.lstrip().startswith("{"):
                raise
            try:
                return tomllib.loads(text)
            except tomllib.TOMLDecodeError:
                if json_meant:
                    raise fault from None
                raise
        if not isinstance(values, dict):
            raise InputError(N_("{value} is JSON, but no object in braces, as an experiment is"), value=_show(values))
        return values
    except UnicodeDecodeError as error:
        raise InputError(N_("not UTF-8 text (byte {place})"), place=error.start) from None
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise InputError(
            N_("line {line}, column {column}: not valid JSON: {reason}"), **place, reason=_lower(error.msg)
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(N_("not valid TOML: {reason}"), reason=_lower(str(error))) from None
    except InputError:
        raise
    except ValueError:  # Python's limit on the digits of a whole number
        raise InputError(N_("a number has too many digits")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose keys are all different, as TOML demands of its tables."""
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _value in pairs]
        raise InputError(N_("{key} stands there twice"), key=_key(next(key for key in keys if keys.count(key) > 1)))
    return result


def _convert(raw: Any) -> Experiment:
    try:
        experiment = msgspec.convert(raw, Experiment)
        to_json(experiment)
    except msgspec.ValidationError as error:
        raise InputError("{fault}", fault=_explain(error, raw)) from None
    except UnicodeEncodeError:
        raise InputError(N_("half of a surrogate pair stands in a text, which is no character")) from None
    return experiment


def _explain(error: msgspec.ValidationError, raw: Any) -> Message:
    """msgspec's complaint as a sentence: the place, the value that stands there and what is allowed."""
    cause = error.__cause__
    complaint, _at, path = str(error).removeprefix(str(cause)).partition(" - at `$")
    place: list[str | int] = [
        int(index) if index else key for key, index in re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", path)
    ]
    if isinstance(cause, InputError):  # fields of one table contradict each other
        return Message("{place}: {fault}", {"place": _name(place), "fault": cause.message}) if place else cause.message
    declared, value = _stands(place, raw)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", complaint, re.DOTALL):
        table = _table(declared, value)
        names = [field.name for field in table.fields] if table is not None else []
        if table is not None and table.tag is not None:
            names.insert(0, "kind")
        return Message(
            N_("{place} is not known; allowed: {allowed}"),
            {"place": _name([*place, unknown[1]]), "allowed": _suggest(unknown[1], names)},
        )
    if missing := re.fullmatch(r"Object missing required field `(.*)`", complaint):
        if missing[1] == "kind":
            wanted = _suggest("", tables(declared))
        else:
            wanted = allowed(_stands([*place, missing[1]], raw)[0])
        return Message(
            N_("{place} is missing; allowed: {allowed}"), {"place": _name([*place, missing[1]]), "allowed": wanted}
        )
    if place[-1:] == ["kind"]:
        wanted = _suggest(value, tables(_stands(place[:-1], raw)[0]))
    elif isinstance(literal := _bare(declared), inspect.LiteralType):
        wanted = _suggest(value, [str(each) for each in literal.values])
    else:
        wanted = allowed(declared)
    return Message(
        N_("{place} is {value}; allowed: {allowed}"), {"place": _name(place), "value": _show(value), "allowed": wanted}
    )


def _stands(place: Place, raw: Any) -> tuple[inspect.Type, Any]:
    """What is declared for ``place``, and what stands there."""
    declared: inspect.Type = inspect.type_info(Experiment)
    for step in place:
        bare, table = _bare(declared), _table(declared, raw)
        if table is not None:
            declared = next((field.type for field in table.fields if field.name == step), inspect.AnyType())
        elif isinstance(bare, inspect.VarTupleType):
            declared = bare.item_type
        elif isinstance(bare, inspect.TupleType) and isinstance(step, int):
            declared = bare.item_types[step]
        try:
            raw = raw[step]
        except (LookupError, TypeError):
            raw = None
    return declared, raw


def _bare(declared: inspect.Type) -> inspect.Type:
    """``declared`` without its labels and without "or left out"."""
    while isinstance(declared, inspect.Metadata):
        declared = declared.type
    if isinstance(declared, inspect.UnionType):
        given = [each for each in declared.types if not isinstance(each, inspect.NoneType)]
        return given[0] if len(given) == 1 else declared
    return declared


def _table(declared: inspect.Type, value: Any) -> inspect.StructType | None:
    """The kind of table that ``value`` is, where tables are declared."""
    if isinstance(declared, inspect.StructType) and declared.tag is None:
        return declared
    kind = value.get("kind") if isinstance(value, dict) else None
    return tables(declared).get(kind) if isinstance(kind, str) else None


def _name(place: Place) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{_key(step)}" for step in place).removeprefix(".")


def _key(text: str) -> str:
    """A key as it stands in a file: bare, or quoted if it is more than letters, digits, ``_`` and ``-``."""
    return text if re.fullmatch(r"[\w-]+", text) else _show(text)


def _suggest(value: Any, choices: Iterable[str]) -> Message:
    """What may stand there, and which of it was perhaps meant."""
    listed = ", ".join(choices)
    near = difflib.get_close_matches(str(value), choices, n=1)
    if not near:
        return Message("{choices}", {"choices": listed})
    return Message(N_("{choices} (did you mean {near}?)"), {"choices": listed, "near": near[0]})


def _show(value: Any) -> str:
    """A value as it stands in a file, on one line and not too long."""
    quoted = json.dumps(value, ensure_ascii=False, default=str)
    text = "".join(each if each.isprintable() else json.dumps(each)[1:-1] for each in quoted)
    return text if len(text) <= 40 else text[:39] + "…"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
