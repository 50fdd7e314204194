"""Which tests hold which files: the rooms where security is decided."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

__all__ = ["ROOMS", "ROOT", "Room"]

ROOT = Path(__file__).parents[2]


class Room(NamedTuple):
    """Files that are changed, and the tests (files or folders) of which one has to fail then."""

    files: tuple[str, ...]
    tests: tuple[str, ...]

    def paths(self) -> list[Path]:
        """The files, with patterns filled in."""
        return [path for pattern in self.files for path in sorted(ROOT.glob(pattern))]


_VERIFYING = (
    "tests/vc/verification",
    "tests/vc/test_face.py",
    "tests/vc/test_hostile_input.py",
    "tests/vc/test_hiding.py",
    "tests/vc/test_holder_binding.py",
    "tests/vc/test_checkers.py",
    "tests/vc/test_explanation.py",
    "tests/vc/test_parsing.py",
)

ROOMS: dict[str, Room] = {
    "status": Room(("vc/status/*.py",), ("tests/vc/status",)),
    "integrity": Room(
        ("vc/integrity/*.py",),
        (
            "tests/vc/verification/test_every_line.py",
            "tests/vc/verification/test_pipeline.py",
            "tests/price/test_work.py",
            "tests/vc/integrity",
            "tests/vc/one_reading",
            "tests/vc/test_face.py",
            "tests/vc/test_hostile_input.py",
            "tests/vc/test_preparing.py",
        ),
    ),
    "verification": Room(
        ("vc/verification/*.py", "vc/checks/*.py"),
        (
            *_VERIFYING,
            "tests/vc/envelope/test_every_line.py",
            "tests/vc/status/test_status_list_token.py",
            "tests/price/test_work.py",
            "tests/vc/envelope/test_signing_key.py",
            "tests/vc/envelope/test_policies.py",
            "tests/vc/envelope/test_forms.py",
        ),
    ),
    "envelope": Room(
        ("vc/envelope/*.py",),
        (
            "tests/vc/verification/test_every_line.py",
            "tests/vc/envelope",
            "tests/vc/status/test_status_list_token.py",
            "tests/vc/cards/test_sd_jwt_vc.py",
        ),
    ),
    "mdoc": Room(("vc/mdoc/*.py",), ("tests/vc/mdoc",)),
    "did": Room(
        (
            "did/dereferencing.py",
            "did/documents.py",
            "did/resolver.py",
            "did/resolution.py",
            "did/verification_methods.py",
        ),
        (
            "tests/did/test_every_line.py",
            "tests/did/test_dereferencing.py",
            "tests/did/test_documents.py",
            "tests/did/test_resolver.py",
            "tests/did/test_methods_offline.py",
        ),
    ),
    "methods": Room(
        ("did/methods/*.py", "did/methods/webvh/*.py"),
        (
            "tests/did/test_methods_offline.py",
            "tests/did/test_peer.py",
            "tests/did/test_web.py",
            "tests/did/test_webvh.py",
        ),
    ),
    "verifier": Room(
        (
            "verifier/judging.py",
            "verifier/trust.py",
            "verifier/trust_document.py",
            "verifier/trust_entries.py",
            "verifier/replay.py",
            "verifier/answers.py",
            "verifier/ledger/protocol.py",
            "verifier/ledger/sqlite.py",
        ),
        (
            "tests/verifier/test_every_line.py",
            "tests/verifier/test_replay.py",
            "tests/verifier/test_trust.py",
            "tests/verifier/test_ledger.py",
            "tests/verifier/test_verifying.py",
            "tests/verifier/test_sd_jwt_answers.py",
            "tests/verifier/test_members.py",
            "tests/verifier/test_damaged_files.py",
            "tests/verifier/test_offline.py",
        ),
    ),
    "holder": Room(
        ("holder/pin.py", "holder/lock.py", "holder/keystore.py", "holder/vault.py", "holder/sealing.py"),
        (
            "tests/holder/test_every_line.py",
            "tests/holder/test_pin.py",
            "tests/holder/test_lock.py",
            "tests/holder/test_wallet_file.py",
            "tests/holder/test_damaged_wallet.py",
            "tests/holder/test_presenting.py",
            "tests/holder/test_cards.py",
        ),
    ),
    "issuer": Room(
        (
            "issuer/issuance.py",
            "issuer/holds.py",
            "issuer/hold_rules.py",
            "issuer/offers.py",
            "issuer/lifecycle.py",
            "issuer/collecting.py",
            "issuer/possession.py",
        ),
        (
            "tests/issuer/test_every_line.py",
            "tests/issuer/test_holds.py",
            "tests/issuer/test_offers.py",
            "tests/issuer/test_states.py",
            "tests/issuer/test_sd_jwt_cards.py",
            "tests/issuer/test_status_lists.py",
            "tests/issuer/test_authority.py",
            "tests/issuer/test_vc_api.py",
        ),
    ),
}
"""By the name that ``make mutants ROOM=...`` takes."""
