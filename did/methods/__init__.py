"""The DID methods: one file a method, one table. A third party's method comes from ``liangzheng.did_methods``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import MethodNotSupported

if TYPE_CHECKING:
    from ..resolution import DidMethod

__all__ = ["METHODS", "OFFLINE", "method"]

METHODS: dict[str, str] = {
    "jwk": "did.methods.jwk",
    "key": "did.methods.key",
    "peer": "did.methods.peer",
    "web": "did.methods.web",
    "webvh": "did.methods.webvh",
}
"""Method name -> module with a ``METHOD``; loaded when first used."""

OFFLINE = frozenset({"key", "jwk", "peer"})
"""Methods that never ask for a file."""

_loaded: dict[str, DidMethod] = {}


def method(name: str) -> DidMethod:
    """The method of that name: one of the table, else one installed under the entry point. MethodNotSupported."""
    found = _loaded.get(name)
    if found is None:
        found = import_module(METHODS[name]).METHOD if name in METHODS else _installed(name)
        _loaded[name] = found
    return found


def _installed(name: str) -> DidMethod:
    from importlib.metadata import entry_points

    for entry in entry_points(group="liangzheng.did_methods", name=name):
        found: DidMethod = entry.load()
        if found.name == name:
            return found
    known = ", ".join(METHODS)
    detail = (
        f"DIDs of the method {name!r} can't be resolved here; known are {known}. A package adds a method under the "
        "entry point liangzheng.did_methods, did.Resolver(methods=...) takes one, and a document at hand is given as a "
        "file (verify --did-document FILE)"
    )
    raise MethodNotSupported(detail, f"did:{name}:")
