"""The view that asks where to share an answer, as Slack's JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.cards import blocks
from kpi_core.phrases import say

if TYPE_CHECKING:
    from bot.cards.card import Block

SHARE = "kpi_share"
"""The callback id of the view."""
_PLACE = "channel"


def share_view(question: str, language: str) -> dict[str, Any]:
    """Where to? The channel that the person has open stands there already."""
    select = {
        "type": "conversations_select",
        "action_id": _PLACE,
        "default_to_current_conversation": True,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    field = {
        "type": "input",
        "block_id": _PLACE,
        "label": blocks.plain(say(language, "share.channel"), 75),
        "element": select,
    }
    return _view([field], language) | {
        "callback_id": SHARE,
        "submit": blocks.plain(say(language, "share.submit"), 24),
        "private_metadata": json.dumps({"question": question, "language": language}, ensure_ascii=False),
    }


def message_view(mrkdwn: str, language: str) -> dict[str, Any]:
    """The view as it says one thing; the caller has escaped what comes from data."""
    return _view([blocks.marked(mrkdwn)], language)


def shared_in(view: dict[str, Any]) -> str:
    """The channel that was chosen in a submitted view."""
    values = (view.get("state") or {}).get("values") or {}
    return str(((values.get(_PLACE) or {}).get(_PLACE) or {}).get("selected_conversation") or "")


def _view(drawn: list[Block], language: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": blocks.plain(say(language, "share.title"), 24),
        "close": blocks.plain(say(language, "share.close"), 24),
        "blocks": drawn,
    }
