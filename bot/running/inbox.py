"""Files that people send: kept in a folder of the workspace, then added and loaded as `kpi add` does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.additions.added_card import AnsweredFile, Reached
from bot.running.loading import load_sources, newest_settings, sheet_reader_of
from bot.workspace import Workspace
from kpi_core.adding.addition import RATES, Added, add_files
from kpi_core.adding.archives import is_archive, unpacked
from kpi_core.adding.stored_files import FOLDER, plain_name, store
from kpi_core.documents.amendments import with_text_in, write_whole
from kpi_core.errors import DataError
from kpi_core.loading.channels.channel_list import ChannelList
from kpi_core.loading.staged import SourceLoad


class Inbox:
    """The files of one workspace. One is added at a time, and never while its jobs load: `turn` is theirs.

    All that is remembered of a file that waits for an answer is the file itself and the buttons of its question.
    """

    def __init__(
        self,
        workspace: Workspace,
        config: Path,
        clock: Callable[[], datetime],
        turn: AbstractContextManager[object] | None = None,
    ) -> None:
        self._workspace, self._config, self._clock = workspace, config, clock
        self._turn = turn or threading.Lock()
        self.folder = config.parent / FOLDER
        self._fresh: set[str] = set()

    def save(self, name: str, content: bytes) -> tuple[str, ...]:
        """Keep a file, or the tables of a packed one; their names here. The same content is kept once."""
        with self._turn:
            path, is_new = store(self.folder, name, content)
            if not is_archive(path):
                self._fresh |= {path.name} if is_new else set()
                return (path.name,)
            before = set(self.folder.iterdir())
            try:
                tables, _others = unpacked(path, self.folder)
            finally:
                path.unlink(missing_ok=True)
            self._fresh |= {table.name for table in tables if table not in before}
            return tuple(table.name for table in tables)

    def add(self, answered: AnsweredFile) -> Reached:
        """Add a file with all that was answered, and load its source. DataError where it is not here any more."""
        with self._turn:
            path = self._path(answered.file)
            if answered.channel:
                text = self._config.read_text("utf-8")
                write_whole(
                    self._config, with_text_in(text, "channels", answered.channel, answered.text, self._config.name)
                )
            item = self._added(path, answered.answers)
            if not item.source:
                return Reached(item, answered)
            load, channels = self._loaded(item)
            if item.state == "there" and (path.name in self._fresh or answered.text):
                # Of a source that reads the whole folder, a file that has just come is read before anybody adds it.
                item = replace(item, state="added")
            self._fresh.discard(path.name)
            texts = tuple(dict.fromkeys(each.text for each in load.uncovered if each.text))
            return Reached(item, answered, load.error, texts, channels)

    def _added(self, path: Path, answers: Mapping[str, str]) -> Added:
        workspace = self._workspace
        today = workspace.settings.calendar.today(self._clock())
        with sheet_reader_of(workspace) as reader:
            (item,) = add_files(
                [path], self._config, workspace.catalog, answers,
                inbox=self.folder, sheet_reader=reader, today=today,
            )  # fmt: skip
        return item

    def _loaded(self, item: Added) -> tuple[SourceLoad, tuple[str, ...]]:
        """What the load of its source was, and the channels that there are now. kpi.yaml may have changed since."""
        workspace = replace(self._workspace, config=self._config)
        names: tuple[str | None, ...] = (item.source, *item.beside)
        if item.look is not None and item.look.table == RATES:
            # What was left out for want of a rate may have one now.
            names = (None,)
        loads = [load for name in names for load in load_sources(workspace, self._clock(), only=name).sources]
        return next(load for load in loads if load.source == item.source), ChannelList(
            newest_settings(workspace).channels
        ).names

    def _path(self, name: str) -> Path:
        path = self.folder / plain_name(name)
        if not path.is_file():
            hint = "Send it again."
            raise DataError(f"{name} is not here any more.", code="add_gone", hint=hint, params={"file": name})
        return path
