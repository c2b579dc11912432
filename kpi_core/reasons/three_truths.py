"""What ads brought in, by all who claim it: the platforms, the order's own channel, and the touches before a sale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kpi_core.answers import Answer
from kpi_core.errors import QuestionError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from kpi_core.query import MetricQuery

ROAS, UNTOUCHED = "roas", "untouched_sales"
WAYS = ("roas", "roas@last_click", "roas@first_touch", "roas@last_touch")
"""The readings, from what platforms claim to what the firm's own sales say."""
REVENUE, SPEND = "attributed_revenue", "ad_spend"
LOOK_BACK_DAYS = 90
"""How long before a sale a touch may lie; `credited_sales` is made by it."""


@frozen
class Truths:
    """`ways` are the answers by reading, in the order of `WAYS`; `untouched` that of sales without a touch."""

    ways: tuple[Answer, ...]
    untouched: Answer | None

    @property
    def claimed(self) -> Answer:
        return self.ways[0]

    @property
    def over_claim(self) -> float | None:
        """How many times what the last touch credits the platforms claim; None where either is not known.

        Both are over the same spend, so the factor needs no amounts.
        """
        credited = next((answer.value for answer in self.ways if answer.metric.id == WAYS[-1]), None)
        return None if self.claimed.value is None or not credited else self.claimed.value / credited


def three_truths(
    ask: Callable[[Sequence[MetricQuery]], Sequence[Answer]], may_see: Callable[[str], bool], query: MetricQuery
) -> Truths:
    """The readings of one question. QuestionError for another KPI than ROAS; a reading that is limited is left out."""
    if query.metric.partition("@")[0] != ROAS:
        message, hint = say("en", "error.three_ways"), say("en", "error.three_ways_hint")
        params = {"hint": "error.three_ways_hint"}
        raise QuestionError(message, code="three_ways", hint=hint, suggestions=("roas three ways",), params=params)
    plain = replace(query, comparisons=(), dimensions=(), trended=False, top=None, order=None)
    ways = [metric for metric in WAYS if metric == ROAS or may_see(metric)]
    narrowed = all(clause.dimension in {"channel", "campaign"} for clause in query.filters)
    metrics = [*ways, *([UNTOUCHED] if may_see(UNTOUCHED) and not query.filters else [])]
    if not narrowed:
        metrics = [metric for metric in metrics if metric in WAYS[:2]]
    answers = ask([replace(plain, metric=metric) for metric in metrics])
    by_way = dict(zip(metrics, answers, strict=True))
    return Truths(tuple(by_way[name] for name in metrics if name in WAYS), by_way.get(UNTOUCHED))
