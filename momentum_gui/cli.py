"""The command line: a front end equal to the window, on the same engine.

``run`` and ``list`` import no Qt. Bad input is one line on standard error and exit code 2.
"""

import argparse
import contextlib
import io
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from momentum_gui import __version__, assets, i18n
from momentum_gui.core.messages import N_, InputError
from momentum_gui.i18n import _, say
from momentum_gui.terminal import padded, print_table, printable, text_width

if TYPE_CHECKING:
    from momentum_gui.core.experiment import Experiment
    from momentum_gui.core.simulation import Simulation

PROGRAM = "momentum-gui"
COMMANDS = ("run", "list", "shot", "selftest")

BAD_INPUT = 2
INTERRUPTED = 130
"""What shells say of a program that Ctrl-C ended: 128 and the number of the signal."""

OFFSCREEN_PACKAGES = "libgl1 libegl1 libxkbcommon0 libfontconfig1 libglib2.0-0 libdbus-1-3 fonts-dejavu-core"
SCREEN_PACKAGES = (
    "libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1"
    " libxcb-shape0 libxcb-xkb1 libxcb-randr0 libx11-xcb1 libwayland-cursor0"
)

SMALLEST, LARGEST = (960, 600), (8000, 8000)
"""Width and height of a picture, in pixels: the window's smallest, and as much as Qt paints at once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its exit code: 0, 1 (a failed self-test), 2 (bad input), 130 (interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console that knows no η gets a question mark, not a traceback
    i18n.use(assets.resources() / "translations")
    try:
        options = _parser().parse_args(_explicit(sys.argv[1:] if arguments is None else arguments))
        code: int = options.command(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except InputError as error:
        _complain(say(error))
    except MemoryError:
        _complain(_("there is not enough memory for so many steps or weights"))
    except KeyboardInterrupt:
        _complain(_("interrupted"))
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has enough
        _drop_output()
        return 0
    except OSError as error:
        file = error.filename or _("standard output")
        _complain(_("{file}: {reason}").format(file=file, reason=error.strerror or error))
        _drop_output()
    return BAD_INPUT


class _Parser(argparse.ArgumentParser):
    """Whose complaints are one line, as all of this program's."""

    def error(self, message: str) -> NoReturn:
        raise InputError(N_("{fault} (“{program} --help” says more)"), fault=message, program=PROGRAM)


def _explicit(words: Sequence[str]) -> list[str]:
    """The arguments with the command that is meant where none is named: the window."""
    named = words and (words[0] in COMMANDS or words[0] in ("-h", "--help", "--version"))
    return list(words) if named else ["window", *words]


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [FILE]\n       {PROGRAM} {{{','.join(COMMANDS)}}} ...",
        description=_("See how gradient descent, momentum and their relatives move."),
        epilog=_("Without a command: the window, on the experiment FILE if one is given."),
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(metavar="{" + ",".join(COMMANDS) + "}", required=True)

    window = commands.add_parser("window", prog=PROGRAM)
    window.add_argument("file", type=Path, nargs="?", metavar="FILE")
    # For desktop entries: where nobody sees standard error, the window says what is wrong with FILE.
    window.add_argument("--in-window", action="store_true", help=argparse.SUPPRESS)
    window.set_defaults(command=_window)

    run = commands.add_parser("run", help=_("run an experiment without a window"))
    run.add_argument("file", type=Path, metavar="FILE", help=_("an experiment, TOML or JSON; - is standard input"))
    run.add_argument("--csv", metavar="OUT", help=_("write every step to OUT; - is standard output"))
    run.add_argument("--steps", metavar="N", help=_("take N steps instead of the file's"))
    run.add_argument("--seed", metavar="N", help=_("use seed N instead of the file's"))
    run.set_defaults(command=_run)

    listing = commands.add_parser("list", help=_("what there is, with fields, defaults, ranges and formulas"))
    listing.add_argument(
        "what", nargs="?", choices=["optimizers", "schedules", "changes", "surfaces", "networks", "datasets"]
    )
    listing.add_argument("--json", action="store_true", help=_("for programs"))
    listing.set_defaults(command=_list)

    shot = commands.add_parser("shot", help=_("render the window, its run finished, to a picture; needs no display"))
    shot.add_argument("file", type=Path, metavar="FILE", help=_("an experiment, TOML or JSON"))
    shot.add_argument("out", type=Path, metavar="OUT.png")
    shot.add_argument("--size", default="1280x800", metavar="WxH", help=_("pixels, 1280x800 if left out"))
    shot.add_argument("--theme", choices=["light", "dark"], default="light")
    shot.set_defaults(command=_shot)

    selftest = commands.add_parser("selftest", help=_("check that all that this program needs is there and works"))
    selftest.set_defaults(command=_selftest)
    return parser


