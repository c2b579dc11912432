"""The one door to Slack's writes.

Nothing is repeated on its own: Slack cannot tell a repeated post from a second one. A card whose blocks are refused is
sent again in its next plainer form, until only the text is left.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from bot.cards.card import Card, plainer
from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words

if TYPE_CHECKING:
    from logging import Logger

    from slack_sdk.errors import SlackApiError
    from slack_sdk.web.async_client import AsyncWebClient
    from slack_sdk.web.async_slack_response import AsyncSlackResponse
    from slack_sdk.webhook.webhook_response import WebhookResponse

Answered = TypeVar("Answered")
SLACK_API_URL = "https://slack.com/api/"
TIMEOUT_SECONDS = 10
MOST_TEXT = 3_900
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
TOO_MUCH = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "msg_blocks_too_long", "msg_too_long"}
)
"""Refusals that a plainer form of the card may escape."""
NOT_TAKEN = frozenset(
    {
        "ratelimited", "rate_limited", "service_unavailable", "team_added_to_org", "org_login_required",
        "accesslimited", "slack_unreachable", "upload_not_taken",
    }
)  # fmt: skip
"""Errors after which a message surely stands nowhere, and a later try may succeed."""
UNCERTAIN = frozenset({"slack_no_answer", "slack_server_error", "internal_error", "fatal_error", "request_timeout"})
"""Errors after which a message may stand in the channel all the same: sent again it might stand there twice."""
FOR_A_PERSON = frozenset(
    {
        "not_in_channel", "channel_not_found", "is_archived", "restricted_action", "no_permission", "access_denied",
        "restricted_action_read_only_channel", "restricted_action_non_threadable_channel", "team_access_not_granted",
        "ekm_access_denied", "two_factor_setup_required", "missing_scope", "invalid_auth", "not_authed",
        "token_revoked", "token_expired", "account_inactive", "not_allowed_token_type", "messages_tab_disabled",
    }
)  # fmt: skip
"""Refusals that somebody can mend; the message was surely not taken, and will be once that is done."""
WITH_WORDS = frozenset(
    {
        "channel_not_found", "not_in_channel", "message_not_found", "is_archived", "user_not_in_channel",
        "restricted_action", "no_permission", "messages_tab_disabled", "invalid_auth", "not_authed", "token_revoked",
        "token_expired", "account_inactive", "not_allowed_token_type", "missing_scope", "ratelimited", "invalid_blocks",
    }
)  # fmt: skip
"""Codes of Slack's that `error.<code>` says in words; another one is told as it stands."""
MEANT: Mapping[str, str] = {
    "rate_limited": "ratelimited",
    "restricted_action_read_only_channel": "restricted_action",
    "restricted_action_non_threadable_channel": "restricted_action",
    "access_denied": "no_permission",
    "team_access_not_granted": "no_permission",
    "ekm_access_denied": "no_permission",
    "two_factor_setup_required": "no_permission",
}
"""Codes of Slack's that say to people what another one does."""


@frozen
class Posted:
    """Where a message stands, and the form of the card that Slack took; `ts` is empty behind a response_url."""

    channel: str
    ts: str
    card: Card


def slack_client(token: str, api_url: str = SLACK_API_URL, logger: Logger | None = None) -> AsyncWebClient:
    """A client that repeats nothing on its own and reaches this machine without a proxy."""
    from slack_sdk.web.async_client import AsyncWebClient

    base_url = api_url.rstrip("/") + "/"
    client = AsyncWebClient(token, base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=logger)
    if is_loopback(base_url):
        client.proxy = None
    return client


def is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in LOOPBACK


async def post(
    client: AsyncWebClient,
    channel: str,
    card: Card,
    *,
    metadata: Mapping[str, Any] | None = None,
    thread_ts: str | None = None,
) -> Posted:
    """Post a card for everybody in `channel`. ServiceError with what to do when Slack refuses or cannot be reached."""

    async def send(form: Card) -> AsyncSlackResponse:
        return await client.chat_postMessage(
            channel=channel, text=form.text, blocks=form.blocks or None, metadata=dict(metadata) if metadata else None,
            thread_ts=thread_ts, unfurl_links=False, unfurl_media=False,
        )  # fmt: skip

    answer, form = await _until_taken(send, card, channel)
    return Posted(str(answer["channel"]), str(answer["ts"]), form)


