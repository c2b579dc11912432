# ruff: noqa: S608  (SQL is put together from quoted names and casts of our own; `query:` runs locked down)
"""From the raw rows of a source to rows of a model: query, renames, types, keys. What does not fit is told.

A source whose SQL is not ours alone has a private DuckDB connection, locked down first: `query:` reaches the source's
own rows and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import DataError, did_you_mean
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.breaks import Break
from kpi_core.layouts.currencies import currency_of, may_name_currencies, units_of
from kpi_core.layouts.export_layout import Basis
from kpi_core.layouts.multiples import counted_currencies
from kpi_core.layouts.recognition import plain_header
from kpi_core.layouts.vat_words import vat_of
from kpi_core.loading.channels.channel_list import ChannelList
from kpi_core.loading.channels.named_channels import CHANNEL, Uncovered, name_channels
from kpi_core.loading.covering import ACCOUNT, covered, day_of_rows, day_sql
from kpi_core.loading.downloads.file_days import NO_OVERLAP, FileOverlap, settle_days, settle_raw_days
from kpi_core.loading.laid_out.folded_rows import make_laid_out
from kpi_core.loading.laid_out.rejections import laid_out_rejections
from kpi_core.loading.misfits import Misfits, UnknownWord, misfits_of, unknown_words_of
from kpi_core.loading.money.amounts import CONVERTED, ENDLESS, ROW_CURRENCY, Part, SettledMoney, settle_money
from kpi_core.loading.money.books import Books, exact
from kpi_core.loading.money.signs import currency_sql, names_currencies
from kpi_core.loading.money.source_breaks import breaks_of, declared_breaks, vat_steps
from kpi_core.loading.own_rules import constant_sql, left_out_by, own_rules_sql
from kpi_core.loading.reading.columns import Declared, readings
from kpi_core.loading.reading.counted_states import CountedState, counted_states
from kpi_core.loading.reading.eras import says_republic
from kpi_core.loading.reading.layers import Reading, beside, together
from kpi_core.loading.reading.multiplied import Multiple, multiples_of, times
from kpi_core.loading.reading.numerals import WHOLE_CURRENCIES, is_in_whole_units
from kpi_core.loading.reading.queried import typed_for_queries
from kpi_core.loading.reading.ready_rows import make_ready
from kpi_core.loading.reading.written_days import LAST_YEAR, Clock
from kpi_core.metrics import CURRENCY, Column, Model
from kpi_core.settings.values import Source
from kpi_core.sources import EMPTY, EXAMPLES, LeftOut, Place, Raw, Rejection, added_up
from kpi_core.sources.files import first_line
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.types import SQL_TYPES, WIDE_DECIMAL
from kpi_core.warehouse.duckdb import lock_down

if TYPE_CHECKING:
    import duckdb


@frozen
class Intake:
    """What became of a source's rows; the good ones lie in the table `ready`, with the model's columns in order."""

    rows: int
    rejected: int
    rejections: tuple[Rejection, ...]
    repeated: int
    """Rows left out because a later row has the same key."""
    first_day: date | None
    last_day: date | None
    outside: int = 0
    """Rows left out because they lie outside what the source says it covers."""
    present: frozenset[str] = field(default=frozenset(), compare=False)
    """The model's columns that the source has."""
    overlap: FileOverlap = field(default=NO_OVERLAP, compare=False)
    """Days that stand in several files."""
    by_day: Mapping[date, int] = field(default_factory=dict, compare=False)
    """The rows of each day."""
    left_empty: tuple[Rejection, ...] = ()
    """Values of columns that may be empty which do not fit: their rows are in, without them."""
    misfits: tuple[Misfits, ...] = field(default=(), compare=False)
    """By column and day: what was kept out and what was left empty."""
    unknown_words: tuple[UnknownWord, ...] = field(default=(), compare=False)
    """Of columns whose words have meanings: the others."""
    left_out: tuple[LeftOut, ...] = field(default=(), compare=False)
    """Rows that are rightly none, by reason."""
    days_left_out: frozenset[date] = field(default=frozenset(), compare=False)
    """The days of rows that are rightly none: the source has read them, too."""
    money: SettledMoney = field(default=SettledMoney(), compare=False)
    """What became of amounts in other currencies, and whether VAT is in the others."""
    uncovered: tuple[Uncovered, ...] = field(default=(), compare=False)
    """Rows whose channel is on no list."""
    is_one_day: bool = field(default=False, compare=False)
    """Whether all rows of a file are of one day, which may stand for a longer time."""
    breaks: tuple[Break, ...] = field(default=(), compare=False)
    """From which days on its columns mean something else."""
    multiples: tuple[Multiple, ...] = field(default=(), compare=False)
    """Columns that count in thousands or more."""
    states: tuple[CountedState, ...] = field(default=(), compare=False)
    """Rows that count although their file says that they are no orders."""

    @property
    def days(self) -> list[date]:
        """The days that it has read, sorted; none of a look-up."""
        return sorted({day for day in self.by_day if day is not None} | self.days_left_out)


