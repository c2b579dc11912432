"""kpi receipt: the numbers of a post as they were, and what the same questions are answered today."""

from __future__ import annotations

from typing import Any

from bot.cards.restated import restatement_line
from bot.commands.call import Call
from bot.running.telling.restating import replayed
from kpi_core.access.operator import OPERATOR
from kpi_core.deliveries.posted_number import PostedNumber, number_json
from kpi_core.deliveries.receipts import Receipt, receipt_of
from kpi_core.deliveries.restatements import Restatement
from kpi_core.formats.movements import restated_text
from kpi_core.phrases import say


def run_receipt(call: Call) -> int:
    """Each number then and now, with the reason where they differ."""
    receipt = receipt_of(call.workspace.store, call.options.receipt)
    today = replayed(call.workspace, OPERATOR, receipt.numbers, receipt.made_at)
    if call.as_json:
        numbers = [_json(call, *each) for each in zip(receipt.numbers, today, strict=True)]
        posted = {"channel": receipt.channel, "ts": receipt.ts, "at": receipt.made_at.isoformat()}
        call.show_json({"receipt": receipt.name, "posted": posted, "numbers": numbers})
        return 0
    call.show(_title(call, receipt))
    for number, restated in zip(receipt.numbers, today, strict=True):
        call.show(f"  {_line(call, number, restated)}")
    return 0


def _title(call: Call, receipt: Receipt) -> str:
    when = receipt.made_at.astimezone(call.workspace.settings.calendar.zone).isoformat(" ", "minutes")[:16]
    return say(call.language, "restated.posted", receipt=receipt.name, when=when, channel=receipt.channel)


def _line(call: Call, number: PostedNumber, restated: Restatement | None) -> str:
    if restated is None:
        return say(call.language, "restated.gone", kpi=number.query.metric)
    return restatement_line(restated, call.language)


def _json(call: Call, number: PostedNumber, restated: Restatement | None) -> dict[str, Any]:
    """`now` is null where there is no data, or where `gone` says that the KPI cannot be asked any more."""
    then = number_json(number)
    document = {"metric": number.query.metric, **then, "gone": restated is None, "now": None}
    if restated is None:
        return document
    answer = restated.answer
    return document | {
        "now": answer.value,
        "changed": not restated.is_equal,
        "reason": None if restated.is_equal else restated.reason,
        "message": None if restated.is_equal else restated_text(restated, call.language),
        "sources": list(restated.sources),
        "parts_now": dict(answer.parts),
        "version_now": answer.definition.version,
        "sql": list(answer.definition.sql),
    }
