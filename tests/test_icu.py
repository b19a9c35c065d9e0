"""The smaller data of ICU: the table of contents after items are left out."""

import struct
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[1] / "resources" / "packaging"


@pytest.fixture
def icu(monkeypatch):
    monkeypatch.syspath_prepend(str(PACKAGING))
    import icu

    return icu


def common_data(items):
    """ICU's common data by hand: a header of 32 bytes, the table of contents, names, items at multiples of 16."""
    header = struct.pack("<HBB8s4s4s4s", 32, 0xDA, 0x27, b"\x14\0\0\0\0\0\2\0", b"CmnD", b"\1\0\0\0", b"\3\0\0\0")
    header += bytes(32 - len(header))
    names = b"".join(name + b"\0" for name in items)
    place, offset = 4 + 8 * len(items), 4 + 8 * len(items) + len(names)
    offset += -offset % 16
    gap = bytes(offset - place - len(names))
    table, body = struct.pack("<I", len(items)), b""
    for name, item in items.items():
        table += struct.pack("<II", place, offset + len(body))
        place += len(name) + 1
        body += item + bytes(-len(item) % 16)
    return header + table + names + gap + body


KEPT = {b"icudt73l/coll/zh.res": b"z" * 40, b"icudt73l/root.res": b"root", b"icudt73l/zoneinfo64.res": b"t" * 16}
LEFT_OUT = {b"icudt73l/brkitr/cjdict.dict": b"d" * 1000, b"icudt73l/zone/de.res": b"Zeit" * 9}


def test_what_is_unused_goes_and_the_rest_is_as_if_it_had_never_been_there(icu):
    assert icu.without_unused(common_data(dict(sorted((KEPT | LEFT_OUT).items())))) == common_data(KEPT)
    assert icu.without_unused(common_data(KEPT)) == common_data(KEPT)


@pytest.mark.parametrize("data", [b"", b"no data at all", common_data(KEPT).replace(b"CmnD", b"ToCP")])
def test_anything_else_is_refused(icu, data):
    with pytest.raises(ValueError, match="no common data"):
        icu.without_unused(data)
