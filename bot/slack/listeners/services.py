"""What the listeners work with: the door to numbers, the settings, a clock and the state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from bot.additions.added_card import AnsweredFile, Reached
    from bot.cards.views.alert_view import RuleWords
    from bot.cards.views.goal_view import GoalWords
    from bot.cards.views.schedule_card import Coming
    from kpi_core.access.audiences import Audience
    from kpi_core.access.doorway import Door
    from kpi_core.goals.goal_task import GoalTask
    from kpi_core.metrics import Metric
    from kpi_core.phrases import Notice
    from kpi_core.review.goal_review import ReviewedGoal
    from kpi_core.settings.values import Alert, Goal, Settings
    from kpi_core.state.store import Store


class Inbox(Protocol):
    """Where files go that people send: kept in a folder of the workspace, then added as `kpi add` does. Slow."""

    def save(self, name: str, content: bytes) -> tuple[str, ...]:
        """Keep a file, or the tables of a packed one; their names. What is there already is not kept again."""
        ...

    def add(self, answered: AnsweredFile) -> Reached:
        """Add a file of the inbox with all that was answered, and load it. Errors as `add_files`."""
        ...


class TypedValues(Protocol):
    """Reads what people type as the Sheet does; what is wrong is a notice, of a goal one a field of `GoalWords`."""

    def goal(self, words: GoalWords, door: Door, language: str) -> Goal | Mapping[str, Notice]: ...

    def alert(self, words: RuleWords, door: Door, language: str) -> Alert | Mapping[str, Notice]:
        """The rule without its channel and owner; what is wrong is a notice a field of `RuleWords`."""
        ...

    def limit(self, typed: str, metric: Metric, language: str) -> float | Notice:
        """A number in the KPI's stored scale."""
        ...


class Schedules(Protocol):
    """What comes by itself. KpiBotError for the name of nothing that does."""

    def coming(self) -> Sequence[Coming]: ...

    def pause(self, name: str, who: str) -> None: ...

    def resume(self, name: str) -> None: ...

    def run_now(self, name: str) -> None:
        """Do it beside its times. Slow."""
        ...


class Tasks(Protocol):
    """Tasks of goals on the team's board. Slow; ServiceError where the board does not take one."""

    @property
    def offered(self) -> bool:
        """Whether kpi.yaml names a board."""
        ...

    def made(self, reviewed: ReviewedGoal, language: str) -> tuple[GoalTask, bool]:
        """The task of a goal, and whether it was made just now."""
        ...

    def fresh(self, goals: Iterable[str], *, patient: bool) -> Mapping[str, GoalTask]:
        """By the keys of goals, as the board has them; as they were read last where it does not answer."""
        ...


@frozen
class Services:
    """Everything a listener needs."""

    door: Callable[[Audience], Door]
    """The way to numbers, for those who will see them; what it gives is safe to use in several threads."""
    settings: Settings
    clock: Callable[[], datetime]
    """The present instant, timezone-aware."""
    store: Callable[[], Store] | None = None
    """Where it is written what was answered; None remembers it in this process alone."""
    inbox: Inbox | None = None
    """Where files go; None takes none."""
    typed: TypedValues | None = None
    """What reads goals; None takes none."""
    schedules: Schedules | None = None
    """What comes by itself; None where nothing does."""
    tasks: Tasks | None = None
    """What makes tasks of goals; None makes none."""
    slack_now: Callable[[], datetime] | None = None
    """The present instant by Slack's clock, by which a question has its age; None takes every question for new."""
    left: Callable[[], bool] | None = None
    """Called when Slack says that the workspace took the bot out; whether it is so. Slow."""
