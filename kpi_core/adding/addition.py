"""`kpi add`: files of a team become sources of kpi.yaml, each once, with nothing loaded that somebody has to settle.

    added = add_files([Path("downloads")], Path("kpi.yaml"), answers={"dates": "mdy"})

kpi.yaml gains entries and keeps every byte that people wrote; a file that is read already changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from kpi_core.adding.accounts import accounts_question
from kpi_core.adding.archives import is_archive, unpacked
from kpi_core.adding.attempt import Attempt
from kpi_core.adding.entries import (
    OF_ANSWERS,
    entry_of,
    is_pattern_taken,
    path_from,
    pattern_of,
    reader_of,
    without_file,
)
from kpi_core.adding.goal_plans import GoalPlan
from kpi_core.adding.look import OPTIONS, Look, look_at
from kpi_core.adding.order_states import with_states
from kpi_core.adding.planned import place_of, planned
from kpi_core.adding.questions import Question, question_of_error
from kpi_core.adding.stored_files import FOLDER
from kpi_core.adding.understanding import Understanding, understand
from kpi_core.documents.amendments import with_entries, with_value, write_whole
from kpi_core.errors import DataError, KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog
from kpi_core.settings.file import read_settings
from kpi_core.settings.values import Settings, Source
from kpi_core.sources import SheetReader

RATES = "rates"
"""The table of what currencies are worth, and the key of kpi.yaml with the source that fills it."""
_REFUSALS = {("columns", "no"), ("lines", "no"), ("states", "no"), ("days", "period")}
"""Answers by which a file is none of ours."""
_UNTIL_ANSWERED = {"dates", "decimal", "currency", "accounts"}
"""Questions that stand open until a source says it: until then no pattern reads their file."""
Progress = Callable[[str, int, int | None], None]
State = Literal["added", "there", "waits", "none_of_ours", "failed"]


@frozen
class Added:
    """What became of one file. `source` is the one of kpi.yaml that reads it."""

    file: Path
    state: State
    look: Look | None = None
    source: str = ""
    understanding: Understanding | None = None
    questions: tuple[Question, ...] = ()
    beside: tuple[str, ...] = ()
    """Further sources that read the file into other tables."""
    error: KpiBotError | None = None
    address: str = ""
    """Where it is no file: that of a spreadsheet."""


def files_in(paths: Sequence[Path]) -> list[tuple[Path, Path | None]]:
    """The files that are meant, each with the folder that was named; a folder's files by age, hidden ones not."""
    meant: list[tuple[Path, Path | None]] = []
    for path in paths:
        if path.is_dir():
            inside = [file for file in path.iterdir() if file.is_file() and not file.name.startswith((".", "~$"))]
            meant += [(file, path) for file in sorted(inside, key=lambda file: (file.stat().st_mtime_ns, file.name))]
        elif path.is_file():
            meant.append((path, None))
        else:
            hint = "Check its name, or drop it on the terminal window to paste it."
            raise DataError(f"There is no file {path}.", code="add_no_file", hint=hint, params={"file": str(path)})
    return meant


def add_files(  # noqa: PLR0913  (where, what, what is known, and who is told)
    paths: Sequence[Path],
    config: Path,
    catalog: Catalog,
    answers: Mapping[str, str],
    progress: Progress = lambda _step, _done, _total: None,
    *,
    inbox: Path | None = None,
    sheet_reader: SheetReader | None = None,
    today: date | None = None,
) -> Iterator[Added]:
    """Each file with what became of it; kpi.yaml is amended file by file. DataError for a path that is not there.

    `inbox` is a folder of files that came one by one, and whose next ones belong to the same sources.
    """
    files = [(file, folder or inbox) for file, folder in files_in(paths)]
    with TemporaryDirectory() as scratch:
        members, refused = _with_members(files, config.parent / FOLDER)
        yield from refused
        files = members
        for number, (file, folder) in enumerate(files):
            progress(file.name, number, len(files))
            place = Path(scratch) / str(number)
            place.mkdir()
            attempt = Attempt(read_settings(config), catalog, place, answers, sheet_reader, today)
            yield _added(file, folder, config, attempt)


