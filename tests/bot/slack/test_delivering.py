"""Planned messages reach Slack: posts, answers in threads, changes and files; what became of each is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from slack_team import CHANNEL, Team, team

from bot.sandbox.slack.web_api.slack_faults import Fault
from bot.slack.delivering import _outcome
from bot.slack.posting import FOR_A_PERSON, NOT_TAKEN, UNCERTAIN, refusal_words, slack_failure, slack_refusal
from kpi_core.deliveries.delivery_states import NotNow, Refused, Unknown, Waiting
from kpi_core.deliveries.messages import Amendment, FileUpload, Message, Posting
from kpi_core.metrics import LANGUAGES

BLOCKS = ({"type": "section", "text": {"type": "plain_text", "text": "41"}},)


@pytest.fixture
def marketing(tmp_path: Path) -> Iterator[Team]:
    with team(tmp_path) as running:
        yield running


def test_a_post_then_an_answer_in_its_thread(marketing: Team) -> None:
    """A post stands in the channel, what names its thread below it."""
    first = marketing.send(Posting(CHANNEL, "cac 41", BLOCKS))
    marketing.clock[0] += timedelta(seconds=1)
    marketing.send(Posting(CHANNEL, "why", thread=str(first.ts)))
    assert [(each.text, each.thread_ts) for each in marketing.shown] == [("cac 41", ""), ("why", first.ts)]
    assert marketing.shown[0].blocks == list(BLOCKS)


def test_a_changed_message_says_the_new_alone(marketing: Team) -> None:
    """It stays where it is, with its key; blocks that the change leaves out are gone."""
    first = marketing.send(Posting(CHANNEL, "cac 41", BLOCKS))
    key = marketing.shown[0].metadata
    marketing.clock[0] += timedelta(seconds=1)
    changed = marketing.send(Amendment(CHANNEL, str(first.ts), "cac 43: late conversions"))
    (message,) = marketing.shown
    assert (message.ts, message.text, message.blocks) == (first.ts, "cac 43: late conversions", [])
    assert changed.ts == first.ts
    assert message.metadata == key


def test_a_change_of_a_message_that_is_gone_is_told(marketing: Team) -> None:
    """Nothing is posted instead; the owner hears why."""
    marketing.plan(Amendment(CHANNEL, "1.000001", "x"))
    (delivery,) = marketing.round()
    assert (delivery.state, marketing.shown) == ("refused", [])
    assert "not in C0MARKET any more" in delivery.error


@pytest.mark.parametrize("thread", [False, True])
def test_a_file_is_shown_with_its_words(marketing: Team, thread: bool) -> None:
    """Its content, title and text arrive, in the channel or in a thread, and its message is known."""
    place = str(marketing.send(Posting(CHANNEL, "first")).ts) if thread else ""
    marketing.clock[0] += timedelta(seconds=1)
    content = "매출,₩\n".encode()
    sent = marketing.send(FileUpload(CHANNEL, "weekly.csv", content, "This week", "As asked", place))
    message = marketing.shown[-1]
    assert (message.ts, message.text, message.thread_ts) == (sent.ts, "As asked", place)
    (file,) = message.files
    assert (file["title"], file["name"]) == ("This week", f"weekly-{sent.key[:8]}.csv")
    assert marketing.slack.workspace.uploads[file["id"]] == content


MESSAGES: dict[str, tuple[str, Callable[[str], Message]]] = {
    "post": ("chat.postMessage", lambda _thread: Posting(CHANNEL, "again")),
    "answer in a thread": ("chat.postMessage", lambda thread: Posting(CHANNEL, "again", thread=thread)),
    "change": ("chat.update", lambda thread: Amendment(CHANNEL, thread, "again")),
    "file": ("files.completeUploadExternal", lambda _thread: FileUpload(CHANNEL, "a.csv", b"1", text="again")),
    "file in a thread": (
        "files.completeUploadExternal", lambda thread: FileUpload(CHANNEL, "a.csv", b"1", text="again", thread=thread)
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "http", "garbage", "ratelimited"])
@pytest.mark.parametrize("what", MESSAGES)
def test_every_kind_arrives_once_whatever_befalls_it(marketing: Team, what: str, kind: str) -> None:
    """The call or its answer is lost, broken or refused for now: there is one such message in the end."""
    method, message = MESSAGES[what]
    first = marketing.send(Posting(CHANNEL, "first"))
    marketing.clock[0] += timedelta(seconds=1)
    marketing.slack.faults.put(Fault(kind, method))  # type: ignore[arg-type]
    marketing.plan(message(str(first.ts)))
    (tried,) = marketing.round()
    assert tried.state in {"uncertain", "pending"}
    (sent,) = marketing.round(minutes=6)
    assert sent.state == "sent"
    assert [each.text for each in marketing.shown].count("again") == 1
    assert marketing.round(minutes=6) == ()


@pytest.mark.parametrize("step", ["files.getUploadURLExternal", "upload"])
def test_a_file_that_slack_did_not_take_is_sent_later(marketing: Team, step: str) -> None:
    """Before the last step nothing can be seen: it is tried again without a look-up."""
    if step == "upload":
        marketing.slack.workspace.new_id = lambda _prefix: "F-unknown/nowhere"  # type: ignore[method-assign]
    else:
        marketing.slack.faults.put(Fault("drop_after", step))
    marketing.plan(FileUpload(CHANNEL, "a.csv", b"1", text="again"))
    assert [each.state for each in marketing.round()] == ["pending"]
    if step == "upload":
        del marketing.slack.workspace.new_id
    assert [each.state for each in marketing.round(minutes=1)] == ["sent"]
    assert len(marketing.shown) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [*sorted(FOR_A_PERSON | NOT_TAKEN | UNCERTAIN), "not_allowed", "?"])
def test_each_refusal_is_told_in_the_reader_s_language(code: str, language: str) -> None:
    """What is in the way and what mends it, in full sentences of that language, with nothing left to fill."""
    own = {"slack_unreachable": "place", "slack_no_answer": "what", "slack_server_error": "status"}
    error = (
        slack_failure(code, **{own[code]: "503"} if code in own else {})
        if code in {*own, "upload_not_taken"}
        else slack_refusal(code, channel="C0MARKET", needed="chat:write")
    )
    words = refusal_words(error, language)
    assert all(words)
    assert not any("{" in part for part in words)
    assert (words == (error.message, error.hint)) is (language == "en")
    outcome = _outcome(error, language)
    if isinstance(outcome, Waiting | Refused):
        assert outcome.reason == " ".join(words)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        *((code, NotNow) for code in ("ratelimited", "rate_limited", "service_unavailable", "team_added_to_org")),
        ("accesslimited", NotNow),
        *((code, Unknown) for code in ("internal_error", "fatal_error", "request_timeout")),
        *((code, Waiting) for code in ("channel_not_found", "not_in_channel", "is_archived", "invalid_auth")),
        *((code, Refused) for code in ("message_not_found", "some_new_code")),
    ],
)
def test_each_refusal_says_whether_the_post_may_be_there(code: str, outcome: type) -> None:
    """Surely not taken: tried later. Perhaps taken: looked up first. Never to be taken: told, with what to do."""
    assert isinstance(_outcome(slack_refusal(code)), outcome)