def _complain(text: str) -> None:
    if sys.stderr is not None:
        print(f"{PROGRAM}: {printable(text)}", file=sys.stderr)
    elif sys.platform == "win32":  # the program without a console: Windows' own dialog, for Qt may be what is missing
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, text, "momentum", 0x30)


def _drop_output() -> None:
    """Let what Python still holds for standard output go nowhere when the program ends."""
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---- run


def _run(options: argparse.Namespace) -> int:
    from momentum_gui.core.simulation import Simulation
    from momentum_gui.export import write_csv
    from momentum_gui.files import load_experiment, replacing

    experiment = load_experiment(options.file)
    experiment = _override(experiment, "steps", options.steps)
    experiment = _override(experiment, "seed", options.seed)
    if options.csv is not None and _same(options.file, Path(options.csv)):
        raise InputError(N_("--csv is “{file}”, the experiment itself; give another file"), file=options.csv)
    simulation = Simulation(experiment, assets.read)
    if options.csv is None:
        _advance(simulation)
    elif options.csv == "-":
        if sys.stdout is None:
            raise InputError(N_("standard output is closed"))
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        _advance(simulation)
        write_csv(simulation, sys.stdout)
        sys.stdout.flush()
    else:
        with replacing(Path(options.csv)) as file:
            _advance(simulation)
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            write_csv(simulation, text)
            text.detach()
    _summarise(simulation)
    return 0


def _same(one: Path, other: Path) -> bool:
    """Whether both are the same file, by whatever names; no file is none."""
    try:
        return other.is_file() and one.samefile(other)
    except OSError:
        return False


def _override(experiment: "Experiment", name: str, text: str | None) -> "Experiment":
    """The experiment with the whole number ``text`` for the field ``name``, checked as a file's would be."""
    from typing import get_type_hints

    from msgspec import convert, inspect, structs

    from momentum_gui.core.params import allowed

    if text is None:
        return experiment
    declared = get_type_hints(type(experiment), include_extras=True)[name]
    try:
        return structs.replace(experiment, **{name: convert(int(text), declared)})
    except ValueError:
        raise InputError(
            N_("--{option} is “{value}”; allowed: {allowed}"),
            option=name,
            value=text[:40],
            allowed=allowed(inspect.type_info(declared)),
        ) from None


