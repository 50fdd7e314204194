"""The changes that are made to a function, one at a time: what a slip of the hand, or of the mind, would leave.

Kept tools have most of these. None takes a statement out, which is the slip that matters most where a statement is a
check: ``record.failed(...)``, ``raise``, ``yield from check(...)``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = ["GUARDS", "KINDS", "Change", "changes_of", "constants"]

GUARDS = ("removed", "condition", "operand", "comparison", "not", "truth", "return", "call", "argument")
"""Those that can make a check pass that should not."""
KINDS = (*GUARDS, "number", "arithmetic", "word")

_TEXT = 70  # How much of the line around it a change shows.
_WORD = re.compile(r"[\w.:/#@+$-]{2,60}", re.ASCII)  # A code, a name or a pointer: not a sentence for a reader.
_BOUNDS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_TURNED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult}
_CALLS = {"any": "all", "all": "any", "min": "max", "max": "min", "isdisjoint": "issuperset", "issubset": "isdisjoint"}
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Change(NamedTuple):
    """One change: ``before`` becomes ``after`` in ``function`` (its qualified name; a constant's name for those)."""

    kind: str
    function: str
    lines: tuple[int, int]
    before: str
    after: str
    place: tuple[Any, str, int | None]
    node: ast.AST

    def apply(self) -> None:
        """Make the change in the tree that it was found in, for good."""
        parent, field, index = self.place
        if index is None:
            setattr(parent, field, self.node)
        else:
            getattr(parent, field)[index] = self.node
        ast.fix_missing_locations(parent)


def changes_of(tree: ast.Module) -> Iterator[Change]:
    """Every change of the functions and of the numbers of the constants of a module."""
    for statement in tree.body:
        if isinstance(statement, _ASSIGNMENTS) and (name := _assigned(statement)):
            walk = _Walk(name)
            walk.expression(statement, "value", None, statement.value, statement)  # type: ignore[arg-type]
            yield from (change for change in walk.found if change.kind in ("number", "arithmetic"))
    for name, function in _functions(tree, ""):
        walk = _Walk(name)
        walk.body(function, "body")
        yield from walk.found


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """The names that a module binds once for all, and what to."""
    for statement in tree.body:
        if isinstance(statement, _ASSIGNMENTS) and (name := _assigned(statement)):
            yield name, statement.value  # type: ignore[misc]


def _assigned(statement: Any) -> str:
    target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
    return target.id if isinstance(target, ast.Name) and statement.value is not None else ""


def _functions(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Any]]:
    for item in node.body:
        if isinstance(item, _FUNCTIONS):
            yield prefix + item.name, item
        elif isinstance(item, ast.ClassDef):
            yield from _functions(item, f"{prefix}{item.name}.")


