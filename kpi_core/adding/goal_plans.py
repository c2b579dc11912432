"""A plan of goals as teams keep it: a row a month, or a column a month; KPIs by their names in three languages.

What it says of KPIs becomes `goals:` of kpi.yaml, a target a month each; what it says of the budget becomes a source of
the table of budgets. A table is a plan only where a word says so, for figures of the past look just the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, partial

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.meaning import plain_name
from kpi_core.metrics import Catalog, Metric
from kpi_core.sql.quoting import literal, quoted

_WORDS = re.compile(
    r"goal|target|\bplan|budget|objective|forecast|목표|계획|예산|目標|計畫|計劃|預算|ziel|\bsoll\b|計画|予算",
    re.IGNORECASE,
)
_WORD_IN_NAME = re.compile(
    r"\b(?:goals?|targets?|plan(?:ned)?|monthly|ziel|soll)\b|목표|계획|월별|월간|目標|計畫|計劃|每月|計画",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"total|sum\b|average|owner|note|합계|평균|담당|비고|메모|合計|總計|小計|平均|負責|備註|summe|gesamt", re.IGNORECASE
)
"""Labels that are no KPI's and need no word about it."""
_BUDGET = frozenset(
    map(
        plain_name,
        ["budget", "marketing budget", "ad budget", "예산", "마케팅 예산", "광고 예산", "광고비 예산", "預算",
         "行銷預算",
         "廣告預算", "Budgetbetrag", "予算"],
    )
)  # fmt: skip
_MONTHS = ("jan", "feb", "mar|mär|mrz", "apr", "may|mai", "jun", "jul", "aug", "sep", "oct|okt", "nov", "dec|dez")
_YEAR = re.compile(r"(?<!\d)20[2-6]\d(?!\d)")
_NUMBERED = re.compile(
    r"(20\d\d)\s?[-./년年]\s?(\d{1,2})\s?[-./월月]?(?:\s?0?1\.?일?日?)?(?:[ T]0?0:00(?::00)?)?|(\d{1,2})/(20\d\d)"
)
_BARE = re.compile(r"(\d{1,2})\s?[월月]")
_SERIAL = re.compile(r"4[3-9]\d{3}|5\d{4}")
"""A day of a spreadsheet, from 2017 on."""
_NAMED = re.compile(r"([^\W\d]{3,9})\.?[ ,'-]{0,2}(20\d\d|\d\d)?")
_FIGURES = {
    ".": re.compile(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"),
    ",": re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?"),
}
"""By the decimal sign."""
_AROUND = re.compile(r"[\s₩￦$€¥원元円]|NT|US|KRW|TWD|USD|EUR|JPY")
_TENS = {"만": 4, "萬": 4, "万": 4, "억": 8, "億": 8, "亿": 8}
_DAY_0 = date(1899, 12, 30)
_LEAST = 2
"""Months, or it is no plan by months."""

Rows = Sequence[tuple[int, Sequence[str]]]
"""Lines with their cells."""
ByName = Mapping[str, str]
"""Plain name -> id of a KPI."""


@frozen
class Target:
    """What a KPI is to reach in a month."""

    kpi: str
    month: date
    value: Decimal
    text: str = field(default="", compare=False)

    def entry(self, metric: Metric) -> dict[str, object]:
        """As it stands in `goals:`."""
        value = int(self.value) if self.value == int(self.value) else float(self.value)
        entry: dict[str, object] = {"kpi": self.kpi, "target": value, "by": _last_day(self.month)}
        return entry | ({"per": "month"} if metric.unit in {"count", "currency"} and metric.type == "simple" else {})


@frozen
class GoalPlan:
    """A plan in a file: its `header_line`, its targets, and the query for its budgets, empty where it has none.

    `labels`: KPI -> its name in the file. `unread`: label and text of cells that hold no number that can be meant, and
    of one cell of each label that is no KPI's.
    """

    header_line: int
    targets: tuple[Target, ...]
    labels: Mapping[str, str]
    budgets: str = ""
    months: tuple[date, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    lacks_year: bool = False
    """Whether its months name no year, and nothing else does."""
    open_text: str = ""
    """A figure of which nothing proves the decimal sign."""


def goal_plan(rows: Rows, title: str, catalog: Catalog, year: int | None = None, decimal: str = "") -> GoalPlan | None:
    """The plan in the rows of a file; None where there is none. `title` is the name of the file, or of its sheet.

    `year` is that of months without one, where nothing in the file says it, `decimal` the sign where nothing proves it.
    """
    names = cache(partial(_names, catalog))
    by_sign = {sign: _by_sign(rows, title, Vocabulary(names, catalog, sign), year) for sign in _FIGURES}
    point, comma = by_sign["."], by_sign[","]
    if point is None or comma is None or point.targets == comma.targets:
        return point
    if len(point.unread) != len(comma.unread):
        return min(point, comma, key=lambda plan: len(plan.unread))
    if decimal:
        return by_sign[decimal]
    pairs = zip(point.targets, comma.targets, strict=True)
    return replace(point, open_text=next(str(one.text) for one, other in pairs if one != other))


def _by_sign(rows: Rows, title: str, vocabulary: Vocabulary, year: int | None) -> GoalPlan | None:
    for at, (line, header) in enumerate(rows):
        said = " ".join([title, *(cell for _line, cells in rows[:at] for cell in cells), *header])
        labels = " ".join(cell for _line, cells in rows[at + 1 :] for cell in cells[:1])
        if not _WORDS.search(f"{said} {labels}"):
            continue
        years = set(_YEAR.findall(said))
        known = int(years.pop()) if len(years) == 1 else year
        for read in (_across, _down):
            plan = read(line, header, rows[at + 1 :], vocabulary, known)
            if plan is not None:
                return plan
    return None


@frozen
class Vocabulary:
    """What the words and the figures of a plan mean."""

    names: Callable[[], ByName]
    """Worked out where it is asked for, once: most files hold no plan."""
    catalog: Catalog
    decimal: str


def _across(line: int, header: Sequence[str], below: Rows, vocabulary: Vocabulary, year: int | None) -> GoalPlan | None:
    """A column a month, a row a KPI."""
    months = {place: _month(text, year or 1) for place, text in enumerate(header) if _month(text, year or 1)}
    first = min(months, default=0)
    if len(months) < _LEAST or first == 0:
        return None
    cells = [
        (label, month, row[place])
        for _line, row in below
        if (label := next((text for text in row[:first] if text.strip()), ""))
        for place, month in months.items()
        if month is not None and place < len(row)
    ]
    at = next(
        (place for place in range(first) if any(row[place : place + 1] and row[place].strip() for _line, row in below)),
        0,
    )

    def budgets(label: str) -> str:
        own = f"{_text(_column(header, at))} = {literal(label.strip())}"
        return " UNION ALL ".join(
            _select(f"DATE '{month}'", _column(header, place), own) for place, month in months.items()
        )

    return _plan(line, cells, vocabulary, budgets, is_dated=bool(year) or _all_dated(header[place] for place in months))


def _down(line: int, header: Sequence[str], below: Rows, vocabulary: Vocabulary, year: int | None) -> GoalPlan | None:
    """A row a month, a column a KPI."""
    place = next((at for at in range(min(2, len(header))) if _are_months(below, at, year)), None)
    if place is None:
        return None
    rows = [(row, month) for _line, row in below if place < len(row) and (month := _month(row[place], year or 1))]
    cells = [
        (label, month, row[at])
        for at, label in enumerate(header)
        if at != place and label.strip()
        for row, month in rows
        if at < len(row)
    ]

    def budgets(label: str) -> str:
        cases = " ".join(f"WHEN {literal(row[place].strip())} THEN DATE '{month}'" for row, month in rows)
        month = f"CASE {_text(_column(header, place))} {cases} END"
        return _select(
            month, _column(header, [cell.strip() for cell in header].index(label.strip())), f"{month} IS NOT NULL"
        )

    return _plan(line, cells, vocabulary, budgets, is_dated=bool(year) or _all_dated(row[place] for row, _of in rows))


def _plan(
    line: int,
    cells: Sequence[tuple[str, date, str]],
    vocabulary: Vocabulary,
    budgets: Callable[[str], str],
    *,
    is_dated: bool,
) -> GoalPlan | None:
    targets: list[Target] = []
    labels: dict[str, str] = {}
    unread: list[tuple[str, str]] = []
    budget = ""
    for label, month, text in cells:
        if plain_name(label) in _BUDGET:
            budget = budget or label
            continue
        kpi = _kpi(label, vocabulary.names())
        if kpi is not None and text.strip() not in {"", "-", "--", "–", "—"}:
            value = _figure(text, vocabulary.catalog.metrics[kpi], vocabulary.decimal)
            if labels.setdefault(kpi, label) != label or value is None:
                unread.append((label, text))
            else:
                targets.append(Target(kpi, month, value, text))
        elif kpi is None and re.search(r"\d", text) and not _OTHERS.search(label) and label not in dict(unread):
            unread.append((label, text))
    if not targets and not budget:
        return None
    months = tuple(sorted({month for _label, month, _text in cells}))
    return GoalPlan(
        line, tuple(targets), labels, budgets(budget) if budget else "", months, tuple(unread), not is_dated
    )


def _names(catalog: Catalog) -> ByName:
    """Names that several KPIs have are nobody's; a reading of a KPI goes by the KPI's own."""
    named: dict[str, set[str]] = {}
    for metric in (metric for metric in catalog.metrics.values() if "@" not in metric.id):
        for name in (metric.id, *metric.names.values(), *metric.aliases):
            named.setdefault(plain_name(name), set()).add(metric.id)
    return {name: next(iter(ids)) for name, ids in named.items() if len(ids) == 1}


def _kpi(label: str, names: ByName) -> str | None:
    """The KPI of a label, also of one with a word for a plan: Revenue target, 매출 목표."""
    return names.get(plain_name(label)) or names.get(plain_name(_WORD_IN_NAME.sub("", label)))


def _month(text: str, year: int) -> date | None:
    """The first day of a month as people write it; `year` is that of one without."""
    plain = text.strip()
    if match := _NUMBERED.fullmatch(plain):
        return _first(int(match[1] or match[4]), int(match[2] or match[3]))
    if _SERIAL.fullmatch(plain) and (day := _DAY_0 + timedelta(int(plain))).day == 1:
        return day
    if match := _BARE.fullmatch(plain):
        return _first(year, int(match[1]))
    if match := _NAMED.fullmatch(plain.casefold()):
        number = next((at for at, name in enumerate(_MONTHS, start=1) if re.match(name, match[1])), 0)
        return _first(int(f"20{match[2]}"[-4:]) if match[2] else year, number)
    return None


def _first(year: int, month: int) -> date | None:
    return date(year, month, 1) if 1 <= month <= 12 else None


def _all_dated(texts: Iterator[str]) -> bool:
    return all((month := _month(text, 1)) is not None and month.year > 1 for text in texts)


def _are_months(below: Rows, place: int, year: int | None) -> bool:
    """Whether a column holds months, each once; a total below them is none."""
    texts = [row[place] for _line, row in below if place < len(row) and row[place].strip()]
    months = [month for text in texts if (month := _month(text, year or 1))]
    return len(months) >= _LEAST and len(set(months)) == len(months) and len(texts) - len(months) <= 1


def _figure(text: str, metric: Metric, decimal: str) -> Decimal | None:
    """A target as a number; None for a rate without a sign of percent, and for a part of what is counted."""
    plain = _AROUND.sub("", text)
    is_percent = plain.endswith("%")
    plain = plain.removesuffix("%")
    tens = _TENS.get(plain[-1:], 0)
    plain = plain[:-1] if tens else plain
    if not _FIGURES[decimal].fullmatch(plain) or is_percent != (metric.unit == "percent"):
        return None
    value = Decimal(plain.replace("." if decimal == "," else ",", "").replace(",", ".")).scaleb(tens)
    if metric.unit == "count" and value != int(value):
        return None
    return value / 100 if is_percent else value


def _last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _column(header: Sequence[str], place: int) -> str:
    return quoted(header[place].strip() or f"column_{place + 1}")


def _text(column: str) -> str:
    return f"trim(CAST({column} AS VARCHAR))"


def _select(month: str, amount: str, condition: str) -> str:
    return f"SELECT {month} AS month, CAST({amount} AS VARCHAR) AS amount FROM source WHERE {condition}"  # noqa: S608
