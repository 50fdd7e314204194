"""The VC-API endpoints of a holder: ``/holders/{name}/credentials/derive`` and ``/holders/{name}/presentations``.

For services that hold credentials without a person to ask, such as the conformance server. A person's wallet does not
have them: nothing leaves it without consent and PIN (``holder.wallet``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

import vc
from contexts import CONTEXTS, ContextRegistry
from did import Signer
from vc.checks.environment import Environment
from vc.model import identifier_of, validate
from vc.presentation import unfit_to_show
from vc.problems import Problem, ProblemError
from vc.securing import add_proof
from vc.vc_api import answer, endpoint, member, options_of, read_body, refusal
from vc.workroom import ROOM

__all__ = ["HolderInstance", "routes"]


@dataclass(frozen=True, slots=True)
class HolderInstance:
    """One holder under ``/holders/{name}``, with the key that signs its presentations."""

    signer: Signer
    contexts: ContextRegistry = CONTEXTS

    def derive(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The derived credential; absent or empty pointers show what is mandatory only. Raises ProblemError."""
        pointers = options_of(body).get("selectivePointers", [])
        if not isinstance(pointers, list) or not all(isinstance(pointer, str) for pointer in pointers):
            detail = "selectivePointers is a list of JSON pointers"
            raise ProblemError(Problem("pointer.form", detail, "/options/selectivePointers"))
        credential = member(body, "verifiableCredential")
        return vc.derive(credential, selective_pointers=pointers, contexts=self.contexts)

    def present(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The presentation of the body, signed as it is, with the holder filled in when absent. Raises ProblemError."""
        presentation, options = member(body, "presentation"), options_of(body)
        if presentation.get("proof") is not None:
            raise ProblemError(Problem("parse.form", "the presentation has a proof already", "/presentation/proof"))
        unsigned = {**presentation, "holder": presentation.get("holder", self.signer.did)}
        problems = validate(unsigned, kind="presentation", contexts=self.contexts)
        # A derived credential shows what was chosen; its subject may be among what was not.
        problems = [problem for problem in problems if problem.code != "model.subject"]
        if identifier_of(unsigned["holder"]) != self.signer.did:
            problems.append(Problem("holder.controller", f"this holder is {self.signer.did}", "/holder"))
        if not problems:
            problems = [
                problem for index, c in enumerate(_credentials(unsigned)) for problem in unfit_to_show(c, index)
            ]
        if problems:
            raise ProblemError(*problems)
        config = {
            "proofPurpose": "authentication",
            "challenge": _text(options, "challenge"),
            "domain": _text(options, "domain"),
        }
        env = Environment(self.contexts)
        return add_proof(unsigned, self.signer, cryptosuite=None, config=config, options=None, env=env)


def routes(holders: Mapping[str, HolderInstance]) -> list[web.RouteDef]:
    """The routes of the holders by name, to be mounted in an application."""

    def handler(
        result: str, action: Callable[[HolderInstance, Mapping[str, Any]], dict[str, Any]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def act(request: web.Request) -> web.StreamResponse:
            holder = holders.get(request.match_info["name"])
            if holder is None:
                return refusal([Problem("parse.form", "no such holder")], status=404)
            body = await read_body(request)
            return answer({result: await ROOM.run(lambda: action(holder, body))}, 201)

        return endpoint(act)

    return [
        web.post("/holders/{name}/credentials/derive", handler("verifiableCredential", HolderInstance.derive)),
        web.post("/holders/{name}/presentations", handler("verifiablePresentation", HolderInstance.present)),
    ]


def _credentials(presentation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = presentation.get("verifiableCredential", [])
    return [c for c in (found if isinstance(found, list) else [found]) if isinstance(c, Mapping)]


def _text(options: Mapping[str, Any], name: str) -> str | None:
    value = options.get(name)
    if value is not None and not isinstance(value, str):
        raise ProblemError(Problem("parse.form", f"{name} is a string", f"/options/{name}"))
    return value
