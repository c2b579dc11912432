# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Words for things that no KPI counts, and the KPIs that come nearest: refunds, likes, deals, profit, a median."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from kpi_core.questions.segments import Segment
from kpi_core.questions.words import Part

_SURE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"median (?:order|basket|purchase)s?(?: values?| sizes?| amounts?)?|(?:주문)?(?:금액)?중앙값|(?:訂單)?(?:金額)?(?:的)?中位數", ("aov",)),
    (r"(?:customers?|clients?|buyers?|people|shoppers)(?=.*\d.*(?:orders?|times|purchases?))", ("repeat_purchase_rate", "purchase_frequency")),
    (r"\d+번이상(?:주문|구매)한?(?:고객|사람)?|[\d一二兩三四五]次以上的?(?:客戶|客人|顧客|人)", ("repeat_purchase_rate", "purchase_frequency")),
)  # fmt: skip
"""Asked for by words that name another KPI as well: customers with more than 3 orders."""
_NEAREST: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"subscribers?|recipients?|구독자(?:수)?|訂閱者(?:數)?|訂戶", ("email_click_rate", "email_open_rate", "email_unsubscribe_rate")),
    (r"refund(?:s|ed)?|returned|returns|환불|반품|退款|退貨", ("refund_rate",)),
    (r"unsubscrib(?:es?|ed|ers)|opt ?outs?|구독취소|수신거부|退訂", ("email_unsubscribe_rate",)),
    (r"likes?|comments?|shares?|reposts?|좋아요|댓글|공유|[按]?讚|留言|分享", ("social_engagements", "engagement_rate")),
    (r"deals?|딜|계약|丟單|案子|單子", ("opportunities", "win_rate", "pipeline_value")),
    (r"(?:net |gross )?(?:profits?|income|earnings)|(?:순|영업)?이익|利潤|淨利|獲利", ("gross_margin_rate", "roi")),
    (r"(?:video )?views|조회수|觀看(?:數|次數)?", ("pageviews", "video_view_rate")),
    (r"opens|opened|오픈(?:수)?|開信數?", ("email_open_rate",)),
    (r"installs?|downloads?|설치(?:수)?|다운로드|安裝數?|下載數?", ("cpi", "d7_retention")),
    (r"(?:our |all )?(?:customers?|clients?|buyers?)|고객(?:수)?|客戶數?|顧客|客人", ("new_customers", "retention_rate", "existing_customer_share")),
)  # fmt: skip
"""More special words first."""


def nearest(
    text: str, pieces: Sequence[Segment[Part]], offered: Collection[str], *, sure: bool = False
) -> tuple[int, int, tuple[str, ...]] | None:
    """Where such a word stands that could not be read, and the KPIs nearest to it, of those that may be offered.

    `sure` are those alone that are meant whatever KPI is named as well.
    """
    for pattern, ids in _SURE if sure else (*_SURE, *_NEAREST):
        known = tuple(metric for metric in ids if metric in offered)
        for match in re.finditer(rf"(?<![a-z])(?:{pattern})(?![a-z])", text) if known else ():
            if any(match.start() < piece.end and piece.start < match.end() for piece in pieces):
                return match.start(), match.end(), known
    return None
