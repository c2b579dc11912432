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

_RECEIPTS: Migration = {
    "sqlite": (
        """CREATE TABLE receipts (
            name TEXT PRIMARY KEY, channel TEXT NOT NULL, ts TEXT NOT NULL, made_at TEXT NOT NULL,
            numbers TEXT NOT NULL)""",
        "ALTER TABLE posted_numbers ADD COLUMN parts TEXT",
        "ALTER TABLE posted_numbers ADD COLUMN data_through TEXT",
    ),
    "postgresql": (
        """CREATE TABLE receipts (
            name text PRIMARY KEY, channel text NOT NULL, ts text NOT NULL, made_at timestamptz NOT NULL,
            numbers text NOT NULL)""",
        "ALTER TABLE posted_numbers ADD COLUMN parts text",
        "ALTER TABLE posted_numbers ADD COLUMN data_through text",
    ),
}

_HISTORY_OF_GOALS: Migration = {
    "sqlite": (
        "ALTER TABLE goals ADD COLUMN action TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE goals ADD COLUMN changed_at TEXT",
        """CREATE TABLE goal_changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, place TEXT NOT NULL,
            goal TEXT NOT NULL, was TEXT NOT NULL, kpi TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL)""",
        "CREATE INDEX goal_changes_goal ON goal_changes (goal, id)",
        """CREATE TRIGGER goal_changes_stay BEFORE DELETE ON goal_changes
            BEGIN SELECT RAISE(ABORT, 'the history of goals only grows'); END""",
        """CREATE TRIGGER goal_changes_hold BEFORE UPDATE ON goal_changes
            BEGIN SELECT RAISE(ABORT, 'the history of goals only grows'); END""",
        "CREATE TABLE goal_readings (spreadsheet TEXT PRIMARY KEY, at TEXT NOT NULL, change INTEGER NOT NULL)",
    ),
    "postgresql": (
        "ALTER TABLE goals ADD COLUMN action text NOT NULL DEFAULT ''",
        "ALTER TABLE goals ADD COLUMN changed_at timestamptz",
        """CREATE TABLE goal_changes (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, who text NOT NULL,
            place text NOT NULL, goal text NOT NULL, was text NOT NULL, kpi text NOT NULL, before text NOT NULL,
            after text NOT NULL)""",
        "CREATE INDEX goal_changes_goal ON goal_changes (goal, id)",
        """CREATE FUNCTION goal_changes_only_grow() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'the history of goals only grows'; END $$""",
        """CREATE TRIGGER goal_changes_stay BEFORE DELETE OR UPDATE OR TRUNCATE ON goal_changes
            FOR EACH STATEMENT EXECUTE FUNCTION goal_changes_only_grow()""",
        "CREATE TABLE goal_readings (spreadsheet text PRIMARY KEY, at timestamptz NOT NULL, change bigint NOT NULL)",
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

_PEOPLE: Migration = {
    "sqlite": ("CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL, seen_at TEXT NOT NULL)",),
    "postgresql": ("CREATE TABLE people (id text PRIMARY KEY, name text NOT NULL, seen_at timestamptz NOT NULL)",),
}

_CHECK_INS: Migration = {
    "sqlite": (
        """CREATE TABLE check_ins (
            id INTEGER PRIMARY KEY AUTOINCREMENT, goal TEXT NOT NULL, kpi TEXT NOT NULL, at TEXT NOT NULL,
            who TEXT NOT NULL, confidence INTEGER NOT NULL, note TEXT NOT NULL)""",
        "CREATE INDEX check_ins_goal ON check_ins (goal, id)",
    ),
    "postgresql": (
        """CREATE TABLE check_ins (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, goal text NOT NULL, kpi text NOT NULL,
            at timestamptz NOT NULL, who text NOT NULL, confidence integer NOT NULL, note text NOT NULL)""",
        "CREATE INDEX check_ins_goal ON check_ins (goal, id)",
    ),
}

_SHEET_LOG: Migration = {
    "sqlite": (
        "CREATE TABLE sheet_entries (spreadsheet TEXT, at TEXT, entry TEXT NOT NULL, PRIMARY KEY (spreadsheet, at))",
        """CREATE TABLE sheet_states (
            spreadsheet TEXT PRIMARY KEY, at TEXT NOT NULL, error TEXT NOT NULL, standing TEXT NOT NULL,
            remembered TEXT NOT NULL)""",
    ),
    "postgresql": (
        """CREATE TABLE sheet_entries (
            spreadsheet text, at timestamptz, entry text NOT NULL, PRIMARY KEY (spreadsheet, at))""",
        """CREATE TABLE sheet_states (
            spreadsheet text PRIMARY KEY, at timestamptz NOT NULL, error text NOT NULL, standing text NOT NULL,
            remembered text NOT NULL)""",
    ),
}

_TEAM: Migration = {
    "sqlite": (
        "CREATE TABLE admissions (channel TEXT PRIMARY KEY, who TEXT NOT NULL, at TEXT NOT NULL)",
        "CREATE TABLE pauses (name TEXT PRIMARY KEY, who TEXT NOT NULL, at TEXT NOT NULL)",
        """CREATE TABLE own_alerts (
            id TEXT PRIMARY KEY, who TEXT NOT NULL, channel TEXT NOT NULL, direct INTEGER NOT NULL,
            rule TEXT NOT NULL, at TEXT NOT NULL)""",
        "CREATE TABLE open_homes (who TEXT PRIMARY KEY, at TEXT NOT NULL, shows TEXT NOT NULL)",
    ),
    "postgresql": (
        "CREATE TABLE admissions (channel text PRIMARY KEY, who text NOT NULL, at timestamptz NOT NULL)",
        "CREATE TABLE pauses (name text PRIMARY KEY, who text NOT NULL, at timestamptz NOT NULL)",
        """CREATE TABLE own_alerts (
            id text PRIMARY KEY, who text NOT NULL, channel text NOT NULL, direct boolean NOT NULL,
            rule text NOT NULL, at timestamptz NOT NULL)""",
        "CREATE TABLE open_homes (who text PRIMARY KEY, at timestamptz NOT NULL, shows text NOT NULL)",
    ),
}

_USE: Migration = {
    "sqlite": (
        "ALTER TABLE audit ADD COLUMN under TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX deliveries_ts ON deliveries (ts)",
        "CREATE TABLE subjects (name TEXT PRIMARY KEY, since TEXT NOT NULL, proposed_at TEXT)",
    ),
    "postgresql": (
        "ALTER TABLE audit ADD COLUMN under text NOT NULL DEFAULT ''",
        "CREATE INDEX deliveries_ts ON deliveries (ts)",
        "CREATE TABLE subjects (name text PRIMARY KEY, since timestamptz NOT NULL, proposed_at timestamptz)",
    ),
}

_ASSISTANTS: Migration = {
    "sqlite": (
        "CREATE TABLE assistant_tokens (hash TEXT PRIMARY KEY, person TEXT NOT NULL, made_at TEXT NOT NULL)",
        "CREATE INDEX assistant_tokens_person ON assistant_tokens (person)",
    ),
    "postgresql": (
        "CREATE TABLE assistant_tokens (hash text PRIMARY KEY, person text NOT NULL, made_at timestamptz NOT NULL)",
        "CREATE INDEX assistant_tokens_person ON assistant_tokens (person)",
    ),
}

_LAST_QUESTIONS: Migration = {
    "sqlite": (
        """CREATE TABLE last_questions (
            place TEXT PRIMARY KEY, at TEXT NOT NULL, query TEXT NOT NULL, private INTEGER NOT NULL)""",
        "CREATE INDEX last_questions_at ON last_questions (at)",
    ),
    "postgresql": (
        """CREATE TABLE last_questions (
            place text PRIMARY KEY, at timestamptz NOT NULL, query text NOT NULL, private boolean NOT NULL)""",
        "CREATE INDEX last_questions_at ON last_questions (at)",
    ),
}

_VAULT: Migration = {
    "sqlite": ("CREATE TABLE vault (name TEXT PRIMARY KEY, sealed TEXT NOT NULL, at TEXT NOT NULL)",),
    "postgresql": ("CREATE TABLE vault (name text PRIMARY KEY, sealed text NOT NULL, at timestamptz NOT NULL)",),
}

_SHEET_WRITES: Migration = {
    "sqlite": ("CREATE TABLE sheet_writes (spreadsheet TEXT PRIMARY KEY, writes TEXT NOT NULL)",),
    "postgresql": ("CREATE TABLE sheet_writes (spreadsheet text PRIMARY KEY, writes text NOT NULL)",),
}

_GOAL_TASKS: Migration = {
    "sqlite": (
        """CREATE TABLE goal_tasks (
            goal TEXT PRIMARY KEY, tool TEXT NOT NULL, task TEXT NOT NULL, name TEXT NOT NULL, url TEXT NOT NULL,
            done INTEGER NOT NULL, due TEXT NOT NULL, seen_at TEXT NOT NULL, gone INTEGER NOT NULL)""",
    ),
    "postgresql": (
        """CREATE TABLE goal_tasks (
            goal text PRIMARY KEY, tool text NOT NULL, task text NOT NULL, name text NOT NULL, url text NOT NULL,
            done boolean NOT NULL, due text NOT NULL, seen_at timestamptz NOT NULL, gone boolean NOT NULL)""",
    ),
}

_OPEN_REQUESTS: Migration = {
    "sqlite": (
        "ALTER TABLE events ADD COLUMN request TEXT",
        "ALTER TABLE events ADD COLUMN times INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE events ADD COLUMN sending INTEGER NOT NULL DEFAULT 0",
    ),
    "postgresql": (
        "ALTER TABLE events ADD COLUMN request text",
        "ALTER TABLE events ADD COLUMN times bigint NOT NULL DEFAULT 1",
        "ALTER TABLE events ADD COLUMN sending boolean NOT NULL DEFAULT false",
    ),
}

MIGRATIONS: tuple[Migration, ...] = (
    _FIRST,
    _EVENTS_AND_CHANGES,
    _SERIES_AND_TROUBLES,
    _RECEIPTS,
    _HISTORY_OF_GOALS,
    _INCIDENTS,
    _PEOPLE,
    _CHECK_INS,
    _SHEET_LOG,
    _TEAM,
    _USE,
    _ASSISTANTS,
    _LAST_QUESTIONS,
    _VAULT,
    _SHEET_WRITES,
    _GOAL_TASKS,
    _OPEN_REQUESTS,
)
