"""What reading a source has told of its data, as findings. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby

from kpi_core.dates.periods import Days
from kpi_core.health.facts import RATE, Code, Finding
from kpi_core.loading.downloads.file_days import FileOverlap
from kpi_core.loading.intake import Intake
from kpi_core.loading.misfits import counted_state_findings, day_counts, misfit_findings, runs_of, unknown_word_findings
from kpi_core.loading.money.amounts import ForeignAmounts
from kpi_core.metrics import Model
from kpi_core.settings.values import Source

_ONE_DAY = timedelta(days=1)


def stage_findings(source: Source, model: Model, intake: Intake) -> tuple[Finding, ...]:
    """Rows that are kept out, in another currency or no orders, values left empty, unknown words, days in two files."""
    misfits = misfit_findings(source.name, model, intake.misfits)
    unknown = unknown_word_findings(source.name, source.table, intake.unknown_words)
    foreign = _of_money(source.name, source.table, intake.money.foreign)
    states = counted_state_findings(source.name, source.table, intake.states)
    return (*misfits, *unknown, *states, *foreign, *_of_files(source, intake.overlap))


def _of_money(source: str, table: str, foreign: Iterable[ForeignAmounts]) -> Iterator[Finding]:
    for each in foreign:
        for days in runs_of(each.days):
            inside = [day for day in each.days if days is None or (day is not None and days[0] <= day < days[1])]
            count = sum(each.days[day] for day in inside)
            # With the rows of each day, for a later load may read some of them again.
            by_day = day_counts({day: each.days[day] for day in inside if day is not None})
            column = RATE if each.rated else ""
            yield Finding("currency_left_out", source, table, column, each.currency, days, count, examples=by_day)


def _of_files(of: Source, overlap: FileOverlap) -> Iterator[Finding]:
    source, table = of.name, of.table
    settled, added = sorted(overlap.settled), overlap.added
    if settled:
        days = _span(settled)
        yield Finding("days_in_two_files", source, table, days=days, count=len(settled), examples=overlap.files)
    if overlap.doubtful:
        examples, count = overlap.cut_files, len(overlap.doubtful)
        yield Finding(
            "reports_or_accounts", source, table, days=_span(overlap.doubtful), count=count, examples=examples
        )
    if cut := sorted(overlap.cut.keys() - set(overlap.doubtful)):
        yield Finding("days_in_two_files", source, table, days=_span(cut), count=len(cut), examples=overlap.cut_files)
    if added and not overlap.keyed and of.accounts != "several":
        days = _span(added)
        yield Finding("accounts_added_up", source, table, days=days, count=len(added), examples=overlap.added_files)
    shares = overlap.settled
    for run in _runs([day for day in settled if 2 * shares[day].counted < shares[day].older]):
        counted, older = sum(shares[day].counted for day in run), sum(shares[day].older for day in run)
        code: Code = "days_thin" if counted else "days_missing"
        yield Finding(code, source, table, days=_span(run), count=counted or len(run), total=older)


def _span(days: list[date] | tuple[date, ...]) -> Days:
    return days[0], days[-1] + _ONE_DAY


def _runs(days: list[date]) -> Iterator[list[date]]:
    """Days in order, those that follow each other together."""
    for _start, run in groupby(enumerate(days), lambda numbered: numbered[1] - timedelta(days=numbered[0])):
        yield [day for _number, day in run]
