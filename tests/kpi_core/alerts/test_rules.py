"""What each kind of rule says, and when it is over: small tables, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.alerts.all_rules import episodes_of, why_silent
from kpi_core.alerts.episode import Scope
from kpi_core.alerts.incident import Trace, has_one_cause, home_of
from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.health.facts import Finding, Health, SourceFacts
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert, Goal

from tables import engine_on

TODAY = date(2026, 11, 23)
"""A Monday."""


def scope_of(engine: Engine, since: date = TODAY - timedelta(days=35), health: Health | None = None) -> Scope:
    def ask(queries: Sequence[MetricQuery], day: date) -> Sequence[Answer]:
        return engine.answers(queries, datetime(day.year, day.month, day.day, 9, tzinfo=UTC))

    now = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
    return Scope(
        ask, engine.catalog, engine.settings.calendar, engine.goals(), health or engine.health(), engine.coverage(now),
        since, TODAY,
    )  # fmt: skip


def daily_ads(path: Path, spend: Mapping[int, float], goals: Sequence[Goal] = ()) -> Engine:
    """100 clicks a day for 100 until yesterday, 60 days long; `spend` names other amounts by how many days ago."""
    days = [
        {"date": TODAY - timedelta(days=ago), "channel": "search", "clicks": 100, "spend": spend.get(ago, 100.0)}
        for ago in range(60, 0, -1)
    ]
    return engine_on(path / "ads.duckdb", {"ad_performance": days}, goals=goals)


def ago(count: int) -> date:
    return TODAY - timedelta(days=count)


@pytest.mark.parametrize(
    ("rule", "spend", "spans"),
    [
        # One day past the limit, back the next.
        ({"above": 1.5}, {10: 160}, [(10, 9)]),
        # Back by less than the margin is not back.
        ({"above": 1.5, "margin": 0.1}, {10: 160, 9: 149, 8: 136, 7: 134}, [(10, 7)]),
        # Two in a row are wanted: a single day is none.
        ({"above": 1.5, "in_a_row": 2}, {20: 160, 10: 160, 9: 160}, [(9, 8)]),
        # It goes on.
        ({"above": 1.5}, dict.fromkeys(range(1, 6), 170), [(5, None)]),
        # Within the cool-down it is the same; after it another.
        ({"above": 1.5, "cool_down": 3}, {20: 160, 17: 160, 10: 160}, [(20, 16), (10, 9)]),
        ({"below": 0.5}, {10: 40}, [(10, 9)]),
        # 100 clicks are too few for a rule that wants 200.
        ({"above": 1.5, "least": 200}, {10: 160}, []),
    ],
)
def test_a_threshold_begins_and_ends(
    tmp_path: Path, rule: dict[str, float], spend: dict[int, float], spans: list[tuple[int, int | None]]
) -> None:
    """From the first day past the limit until one that is back by the margin."""
    alert = Alert("threshold", "C01", "cpc", per="day", **rule)  # type: ignore[arg-type]
    found = episodes_of(alert, scope_of(daily_ads(tmp_path, spend)))
    assert [(one.on, one.over) for one in found] == [(ago(on), over and ago(over)) for on, over in spans]


@pytest.mark.parametrize(
    ("side", "value", "usual", "on"), [("worse", 1.5, 1.0, 8), ("better", 1.0, 1.5, 1), ("both", 1.5, 1.0, 8)]
)
def test_a_change_is_news_on_its_side(tmp_path: Path, side: str, value: float, usual: float, on: int) -> None:
    """A dear week is worse, the fall after it better; each is held against the week before."""
    week = dict.fromkeys(range(8, 15), 150.0)
    alert = Alert("change", "C01", "cpc", per="week", change=0.2, side=side)  # type: ignore[arg-type]
    (episode,) = episodes_of(alert, scope_of(daily_ads(tmp_path, week)))
    assert (episode.value, episode.usual, episode.on) == (value, usual, ago(on))
    assert (episode.days.start, episode.days.days) == (ago(on + 6), 7)


def test_a_missed_goal_is_told_until_it_is_met(tmp_path: Path) -> None:
    """Ten dear days, then it is met again; who answers for it and what was wanted stand beside it."""
    goal = Goal("cpc", 1.1, date(2026, 12, 31), "U01")
    engine = daily_ads(tmp_path, dict.fromkeys(range(11, 21), 130.0), [goal])
    (episode,) = episodes_of(Alert("target_missed", "C01", "cpc"), scope_of(engine))
    assert (episode.on, episode.over, episode.goal, episode.usual) == (ago(20), ago(10), goal, 1.1)


def test_only_days_in_a_row_miss_a_goal_that_is_given_two(tmp_path: Path) -> None:
    """A dear day, a good one, a dear day are none; two dear days together are told, from the second on."""
    goal = Goal("cpc", 1.1, date(2026, 12, 31))
    rule = Alert("target_missed", "C01", "cpc", in_a_row=2)
    engine = daily_ads(tmp_path, dict.fromkeys((20, 18, 10, 9), 130.0), [goal])
    found = episodes_of(rule, scope_of(engine))
    assert [(one.on, one.over) for one in found] == [(ago(9), ago(8))]


def test_a_source_that_is_late_is_one_episode(tmp_path: Path) -> None:
    """Several findings of one source on days that meet are one; what has ended is over; other tables say nothing."""
    findings = (
        Finding("days_missing", "meta", "ad_performance", days=(ago(20), ago(18)), count=2),
        Finding("days_thin", "meta", "ad_performance", days=(ago(19), ago(15)), count=5, total=900),
        Finding("days_missing", "shop", "orders", days=(ago(3), date.max), count=3),
    )
    scope = scope_of(daily_ads(tmp_path, {}), health=Health(findings=findings))
    (own,) = episodes_of(Alert("stale", "C01", "cpc"), scope)
    assert (own.source, own.on, own.over, len(own.findings)) == ("meta", ago(20), ago(15), 2)
    every = episodes_of(Alert("stale", "C01"), scope)
    assert [(one.source, one.over) for one in every] == [("meta", ago(15)), ("shop", None)]


def test_a_bill_that_came_late_is_told(tmp_path: Path) -> None:
    """Rows of days long past that have come since: people have read other numbers, so the source is named."""
    bill = Finding("rows_added", "books", "ad_performance", days=(ago(40), ago(39)), count=3)
    scope = scope_of(daily_ads(tmp_path, {}), health=Health(findings=(bill,)))
    (episode,) = episodes_of(Alert("stale", "C01", "cpc"), scope)
    assert (episode.source, episode.findings, episode.over) == ("books", (bill,), None)


def test_a_table_that_stopped_is_told_without_loads(tmp_path: Path) -> None:
    """Tables filled outside have no health: how far they reach is enough."""
    days = [{"date": ago(back), "channel": "search", "clicks": 9, "spend": 9.0} for back in range(60, 4, -1)]
    engine = engine_on(tmp_path / "ads.duckdb", {"ad_performance": days})
    (episode,) = episodes_of(Alert("stale", "C01", "cpc"), scope_of(engine))
    assert (episode.source, episode.over) == ("ad_performance", None)


def loaded(day: date, hour: int = 18, last: date | None = None) -> Health:
    """The ads, loaded at an hour of a day."""
    at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return Health((SourceFacts("meta", "ad_performance", ago(60), last or day, 60, at),))


def test_half_a_day_is_no_fall(tmp_path: Path) -> None:
    """An export of six in the evening holds half of that day: it is judged once a later load has the whole of it."""
    engine = daily_ads(tmp_path, {1: 40.0})
    rule = Alert("threshold", "C01", "cpc", per="day", below=0.5)
    assert episodes_of(rule, scope_of(engine, health=loaded(ago(1)))) == []
    (episode,) = episodes_of(rule, scope_of(engine, health=loaded(TODAY, 6)))
    assert episode.on == ago(1)


def test_yesterday_may_come_late(tmp_path: Path) -> None:
    """After midnight nobody has yesterday's rows yet; a source is late when the day before is missing, too."""
    engine = daily_ads(tmp_path, {})
    rule = Alert("stale", "C01", "cpc")
    assert episodes_of(rule, scope_of(engine, health=loaded(ago(1), last=ago(2)))) == []
    (episode,) = episodes_of(rule, scope_of(engine, health=loaded(ago(1), last=ago(3))))
    assert (episode.source, episode.on) == ("meta", ago(2))


