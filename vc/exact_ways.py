"""Every quick way (``vc.quick_ways``) beside its exact way, in one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from .quick_ways import said

__all__ = ["WAYS", "Way"]

_NEVER: Final = object()


class Way(NamedTuple):
    """A quick way. ``where`` is the marked function, ``exact`` takes its arguments and gives what ``seen`` sees of its
    answer, ``leaves`` is the answer that leaves the input to the exact way."""

    where: str
    exact: Callable[..., Any]
    seen: Callable[..., Any] = lambda answer, *_, **__: answer
    leaves: object = _NEVER
    refusals: bool = True
    """Whether both refuse the same; else only answers are compared."""


# What they need is imported when they go: the quick ways' own modules import this one.


def _walk(document: Any, contexts: Any, one_reading: bool, provenance: bool = False) -> Any:
    """A document walked with each literal quoted exactly. Raises LinkedDataError."""
    from .linked_data import LinkedDataError
    from .linked_data.compaction.reading import differences
    from .linked_data.engine import read
    from .problems import Problem

    walk = read(document, contexts, provenance, exact=True)
    problems = list(walk.problems)
    if not problems and one_reading:
        problems = differences(document, contexts)
        problems = problems or [Problem("reading.dropped", "no statement", pointer) for pointer in walk.unsigned]
    if problems:
        raise LinkedDataError(*problems)
    return walk


def _canonical_bytes(
    document: Any, *, hash_name: str = "sha256", contexts: Any = None, one_reading: bool = False
) -> bytes:
    from contexts import CONTEXTS

    from .linked_data.engine import _canonical_text

    walk = _walk(document, contexts or CONTEXTS, one_reading)
    return _canonical_text(walk.quads, hash_name).encode()


def _dataset(document: Any, *, contexts: Any = None, provenance: bool = False, one_reading: bool = False) -> Any:
    from contexts import CONTEXTS

    from .linked_data import Dataset
    from .linked_data.rdf.selection import Provenance

    walk = _walk(document, contexts or CONTEXTS, one_reading, provenance)
    kept = Provenance(document, frozenset(walk.atoms)) if provenance else None
    return _outline(Dataset(walk.quads, kept, tuple(walk.unsigned)), document, provenance=provenance)


def _outline(dataset: Any, document: Any, *, provenance: bool = False, **_: Any) -> Any:
    """What can be asked of a dataset: canonical form, lines under other labels, what each member selects."""
    from .problems import ProblemError

    try:
        canonical = dataset.canonicalize("sha256")
        # What blank nodes are called inside is each dataset's own affair; canonical labels are not.
        relabelled = dataset.relabel({node: f"n{label}" for node, label in canonical.labels.items()})
        lines = list(relabelled.lines)
    except ProblemError as error:
        return said(error)
    chosen: list[object] = []
    for member in document if provenance else ():
        pointer = "/" + str(member).replace("~", "~0").replace("/", "~1")
        try:
            chosen.append([lines[index] for index in relabelled.select([pointer])])
        except ProblemError as error:
            chosen.append(said(error))
    return canonical.text, lines, chosen


def _terms(document: Any, *, contexts: Any = None, one_reading: bool = False) -> None:
    from contexts import CONTEXTS

    _walk(document, contexts or CONTEXTS, one_reading)


def _configuration_bytes(
    context: Any, proof: Any, *, hash_name: str = "sha256", contexts: Any = None, one_reading: bool = False
) -> bytes:
    from contexts import CONTEXTS

    from .linked_data.compaction.reading import differences
    from .linked_data.templates.proof_options import _configuration
    from .problems import ProblemError

    configuration = _configuration(context, proof)
    text = _canonical_bytes(configuration, hash_name=hash_name, contexts=contexts)
    problems = differences(configuration, contexts or CONTEXTS) if one_reading else ()
    if problems:
        raise ProblemError(*problems)
    return text


def _json(document: Any, proof: Any, *, contexts: Any = None) -> None:
    from contexts import CONTEXTS

    from .linked_data.compaction.reading import differences
    from .linked_data.templates.proof_options import _configuration
    from .problems import ProblemError

    _walk(document, contexts or CONTEXTS, True)
    problems = differences(_configuration(document.get("@context"), proof), contexts or CONTEXTS)
    if problems:
        raise ProblemError(*problems)


def _usual(document: Any) -> bool:
    from contexts import CONTEXTS

    from .model.findings import Findings
    from .model.related_resources import registered
    from .model.validation import Checks, by_the_rules

    return by_the_rules(document, Checks(Findings(), registered(CONTEXTS), {})) == []


def _parsed(data: Any, **_: Any) -> Any:
    import json

    from .parsing import _integer, _members

    text = data if isinstance(data, str) else bytes(data).decode()
    return repr(json.loads(text, object_pairs_hook=_members, parse_int=_integer))


def _jcs(value: Any) -> bytes:
    import rfc8785

    from .problems import Problem, ProblemError

    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, TypeError, ValueError, RecursionError, AttributeError):
        raise ProblemError(Problem("proof.transformation", "not in JCS")) from None


def _disclosures(content: bytes, texts: Any) -> Any:
    from .envelope.disclosures import parse, reveal
    from .envelope.jws import read_json

    payload = read_json(content, "the payload")
    found = parse(list(texts))
    revealed = reveal(payload, found)
    places = sorted(map(repr, revealed.places))
    return payload, found, revealed.claims, revealed.undisclosed, places


def _of_top_level(found: Any, *_: Any) -> Any:
    disclosures = found.disclosures()
    revealed = found.revealed(disclosures)
    places = sorted(map(repr, revealed.places))
    return found.payload, disclosures, revealed.claims, revealed.undisclosed, places


def _shown(sd_jwt: Any, pointers: Any) -> str:
    from .envelope.sd_jwt import disclose

    return disclose(sd_jwt, pointers).compact()


def _addressed(terms: Any, expected: Any) -> bool:
    from .checks.record import Record
    from .checks.terms import check_challenge, check_domain

    record = Record()
    check_challenge(record, expected, terms, "")
    check_domain(record, expected, terms, "")
    return not record.problems and not record.warnings


WAYS: Final[Mapping[str, Way]] = {
    "canonical form by templates": Way("vc.linked_data.engine:canonical_bytes", _canonical_bytes),
    "dataset by templates": Way("vc.linked_data.engine:to_dataset", _dataset, _outline),
    "terms by templates": Way("vc.linked_data.engine:check_terms", _terms),
    "proof configuration by templates": Way(
        "vc.linked_data.templates.proof_options:proof_configuration_bytes", _configuration_bytes
    ),
    "JSON by templates": Way("vc.linked_data.templates.proof_options:check_json", _json),
    "usual credential": Way("vc.model.quick_credential:is_usual", _usual, leaves=False),
    "JSON text": Way("vc.parsing:loads_with_text", _parsed, lambda answer, *_, **__: repr(answer[0]), refusals=False),
    "canonical JSON": Way("vc.integrity.jcs:jcs", _jcs),
    "disclosures at the top": Way("vc.envelope.quick_disclosures:read", _disclosures, _of_top_level, leaves=None),
    "shown disclosures": Way("vc.envelope.sd_jwt:show", _shown, lambda shown, *_: shown.text),
    "challenge and domain": Way("vc.envelope.terms:answers", _addressed, leaves=False),
}
"""Name -> the quick way and its exact way."""
