"""Experiment <-> text: TOML or JSON in, JSON out, and every fault in the text as one clear sentence."""

import difflib
import json
import re
import tomllib
from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from momentum_gui.core.datasets import AnyData
from momentum_gui.core.experiment import Experiment
from momentum_gui.core.messages import InputError, N_
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import AnyOptimizer
from momentum_gui.core.params import Declared, limits
from momentum_gui.core.surfaces import AnySurface

MAX_BYTES = 10_000_000


def parse(data: bytes, name: str) -> Experiment:
    """The experiment in ``data``, TOML or JSON; ``name`` is what errors call the file.

    Raises InputError: one line with the file, the place in it, the value there and what is allowed.
    """
    try:
        if len(data) > MAX_BYTES:
            raise InputError(N_("larger than {limit} bytes; an experiment is a short text"), limit=MAX_BYTES)
        text = data.decode("utf-8-sig")
        raw = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        return msgspec.convert(raw, Experiment)
    except UnicodeDecodeError as error:
        raise InputError(N_("{file}: not UTF-8 text (byte {place})"), file=name, place=error.start) from None
    except RecursionError:
        raise InputError(N_("{file}: nested too deeply for an experiment"), file=name) from None
    except msgspec.ValidationError as error:
        raise InputError("{file}: {fault}", file=name, fault=_explain(error, raw)) from None
    except ValueError as error:  # JSON, TOML, InputError
        raise InputError("{file}: {fault}", file=name, fault=_lower(str(error))) from None


def to_json(experiment: Experiment) -> bytes:
    """The experiment as JSON with every value spelled out, but for a start that is the surface's own."""
    values = msgspec.to_builtins(experiment)
    if experiment.start is None:
        del values["start"]
    return msgspec.json.format(msgspec.json.encode(values), indent=2) + b"\n"


def kinds(union: Any) -> dict[str, type[Declared]]:
    """The classes of a union of declared values (or of one) by their ``kind``."""
    classes = get_args(union) or (union,)
    return {str(each.__struct_config__.tag): each for each in classes}


def kind_of(value: Declared) -> str:
    """The ``kind`` that stands for ``value`` in a file."""
    return str(value.__struct_config__.tag)


_OBJECTIVES = kinds(AnySurface) | kinds(Network)
_DATA = kinds(AnyData)
_OPTIMIZERS = kinds(AnyOptimizer)


def _explain(error: msgspec.ValidationError, raw: Any) -> str:
    """msgspec's complaint with the place, the value that stands there and what is allowed."""
    if isinstance(error.__cause__, InputError):
        return str(error.__cause__)
    complaint, _, place = str(error).partition(" - at `$")
    steps = _steps(place)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", complaint):
        return _unknown(unknown[1], steps, raw)
    if missing := re.fullmatch(r"Object missing required field `(.*)`", complaint):
        allowed = ", ".join(_kinds_at(steps)) if missing[1] == "kind" else missing[1]
        return f"{_name([*steps, missing[1]])} is missing; allowed: {allowed}"
    value = _at(raw, steps)
    if steps and steps[-1] == "kind":
        return f"{_name(steps)} is {_show(value)}; allowed: {_suggest(value, list(_kinds_at(steps[:-1])))}"
    field = _field_at(steps, raw)
    allowed = limits(field) if field is not None and "got" not in complaint else ""
    return f"{_name(steps)} is {_show(value)}; {_lower(complaint.replace('`', ''))}" + (
        f" (allowed: {allowed})" if allowed else ""
    )


def _steps(place: str) -> list[str | int]:
    """``.optimizers[0].lr`` in parts."""
    parts = re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", place)
    return [int(index) if index else key for key, index in parts]


def _at(raw: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        raw = raw[step]
    return raw


def _name(steps: Sequence[str | int]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.lstrip(".") or "the file"


def _kinds_at(steps: Sequence[str | int]) -> dict[str, type[Declared]]:
    if steps[:1] == ["optimizers"]:
        return _OPTIMIZERS
    return _DATA if steps[-1:] == ["data"] else _OBJECTIVES


def _class_at(steps: Sequence[str | int], raw: Any) -> type[Declared] | None:
    """The class whose fields stand at ``steps``."""
    if not steps:
        return Experiment
    table = _at(raw, steps)
    return _kinds_at(steps).get(table.get("kind", "")) if isinstance(table, dict) else None


def _field_at(steps: Sequence[str | int], raw: Any) -> msgspec.inspect.Field | None:
    for depth in range(len(steps) - 1, -1, -1):  # the place may be inside the field: hidden[1]
        owner = _class_at(steps[:depth], raw)
        if owner is not None:
            info = msgspec.inspect.type_info(owner)
            assert isinstance(info, msgspec.inspect.StructType)
            return next((field for field in info.fields if field.name == steps[depth]), None)
    return None


def _unknown(name: str, steps: Sequence[str | int], raw: Any) -> str:
    owner = _class_at(steps, raw)
    fields = list(owner.__struct_fields__) if owner is not None else []
    if owner is not None and owner.__struct_config__.tag:
        fields.insert(0, "kind")
    return f"{_name([*steps, name])} is not known; allowed: {_suggest(name, fields)}"


def _suggest(value: Any, allowed: list[str]) -> str:
    near = difflib.get_close_matches(str(value), allowed, n=1)
    return ", ".join(allowed) + (f" (did you mean {near[0]}?)" if near else "")


def _show(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "..."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
