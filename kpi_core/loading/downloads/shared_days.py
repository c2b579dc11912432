# ruff: noqa: S608  (SQL is put together from quoted names and literals)
"""Several sources of one table: what two of them have of the same thing counts once.

One account comes through two layouts of a tool, or through its export and a team's own list. Where the sums of the days
prove that (`alike_totals`), one source has the day: the one with more of it, then the one that divides it more finely,
then the later one of kpi.yaml. Findings say so, and the view of the table is made by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import OF_PAIRS, Code, Finding
from kpi_core.loading.downloads.alike_totals import Sums, kinship
from kpi_core.loading.fact_tables import FactTables, finding_line
from kpi_core.metrics import Catalog, Model
from kpi_core.phrases import Notice, Param
from kpi_core.settings.values import Settings, Source
from kpi_core.sql.quoting import literal, quoted

_ONE_DAY = timedelta(days=1)
Member = str | None
Key = tuple[date, Member]


@frozen
class SourceRows:
    """The stored rows of a source as SQL: a relation with the model's columns, and the local day of a row."""

    source: Source
    relation: str
    day: str


@frozen
class _Totals:
    """By amount, what the rows of a day and member add up to, and how many dimensions they fill."""

    source: Source
    amounts: Mapping[str, Mapping[Key, Decimal]]
    fineness: int = field(default=0)

    def of(self, amount: str, member: Member = None) -> dict[object, Decimal]:
        """By day, of one member or of all together."""
        sums: dict[object, Decimal] = {}
        for (day, its), value in self.amounts[amount].items():
            if member is None or its == member:
                sums[day] = sums.get(day, Decimal()) + value
        return sums

    @property
    def members(self) -> set[str]:
        return {member for sums in self.amounts.values() for _day, member in sums if member is not None}


def settled_pairs(
    facts: FactTables,
    rows_of: Callable[[Source, Model], SourceRows | None],
    tables: Iterable[str],
    settings: Settings,
    catalog: Catalog,
) -> Iterator[tuple[str, tuple[Finding, ...]]]:
    """Each of the tables whose sources share other days than before, with what is written down of them now."""
    before = _stored(facts)
    for table in sorted({*tables, *(finding.table for finding in before)}):
        model, filling = catalog.models.get(table), [source for source in settings.sources if source.table == table]
        rows = [there for source in filling if model is not None and (there := rows_of(source, model)) is not None]
        findings = tuple(shared_days(model, rows, facts.run)) if model is not None else ()
        if set(findings) != {finding for finding in before if finding.table == table}:
            codes = ", ".join(map(literal, sorted(OF_PAIRS)))
            facts.run(
                f"DELETE FROM {facts.at('kpi_findings')} WHERE table_name = {literal(table)} AND code IN ({codes})"
            )
            facts.insert("kpi_findings", *map(finding_line, findings))
            yield table, findings


def shared_days(model: Model, sources: Sequence[SourceRows], run: Callable[[str], list[Any]]) -> Iterator[Finding]:
    """What each two sources of a table have in common. `run` gives the rows of a statement."""
    amounts = [name for name, column in model.columns.items() if column.type in {"integer", "decimal"}]
    if len(sources) < 2 or not amounts:
        return
    totals = [_totals(model, amounts, rows, run) for rows in sources]
    for (earlier, one), (later, other) in combinations(zip(totals, sources, strict=True), 2):
        both = [name for name in amounts if earlier.amounts[name] and later.amounts[name]]
        # Where keys meet, they say which row counts.
        if both and not (model.key and _share_a_key(model, one, other, run)):
            yield from _of_pair(model, both, earlier, later)


def _share_a_key(model: Model, one: SourceRows, other: SourceRows, run: Callable[[str], list[Any]]) -> bool:
    key = ", ".join(map(quoted, model.key))
    rows = [f"SELECT {key} FROM {rows.relation}" for rows in (one, other)]
    return bool(run(f"SELECT 1 FROM ({' INTERSECT '.join(rows)}) AS common LIMIT 1"))


def _totals(model: Model, amounts: Sequence[str], rows: SourceRows, run: Callable[[str], list[Any]]) -> _Totals:
    member = _member_of(model)
    dimensions = [name for name in model.dimensions if name in model.columns]
    filled = " + ".join(f"max(CASE WHEN {quoted(name)} IS NULL THEN 0 ELSE 1 END)" for name in dimensions) or "0"
    sums = ", ".join(f"sum({quoted(name)})" for name in amounts)
    sql = f"""
        SELECT {rows.day}, {quoted(member) if member else "NULL"}, {filled}, {sums} FROM {rows.relation}
        WHERE {rows.day} IS NOT NULL GROUP BY 1, 2"""
    lines = run(sql)
    by_amount = {
        name: {(day, its): Decimal(str(values[place])) for day, its, _filled, *values in lines if values[place]}
        for place, name in enumerate(amounts)
    }
    return _Totals(rows.source, by_amount, max((line[2] for line in lines), default=0))


