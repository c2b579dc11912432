"""The troubles that the page can switch on, each by a name."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.local_product import Playground
from bot.sandbox.slack.web_api.slack_faults import Fault
from kpi_core.frozen_dataclass import frozen

MANY = 1_000_000
POSTS = "chat.postMessage"


@frozen
class Trouble:
    """`switch` turns it on or off; `is_on` tells."""

    switch: Callable[[Playground, bool], None]
    is_on: Callable[[Playground], bool]


def switches(playground: Playground) -> dict[str, bool]:
    """Every trouble, and whether it is on."""
    return {name: trouble.is_on(playground) for name, trouble in TROUBLES.items()}


def _slack(method: str, new_fault: Callable[[], Fault]) -> Trouble:
    """A fault of the local Slack that lasts until it is switched off."""
    like = new_fault()

    def waiting(playground: Playground) -> list[Fault]:
        faults = playground.slack.faults.waiting
        # A fault that was used in part no longer equals a new one: by kind and method it is still recognised.
        return [fault for fault in faults if fault.kind == like.kind and fault.method == method]

    def switch(playground: Playground, on: bool) -> None:
        playground.slack.faults.waiting[:] = [
            fault for fault in playground.slack.faults.waiting if fault not in waiting(playground)
        ]
        if on:
            playground.slack.faults.put(new_fault())

    return Trouble(switch, lambda playground: bool(waiting(playground)))


def _no_charts(playground: Playground, on: bool) -> None:
    playground.slack.workspace.unsupported = {"data_visualization", "data_table"} if on else set()


def _quota(playground: Playground, on: bool) -> None:
    playground.sheets.faults.quota = MANY if on else 0


def _sheets_down(playground: Playground, on: bool) -> None:
    playground.sheets.faults.unavailable = MANY if on else 0


def _unshared(playground: Playground, on: bool) -> None:
    files, email = playground.sheets.backend.files, playground.sheets.client_email
    with files.lock:
        if on:
            files.unshare(playground.spreadsheet, email)
        else:
            files.share(playground.spreadsheet, email)


def _is_unshared(playground: Playground) -> bool:
    return playground.sheets.file(playground.spreadsheet).role(playground.sheets.client_email) is None


TROUBLES: dict[str, Trouble] = {
    "slack_limited": _slack(POSTS, lambda: Fault("ratelimited", POSTS, MANY, retry_after=2)),
    "slack_down": _slack(POSTS, lambda: Fault("http", POSTS, MANY, status=503)),
    "slack_lost": _slack(POSTS, lambda: Fault("drop_after", POSTS, 1)),
    "slack_slow": _slack("*", lambda: Fault("delay", "*", MANY, seconds=1.5)),
    "slack_plain": Trouble(_no_charts, lambda playground: bool(playground.slack.workspace.unsupported)),
    "sheets_quota": Trouble(_quota, lambda playground: playground.sheets.faults.quota > 0),
    "sheets_down": Trouble(_sheets_down, lambda playground: playground.sheets.faults.unavailable > 0),
    "sheets_unshared": Trouble(_unshared, _is_unshared),
}
