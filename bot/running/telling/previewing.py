"""The preview of a summary: its owner reads it some time before, and may send it at once or hold it back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.cards import blocks
from bot.cards.summary import HOLD_BACK, SEND_NOW
from bot.running.telling.summarising import composed, message_of
from bot.workspace import Workspace
from kpi_core.access.audiences import Channel, Person
from kpi_core.dates.schedule import Fire, next_fires, parse_wait
from kpi_core.deliveries.messages import Message, Posting
from kpi_core.deliveries.previews import Coming, is_previewed, plan_preview
from kpi_core.deliveries.summaries import summary_times
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say
from kpi_core.settings.values import Summary

log = logging.getLogger("kpi_bot.schedules")


@frozen
class Previewing:
    """A job of the wheel: each round it looks whether the preview of a summary is due."""

    workspace: Workspace
    setting: Summary

    def __call__(self, now: datetime, _fire: Fire) -> Sequence[Message]:
        settings, store = self.workspace.settings, self.workspace.store
        schedule, zone = summary_times(self.setting, settings)
        due = next_fires(schedule, now, zone, 1)[0]
        coming = Coming(self.setting.name, due)
        if now < due - parse_wait(self.setting.preview) or is_previewed(store, coming):
            return ()
        if self._owner_sees_less():
            log.warning("preview:%s: its owner may not see all that the channel sees", coming.name)
            return ()
        # By the clock of its own time: a summary of half past midnight is not that of the day before.
        whole = message_of(composed(self.workspace, self.setting, due), self.setting, settings.locale)
        assert isinstance(whole, Posting)
        plan_preview(store, coming, self._shown_to_owner(whole, due), now)
        return ()

    def _owner_sees_less(self) -> bool:
        own, theirs = (
            self.workspace.door(audience).catalog.metrics
            for audience in (Person(self.workspace.settings.owner), Channel(self.setting.channel))
        )
        return not theirs.keys() <= own.keys()

    def _shown_to_owner(self, whole: Posting, due: datetime) -> Posting:
        settings, name = self.workspace.settings, f"{self.setting.name}|{due.isoformat()}"
        language, time = settings.locale, f"{due:%H:%M}"
        note = say(language, "summary_card.preview", channel=f"<#{self.setting.channel}>", time=time)
        row = blocks.actions(
            [
                blocks.button(say(language, "button.send_now"), SEND_NOW, name),
                blocks.button(say(language, "button.hold_back"), HOLD_BACK, name),
            ]
        )
        drawn = (blocks.marked(note), *whole.blocks, *row)
        return Posting(settings.owner, f"{note}\n{whole.text}", drawn, numbers=whole.numbers, about=whole.about)
