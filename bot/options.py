"""What each command of `kpi` takes beside `--config` and `--now`."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

JSON = "print JSON instead of text"
Commands = Mapping[str, ArgumentParser]


def clock_time(text: str) -> datetime:
    """--now: a date, or a date and time, with or without an offset."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        message = f"{text} is no time; write it like 2026-11-22T09:00"
        raise ArgumentTypeError(message) from None


def add_options(commands: Commands) -> None:
    """Give each command its own options and arguments."""
    for add in (_questions, _definitions, _goals, _sheet, _posts, _data, _running):
        add(commands)
    _alerts(commands["alerts"])


def _questions(commands: Commands) -> None:
    commands["ask"].add_argument("question", nargs="*", help="words in English, Korean or Traditional Chinese")
    ways = commands["ask"].add_mutually_exclusive_group()
    ways.add_argument("--json", action="store_true", help=JSON)
    ways.add_argument("--csv", nargs="?", const="-", metavar="FILE.csv", help="write CSV there, or print it")
    ways.add_argument("--xlsx", type=Path, metavar="FILE.xlsx", help="write an Excel file")
    after = "the question before, which this one goes on from; may be given again, the first one first"
    commands["ask"].add_argument("--after", action="append", default=[], metavar="QUESTION", help=after)
    commands["ask"].add_argument("--all", action="store_true", help="every group of a split, however many")
    commands["why"].add_argument("question", nargs="+", help="as for kpi ask")
    _reconcile(commands["reconcile"])


def _reconcile(parser: ArgumentParser) -> None:
    parser.add_argument("kpi", help="its id or name")
    parser.add_argument("number", help="what the tool says: 4.1, 410%%, 12,400")
    parser.add_argument("source", help="the tool: a platform such as meta, or a source of kpi.yaml")
    parser.add_argument("period", nargs="*", help="a period and filters as for kpi ask")
    parser.add_argument("--vat", choices=["with", "without"], default="", help="whether VAT is in the tool's amounts")
    parser.add_argument("--zone", default="", metavar="ZONE", help="where the tool's days begin, as America/New_York")
    parser.add_argument("--currency", default="", metavar="CODE", help="of an amount, where it is not the workspace's")
    parser.add_argument("--read", default="", metavar="DATE", help="the day on which the tool said so")
    parser.add_argument("--before-refunds", action="store_true", help="the tool leaves refunds in")


def _definitions(commands: Commands) -> None:
    commands["explain"].add_argument("kpi", nargs="+", help="its id or name")
    commands["values"].add_argument("words", nargs="+", help="dimensions, and a period and filters as for kpi ask")
    commands["import"].add_argument("kind", choices=["dbt", "osi"], help="whose definitions they are")
    commands["import"].add_argument("path", type=Path, metavar="PATH", help="the folder of a project, or one YAML file")
    commands["import"].add_argument("--to", type=Path, metavar="FOLDER", help="write there (default: definitions)")
    commands["export"].add_argument("kind", choices=["dbt", "osi"], help="for whom")
    commands["export"].add_argument("kpi", nargs="*", metavar="KPI", help="only these, by their ids")
    commands["export"].add_argument("--to", type=Path, metavar="FOLDER", help="write a file there instead of printing")
    commands["check"].add_argument(
        "--schemas", type=Path, metavar="FOLDER", help="write JSON Schemas for editors there"
    )
    commands["diff"].add_argument("old", help="a folder of definitions, one file, or built-in")
    commands["diff"].add_argument("new", help="the same, as it would become")
    commands["diff"].add_argument("--kpi", metavar="ID", help="only this KPI and its variants")
    commands["diff"].add_argument("--months", type=int, default=13, help="complete months to compare (default 13)")


def _goals(commands: Commands) -> None:
    commands["goals"].add_argument(
        "words", nargs="*", metavar="set|check-in|task|budget", help="without: list the goals"
    )
    commands["goals"].add_argument("--by", metavar="DATE", help="the last day to reach it")
    commands["goals"].add_argument("--where", default="", metavar="SEGMENT", help="such as channel=search")
    commands["goals"].add_argument("--per", default="", help="day, week, month, quarter or year, for what adds up")
    commands["goals"].add_argument("--owner", default="", help="who answers for it")
    commands["goals"].add_argument("--note", default="", help="why, or anything else; the name of a task")
    commands["goals"].add_argument("--confidence", default="", help="of a check-in: 0 to 10, or low, medium, high")
    commands["goals"].add_argument("--action", default="", help="what was agreed to do when it is off track")
    commands["goals"].add_argument("--history", action="store_true", help="who changed which goal, when and where")


