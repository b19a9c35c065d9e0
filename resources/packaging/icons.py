"""Make the icon's pictures of ``resources/icons/momentum.svg``: ``python resources/packaging/icons.py FOLDER``.

Each size is drawn from the SVG, not shrunk from another: ``<size>.png``, ``momentum.ico``, ``momentum.icns``.
"""

import os
import sys
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SVG = Path(__file__).resolve().parents[1] / "icons" / "momentum.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512, 1024)
WINDOWS_SIZES = (16, 24, 32, 48, 64, 128, 256)
MACOS_SIZES = (16, 32, 64, 128, 256, 512, 1024)


def make(folder: Path) -> None:
    """Write the pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QGuiApplication.instance() or QGuiApplication([])
    renderer = QSvgRenderer(str(SVG))
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        if not image.save(str(folder / f"{size}.png")):
            raise SystemExit(f"{folder / f'{size}.png'} can't be written")
    del app
    _bundle(folder, "momentum.ico", WINDOWS_SIZES, sizes=[(size, size) for size in WINDOWS_SIZES])
    _bundle(folder, "momentum.icns", MACOS_SIZES)


def _bundle(folder: Path, name: str, drawn: tuple[int, ...], **options: object) -> None:
    """All sizes in one file; Pillow takes the picture drawn for a size where it has one."""
    *smaller, largest = (Image.open(folder / f"{size}.png") for size in drawn)
    largest.save(folder / name, append_images=smaller, **options)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
