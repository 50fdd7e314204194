"""Symbols are read out of pictures, and whatever else a picture may be is refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageFilter

from vc import qr
from vc.problems import ProblemError
from vc.qr import pictures
from vc.qr.pictures import MAX_PICTURE, read_symbols
from vc.qr.symbols import draw, sheet

MESSAGE = {"verifiablePresentation": {"text": "一" * 40, "more": [str(n * 7919) for n in range(200)]}}


def picture(form: str = "PNG", capacity: int = 1853, **change: float) -> bytes:
    image = Image.open(io.BytesIO(sheet(draw(qr.encode(MESSAGE, capacity=capacity))))).convert("L")
    if "size" in change:
        image = image.resize((int(image.width * change["size"]), int(image.height * change["size"])))
    if "turn" in change:
        image = image.rotate(change["turn"], expand=True, fillcolor=255)
    if "blur" in change:
        image = image.filter(ImageFilter.GaussianBlur(change["blur"]))
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_of_a_symbol_gives_its_text(form: str) -> None:
    assert qr.decode(read_symbols(picture(form))) == MESSAGE


@pytest.mark.parametrize("change", [{"size": 1.37}, {"size": 0.73}, {"turn": 90}, {"turn": 7}, {"blur": 1.0}])
def test_scaled_turned_or_blurred_it_is_still_read(change: dict[str, float]) -> None:
    assert qr.decode(read_symbols(picture(**change))) == MESSAGE  # type: ignore[arg-type]


def test_linked_symbols_are_read_from_one_picture() -> None:
    texts = read_symbols(picture(capacity=500))
    assert len(texts) > 1
    assert qr.decode(texts) == MESSAGE


def test_a_picture_without_a_symbol_has_no_text() -> None:
    out = io.BytesIO()
    Image.new("L", (50, 50)).save(out, "PNG")
    assert read_symbols(out.getvalue()) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "qr.form"),
        (b"LZ1:", "qr.form"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "qr.form"),
        (b"GIF89a" + bytes(40), "qr.form"),
        (picture()[:200], "qr.form"),
        (bytes(MAX_PICTURE + 1), "qr.limit"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        read_symbols(data)
    assert refused.value.problems[0].code == code


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(ProblemError) as refused:
        read_symbols(out.getvalue())
    assert refused.value.problems[0].code in ("qr.limit", "qr.form")


@pytest.mark.parametrize(("form", "side"), [("PNG", 6_300), ("PNG", 2_100), ("WEBP", 4_000), ("JPEG", 9_000)])
def test_more_pixels_than_its_bytes_are_worth_are_not_unpacked(
    form: str, side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    Image.new("1" if form == "PNG" else "L", (side, side)).save(out, form)
    monkeypatch.setattr(pictures, "_grey", lambda _: pytest.fail("unpacked"))
    with pytest.raises(ProblemError) as refused:
        read_symbols(out.getvalue())
    assert refused.value.problems[0].code == "qr.limit"


def test_a_progressive_picture_has_few_scans_and_few_pixels() -> None:
    out = io.BytesIO()
    Image.new("L", (300, 300)).save(out, "JPEG", progressive=True)
    head, scan, rest = out.getvalue().partition(b"\xff\xda")
    assert read_symbols(out.getvalue()) == []
    large = io.BytesIO()
    Image.new("L", (3_000, 3_000)).save(large, "JPEG", progressive=True)
    for data in (head + (scan + rest.partition(b"\xff")[0]) * 100 + b"\xff\xd9", large.getvalue()):
        with pytest.raises(ProblemError) as refused:
            read_symbols(data)
        assert refused.value.problems[0].code == "qr.limit"


def test_a_large_photograph_is_unpacked_in_a_smaller_size() -> None:
    symbol = Image.open(io.BytesIO(picture(capacity=1853)))
    page = Image.new("L", (4_800, 4_000), "white")
    page.paste(symbol.resize((3_600, 3_600)), (600, 200))
    exif = Image.Exif()
    exif[0x0112] = 6
    for turned in (None, exif):
        out = io.BytesIO()
        page.save(out, "JPEG", exif=turned or b"")
        assert qr.decode(read_symbols(out.getvalue())) == MESSAGE
    assert max(pictures._picture(out.getvalue()).size) <= 2_400


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str) -> None:
    symbol = Image.open(io.BytesIO(picture())).convert("L")
    drawn = Image.new("RGBA", symbol.size, (0, 0, 0, 0))
    drawn.paste((0, 0, 0, 255), mask=symbol.point(lambda value: 255 - value))
    out = io.BytesIO()
    drawn.convert(mode).save(out, "PNG", **({"transparency": 0} if mode == "P" else {}))
    if mode != "P":
        assert qr.decode(read_symbols(out.getvalue())) == MESSAGE
    assert pictures._picture(out.getvalue()).mode == "L"


def test_a_symbol_as_svg_has_its_modules_and_quiet_zone() -> None:
    (symbol,) = draw(qr.encode(MESSAGE))
    svg = symbol.svg()
    assert f'viewBox="0 0 {symbol.modules + 8} {symbol.modules + 8}"' in svg
    drawn = Image.new("L", (symbol.modules + 8, symbol.modules + 8), 255)
    path = svg.rpartition('d="')[2].partition('"')[0]
    for run in path.split("M")[1:]:
        x, rest = run.split(" ", 1)
        y, length = rest.split("v")[0].split("h")
        for offset in range(int(length)):
            drawn.putpixel((int(x) + offset, int(y)), 0)
    out = io.BytesIO()
    drawn.resize((drawn.width * 4, drawn.height * 4), Image.Resampling.NEAREST).save(out, "PNG")
    assert read_symbols(out.getvalue()) == [symbol.text]
