"""Whatever is verified, with whatever breaks on the way, there is a verdict, and it says what was missing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import did
import vc
from vc.extras import EXTRAS, missing_extra
from vc.integrity.secured import DocumentWithProofs
from vc.status import StatusChecker

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
V2, EXAMPLES = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"
KEY = did.SoftwareKey.from_seed("P-256", b"key of what never raises")


def credential(issuer: str) -> dict[str, Any]:
    return {
        "@context": [V2, EXAMPLES],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": KEY.did, "alumniOf": "A school"},
    }


SECURED = vc.issue(credential(KEY.did), KEY, now=NOW)


class _Breaking(Mapping[str, Any]):
    """A mapping none of whose methods works."""

    def __getitem__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __iter__(self) -> Iterator[str]:
        raise OSError

    def __len__(self) -> int:
        raise MemoryError


class _Text(str):
    """A text that can't be cut."""

    def __getitem__(self, index: Any) -> Any:
        raise ValueError(index)


class _Members(dict[str, Any]):
    """A dict that lies."""

    def get(self, *arguments: Any) -> Any:
        raise KeyError(arguments)


THINGS = [
    None,
    Ellipsis,
    NotImplemented,
    object(),
    type,
    vc,
    print,
    1,
    1.5,
    1j,
    float("nan"),
    (),
    [],
    {1},
    {1: 2},
    {b"type": 1},
    {None: None},
    memoryview(b"{}"),
    memoryview(bytearray(b"x.y.z"))[::2],
    bytearray(b"\xff\xfe"),
    range(3),
    NOW,
    KEY,
    _Breaking(),
    _Text("{}"),
    _Text("a.b.c"),
    {"type": _Members()},
    {"proof": object()},
    {"@context": lambda: None},
    (one for one in ()),  # type: ignore[var-annotated]
    Exception("x"),
    "\ud800",
    "a" * 100_000,
    b"\x00" * 100_000,
]


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: type(thing).__name__)
async def test_any_object_at_all_gets_a_verdict(thing: Any) -> None:
    for explain in (False, True):
        assert not vc.verify(thing, now=NOW, explain=explain).verified
        assert not (await vc.verify_async(thing, now=NOW, explain=explain)).verified


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["@context", "type", "proof", "id", "payload", "issuer", "verifiableCredential"])
                | st.text(),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_value_at_all_gets_a_verdict(value: Any) -> None:
    assert not vc.verify(value, now=NOW).verified


@pytest.mark.parametrize(
    "error", [RuntimeError("x"), OSError(), KeyError(1), StopIteration(3), ImportError("x"), MemoryError()]
)
async def test_a_resolver_that_breaks_leaves_a_verdict(error: Exception) -> None:
    class Broken(did.Resolver):
        def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
            raise error

        async def dereference_async(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
            raise error

    for verdict in (
        vc.verify(SECURED, resolver=Broken(), now=NOW),
        await vc.verify_async(SECURED, resolver=Broken(), now=NOW),
    ):
        assert not verdict.verified
        assert [problem.code for problem in verdict.problems] == ["verification.internal"]
        assert verdict.document == SECURED


class PanicException(BaseException):
    """As libraries in Rust raise it."""


@pytest.mark.parametrize(("raised", "caught"), [(PanicException(), True), (KeyboardInterrupt(), False)])
def test_a_library_that_panics_leaves_a_verdict_and_an_interrupt_does_not(
    monkeypatch: pytest.MonkeyPatch, raised: BaseException, caught: bool
) -> None:
    def panic(self: object, record: object) -> None:
        raise raised

    monkeypatch.setattr(DocumentWithProofs, "read", panic)
    if caught:
        assert [problem.code for problem in vc.verify(SECURED, now=NOW).problems] == ["verification.internal"]
    else:
        with pytest.raises(KeyboardInterrupt):
            vc.verify(SECURED, now=NOW)


def test_a_status_source_that_breaks_leaves_a_verdict() -> None:
    class Broken:
        def get(self, url: str) -> bytes:
            raise ZeroDivisionError

        async def get_async(self, url: str) -> bytes:
            raise ZeroDivisionError

    status = {
        "id": "https://status.example/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://status.example/1",
    }
    secured = vc.issue({**credential(KEY.did), "credentialStatus": status}, KEY, now=NOW)
    verdict = vc.verify(secured, status=StatusChecker(Broken()), now=NOW)
    assert not verdict.verified


class TestMissingParts:
    def test_each_part_is_known_by_its_modules(self) -> None:
        for module, extra in EXTRAS.items():
            for name in (module, module + ".inner"):
                problem = missing_extra(ModuleNotFoundError(f"No module named {name!r}", name=name))
                assert problem is not None and f"liangzheng[{extra}]" in problem.detail
        assert missing_extra(ModuleNotFoundError(name="elsewhere")) is None
        assert missing_extra(ImportError("cannot import name 'x'")) is None

    def test_the_cause_is_looked_at_too(self) -> None:
        try:
            try:
                raise ModuleNotFoundError(name="aiohttp")
            except ImportError as error:
                raise ImportError("the network needs more") from error
        except ImportError as error:
            problem = missing_extra(error)
        assert problem is not None and "[http]" in problem.detail

    def test_a_bbs_proof_without_bbs_says_which_part_to_install(self) -> None:
        """In a process of its own, where the module can't be imported."""
        issuer = did.SoftwareKey.from_seed("BLS12-381-G2", b"issuer of bbs")
        derived = vc.derive(vc.issue(credential(issuer.did), issuer, now=NOW))
        presentation = vc.present([derived], KEY, now=NOW)
        program = (
            "import sys, json\n"
            "sys.modules['py_arkworks_bls12381'] = None\n"
            "import vc\n"
            "for line in sys.stdin:\n"
            "    verdict = vc.verify(line)\n"
            "    print(json.dumps([verdict.verified, verdict.indeterminate, *[(p.code, p.detail)"
            " for p in verdict.problems]]))\n"
        )
        lines = "\n".join(json.dumps(document) for document in (derived, presentation))
        result = subprocess.run(
            [sys.executable, "-c", program], input=lines, capture_output=True, text=True, check=True
        )
        for line in result.stdout.splitlines():
            verified, indeterminate, (code, detail) = json.loads(line)
            assert (verified, indeterminate, code) == (False, True, "verification.extra_missing")
            assert "pip install 'liangzheng[bbs]'" in detail
        assert len(result.stdout.splitlines()) == 2

    def test_a_part_that_a_resolver_lacks_is_said(self) -> None:
        class Needing(did.Resolver):
            def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
                raise ModuleNotFoundError("No module named 'aiohttp'", name="aiohttp")

        verdict = vc.verify(SECURED, resolver=Needing(), now=NOW)
        assert verdict.indeterminate
        assert [problem.code for problem in verdict.problems] == ["verification.extra_missing"]
        assert "liangzheng[http]" in verdict.problems[0].detail

    def test_what_is_missing_for_another_reason_is_a_defect(self) -> None:
        class Needing(did.Resolver):
            def dereference(self, did_url: str, purpose: str) -> did.VerificationMethod:  # type: ignore[override]
                raise ModuleNotFoundError("No module named 'nowhere'", name="nowhere")

        verdict = vc.verify(SECURED, resolver=Needing(), now=NOW)
        assert not verdict.verified and not verdict.indeterminate


def test_only_an_unusable_policy_raises() -> None:
    for wrong in ({"challenge": 1}, {"domain": 5}, {"unheard": 1}):
        with pytest.raises(TypeError):
            vc.verify(SECURED, **wrong)  # type: ignore[arg-type]
