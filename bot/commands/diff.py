"""kpi diff: what other definitions would do to past numbers and goals, before they go live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.catalog.digest import definition_version
from kpi_core.errors import Problem, SettingsError, UsageError, did_you_mean
from kpi_core.formats.answer_json import period_json
from kpi_core.formats.notices import notice_text
from kpi_core.metrics import Catalog
from kpi_core.query import MetricQuery
from kpi_core.review.diff import (
    Answers,
    GoalChange,
    KpiChange,
    Pair,
    Window,
    compared_answers,
    differing,
    questions,
    window_of,
)

BUILT_IN = "built-in"
MOST_MONTHS = 120


def run_diff(call: Call) -> int:
    """Compare two sets of definitions on the workspace's data.

    --json: `{"old", "new", "unchanged": how many KPIs are alike, "kpis": [{"id", "change": changed | reworded | added |
    removed, "names", "unit": {"old", "new"}, "version": {"old", "new"}, "differences": [{"place", "old", "new"}],
    "unavailable": why there is no data or null, "months": [{"start", "end", "label", "complete", "old", "new",
    "change", "change_ratio"}], "goals": [{"target", "by", "per", "where", "owner", "periods": [{"start", "end",
    "label", "old", "new"}]}]}]}`. The running month or goal period comes last; a status is null where the target is
    not held against the number. Numbers are as in `kpi ask --json`.
    """
    if not 1 <= call.options.months <= MOST_MONTHS:
        raise UsageError(f"--months is a number from 1 to {MOST_MONTHS}.", code="usage", hint="See kpi diff --help.")
    catalogs = [_catalog(side, call) for side in (call.options.old, call.options.new)]
    changes = _wanted(differing(*catalogs), call.options.kpi, catalogs)
    names = catalogs[0].metrics.keys() & catalogs[1].metrics.keys()
    unchanged = len(names - {each.id for each in changes}) if call.options.kpi is None else 0
    held = _held(changes, catalogs, call)
    if call.as_json:
        found = [_kpi_json(each, catalogs, call.language) for each in held]
        call.show_json({"old": call.options.old, "new": call.options.new, "unchanged": unchanged, "kpis": found})
        return 0
    from bot.terminal.diff import terminal_diff

    currency = call.workspace.settings.currency
    call.show(terminal_diff(held, unchanged, currency, call.language, colour=call.colour))
    return 0


def _catalog(side: str, call: Call) -> Catalog:
    """The definitions of one side: those of a folder or of one file, over the built-in ones.

    What else the workspace's kpi.yaml lists in catalog: (models, say) lies below them, but for what is compared.
    """
    if side == BUILT_IN:
        return load_catalog()
    path = Path(side)
    if not path.exists():
        hint = f"Name a folder of definitions, one file of a KPI or model, or {BUILT_IN}."
        raise SettingsError([Problem(side, 0, 0, "there is no such folder or file", hint)], code="definitions")
    compared = [Path(each).resolve() for each in (call.options.old, call.options.new)]
    below = [
        folder
        for folder in call.workspace.settings.catalog
        if not any(each == folder.resolve() or each in folder.resolve().parents for each in compared)
    ]
    if path.is_dir():
        return load_catalog([*below, path])
    with _folder_of(path) as folder:
        return load_catalog([*below, folder])


@contextmanager
def _folder_of(file: Path) -> Iterator[Path]:
    """A folder that holds this file alone, under the name of its own folder."""
    with TemporaryDirectory() as place:
        folder = Path(place) / file.resolve().parent.name
        folder.mkdir()
        copy(file, folder / file.with_suffix(".yaml").name)
        yield folder


def _wanted(changes: list[KpiChange], kpi: str | None, catalogs: Sequence[Catalog]) -> list[KpiChange]:
    """All changes, or those of one KPI and its variants."""
    if kpi is None:
        return changes
    known = {name for catalog in catalogs for name in catalog.metrics}
    if kpi not in known:
        near = did_you_mean(kpi, sorted(known))
        hint = f"Did you mean {' or '.join(near)}?" if near else "kpi list shows every KPI."
        raise UsageError(f"Neither side has a KPI {kpi}.", code="unknown_kpi", hint=hint)
    return [each for each in changes if kpi in {each.id, each.metric.variant_of}]


def _held(changes: Sequence[KpiChange], catalogs: Sequence[Catalog], call: Call) -> list[KpiChange]:
    """The changes with what they do to the numbers of the workspace."""
    workspace, now = call.workspace, call.now()
    goals = workspace.door(OPERATOR).goals()
    engines = [Engine(workspace.settings, catalog, workspace.warehouse) for catalog in catalogs]
    window = window_of(call.options.months, workspace.settings.calendar.today(now), workspace.settings.calendar)
    counted = [each for each in changes if each.kind != "reworded"]
    asked = [query for each in counted for query in questions(each, goals, window)]
    old, new = (_answers(engine, asked, call) for engine in engines)
    return [_with_numbers(each, window, (old, new), engines, call) if each in counted else each for each in changes]


def _with_numbers(
    change: KpiChange, window: Window, answers: tuple[Answers, Answers], engines: Sequence[Engine], call: Call
) -> KpiChange:
    reasons = [engine.unavailable(change.id) for engine in engines if change.id in engine.catalog.metrics]
    compared = compared_answers(change, call.workspace.door(OPERATOR).goals(), window, *answers)
    if all(reasons):
        return replace(compared, months=(), unavailable=reasons[-1])
    return compared


def _answers(engine: Engine, asked: Iterable[MetricQuery], call: Call) -> Answers:
    """The answers of one engine, from one plan; a KPI or a segment that its definitions lack has none."""
    metrics = engine.catalog.metrics
    possible = [
        query
        for query in dict.fromkeys(asked)
        if query.metric in metrics
        and {each.dimension for each in query.filters} <= set(engine.dimensions_of(metrics[query.metric]))
    ]
    return dict(zip(possible, engine.answers(possible, call.now()), strict=True))


def _kpi_json(change: KpiChange, catalogs: Sequence[Catalog], language: str) -> dict[str, object]:
    sides = dict(zip(("old", "new"), zip((change.old, change.new), catalogs, strict=True), strict=True))
    return {
        "id": change.id,
        "change": change.kind,
        "names": dict(change.metric.names),
        "unit": {side: metric.unit if metric else None for side, (metric, _catalog) in sides.items()},
        "version": {
            side: definition_version(metric, catalog) if metric else None for side, (metric, catalog) in sides.items()
        },
        "differences": [{"place": each.place, "old": each.old, "new": each.new} for each in change.differences],
        "unavailable": notice_text(change.unavailable, language) if change.unavailable else None,
        "months": [_month_json(each, language) for each in change.months],
        "goals": [_goal_json(each, language) for each in change.goals],
    }


def _month_json(pair: Pair, language: str) -> dict[str, object]:
    return {
        **period_json(pair.period, language),
        "complete": pair.complete,
        "old": pair.old,
        "new": pair.new,
        "change": pair.change,
        "change_ratio": pair.change_ratio,
    }


def _goal_json(change: GoalChange, language: str) -> dict[str, object]:
    goal = change.goal
    return {
        "target": goal.target,
        "by": goal.by.isoformat(),
        "per": goal.per,
        "where": dict(goal.where),
        "owner": goal.owner,
        "periods": [
            {**period_json(each.period, language), "old": each.old, "new": each.new} for each in change.periods
        ],
    }
