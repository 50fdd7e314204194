"""What the documentation shows works: its Python blocks run as printed, its commands exist with the options it names.

The blocks of a page run one after the other in one namespace, as a reader would type them, in an empty folder. Names
that a page takes for granted (a card, a request) are made by ``docs_before/<page>.py``. A block that is not meant to
run is marked as another language, such as ``text``.
"""

from __future__ import annotations

import re
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import click
import pytest

import vc
from docs.site_pages import generated_pages
from holder import Wallet
from issuer import Authority
from liangzheng.cli import cli
from webshell import FileSessions

ROOT = Path(__file__).parent.parent
BEFORE = Path(__file__).parent / "docs_before"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+) *(?P<kind>[A-Za-z]*)(?P<rest>.*)$")
_INLINE = re.compile(r"`(liangzheng [^`]+)`")
_SHELL = {"", "console", "sh", "shell", "bash"}
CLOSED = (Authority, FileSessions, Wallet)
"""What a page may leave open, and a test may not."""


class Block(NamedTuple):
    """A fenced block: its language, the number of its first line, and its text."""

    kind: str
    line: int
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, without the indentation that they have in a list."""
    opened: tuple[str, str, str, int] | None = None
    lines: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        found = _FENCE.match(line)
        if opened is None:
            if found:
                opened, lines = (found["indent"], found["fence"], found["kind"], number + 1), []
        elif line.strip() == opened[1]:
            yield Block(opened[2], opened[3], "\n".join(lines) + "\n")
            opened = None
        else:
            lines.append(line.removeprefix(opened[0]))
    assert opened is None, f"{page}: the block at line {opened[3] - 1} never ends" if opened else ""


def name_of(page: Path) -> str:
    """How a page is called here: its path without the suffix."""
    return page.relative_to(ROOT).with_suffix("").as_posix()


def has_python(page: Path) -> bool:
    return any(block.kind == "python" for block in blocks(page))


@pytest.mark.parametrize("page", [page for page in PAGES if has_python(page)], ids=name_of)
def test_every_python_block_of_a_page_runs_as_printed(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    # A module that can be found by its name: dataclasses and pickles look there.
    namespace = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", namespace)
    before = BEFORE / f"{name_of(page).replace('/', '_')}.py"
    if before.exists():
        exec(compile(before.read_text(encoding="utf-8"), before, "exec"), namespace.__dict__)
    for block in blocks(page):
        if block.kind == "python":
            # Empty lines before it: a traceback names the page's own line.
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, page, "exec", dont_inherit=True), namespace.__dict__)
    for value in list(vars(namespace).values()):
        if isinstance(value, CLOSED):
            value.close()


def test_what_is_prepared_for_a_page_belongs_to_one() -> None:
    known = {name_of(page).replace("/", "_") for page in PAGES}
    assert {before.stem for before in BEFORE.glob("*.py")} <= known


def shown_commands(page: Path) -> Iterator[str]:
    """The ``liangzheng …`` command lines of a page, alternatives (``issue | derive``) one by one."""
    lines = [line for block in blocks(page) if block.kind in _SHELL for line in block.text.splitlines()]
    outside = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    lines += _INLINE.findall(outside)
    for line in lines:
        typed = re.sub(r"^\s*\$? *(\.venv/bin/)?", "", line)
        if not typed.startswith("liangzheng "):
            continue
        # What follows two spaces or a hash sign is a remark.
        command = re.split(r" {2,}|\t| #", typed)[0]
        for piece in re.split(r" \| | && | > ", command):
            yield piece if piece.startswith("liangzheng ") else f"liangzheng {piece}"


def misfit(line: str) -> str | None:
    """What is wrong with a command line: an unknown command or option; None when nothing is."""
    words = deque(word.strip("[]") for word in line.split()[1:])
    command: click.Command = cli
    options: dict[str, click.Option] = {}
    while words:
        options |= {
            name: p for p in command.params if isinstance(p, click.Option) for name in (*p.opts, *p.secondary_opts)
        }
        word = words.popleft()
        if word.startswith("--"):
            if word not in {*options, "--help"}:
                return f"no option {word} in {line!r}"
            if word in options and not options[word].is_flag and words:
                words.popleft()
        elif isinstance(command, click.Group):
            if not re.fullmatch(r"[a-z][a-z0-9-]*(\|[a-z0-9-]+)*", word):
                return None  # An ellipsis, or a placeholder for any of them.
            chosen = [command.get_command(click.Context(command), name) for name in word.split("|")]
            if None in chosen:
                return f"no command {word!r} in {line!r}"
            command = chosen[0]  # type: ignore[assignment]
    return None


@pytest.mark.parametrize("page", [page for page in PAGES if any(shown_commands(page))], ids=name_of)
def test_every_command_that_a_page_shows_exists_with_its_options(page: Path) -> None:
    assert [problem for line in shown_commands(page) if (problem := misfit(line))] == []


@pytest.mark.parametrize(
    "line", ["liangzheng verifi FILE", "liangzheng did resolv DID", "liangzheng verify FILE --jsn"]
)
def test_a_command_that_does_not_exist_would_be_found(line: str) -> None:
    assert misfit(line)


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    """The pages of the site that are made from the code: where they would stand in docs/, and their text."""
    return {ROOT / "docs" / path: text for path, text in generated_pages()}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_of_a_page_to_another_file_leads_to_one(page: Path, made: dict[Path, str]) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    links = [link for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in link]
    targets = {link: (page.parent / link).resolve() for link in links}
    assert [link for link, target in targets.items() if target not in made and not target.exists()] == []


def test_every_page_has_its_place_in_the_site(made: dict[Path, str]) -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    placed = set(re.findall(r"([\w/.-]+\.md)$", navigation, re.MULTILINE))
    pages = {page.relative_to(ROOT / "docs").as_posix() for page in [*ROOT.glob("docs/**/*.md"), *made]}
    assert placed == pages


def test_the_site_lists_every_problem_code_command_and_public_name(made: dict[Path, str]) -> None:
    codes = made[ROOT / "docs/reference/problem-codes.md"]
    assert [code for code in vc.PROBLEMS if f"| `{code}` |" not in codes] == []
    commands = made[ROOT / "docs/reference/command.md"]
    assert "# `liangzheng verifier trust install`" in commands
    names = made[ROOT / "docs/reference/vc.md"]
    assert [name for name in vc.__all__ if f"::: vc.{name}\n" not in names] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_problem_code_that_a_page_names_exists(page: Path) -> None:
    families = {code.partition(".")[0] for code in vc.PROBLEMS} - {"did", "vc", "issuer", "holder", "verifier"}
    named = re.findall(r"`([a-z_]+\.(?!json|html|py)[a-z_]+)`", page.read_text(encoding="utf-8"))
    assert [code for code in named if code.partition(".")[0] in families and code not in vc.PROBLEMS] == []


def test_make_help_lists_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*?)\n\n", text, re.DOTALL | re.MULTILINE)
    assert phony is not None
    listed = set(re.findall(r"^([a-z-]+):.*## .+$", text, re.MULTILINE))
    assert listed == set(phony[1].replace("\\\n", " ").split())
    assert listed == set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def test_no_file_of_versions_names_a_registry() -> None:
    lowest = (ROOT / "constraints" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lowest if not re.fullmatch(r"#.*|[a-z0-9-]+==[0-9.]+", line)] == []
