"""Many documents at once: in order, bounded, each on its own."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import threading

import pytest

import did
import vc
from vc import batch
from vc.batch import pool as batch_pool
from vc.envelope.issuing import as_document
from vc.status import StatusChecker, StatusList, status_entry, status_list_credential

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def credentials(world):
    return [world.credential(id=f"urn:example:{number}") for number in range(23)]


@pytest.fixture(scope="module")
def secured(world, credentials):
    return [vc.issue(credential, world.key("issuer"), now=world.now) for credential in credentials]


def _mixed(secured):
    """Good documents as objects, bytes and text; bad ones of every kind among them."""
    changed = {**secured[3], "name": "changed"}
    return [
        secured[0],
        json.dumps(secured[1]).encode(),
        json.dumps(secured[2]),
        changed,
        b"\xff",
        None,
        7,
        {"a": object()},
        {"a": float("nan")},
        {},
        json.dumps(secured[4]).encode()[:-1],
        bytearray(json.dumps(secured[5]).encode()),
        *secured[6:],
    ]


@pytest.mark.parametrize(("processes", "chunk"), [(1, 64), (2, 3), (2, 1), (3, 64)])
def test_verdicts_come_in_order_and_are_those_of_single_documents(world, secured, processes, chunk):
    documents = _mixed(secured)
    verdicts = list(vc.verify_many(documents, processes=processes, chunk=chunk, now=world.now))
    expected = [vc.verify(document, now=world.now) for document in documents]
    assert verdicts == expected
    assert sum(verdict.verified for verdict in verdicts) == 21


@pytest.mark.parametrize("explain", [False, True])
def test_what_was_in_an_envelope_is_shown_and_not_the_envelope(world, explain):
    issuer = world.key("issuer")
    forms = [
        vc.issue_enveloped(world.credential(issuer), issuer, envelope=form)
        for form in ("vc+jwt", "vc+sd-jwt", "vc+cose")
    ]
    objects = [as_document(form) for form in forms]
    presentation = vc.present(objects, world.key("device"), challenge="c", domain="d", expires_in=300, now=world.now)
    documents = [*forms, *objects, json.dumps(objects[0]), presentation, json.dumps(presentation).encode(), "eyJ.x.y"]
    arguments = {"now": world.now, "explain": explain}
    verdicts = list(vc.verify_many(documents, processes=2, chunk=3, **arguments))
    assert verdicts == [vc.verify(document, **arguments) for document in documents]
    assert [verdict.document for verdict in verdicts[:7]] == [world.credential(issuer)] * 7


def test_a_buffer_that_is_changed_on_its_way_is_shown_as_it_was_verified(world, secured):
    buffers = [bytearray(json.dumps(item).encode()) for item in secured]
    verdicts = vc.verify_many(buffers, processes=2, chunk=2, now=world.now)
    first = next(verdicts)
    for buffer in buffers[:4]:
        buffer[:] = buffer.replace(b"An example", b"AN EXAMPLE")
    assert first.document == secured[0]
    assert [verdict.document for verdict in itertools.islice(verdicts, 3)] == secured[1:4]
    verdicts.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("pipe", [4096, 1024 * 1024])
def test_large_documents_and_explanations_pass_through_narrow_pipes(world, monkeypatch, pipe):
    monkeypatch.setattr(batch_pool, "_PIPE", pipe)
    issuer = world.key("issuer")
    sizes = [10, 3000, 200_000, 1_500_000, 10, 900_000, 400_000, 2000]
    made = [vc.issue(world.credential(issuer, description="x" * size), issuer, now=world.now) for size in sizes]
    verdicts = list(vc.verify_many(made * 2, processes=2, chunk=1, now=world.now, explain=True))
    assert [verdict.document for verdict in verdicts] == made * 2
    assert all(verdict.verified and verdict.trace for verdict in verdicts)


def test_expectations_reach_the_workers(world, secured):
    shown = [
        vc.present([item], world.key("device"), challenge="c", domain="d", expires_in=300, now=world.now)
        for item in secured
    ]
    arguments = {"processes": 2, "chunk": 4, "now": world.now, "domain": "d"}
    assert all(verdict.verified for verdict in vc.verify_many(shown, challenge="c", **arguments))
    assert not any(verdict.verified for verdict in vc.verify_many(shown, challenge="x", **arguments))
    explained = list(vc.verify_many(shown[:9], challenge="c", explain=True, **arguments))
    assert explained[8].trace == vc.verify(shown[8], challenge="c", domain="d", now=world.now, explain=True).trace


def test_unusable_expectations_are_the_callers_mistake(secured):
    with pytest.raises(TypeError):
        next(vc.verify_many(secured, challenge=7))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="process"):
        next(vc.verify_many(secured, processes=0))
    with pytest.raises(ValueError, match="chunk"):
        next(vc.verify_many(secured, chunk=0))


def test_only_a_few_documents_are_read_ahead(world, secured):
    read = itertools.count()
    latest = 0

    def endless():
        nonlocal latest
        for document in itertools.cycle(secured):
            latest = next(read)
            yield document

    verdicts = vc.verify_many(endless(), processes=2, chunk=4, now=world.now)
    for number in range(100):
        assert next(verdicts).verified
        assert latest <= number + 4 * 2 * 2 + 4
    verdicts.close()  # type: ignore[attr-defined]


def test_chunks_grow_only_so_far(monkeypatch):
    monkeypatch.setattr(batch, "CHUNK", 2)
    monkeypatch.setattr(batch, "_QUICK", float("inf"))
    read = 0

    def endless():
        nonlocal read
        for number in itertools.count():
            read = number + 1
            yield {"number": number}

    verdicts = vc.verify_many(endless(), processes=2)
    for number in range(200):
        assert next(verdicts).document == {"number": number}
        assert read <= number + 1 + 2 * 4 * 2 * 2 + 1
    verdicts.close()  # type: ignore[attr-defined]


def test_a_batch_that_is_left_half_way_leaves_nothing_running(world, secured, monkeypatch):
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            started.append(self)

    monkeypatch.setattr(batch_pool.subprocess, "Popen", Recorded)
    verdicts = vc.verify_many(itertools.cycle(secured), processes=2, chunk=4, now=world.now)
    assert next(verdicts).verified
    verdicts.close()  # type: ignore[attr-defined]
    assert started
    assert all(process.poll() is not None and process.stdin.closed and process.stdout.closed for process in started)  # type: ignore[union-attr]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("vc-batch")]


def test_an_answer_that_cannot_travel_harms_only_who_asked(world, secured):
    class Resolver(did.Resolver):
        def dereference(self, did_url, purpose):  # type: ignore[override]
            return threading.Lock() if "odd" in did_url else super().dereference(did_url, purpose)

    odd = {**secured[0], "proof": {**secured[0]["proof"], "verificationMethod": "did:web:odd.example#key"}}
    documents = [*secured[:5], odd, *secured[5:]]
    verdicts = list(vc.verify_many(documents, processes=2, chunk=4, now=world.now, resolver=Resolver()))
    assert [verdict.verified for verdict in verdicts] == [document is not odd for document in documents]


def test_what_is_outside_is_obtained_once_by_the_parent(world):
    issuer = world.key("issuer").with_controller("did:web:police.example", "#key-1")
    url = "https://police.example/status/1"
    listed = StatusList()
    listed[5] = 1
    document = status_list_credential(listed, id=url, issuer=issuer.did, purpose="revocation", valid_from=world.now)
    content = json.dumps(vc.issue(document, issuer, now=world.now)).encode()
    asked = []

    class Resolver(did.Resolver):
        def dereference(self, did_url, purpose):  # type: ignore[override]
            asked.append(did_url)
            return did.VerificationMethod(issuer.verification_method, "Multikey", issuer.did, issuer.public_key)

    class Source:
        def get(self, name):
            asked.append(name)
            return content

    documents = [
        vc.issue(
            world.credential(issuer, credentialStatus=status_entry(url, number, "revocation")), issuer, now=world.now
        )
        for number in range(16)
    ]
    verdicts = list(
        vc.verify_many(
            documents,
            processes=2,
            chunk=2,
            now=world.now,
            resolver=Resolver(),
            status=StatusChecker(Source()),  # type: ignore[arg-type]
        )
    )
    assert [verdict.verified for verdict in verdicts] == [number != 5 for number in range(16)]
    # Once for each worker at most, not for each document.
    assert asked.count(url) <= 2
    assert asked.count(issuer.verification_method) <= 2


class _Deadly:
    """Arrives in a worker as its end."""

    def __reduce__(self):
        return os._exit, (1,)


def test_a_document_that_takes_a_worker_down_harms_no_other(world, secured):
    class Resolver(did.Resolver):
        def dereference(self, did_url, purpose):  # type: ignore[override]
            return _Deadly() if "deadly" in did_url else super().dereference(did_url, purpose)

    deadly = {**secured[0], "proof": {**secured[0]["proof"], "verificationMethod": "did:web:deadly.example#key"}}
    documents = [*secured[:5], deadly, *secured[5:]]
    verdicts = list(vc.verify_many(documents, processes=2, chunk=8, now=world.now, resolver=Resolver()))
    assert [verdict.verified for verdict in verdicts] == [document is not deadly for document in documents]
    assert [problem.code for problem in verdicts[5].problems] == ["verification.internal"]


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(("suite", "key_type"), [("eddsa-rdfc-2022", "Ed25519"), ("ecdsa-sd-2023", "P-256")])
def test_credentials_are_issued_in_order_and_bad_ones_are_errors(world, processes, suite, key_type):
    issuer = world.key("issuer", key_type)
    credentials = [world.credential(issuer, id=f"urn:example:{number}") for number in range(9)]
    credentials[4] = world.credential(issuer, validFrom="never")
    credentials[6] = b"{"
    credentials[7] = None
    results = list(vc.issue_many(credentials, issuer, processes=processes, chunk=2, cryptosuite=suite, now=world.now))
    for number, result in enumerate(results):
        if number in (4, 6, 7):
            assert isinstance(result, vc.ProblemError)
        else:
            assert result["id"] == f"urn:example:{number}"  # type: ignore[index]
            proven = vc.derive(result, selective_pointers=["/issuer"]) if suite == "ecdsa-sd-2023" else result  # type: ignore[arg-type]
            assert vc.verify(proven, now=world.now).verified  # type: ignore[arg-type]
    assert [result.code for result in results if isinstance(result, vc.ProblemError)] == [
        "model.date_time",
        "parse.json",
        "parse.form",
    ]


def test_a_bbs_key_signs_for_its_workers(world):
    issuer = world.key("issuer", "BLS12-381-G2")
    credentials = [world.credential(issuer, id=f"urn:example:{number}") for number in range(4)]
    for result in vc.issue_many(credentials, issuer, processes=2, chunk=1, mandatory_pointers=["/issuer"]):
        assert vc.verify(vc.derive(result, selective_pointers=["/name"]), now=world.now).verified  # type: ignore[arg-type]


def test_a_signature_that_fails_harms_no_other(world):
    class Error(Exception):
        """Of a class that a worker can't know."""

    class Signer:
        def __init__(self, key):
            self.algorithm, self.did, self.verification_method = key.algorithm, key.did, key.verification_method
            self.public_key = key.public_key
            self.seen = []
            self._key = key

        def sign(self, data):
            self.seen.append(data)
            if data == refused:
                raise Error
            return self._key.sign(data)

    refused = None
    signer = Signer(world.key("issuer", "Ed25519"))
    credentials = [world.credential(signer, id=f"urn:example:{number}") for number in range(40)]
    vc.issue(credentials[21], signer, now=world.now)
    refused = signer.seen.pop()
    results = list(vc.issue_many(credentials, signer, processes=2, chunk=10, now=world.now))
    for number, result in enumerate(results):
        if number == 21:
            assert isinstance(result, vc.ProblemError)
        else:
            assert result["id"] == f"urn:example:{number}"  # type: ignore[index]
            assert vc.verify(result, now=world.now).verified  # type: ignore[arg-type]


def test_single_document_arguments_are_refused(world):
    with pytest.raises(TypeError):
        vc.issue_many([], world.key("issuer"), trace={})  # type: ignore[call-arg]
