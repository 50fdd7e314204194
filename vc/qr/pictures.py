"""The texts of the QR symbols in a picture: a photograph, a screenshot, an uploaded file (untrusted).

Needs Pillow and zxing-cpp (the extras ``holder`` and ``verifier``).
"""

from __future__ import annotations

import io
import warnings
from typing import Any, Final

from vc.problems import Problem, ProblemError

__all__ = ["MAX_PICTURE", "pixels_allowed", "read_symbols"]

MAX_PICTURE: Final = 8 * 1024 * 1024
"""Bytes of a picture, at most."""

# The pixels that are unpacked at most, told by the header before that: each takes up to eight bytes on the way.
_MAX_PIXELS: Final = 12_000_000
_FREE_PIXELS: Final = 4_000_000
_MAX_PHOTOGRAPH: Final = 64_000_000
"""Of a baseline JPEG, which is unpacked in a size that was scaled down."""
_MAX_SCANS: Final = 64
_SCAN: Final = b"\xff\xda"
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_MOST: Final = 20
_LONGEST: Final = 2400
"""Pixels of the longer side that a reader needs at most, even for several dense symbols."""


def read_symbols(data: bytes) -> list[str]:
    """The texts of all QR symbols in a PNG, JPEG or WebP picture, each once; none is an empty list.

    Raises ProblemError: ``qr.limit`` for a picture that is too large, ``qr.form`` for what is no such picture.
    """
    import zxingcpp

    found = zxingcpp.read_barcodes(_picture(data), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return list(dict.fromkeys(symbol.text for symbol in found if symbol.text))[:_MOST]


def _picture(data: bytes) -> Any:
    from PIL import Image, ImageOps

    if len(data) > MAX_PICTURE:
        raise ProblemError(Problem("qr.limit", f"a picture has {MAX_PICTURE} bytes at most"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            opened = Image.open(io.BytesIO(data), formats=_FORMATS)
            photograph = opened.format == "JPEG" and not opened.info.get("progressive")
            most = pixels_allowed(len(data), photograph=photograph)
            if opened.width * opened.height > most:
                raise ProblemError(Problem("qr.limit", f"a picture of {len(data)} bytes has {most} pixels at most"))
            if opened.format == "JPEG":
                if data.count(_SCAN) > _MAX_SCANS:  # Each goes over the whole picture, and may be a few bytes long.
                    raise ProblemError(Problem("qr.limit", f"a picture has {_MAX_SCANS} scans at most"))
                opened.draft("L", (_LONGEST, _LONGEST))
            picture = ImageOps.exif_transpose(_grey(opened))
            longest = max(picture.size)
            return picture.reduce(-(-longest // _LONGEST)) if longest > _LONGEST else picture
    except ProblemError:
        raise
    except Exception:
        raise ProblemError(Problem("qr.form", "this is no PNG, JPEG or WebP picture that can be read")) from None


def pixels_allowed(size: int, *, photograph: bool) -> int:
    """How many pixels a picture of ``size`` bytes may have. ``photograph``: it is a baseline JPEG."""
    return _MAX_PHOTOGRAPH if photograph else min(_FREE_PIXELS + size, _MAX_PIXELS)


def _grey(picture: Any) -> Any:
    """A picture in shades of grey, what is transparent in white."""
    from PIL import Image

    if "transparency" not in picture.info and not {"A", "a"} & set(picture.getbands()):
        return picture.convert("L")
    whole = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    return Image.composite(whole.convert("L"), Image.new("L", whole.size, "white"), whole.getchannel("A"))
