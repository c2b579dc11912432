"""Tables of orders that no layout knows: which of their lines are rightly none, by what the column of states says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.look import Look
from kpi_core.adding.questions import Choice, Question
from kpi_core.adding.understanding import Understanding, understand
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice, Param

_HEADER = re.compile(r"status|상태|狀態|状态|ステータス|(?:order|payment|fulfillment) ?state", re.IGNORECASE)
_NO_ORDER = re.compile(
    r"cancel|void|fail|declin|draft|\btest\b|unpaid|not paid|(?:await|pend)\w* payment|payment pend"
    r"|취소|미입금|미결제|입금 ?대기|결제 ?대기|입금 ?확인 ?중|실패"
    r"|取消|不成立|未付款|待付款|付款失敗|作廢|キャンセル|入金待|支払い?待|未入金"
    r"|storn|abgebrochen|unbezahlt|fehlgeschlagen|annul|cancelad",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"paid|complet|ship|deliver|dispatch|fulfil|process|ready|refund|return|done|sent|open|new|receiv|confirm|success"
    r"|captured|settled|완료|배송|발송|결제|준비|출고|확정|신규|접수|반품|교환|환불"
    r"|完成|出貨|已付|付款|配送|運送|送達|處理|備貨|確認|成立|退貨|退款|完了|発送|済|受付|処理|返品"
    r"|bezahlt|versand|versendet|abgeschlossen|zugestellt|bearbeitung|erstattet|offen|livr|pay[ée]|enviad",
    re.IGNORECASE,
)
_PART = re.compile(r"partial|part(?:ly|ially)|부분|部分|一部|teil", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4} ?[-/.] ?\d{1,2} ?[-/.] ?\d{1,4}")
_SHOWN = 8


@frozen
class OrderStates:
    """A column of states: the texts of lines that are no orders, and those of which nobody knows."""

    header: str
    none: tuple[str, ...]
    unknown: tuple[str, ...]


def state_headers(look: Look) -> tuple[str, ...]:
    """The columns of a table of orders or their lines that may say what became of each."""
    if look.meaning is None or look.table not in {"orders", "order_lines"}:
        return ()
    taken = set(look.meaning.columns.values())
    return tuple(text for text in look.header if text not in taken and _HEADER.search(text))


def order_states(header: str, texts: Iterable[str]) -> OrderStates:
    """What the texts of a column of states say of their lines. A refunded order is one all the same."""
    none: list[str] = []
    unknown: list[str] = []
    for text in texts:
        if _PART.search(text) or _DAY.search(text):
            continue
        if _NO_ORDER.search(text):
            none.append(text)
        elif not _ORDER.search(text):
            unknown.append(text)
    return OrderStates(header, tuple(none), tuple(unknown))


def with_states(
    look: Look, entry: dict[str, Any], there: Mapping[str, Any], attempt: Attempt
) -> tuple[dict[str, Any], Understanding]:
    """The entry of a table and what it gives, without the lines that are rightly none; `there` are keys of its source.

    A word that nobody knows is asked about: whatever it says, its lines would count.
    """
    headers = state_headers(look)
    result = understand(look, {**there, **entry}, attempt, headers)
    states = [order_states(header, texts) for header, texts in result.texts if texts]
    rules = [*there.get("leave_out", ()), *({state.header: list(state.none)} for state in states if state.none)]
    rules = [rule for number, rule in enumerate(rules) if rule not in rules[:number]]
    if rules != [*there.get("leave_out", ())]:
        entry = {**entry, "leave_out": rules}
        result = understand(look, {**there, **entry}, attempt)
    unknown = next((state for state in states if state.unknown), None)
    if unknown is None or "states" in attempt.answers:
        return entry, result
    params: dict[str, Param] = {
        "column": unknown.header,
        "words": ", ".join(unknown.unknown[:_SHOWN]),
        "count": len(unknown.unknown),
    }
    question = Question("states", Notice("add.ask_states", params), (Choice("yes"), Choice("no")))
    return entry, replace(result, questions=(*result.questions, question))
