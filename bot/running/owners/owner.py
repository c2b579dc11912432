"""What the owner of a workspace hears: what waits for a person to mend it, once, and goes on by itself after that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime

from bot.cards.blocks import is_user_id
from bot.workspace import Workspace
from kpi_core.deliveries.delivery_states import Delivery
from kpi_core.deliveries.to_owner import Trouble, tell_once, tell_owner, trouble_over
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words
from kpi_core.state.delivery_rows import TO_OWNERS

PATIENCE = 3
"""A look-up or a job that fails so often in a row is told; before that it may pass by itself."""


@frozen
class OwnerOf:
    """The owner of a workspace, as the wheel's jobs know them."""

    workspace: Workspace
    directly: Callable[[str, str], None] = lambda _member, _text: None
    """Writes to a member past the ledger: of a state that cannot be written nobody would hear otherwise."""
    written: set[str] = field(default_factory=set)
    """Of what the owner was written directly, by the codes of the errors."""

    def hears(self, job: str, error: KpiBotError, now: datetime) -> None:
        """Tell of a job that keeps failing, with what mends it."""
        settings = self.workspace.settings
        reason = " ".join(part for part in error_words(error, settings.locale) if part)
        text = say(settings.locale, "trouble.job", job=job, reason=reason)
        # The words of one cause differ, such as the minute from which a quota is free again.
        try:
            tell_owner(self.workspace.store, settings.owner, Trouble(f"job:{job}", text, error.code), now)
        except KpiBotError:
            # Once for all jobs that fail by it; a second process may say it once more.
            if settings.owner and error.code not in self.written:
                self.directly(settings.owner, text)
                self.written.add(error.code)

    def hears_no_more(self, job: str) -> None:
        """The job works again."""
        trouble_over(self.workspace.store, f"job:{job}")
        self.written.clear()


def hear_once(workspace: Workspace, owner: str, name: str, text: str, now: datetime) -> None:
    """Tell the owner of a goal, or else that of the workspace, what has happened and waits for nobody."""
    if member := owner if is_user_id(owner) else workspace.settings.owner:
        tell_once(workspace.store, member, Trouble(name, text), now)


def follow(workspace: Workspace, delivery: Delivery, now: datetime) -> None:
    """Tell of a post that cannot go out, or whose fate stays unknown; forget it once something arrives there."""
    channel = delivery.message.channel
    waits, refused = f"post:{channel}", f"refused:{channel}"
    if delivery.state == "sent":
        trouble_over(workspace.store, waits)
        trouble_over(workspace.store, refused, stays_true=True)
        return
    # What cannot be told is not told of.
    if delivery.schedule.startswith(TO_OWNERS) or not _is_stuck(delivery):
        return
    settings = workspace.settings
    text = say(settings.locale, f"trouble.{delivery.state}", channel=f"<#{channel}>", reason=delivery.error)
    tell_owner(workspace.store, settings.owner, Trouble(refused if delivery.state == "refused" else waits, text), now)


def _is_stuck(delivery: Delivery) -> bool:
    if delivery.state == "uncertain":
        return delivery.attempts > PATIENCE
    return delivery.state in {"waiting", "refused"}
