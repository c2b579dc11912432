"""The task on which a goal's next step is worked on."""

from __future__ import annotations

from datetime import date, datetime

from kpi_core.frozen_dataclass import frozen


@frozen
class GoalTask:
    """How it stood when its board was last asked, at `seen_at`. `goal` is the goal's key, `task` its id there."""

    goal: str
    tool: str
    task: str
    name: str
    url: str
    done: bool
    due: date | None
    seen_at: datetime
    gone: bool = False
