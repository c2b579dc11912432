"""kpi add: files as tools write them become sources of kpi.yaml, and their numbers."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from bot.commands.call import Call, progress
from bot.commands.reports.add_report import added_json, added_text, closing_text, question_text
from bot.commands.reports.load_report import uncovered_texts
from bot.commands.sources.load import readiness
from bot.running.loading import load_sources, sheet_reader_of
from bot.workspace import Workspace
from kpi_core.adding.addition import RATES, Added, add_files
from kpi_core.adding.questions import Choice, Question
from kpi_core.adding.sheet_tabs import SheetTab, add_tab, is_address
from kpi_core.documents.amendments import with_text_in, write_whole
from kpi_core.errors import DataError, UsageError
from kpi_core.formats.notices import notice_text
from kpi_core.health.facts import OF_PAIRS
from kpi_core.loading.channels.channel_list import ChannelList
from kpi_core.loading.channels.named_channels import Uncovered
from kpi_core.phrases import Notice
from kpi_core.settings.rules import spreadsheet_id
from kpi_core.settings.values import FILE, find_settings

_OF_PAIRS = {f"load.{code}" for code in OF_PAIRS}
_CHOICES = {
    "dates": ("dmy", "mdy", "ymd", "serial"),
    "decimal": (".", ","),
    "days": ("day", "period"),
    "columns": ("yes", "no"),
    "lines": ("last", "no"),
    "states": ("yes", "no"),
    "accounts": ("one", "several"),
}
"""Questions whose answers are the same for every file."""


def run_add(call: Call) -> int:
    """Add files and folders; exit 1 where one cannot be read or loaded. What waits for an answer is no failure."""
    config = find_settings(call.config, Path.cwd())
    if config is None:
        hint = "Run kpi init first; it asks four questions and takes your files, too."
        raise DataError(f"There is no {FILE} here.", code="add_no_settings", hint=hint)
    paths = [name if is_address(name) else Path.cwd() / name for name in call.options.files]
    return add_paths(call, config, paths, _answers(call.options.answer))


def add_paths(call: Call, config: Path, paths: Sequence[Path | str], answers: Mapping[str, str]) -> int:
    """Add files and folders to a kpi.yaml, ask what is open, load, and say what there is now; the exit code."""
    as_json = bool(vars(call.options).get("json"))
    added = _added(call, config, paths, answers)
    if _is_asked(call):
        added = _asked(call, config, added, answers)
    failed, uncovered = _load(call, added)
    if _is_asked(call) and _named(call, config, uncovered):
        failed, uncovered = _load(call, added)
    if as_json:
        call.show_json({"added": [added_json(item) for item in added]})
    elif any(item.source for item in added):
        for table, each in uncovered:
            call.show("\n".join(uncovered_texts([each], table, call.workspace.settings.currency, call.language)))
        call.show(readiness(call))
        if number := closing_text(call):
            call.show(number)
    return 1 if failed or any(item.error for item in added) else 0


def _is_asked(call: Call) -> bool:
    """Whether somebody sits at the terminal who answers questions."""
    return not call.options.yes and not vars(call.options).get("json") and sys.stdin.isatty()


def _answers(written: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in written]
    if wrong := next(
        (text for text, (_about, sign, choice) in zip(written, pairs, strict=True) if not sign or not choice), None
    ):
        raise UsageError(f"--answer {wrong} says nothing.", code="usage", hint="Write it like --answer dates=mdy.")
    answers = {about.strip(): choice.strip() for about, _sign, choice in pairs}
    for about, choice in answers.items():
        if about in _CHOICES and choice not in _CHOICES[about]:
            # It would go into kpi.yaml as it stands.
            hint = f"Choose one of {', '.join(_CHOICES[about])}."
            raise UsageError(f"--answer {about}={choice} is no choice.", code="usage", hint=hint)
    return answers


def _added(call: Call, config: Path, paths: Sequence[Path | str], answers: Mapping[str, str]) -> list[Added]:
    with progress() as tell, sheet_reader_of(call.workspace) as reader:
        catalog, today = call.workspace.catalog, call.workspace.settings.calendar.today(call.now())
        files = [path for path in paths if isinstance(path, Path)]
        added = list(add_files(files, config, catalog, answers, tell, sheet_reader=reader, today=today))
    addresses = [path for path in paths if isinstance(path, str)]
    added += _added_tabs(call, config, addresses, answers, today) if addresses else []
    # After the bar, which would break longer lines than its own.
    if not vars(call.options).get("json"):
        for item in added:
            zone = call.workspace.settings.calendar.zone
            call.show(added_text(item, zone, call.language, is_asked=_is_asked(call)))
    return added


def _added_tabs(
    call: Call, config: Path, addresses: Sequence[str], answers: Mapping[str, str], today: date
) -> list[Added]:
    """Tabs of the firm's own spreadsheets. UsageError for an address of another kind."""
    for address in addresses:
        if spreadsheet_id(address) is None:
            hint = "It begins with https://docs.google.com/spreadsheets/d/"
            raise UsageError(f"{address} is no address of a Google Sheet.", code="usage", hint=hint)
    from sheets_sync.client import open_client
    from sheets_sync.spreadsheet.state import peoples_tabs

    with closing(open_client(call.environment)) as client:
        return [
            add_tab(
                address, [SheetTab(number, title) for number, title in tabs], config, call.workspace.catalog, answers,
                sheet_reader=client.read_range, today=today,
            )
            for address in addresses
            for tabs in [peoples_tabs(client.spreadsheet(str(spreadsheet_id(address))))]
        ]  # fmt: skip


