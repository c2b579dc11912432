"""The tabs as people see them, from hand-made answers."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_side import CATALOG, KPIS, TODAY, VALUES, drawn, goal, material, settings

from bot.cards.catalogue import by_stage, stage_name
from kpi_core.answers import BreakdownRow, HealthNote
from kpi_core.errors import SettingsError
from kpi_core.formats.findings import finding_text
from kpi_core.health.facts import Finding
from kpi_core.metrics import STAGES
from kpi_core.phrases import say
from kpi_core.settings.values import TABS
from kpi_core.signals.outlook import Outlook, Unforeseen
from sheets_sync.sandbox.notation.number_patterns import display_text
from sheets_sync.tabs.build import build_tabs
from sheets_sync.tabs.cells import Cell, Day, Number, NumberFormat, Text, entered
from sheets_sync.tabs.goals.goal_rows import GoalsRead
from sheets_sync.tabs.goals.settling import with_seeds
from sheets_sync.tabs.number_formats import change_cell, money_format, points_format, without_cents
from sheets_sync.tabs.overview import sparkline
from sheets_sync.tabs.queries import queries_for, shown_kpis
from sheets_sync.tabs.tab import Tab, width_of

from golden import matches_golden

GOALS = (goal("cac", 40000.0, "mina"), goal("roas", 3.0, channel="search"), goal("sales_revenue", 2.5e8))


def tab_of(block: str, locale: str = "en", **changes: object) -> Tab:
    given_goals = changes.pop("goals", GOALS)
    assert isinstance(given_goals, tuple)
    read, seeds = with_seeds(GoalsRead(), given_goals, frozenset())
    (tab,) = build_tabs([block], material(locale, given_goals, **changes), read, seeds)  # type: ignore[arg-type]
    return tab


@pytest.mark.parametrize(
    "block", ["overview", "goals", "trends", "trends_daily", "channels", "funnel", "cohorts", "dictionary"]
)
@pytest.mark.parametrize("locale", ["en", "ko", "zh-TW"])
def test_every_tab_reads_as_drawn(block: str, locale: str) -> None:
    """A reviewer sees each tab in each language as text, with the formats its numbers wear."""
    matches_golden(f"sheets/{block}.{locale}.txt", drawn(tab_of(block, locale)))


@pytest.mark.parametrize("block", TABS)
def test_every_tab_that_kpi_yaml_may_name_is_made(block: str) -> None:
    """What the settings let through, the sync can build."""
    assert tab_of(block).block == block


def test_the_journey_has_one_order() -> None:
    """The Overview and the list of KPIs show the stages in the same order."""
    one_each = {stage: replace(KPIS[0], id=stage, stage=stage) for stage in reversed(STAGES)}
    catalog = replace(CATALOG, metrics=one_each)
    listed = [stage for stage, _kpis in by_stage(catalog, {})]
    whole = replace(material("en"), catalog=catalog, kpis=tuple(one_each.values()))
    (overview,) = build_tabs(["overview"], whole)
    headings = [row[0] for row in overview.rows if row[0] in {Text(stage_name(stage, "en")) for stage in STAGES}]
    assert headings == [Text(stage_name(stage, "en")) for stage in listed]


def test_the_overview_shows_the_last_complete_month() -> None:
    """On 23 November the Overview shows October; November so far stands in columns of its own, with its days."""
    queries = queries_for(["overview"], settings(), CATALOG, TODAY, KPIS)
    months = [(query.period.start.isoformat(), query.period.end.isoformat()) for query in queries]
    assert months == [("2026-10-01", "2026-11-01")] * len(KPIS) + [("2026-11-01", "2026-12-01")] * len(KPIS)
    whole = material("en")
    running = {
        query: replace(answer, value=1.0) for query, answer in whole.answers.items() if query.period.start.month == 11
    }
    (tab,) = build_tabs(["overview"], replace(whole, answers={**whole.answers, **running}))
    row = by_column(tab)["Return on ad spend"]
    assert (row["value"], row["to_date"]) == (Number(3.1, ROAS), Number(1.0, ROAS))


ROAS = NumberFormat("NUMBER", '#,##0.00"×"')


def by_column(tab: Tab) -> dict[str, dict[str, Cell]]:
    """The cells of each row by its name and their column."""
    keys = [column.key for column in tab.columns]
    return {str(getattr(row[0], "text", "")): dict(zip(keys, row, strict=True)) for row in tab.rows if row[0]}


def test_what_executives_look_at_comes_first_and_money_above_all() -> None:
    """Their KPIs head the Overview, amounts of money before rates; each KPI has one row."""
    tab = tab_of("overview", audiences={"exec": ("roas", "sales_revenue", "cac"), "manager": ("bounce_rate",)})
    names = [row[0] for row in tab.rows[tab.header + 1 :]]
    assert names[:4] == [Text("Executives"), Text("Sales revenue"), Text("Customer acquisition cost"),
                         Text("Return on ad spend")]  # fmt: skip
    assert len(names) == len(set(names))


@pytest.mark.parametrize("block", ["overview", "trends", "channels", "regions", "cohorts", "dictionary"])
def test_no_column_is_empty(block: str) -> None:
    """A column of which no row has anything is not there: of a KPI without data, or goals where there are none."""
    for tab in (tab_of(block), tab_of(block, goals=())):
        for index, column in enumerate(tab.columns):
            assert any(entered(row[index]) for row in tab.rows[tab.header + 1 :]), column.key


@pytest.mark.parametrize(("block", "name"), [("channels", "Unattributed"), ("regions", "Unknown")])
def test_what_nobody_brought_in_comes_last_and_is_called_so(block: str, name: str) -> None:
    """Above the total, below all others."""
    assert [row[0] for row in tab_of(block).rows[-2:]] == [Text(name), Text("Total")]


def test_a_tab_says_that_the_rest_is_folded_where_there_is_one() -> None:
    """Of 60 campaigns the line tells of 50; of three channels there is nothing to tell."""
    whole = material("en")
    rest = BreakdownRow((None,), 5.0, {}, (), folded=10)
    many = {
        query: replace(answer, breakdown=(*answer.breakdown, rest)) if answer.breakdown else answer
        for query, answer in whole.answers.items()
    }
    lines = [build_tabs(["channels"], each)[0].rows[1][0] for each in (whole, replace(whole, answers=many))]
    assert lines[0] == Text("October 2026 against September 2026")
    assert lines[1] == Text("October 2026 against September 2026 · the 50 largest, the rest folded")


def test_one_unit_for_value_goal_and_gap() -> None:
    """Money without cents where it is large; the gap of a rate in points, as far as it takes to see it."""
    goals = (goal("conversion_rate", 0.0315), goal("cac", 42000.0), goal("roas", 3.0))
    rows = by_column(tab_of("overview", goals=goals, currency="USD"))
    assert rows["Conversion rate"]["gap"] == Number(-0.03, points_format("en", 2))
    assert rows["Conversion rate"]["goal"] == Number(0.0315, NumberFormat("PERCENT", "0.00%"))
    dollars = [rows["Customer acquisition cost"][key] for key in ("value", "previous", "goal")]
    assert dollars == [Number(value, NumberFormat("CURRENCY", '"$"#,##0')) for value in (41268.37, 39110.0, 42000.0)]
    assert rows["Customer acquisition cost"]["gap"] == Number(
        41268.37 - 42000.0, NumberFormat("CURRENCY", '+"$"#,##0;-"$"#,##0;"$"#,##0')
    )


def test_status_gap_and_landing_speak_of_the_same_days() -> None:
    """October was at 41,268 and November stands at 39,000: the goal of 40,000 is on track, with 1,000 to spare."""
    whole = material("en", (goal("cac", 40000.0),))
    lands = Outlook("rate", date(2026, 11, 22), date(2026, 11, 30), 39000.0, 30000.0, 9500.0, 0.05)
    running = {
        query: replace(answer, value=39000.0, outlook=lands)
        for query, answer in whole.answers.items()
        if (query.metric, query.period.start.month) == ("cac", 11)
    }
    answers = {**whole.answers, **running}
    (overview,) = build_tabs(["overview"], replace(whole, answers=answers))
    row = by_column(overview)["Customer acquisition cost"]
    won = NumberFormat("CURRENCY", '"₩"#,##0')
    assert row["gap"] == Number(-1000.0, NumberFormat("CURRENCY", '+"₩"#,##0;-"₩"#,##0;"₩"#,##0'))
    assert (row["value"], row["landing"]) == (Number(41268.37, won), Number(39500.0, won))
    assert (row["status"], row["measured"]) == (Text("on track"), Text("November 2026 so far"))


def test_a_goal_says_where_it_lands_how_likely_that_is_and_what_it_takes() -> None:
    """Of a sum so much a day, of a rate a rate in the days left; nothing where nobody can tell."""
    goals = (goal("sales_revenue", 2.5e8), goal("conversion_rate", 0.05), goal("roas", 3.0))
    whole = material("en", goals)
    outlooks: dict[str, Outlook | Unforeseen] = {
        "sales_revenue": Outlook("sum", date(2026, 11, 20), date(2026, 11, 30), 2.0e8, 2.0e8, 4.0e7, 0.1),
        "conversion_rate": Outlook(
            "rate", date(2026, 11, 20), date(2026, 11, 30), 0.0312, 0.0208, 0.0104, 0.1, weight=0.5
        ),
        "roas": "short_history",
    }
    answers = {query: replace(each, outlook=outlooks.get(query.metric)) for query, each in whole.answers.items()}
    read, seeds = with_seeds(GoalsRead(), goals, frozenset())
    (tab,) = build_tabs(["goals"], replace(whole, answers=answers), read, seeds)
    rows = by_column(tab)
    revenue, rate, roas = (rows[name] for name in ("Sales revenue", "Conversion rate", "Return on ad spend"))
    won, percent = NumberFormat("CURRENCY", '"₩"#,##0'), NumberFormat("PERCENT", "0.0%")
    assert (revenue["landing"], revenue["required"]) == (Number(2.4e8, won), Number(5e6, won))
    assert revenue["probability"] == Number(pytest.approx(0.013, abs=0.01), NumberFormat("PERCENT", "0%"))
    assert (rate["landing"], rate["required"]) == (Number(0.0312, percent), Number(pytest.approx(0.0688), percent))
    assert [entered(roas[key]) for key in ("landing", "probability", "required")] == [{}, {}, {}]
    assert (rate["gap"], revenue["status"]) == (Number(-1.9, points_format("en")), Text("off track"))


@pytest.mark.parametrize(("locale", "words"), [("en", "no cost"), ("ko", "비용 없음"), ("zh-TW", "無成本")])
def test_a_channel_that_costs_nothing_says_so_and_holds_0(locale: str, words: str) -> None:
    """No $0.00 as if it were the cheapest: words, where the cell holds the 0 of the definition; of revenue 0 is 0."""
    whole = material(locale, currency="USD")
    free = {
        query: replace(answer, breakdown=(BreakdownRow(("direct",), 0.0, {}, ()), *(answer.breakdown or ())))
        for query, answer in whole.answers.items()
        if query.dimensions == ("channel",)
    }
    (tab,) = build_tabs(["channels"], replace(whole, answers={**whole.answers, **free}))
    row = by_column(tab)["direct"]

    def shown_of_0(pattern: str) -> str:
        return display_text(0.0, {"type": "CURRENCY", "pattern": pattern})

    patterns = {key: cell.format.pattern for key, cell in row.items() if isinstance(cell, Number) and cell.format}
    assert shown_of_0(patterns["cac"]) == words
    assert shown_of_0(patterns["sales_revenue"]) != words
    assert row["cac"] == Number(0.0, NumberFormat("CURRENCY", patterns["cac"]))


def test_cents_stand_where_all_amounts_are_small() -> None:
    """$40.37 has them, $75,600 has none; one format for what is compared."""
    dollars = money_format("USD", "en")
    assert without_cents(dollars, [40.37, None]) == dollars
    assert without_cents(dollars, [40.37, 1000.0]).pattern == '"$"#,##0'
    assert without_cents(NumberFormat("PERCENT", "0.0%"), [4000.0]).pattern == "0.0%"


@pytest.mark.parametrize("block", ["overview", "trends", "funnel"])
@pytest.mark.parametrize("locale", ["en", "ko", "zh-TW"])
def test_the_first_screen_holds_what_matters(block: str, locale: str) -> None:
    """Of 1,280 pixels: the charts that come first, and in the Overview all through the gap to the goal."""
    tab = tab_of(block, locale)
    seen = 1280 - 46
    left = [0]
    for column in tab.columns:
        left.append(left[-1] + column.width)
    assert tab.charts
    for chart in tab.charts[:5] if block == "overview" else tab.charts[:3]:
        assert left[chart.column] + chart.x + chart.width <= seen
    if block == "overview":
        assert left[[column.key for column in tab.columns].index("gap") + 1] <= seen


@given(st.lists(st.text(max_size=60), max_size=5))
def test_a_name_is_as_wide_as_its_letters_up_to_a_limit(names: list[str]) -> None:
    """Wider texts never make a narrower column, and none is wider than is asked."""
    widths = [width_of(names[:count], 160, 320) for count in range(len(names) + 1)]
    assert widths == sorted(widths)
    assert set(widths) <= {160, 200, 240, 280, 320}


def test_a_goal_is_asked_for_the_period_that_its_target_is_meant_for() -> None:
    """A quarter's revenue target stands by the quarter so far."""
    quarter = replace(goal("sales_revenue", 7e8), per="quarter")
    (query,) = queries_for(["goals"], settings(), CATALOG, TODAY, KPIS, [quarter])
    assert (query.period.start, query.period.end) == (date(2026, 10, 1), date(2027, 1, 1))


