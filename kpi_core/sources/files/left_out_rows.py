# ruff: noqa: S608  (SQL is put together from quoted names, numbers and expressions of our own)
"""Totals and footers among the rows of a file in the table `source`: looked for with SQL, proven by `totals.py`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources import EXAMPLES, LeftOut, Place
from kpi_core.sources.files.totals import (
    DATE,
    FOOTER_WORD,
    NOTHING,
    NUMBER,
    SERIAL,
    TOTAL_WORD,
    Candidate,
    Columns,
    Sums,
    is_sum,
    reason_without_sums,
)
from kpi_core.sql.quoting import literal, quoted

if TYPE_CHECKING:
    import duckdb

_ENDS = 3
"""Rows at either end that may be totals without a word for it."""
_TAIL = 12
"""Rows at the end, blank ones among them, in which footers are looked for."""
_PAIR = 2
_MOST = 20_000
_SAMPLE = 1_000


@frozen
class Rows:
    """The rows of a file in `source`: those after the first `before`, up to `end`; and its columns there."""

    into: duckdb.DuckDBPyConnection
    before: int
    end: int
    columns: Sequence[str]

    def where(self) -> str:
        return f"rowid BETWEEN {self.before} AND {self.end - 1}"

    def others(self) -> str:
        """The rows of the file that are no candidates."""
        return f"{self.where()} AND rowid NOT IN (SELECT number FROM candidates) AND NOT ({self.blank()})"

    def blank(self) -> str:
        """Whether there is nothing in a row."""
        return " AND ".join(f"{quoted(name)} IS NULL" for name in self.columns)

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        return self.into.execute(sql).fetchall()


def without_totals(
    headers: Sequence[Sequence[str]],
    starts: Sequence[int],
    place: Callable[[int], Place],
    into: duckdb.DuckDBPyConnection,
) -> tuple[Callable[[int], Place], list[int], list[LeftOut]]:
    """Leave totals and footers out of `source`: where its rows then stand, where each file starts, what is out."""
    ends = [*starts[1:], _number(into, "SELECT count(*) FROM source")][: len(starts)]
    reasons: dict[int, str] = {}
    for header, before, end in zip(headers, starts, ends, strict=True):
        rows = Rows(into, before, end, header)
        reasons |= rows_to_leave_out(rows) | dict.fromkeys(_headers_again(rows), "header")
    if not reasons:
        return place, list(starts), []
    removed = sorted(reasons)
    left_out = [LeftOut(reasons[row], 1, ((place(row), _text(into, row)),)) for row in removed]
    # Rows are counted by where they stand: those that stay are put together anew.
    gone = ", ".join(str(row - 1) for row in removed)
    into.execute(f"CREATE TABLE rows_that_stay AS SELECT * FROM source WHERE rowid NOT IN ({gone}) ORDER BY rowid")
    into.execute("DROP TABLE source")
    into.execute("ALTER TABLE rows_that_stay RENAME TO source")
    stayed = [row - number for number, row in enumerate(removed)]
    return (
        lambda row: place(row + bisect_right(stayed, row)),
        [start - bisect_right(removed, start) for start in starts],
        left_out,
    )


def _headers_again(rows: Rows) -> Iterator[int]:
    """The rows, counted from 1, that are the header once more: two files put behind each other."""
    if len(rows.columns) < _PAIR:
        return
    alike = " AND ".join(f"lower(trim({quoted(name)})) = {literal(name.strip().lower())}" for name in rows.columns)
    for (at,) in rows.select(f"SELECT rowid FROM source WHERE {rows.where()} AND {alike}"):
        yield at + 1


def together(left_out: Iterable[LeftOut]) -> tuple[LeftOut, ...]:
    """By reason, with the first few examples of each."""
    by_reason: dict[str, list[LeftOut]] = {}
    for part in left_out:
        by_reason.setdefault(part.reason, []).append(part)
    return tuple(
        LeftOut(reason, sum(part.rows for part in parts), tuple(chain(*(part.examples for part in parts)))[:EXAMPLES])
        for reason, parts in by_reason.items()
    )


def _text(into: duckdb.DuckDBPyConnection, row: int) -> str:
    cells = into.execute("SELECT * FROM source WHERE rowid = ?", [row - 1]).fetchall()[0]
    return " ".join(filter(None, cells))[:60]


def _number(into: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(into.execute(sql).fetchall()[0][0])


def rows_to_leave_out(rows: Rows) -> dict[int, str]:
    """Row of `source`, counted from 1 -> why it is none: `total` or `footer`."""
    if rows.end - rows.before < 2 or not rows.columns:
        return {}
    first, last = rows.select(
        f"SELECT min(rowid), max(rowid) FROM source WHERE {rows.where()} AND NOT ({rows.blank()})"
    )[0]
    if first is None:
        return {}
    # Blank lines above the first row and below the last are neither's neighbours.
    rows = replace(rows, before=first, end=last + 1)
    rows.into.execute("CREATE OR REPLACE TEMP TABLE candidates (number BIGINT, lo BIGINT, hi BIGINT, below BIGINT)")
    try:
        return _proven(rows, _candidates(rows))
    finally:
        rows.into.execute("DROP TABLE candidates")


def _proven(rows: Rows, candidates: Sequence[Candidate]) -> dict[int, str]:
    if not candidates or len(candidates) > _MOST:
        return {}
    columns = _columns(rows)
    reasons: dict[int, str] = {}
    open_ones: list[Candidate] = []
    for candidate in candidates:
        reason = reason_without_sums(candidate, columns)
        if reason:
            reasons[candidate.row] = reason
        elif columns.numbers:
            open_ones.append(candidate)
    proven = set(_sums_proven(rows, columns, open_ones))
    rest = [candidate for candidate in open_ones if candidate.row not in proven]
    words = [candidate for candidate in rest if candidate.has_word]
    if words and len(words) < len(rest):
        # A row that only lacks something is one of those that a total adds up.
        out = {*reasons, *proven, *(candidate.row for candidate in words)}
        _remember(rows, sorted(row - 1 for row in out))
        proven |= set(_sums_proven(rows, columns, words))
    return reasons | dict.fromkeys(proven, "total")


def _candidates(rows: Rows) -> list[Candidate]:
    """The rows with a word, lone texts at the end, and rows at the ends that lack what all others have."""
    text = f"concat_ws(chr(31), {', '.join(map(quoted, rows.columns))})"
    words = literal(f"{TOTAL_WORD}|{FOOTER_WORD}")
    with_word = [at for (at,) in rows.select(
        f"SELECT rowid FROM source WHERE {rows.where()} AND regexp_matches({text}, {words}) LIMIT {_MOST + 1}"
    )]  # fmt: skip
    sure = sorted({*with_word, *_lone(rows)})
    _remember(rows, sure)
    counted = rows.select(f"SELECT count(*), {_each('count({})', rows)} FROM source WHERE {rows.others()}")[0]
    few = min(_ENDS, counted[0] // 2)
    usual = [name for name, there in zip(rows.columns, counted[1:], strict=True) if counted[0] - there <= few]
    lacking = " OR ".join(f"{quoted(name)} IS NULL" for name in usual) or "false"
    at_an_end = f"{rows.others()} AND (rowid < {rows.before + _ENDS} OR rowid >= {rows.end - _ENDS})"
    nameless = [at for (at,) in rows.select(f"SELECT rowid FROM source WHERE {at_an_end} AND ({lacking})")]
    # Of a handful of rows none would be left to hold the others against.
    chosen = sorted({*sure, *(nameless if 2 * len(nameless) <= counted[0] else ())})
    _remember(rows, chosen)
    return list(_fetched(rows, chosen))


def _lone(rows: Rows) -> list[int]:
    """The rows at the end of which each is a single text."""
    filled = " + ".join(f"({quoted(name)} IS NOT NULL)::INT" for name in rows.columns)
    tail = rows.select(
        f"SELECT rowid, {filled} FROM source WHERE {rows.where()} AND rowid >= {rows.end - _TAIL} "
        f"AND NOT ({rows.blank()}) ORDER BY rowid DESC"
    )
    return [at for at, _count in takewhile(lambda row: row[1] == 1, tail)] if len(rows.columns) > _PAIR else []


def _remember(rows: Rows, chosen: Sequence[int]) -> None:
    """The candidates, each with the one before and the one below it: what lies between is what it may add up."""
    rows.into.execute("DELETE FROM candidates")
    bounds = [rows.before - 1, *chosen, rows.end]
    listed = ", ".join(f"({at}, {bounds[n]}, {at}, {bounds[n + 2]})" for n, at in enumerate(chosen))
    if listed:
        rows.into.execute(f"INSERT INTO candidates VALUES {listed}")


def _fetched(rows: Rows, chosen: Sequence[int]) -> Iterator[Candidate]:
    sql = f"SELECT rowid, {_each('{}', rows)} FROM source WHERE rowid IN (SELECT number FROM candidates) ORDER BY rowid"
    last = rows.select(f"SELECT max(rowid) FROM source WHERE {rows.others()}")[0][0] if chosen else None
    for at, *cells in rows.select(sql) if chosen else ():
        yield Candidate(at + 1, tuple(cells), is_last=last is not None and at > last)


def _columns(rows: Rows) -> Columns:
    """The kinds of the columns: told by some rows, proven for dates and names by all."""
    some = f"(SELECT * FROM source WHERE {rows.others()} USING SAMPLE reservoir({_SAMPLE} ROWS) REPEATABLE (1))"
    kinds = {
        kind: _all_match(rows, some, pattern, range(len(rows.columns)))
        for kind, pattern in (("date", DATE), ("number", f"{NUMBER}|{NOTHING}"))
    }
    others = f"(SELECT * FROM source WHERE {rows.others()})"
    dates = _all_match(rows, others, DATE, kinds["date"], always=True)
    numbers = tuple(place for place in kinds["number"] if place not in dates)
    rest = [place for place in range(len(rows.columns)) if place not in {*dates, *numbers}]
    names = [place for place in rest if _varies(rows, others, place)]
    serials = () if dates else tuple(_all_match(rows, others, SERIAL, numbers, always=True))
    return Columns(tuple(dates), tuple(names), numbers, serials)


def _all_match(rows: Rows, relation: str, pattern: str, places: Sequence[int], *, always: bool = False) -> list[int]:
    """The places of columns whose cells all look like this, where there are any; `always`: where all rows have one."""
    if not places:
        return []
    looks = ", ".join(
        f"count(*) FILTER (regexp_matches({quoted(rows.columns[place])}, {literal(pattern)})), "
        f"count({quoted(rows.columns[place])})"
        for place in places
    )
    total, *counts = rows.select(f"SELECT count(*), {looks} FROM {relation}")[0]
    pairs = zip(places, counts[::2], counts[1::2], strict=True)
    return [place for place, alike, there in pairs if there == alike > 0 and (not always or there == total)]


def _varies(rows: Rows, relation: str, place: int) -> bool:
    """Whether a column has something in all rows, and not the same."""
    name = quoted(rows.columns[place])
    total, there, least, most = rows.select(
        f"SELECT count(*), count({name}), min({name}), max({name}) FROM {relation}"
    )[0]
    return bool(total == there and least != most)


def _sums_proven(rows: Rows, columns: Columns, candidates: Sequence[Candidate]) -> Iterator[int]:
    """The candidates whose amounts are the sum of rows: of all, of those around them, or of those of their day."""
    single: list[int] = []
    left = list(candidates)
    for decimal_comma in (False, True):
        proven: set[int] = set()
        for join, of in _groups(rows, columns, left):
            sums = _sums(rows, columns, join, decimal_comma=decimal_comma)
            summed = [candidate for candidate in of if candidate.row in sums and candidate.row not in proven]
            proven |= {candidate.row for candidate in summed if is_sum(candidate, sums[candidate.row])}
            single += [
                candidate.row
                for candidate in summed
                if candidate.has_word and is_sum(candidate, sums[candidate.row], 1)
            ]
        yield from proven
        left = [candidate for candidate in left if candidate.row not in proven]
        # The total of a day that has one row is proven by those of the other days.
        if proven:
            yield from (row for row in single if row not in proven)
            return


def _groups(rows: Rows, columns: Columns, candidates: Sequence[Candidate]) -> Iterator[tuple[str, Sequence[Candidate]]]:
    """SQL that joins a candidate `c` with rows `o` it may add up, and the candidates for which that may be."""
    if not candidates:
        return
    with_word = [candidate for candidate in candidates if candidate.has_word]
    yield "true", candidates
    if not with_word:
        return
    yield "o.rowid > c.lo AND o.rowid < c.hi", with_word
    yield "o.rowid > c.hi AND o.rowid < c.below", with_word
    patterns: dict[tuple[int, ...], list[Candidate]] = {}
    for candidate in with_word:
        patterns.setdefault(candidate.shared(columns), []).append(candidate)
    for places, of in list(patterns.items())[:8]:
        if places:
            yield " AND ".join(f"o.{quoted(rows.columns[n])} = w.{quoted(rows.columns[n])}" for n in places), of


def _sums(rows: Rows, columns: Columns, join: str, *, decimal_comma: bool) -> Mapping[int, Sums]:
    """What each candidate says and what the rows joined with it come to, by its row."""
    amounts = [_amount(rows.columns[place], decimal_comma=decimal_comma) for place in columns.numbers]
    own = ", ".join(f"any_value({amount.format('w')})" for amount in amounts)
    theirs = ", ".join(f"sum({amount.format('o')})" for amount in amounts)
    others = f"(SELECT rowid, * FROM source WHERE {rows.others()}) o"
    candidates = "candidates c JOIN source w ON w.rowid = c.number"
    if join == "true":
        # The sum of all rows is the same for each.
        theirs = ", ".join(f"sum({amount.format('o')}) AS s{n}" for n, amount in enumerate(amounts))
        own = ", ".join(amount.format("w") for amount in amounts)
        names = ", ".join(f"s{n}" for n in range(len(amounts)))
        sql = f"SELECT c.number, n, {own}, {names} FROM {candidates}, (SELECT count(*) AS n, {theirs} FROM {others})"
    else:
        sql = f"SELECT c.number, count(*), {own}, {theirs} FROM {candidates} JOIN {others} ON {join} GROUP BY c.number"
    sums = {}
    for at, count, *values in rows.select(sql):
        pairs = zip(columns.numbers, values[: len(amounts)], values[len(amounts) :], strict=True)
        there = {place: (mine, total or Decimal(0)) for place, mine, total in pairs if mine is not None}
        sums[at + 1] = Sums(count, there)
    return sums


def _amount(column: str, *, decimal_comma: bool) -> str:
    """SQL for the amount in a cell of `{}`, whatever stands around it; NULL where there is none."""
    cell = f"{{}}.{quoted(column)}"
    figures = f"regexp_replace({cell}, '[^0-9.,]', '', 'g')"
    plain = f"replace(replace({figures}, '.', ''), ',', '.')" if decimal_comma else f"replace({figures}, ',', '')"
    sign = f"CASE WHEN regexp_matches({cell}, '[(−-]') THEN -1 ELSE 1 END"
    return f"({sign} * TRY_CAST({plain} AS DECIMAL(36, 6)))".replace("{}", "{0}")


def _each(sql: str, rows: Rows) -> str:
    return ", ".join(sql.format(quoted(name)) for name in rows.columns)
