"""The command line: a front end equal to the window, on the same engine.

``run`` and ``list`` import no Qt. Bad input is one line on standard error and exit code 2.
"""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from momentum_gui import __version__
from momentum_gui.core.messages import InputError, N_
from momentum_gui.i18n import _, say

if TYPE_CHECKING:
    from momentum_gui.core.experiment import Experiment
    from momentum_gui.core.simulation import Simulation

PROGRAM = "momentum-gui"
COMMANDS = ("run", "list", "shot", "selftest")

OFFSCREEN_PACKAGES = "libgl1 libegl1 libxkbcommon0 libfontconfig1 libglib2.0-0 libdbus-1-3 fonts-dejavu-core"
SCREEN_PACKAGES = (
    "libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxcb-randr0 libx11-xcb1"
)

SLICE = 1000
"""Steps between two looks at the progress line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its exit code: 0, 1 (a failed self-test), 2 (bad input), 130 (interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console that knows no η gets a question mark, not a traceback
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _dispatch(words)
    except InputError as error:
        _complain(say(error))
        return 2
    except KeyboardInterrupt:
        _complain(_("interrupted"))
        return 130
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=_("See how gradient descent, momentum and their relatives move."),
        epilog=_("Without a command: the window, on FILE if given."),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        parser.add_argument("file", type=Path, metavar="FILE")
        return _window(parser.parse_args(words).file)
    commands = parser.add_subparsers(dest="command", metavar=f"{{{','.join(COMMANDS)}}} | FILE")

    run = commands.add_parser("run", help=_("run an experiment without a window"))
    run.add_argument("file", metavar="FILE", help=_("an experiment, TOML or JSON; - is standard input"))
    run.add_argument("--csv", metavar="OUT", help=_("write every step to OUT; - is standard output"))
    run.add_argument("--steps", metavar="N", help=_("take N steps instead of the file's"))
    run.add_argument("--seed", metavar="N", help=_("use seed N instead of the file's"))

    listing = commands.add_parser("list", help=_("what there is, with fields, defaults, ranges and formulas"))
    listing.add_argument("what", nargs="?", choices=["optimizers", "surfaces", "datasets"])
    listing.add_argument("--json", action="store_true", help=_("for programs"))

    shot = commands.add_parser("shot", help=_("render the window, its run finished, to a picture; needs no display"))
    shot.add_argument("file", type=Path, metavar="FILE")
    shot.add_argument("out", type=Path, metavar="OUT.png")
    shot.add_argument("--size", default="1280x800", metavar="WxH", help=_("pixels, 1280x800 if left out"))
    shot.add_argument("--theme", choices=["light", "dark"], default="light")

    commands.add_parser("selftest", help=_("check that everything this program needs is there and works"))

    options = parser.parse_args(words)
    match options.command:
        case "run":
            return _run(options)
        case "list":
            return _list(options.what, options.json)
        case "shot":
            return _shot(options)
        case "selftest":
            return _selftest()
        case _:
            return _window(None)


def _complain(text: str) -> None:
    if sys.stderr is not None:
        print(f"{PROGRAM}: {text}", file=sys.stderr)


# ---- run


def _run(options: argparse.Namespace) -> int:
    from momentum_gui import assets
    from momentum_gui.core.experiment_text import parse
    from momentum_gui.core.simulation import Simulation
    from momentum_gui.export import write_csv
    from momentum_gui.files import load_experiment, rooted, write

    if options.file == "-":
        experiment = rooted(parse(sys.stdin.buffer.read(), _("standard input")), Path())
    else:
        experiment = load_experiment(Path(options.file))
    experiment = _override(experiment, "steps", options.steps)
    experiment = _override(experiment, "seed", options.seed)
    simulation = Simulation(experiment, assets.read)
    _advance(simulation)
    if options.csv == "-":
        write_csv(simulation, sys.stdout)
        sys.stdout.flush()
    elif options.csv is not None:
        import io

        def fill(file: Any) -> None:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            write_csv(simulation, text)
            text.flush()
            text.detach()

        write(Path(options.csv), fill)
    _summarise(simulation, sys.stderr)
    return 0


def _override(experiment: "Experiment", field: str, text: str | None) -> "Experiment":
    """The experiment with the whole number ``text`` for ``field``, checked as a file's would be."""
    from typing import get_type_hints

    import msgspec

    from momentum_gui.core.experiment import Experiment
    from momentum_gui.core.params import limits

    if text is None:
        return experiment
    try:
        hints = get_type_hints(Experiment, include_extras=True)
        value = msgspec.convert(int(text), hints[field])
    except ValueError:
        info = msgspec.inspect.type_info(Experiment)
        assert isinstance(info, msgspec.inspect.StructType)
        allowed = next(limits(each) for each in info.fields if each.name == field)
        raise InputError(
            N_("--{option} is “{value}”; a whole number is allowed, {limits}"), option=field, value=text, limits=allowed
        ) from None
    return msgspec.structs.replace(experiment, **{field: value})