def test_no_data_is_an_empty_cell_with_the_reason_beside() -> None:
    """A KPI without its table shows no number at all, and its status says which table is missing."""
    row = next(row for row in tab_of("overview").rows if row[0] == Text("Churn rate"))
    assert [cell for cell in row if isinstance(cell, Number) and cell.value is not None] == []
    assert Text("No data: the table subscriptions is not loaded yet.") in row
    assert Day(None) in row


def test_a_number_whose_data_lacks_something_says_so_and_gets_no_verdict() -> None:
    """Without the agency's bill CAC's status names what is missing, whatever its goal would say."""
    bill = Finding("not_entered", "books", "costs", "category", "agency", (date(2026, 10, 1), date.max))
    whole, notes = material("en", GOALS), (HealthNote(bill, "period", incomplete=True),)
    answers = {
        query: replace(answer, health=notes if query.metric == "cac" else ()) for query, answer in whole.answers.items()
    }
    read, seeds = with_seeds(GoalsRead(), GOALS, frozenset())
    overview, goals = build_tabs(["overview", "goals"], replace(whole, answers=answers), read, seeds)
    row = next(row for row in overview.rows if row[0] == Text("Customer acquisition cost"))
    assert Text(finding_text(bill, "en")) in row
    assert Text(say("en", "goal.off_track")) not in row
    cac = next(row for row in goals.rows if row[0] == Text("Customer acquisition cost"))
    assert Text(say("en", "goal.open")) in cac


