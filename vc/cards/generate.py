"""Write what follows from the card definitions: contexts, JSON Schemas, typed models, the vocabulary page.

    python -m vc.cards.generate            write the files that are stale
    python -m vc.cards.generate --check    write nothing; exit 1 when a file is stale or a frozen context would change

A context is frozen by the digest in contexts/cards/manifest.json: credentials that were signed with it must always mean
the same. To change a card, copy its file, change the copy and give it the next version of the context URL
(``.../v2``); the old file stays, so that credentials issued by it stay readable. A new card begins in a new version.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .context_document import context_bytes, context_urls
from .definition import CARDS, CardSet
from .json_schema import schema_bytes
from .typed_models import models_source
from .vocabulary import vocabulary_page

__all__ = ["FrozenContextError", "check", "generated", "main", "write"]

_ROOT = Path(__file__).parents[2]
_MANIFEST = "contexts/cards/manifest.json"
_SCHEMAS = "vc/cards/schemas/"


class FrozenContextError(ValueError):
    """The definitions would change a context whose digest is frozen."""


def generated(cards: CardSet, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Every generated file: path below the project's root -> content. ``manifest`` is the present contexts' manifest.

    Raises FrozenContextError when a context in the manifest would get other bytes.
    """
    files: dict[str, bytes] = {}
    pinned = {entry["url"]: entry for entry in manifest["contexts"]}
    for url in context_urls(cards):
        content = context_bytes(cards, url)
        version = url.rsplit("/", 1)[1]
        entry = _entry(url, f"{version}.jsonld", content)
        frozen = pinned.setdefault(url, entry)
        if frozen["sha256"] != entry["sha256"]:
            raise FrozenContextError(
                f"the definitions change the context {url}, which is frozen (SHA-256 {frozen['sha256']}, now "
                f"{entry['sha256']}): leave its cards as they were, and put changed or new ones into files of "
                f"their own with the next version, such as {url.rsplit('/', 1)[0]}/{_next(version)}"
            )
        files[f"contexts/cards/{version}.jsonld"] = content
    files[_MANIFEST] = _json({**manifest, "contexts": [pinned[url] for url in sorted(pinned)]})
    schemas = []
    for card in cards.every():
        file = f"{card.context.rsplit('/', 1)[1]}/{card.type}.json"
        content = files[_SCHEMAS + file] = schema_bytes(card)
        schemas.append({"url": card.schema_url, "file": file, "sha256": hashlib.sha256(content).hexdigest()})
    files[_SCHEMAS + "manifest.json"] = _json({"schemas": schemas})
    files["vc/cards/models.py"] = models_source(cards).encode()
    files["docs/vocabulary.md"] = vocabulary_page(cards).encode()
    return files


def write(root: Path = _ROOT, cards: CardSet = CARDS) -> list[str]:
    """Write the stale files and return their paths. Raises FrozenContextError before anything is written."""
    stale = check(root, cards)
    files = generated(cards, _manifest(root))
    for name in stale:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    return stale


def check(root: Path = _ROOT, cards: CardSet = CARDS) -> list[str]:
    """The paths of generated files that differ from what the definitions say. Raises FrozenContextError."""
    files = generated(cards, _manifest(root))
    return [name for name, content in files.items() if not _same(root / name, content)]


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m vc.cards.generate", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say what is stale; exit 1 when something is")
    options = parser.parse_args(arguments)
    try:
        names = check() if options.check else write()
    except FrozenContextError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name in names:
        sys.stdout.write(f"{'stale' if options.check else 'written'}: {name}\n")
    return 1 if options.check and names else 0


def _manifest(root: Path) -> dict[str, Any]:
    path = root / _MANIFEST
    if not path.is_file():
        return {"note": "Contexts of the cards, frozen: the bytes under a URL never change.", "contexts": []}
    manifest: dict[str, Any] = json.loads(path.read_bytes())
    return manifest


def _entry(url: str, file: str, content: bytes) -> dict[str, Any]:
    return {
        "url": url,
        "file": file,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "source": "vc/cards/definitions of this project, by python -m vc.cards.generate",
        "licence": "Apache-2.0",
    }


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _next(version: str) -> str:
    return f"v{int(version[1:]) + 1}" if version[1:].isdigit() else version + "-2"


if __name__ == "__main__":
    sys.exit(main())
