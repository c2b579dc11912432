"""From what a person asked to the card they get. Slow work runs in threads; whatever fails becomes a card."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from bot.cards.answer import ASK, EXPLAIN, Around, answer_card
from bot.cards.blocks import is_user_id
from bot.cards.budgets import budgets_card
from bot.cards.card import Card
from bot.cards.catalogue import explain_card, list_card
from bot.cards.dimension_values import members_card
from bot.cards.onward.buttons import MORE, OPTION_VALUE, needs_task
from bot.cards.onward.choices import compare_card, exact_card
from bot.cards.reasons.band import band_card
from bot.cards.reasons.movers import changes_card
from bot.cards.reasons.truth_lines import truths_card
from bot.cards.reasons.why import why_card
from bot.cards.views.admission_card import dismissed_card, with_admission
from bot.cards.views.schedule_card import schedule_card
from bot.cards.word_cards import MOST_GOALS, error_card, goal_list_card, help_card
from bot.log_lines import current_id
from bot.slack.listeners.readers import Audiences, Place
from bot.slack.listeners.request import read_request
from bot.slack.listeners.talks.going_on import Talks, reading_of
from bot.slack.listeners.talks.often import own_first, uses_of
from bot.slack.posting import post, post_ephemeral
from kpi_core.access.audiences import Channel
from kpi_core.alerts.scopes import scope_of
from kpi_core.alerts.usual_band import since_of, usual_band
from kpi_core.deliveries.planning import schedule_at
from kpi_core.deliveries.posted_number import posted_number
from kpi_core.deliveries.receipts import answered
from kpi_core.deliveries.summaries import sheet_address
from kpi_core.errors import KpiBotError, QuestionError
from kpi_core.formats.goals.goal_words import check_in_text
from kpi_core.formats.goals.task_words import task_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.check_ins import key_of
from kpi_core.phrases import say
from kpi_core.questions.intents.spoken import spoken
from kpi_core.reasons.movers import what_changed
from kpi_core.reasons.three_truths import three_truths
from kpi_core.reasons.why import explained
from kpi_core.review.budget_review import BUDGET, SPEND, reviewed_budgets
from kpi_core.review.goal_review import reviewed_goals
from kpi_core.state.audit import AuditEntry, record
from kpi_core.state.check_in_rows import newest_check_ins
from kpi_core.state.team.admissions import dismiss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.people import People
    from bot.slack.listeners.request import Kind, Request
    from bot.slack.listeners.services import Schedules, Services
    from bot.slack.posting import Posted
    from kpi_core.access.audiences import Audience, Person
    from kpi_core.access.doorway import Door
    from kpi_core.answers import Answer
    from kpi_core.goals.goal_task import GoalTask
    from kpi_core.metrics import Catalog, Language
    from kpi_core.query import MetricQuery

MOST_CHARACTERS = 1_000
_OF_ALL = frozenset({"budgets", "goals", "values", "changes", "schedule", "hide"})
Verb = Literal["compare", "exact"]
_REFUSALS = frozenset({"slack_foreign", "not_allowed"})
"""What is no business of the others in the channel."""
log = logging.getLogger("kpi_bot.slack")


@frozen
class Inquiry:
    """What somebody typed, or pressed: that stands by itself, and never goes on from what was asked before."""

    typed: str
    place: Place
    pressed: bool = False
    verb: Verb | None = None
    """What is wanted of the answer, instead of the answer itself."""
    under: str = ""
    """The message on which it was pressed, or that begins the thread, by its ts."""


@frozen
class Reply:
    """`private`: nobody but the asker may see it. `aside`: help, list or an error, of no use to the others."""

    card: Card
    private: bool = False
    aside: bool = False
    query: MetricQuery | None = None
    """What was answered."""
    language: Language = "en"
    """The asker's."""
    alone: bool = False
    """Private for the sole reason that strangers may read there."""
    public: bool = False
    """For all who are there, whoever they are: it names no number."""