def test_the_funnel_says_its_bottleneck_in_words() -> None:
    """Above the table, in a sentence with its share."""
    assert "bottleneck: 25% of Leads became Qualified leads" in str(tab_of("funnel").rows[1][0])


def test_the_funnel_names_the_step_where_most_are_lost() -> None:
    """Of 200 leads 50 qualify and 40 are accepted: the first step is the bottleneck."""
    rows = tab_of("funnel").rows
    remarks = {row[0]: row[-1] for row in rows[3:]}
    assert remarks == {
        Text("Leads"): Text(""),
        Text("Qualified leads"): Text("bottleneck"),
        Text("Accepted leads"): Text(""),
    }


def test_only_kpis_that_have_the_dimension_stand_in_its_tab() -> None:
    """Churn has no channel and CAC no region, so neither column is made."""
    assert [column.key for column in tab_of("regions").columns] == ["region", "sales_revenue", "sales_revenue_change"]
    assert "churn_rate" not in [column.key for column in tab_of("channels").columns]


def test_the_total_row_is_last_and_equals_the_overview() -> None:
    """The total of a split is the KPI's own value, not a sum of rates."""
    last = tab_of("channels").rows[-1]
    assert last[0] == Text("Total")
    cells = dict(zip((column.key for column in tab_of("channels").columns), last, strict=True))
    for kpi in ("cac", "roas"):
        total = cells[kpi]
        assert isinstance(total, Number)
        assert total.value == VALUES[kpi][0]


