"""What becomes of a planned post, by what Slack answered."""

from __future__ import annotations

import pytest

from bot.slack.delivering import _outcome
from bot.slack.posting import slack_refusal
from kpi_core.deliveries.ledger import NotNow, Refused, Unknown


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        *((code, NotNow) for code in ("ratelimited", "rate_limited", "service_unavailable", "team_added_to_org")),
        ("accesslimited", NotNow),
        *((code, Unknown) for code in ("internal_error", "fatal_error", "request_timeout")),
        *((code, Refused) for code in ("channel_not_found", "is_archived", "invalid_auth", "some_new_code")),
    ],
)
def test_each_refusal_says_whether_the_post_may_be_there(code: str, outcome: type) -> None:
    """Surely not taken: tried later. Perhaps taken: looked up first. Never to be taken: told, with what to do."""
    assert isinstance(_outcome(slack_refusal(code)), outcome)