def test_a_rule_that_can_never_speak_up_is_told(tmp_path: Path) -> None:
    """Its split is not there, its KPI has no data, nobody set a goal: the reason is named, and the others go on."""
    scope = scope_of(daily_ads(tmp_path, {}))
    split = Alert("anomaly", "C01", "cpc", by="landing_page")
    assert episodes_of(split, scope) == []
    reasons = [
        why_silent(rule, scope, {"mrr"})
        for rule in (split, Alert("anomaly", "C01", "mrr"), Alert("target_missed", "C01", "cpc"), Alert("stale", "C01"))
    ]
    keys = [reason.key if reason else "" for reason in reasons]
    assert keys == ["alert.never_split", "alert.never_data", "alert.never_goal", ""]


def trace(kpi: str, first: int, moved: set[str], scope: dict[str, str] | None = None, **rest: object) -> Trace:
    pairs = tuple(sorted((scope or {}).items()))
    values: dict[str, object] = {"source": "", "over": None, "tables": frozenset({"ads"}), "missing": False} | rest
    return Trace("r", kpi, pairs, on=ago(first), first_day=ago(first), moved=frozenset(moved), scope=pairs, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "one_cause"),
    [
        (trace("cpm", 5, {"spend"}), True),
        (trace("cpm", 11, {"spend"}), True),
        (trace("cpm", 19, {"spend"}), False),
        (trace("ctr", 5, {"impressions"}), False),
        (trace("cpm", 5, {"spend"}, {"channel": "search"}), False),
        (trace("cpm", 5, {"spend"}, {"channel": "display"}), True),
        (trace("cpm", 5, {"spend"}, {"campaign": "a"}), True),
        (trace("", 6, set(), source="meta"), False),
    ],
)
def test_what_has_one_cause(other: Trace, one_cause: bool) -> None:
    """The same measure moved, at the same time, in segments that do not contradict each other."""
    own = trace("cpc", 5, {"spend"}, {"channel": "display"})
    assert has_one_cause(own, other) is one_cause
    assert has_one_cause(other, own) is one_cause


def test_of_several_incidents_the_nearest_is_home() -> None:
    """The one with the same segment comes before one that merely began at the same time."""
    far, near = trace("cpm", 5, {"spend"}), trace("cpm", 8, {"spend"}, {"channel": "display"})
    assert home_of(trace("cpc", 5, {"spend"}, {"channel": "display"}), [[far], [near]]) == 1
