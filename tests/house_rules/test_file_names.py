"""A file's name says its subject: two shipped files share one only where they share the subject."""

from __future__ import annotations

from collections import defaultdict

from shipped import PACKAGES, tracked

ROLES = {"__init__.py", "__main__.py", "source.py"}
"""Names that say a file's role in its folder, which names the subject."""

ONE_SUBJECT = {
    "backend.py": "what the routes of a stand-in share, once in each stand-in",
    "control.py": "the control API of a stand-in, once in each",
    "page.py": "the page of a stand-in to look at, once in each",
    "routes.py": "the calls that a stand-in answers, once in each",
    "running.py": "starting and stopping a stand-in, once in each",
    "stand_in.py": "a stand-in for a service, in the folder of its vendor",
    "card.py": "a card, and how a terminal draws it",
    "catalogue.py": "the list of KPIs: its command and its card",
    "diff.py": "differences between definitions: found, drawn, and their command",
    "load.py": "the load and its command",
    "movers.py": "which KPIs moved: found, drawn, and their command",
    "why.py": "why a number moved: worked out, its card, its terminal, its command",
    "audit.py": "the audit log and its command",
    "schedule.py": "times that come again, and the command that shows them",
    "summary.py": "a summary's card and its command",
    "sync.py": "the sync and its command",
    "cells.py": "the cells of our tabs: what they may hold, and which of them changed",
    "errors.py": "errors that people see, and those of them about a question",
    "feasts.py": "feasts as dates, and as words of a question",
    "funnel.py": "the steps of the funnel, and their tab",
    "goals.py": "goals held against numbers, and the tab in which people type them",
    "notices.py": "notices of an answer, and their words",
    "periods.py": "periods, and their words",
    "rules.py": "what must hold in a file that people edit: kpi.yaml, definitions",
    "chart.js": "a chart as each side of the page draws it",
    "pane.js": "a side of the page",
}
"""Name -> the subject that all its files have."""

STILL_TWO_SUBJECTS = {"plan.py", "values.py"}


def shared_names() -> dict[str, list[str]]:
    """Name -> the shipped code files that bear it, where more than one does."""
    paths: dict[str, list[str]] = defaultdict(list)
    for path in tracked():
        if path.parts[0] in PACKAGES and path.suffix in {".py", ".js", ".css"} and path.name not in ROLES:
            paths[path.name].append(str(path))
    return {name: files for name, files in paths.items() if len(files) > 1}


def test_files_of_one_name_have_one_subject() -> None:
    """Whoever looks for a file by its name finds the one that was meant; a shared name stands in the table with why."""
    assert {
        name: files for name, files in shared_names().items() if name not in {*ONE_SUBJECT, *STILL_TWO_SUBJECTS}
    } == {}


def test_the_table_of_shared_names_is_short() -> None:
    """A name that no two files share any more leaves the table."""
    assert {*ONE_SUBJECT, *STILL_TWO_SUBJECTS} - set(shared_names()) == set()
