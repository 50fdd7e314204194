"""The JSON-LD contexts of Liangzheng, frozen and checked by digest. Nothing here touches the network."""

from .errors import ContextDigestError, ContextError, ContextFormError, UnknownContextError
from .registry import CONTEXTS, ContextRegistry

__all__ = [
    "CONTEXTS",
    "ContextDigestError",
    "ContextError",
    "ContextFormError",
    "ContextRegistry",
    "UnknownContextError",
]
