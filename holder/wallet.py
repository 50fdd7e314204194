"""The wallet: cards, device key, PIN, consent, presentations and the usage log of one device.

::

    keystore = FileKeystore("elsewhere/device.keystore")
    with Wallet.create("wallet.db", pin, keystore) as wallet:
        proof = wallet.prove_possession(challenge, domain, pin=pin)       # for the issuer
        wallet.add(credential, [portrait])
        disclosure = wallet.consider(request)                             # exactly what would leave
        message = wallet.present(request, ask_the_holder, pin=pin)        # 300 seconds, for this verifier only

See ``holder.vault`` for who can open a wallet and what protects it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from contexts import CONTEXTS
from did.key_files import Argon2id
from vc.cards import CARDS, CardSet, register_contexts
from vc.problems import Problem, ProblemError
from vc.scenarios import SCENARIOS, PresentationRequest, ScenarioSet

from .answering import LIFETIME_SECONDS, Answering, Ask
from .cards import Card, CardSource, CardStore
from .consent import Disclosure
from .device import DeviceKey
from .errors import PinError, PinWeak
from .keystore import Keystore, system_clock
from .pending import PendingMessage
from .pin import check_new
from .remote_key import RemoteDeviceKey
from .sealing import Random, subkey
from .usage_log import UsageLog
from .vault import Vault

if TYPE_CHECKING:
    from did import Resolver, Signer
    from vc.cards.message import Message
    from vc.presentation import PendingPresentation

__all__ = ["LIFETIME_SECONDS", "SELF_SHOWN", "Wallet"]

SELF_SHOWN: Final = "urn:liangzheng:self-shown"
"""The domain of what a holder shows without a request: nobody's, so that no verifier accepts it as addressed to it."""

Pin = str | Callable[[], str]
"""The PIN, or what asks the holder for it when it is needed."""