def _sheet(commands: Commands) -> None:
    instead = commands["sync"].add_mutually_exclusive_group()
    instead.add_argument("--dry-run", action="store_true", help="show each cell that would change, write none")
    instead.add_argument("--xlsx", type=Path, metavar="FILE.xlsx", help="write the tabs into an Excel file instead")
    instead.add_argument(
        "--csv", type=Path, metavar="FOLDER", help="write each tab's table into a CSV file there instead"
    )
    instead.add_argument("--freeze", metavar="PERIOD", help='a tab of "october" that never changes again')
    commands["sync"].add_argument("--sheet", metavar="ADDRESS", help="only this spreadsheet of kpi.yaml")


def _posts(commands: Commands) -> None:
    commands["summary"].add_argument("name", help="as in summaries: of kpi.yaml")
    commands["summary"].add_argument("--post", action="store_true", help="post it to its channel")
    commands["summary"].add_argument("--again", action="store_true", help="post it though there is one of this period")
    commands["audit"].add_argument("--who", metavar="ID", help="only this member, or terminal")
    commands["audit"].add_argument(
        "--most", type=int, default=50, help="how many entries, the newest first (default 50)"
    )
    commands["audit"].add_argument("--unused", action="store_true", help="what nobody has used for eight weeks instead")
    commands["deliveries"].add_argument(
        "action", nargs="?", choices=["list", "show", "resend", "cancel"], default="list"
    )
    commands["deliveries"].add_argument("key", nargs="?", help="the beginning of its key, as the list shows it")
    commands["receipt"].add_argument("receipt", help="as it stands at the end of a summary, an alert or an answer")


def _data(commands: Commands) -> None:
    commands["add"].add_argument(
        "files", nargs="+", metavar="FILE|FOLDER|SHEET", help="as downloaded: CSV, TSV, Excel; a Google Sheet's address"
    )
    commands["add"].add_argument("--yes", action="store_true", help="ask nothing; what has to be asked waits")
    commands["add"].add_argument(
        "--answer", action="append", default=[], metavar="ABOUT=CHOICE", help="the answer to a question, as dates=mdy"
    )
    commands["connect"].add_argument(
        "name", nargs="?", default="", metavar="NAME", help="the service, or a source to renew"
    )
    commands["connect"].add_argument(
        "--set", action="append", default=[], metavar="OPTION=VALUE", help="an option of it, as account_ids=123,456"
    )
    commands["connect"].add_argument("--as", dest="source_name", default="", metavar="SOURCE", help="the source's name")
    commands["connect"].add_argument(
        "--first", action="store_true", help="only the last days; later loads bring the rest"
    )
    commands["connect"].add_argument("--yes", action="store_true", help="ask nothing; what lacks is an error")
    commands["load"].add_argument("--source", help="only this source")
    commands["load"].add_argument("--since", metavar="DATE", help="only rows from this day on")
    commands["load"].add_argument("--accept", action="store_true", help="take what came, fewer rows or values too")
    commands["init"].add_argument("--yes", action="store_true", help="take every default")


def _running(commands: Commands) -> None:
    commands["run"].add_argument("--http", action="store_true", help="requests over HTTP instead of Socket Mode")
    commands["run"].add_argument("--host", default="127.0.0.1", help="address of --http (default 127.0.0.1)")
    commands["run"].add_argument("--port", type=int, default=3000, help="port of --http (default 3000)")
    commands["run"].add_argument(
        "--sockets", type=int, choices=range(1, 11), default=1, metavar="N",
        help="connections of Socket Mode, 1 to 10 (default 1); with 2, one goes on while the other is replaced",
    )  # fmt: skip
    commands["run"].add_argument(
        "--workspaces",
        type=Path,
        metavar="DIR",
        help="serve a folder of workspaces over HTTP: a folder each, by team id",
    )
    commands["run"].add_argument("--mcp", type=int, metavar="PORT", help="answer assistants there, under /mcp")
    commands["mcp"].add_argument("words", nargs="*", metavar="token|revoke USER|tokens", help="without: serve")
    commands["run"].add_argument("--health", type=int, metavar="PORT", help="answer /healthz and /readyz there")
    commands["run"].add_argument("--log", choices=["text", "json"], default="text", help="how the log is written")
    commands["demo"].add_argument("--once", action="store_true", help="end by itself when everything was shown")
    commands["demo"].add_argument(
        "--connect", metavar="NAME", help="a company with one service alone, such as meta_ads, which its stand-in plays"
    )
    commands["demo"].add_argument("--port", type=int, default=0, help="port of the page (default: a free one)")


def _alerts(parser: ArgumentParser) -> None:
    actions = ["list", "test", "seen", "snooze", "assign", "note", "acted"]
    parser.add_argument("action", nargs="?", choices=actions, default="list")
    parser.add_argument(
        "words", nargs="*", metavar="ID [WORDS]", help="an incident, and to whom it goes or what to note"
    )
    parser.add_argument("--since", metavar="DATE", help="of test: from this day on (default: 90 days)")
    parser.add_argument("--days", type=int, help="of snooze and acted: until when (default 1, and as in kpi.yaml)")
    parser.add_argument("--who", default="terminal", metavar="ID", help="who did it: a member's id in Slack")
