"""Options that bring a verification what it needs: contexts, DID documents, anchors, schemas, an offline kit."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from .. import terminal
from ..terminal import t

if TYPE_CHECKING:
    from contexts import ContextRegistry
    from vc.checks.expectations import PolicyArguments
    from vc.material import VerificationMaterial

__all__ = ["Material", "context_options", "install_contexts", "kit_options", "material_options", "read_material"]

KIT_SIGNER_VARIABLE: Final = "LIANGZHENG_KIT_SIGNER"
_MAX_FILES: Final = 4096

_Command = TypeVar("_Command", bound=Callable[..., Any])
_CONTEXT_OPTIONS: Final = (
    click.option("--contexts", "context_folders", multiple=True, metavar="FOLDER", help="A folder of contexts."),
    click.option("--context", "context_files", multiple=True, metavar="URL=FILE", help="A context, as a file."),
)
_OTHER_OPTIONS: Final = (
    click.option(
        "--kit-signer", metavar="DID", help=f"Whose kits are trusted (a did:key). Else {KIT_SIGNER_VARIABLE}."
    ),
    click.option("--kit", metavar="FILE", help="A signed offline kit (liangzheng kit make)."),
    click.option("--skew", type=click.IntRange(0, 86400), metavar="SECONDS", help="How far clocks may differ; 60."),
    click.option("--did-policy", "did_policies", multiple=True, metavar="POLICY", help="As did resolve --allow."),
    click.option("--status-issuer", multiple=True, metavar="DID", help="Believe status lists of this issuer, too."),
)
_MATERIAL_OPTIONS: Final = (
    click.option("--type-metadata", multiple=True, metavar="VCT=FILE", help="Type metadata of an SD-JWT VC."),
    click.option("--schema", "schemas", multiple=True, metavar="URL=FILE", help="A schema (credentialSchema)."),
    click.option("--did-folder", "did_folders", multiple=True, metavar="FOLDER", help="DID documents, as *.json."),
    click.option("--did-document", "dids", multiple=True, metavar="FILE", help="A DID document, as a file."),
    click.option("--anchor", "anchors", multiple=True, metavar="FILE", help="A trust anchor for x5c (PEM)."),
    *_CONTEXT_OPTIONS,
)


@dataclass(frozen=True, slots=True)
class Material:
    """What the options say, read when it is needed."""

    options: Mapping[str, Any]

    def add_to(self, expectations: PolicyArguments) -> None:
        """Read the files and put them into the arguments of ``vc.verify``; say their digests on standard error."""
        options = self.options
        found = _of_kit(options["kit"], options["kit_signer"], expectations) | read_material(options)
        lists = tuple(terminal.read_input(path) for path in options.get("status_list") or ())
        found = _with_lists(found, lists)
        fetcher = None
        if options.get("online"):
            from did.fetcher import Fetcher

            fetcher = Fetcher()
        found.add_to(
            expectations,
            fetcher=fetcher,
            status_issuers=frozenset(options["status_issuer"]),
            did_policies=frozenset(options["did_policies"]),
        )
        if options["skew"] is not None:
            expectations["skew"] = timedelta(seconds=options["skew"])


def material_options(command: _Command) -> _Command:
    """Add the options to a command, which gets them as ``material``."""
    names = [
        *(
            "kit_signer",
            "kit",
            "skew",
            "status_issuer",
            "did_policies",
            "type_metadata",
            "schemas",
            "did_folders",
            "dids",
            "anchors",
        ),
        *("context_folders", "context_files"),
    ]
    return _gathered(command, (*_OTHER_OPTIONS, *_MATERIAL_OPTIONS), names, "material", Material)


def kit_options(command: _Command) -> _Command:
    """Add the options of what a kit holds to a command, which gets ``material``, a function that reads the files."""
    names = ["type_metadata", "schemas", "did_folders", "dids", "anchors", "context_folders", "context_files"]

    def reader(options: Mapping[str, Any]) -> Callable[[], VerificationMaterial]:
        return lambda: read_material(options)

    return _gathered(command, _MATERIAL_OPTIONS, names, "material", reader)


def context_options(command: _Command) -> _Command:
    """Add ``--context`` and ``--contexts`` to a command, which gets ``contexts``, a function that reads them."""

    def registry(options: Mapping[str, Any]) -> Callable[[], ContextRegistry]:
        return lambda: read_material(options).registry()

    return _gathered(command, _CONTEXT_OPTIONS, ["context_folders", "context_files"], "contexts", registry)


def _gathered(
    command: _Command,
    options: tuple[Any, ...],
    names: list[str],
    argument: str,
    value: Callable[[Mapping[str, Any]], Any],
) -> _Command:
    @functools.wraps(command)
    def gathering(**arguments: Any) -> Any:
        gathered: dict[str, Any] = {name: arguments.pop(name) for name in names}
        gathered |= {name: arguments[name] for name in ("status_list", "online") if name in arguments}
        return command(**arguments, **{argument: value(gathered)})

    for option in options:
        gathering = option(gathering)
    return gathering  # type: ignore[return-value]


def install_contexts(entries: list[str]) -> None:
    """Make contexts known to the whole program that is about to run. Ends it when one can't be used.

    The registry is made, once and for all, when its package is imported; so this has to come first.
    """
    import sys

    if "contexts" in sys.modules:
        raise RuntimeError("contexts are installed before anything else is loaded")
    variable = "LIANGZHENG_CONTEXTS"  # contexts.registry.VARIABLE, which can't be imported yet.
    named = [_absolute(entry) for entry in entries]
    os.environ[variable] = "\n".join([*os.environ.get(variable, "").splitlines(), *named])
    try:
        from contexts import CONTEXTS
    except OSError as error:
        terminal.fail(t(f"无法读取 {error.filename}：{error.strerror}", f"{error.filename}: {error.strerror}"))
    except Exception as error:  # A ContextError, whose class can't be imported from a package that failed to load.
        terminal.fail(f"{getattr(error, 'code', 'context')}: {error}")
    for url, (digest, source) in sorted(CONTEXTS.pinned.items()):
        if isinstance(source, bytes):
            _note_context(url, digest)


def _absolute(entry: str) -> str:
    url, separator, file = entry.rpartition("=")
    return f"{url}={Path(file).resolve()}" if separator and ":" in url else str(Path(entry).resolve())


def read_material(options: Mapping[str, Any]) -> VerificationMaterial:
    """The files that the options name. Raises ContextError, DidError, ValueError, OSError."""
    from contexts import CONTEXTS, ContextRegistry
    from contexts.registry import with_entries
    from vc.material import VerificationMaterial

    added = with_entries(ContextRegistry({}), [*options["context_files"], *options["context_folders"]])
    contexts = {url: added.raw(url) for url in sorted(added.urls())}
    for url in contexts:
        _note_context(url, added.digest(url), known=url in CONTEXTS)
    return VerificationMaterial(
        contexts,
        _dids([*options.get("dids", ()), *_documents_in(options.get("did_folders", ()))]),
        (),
        tuple(_noted(path, t("信任锚", "trust anchor")) for path in options.get("anchors", ())),
        _by_name(options.get("type_metadata", ()), t("类型元数据", "type metadata")),
        _by_name(options.get("schemas", ()), "schema"),
    )


def _with_lists(found: VerificationMaterial, lists: tuple[bytes, ...]) -> VerificationMaterial:
    from dataclasses import replace

    return replace(found, status_lists=(*found.status_lists, *lists))


def _note_context(url: str, digest: str, *, known: bool = False) -> None:
    text = t("上下文（已内置）", "context (installed already)") if known else t("上下文", "context")
    terminal.note(f"{text} {url} sha256 {digest}")


def _noted(path: str, name: str) -> bytes:
    content = terminal.read_input(path)
    terminal.note(f"{name} {path} sha256 {hashlib.sha256(content).hexdigest()}")
    return content


def _by_name(entries: tuple[str, ...], name: str) -> dict[str, bytes]:
    found = {}
    for entry in entries:
        key, separator, path = entry.rpartition("=")
        if not separator:
            raise ValueError(t(f"{entry} 应写作 名称=文件", f"{entry} is to be NAME=FILE"))
        found[key] = _noted(path, f"{name} {key}")
    return found


def _documents_in(folders: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for folder in folders:
        place = Path(folder)
        if not place.is_dir():
            raise NotADirectoryError(20, "not a folder", folder)
        found += [str(path) for path in sorted(place.rglob("*.json")) if path.is_file()][:_MAX_FILES]
    return found


def _dids(paths: list[str]) -> dict[str, Mapping[str, Any]]:
    from .did_files import read_document

    found: dict[str, Mapping[str, Any]] = {}
    for path in paths:
        document = read_document(path)
        if not isinstance(document.get("id"), str):
            raise ValueError(t(f"{path} 不是 DID 文档", f"{path} is no DID document: it has no id"))
        found[document["id"]] = document
    return found


def _of_kit(path: str | None, signer: str | None, expectations: PolicyArguments) -> VerificationMaterial:
    from vc.material import VerificationMaterial

    if path is None:
        return VerificationMaterial()
    from vc.kit import open_kit

    trusted = signer or os.environ.get(KIT_SIGNER_VARIABLE)
    if not trusted:
        raise ValueError(t("--kit 须与 --kit-signer 一同给出", "--kit needs --kit-signer: whose kits are trusted"))
    kit = open_kit(terminal.read_input(path), [trusted], now=expectations.get("now"))
    terminal.note(
        t(
            f"离线工具包 sha256 {kit.digest}，{kit.signer} 签于 {kit.created}，有效至 {kit.expires}",
            f"offline kit sha256 {kit.digest}, signed by {kit.signer} on {kit.created}, good until {kit.expires}",
        )
    )
    return kit.material