class Replying:
    """Turns what people ask into replies; raises nothing."""

    def __init__(self, services: Services, people: People) -> None:
        self._services = services
        self._people = people
        self._audiences = Audiences(people, services)
        self._talks = Talks(services)

    @property
    def services(self) -> Services:
        return self._services

    async def language(self, client: AsyncWebClient, place: Place) -> Language:
        return await self._people.language(client, place.user, self._services.clock())

    async def require_member(self, client: AsyncWebClient, place: Place, language: Language) -> Person:
        """The one at `place`. QuestionError for people of another workspace and for guests."""
        asker = await self._audiences.asker(client, place)
        if asker.foreign:
            raise foreign(language)
        return asker

    async def require_admin(self, client: AsyncWebClient, place: Place, language: Language) -> Person:
        """As `require_member`, and one of `admins:` of kpi.yaml or its owner; without `admins:` an admin of Slack's."""
        asker = await self.require_member(client, place, language)
        settings = self._services.settings
        profile = await self._people.profile(client, place.user, self._services.clock())
        by_slack = profile.admin and not settings.admins and not asker.unverified
        if not (by_slack or place.user in settings.admins or place.user == settings.owner):
            message = "This is for admins."
            hint = "Whoever keeps kpi.yaml can name you there under admins:"
            raise QuestionError(message, code="admins_only", hint=hint)
        return asker

    def schedules(self) -> Schedules:
        """What comes by itself. KpiBotError where nothing does."""
        if self._services.schedules is None:
            raise KpiBotError("Nothing comes by itself here.", code="no_schedules", hint="Run it with kpi run.")
        return self._services.schedules

    async def require_reader(self, client: AsyncWebClient, place: Place, language: Language) -> Person:
        """As `require_member`; also somebody else where a member has let all who are there read."""
        asker = await self._audiences.asker(client, place)
        if asker.foreign and not asker.admitted:
            raise foreign(language)
        return asker

    async def conversation(self, client: AsyncWebClient, user: str) -> str:
        """The id of somebody's conversation with the bot; their own id where Slack does not say it."""
        return await self._audiences.conversation(client, user) or user

    async def readers(self, client: AsyncWebClient, place: Place) -> Audience:
        """All who read what is said at `place` for everybody."""
        return await self._audiences.readers(client, place)

    async def is_closed(self, client: AsyncWebClient, place: Place) -> bool:
        """Whether strangers read there, or Slack does not say who does: then each member is answered alone."""
        readers = await self._audiences.readers(client, place)
        return isinstance(readers, Channel) and (readers.shared or readers.unverified) and not readers.admitted

    async def reply(self, client: AsyncWebClient, inquiry: Inquiry) -> Reply:
        """The reply in the asker's language."""
        language: Language = "en"
        # Nothing so long is read; what says that it is too long needs no more of it.
        request = read_request(inquiry.typed[: 2 * MOST_CHARACTERS])
        try:
            language = await self._people.language(client, inquiry.place.user, self._services.clock())
            made = await self._made(client, inquiry, request, language)
        except KpiBotError as error:
            await self.name_owner(client, error)
            made = await self._failed(_for_explain(error, request), language)
        except Exception as error:  # noqa: BLE001 - the asker gets a card, whatever failed
            made = await self._failed(unexpected(error, language), language)
        await asyncio.to_thread(
            write_audit, self._services, inquiry.place, inquiry.typed, made.query, under=inquiry.under
        )
        if made.alone and not request.private and self._services.store is not None:
            made = replace(made, card=with_admission(made.card, language))
        # Even what went wrong may name what strangers are not to know.
        private = not made.public and (made.private or request.private or await self.is_closed(client, inquiry.place))
        if made.query is not None:
            await self._talks.remember(inquiry.place, made.query, private=private and not inquiry.place.direct)
        card = _kept_private(made.card) if private else made.card
        return replace(made, private=private, card=card, language=language)

    async def _made(self, client: AsyncWebClient, inquiry: Inquiry, request: Request, language: Language) -> Reply:
        if len(request.words) > MOST_CHARACTERS:
            message = say(language, "slack.too_long", most=MOST_CHARACTERS)
            raise QuestionError(message, code="slack_too_long", hint=say(language, "error.too_long_hint"))
        asker = await self.require_reader(client, inquiry.place, language)
        before = None if inquiry.pressed else await self._talks.before(client, inquiry.place, request, self._services)
        if request.kind == "help" and before is None:
            return Reply(help_card(language), aside=True)
        if request.kind == "list":
            door = await self.widest(client, inquiry.place, asker)
            everybody = self._services.door(await self._audiences.readers(client, inquiry.place))
            # What is limited is not even named where others read along.
            private = len(door.catalog.metrics) > len(everybody.catalog.metrics) and not inquiry.place.direct
            return Reply(
                await asyncio.to_thread(self._list, door, language, inquiry.place.user), private=private, aside=True
            )
        if request.kind in _OF_ALL and (request.kind != "changes" or before is None):
            return await self._of_all(client, inquiry.place, asker, request, language)
        read = reading_of(request, before, self._services.clock())
        kind, query = await self._question(client, inquiry.place, asker, read)
        door, private = await self._door(client, inquiry.place, asker, query.metric)
        card = await self._card(client, door, query, inquiry, inquiry.verb or kind, language)
        alone = private and await self.is_closed(client, inquiry.place) and not asker.foreign
        private = private or (before is not None and before.private and not inquiry.place.direct)
        return Reply(card, private=private, aside=inquiry.verb is not None, query=query, alone=alone)

    async def _schedule(self, client: AsyncWebClient, place: Place, language: Language) -> Reply:
        """What comes by itself, for admins alone."""
        await self.require_admin(client, place, language)
        card = schedule_card(await asyncio.to_thread(self.schedules().coming), language)
        return Reply(card, private=not place.direct, aside=True)

    async def _hide(self, client: AsyncWebClient, place: Place, language: Language) -> Reply:
        """What *Show here* has opened is closed again, and all who read there are told. By any member."""
        await self.require_member(client, place, language)
        opened = self._services.store
        if opened is None or not await asyncio.to_thread(lambda: dismiss(opened(), place.channel)):
            message = "Here the bot answers members alone."
            raise QuestionError(message, code="not_admitted", hint="Nothing is left to do.")
        await asyncio.to_thread(write_audit, self._services, place, f"dismiss strangers from {place.channel}")
        return Reply(dismissed_card(place.user, self._services.settings.locale), public=True)

    async def _of_all(
        self, client: AsyncWebClient, place: Place, asker: Person, request: Request, language: Language
    ) -> Reply:
        """All of a kind: what is asked about no one KPI."""
        match request.kind:
            case "schedule":
                return await self._schedule(client, place, language)
            case "hide":
                return await self._hide(client, place, language)
            case "budgets":
                return await self._budgets(client, place, asker, language)
            case "goals":
                return await self._goals(client, place, asker, language)
            case "values":
                return await self._values(client, place, asker, request.words, language)
            case _:
                return await self._changes(client, place, asker, request.words, language)

    async def _budgets(self, client: AsyncWebClient, place: Place, asker: Person, language: Language) -> Reply:
        """How the budgets run; for the asker alone where not all readers may see both sides."""
        doors = [await self._door(client, place, asker, metric) for metric in (BUDGET, SPEND)]
        door, private = max(doors, key=lambda each: each[1])
        pacing = await asyncio.to_thread(reviewed_budgets, door, self._services.clock())
        return Reply(budgets_card(pacing, door.settings.currency, language), private=private)

    async def _goals(self, client: AsyncWebClient, place: Place, asker: Person, language: Language) -> Reply:
        """Every goal; for the asker alone where not all readers may see as many."""
        everybody = self._services.door(await self._audiences.readers(client, place))
        widest = await self.widest(client, place, asker)
        private = len(await asyncio.to_thread(widest.goals)) > len(await asyncio.to_thread(everybody.goals))
        door = widest if private else everybody
        reviewed = await asyncio.to_thread(reviewed_goals, door, door.goals(), self._services.clock())
        first_goals = [each.goal for each in reviewed[:MOST_GOALS]]
        tasks = await asyncio.to_thread(self._tasks, [goal.key for goal in first_goals])
        said = await asyncio.to_thread(self._check_ins, language, tasks or {})
        names = await self._names(client, (goal.owner for goal in first_goals))
        card = goal_list_card(reviewed, language, door.catalog, said, names, tasks)
        return Reply(card, private=private and not place.direct)

    async def _values(
        self, client: AsyncWebClient, place: Place, asker: Person, words: str, language: Language
    ) -> Reply:
        """The values of a dimension; for the asker alone where not all readers may see as many KPIs."""
        everybody = self._services.door(await self._audiences.readers(client, place))
        widest = await self.widest(client, place, asker)
        private = len(widest.catalog.metrics) > len(everybody.catalog.metrics)
        members = await asyncio.to_thread((widest if private else everybody).members, words, self._services.clock())
        return Reply(members_card(members, language, widest.definitions), private=private and not place.direct)

    async def _changes(
        self, client: AsyncWebClient, place: Place, asker: Person, words: str, language: Language
    ) -> Reply:
        """What moved in a period, of the KPIs that all who read along may see; where strangers do, for the asker."""
        now = self._services.clock()
        alone = await self.is_closed(client, place)
        readers = await self._audiences.readers(client, place)
        door = await self.widest(client, place, asker) if alone else self._services.door(readers)
        period = spoken(words, door.settings.calendar, door.today(now)).period
        if period is None:
            return Reply(help_card(language), aside=True)

        def card() -> Card:
            missing = door.unavailable_kpis()
            moved = what_changed(lambda queries: door.answers(queries, now), door.catalog, missing, period)
            return changes_card(moved, language)

        return Reply(await asyncio.to_thread(card), private=alone, alone=alone)

    async def _question(
        self, client: AsyncWebClient, place: Place, asker: Person, read: Callable[[Door], tuple[Kind, MetricQuery]]
    ) -> tuple[Kind, MetricQuery]:
        """What is asked, and of what; an error suggests what the asker may see."""
        door = self._services.door(asker)
        try:
            return await asyncio.to_thread(read, door)
        except QuestionError:
            # Membership of groups is a call to Slack for each of them: asked only where it may decide.
            if not door.groups():
                raise
        return await asyncio.to_thread(read, await self.widest(client, place, asker))

    async def _door(self, client: AsyncWebClient, place: Place, asker: Person, metric_id: str) -> tuple[Door, bool]:
        """The door to a KPI, for all who read along if they may see it, else for the asker alone: then True."""
        everybody = self._services.door(await self._audiences.readers(client, place))
        if await asyncio.to_thread(everybody.may_see, metric_id):
            return everybody, False
        door = self._services.door(asker)
        if not await asyncio.to_thread(door.may_see, metric_id):
            groups = door.groups(metric_id)
            door = self._services.door(await self._audiences.asker(client, place, groups)) if groups else door
        await asyncio.to_thread(door.require, metric_id)
        return door, not place.direct

    async def widest(self, client: AsyncWebClient, place: Place, asker: Person) -> Door:
        """The door to all that the asker may see, by any of their groups."""
        door = self._services.door(asker)
        return (
            self._services.door(await self._audiences.asker(client, place, groups))
            if (groups := door.groups())
            else door
        )

    async def _card(  # noqa: PLR0913, PLR0917 - what is drawn, of what, for whom
        self, client: AsyncWebClient, door: Door, query: MetricQuery, inquiry: Inquiry, kind: Kind | Verb,
        language: Language,
    ) -> Card:  # fmt: skip
        if kind in {"why", "normal", "truths", "explain"}:
            return await asyncio.to_thread(self._worked_out, door, query, kind, inquiry.place, language)
        answer = await asyncio.to_thread(door.answer, query, self._services.clock())
        if kind == "compare":
            return compare_card(answer, language, door.settings.calendar, door.catalog)
        if kind == "exact":
            return await asyncio.to_thread(exact_card, answer, language, door.catalog)
        return await self._answer_card(client, door, answer, inquiry.place, language)

    async def _answer_card(  # noqa: PLR0913, PLR0917 - as above
        self, client: AsyncWebClient, door: Door, answer: Answer, place: Place, language: Language, shared_by: str = ""
    ) -> Card:
        """With the names of people, where the spreadsheet is, what the owner said last, and a receipt."""
        names = await self._names(client, [answer.goal.owner] if answer.goal else [])

        def card() -> Card:
            key = key_of(answer.metric.id, answer.goal) if answer.goal else ""
            tasks = self._tasks([key]) if key else None
            check_in = self._check_ins(language, tasks or {}).get(key, "") if key else ""
            receipt, sheet = self._receipt(answer, place, self._services.clock()), sheet_address(door.settings) or ""
            task = key if answer.goal and needs_task(key, answer.goal.status, tasks) else ""
            around = Around(names, sheet, shared_by, check_in, receipt, task)
            return answer_card(answer, language, door.catalog, around)

        return await asyncio.to_thread(card)

    async def _names(self, client: AsyncWebClient, owners: Iterable[str]) -> dict[str, str]:
        """What the members among the owners are called, by their ids."""
        members = [owner for owner in dict.fromkeys(owners) if is_user_id(owner)]
        names = {
            member: (await self._people.profile(client, member, self._services.clock())).name for member in members
        }
        return {member: name for member, name in names.items() if name}

    def _worked_out(self, door: Door, query: MetricQuery, kind: Kind | Verb, place: Place, language: Language) -> Card:
        if kind == "why":
            now, dimensions = self._services.clock(), door.vocabulary().splits_of(query.metric)
            why = explained(lambda queries: door.answers(queries, now), query, dimensions)
            return why_card(why, language, door.catalog, self._receipt(why.answer, place, now))
        if kind == "truths":
            now = self._services.clock()
            truths = three_truths(lambda queries: door.answers(queries, now), door.may_see, query)
            return truths_card(truths, language, door.catalog)
        if kind == "normal":
            now = self._services.clock()
            since = min(query.period.end, door.today(now)) - since_of(query)
            return band_card(usual_band(query, scope_of(door, since, now)), language, door.catalog)
        return explain_card(door.catalog.metrics[query.metric], door.catalog, language)

    async def visible(self, client: AsyncWebClient, place: Place) -> Catalog:
        """The KPIs that the asker may see; none for people of another workspace."""
        door = await self.widest(client, place, await self._audiences.asker(client, place))
        return door.catalog

    async def tell(self, client: AsyncWebClient, place: Place, error: KpiBotError, language: Language) -> None:
        """Say to one person alone what went wrong."""
        await post_ephemeral(client, place.channel, place.user, await asyncio.to_thread(error_card, error, language))

    async def shared(self, client: AsyncWebClient, place: Place, question: str, language: Language) -> Posted:
        """Post an answer into the channel of `place`, saying who shared it; KpiBotError if it may not.

        All who read there must be allowed to see it, and so must whoever shares it.
        """
        asker = await self.require_member(client, place, language)
        read = reading_of(read_request(question), None, self._services.clock())
        _kind, query = await self._question(client, place, asker, read)
        door, private = await self._door(client, place, asker, query.metric)
        if private:
            self._services.door(await self._audiences.readers(client, place)).require(query.metric)
        answer = await asyncio.to_thread(door.answer, query, self._services.clock())
        profile = await self._people.profile(client, place.user, self._services.clock())
        card = await self._answer_card(client, door, answer, place, language, profile.name or place.user)
        posted = await post(client, place.channel, card)
        await asyncio.to_thread(write_audit, self._services, place, f"share {question} > {place.channel}", query)
        return posted

    def _tasks(self, goals: Iterable[str]) -> Mapping[str, GoalTask] | None:
        """The tasks of goals by their keys; None where no board is named, or the state cannot be read."""
        tasks = self._services.tasks
        try:
            return tasks.fresh(goals, patient=False) if tasks is not None and tasks.offered else None
        except KpiBotError as error:
            log.warning("No task was read: %s %s", error.message, error.hint)
            return None

    def _check_ins(self, language: Language, tasks: Mapping[str, GoalTask]) -> dict[str, str]:
        """By goal its owner's last word and its task; nothing where the state cannot be read."""
        if self._services.store is None:
            return {}
        try:
            newest = newest_check_ins(self._services.store())
        except KpiBotError as error:
            log.warning("No check-in was read: %s %s", error.message, error.hint)
            return {}
        today = self._services.settings.calendar.today
        said = {key: check_in_text(each, language, today(each.at)) for key, each in newest.items()}
        told = {key: task_text(each, language) for key, each in tasks.items()}
        return {key: " · ".join(filter(None, (said.get(key), told.get(key)))) for key in {**said, **told}}

    def _receipt(self, answer: Answer, place: Place, now: datetime) -> str:
        """Written down before it is said; an answer does not fail with the state, and goes without one."""
        if self._services.store is None:
            return ""
        try:
            return answered(self._services.store(), place.channel, [posted_number(answer)], now)
        except KpiBotError as error:
            log.warning("No receipt was written: %s %s", error.message, error.hint)
            return ""

    def _list(self, door: Door, language: Language, user: str) -> Card:
        limited = len(door.definitions.kpis()) - len(door.catalog.kpis())
        missing, uses = door.unavailable_kpis(), uses_of(self._services, user)
        return list_card(door.catalog, missing, language, limited, own=own_first(uses))

    async def name_owner(self, client: AsyncWebClient, error: KpiBotError) -> None:
        """Whom to ask for access: whoever kpi.yaml names as its owner."""
        owner = self._services.settings.owner
        if owner and error.params.get("hint") == "error.not_allowed_hint":
            profile = await self._people.profile(client, owner, self._services.clock())
            error.params |= {"hint": "error.not_allowed_owner_hint", "owner": profile.name or owner}

    async def _failed(self, error: KpiBotError, language: Language) -> Reply:
        if error.code == "help":
            return Reply(help_card(language), aside=True)
        card = await asyncio.to_thread(error_card, error, language)
        return Reply(card, private=error.code in _REFUSALS, aside=True)