def _member_of(model: Model) -> str | None:
    """The dimension by which a list of several tools is told apart: the first whose values last."""
    return next((name for name in model.members[:1] if name in model.columns), None)


def _of_pair(model: Model, both: Sequence[str], earlier: _Totals, later: _Totals) -> Iterator[Finding]:
    members: list[Member] = [None, *sorted(earlier.members & later.members)]
    for member in members:
        pairs = [(earlier.of(name, member), later.of(name, member)) for name in both]
        if kinship(pairs, strangers=True) == "one":
            yield from _lost(model, pairs, member, earlier, later)
            if member is None:
                return
        elif member is None and not model.key and _may_be_one(earlier.source, later.source):
            yield from _findings("sources_added_up", model, later, earlier, _common_days(pairs))


def _may_be_one(earlier: Source, later: Source) -> bool:
    """Whether two sources are of one tool, and nobody has said that they are of several accounts."""
    tools = {(one.layout or one.name).partition("/")[0] for one in (earlier, later)}
    return len(tools) == 1 and "several" not in {earlier.accounts, later.accounts}


def _lost(
    model: Model, pairs: Sequence[tuple[Sums, Sums]], member: Member, earlier: _Totals, later: _Totals
) -> Iterator[Finding]:
    """The days that one of two sources has of the same thing and that the other counts."""
    finer = earlier if earlier.fineness > later.fineness else later
    lost: dict[str, list[Any]] = {earlier.source.name: [], later.source.name: []}
    for day in _common_days(pairs):
        one, other = ([sums[side].get(day) or 0 for sums in pairs] for side in (0, 1))
        larger = finer if one == other else earlier if one > other else later
        lost[(later if larger is earlier else earlier).source.name].append(day)
    yield from _findings("days_in_two_sources", model, earlier, later, lost[earlier.source.name], member=member)
    yield from _findings("days_in_two_sources", model, later, earlier, lost[later.source.name], member=member)


def _common_days(pairs: Sequence[tuple[Sums, Sums]]) -> list[Any]:
    """The days that both have something of."""
    return sorted({day for one, other in pairs for day in one.keys() & other.keys()}, key=str)


def _findings(  # noqa: PLR0913  (the parts of a finding)
    code: Code, model: Model, of: _Totals, beside: _Totals, days: Sequence[Any], *, member: Member = None
) -> Iterator[Finding]:
    """A finding for each run of days; where both count, one for all."""
    runs: list[list[date]] = []
    for day in days:
        if runs and (day - runs[-1][-1] == _ONE_DAY or code == "sources_added_up"):
            runs[-1].append(day)
        else:
            runs.append([day])
    column = _member_of(model) if member is not None else None
    for run in runs:
        yield Finding(
            *(code, of.source.name, model.name, column or "", member or ""),
            days=(run[0], run[-1] + _ONE_DAY),
            count=len(run),
            examples=(beside.source.name,),
        )


def hidden_sql(facts: FactTables, source: str, day: str) -> str:
    """Whether another source counts in place of a row of this one, as SQL; empty where none does."""
    parts = [
        f"({day} BETWEEN DATE '{finding.days[0]}' AND DATE '{finding.last_day}'"
        + (f" AND {quoted(finding.column)} = {literal(finding.member)})" if finding.column else ")")
        for finding in _stored(facts)
        if finding.code == "days_in_two_sources" and finding.source == source and finding.days is not None
    ]
    return f"coalesce({' OR '.join(parts)}, false)" if parts else ""


def pair_notices(findings: Iterable[Finding]) -> Iterator[tuple[tuple[str, str], Notice]]:
    """What a load says of two sources."""
    for finding in findings:
        if finding.days is not None:
            span = {"start": finding.days[0].isoformat(), "end": finding.last_day.isoformat()}
            params: dict[str, Param] = {
                "source": finding.source,
                "other": finding.examples[0],
                "count": finding.count,
                **span,
            }
            yield (finding.source, finding.examples[0]), Notice(f"load.{finding.code}", params)


def _stored(facts: FactTables) -> list[Finding]:
    codes = ", ".join(map(literal, sorted(OF_PAIRS)))
    lines = facts.run(f"""
        SELECT code, source, table_name, column_name, member, first_day, last_day, count, examples
        FROM {facts.at("kpi_findings")} WHERE code IN ({codes}) ORDER BY source, member, first_day""")
    return [
        Finding(code, source, table, column, member, (first, last + _ONE_DAY), count, 0, tuple(examples))
        for code, source, table, column, member, first, last, count, examples in lines
    ]
