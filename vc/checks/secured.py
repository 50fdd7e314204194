"""A secured document on its way through verification: the steps that every way of securing takes, and how it opens.

The pipeline (``vc.verification``) knows this protocol and nothing else of proofs and envelopes: it never asks how a
document is secured.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..needs import Steps
from ..problems import Problem

if TYPE_CHECKING:
    from did import VerificationMethod

    from .expectations import Expectations
    from .record import Record

__all__ = ["MAX_CREDENTIALS", "Opener", "SecuredDocument"]

MAX_CREDENTIALS: Final = 64
"""How many credentials of one presentation are verified."""


class SecuredDocument(ABC):
    """A credential or presentation on its way through verification.

    The steps are called in the order in which they stand here: from those that cost nothing to those that cost most.
    ``document`` is what was secured, ``pointer`` where it stands in the whole. ``methods`` are the keys that signed, as
    far as they were found; ``hidden`` what a derived credential does not show, as the pipeline noted it.
    """

    __slots__ = ("document", "hidden", "methods", "pointer")

    of_claims: bool = False
    """Whether it is made of registered claims (an SD-JWT VC), and no document of the data model."""

    issuer_from_key: bool = False
    """Whether nobody but the key that signed says who issued it: then there is no issuer before that was found."""

    own_status: bool = False
    """Whether its status is among what ``check_claims`` looks at, and not for a status checker of the pipeline."""

    def __init__(self, document: dict[str, Any], pointer: str) -> None:
        self.document = document
        self.pointer = pointer
        self.methods: list[VerificationMethod] = []
        self.hidden: tuple[str, ...] = ()

    @property
    @abstractmethod
    def presentation(self) -> bool:
        """Whether it is a presentation."""

    @property
    @abstractmethod
    def derived(self) -> bool:
        """Whether it may show a part only of what was issued."""

    @property
    @abstractmethod
    def issuer(self) -> str | None:
        """The issuer of a credential."""

    @property
    @abstractmethod
    def holder(self) -> Any:
        """The holder that a presentation names, or None."""

    @property
    def controllers(self) -> frozenset[str]:
        """The controllers of the keys that signed, as far as they were found."""
        return frozenset(method.controller for method in self.methods)

    @property
    def judged_document(self) -> dict[str, Any]:
        """What the checkers of status and schema look at."""
        return self.document

    @abstractmethod
    def read(self, record: Record) -> None:
        """Read what secures the document."""

    @abstractmethod
    def model_problems(self, expected: Expectations) -> list[Problem]:
        """The problems of a document, and of the credentials that stand open in it, with the data model."""

    def unseen_model_problems(self, expected: Expectations) -> Sequence[Problem]:
        """Those of a credential that the presentation around it could not see, because it stood closed in it."""
        return ()

    @abstractmethod
    def contexts_at_top(self) -> int | None:
        """How often ``@context`` stands at the top of the document and of its proofs.

        None where it does not stand in the text that was given, so that counting it there says nothing.
        """

    @abstractmethod
    def check_contexts(self, record: Record, expected: Expectations, *, plain: bool) -> None:
        """Whether the meaning of every term was fixed beforehand.

        ``plain``: ``@context`` stands nowhere but at the top, so that nothing below has to be looked at.
        """

    @abstractmethod
    def check_policy(self, record: Record, expected: Expectations, purpose: str, *, addressed: bool) -> None:
        """Purpose, times and, for the document that is ``addressed`` to the verifier, challenge and domain."""

    @abstractmethod
    def find_methods(self, record: Record, expected: Expectations) -> Steps[None]:
        """The keys that signed, each allowed by its controller for the purpose."""

    def issuers_cryptosuites(self) -> frozenset[str]:
        """The names of the cryptosuites of proofs that its issuer made: a stranger may add one to any credential.

        That each proof is good is checked anyway; this is for when the keys were found. Empty where no proofs are.
        """
        return frozenset()

    def bound_to(self, top: SecuredDocument) -> tuple[bool, Sequence[Problem]]:
        """Whether it is bound to a key itself, and what is against that key having signed the presentation ``top``."""
        return False, ()

    def work(self, *, alone: bool) -> int:
        """What its signatures take in the units of ``vc.verification.price``; 0 where that is bounded anyhow.

        ``alone``: there is no other document.
        """
        return 0

    @abstractmethod
    def check_signatures(self, record: Record, expected: Expectations) -> None:
        """Verify everything that was signed."""

    @abstractmethod
    def skip_signatures(self, record: Record) -> None:
        """Note that the signatures were not looked at."""

    @abstractmethod
    def period_problems(self, expected: Expectations) -> list[Problem]:
        """The problems with the validity period."""

    def check_claims(self, record: Record, expected: Expectations) -> Steps[None] | None:
        """Steps for claims of its own that lead elsewhere (its type, its status); None where it has none."""
        return None


class Opener(Protocol):
    """One way in which documents are secured: takes its own documents, and leaves all others."""

    def __call__(
        self, document: str | bytes | dict[str, Any], pointer: str, expected: Expectations, contained: bool
    ) -> SecuredDocument | None:
        """``document`` opened, or None if it is secured in another way.

        Text and bytes are what can't be JSON: JSON comes parsed, as an object. ``pointer`` is where it stands,
        ``contained`` whether that is in a presentation. Raises ProblemError whose problems have pointers into the whole
        for what is secured in this way, and can't be opened.
        """
        ...