def foreign(language: Language) -> QuestionError:
    """What people read who are no members of the workspace."""
    message, hint = say(language, "slack.foreign"), say(language, "slack.foreign_hint")
    return QuestionError(message, code="slack_foreign", hint=hint)


def write_audit(  # noqa: PLR0913 - what an entry says
    services: Services,
    place: Place,
    command: str,
    query: MetricQuery | None = None,
    *,
    kpi: str = "",
    under: str = "",
) -> None:
    """Write down who asked or did what, of the KPI of the query or of `kpi`; the answer does not fail with the log."""
    if services.store is None:
        return
    filters = {each.dimension: ", ".join(map(str, each.values)) for each in query.filters} if query else {}
    words, metric = command[:MOST_CHARACTERS], query.metric if query else kpi
    try:
        store = services.store()
        post = schedule_at(store, under) if under else ""
        record(store, AuditEntry(services.clock(), place.user, words, metric, filters, post))
    except Exception as error:  # noqa: BLE001 - whatever keeps the state from being written
        log.error("The audit log was not written: %s", type(error).__name__)  # noqa: TRY400 - may carry secrets


def _for_explain(error: KpiBotError, request: Request) -> KpiBotError:
    """Suggestions of an explanation lead to explanations."""
    if request.kind == "explain":
        error.suggestions = tuple(f"explain {suggestion}" for suggestion in error.suggestions)
    return error


