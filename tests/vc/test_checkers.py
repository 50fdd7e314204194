"""What lies outside of a document (keys, status lists, schemas) is asked for late, through what the caller gave."""

from __future__ import annotations

import hashlib
import json

import pytest

import did
import vc
from did.resolution import FetchResponse
from vc.model.schemas import SchemaChecker
from vc.status import StatusChecker, StatusList, StatusUnavailable, status_entry, status_list_credential

LIST = "https://issuer.example/status/1"
SCHEMA = "https://issuer.example/schema.json"


class Lists:
    """A source of status lists that counts what it is asked for."""

    def __init__(self, **lists):
        self.lists = lists
        self.asked = []

    def get(self, url):
        self.asked.append(url)
        if url not in self.lists:
            raise StatusUnavailable("no route")
        return self.lists[url]

    async def get_async(self, url):
        return self.get(url)


@pytest.fixture
def status_list(world):
    listed = StatusList()
    listed[7] = 1
    issuer = world.key("issuer")
    document = status_list_credential(listed, id=LIST, issuer=issuer.did, purpose="revocation", valid_from=world.now)
    return json.dumps(vc.issue(document, issuer, now=world.now)).encode()


def _with_status(world, index):
    entry = status_entry(LIST, index, "revocation")
    return vc.issue(world.credential(credentialStatus=entry), world.key("issuer"), now=world.now)


@pytest.mark.parametrize(("index", "codes"), [(8, []), (7, ["status.revoked"]), (131_072, ["status.range"])])
async def test_a_status_is_looked_up_in_a_verified_list(world, status_list, index, codes):
    secured = _with_status(world, index)
    for shown in (secured, vc.present([secured], world.key("device"), now=world.now)):
        for verdict in (
            vc.verify(shown, now=world.now, status=StatusChecker(Lists(**{LIST: status_list}))),
            await vc.verify_async(shown, now=world.now, status=StatusChecker(Lists(**{LIST: status_list}))),
        ):
            assert [problem.code for problem in verdict.problems] == codes
            assert verdict.verified == (not codes)


def test_a_list_that_cannot_be_had_leaves_it_undecided(world):
    verdict = vc.verify(_with_status(world, 8), now=world.now, status=StatusChecker(Lists()))
    assert not verdict.verified
    assert verdict.indeterminate


def test_a_list_that_does_not_verify_is_not_believed(world, status_list):
    changed = json.loads(status_list)
    changed["credentialSubject"]["encodedList"] = StatusList().encode()
    source = Lists(**{LIST: json.dumps(changed).encode()})
    verdict = vc.verify(_with_status(world, 7), now=world.now, status=StatusChecker(source))
    assert not verdict.verified
    assert [problem.code for problem in verdict.problems] == ["status.verification"]


def test_no_list_is_asked_for_on_behalf_of_a_forgery(world, status_list):
    source = Lists(**{LIST: status_list})
    secured = _with_status(world, 8)
    secured["name"] = "changed"
    assert not vc.verify(secured, now=world.now, status=StatusChecker(source)).verified
    assert source.asked == []


def test_one_list_serves_many_credentials(world, status_list):
    source = Lists(**{LIST: status_list})
    checker = StatusChecker(source)
    for index in (1, 2, 3):
        assert vc.verify(_with_status(world, index), now=world.now, status=checker).verified
    assert source.asked == [LIST]


def _schema_checker():
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "type": "object",
        "properties": {"credentialSubject": {"required": ["fullName"]}},
    }
    return SchemaChecker({SCHEMA: json.dumps(schema).encode()}.get)


def test_a_schema_is_checked_when_a_checker_is_given(world):
    schema = {"id": SCHEMA, "type": "JsonSchema"}
    fitting = vc.issue(world.credential(credentialSchema=schema), world.key("issuer"), now=world.now)
    verdict = vc.verify(fitting, now=world.now, schemas=_schema_checker())
    assert verdict.verified, verdict.problems
    unchecked = vc.verify(fitting, now=world.now)
    assert unchecked.verified
    assert [warning.code for warning in unchecked.warnings] == ["warning.schema"]
    subject = {"id": "urn:example:1", "nickname": "x"}
    other = vc.issue(
        world.credential(credentialSchema=schema, credentialSubject=subject), world.key("issuer"), now=world.now
    )
    verdict = vc.verify(other, now=world.now, schemas=_schema_checker())
    assert [problem.code for problem in verdict.problems] == ["schema.mismatch"]


def test_a_derived_credential_need_not_fit_the_schema_of_the_whole(world):
    schema = {"id": SCHEMA, "type": "JsonSchema"}
    base = vc.issue(
        world.credential(credentialSchema=schema),
        world.key("issuer"),
        cryptosuite="ecdsa-sd-2023",
        mandatory_pointers=["/issuer", "/credentialSchema"],
        now=world.now,
    )
    derived = vc.derive(base, selective_pointers=["/credentialSubject/nicknames"])
    verdict = vc.verify(derived, now=world.now, schemas=_schema_checker())
    assert verdict.verified, verdict.problems


class Web:
    """A fetcher with one DID document behind it."""

    allow_loopback = False

    def __init__(self, document):
        self.document = document
        self.asked = []

    def fetch(self, request):
        self.asked.append(request.url)
        return FetchResponse(
            url=request.url,
            status=200,
            media_type="application/did+json",
            body=json.dumps(self.document).encode(),
        )

    async def fetch_async(self, request):
        return self.fetch(request)


@pytest.mark.parametrize(("relationship", "codes"), [("assertionMethod", []), ("authentication", ["method.purpose"])])
async def test_a_did_web_issuer_is_resolved_for_the_purpose(world, relationship, codes):
    name = "did:web:police.example"
    issuer = world.key("issuer").with_controller(name, "#key-1")
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": name,
        "verificationMethod": [
            {
                "id": f"{name}#key-1",
                "type": "Multikey",
                "controller": name,
                "publicKeyMultibase": issuer.public_key.to_multikey(),
            }
        ],
        relationship: [f"{name}#key-1"],
    }
    secured = vc.issue(world.credential(issuer), issuer, now=world.now)
    for verdict in (
        vc.verify(secured, now=world.now, resolver=did.Resolver(fetcher=Web(document))),
        await vc.verify_async(secured, now=world.now, resolver=did.Resolver(fetcher=Web(document))),
    ):
        assert [problem.code for problem in verdict.problems] == codes
        assert verdict.verified == (not codes)


def test_nothing_is_fetched_for_what_is_refused_anyway(world):
    issuer = world.key("issuer").with_controller("did:web:police.example", "#key-1")
    secured = vc.issue(world.credential(issuer), issuer, now=world.now)
    web = Web({})
    for change in ({"proofPurpose": "authentication"}, {"expires": "2020-01-01T00:00:00Z"}, {"created": "now"}):
        secured_again = {**secured, "proof": {**secured["proof"], **change}}
        assert not vc.verify(secured_again, now=world.now, resolver=did.Resolver(fetcher=web)).verified
    assert not vc.verify({**secured, "validFrom": 7}, now=world.now, resolver=did.Resolver(fetcher=web)).verified
    assert web.asked == []


def test_a_context_is_bound_to_its_bytes():
    from contexts import CONTEXTS, ContextDigestError

    url = "https://www.w3.org/ns/credentials/v2"
    content = CONTEXTS.raw(url) + b" "
    with pytest.raises(ContextDigestError):
        CONTEXTS.with_context(url, content, hashlib.sha256(content).hexdigest())
