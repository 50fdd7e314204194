"""Symbols are drawn so that an independent reader reads them, also small, scaled, blurred and turned."""

from __future__ import annotations

import hashlib
import io

import pytest
import segno
import zxingcpp
from PIL import Image, ImageFilter

from vc import qr
from vc.qr import symbols


def message(size: int) -> dict[str, str]:
    return {"a": "".join(hashlib.sha256(bytes([i])).hexdigest() for i in range(size // 64 + 1))[:size]}


def read(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("size", [0, 100, 1500])
def test_an_independent_reader_reads_the_png(size: int) -> None:
    texts = qr.encode(message(size))
    for symbol in symbols.draw(texts):
        found = zxingcpp.read_barcodes(Image.open(io.BytesIO(symbol.png())))
        assert [code.text for code in found] == [symbol.text]
        assert found[0].format == zxingcpp.BarcodeFormat.QRCode
        assert found[0].ec_level == symbol.error[0]
    assert qr.decode(texts) == message(size)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            lambda p: p.resize((p.width * 3 // 5, p.height * 3 // 5), Image.Resampling.BILINEAR), id="smaller"
        ),
        pytest.param(lambda p: p.resize((p.width * 7 // 4, p.height * 7 // 4), Image.Resampling.BICUBIC), id="larger"),
        pytest.param(lambda p: p.filter(ImageFilter.GaussianBlur(1.5)), id="blurred"),
        pytest.param(lambda p: p.rotate(7, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC), id="turned"),
        pytest.param(lambda p: p.rotate(90), id="on its side"),
        pytest.param(lambda p: p.point(lambda v: 90 + v // 4), id="faint"),
    ],
)
def test_a_full_symbol_is_read_from_a_poor_picture(change: object) -> None:
    texts = qr.encode(message(1800))
    assert len(texts) == 1
    (symbol,) = symbols.draw(texts)
    assert symbol.version >= 20
    picture = Image.open(io.BytesIO(symbol.png(scale=5))).convert("L")
    assert read(change(picture)) == [symbol.text]  # type: ignore[operator]


def test_the_symbols_of_one_message_have_one_size_and_stand_on_one_sheet() -> None:
    texts = qr.encode(message(5000))
    drawn = symbols.draw(texts)
    assert len(drawn) > 1
    assert len({symbol.version for symbol in drawn}) == 1
    found = read(Image.open(io.BytesIO(symbols.sheet(drawn))))
    assert sorted(found) == sorted(texts)
    assert qr.decode(found) == message(5000)


def test_no_symbol_is_denser_than_the_capacity_asked_for() -> None:
    for version in (10, 14, 25, 40):
        drawn = symbols.draw(qr.encode(message(900), capacity=symbols.CAPACITY[version]))
        assert max(symbol.version for symbol in drawn) <= version


def test_the_capacities_are_those_of_the_standard() -> None:
    for version in (1, 9, 10, 26, 27, 40):
        most = symbols.CAPACITY[version]
        assert symbols.draw(["A" * most])[0].version == version
        assert segno.make_qr("A" * most, error="l", mode="alphanumeric", boost_error=False).version == version
    with pytest.raises(ValueError, match="too long"):
        symbols.draw(["A" * 4297])


def test_the_terminal_shows_the_symbol_a_reader_reads() -> None:
    (symbol,) = symbols.draw(qr.encode(message(50)))
    lines = [
        line.removeprefix("\x1b[30;107m").removesuffix("\x1b[0m") for line in symbol.terminal(border=4).split("\n")
    ]
    rows: list[list[int]] = []
    for line in lines:
        rows.append([0 if cell in "▀█" else 255 for cell in line])
        rows.append([0 if cell in "▄█" else 255 for cell in line])
    assert {len(row) for row in rows} == {symbol.modules + 8}
    picture = Image.new("L", (len(rows[0]), len(rows)))
    picture.putdata([value for row in rows for value in row])
    assert read(picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.NEAREST)) == [symbol.text]


@pytest.mark.parametrize(
    ("columns", "lines", "version"),
    [(20, 20, 10), (61, 50, 10), (80, 50, 14), (200, 50, 18), (125, 70, 25), (300, 100, 25), (80, 24, 10)],
)
def test_the_size_of_a_terminal_decides_how_dense_its_symbols_are(columns: int, lines: int, version: int) -> None:
    assert symbols.capacity_for_screen(columns, lines) == symbols.CAPACITY[version]
    (symbol, *_) = symbols.draw(qr.encode(message(3000), capacity=symbols.CAPACITY[version]))
    shown = symbol.terminal().split("\n")
    if version > 10:
        assert len(shown) + 2 <= lines
        assert symbol.modules + 4 <= columns
