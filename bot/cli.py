"""The command `kpi`. stdout carries the result, stderr the rest.

Exit codes: 0 done, 1 the user can mend it, 2 wrong usage, 3 a service failed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from bot.commands.call import Call, clock_time
from bot.workspace import cache_folder
from kpi_core.cache import caching
from kpi_core.errors import KpiBotError, ServiceError, UsageError, did_you_mean

_JSON = "print JSON instead of text"
_COMMANDS = {
    "demo": ("bot.commands.demo", "the whole product on this machine, without an account"),
    "ask": ("bot.commands.ask", 'a question, such as "cac last-month by channel"'),
    "why": ("bot.commands.why", 'what a change is made of, such as "cac last-month"'),
    "list": ("bot.commands.catalogue", "every KPI, and which of them have data"),
    "explain": ("bot.commands.catalogue", "one KPI: formula, readings, benchmark, what to do"),
    "diff": ("bot.commands.diff", "what other definitions would do to past numbers and goals"),
    "add": ("bot.commands.sources.add", "files as your tools export them, recognised, asked about, loaded"),
    "load": ("bot.commands.sources.load", "read the sources of kpi.yaml into the warehouse"),
    "sync": ("bot.commands.sync", "bring the Google Sheet up to date once"),
    "goals": ("bot.commands.goals", "every goal that counts; goals set KPI TARGET --by DATE sets one"),
    "summary": ("bot.commands.posts.summary", "a summary as it would be posted"),
    "alerts": ("bot.commands.posts.alerts", "what is out of the ordinary; alerts test replays history"),
    "deliveries": ("bot.commands.posts.deliveries", "what was posted, what is on its way, what waits for somebody"),
    "receipt": ("bot.commands.posts.receipt", "the numbers of a post, as they were and as they are today"),
    "schedule": ("bot.commands.posts.schedule", "what comes by itself, and its next five times"),
    "audit": ("bot.commands.audit", "who asked what, and who posted what by hand"),
    "run": ("bot.commands.run", "the long-lived bot: Slack, schedules, syncs"),
    "check": ("bot.commands.check", "settings, definitions and manifest: every problem with its line"),
    "doctor": ("bot.commands.doctor", "tokens, sheet access, warehouse and freshness, live"),
    "init": ("bot.commands.init", "ask a few questions and write kpi.yaml"),
}


_WITH_JSON = (
    "why", "list", "explain", "diff", "sync", "summary", "check", "doctor", "add", "deliveries", "schedule", "audit",
    "goals", "receipt", "alerts",
)  # fmt: skip


class _Parser(argparse.ArgumentParser):
    """argparse with words for people and exit code 2 as an error like any other."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", code="usage", hint=f"See {self.prog} --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Nothing but KpiBotError and Ctrl-C is expected to come out of a command."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    call: Call | None = None
    try:
        options = _parsed(argv)
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
    parser = parser_of_kpi()
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


def parser_of_kpi() -> argparse.ArgumentParser:
    """The commands of `kpi` and their options."""
    parser = _Parser(prog="kpi", description="Marketing and sales KPIs in Slack, in the Sheet and here.")
    common = _Parser(add_help=False)
    common.add_argument("--config", type=Path, help="kpi.yaml to use (default: ./kpi.yaml, else the demo company)")
    common.add_argument("--now", type=clock_time, metavar="TIME", help="the clock, such as 2026-11-22T09:00")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    commands = {
        name: subparsers.add_parser(name, help=words, description=words, parents=[common])
        for name, (_module, words) in _COMMANDS.items()
    }
    for name in _WITH_JSON:
        commands[name].add_argument("--json", action="store_true", help=_JSON)
    _add_options(commands)
    return parser


