"""The command ``liangzheng``. Each subcommand is loaded when it is called, so that a short command starts fast."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from . import terminal

__all__ = ["main"]

# Subcommand -> (module, attribute, extra that brings its dependencies, one-line help).
_COMMANDS: dict[str, tuple[str, str, str, str]] = {
    "demo": ("liangzheng.demo", "demo", "all", "Run the main job, narrated step by step."),
    "issuer": (
        "liangzheng.commands.issuer",
        "issuer",
        "issuer",
        "An authority: register, applications, issuance, status.",
    ),
    "holder": ("liangzheng.commands.holder", "holder", "holder", "A wallet: cards, PIN, presentations, usage log."),
    "verifier": (
        "liangzheng.commands.verifier",
        "verifier",
        "verifier",
        "The counter: requests, verdicts, trust.",
    ),
    "issue": ("liangzheng.commands.credentials", "issue", "", "Secure a credential with a proof."),
    "derive": ("liangzheng.commands.credentials", "derive", "", "Disclose chosen claims of a credential."),
    "present": ("liangzheng.commands.credentials", "present", "", "Make a presentation of credentials."),
    "verify": ("liangzheng.commands.credentials", "verify", "", "Verify a credential or a presentation."),
    "what": ("liangzheng.commands.what", "what", "", "Say what a file is, and what is in it."),
    "canonicalize": ("liangzheng.commands.credentials", "canonicalize", "", "Print canonical N-Quads (RDFC-1.0)."),
    "explain": ("liangzheng.commands.credentials", "explain", "", "Show every intermediate value of a proof."),
    "licence-file": (
        "liangzheng.commands.licence_file",
        "licence_file",
        "",
        "Read a sealed OFD licence file, and tell whether a card names it.",
    ),
    "conformance": (
        "liangzheng.commands.conformance",
        "conformance",
        "http",
        "Commands that public conformance suites run.",
    ),
    "vectors": ("liangzheng.commands.vectors", "vectors", "all", "Test vectors of our own cards, from a seed."),
    "serve": ("liangzheng.commands.serve", "serve", "server", "Start servers: conformance, the three applications."),
    "kit": ("liangzheng.commands.kit", "kit", "", "Signed offline kits for verification."),
    "did": ("liangzheng.commands.dids", "did", "", "Create and resolve decentralized identifiers."),
    "keys": ("liangzheng.commands.keys", "keys", "", "Make and show key files."),
}

_OWN_PACKAGES = frozenset({"contexts", "did", "vc", "webshell", "issuer", "holder", "verifier", "liangzheng"})


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, attribute, _, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[3]) for name, entry in _COMMANDS.items()])


def _known_language(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """The languages grow with the catalogues that are there."""
    if value is None:
        return None
    from did.languages import languages

    if value not in languages():
        raise click.BadParameter(", ".join(languages()), ctx, param)
    return value


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang", callback=_known_language, metavar="LANG", help="Language of messages: zh, en (default: the locale's)."
)
@click.option("--context", "context_files", multiple=True, metavar="URL=FILE", help="A JSON-LD context to install.")
@click.option("--contexts", "context_folders", multiple=True, metavar="FOLDER", help="A folder of contexts to install.")
@click.version_option(package_name="liangzheng")
def cli(lang: str | None, context_files: tuple[str, ...], context_folders: tuple[str, ...]) -> None:
    """Liangzheng 亮证: electronic licences as W3C Verifiable Credentials."""
    terminal.set_language(lang)
    if context_files or context_folders:
        from .commands.verification_material import install_contexts

        install_contexts([*context_files, *context_folders])


def main(args: list[str] | None = None) -> Any:
    """Entry point of the console script. No traceback reaches a user: unexpected errors end with code 2."""
    arguments = sys.argv[1:] if args is None else args
    try:
        return cli.main(args=arguments, prog_name="liangzheng")
    except ModuleNotFoundError as error:
        # Commands import what they need when they need it: here all of them find out what is not installed.
        missing = (error.name or "").partition(".")[0]
        extra = next((_COMMANDS[word][2] for word in arguments if word in _COMMANDS), "")
        if not extra or missing in _OWN_PACKAGES:
            raise
        terminal.fail(
            terminal.t(
                f"缺少模块 {missing}：请安装 pip install 'liangzheng[{extra}]'",
                f"the module {missing} is missing: pip install 'liangzheng[{extra}]'",
            )
        )
    except ImportError as error:
        if error.name != "did":  # Somebody else's package of that name: what it says is what to do.
            raise
        terminal.fail(f"装有同名的 did 软件包：{error}\n{error}")  # In both: texts are chosen in our own package did.
    except Exception as error:
        if "LIANGZHENG_DEBUG" in os.environ:
            raise
        click.echo(
            terminal.t(
                f"内部错误（{type(error).__name__}）：{error}\n设置 LIANGZHENG_DEBUG=1 可查看详情。",
                f"internal error ({type(error).__name__}): {error}\nset LIANGZHENG_DEBUG=1 to see where.",
            ),
            err=True,
        )
        sys.exit(terminal.INPUT_UNUSABLE)


if __name__ == "__main__":
    main()
