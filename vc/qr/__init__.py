"""Presentations as QR symbols: a transport message as text for alphanumeric symbols, the symbols, and back.

``encode`` and ``decode`` need nothing but cbor2; drawing symbols (``vc.qr.symbols``) needs segno. The format is
described in docs/qr.md.
"""

from __future__ import annotations

from .payload import MAX_PARTS, Collector, decode, encode, is_payload

__all__ = ["MAX_PARTS", "Collector", "decode", "encode", "is_payload"]
