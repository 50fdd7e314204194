"""``liangzheng did create | update | rotate | witness | deactivate | resolve | dereference | bundle``."""

from __future__ import annotations

import click

from .did_reading import bundle, dereference, resolve
from .did_writing import create, deactivate, rotate, update, witness

__all__ = ["did"]


@click.group()
def did() -> None:
    """Create and resolve decentralized identifiers: did:key, did:jwk, did:web, did:webvh, did:peer."""


for _command in (create, update, rotate, witness, deactivate, resolve, dereference, bundle):
    did.add_command(_command)