def unexpected(error: Exception, language: Language) -> KpiBotError:
    """An error to show for one that nobody foresaw; the log says where, not what: messages may carry secrets."""
    reference = current_id() or secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("Reference %s: %s at %s", reference, type(error).__name__, where)
    return KpiBotError(
        say(language, "slack.unexpected", reference=reference),
        code="slack_unexpected",
        hint=say(language, "slack.unexpected_hint"),
    )


def _kept_private(card: Card) -> Card:
    """The card with every button that asks again asking in private too."""
    return replace(card, blocks=[_private_inside(block) for block in card.blocks])


def _private_inside(node: Any) -> Any:
    if isinstance(node, list):
        return [_private_inside(item) for item in node]
    if not isinstance(node, dict):
        return node
    inside = {key: _private_inside(value) for key, value in node.items()}
    if node.get("action_id") == MORE:
        options = [private for option in node["options"] if (private := _private_option(option)) is not None]
        return inside | {"options": options}
    asks = str(node.get("action_id", "")).startswith((ASK, EXPLAIN)) and isinstance(node.get("value"), str)
    return inside | {"value": f"{node['value']} --private"} if asks else inside


def _private_option(option: dict[str, Any]) -> dict[str, Any] | None:
    """An option of a menu that asks in private too; None where that does not fit."""
    if option["value"].partition(" ")[0] not in {"compare", "exact", "explain"}:
        return option
    value = f"{option['value']} --private"
    return option | {"value": value} if len(value) <= OPTION_VALUE else None
