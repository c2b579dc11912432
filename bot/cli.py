"""The command `kpi`. stdout carries the result, stderr the rest.

Exit codes: 0 done, 1 the user can mend it, 2 wrong usage, 3 a service failed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from bot.options import JSON, add_options, clock_time
from kpi_core.cache import caching
from kpi_core.errors import KpiBotError, ServiceError, UsageError, did_you_mean

if TYPE_CHECKING:
    from bot.commands.call import Call

_COMMANDS = {
    "demo": ("bot.commands.demo", "the whole product on this machine, without an account"),
    "ask": ("bot.commands.ask", 'a question, such as "cac last-month by channel"'),
    "why": ("bot.commands.why", 'what a change is made of, such as "cac last-month"'),
    "reconcile": (
        "bot.commands.reports.reconcile_report",
        "another tool's number held against ours, such as roas 4.1 meta",
    ),
    "list": ("bot.commands.catalogue", "every KPI, and which of them have data"),
    "explain": ("bot.commands.catalogue", "one KPI: formula, readings, benchmark, what to do"),
    "values": ("bot.commands.catalogue", "the values of a dimension, such as channel last-month"),
    "diff": ("bot.commands.diff", "what other definitions would do to past numbers and goals"),
    "import": ("bot.commands.sources.exchange", "definitions of dbt's Semantic Layer or of OSI, as files of KPI Bot"),
    "export": ("bot.commands.sources.exchange", "the definitions for dbt's Semantic Layer or as OSI"),
    "add": ("bot.commands.sources.add", "files as your tools export them, recognised, asked about, loaded"),
    "connect": (
        "bot.commands.sources.connect",
        "a service such as meta_ads: what to do there, its accounts, its numbers",
    ),
    "load": ("bot.commands.sources.load", "read the sources of kpi.yaml into the warehouse"),
    "sync": ("bot.commands.sync", "bring the Google Sheet up to date once"),
    "goals": ("bot.commands.goals", "every goal that counts; goals set KPI TARGET --by DATE sets one"),
    "summary": ("bot.commands.posts.summary", "a summary as it would be posted"),
    "alerts": ("bot.commands.posts.alerts", "what is out of the ordinary; alerts test replays history"),
    "deliveries": ("bot.commands.posts.deliveries", "what was posted, what is on its way, what waits for somebody"),
    "receipt": ("bot.commands.posts.receipt", "the numbers of a post, as they were and as they are today"),
    "schedule": ("bot.commands.posts.schedule", "what comes by itself, and its next five times"),
    "audit": ("bot.commands.audit", "who asked what, and who posted what by hand"),
    "mcp": ("bot.commands.serving.mcp", "the numbers for an assistant on this machine; tokens for those over HTTP"),
    "run": ("bot.commands.run", "the long-lived bot: Slack, schedules, syncs"),
    "check": ("bot.commands.check", "settings, definitions and manifest: every problem with its line"),
    "doctor": ("bot.commands.doctor", "tokens, sheet access, warehouse and freshness, live"),
    "init": ("bot.commands.init", "ask a few questions and write kpi.yaml"),
}


_WITH_JSON = (
    "why", "list", "explain", "diff", "sync", "summary", "check", "doctor", "add", "deliveries", "schedule", "audit",
    "goals", "receipt", "alerts", "connect", "values", "import", "export", "reconcile",
)  # fmt: skip


# Starting makes a hundred thousand objects that stay: to look through them at each 700 new ones takes a tenth of it.
_OBJECTS_A_LOOK = 50_000


class _Parser(argparse.ArgumentParser):
    """argparse with words for people and exit code 2 as an error like any other."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", code="usage", hint=f"See {self.prog} --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Nothing but KpiBotError and Ctrl-C is expected to come out of a command."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    call: Call | None = None
    gc.set_threshold(_OBJECTS_A_LOOK)
    try:
        options = _parsed(argv)
        from bot.commands.call import Call
        from bot.workspace import cache_folder

        call = Call(options, os.environ)
        module = import_module(_COMMANDS[options.command][0])
        with caching(cache_folder(os.environ) / "kept"):
            return int(getattr(module, f"run_{options.command}")(call))
    except KpiBotError as error:
        return _shown(error, call, as_json="--json" in argv)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `kpi list | head`: the reader has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # a mistake of ours: no traceback reaches a user who did not ask for it
        if "KPI_DEBUG" in os.environ:
            raise
        hint = "Set KPI_DEBUG=1 and run it again for the details, and please report them."
        failure = ServiceError(f"KPI Bot failed ({type(error).__name__}).", code="internal", hint=hint)
        return _shown(failure, call, as_json="--json" in argv)
    finally:
        # A data file that stays open would be read on by the next command of the same process, swapped or not.
        if call is not None:
            call.close()


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    parser = parser_of_kpi(argv[0] if argv and argv[0] in _COMMANDS else None)
    word = next((argument for argument in argv if not argument.startswith("-")), None)
    if word is not None and argv[0] == word and word not in _COMMANDS:
        near = did_you_mean(word, _COMMANDS)
        hint = f"Did you mean kpi {near[0]}?" if near else 'Ask with kpi ask "cac last-month", or see kpi --help.'
        raise UsageError(f"There is no command {word}.", code="usage", hint=hint)
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help()
        raise SystemExit(2)
    return options


class _Uncalled:
    """Takes the options of a command that is not called: noting them all takes a twentieth of an answer."""

    def __getattr__(self, _method: str) -> Callable[..., _Uncalled]:
        return lambda *_words, **_options: self


def parser_of_kpi(called: str | None = None) -> argparse.ArgumentParser:
    """The commands of `kpi` and their options; of one that is called alone."""
    parser = _Parser(prog="kpi", description="Marketing and sales KPIs in Slack, in the Sheet and here.")
    common = _Parser(add_help=False)
    common.add_argument("--config", type=Path, help="kpi.yaml to use (default: ./kpi.yaml, else the demo company)")
    common.add_argument("--now", type=clock_time, metavar="TIME", help="the clock, such as 2026-11-22T09:00")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands: dict[str, Any] = {
        name: subparsers.add_parser(name, help=words, description=words, parents=[common])
        if called in (None, name)
        else _Uncalled()
        for name, (_module, words) in _COMMANDS.items()
    }
    for name in _WITH_JSON:
        commands[name].add_argument("--json", action="store_true", help=JSON)
    add_options(commands)
    return parser


def _shown(error: KpiBotError, call: Call | None, *, as_json: bool) -> int:
    """Show an error as JSON on stdout, else in the workspace's language on stderr; its exit code."""
    if as_json:
        print(json.dumps(error.to_json(), ensure_ascii=False, indent=2))
        return error.exit_code
    from bot.terminal.card import terminal_error

    language = _language(call)
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    print(terminal_error(error, language, colour=colour), file=sys.stderr)
    return error.exit_code


def _language(call: Call | None) -> str:
    """The workspace's; of one that could not be opened what its file says, however wrong the rest of that is."""
    if call is not None and "workspace" in vars(call):
        return call.language
    from kpi_core.settings.values import file_language, find_settings

    try:
        return file_language(find_settings(call.config if call is not None else None, Path.cwd()))
    except (KpiBotError, OSError):
        return "en"


if __name__ == "__main__":
    sys.exit(main())
