"""From files that people send, and from their answers, to the cards they get. Whatever fails becomes a card."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from bot.additions.added_card import AnsweredFile, Reached, added_card, number_text
from bot.additions.load_lines import readiness_line
from bot.cards.word_cards import error_card
from bot.slack.listeners.readers import Audiences, Place, is_in_group
from bot.slack.listeners.replying import unexpected, write_audit
from bot.slack.receiving import received
from kpi_core.adding.first_number import first_number
from kpi_core.errors import DataError, KpiBotError, QuestionError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.cards.card import Card
    from bot.slack.listeners.people import People
    from bot.slack.listeners.services import Inbox, Services
    from kpi_core.access.audiences import Person
    from kpi_core.metrics import Language


@frozen
class Sender:
    """Somebody who may add data, with their language and the inbox."""

    person: Person
    language: Language
    inbox: Inbox


Done = TypeVar("Done")


class Receiving:
    """Turns files and answers into cards; raises nothing."""

    def __init__(self, services: Services, people: People) -> None:
        self._services, self._people = services, people
        self._audiences = Audiences(people, services)

    async def cards(
        self, client: AsyncWebClient, place: Place, files: Sequence[Mapping[str, Any]]
    ) -> AsyncIterator[Card]:
        """A card a file, and one for each table of a packed file, as soon as it is read."""
        for file in files:

            async def save(sender: Sender, file: Mapping[str, Any] = file) -> tuple[str, ...]:
                name, content = await received(client, file)
                return await asyncio.to_thread(sender.inbox.save, name, content)

            saved = await self._tried(client, place, save)
            for name in saved if isinstance(saved, tuple) else ():

                async def add(sender: Sender, name: str = name) -> Card:
                    return await self._added(sender, AnsweredFile(name))

                yield await self._tried(client, place, add)
            if not isinstance(saved, tuple):
                yield saved

    async def answer(self, client: AsyncWebClient, place: Place, written: str) -> Card:
        """The card after a button was pressed."""

        async def work(sender: Sender) -> Card:
            return await self._added(sender, AnsweredFile.read(written))

        return await self._tried(client, place, work)

    async def _tried(
        self, client: AsyncWebClient, place: Place, work: Callable[[Sender], Awaitable[Done]]
    ) -> Done | Card:
        """What a piece of work for the person at `place` gives; where it fails, a card that says why."""
        language: Language = "en"
        try:
            language = await self._people.language(client, place.user, self._services.clock())
            return await work(await self._sender(client, place, language))
        except KpiBotError as error:
            return await asyncio.to_thread(error_card, error, language)
        except Exception as error:  # noqa: BLE001 - the sender gets a card, whatever failed
            return await asyncio.to_thread(error_card, unexpected(error, language), language)

    async def _sender(self, client: AsyncWebClient, place: Place, language: Language) -> Sender:
        """The person at `place`. QuestionError or DataError where they may not add data, or nobody may."""
        person, may = await self._audiences.asker(client, place), self._services.settings.add_data
        if person.foreign:
            message, hint = say(language, "slack.foreign"), say(language, "slack.foreign_hint")
            raise QuestionError(message, code="slack_foreign", hint=hint)
        is_named = place.user in may.users
        if not is_named and not any([await is_in_group(client, place.user, group) for group in may.groups]):
            key = f"{{users: [{place.user}]}}"
            message = "You may not add data."
            hint = f"Whoever keeps kpi.yaml can allow it there: add_data: {key}"
            raise DataError(message, code="add_not_allowed", hint=hint, params={"key": key})
        if self._services.inbox is None:
            message = "This bot takes no files."
            raise DataError(message, code="add_no_inbox", hint="Run it on a kpi.yaml: kpi run --config kpi.yaml.")
        return Sender(person, language, self._services.inbox)

    async def _added(self, sender: Sender, answered: AnsweredFile) -> Card:
        return await asyncio.to_thread(self._made, sender, answered)

    def _made(self, sender: Sender, answered: AnsweredFile) -> Card:
        reached = sender.inbox.add(answered)
        write_audit(self._services, Place(sender.person.user, sender.person.channel), f"add {answered.written()}")
        closing = self._closing(sender) if reached.item.source and reached.error is None else ()
        shown = Reached(reached.item, reached.answered, reached.error, reached.unlisted, reached.channels, closing)
        return added_card(shown, self._services.settings.calendar.zone, sender.language)

    def _closing(self, sender: Sender) -> tuple[str, ...]:
        """How many KPIs are ready, and a first number: of what this person may see."""
        door, now, language = self._services.door(sender.person), self._services.clock(), sender.language
        total, unavailable = len(door.catalog.kpis()), len(door.unavailable_kpis())
        ready = readiness_line(total - unavailable, total, door.tables_to_add(), language)
        first = first_number(door, now)
        return (ready,) if first is None else (ready, number_text(first.answer, language, door.catalog))
