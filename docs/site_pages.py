"""``python docs/site_pages.py FOLDER``: the sources of the documentation site, pages made from the code included.

The pages of docs/ are copied; the command, the problem codes, the public APIs and the examples get theirs from the
code. The files of the project's root that belong into the site (SECURITY.md, CONTRIBUTING.md, CHANGELOG.md) come in
here, too: they stay where a repository's readers look for them. ``make docs`` runs this, then builds FOLDER.
"""

from __future__ import annotations

import importlib
import inspect
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).parent.parent

# Public package -> what its page says first, and further modules that a user of the package names.
PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "contexts": ("JSON-LD contexts, frozen and checked by digest.", ()),
    "did": ("Identifiers and keys. How-to: [DIDs and keys](../dids.md).", ("did.fetcher", "did.bundles")),
    "vc": ("Verifiable credentials. How-to: [library consumer](../how-to/library-consumer.md).", ("vc.status",)),
    "issuer": ("An issuing authority. How-to: [authority](../how-to/authority.md).", ()),
    "holder": ("A wallet. How-to: [the wallet](../wallet.md).", ()),
    "verifier": ("The counter. How-to: [counter operator](../how-to/counter-operator.md).", ()),
}

# File of the root -> its page in the site.
_ROOT_PAGES = {
    "CHANGELOG.md": "reference/changelog.md",
    "SECURITY.md": "explanation/security.md",
    "CONTRIBUTING.md": "explanation/contributing.md",
}


def write(folder: Path) -> None:
    """Everything that the site is built from, in ``folder``, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for path, text in generated_pages():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def generated_pages() -> Iterator[tuple[str, str]]:
    """The path in the site and the Markdown of each page."""
    for name, path in _ROOT_PAGES.items():
        yield path, _moved((ROOT / name).read_text(encoding="utf-8"))
    for package in PACKAGES:
        yield f"reference/{package}.md", package_page(package)
    yield "reference/command.md", command_page()
    yield "reference/problem-codes.md", problem_page()
    yield "reference/examples.md", examples_page()


def _moved(text: str) -> str:
    """A page of the root, as seen from a folder of the site: links into docs/ lead up, links beside it to its page."""
    text = re.sub(r"\]\(docs/", "](../", text)
    for name, path in _ROOT_PAGES.items():
        text = text.replace(f"]({name})", f"](../{path})")
    return text


def package_page(package: str) -> str:
    """The public names of a package, from their docstrings."""
    about, further = PACKAGES[package]
    module = importlib.import_module(package)
    lines = [f"# `{package}`", "", about, "", f"::: {package}", "    options:", "      members: []", ""]
    lines += _members(package, sorted(module.__all__, key=_constants_last(module)))
    for name in further:
        submodule = importlib.import_module(name)
        lines += [f"## `{name}`", "", f"::: {name}", "    options:", "      members: []", ""]
        lines += _members(name, [member for member in submodule.__all__ if member not in module.__all__], level=3)
    return "\n".join(lines)


def _constants_last(module: Any) -> Any:
    """Sorts public names: functions, then classes, then errors, then constants."""

    def key(name: str) -> tuple[int, str]:
        value = getattr(module, name)
        if inspect.isclass(value):
            return (2 if issubclass(value, Exception) else 1), name
        return (0 if callable(value) else 3), name

    return key


def _members(module: str, names: list[str], level: int = 2) -> Iterator[str]:
    for name in names:
        yield f"::: {module}.{name}"
        yield from ("    options:", "      show_root_heading: true", "      show_root_toc_entry: true")
        yield from (f"      heading_level: {level}", "      show_if_no_docstring: true", "")


def command_page() -> str:
    """``--help`` of ``liangzheng`` and of every subcommand."""
    from liangzheng.cli import cli

    lines = ["# The command `liangzheng`", "", "Every subcommand with its help, as `--help` prints it. Exit status 0:"]
    lines += ["done or verified; 1: not verified, or refused; 2: the input can't be used.", ""]
    for words, text in command_helps(cli, ("liangzheng",)):
        level = min(len(words) + (len(words) > 1), 4)
        if len(words) > 1:
            lines += [f"{'#' * (level - 1)} `{' '.join(words)}`", ""]
        lines += ["```text", text, "```", ""]
    return "\n".join(lines)


def command_helps(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The help of a command and of all under it, each with the words that call it."""
    context = click.Context(command, info_name=" ".join(words), terminal_width=100, max_content_width=100)
    yield words, command.get_help(context).rstrip()
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from command_helps(below, (*words, name))


def problem_page() -> str:
    """All problem codes, by their first word."""
    from vc.problems import PROBLEMS

    lines = [
        "# Problem codes",
        "",
        "Every problem of a verdict, every `ProblemError` and every problem in an HTTP answer has one of these codes.",
        "Codes are stable: text may be improved, a code keeps its meaning. The type is the problem type of the",
        "specification the code stands under; `liangzheng.example` is where the specifications name none.",
        "",
    ]
    families: dict[str, list[str]] = {}
    for code, kind in PROBLEMS.items():
        row = f"| `{code}` | {kind.title} | {kind.title_zh} | `{kind.type}` |"
        families.setdefault(code.partition(".")[0], []).append(row)
    for family, rows in families.items():
        lines += ["", f"## {family}", "", "| code | English | 中文 | type |", "| --- | --- | --- | --- |", *rows]
    return "\n".join(lines) + "\n"


def examples_page() -> str:
    """The scripts of the folder examples, each with its source."""
    lines = [
        "# Examples",
        "",
        "Each runs as it stands (`python examples/NAME.py`), offline, and is run by the tests.",
        "",
    ]
    for path in sorted((ROOT / "examples").glob("*.py")):
        source = path.read_text(encoding="utf-8")
        title = source.split('"""')[1].splitlines()[0].rstrip(".")
        lines += [f"## {title}", "", f"`examples/{path.name}`", "", "```python", source.rstrip(), "```", ""]
    script = (ROOT / "examples" / "command_line.sh").read_text(encoding="utf-8").rstrip()
    lines += [
        "## The whole journey on the command line",
        "",
        "`examples/command_line.sh`",
        "",
        "```bash",
        script,
        "```",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
