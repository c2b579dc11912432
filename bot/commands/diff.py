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
    changes = _of_kpi(differing(*catalogs), call.options.kpi, catalogs)
    names = catalogs[0].metrics.keys() & catalogs[1].metrics.keys()
    unchanged = len(names - {change.id for change in changes}) if call.options.kpi is None else 0
    compared = _with_effects(changes, catalogs, call)
    if call.as_json:
        kpis = [_kpi_json(change, catalogs, call.language) for change in compared]
        call.show_json({"old": call.options.old, "new": call.options.new, "unchanged": unchanged, "kpis": kpis})
        return 0
    from bot.terminal.diff import terminal_diff

    currency = call.workspace.settings.currency
    call.show(terminal_diff(compared, unchanged, currency, call.language, colour=call.colour))
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
    compared = [Path(option).resolve() for option in (call.options.old, call.options.new)]
    below = [
        folder
        for folder in call.workspace.settings.catalog
        if not any(place == folder.resolve() or place in folder.resolve().parents for place in compared)
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


def _of_kpi(changes: list[KpiChange], kpi: str | None, catalogs: Sequence[Catalog]) -> list[KpiChange]:
    """All changes, or those of one KPI and its variants."""
    if kpi is None:
        return changes
    metric_ids = {name for catalog in catalogs for name in catalog.metrics}
    if kpi not in metric_ids:
        near = did_you_mean(kpi, sorted(metric_ids))
        hint = f"Did you mean {' or '.join(near)}?" if near else "kpi list shows every KPI."
        raise UsageError(f"Neither side has a KPI {kpi}.", code="unknown_kpi", hint=hint)
    return [change for change in changes if kpi in {change.id, change.metric.variant_of}]


def _with_effects(changes: Sequence[KpiChange], catalogs: Sequence[Catalog], call: Call) -> list[KpiChange]:
    """The changes with what they do to the numbers of the workspace."""
    workspace, now = call.workspace, call.now()
    goals = workspace.door(OPERATOR).goals()
    engines = [Engine(workspace.settings, catalog, workspace.warehouse) for catalog in catalogs]
    window = window_of(call.options.months, workspace.settings.calendar.today(now), workspace.settings.calendar)
    # Other words move no number: only what counts differently is worth its queries.
    counted = [change for change in changes if change.kind != "reworded"]
    queries = [query for change in counted for query in questions(change, goals, window)]
    old, new = (_answers(engine, queries, call) for engine in engines)
    return [
        _with_numbers(change, window, (old, new), engines, call) if change in counted else change for change in changes
    ]


def _with_numbers(
    change: KpiChange, window: Window, answers: tuple[Answers, Answers], engines: Sequence[Engine], call: Call
) -> KpiChange:
    reasons = [engine.unavailable(change.id) for engine in engines if change.id in engine.catalog.metrics]
    compared = compared_answers(change, call.workspace.door(OPERATOR).goals(), window, *answers)
    # Data on one side alone is itself a change and stays visible; the newer definition's reason is the one to act on.
    if all(reasons):
        return replace(compared, months=(), unavailable=reasons[-1])
    return compared


def _answers(engine: Engine, queries: Iterable[MetricQuery], call: Call) -> Answers:
    """The answers of one engine, from one plan; a KPI or a segment that its definitions lack has none."""
    metrics = engine.catalog.metrics
    possible = [
        query
        # Months and goals of a KPI often ask the same.
        for query in dict.fromkeys(queries)
        if query.metric in metrics
        and {clause.dimension for clause in query.filters} <= set(engine.dimensions_of(metrics[query.metric]))
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
        "differences": [
            {"place": difference.place, "old": difference.old, "new": difference.new}
            for difference in change.differences
        ],
        "unavailable": notice_text(change.unavailable, language) if change.unavailable else None,
        "months": [_month_json(pair, language) for pair in change.months],
        "goals": [_goal_json(goal, language) for goal in change.goals],
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
            {**period_json(pair.period, language), "old": pair.old, "new": pair.new} for pair in change.periods
        ],
    }
