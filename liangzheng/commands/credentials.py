"""``liangzheng issue | derive | present | verify | canonicalize | explain``: the library's face as commands."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import terminal
from ..terminal import t
from .key_input import bound, open_key
from .shared import JSON, MOMENT, PASSWORD_VARIABLE, clear_errors
from .verification_material import Material, context_options, material_options
from .what import detail_of, opened, said_of

if TYPE_CHECKING:
    import did
    from contexts import ContextRegistry
    from did.fetcher import Fetcher
    from vc import Problem, Verdict
    from vc.checks.expectations import PolicyArguments
    from vc.recognition import Opened
    from vc.status import StatusSource

__all__ = [
    "canonicalize",
    "derive",
    "explain",
    "issue",
    "present",
    "signer_of",
    "signer_options",
    "verify",
]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _line(problem: Problem) -> str:
    from vc.problems import PROBLEMS

    kind = PROBLEMS.get(problem.code)
    title = t(kind.title_zh, kind.title) if kind else problem.code
    where = f" {problem.pointer}" if problem.pointer else ""
    return f"{problem.code}{where}: {title}: {detail_of(problem)}"


def _signer_options(command: _Command) -> _Command:
    """Add the options that name the key to sign with."""
    for option in (
        click.option("--verification-method", metavar="DID_URL", help="The DID URL the key is published under."),
        click.option("--did", "controller", metavar="DID", help="Sign for this DID instead of the key's own did:key."),
        click.option(
            "--password-file",
            metavar="FILE",
            help=f"The key file's password (first line). Else {PASSWORD_VARIABLE}, else it is asked for.",
        ),
        click.option(
            "--key",
            "key_file",
            required=True,
            metavar="FILE",
            help="The encrypted key file to sign with, or a pkcs11: URI.",
        ),
    ):
        command = option(command)
    return command


def _signer(
    key_file: str, password_file: str | None, controller: str | None, verification_method: str | None
) -> did.Signer:
    return _speaking(open_key(key_file, password_file), controller, verification_method)


def _speaking(key: did.Signer, controller: str | None, verification_method: str | None) -> did.Signer:
    if controller is None and verification_method is None:
        return key
    if controller is None or verification_method is None:
        raise ValueError(t("--did 与 --verification-method 须一同给出", "--did and --verification-method go together"))
    return bound(key, controller, verification_method)


def _one_or_many(values: Sequence[str]) -> str | list[str] | None:
    return None if not values else values[0] if len(values) == 1 else list(values)


def _written_envelope(secured: str | bytes, as_json: bool) -> None:
    """An envelope as text; COSE, which is bytes, in base64."""
    text = secured if isinstance(secured, str) else base64.b64encode(secured).decode("ascii")
    terminal.emit(text, as_json=as_json, human=text)


def _written(document: Mapping[str, Any], as_json: bool) -> None:
    terminal.emit(document, as_json=as_json)


@click.command()
@click.argument("file", default="-")
@_signer_options
@context_options
@click.option("--cryptosuite", metavar="NAME", help="Default: the RDFC suite of the key, bbs-2023 for BLS12-381.")
@click.option("--mandatory", multiple=True, metavar="POINTER", help="JSON pointer that every derived proof shows.")
@click.option("--hideable", multiple=True, metavar="POINTER", help="What limits it and may be hidden all the same.")
@click.option("--created", type=MOMENT, metavar="TIME", help="When the proof was made; default: now.")
@click.option("--expires", type=MOMENT, metavar="TIME", help="When the proof expires.")
@click.option("--envelope", metavar="FORM", help="An envelope, no proof: vc+jwt, vc+sd-jwt, vc+cose or dc+sd-jwt.")
@click.option("--disclosable", multiple=True, metavar="POINTER", help="What an SD-JWT hides (default for cards).")
@JSON
def issue(
    *,
    file: str,
    key_file: str,
    password_file: str | None,
    controller: str | None,
    verification_method: str | None,
    cryptosuite: str | None,
    mandatory: tuple[str, ...],
    hideable: tuple[str, ...],
    created: datetime | None,
    expires: datetime | None,
    envelope: str | None,
    disclosable: tuple[str, ...],
    contexts: Callable[[], ContextRegistry],
    as_json: bool,
) -> None:
    """Secure the credential in FILE (- is stdin) with a proof, or with --envelope in JOSE, SD-JWT or COSE."""
    from vc.cards import issue_enveloped
    from vc.parsing import loads
    from vc.securing import issue as issue_credential

    with clear_errors():
        credential = loads(terminal.read_input(file))
        if envelope is None and disclosable:
            raise ValueError(t("--disclosable 须与 --envelope 一同给出", "--disclosable goes with --envelope"))
        if envelope is not None and (cryptosuite is not None or mandatory or hideable or created is not None):
            raise ValueError(t("--envelope 不带证明的选项", "--envelope takes no options of a proof"))
        signer = _signer(key_file, password_file, controller, verification_method)
        if envelope is not None:
            hidden = disclosable or None
            enveloped = issue_enveloped(credential, signer, envelope=envelope, disclosable=hidden, expires=expires)
            _written_envelope(enveloped, as_json)
            return
        secured = issue_credential(
            credential,
            signer,
            cryptosuite=cryptosuite,
            mandatory_pointers=mandatory,
            hideable=hideable,
            created=created,
            expires=expires,
            contexts=contexts(),
        )
        _written(secured, as_json)


@click.command()
@click.argument("file", default="-")
@click.option("--pointer", "pointers", multiple=True, metavar="POINTER", help="JSON pointer of what to disclose.")
@click.option("--cryptosuite", metavar="NAME", help="Which of several base proofs to derive from.")
@context_options
@JSON
def derive(
    file: str,
    pointers: tuple[str, ...],
    cryptosuite: str | None,
    contexts: Callable[[], ContextRegistry],
    as_json: bool,
) -> None:
    """Disclose chosen claims of the credential in FILE (- is stdin), which has a base proof or is an SD-JWT."""
    from vc.envelope import derive_enveloped, is_envelope
    from vc.securing import derive as derive_credential

    with clear_errors():
        secured = terminal.read_input(file)
        if b"~" in secured and is_envelope(secured):
            _written_envelope(derive_enveloped(secured.decode("ascii", "replace").strip(), pointers), as_json)
            return
        derived = derive_credential(secured, selective_pointers=pointers, cryptosuite=cryptosuite, contexts=contexts())
        _written(derived, as_json)


@click.command()
@click.argument("files", nargs=-1)
@_signer_options
@click.option("--challenge", help="The challenge of the verifier.")
@click.option("--domain", multiple=True, help="The domain of the verifier (may be given several times).")
@click.option("--expires-in", type=float, metavar="SECONDS", help="How long the presentation lives.")
@click.option("--cryptosuite", metavar="NAME", help="Default: the RDFC suite of the key.")
@click.option("--envelope", metavar="FORM", help="An envelope instead of a proof: vp+jwt, vp+sd-jwt or vp+cose.")
@context_options
@JSON
def present(
    *,
    files: tuple[str, ...],
    key_file: str,
    password_file: str | None,
    controller: str | None,
    verification_method: str | None,
    challenge: str | None,
    domain: tuple[str, ...],
    expires_in: float | None,
    cryptosuite: str | None,
    envelope: str | None,
    contexts: Callable[[], ContextRegistry],
    as_json: bool,
) -> None:
    """Make a presentation of the credentials in FILES (- is stdin)."""
    from vc.envelope import present_enveloped
    from vc.presentation import present as present_credentials

    with clear_errors():
        credentials = [terminal.read_input(file) for file in files or ("-",)]
        signer = _signer(key_file, password_file, controller, verification_method)
        if envelope is not None:
            shown = present_enveloped(
                credentials,
                signer,
                envelope=envelope,
                challenge=challenge,
                domain=_one_or_many(domain),
                expires_in=expires_in,
            )
            _written_envelope(shown, as_json)
            return
        presentation = present_credentials(
            credentials,
            signer,
            challenge=challenge,
            domain=_one_or_many(domain),
            expires_in=expires_in,
            cryptosuite=cryptosuite,
            contexts=contexts(),
        )
        _written(presentation, as_json)


def _expectation_options(command: _Command) -> _Command:
    for option in (
        click.option("--online", is_flag=True, help="Fetch did:web documents and status lists, under guard."),
        click.option(
            "--status-list", multiple=True, metavar="FILE", help="A status list credential to check the status with."
        ),
        click.option(
            "--allow", multiple=True, metavar="POLICY", help="Allow of envelopes what is refused by default: a policy."
        ),
        click.option("--now", type=MOMENT, metavar="TIME", help="Verify as of this time; default: now."),
        click.option(
            "--domain", multiple=True, help="The domain the proof has to be for (may be given several times)."
        ),
        click.option("--challenge", help="The challenge the proof has to answer."),
    ):
        command = option(command)
    return command


def _expectations(
    *,
    challenge: str | None,
    domain: tuple[str, ...],
    now: datetime | None,
    status_list: tuple[str, ...],
    online: bool,
    allow: tuple[str, ...] = (),
) -> PolicyArguments:
    expectations: PolicyArguments = {
        "challenge": challenge,
        "domain": _one_or_many(domain),
        "now": now,
    }
    fetcher: Fetcher | None = None
    if status_list or online:
        from vc.status import FileStatusSource, FirstStatusSource, HttpsStatusSource, StatusChecker

        sources: list[StatusSource] = [FileStatusSource(status_list)]
        if online:
            from did import Resolver
            from did.fetcher import Fetcher

            fetcher = Fetcher()
            expectations["resolver"] = Resolver(fetcher=fetcher)
            sources.append(HttpsStatusSource(fetcher))
        expectations["status"] = StatusChecker(FirstStatusSource(*sources))
    if allow:
        from vc.envelope import EnvelopeProfile
        from vc.envelope.online import FetchedDocuments

        source = None if fetcher is None else FetchedDocuments(fetcher)
        expectations["envelopes"] = EnvelopeProfile(policies=frozenset(allow), controller_source=source)
    return expectations


@click.command()
@click.argument("file", default="-")
@click.option("--at", metavar="POINTER", help="Verify what stands at this JSON pointer of the file.")
@click.option("--known-proofs", is_flag=True, help="Of several proofs, look at those whose cryptosuites are known.")
@_expectation_options
@material_options
@JSON
def verify(
    *,
    file: str,
    at: str | None,
    known_proofs: bool,
    material: Material,
    challenge: str | None,
    domain: tuple[str, ...],
    now: datetime | None,
    status_list: tuple[str, ...],
    online: bool,
    allow: tuple[str, ...],
    as_json: bool,
) -> None:
    """Verify the credential or presentation in FILE (- is stdin). Exit code 0: verified, 1: not, 2: unusable input."""
    from vc.problems import ProblemError
    from vc.recognition import refused

    with clear_errors():
        content = terminal.read_input(file)
        expectations = _expectations(
            challenge=challenge, domain=domain, now=now, status_list=status_list, online=online, allow=allow
        )
        material.add_to(expectations)
        try:
            found = opened(content, at)
        except ProblemError as error:
            verdict = refused(error.problems)
            terminal.emit(verdict.to_dict(), as_json=as_json, human=None if as_json else _human(verdict))
            raise SystemExit(terminal.INPUT_UNUSABLE) from None
        verdict, remarks = _judged(found, expectations, known_proofs=known_proofs)
        result = verdict.to_dict()
        if found.unwrapped:
            result["found"] = {"kind": found.what.kind, "in": found.whole.kind, "pointer": found.pointer}
        human = None if as_json else "\n".join([*said_of(found), *remarks, _human(verdict)])
        terminal.emit(result, as_json=as_json, human=human)
    if not verdict.verified:
        unusable = any(check.name == "parse" and check.outcome == "failed" for check in verdict.checks)
        raise SystemExit(terminal.INPUT_UNUSABLE if unusable else terminal.NOT_VERIFIED)


def _judged(found: Opened, expectations: PolicyArguments, *, known_proofs: bool) -> tuple[Verdict, list[str]]:
    """The verdict, and what has to be said of proofs whose cryptosuites are not known here."""
    from vc.known_proofs import without_unknown
    from vc.parsing import loads
    from vc.verification import verify as verify_document

    verdict = verify_document(found.content, **expectations)
    if verdict.verified or not any(problem.code == "proof.suite_unknown" for problem in verdict.problems):
        return verdict, []
    content = found.content
    document, left_out = without_unknown(content if isinstance(content, dict) else loads(content))
    if not left_out:
        return verdict, []
    of_known = verify_document(document, **expectations)
    places = ", ".join(left_out)
    if known_proofs:
        return of_known, [
            t(f"未核对的证明（套件未知）：{places}", f"proofs that were not looked at (unknown suite): {places}")
        ]
    if not of_known.verified:
        return verdict, []
    said = t(
        f"除 {places} 外，其余证明有效；若一个有效的证明即可，请加 --known-proofs",
        f"all proofs but {places} are good; where one good proof is enough, --known-proofs accepts that",
    )
    return verdict, [said]


_MARKS = {"passed": "✓", "failed": "✗", "indeterminate": "?", "not applicable": "–", "not shown": "○"}


def _human(verdict: Verdict) -> str:
    lines = [
        f"{_MARKS[check.outcome.value]} {check.name}{' ' + check.pointer if check.pointer else ''}"
        + (f": {check.detail}" if check.detail else "")
        for check in verdict.checks
    ]
    lines += [_line(problem) for problem in verdict.problems]
    lines += [t("注意：", "warning: ") + _line(problem) for problem in verdict.warnings]
    if verdict.verified:
        lines.append(t("验证通过", "verified"))
    elif verdict.indeterminate:
        lines.append(t("无法判定（视为未通过）", "could not be decided (counts as not verified)"))
    else:
        lines.append(t("验证未通过", "NOT verified"))
    return "\n".join(lines)


@click.command()
@click.argument("file", default="-")
@click.option("--sha384", is_flag=True, help="Use SHA-384 in RDFC-1.0, as the suites with P-384 do.")
@context_options
@JSON
def canonicalize(file: str, sha384: bool, contexts: Callable[[], ContextRegistry], as_json: bool) -> None:
    """Print the canonical N-Quads (RDFC-1.0) of the JSON-LD document in FILE (- is stdin)."""
    from vc.linked_data import canonicalize as canonical_text
    from vc.parsing import loads

    with clear_errors():
        document = loads(terminal.read_input(file))
        text = canonical_text(document, contexts=contexts(), hash_name="sha384" if sha384 else "sha256")
        if as_json:
            terminal.emit({"nquads": text}, as_json=True)
        else:
            click.echo(text, nl=False)


@click.command()
@click.argument("file", default="-")
@click.option("--against", metavar="OTHER", help="Name the first value in which the explanation of OTHER differs.")
@_expectation_options
@material_options
@JSON
def explain(
    *,
    file: str,
    material: Material,
    against: str | None,
    challenge: str | None,
    domain: tuple[str, ...],
    now: datetime | None,
    status_list: tuple[str, ...],
    online: bool,
    allow: tuple[str, ...],
    as_json: bool,
) -> None:
    """Show every intermediate value of the proofs or envelopes in FILE (- is stdin), named as in the specifications.

    OTHER is another secured document, or what this command printed for one.
    """
    from vc.explanation import first_difference

    with clear_errors():
        expectations = _expectations(
            challenge=challenge, domain=domain, now=now, status_list=status_list, online=online, allow=allow
        )
        material.add_to(expectations)
        ours = _explained(file, expectations)
        if against is None:
            terminal.emit(ours, as_json=as_json)
            return
        difference = first_difference(ours, _explained(against, expectations))
        if difference is None:
            human = t("两份说明的全部中间值相同", "all intermediate values are equal")
            terminal.emit({"difference": None}, as_json=as_json, human=human)
            return
        shown = [json.dumps(value, ensure_ascii=False) for value in (difference.ours, difference.theirs)]
        human = t(
            f"首个不同的值：{difference.name}{difference.place}\n  {file}：{shown[0]}\n  {against}：{shown[1]}",
            f"first difference: {difference.name}{difference.place}\n  {file}: {shown[0]}\n  {against}: {shown[1]}",
        )
        terminal.emit({"difference": difference.to_dict()}, as_json=as_json, human=human)
    raise SystemExit(terminal.NOT_VERIFIED)


def _explained(file: str, expectations: PolicyArguments) -> dict[str, Any]:
    """The explanation of a document or an envelope, or one that was printed before."""
    from vc.explanation import explain as explain_document
    from vc.parsing import loads
    from vc.problems import ProblemError

    content = terminal.read_input(file)
    if content.lstrip()[:1] == b"{":
        document = loads(content)
        if isinstance(document.get("proofs"), list) and "contexts" in document and "verdict" in document:
            return document
    found = opened(content)
    for line in said_of(found):
        terminal.note(line)
    try:
        return explain_document(found.content, **expectations)
    except ProblemError:
        if found.content is not content:
            raise
        return explain_document(loads(content), **expectations)


# What other commands that read documents and sign share with these.
signer_of, signer_options = _signer, _signer_options