def _with_members(
    files: Sequence[tuple[Path, Path | None]], inbox: Path
) -> tuple[list[tuple[Path, Path | None]], list[Added]]:
    """The files, each archive as the tables in it; and what is to be told of archives."""
    members: list[tuple[Path, Path | None]] = []
    told: list[Added] = []
    for file, folder in files:
        if not is_archive(file):
            members.append((file, folder))
            continue
        try:
            tables, others = unpacked(file, inbox)
        except DataError as error:
            told.append(Added(file, "failed", error=error))
            continue
        members += [(table, inbox) for table in tables]
        told += [Added(file / name, "none_of_ours") for name in others]
    return members, told


def _added(file: Path, folder: Path | None, config: Path, attempt: Attempt) -> Added:
    look: Look | None = None
    try:
        look, attempt = _looked(file, attempt)
        if look.table is None or _REFUSALS & attempt.answers.items():
            return Added(file, "none_of_ours", look)
        if look.plan is not None:
            return add_plan(look, look.plan, config, attempt, place_of(look, look.plan, attempt))
        return _read(look, folder, config, _with_open_alone(look, attempt))
    except KpiBotError as error:
        question = question_of_error(error)
        if question is not None:
            return Added(file, "waits", look, questions=(question,))
        return Added(file, "failed", look, error=error)
    except OSError as error:
        reason = error.strerror or str(error)
        failure = DataError(f"{file.name}: {reason}.", code="add_unreadable", hint="Check the file.")
        return Added(file, "failed", look, error=failure)


def add_plan(look: Look, plan: GoalPlan, config: Path, attempt: Attempt, place: Mapping[str, Any]) -> Added:
    """Write the plan of goals that lies at a place into kpi.yaml, where nothing about it is open."""
    new = planned(look, plan, attempt, place)
    if new.understanding.questions:
        return Added(look.path, "waits", look, understanding=new.understanding, questions=new.understanding.questions)
    if not new.goals and not new.sources:
        return Added(look.path, "there", look, new.source, new.understanding)
    text = with_entries(config.read_text("utf-8"), "goals", new.goals, config.name)
    write_whole(config, with_entries(text, "sources", new.sources, config.name))
    return Added(look.path, "added", look, new.source, new.understanding)


def _looked(file: Path, attempt: Attempt) -> tuple[Look, Attempt]:
    """A look by those answers alone that the file asks for: what is said of one file of a folder is not of all."""
    others = {about: choice for about, choice in attempt.answers.items() if about not in OPTIONS}
    used: dict[str, str] = {}
    while True:
        by_used = replace(attempt, answers={**others, **used})
        try:
            return look_at(file, by_used), by_used
        except KpiBotError as error:
            question = question_of_error(error)
            if question is None or question.about not in attempt.answers or question.about in used:
                raise
            used[question.about] = attempt.answers[question.about]


def _with_open_alone(look: Look, attempt: Attempt) -> Attempt:
    """The attempt without answers on styles that the file proves itself."""
    styles = [about for about in OF_ANSWERS if about in attempt.answers and about not in OPTIONS]
    if not styles:
        return attempt
    used = {about: choice for about, choice in attempt.answers.items() if about not in styles}
    path = path_from(attempt.settings.folder, look.path)
    alone = replace(attempt, settings=replace(attempt.settings, sources=_rates_of(attempt.settings)))
    while True:
        by_used = replace(alone, answers=used)
        questions = understand(look, entry_of(look, path, by_used), by_used).questions
        open_ = {question.about for question in questions} & set(styles) - used.keys()
        if not open_:
            return replace(attempt, answers=used)
        used |= {about: attempt.answers[about] for about in open_}


def _rates_of(settings: Settings) -> tuple[Source, ...]:
    return tuple(source for source in settings.sources if source.name == settings.rates)