def is_apart(source: Source) -> bool:
    """Whether a source has SQL of people or a layout's, which must reach nothing but its own rows."""
    return bool(source.query or source.layout)


def take_in(  # noqa: PLR0913  (six separate facts, each with a name)
    source: Source,
    model: Model,
    raw: Raw,
    into: duckdb.DuckDBPyConnection,
    *,
    zone: str,
    since: date | None,
    today: date | None = None,
    books: Books | None = None,
    channels: ChannelList | None = None,
) -> Intake:
    """Make the table `ready` from the table `source`. DataError when the query or a needed column is wrong.

    Of a source that says what it covers, `ready` has the column ACCOUNT beside the model's.
    `zone` is the workspace's: it says on which day an instant falls, and where times without an offset are read unless
    the source names a zone of its own. A year of two digits is none after the next one from `today`. `books` say what
    amounts are to be in, `channels` what channels are called; without them they stay as they are.
    """
    if is_apart(source):
        lock_down(into)
    day = day_sql(model, zone)
    declared = _declared(source, raw, zone, today, books)
    typed = (_laid_out if source.layout else _by_columns)(source, model, raw, declared, into, day)
    day = day_of_rows(model, zone, "typed", lambda sql: into.execute(sql).fetchall())
    money = settle_money(model, typed.parts, books, typed.place, into, day) if books else SettledMoney()
    days_left_out = typed.days_left_out.union(money.days)
    named = name_channels(
        model, typed.present, channels or ChannelList(), into, shipped=bool(channels and (source.layout or raw.by_tool))
    )
    counts = make_ready(model, _days_read(source, model, raw, zone, since, day), into, with_account=typed.has_account)
    rejected, emptied = counts.rejected, counts.emptied
    unreadable = sum(rejection.count for rejection in raw.unreadable)
    by_day = dict(into.execute(f"SELECT {day}, count(*) FROM ready GROUP BY 1 ORDER BY 1").fetchall())
    return Intake(
        rows=counts.ready,
        rejected=rejected + unreadable,
        rejections=(*raw.unreadable, *(typed.rejections("bad") if rejected else ())),
        repeated=counts.repeated + typed.repeated,
        first_day=min([*by_day, *days_left_out], default=None),
        last_day=max([*by_day, *days_left_out], default=None),
        outside=0 if raw.covers is None else counts.outside,
        present=typed.present | {CHANNEL} if named.is_made else typed.present,
        overlap=typed.overlap,
        by_day=by_day,
        left_empty=tuple(typed.rejections("emptied") if emptied else ()),
        misfits=misfits_of(into, day, raw.unreadable) if rejected or emptied or raw.unreadable else (),
        unknown_words=unknown_words_of(into, day, model, source.values),
        left_out=added_up((*raw.left_out, *typed.left_out, *money.left_out)),
        days_left_out=days_left_out,
        money=money,
        uncovered=named.uncovered,
        is_one_day=typed.is_one_day,
        breaks=tuple(_breaks(typed, source, model)),
        multiples=typed.multiples,
        states=typed.states,
    )


def _declared(source: Source, raw: Raw, zone: str, today: date | None, books: Books | None) -> Declared:
    return Declared(
        Clock(source.timezone or zone, source.dates or "", serial=raw.serial_dates, last_year=_last_year(today)),
        source.decimal or "",
        raw.written_by,
        source.values,
        own_currency=books.currency if books else "",
    )


def _days_read(source: Source, model: Model, raw: Raw, zone: str, since: date | None, day: str) -> str:  # noqa: PLR0913, PLR0917
    """SQL: whether a row is of the days that were asked for."""
    if raw.covers is not None:
        return covered(model, raw.covers, Calendar(source.timezone or zone))
    return "true" if since is None or not model.time else f"{day} >= DATE '{since.isoformat()}'"


