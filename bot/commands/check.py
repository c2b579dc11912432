"""kpi check: settings, definitions, goals and manifest; every problem with file, line and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from bot.commands.call import Call, progress
from bot.slack.manifest import manifest_problems
from kpi_core.access.operator import OPERATOR
from kpi_core.catalog import load_catalog
from kpi_core.catalog.inspection import Inspection, inspect_definitions
from kpi_core.documents.yaml_file import Document, read_document
from kpi_core.errors import KpiBotError, Problem, SettingsError
from kpi_core.locale.problem_words import problem_in
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words
from kpi_core.settings.address_rules import check_addresses
from kpi_core.settings.addresses import state_address
from kpi_core.settings.file import check_against, check_environment, read_settings, settings_problems
from kpi_core.settings.values import file_language, fill, find_settings


def run_check(call: Call) -> int:
    """Exit 1 if there is any problem."""
    if call.options.schemas:
        return _write_schemas(call.options.schemas, call)
    path = find_settings(call.config, Path.cwd())
    problems = settings_and_definitions(path, call) if path else list(inspect_definitions(()).problems)
    problems += manifest(path.parent if path else Path.cwd())
    wrong, absent = file_headers(path, call) if path else ([], [])
    problems += wrong
    # What a limit closes follows from the definitions: with a problem anywhere, it might be told wrongly.
    notes = [*(access_notes(path) if path and not problems else []), *absent]
    notes += goal_notes(path, call) if path and not problems else []
    if call.as_json:
        call.show_json({"problems": _json(problems), "notes": _json(notes)})
        return 1 if problems else 0
    language = file_language(path)
    if problems:
        call.show("\n".join(str(problem_in(language, problem)) for problem in problems))
        call.say(say(language, "check.problems", count=len(problems)))
    else:
        name = path.name if path else say(language, "check.built_in")
        lines = [say(language, "check.none", file=name), *(str(problem_in(language, note)) for note in notes)]
        call.show("\n".join(lines))
    return 1 if problems else 0


def _json(problems: Sequence[Problem]) -> list[dict[str, object]]:
    return [
        {
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
            "hint": problem.hint,
        }
        for problem in problems
    ]


def file_headers(path: Path, call: Call) -> tuple[list[Problem], list[Problem]]:
    """Every file of a source that would not fit it, and the sources without a file; none while kpi.yaml is wrong."""
    from kpi_core.review.file_headers import misfits_of_headers

    try:
        document, settings = read_document(path), read_settings(path)
        catalog = load_catalog(settings.catalog)
        state = state_address(fill(settings.state, call.environment, "state"))
    except KpiBotError:
        return [], []  # told already, with the lines that are wrong
    told: tuple[list[Problem], list[Problem]] = ([], [])
    with progress() as tell:
        for misfit in misfits_of_headers(settings, catalog, call.environment, state, tell):
            language = "en" if call.as_json else settings.locale
            message, hint = error_words(misfit.error, language)
            message = message.removeprefix(f"Source {settings.sources[misfit.source].name}: ").rstrip(".。")
            if misfit.file and misfit.file not in message:
                message = f"{misfit.file}: {message}"
            place = ("sources", misfit.source, "path")
            told[misfit.is_absent].append(document.problem(place, message, hint))
    return told


def access_notes(path: Path) -> list[Problem]:
    """What the limits of a kpi.yaml without problems close and leave open, and what they keep out of posts."""
    from kpi_core.review.limit_notes import limit_notes
    from sheets_sync.tabs.queries import shown_kpis

    document, settings = read_document(path), read_settings(path)
    if not settings.access:
        return []
    catalog = load_catalog(settings.catalog)
    notes = limit_notes(settings, catalog, shown_kpis(settings, catalog, tuple))
    return [document.problem(note.path, note.message, note.hint, key=note.key) for note in notes]


def goal_notes(path: Path, call: Call) -> list[Problem]:
    """What is wrong with how the goals of kpi.yaml were set, by their KPIs' own past where it is loaded."""
    document, settings = read_document(path), read_settings(path)
    if not settings.goals:
        return []
    from kpi_core.formats.goals.goal_words import remark_text
    from kpi_core.goals.smart import MOST_GOALS, running_goals
    from kpi_core.review.goal_review import reviewed_goals

    door, now = call.workspace.door(OPERATOR), call.now()
    language = "en" if call.as_json else settings.locale
    notes = []
    with suppress(KpiBotError):  # without a warehouse there is no past to hold them against
        for reviewed in reviewed_goals(door, settings.goals, now):
            place = ("goals", settings.goals.index(reviewed.goal))
            notes += [
                document.problem(place, f"the goal for {reviewed.goal.kpi}: {remark_text(remark, language)}", "")
                for remark in reviewed.remarks
                if remark.flaw != "not_measurable"
            ]
    if (count := running_goals(settings.goals, door.today(now))) > MOST_GOALS:
        message = say(language, "goals_command.too_many", count=count, most=MOST_GOALS)
        notes.append(document.problem(("goals",), message, ""))
    return notes


