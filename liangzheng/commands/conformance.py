"""``liangzheng conformance jose-cose issue | verify``: the command that the public vc-jose-cose suite runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from .. import terminal
from ..terminal import t

__all__ = ["conformance"]

_FEATURES = (
    "credential_jose",
    "credential_sdjwt",
    "credential_cose",
    "presentation_jose",
    "presentation_sdjwt",
    "presentation_cose",
)


@click.group()
def conformance() -> None:
    """Commands that public conformance suites run."""


@conformance.group(name="jose-cose")
def jose_cose() -> None:
    """The vc-jose-cose suite: one document and one key in, a result file out."""


def _options(command: Any) -> Any:
    for option in (
        click.option("--output", required=True, metavar="FILE", help="Where the result goes, as JSON."),
        click.option("--feature", required=True, type=click.Choice(_FEATURES), help="What the case is about."),
        click.option("--key", "key_file", required=True, metavar="FILE", help="A verification method with its JWKs."),
        click.option("--input", "input_file", required=True, metavar="FILE", help="The document."),
    ):
        command = option(command)
    return command


@jose_cose.command()
@_options
@click.option("--sd", default="[]", metavar="JSON", help='Paths of what is selectively disclosable: ["a.b", "c[0]"].')
def issue(input_file: str, key_file: str, feature: str, output: str, sd: str) -> None:
    """Put a credential or presentation into an envelope."""
    from vc.problems import ProblemError

    from ..conformance.jose_cose import issue_case

    document, key = terminal.read_input(input_file), terminal.read_input(key_file)
    try:
        paths = json.loads(sd)
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            raise ValueError(t("--sd 应为字符串数组", "--sd is a list of strings"))
        _write(output, "success", issue_case(document, key, feature, paths))
    except ProblemError as error:
        _write(output, "failure", [problem.to_dict() for problem in error.problems])
    except (ValueError, KeyError) as error:
        _write(output, "error", str(error))


@jose_cose.command()
@_options
def verify(input_file: str, key_file: str, feature: str, output: str) -> None:
    """Verify an envelope."""
    from ..conformance.jose_cose import verify_case

    secured, key = terminal.read_input(input_file), terminal.read_input(key_file)
    try:
        problems = verify_case(secured, key, feature)
    except (ValueError, KeyError) as error:
        _write(output, "error", str(error))
        return
    if problems:
        _write(output, "failure", [problem.to_dict() for problem in problems])
    else:
        _write(output, "success", secured.decode("utf-8", "replace").strip())


def _write(output: str, result: str, data: Any) -> None:
    """The result file; the exit status of the command tells nothing to the suite, so it is set for people."""
    text = json.dumps({"result": result, "data": data}, ensure_ascii=False)
    try:
        Path(output).write_text(text, encoding="utf-8")
    except OSError as error:
        terminal.fail(t(f"无法写入 {output}：{error.strerror}", f"can't write {output}: {error.strerror}"))
    if result != "success":
        raise SystemExit(terminal.NOT_VERIFIED if result == "failure" else terminal.INPUT_UNUSABLE)