def test_the_kpis_shown_are_those_of_the_audiences_else_all_available() -> None:
    """A team that lists its KPIs sees those and no others, available or not."""
    listed = settings(audiences={"exec": ("roas", "cac"), "manager": ("cac", "churn_rate")})
    assert [kpi.id for kpi in shown_kpis(listed, CATALOG, lambda: {kpi.id for kpi in CATALOG.kpis()})] == [
        "roas",
        "cac",
        "churn_rate",
    ]
    assert [kpi.id for kpi in shown_kpis(settings(), CATALOG, lambda: {"churn_rate"})] == [
        kpi.id for kpi in CATALOG.kpis() if kpi.id != "churn_rate"
    ]


def test_an_unknown_tab_is_refused_with_the_nearest_name() -> None:
    """A slip in kpi.yaml names the tab that was meant."""
    with pytest.raises(SettingsError, match="overvew") as refused:
        build_tabs(["overvew"], material())
    assert refused.value.code == "unknown_tab"
    assert refused.value.problems[0].hint == "Did you mean overview?"


def test_rates_move_in_points_and_amounts_in_percent() -> None:
    """3.12 % after 2.74 % is +0.4 points; 41,268 after 39,110 is +5.5 %."""
    tab = tab_of("overview")
    rows = {row[0]: dict(zip((column.key for column in tab.columns), row, strict=True)) for row in tab.rows}
    rate, amount = rows[Text("Conversion rate")]["year_change"], rows[Text("Customer acquisition cost")]["change"]
    assert isinstance(rate, Number)
    assert isinstance(amount, Number)
    assert rate.value == pytest.approx(0.4)
    assert rate.format
    assert "pp" in rate.format.pattern
    assert amount.value == pytest.approx(0.0552, abs=1e-4)


