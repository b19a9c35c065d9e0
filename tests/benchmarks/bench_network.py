"""How fast the network trains, as ratios: ``python tests/benchmarks/bench_network.py``.

The anchors run in between, in one process on one thread: PyTorch eager and scikit-learn's ``MLPClassifier.fit``
(``pip install '.[bench]'``), the five bare matrix products of a step, and for many seeds at once a loop in C (``cc``)
and ``torch.func.vmap``. An anchor that is not installed is left out. Times are the machine's; trust the ratios.

Ours is a run as the program trains it: samples shuffled every epoch, every step's loss and epoch recorded, losses and
weights held against the limits. scikit-learn shuffles too and sums its losses; PyTorch and the C loop are given their
minibatches and only train. Nobody evaluates: ours does so on the full sets every 10 000 steps, which is not counted.
(``env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE`` before it, where these are set: they slow the products down.)
"""

import ctypes
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from momentum_gui import assets
from momentum_gui.core.datasets import Dataset, Digits, Moons
from momentum_gui.core.network import Network
from momentum_gui.core.optimizers import Momentum
from momentum_gui.core.repeats import RepeatedRun
from momentum_gui.core.training import NetworkRun

LONG = 1_000_000  # steps of a run of which we take some: evaluations, one in 10 000 steps, fall outside
BATCH = 50
SEEDS = 100
LR, MU = 1e-3, 0.9

Piece = Callable[[], int]
"""A piece of work; returns how many steps it took."""


def interleaved(pieces: dict[str, Piece], rounds: int) -> dict[str, float]:
    """Microseconds of processor time a step, the median over ``rounds`` in each of which every piece has its turn."""
    times: dict[str, list[float]] = {name: [] for name in pieces}
    for turn in range(rounds + 1):
        for name, piece in pieces.items():
            begin = time.process_time()
            steps = piece()
            if turn:  # the first warms up
                times[name].append(1e6 * (time.process_time() - begin) / steps)
    return {name: float(np.median(each)) for name, each in times.items()}


def report(title: str, found: dict[str, float], wanted: dict[str, str]) -> None:
    print(title)
    ours = found["ours"]
    for name, microseconds in found.items():
        ratio = microseconds / ours
        told = f"ours takes {1 / ratio:5.2f} x its time" if ratio < 1 else f"ours is {ratio:5.2f} x as fast"
        print(f"  {name:24} {microseconds:9.2f} us   {'' if name == 'ours' else told:28} {wanted.get(name, '')}")


def ours(hidden: int, data: Dataset) -> Piece:
    run = NetworkRun(Momentum(lr=LR, mu=MU), Network(hidden=(hidden,), init="he"), data, LONG, 0)

    def piece() -> int:
        run.advance(300)
        return 300

    return piece


def products(hidden: int, data: Dataset) -> Piece:
    """The five matrix products of a step, into arrays that are there."""
    x, outputs = np.ascontiguousarray(data.x_train[:BATCH]), len(data.classes)
    first, second = np.ones((x.shape[1], hidden)), np.ones((hidden, outputs))
    h, z, error = np.ones((BATCH, hidden)), np.ones((BATCH, outputs)), np.ones((BATCH, hidden))
    d_first, d_second = np.ones_like(first), np.ones_like(second)

    def piece() -> int:
        for _ in range(300):
            np.matmul(x, first, out=h)
            np.matmul(h, second, out=z)
            np.matmul(h.T, z, out=d_second)
            np.matmul(z, second.T, out=error)
            np.matmul(x.T, error, out=d_first)
        return 300

    return piece


def torch_eager(hidden: int, data: Dataset) -> Piece | None:
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    model = torch.nn.Sequential(
        torch.nn.Linear(data.x_train.shape[1], hidden, bias=False),
        torch.nn.ReLU(),
        torch.nn.Linear(hidden, len(data.classes), bias=False),
    ).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=LR, momentum=MU)
    loss = torch.nn.CrossEntropyLoss()
    x, y = torch.tensor(data.x_train), torch.tensor(data.y_train)
    batches = list(zip(x.split(BATCH), y.split(BATCH), strict=True))

    def piece() -> int:
        for step in range(100):
            inputs, truth = batches[step % len(batches)]
            optimizer.zero_grad()
            loss(model(inputs), truth).backward()
            optimizer.step()
        return 100

    return piece


