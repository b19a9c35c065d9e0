"""Try what build.py made, as a stranger's computer would: ``python3 resources/packaging/check.py [check ...]``.

The program runs from a folder that it may not write to and whose path has a space and Chinese characters, as a user
with an empty home, without Python on the PATH and (where the checks run as root) without a network. Its numbers must
be those of the source tree, bit for bit. Exit code 1 if anything fails; what this system can't try is said.

``--debian FOLDER`` installs the .deb into a clean Debian there (made by debootstrap) and runs it; needs root.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import build

ROOT, DIST = build.ROOT, build.DIST
LINUX = sys.platform.startswith("linux")
AS_ROOT = LINUX and os.geteuid() == 0
STRANGER = 65534
"""The number of the user “nobody”, whom root lends to the program: root itself may write everywhere."""

MOST_UNPACKED, MOST_PACKED = 150, 45
"""Megabytes (2^20 bytes) of the program's folder and of its tar.xz."""

RAVINE = """
steps = 300
seed = 3
noise = 0.1
[objective]
kind = "ravine"
kappa = 40.0
[[optimizers]]
kind = "sgd"
lr = 0.3
[[optimizers]]
kind = "momentum"
lr = 0.3
mu = 0.8
"""
NETWORK = """
steps = 200
[objective]
kind = "network"
hidden = [20, 10]
[objective.data]
kind = "spirals"
[[optimizers]]
kind = "nesterov"
lr = 0.05
"""


class NotHereError(Exception):
    """This system can't try it."""


def need(condition: object, text: str) -> None:
    if not condition:
        raise AssertionError(text)


def tool(name: str) -> str:
    """Where a tool is. Raises NotHereError if it is nowhere."""
    found = shutil.which(name)
    if found is None:
        raise NotHereError(f"there is no {name}")
    return found


