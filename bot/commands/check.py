"""kpi check: settings, definitions, goals and manifest; every problem with file, line and what to do."""

from __future__ import annotations

from pathlib import Path

from bot.commands.call import Call
from kpi_core.catalog import load_catalog
from kpi_core.catalog.sql_rules import broken_sql
from kpi_core.documents import read_document
from kpi_core.errors import Problem, SettingsError
from kpi_core.metrics import Catalog
from kpi_core.settings import find_settings
from kpi_core.settings_file import check_against, check_environment, read_settings


def run_check(call: Call) -> int:
    """Exit 1 if there is any problem."""
    path = find_settings(call.config, Path.cwd())
    problems = settings_and_definitions(path, call) if path else definitions(())
    if call.as_json:
        found = [
            {"file": each.file, "line": each.line, "column": each.column, "message": each.message, "hint": each.hint}
            for each in problems
        ]
        call.show_json({"problems": found})
    elif problems:
        call.show("\n".join(str(each) for each in problems))
        call.say(f"{len(problems)} problem{'s' if len(problems) != 1 else ''} found.")
    else:
        call.show(f"No problem found in {path.name if path else 'the built-in definitions'}.")
    return 1 if problems else 0


def settings_and_definitions(path: Path, call: Call) -> list[Problem]:
    """The problems of kpi.yaml, then those of the catalogue, then those between the two."""
    try:
        settings = read_settings(path)
    except SettingsError as error:
        return list(error.problems)
    document = read_document(path)
    problems = check_environment(document, call.environment)
    found = definitions(settings.catalog)
    if not found:
        found = check_against(document, load_catalog(settings.catalog))
    return [*problems, *found]


def definitions(folders: tuple[Path, ...]) -> list[Problem]:
    """The problems of the built-in definitions and those of `folders`, their SQL too."""
    try:
        catalog: Catalog = load_catalog(folders)
    except SettingsError as error:
        return list(error.problems)
    return broken_sql(catalog)
