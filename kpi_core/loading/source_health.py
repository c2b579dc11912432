# ruff: noqa: S608  (SQL is put together from quoted names)
"""What a load writes down of the health of its sources: how far they reach, what they fill, what is odd about them.

It looks at the rows as they are stored, so what a source brought in earlier loads counts as well.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import Any

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.feasts import is_public_holiday
from kpi_core.dates.periods import Days
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.breaks import Break
from kpi_core.health.cadence import missed, usual_silence
from kpi_core.health.days import dated_rows, stretches
from kpi_core.health.doubles import doubled
from kpi_core.health.facts import Code, Finding
from kpi_core.health.fills import USUALLY, are_emptier, emptied
from kpi_core.health.look_alikes import Member, look_alikes, strays
from kpi_core.health.months import months_not_entered
from kpi_core.health.volume import Gap, gaps, is_of_ended
from kpi_core.loading.day_counts import Counts as DayCounts
from kpi_core.loading.day_counts import StoredRows, compared_days
from kpi_core.loading.fact_tables import FactTables, finding_line
from kpi_core.loading.misfits import lasting_findings
from kpi_core.loading.services.trail import extend_trail
from kpi_core.loading.stage_findings import stage_findings
from kpi_core.loading.staged import Rebuild, SourceLoad, Stage
from kpi_core.metrics import Model
from kpi_core.sources import Covered
from kpi_core.sql.quoting import literal, quoted
from kpi_core.warehouse.health_tables import ALIKE, BREAKS, VAT, break_line

Counts = dict[date, int]
_FAILURES: tuple[Code, ...] = ("load_failed", "load_shrunk")
_ONE_DAY = timedelta(days=1)
_MOST_TEXTS = 20_000
"""Values of a dimension that are held against each other."""
_MOST_EXAMPLES = 5
_MOST_BALANCES = 1000
_MOST_MEMBERS = 50
"""Values of a dimension beyond which each is too small to be missed."""
_MOST_ENDED = 1_000
"""Values of a dimension of which some may have ended; of more it is not looked at."""
_LONGEST_SILENCE = timedelta(days=56)
_LONGEST_ENDING = timedelta(days=28)


@frozen
class Tally:
    """How many rows a source has, how many of them a day, and by column that may be empty how many a value."""

    rows: int
    dated: int
    first: date | None
    """The first and the last day of any row, wrong ones among them."""
    last: date | None
    fills: Mapping[str, int]


@frozen
class LoadedSource:
    """A source as it lies in the snapshot: `present` its columns, `counts` how many rows and values it has by day."""

    name: str
    position: int
    rows: MergedRows
    model: Model
    present: frozenset[str]
    loaded_at: datetime
    counts: DayCounts
    tally: Tally
    told: tuple[Finding, ...] = ()
    """What reading the files has told: rows kept out, days in two files."""
    alike: Mapping[date, int] = field(default_factory=dict)
    """By day, rows that differed from others in spelling alone."""
    vat: Mapping[str, str] = field(default_factory=dict)
    """By column of amounts whether VAT is in them."""
    breaks: tuple[Break, ...] = ()
    """From which days on its columns mean something else."""


@frozen
class MergedRows:
    """The rows of a source with those of a stage among them, as SQL: a relation, and the local day of its rows.

    `changed` are the days of the rows that came or went, None where it may be any, `covered` what a service has
    answered for over all loads.
    """

    relation: str
    day: str
    tally: Tally
    changed: frozenset[date] | None = None
    covered: tuple[Covered, ...] = ()


def write_health(tables: FactTables, stage: Stage, rows: MergedRows, rebuild: Rebuild) -> tuple[Finding, ...]:
    """Look at a source that has been merged into `rows`, and put down what is odd about it."""
    source, intake, calendar = stage.source, stage.intake, rebuild.settings.calendar
    extend_trail(tables, stage, rows.relation, rows.day, rebuild.now)
    before = _alike_before(tables, stage)
    spans = _read_spans(stage, rebuild)
    lasting = {day: alike for day, alike in before.items() if not any(first <= day <= last for first, last in spans)}
    alike = {**lasting, **stage.alike}
    otherwise = {day for day in before.keys() | alike.keys() if before.get(day) != alike.get(day)}
    changed = None if rows.changed is None else rows.changed | otherwise
    tally = rows.tally
    stored = StoredRows(source.name, stage.model, rows.relation, rows.day, rebuild.zone, alike, changed, tally.dated)
    # A service restates days by right, and leaves out those without figures.
    accepted = rebuild.accept or stage.raw.covers is not None
    compared = compared_days(tables, stored, rebuild.now, accepted=accepted)
    position = [each.name for each in rebuild.settings.sources].index(source.name)
    told = (*stage_findings(source, stage.model, intake), *compared.findings, *_accounts_behind(stage, rows.covered))
    findings = (*_lasting(tables, stage, rebuild), *told)
    merged = LoadedSource(
        *(source.name, position, rows, stage.model, intake.present, rebuild.now, compared.counts, tally, findings),
        alike=alike,
        vat=intake.money.vat,
        breaks=intake.breaks,
    )
    return write_facts(tables, merged, calendar, rebuild.now)


def tally_of(run: Callable[[str], list[Any]], model: Model, relation: str, day: str) -> Tally:
    """Count the rows of a relation, `day` being the SQL of their local day; `run` gives the rows of a statement."""
    names = _optional(model)
    counts = [f"count({day})", f"min({day})", f"max({day})", *(f"count({quoted(n)})" for n in names)]
    ((total, dated, first, last, *filled),) = run(f"SELECT count(*), {', '.join(counts)} FROM {relation}")
    return Tally(total, dated, first, last, dict(zip(names, filled, strict=True)))


def _optional(model: Model) -> list[str]:
    key = set(model.key)
    return [name for name, column in model.columns.items() if not column.required and name not in key]


def _alike_before(tables: FactTables, stage: Stage) -> dict[date, int]:
    """By day, the rows of earlier loads that differed in spelling alone."""
    return dict(tables.before("day, row_count", tables.at(ALIKE), stage.source.name))


def _lasting(tables: FactTables, stage: Stage, rebuild: Rebuild) -> list[Finding]:
    """What stands of earlier findings, as the rows of their days do."""
    spans = _read_spans(stage, rebuild)
    return [] if (date.min, date.max) in spans else lasting_findings(tables, stage.source.name, spans)


def _accounts_behind(stage: Stage, windows: Iterable[Covered]) -> Iterator[Finding]:
    """The accounts that were not answered for, each from the day after its last good one on."""
    last: dict[str, date] = {}
    for window in windows:
        last[window.account] = max(window.last, last.get(window.account, date.min))
    for failure in stage.raw.failures:
        through = last.get(failure.account)
        days = (through + _ONE_DAY, date.max) if through is not None else None
        yield Finding("account_failed", stage.source.name, stage.source.table, member=failure.name, days=days)


def _read_spans(stage: Stage, rebuild: Rebuild) -> list[Days]:
    """The first and last days of what a load has read; all days where it holds all that there is."""
    intake = stage.intake
    if stage.raw.covers is not None:
        return [(window.first, window.last) for window in stage.raw.covers]
    if stage.source.replace == "all" or intake.first_day is None or intake.last_day is None:
        return [(date.min, date.max)]
    misfits = {day for misfit in intake.misfits for day in misfit.days if day is not None}
    spans = [(days[0], days[-1]) for days in stretches(sorted(misfits.union(intake.days)))]
    return [*spans, (rebuild.since, date.max)] if rebuild.since else spans


def write_facts(tables: FactTables, source: LoadedSource, calendar: Calendar, now: datetime) -> tuple[Finding, ...]:
    """Put down anew what is known of one source; what was found to be odd about it."""
    rows, name, table = _Rows(tables, source, calendar, calendar.today(now)), source.name, source.model.name
    findings = (*source.told, *rows.findings())
    loaded_at = source.loaded_at.astimezone(UTC).replace(tzinfo=None)
    total = source.tally.rows
    lines: Mapping[str, Iterable[Iterable[object]]] = {
        "kpi_sources": [[name, table, source.position, *rows.reach(), total, loaded_at, rows.quiet_days()]],
        "kpi_columns": (
            [name, table, column, column in source.present or filled > 0, total, filled]
            for column, filled in source.tally.fills.items()
        ),
        "kpi_members": ([name, table, column, member] for column, member in rows.members()),
        "kpi_findings": map(finding_line, findings),
        ALIKE: ([name, day, alike] for day, alike in source.alike.items()),
        VAT: ([name, table, column, basis] for column, basis in source.vat.items()),
        BREAKS: map(break_line, source.breaks),
    }
    for listing, of_source in lines.items():
        tables.replace(listing, name, of_source)
    return findings


def write_failures(tables: FactTables, loads: Iterable[SourceLoad], calendar: Calendar) -> dict[str, SourceLoad]:
    """The loads by source; of those that failed it is put down that the last good one stands."""
    return {
        load.source: load if load.error is None else _write_failure(tables, load, load.error, calendar)
        for load in loads
    }


def _write_failure(tables: FactTables, load: SourceLoad, error: KpiBotError, calendar: Calendar) -> SourceLoad:
    tables.forget(load.source, findings_of=_FAILURES)
    loads = tables.run(f"SELECT loaded_at FROM {tables.at('kpi_sources')} WHERE source = {literal(load.source)}")
    day = calendar.today(loads[0][0].replace(tzinfo=UTC)) if loads and loads[0][0] is not None else None
    finding = Finding("load_failed", load.source, load.table, days=(day + _ONE_DAY, date.max) if day else None)
    if error.code == "load_shrunk":
        brought = (load.first_day, load.last_day + _ONE_DAY) if load.first_day and load.last_day else None
        rows, before = (int(error.params[name].replace(",", "")) for name in ("count", "total"))
        finding = Finding("load_shrunk", load.source, load.table, days=brought, count=rows, total=before)
    tables.insert("kpi_findings", finding_line(finding))
    return dataclasses.replace(load, stands_since=day)


class _Rows:
    """The stored rows of a source, counted in the ways that findings need."""

    def __init__(self, tables: FactTables, source: LoadedSource, calendar: Calendar, today: date) -> None:
        self._tables = tables
        self._source, self._model, self._calendar, self._today = source, source.model, calendar, today
        self._relation, self._day = source.rows.relation, source.rows.day
        self._is_holiday = cache(partial(is_public_holiday, calendar=calendar))
        self._counts: Counts = self._counted("")
        self._dated_rows = dated_rows(self._counts, today)
        self._answered_for = self._answered_days()
        self._by_day_and_member: dict[str, dict[str, Counts]] = {}

    def _counted(self, column: str) -> Counts:
        """The rows of each day, or those with a value in a column."""
        return {day: rows for day, (rows, _digest) in self._source.counts.get(column, {}).items()}

    def reach(self) -> tuple[date | None, date | None]:
        """The first and the newest day of rows that have come, or are planned; both None where there are none."""
        days = [*self._dated_rows.sound, *self._answered_for, *(self._dated_rows.ahead if self._model.plan else ())]
        return (min(days), max(days)) if days else (None, None)

    def quiet_days(self) -> int:
        """How many days without rows are usual between two with some."""
        return usual_silence(self._dated_rows.sound)

    def members(self) -> Iterator[tuple[str, str]]:
        """The members of balances that it brings, each with the column that names them; none where they are many."""
        columns = {measure.last_per[0] for measure in self._model.measures.values() if measure.last_per}
        for name in sorted(columns):
            sql = f"SELECT DISTINCT {quoted(name)} FROM {self._relation} WHERE {quoted(name)} IS NOT NULL"
            members = [member for (member,) in self._query(f"{sql} ORDER BY 1 LIMIT {_MOST_BALANCES + 1}")]
            if len(members) <= _MOST_BALANCES:
                yield from ((name, str(member)) for member in members)

    def findings(self) -> Iterator[Finding]:
        """All that is odd about the rows, whatever day it is later."""
        yield from self._misdated()
        if self._dated_rows.sound:
            yield from self._lacking_days()
            yield from self._not_entered()
            yield from self._misspelt()
            if not self._model.key:
                yield from self._doubled()

    def _misdated(self) -> Iterator[Finding]:
        for code, days in (("far_dates", self._dated_rows.far), ("rows_ahead", self._dated_rows.ahead)):
            # Rows of a plan are there to lie ahead.
            if days and not (self._model.plan and code == "rows_ahead"):
                rows = sum(self._counts[day] for day in days)
                span = (days[0], days[-1] + timedelta(days=1)) if code == "rows_ahead" else None
                far = () if span else tuple(day.isoformat() for day in days[:_MOST_EXAMPLES])
                yield self._finding(code, days=span, count=rows, examples=far)

    def _lacking_days(self) -> Iterator[Finding]:
        whole = self._sound(self._counts)
        through = self._dated_rows.sound[-1]
        lacking: set[date] = set()
        for gap in self._gaps(whole, through):
            if gap.rows and self._is_of_ended(gap, through):
                continue
            lacking |= {gap.days[0] + timedelta(days=n) for n in range((gap.days[1] - gap.days[0]).days)}
            code = "days_thin" if gap.rows else "days_missing"
            yield self._finding(code, days=gap.days, count=gap.rows, total=round(gap.due))
        for days in missed(whole, self._today):
            if not _within(days, lacking) and not _within(days, self._answered_for):
                lacking.add(days[0])
                yield self._finding("days_missing", days=days)
        silent: set[Days] = set()
        for name in self._model.members:
            for finding in list(self._silent_members(name, through, lacking)):
                # A platform that stops takes its channel along: the first dimension to name it is enough.
                if finding.days is not None and finding.days not in silent:
                    silent.add(finding.days)
                    yield finding
        for name in self._source.tally.fills:
            # An empty cell that means something, not won yet, no refund, lacks nothing.
            if not self._model.columns[name].empty:
                yield from self._less_filled(name, through, lacking)

    def _gaps(self, counts: Counts, through: date) -> Iterator[Gap]:
        for gap in gaps(counts, through, self._is_holiday):
            if not _within(gap.days, self._answered_for):
                yield gap

    def _is_of_ended(self, gap: Gap, through: date) -> bool:
        """Whether rows are fewer because some campaigns are over, or values of another dimension."""
        names = (name for name in self._model.dimensions if name in self._source.present & self._model.columns.keys())
        return any(is_of_ended(self._days_by_value(name), gap, through, self._is_holiday) for name in names)

    def _days_by_value(self, name: str) -> list[Counts]:
        """The rows by day of each value of a dimension; nothing of one with very many."""
        rows, values = f"{self._dated()} AND {quoted(name)} IS NOT NULL", defaultdict[str, Counts](dict)
        if self._query(f"SELECT count(DISTINCT {quoted(name)}) {rows}")[0][0] > _MOST_ENDED:
            return []
        value = f"CAST({quoted(name)} AS VARCHAR)"
        for day, member, count in self._query(f"SELECT {self._day}, {value}, count(*) {rows} GROUP BY 1, 2"):
            values[member][day] = count
        return [sound for counts in values.values() if (sound := self._sound(counts))]

    def _silent_members(self, name: str, through: date, lacking: set[date]) -> Iterator[Finding]:
        """Values of a dimension without rows on days on which the whole source has its usual ones."""
        members = self._by_member(name)
        if not 1 < len(members) <= _MOST_MEMBERS:
            return
        for member, counts in sorted(members.items()):
            silences = [gap.days for gap in gaps(counts, through, self._is_holiday) if not gap.rows]
            stretches = {_silence(counts, days[0]) for days in silences if not _within(days, lacking)}
            stretches |= {days for days in missed(counts, self._today) if not _within(days, lacking)}
            for days in sorted(stretches):
                # What is away for longer has ended, or has its season.
                longest = _LONGEST_ENDING if days[1] > through else _LONGEST_SILENCE
                if min(days[1], through) - days[0] <= longest:
                    yield self._finding("member_silent", column=name, member=member, days=days)

    def _by_member(self, name: str) -> dict[str, Counts]:
        """The rows of each value of a dimension by day, of the days that count."""
        members = self._with_all_days(name)
        return {member: sound for member, counts in members.items() if (sound := self._sound(counts))}

    def _with_all_days(self, name: str) -> dict[str, Counts]:
        """The rows of each value of a dimension by day."""
        if name not in self._by_day_and_member:
            self._by_day_and_member |= self._days_of_members()
        return self._by_day_and_member[name]

    def _days_of_members(self) -> dict[str, dict[str, Counts]]:
        """By dimension that tells parts of the source, the rows of each value by day: in one statement for all."""
        names = self._model.members
        counts = (
            f"SELECT {number}, {self._day}, CAST({quoted(name)} AS VARCHAR), count(*) {self._dated()} "
            f"AND {quoted(name)} IS NOT NULL GROUP BY 2, 3"
            for number, name in enumerate(names)
        )
        members: dict[str, dict[str, Counts]] = {name: {} for name in names}
        for number, day, member, rows in self._query(" UNION ALL ".join(counts)):
            members[names[number]].setdefault(member, {})[day] = rows
        return members

    def _less_filled(self, name: str, through: date, lacking: set[date]) -> Iterator[Finding]:
        """Days on which a column lacks the values that it usually has, although the rows are there."""
        # The column of the time is filled on every day.
        filled = self._sound(self._counted("" if name == self._model.time else name))
        whole = self._sound(self._counts)
        usual = sum(filled.values()) / max(1, sum(whole.values()))
        if usual >= USUALLY:
            fills = {day: (self._counts[day], number) for day, number in filled.items()}
            runs = [(days, number, rows) for days, number, rows in emptied(fills)]
        else:
            due = {day: number for day, number in filled.items() if number}
            silences = gaps(due, through, self._is_holiday) if not self._model.sparse else []
            # Few values on few rows are no more than chance, or what lacks is the rows.
            runs = [
                (gap.days, gap.rows, round(gap.due))
                for gap in silences
                if not _within(gap.days, lacking) and are_emptier(gap.rows, _rows_within(whole, gap.days), usual)
            ]
        for days, number, rows in runs:
            yield self._finding("column_less_filled", column=name, days=days, count=number, total=rows)

    def _misspelt(self) -> Iterator[Finding]:
        """Values of text dimensions that are nearly another one."""
        for name, members in self._texts().items():
            alike = {rare.text: usual.text for rare, usual in look_alikes(members)}
            stray = set(strays(self._by_member(name))) if name in self._model.members else set()
            for word in sorted(alike.keys() | stray):
                code = "look_alike" if word in alike else "stray_word"
                examples = (alike[word],) if word in alike else ()
                span, rows = members[word].days, members[word].rows
                yield self._finding(code, column=name, member=word, days=span, count=rows, examples=examples)

    def _texts(self) -> dict[str, dict[str, Member]]:
        """By text dimension its values with the reach of each; some of them where they are very many."""
        columns, days = self._model.columns, f"min({self._day}), max({self._day})"
        names = [name for name in self._model.dimensions if name in columns and columns[name].type == "text"]
        names = [name for name in names if name not in self._model.key]
        texts: dict[str, dict[str, Member]] = {name: {} for name in names}
        others: list[str] = []
        for name in names:
            members = self._with_all_days(name) if name in self._model.members else None
            if members is None or len(members) > _MOST_TEXTS:
                others.append(name)
                continue
            texts[name] = {
                text: Member(text, sum(counts.values()), min(counts), max(counts)) for text, counts in members.items()
            }
        selects = (
            f"(SELECT {number}, {quoted(name)}, count(*), {days} {self._dated()} AND {quoted(name)} IS NOT NULL "
            f"GROUP BY 2 LIMIT {_MOST_TEXTS})"
            for number, name in enumerate(others)
        )
        for number, *line in self._query(" UNION ALL ".join(selects)) if others else ():
            texts[others[number]][line[0]] = Member(*line)
        return texts

    def _not_entered(self) -> Iterator[Finding]:
        name = self._model.entered_by
        if not name:
            return
        entered: dict[str, set[date]] = {}
        for day, member in self._query(f"SELECT DISTINCT {self._day}, {quoted(name)} {self._dated()}"):
            if member is not None and day <= self._today:
                entered.setdefault(member, set()).add(day)
        others = {day for days in entered.values() for day in days}
        for member, days in sorted(entered.items()):
            for lacking in months_not_entered(days, self._dated_rows.sound[0], self._today, others):
                yield self._finding("not_entered", column=name, member=member, days=lacking)

    def _doubled(self) -> Iterator[Finding]:
        """Equal rows of a table without a key."""
        rows = {day: (count, unequal) for day, (count, unequal) in self._source.counts.get("", {}).items()}
        for days, copies in doubled(rows):
            yield self._finding("rows_doubled", days=days, count=copies)

    def _answered_days(self) -> set[date]:
        """Days that a service has answered for: one without rows among them is a true 0."""
        return {
            window.first + timedelta(days=n)
            for window in self._source.rows.covered
            for n in range((window.last - window.first).days + 1)
        }

    def _sound(self, counts: Mapping[date, int]) -> Counts:
        sound = set(self._dated_rows.sound)
        return {day: rows for day, rows in counts.items() if day in sound}

    def _dated(self) -> str:
        return f"FROM {self._relation} WHERE {self._day} IS NOT NULL"

    def _query(self, sql: str) -> list[Any]:
        return self._tables.run(sql)

    def _finding(self, code: Any, **facts: Any) -> Finding:
        return Finding(code, self._source.name, self._model.name, **facts)


def _silence(counts: Counts, start: date) -> Days:
    """From a day without rows to the next one with some; `date.max` where none has come since."""
    return start, min((day for day in counts if day > start), default=date.max)


def _rows_within(counts: Counts, days: Days) -> int:
    return sum(rows for day, rows in counts.items() if days[0] <= day < days[1])


def _within(days: tuple[date, date], lacking: Iterable[date]) -> bool:
    """Whether the whole source lacks rows on any of the days: then nothing is to be told of its parts."""
    return any(days[0] <= day < days[1] for day in lacking)
