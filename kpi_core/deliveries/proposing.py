"""Proposals to retire what nobody uses: each is asked once, in one transaction with the note that it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.delivery_states import insert, planned
from kpi_core.deliveries.messages import Posting
from kpi_core.state.in_use.subject_rows import begin_anew, mark_proposed, see_subjects
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row

SCHEDULE = "retirement"


def propose(
    store: Store,
    names: Sequence[str],
    fire: Fire,
    now: datetime,
    choose: Callable[[Sequence[Row]], Sequence[tuple[Posting, Sequence[str]]]],
) -> int:
    """Note what is there, let `choose` pick from its rows, and put the messages on their way; how many.

    A fire that stands for earlier ones comes after weeks in which nothing could be used: then all begins anew.
    """
    installation = store.installation_key()
    with store.writing() as transaction:
        if fire.missed:
            begin_anew(transaction, now)
        messages = choose(see_subjects(transaction, names, now))
        for message, asked in messages:
            insert(transaction, planned(installation, SCHEDULE, fire, message, now))
            mark_proposed(transaction, asked, now)
    return len(messages)
