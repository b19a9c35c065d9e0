"""Build the packaged program and its archives into ``dist/``: ``python3 resources/packaging/build.py``.

Sets up its own virtual environment in ``build/``, with the versions of ``requirements.lock``; needs a Python from
3.11 on with its shared library, and nothing else. Every system builds its own:

    dist/momentum-gui/          the program, one folder
    dist/*.tar.xz, dist/*.deb   Linux
    dist/*.zip                  Windows, macOS
    dist/*.whl, dist/*.tar.gz   wheel and source distribution
"""

import lzma
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

PACKAGING = Path(__file__).resolve().parent
ROOT = PACKAGING.parents[1]
BUILD, DIST = ROOT / "build", ROOT / "dist"
ID = "io.github.momentum_gui.Momentum"
LINUX_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)

DEB_DEPENDS = "libgl1, libegl1, libxcb1, libfontconfig1, libwayland-client0, libwayland-cursor0, fonts-dejavu-core"
"""What PyInstaller leaves to the system, for it belongs to the driver, the display or the fonts there."""


def main() -> None:
    python = environment()
    version = re.search(r'"(.+)"', (ROOT / "momentum_gui" / "__init__.py").read_text(encoding="utf-8").split("=")[1])
    assert version is not None
    run(python, "-m", "build", "--outdir", DIST, ROOT)
    run(python, PACKAGING / "icons.py", BUILD / "icons")
    spec, work = PACKAGING / "momentum-gui.spec", BUILD / "pyinstaller"
    os.environ["MOMENTUM_ICONS"] = str(BUILD / "icons")
    run(python, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN", "--distpath", DIST, "--workpath", work, spec)
    name = f"momentum-gui-{version[1]}-{sys.platform}-{platform.machine().lower()}"
    if sys.platform.startswith("linux"):
        packed = [linux_archive(name), *debian_package(version[1])]
    else:
        program = DIST / ("Momentum.app" if sys.platform == "darwin" else "momentum-gui")
        packed = [Path(archive) for archive in archives(DIST / name, program)]
    for path in (DIST / "momentum-gui", *packed):
        print(f"{size(path) / 2**20:7.1f} MiB  {path.relative_to(ROOT)}")


def environment() -> Path:
    """The Python of a virtual environment that has this checkout, what it needs, and the tools for building."""
    folder = BUILD / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        run(sys.executable, "-m", "venv", folder)
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "--requirement", ROOT / "requirements.lock")
    run(*pip, f"{ROOT}[build]")
    run(*pip, "--force-reinstall", "--no-deps", ROOT)
    return python


def run(*command: object) -> None:
    print("+", *command, flush=True)
    subprocess.run([str(word) for word in command], check=True, cwd=BUILD if BUILD.is_dir() else ROOT)


def size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


# ---- Linux


def desktop_files(share: Path) -> None:
    """What a desktop wants to know, in the places below a folder ``share`` where it looks."""
    places = {
        f"{ID}.desktop": "applications",
        f"{ID}.metainfo.xml": "metainfo",
        f"{ID}.mime.xml": "mime/packages",
    }
    for file, place in places.items():
        copy(PACKAGING / file, share / place / file.replace(".mime.xml", ".xml"))
    icons = share / "icons" / "hicolor"
    copy(ROOT / "resources" / "icons" / "momentum.svg", icons / "scalable" / "apps" / f"{ID}.svg")
    for each in LINUX_SIZES:
        copy(BUILD / "icons" / f"{each}.png", icons / f"{each}x{each}" / "apps" / f"{ID}.png")


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def linux_archive(name: str) -> Path:
    """A tar.xz of one folder: the program, ``share/`` and a script that adds it to the user's menu."""
    folder = BUILD / "archive" / name
    shutil.rmtree(folder.parent, ignore_errors=True)
    shutil.copytree(DIST / "momentum-gui", folder, symlinks=True)
    desktop_files(folder / "share")
    for file in ("README.md", "LICENSE"):
        copy(ROOT / file, folder / file)
    copy(PACKAGING / "add-to-menu.sh", folder / "add-to-menu.sh")
    archive = DIST / f"{name}.tar.xz"
    filters = [{"id": lzma.FILTER_X86}] if platform.machine() in ("x86_64", "i686") else []
    filters.append({"id": lzma.FILTER_LZMA2, "preset": 9})
    with lzma.open(archive, "wb", filters=filters) as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        tar.add(folder, name, filter=_nobodys)
    return archive


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member of an archive without a trace of who built it."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def debian_package(version: str) -> Iterator[Path]:
    """A .deb of the program, where dpkg-deb is there to make it."""
    if shutil.which("dpkg-deb") is None:
        return
    root = BUILD / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(DIST / "momentum-gui", root / "usr" / "lib" / "momentum-gui", symlinks=True)
    desktop_files(root / "usr" / "share")
    copy(ROOT / "LICENSE", root / "usr" / "share" / "doc" / "momentum-gui" / "copyright")
    (root / "usr" / "bin").mkdir()
    (root / "usr" / "bin" / "momentum-gui").symlink_to("../lib/momentum-gui/momentum-gui")
    machine = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    control = [
        "Package: momentum-gui",
        f"Version: {version}",
        f"Architecture: {machine}",
        "Maintainer: The momentum-gui authors <momentum-gui@users.noreply.github.com>",
        f"Installed-Size: {size(root) // 1024}",
        f"Depends: libc6 (>= {platform.libc_ver()[1]}), {DEB_DEPENDS}",
        "Section: education",
        "Priority: optional",
        "Description: see how gradient descent, momentum and their relatives move",
        " Race optimizers down a ravine, or train a neural network with them, live.",
    ]
    (root / "DEBIAN").mkdir()
    (root / "DEBIAN" / "control").write_text("\n".join(control) + "\n", encoding="utf-8")
    package = DIST / f"momentum-gui_{version}_{machine}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, package)
    yield package


# ---- Windows and macOS


def archives(name: Path, program: Path) -> Iterator[str]:
    """A zip of the program. On macOS by ``ditto``, which keeps what a bundle needs."""
    if sys.platform == "darwin":
        run("ditto", "-c", "-k", "--keepParent", program, f"{name}.zip")
        yield f"{name}.zip"
    else:
        yield shutil.make_archive(str(name), "zip", program.parent, program.name)


if __name__ == "__main__":
    main()
