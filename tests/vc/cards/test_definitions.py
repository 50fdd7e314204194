"""Cards are data: what follows from the definitions, what is frozen, and a card that needs no code."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import contexts
import did
import vc
from contexts import CONTEXTS
from vc import scenarios
from vc.cards import (
    CARDS,
    CardDefinition,
    DefinitionError,
    check_credential,
    codes,
    definition,
    display,
    from_credential,
    load,
    model_class,
    register_contexts,
    registered_schema,
    selective_pointers,
    to_credential,
)
from vc.cards import generate as generation
from vc.cards.context_document import VCDM, context_bytes, context_document
from vc.cards.json_schema import json_schema
from vc.cards.schema_store import SchemaDigestError, schema_urls

ROOT = Path(contexts.__file__).parents[1]
V1 = "https://liangzheng.example/contexts/cards/v1"


def test_the_cards_of_the_pilot_are_there() -> None:
    assert {card.kind for card in CARDS.values()} == {
        "resident-identity-card",
        "household-register",
        "household-member",
        "residence-permit",
        "driving-licence",
        "vehicle-licence",
        "security-guard-certificate",
        "blasting-operator-permit",
    }
    assert set(CARDS.by_department()) == {"population", "traffic", "public-order"}


def test_generated_files_are_fresh() -> None:
    assert generation.check() == []
    assert generation.main(["--check"]) == 0


def test_a_card_is_found_by_type_kind_and_credential(credential: dict[str, Any], card: CardDefinition) -> None:
    assert definition(card.type) is definition(card.kind) is definition(credential) is card
    with pytest.raises(KeyError):
        definition("no-such-card")
    with pytest.raises(KeyError):
        definition({"type": ["VerifiableCredential"]})


def test_every_claim_has_labels_in_both_languages_and_a_known_code_list(card: CardDefinition) -> None:
    for claim in card.claims.values():
        for field in (claim, *claim.fields):
            assert field.label.zh
            assert field.label.en
            assert any("一" <= character <= "鿿" for character in field.label.zh)
            if field.codes not in (None, "divisions"):
                assert codes.code_list(str(field.codes))


def test_the_type_codes_are_placeholders_that_nobody_can_take_for_real(card: CardDefinition) -> None:
    # A unified social credit code never begins with 00; these say so themselves.
    assert card.licence_type_code_placeholder
    assert card.licence_type_code.startswith("00000000FAKE")


def test_what_is_always_disclosed_is_the_envelope_and_the_province(
    credential: dict[str, Any], card: CardDefinition
) -> None:
    with_status = {**credential, "credentialStatus": {"type": "BitstringStatusListEntry"}}
    assert card.mandatory_pointers(with_status) == [
        "/issuer",
        "/validFrom",
        "/validUntil",
        "/credentialStatus",
        "/credentialSchema",
        "/credentialSubject/issuingProvince",
    ]
    assert "/credentialStatus" not in card.mandatory_pointers(credential)


def test_selective_pointers_leave_out_what_is_not_stated() -> None:
    card = CARDS["ResidentIdentityCardCredential"]
    terms = ["name", "ageOver18", "issuingProvince"]
    assert card.selective_pointers(terms) == ["/credentialSubject/name", "/credentialSubject/ageOver18"]
    stated = {"credentialSubject": {"name": "张三"}}
    assert selective_pointers(card, terms, stated) == ["/credentialSubject/name"]
    with pytest.raises(DefinitionError, match="fingerprint"):
        card.selective_pointers(["fingerprint"])


# --- the context -----------------------------------------------------------------------------------------------------


def test_everything_in_the_context_is_protected_and_nothing_is_caught_by_default() -> None:
    def walk(context: dict[str, Any]) -> None:
        assert context["@protected"] is True
        assert not {"@vocab", "@base", "@language", "@import", "@propagate"} & set(context)
        for term in context.values():
            if isinstance(term, dict):
                assert ":" in term["@id"]
                if "@context" in term:
                    walk(term["@context"])

    walk(CONTEXTS.get(V1)["@context"])


def test_the_frozen_context_is_the_one_that_follows_from_the_definitions() -> None:
    assert CONTEXTS.raw(V1) == context_bytes(CARDS, V1)


def _copied(folder: Path, **changes: Any) -> Path:
    """The installed definitions in ``folder``, with the identity card changed."""
    for path in (ROOT / "vc" / "cards" / "definitions").glob("*.json"):
        data = json.loads(path.read_bytes())
        if path.name == "resident-identity-card.json":
            data.update(changes)
        (folder / path.name).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return folder


def test_a_changed_definition_can_not_change_the_frozen_context(tmp_path: Path) -> None:
    claim = {"term": "eyeColour", "zh": "眼睛颜色", "en": "Eye colour", "datatype": "string", "disclosure": "S"}
    path = ROOT / "vc" / "cards" / "definitions" / "resident-identity-card.json"
    claims = [*json.loads(path.read_bytes())["claims"], claim]
    changed = load(_copied(tmp_path, claims=claims))
    with pytest.raises(generation.FrozenContextError, match="cards/v2"):
        generation.check(ROOT, changed)


def test_a_changed_card_begins_in_the_next_version_and_the_old_one_stays_readable(tmp_path: Path, claims: Any) -> None:
    _copied(tmp_path)
    data = json.loads((tmp_path / "resident-identity-card.json").read_bytes())
    data["context"] = "https://liangzheng.example/contexts/cards/v2"
    data["claims"].append(
        {"term": "eyeColour", "zh": "眼睛颜色", "en": "Eye colour", "datatype": "string", "disclosure": "S"}
    )
    (tmp_path / "resident-identity-card-v2.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    cards = load(tmp_path)
    old, new = cards.older[0], cards["ResidentIdentityCardCredential"]
    assert (old.context, new.context) == (V1, "https://liangzheng.example/contexts/cards/v2")

    files = generation.generated(cards, json.loads((ROOT / "contexts/cards/manifest.json").read_bytes()))
    urls = [entry["url"] for entry in json.loads(files["contexts/cards/manifest.json"])["contexts"]]
    assert urls == [V1, "https://liangzheng.example/contexts/cards/v2"]
    assert files["contexts/cards/v1.jsonld"] == CONTEXTS.raw(V1)
    assert {f"vc/cards/schemas/{v}/ResidentIdentityCardCredential.json" for v in ("v1", "v2")} <= set(files)

    stated = claims(old.type)
    for card in (old, new):
        credential = to_credential(stated, definition=card, issuer="did:example:i", valid_from=date(2026, 6, 1))
        assert cards.of_credential(credential) is card
        assert check_credential(credential, cards=cards, complete=True) == []
        stated["eyeColour"] = "棕"


def test_stale_files_are_named_and_then_written(tmp_path: Path) -> None:
    written = generation.write(tmp_path, CARDS)
    assert "docs/vocabulary.md" in written
    assert generation.check(tmp_path, CARDS) == []
    (tmp_path / "docs/vocabulary.md").write_text("changed", encoding="utf-8")
    assert generation.check(tmp_path, CARDS) == ["docs/vocabulary.md"]


def test_the_vocabulary_page_names_every_term_in_both_languages() -> None:
    page = (ROOT / "docs/vocabulary.md").read_text(encoding="utf-8")
    for card in CARDS.values():
        assert f"## {card.title.zh} · {card.title.en}" in page
        for claim in card.claims.values():
            assert f"| `{claim.term}` | {claim.label.zh} | {claim.label.en} |" in page


# --- the schemas -----------------------------------------------------------------------------------------------------


def test_each_schema_is_a_schema_and_fits_whole_and_disclosed_credentials(
    credential: dict[str, Any], card: CardDefinition
) -> None:
    schema = json.loads(registered_schema(card.schema_url) or b"")
    assert schema == json_schema(card)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(credential)
    subject = credential["credentialSubject"]
    for term in card.claims:
        always = {name: subject[name] for name in ("id", "type", "issuingProvince")}
        if term in subject:
            validator.validate({**credential, "credentialSubject": {**always, term: subject[term]}})


def test_a_schema_refuses_a_false_age_an_unknown_claim_and_half_a_node(claims: Any) -> None:
    card = CARDS["ResidentIdentityCardCredential"]
    whole = to_credential(claims(card.type), definition=card, issuer="did:example:i", valid_from=date(2026, 6, 1))
    validator = jsonschema.Draft202012Validator(json_schema(card))
    for change in (
        {"ageOver18": False},
        {"fingerprint": "x"},
        {"registeredAddress": {"administrativeDivision": "510104"}},
        {"sex": "3"},
        {"citizenIdentityNumber": "51019920000229001x"},
        {"birthDate": "2000-02-29T00:00:00Z"},
    ):
        changed = {**whole, "credentialSubject": {**whole["credentialSubject"], **change}}
        assert not validator.is_valid(changed)


def test_a_schema_with_other_bytes_is_refused_and_an_unknown_one_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from vc.cards import schema_store

    url = CARDS["ResidencePermitCredential"].schema_url
    assert url in schema_urls()
    assert registered_schema("https://elsewhere.example/schema.json") is None
    (tmp_path / "changed.json").write_bytes(b"{}")
    pinned = hashlib.sha256(registered_schema(url) or b"").hexdigest()
    monkeypatch.setattr(schema_store, "_pinned", lambda: {url: (pinned, tmp_path / "changed.json")})
    schema_store._read.cache_clear()
    with pytest.raises(SchemaDigestError, match="ResidencePermitCredential"):
        registered_schema(url)
    schema_store._read.cache_clear()


# --- definitions that can't be used ----------------------------------------------------------------------------------

LIBRARY_CARD: dict[str, Any] = {
    "type": "LibraryCardCredential",
    "kind": "library-card",
    "context": "https://library.example/contexts/cards/v1",
    "namespace": "https://library.example/vocab#",
    "title": {"zh": "读者证", "en": "Library card"},
    "department": {"id": "culture", "zh": "文化", "en": "Culture"},
    "subjectType": "Person",
    "lifetimeDays": 20,
    "licenceTypeCode": "00000000FAKE00001U900",
    "licenceTypeCodePlaceholder": True,
    "validUntilNotAfter": ["membership/until"],
    "nodes": {
        "Membership": {
            "fields": [
                {
                    "term": "level",
                    "zh": "级别",
                    "en": "Level",
                    "datatype": "string",
                    "values": ["a", "b"],
                    "required": True,
                },
                {
                    "term": "until",
                    "zh": "有效期至",
                    "en": "Until",
                    "datatype": "date",
                    "validity": "until",
                    "required": True,
                },
            ]
        }
    },
    "claims": [
        {"term": "name", "disclosure": "S", "required": True, "source": "name"},
        {"term": "birthDate", "disclosure": "S", "required": True, "source": "birth_date"},
        {"term": "sex", "disclosure": "S!", "source": "sex"},
        {"term": "ageOver14", "disclosure": "S"},
        {
            "term": "membership",
            "zh": "会员",
            "en": "Membership",
            "datatype": "node",
            "node": "Membership",
            "disclosure": "S",
            "required": True,
            "source": {"level": "library_level", "until": "library_until"},
        },
        {
            "term": "branches",
            "zh": "分馆",
            "en": "Branches",
            "datatype": "string",
            "many": True,
            "disclosure": "S",
            "source": "library_branches",
        },
        {
            "term": "issuingProvince",
            "disclosure": "M",
            "required": True,
            "source": "library_province",
        },
    ],
    "rules": [{"rule": "inOrder", "dates": ["birthDate", "membership/until"]}],
}


def _folder(path: Path, **changes: Any) -> Path:
    content = json.dumps({**LIBRARY_CARD, **changes}, ensure_ascii=False)
    (path / "library-card.json").write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "libraryCard"}, "type"),
        ({"type": "ResidencePermitCredential"}, "defined already"),
        ({"kind": "Library Card"}, "kind"),
        ({"context": "https://library.example/v1"}, "/contexts/"),
        ({"subjectType": "Robot"}, "Robot"),
        ({"title": {"zh": "读者证"}}, "en"),
        ({"lifetimeDays": "soon"}, "soon"),
        ({"claims": [{"term": "nonsense", "disclosure": "S"}]}, "datatype"),
        ({"claims": [{"term": "name", "disclosure": "X"}]}, "disclosure"),
        ({"claims": [{"term": "name", "disclosure": "S"}] * 2}, "twice"),
        ({"claims": [{"term": "na me", "zh": "", "en": "", "datatype": "string", "disclosure": "S"}]}, "na me"),
        ({"claims": [{"term": "sex", "datatype": "float", "disclosure": "S"}]}, "float"),
        ({"claims": [{"term": "sex", "datatype": "node", "disclosure": "S"}]}, "node"),
    ],
)
def test_a_definition_that_can_not_be_used_is_named_with_the_reason(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(DefinitionError, match=f"library-card.json: .*{reason}"):
        load(_folder(tmp_path, **changes), cards=CARDS)


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"broken\.json"):
        load(tmp_path)


def test_a_term_of_the_data_model_keeps_its_meaning(tmp_path: Path) -> None:
    other = {"term": "name", "disclosure": "S", "iri": "https://library.example/vocab#name"}
    cards = load(_folder(tmp_path, claims=[other]))
    with pytest.raises(DefinitionError, match="protected term of the VCDM context"):
        context_document(cards, LIBRARY_CARD["context"])


def test_two_cards_of_a_context_can_not_mean_different_things_by_a_term(tmp_path: Path) -> None:
    _folder(tmp_path)
    claim = {"term": "sex", "disclosure": "S", "iri": "https://library.example/vocab#gender"}
    other = {**LIBRARY_CARD, "type": "OtherCredential", "kind": "other", "claims": [claim], "rules": []}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(DefinitionError, match="another meaning"):
        context_document(load(tmp_path), LIBRARY_CARD["context"])


# --- a card from a data file alone -----------------------------------------------------------------------------------

SCENARIO = {
    "id": "lending-desk",
    "version": 1,
    "title": {"zh": "借阅", "en": "Lending"},
    "purpose": {"zh": "借阅图书", "en": "Lending of books"},
    "freshnessHours": 48,
    "regions": ["510000"],
    "cards": [
        {"id": "reader", "type": "LibraryCardCredential", "min": ["name", "membership"], "optional": ["branches"]}
    ],
}


def test_an_invented_card_is_issued_disclosed_presented_and_verified_without_code(tmp_path: Path) -> None:
    (tmp_path / "cards").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "lending-desk.json").write_text(json.dumps(SCENARIO), encoding="utf-8")
    cards = load(_folder(tmp_path / "cards"), cards=CARDS)
    known = register_contexts(cards)
    card = cards["LibraryCardCredential"]
    Reader = model_class(card)
    Membership = type("Membership", (), {"level": "a", "until": date(2026, 6, 10)})
    reader = Reader(
        name="张三",
        birth_date=date(2000, 2, 29),
        sex="1",
        membership=Membership(),
        branches=("锦江", "青羊"),
        issuing_province="510000",
    )
    now = datetime(2026, 6, 1, 8, tzinfo=UTC)
    issuer, device = did.generate("P-256"), did.generate("P-256")
    credential = to_credential(reader, issuer=issuer.did, valid_from=now, holder_did=device.did)
    assert credential["credentialSubject"]["ageOver14"] is True
    assert credential["validUntil"] == "2026-06-10T23:59:59+08:00"
    again = from_credential(credential, cards=cards)
    assert (again.name, again.branches, again.membership.until) == ("张三", ("锦江", "青羊"), date(2026, 6, 10))
    jsonschema.Draft202012Validator(json_schema(card)).validate(credential)

    scenario = scenarios.load(tmp_path / "scenarios", cards=cards)["lending-desk"]
    request = scenario.request(issuer.did, "示例图书馆", "c" * 22, "https://library.example", now)
    secured = vc.issue(
        credential,
        issuer,
        cryptosuite="ecdsa-sd-2023",
        mandatory_pointers=card.mandatory_pointers(credential),
        now=now,
        contexts=known,
    )
    terms = [claim.term for claim in request.cards[0].claims]
    derived = vc.derive(secured, selective_pointers=selective_pointers(card, terms, secured), contexts=known)
    presentation = vc.present(
        [derived],
        device,
        challenge=request.challenge,
        domain=request.domain,
        expires_in=300,
        now=now,
        contexts=known,
    )
    verdict = vc.verify(presentation, challenge=request.challenge, domain=request.domain, now=now, contexts=known)
    assert verdict.verified, verdict.problems
    assert check_credential(derived, cards=cards) == []
    assessment = scenarios.assess(scenario, presentation["verifiableCredential"], now=now)
    assert assessment.satisfied, assessment.problems
    texts = {claim.label: claim.text for claim in display(derived, "zh", cards=cards)}
    assert texts == {"姓名": "张三", "会员": "a 2026-06-10", "分馆": "锦江、青羊", "签发省份": "四川省"}
    unknown = vc.verify(presentation, challenge=request.challenge, domain=request.domain, now=now)
    assert not unknown.verified
    assert any(LIBRARY_CARD["context"] in problem.detail for problem in unknown.problems)


def test_vcdm_is_the_first_context(credential: dict[str, Any], card: CardDefinition) -> None:
    assert credential["@context"] == [VCDM, card.context]


def test_the_card_of_the_documentation_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "adding-a-card.md").read_text(encoding="utf-8")
    (tmp_path / "card.json").write_text(page.split("```json\n")[1].split("```")[0], encoding="utf-8")
    card = load(tmp_path, cards=CARDS)["TemporaryIdentityCardCredential"]
    assert card.context in register_contexts(load(tmp_path, cards=CARDS))
    credential = to_credential(
        {
            "name": "张三",
            "citizenIdentityNumber": "510199200002290018",
            "cardValidUntil": "2026-06-20",
            "issuingAgency": {"name": "成都市公安局锦江区分局", "administrativeDivision": "510104"},
            "licenceIdentifier": "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
        },
        definition=card,
        issuer="did:example:i",
        valid_from=date(2026, 6, 1),
    )
    assert credential["validUntil"] == "2026-06-20T23:59:59+08:00"
    assert credential["credentialSubject"]["issuingProvince"] == "510000"
