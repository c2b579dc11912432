"""The tables of the state, once for every database. `migrations.py` makes them; a test holds the two together."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine


class Instant(TypeDecorator[datetime]):
    """An aware instant: as such on Postgres; on SQLite UTC text of fixed width, so that text order is time order."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return instant_text(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as below
        instant: datetime | None = datetime.fromisoformat(value) if isinstance(value, str) else value
        return instant.astimezone(UTC) if instant is not None else None


class Json(TypeDecorator[Any]):
    """A JSON value as text, the same on every database: numbers come back to the last digit, keys in their order."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 - SQLAlchemy's signature
        return json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        # A column that came later is empty in the rows before it.
        return None if value is None else json.loads(value)


def instant_text(instant: datetime) -> str:
    """An aware instant as UTC text of fixed width."""
    # Always with microseconds: "…:00" without them would sort after "…:00.5".
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


metadata = MetaData()

migrations = Table("migrations", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

installation = Table(
    "installation", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False)
)

schedules = Table(
    "schedules",
    metadata,
    Column("name", Text, primary_key=True),
    Column("every", Text, nullable=False),
    Column("last_fire", Instant, nullable=False),
    Column("next_fire", Instant, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("key", Text, primary_key=True),
    Column("schedule", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("due", Instant, nullable=False),
    Column("payload", Json, nullable=False),
    Column("numbers", Json, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("wait_until", Instant, nullable=False),
    Column("first_sent", Instant),
    Column("ts", Text),
    Column("error", Text, nullable=False),
    Column("changes", Text),
    Column("series", Text),
    Column("since", Instant),
    Index("deliveries_open", "state", "wait_until"),
    Index("deliveries_schedule", "schedule", "due"),
    Index("deliveries_ts", "ts"),
)

posted_numbers = Table(
    "posted_numbers",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("ts", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("posted_at", Instant, nullable=False),
    Column("metric", Text, nullable=False),
    Column("query", Json, nullable=False),
    Column("value", Double),
    Column("version", Text, nullable=False),
    Column("parts", Json),
    Column("data_through", Text),
)

receipts = Table(
    "receipts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("numbers", Json, nullable=False),
)

goals = Table(
    "goals",
    metadata,
    Column("spreadsheet", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kpi", Text, nullable=False),
    Column("target", Double, nullable=False),
    Column("by", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("filters", Json, nullable=False),
    Column("per", Text),
    Column("note", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("changed_at", Instant),
)

goal_changes = Table(
    "goal_changes",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("goal", Text, nullable=False),
    Column("was", Text, nullable=False),
    Column("kpi", Text, nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    Index("goal_changes_goal", "goal", "id"),
)

check_ins = Table(
    "check_ins",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("goal", Text, nullable=False),
    Column("kpi", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("confidence", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Index("check_ins_goal", "goal", "id"),
)

goal_readings = Table(
    "goal_readings",
    metadata,
    Column("spreadsheet", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("change", BigInteger, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Instant, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), Identity(always=True), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("filters", Json, nullable=False),
    Column("under", Text, nullable=False),
)

subjects = Table(
    "subjects",
    metadata,
    Column("name", Text, primary_key=True),
    Column("since", Instant, nullable=False),
    Column("proposed_at", Instant),
)

events = Table(
    "events",
    metadata,
    Column("key", Text, primary_key=True),
    Column("answered", Boolean, nullable=False),
    Column("until", Instant, nullable=False),
    Column("request", Text),
    Column("times", Integer, nullable=False),
    Column("sending", Boolean, nullable=False),
    Index("events_until", "until"),
)

troubles = Table(
    "troubles",
    metadata,
    Column("name", Text, primary_key=True),
    Column("what", Text, nullable=False),
    Column("since", Instant, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("owner", Text, nullable=False),
    Column("until", Instant),
    Column("delivery", Text, nullable=False),
    Column("body", Json, nullable=False),
    Index("incidents_state", "state"),
)

incident_events = Table(
    "incident_events",
    metadata,
    Column("key", Text, primary_key=True),
    Column("incident", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("message", Json, nullable=False),
    Column("due", Instant),
    Column("waits", Boolean, nullable=False),
    Index("incident_events_of", "incident", "at"),
    Index("incident_events_waiting", "waits"),
)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

last_questions = Table(
    "last_questions",
    metadata,
    Column("place", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("query", Json, nullable=False),
    Column("private", Boolean, nullable=False),
    Index("last_questions_at", "at"),
)

sheet_entries = Table(
    "sheet_entries",
    metadata,
    Column("spreadsheet", Text, primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("entry", Json, nullable=False),
)

sheet_states = Table(
    "sheet_states",
    metadata,
    Column("spreadsheet", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("error", Text, nullable=False),
    Column("standing", Json, nullable=False),
    Column("remembered", Json, nullable=False),
)

sheet_writes = Table(
    "sheet_writes",
    metadata,
    Column("spreadsheet", Text, primary_key=True),
    Column("writes", Json, nullable=False),
)

admissions = Table(
    "admissions",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

assistant_tokens = Table(
    "assistant_tokens",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Index("assistant_tokens_person", "person"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("name", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

own_alerts = Table(
    "own_alerts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("direct", Boolean, nullable=False),
    Column("rule", Json, nullable=False),
    Column("at", Instant, nullable=False),
)

open_homes = Table(
    "open_homes",
    metadata,
    Column("who", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("shows", Text, nullable=False),
)

vault = Table(
    "vault",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

goal_tasks = Table(
    "goal_tasks",
    metadata,
    Column("goal", Text, primary_key=True),
    Column("tool", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("done", Boolean, nullable=False),
    Column("due", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("gone", Boolean, nullable=False),
)