def scikit_learn(hidden: int, data: Dataset) -> Piece | None:
    try:
        from sklearn.neural_network import MLPClassifier
    except ImportError:
        return None
    epochs = 20
    model = MLPClassifier(
        (hidden,), solver="sgd", batch_size=BATCH, learning_rate_init=LR, momentum=MU, nesterovs_momentum=False,
        alpha=0, max_iter=epochs, tol=0, n_iter_no_change=epochs,
    )  # fmt: skip

    def piece() -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.fit(data.x_train, data.y_train)
        return epochs * -(-len(data.y_train) // BATCH)

    return piece


def one_network(hidden: int, data: Dataset) -> dict[str, Piece]:
    pieces = {
        "ours": ours(hidden, data),
        "bare products": products(hidden, data),
        "PyTorch eager": torch_eager(hidden, data),
        "scikit-learn fit": scikit_learn(hidden, data),
    }
    return {name: piece for name, piece in pieces.items() if piece is not None}


HIDDEN = 20

LOOP = """
#include <math.h>
#define H 20
#define B 50
/* One step of momentum on a 2-H-2 network (ReLU, softmax, cross-entropy) for every one of `runs` networks. */
double step(int runs, double *w, double *v, const double *x, const long *y, double lr, double mu) {
    double loss = 0;
    for (int r = 0; r < runs; r++, w += 4 * H, v += 4 * H, x += 2 * B, y += B) {
        double g[4 * H] = {0};
        for (int i = 0; i < B; i++) {
            double h[H], z0 = 0, z1 = 0;
            for (int k = 0; k < H; k++) {
                double a = x[2 * i] * w[k] + x[2 * i + 1] * w[H + k];
                h[k] = a > 0 ? a : 0;
            }
            for (int k = 0; k < H; k++) { z0 += h[k] * w[2 * H + k]; z1 += h[k] * w[3 * H + k]; }
            double top = z0 > z1 ? z0 : z1, e0 = exp(z0 - top), e1 = exp(z1 - top), sum = e0 + e1;
            loss += log(sum) - ((y[i] ? z1 : z0) - top);
            double d0 = (e0 / sum - !y[i]) / B, d1 = (e1 / sum - !!y[i]) / B;
            for (int k = 0; k < H; k++) {
                g[2 * H + k] += h[k] * d0;
                g[3 * H + k] += h[k] * d1;
                double d = h[k] > 0 ? d0 * w[2 * H + k] + d1 * w[3 * H + k] : 0;
                g[k] += x[2 * i] * d;
                g[H + k] += x[2 * i + 1] * d;
            }
        }
        for (int k = 0; k < 4 * H; k++) { v[k] = mu * v[k] - lr * g[k]; w[k] += v[k]; }
    }
    return loss;
}
"""


def c_loop(data: Dataset) -> Piece | None:
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "step.c"), Path(folder, "step.so")
        source.write_text(LOOP)
        subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", source, "-o", library, "-lm"], check=True)
        step = ctypes.CDLL(str(library)).step
    step.restype = ctypes.c_double
    rng = np.random.default_rng(0)
    w, v = rng.standard_normal((SEEDS, 4 * HIDDEN)), np.zeros((SEEDS, 4 * HIDDEN))
    pick = rng.integers(len(data.y_train), size=(SEEDS, BATCH))
    x, y = data.x_train[pick], data.y_train[pick]
    arrays = w, v, x, y  # which stay alive as long as the piece does

    def piece() -> int:
        pointers = [ctypes.c_void_p(each.ctypes.data) for each in arrays]
        for _ in range(20):
            step(SEEDS, *pointers, ctypes.c_double(LR), ctypes.c_double(MU))
        return 20 * SEEDS

    return piece


def torch_vmap(data: Dataset) -> Piece | None:
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    first = torch.tensor(rng.standard_normal((SEEDS, 2, HIDDEN)))
    second = torch.tensor(rng.standard_normal((SEEDS, HIDDEN, 2)))
    pick = rng.integers(len(data.y_train), size=(SEEDS, BATCH))
    x, y = torch.tensor(data.x_train[pick]), torch.tensor(data.y_train[pick])

    def loss(weights: tuple, inputs: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(torch.relu(inputs @ weights[0]) @ weights[1], truth)

    slope = torch.func.vmap(torch.func.grad(loss))
    velocity = [torch.zeros_like(first), torch.zeros_like(second)]

    def piece() -> int:
        for _ in range(10):
            for w, v, g in zip((first, second), velocity, slope((first, second), x, y), strict=True):
                v.mul_(MU).sub_(g, alpha=LR)
                w.add_(v)
        return 10 * SEEDS

    return piece


def many_networks(data: Dataset) -> dict[str, Piece]:
    network = Network(hidden=(HIDDEN,), batch=BATCH)
    run = RepeatedRun(Momentum(lr=LR, mu=MU), network, data, LONG, range(SEEDS))

    def piece() -> int:
        run.advance(20)
        return 20 * SEEDS

    pieces = {"ours": piece, "C loop": c_loop(data), "torch.func.vmap": torch_vmap(data)}
    return {name: each for name, each in pieces.items() if each is not None}


def main() -> None:
    moons, digits = Moons(samples=1000, test_fraction=0.2).load(assets.read), Digits().load(assets.read)
    wanted = {"bare products": "at most 2", "PyTorch eager": "at least 10", "scikit-learn fit": "at least 6"}
    report("2-100-2, batch 50, float64; a step", interleaved(one_network(100, moons), 15), wanted)
    wanted = {"PyTorch eager": "at least 4", "scikit-learn fit": "at least 4"}
    report("64-100-10, batch 50, float64; a step", interleaved(one_network(100, digits), 15), wanted)
    wanted = {"C loop": "at most 1.3", "torch.func.vmap": "at least 4"}
    report(f"{SEEDS} seeds of 2-20-2 at once; a step of one", interleaved(many_networks(moons), 15), wanted)


if __name__ == "__main__":
    main()
