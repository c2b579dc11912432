"""kpi reconcile: a number of another tool held against ours, the difference taken apart."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from bot.commands.call import Call
from kpi_core.errors import UsageError
from kpi_core.formats.answer_json import period_json
from kpi_core.formats.movements import moves_by_points
from kpi_core.formats.notices import notice_text
from kpi_core.formats.numbers import points_text, value_text, worth_text
from kpi_core.formats.periods import period_label
from kpi_core.loading.money.rates import ecb_rates
from kpi_core.phrases import say
from kpi_core.review.reconciliation import Claim, Reconciliation, reconcile
from kpi_core.settings.rules import timezone
from kpi_core.settings.values import ECB
from sheets_sync.tabs.typed import TypedError, target_typed

if TYPE_CHECKING:
    from kpi_core.query import MetricQuery

_HINT = "For instance: kpi reconcile roas 4.1 meta october --vat with"


def run_reconcile(call: Call) -> int:
    """Take a difference apart: `kpi reconcile roas 4.1 meta last-month --vat with --read 2026-11-03`.

    --json: `{"kpi", "period", "source", "theirs", "ours", "steps": [{"cause", "amount"}], "residual", "unknown"}`;
    theirs + the amounts - residual is ours.
    """
    options = call.options
    query = call.workspace.question(" ".join([options.kpi, *options.period]), call.now())
    claim = _claim(call, query)
    workspace = call.workspace
    result = reconcile(workspace.settings, workspace.catalog, workspace.warehouse, query, claim, call.now())
    if call.as_json:
        call.show_json(reconciliation_json(result, call.language))
        return 0
    from bot.terminal.text import WIDTH, wrapped

    call.show("\n".join(line for text in reconciliation_lines(result, call.language) for line in wrapped(text, WIDTH)))
    return 0


def _claim(call: Call, query: MetricQuery) -> Claim:
    options: Namespace = call.options
    metric = call.workspace.catalog.metrics[query.metric]
    try:
        value = target_typed({"stringValue": options.number}, metric, call.language)
    except TypedError as error:
        raise UsageError(notice_text(error.notice, call.language), code="usage", hint=_HINT) from error
    if options.currency and metric.unit == "currency":
        value *= float(_rate(call, query, options.currency))
    if options.zone and (problem := timezone(options.zone)) is not None:
        raise UsageError(f"{problem[0]}.", code="usage", hint=problem[1])
    try:
        read_on = date.fromisoformat(options.read) if options.read else None
    except ValueError:
        raise UsageError(f"{options.read} is no day.", code="usage", hint="Write --read 2026-11-03.") from None
    return Claim(value, options.source, options.vat, options.zone, read_on, options.before_refunds)


def _rate(call: Call, query: MetricQuery, currency: str) -> Fraction:
    """What an amount in a currency is worth in the firm's on the last day of the period."""
    own, last = call.workspace.settings.currency, query.period.end - timedelta(days=1)
    rates = ecb_rates({own, currency}) if call.workspace.settings.rates == ECB else None
    rate = rates.factor(currency, own, last) if rates is not None and currency != own else None
    if currency == own:
        return Fraction(1)
    if rate is None:
        message = f"There is no rate from {currency} to {own} for {last}."
        raise UsageError(message, code="reconcile_rate", hint=f"Give the number in {own}, or add rates: ecb.")
    return rate


def reconciliation_json(result: Reconciliation, language: str) -> dict[str, Any]:
    """All amounts at full precision, in the KPI's stored scale."""
    return {
        "kpi": result.answer.metric.id,
        "period": period_json(result.answer.query.period, language),
        "source": result.claim.source,
        "theirs": result.claim.value,
        "ours": result.answer.value,
        "steps": [{"cause": step.cause, "amount": step.amount} for step in result.steps],
        "residual": result.residual,
        "unknown": list(result.unknown),
    }


def reconciliation_lines(result: Reconciliation, language: str) -> list[str]:
    """Both numbers, each cause with its amount, what is left, and what could not be computed."""
    answer, metric = result.answer, result.answer.metric
    numbers = {
        "theirs": worth_text(result.claim.value, metric, answer.currency, language),
        "ours": worth_text(answer.value, metric, answer.currency, language),
    }
    named = {"name": metric.name(language), "period": period_label(answer.query.period, language)}
    lines = [say(language, "reconcile.title", source=result.claim.source, **named, **numbers)]
    for step in result.steps:
        amount = _signed(step.amount, result, language)
        lines.append(say(language, f"reconcile.{step.cause}", amount=amount, source=result.claim.source))
    lines.append(say(language, "reconcile.residual", amount=_signed(-result.residual, result, language)))
    if result.unknown:
        causes = ", ".join(say(language, f"reconcile.unknown_{cause}") for cause in result.unknown)
        lines.append(say(language, "reconcile.unknown", causes=causes))
    return lines


def _signed(amount: float, result: Reconciliation, language: str) -> str:
    metric, currency = result.answer.metric, result.answer.currency
    points = moves_by_points(metric, language)
    text = points_text(abs(amount), metric, language) if points else value_text(abs(amount), metric, currency, language)
    return f"{'-' if amount < 0 else '+'}{text}"
