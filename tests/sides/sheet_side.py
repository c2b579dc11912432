"""What tests of the Sheet share: four KPIs, hand-made answers, a drawing of a tab as text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from wcwidth import wcswidth

from kpi_core.answers import Answer, BreakdownRow, Change, Definition, Freshness, TrendPoint, Verdict
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, previous, trend_periods, year_ago
from kpi_core.metrics import (
    Benchmark,
    Cadence,
    Catalog,
    Column,
    Dimension,
    Direction,
    Input,
    Measure,
    Metric,
    MetricType,
    Model,
    Unit,
)
from kpi_core.phrases import Notice
from kpi_core.query import MetricQuery
from kpi_core.questions.vocabulary import build_vocabulary
from kpi_core.settings.values import Goal, Settings
from sheets_sync.spreadsheet.plan import Plan
from sheets_sync.spreadsheet.state import CELL_FIELDS, STATE_FIELDS, State, read_state, with_cells
from sheets_sync.tabs.cells import Cell, Day, Formula, Keep, Number, Text
from sheets_sync.tabs.queries import TRENDS, Material, queries_for
from sheets_sync.tabs.tab import Tab

if TYPE_CHECKING:
    from sheets_sync.sandbox.drive_files import Files

TODAY = date(2026, 11, 23)
CALENDAR = Calendar("Asia/Seoul")
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")


def _model(name: str, dimensions: tuple[str, ...]) -> Model:
    columns = {key: Column(key, "text") for key in dimensions}
    measure = Measure("amount", "sum", "amount")
    return Model(name, "", columns, (), "date", {}, dimensions, {"amount": measure})


def _metric(
    kpi: str,
    names: tuple[str, str, str],
    unit: Unit,
    direction: Direction,
    stage: str,
    table: str = "orders",
    *,
    formula: str = "amount",
    aliases: tuple[str, ...] = (),
    kind: MetricType = "ratio",
    cadence: Cadence = "monthly",
    benchmark: Benchmark | None = None,
) -> Metric:
    inputs = {"amount": Input("amount", f"{table}.amount"), "customers": Input("customers", "orders.amount")}
    return Metric(
        id=kpi,
        names=dict(zip(("en", "ko", "zh-TW"), names, strict=True)),
        aliases=aliases,
        description={
            "en": f"What {names[0].lower()} means.",
            "ko": f"{names[1]}의 뜻.",
            "zh-TW": f"{names[2]}的意義。",
        },
        type=kind,
        formula=formula,
        inputs={"amount": inputs["amount"]} if formula == "amount" else inputs,
        unit=unit,
        direction=direction,
        stage=stage,
        cadence=cadence,
        indicator="lagging",
        vanity=False,
        audiences=("exec",),
        reading={"en": "The plain reading."},
        benchmarks=(benchmark,) if benchmark else (),
        traps=({"en": "Sum first, divide last."}, {"en": "Late events change past days."}),
        duration_unit="days" if unit == "duration" else None,
    )


RATE = "amount / customers"
KPIS = (
    _metric(
        "cac",
        ("Customer acquisition cost", "고객 획득 비용", "客戶獲取成本"),
        "currency",
        "lower",
        "conversion",
        "ads",
        formula=RATE,
        aliases=("CAC",),
    ),
    _metric("sales_revenue", ("Sales revenue", "매출", "銷售額"), "currency", "higher", "conversion", kind="simple"),
    _metric(
        "conversion_rate",
        ("Conversion rate", "전환율", "轉換率"),
        "percent",
        "higher",
        "conversion",
        "ads",
        formula=RATE,
        benchmark=Benchmark({"en": "2 to 3 %"}, "an article", "unsourced average", 0.025),
    ),
    _metric(
        "churn_rate", ("Churn rate", "이탈률", "流失率"), "percent", "lower", "loyalty", "subscriptions", formula=RATE
    ),
    _metric("bounce_rate", ("Bounce rate", "이탈률", "跳出率"), "percent", "lower", "awareness", "ads", formula=RATE),
    _metric(
        "roas",
        ("Return on ad spend", "광고비 대비 매출", "廣告支出回報率"),
        "ratio",
        "higher",
        "all",
        "ads",
        formula=RATE,
    ),
    _metric(
        "sales_cycle_length",
        ("Sales cycle length", "영업 주기", "銷售週期"),
        "duration",
        "lower",
        "internal",
        "ads",
        formula=RATE,
    ),
)
STEPS = tuple(
    _metric(kpi, names, "count", "higher", "consideration", kind="simple")
    for kpi, names in (
        ("leads", ("Leads", "리드 수", "潛在客戶數")),
        ("mql", ("Qualified leads", "적격 리드", "合格潛在客戶")),
        ("sql", ("Accepted leads", "영업 적격 리드", "銷售合格潛在客戶")),
    )
)


def _retention(months: int) -> Metric:
    names = {"en": f"Retention ({months} m)", "ko": f"유지율 ({months}개월)", "zh-TW": f"留存率 ({months} 個月)"}
    return replace(KPIS[2], id=f"cohort_retention@{months}m", variant_of="cohort_retention", names=names)


CATALOG = Catalog(
    metrics={metric.id: metric for metric in (*KPIS, *STEPS)}
    | {"cac@paid": replace(KPIS[0], id="cac@paid", variant_of="cac", reading={"en": "Ad spend only."})}
    | {f"cohort_retention@{months}m": _retention(months) for months in (1, 3)},
    models={
        "ads": _model("ads", ("channel", "campaign")),
        "orders": _model("orders", ("channel", "region", "campaign")),
        "subscriptions": _model("subscriptions", ()),
    },
    dimensions={
        "channel": Dimension("channel", {"en": "channel", "ko": "채널", "zh-TW": "管道"}, ("channels",)),
        "region": Dimension("region", {"en": "region", "ko": "지역", "zh-TW": "地區"}),
    },
)
VALUES = {
    "cac": (41268.37, 39110.0, 42500.0),
    "sales_revenue": (240_000_000.0, 226_000_000.0, 199_000_000.0),
    "conversion_rate": (0.0312, 0.0312, 0.0274),
    "churn_rate": (None, None, None),
    "bounce_rate": (0.48, 0.455, None),
    "roas": (3.1, 3.0, 2.75),
    "sales_cycle_length": (18.5, 21.0, 20.0),
    "cohort_retention": (0.174, None, None),
    "leads": (200.0, 180.0, 150.0),
    "mql": (50.0, 60.0, 40.0),
    "sql": (40.0, 42.0, 30.0),
}
"""This month, the month before, a year ago."""


def settings(locale: str = "en", **changes: object) -> Settings:
    plain: dict[str, object] = {
        "company": "Hanok Goods",
        "calendar": CALENDAR,
        "locale": locale,
        "currency": "KRW",
        "warehouse": "",
        "state": "",
        "folder": Path(),
    }
    return Settings(**(plain | changes))  # type: ignore[arg-type]


def goal(kpi: str, target: float, owner: str = "", **where: str) -> Goal:
    return Goal(kpi, target, date(2026, 12, 31), owner, where)


def _change(
    metric: Metric, basis: str, periods: tuple[Period, Period], value: float | None, other: float | None
) -> Change:
    """From the second period to the first."""
    change = None if value is None or other is None else value - other
    ratio = None if change is None or not other else change / other
    verdict: Verdict | None = None
    if change is not None:
        verdict = "same" if change == 0 else "better" if (change > 0) == (metric.direction == "higher") else "worse"
    return Change(basis, periods[1], other, change, ratio, verdict, periods[0], value)


def answer_to(query: MetricQuery, values: Mapping[str, tuple[float | None, ...]] = VALUES) -> Answer:
    """A hand-made answer with the KPI's three values, a rising trend, and two channels where it is split."""
    metric = CATALOG.metrics[query.metric]
    value, before, last_year = values[query.metric.partition("@")[0]]
    changes = (
        _change(metric, "previous_period", (query.period, previous(query.period, CALENDAR)), value, before),
        _change(metric, "year_ago", (query.period, year_ago(query.period, CALENDAR)), value, last_year),
    )
    months = trend_periods(query.period, CALENDAR)
    trend = tuple(
        TrendPoint(month, None if value is None else value * (88 + number) / 100, True)
        for number, month in enumerate(months)
    )
    rows = [_group(metric, query, key, value, share) for key, share in (("search", 0.8), ("display", 1.2), (None, 1.0))]
    missing = (Notice("warning.table_missing", {"table": "subscriptions"}),) if value is None else ()
    return Answer(
        query=query,
        metric=metric,
        currency="KRW",
        complete=query.period.last_day < TODAY,
        value=value,
        parts={},
        comparisons=changes,
        goal=None,
        breakdown=tuple(rows) if query.dimensions else None,
        trend=trend,
        freshness=Freshness(None if value is None else date(2026, 11, 22), stale=False),
        warnings=missing,
        definition=Definition(metric.formula, "1", metric.reading["en"]),
    )