def _add_options(commands: Mapping[str, argparse.ArgumentParser]) -> None:
    commands["ask"].add_argument("question", nargs="*", help="words in English, Korean or Traditional Chinese")
    ways = commands["ask"].add_mutually_exclusive_group()
    ways.add_argument("--json", action="store_true", help=_JSON)
    ways.add_argument("--csv", nargs="?", const="-", metavar="FILE.csv", help="write CSV there, or print it")
    ways.add_argument("--xlsx", type=Path, metavar="FILE.xlsx", help="write an Excel file")
    commands["ask"].add_argument("--all", action="store_true", help="every group of a split, however many")
    commands["why"].add_argument("question", nargs="+", help="as for kpi ask")
    commands["explain"].add_argument("kpi", nargs="+", help="its id or name")
    commands["check"].add_argument(
        "--schemas", type=Path, metavar="FOLDER", help="write JSON Schemas for editors there"
    )
    commands["diff"].add_argument("old", help="a folder of definitions, one file, or built-in")
    commands["diff"].add_argument("new", help="the same, as it would become")
    commands["diff"].add_argument("--kpi", metavar="ID", help="only this KPI and its variants")
    commands["diff"].add_argument("--months", type=int, default=13, help="complete months to compare (default 13)")
    commands["goals"].add_argument("words", nargs="*", metavar="set KPI TARGET", help="without: list the goals")
    commands["goals"].add_argument("--by", metavar="DATE", help="the last day to reach it")
    commands["goals"].add_argument("--where", default="", metavar="SEGMENT", help="such as channel=search")
    commands["goals"].add_argument("--per", default="", help="day, week, month, quarter or year, for what adds up")
    commands["goals"].add_argument("--owner", default="", help="who answers for it")
    commands["goals"].add_argument("--note", default="", help="why, or anything else")
    commands["goals"].add_argument("--action", default="", help="what was agreed to do when it is off track")
    commands["goals"].add_argument("--history", action="store_true", help="who changed which goal, when and where")
    instead = commands["sync"].add_mutually_exclusive_group()
    instead.add_argument("--dry-run", action="store_true", help="show each cell that would change, write none")
    instead.add_argument("--xlsx", type=Path, metavar="FILE.xlsx", help="write the tabs into an Excel file instead")
    instead.add_argument(
        "--csv", type=Path, metavar="FOLDER", help="write each tab's table into a CSV file there instead"
    )
    instead.add_argument("--freeze", metavar="PERIOD", help='a tab of "october" that never changes again')
    commands["sync"].add_argument("--sheet", metavar="ADDRESS", help="only this spreadsheet of kpi.yaml")
    commands["summary"].add_argument("name", help="as in summaries: of kpi.yaml")
    commands["summary"].add_argument("--post", action="store_true", help="post it to its channel")
    commands["summary"].add_argument("--again", action="store_true", help="post it though there is one of this period")
    commands["audit"].add_argument("--who", metavar="ID", help="only this member, or terminal")
    commands["audit"].add_argument(
        "--most", type=int, default=50, help="how many entries, the newest first (default 50)"
    )
    _add_alerts(commands["alerts"])
    commands["deliveries"].add_argument(
        "action", nargs="?", choices=["list", "show", "resend", "cancel"], default="list"
    )
    commands["deliveries"].add_argument("key", nargs="?", help="the beginning of its key, as the list shows it")
    commands["receipt"].add_argument("receipt", help="as it stands at the end of a post")
    commands["add"].add_argument(
        "files", nargs="+", metavar="FILE|FOLDER|SHEET", help="as downloaded: CSV, TSV, Excel; a Google Sheet's address"
    )
    commands["add"].add_argument("--yes", action="store_true", help="ask nothing; what has to be asked waits")
    commands["add"].add_argument(
        "--answer", action="append", default=[], metavar="ABOUT=CHOICE", help="the answer to a question, as dates=mdy"
    )
    commands["load"].add_argument("--source", help="only this source")
    commands["load"].add_argument("--since", metavar="DATE", help="only rows from this day on")
    commands["load"].add_argument("--accept", action="store_true", help="take what came, fewer rows or values too")
    commands["run"].add_argument("--http", action="store_true", help="requests over HTTP instead of Socket Mode")
    commands["run"].add_argument("--host", default="127.0.0.1", help="address of --http (default 127.0.0.1)")
    commands["run"].add_argument("--port", type=int, default=3000, help="port of --http (default 3000)")
    commands["demo"].add_argument("--once", action="store_true", help="end by itself when everything was shown")
    commands["demo"].add_argument("--port", type=int, default=0, help="port of the page (default: a free one)")
    commands["init"].add_argument("--yes", action="store_true", help="take every default")


def _add_alerts(parser: argparse.ArgumentParser) -> None:
    actions = ["list", "test", "seen", "snooze", "assign", "note", "acted"]
    parser.add_argument("action", nargs="?", choices=actions, default="list")
    parser.add_argument(
        "words", nargs="*", metavar="ID [WORDS]", help="an incident, and to whom it goes or what to note"
    )
    parser.add_argument("--since", metavar="DATE", help="of test: from this day on (default: 90 days)")
    parser.add_argument("--days", type=int, help="of snooze and acted: until when (default 1, and as in kpi.yaml)")
    parser.add_argument("--who", default="terminal", metavar="ID", help="who did it: a member's id in Slack")


def _shown(error: KpiBotError, call: Call | None, *, as_json: bool) -> int:
    """Show an error as JSON on stdout, else in the workspace's language on stderr; its exit code."""
    if as_json:
        print(json.dumps(error.to_json(), ensure_ascii=False, indent=2))
        return error.exit_code
    from bot.terminal.card import terminal_error

    language = call.language if call is not None and "workspace" in vars(call) else "en"
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    print(terminal_error(error, language, colour=colour), file=sys.stderr)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