class _Walk:
    """Goes through one function and collects its changes."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.found: list[Change] = []
        self._around: list[ast.expr] = []

    def body(self, parent: Any, field: str) -> None:
        """The statements of a block."""
        for index, statement in enumerate(getattr(parent, field)):
            self._statement(parent, field, index, statement)

    def _statement(self, parent: Any, field: str, index: int, node: ast.stmt) -> None:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            self.body(node, "body")
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return  # A docstring.
        gone = _without(node)
        if gone is not None:
            self._add("removed", (parent, field, index), node, gone, node)
        if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
            self._add("return", (node, "value", None), node.value, ast.Constant(None), node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "type", "target", "targets", "optional_vars"):
                continue
            if isinstance(value, ast.expr):
                test = isinstance(node, ast.If | ast.While) and name == "test"
                self.expression(node, name, None, value, node, test=test)
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self.body(node, name)
            elif isinstance(value, list):
                for inner in value:
                    if isinstance(inner, ast.ExceptHandler | ast.match_case):
                        self.body(inner, "body")
                    if isinstance(inner, ast.match_case) and inner.guard is not None:
                        self.expression(inner, "guard", None, inner.guard, inner.body[0], test=True)
                    if isinstance(inner, ast.withitem):
                        self.expression(inner, "context_expr", None, inner.context_expr, node)

    def expression(
        self, parent: Any, field: str, index: int | None, node: ast.expr, at: ast.stmt, *, test: bool = False
    ) -> None:
        """One expression, and those in it. ``test``: it decides what is done next."""
        place = (parent, field, index)
        self._around.append(node)
        if test:
            for value in (True, False):
                if not (value and isinstance(at, ast.While)):
                    self._add("condition", place, node, ast.Constant(value), at)
        self._of_kind(place, node, at, test=test)
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                deciding = isinstance(node, ast.IfExp) and name == "test"
                self.expression(node, name, None, value, at, test=deciding)
            elif isinstance(value, list):
                for number, inner in enumerate(value):
                    self._inner(node, name, number, inner, at)
        self._around.pop()

    def _inner(self, node: ast.expr, name: str, number: int, inner: Any, at: ast.stmt) -> None:
        if isinstance(node, ast.JoinedStr):
            return
        if isinstance(inner, ast.expr):
            self.expression(node, name, number, inner, at)
        elif isinstance(inner, ast.keyword):
            if inner.arg is not None and isinstance(node, ast.Call):
                fewer = [one for place, one in enumerate(node.keywords) if place != number]
                self._whole("argument", node, ast.Call(node.func, node.args, fewer), at)
            self.expression(inner, "value", None, inner.value, at)
        elif isinstance(inner, ast.comprehension):
            self.expression(inner, "iter", None, inner.iter, at)
            for place, one in enumerate(inner.ifs):
                self.expression(inner, "ifs", place, one, at, test=True)

    def _of_kind(self, place: tuple[Any, str, int | None], node: ast.expr, at: ast.stmt, *, test: bool) -> None:
        if isinstance(node, ast.BoolOp):
            for index in range(len(node.values)):
                rest = [value for number, value in enumerate(node.values) if number != index]
                self._add("operand", place, node, rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest), at)
        elif isinstance(node, ast.Compare):
            for index, operator in enumerate(node.ops):
                other = _BOUNDS.get(type(operator)) or (None if test else _TURNED.get(type(operator)))
                if other is not None:
                    ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
                    self._add("comparison", place, node, ast.Compare(node.left, ops, node.comparators), at)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and not test:
            self._add("not", place, node, node.operand, at)
        elif isinstance(node, ast.Constant):
            self._constant(place, node, at)
        elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not _text(node.left, node.right):
            operation = ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
            self._add("arithmetic", place, node, operation, at)
        elif isinstance(node, ast.Call):
            self._call(place, node, at)

    def _constant(self, place: tuple[Any, str, int | None], node: ast.Constant, at: ast.stmt) -> None:
        value = node.value
        if isinstance(value, bool):
            self._add("truth", place, node, ast.Constant(not value), at)
        elif isinstance(value, int):
            self._add("number", place, node, ast.Constant(value + 1), at)
        elif isinstance(value, str) and _WORD.fullmatch(value):
            self._add("word", place, node, ast.Constant(value + "_"), at)

    def _call(self, place: tuple[Any, str, int | None], node: ast.Call, at: ast.stmt) -> None:
        called = node.func
        if isinstance(called, ast.Name) and called.id in _CALLS:
            other: ast.expr = ast.Name(_CALLS[called.id], ast.Load())
        elif isinstance(called, ast.Attribute) and called.attr in _CALLS:
            other = ast.Attribute(called.value, _CALLS[called.attr], ast.Load())
        else:
            return
        self._add("call", place, node, ast.Call(other, node.args, node.keywords), at)

    def _whole(self, kind: str, node: ast.expr, other: ast.expr, at: ast.stmt) -> None:
        """A change of the expression that is being gone through, at the place where it stands."""
        holder = self._around[-2] if len(self._around) > 1 else at
        for field, value in ast.iter_fields(holder):
            if value is node:
                self._add(kind, (holder, field, None), node, other, at)
                return
            if isinstance(value, list) and any(one is node for one in value):
                self._add(kind, (holder, field, next(i for i, one in enumerate(value) if one is node)), node, other, at)
                return

    def _add(self, kind: str, place: tuple[Any, str, int | None], node: ast.AST, other: ast.AST, at: ast.stmt) -> None:
        change = Change(kind, self.function, _lines(at, node), "", "", place, other)
        around = next((one for one in self._around if len(ast.unparse(one)) <= _TEXT), node)
        if kind == "removed":
            around = node
        before = _shown(around)
        after = _shown(other) if around is node else _changed(around, node, other)  # type: ignore[arg-type]
        if before != after:
            self.found.append(change._replace(before=before, after=after))


def _without(node: ast.stmt) -> ast.stmt | None:
    """What is left where a statement is taken out; None for one whose place cannot be empty."""
    if isinstance(node, ast.Expr):
        if isinstance(node.value, ast.Yield | ast.YieldFrom):
            return ast.copy_location(ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load()))), node)
        return ast.copy_location(ast.Pass(), node)
    stored = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    if stored or isinstance(node, ast.Raise | ast.AugAssign | ast.Delete | ast.Continue | ast.Break):
        return ast.copy_location(ast.Pass(), node)
    return None


def _text(*nodes: ast.expr) -> bool:
    return any(
        isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))
        for node in nodes
    )


def _lines(statement: ast.stmt, node: ast.AST) -> tuple[int, int]:
    """The lines whose being reached means that the change is: of a block, those of its head."""
    if hasattr(statement, "body"):
        return getattr(node, "lineno", statement.lineno), getattr(node, "end_lineno", statement.lineno)
    return statement.lineno, statement.end_lineno or statement.lineno


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def _changed(around: ast.expr, node: ast.AST, other: ast.AST) -> str:
    """The text of ``around`` with ``other`` in the place of ``node``."""
    for one in ast.walk(around):
        for field, value in ast.iter_fields(one):
            several = isinstance(value, list)
            if value is node or (several and any(item is node for item in value)):
                setattr(one, field, [other if item is node else item for item in value] if several else other)
                text = _shown(around)
                setattr(one, field, value)
                return text
    return _shown(other)