@given(st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True), max_size=13))
def test_a_sparkline_reads_the_same_in_every_locale(values: list[float | None]) -> None:
    """Whatever the values, the formula holds whole numbers and semicolons alone, or there is none."""
    formula = sparkline(values)
    known = [value for value in values if value is not None and math.isfinite(value)]
    if formula is None:
        assert len(known) < 2 or not math.isfinite(max(known) - min(known))
        return
    inner = formula.text.removeprefix("=SPARKLINE({").removesuffix("})")
    heights = [int(height) for height in inner.split(";")]
    assert len(heights) == len(known)
    assert min(heights) >= 0
    assert max(heights) <= 1000


@pytest.mark.parametrize(
    ("kpi", "now", "then", "news", "plain"),
    [
        ("conversion_rate", 0.01534, 0.01521, '0.01 +0.00" pp"', '0.0 +0.0" pp"'),
        ("conversion_rate", 0.0192, 0.0152, '0.4 +0.0" pp"', '0.4 +0.0" pp"'),
        ("conversion_rate", 0.0152, 0.0152, '0.0 +0.0" pp"', '0.0 +0.0" pp"'),
        ("sales_revenue", 10_002.0, 10_000.0, "0.0002 +0.00%", "0.0 +0.0%"),
        ("sales_revenue", 11_000.0, 10_000.0, "0.1 +0.0%", "0.1 +0.0%"),
    ],
)
def test_news_is_no_change_of_nothing(kpi: str, now: float, then: float, news: str, plain: str) -> None:
    """Beside "better" or "worse" a change has as many decimals as show it; else what rounds to nothing is nothing."""
    for is_news, shown in ((True, news), (False, plain)):
        cell = change_cell(CATALOG.metrics[kpi], (now, then), now / then - 1, "en", is_news=is_news)
        assert cell.value is not None
        assert cell.format is not None
        assert f"{round(cell.value, 6)} {cell.format.pattern.partition(';')[0]}" == shown