def _advance(simulation: "Simulation") -> None:
    """Run to the end; on a terminal, say how far it is."""
    steps, slice_ = simulation.experiment.steps, 1
    with _progress() as tell:
        while not simulation.done:
            began = time.monotonic()
            simulation.advance(slice_)
            slice_ = slice_ * 2 if time.monotonic() - began < 0.05 else max(1, slice_ // 2)
            tell(_("step {step} of {steps}").format(step=simulation.step, steps=steps))


@contextlib.contextmanager
def _progress() -> Iterator[Any]:
    """A line on the terminal that says how far something is, gone at the end; nothing if it is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda text: None
        return
    told, width = 0.0, 0

    def tell(text: str) -> None:
        nonlocal told, width
        if time.monotonic() - told > 0.1:
            told, width = time.monotonic(), max(width, text_width(text))
            print(f"\r{padded(text, width)}", end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        print(f"\r{' ' * width}\r", end="", file=sys.stderr, flush=True)


def _summarise(simulation: "Simulation") -> None:
    """A table: every racer, how far it came, how it ended."""
    from momentum_gui.core.experiment_text import kind_of
    from momentum_gui.core.training import NetworkRun

    if sys.stderr is None:
        return
    data = simulation.dataset
    if data is not None:
        columns = [_("train loss"), _("test loss")]
        if data.target is None:
            columns += [_("train accuracy"), _("test accuracy")]
        else:
            columns += [_("train error"), _("test error")]
    else:
        columns = [_("loss"), "x", "y"]
    rows = [[_("racer"), _("steps"), *columns, _("outcome")]]
    for run in simulation.runs.values():
        if isinstance(run, NetworkRun):
            last = run.evaluations - 1
            results = [run.train_loss, run.test_loss, run.train_accuracy, run.test_accuracy]
        else:
            last = run.count - 1
            results = [run.loss, run.states[:, 0, 0], run.states[:, 1, 0]]
        values = [float(column[last]) if last >= 0 else math.nan for column in results]
        if data is not None and data.target is not None:
            values[2:] = map(data.target.typical_error, values[:2])
        numbers = ["–" if math.isnan(value) else f"{value:.6g}" for value in values]
        name = printable(run.optimizer.label or kind_of(run.optimizer))
        rows.append([name, str(max(0, run.count - 1)), *numbers, say(run.message)])
    if simulation.runs:
        print_table(rows, sys.stderr)
    else:
        print(_("no racer is switched on"), file=sys.stderr)


def _list(options: argparse.Namespace) -> int:
    from momentum_gui.listing import print_kinds

    print_kinds(options.what, options.json)
    return 0


# ---- what needs Qt


def _window(options: argparse.Namespace) -> int:
    """The window, unless there is no display: then one line that says what to do."""
    linux = sys.platform.startswith("linux")
    if linux and not any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY")):
        raise InputError(
            N_("there is no display for the window; “{program} shot FILE OUT.png” makes a picture without one"),
            program=PROGRAM,
        )
    if options.file is not None and not options.in_window and sys.stderr is not None:
        from momentum_gui.files import load_experiment

        _only_a_file(options.file)
        load_experiment(options.file)
    with _qt():
        if linux and not any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")):
            from momentum_gui.gui.qt_parts import try_x11

            try_x11(PROGRAM)
        from momentum_gui.gui.app import main as show
    return show(options.file)


def _shot(options: argparse.Namespace) -> int:
    from momentum_gui.files import load_experiment

    size = _size(options.size)
    if options.out.suffix.lower() != ".png":
        raise InputError(N_("{file}: a picture's name ends in .png"), file=str(options.out))
    if not options.out.absolute().parent.is_dir():
        raise InputError(N_("{file}: its folder does not exist"), file=str(options.out))
    _only_a_file(options.file)
    load_experiment(options.file)
    _draw_offscreen()
    with _qt():
        from momentum_gui.gui.app import shot
    shot(options.file, options.out, size, options.theme)
    return 0


def _size(text: str) -> tuple[int, int]:
    """Width and height of a picture, such as ``1280x800``."""
    sides = text.lower().split("x")
    if len(sides) == 2 and all(side.isdecimal() and len(side) < 6 for side in sides):
        width, height = int(sides[0]), int(sides[1])
        if SMALLEST[0] <= width <= LARGEST[0] and SMALLEST[1] <= height <= LARGEST[1]:
            return width, height
    raise InputError(
        N_("--size is “{value}”; allowed: width x height in pixels, from {smallest} to {largest}"),
        value=text,
        smallest="{}x{}".format(*SMALLEST),
        largest="{}x{}".format(*LARGEST),
    )


def _only_a_file(path: Path) -> None:
    if str(path) == "-":
        raise InputError(N_("only “run” reads an experiment from standard input; give a file"))


def _draw_offscreen() -> None:
    """Let Qt paint without a screen, a pixel a pixel whatever the scale of the user's own."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    for name in ("QT_SCALE_FACTOR", "QT_SCREEN_SCALE_FACTORS", "QT_ENABLE_HIGHDPI_SCALING", "QT_FONT_DPI"):
        os.environ.pop(name, None)


def _selftest(options: argparse.Namespace) -> int:
    """Step a ravine and a network, load the data, open the window offscreen; one line a check."""
    _draw_offscreen()
    code = 0
    from momentum_gui.selftest import CHECKS

    for name, check in {**CHECKS, "window": _check_window}.items():
        for line in _told(check):
            if isinstance(line, str):
                print(f"{name}: {line}", flush=True)
            else:
                reason = say(line) if isinstance(line, InputError) else f"{type(line).__name__}: {line}"
                _complain(_("the check “{name}” failed: {reason}").format(name=name, reason=reason))
                code = 1
    return code


def _told(check: Callable[[], Iterator[str]]) -> Iterator[str | Exception]:
    """What a check says, line by line; whatever goes wrong with it comes last. Saying it is up to who asks."""
    try:
        yield from check()
    except Exception as error:
        yield error


def _check_window() -> Iterator[str]:
    with _qt():
        from momentum_gui.gui.app import probe
    yield from probe()


@contextlib.contextmanager
def _qt() -> Iterator[None]:
    """Around the import of Qt: a package or a system library that is missing is one line with the remedy."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("momentum_gui"):
            raise
        raise InputError(
            N_("the Python package {name} is missing; “pip install {program}” brings it"),
            name=error.name,
            program=PROGRAM,
        ) from None
    except ImportError as error:
        if ".so" not in str(error) and "DLL" not in str(error):
            raise
        screen = os.environ.get("QT_QPA_PLATFORM") != "offscreen"
        packages = f"{OFFSCREEN_PACKAGES} {SCREEN_PACKAGES}" if screen else OFFSCREEN_PACKAGES
        raise InputError(
            N_("Qt can't be loaded ({reason}); on Debian and Ubuntu, “apt install {packages}” helps"),
            reason=error,
            packages=packages,
        ) from None
