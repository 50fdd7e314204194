"""The VC-API endpoints of a verifier: ``/verifiers/{name}/credentials/verify`` and ``.../presentations/verify``.

The HTTP status decides: 200 for what verifies, 400 for what does not, with the checks and problem details in both. A
check that a profile tolerates becomes a warning here and nowhere else; the default profile tolerates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from contexts import CONTEXTS, ContextRegistry
from did import Resolver
from vc.envelope import EnvelopeProfile
from vc.problems import Problem, ProblemError
from vc.recognition import recognise
from vc.vc_api import answer, endpoint, options_of, read_body, refusal
from vc.verdict import Check, Outcome, Verdict
from vc.verification import PolicyArguments, VerificationPolicy, expectations, verification
from vc.workroom import ROOM

__all__ = ["VerifierInstance", "routes"]


@dataclass(frozen=True, slots=True)
class VerifierInstance:
    """One verifier under ``/verifiers/{name}``.

    ``tolerated`` are problem codes that are warnings when nothing else is wrong and all signatures are good (empty but
    in a conformance profile); a request makes one fatal again by listing its first word in ``options.checks``.
    ``status`` is a checker of vc.status or None, asked unless ``options.checks`` leaves out ``credentialStatus``.
    ``envelopes`` is how JOSE, SD-JWT and COSE are judged (strictly by default). ``policy`` is what it demands of every
    document besides (nothing by default).
    """

    resolver: Resolver
    contexts: ContextRegistry = CONTEXTS
    status: Any = None
    tolerated: frozenset[str] = frozenset()
    envelopes: EnvelopeProfile | None = None
    policy: VerificationPolicy | None = None

    async def verify(self, document: object, options: Mapping[str, Any]) -> tuple[Verdict, bool]:
        """The verdict on ``document`` (anything that JSON can hold), and whether it is accepted here.

        Raises ProblemError for options that can't be used, or a document that is no object.
        """
        if not isinstance(document, Mapping):
            raise _not_itself(document)
        if "@context" not in document and (wrapped := _wrapped(document)) is not None:
            raise wrapped
        explain = options.get("explain") is True
        verdict = await self._judge(document, options, explain=explain)
        if verdict.verified or not self._tolerates(verdict, options):
            return verdict, verdict.verified
        # What is tolerated may have kept the signatures from being checked: an explanation goes on to them.
        full = verdict if explain else await self._judge(document, options, explain=True)
        return full, self._tolerates(full, options) and _signatures_good(full)

    async def _judge(self, document: Mapping[str, Any], options: Mapping[str, Any], *, explain: bool) -> Verdict:
        checks = _checks(options)
        wants_status = checks is None or "credentialStatus" in checks
        stated: PolicyArguments = {
            "challenge": _text(options, "challenge"),
            "domain": _domain(options),
            "resolver": self.resolver,
            "contexts": self.contexts,
            "status": self.status if wants_status else None,
            "envelopes": self.envelopes,
            "explain": explain,
        }
        expected = expectations(self.policy, stated)
        return await ROOM.drive(verification(document, expected))

    def _tolerates(self, verdict: Verdict, options: Mapping[str, Any]) -> bool:
        """Whether all that is wrong is tolerated here."""
        fatal = tuple(f"{name}." for name in _checks(options) or ())
        codes = {problem.code for problem in verdict.problems}
        tolerated = {code for code in self.tolerated if not code.startswith(fatal)}
        return bool(codes) and codes <= tolerated and not verdict.indeterminate


def routes(verifiers: Mapping[str, VerifierInstance]) -> list[web.RouteDef]:
    """The routes of the verifiers by name, to be mounted in an application."""

    def handler(member: str, known: str | None = None) -> Any:
        written = _Written()

        async def verify(request: web.Request) -> web.Response:
            verifier = verifiers.get(known or request.match_info["name"])
            if verifier is None:
                return refusal([Problem("parse.form", "no such verifier")], status=404)
            body = await read_body(request)
            if member not in body:
                raise ProblemError(Problem("parse.form", f"the body needs {member!r}", f"/{member}"))
            options = options_of(body)
            verdict, accepted = await verifier.verify(body[member], options)
            return _answer(verdict, accepted, written, explain=options.get("explain") is True)

        return endpoint(verify)

    # A path without a variable is found at once: those that are known now have their own, besides the general ones.
    return [
        web.post(f"/verifiers/{path}/{kind}/verify", handler(member, known))
        for path, known in (*((name, name) for name in verifiers if _PLAIN(name)), ("{name}", None))
        for kind, member in (("credentials", "verifiableCredential"), ("presentations", "verifiablePresentation"))
    ]


def _not_itself(value: object) -> ProblemError:
    """What was sent instead of a credential or presentation, which is an object here: named, and not unwrapped."""
    detail, detail_zh = "a credential or presentation is an object", "凭证或出示应为 JSON 对象"
    if isinstance(value, str | list):
        kind = recognise(value if isinstance(value, str) else orjson.dumps(value)).described
        detail, detail_zh = f"{detail}; this is {kind.name}", f"{detail_zh}；这是{kind.name_zh}"
    return ProblemError(Problem("parse.form", detail, detail_zh=detail_zh))


def _wrapped(document: Mapping[str, Any]) -> ProblemError | None:
    """What is said of an object around a credential: where that stands. A server takes it by itself only."""
    found = recognise(dict(document))
    inside = [pointer for pointer, _ in found.verifiable() if pointer]
    if not inside:
        return None
    kind, places = found.described, ", ".join(inside[:8])
    detail = f"this is {kind.name}; what can be verified stands at {places}: send that by itself"
    detail_zh = f"这是{kind.name_zh}；可供验证的内容位于 {places}，请单独发送"
    return ProblemError(Problem("parse.carrier", detail, detail_zh=detail_zh))


_PLAIN = re.compile(r"[A-Za-z0-9_-]+").fullmatch


class _Written:
    """The checks of one verdict as JSON. Those of the next are the same ones, usually, which is soon compared."""

    def __init__(self) -> None:
        self._last: tuple[tuple[Check, ...], orjson.Fragment] = ((), orjson.Fragment(b"[]"))

    def __call__(self, checks: tuple[Check, ...]) -> orjson.Fragment:
        last = self._last  # One object: another thread may put another one in its place.
        if last[0] != checks:
            last = self._last = (checks, orjson.Fragment(orjson.dumps([check.to_dict() for check in checks])))
        return last[1]


def _signatures_good(verdict: Verdict) -> bool:
    outcomes = [check.outcome for check in verdict.checks if check.name == "proof"]
    return bool(outcomes) and all(outcome is Outcome.PASSED for outcome in outcomes)


def _answer(verdict: Verdict, accepted: bool, written: _Written, *, explain: bool) -> web.Response:
    if verdict.verified and not explain:
        warnings = [problem.to_dict() for problem in verdict.warnings]
        return answer({"verified": True, "checks": written(verdict.checks), "warnings": warnings})
    body = verdict.to_dict()
    if not explain:
        body.pop("trace", None)
    if accepted:
        tolerated = body.pop("problemDetails")
        body |= {"verified": True, "warnings": tolerated + body["warnings"]}
    return answer(body, 200 if accepted else 400)


def _checks(options: Mapping[str, Any]) -> Sequence[str] | None:
    checks = options.get("checks")
    if checks is not None and not (isinstance(checks, list) and all(isinstance(c, str) for c in checks)):
        raise ProblemError(Problem("parse.form", "checks is a list of strings", "/options/checks"))
    return checks


def _text(options: Mapping[str, Any], name: str) -> str | None:
    value = options.get(name)
    if value is not None and not isinstance(value, str):
        raise ProblemError(Problem("parse.form", f"{name} is a string", f"/options/{name}"))
    return value


def _domain(options: Mapping[str, Any]) -> str | list[str] | None:
    value = options.get("domain")
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return value
    raise ProblemError(Problem("parse.form", "domain is a string or a list of strings", "/options/domain"))
