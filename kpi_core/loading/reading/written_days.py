"""Days and times as people write them: 2026-10-03, 2026. 10. 3. 오후 5:04, 10/31/2026, 3 Oct 2026, 20261003.

Which of 05/06/2026 is the month is proven by another value of the column, 31/10 or 10/31, or declared, or asked for.
Days between points (03.10.2026) have the day first unless one of them proves otherwise. A year of two digits is read
only where the order is declared, or proven: 10/31/26 has but one reading. So has 31/10/26 in 2026, where the others
need years that are long past or after the next one; 26/10/25 has two, and so has 20/01/05, both of them long past.
Serial numbers of a spreadsheet are read only where declared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Literal

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.reading.layers import Reading, beside
from kpi_core.loading.reading.quick_forms import QuickForm, first_texts, is_quick_sql, quick_days, quick_sql
from kpi_core.loading.reading.texts import matches, plain_sql, something_sql, trimmed_sql
from kpi_core.metrics import ColumnType
from kpi_core.sql.quoting import literal
from kpi_core.sql.zones import local_sql, offsets_of, utc_sql

Order = Literal["", "dmy", "mdy", "ymd", "serial"]
"""Which part comes first where the year does not."""

_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_NUMBERS = frozenset(
    [
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
        "FLOAT",
        "DOUBLE",
    ]
)
_ISO = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?"
_is_iso = re.compile(_ISO, re.ASCII).fullmatch
_ISO_OFFSET = r".*:.*(Z|[+-]\d{2}:\d{2})"
_MONTHS = (
    "jan|ene", "feb|f[ée]v", "mar|m(?:ä|ae)r|mrz", "apr|avr|abr", "may|mai", "jun|juin", "jul|juil", "aug|ao[ûu]|ago",
    "sep|set", "o[ck]t", "nov", "de[cz]|déc|dic",
)  # fmt: skip
"""How the months begin in English, German, French and Spanish."""
_MONTH = (
    r"(?:jan(?:uary?|vier|v)?|ene(?:ro)?|feb(?:ruary?|rero)?|f[ée]v(?:rier|r)?|mar(?:ch|s|zo)?|m(?:ä|ae)rz?|mrz"
    r"|apr(?:il)?|avr(?:il)?|abr(?:il)?|mayo?|mai|jun(?:e|io?)?|juin|jul(?:y|io?)?|juil(?:let)?|aug(?:ust)?|ao[ûu]t"
    r"|ago(?:sto)?|sept?(?:i?embre|ember)?|set(?:iembre)?|o[ck]t(?:ober|[ou]bre)?|nov(?:ember|i?embre)?"
    r"|de[cz](?:ember)?|d[ée]c(?:embre)?|dic(?:iembre)?)\.?"
)
_NTH = r"\d{1,2}(?:st|nd|rd|th|er|\.)?"
_YEAR_FIRST = r"\d{4} ?[-/.年년] ?\d{1,2} ?[-/.月월] ?\d{1,2} ?[.日일]?"
_YEAR_LAST = r"\d{1,2} ?(?:/ ?\d{1,2} ?/|- ?\d{1,2} ?-|\. ?\d{1,2} ?\.) ?(?:\d{4}|\d{1,2})\.?"
_NAMED = (
    rf"{_NTH}(?: de )?[ -]?{_MONTH},?(?: de )?[ -]?\d{{4}}|{_MONTH} ?{_NTH},? ?\d{{4}}"
    rf"|\d{{4}}[ -]{_MONTH}[ -]\d{{1,2}}|\d{{1,2}}[ -]{_MONTH}[ -]\d\d|{_MONTH}[ -]\d{{1,2}},?[ -]\d\d"
)
_ISO_DAY = r"\d{4}-\d{2}-\d{2}"
LAST_YEAR = 2069
"""Of two digits."""
_FIRST_YEAR = 2020
"""Where a day of two digits a part can be read with a year from here on and with an earlier one, it is the former, as
long as nobody says which year it is."""
_RECENT = 6
"""With a last year so many before it are recent, and the earlier ones alike."""
_FOUR_AT_END = r".*\d{4}\.?"
_DIGITS = r"(?:19|20)\d{6}"
_SERIAL = r"[0-9]{1,6}(\.[0-9]+)?([eE][+-]?[0-9]+)?"
_YEAR, _MONTH_NUMBER = "(?:19|20)[0-9]{2}", "(?:0?[1-9]|1[0-2])"
_WEEKDAY = (
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|jue|vie|s[áa]b|dom)[a-zé]*\.?"
)
_MORNING, _EVENING = ("오전", "上午", "午前"), ("오후", "下午", "午後")
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"
_SHAPE = (
    rf"(?i)^(?:{_WEEKDAY},? )?({_YEAR_FIRST}|{_YEAR_LAST}|{_NAMED}|{_DIGITS})(?: ?\([^()0-9]{{1,5}}\))?"
    rf"(?:(?: ?T|, ?| )({'|'.join((*_MORNING, *_EVENING))})? ?({_CLOCK})"
    rf" ?([ap]\.?m\.?|{'|'.join((*_MORNING, *_EVENING))})?"
    r" ?\[?((?:Z|UTC|GMT)?(?:[+-]\d{1,2}(?::?\d{2})?)?)\]?(?: ?\([A-Z ]{1,30}\))?)?$"
)
_SIMPLE_OFFSET = r"(Z| ?[+-]\d{2}:?\d{2})?"
_GROUPS = ("day", "half", "clock", "ampm", "zone")
_SEPARATORS = ("/", "-", ".")


@frozen
class DayColumn:
    """A column that fills a date or an instant: its SQL name, its DuckDB type, a name of its own for what is made."""

    name: str
    column: str
    raw: str
    to: ColumnType


@frozen
class DayStyle:
    """How the days of a column are written.

    `plain`: all as ISO has them. `orders` says by separator whether day or month comes first; a separator is missing
    where nothing proves it; `proven` those of them that a value proves. `dates`: every time in it is midnight by its
    own clock, so it means the day.
    """

    plain: bool = True
    orders: dict[str, Order] = field(default_factory=dict)
    dates: bool = False
    proven: dict[str, Order] = field(default_factory=dict)
    quick: tuple[QuickForm, ...] = ()
    """Usual forms that need no taking apart."""


@frozen
class Clock:
    """Where times without an offset are read (`zone`), what the source declares of its days, serials included.

    No year of two digits is after `last_year`. `one_writer`: all columns are of one file that a tool wrote, so that one
    of them proves the order for all.
    """

    zone: str
    declared: Order = ""
    serial: bool = False
    one_writer: bool = False
    last_year: int = LAST_YEAR


def month_days_sql(column: str) -> str:
    """A text column with the first day of a month in the place of its name: 2026-10, 2026년 10월, 10/2026, Oct 2026.

    2026.1 stays: a spreadsheet has made January or October of it.
    """
    text = plain_sql(trimmed_sql(column))
    forms = {
        rf"({_YEAR}) ?(?:[-/]|년 ?|年 ?) ?({_MONTH_NUMBER}) ?[월月]?": (1, 2),
        rf"({_YEAR})\. ?({_MONTH_NUMBER}) ?\.": (1, 2),
        rf"({_YEAR})\. ?(0[1-9]|1[0-2])": (1, 2),
        rf"({_MONTH_NUMBER})[-/.]({_YEAR})": (2, 1),
    }
    cases = " ".join(
        f"WHEN {matches(text, form)} THEN concat_ws('-', regexp_extract({text}, {literal(f'^{form}$')}, {year}), "
        f"lpad(regexp_extract({text}, {literal(f'^{form}$')}, {month}), 2, '0'), '01')"
        for form, (year, month) in forms.items()
    )
    named = matches(text, rf"(?i){_MONTH},?[ -]{_YEAR}")
    return f"(CASE {cases} WHEN {named} THEN concat('1 ', replace({text}, ',', '')) ELSE {column} END)"


def are_iso_days(column: str, rows: str, run: Any) -> bool:
    """Whether all that a text column has are whole days, or instants, as ISO writes them."""
    texts = beside(rows, [(f"{something_sql(column)} AS kpi_day",)])
    others = f"kpi_day IS NOT NULL AND NOT {matches('kpi_day', _ISO)}"
    return not run(f"SELECT count(*) FROM ({texts}) WHERE {others}")[0][0]  # noqa: S608  (expressions of our own)


def day_styles(columns: Sequence[DayColumn], rows: str, run: Any, clock: Clock) -> dict[str, DayStyle]:
    """The style of each column by its name. `rows` is a query, `run` gives the rows of SQL."""
    styles: dict[str, DayStyle] = {}
    for column in columns:
        if column.raw == _WITH_ZONE and column.to == "date":
            away = f"timezone('UTC', {column.column}) <> date_trunc('day', timezone('UTC', {column.column}))"
            sql = f"SELECT count({column.column}) > 0 AND count(*) FILTER ({away}) = 0 FROM ({rows})"  # noqa: S608
            styles[column.name] = DayStyle(dates=bool(run(sql)[0][0]))
        elif column.raw == "VARCHAR":
            styles[column.name] = _surveyed(column, rows, run, clock)
        else:
            styles[column.name] = DayStyle()
    return _shared(styles) if clock.one_writer else styles


def _shared(styles: dict[str, DayStyle]) -> dict[str, DayStyle]:
    """The styles, each with the orders that others of them prove and it does not."""
    for separator in _SEPARATORS:
        orders = {style.proven[separator] for style in styles.values() if separator in style.proven}
        if len(orders) == 1:
            proof = {separator: orders.pop()}
            styles = {
                name: style
                if style.plain or separator in style.proven
                else replace(style, orders=style.orders | proof, proven=style.proven | proof)
                for name, style in styles.items()
            }
    return styles


def _surveyed(column: DayColumn, rows: str, run: Any, clock: Clock) -> DayStyle:
    texts = first_texts(column.column, rows, run)
    if all(map(_is_iso, texts)) and (plain := _plain(column, rows, run)) is not None:
        return plain
    return _taken_apart_style(column, rows, run, clock, texts)


def _plain(column: DayColumn, rows: str, run: Any) -> DayStyle | None:
    """The style of a column in which all is as ISO has it; None for another."""
    value = f"{column.name}_text"
    midnight = matches(value, r".*[T ]00:00(:00(\.0+)?)?(Z|[+-]\d{2}:\d{2})")
    offset = matches(value, _ISO_OFFSET)
    sql = f"""
        SELECT count(*) FILTER ({value} IS NOT NULL AND NOT {matches(value, _ISO)}),
            count(*) FILTER ({offset}), count(*) FILTER ({offset} AND NOT {midnight})
        FROM ({beside(rows, [(f"{something_sql(column.column)} AS {value}",)])})"""  # noqa: S608
    others, offsets, away = run(sql)[0]
    return None if others else DayStyle(dates=column.to == "date" and offsets > 0 and not away)


def _taken_apart_style(column: DayColumn, rows: str, run: Any, clock: Clock, texts: Sequence[str]) -> DayStyle:
    alias, quick = column.name, quick_days(texts)
    slow = f"SELECT * FROM ({rows}) WHERE NOT ({is_quick_sql(something_sql(column.column), quick)})"  # noqa: S608
    looks = ", ".join(_look(alias, separator, clock.last_year) for separator in _SEPARATORS)
    away = f"{alias}.zone <> '' AND NOT {matches(f'{alias}.clock', '0?0:00(:00([.,]0+)?)?')}"
    sql = f"""
        WITH days AS MATERIALIZED (
            SELECT {alias}, {alias}_kind, {alias}_numbers FROM ({beside(slow, _taken_apart(column, ()))}))
        SELECT count(*) FILTER ({alias}.zone <> ''), count(*) FILTER ({away}), {looks} FROM days"""  # noqa: S608
    offsets, away, *proofs = run(sql)[0]
    proven = _proven(dict(zip(_SEPARATORS, proofs, strict=True)))
    return DayStyle(
        plain=False,
        orders=_orders(dict(zip(_SEPARATORS, proofs, strict=True)), clock.declared),
        dates=column.to == "date" and offsets > 0 and not away,
        proven=proven,
        quick=quick,
    )


def _look(alias: str, separator: str, last_year: int) -> str:
    """How many values prove the day first, how many the month; and how many `short` ones there are, of 26/11/3 and
    its like, how many of them are no day in each order, and how many have a year that is long past or ahead.
    """
    first, second, third = (f"{alias}_numbers[{number}]" for number in (1, 2, 3))
    here = f"contains({alias}.day, '{separator}') AND {alias}_kind"
    day_first, month_first = f"{first} > 12 AND {second} <= 12", f"{second} > 12 AND {first} <= 12"
    # A year has two digits or four.
    year_first, year_last = (f"{matches(f'{alias}.day', form)}" for form in (r"\d\d\D.*", r".*\D\d\d\.?"))
    never = {
        "dmy": f"{first} > 31 OR {second} > 12 OR NOT {year_last}",
        "mdy": f"{first} > 12 OR {second} > 31 OR NOT {year_last}",
        "ymd": f"{second} > 12 OR {third} > 31 OR NOT {year_first}",
    }
    years = {"dmy": third, "mdy": third, "ymd": first}
    nevers = ", ".join(
        f"'not {order}': count(*) FILTER ({here} = 'short' AND ({isnt})), "
        f"'old {order}': count(*) FILTER ({here} = 'short' AND {years[order]} < {_first_year(last_year) % 100}), "
        f"'ahead {order}': count(*) FILTER ({here} = 'short' AND {years[order]} > {last_year % 100})"
        for order, isnt in never.items()
    )
    return f"""{{'dmy': count(*) FILTER ({here} = 'year last' AND {day_first}),
        'mdy': count(*) FILTER ({here} = 'year last' AND {month_first}),
        'short': count(*) FILTER ({here} = 'short'), {nevers}}}"""


def _first_year(last_year: int) -> int:
    """From which year on a reading is the likely one."""
    return _FIRST_YEAR if last_year == LAST_YEAR else max(last_year - _RECENT, 2000)


def _proven(proofs: Mapping[str, Mapping[str, int]]) -> dict[str, Order]:
    proven: dict[str, Order] = {}
    orders: tuple[Order, ...] = ("dmy", "mdy", "ymd")
    for separator, proof in proofs.items():
        possible = [order for order in orders if not proof[f"not {order}"]] if proof["short"] else []
        long = {order for order in orders[:2] if proof[order]}
        if separator == "." and len(possible) > 1 and not long:
            # No country writes the month first between points.
            possible = [order for order in possible if order != "mdy"]
        possible = [order for order in possible if not proof[f"ahead {order}"]] or possible
        recent = [order for order in possible if not proof[f"old {order}"] and not proof[f"ahead {order}"]]
        possible = recent if len(recent) == 1 else possible
        if len(long) == 1 and (not possible or long <= set(possible)):
            proven[separator] = long.pop()
        elif not long and len(possible) == 1:
            proven[separator] = possible[0]
    return proven


def _orders(proofs: Mapping[str, Mapping[str, int]], declared: Order) -> dict[str, Order]:
    if declared in {"dmy", "mdy"}:
        return dict.fromkeys(proofs, declared)
    points: dict[str, Order] = {} if proofs["."]["mdy"] else {".": "dmy"}
    return points | {separator: order for separator, order in _proven(proofs).items() if order != "ymd"}


def day_reading(column: DayColumn, style: DayStyle, clock: Clock) -> Reading:
    """How a column is read as dates or instants."""
    wall, instant = f"{column.name}_wall", f"{column.name}_instant"
    if column.raw != "VARCHAR":
        return _typed(column, style, clock)
    if style.plain:
        value = f"{column.name}_text"
        has_offset = matches(value, _ISO_OFFSET)
        whole = f"TRY_CAST({value} AS TIMESTAMP)"
        written = f"TRY_CAST(regexp_replace({value}, '(Z|[+-][0-9]{{2}}:[0-9]{{2}})$', '') AS TIMESTAMP)"
        at = f"timezone('UTC', TRY_CAST({value} AS TIMESTAMPTZ))"
        wall_sql = f"CASE WHEN NOT {has_offset} THEN {whole} {f'ELSE {written}' if style.dates else ''} END"
        layers = (
            (f"{something_sql(column.column)} AS {value}",),
            (f"{wall_sql} AS {wall}",),
            (f"CASE WHEN {wall} IS NULL AND {has_offset} THEN {at} END AS {instant}",),
        )
        return Reading(_moment(wall, instant, column.to, clock.zone), f"{value} IS NOT NULL", layers=layers)
    return _written(column, style, clock)


def _typed(column: DayColumn, style: DayStyle, clock: Clock) -> Reading:
    """A column that has a type of its own: a clock on the wall, an instant, a serial, 20261003 as a number."""
    value, raw = f"({column.column})", column.raw
    wall, instant = f"{column.name}_wall", f"{column.name}_instant"
    at = walls = "CAST(NULL AS TIMESTAMP)"
    present = f"{value} IS NOT NULL"
    if raw == _WITH_ZONE:
        utc = f"timezone('UTC', {value})"
        walls, at = (utc, at) if style.dates else (walls, utc)
    elif raw in _NUMBERS or raw.startswith("DECIMAL"):
        if raw in {"FLOAT", "DOUBLE"}:
            value = f"CASE WHEN NOT isnan({value}) THEN {value} END"
            present = f"({value}) IS NOT NULL"
        serial = f"CAST({value} AS DOUBLE)"
        walls = _from_serial(serial) if _reads_serials(clock) else _from_digits(f"CAST({value} AS VARCHAR)")
    elif raw == "DATE" or raw.startswith("TIMESTAMP"):
        walls = f"TRY_CAST({value} AS TIMESTAMP)"
    layers = ((f"{walls} AS {wall}", f"{at} AS {instant}"),)
    return Reading(_moment(wall, instant, column.to, clock.zone), present, layers=layers)


def _reads_serials(clock: Clock) -> bool:
    return clock.serial or clock.declared == "serial"


def _taken_apart(column: DayColumn, quick: Sequence[QuickForm]) -> tuple[tuple[str, ...], ...]:
    """The text, its parts, the numbers of its day, and the kind of day that it is."""
    alias, groups = column.name, ", ".join(map(literal, _GROUPS))
    day = f"{alias}.day"
    kind = f"""CASE WHEN {day} IS NULL THEN NULL WHEN {day} = '' THEN '' WHEN {matches(day, _ISO_DAY)} THEN 'iso'
        WHEN {matches(day, _DIGITS)} THEN 'digits' WHEN {matches(day, _YEAR_FIRST)} THEN 'year first'
        WHEN {matches(day, _YEAR_LAST)} THEN CASE WHEN {matches(day, _FOUR_AT_END)} THEN 'year last' ELSE 'short' END
        ELSE 'named' END"""
    # 2026年10月3日17:04 has no space before its clock.
    text = rf"regexp_replace({plain_sql(f'{alias}_text')}, '([일日]) ?([^ (,])', '\1 \2')"
    apart = f"CASE {_simple(f'{alias}_text')} ELSE regexp_extract({text}, {literal(_SHAPE)}, [{groups}]) END"
    numbers = f"list_transform(regexp_extract_all({day}, '[0-9]+'), lambda digits: TRY_CAST(digits AS INTEGER))"
    numbers = f"CASE WHEN {alias}_kind NOT IN ('', 'iso', 'digits') THEN {numbers} END"
    return (
        (f"{something_sql(column.column)} AS {alias}_text",),
        (f"{quick_sql(f'{alias}_text', quick, 'TIMESTAMP')} AS {alias}_quick",),
        (f"CASE WHEN {alias}_quick IS NULL THEN {apart} END AS {alias}",),
        (f"{kind} AS {alias}_kind",),
        (f"{numbers} AS {alias}_numbers",),
    )


def _simple(text: str) -> str:
    """The parts of the commonest form, cut by place: groups of a pattern cost fifty times as much as a look."""
    forms = ((16, r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"), (19, r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}"))
    return " ".join(
        f"WHEN {matches(text, form + _SIMPLE_OFFSET)} THEN struct_pack(day := {text}[1:10], half := '', "
        f"clock := {text}[12:{end}], ampm := '', zone := trim({text}[{end + 1}:]))"
        for end, form in forms
    )


def _written(column: DayColumn, style: DayStyle, clock: Clock) -> Reading:
    alias = column.name
    wall, instant = f"{alias}_wall", f"{alias}_instant"
    clock_text = f"replace({alias}.clock, ',', '.')"
    day = f"TRY_CAST({alias}_iso AS DATE)"
    time = f"CASE WHEN {alias}.clock = '' THEN '0:00' ELSE {clock_text} END"
    whole = f"TRY_CAST({alias}_iso || ' ' || {time} AS TIMESTAMP)"
    local = f"CASE WHEN {day} IS NOT NULL THEN {whole} + {_afternoon(alias)} END"
    away = _offset(alias)
    undated = f"{alias}_text IS NOT NULL AND {alias}_local IS NULL"
    serials = (
        f"CASE WHEN {matches(f'{alias}_text', _SERIAL)} THEN {_from_serial(f'TRY_CAST({alias}_text AS DOUBLE)')} END"
    )
    read = f"coalesce({alias}_local, {serials})" if _reads_serials(clock) else f"{alias}_local"
    is_wall = f"{alias}.zone = '' OR {alias}.zone IS NULL" if not style.dates else "true"
    layers = (
        *_taken_apart(column, style.quick),
        (f"{_iso(alias, style, clock.declared, clock.last_year)} AS {alias}_iso",),
        (f"coalesce({alias}_quick, {local}) AS {alias}_local",),
        (
            f"CASE WHEN {is_wall} THEN {read} END AS {wall}",
            f"CASE WHEN NOT ({is_wall}) THEN {alias}_local - {away} END AS {instant}",
        ),
    )
    unsettled = f"{undated} AND {_is_open(alias, clock)}"
    value = _moment(wall, instant, column.to, clock.zone)
    return Reading(value, f"{alias}_text IS NOT NULL", unsettled, layers)


def _iso(alias: str, style: DayStyle, declared: Order, last_year: int) -> str:
    """The day as year-month-day; NULL where its order is open."""
    first, second, third = (f"{alias}_numbers[{number}]" for number in (1, 2, 3))
    month = "CASE " + " ".join(
        f"WHEN regexp_matches({alias}.day, '(?i){name}') THEN {number}" for number, name in enumerate(_MONTHS, start=1)
    )
    month_number = f"{month} END"
    # 10-Oct-26 has its year last, as spreadsheets write it; 26-Oct-10 in 2026 is left to people.
    recent = f"{second} BETWEEN {_first_year(last_year) % 100} AND {last_year % 100}"
    year = f"CASE WHEN {second} >= 100 THEN {second} WHEN {recent} THEN {_century(second)} END"
    year_first, year_last = _joined(first, month_number, second), _joined(year, month_number, first)
    named = f"CASE WHEN {first} > 31 THEN {year_first} ELSE {year_last} END"
    day_first, month_first = _joined(third, second, first), _joined(third, first, second)
    by_order = " ".join(
        f"WHEN contains({alias}.day, '{separator}') THEN {day_first if order == 'dmy' else month_first}"
        for separator, order in style.orders.items()
    )
    last = f"CASE {by_order} END" if by_order else "NULL"
    if declared not in {"dmy", "mdy"}:
        last = f"""CASE WHEN {first} = {second} OR {second} > 12 THEN {month_first} WHEN {first} > 12 THEN {day_first}
            ELSE {last} END"""
    shorts = {
        "dmy": _joined(_century(third), second, first),
        "mdy": _joined(_century(third), first, second),
        "ymd": _joined(_century(first), second, third),
    }
    by_proof = " ".join(
        f"WHEN contains({alias}.day, '{separator}') THEN {shorts[order]}" for separator, order in style.proven.items()
    )
    # 26.6.26 is one day, whichever end the year is at, and so is 5/5/26, whichever is the month.
    near = f"{third} BETWEEN {_first_year(last_year) % 100} AND {last_year % 100}"
    same = f"""WHEN (contains({alias}.day, '.') OR {first} > 12) AND {first} = {third} OR {first} = {second} AND {near}
        THEN {shorts["dmy"]}"""
    short = shorts.get(declared) or f"CASE {by_proof} {same} END"
    digits = f"{alias}.day[1:4] || '-' || {alias}.day[5:6] || '-' || {alias}.day[7:8]"
    return f"""CASE {alias}_kind WHEN 'iso' THEN {alias}.day WHEN 'digits' THEN {digits}
        WHEN 'year first' THEN {_joined(first, second, third)}
        WHEN 'named' THEN {named} WHEN 'year last' THEN {last} WHEN 'short' THEN {short} END"""


def _joined(year: str, month: str, day: str) -> str:
    return f"concat_ws('-', lpad(({year})::VARCHAR, 4, '0'), {month}, {day})"


def _century(year: str) -> str:
    return f"({year} + CASE WHEN {year} < 70 THEN 2000 ELSE 1900 END)"


def _afternoon(alias: str) -> str:
    """What 오후, 下午 or PM add to the clock; NULL where the hour is none of twelve."""
    hour = f"TRY_CAST(regexp_extract({alias}.clock, '^[0-9]+') AS INTEGER)"
    half = f"lower({alias}.half || {alias}.ampm)"
    evening, morning = (", ".join(map(literal, words)) for words in (_EVENING, _MORNING))
    return f"""CASE WHEN {half} = '' THEN to_hours(0) WHEN NOT {hour} BETWEEN 1 AND 12 THEN NULL
        WHEN ({half} IN ({evening}) OR starts_with({half}, 'p')) AND {hour} < 12 THEN to_hours(12)
        WHEN ({half} IN ({morning}) OR starts_with({half}, 'a')) AND {hour} = 12 THEN to_hours(-12)
        ELSE to_hours(0) END"""


def _offset(alias: str) -> str:
    """How far the clock is ahead of UTC; NULL beyond what clocks are."""
    hours = f"TRY_CAST(regexp_extract({alias}.zone, '[+-]([0-9]{{1,2}})', 1) AS INTEGER)"
    minutes = f"coalesce(TRY_CAST(regexp_extract({alias}.zone, '[+-][0-9]{{1,2}}:?([0-9]{{2}})', 1) AS INTEGER), 0)"
    total = f"60 * {hours} + {minutes}"
    return f"""CASE WHEN {hours} IS NULL THEN to_minutes(0) WHEN {hours} > 15 OR {minutes} > 59 THEN NULL
        WHEN contains({alias}.zone, '-') THEN to_minutes(-({total})) ELSE to_minutes({total}) END"""


def _is_open(alias: str, clock: Clock) -> str:
    """Whether a day that could not be read would be one in some order that nobody has declared."""
    if clock.declared:
        return "false"
    serial = matches(f"{alias}_text", r"[0-9]{5}(\.[0-9]+)?")
    both = f"{alias}_numbers[1] <= 12 AND {alias}_numbers[2] <= 12"
    is_short = f"({alias}_kind = 'short' AND {alias}_iso IS NULL)"
    return f"coalesce({is_short} OR ({alias}_kind = 'year last' AND {both}) OR {serial}, false)"


def _moment(wall: str, instant: str, to: ColumnType, zone: str) -> str:
    """SQL for a date or a UTC instant out of both columns; NULL where both are.

    `zone` is where the wall hangs, and the day of an instant is cut.
    """
    offsets = offsets_of(zone)
    if to == "date":
        return f"CAST(CASE WHEN {wall} IS NULL THEN {local_sql(instant, offsets)} ELSE {wall} END AS DATE)"
    return f"CASE WHEN {wall} IS NULL THEN {instant} ELSE {utc_sql(wall, offsets)} END"


def _from_serial(number: str) -> str:
    """A spreadsheet counts days from 30 December 1899."""
    seconds = f"CAST(round({number} * 86400) AS BIGINT)"
    return f"CASE WHEN {number} BETWEEN 1 AND 100000 THEN TIMESTAMP '1899-12-30' + to_seconds({seconds}) END"


def _from_digits(value: str) -> str:
    """20261101, as some exports write a date."""
    parts = f"TRY_CAST({value}[1:4] || '-' || {value}[5:6] || '-' || {value}[7:8] AS TIMESTAMP)"
    return f"CASE WHEN {matches(value, '(19|20)[0-9]{6}')} THEN {parts} END"