class Wallet:
    """One opened wallet. Use it as a context manager, or ``close`` it.

    Made by ``Wallet.create`` and ``Wallet.open``. Several processes may have the same wallet open.
    """

    def __init__(
        self,
        vault: Vault,
        *,
        clock: Callable[[], datetime],
        random: Random,
        definitions: CardSet = CARDS,
        scenarios: ScenarioSet = SCENARIOS,
        device_key: Signer | None = None,
    ) -> None:
        contexts = CONTEXTS if definitions is CARDS else register_contexts(definitions)
        self._vault = vault
        self._clock = clock
        self._random = random
        row = vault.connection.execute("SELECT sealed FROM device_key").fetchone() or (b"",)
        self.device_key = _device_key(vault.unseal(row[0], "device_key"), device_key)
        self.log = UsageLog(vault, clock)
        self._cards = CardStore(
            vault,
            self.log,
            self.device_key.did,
            clock=clock,
            random=random,
            definitions=definitions,
            contexts=contexts,
        )
        self._answering = Answering(
            cards=self._cards,
            log=self.log,
            device_key=self.device_key,
            definitions=definitions,
            scenarios=scenarios,
            contexts=contexts,
            clock=clock,
            random=random,
        )

    @classmethod
    def create(
        cls,
        path: str | Path,
        pin: str,
        keystore: Keystore,
        *,
        device_key: Signer | None = None,
        personal: Iterable[str] = (),
        cost: Argon2id | None = None,
        clock: Callable[[], datetime] = system_clock,
        random: Random = secrets.token_bytes,
        definitions: CardSet = CARDS,
        scenarios: ScenarioSet = SCENARIOS,
    ) -> Wallet:
        """Make a wallet with a new device key, or for a ``device_key`` that is elsewhere: one that can sign (a token,
        a phone's key store), or a ``RemoteDeviceKey`` whose signatures come later.

        ``personal`` are the holder's identity number and birth date, if known, which the PIN must not repeat; ``cost``
        the Argon2id parameters. Raises PinForm, PinWeak, WalletExists.
        """
        check_new(pin, personal)

        def furnish(vault: Vault, master: bytes) -> None:
            key = (
                RemoteDeviceKey.of(device_key)
                if device_key is not None
                else DeviceKey.generate(subkey(master, "device key"), random)
            )
            sealed = vault.seal(key.to_record(), "device_key")
            vault.connection.execute("INSERT INTO device_key VALUES (1, ?)", (sealed,))
            UsageLog(vault, clock).append_in_transaction("created", device=key.did)

        vault = Vault.create(Path(path), pin, keystore, cost=cost or Argon2id(), random=random, furnish=furnish)
        return cls(
            vault,
            clock=clock,
            random=random,
            definitions=definitions,
            scenarios=scenarios,
            device_key=_with_signer(device_key),
        )

    @classmethod
    def open(
        cls,
        path: str | Path,
        pin: str,
        keystore: Keystore,
        *,
        device_key: Signer | None = None,
        clock: Callable[[], datetime] = system_clock,
        random: Random = secrets.token_bytes,
        definitions: CardSet = CARDS,
        scenarios: ScenarioSet = SCENARIOS,
    ) -> Wallet:
        """Open a wallet, counting a try. ``device_key`` is that of a wallet made for one elsewhere that can sign.

        Raises ValueError for another ``device_key`` than the wallet's; WalletMissing, WalletDamaged, WalletUnusable,
        KeystoreMissing, PinForm, PinWrong, PinLocked, PinBlocked.
        """
        vault = Vault.open(Path(path), pin, keystore, random=random)
        try:
            return cls(
                vault,
                clock=clock,
                random=random,
                definitions=definitions,
                scenarios=scenarios,
                device_key=_with_signer(device_key),
            )
        except BaseException:
            vault.close()
            raise

    @staticmethod
    def erase(path: str | Path, keystore: Keystore) -> None:
        """Destroy a wallet for good, without its PIN: to start anew. Raises WalletMissing, WalletDamaged."""
        Vault.erase(Path(path), keystore)

    def close(self) -> None:
        """Forget the keys and close the file."""
        self._vault.close()

    def __enter__(self) -> Wallet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def did(self) -> str:
        """The device's did:key."""
        return self.device_key.did

    def prove_possession(self, challenge: str, domain: str, *, pin: Pin) -> dict[str, Any]:
        """A presentation without credentials over an issuer's challenge: that this device holds its key.

        Raises ProblemError (``request.form``) for a challenge shorter than 16 characters, and the PIN's errors.
        """
        pending, sealing_key = self._prepare_possession(challenge, domain, pin)
        return pending.complete(self.device_key.grant(sealing_key).sign(pending.data_to_sign))

    def prepare_possession(self, challenge: str, domain: str, *, pin: Pin) -> PendingPresentation:
        """``prove_possession`` up to the signature, for a device key that is elsewhere."""
        return self._prepare_possession(challenge, domain, pin)[0]

    def _prepare_possession(self, challenge: str, domain: str, pin: Pin) -> tuple[PendingPresentation, bytes]:
        if not 16 <= len(challenge) <= 256 or not 0 < len(domain) <= 256:
            raise ProblemError(Problem("request.form", "a challenge has 16 to 256 characters, a domain 1 to 256"))
        sealing_key = self._sealing_key(pin)
        self.log.append("possession-proved", domain=domain)
        return self._answering.presentation([], challenge, domain), sealing_key

    def add(
        self,
        credential: Mapping[str, Any],
        attachments: Iterable[bytes] = (),
        *,
        source: CardSource | None = None,
        forms: Mapping[str, str] | None = None,
        resolver: Resolver | None = None,
    ) -> Card:
        """Take a card in: of a known kind, bound to this device, signed by its issuer over every claim, with its
        portrait; and with the same card in other ``forms`` (format -> text), when there are any.

        ``resolver`` finds the issuer's key; where it is out of reach, the card is taken in and marked
        (``Card.issuer_checked``). ``source`` is kept with it. Raises CardRefused.
        """
        return self._cards.add(credential, attachments, source=source, forms=forms, resolver=resolver)

    def update(
        self,
        card_id: str,
        credential: Mapping[str, Any],
        attachments: Iterable[bytes] = (),
        *,
        source: CardSource | None = None,
        forms: Mapping[str, str] | None = None,
        resolver: Resolver | None = None,
    ) -> Card:
        """Put a newer version of a card in its place, both or neither. Raises CardUnknown, CardRefused."""
        return self._cards.update(card_id, credential, attachments, source=source, forms=forms, resolver=resolver)

    def previous(self, credential: Mapping[str, Any]) -> Card | None:
        """The card in the wallet that ``credential`` would update: of the same licence identifier, or None."""
        return self._cards.previous(credential)

    def remove(self, card_id: str) -> None:
        """Take a card out for good. Raises CardUnknown."""
        self._cards.remove(card_id)

    def list(self) -> list[Card]:
        """Every card, in the order in which they came in."""
        return self._cards.all()

    def show(self, card_id: str) -> Card:
        """One card; its readings are in ``Card.display``. Raises CardUnknown."""
        return self._cards.get(card_id)

    def attachments(self, card_id: str) -> dict[str, bytes]:
        """The pictures of one card: digestMultibase -> bytes. Raises CardUnknown."""
        return self._cards.attachments(card_id)

    def change_pin(self, old: str, new: str) -> None:
        """Change the PIN. Raises PinWeak (also by what the cards say) before the old one is tried, and its errors."""
        check_new(new, self._cards.personal())
        with self._refusals_logged():
            self._vault.change_pin(old, new)
        self.log.append("pin-changed")

    def pin_advice(self, pin: str) -> PinWeak | None:
        """Why ``pin`` should be changed now that the cards in the wallet are known; None when it may stay."""
        try:
            check_new(pin, self._cards.personal())
        except PinWeak as error:
            return error
        return None

    def consider(
        self, request: PresentationRequest | Mapping[str, Any], *, choose: Mapping[str, str] | None = None
    ) -> Disclosure:
        """Exactly what would leave for a request, and to whom. Nothing leaves.

        ``choose`` maps a card's place in the scenario to the id of the card to show. Raises RequestRefused, which is
        written into the log.
        """
        return self._answering.consider(request, choose)

    def present(
        self,
        request: PresentationRequest | Mapping[str, Any],
        consent: Ask,
        *,
        pin: Pin,
        choose: Mapping[str, str] | None = None,
    ) -> Message:
        """Answer a request: ask ``consent``, then the PIN, then derive, sign for this verifier, and log.

        The message carries what lives 300 seconds, in the format that the request wants, and the portraits that are
        disclosed. It is in the log before it is signed; for some formats the device key signs once a card, for one PIN.
        Raises RequestRefused, ConsentRefused, ValueError for a consent that leaves out what is not optional, and the
        PIN's errors.
        """
        pending, sealing_key = self._answering.prepare(request, consent, choose, lambda: self._sealing_key(pin))
        return pending.complete([self.device_key.grant(sealing_key).sign(data) for data in pending.data_to_sign])

    def prepare(
        self,
        request: PresentationRequest | Mapping[str, Any],
        consent: Ask,
        *,
        pin: Pin,
        choose: Mapping[str, str] | None = None,
    ) -> PendingMessage:
        """``present`` up to the signatures, for a device key that is elsewhere."""
        return self._answering.prepare(request, consent, choose, lambda: self._sealing_key(pin))[0]

    def prepare_shown(self, card_id: str, terms: Iterable[str], *, pin: Pin) -> PendingMessage:
        """Show claims of one card on the holder's own initiative, up to the signature.

        The presentation has a challenge of the wallet's own and the domain ``SELF_SHOWN``: it tells somebody who looks,
        and no verifier takes it for the answer to its request. Raises CardUnknown, ValueError for a claim that the card
        does not have or always shows, and the PIN's errors.
        """
        card, wanted = self.show(card_id), frozenset(terms)
        unknown = wanted - {term for term in card.claims if card.definition.claims[term].disclosure != "M"}
        if unknown:
            raise ValueError(f"the card does not have {', '.join(sorted(unknown))}, or always shows it")
        self._sealing_key(pin)
        chosen = [term for term in card.definition.claims if term in wanted]
        return self._answering.prepare_shown(card, chosen, self._random(16).hex(), SELF_SHOWN)

    def record_result(self, challenge: str, result: str) -> None:
        """Write down what came of a presentation, named by its challenge: ``verified``, ``refused`` or ``unknown``.

        Raises ValueError for another result, or when the log has no presentation with this challenge.
        """
        if result not in ("verified", "refused", "unknown"):
            raise ValueError("the result is verified, refused or unknown")
        presented = [entry for entry in self.log.entries() if entry.event == "presented"]
        found = next((entry for entry in reversed(presented) if entry.details["challenge"] == challenge), None)
        if found is None:
            raise ValueError("the log has no presentation with this challenge")
        self.log.append("result", of=found.number, result=result)

    def _sealing_key(self, pin: Pin) -> bytes:
        given = pin if isinstance(pin, str) else pin()
        with self._refusals_logged():
            return self._vault.sealing_key(given)

    @contextmanager
    def _refusals_logged(self) -> Iterator[None]:
        try:
            yield
        except PinError as error:
            self.log.append("pin-refused", reason=error.code)
            raise


def _device_key(record: bytes, signer: Signer | None) -> DeviceKey | RemoteDeviceKey:
    parsed = json.loads(record)
    if "remote" in parsed:
        return RemoteDeviceKey.from_record(parsed, signer)
    if signer is not None:
        raise ValueError("this wallet has its own device key")
    return DeviceKey.from_record(record)


def _with_signer(key: Signer | None) -> Signer | None:
    """The key, when it can sign."""
    return None if isinstance(key, RemoteDeviceKey) else key
