"""``liangzheng kit make | show``: signed offline kits for ``verify --kit``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from .. import terminal
from ..terminal import t
from .credentials import signer_of, signer_options
from .shared import clear_errors
from .verification_material import kit_options

if TYPE_CHECKING:
    from vc.material import VerificationMaterial

__all__ = ["kit"]


@click.group()
def kit() -> None:
    """Signed offline kits: contexts, DID documents, status lists, trust anchors, type metadata, schemas."""


@kit.command()
@click.argument("file")
@signer_options
@click.option("--days", type=click.IntRange(1, 31), default=7, show_default=True, help="How long the kit is good.")
@click.option("--status-list", multiple=True, metavar="FILE", help="A status list credential or token.")
@kit_options
@click.option("--json", "as_json", is_flag=True, help="Machine output: one line of JSON.")
def make(
    *,
    file: str,
    key_file: str,
    password_file: str | None,
    controller: str | None,
    verification_method: str | None,
    days: int,
    status_list: tuple[str, ...],
    material: Callable[[], VerificationMaterial],
    as_json: bool,
) -> None:
    """Write a signed kit of all that is named to FILE. Print its digest, and the DID that verifiers have to trust."""
    import hashlib
    from pathlib import Path

    from vc.kit import make_kit

    with clear_errors():
        contents = replace(material(), status_lists=tuple(terminal.read_input(path) for path in status_list))
        signer = signer_of(key_file, password_file, controller, verification_method)
        data = make_kit(contents, signer, valid_for=timedelta(days=days))
        with Path(file).open("xb") as output:
            output.write(data)
        result = {"digest": hashlib.sha256(data).hexdigest(), "signer": signer.did}
    human = t(
        f"sha256 {result['digest']}\n签名者 {result['signer']}", f"sha256 {result['digest']}\nsigner {result['signer']}"
    )
    terminal.emit(result, as_json=as_json, human=human)


@kit.command()
@click.argument("file")
@click.option("--kit-signer", required=True, metavar="DID", help="Whose kits are trusted (a did:key).")
@click.option("--json", "as_json", is_flag=True, help="Machine output: one line of JSON.")
def show(*, file: str, kit_signer: str, as_json: bool) -> None:
    """Check the kit in FILE and say what is in it. Exit code 2 when it can't be used."""
    from vc.kit import open_kit

    with clear_errors():
        found = open_kit(terminal.read_input(file), [kit_signer])
        material = found.material
        result: dict[str, Any] = {
            "digest": found.digest,
            "signer": found.signer,
            "created": found.created,
            "expires": found.expires,
            "contexts": sorted(material.contexts),
            "dids": sorted(material.dids),
            "statusLists": len(material.status_lists),
            "anchors": len(material.anchors),
            "typeMetadata": sorted(material.type_metadata),
            "schemas": sorted(material.schemas),
        }
        terminal.emit(result, as_json=as_json)