def _advance(simulation: "Simulation") -> None:
    """Run to the end; on a terminal, say how far it is."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    told = time.monotonic()
    while not simulation.done:
        simulation.advance(SLICE)
        if terminal and time.monotonic() - told > 0.2:
            told = time.monotonic()
            share = simulation.step / simulation.experiment.steps
            text = _("step {step} of {steps}").format(step=simulation.step, steps=simulation.experiment.steps)
            print(f"\r{text} ({share:.0%}) ", end="", file=sys.stderr, flush=True)
    if terminal:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _summarise(simulation: "Simulation", file: TextIO) -> None:
    """A table: every racer, how far it came, how it ended."""
    from momentum_gui.core.experiment_text import kind_of
    from momentum_gui.core.training import NetworkRun

    rows = []
    network = simulation.dataset is not None
    for run in simulation.runs.values():
        last = run.count - 1
        cells = [run.optimizer.label or kind_of(run.optimizer), str(last)]
        if isinstance(run, NetworkRun):
            at = run.evaluated_at(last)
            cells += [f"{run.train_loss[at]:.6g}", f"{run.test_loss[at]:.6g}"]
            cells += [f"{run.train_accuracy[at]:.4f}", f"{run.test_accuracy[at]:.4f}"]
        else:
            cells += [f"{run.loss[last]:.6g}", f"{run.states[last, 0, 0]:.6g}", f"{run.states[last, 1, 0]:.6g}"]
        rows.append([*cells, say(run.message)])
    columns = (
        [_("train loss"), _("test loss"), _("train accuracy"), _("test accuracy")] if network else [_("loss"), "x", "y"]
    )
    if not rows:
        print(_("no racer is switched on"), file=file)
        return
    _table([[_("racer"), _("step"), *columns, _("outcome")], *rows], file)


def _table(rows: list[list[str]], file: TextIO) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), file=file)


# ---- list


def _list(what: str | None, as_json: bool) -> int:
    import json

    from momentum_gui.core.datasets import DATASETS
    from momentum_gui.core.optimizers import OPTIMIZERS
    from momentum_gui.core.surfaces import SURFACES

    tables: dict[str, Sequence[type]] = {"optimizers": OPTIMIZERS, "surfaces": SURFACES, "datasets": DATASETS}
    chosen = {name: table for name, table in tables.items() if what in (None, name)}
    described = {name: [_describe(kind) for kind in table] for name, table in chosen.items()}
    if as_json:
        print(json.dumps(described, ensure_ascii=False, indent=2))
        return 0
    for name, kinds in described.items():
        print(f"{name}\n")
        for kind in kinds:
            print(f"  {kind['kind']:12s} {kind['formula']}")
            for field in kind["fields"]:
                symbol = f" ({field['symbol']})" if field["symbol"] else ""
                allowed = f"; {field['allowed']}" if field["allowed"] else ""
                print(f"    {field['name']:14s} {field['title']}{symbol}: {field['default']!r}{allowed}")
            print()
    return 0


def _describe(kind: Any) -> dict[str, Any]:
    """A kind for people and programs: its fields with defaults, limits, labels and symbols."""
    import msgspec

    from momentum_gui.core.params import limits

    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    fields = []
    for field in info.fields:
        meta = field.type if isinstance(field.type, msgspec.inspect.Metadata) else None
        title = (meta.extra_json_schema or {}).get("title") if meta else None
        if title or field.required:
            fields.append(
                {
                    "name": field.name,
                    "title": _(title) if title else field.name,
                    "symbol": ((meta.extra or {}) if meta else {}).get("symbol", ""),
                    "default": None if field.required else field.default,
                    "allowed": limits(field),
                }
            )
    text = kind.formula if hasattr(kind, "formula") else _(kind.summary)
    return {"kind": info.tag, "title": _(kind.title), "formula": text, "fields": fields}


# ---- what needs Qt


def _window(path: Path | None) -> int:
    """The window, unless there is no display: then one line that says what to do."""
    linux = sys.platform.startswith("linux")
    if linux and not any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")):
        raise InputError(
            N_("there is no display for the window; “{program} shot FILE OUT.png” makes a picture without one"),
            program=PROGRAM,
        )
    if path is not None:
        from momentum_gui.files import load_experiment

        load_experiment(path)
    with _qt():
        from momentum_gui.gui.app import main as show
    return show(path)


def _shot(options: argparse.Namespace) -> int:
    width, _x, height = options.size.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and all(200 <= int(each) <= 8000 for each in (width, height))):
        raise InputError(
            N_("--size is “{value}”; width x height in pixels is allowed, each from 200 to 8000, such as 1280x800"),
            value=options.size,
        )
    if options.out.suffix.lower() != ".png":
        raise InputError(N_("the picture is “{value}”; a name that ends in .png is allowed"), value=str(options.out))
    if not options.out.absolute().parent.is_dir():
        raise InputError(N_("{file}: its folder does not exist"), file=str(options.out))
    from momentum_gui.files import load_experiment

    load_experiment(options.file)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with _qt():
        from momentum_gui.gui.app import shot
    shot(options.file, options.out, (int(width), int(height)), options.theme)
    return 0


@contextlib.contextmanager
def _qt() -> Any:
    """Around the import of Qt: a system library that is missing is one line with the remedy."""
    try:
        yield
    except ImportError as error:
        packages = OFFSCREEN_PACKAGES + (" " + SCREEN_PACKAGES if os.environ.get("DISPLAY") else "")
        raise InputError(
            N_("Qt can't be loaded ({reason}); on Debian and Ubuntu: apt install {packages}"),
            reason=str(error),
            packages=packages,
        ) from None


def _selftest() -> int:
    """Step a ravine, train a network, open the window offscreen; one line a check."""
    from momentum_gui import assets
    from momentum_gui.core.datasets import Article, Digits
    from momentum_gui.core.experiment import Experiment
    from momentum_gui.core.network import Network
    from momentum_gui.core.optimizers import Momentum
    from momentum_gui.core.simulation import Simulation
    from momentum_gui.core.surfaces import Ravine

    def check(true: bool, text: str) -> None:
        if not true:
            raise AssertionError(text)
        print(_("ok: {what}").format(what=text))

    try:
        race = Simulation(Experiment(objective=Ravine(), optimizers=(Momentum(lr=0.6, mu=0.5),), steps=20), assets.read)
        race.advance(20)
        x, y = race.runs[0].path[-1] if hasattr(race.runs[0], "path") else (0.0, 0.0)
        text = _("momentum, 20 steps down a ravine: ({x:.6f}, {y:.6f})").format(x=x, y=y)
        check(f"{x:.6f} {y:.6f}" == "0.007188 0.002553", text)
        digits, article = Digits().load(assets.read), Article().load(assets.read)
        check(len(digits.y_train) + len(digits.y_test) == 1797, _("1 797 digits are there"))
        check((article.y_test == 0).sum() == 596, _("the article's 5 000 moons are there"))
        network = Network(hidden=(20,), bias=True, init="he")
        training = Simulation(Experiment(objective=network, optimizers=(Momentum(lr=0.1),), steps=300), assets.read)
        training.advance(300)
        accuracy = training.runs[0].test_accuracy[training.runs[0].evaluations - 1]  # type: ignore[union-attr]
        check(accuracy > 0.95, _("a network learnt two moons: test accuracy {accuracy:.3f}").format(accuracy=accuracy))
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        with _qt():
            from momentum_gui.gui.app import probe
        for line in probe():
            check(True, line)
    except AssertionError as error:
        _complain(_("self-test failed: {what}").format(what=error))
        return 1
    print(f"{PROGRAM} {__version__}: {_('everything works')}")
    return 0
