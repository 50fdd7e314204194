"""Status lists, as credentials and as tokens: a revoked card must never come out good."""

from __future__ import annotations

from datetime import timedelta

import vc
from vc.envelope import EnvelopeProfile
from vc.problems import ProblemError
from vc.status import StatusChecker, StatusList, TokenStatusChecker, read_status_list_token

from .. import mutators, world
from ..target import CORPUS, Target, Violation, refused


def _list(data: bytes) -> None:
    """A verifier is given a changed list, or an old one: the revoked credential must not verify."""
    checker = StatusChecker(world.Lists({world.LIST_URL: data}))
    revoked = (CORPUS / "verify-ecdsa-sd-2023" / "refused-revoked.json").read_bytes()
    verdict = vc.verify(revoked, now=world.NOW, status=checker)
    if verdict.verified:
        raise Violation("a revoked credential verifies")
    if any(problem.code == "verification.internal" for problem in verdict.problems):
        raise Violation("the verification broke off")


def _token(data: bytes) -> None:
    profile = EnvelopeProfile(token_status=TokenStatusChecker(world.Lists({world.TOKEN_URL: data})))
    revoked = (CORPUS / "envelope-sd-jwt" / "refused-revoked.txt").read_text()
    verdict = vc.verify(revoked, now=world.NOW, envelopes=profile)
    if verdict.verified:
        raise Violation("a revoked SD-JWT verifies")
    if any(problem.code == "verification.internal" for problem in verdict.problems):
        raise Violation("the verification broke off")


@refused(ProblemError)
def _read_token(data: bytes) -> None:
    token = read_status_list_token(data)
    sum(1 for _ in zip(token.status_list().items(), range(100), strict=False))


@refused(ProblemError)
def _encoded(data: bytes) -> None:
    found = StatusList.decode(data.decode("utf-8", "replace"))
    if StatusList.decode(found.encode()).encode() != found.encode():
        raise Violation("a list that is encoded again is another list")


TARGETS = (
    Target("status-list", mutators.json_document, _list),
    Target("status-token", mutators.compact, _token),
    Target("status-token-cwt", mutators.cbor, _read_token),
    Target("status-bits", mutators.packed_text, _encoded),
)


def seeds() -> dict[str, dict[str, bytes]]:
    """Lists of the right issuer, of a stranger, and old ones from before the revocation."""
    from vc.status import TokenStatusList
    from vc.status.status_list_token import issue_status_list_cwt

    before = world.NOW - timedelta(days=30)
    bits = StatusList()
    bits[world.REVOKED] = 1
    token = issue_status_list_cwt(TokenStatusList(1000), world.LICENSOR, uri=world.TOKEN_URL, issued_at=world.NOW)
    return {
        "status-list": {
            "refused-now.json": mutators.dumps(world.status_credential()),
            "refused-stale.json": mutators.dumps(world.status_credential(revoked=False, day=before)),
            "refused-stranger.json": mutators.dumps(world.status_credential(revoked=False, signer=world.THIEF)),
        },
        "status-token": {
            "refused-now.jwt": world.status_token().encode(),
            "refused-stale.jwt": world.status_token(revoked=False, day=before).encode(),
            "refused-stranger.jwt": world.status_token(revoked=False, signer=world.THIEF).encode(),
        },
        "status-token-cwt": {"valid-token.cbor": token},
        "status-bits": {"valid-bits.txt": bits.encode().encode()},
    }
