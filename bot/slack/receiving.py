"""Files that people send in Slack, fetched with the bot's token, which leaves for nobody but Slack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.slack.posting import attempt, is_loopback, slack_refusal
from kpi_core.errors import DataError, ServiceError

if TYPE_CHECKING:
    from aiohttp import ClientResponse
    from slack_sdk.web.async_client import AsyncWebClient

LARGEST = 50 * 1024 * 1024
"""Bytes of a file; what is larger belongs into a folder of the workspace."""
SECONDS = 120
_PIECE = 1 << 16
_NO_CONTENT = frozenset({"external", "tombstone", "hidden_by_limit", "email", "post", "space"})
"""Kinds of entries that are no files to be fetched."""
_SCOPE = "files:read"


async def received(client: AsyncWebClient, file: Mapping[str, Any]) -> tuple[str, bytes]:
    """Name and content of a file as an event lists it. DataError where there is none, ServiceError as `post`."""
    if not (file.get("url_private_download") or file.get("url_private")):
        # An event may name a file alone, for instance where it comes from another workspace.
        file = (await attempt(client.files_info(file=str(file.get("id") or "")))).get("file") or {}
    name = str(file.get("name") or file.get("title") or "file")
    address = str(file.get("url_private_download") or file.get("url_private") or "")
    if file.get("mode") in _NO_CONTENT or not address or not _is_slacks(address, client.base_url):
        message, params = f"{name} is no file that can be fetched.", {"file": name}
        hint = "Download it and send the file itself."
        raise DataError(message, code="add_no_content", hint=hint, params=params)
    if int(file.get("size") or 0) > LARGEST:
        raise too_large(name)
    return name, await attempt(_fetched(client, address, name, is_page="html" in str(file.get("mimetype"))))


def too_large(name: str) -> DataError:
    params = {"file": name, "most": str(LARGEST // 2**20)}
    message = f"{name} has more than {params['most']} MB."
    hint = "Put it into a folder and add it there: kpi add FILE."
    return DataError(message, code="add_too_large", hint=hint, params=params)


def _is_slacks(address: str, api: str) -> bool:
    """Whether an address is one of Slack's own, or of the server that stands in for it."""
    parts, own = urlsplit(address), urlsplit(api)
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com")) and not is_loopback(api)


async def _fetched(client: AsyncWebClient, address: str, name: str, *, is_page: bool) -> bytes:
    from aiohttp import ClientSession, ClientTimeout

    headers = {"Authorization": f"Bearer {client.token}"}
    async with (
        ClientSession(timeout=ClientTimeout(total=SECONDS)) as session,
        session.get(address, headers=headers, proxy=client.proxy, allow_redirects=False) as answer,
    ):
        # Who may not read a file is led to where people sign in, without an error.
        if answer.status in {301, 302, 303, 307, 308} or (answer.content_type == "text/html" and not is_page):
            raise slack_refusal("missing_scope", needed=_SCOPE)
        if answer.status != 200:
            message = f"Slack does not give {name} (status {answer.status})."
            raise ServiceError(message, code="add_not_given", hint="Send the file again in a minute.")
        return await _read(answer, name)


async def _read(answer: ClientResponse, name: str) -> bytes:
    content = bytearray()
    async for piece in answer.content.iter_chunked(_PIECE):
        content += piece
        if len(content) > LARGEST:
            raise too_large(name)
    return bytes(content)
