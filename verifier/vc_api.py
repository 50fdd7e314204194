"""The VC-API endpoints of a verifier: ``/verifiers/{name}/credentials/verify`` and ``.../presentations/verify``.

The HTTP status decides: 200 for what verifies, 400 for what does not, with the checks and problem details in both. A
check that a profile tolerates becomes a warning here and nowhere else; the default profile tolerates nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

import vc
from contexts import CONTEXTS, ContextRegistry
from did import Resolver
from vc.problems import Problem, ProblemError
from vc.vc_api import answer, endpoint, options_of, read_body, refusal
from vc.verdict import Outcome, Verdict

__all__ = ["VerifierInstance", "routes"]


@dataclass(frozen=True, slots=True)
class VerifierInstance:
    """One verifier under ``/verifiers/{name}``.

    ``tolerated`` names checks whose failure is a warning when nothing else is wrong (empty but in a conformance
    profile); a request makes one fatal again by listing it in ``options.checks``. ``status`` is a checker of vc.status
    or None, asked unless ``options.checks`` leaves out ``credentialStatus``.
    """

    resolver: Resolver
    contexts: ContextRegistry = CONTEXTS
    status: Any = None
    tolerated: frozenset[str] = frozenset()

    async def verify(self, document: object, options: Mapping[str, Any]) -> Verdict:
        """The verdict on ``document`` (anything that JSON can hold) under the request's options."""
        checks = _checks(options)
        wants_status = checks is None or "credentialStatus" in checks
        if not isinstance(document, Mapping | str):
            raise ProblemError(Problem("parse.form", "a credential or presentation is an object or a string"))
        return await vc.verify_async(
            document,
            challenge=_text(options, "challenge"),
            domain=_domain(options),
            resolver=self.resolver,
            contexts=self.contexts,
            status=self.status if wants_status else None,
            explain=options.get("explain") is True,
        )

    def tolerates(self, verdict: Verdict, options: Mapping[str, Any]) -> bool:
        """Whether all that is wrong is tolerated here."""
        tolerated = self.tolerated - frozenset(_checks(options) or ())
        wrong = {c.name for c in verdict.checks if c.outcome in (Outcome.FAILED, Outcome.INDETERMINATE)}
        return bool(wrong) and wrong - {"credentials"} <= tolerated


def routes(verifiers: Mapping[str, VerifierInstance]) -> list[web.RouteDef]:
    """The routes of the verifiers by name, to be mounted in an application."""

    def handler(member: str) -> Any:
        async def verify(request: web.Request) -> web.Response:
            verifier = verifiers.get(request.match_info["name"])
            if verifier is None:
                return refusal([Problem("parse.form", "no such verifier")], status=404)
            body = await read_body(request)
            if member not in body:
                raise ProblemError(Problem("parse.form", f"the body needs {member!r}", f"/{member}"))
            options = options_of(body)
            verdict = await verifier.verify(body[member], options)
            return _answer(verdict, verdict.verified or verifier.tolerates(verdict, options))

        return endpoint(verify)

    return [
        web.post("/verifiers/{name}/credentials/verify", handler("verifiableCredential")),
        web.post("/verifiers/{name}/presentations/verify", handler("verifiablePresentation")),
    ]


def _answer(verdict: Verdict, accepted: bool) -> web.Response:
    body = verdict.to_dict()
    if accepted and not verdict.verified:
        body |= {"verified": True, "problemDetails": [], "warnings": body["problemDetails"] + body["warnings"]}
    if accepted:
        body.pop("problemDetails")
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
