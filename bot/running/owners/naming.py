"""The names behind the ids of goals' owners, looked up so that spreadsheets may show them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.cards.blocks import is_user_id
from bot.workspace import Workspace
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Message
from kpi_core.state.goals import typed_goals
from kpi_core.state.owner_names import names_of_people, remember_names

EVERY = timedelta(hours=1)
FRESH = timedelta(days=1)
"""A name that was looked up within a day is not asked for again."""


@dataclass
class Naming:
    """A job of the wheel: once an hour it looks up the owners whose names nobody has looked up of late."""

    workspace: Workspace
    look_up: Callable[[Iterable[str]], Mapping[str, str]]
    _due: list[datetime] = field(default_factory=list)

    def __call__(self, now: datetime, _fire: Fire) -> Sequence[Message]:
        if not self._due or now >= self._due[0]:
            self._due[:] = [now + EVERY]
            store = self.workspace.store
            goals = (*self.workspace.settings.goals, *typed_goals(store))
            ids = {goal.owner for goal in goals if is_user_id(goal.owner)} - names_of_people(store, now - FRESH).keys()
            if ids:
                remember_names(store, self.look_up(sorted(ids)), now)
        return ()
