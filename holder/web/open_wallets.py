"""The wallets on this server: a file for each device key, opened by PIN for a while, one caller at a time.

What an opened wallet is busy with (a request being considered, a presentation waiting for its signature or being shown)
is kept in memory only: it ends with the process, with the lock, and by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from did.key_files import Argon2id
from did.private_files import private_folder
from vc.cards import CARDS, CardSet
from vc.scenarios import SCENARIOS, ScenarioSet
from vc.workroom import Workroom

from ..errors import WalletMissing
from ..keystore import FileKeystore, Keystore
from ..places import check_apart, keystore_beside
from ..remote_key import RemoteDeviceKey
from ..sealing import Random
from ..wallet import Wallet

__all__ = ["OpenWallet", "OpenWallets"]

_T = TypeVar("_T")
_MAX_JOBS = 16
_MAX_OPEN = 2000
_THREADS = 4
_WAITING = 64
"""At most so many PINs are stretched at a time, 64 MiB each."""


class OpenWallet:
    """One opened wallet. ``states`` is what issuers last said of cards: id -> ``suspended`` or ``revoked``."""

    def __init__(self, wallet: Wallet, room: Workroom, random: Random, now: datetime) -> None:
        self.did = wallet.did
        self.touched = now
        self.states: dict[str, str] = {}
        self._wallet = wallet
        self._room = room
        self._random = random
        self._lock = asyncio.Lock()
        self._jobs: OrderedDict[str, Any] = OrderedDict()

    async def run(self, work: Callable[[Wallet], _T]) -> _T:
        """The result of ``work``, done beside the event loop while nobody else uses the wallet."""
        async with self._lock:
            return await self._room.run(lambda: work(self._wallet))

    def begin(self, job: object) -> str:
        """Keep what is going on; returns its unguessable name. The oldest is given up when there are many."""
        name = self._random(12).hex()
        self._jobs[name] = job
        while len(self._jobs) > _MAX_JOBS:
            self._jobs.popitem(last=False)
        return name

    def job(self, name: str, kind: type[_T]) -> _T | None:
        """What is going on under a name."""
        found = self._jobs.get(name)
        return found if isinstance(found, kind) else None

    def end(self, name: str) -> None:
        """Forget it."""
        self._jobs.pop(name, None)

    async def close(self) -> None:
        """Forget the keys, once nobody uses the wallet."""
        self._jobs.clear()
        async with self._lock:
            self._wallet.close()


class OpenWallets:
    """Makes, opens and closes wallets below ``home``. ``idle`` is how long one stays open without use.

    ``keystore`` is by default in a folder beside ``home``: put it on another disk to keep backups harmless. Raises
    WalletPlace for one in a folder that holds the wallets, or that they hold.
    """

    def __init__(
        self,
        home: Path,
        *,
        clock: Callable[[], datetime],
        random: Random,
        keystore: Keystore | None = None,
        cost: Argon2id | None = None,
        idle: timedelta = timedelta(minutes=10),
        definitions: CardSet = CARDS,
        scenarios: ScenarioSet = SCENARIOS,
    ) -> None:
        self._home = home
        self._keystore = keystore or FileKeystore(keystore_beside(home), clock=clock, random=random)
        check_apart(home / "wallets" / "any", self._keystore)
        check_apart(home / "any", self._keystore)
        private_folder(home / "wallets")
        self._clock = clock
        self._random = random
        self._cost = cost
        self._idle = idle
        self.definitions = definitions
        self.scenarios = scenarios
        self._room = Workroom(_THREADS, _WAITING)
        self._open: OrderedDict[str, OpenWallet] = OrderedDict()

    async def create(self, key: RemoteDeviceKey, pin: str) -> str:
        """Make a wallet for a device key; returns the name of the opened wallet. Raises as ``Wallet.create``."""

        def make() -> Wallet:
            return Wallet.create(
                self._path(key),
                pin,
                self._keystore,
                device_key=key,
                cost=self._cost,
                clock=self._clock,
                random=self._random,
                definitions=self.definitions,
                scenarios=self.scenarios,
            )

        return await self._keep(make)

    async def open(self, key: RemoteDeviceKey, pin: str) -> str:
        """Open the wallet of a device key, counting a try. Raises as ``Wallet.open``."""

        def unlock() -> Wallet:
            return Wallet.open(
                self._path(key),
                pin,
                self._keystore,
                clock=self._clock,
                random=self._random,
                definitions=self.definitions,
                scenarios=self.scenarios,
            )

        return await self._keep(unlock)

    def get(self, name: object) -> OpenWallet | None:
        """The opened wallet of a name, when it was used not long ago."""
        now = self._clock()
        found = self._open.get(name) if isinstance(name, str) else None
        if found is None or now - found.touched > self._idle:
            return None
        found.touched = now
        return found

    async def lock(self, name: object) -> None:
        """Close an opened wallet."""
        found = self._open.pop(name, None) if isinstance(name, str) else None
        if found is not None:
            await found.close()

    async def erase(self, key: RemoteDeviceKey) -> None:
        """Destroy the wallet of a device key for good, if there is one."""
        for name, opened in list(self._open.items()):
            if opened.did == key.did:
                await self.lock(name)
        with suppress(WalletMissing):
            await self.aside(lambda: Wallet.erase(self._path(key), self._keystore))

    async def sweep(self) -> None:
        """Close the wallets that nobody used for long."""
        now = self._clock()
        for name in [name for name, opened in self._open.items() if now - opened.touched > self._idle]:
            await self.lock(name)

    async def close(self) -> None:
        """Close everything."""
        for name in list(self._open):
            await self.lock(name)
        self._room.close()

    async def aside(self, work: Callable[[], _T]) -> _T:
        """The result of work that takes long, done beside the event loop."""
        return await self._room.run(work)

    async def _keep(self, opening: Callable[[], Wallet]) -> str:
        wallet = await self.aside(opening)
        await self.sweep()
        name = self._random(24).hex()
        self._open[name] = OpenWallet(wallet, self._room, self._random, self._clock())
        while len(self._open) > _MAX_OPEN:
            await self.lock(next(iter(self._open)))
        return name

    def _path(self, key: RemoteDeviceKey) -> Path:
        return self._home / "wallets" / f"{hashlib.sha256(key.did.encode()).hexdigest()[:32]}.wallet"