def _group(metric: Metric, query: MetricQuery, key: str | None, value: float | None, share: float) -> BreakdownRow:
    mine = None if value is None else value * share
    periods = query.period, previous(query.period, CALENDAR)
    return BreakdownRow((key,), mine, {}, (_change(metric, "previous_period", periods, mine, value),))


VOCABULARY = build_vocabulary(CATALOG, lambda _dimension: ())


def material(
    locale: str = "en",
    goals: Sequence[Goal] = (),
    values: Mapping[str, tuple[float | None, ...]] = VALUES,
    tabs: Sequence[str] = ("overview", "goals", *TRENDS, "channels", "regions", "funnel", "cohorts", "dictionary"),
    kpis: Sequence[Metric] = KPIS,
    **changes: object,
) -> Material:
    """What the tabs are made of, from hand-made answers."""
    given = settings(locale, **changes)
    queries = queries_for(tabs, given, CATALOG, TODAY, kpis, goals)
    answers = {query: answer_to(query, values) for query in queries}
    return Material(given, CATALOG, TODAY, tuple(kpis), tuple(goals), answers, VOCABULARY)


def cell_text(cell: Cell) -> str:  # noqa: PLR0911 - one for each kind
    """A cell as a reviewer reads it: numbers with the format they will wear."""
    match cell:
        case Text(text=text):
            return text.replace("\n", " / ")
        case Number(value=None):
            return "·"
        case Number(value=value, format=wanted):
            return f"{value:.6g} [{wanted.pattern}]" if wanted else f"{value:.6g}"
        case Day(day=day):
            return day.isoformat() if day else "·"
        case Formula(text=text):
            return text
        case Keep():
            return "(theirs)"
        case _:
            return ""


