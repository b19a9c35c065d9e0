"""What there is: optimizers, surfaces, data sets and the rest, with fields, defaults, ranges and formulas."""

import json
from collections.abc import Sequence
from typing import Any

from msgspec import inspect

from momentum_gui.core.datasets import DATASETS
from momentum_gui.core.messages import N_
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import OPTIMIZERS
from momentum_gui.core.params import allowed
from momentum_gui.core.schedules import SCHEDULES, Change
from momentum_gui.core.surfaces import SURFACES
from momentum_gui.core.weight_change import WeightChange
from momentum_gui.i18n import _, say
from momentum_gui.terminal import padded

TABLES: dict[str, Sequence[Any]] = {
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "changes": (Change, WeightChange),
    "surfaces": SURFACES,
    "networks": (Network,),
    "datasets": DATASETS,
}


def print_kinds(what: str | None, as_json: bool) -> None:
    """Print the kinds of one of ``TABLES``, or of all: for people, or as JSON for programs."""
    chosen = {name: [described(each) for each in kinds] for name, kinds in TABLES.items() if what in (None, name)}
    if as_json:
        print(json.dumps(chosen, indent=2, default=str))  # ASCII: no pipe and no console spoils it
        return
    for name, kinds in chosen.items():
        print(f"{name}\n")
        for kind in kinds:
            title, summary = kind["title"], kind["summary"]
            print(f"  {kind['kind']}: {_(title)}")
            if about := kind["formula"] or _(summary):
                print(f"      {about}")
            for field in kind["fields"]:
                title, symbol = field["title"], field["symbol"]
                value = field["name"] if field["required"] else f"{field['name']} = {json.dumps(field['default'])}"
                label = f"{_(title)} {symbol}".rstrip()
                print(f"      {padded(value, 24)}  {padded(label, 24)}  {say(field['allowed'])}")
            print()


def described(declared: Any) -> dict[str, Any]:
    """An optimizer, a surface, a network or a data set, and its fields, for people and programs."""
    info = inspect.type_info(declared)
    assert isinstance(info, inspect.StructType)
    fields = []
    for field in info.fields:
        labels = getattr(field.type, "extra_json_schema", None) or {}
        extra = getattr(field.type, "extra", None) or {}
        inner = getattr(field.type, "type", field.type)
        if "title" not in labels and not field.required:
            continue  # how a racer is shown, which a form has no row for
        row: dict[str, Any] = {
            "name": field.name,
            "title": labels.get("title", field.name),
            "description": labels.get("description", ""),
            "symbol": extra.get("symbol", ""),
            "scale": extra.get("scale", "linear"),
            "required": field.required,
            "default": None if field.required else field.default,
            "allowed": allowed(field.type),
        }
        bounds = {name: getattr(inner, name, None) for name in ("gt", "ge", "lt", "le")}
        row |= {name: bound for name, bound in bounds.items() if bound is not None}
        if isinstance(inner, inspect.LiteralType):
            row["choices"] = inner.values
        fields.append(row)
    return {
        "kind": info.tag or declared.kind,
        "title": getattr(declared, "title", N_("Neural network")),
        "formula": _formula(declared),
        "summary": getattr(declared, "summary", ""),
        "fields": fields,
    }


def _formula(declared: Any) -> str:
    """What a kind calculates, in plain text; of the user's own function, the default."""
    formula = getattr(declared, "formula", "")
    return formula if isinstance(formula, str) else str(declared().formula)
