"""JSON-LD to canonical N-Quads (JSON-LD 1.1 API section 8, RDF Dataset Canonicalization 1.0), compiled and bounded.

A whole document in one step::

    text = canonicalize(document)                              # canonical N-Quads, SHA-256
    text = canonicalize(document, hash_name="sha384")          # as P-384 suites need it

Selective disclosure needs the steps, and where each quad came from. Nothing is skolemised or framed::

    dataset = to_dataset(document, provenance=True)
    canonical = dataset.canonicalize()                         # .lines, .labels: {"b0": "c14n0", ...}
    relabelled = dataset.relabel({b: hmac_label(c) for b, c in canonical.labels.items()})
    mandatory = relabelled.select(["/issuer"])                 # indexes into relabelled.lines (.encoded: UTF-8), sorted
    combined = relabelled.select(["/issuer", "/credentialSubject/name"])
    revealed = relabelled.canonicalize(combined)               # canonical form of these lines alone; .labels as above
    reveal_document = select_json_ld(document, ["/issuer", "/credentialSubject/name"])

The engine covers JSON-LD 1.1 to RDF in full (docs/conformance-jsonld.md); no other processor is asked when it runs. A
context list is compiled when it is first met; after that a document costs one walk, or less: one that is an instance of
a template that was met before only gives its values to it (``templates``). What a
document may cost at most is in ``limits.py``, in units that do not depend on the machine.

Blank node names in label maps are without "_:". Lines may hold any character but the line feed: never cut a text with
``splitlines``, use ``lines``. Errors are ``LinkedDataError`` (a ``ProblemError``), with every problem
found, each with a code and a JSON pointer: an undefined term, a relative IRI, a dropped value, a redefined protected
term, an unknown context, a limit. Nothing is lost silently and nothing is fetched.

Statements have many spellings. What is signed, verified or derived from has to have the one that compaction gives
(``one_reading``; ``compaction``, docs/reading.md), so that software that reads names finds all that is stated.
"""

from __future__ import annotations

from .engine import canonical_bytes, canonicalize, canonicalize_nquads, check_terms, to_dataset
from .errors import LinkedDataError
from .rdf.dataset import Canonical, Dataset, Relabelled
from .rdf.selection import select_json_ld
from .templates.proof_options import check_json, contexts_known, proof_configuration_bytes

__all__ = [
    "Canonical",
    "Dataset",
    "LinkedDataError",
    "Relabelled",
    "canonical_bytes",
    "canonicalize",
    "canonicalize_nquads",
    "check_json",
    "check_terms",
    "contexts_known",
    "proof_configuration_bytes",
    "select_json_ld",
    "to_dataset",
]
