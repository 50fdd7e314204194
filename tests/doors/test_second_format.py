"""A card format comes in from outside by one file and one line: issued, held, shown and verified, and no file of ours
changed."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import PRODUCT, Run

pytestmark = pytest.mark.long

NAME = "w3c-sd-jwt-test"
ENTRIES = {"liangzheng.card_formats": {NAME: "second_format.w3c_sd_jwt:FORMAT"}}


def test_no_file_of_ours_knows_of_it() -> None:
    folders = ("contexts", "did", "vc", "webshell", "issuer", "holder", "verifier", "liangzheng")
    files = [path for folder in folders for path in (PRODUCT / folder).rglob("*") if path.suffix in SUFFIXES]
    assert len(files) > 300
    named = [path for path in files if {"w3c-sd-jwt", "w3csdjwt"} & _words(path.read_text(encoding="utf-8").lower())]
    assert named == []


SUFFIXES = {".py", ".html", ".js", ".json", ".css"}


def _words(text: str) -> set[str]:
    return {name for name in ("w3c-sd-jwt", "w3csdjwt") if name in text}


@pytest.mark.parametrize("role", ["issuer", "holder", "verifier", "webshell"])
def test_no_role_knows_a_format_by_its_name(role: str) -> None:
    """What is old may be named where databases from before are brought up to date."""
    migrations = ("form_migration.py", "database.py")
    files = [path for path in (PRODUCT / role).rglob("*.py") if path.name not in migrations]
    assert [path for path in files if "dc+sd-jwt" in path.read_text(encoding="utf-8")] == []


def test_a_card_is_issued_held_shown_and_verified_in_it(outside: Run) -> None:
    said: dict[str, Any] = outside(
        ENTRIES,
        f"""
from pathlib import Path
from second_format.journey import travel
answer(travel({NAME!r}, Path("world")))
""",
    )
    assert said["issued"] == said["held"] == ["dc+sd-jwt", NAME]
    assert said["asked"] is True
    assert said["carried"] == ["w3cSdJwts", "attachments"]
    assert said["shown"] == ["ageOver18", "id", "issuingProvince", "name", "portrait", "type"]
    assert said["verified"] == [True, []]
    assert said["several"] == [True, 3]
    assert said["again"] == ["replay.used"]
    assert "request.expired" not in said["elsewhere"] and "proof.challenge" in said["elsewhere"]
    assert said["unbound"] is False
    assert said["stolen"] == "proof.signature"
    assert said["other format"] == ["message.form"]
    assert said["revoked"] == ["status.revoked"]


def test_every_place_that_names_formats_has_it(outside: Run) -> None:
    offered, pages, request, refused, message = outside(
        ENTRIES,
        f"""
from issuer.forms import offered
from verifier.web.wording import envelopes
from vc.cards import message
from vc.scenarios import SCENARIOS, PresentationRequest
from datetime import datetime, timezone
from click.testing import CliRunner
asked = SCENARIOS["hotel-check-in"].request(
    "did:example:hotel", "hotel", "c" * 24, "h.example", datetime(2026, 3, 1, tzinfo=timezone.utc), envelope={NAME!r})
def refusal(document):
    try:
        message.read(document)
    except vc.ProblemError as error:
        return [[p.code, p.pointer] for p in error.problems]
answer([
    [list(offered(did.generate(kind))) for kind in ("P-256", "BLS12-381-G2")],
    {{name: title.zh for name, title in envelopes().items()}},
    PresentationRequest.from_dict(asked.to_dict()).envelope,
    refusal({{"w3cSdJwts": ["a.b.c~"]}}),
    refusal({{"w3cSdJwts": [], "sdJwts": []}}),
])
""",
    )
    assert offered == [["dc+sd-jwt", NAME], []]
    assert pages == {"json-ld": "JSON-LD", "dc+sd-jwt": "SD-JWT VC", NAME: "W3C 数据模型的 SD-JWT"}
    assert request == NAME
    assert refused[0][1].startswith("/w3cSdJwts")
    assert message[0][0] == "message.form"


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("dc+sd-jwt", "", "nothing replaces"),
        (NAME, "name = 'other'", "its own name is 'other'"),
        (NAME, "member = 'sdJwts'", "is taken"),
        (NAME, "member = 'attachments'", "is taken"),
        (NAME, "member = 'verifiablePresentation'", "is taken"),
        (NAME, "read = None", "doesn't state or do read"),
        (NAME, "device_signs = (b'liangzheng wallet',)", "no other purpose's"),
        (NAME, "device_signs = (b'lia',)", "no other purpose's"),
    ],
)
def test_one_that_cannot_be_used_is_absent_and_named(outside: Run, name: str, change: str, reason: str) -> None:
    known, said, good = outside(
        {"liangzheng.card_formats": {name: "second_format.broken:FORMAT"}},
        f"""
import sys, types
from second_format.w3c_sd_jwt import W3cSdJwt
module = types.ModuleType("second_format.broken")
module.FORMAT = type("Broken", (W3cSdJwt,), dict({change}))()
sys.modules["second_format.broken"] = module
from vc.cards.formats import FORMATS
answer([[made.name for made in FORMATS.usable()], FORMATS.failures(), type(FORMATS["dc+sd-jwt"]).__name__])
""",
    )
    assert known == ["ldp_vc", "dc+sd-jwt"]
    assert reason in said and "liangzheng-outside 1.0" in said
    assert good == "_SdJwtVc"


def test_one_that_needs_certificates_is_offered_by_who_has_some(outside: Run) -> None:
    assert outside(
        {},
        """
from issuer.forms import offered
from second_format.w3c_sd_jwt import W3cSdJwt
from vc.cards.formats import register
register(type("Certified", (W3cSdJwt,), {"needs_certificates": True})())
key = did.generate("P-256")
answer([list(offered(key)), list(offered(key, [b"a certificate"]))])
""",
    ) == [["dc+sd-jwt"], ["dc+sd-jwt", NAME]]


def test_a_program_registers_one_and_nothing_replaces_it(outside: Run) -> None:
    assert outside(
        {},
        """
from second_format.w3c_sd_jwt import W3cSdJwt
from vc.cards.formats import FORMATS, register
register(W3cSdJwt())
try:
    register(W3cSdJwt())
except ValueError as error:
    answer([list(FORMATS), str(error)])
""",
    ) == [["ldp_vc", "dc+sd-jwt", NAME], f"the card format '{NAME}' can't be registered: the name is taken"]
