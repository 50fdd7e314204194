"""What the selective disclosure suites share: JSON pointers, the statements they select, and their labels and hashes
(vc-di-ecdsa 3.4, vc-di-bbs 3.2)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..hashes import hash_named
from ..linked_data import Canonical, Dataset, LinkedDataError, Relabelled, proof_configuration_bytes, to_dataset
from ..problems import Problem, ProblemError
from .suite import Environment, SelectiveDisclosureSuite, Trace, proof_problem

__all__ = [
    "MAX_POINTERS",
    "Groups",
    "check_pointers",
    "check_revealed",
    "combine_pointers",
    "disclosed",
    "grouped",
    "hmac_digests",
    "proof_hash",
    "refuse_base_proof",
    "split",
]

MAX_POINTERS = 4096
"""How many pointers one call takes."""

_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*", re.DOTALL)


def refuse_base_proof(suite: SelectiveDisclosureSuite, proof: Mapping[str, Any]) -> None:
    """Refuse a base proof, as verifiers do. Raises ProblemError (``proof.base``)."""
    if suite.is_base_proof(proof):
        detail = "this is a base proof, made for the holder; a verifier gets a proof derived from it"
        raise proof_problem("proof.base", detail, "/proofValue")


def proof_hash(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    env: Environment,
    trace: Trace | None,
    hash_name: str = "sha256",
) -> bytes:
    """The hash of the canonical proof configuration (vc-di-ecdsa 3.6.4, vc-di-bbs 3.4.4)."""
    context = document.get("@context")
    canonical = proof_configuration_bytes(context, proof, hash_name=hash_name, contexts=env.contexts, one_reading=True)
    digest: bytes = hash_named(hash_name)(canonical).digest()
    if trace is not None:
        trace["addProofConfig"] = {k: v for k, v in proof.items() if k != "proofValue"} | {"@context": context}
        trace["addProofConfigCanon"] = canonical.decode()
        trace["proofHash"] = digest.hex()
    return digest


def hmac_digests(dataset: Dataset, hmac_key: bytes, trace: Trace | None, hash_name: str = "sha256") -> dict[str, bytes]:
    """Blank node -> HMAC of its canonical label (vc-di-ecdsa 3.4.4). Keyed by a secret: kept nowhere."""
    canonical = dataset.canonicalize(hash_name)
    if trace is not None:
        trace["addBaseDocCanon"] = canonical.lines
    return {node: hmac.digest(hmac_key, label.encode(), hash_name) for node, label in canonical.labels.items()}


def split(lines: Sequence[bytes], mandatory: Sequence[int], hash_name: str = "sha256") -> tuple[bytes, list[bytes]]:
    """The hash of the lines with the mandatory indexes, which are sorted, and the other lines in order."""
    shown = set(mandatory)
    digest: bytes = hash_named(hash_name)(b"".join([lines[index] for index in mandatory])).digest()
    return digest, [line for index, line in enumerate(lines) if index not in shown]


def disclosed(
    document: Mapping[str, Any], labels: Mapping[str, str], env: Environment, hash_name: str = "sha256"
) -> Relabelled:
    """The N-Quads of a derived document under the labels of its proof: canonical label -> label (vc-di-ecdsa 3.5.9
    steps 3 to 6, vc-di-bbs 3.3.8 steps 3 and 4). Raises ProblemError for labels that are not those of the document.
    """
    kind = ("disclosed", hash_name)
    dataset, canonical = env.once(document, kind, lambda: _canonical(document, env, hash_name))
    if labels.keys() != set(canonical.labels.values()):
        detail = f"labelMap names {len(labels)} blank nodes, not those of the document ({len(canonical.labels)})"
        raise proof_problem("proof.value", detail, "/proofValue")
    return dataset.relabel({node: labels[label] for node, label in canonical.labels.items()})


def _canonical(document: Mapping[str, Any], env: Environment, hash_name: str) -> tuple[Dataset, Canonical]:
    dataset = to_dataset(document, contexts=env.contexts, one_reading=True)
    return dataset, dataset.canonicalize(hash_name)


def check_revealed(
    document: Mapping[str, Any],
    labels: Mapping[str, str],
    expected: Sequence[bytes],
    env: Environment,
    hash_name: str = "sha256",
) -> None:
    """Make sure that a derived document states the chosen statements, under the labels of its proof, and no others.

    Otherwise its proof would verify nowhere. Raises ProblemError (``proof.generation``), or LinkedDataError.
    """
    try:
        found = disclosed(document, labels, env, hash_name).encoded
    except LinkedDataError:
        raise
    except ProblemError:  # It has other blank nodes than the labels.
        found = []
    if found != list(expected):
        detail = "what was chosen does not stand by itself: an object that is shown has parts elsewhere"
        raise proof_problem("proof.generation", detail)


def check_pointers(pointers: Any) -> list[str]:
    """The pointers as a list. Raises ProblemError (``pointer.form``) with every one that is no RFC 6901 pointer."""
    if isinstance(pointers, str | bytes) or not isinstance(pointers, Sequence):
        raise ProblemError(Problem("pointer.form", "pointers are given as a list of strings"))
    if len(pointers) > MAX_POINTERS:
        raise ProblemError(Problem("pointer.form", f"{len(pointers)} pointers; at most {MAX_POINTERS} are taken"))
    problems = [
        Problem("pointer.form", f"{pointer!r:.200} is not a JSON pointer (RFC 6901): it starts with '/'")
        for pointer in pointers
        if not isinstance(pointer, str) or (pointer and not _is_pointer(pointer))
    ]
    if problems:
        raise ProblemError(*problems)
    return list(pointers)


def _is_pointer(text: str) -> bool:
    return text[0] == "/" and ("~" not in text or _POINTER.fullmatch(text) is not None)


def combine_pointers(mandatory: Sequence[str], selective: Sequence[str]) -> list[str]:
    """Mandatory and selective pointers, each once. Raises ProblemError when there are none: nothing is disclosed."""
    combined = list(dict.fromkeys([*mandatory, *selective]))
    if not combined:
        detail = "nothing is disclosed: the credential has no mandatory pointers, so give selective pointers"
        raise ProblemError(Problem("pointer.no_match", detail))
    return combined


class Groups(NamedTuple):
    """Indexes into the relabelled lines, sorted (canonicalizeAndGroup, vc-di-ecdsa 3.4.16)."""

    mandatory: list[int]
    selective: list[int]
    combined: list[int]

    def mandatory_among_combined(self) -> list[int]:
        """The mandatory lines as indexes into the disclosed lines."""
        mandatory = set(self.mandatory)
        return [position for position, index in enumerate(self.combined) if index in mandatory]

    def positions_among_non_mandatory(self) -> list[int]:
        """The disclosed lines that are not mandatory, as indexes into all lines that are not mandatory."""
        mandatory = self.mandatory
        positions: list[int] = []
        before = 0  # mandatory lines ahead of the line at hand
        for index in self.combined:
            if before < len(mandatory) and mandatory[before] == index:
                before += 1
            else:
                positions.append(index - before)
        return positions

    def to_dict(self, count: int) -> dict[str, list[int]]:
        """The groups as in the specifications' test vectors; ``count`` is how many lines there are."""
        mandatory = set(self.mandatory)
        return {
            "combinedIndexes": self.combined,
            "mandatoryIndexes": self.mandatory,
            "nonMandatoryIndexes": [index for index in range(count) if index not in mandatory],
            "selectiveIndexes": self.selective,
        }


def grouped(relabelled: Relabelled, mandatory: Sequence[str], selective: Sequence[str]) -> Groups:
    """The groups that the pointers select. Raises LinkedDataError naming every pointer that matches nothing."""
    problems: list[Problem] = []
    selected: list[list[int]] = []
    for pointers in (mandatory, selective):
        try:
            selected.append(relabelled.select(pointers))
        except LinkedDataError as error:
            problems.extend(error.problems)
    if problems:
        raise LinkedDataError(*problems)
    first, second = selected
    return Groups(first, second, sorted({*first, *second}))