class Computer:
    """A stranger's: the program in a folder of its own, a home, a place to work."""

    def __init__(self, base: Path) -> None:
        base.chmod(0o755)
        self.folder = base / "two words 重力" / "momentum-gui"
        shutil.copytree(DIST / "momentum-gui", self.folder, symlinks=True)
        self.program = self.folder / ("momentum-gui.exe" if os.name == "nt" else "momentum-gui")
        self.home, self.work, self.tools = base / "home", base / "work", base / "no tools"
        for folder in (self.home, self.work, self.tools):
            folder.mkdir()
        if AS_ROOT:
            os.chown(self.home, STRANGER, STRANGER)
            os.chown(self.work, STRANGER, STRANGER)
        else:
            for path in (self.folder, *self.folder.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode & ~0o222)
        for name, text in (("ravine", RAVINE), ("network", NETWORK)):
            (self.work / f"{name}.toml").write_text(text, encoding="utf-8")

    def environment(self, **more: str | None) -> dict[str, str]:
        """What the program finds: as little as possible. None takes a variable away."""
        variables: dict[str, str | None] = {"HOME": str(self.home), "PATH": str(self.tools), "LC_ALL": "C.UTF-8"}
        if os.name == "nt":
            variables |= {"SYSTEMROOT": os.environ["SYSTEMROOT"], "TEMP": str(self.work), "APPDATA": str(self.home)}
            variables["LOCALAPPDATA"] = str(self.home)
        variables |= more
        return {name: value for name, value in variables.items() if value is not None}

    def command(self, *words: object, lend: str = "") -> list[str]:
        """The words as a command of the stranger's; ``lend`` is what a shell does for it first, as root."""
        command = [str(word) for word in words]
        if AS_ROOT:
            dropped = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", *command]
            script = f'{lend or ":"} && exec "$@"'
            command = ["/usr/bin/unshare", "--net", "--mount", "/bin/sh", "-c", script, "sh", *dropped]
            command[command.index("setpriv")] = shutil.which("setpriv") or "/usr/bin/setpriv"
        return command

    def run(
        self, *words: object, code: int = 0, lend: str = "", **more: str | None
    ) -> "subprocess.CompletedProcess[str]":
        """Run the program; what it said. Raises AssertionError if it ended with another code."""
        done = subprocess.run(
            self.command(self.program, *words, lend=lend),
            cwd=self.work,
            env=self.environment(**more),
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=300,
            check=False,
        )
        need(done.returncode == code, f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        need("Traceback" not in done.stderr, done.stderr)
        return done


def source(*words: object) -> "subprocess.CompletedProcess[bytes]":
    """Run the source tree's program, with the versions of packages that were packed."""
    python = build.BUILD / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    return subprocess.run([python, "-m", "momentum_gui", *map(str, words)], cwd=ROOT, capture_output=True, check=True)


# ---- the checks


def check_folder(computer: Computer) -> str:
    """The stranger may not write to the program's folder."""
    if os.name == "nt":
        raise NotHereError("on Windows a folder can't simply be made read-only")
    test = ("/bin/sh", "-c", ': > "$0"', computer.folder / "written")
    done = subprocess.run(computer.command(*test), capture_output=True, check=False, env=computer.environment())
    need(done.returncode != 0 and not (computer.folder / "written").exists(), "the folder can be written to")
    return str(computer.folder)


def check_selftest(computer: Computer) -> str:
    """The self-test passes: with an empty home, with none, with one that can't be written to."""
    said = computer.run("selftest").stdout
    if LINUX:
        computer.run("selftest", HOME=None)
        computer.run("selftest", HOME=str(computer.tools))
    return said.strip().splitlines()[-1]


def check_numbers(computer: Computer) -> str:
    """`list` and `run` say what the source tree's say, to the last bit."""
    mine = json.loads(computer.run("list", "--json").stdout)
    need(mine == json.loads(source("list", "--json").stdout), "`list --json` differs from the source tree's")
    rows = 0
    for name in ("ravine", "network"):
        computer.run("run", f"{name}.toml", "--csv", f"{name}.csv")
        theirs = source("run", computer.work / f"{name}.toml", "--csv", "-").stdout
        mine = (computer.work / f"{name}.csv").read_bytes()
        need(mine == theirs, f"the numbers of {name} differ from the source tree's")
        rows += mine.count(b"\n") - 1
    return f"{rows} rows are the same"


def check_shot(computer: Computer) -> str:
    """A picture of each lab is made, and is no empty one."""
    sizes = []
    for name in ("ravine", "network"):
        computer.run("shot", f"{name}.toml", f"{name}.png", "--size", "1280x800")
        data = (computer.work / f"{name}.png").read_bytes()
        need(
            data[:8] == b"\x89PNG\r\n\x1a\n" and data[16:24] == b"\0\0\5\0\0\0\3\x20", f"{name}.png is no 1280x800 PNG"
        )
        need(len(data) > 20_000, f"{name}.png is {len(data)} bytes only")
        sizes.append(len(data))
    return f"{sizes} bytes"


def check_no_display(computer: Computer) -> str:
    """Without a display, or with one that does not answer, the program says so in one line."""
    if not LINUX:
        raise NotHereError("there always is a display")
    lines = []
    for display in (None, ":4711"):
        said = computer.run(code=2, DISPLAY=display).stderr
        need(said.count("\n") == 1 and "display" in said, said)
        lines.append(said.strip())
    return lines[0]


def check_library(computer: Computer) -> str:
    """Without a library that the system must have, the program names it and the remedy in one line."""
    if not AS_ROOT:
        raise NotHereError("only root can hide a library")
    listing = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    libraries = [line.split("=> ")[1] for line in listing.splitlines() if line.split()[:1] == ["libEGL.so.1"]]
    mount = tool("mount")
    hide = " && ".join(f"{mount} --bind /dev/null {library}" for library in libraries)
    said = computer.run("shot", "ravine.toml", "hidden.png", code=2, lend=hide).stderr
    need(said.count("\n") == 1 and "libEGL.so.1" in said and "apt install" in said, said)
    return said.strip()


def check_window(computer: Computer) -> str:
    """The window opens on an X server, is found by its desktop entry, and logs in its user's own place."""
    if not LINUX:
        raise NotHereError("no X server")
    xdotool = tool("xdotool")
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [tool("Xvfb"), "-displayfd", str(writing), "-nolisten", "tcp", "-screen", "0", "1400x900x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            display = f":{pipe.readline().strip()}"
        # The abstract socket belongs to a network; the one in /tmp does not.
        command = computer.command(computer.program, "--in-window", "ravine.toml")
        window = subprocess.Popen(command, cwd=computer.work, env=computer.environment(DISPLAY=display))
        try:
            log = computer.home / ".local/state/momentum-gui/momentum-gui/momentum-gui.log"
            until = time.monotonic() + 60
            while not (log.exists() and "furnished" in log.read_text(encoding="utf-8")):
                need(window.poll() is None, f"the window ended with {window.returncode}")
                need(time.monotonic() < until, "the window did not come within a minute")
                time.sleep(0.1)
            entry = (build.PACKAGING / f"{build.ID}.desktop").read_text(encoding="utf-8")
            name = next(line.split("=")[1] for line in entry.splitlines() if line.startswith("StartupWMClass="))
            search = [xdotool, "search", "--onlyvisible", "--class", f"^{name}$"]
            found = subprocess.run(search, env={"DISPLAY": display}, capture_output=True, text=True, check=False).stdout
            need(found.split(), f"no window has the class {name}")
        finally:
            window.send_signal(signal.SIGTERM)
            window.wait(30)
    finally:
        server.terminate()
        server.wait(30)
    return f"a window of class {name}, a log in {log.relative_to(computer.home)}"


def check_nothing_sent(computer: Computer) -> str:
    """What could talk to a network is not packed, and no socket of the internet is opened."""
    forbidden = ("*Qt*Network*", "*ssl*", "*QtWebSockets*")
    found = [path.name for pattern in forbidden for path in computer.folder.rglob(pattern)]
    need(not found, f"packed: {found}")
    strace = tool("strace")
    trace = computer.work / "trace.txt"
    command = computer.command(strace, "-f", "-e", "trace=%network", "-o", trace, computer.program, "selftest")
    subprocess.run(command, cwd=computer.work, env=computer.environment(), check=True, capture_output=True)
    calls = trace.read_text(encoding="utf-8", errors="replace")
    need("exited with 0" in calls and "AF_INET" not in calls, "a socket of the internet was opened")
    return f"neither Qt's network library nor an SSL library; of {calls.count(chr(10))} calls none to the internet"


def check_desktop(computer: Computer) -> str:
    """Desktop entry and metainfo are valid; the archive's script adds the program to a menu and takes it out."""
    if not LINUX:
        raise NotHereError("no desktop entries")
    validate, appstream = tool("desktop-file-validate"), tool("appstreamcli")
    share = build.BUILD / "deb" / "usr" / "share"
    subprocess.run([validate, share / "applications" / f"{build.ID}.desktop"], check=True)
    metainfo = share / "metainfo" / f"{build.ID}.metainfo.xml"
    subprocess.run([appstream, "validate", "--no-net", metainfo], check=True, stdout=subprocess.DEVNULL)
    (archive,) = DIST.glob("*.tar.xz")
    unpacked = computer.folder.parent / "un`pack$ed"
    unpacked.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", unpacked], check=True)
    (folder,) = unpacked.iterdir()
    data = computer.home / ".local" / "share"
    for word in ((), ("--remove",)):
        menu = computer.command("/bin/sh", folder / "add-to-menu.sh", *word)
        subprocess.run(menu, env=computer.environment(PATH="/usr/bin:/bin"), check=True, capture_output=True)
        entry = data / "applications" / f"{build.ID}.desktop"
        need(entry.exists() == (word == ()), f"{entry}: there after {word}")
        if entry.exists():
            subprocess.run([validate, entry], check=True)
            (line,) = (line for line in entry.read_text(encoding="utf-8").splitlines() if line.startswith("Exec="))
            quoted = str(folder / "momentum-gui").replace("`", r"\\`").replace("$", r"\\$")
            need(line == f'Exec="{quoted}" --in-window %f', line)
    need(not list(data.rglob(f"{build.ID}*")), "the script left something behind")
    return metainfo.name


def check_python_packages(computer: Computer) -> str:
    """Wheel and source distribution install into a fresh environment and pass the self-test."""
    environment = computer.work / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    pip = [scripts / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", ROOT / "requirements.lock"], check=True, cwd=computer.work)
    names = []
    for pattern in ("*.whl", "momentum_gui-*.tar.gz"):
        (package,) = DIST.glob(pattern)
        subprocess.run([*pip, "--force-reinstall", "--no-deps", package], check=True, cwd=computer.work)
        subprocess.run([scripts / "momentum-gui", "selftest"], check=True, cwd=computer.work, capture_output=True)
        names.append(package.name)
    return ", ".join(names)


def check_size(computer: Computer) -> str:
    """The program is small enough to carry to forty computers."""
    unpacked = build.size(computer.folder) / 2**20
    packed = max((build.size(path) / 2**20 for path in DIST.glob("*.tar.xz")), default=0)
    said = f"{unpacked:.1f} MiB unpacked, {packed:.1f} MiB packed"
    need(unpacked <= MOST_UNPACKED and packed <= MOST_PACKED, said)
    return said


def check_debian(root: Path) -> str:
    """The .deb installs into a clean Debian, runs there, and goes without a trace."""
    (package,) = DIST.glob("*.deb")
    shutil.copy(package, root / "tmp" / package.name)
    (root / "tmp" / "ravine.toml").write_text(RAVINE, encoding="utf-8")
    inside = [
        "apt-get update -qq",
        f"apt-get install -y -qq --no-install-recommends /tmp/{package.name}",
        "momentum-gui selftest",
        "momentum-gui run /tmp/ravine.toml --csv /tmp/ravine.csv",
        "momentum-gui shot /tmp/ravine.toml /tmp/ravine.png",
        "apt-get purge -y -qq momentum-gui",
        "test ! -e /usr/lib/momentum-gui",
    ]
    script = "export DEBIAN_FRONTEND=noninteractive; " + " && ".join(inside)
    done = subprocess.run(["chroot", root, "/bin/sh", "-c", script], capture_output=True, text=True, check=False)
    need(done.returncode == 0, done.stdout + done.stderr)
    theirs = source("run", root / "tmp" / "ravine.toml", "--csv", "-").stdout
    need((root / "tmp" / "ravine.csv").read_bytes() == theirs, "the numbers differ from the source tree's")
    return package.name


CHECKS: dict[str, Callable[[Computer], str]] = {
    name.removeprefix("check_"): each
    for name, each in list(globals().items())
    if name.startswith("check_") and each is not check_debian
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Try what build.py made.")
    parser.add_argument("checks", nargs="*", metavar="check", help=", ".join(CHECKS))
    parser.add_argument("--debian", type=Path, metavar="FOLDER", help="a clean Debian to install the .deb into")
    options = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="momentum-") as base:
        computer = Computer(Path(base))
        checks: dict[str, Callable[[], str]] = {
            name: lambda check=check: check(computer)
            for name, check in CHECKS.items()
            if not options.checks or name in options.checks
        }
        if options.debian:
            checks["debian"] = lambda: check_debian(options.debian)
        for name, check in checks.items():
            began = time.monotonic()
            try:
                outcome = f"ok      {name}: {check()}"
            except NotHereError as reason:
                outcome = f"skipped {name}: {reason}"
            except (AssertionError, OSError, ValueError, subprocess.SubprocessError) as error:
                failed += 1
                outcome = f"FAILED  {name}: {error}"
            print(f"{outcome}  ({time.monotonic() - began:.1f} s)", flush=True)
        if not AS_ROOT:
            for path in (computer.folder, *computer.folder.rglob("*")):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o755)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
