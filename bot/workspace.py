"""Puts the parts together: settings, catalogue, warehouse, state and engine of one workspace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.cache import cached, folder_key
from kpi_core.catalog import load_catalog
from kpi_core.metrics import Catalog
from kpi_core.settings.addresses import state_address, warehouse_address
from kpi_core.settings.off_limits import refuse_overlap
from kpi_core.settings.values import Goal, Settings, fill
from kpi_core.warehouse.door import Warehouse, open_warehouse

if TYPE_CHECKING:
    from kpi_core.access.audiences import Audience
    from kpi_core.query import MetricQuery
    from kpi_core.questions.following import Continued
    from kpi_core.questions.intents import Spoken
    from kpi_core.state.store import Store

Tell = Callable[[str, int, int | None], None]
"""Told of long work: the step, how many are done, of how many."""


@dataclass(frozen=True)
class Workspace:
    """One kpi.yaml at work. Databases are opened when first used."""

    settings: Settings
    environment: Mapping[str, str]
    is_demo: bool = False
    config: Path | None = None
    """The kpi.yaml that it is, where people and `kpi add` may change it."""

    @cached_property
    def catalog(self) -> Catalog:
        return load_catalog(self.settings.catalog)

    @cached_property
    def warehouse(self) -> Warehouse:
        url, folder = fill(self.settings.warehouse, self.environment, "warehouse"), self.settings.folder
        # Here, for every face passes: whoever could ask the state as if it were data would read the audit log.
        refuse_overlap(warehouse_address(url), state_address(self._state_url), folder)
        return open_warehouse(url, folder)

    @cached_property
    def store(self) -> Store:
        from kpi_core.state.store import open_store

        return open_store(self._state_url, self.settings.folder)

    @property
    def has_state(self) -> bool:
        """Whether anything was ever written down here; asking writes nothing."""
        if "store" in self.__dict__:
            return True
        file = state_address(self._state_url).file(self.settings.folder)
        return file is None or file.exists()

    def door(self, audience: Audience) -> Door:
        """The one way to this workspace's numbers, for those who will see them."""
        return Door(self._engine, audience)

    def goal_owners(self) -> tuple[str, ...]:
        """Who answers for any goal, each once."""
        return tuple(dict.fromkeys(goal.owner for goal in self._engine.goals() if goal.owner))

    @cached_property
    def _engine(self) -> Engine:
        return Engine(self.settings, self.catalog, self.warehouse, self._typed_goals, self._archived_goals)

    def question(self, text: str, now: datetime) -> MetricQuery:
        """The question that words ask at an aware instant. QuestionError when they ask none.

        One that was read before is cached until the day, the definitions or the data change.
        """
        engine, settings, version = self._engine, self.settings, self.warehouse.version()

        def read() -> MetricQuery:
            from kpi_core.questions.parse import parse_question

            return parse_question(text, engine.vocabulary(), settings.calendar, engine.today(now))

        if not version:
            return read()
        definitions = [folder_key(folder) for folder in settings.catalog if folder.is_dir()]
        data = f"{settings.folder.absolute()} {settings.warehouse} {version}"
        return cached("question", f"{data} {definitions} {settings.calendar!r} {engine.today(now)} {text}", read)

    def following(self, first: Sequence[str], text: str, now: datetime) -> tuple[Continued, MetricQuery]:
        """What a text asks that goes on from other questions, the first one first."""
        from kpi_core.questions.following import follow
        from kpi_core.questions.intents.spoken import spoken

        vocabulary, clock = self._engine.vocabulary(), (self.settings.calendar, self._engine.today(now))
        before = self.question(spoken(first[0], *clock).words, now)
        for question in first[1:]:
            _asked, before = follow(before, question, vocabulary, *clock)
        return follow(before, text, vocabulary, *clock)

    def spoken(self, text: str, now: datetime) -> Spoken:
        """What a text asks for: a number, why it moved, what a KPI means, all KPIs, the goals, what changed."""
        calendar, today = self.settings.calendar, self._engine.today(now)

        def read() -> Spoken:
            from kpi_core.questions.intents.spoken import spoken

            return spoken(text, calendar, today)

        return cached("spoken", f"{calendar!r} {today} {text}", read)

    def close(self) -> None:
        """Close what was opened."""
        for name in ("warehouse", "store"):
            if name in self.__dict__:
                getattr(self, name).close()

    @property
    def _state_url(self) -> str:
        return fill(self.settings.state, self.environment, "state")

    def _typed_goals(self) -> tuple[Goal, ...]:
        """Goals typed in the Sheet; a workspace without a state file has none, and asking makes no file."""
        if not self.has_state:
            return ()
        file = state_address(self._state_url).file(self.settings.folder)
        if "store" not in self.__dict__ and file is not None:
            from kpi_core.state.sqlite_goals import goals_of_file

            if (goals := goals_of_file(file)) is not None:
                return goals
        from kpi_core.state.goals import typed_goals

        return typed_goals(self.store)

    def _archived_goals(self) -> frozenset[str]:
        """Keys of the goals of kpi.yaml that people took out of the Sheet, read like the typed ones."""
        if not self.has_state:
            return frozenset()
        file = state_address(self._state_url).file(self.settings.folder)
        if "store" not in self.__dict__ and file is not None:
            from kpi_core.state.sqlite_goals import archived_in_file

            if (keys := archived_in_file(file)) is not None:
                return keys
        from kpi_core.state.goals import archived_goals

        return archived_goals(self.store)


def settings_of(path: Path) -> Settings:
    """The settings of a file; one without problems is cached until it changes, for the checks are many."""

    def read() -> Settings:
        from kpi_core.settings.file import read_settings

        return read_settings(path)

    settings = cached("settings", f"{path.absolute()} {path.read_text('utf-8', 'replace')}", read)
    # The cache knows the text of kpi.yaml, and not that a folder it names has gone since.
    return settings if all(folder.is_dir() for folder in settings.catalog) else read()


def cache_folder(environment: Mapping[str, str]) -> Path:
    """The user's cache: all that lies there can be made again."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "kpi-bot"
