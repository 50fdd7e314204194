"""The sealed OFD file that a card stands beside: read within bounds, named in a card, told from any other."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
import vc
from did import multibase
from vc import cards
from vc.cards import licence_file
from vc.cards.identifiers import LicenceIdentifier
from vc.cards.licence_file import LicenceFile
from vc.model.related_resources import digest_matches
from vc.problems import ProblemError

IDENTIFIER = str(LicenceIdentifier("00000000FAKE00001U001", "00510000FAKE00002L", "510199000001"))
OTHER = str(LicenceIdentifier("00000000FAKE00001U001", "00510000FAKE00002L", "510199000002"))
ISSUER = did.SoftwareKey.from_seed("P-256", b"authority of files")
CARD = "ResidentIdentityCardCredential"


def xml(*values: str, inside: str = "") -> str:
    data = "".join(f'<ofd:CustomData Name="n{index}">{value}</ofd:CustomData>' for index, value in enumerate(values))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>0</ofd:DocID><ofd:Title>居民身份证</ofd:Title><ofd:CustomDatas>{data}</ofd:CustomDatas>"
        f"{inside}</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )


def packed(entry: str | bytes, *, name: str = "OFD.xml", more: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in {name: entry, "Doc_0/Document.xml": b"<d/>", **(more or {})}.items():
            archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


DATA = packed(xml("中文", IDENTIFIER))


@pytest.fixture
def credential() -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://liangzheng.example/contexts/cards/v1"],
        "type": ["VerifiableCredential", CARD],
        "issuer": ISSUER.did,
        "credentialSubject": {"id": "did:example:holder", "type": "Person", "licenceIdentifier": IDENTIFIER},
    }


class TestReading:
    def test_identifier_and_sm3_digest_are_found(self) -> None:
        file = licence_file.read(DATA)
        assert file.identifier == IDENTIFIER
        assert file.size == len(DATA)
        assert multibase.decode(file.digest_multibase) == b"\xcd\xa6\x01\x20" + hashlib.new("sm3", DATA).digest()
        assert file.to_dict()["sm3"] == hashlib.new("sm3", DATA).hexdigest()

    def test_the_multihash_prefix_is_that_of_the_multicodec_table(self) -> None:
        from did.multicodec import encode_varint

        assert multibase.decode(licence_file.read(DATA).digest_multibase)[:4] == encode_varint(0x534D) + b"\x20"

    @pytest.mark.parametrize("values", [(), ("中文",), (IDENTIFIER[:-1] + "?",), (IDENTIFIER + "0",), ("9" * 5000,)])
    def test_a_file_without_an_identifier_has_a_digest_all_the_same(self, values: tuple[str, ...]) -> None:
        file = licence_file.read(packed(xml(*values)))
        assert file.identifier == ""
        assert file.resource["id"].endswith(file.digest_multibase)

    def test_a_wrong_check_character_is_no_identifier(self) -> None:
        wrong = IDENTIFIER[:-1] + ("0" if IDENTIFIER[-1] != "0" else "1")
        assert licence_file.read(packed(xml(wrong))).identifier == ""

    def test_utf_16_is_read_as_expat_reads_it(self) -> None:
        text = xml(IDENTIFIER).replace('encoding="UTF-8"', 'encoding="UTF-16"')
        assert licence_file.read(packed(text.encode("utf-16"))).identifier == IDENTIFIER

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "damaged"),
            (b"PK\x03\x04", "damaged"),
            (b"%PDF-1.7", "damaged"),
            (DATA[: len(DATA) // 2], "damaged"),
            (packed(xml(), name="Other.xml"), "no part OFD.xml"),
            (packed(xml(IDENTIFIER), more={"ofd.XML": xml(OTHER).encode()}), "or several"),
            (packed(xml(IDENTIFIER, OTHER)), "several licences"),
            (packed("<a/>"), "something else"),
            (packed("<ofd:OFD"), "damaged"),
            (packed(b"\xff\xff\xff"), "damaged"),
            (packed('<!DOCTYPE OFD [<!ENTITY a "b">]>' + xml().partition("?>")[2]), "document type"),
            (packed(xml(inside="<a>" * 40 + "</a>" * 40)), "too deep"),
            (packed(xml(inside="<a/>" * 5000)), "too many"),
            (packed(xml(inside="<!--" + " " * (2 << 20) + "-->")), "too much"),
            (packed(xml(), more={f"p{number}": b"" for number in range(4200)}), "parts"),
            (bytes(licence_file.MAX_FILE + 1), "not read"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_such_file_or_asks_too_much_is_refused(self, data: bytes, said: str) -> None:
        with pytest.raises(ProblemError) as raised:
            licence_file.read(data)
        assert raised.value.code == "licence_file.form"
        assert said in raised.value.problems[0].detail

    def test_a_size_that_the_directory_understates_does_not_unpack_more(self) -> None:
        bomb = bytearray(packed(xml(inside=" " * (3 << 20))))
        place = bomb.rindex(b"PK\x01\x02", 0, bomb.index(b"Doc_0", bomb.index(b"PK\x01\x02")))
        bomb[place + 24 : place + 28] = (1000).to_bytes(4, "little")
        with pytest.raises(ProblemError) as raised:
            licence_file.read(bytes(bomb))
        assert raised.value.code == "licence_file.form"

    def test_an_encrypted_part_is_refused(self) -> None:
        locked = bytearray(DATA)
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            locked[locked.index(mark) + offset] |= 1
        with pytest.raises(ProblemError):
            licence_file.read(bytes(locked))

    @given(st.binary(max_size=300), st.integers(0, len(DATA)), st.integers(0, len(DATA)))
    def test_any_bytes_are_read_or_refused(self, noise: bytes, start: int, end: int) -> None:
        for data in (noise, DATA[:start] + noise + DATA[end:]):
            try:
                file = licence_file.read(data)
            except ProblemError as error:
                assert error.code == "licence_file.form"
            else:
                assert file.identifier in ("", IDENTIFIER)


class TestNamingAndChecking:
    def test_a_card_that_names_it_is_issued_derived_verified_and_checked(self, credential: dict[str, Any]) -> None:
        file = licence_file.read(DATA)
        named = licence_file.name_in(credential, file)
        assert "relatedResource" not in credential
        assert named["relatedResource"]["digestMultibase"] == file.digest_multibase
        secured = vc.issue(named, ISSUER, cryptosuite="ecdsa-sd-2023")
        shown = vc.derive(secured, selective_pointers=["/relatedResource", "/credentialSubject/licenceIdentifier"])
        verdict = vc.verify(shown)
        assert verdict.verified, verdict.problems
        assert licence_file.check(verdict.document or {}, file) == []

    def test_its_holder_may_keep_it_to_himself(self, credential: dict[str, Any]) -> None:
        file = licence_file.read(DATA)
        secured = vc.issue(licence_file.name_in(credential, file), ISSUER, cryptosuite="ecdsa-sd-2023")
        hidden = vc.derive(secured)
        assert "relatedResource" not in hidden
        assert IDENTIFIER not in str(hidden)
        assert [p.code for p in licence_file.check(hidden, file)] == ["licence_file.not_named"]

    def test_another_file_is_told_from_it(self, credential: dict[str, Any]) -> None:
        named = licence_file.name_in(credential, licence_file.read(DATA))
        changed = licence_file.read(packed(xml("中文", IDENTIFIER), more={"Doc_0/x": b"1"}))
        other = licence_file.read(packed(xml(OTHER)))
        prefixed = licence_file.read(b"\0" + DATA)  # An archive may begin anywhere; the digest is of all bytes.
        assert [p.code for p in licence_file.check(named, changed)] == ["licence_file.digest"]
        assert [p.code for p in licence_file.check(named, prefixed)] == ["licence_file.digest"]
        assert [p.code for p in licence_file.check(named, other)] == ["licence_file.identifier", "licence_file.digest"]

    def test_a_card_of_another_licence_can_not_name_it(self, credential: dict[str, Any]) -> None:
        with pytest.raises(ProblemError) as raised:
            licence_file.name_in(credential, licence_file.read(packed(xml(OTHER))))
        assert raised.value.code == "licence_file.identifier"

    def test_the_right_digest_under_another_identifier_is_not_enough(self, credential: dict[str, Any]) -> None:
        file = licence_file.read(DATA)
        named = licence_file.name_in(credential, file)
        subject = {**credential["credentialSubject"], "licenceIdentifier": OTHER}
        problems = licence_file.check({**named, "credentialSubject": subject}, file)
        assert [p.code for p in problems] == ["licence_file.identifier"]

    def test_other_resources_stay_and_a_former_file_goes(self, credential: dict[str, Any]) -> None:
        page = {"id": "https://police.example/terms", "digestSRI": "sha256-" + "A" * 43 + "="}
        first = licence_file.name_in({**credential, "relatedResource": page}, LicenceFile("", "zQm", 1))
        second = licence_file.name_in(first, licence_file.read(DATA))
        assert second["relatedResource"] == [page, licence_file.read(DATA).resource]

    @pytest.mark.parametrize(
        "resource",
        [
            None,
            [],
            1,
            "application/ofd",
            {"mediaType": "application/ofd"},
            {"mediaType": "application/ofd", "digestMultibase": None},
            {"mediaType": "application/ofd", "digestMultibase": ["z", "u", 1, "z" * 80, "x"]},
            [{"mediaType": ["application/ofd"]}],
        ],
    )
    def test_untrusted_forms_name_nothing_and_raise_nothing(self, resource: Any) -> None:
        problems = licence_file.check({"relatedResource": resource, "credentialSubject": []}, licence_file.read(DATA))
        assert problems[0].code in {"licence_file.not_named", "licence_file.digest"}

    def test_a_counter_takes_a_card_that_shows_it(self) -> None:
        definition = cards.CARDS[CARD]
        resource = licence_file.read(DATA).resource
        found = cards.check_shown(definition, {"relatedResource": resource})
        assert not [p for p in found if p.pointer.startswith("/relatedResource")]
        found = cards.check_shown(definition, {"relatedResource": {**resource, "name": "x"}})
        assert [p.code for p in found if p.pointer.startswith("/relatedResource")] == ["card.member_unknown"]


@pytest.mark.parametrize("suite", ["ecdsa-sd-2023", "sm2-sd-2023"])
def test_a_real_card_with_two_proofs_and_a_file_is_shown_with_either(suite: str, claims: Any) -> None:
    """Issued with both proofs by keys of one authority; derived with one; taken by the counter's list of members."""
    authority = "did:web:police.example"
    keys = {
        "ecdsa-sd-2023": ISSUER.with_controller(authority, "#p256"),
        "sm2-sd-2023": did.SoftwareKey.from_seed("SM2", b"authority of files").with_controller(authority, "#sm2"),
    }

    class Authority(did.Resolver):
        def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
            for key in keys.values():
                if key.verification_method == did_url and purpose == "assertionMethod":
                    return did.VerificationMethod(did_url, "Multikey", authority, key.public_key)
            return super().dereference(did_url, purpose)

    card = cards.to_credential(
        {**claims(CARD), "licenceIdentifier": IDENTIFIER},
        definition=cards.CARDS[CARD],
        issuer=authority,
        valid_from=date(2026, 6, 1),
        holder_did=did.generate().did,
    )
    file = licence_file.read(DATA)
    card = licence_file.name_in(card, file)
    for name, key in keys.items():
        card = vc.issue(card, key, cryptosuite=name)
    pointers = ["/relatedResource", "/credentialSubject/licenceIdentifier", "/credentialSubject/ageOver18"]
    shown = vc.derive(card, selective_pointers=pointers, cryptosuite=suite)
    verdict = vc.verify(
        shown, resolver=Authority(), expected_cryptosuites=[suite], now=datetime(2026, 6, 2, tzinfo=UTC)
    )
    assert verdict.verified, verdict.problems
    assert licence_file.check(verdict.document or {}, file) == []
    found = cards.check_shown(cards.CARDS[CARD], shown)
    assert {problem.code for problem in found} <= {"card.member_missing"}  # No status or schema was issued here.
    assert not [p for p in found if "relatedResource" in p.pointer or "proof" in p.pointer]


def test_digests_of_sm3_are_understood_in_any_related_resource() -> None:
    digest = licence_file.read(DATA).digest_multibase
    assert digest_matches("digestMultibase", [digest], DATA)
    assert not digest_matches("digestMultibase", [digest], DATA + b"\0")
    assert not digest_matches("digestMultibase", [multibase.encode(multibase.decode(digest)[:-1])], DATA)
    sha = multibase.encode(b"\x12\x20" + hashlib.sha256(b"other").digest())
    assert not digest_matches("digestMultibase", [digest, sha], DATA)  # Of two the one that everybody has decides.
