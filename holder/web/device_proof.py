"""That a browser holds a device key: it signs a text that names this site, this session and what is wanted.

The text can't be mistaken for what is signed for presentations, which is two hashes (64 bytes without such a
beginning) or a key binding JWT (which begins with its header).
"""

from __future__ import annotations

from aiohttp import web

from did import DidError, PublicKey, multibase
from webshell import Form, PageError, Site

from ..remote_key import RemoteDeviceKey

__all__ = ["device_of", "signature_of"]


def device_of(site: Site, request: web.Request, form: Form, purpose: str) -> RemoteDeviceKey:
    """The device key that signed the form for ``purpose`` (``start``, ``open``, ``erase``). Raises PageError 403."""
    refused = PageError(
        403,
        "未能确认本机密钥，请刷新页面后重试",
        "This device's key could not be confirmed. Reload the page and try again",
    )
    x, _, y = form.text("key", 200).partition(".")
    try:
        key = RemoteDeviceKey(PublicKey.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y}))
        signature = signature_of(form)
    except (DidError, ValueError):
        raise refused from None
    origin = f"{'https' if site.secure else 'http'}://{request.host}"
    text = f"liangzheng wallet\n{purpose}\n{origin}\n{site.session(request).csrf}\n"
    if not key.public_key.verify(signature, text.encode()):
        raise refused
    return key


def signature_of(form: Form) -> bytes:
    """The signature in a form. Raises ValueError."""
    return multibase.decode_base64url(form.text("signature", 200))
