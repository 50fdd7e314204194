"""The texts of the QR symbols in a picture: a photograph, a screenshot, an uploaded file (untrusted).

Needs Pillow and zxing-cpp (the extras ``holder`` and ``verifier``).
"""

from __future__ import annotations

import io
import warnings
from typing import Any, Final

from vc.problems import Problem, ProblemError

__all__ = ["MAX_PICTURE", "read_symbols"]

MAX_PICTURE: Final = 8 * 1024 * 1024
"""Bytes of a picture, at most."""

_MAX_PIXELS: Final = 40_000_000
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
            if opened.width * opened.height > _MAX_PIXELS:
                raise ProblemError(Problem("qr.limit", f"a picture has {_MAX_PIXELS} pixels at most"))
            grey = ImageOps.exif_transpose(opened).convert("RGBA")
    except ProblemError:
        raise
    except Exception:
        raise ProblemError(Problem("qr.form", "this is no PNG, JPEG or WebP picture that can be read")) from None
    page = Image.new("RGBA", grey.size, "white")
    page.alpha_composite(grey)
    picture = page.convert("L")
    if max(picture.size) > _LONGEST:
        picture.thumbnail((_LONGEST, _LONGEST))
    return picture
