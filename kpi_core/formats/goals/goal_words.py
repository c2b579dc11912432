"""What is foreseen of a goal in a reader's words: where it lands, how likely that is, what it still takes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpi_core.formats.numbers import percent_text, value_text
from kpi_core.formats.periods import date_text
from kpi_core.phrases import say

if TYPE_CHECKING:
    from datetime import date

    from kpi_core.answers import GoalState
    from kpi_core.goals.check_ins import CheckIn
    from kpi_core.goals.smart import Remark
    from kpi_core.metrics import Metric

ENDANGERED = frozenset({"at_risk", "off_track"})


def landing_text(goal: GoalState, metric: Metric, currency: str, language: str) -> str:
    """Where it lands, with the share of the target where the number is a sum; empty where nothing is foreseen.

    Such as "lands at $68.1K ($66.7K to $69.7K), 95% of goal".
    """
    if goal.landing is None:
        return ""
    landing = goal.landing
    numbers = (_whole(each, metric) for each in (landing.value, landing.low, landing.high))
    value, low, high = (value_text(number, metric, currency, language) for number in numbers)
    words = say(language, "goal.lands", value=value, low=low, high=high)
    if goal.kind == "level":
        words = say(
            language, "goal.lands_on", landing=words, day=date_text(landing.on, language, year=False, short=True)
        )
    share = share_text(goal, language)
    return say(language, "goal.of_goal", landing=words, share=share) if share else words


def _whole(value: float, metric: Metric) -> float:
    """Nobody wins a third of a customer."""
    return float(round(value)) if metric.unit == "count" else value


def share_text(goal: GoalState, language: str) -> str:
    """The landing figure as a share of the target, of sums; else empty."""
    if goal.landing is None or goal.kind != "sum" or goal.target <= 0:
        return ""
    return percent_text(goal.landing.value / goal.target, language, "axis")


def prospect_lines(goal: GoalState, metric: Metric, currency: str, language: str) -> Iterator[str]:
    """The landing, its probability, and of a goal in danger what it takes and what was agreed; or why nothing is."""
    if landing := landing_text(goal, metric, currency, language):
        yield landing
        if goal.probability is not None and goal.status != "met":
            yield say(language, "goal.likely", share=percent_text(goal.probability, language, "axis"))
    if goal.unforeseen and goal.status != "no_data":
        yield say(language, f"goal.unforeseen_{goal.unforeseen}")
    if goal.status in ENDANGERED and goal.landing is not None and (goal.required_rate or 0) > 0:
        rate = value_text(goal.required_rate, metric, currency, language)
        yield say(language, f"goal.needs_{goal.kind}", rate=rate)
    if goal.status in ENDANGERED and goal.action:
        yield say(language, "goal.agreed", action=goal.action)


def remark_text(remark: Remark, language: str) -> str:
    """What is wrong with how a goal was set, such as "needs +38%, your best quarter was +12%"."""
    if remark.flaw != "beyond_best":
        return say(language, f"goals_command.{remark.flaw}")
    needs, best = (_signed(each, language) for each in (remark.needs, remark.best))
    if remark.steps == 1:
        grain = say(language, f"goals_command.grain_{remark.grain}")
        return say(language, "goals_command.beyond_best", needs=needs, best=best, grain=grain)
    grain = say(language, f"goals_command.grains_{remark.grain}")
    return say(language, "goals_command.beyond_best_of", needs=needs, best=best, grain=grain, count=remark.steps)


def check_in_text(check_in: CheckIn, language: str, day: date) -> str:
    """The owner's last word: "confidence 7/10 on 26 Nov: two deals are late"; `day` is its local date."""
    key = "goals_command.check_in_note" if check_in.note else "goals_command.check_in"
    on = date_text(day, language, year=False, short=True)
    return say(language, key, confidence=check_in.confidence, day=on, note=check_in.note)


def _signed(change: float, language: str) -> str:
    text = percent_text(abs(change), language, "axis")
    if text == percent_text(0.0, language, "axis"):
        return text
    return f"{'+' if change > 0 else '-'}{text}"
