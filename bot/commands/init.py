"""kpi init: a few questions, the team's own files, and a kpi.yaml that answers."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import get_args

from bot.commands.call import Call
from bot.commands.sources.add import add_paths
from kpi_core.access.operator import OPERATOR
from kpi_core.adding.sheet_tabs import is_address
from kpi_core.adding.starter_set import AIMS, Aim, starter_set
from kpi_core.documents.amendments import with_value, write_whole
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import KpiBotError, UsageError
from kpi_core.locale.problem_words import problem_in
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words
from kpi_core.settings.file import settings_problems
from kpi_core.settings.rules import spreadsheet_id
from kpi_core.settings.values import FILE

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("locale", "en"),
    ("company", "My company"),
    ("timezone", "UTC"),
    ("currency", "USD"),
)
"""Keys of kpi.yaml that are asked for, with what an empty answer means."""


def run_init(call: Call) -> int:
    """Write ./kpi.yaml (or --config), never over a file that is there; then add files, a Sheet, a starter set."""
    path = call.config or Path(FILE)
    if path.exists():
        hint = "Edit it, name another file with --config, or add files with kpi add."
        raise UsageError(f"{path} is there already.", code="file_exists", hint=hint)
    is_asked = not call.options.yes and sys.stdin.isatty()
    write_whole(path, settings_text(dict(_answers(path, is_asked=is_asked))))
    # From here on kpi.yaml is there: whatever is broken off loses no answer.
    call.options.config = path
    language = call.language
    call.show(say(language, "init.wrote", file=str(path)))
    if is_asked:
        _add_files(call, path, language)
        _add_sheet(call, path, language)
        _choose_kpis(call, path, language)
    call.show(say(language, "init.next"))
    return 0


def _answers(path: Path, *, is_asked: bool) -> Iterator[tuple[str, str]]:
    """Each answer once it is a right one; a wrong one is asked for again, with what is wrong."""
    language, answers = "en", {}
    for key, default in QUESTIONS:
        answers[key] = default
        while is_asked:
            typed = input(f"{say(language, f'init.{key}')} [{default}]: ").strip() or default
            answers[key] = typed
            problems = settings_problems(read_text(settings_text(_usual() | answers), str(path)), path.parent)
            if not problems:
                break
            problem = problem_in(language, problems[0])
            sys.stderr.write(f"{problem.message}. {problem.hint}\n")
        language = answers["locale"]
        yield key, answers[key]


def _usual() -> dict[str, str]:
    return dict(QUESTIONS)


def _until_right(call: Call, question: str, use: Callable[[str], None]) -> None:
    """Put a question until its answer works, or is empty."""
    while typed := input(f"{question}\n> ").strip():
        try:
            use(typed)
        except KpiBotError as error:
            call.say(" ".join(error_words(error, call.language)))
        else:
            return


def _add_files(call: Call, path: Path, language: str) -> None:
    def add(typed: str) -> None:
        # A terminal pastes dropped files quoted, with blanks escaped.
        add_paths(call, path, [name if is_address(name) else Path.cwd() / name for name in shlex.split(typed)], {})

    _until_right(call, say(language, "init.files"), add)


def _add_sheet(call: Call, path: Path, language: str) -> None:
    def add(typed: str) -> None:
        if spreadsheet_id(typed) is None:
            raise UsageError(say(language, "init.no_sheet"), code="usage", hint=say(language, "init.no_sheet_hint"))
        text = path.read_text("utf-8")
        write_whole(path, with_value(text, "sheets", [{"spreadsheet": typed, "every": "day 07:00"}], path.name))
        call.show(say(language, "init.sheet_added"))

    _until_right(call, say(language, "init.sheet"), add)


def _choose_kpis(call: Call, path: Path, language: str) -> None:
    def choose(typed: str) -> None:
        aim = AIMS[int(typed) - 1] if typed.isdigit() and 0 < int(typed) <= len(AIMS) else typed
        if aim not in get_args(Aim):
            raise UsageError(say(language, "init.no_aim"), code="usage", hint=say(language, "init.no_aim_hint"))
        add_starter_set(call, path, aim)  # type: ignore[arg-type]

    choices = "   ".join(f"{number}) {say(language, f'init.aim_{aim}')}" for number, aim in enumerate(AIMS, start=1))
    _until_right(call, f"{say(language, 'init.aim')}  {choices}", choose)


def add_starter_set(call: Call, path: Path, aim: Aim) -> None:
    """Write the KPIs that fit an aim and have data into `audiences:`, and say why each is there."""
    workspace = call.reopened()
    door, language = workspace.door(OPERATOR), call.language
    metrics = door.catalog.metrics
    chosen = starter_set(aim, {metric.id for metric in door.catalog.kpis()} - set(door.unavailable_kpis()), metrics)
    if not chosen:
        call.show(say(language, "init.no_kpis"))
        return
    audiences = {audience: list(chosen) for audience in ("exec", "manager", "specialist")}
    write_whole(path, with_value(path.read_text("utf-8"), "audiences", audiences, path.name))
    for kpi in chosen:
        description = metrics[kpi].description
        kind = say(language, f"init.{metrics[kpi].indicator}")
        call.show(f"  {metrics[kpi].name(language)} ({kind}): {description.get(language) or description['en']}")


def settings_text(answers: Mapping[str, str]) -> str:
    """kpi.yaml for the answers. A JSON text is a YAML text, so any name is quoted safely."""
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in answers.items()}
    return f"""\
# What each key means: kpi.example.yaml in the documentation. Add files with: kpi add FILE
company: {quoted["company"]}
timezone: {quoted["timezone"]}
week_start: monday
locale: {quoted["locale"]}
currency: {quoted["currency"]}
warehouse: duckdb:///kpi.duckdb
state: sqlite:///state.db
"""
