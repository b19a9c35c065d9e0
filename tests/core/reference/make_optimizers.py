"""Makes optimizers.json, the paths of PyTorch's optimizers in float64; run by hand, never by a test.

pip install torch && python tests/core/reference/make_optimizers.py

Each case has our ``kind`` and ``fields``, the ``surface`` (or, where there is none, the stored ``gradients``, one a
step, were fed) and ``path``, the parameters after the steps of ``kept``.
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

torch.set_default_dtype(torch.float64)  # NAdam keeps its product of momenta in the default type

START = (-1.2, 1.0)
KEPT = (1, 2, 3, 5, 10, 20, 30)

# small and large, of both signs, with a coordinate that is 0 at times
GRADIENTS = [
    (round(math.cos(1.7 * t) * 10 ** math.sin(t), 6), 0.0 if t % 7 == 3 else round(0.5 - math.sin(t * t), 6))
    for t in range(1, KEPT[-1] + 1)
]

SURFACES: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "rosenbrock": lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2,
    "ravine": lambda w: 0.1 * w[0] ** 2 + 2 * w[1] ** 2,
}

Make = Callable[[list[torch.Tensor]], torch.optim.Optimizer]
optim = torch.optim

CASES: list[tuple[str, dict[str, Any], Make]] = [
    ("sgd", {"lr": 1e-3}, lambda w: optim.SGD(w, lr=1e-3)),
    ("momentum", {"lr": 1e-3, "mu": 0.9, "convention": "outside"}, lambda w: optim.SGD(w, lr=1e-3, momentum=0.9)),
    ("momentum", {"lr": 5e-4, "mu": 0.5, "convention": "inside"}, lambda w: optim.SGD(w, lr=5e-4, momentum=0.5)),
    ("nesterov", {"lr": 1e-3, "mu": 0.9}, lambda w: optim.SGD(w, lr=1e-3, momentum=0.9, nesterov=True)),
    ("nesterov", {"lr": 5e-4, "mu": 0.5}, lambda w: optim.SGD(w, lr=5e-4, momentum=0.5, nesterov=True)),
    ("adagrad", {}, lambda w: optim.Adagrad(w)),
    ("adagrad", {"lr": 0.5, "eps": 0.01}, lambda w: optim.Adagrad(w, lr=0.5, eps=0.01)),
    ("rmsprop", {}, lambda w: optim.RMSprop(w)),
    ("rmsprop", {"lr": 0.02, "rho": 0.7, "eps": 0.01}, lambda w: optim.RMSprop(w, lr=0.02, alpha=0.7, eps=0.01)),
    ("adadelta", {}, lambda w: optim.Adadelta(w)),
    ("adadelta", {"lr": 0.5, "rho": 0.7, "eps": 0.01}, lambda w: optim.Adadelta(w, lr=0.5, rho=0.7, eps=0.01)),
    ("adam", {}, lambda w: optim.Adam(w)),
    (
        "adam",
        {"lr": 0.05, "beta1": 0.7, "beta2": 0.95, "eps": 0.01},
        lambda w: optim.Adam(w, lr=0.05, betas=(0.7, 0.95), eps=0.01),
    ),
    ("amsgrad", {}, lambda w: optim.Adam(w, amsgrad=True)),
    (
        "amsgrad",
        {"lr": 0.05, "beta1": 0.7, "beta2": 0.5, "eps": 0.01},
        lambda w: optim.Adam(w, lr=0.05, betas=(0.7, 0.5), eps=0.01, amsgrad=True),
    ),
    ("adamw", {}, lambda w: optim.AdamW(w)),
    (
        "adamw",
        {"lr": 0.05, "beta1": 0.7, "beta2": 0.95, "eps": 0.01, "weight_decay": 0.5},
        lambda w: optim.AdamW(w, lr=0.05, betas=(0.7, 0.95), eps=0.01, weight_decay=0.5),
    ),
    ("nadam", {}, lambda w: optim.NAdam(w)),
    (
        "nadam",
        {"lr": 0.05, "beta1": 0.7, "beta2": 0.95, "eps": 0.01, "momentum_decay": 0.1},
        lambda w: optim.NAdam(w, lr=0.05, betas=(0.7, 0.95), eps=0.01, momentum_decay=0.1),
    ),
]

# the factor of the learning rate at each of the first 12 steps; cosine's run has 12
SCHEDULES: list[tuple[dict[str, Any], Callable[[optim.Optimizer], Any]]] = [
    ({"kind": "constant"}, lambda o: optim.lr_scheduler.ConstantLR(o, factor=1.0)),
    ({"kind": "step", "every": 4, "gamma": 0.3}, lambda o: optim.lr_scheduler.StepLR(o, 4, gamma=0.3)),
    ({"kind": "exponential", "gamma": 0.8}, lambda o: optim.lr_scheduler.ExponentialLR(o, gamma=0.8)),
    ({"kind": "cosine", "floor": 0.2}, lambda o: optim.lr_scheduler.CosineAnnealingLR(o, T_max=12, eta_min=0.2)),
    ({"kind": "warmup", "over": 5}, lambda o: optim.lr_scheduler.LinearLR(o, start_factor=1 / 5, total_iters=4)),
]


def path(make: Make, surface: str | None) -> list[list[float]]:
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    rows = []
    for t in range(1, KEPT[-1] + 1):
        optimizer.zero_grad()
        if surface is None:
            w.grad = torch.tensor(GRADIENTS[t - 1], dtype=torch.float64)
        else:
            SURFACES[surface](w).backward()
        optimizer.step()
        if t in KEPT:
            rows.append(w.tolist())
    return rows


def factors(make: Callable[[optim.Optimizer], Any]) -> list[float]:
    """Gradient descent of lr 1 along a gradient of 1: its steps are the factors."""
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = optim.SGD([w], lr=1.0)
    schedule = make(optimizer)
    found = []
    for _step in range(12):
        found.append(optimizer.param_groups[0]["lr"])
        w.grad = torch.ones_like(w)
        optimizer.step()
        schedule.step()
    return found


def lines(items: list[Any]) -> str:
    return "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"


cases = [
    {"kind": kind, "fields": fields, "surface": surface, "path": path(make, surface)}
    for kind, fields, make in CASES
    for surface in (None, *SURFACES)
]
schedules = [{"schedule": fields, "factors": factors(make)} for fields, make in SCHEDULES]
text = f"""{{
"made by": "PyTorch {torch.__version__}",
"start": {json.dumps(START)},
"kept": {json.dumps(KEPT)},
"gradients": {json.dumps(GRADIENTS)},
"cases": {lines(cases)},
"schedules": {lines(schedules)}
}}
"""
(Path(__file__).parent / "optimizers.json").write_text(text, encoding="utf-8")
