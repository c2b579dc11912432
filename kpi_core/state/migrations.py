"""What each version of the schema adds to the one before, for each database. Released entries never change."""

from __future__ import annotations

from collections.abc import Mapping

Migration = Mapping[str, tuple[str, ...]]
"""SQLAlchemy's name of a dialect -> its statements, run in one transaction."""

_FIRST: Migration = {
    "sqlite": (
        "CREATE TABLE installation (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "INSERT INTO installation VALUES ('key', lower(hex(randomblob(32))))",
        """CREATE TABLE schedules (
            name TEXT PRIMARY KEY, every TEXT NOT NULL, last_fire TEXT NOT NULL, next_fire TEXT NOT NULL)""",
        """CREATE TABLE deliveries (
            key TEXT PRIMARY KEY, schedule TEXT NOT NULL, channel TEXT NOT NULL, due TEXT NOT NULL,
            payload TEXT NOT NULL, numbers TEXT NOT NULL, planned_at TEXT NOT NULL, state TEXT NOT NULL,
            attempts INTEGER NOT NULL, wait_until TEXT NOT NULL, first_sent TEXT, ts TEXT, error TEXT NOT NULL)""",
        "CREATE INDEX deliveries_open ON deliveries (state, wait_until)",
        """CREATE TABLE posted_numbers (
            channel TEXT NOT NULL, ts TEXT NOT NULL, position INTEGER NOT NULL, posted_at TEXT NOT NULL,
            metric TEXT NOT NULL, query TEXT NOT NULL, value REAL, version TEXT NOT NULL,
            PRIMARY KEY (channel, ts, position))""",
        """CREATE TABLE goals (
            spreadsheet TEXT NOT NULL, position INTEGER NOT NULL, kpi TEXT NOT NULL, target REAL NOT NULL,
            by TEXT NOT NULL, owner TEXT NOT NULL, filters TEXT NOT NULL, per TEXT, note TEXT NOT NULL,
            PRIMARY KEY (spreadsheet, position))""",
        "CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until TEXT NOT NULL)",
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, command TEXT NOT NULL,
            metric TEXT NOT NULL, filters TEXT NOT NULL)""",
        """CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END""",
        """CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END""",
    ),
    "postgresql": (
        "CREATE TABLE installation (name text PRIMARY KEY, value text NOT NULL)",
        """CREATE TABLE schedules (
            name text PRIMARY KEY, every text NOT NULL, last_fire timestamptz NOT NULL,
            next_fire timestamptz NOT NULL)""",
        """CREATE TABLE deliveries (
            key text PRIMARY KEY, schedule text NOT NULL, channel text NOT NULL, due timestamptz NOT NULL,
            payload text NOT NULL, numbers text NOT NULL, planned_at timestamptz NOT NULL, state text NOT NULL,
            attempts integer NOT NULL, wait_until timestamptz NOT NULL, first_sent timestamptz, ts text,
            error text NOT NULL)""",
        "CREATE INDEX deliveries_open ON deliveries (state, wait_until)",
        """CREATE TABLE posted_numbers (
            channel text NOT NULL, ts text NOT NULL, position integer NOT NULL, posted_at timestamptz NOT NULL,
            metric text NOT NULL, query text NOT NULL, value double precision, version text NOT NULL,
            PRIMARY KEY (channel, ts, position))""",
        """CREATE TABLE goals (
            spreadsheet text NOT NULL, position integer NOT NULL, kpi text NOT NULL, target double precision NOT NULL,
            by text NOT NULL, owner text NOT NULL, filters text NOT NULL, per text, note text NOT NULL,
            PRIMARY KEY (spreadsheet, position))""",
        "CREATE TABLE leases (name text PRIMARY KEY, holder text NOT NULL, until timestamptz NOT NULL)",
        """CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, who text NOT NULL,
            command text NOT NULL, metric text NOT NULL, filters text NOT NULL)""",
        """CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$""",
        """CREATE TRIGGER audit_keeps BEFORE DELETE OR UPDATE OR TRUNCATE ON audit
            FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()""",
    ),
}

# It only adds, so that a process of the version before goes on working beside a newer one.
_EVENTS_AND_CHANGES: Migration = {
    "sqlite": (
        "CREATE TABLE events (key TEXT PRIMARY KEY, answered INTEGER NOT NULL, until TEXT NOT NULL)",
        "CREATE INDEX events_until ON events (until)",
        "ALTER TABLE deliveries ADD COLUMN changes TEXT",
    ),
    "postgresql": (
        "CREATE TABLE events (key text PRIMARY KEY, answered boolean NOT NULL, until timestamptz NOT NULL)",
        "CREATE INDEX events_until ON events (until)",
        "ALTER TABLE deliveries ADD COLUMN changes TEXT",
    ),
}

_SERIES_AND_TROUBLES: Migration = {
    "sqlite": (
        "ALTER TABLE deliveries ADD COLUMN series TEXT",
        "ALTER TABLE deliveries ADD COLUMN since TEXT",
        "CREATE INDEX deliveries_schedule ON deliveries (schedule, due)",
        "CREATE TABLE troubles (name TEXT PRIMARY KEY, what TEXT NOT NULL, since TEXT NOT NULL)",
    ),
    "postgresql": (
        "ALTER TABLE deliveries ADD COLUMN series TEXT",
        "ALTER TABLE deliveries ADD COLUMN since timestamptz",
        "CREATE INDEX deliveries_schedule ON deliveries (schedule, due)",
        "CREATE TABLE troubles (name text PRIMARY KEY, what text NOT NULL, since timestamptz NOT NULL)",
    ),
}

_INCIDENTS: Migration = {
    "sqlite": (
        """CREATE TABLE incidents (
            id TEXT PRIMARY KEY, channel TEXT NOT NULL, state TEXT NOT NULL, opened_at TEXT NOT NULL,
            owner TEXT NOT NULL, until TEXT, delivery TEXT NOT NULL, body TEXT NOT NULL)""",
        "CREATE INDEX incidents_state ON incidents (state)",
        """CREATE TABLE incident_events (
            key TEXT PRIMARY KEY, incident TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
            words TEXT NOT NULL, message TEXT NOT NULL, due TEXT, waits INTEGER NOT NULL)""",
        "CREATE INDEX incident_events_of ON incident_events (incident, at)",
        "CREATE INDEX incident_events_waiting ON incident_events (waits)",
    ),
    "postgresql": (
        """CREATE TABLE incidents (
            id text PRIMARY KEY, channel text NOT NULL, state text NOT NULL, opened_at timestamptz NOT NULL,
            owner text NOT NULL, until timestamptz, delivery text NOT NULL, body text NOT NULL)""",
        "CREATE INDEX incidents_state ON incidents (state)",
        """CREATE TABLE incident_events (
            key text PRIMARY KEY, incident text NOT NULL, at timestamptz NOT NULL, who text NOT NULL,
            what text NOT NULL, words text NOT NULL, message text NOT NULL, due timestamptz, waits boolean NOT NULL)""",
        "CREATE INDEX incident_events_of ON incident_events (incident, at)",
        "CREATE INDEX incident_events_waiting ON incident_events (waits)",
    ),
}

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _EVENTS_AND_CHANGES, _SERIES_AND_TROUBLES, _INCIDENTS)