async def amend(client: AsyncWebClient, channel: str, ts: str, card: Card) -> Posted:
    """Have our own message say what the card says, and nothing of before; its metadata stays. Errors as `post`."""

    async def send(form: Card) -> AsyncSlackResponse:
        return await client.chat_update(channel=channel, ts=ts, text=form.text, blocks=form.blocks)

    answer, form = await _until_taken(send, card, channel)
    return Posted(str(answer["channel"]), str(answer["ts"]), form)


async def upload(  # noqa: PLR0913 - what Slack shows of a file
    client: AsyncWebClient,
    channel: str,
    name: str,
    content: bytes,
    *,
    title: str = "",
    text: str = "",
    thread_ts: str | None = None,
) -> None:
    """Show a file in `channel`, `text` beside it, within the time of one call. Errors as `post`.

    Only the last of its three calls makes the file appear: code `upload_not_taken` where an earlier one got no answer.
    """

    async def whole() -> None:
        file_id = await _transferred(client, name, content)
        files: list[dict[str, str | None]] = [{"id": file_id, "title": title or name}]
        await attempt(
            client.files_completeUploadExternal(
                files=files, channel_id=channel, initial_comment=text or None, thread_ts=thread_ts
            ),
            channel,
        )

    # One call's time for all three: the ledger's lease reckons with no more.
    await attempt(asyncio.wait_for(whole(), TIMEOUT_SECONDS), channel)


async def _transferred(client: AsyncWebClient, name: str, content: bytes) -> str:
    """The id of a file that Slack has, and shows nowhere yet."""
    try:
        place = await attempt(client.files_getUploadURLExternal(filename=name, length=len(content)))
        await attempt(_put(str(place["upload_url"]), content, client.proxy))
    except ServiceError as error:
        if error.code not in UNCERTAIN:
            raise
        raise slack_failure("upload_not_taken") from None
    return str(place["file_id"])


async def _put(url: str, content: bytes, proxy: str | None) -> None:
    from aiohttp import ClientSession

    async with ClientSession() as session, session.post(url, data=content, proxy=proxy) as answer:
        answer.raise_for_status()


async def post_ephemeral(
    client: AsyncWebClient, channel: str, user: str, card: Card, *, thread_ts: str | None = None
) -> Posted:
    """Post a card that only `user` sees. Errors as `post`."""

    async def send(form: Card) -> AsyncSlackResponse:
        return await client.chat_postEphemeral(
            channel=channel, user=user, text=form.text, blocks=form.blocks or None, thread_ts=thread_ts
        )

    answer, form = await _until_taken(send, card, channel)
    return Posted(channel, str(answer["message_ts"]), form)


