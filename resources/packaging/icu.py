"""A smaller ``libicudata`` for Qt on Linux: without the tables of ICU that Qt never asks for, 18 of 31 MB.

Qt brings its own names of languages, regions and currencies and its own line breaking; it takes from ICU how text is
compared (collation), how letters change case, and converters. Those stay. ICU's common data is a table of contents
followed by the items: https://unicode-org.github.io/icu/userguide/icu_data/ ("CmnD" in source/common/ucmndata.h).
"""

import re
import struct
import subprocess
from pathlib import Path

UNUSED = ("brkitr", "curr", "lang", "rbnf", "region", "translit", "unit", "zone")
"""Folders of the data: line breaking, the names of things, numbers in words, transliteration."""

HEADER = re.compile(rb"(?s)(..)\xda\x27.{8}CmnD\x01")
"""Of common data: its length (2 bytes, little endian), a magic number, and 8 bytes on the byte order and such."""

ASSEMBLY = """
.section .rodata
.balign 16
.globl {symbol}
.type {symbol}, %object
{symbol}: .incbin "{file}"
.size {symbol}, . - {symbol}
.section .note.GNU-stack, "", %progbits
"""


def without_unused(data: bytes) -> bytes:
    """The common data with the items of UNUSED left out. Raises ValueError if it is none."""
    header = HEADER.match(data)
    if header is None:
        raise ValueError("no common data of ICU")
    start = int.from_bytes(header[1], "little")  # of the table; all its offsets count from here
    (count,) = struct.unpack_from("<I", data, start)
    table = [struct.unpack_from("<II", data, start + 4 + 8 * item) for item in range(count)]
    begins = [begin for _, begin in table]
    names = [data[start + name : data.index(b"\0", start + name)] for name, _ in table]
    items = [
        (name, data[start + begin : start + end])
        for name, begin, end in zip(names, begins, [*begins[1:], len(data) - start], strict=True)
        if name.decode("ascii").split("/")[1] not in UNUSED
    ]
    text = b"".join(name + b"\0" for name, _ in items)
    place = 4 + 8 * len(items)
    offset = place + len(text)
    offset += -(start + offset) % 16
    toc, body = [], []
    for name, item in items:
        padded = item + bytes(-len(item) % 16)
        toc.append(struct.pack("<II", place, offset))
        body.append(padded)
        place += len(name) + 1
        offset += len(padded)
    top = data[:start] + struct.pack("<I", len(items)) + b"".join(toc) + text
    return top + bytes(-len(top) % 16) + b"".join(body)


def smaller(library: Path, folder: Path) -> Path:
    """A copy of ``libicudata`` in ``folder`` with the smaller data, made by binutils.

    Raises ValueError or CalledProcessError if it is not what this file knows: a later ICU's, perhaps.
    """
    bytes_ = library.read_bytes()
    version = re.search(r"\.so\.(\d+)", library.name)
    found = HEADER.search(bytes_)
    sizes = subprocess.run(["readelf", "-W", "--dyn-syms", library], capture_output=True, text=True, check=True).stdout
    size = re.search(r"0x([0-9a-f]+) OBJECT .* (icudt\d+_dat)$", sizes, re.MULTILINE)
    if version is None or found is None or size is None:
        raise ValueError(f"{library.name} is not as expected")
    data = without_unused(bytes_[found.start() : found.start() + int(size[1], 16)])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "icu.dat").write_bytes(data)
    assembly = ASSEMBLY.format(symbol=size[2], file=folder / "icu.dat")
    subprocess.run(["as", "-o", folder / "icu.o"], input=assembly, text=True, check=True)
    target = folder / library.name
    linked = ["ld", "-shared", f"-soname=libicudata.so.{version[1]}", "-o", target, folder / "icu.o"]
    subprocess.run(linked, check=True)
    return target