def drawn(tab: Tab) -> str:
    """The tab as text: its cells in columns, then what lies on it."""
    rows = [[cell_text(cell) for cell in row] for row in tab.rows]
    body = rows[tab.header :]
    widths = [max(wcswidth(row[column]) for row in body) for column in range(tab.width)]
    lines = [f"# {tab.title}", *(" ".join(row).rstrip() for row in rows[: tab.header])]
    lines += [
        " | ".join(_padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in body
    ]
    lines += [""] + [f"note on {column.title}: {column.note}" for column in tab.columns if column.note]
    lines += [f"bold row: {cell_text(tab.rows[row][0])}" for row in tab.headings]
    lines += [f"{chart.kind}: {chart.title} ({chart.direction})" for chart in tab.charts]
    lines += [f"{shade.tone} where {shade.kind} {shade.when}" for shade in tab.shades]
    return "\n".join(lines) + "\n"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - wcswidth(text))


def requests_text(plan: Plan) -> str:
    """One request a line, in order."""
    lines: Iterator[str] = (
        json.dumps(request, ensure_ascii=False, sort_keys=True)
        for batch in plan.batches
        for step in batch
        for request in step.requests
    )
    return "\n".join(lines) + "\n"


def empty_state(*titles: str) -> State:
    """A spreadsheet with people's tabs alone."""
    sheets = [{"properties": {"sheetId": number, "title": title}} for number, title in enumerate(titles or ("Sheet1",))]
    return read_state({"spreadsheetId": "s", "spreadsheetUrl": "https://sheet", "sheets": sheets})


BOT = "bot@project.example"


def state_after(
    plan: Plan, tabs: Sequence[Tab], extra: Mapping[str, Mapping[tuple[int, int], str]] | None = None
) -> State:
    """The spreadsheet once a first plan was applied; `extra` are texts that people typed, by block, row and column."""
    from sheets_sync.sandbox.batch import apply_batch
    from sheets_sync.sandbox.drive_files import Files

    files = Files()
    book = files.create({"title": "Marketing"})
    files.share(book.file_id, BOT)
    requests = [request for batch in plan.batches for step in batch for request in step.requests]
    book.spreadsheet = apply_batch(book.spreadsheet, requests, BOT)[0]
    made = [request["addSheet"]["properties"]["sheetId"] for request in requests if "addSheet" in request]
    for number, tab in zip(made, tabs, strict=True):
        for (row, column), text in (extra or {}).get(tab.block, {}).items():
            start = {"sheetId": number, "rowIndex": row, "columnIndex": column}
            cell = {"userEnteredValue": {"stringValue": text}}
            typed = {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}
            book.spreadsheet = apply_batch(book.spreadsheet, [typed])[0]
    return state_of(files, book.file_id)


def state_of(files: Files, book: str) -> State:
    """A spreadsheet of the local Sheets as a sync reads it: two calls of the API."""
    from sheets_sync.sandbox.api.api_call import Call
    from sheets_sync.sandbox.api.sheets_calls import get, get_by_data_filter

    path = {"spreadsheet": book}
    state = read_state(get(Call(files, BOT, path, {"fields": [STATE_FIELDS]}, {})))
    ours = [{"gridRange": {"sheetId": block.sheet_id}} for block in state.blocks.values()]
    if not ours:
        return state
    fields = {"fields": [CELL_FIELDS]}
    return with_cells(state, get_by_data_filter(Call(files, BOT, path, fields, {"dataFilters": ours})))