def _breaks(typed: _Typed, source: Source, model: Model) -> Iterator[Break]:
    """Each once, whichever of its files have them."""
    seen: list[Break] = []
    for part in typed.parts:
        for each in breaks_of(part.breaks, source, model, typed.present, part.constants):
            if each not in seen:
                seen.append(each)
                yield each


def _last_year(today: date | None) -> int:
    return LAST_YEAR if today is None else min(today.year + 1, LAST_YEAR)


@frozen
class _Typed:
    """What is known of the table `typed`. `rejections` are those of one of its lists of columns."""

    present: frozenset[str]
    overlap: FileOverlap
    rejections: Callable[[str], Sequence[Rejection]]
    repeated: int
    place: Callable[[int], Place]
    parts: tuple[Part, ...]
    """Its files, by what their amounts are in."""
    has_account: bool = False
    left_out: tuple[LeftOut, ...] = ()
    days_left_out: frozenset[date] = frozenset()
    is_one_day: bool = False
    multiples: tuple[Multiple, ...] = ()
    states: tuple[CountedState, ...] = ()


def _by_columns(  # noqa: PLR0913, PLR0917  (as `take_in`, whose first half it is)
    source: Source, model: Model, raw: Raw, declared: Declared, into: duckdb.DuckDBPyConnection, day: str
) -> _Typed:
    """Rows by the names of their columns, after the query where there is one."""
    table, overlap = "source", NO_OVERLAP
    if source.query and not raw.queried:
        overlap = settle_raw_days(source.query, model, raw.files, into)
        table = _queried(source, into)
    place = raw.place if table == "source" else lambda row: Place("the query", row, "query")
    types = _types(into, table)
    account = _account(source, raw, types) if raw.covers is not None else None
    matched = _matched(source, model, raw, types)
    written = _header_of(source, raw, types)
    currency = _currency(source, model, written, table, into)
    if currency == "NULL" and (unit := _unit(model, matched, written, declared.own_currency)):
        currency = literal(unit)
    header = raw.header if raw.header and table == "source" else frozenset((name, name) for name in types)
    own_rule = own_rules_sql(source, {plain_header(written): column for written, column in sorted(header)})
    constants = {name: constant_sql(text, model.columns[name]) for name, text in source.set.items()}
    names = {column: name for name, column in header}
    multiples = tuple(multiples_of(model, matched, names, raw.files if table == "source" else ()))
    relation = _Relation(table, types, matched, account, own_rule, constants, currency, multiples)
    headers = {name: names.get(column, "") for name, column in matched.items()}
    is_whole = _codes(currency, table, declared.own_currency, into) <= WHOLE_CURRENCIES
    _make_typed(model, relation, _of_columns(declared, model, raw, headers, is_whole=is_whole), into)
    if table == "source":
        overlap = settle_days(model, raw.files, into, day)
    repeated = overlap.repeated if table == "source" else 0
    rejections = partial(_rejections, relation, place, into)
    present = frozenset((*relation.found, *constants))
    left_out = left_out_by(own_rule, table, place, into)
    parts = (_part_of(source, model, raw, relation, names),)
    is_by_account = account is not None
    beside_model = {name: column for name, column in header if column not in matched.values()}
    states = counted_states(source, beside_model, into, day) if table == "source" else ()
    return _Typed(
        present,
        overlap,
        rejections,
        repeated,
        place,
        parts,
        is_by_account,
        left_out,
        multiples=multiples,
        states=states,
    )


def _of_columns(declared: Declared, model: Model, raw: Raw, headers: Mapping[str, str], *, is_whole: bool) -> Declared:
    """What is declared, with what the headers of the model's columns and the lines above them say.

    `is_whole`: all amounts are in currencies without smaller units.
    """
    above = [text for file in raw.files for text in file.above]
    whole = frozenset(name for name, header in headers.items() if is_in_whole_units(header))
    return replace(
        declared,
        whole_money=whole | frozenset(model.money) if is_whole else whole,
        months=frozenset({model.time}) if model.lumpy or model.plan else frozenset(),
        republic=frozenset(name for name, header in headers.items() if says_republic([header, *above])),
        owners=frozenset(name for name in model.entities.values() if not needed(model, model.columns[name])),
        keys=frozenset(model.key),
    )


