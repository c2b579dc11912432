"""Alerts as executives, managers and specialists read them: what, how far, the cause, what to do, who acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from answer_examples import CAC_OCTOBER, change
from drawn_card import drawn, write_look

from bot.cards.alert import Reader, alert_card, alert_line, alert_words, digest_card
from bot.sandbox.slack.block_rules.problems import problems
from kpi_core.alerts.cause import Cause, FunnelStep
from kpi_core.alerts.episode import Episode, Segment
from kpi_core.alerts.incident import Explained, Incident
from kpi_core.answers import GoalStatus, Landing
from kpi_core.catalog import load_catalog
from kpi_core.dates.periods import Period
from kpi_core.health.facts import Finding
from kpi_core.metrics import LANGUAGES, Catalog
from kpi_core.query import Filter, MetricQuery
from kpi_core.reasons.why import Reason, Split, Why
from kpi_core.settings.values import Alert, AlertKind, Goal

from golden import matches_golden

DECEMBER = date(2026, 12, 31)
NOVEMBER_19 = date(2026, 11, 20)
MONTH = Period(date(2026, 11, 1), NOVEMBER_19, "span")
MONTH_BEFORE = Period(date(2026, 10, 1), date(2026, 10, 20), "span")
WEEK = Period(date(2026, 11, 9), date(2026, 11, 16), "week")
WEEK_BEFORE = Period(date(2026, 11, 2), date(2026, 11, 9), "week")
DAY = Period(date(2026, 11, 10), date(2026, 11, 11), "day")
SAME_DAYS = Period(date(2026, 10, 13), date(2026, 11, 4), "span")
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
SEPTEMBER = Period(date(2026, 9, 1), date(2026, 10, 1), "month")
REVENUE = Goal("sales_revenue", 72_000.0, DECEMBER, "U0MINA", per="month")
CAC = Goal("cac", 40.0, DECEMBER, "U0MINA", action="Cap the bids of display and review its landing page.")
CONVERSION = Goal("conversion_rate", 0.028, DECEMBER, "U0WEI")


def episode(
    when: AlertKind, kpi: str, days: Period, value: float, usual: float, segment: Segment = (), owner: str = ""
) -> Episode:
    rule = Alert(when, "C0123", kpi, owner=owner)
    return Episode(rule, kpi, segment, days.end - timedelta(days=1), days, value=value, usual=usual)


def of_goal(goal: Goal, days: Period, value: float, status: GoalStatus, landing: Landing | None = None) -> Episode:
    when: AlertKind = "target_missed" if landing is None and status == "off_track" else "target_at_risk"
    made = episode(when, goal.kpi, days, value, goal.target)
    chance = {"off_track": 0.01, "at_risk": 0.35}[status] if landing else None
    return replace(made, goal=goal, status=status, landing=landing, chance=chance)


def moved(one: Episode, base: Period, before: float, after: float, splits: tuple[Split, ...] = ()) -> Why:
    """The change that a cause takes apart."""
    filters = tuple(Filter(dimension, (value,)) for dimension, value in one.segment)
    answer = replace(
        CAC_OCTOBER, metric=CATALOG.metrics[one.kpi], query=MetricQuery(one.kpi, one.days, filters=filters), health=()
    )
    return Why(answer, change("period", base, before, after, None, one.days), splits, ())


def split(dimension: str, segment: str, rate: float, mix: float | None) -> tuple[Split, Reason]:
    reason = Reason(segment, rate, mix or 0.0)
    return Split(dimension, mix is not None, (reason,), 0.5), reason


CATALOG: Catalog = load_catalog()
SEARCH, BY_SEARCH = split("channel", "search", -4_747.0, None)
KOREA, BY_KOREA = split("region", "Korea", -0.0039, 0.0)
VIDEO, BY_VIDEO = split("channel", "video", 0.1, 0.9)
DISPLAY: Segment = (("channel", "display"),)
RUNNING = of_goal(REVENUE, MONTH, 41_003.0, "off_track", Landing(66_400.0, 63_900.0, 69_100.0, date(2026, 11, 30)))
AT_RISK = of_goal(CAC, MONTH, 39.2, "at_risk", Landing(40.9, 38.7, 43.3, date(2026, 11, 30)))
OVER = of_goal(REVENUE, OCTOBER, 68_700.0, "off_track")
LOST = episode("change", "churn_rate", SEPTEMBER, 0.12, 0.0401)
LATE = replace(
    episode("stale", "", WEEK, 0.0, 0.0),
    source="web_sessions",
    findings=(
        Finding("days_thin", "web_sessions", "web_sessions", days=(WEEK.start, WEEK.end), count=904, total=5_994),
    ),
)
FEW = episode("anomaly", "conversion_rate", WEEK, 0.0246, 0.031)
THIN = of_goal(CONVERSION, WEEK, 0.0268, "off_track")
DEAR = replace(episode("anomaly", "cpc", DAY, 1.21, 0.8, DISPLAY, "U0ALEX"), band=(0.58, 1.12))
SELDOM = episode("threshold", "ctr", DAY, 0.0109, 0.012)
MIXED = episode("change", "cpm", WEEK, 6.4, 5.2)


def told(one: Episode, cause: Cause, *others: Episode) -> Incident:
    return Incident(tuple(Explained(each, cause, frozenset()) for each in (one, *others)))


INCIDENTS = {
    "exec": (
        told(
            RUNNING,
            Cause(
                "segment",
                moved(RUNNING, MONTH_BEFORE, 46_974.0, 41_003.0, (SEARCH,)),
                SEARCH,
                BY_SEARCH,
                steps=(
                    FunnelStep("orders", "", 472.0, 439.0, -3_165.0),
                    FunnelStep("revenue", "orders", 99.5, 93.4, -2_806.0),
                ),
            ),
        ),
        told(AT_RISK, Cause("unknown")),
        told(OVER, Cause("unknown")),
    ),
    "manager": (
        told(
            LOST,
            Cause(
                "everywhere",
                moved(LOST, Period(date(2026, 8, 1), date(2026, 9, 1), "month"), 0.0401, 0.12, (KOREA,)),
                steps=(
                    FunnelStep("customers_lost", "", 29.0, 93.0, 0.081),
                    FunnelStep("customers_start", "", 723.0, 775.0, -0.002),
                ),
            ),
        ),
        told(LATE, Cause("source", findings=LATE.findings), FEW),
        told(
            THIN,
            Cause(
                "segment",
                moved(THIN, WEEK_BEFORE, 0.0309, 0.0268, (KOREA,)),
                KOREA,
                BY_KOREA,
                steps=(FunnelStep("conversions", "", 185.0, 160.0, -0.0041),),
            ),
        ),
    ),
    "specialist": (
        told(
            DEAR,
            Cause(
                "everywhere",
                moved(DEAR, SAME_DAYS, 0.8, 1.21),
                steps=(FunnelStep("ad_spend", "", 90.4, 134.0, 0.4), FunnelStep("clicks", "", 113.0, 111.0, 0.01)),
            ),
        ),
        told(SELDOM, Cause("unknown")),
        told(MIXED, Cause("segment", moved(MIXED, WEEK_BEFORE, 5.2, 6.4, (VIDEO,)), VIDEO, BY_VIDEO, by_weight=True)),
    ),
}
"""What each of them is told of, the gravest first."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("audience", INCIDENTS)
def test_an_alert_reads_as_reviewed(audience: str, language: str) -> None:
    """Each in half a minute: at most seven lines of a few words, all of them in the text alone, too; nothing is cut."""
    reader, cards = Reader(language, CATALOG, "USD"), []
    for number, incident in enumerate(INCIDENTS[audience]):
        card, words = alert_card(incident, reader, "8hxver4g"), alert_words(incident, reader)
        assert problems(card.blocks) == []
        assert len(words.text) <= 7
        assert max(map(len, words.text)) <= 160
        assert all(line in card.text for line in words.text)
        assert "…" not in card.text
        write_look(f"alert_{audience}_{number}.{language}", card)
        cards.append(drawn(card))
    lines = [alert_line(incident, reader) for incident in INCIDENTS[audience]]
    cards.append(drawn(digest_card(lines, language, "8hxver4g")))
    matches_golden(f"cards/alerts_{audience}.{language}.txt", "\n\n".join(cards))