def manifest(folder: Path) -> list[Problem]:
    """The problems of a manifest.yaml that lies beside kpi.yaml; none where there is none."""
    path = folder / "manifest.yaml"
    if not path.is_file():
        return []
    try:
        return manifest_problems(read_document(path, name=path.name))
    except SettingsError as error:
        return list(error.problems)


def _write_schemas(folder: Path, call: Call) -> int:
    """--schemas: what editors complete by, one file a kind of file."""
    from kpi_core.catalog.editor_schema import editor_schemas, schema_text

    written = {folder / name: schema_text(schema) for name, schema in editor_schemas().items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in written.items():
            path.write_text(text, "utf-8")
    except OSError as error:
        problem = Problem(str(folder), 0, 0, f"cannot write here: {error.strerror}", "Name a folder of your own.")
        raise SettingsError([problem]) from None
    if call.as_json:
        call.show_json({"written": [str(path) for path in written]})
    else:
        call.show("\n".join(f"wrote {path}" for path in written))
    return 0


def settings_and_definitions(path: Path, call: Call) -> list[Problem]:
    """The problems of kpi.yaml, then those of the catalogue and its examples, then those between the two."""
    try:
        document = read_document(path)
    except SettingsError as error:
        return list(error.problems)
    problems = settings_problems(document, path.parent)
    if not problems:
        problems = check_environment(document, call.environment)
        problems += check_addresses(document, path.parent, call.environment)
    inspection = inspect_definitions(_folders(document, path.parent))
    problems += [*inspection.problems, *_names_that_split(inspection), *_wrong_examples(inspection, call)]
    # A KPI whose file cannot be read is missed by everything that names it: told twice, it would only confuse.
    return problems + check_against(document, inspection.catalog) if inspection.whole else problems


def _names_that_split(inspection: Inspection) -> list[Problem]:
    """Names of the team's own KPIs that mean the split of another one."""
    if inspection.problems or not inspection.own:
        return []
    from kpi_core.questions.vocabulary import names_that_split

    hint = "“X by D” always splits X: choose another name, or leave it to that question."
    return [
        inspection.own[metric_id].problem(("names",), f"“{words}” reads as another KPI by a dimension", hint)
        for metric_id, words in names_that_split(inspection.catalog, inspection.own)
    ]


def _wrong_examples(inspection: Inspection, call: Call) -> list[Problem]:
    """Worked examples of the team's own KPIs that do not come out; broken definitions are not asked anything."""
    if inspection.problems or not inspection.own:
        return []
    from kpi_core.review.worked_examples import wrong_examples

    instant = call.options.now or datetime.now(UTC)
    # Worked examples live in UTC, whatever zone a kpi.yaml names that may itself be wrong.
    now = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return [
        inspection.own[metric.variant_of or metric.id].problem(place, message, hint)
        for metric, place, message, hint in wrong_examples(inspection.catalog, inspection.own, now)
    ]


def _folders(document: Document, folder: Path) -> tuple[Path, ...]:
    """The folders of own definitions that are there, of a file that may be wrong elsewhere."""
    listed = document.value.get("catalog") if isinstance(document.value, Mapping) else None
    names = [entry for entry in listed if isinstance(entry, str)] if isinstance(listed, list) else []
    return tuple(folder / name for name in names if (folder / name).is_dir())