def _laid_out(  # noqa: PLR0913, PLR0917  (as `take_in`, whose first half it is)
    source: Source, model: Model, raw: Raw, declared: Declared, into: duckdb.DuckDBPyConnection, day: str
) -> _Typed:
    """Rows by the layout of their files."""
    laid = make_laid_out(source, model, raw, declared, into)
    overlap = settle_days(model, raw.files, into, day, are_reports=True, accounts=source.accounts)
    days = into.execute(f"SELECT DISTINCT {day} FROM typed WHERE left_out").fetchall()
    into.execute("DELETE FROM typed WHERE left_out")
    return _Typed(
        laid.present,
        overlap,
        partial(laid_out_rejections, laid, raw, into),
        overlap.repeated,
        raw.place,
        laid.parts,
        left_out=laid.left_out,
        days_left_out=frozenset(left for (left,) in days if left is not None),
        is_one_day=laid.is_one_day,
    )


def _queried(source: Source, into: duckdb.DuckDBPyConnection) -> str:
    """Answer `query:` into a table of its own."""
    import duckdb

    into.execute("ALTER TABLE source RENAME TO source_rows")
    types = _types(into, "source_rows")
    selected = typed_for_queries(types, lambda sql: into.execute(sql).fetchall(), source.decimal or "")
    into.execute(f"CREATE VIEW source AS SELECT {selected} FROM source_rows")
    columns = ", ".join(f"{name} ({kind.lower()})" for name, kind in _types(into, "source").items())
    try:
        statements = into.extract_statements(source.query or "")
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            message = f"Source {source.name}: query must be one SELECT over source."
            raise DataError(message, code="source_query_form", hint="Write query: select … from source.")
        into.execute(f"CREATE TABLE queried AS {statements[0].query.strip().rstrip(';')}")
    except duckdb.PermissionException:
        message = f"Source {source.name}: query reaches outside the source, which is not allowed."
        raise DataError(message, code="source_query_outside", hint="Read from the relation source alone.") from None
    except duckdb.Error as error:
        params = {"reason": first_line(error), "columns": columns}
        message = f"Source {source.name}: query does not work: {params['reason']}"
        raise DataError(message, code="source_query", hint=f"Columns of source: {columns}", params=params) from None
    return "queried"


def _types(into: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in into.execute(f"DESCRIBE {relation}").fetchall()}


def _matched(source: Source, model: Model, raw: Raw, types: Mapping[str, str]) -> dict[str, str]:
    """Model column -> column of the source. DataError naming every needed one that is not there."""
    own = {*model.columns, *([CURRENCY] if model.money else [])}
    strange = [name for name in (*source.columns, *source.values) if name not in own]
    strange += [name for name in source.set if name not in model.columns]
    if strange:
        message = f"Source {source.name}: the table {model.name} has no column {', '.join(strange)}."
        raise DataError(message, code="source_columns", hint=f"It has {', '.join(model.columns)}.")
    header = _header_of(source, raw, types)
    matched: dict[str, str] = {}
    missing: list[str] = []
    for column in model.columns.values():
        name = source.columns.get(column.name, column.name)
        if column.name in source.set:
            continue
        if (match := _column_named(name, header, source.name)) is not None:
            matched[column.name] = match
        elif needed(model, column) or column.name in source.columns:
            missing.append(name)
    if missing:
        raise _missing(source, model, missing, tuple(types))
    return matched


