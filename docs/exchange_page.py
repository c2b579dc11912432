"""docs/reference/exchange.md: what of the catalogue other tools can say, and why not the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kpi_core.exchange.carried import Carried
from kpi_core.exchange.dbt.to_dbt import to_dbt
from kpi_core.exchange.osi.to_osi import to_osi
from kpi_core.metrics import Catalog

CARRIED: tuple[tuple[str, str, str], ...] = (
    ("semantic model, dataset", "model", "its table is that of `ref()`, `node_relation` or `source`"),
    ("entities, relationships by one column", "`entities`, `primary_entity`", "keys of several columns are refused"),
    ("`validity_params`", "`valid`", "an entity of type natural"),
    ("categorical dimensions, with `expr`", "`dimensions`, `computed`", ""),
    ("`agg`, `expr`, `agg_params`", "the same", "approximate percentiles become exact ones"),
    ("`agg_time_dimension`", "`time`", "a model's own is a column"),
    ("`non_additive_dimension`", "the same", "of the dimension that dates the measure"),
    ("`filter` by dimensions of the same table", "`filter` of a measure", "of another table: refused"),
    ("`filter` by one bound of one metric", "`where`, `by`", "several at once: refused"),
    ("`fill_nulls_with`", "the same", "without it a sum of nothing is no data: `without_values: none`"),
    ("simple, ratio, derived metrics", "KPIs", "functions of SQL in `expr` are refused"),
    ("`offset_window`, `offset_to_grain`", "the same", "hours and own granularities are refused"),
    ("cumulative metrics", "`window`, `grain_to_date`, `period_agg`", "`period_agg: average` is refused"),
    ("conversion metrics", "", "refused: make the pairs of events a table"),
    ("saved queries, exports, groups, tags", "", "not read: no number depends on them"),
    ("OSI metrics: aggregates of one dataset, arithmetic over them", "KPIs", "sums over joined rows are refused"),
)  # fmt: skip


def exchange_page(catalog: Catalog, note: str) -> str:
    """The page; `note` says who writes it."""
    every = {metric.id: metric for metric in catalog.kpis()}
    outcomes = {"dbt": to_dbt(catalog, every), "OSI": to_osi(catalog, every)}
    lines = ["# What definitions become elsewhere", "", note.format(source="docs/exchange_page.py")]
    lines += ["How to: [Exchange definitions](../how-to/exchange-definitions.md).", "", "## Parts", ""]
    lines += _table(("there", "here", "beside"), CARRIED)
    lines += ["", "## KPIs that come built in", ""]
    lines += _table(("KPI", *outcomes), _kpis(list(every), outcomes))
    return "\n".join(lines) + "\n"


def _kpis(names: list[str], outcomes: dict[str, Carried]) -> Iterator[tuple[str, ...]]:
    reasons = {
        tool: dict(problem.message.split(": ", 1) for problem in each.refused) for tool, each in outcomes.items()
    }
    for name in sorted(names):
        yield (f"`{name}`", *(of_tool.get(name, "carried") for of_tool in reasons.values()))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, tuple("---" for _ in head), *rows)]
