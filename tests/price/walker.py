"""What of the product goes through input: regular expressions, decoders, recursions and while loops, by AST."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contexts", "did", "vc", "webshell", "issuer", "holder", "verifier", "liangzheng")

PATTERN, DECODER, RECURSION, LOOP = "pattern", "decoder", "recursion", "loop"
_RE = {"compile", "match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split"}
_DECODERS = {
    ("json", "loads"),
    ("json", "load"),
    ("orjson", "loads"),
    ("cbor2", "loads"),
    ("cbor2", "load"),
    ("cbor2", "CBORDecoder"),
    ("zlib", "decompress"),
    ("zlib", "decompressobj"),
    ("gzip", "decompress"),
    ("gzip", "open"),
    ("bz2", "decompress"),
    ("lzma", "decompress"),
    ("pickle", "loads"),
    ("pickle", "load"),
    ("yaml", "load"),
    ("tomllib", "loads"),
    ("base64", "b64decode"),
    ("base64", "urlsafe_b64decode"),
    ("base64", "b32decode"),
    ("base64", "b16decode"),
    ("base64", "a85decode"),
    ("base64", "b85decode"),
    ("binascii", "a2b_base64"),
    ("binascii", "a2b_hex"),
    ("binascii", "unhexlify"),
    ("bytes", "fromhex"),
    ("Image", "open"),
    ("openpyxl", "load_workbook"),
    ("zipfile", "ZipFile"),
    ("tarfile", "open"),
    ("expat", "ParserCreate"),
    ("ElementTree", "parse"),
    ("ElementTree", "fromstring"),
    ("ElementTree", "iterparse"),
    ("csv", "reader"),
    ("csv", "DictReader"),
    ("x509", "load_der_x509_certificate"),
    ("x509", "load_pem_x509_certificate"),
    ("zxingcpp", "read_barcodes"),
    ("struct", "unpack"),
    ("struct", "unpack_from"),
    ("struct", "iter_unpack"),
}
_COMMON = {"load", "open", "compile", "parse", "loads", "decompress", "unpack"}
_BARE = {name for _, name in _DECODERS} - _COMMON | {"JWE", "parse_qsl"}
"""Names that give a decoder away however it was imported."""


class Found(NamedTuple):
    kind: str
    place: str
    """``file:name``: the constant or the function, methods with their class."""


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_bytes())


@cache
def found() -> set[Found]:
    everything: set[Found] = set()
    for file, module in sources():
        visitor = _Visitor(file)
        visitor.visit(module)
        everything |= visitor.found | {Found(RECURSION, f"{file}:{name}") for name in visitor.recursive()}
    return everything


class _Visitor(ast.NodeVisitor):
    def __init__(self, file: str) -> None:
        self.file = file
        self.found: set[Found] = set()
        self.scope: list[str] = []
        self.target = ""
        self.calls: dict[str, set[str]] = {}
        self.functions: dict[str, set[str]] = {}

    def add(self, kind: str) -> None:
        name = ".".join(self.scope) or self.target
        assert name, f"{self.file}: {kind} outside of a function and of an assignment"
        self.found.add(Found(kind, f"{self.file}:{name}"))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.scope.append(node.name)
        self.generic_visit(node)
        self.scope.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.scope.append(node.name)
        name = ".".join(self.scope)
        self.calls.setdefault(name, set())
        self.functions.setdefault(node.name, set()).add(name)
        self.generic_visit(node)
        self.scope.pop()

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Assign(self, node: ast.Assign | ast.AnnAssign) -> None:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        before, self.target = self.target, target.id if isinstance(target, ast.Name) else self.target
        self.generic_visit(node)
        self.target = before

    visit_AnnAssign = visit_Assign

    def visit_While(self, node: ast.While) -> None:
        self.add(LOOP)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute):
            owner = function.value
            base = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if base in ("re", "re2", "regex") and function.attr in _RE:
                self.add(PATTERN)
            elif (base, function.attr) in _DECODERS:
                self.add(DECODER)
            if base in ("self", "cls") and self.scope:
                self.calls.setdefault(".".join(self.scope), set()).add("." + function.attr)
        elif isinstance(function, ast.Name):
            if function.id in _BARE:
                self.add(DECODER)
            if self.scope:
                self.calls.setdefault(".".join(self.scope), set()).add(function.id)
        self.generic_visit(node)

    def recursive(self) -> set[str]:
        """The functions that can call themselves, directly or through others of their module."""
        edges = {name: {end for call in calls for end in self._meant(name, call)} for name, calls in self.calls.items()}
        return {name for name in edges if name in _reached(edges, name)}

    def _meant(self, caller: str, call: str) -> set[str]:
        named = self.functions.get(call.lstrip("."), set())
        if call.startswith("."):
            owner = caller.split(".")[0]
            return {name for name in named if name.split(".")[0] == owner and "." in name}
        # A bare name is never a method: a function of the module, or one inside the caller or around it.
        return {name for name in named if "." not in name or name.rpartition(".")[0] in self._around(caller)}

    def _around(self, caller: str) -> set[str]:
        parts = caller.split(".")
        return {".".join(parts[: n + 1]) for n in range(len(parts))} & set(self.calls)


def _reached(edges: dict[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += edges.get(one, ())
    return reached
