"""Cards as SD-JWTs of the W3C data model (VC-JOSE-COSE, ``vc+sd-jwt``): the JSON-LD credential itself is the payload.

All of it is here: nothing of ours knows this format. It has the JSON-LD form's status entries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import vc
from did.deferred import DeferredSigner
from did.multibase import encode_base64url
from vc.cards import CardSet, Label, claims_of
from vc.cards.formats import MAX_SHOWN, TOKEN, Chosen, Held, PendingCards, Unsecured
from vc.cards.formats.each import device_problems, verification_of_each
from vc.envelope.sd_jwt import SdJwt, confirmation_key, parse
from vc.problems import Problem, ProblemError

_MEMBERS = {"@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema"} | {
    "credentialSubject", "cnf",
}  # fmt: skip


class W3cSdJwt:
    name = "w3c-sd-jwt-test"
    label = Label("W3C 数据模型的 SD-JWT", "SD-JWT of the W3C data model")
    member = "w3cSdJwts"
    discloses_besides = ((Label("签发机关的签名", "The issuer's signature"), Label("", "")),)
    device_signs = (b"eyJhbGciOiJFUzI1NiIsInR5cCI6ImtiK2p3dCJ9.",)

    needs_certificates = False

    def signs_with(self, key_type: str) -> bool:
        return key_type in ("P-256", "Ed25519")

    def status_purposes(self, purposes: Sequence[str]) -> Sequence[str]:
        return [purpose for purpose in purposes if purpose != TOKEN]

    def published(self, card: Any) -> Mapping[str, bytes]:
        return {}

    def secure(self, card: Unsecured, signer: Any) -> str:
        credential = {**card.credential, "credentialStatus": list(card.status.values())}
        hidden = [
            claim.pointer
            for claim in card.definition.claims.values()
            if claim.disclosure != "M" and claim.term in credential["credentialSubject"]
        ]
        return str(
            vc.issue_enveloped(
                credential,
                signer,
                envelope="vc+sd-jwt",
                disclosable=hidden,
                holder_key=card.device_key,
                contexts=card.contexts,
                random=card.random,
            )
        )

    def open(self, held: Any, cards: CardSet) -> Held:
        parsed = parse(held)
        return Held(_credential(parsed, cards), _device(parsed), parsed.binding is not None)

    def verify_held(self, held: Any, *, now: Any, resolver: Any, contexts: Any) -> Any:
        return vc.verify(held, now=now, resolver=resolver, contexts=contexts)

    def prepare(
        self, chosen: Sequence[Chosen], device_key: Any, *, challenge: str, domain: str, now: Any, cards: Any, **_: Any
    ) -> PendingCards:
        waiting = DeferredSigner(device_key)
        options = {"signer": waiting, "challenge": challenge, "domain": domain, "now": now}
        texts = [
            vc.derive_enveloped(one.held, [one.definition.claims[term].pointer for term in one.terms], **options)
            for one in chosen
        ]
        return PendingCards(
            tuple(waiting.asked),
            tuple(frozenset(claims_of(_credential(parse(text), cards))) for text in texts),
            device_key.public_key,
            lambda signatures: [
                text[: text.rindex(".") + 1] + encode_base64url(one)
                for text, one in zip(texts, signatures, strict=True)
            ],
        )

    def read(self, value: object, cards: CardSet) -> Any:
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise ProblemError(Problem("message.form", "an array of texts"))
        if not 1 <= len(value) <= MAX_SHOWN:
            raise ProblemError(Problem("message.limit", f"a message has 1 to {MAX_SHOWN} cards"))
        return _Shown(value, cards)


class _Shown:
    format = W3cSdJwt.name

    def __init__(self, texts: list[str], cards: CardSet) -> None:
        self.value = texts
        self.parsed = [parse(text) for text in texts]
        credentials = [_credential(one, cards) for one in self.parsed]
        self.presentation = {"type": ["VerifiablePresentation"], "verifiableCredential": credentials}

    def challenges(self) -> Any:
        return (one.binding.nonce for one in self.parsed if one.binding is not None)

    def signatures(self) -> list[tuple[str, str]]:
        return [("key binding", one.binding.jws.signature.hex()) for one in self.parsed if one.binding is not None]

    def verification(self, expected: Any) -> Any:
        return (yield from verification_of_each(self.value, self.presentation, expected))

    def shape_problems(self) -> list[Problem]:
        return [
            Problem("card.member_unknown", "no such member", f"/verifiableCredential/{index}/{name}")
            for index, one in enumerate(self.parsed)
            for name in one.claims.keys() ^ _MEMBERS
        ]

    def binding_problems(self) -> list[Problem]:
        return device_problems((_device(one), one.claims["credentialSubject"].get("id")) for one in self.parsed)

    def status_holders(self) -> Any:
        return self.presentation["verifiableCredential"]

    def documents(self) -> Sequence[str]:
        return self.value


def _credential(parsed: SdJwt, cards: CardSet) -> dict[str, Any]:
    credential = {name: value for name, value in parsed.claims.items() if name != "cnf"}
    if cards.of_credential(credential) is None or not isinstance(credential.get("credentialSubject"), Mapping):
        raise ProblemError(Problem("card.unknown", "the type names no card that is known here", "/type"))
    return credential


def _device(parsed: SdJwt) -> str | None:
    try:
        return f"did:key:{confirmation_key(parsed.claims).to_multikey()}"
    except ProblemError:
        return None


FORMAT = W3cSdJwt()