async def respond(response_url: str, card: Card, *, private: bool, thread_ts: str | None = None) -> Posted:
    """Answer a command or a press, also where the bot is no member; `private`: only the asker sees it.

    Slack takes five such answers within 30 minutes. ServiceError as `post`; code `response_url_spent` after that.
    """
    from slack_sdk.webhook.async_client import AsyncWebhookClient

    webhook = AsyncWebhookClient(response_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
    if is_loopback(response_url):
        webhook.proxy = None
    common = {"response_type": "ephemeral" if private else "in_channel", "replace_original": False}

    async def send(form: Card) -> WebhookResponse:
        body = {**common, "text": form.text, "blocks": form.blocks or None, "thread_ts": thread_ts}
        return _taken(await webhook.send_dict(body))

    _, form = await _until_taken(send, card, "")
    return Posted("", "", form)


async def _until_taken(send: Callable[[Card], Awaitable[Answered]], card: Card, channel: str) -> tuple[Answered, Card]:
    """Send the card, plainer each time Slack refuses its blocks; the last form is its text alone, cut to what fits."""
    form = card
    while True:
        try:
            return await attempt(send(form), channel), form
        except ServiceError as error:
            simpler = _simpler(form) if error.code in TOO_MUCH else None
            if simpler is None:
                raise
            form = simpler


def _simpler(card: Card) -> Card | None:
    form = plainer(card)
    if form is None and len(card.text) > MOST_TEXT:
        return Card(card.text[: MOST_TEXT - 1] + "…", [])
    return form


async def attempt(call: Awaitable[Answered], channel: str = "") -> Answered:
    """Await one call of Slack; whatever fails becomes a ServiceError that says what to do."""
    from aiohttp import ClientConnectorError, ClientError
    from slack_sdk.errors import SlackApiError, SlackClientError

    try:
        return await call
    except SlackApiError as error:
        raise _refusal(error, channel) from None
    except ClientConnectorError as error:
        raise slack_failure("slack_unreachable", place=f"{error.host}:{error.port}") from None
    except (ClientError, SlackClientError, TimeoutError, OSError) as error:
        raise _no_answer(type(error).__name__) from None


def _no_answer(what: str) -> ServiceError:
    return slack_failure("slack_no_answer", what=what)


def slack_failure(code: str, **params: str) -> ServiceError:
    """The ServiceError of a failure in which Slack has named no code of its own: `error.<code>` says it."""
    message, hint = say("en", f"error.{code}", **params), say("en", f"error.{code}_hint", **params)
    return ServiceError(message, code=code, hint=hint, params=params)


def _refusal(error: SlackApiError, channel: str) -> ServiceError:
    """What Slack's answer means for a person."""
    response = error.response
    data = getattr(response, "data", None)
    data = data if isinstance(data, dict) else {}
    headers = getattr(response, "headers", None) or {}
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    # Slack's own word says what became of the call, whatever the status; a gateway's page says nothing.
    code = str(data.get("error") or "") or ("ratelimited" if status == 429 else "")
    if not code and status >= 500:
        return slack_failure("slack_server_error", status=str(status))
    if not code:
        return _no_answer("nothing that can be read")
    messages = (data.get("response_metadata") or {}).get("messages") or []
    return slack_refusal(
        code,
        channel=channel,
        needed=str(data.get("needed") or ""),
        retry_after=_seconds(headers.get("Retry-After")),
        details="; ".join(map(str, messages[:3])),
    )


def slack_refusal(
    code: str, *, channel: str = "", needed: str = "", retry_after: float | None = None, details: str = ""
) -> ServiceError:
    """The ServiceError of one of Slack's error codes; its `code` is Slack's own, or the plainer one that means it."""
    name = MEANT.get(code, code)
    sentence = name if name in WITH_WORDS else "slack_refused"
    params = {
        "code": code or "?",
        "channel": channel,
        "needed": needed,
        "retry_after": f"{retry_after or 30.0:g}",
        "details": details or "–",
        "hint": f"error.{sentence}_hint",
    }
    message, hint = say("en", f"error.{sentence}", **params), say("en", f"error.{sentence}_hint", **params)
    return ServiceError(message, code=name or "slack_refused", hint=hint, retry_after=retry_after, params=params)


def refusal_words(error: ServiceError, language: str) -> tuple[str, str]:
    """What a failure of Slack's says to people, and what mends it; a code that nobody foresaw stands as it is."""
    if error.code not in WITH_WORDS and "code" in error.params:
        return say(language, "error.slack_refused", **error.params), say(language, "error.slack_refused_hint")
    return error_words(error, language)


def _taken(response: WebhookResponse) -> WebhookResponse:
    """The response of a response_url, or the ServiceError it stands for."""
    body = (response.body or "").strip()
    if response.status_code == 200 and (body in {"", "ok"} or body.replace(" ", "").startswith('{"ok":true')):
        return response
    # A page of a proxy, say: it is not Slack's word, so nobody knows.
    if response.status_code == 200 and not body.startswith("{"):
        raise _no_answer("nothing that can be read")
    code = _webhook_code(body)
    if code in {"used_url", "expired_url", "no_such_url"}:
        raise slack_failure("response_url_spent")
    if response.status_code == 429:
        raise slack_refusal("ratelimited", retry_after=_seconds(response.headers.get("Retry-After")))
    if response.status_code >= 500:
        raise slack_failure("slack_server_error", status=str(response.status_code))
    raise slack_refusal(code)


def _webhook_code(body: str) -> str:
    """The error code of a response_url: plain text, or `error` in JSON."""
    try:
        data = json.loads(body)
    except ValueError:
        return body.strip()[:80]
    return str(data.get("error") or "") if isinstance(data, dict) else ""


def _seconds(value: str | None) -> float | None:
    # HTTP also allows a date here; Slack sends seconds, and without them the caller has its own patience.
    return float(value) if value and value.isdigit() else None
