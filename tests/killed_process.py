"""A program whose processes are killed: `python killed_process.py`, told on stdin what to run, one JSON object a line.

Each line names the state, the Slack, the moment and what is due; as many processes as it names boundaries start at once
and do what is due, each until it is done or dies by SIGKILL at its boundary: before or after a commit, a send, a
look-up. The answer is their exit codes. One program starts them all, so that the libraries are loaded once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.slack.app import slack_access
from bot.slack.delivering import carrier
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.schedule import parse_every
from kpi_core.deliveries.delivery_states import Delivery, Outcome
from kpi_core.deliveries.incident_course import Event, Known, go_on, known_incidents, open_incident
from kpi_core.deliveries.incident_posts import tell_incidents
from kpi_core.deliveries.ledger import deliver
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import due_now, plan
from kpi_core.settings.values import Attention
from kpi_core.state.store import Store, open_store
from kpi_core.state.transactions import Transaction

UTC = ZoneInfo("UTC")
FAILED = 3


class Boundary:
    """Counts the moments at which a process may die, and dies at one of them; at none of them for 0."""

    def __init__(self, dies_at: int) -> None:
        self._dies_at = dies_at
        self._passed = count(1)

    def __call__(self) -> None:
        if next(self._passed) == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(Store):
    """A store that passes a boundary before and after each commit."""

    boundary: Boundary

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        with super().writing() as transaction:
            yield transaction
            self.boundary()
        self.boundary()


def run(task: Mapping[str, Any], dies_at: int) -> None:
    """Plan what is due and deliver what may be delivered."""
    boundary, moments, now = Boundary(dies_at), count(), datetime.fromisoformat(task["now"])
    store = DyingStore(open_store(task["state"], Path()).engine)
    store.boundary = boundary
    send, lookup = carrier(slack_access(task["slack"], only_posts=True))

    def clock() -> datetime:
        return now + timedelta(milliseconds=next(moments))

    def dying_send(delivery: Delivery) -> Outcome:
        boundary()
        outcome = send(delivery)
        boundary()
        return outcome

    def dying_lookup(delivery: Delivery) -> Outcome | None:
        boundary()
        return lookup(delivery)

    if task["kind"] == "incidents":
        tell(store, task, clock)
    else:
        post(store, task, clock)
    deliver(store, clock, dying_send, dying_lookup)


def post(store: Store, task: Mapping[str, Any], clock: Callable[[], datetime]) -> None:
    """Plan the summary that is due."""
    schedule = parse_every(task["every"])
    fire = due_now(store, task["schedule"], schedule, clock(), UTC)
    if fire is not None:
        messages = [Posting(channel, task["text"]) for channel in task["channels"]]
        plan(store, task["schedule"], schedule, fire, messages, now=clock(), zone=UTC)


def tell(store: Store, task: Mapping[str, Any], clock: Callable[[], datetime]) -> None:
    """Open an incident in each channel, each of them over once it was told, as a look at the data would have it."""
    for number, channel in enumerate(task["channels"]):
        name, text, at = f"{task['schedule']} {number}", task["text"], datetime.fromisoformat(task["due"])
        opening = {"text": text, "blocks": [], "line": text, "rank": 0.5, "urgent": False}
        open_incident(store, Known(name, channel, "open", at, "", None, {"name": name}), opening)
        if task["over"] and any(known.id == name for known in known_incidents(store)):
            ending = {"text": f"{text} is over", "blocks": []}
            go_on(store, name, {"name": name}, "resolved", [Event(name, "resolved", at, message=ending)])
    tell_incidents(store, Attention(), Calendar("UTC"), clock(), lambda lines, _receipt: ("\n".join(lines), []))


def process(task: Mapping[str, Any], dies_at: int) -> int:
    """Start a process for the task; its id."""
    child = os.fork()
    if child:
        return child
    try:
        run(task, dies_at)
    except BaseException as error:  # noqa: BLE001 - the parent only sees the exit code
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(FAILED)
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        children = [process(task, dies_at) for dies_at in task["dies_at"]]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(json.dumps(codes) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