def _read(look: Look, folder: Path | None, config: Path, attempt: Attempt) -> Added:
    """Read a file that is ours; kpi.yaml gains it where nothing is open and no source reads it yet."""
    settings = attempt.settings
    path = path_from(settings.folder, look.path)
    entry = entry_of(look, path, attempt)
    of_source = _keys_of(settings, entry["name"])
    if of_source:
        # What somebody has said of a source holds for its further files.
        attempt = replace(attempt, answers={"columns": "yes", "states": "yes", **attempt.answers})
    entry, result = with_states(look, entry, of_source, attempt)
    there = next((source for source in settings.sources if source.name == entry["name"]), None)
    question = accounts_question(look, there, attempt)
    if question is not None:
        result = replace(result, questions=(*result.questions, question))
    elif "accounts" in attempt.answers and there is not None and there.accounts is None and look.match is not None:
        return _with_accounts(look, entry, result, config, attempt)
    is_open = any(each.about in _UNTIL_ANSWERED for each in result.questions)
    reader = reader_of(look, path, settings)
    if reader is not None and reader.name == entry["name"] and not is_open:
        return Added(look.path, "there", look, reader.name, result)
    others = without_file(look, path, settings) if is_open or reader is not None else []
    text = with_entries(config.read_text("utf-8"), "sources", others, config.name)
    if result.questions:
        if others:
            write_whole(config, text)
        return Added(look.path, "waits", look, understanding=result, questions=result.questions)
    pattern = pattern_of(settings.folder, folder) if folder is not None and look.match is not None else path
    if not is_pattern_taken(look, pattern, str(entry["name"]), settings):
        # What is downloaded into the folder tomorrow belongs to the source, too.
        path, entry = pattern, {**entry, **entry_of(look, pattern, attempt)}
    beside = list(_beside(look, path, attempt))
    text = with_entries(text, "sources", [entry, *beside], config.name)
    if look.table == RATES and settings.rates is None:
        text = with_value(text, "rates", entry["name"], config.name)
    write_whole(config, text)
    names = tuple(str(each["name"]) for each in beside)
    return Added(look.path, "added", look, str(entry["name"]), result, beside=names)


def _with_accounts(
    look: Look, entry: Mapping[str, Any], result: Understanding, config: Path, attempt: Attempt
) -> Added:
    """The file joins its source, which says from now on of how many accounts its files are."""
    asked = replace(
        attempt, answers={about: choice for about, choice in attempt.answers.items() if about != "accounts"}
    )
    there = next(source for source in attempt.settings.sources if source.name == entry["name"])
    if accounts_question(look, there, asked) is None:
        return _read(look, None, config, asked)
    new = {**entry, "accounts": attempt.answers["accounts"]}
    write_whole(config, with_entries(config.read_text("utf-8"), "sources", [new], config.name))
    return Added(look.path, "added", look, str(entry["name"]), result)


def _beside(look: Look, path: str, attempt: Attempt) -> Iterator[dict[str, Any]]:
    """The entries of sources that read the lines of the file's orders into tables of their own."""
    match = look.match
    for table, columns in match.layout.beside.items() if match is not None else ():
        model = attempt.catalog.models.get(table)
        if model is None or match is None:
            continue
        there = {
            name
            for name, made in columns.items()
            if not made.reads or any(each in match.headers for each in made.reads)
        }
        if {name for name, column in model.columns.items() if column.required} <= there:
            its = replace(match, layout=match.layout.filling(table))
            yield entry_of(replace(look, match=its), path, attempt)


def _keys_of(settings: Settings, name: str) -> dict[str, Any]:
    """The keys of a source that is there already, but for its path."""
    source = next((source for source in settings.sources if source.name == name), None)
    if source is None:
        return {}
    keys: dict[str, Any] = {"type": source.type, "table": source.table, **source.options}
    keys |= {key: value for key in ("layout", "dates", "decimal", "timezone") if (value := getattr(source, key))}
    keys |= {"leave_out": [rule if isinstance(rule, str) else _listed(rule) for rule in source.leave_out]}
    return keys | ({"columns": dict(source.columns)} if source.columns else {})


def _listed(rule: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {header: list(texts) for header, texts in rule.items()}