def _asked(call: Call, config: Path, added: Sequence[Added], answers: Mapping[str, str]) -> list[Added]:
    """Put the open questions one at a time, each file again with its answers, until nothing is open."""
    settled: list[Added] = []
    for item in added:
        given = dict(answers)
        name = f"{item.file.name}: " if len(added) > 1 else ""
        while item.state == "waits" and (choice := _choice(call, item.questions[0], name)):
            given[item.questions[0].about] = choice
            item = _added(call, config, [item.address or item.file], given)[0]  # noqa: PLW2901  (the same file, further on)
        settled.append(item)
    return settled


def _choice(call: Call, question: Question, name: str = "") -> str:
    """What somebody types at the terminal; empty where they leave the question open. `name` is what it is about."""
    choices = {choice.value: choice.value for choice in question.choices}
    choices |= {str(number): choice.value for number, choice in enumerate(question.choices, start=1)}
    while True:
        try:
            typed = input(f"{name}{question_text(question, call.language)}\n> ").strip()
        except EOFError:
            return ""
        if not typed or typed in choices:
            return choices.get(typed, "")


def _named(call: Call, config: Path, uncovered: Sequence[tuple[str, Uncovered]]) -> bool:
    """Ask once for each text that is on no list which channel it is; whether kpi.yaml has learnt one."""
    names = ChannelList(call.reopened().settings.channels).names
    learnt = False
    for text in dict.fromkeys(each.text for _table, each in uncovered if each.text):
        question = Question("channels", Notice("add.ask_channel", {"text": text}), tuple(map(Choice, names)))
        if choice := _choice(call, question):
            write_whole(config, with_text_in(config.read_text("utf-8"), "channels", choice, text, config.name))
            learnt = True
    return learnt


def _load(call: Call, added: Sequence[Added]) -> tuple[bool, list[tuple[str, Uncovered]]]:
    """Load every source that takes one of the files; whether any failed, and the channels of no list, by table."""
    names: dict[str | None, None] = dict.fromkeys(
        name for item in added for name in (item.source, *item.beside) if name
    )
    if not names:
        return False, []
    if any(item.source and item.look is not None and item.look.table == RATES for item in added):
        # What was left out for want of a rate may have one now.
        names = {None: None}
    workspace: Workspace = call.reopened()
    failed, uncovered = False, list[tuple[str, Uncovered]]()
    together: list[Notice] = []
    with progress() as tell:
        for name in names:
            report = load_sources(workspace, call.now(), only=name, since=None, accept=False, progress=tell)
            failed = failed or bool(report.failed)
            uncovered += [(load.table, each) for load in report.sources for each in load.uncovered]
            together += [each for load in report.sources for each in load.warnings if each.key in _OF_PAIRS]
    if not vars(call.options).get("json"):
        for notice in together:
            call.show(notice_text(notice, call.language))
    return failed, uncovered
