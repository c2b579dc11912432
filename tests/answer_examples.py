"""Complete answers, built by hand, for the tests of everything that draws them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kpi_core.answers import (
    Against,
    Answer,
    BreakdownRow,
    Change,
    Definition,
    Freshness,
    GoalState,
    Landing,
    TrendPoint,
    Verdict,
)
from kpi_core.dates.periods import Period
from kpi_core.deliveries.summaries import Action, Extremes, Late, Missing, Summary, SummaryLine, Tally
from kpi_core.metrics import Benchmark, Catalog, Dimension, Input, Measure, Metric, Model
from kpi_core.phrases import Notice
from kpi_core.query import Filter, MetricQuery

SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1), "month")
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
YEAR_AGO = Period(date(2025, 10, 1), date(2025, 11, 1), "month")
HOSTILE = "<!channel> & *free* <https://evil.example|click>"

COST = Input(
    "acquisition_cost",
    "ad_performance.spend + costs.non_salary",
    {"en": "marketing cost", "ko": "마케팅 비용", "zh-TW": "行銷成本"},
    "currency",
)
CUSTOMERS = Input(
    "new_customers", "orders.new_customers", {"en": "new customers", "ko": "신규 고객", "zh-TW": "新客戶"}
)

CAC = Metric(
    id="cac",
    names={"en": "Customer acquisition cost", "ko": "고객 획득 비용", "zh-TW": "客戶獲取成本"},
    aliases=("CAC", "獲客成本"),
    description={
        "en": "What it costs to win one new customer.",
        "ko": "신규 고객 한 명을 얻는 데 드는 비용.",
        "zh-TW": "贏得一位新客戶所需的成本。",
    },
    type="ratio",
    formula="acquisition_cost / new_customers",
    inputs={"acquisition_cost": COST, "new_customers": CUSTOMERS},
    unit="currency",
    direction="lower",
    stage="conversion",
    cadence="monthly",
    indicator="lagging",
    vanity=False,
    audiences=("exec", "manager"),
    reading={"en": "Ad spend and every cost line but salaries, over customers by their first order in all history."},
    variants=("cac@paid",),
    playbook={
        "en": "When it rises in a channel, review that channel: move budget to cheaper ones.",
        "ko": "특정 채널에서 오르면 그 채널을 점검하고 더 저렴한 채널로 예산을 옮기세요.",
        "zh-TW": "若某管道上升，請檢視該管道，並把預算移到較便宜的管道。",
    },
    traps=({"en": "Sum costs and customers over the slice first, divide last."},),
    disputes=({"en": "Marketing cost only, or salaries and tools too."},),
    benchmarks=(Benchmark({"en": "about $45 in fashion"}, "a vendor's survey", "low"),),
    file="metrics/conversion/cac.yaml",
)
PAID = replace(
    CAC,
    id="cac@paid",
    names={key: f"{name} (paid)" for key, name in CAC.names.items()},
    variant_of="cac",
    variants=(),
    reading={"en": "Ad spend alone, over all new customers."},
)
CONVERSION = replace(
    CAC,
    id="conversion_rate",
    names={"en": "Conversion rate", "ko": "전환율", "zh-TW": "轉換率"},
    formula="converted / sessions",
    inputs={
        "converted": Input("converted", "web_sessions.converted", {"en": "conversions", "ko": "전환", "zh-TW": "轉換"}),
        "sessions": Input("sessions", "web_sessions.sessions", {"en": "sessions", "ko": "세션", "zh-TW": "工作階段"}),
    },
    unit="percent",
    direction="higher",
    benchmarks=(
        Benchmark(
            {"en": "5 % or more", "ko": "5% 이상", "zh-TW": "5% 以上"}, "a trade article", "no source stated", 0.05
        ),
    ),
    variants=(),
)
SPEND = replace(
    CAC,
    id="ad_spend",
    names={"en": "Ad spend", "ko": "광고비", "zh-TW": "廣告支出"},
    type="simple",
    formula="spend",
    inputs={"spend": Input("spend", "ad_performance.spend", {"en": "spend"}, "currency")},
    direction="neutral",
    stage="internal",
    variants=(),
)
REVENUE = replace(
    SPEND,
    id="sales_revenue",
    names={"en": "Sales revenue", "ko": "매출", "zh-TW": "銷售營收"},
    formula="revenue",
    inputs={"revenue": Input("revenue", "orders.revenue", {"en": "revenue"}, "currency")},
    direction="higher",
    stage="conversion",
)


MEASURES = ("spend", "non_salary", "new_customers", "converted", "sessions", "revenue")


def _model(name: str, *dimensions: str) -> Model:
    return Model(
        name=name,
        description=name,
        columns={},
        key=(),
        time="date",
        times={},
        dimensions=dimensions,
        measures={each: Measure(each, "count") for each in MEASURES},
    )


CATALOG = Catalog(
    metrics={each.id: each for each in (CAC, PAID, CONVERSION, SPEND, REVENUE)},
    models={
        "ad_performance": _model("ad_performance", "platform", "channel", "campaign", "region", "device"),
        "costs": _model("costs", "channel"),
        "orders": _model("orders", "channel", "campaign", "region", "device"),
        "web_sessions": _model("web_sessions", "channel", "device", "landing_page"),
    },
    dimensions={
        "channel": Dimension("channel", {"en": "channel", "ko": "채널", "zh-TW": "管道"}),
        "campaign": Dimension("campaign", {"en": "campaign", "ko": "캠페인", "zh-TW": "行銷活動"}),
        "region": Dimension("region", {"en": "region", "ko": "지역", "zh-TW": "地區"}),
    },
)


def change(
    basis: str,
    period: Period,
    value: float | None,
    current: float | None,
    verdict: Verdict | None,
    compared: Period = OCTOBER,
    notice: Notice | None = None,
) -> Change:
    moved = current - value if current is not None and value is not None else None
    ratio = moved / abs(value) if moved is not None and value else None
    usual = (value * 0.91, value * 1.09) if verdict == "same" and value else None
    return Change(basis, period, value, moved, ratio, verdict, compared, current, notice, usual)


def months_until(last: Period, values: list[float | None]) -> tuple[TrendPoint, ...]:
    points: list[TrendPoint] = []
    year, month = last.start.year, last.start.month
    for value in reversed(values):
        start = date(year, month, 1)
        end = date(year + month // 12, month % 12 + 1, 1)
        points.append(TrendPoint(Period(start, end, "month"), value, end <= date(2026, 11, 22)))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return tuple(reversed(points))


TREND = months_until(OCTOBER, [42.5, 41.9, 44.2, 43.1, 40.2, 39.9, 41.0, 42.2, 40.8, 39.5, 38.9, 39.1, 41.27])


def answer(metric: Metric = CAC, period: Period = OCTOBER, **given: object) -> Answer:
    """An answer of `metric`; whatever is not given is empty."""
    found: dict[str, object] = {
        "query": MetricQuery(metric.id, period, question=f"{metric.id} last-month"),
        "metric": metric,
        "currency": "USD",
        "complete": True,
        "value": None,
        "parts": {},
        "comparisons": (),
        "goal": None,
        "breakdown": None,
        "trend": (),
        "freshness": Freshness(date(2026, 11, 21), stale=False),
        "warnings": (),
        "definition": Definition(metric.formula, "3f9a", metric.reading["en"]),
    }
    return Answer(**(found | given))  # type: ignore[arg-type]  # keywords of a test


CAC_OCTOBER = answer(
    value=41.27,
    parts={"acquisition_cost": 12381.0, "new_customers": 300},
    comparisons=(
        change("previous_period", SEPTEMBER, 39.1, 41.27, "worse"),
        change("year_ago", YEAR_AGO, 42.5, 41.27, "better"),
    ),
    goal=GoalState(
        40.0,
        date(2026, 12, 31),
        "open",
        -1.8,
        "U012MINA1",
        period=NOVEMBER,
        value=38.2,
        complete=False,
        asked=Against(reached=False, gap=1.27),
    ),
    trend=TREND,
)


def _row(
    key: str | None, value: float | None, before: float | None, verdict: Verdict | None, cost: float
) -> BreakdownRow:
    parts = {"acquisition_cost": cost, "new_customers": round(cost / value) if value else 0}
    return BreakdownRow((key,), value, parts, (change("previous_period", SEPTEMBER, before, value, verdict),))


CAC_BY_CHANNEL = replace(
    CAC_OCTOBER,
    query=MetricQuery("cac", OCTOBER, dimensions=("channel",), question="cac last-month by channel"),
    breakdown=(
        _row("display", 61.4, 44.5, "worse", 4912.0),
        _row("social", 45.1, 45.0, "same", 2255.0),
        _row("search", 33.2, 34.9, "better", 4814.0),
        _row(None, 8.0, 8.2, "better", 400.0),
        _row("affiliates", None, 12.0, None, 0.0),
    ),
)
WITHOUT_SOCIAL = replace(
    CAC_OCTOBER,
    query=MetricQuery(
        "cac",
        OCTOBER,
        filters=(Filter("channel", ("social", None), excludes=True), Filter("device", ("mobile",))),
        question="cac on mobile excluding social",
        assumed=(Notice("reading.last_month", {"start": "2026-10-01", "end": "2026-10-31"}),),
    ),
    goal=None,
)
FIRST_DAYS = Period(date(2026, 11, 1), date(2026, 11, 22))
CAC_SO_FAR = replace(
    answer(period=NOVEMBER),
    value=43.9,
    complete=False,
    parts={"acquisition_cost": 9219.0, "new_customers": 210},
    comparisons=(
        change(
            "previous_period",
            Period(date(2026, 10, 1), date(2026, 10, 22)),
            40.2,
            43.9,
            "worse",
            FIRST_DAYS,
            Notice("notice.elapsed_only", {"days": 21}),
        ),
    ),
    goal=GoalState(
        40.0,
        date(2026, 12, 31),
        "at_risk",
        3.9,
        period=NOVEMBER,
        value=43.9,
        complete=False,
        asked=Against(reached=None, gap=3.9),
        landing=Landing(42.0, 38.5, 45.2, date(2026, 11, 30)),
        probability=0.23,
        required_rate=33.1,
        kind="rate",
        action="cap display bids",
    ),
    trend=months_until(NOVEMBER, [40.8, 39.5, 38.9, 39.1, 41.27, 43.9]),
    warnings=(
        Notice("warning.incomplete", {"through": "2026-11-21", "last": "2026-11-30"}),
        Notice("warning.lumpy_costs"),
    ),
)
NO_DATA = answer(
    freshness=Freshness(None, stale=False),
    parts={"acquisition_cost": None, "new_customers": None},
    warnings=(Notice("warning.table_missing", {"table": "orders"}),),
)
ZERO_DENOMINATOR = answer(
    parts={"acquisition_cost": 12381.0, "new_customers": 0},
    comparisons=(change("previous_period", SEPTEMBER, 39.1, None, None),),
    warnings=(Notice("warning.zero_denominator", {"part": "new_customers"}),),
)
CONVERSION_OCTOBER = answer(
    CONVERSION,
    value=0.0355,
    parts={"converted": 4402, "sessions": 124000},
    comparisons=(
        change("previous_period", SEPTEMBER, 0.0314, 0.0355, "better"),
        change("year_ago", YEAR_AGO, 0.0356, 0.0355, "same"),
    ),
    goal=GoalState(
        0.04,
        date(2027, 3, 31),
        "off_track",
        -0.0045,
        "Mina <Kim>",
        period=OCTOBER,
        value=0.0355,
        complete=True,
        asked=Against(reached=False, gap=-0.0045),
    ),
    trend=months_until(OCTOBER, [0.031, None, 0.0301, 0.0322, 0.0314, 0.0355]),
)
SPEND_OCTOBER = answer(
    SPEND,
    value=12381234.0,
    currency="KRW",
    parts={"spend": 12381234.0},
    comparisons=(
        change("previous_period", SEPTEMBER, 3868000.0, 12381234.0, "neutral"),
        change(
            "year_ago",
            YEAR_AGO,
            None,
            None,
            None,
            notice=Notice("notice.no_other", {"start": "2025-10-01", "end": "2025-10-31"}),
        ),
    ),
    trend=months_until(OCTOBER, [2.1e6, 3.3e6, 3868000.0, 12381234.0]),
)


def _money_row(key: str, value: float, before: float, verdict: Verdict, folded: int = 0) -> BreakdownRow:
    found = (change("previous_period", SEPTEMBER, before, value, verdict),)
    return BreakdownRow((key,), value, {"revenue": value}, found, folded)


REVENUE_BY_CAMPAIGN = answer(
    REVENUE,
    query=MetricQuery(
        "sales_revenue",
        OCTOBER,
        dimensions=("campaign",),
        filters=(Filter("region", ("kr", None)),),
        top=3,
        question="매출 지난달 캠페인별",
    ),
    currency="KRW",
    value=243_100_000.0,
    parts={"revenue": 243_100_000.0},
    comparisons=(change("previous_period", SEPTEMBER, 229_000_000.0, 243_100_000.0, "better"),),
    breakdown=(
        _money_row("추석 기획전 " + "아주 긴 이름 " * 12, 140_000_000.0, 120_000_000.0, "better"),
        _money_row(HOSTILE, 70_100_000.0, 80_000_000.0, "worse"),
        _money_row('=HYPERLINK("x")', 21_000_000.0, 20_000_000.0, "better"),
        _money_row("other", 12_000_000.0, 9_000_000.0, "better", folded=45),
    ),
    warnings=(Notice("warning.top_folded", {"shown": 3, "total": 48, "dimension": "campaign"}),),
)

EXAMPLES: dict[str, Answer] = {
    "cac": CAC_OCTOBER,
    "cac_by_channel": CAC_BY_CHANNEL,
    "cac_so_far": CAC_SO_FAR,
    "no_data": NO_DATA,
    "zero_denominator": ZERO_DENOMINATOR,
    "conversion_rate": CONVERSION_OCTOBER,
    "ad_spend": SPEND_OCTOBER,
    "revenue_by_campaign": REVENUE_BY_CAMPAIGN,
    "without_social": WITHOUT_SOCIAL,
}

WEEK = Period(date(2026, 11, 16), date(2026, 11, 23), "week")
WEEK_BEFORE = Period(date(2026, 11, 9), date(2026, 11, 16), "week")


def _week(metric: Metric, value: float, before: float, verdict: Verdict, goal: GoalState | None = None) -> SummaryLine:
    found = change("previous_period", WEEK_BEFORE, before, value, verdict, WEEK)
    told = answer(metric, WEEK, value=value, currency="KRW", comparisons=(found,), goal=goal)
    return SummaryLine(told, found)


_CAC_GOAL = GoalState(
    40000.0,
    date(2026, 12, 31),
    "off_track",
    1300.0,
    period=WEEK,
    value=41300.0,
    complete=True,
    asked=Against(reached=False, gap=1300.0),
)
_CAC_WEEK = _week(CAC, 41300.0, 39147.0, "worse", _CAC_GOAL)
_MONTH_GOAL = GoalState(
    300_000_000.0, date(2026, 12, 31), "open", -51e6, per="month", period=NOVEMBER, value=249e6, complete=False
)
_REVENUE_WEEK = _week(REVENUE, 81_500_000.0, 76_800_000.0, "better", _MONTH_GOAL)
SUMMARY = Summary(
    name="weekly",
    company="Hanok Goods",
    audience="manager",
    period=WEEK,
    week=47,
    lines=(
        _CAC_WEEK,
        _REVENUE_WEEK,
        _week(CONVERSION, 0.0355, 0.0314, "better"),
        _week(SPEND, 12_381_234.0, 12_330_000.0, "neutral"),
    ),
    tally=Tally(off_track=1, running=1),
    best=_REVENUE_WEEK,
    worst=_CAC_WEEK,
    chart=replace(CAC_OCTOBER, currency="KRW", trend=months_until(OCTOBER, [42500.0, 41900.0, 41300.0]), goal=None),
    actions=(Action(CAC, "Jun"),),
    data_through=date(2026, 11, 22),
    late=(Late((CONVERSION,), date(2026, 11, 20)), Late((SPEND,), None)),
    missing=(Missing(PAID, Notice("warning.table_empty", {"table": "orders"})),),
    more=3,
    extremes=Extremes(
        replace(REVENUE_BY_CAMPAIGN, query=replace(REVENUE_BY_CAMPAIGN.query, period=WEEK)),
        (_money_row("추석 기획전", 14e6, 12e6, "better"),),
        (_money_row(HOSTILE, 1.2e6, 2e6, "worse"),),
    ),
    sheet_url="https://docs.google.com/spreadsheets/d/1abc",
)
