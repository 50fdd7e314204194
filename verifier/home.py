"""The folder of a verifier: who it is, its trust list, its database, and what it keeps for work without a network.

settings.json      did, name, domain, region, anchors, and the ledger's URL when there is one
trust-list.json    the trust list in use
verifier.db        the ledger (requests, used presentations, today's book, results), shared by all processes; not there
                   when the settings name a PostgreSQL database
status/            status lists that were fetched before
dids/              did:web documents that the operator vouches for
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from did import Resolver
from vc.cards import CARDS, CardSet
from vc.model import is_url
from vc.parsing import loads
from vc.problems import Problem, ProblemError
from vc.scenarios import SCENARIOS, ScenarioSet
from vc.status import FileStatusSource, FirstStatusSource, HttpsStatusSource, StatusChecker, StatusSource

from .counter import Verifier
from .ledger import Ledger, open_ledger
from .offline import KeptDocuments, KeptStatusLists, OnlineOrKept
from .replay import ReplayGuard
from .requests import RequestBook
from .trust_store import TrustStore

if TYPE_CHECKING:
    from did.fetcher import Fetcher

__all__ = ["Home", "Settings"]

_LONGEST = 200
_LEDGER = "LIANGZHENG_VERIFIER_LEDGER"


@dataclass(frozen=True, slots=True)
class Settings:
    """Who a verifier is. ``region`` is a province code or None; ``anchors`` are the DIDs that sign its trust list.

    Raises ProblemError (``request.form``) for unusable values.
    """

    did: str
    name: str
    domain: str
    region: str | None = None
    anchors: tuple[str, ...] = ()
    ledger: str | None = None
    """``postgresql://…`` for desks on several machines; by default SQLite in the folder. ``LIANGZHENG_VERIFIER_LEDGER``
    in the environment goes before it, so that a password need not stand in a file."""

    def __post_init__(self) -> None:
        wrong = []
        for member in (self.did, *self.anchors):
            if not isinstance(member, str) or not member.startswith("did:") or not is_url(member):
                wrong.append("did and anchors must be DIDs")
        for member in (self.name, self.domain):
            if not isinstance(member, str) or not 1 <= len(member) <= _LONGEST or not member.isprintable():
                wrong.append(f"name and domain must be texts of 1 to {_LONGEST} characters")
        if self.region is not None and not (
            isinstance(self.region, str) and self.region.isdigit() and len(self.region) == 6
        ):
            wrong.append("region must be a code of six digits, such as 500000")
        if self.ledger is not None and not (isinstance(self.ledger, str) and self.ledger.startswith("postgresql://")):
            wrong.append("ledger must be a URL such as postgresql://verifier@db.example/desks")
        if wrong:
            raise ProblemError(*(Problem("request.form", detail) for detail in dict.fromkeys(wrong)))


class Home:
    """The folder ``path``. Nothing is read or written before it is needed."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def write_settings(self, settings: Settings) -> None:
        """Keep ``settings``; the folder is made when it isn't there. Raises OSError."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(asdict(settings), ensure_ascii=False, indent=2) + "\n"
        (self.path / "settings.json").write_text(text, encoding="utf-8")

    def settings(self) -> Settings:
        """Who this verifier is. Raises ProblemError (``request.form``) when that was never said, or can't be read."""
        try:
            content = loads((self.path / "settings.json").read_bytes())
            anchors = content.get("anchors", [])
            return Settings(
                did=content.get("did", ""),
                name=content.get("name", ""),
                domain=content.get("domain", ""),
                region=content.get("region"),
                anchors=tuple(anchors) if isinstance(anchors, list) else ("",),
                ledger=content.get("ledger"),
            )
        except FileNotFoundError:
            detail = f"the verifier in {self.path} was not set up: liangzheng verifier setup"
            raise ProblemError(Problem("request.form", detail)) from None
        except OSError as error:
            raise ProblemError(Problem("request.form", f"settings.json can't be read: {error.strerror}")) from None

    def ledger(self) -> Ledger:
        """The ledger of this verifier: one for all desks of its operator. Raises ProblemError, LedgerUnavailable."""
        configured = os.environ.get(_LEDGER)
        if configured is None:
            configured = self.settings().ledger if (self.path / "settings.json").exists() else None
        return open_ledger(configured or self.path / "verifier.db")

    def resolver(self, fetcher: Fetcher | None = None) -> Resolver:
        """Finds keys: through ``fetcher``; without one, or out of its reach, in the documents that are kept.

        Raises ProblemError.
        """
        kept = KeptDocuments(sorted((self.path / "dids").glob("*.json")))
        return Resolver(fetcher=kept if fetcher is None else OnlineOrKept(fetcher, kept))

    def trust(self, resolver: Resolver, *, file: str | Path | None = None, anchors: Iterable[str] = ()) -> TrustStore:
        """The trust list of this folder, or the one in ``file``; ``anchors`` count beside those of the settings."""
        known = {*anchors}
        if not known or file is None:
            known |= {*self.settings().anchors}
        return TrustStore(file or self.path / "trust-list.json", anchors=known, resolver=resolver)

    def verifier(
        self,
        *,
        trust_file: str | Path | None = None,
        anchors: Iterable[str] = (),
        status_files: Iterable[str | Path] = (),
        fetcher: Fetcher | None = None,
        cards: CardSet = CARDS,
        scenarios: ScenarioSet = SCENARIOS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> Verifier:
        """The verifier of this folder. Works without a network unless it is given a ``fetcher``.

        ``trust_file`` replaces the folder's trust list, ``status_files`` are lists to use before any others;
        ``cards`` and ``scenarios`` are what it knows. Raises
        ProblemError for settings and files that can't be used, StatusUnavailable for status files.
        """
        settings = self.settings()
        resolver = self.resolver(fetcher)
        online: StatusSource | None = None if fetcher is None else HttpsStatusSource(fetcher)
        lists = FirstStatusSource(FileStatusSource(status_files), KeptStatusLists(self.path / "status", online))
        ledger = self.ledger()
        return Verifier(
            did=settings.did,
            name=settings.name,
            domain=settings.domain,
            region=settings.region,
            trust=self.trust(resolver, file=trust_file, anchors=anchors),
            replay=ReplayGuard(ledger),
            requests=RequestBook(ledger),
            status=StatusChecker(lists),
            resolver=resolver,
            cards=cards,
            scenarios=scenarios,
            clock=clock,
        )
