"""PyLD: JSON-LD to canonical N-Quads, contexts preloaded. Run in the peers' environment, from the repository's root."""

from __future__ import annotations

from typing import Any

from pyld import jsonld

from benchmarks import documents
from benchmarks.timing import bench
from contexts import CONTEXTS

KNOWN = documents.contexts() | {documents.V2: CONTEXTS.get(documents.V2)}


def load(url: str, options: Any = None) -> dict[str, Any]:
    return {"contextUrl": None, "documentUrl": url, "document": KNOWN[url], "contentType": "application/ld+json"}


if __name__ == "__main__":
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    for name in documents.NAMES:
        items = documents.variants(name, "did:example:issuer", 8)
        bench("PyLD", "canonicalize", "canonicalize", name, items, lambda d: jsonld.normalize(d, options))