def _header_of(source: Source, raw: Raw, types: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """The columns as they are written, each with its name in the table that is read."""
    return raw.header if raw.header and not source.query else frozenset((name, name) for name in types)


def _currency(
    source: Source, model: Model, header: frozenset[tuple[str, str]], table: str, into: duckdb.DuckDBPyConnection
) -> str:
    """SQL for what names the currency of a row's amounts; NULL where nothing does. DataError for a column not there."""
    if source.currency or not model.money:
        return literal(source.currency) if source.currency else "NULL"
    name = _column_named(source.columns.get(CURRENCY, CURRENCY), header, source.name)
    if name is None and CURRENCY in source.columns:
        raise _missing(source, model, [source.columns[CURRENCY]], sorted(column for _written, column in header))
    alike = sorted(column for written, column in header if may_name_currencies(written))
    name = name or next((column for column in alike if names_currencies(column, table, into)), None)
    return currency_sql(quoted(name), source.values.get(CURRENCY, {})) if name is not None else "NULL"


def _codes(currency: str, table: str, own: str, into: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The currencies of a table by the SQL that names a row's; the firm's where nothing does."""
    if currency == "NULL":
        return frozenset({own})
    rows = into.execute(f"SELECT DISTINCT upper({currency}) AS code FROM {table} WHERE code IS NOT NULL").fetchall()
    return frozenset(code for (code,) in rows) or frozenset({own})


def _unit(model: Model, matched: Mapping[str, str], header: Iterable[tuple[str, str]], own: str) -> str:
    """What the headers of amounts name as their currency where that is not the firm's; empty where they do not."""
    names = {column: name for name, column in header}
    headers = [names.get(matched[name], "") for name in model.money if name in matched]
    units = {unit for header in headers for unit in units_of(header) | counted_currencies(header)}
    return " / ".join(sorted({currency_of(unit, own) or unit for unit in units} - {own})) if own else ""


def _part_of(source: Source, model: Model, raw: Raw, relation: _Relation, names: Mapping[str, str]) -> Part:
    """All rows of a source without a layout: they have one style, and one sign of a currency.

    `names` has the header of each column that is read.
    """
    there = [name for name in model.money if name in relation.found or name in relation.constants]
    places = [relation.found[name] for name in there if name in relation.found]
    breaks = declared_breaks(source)
    steps = vat_steps(breaks, model)
    headers = {name: names.get(relation.found.get(name, ""), "") for name in there}
    known: Mapping[str, Basis] = {**{name: vat_of(header) for name, header in headers.items()}, **raw.vat}
    vat: dict[str, Basis] = {name: source.vat or known[name] for name in there}
    return Part(
        1,
        ENDLESS,
        vat | {name: step.now for name, step in steps.items() if name in vat},
        exact(source.vat_rate) if source.vat_rate is not None else None,
        tuple(place for place in places if relation.types[place] == "VARCHAR"),
        relation.table,
        breaks=breaks,
        constants=source.set,
        steps=steps,
    )


def _column_named(name: str, header: Iterable[tuple[str, str]], source: str) -> str | None:
    """The column of that very name, else the one that differs in capitals. DataError where there are two of either."""
    alike = sorted((written, column) for written, column in header if written.casefold() == name.casefold())
    chosen = [pair for pair in alike if pair[0] == name] or alike
    if len({column for _written, column in chosen}) > 1:
        written = " and ".join(dict.fromkeys(spelling for spelling, _column in chosen))
        message = f"Source {source}: several columns are called {written}."
        hint = "Rename one in the file, or say which one it is under columns:, in its capitals."
        raise DataError(
            message, code="source_twins", hint=hint, params={"columns": ", ".join(sorted(set(dict(chosen))))}
        )
    return chosen[0][1] if chosen else None


def needed(model: Model, column: Column) -> bool:
    return column.required or column.name in model.key


def _missing(source: Source, model: Model, missing: Sequence[str], have: Sequence[str]) -> DataError:
    what = f"column{'s' if len(missing) > 1 else ''} {', '.join(missing)} not found"
    message = f"Source {source.name}: {what}; it has {', '.join(have)}."
    first = missing[0]
    near = did_you_mean(first, have)
    column = next((name for name, wanted in source.columns.items() if wanted == first), first)
    example = near[0] if near else next(iter(have), "…")
    hint = f"Say which column it is: columns: {{{column}: {example}}}."
    code = "source_columns"
    params = {"table": model.name, "columns": ", ".join(missing), "have": ", ".join(have)}
    params["example"] = f"{{{column}: {example}}}"
    return DataError(message, code=code, hint=hint, suggestions=near, params=params)


@frozen
class _Relation:
    """The rows to be cast: a table, the DuckDB types of its columns, and the model column that each one fills."""

    table: str
    types: Mapping[str, str]
    found: Mapping[str, str]
    account: str | None
    """SQL for a row's account; None where the source does not say what it covers."""
    own_rule: str = "false"
    """SQL for whether kpi.yaml leaves a row out."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """The model's columns that are the same in all rows, as SQL."""
    currency: str = "NULL"
    """SQL for what names the currency of a row's amounts."""
    multiples: tuple[Multiple, ...] = ()
    """Columns that are counted in thousands or more."""

    def times(self, value: str, name: str) -> str:
        """SQL for the full number of a column of the model."""
        return times(value, "kpi_row", [multiple for multiple in self.multiples if multiple.column == name])


def _account(source: Source, raw: Raw, types: Mapping[str, str]) -> str:
    """SQL for the account of a row. DataError when `query:` leaves its column out."""
    if raw.account is None:
        return "''"
    if raw.account not in types:
        message = f"Source {source.name}: the query leaves out the column {raw.account}, which says whose row it is."
        raise DataError(message, code="source_account", hint=f"Select {raw.account} too.")
    return f"coalesce(CAST({quoted(raw.account)} AS VARCHAR), '')"


def _make_typed(model: Model, relation: _Relation, declared: Declared, into: duckdb.DuckDBPyConnection) -> None:
    """The table `typed`: `row` counts from 1 as the source does.

    `bad` lists the columns whose value does not fit and is needed, `emptied` those that go without theirs, and `open`
    those of both whose value could mean two things.
    """
    blank = " AND ".join(f"{quoted(name)} IS NULL" for name in relation.types)
    rows = f"SELECT rowid + 1 AS kpi_row, * FROM {relation.table} WHERE NOT ({blank}) AND NOT {relation.own_rule}"
    there = {
        name: (model.columns[name], quoted(place), relation.types[place]) for name, place in relation.found.items()
    }
    read = dict(zip(there, readings(there, rows, lambda sql: into.execute(sql).fetchall(), declared), strict=True))
    values = tuple(f"{relation.times(reading.value, name)} AS {_value(name)}" for name, reading in read.items())
    marks: dict[str, list[str]] = {"bad": [], "emptied": [], "open": []}
    for name, reading in read.items():
        for mark, condition in _marks(name, reading, is_needed=needed(model, model.columns[name])).items():
            marks[mark].append(f"CASE WHEN {condition} THEN {literal(name)} END")
    lists = [
        f"list_filter([{', '.join(columns)}]::VARCHAR[], lambda c: c IS NOT NULL) AS {mark}"
        if columns
        else f"[]::VARCHAR[] AS {mark}"
        for mark, columns in marks.items()
    ]
    lists += [f"CAST({relation.currency} AS VARCHAR) AS {ROW_CURRENCY}", f"CAST(NULL AS VARCHAR[]) AS {CONVERTED}"]
    selected = [
        f"{relation.constants[column.name]} AS {quoted(column.name)}"
        if column.name in relation.constants
        else _selected(column, is_there=column.name in read)
        for column in model.columns.values()
    ]
    if relation.account is not None:
        selected.append(f"{relation.account} AS {ACCOUNT}")
    into.execute(f"""
        CREATE TABLE typed AS SELECT kpi_row AS "row", {", ".join([*lists, *selected])}
        FROM ({beside(rows, [*together(read.values()), values])})""")


def _value(name: str) -> str:
    """The column of a model's value while it is read."""
    return quoted(f"kpi_value {name}")


def _marks(name: str, reading: Reading, *, is_needed: bool) -> dict[str, str]:
    """The lists in which a column may stand, with the SQL for whether it does."""
    unread = f"{_value(name)} IS NULL"
    misfit = f"{unread} AND {reading.present}"
    marks = {"bad": unread} if is_needed else {} if reading.takes_any else {"emptied": misfit}
    return marks if reading.open == "false" else marks | {"open": f"{misfit} AND {reading.open}"}


def _selected(column: Column, *, is_there: bool) -> str:
    kind = WIDE_DECIMAL if column.type == "decimal" else SQL_TYPES[column.type]
    return f"CAST({_value(column.name) if is_there else 'NULL'} AS {kind}) AS {quoted(column.name)}"


def _rejections(
    relation: _Relation, place: Callable[[int], Place], into: duckdb.DuckDBPyConnection, mark: str
) -> list[Rejection]:
    """What the list `mark` of each row names, by column. Of values that are left empty only those of good rows."""
    rows = "typed" if mark == "bad" else "typed WHERE len(bad) = 0"
    per_column = into.execute(f"""
        SELECT marked, list_contains(open, marked) AS is_open, count(*), list("row" ORDER BY "row")[1:{EXAMPLES}]
        FROM (SELECT "row", open, unnest({mark}) AS marked FROM {rows}) GROUP BY ALL ORDER BY min("row"), marked
        """).fetchall()
    return [
        Rejection(
            column,
            count,
            tuple((place(row), _said(into, relation.table, relation.found[column], row)) for row in rows),
            is_open=is_open,
        )
        for column, is_open, count, rows in per_column
    ]


def _said(into: duckdb.DuckDBPyConnection, table: str, column: str, row: int) -> str:
    """The offending text as it stands in the source, cut short."""
    sql = f"SELECT CAST({quoted(column)} AS VARCHAR) FROM {table} WHERE rowid = ?"
    text = into.execute(sql, [row - 1]).fetchall()[0][0]
    if text is None or not text.strip():
        return EMPTY
    return str(text) if len(text) <= 60 else f"{text[:57]}…"
