"""The table of card formats, and what formats have in common. A format from outside: tests/doors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from did import SoftwareKey
from vc.cards import CARDS, CardSet, load, message
from vc.cards.formats import FORMATS, JSON_LD, PendingCards, sd_jwt_vc
from vc.problems import ProblemError

KEY = SoftwareKey.from_seed("P-256", b"a device in the tests of formats")
EXAMPLES = Path(__file__).parents[3] / "examples" / "cards"


@pytest.fixture(scope="module")
def own() -> CardSet:
    """The installed cards and the volunteer's."""
    return load(EXAMPLES, cards=CARDS)


def test_json_ld_is_first_and_has_no_name_in_requests() -> None:
    assert next(iter(FORMATS)) == FORMATS.usable()[0].name == JSON_LD
    assert JSON_LD not in [known.name for known in FORMATS.beside()]
    assert FORMATS.asked_for(None) is FORMATS[JSON_LD]


@pytest.mark.parametrize("name", [JSON_LD, "", "json-ld", "DC+SD-JWT", 7, ["dc+sd-jwt"], {}, True])
def test_nobody_asks_for_what_is_no_format(name: Any) -> None:
    assert FORMATS.asked_for(name) is None


def test_formats_differ_in_name_and_member() -> None:
    made = FORMATS.usable()
    assert len({known.name for known in made}) == len({known.member for known in made}) == len(made) == len(FORMATS)
    assert all(known.label.zh and known.label.en for known in made)


def test_no_format_takes_the_place_of_one_that_is_there() -> None:
    with pytest.raises(ValueError, match="the name is taken"):
        FORMATS.add(FORMATS["dc+sd-jwt"])


@pytest.mark.parametrize(("key_type", "named"), [("P-256", True), ("Ed25519", True), ("BLS12-381-G2", False)])
def test_an_envelope_needs_a_key_that_signs_envelopes(key_type: str, named: bool) -> None:
    assert FORMATS["dc+sd-jwt"].signs_with(key_type) is named
    assert FORMATS[JSON_LD].signs_with(key_type)


@pytest.mark.parametrize("purposes", [(), ("revocation",), ("revocation", "suspension", "message"), ("token",)])
def test_the_forms_of_a_card_have_no_status_entry_in_common_by_chance(purposes: tuple[str, ...]) -> None:
    assert "token" not in FORMATS[JSON_LD].status_purposes(purposes)
    assert list(FORMATS["dc+sd-jwt"].status_purposes(purposes)) == ["token"]


def test_a_card_of_another_folder_is_known_to_whom_it_was_given(own: CardSet) -> None:
    vct = sd_jwt_vc.vct_of(own["VolunteerCardCredential"])
    assert vct == "https://volunteers.example/credentials/v1/VolunteerCardCredential"
    assert sd_jwt_vc.card_of_vct(vct, own) is own["VolunteerCardCredential"]
    assert sd_jwt_vc.card_of_vct(vct) is None
    with pytest.raises(ProblemError) as refused:
        sd_jwt_vc.to_credential({"vct": vct, "iss": "did:example:a"})
    assert refused.value.code == "card.unknown"
    assert sd_jwt_vc.to_credential({"vct": vct, "iss": "did:example:a"}, own)["issuer"] == "did:example:a"
    assert vct in FORMATS["dc+sd-jwt"].published(own["VolunteerCardCredential"])


def test_a_claim_with_a_registered_name_makes_no_sd_jwt_vc_and_no_defect(tmp_path: Path) -> None:
    data = json.loads((EXAMPLES / "volunteer.json").read_bytes())
    label = {"zh": "编号", "en": "Number", "datatype": "string", "source": "jti"}
    data["claims"].append({"term": "jti", "disclosure": "S", "required": False, **label})
    (tmp_path / "volunteer.json").write_text(json.dumps(data), encoding="utf-8")
    cards = load(tmp_path)
    card = cards["VolunteerCardCredential"]
    assert sd_jwt_vc.card_of_vct(sd_jwt_vc.vct_of(card), cards) is None
    with pytest.raises(ProblemError) as refused:
        sd_jwt_vc.to_claims({"type": ["VerifiableCredential", card.type], "issuer": "did:example:a"}, cards)
    assert refused.value.code == "card.form"


class TestPendingCards:
    pending = PendingCards((b"one", b"two"), (frozenset(), frozenset()), KEY.public_key, list)

    def test_every_signature_is_the_device_keys(self) -> None:
        good = [KEY.sign(data) for data in self.pending.data_to_sign]
        assert self.pending.complete(good) == good
        for bad in (good[::-1], [good[0], b""], [good[0], good[0]]):
            with pytest.raises(ProblemError) as refused:
                self.pending.complete(bad)
            assert refused.value.code == "proof.signature"

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_none_is_missing_and_none_is_too_much(self, count: int) -> None:
        signatures = [KEY.sign(data) for data in (b"one", b"two", b"three")][:count]
        with pytest.raises(ValueError, match="zip"):
            self.pending.complete(signatures)


@pytest.mark.parametrize(
    "document",
    [
        {"sdJwts": ["a.b.c~"], "verifiablePresentation": {}},
        {"sdJwts": [], "attachments": {}},
        {"sdJwts": None},
        {"sdJwts": ["a.b.c~"] * 9},
        {"sdJwts": ["a.b.c~"], "type": "VerifiablePresentation"},
        {"verifiablePresentation": []},
        {"attachments": {}},
        {},
    ],
    ids=str,
)
def test_what_is_no_message_of_any_format_is_refused_with_its_place(document: dict[str, Any]) -> None:
    with pytest.raises(ProblemError) as refused:
        message.read(document)
    assert all(problem.pointer.startswith("/") or problem.pointer == "" for problem in refused.value.problems)
