"""Strict stand-ins for the three boards, in memory: paths, headers, versions and fields as published, nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kpi_core.sources.api.stand_ins.faults import Answered, Asked

TOKEN, KEY, PLACE = "board-token-7d1", "board-key-52a", "4711"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _refused(status: int, document: Any) -> Answered:
    return Answered(document, status=status)


@dataclass(slots=True)
class AsanaBoard:
    """https://developers.asana.com: bearer tokens, `data` around everything, gids as texts."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, request: Asked) -> Answered:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _refused(401, self.refusal(401))
        if request.query.get("opt_fields") != "gid,name,completed,due_on,permalink_url":
            return _refused(400, self.refusal(400))
        if request.method == "POST" and request.path == "/api/1.0/tasks":
            given_task = (request.json() or {}).get("data") or {}
            if given_task.get("projects") != [PLACE] or not _DAY.fullmatch(given_task.get("due_on", "")):
                return _refused(400, self.refusal(400))
            gid = str(1200 + len(self.tasks))
            self.tasks[gid] = {
                "gid": gid,
                "name": given_task["name"],
                "completed": False,
                "due_on": given_task["due_on"],
                "permalink_url": f"https://app.asana.com/0/{PLACE}/{gid}",
            }
            return Answered({"data": self.tasks[gid]}, status=201)
        gid = request.path.removeprefix("/api/1.0/tasks/")
        if request.method == "GET" and gid in self.tasks:
            return Answered({"data": self.tasks[gid]})
        return _refused(404, self.refusal(404))

    def finish(self, task: str) -> None:
        self.tasks[task]["completed"] = True

    def refusal(self, status: int) -> Any:
        return {"errors": [{"message": f"asana refuses with {status}", "help": "https://developers.asana.com"}]}


@dataclass(slots=True)
class TrelloBoard:
    """https://developer.atlassian.com/cloud/trello: OAuth in the header, cards as they are, errors as plain texts."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, request: Asked) -> Answered:
        if request.headers.get("authorization") != f'OAuth oauth_consumer_key="{KEY}", oauth_token="{TOKEN}"':
            return _refused(401, self.refusal(401))
        # In an address the secrets would be logged.
        if {"key", "token"} & request.query.keys():
            return _refused(400, self.refusal(400))
        if request.method == "POST" and request.path == "/1/cards":
            card = request.json() or {}
            if card.get("idList") != PLACE or not card.get("name"):
                return _refused(400, self.refusal(400))
            id_ = f"5f{len(self.tasks):022x}"
            self.tasks[id_] = {
                "id": id_,
                "name": card["name"],
                "due": card["due"],
                "dueComplete": False,
                "shortUrl": f"https://trello.com/c/{id_[-8:]}",
            }
            return Answered(self.tasks[id_])
        id_ = request.path.removeprefix("/1/cards/")
        if request.method == "GET" and id_ in self.tasks:
            return Answered(self.tasks[id_])
        return _refused(404, self.refusal(404))

    def finish(self, task: str) -> None:
        self.tasks[task]["dueComplete"] = True

    def refusal(self, status: int) -> Any:
        return {"message": f"trello refuses with {status}", "error": "REFUSED"}


@dataclass(slots=True)
class MondayBoard:
    """https://developer.monday.com: GraphQL with variables, a version in the header, errors with HTTP 200."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, request: Asked) -> Answered:
        if request.headers.get("authorization") != TOKEN:
            return _refused(401, self.refusal(401))
        if (request.method, request.path) != ("POST", "/v2") or request.headers.get("api-version") != "2026-07":
            return _refused(400, self.refusal(400))
        document = request.json()
        text, variables = document["query"], document["variables"]
        if text.startswith("mutation") and "create_item(board_id: $board" in text:
            return self._made(variables)
        items = [self.tasks[id_] for id_ in variables.get("ids", ()) if id_ in self.tasks]
        return Answered({"data": {"items": items}})

    def _made(self, variables: Mapping[str, Any]) -> Answered:
        values = json.loads(variables["values"])
        if variables["board"] != PLACE or not set(values) <= {"date4"}:
            error = {"message": "no such column", "extensions": {"code": "InvalidColumnIdException"}}
            return Answered({"errors": [error]})
        id_ = str(9000 + len(self.tasks))
        columns = [{"id": "status", "text": ""}, {"id": "date4", "text": values.get("date4", {}).get("date", "")}]
        url = f"https://hanok.monday.com/boards/{PLACE}/pulses/{id_}"
        self.tasks[id_] = {"id": id_, "name": variables["name"], "url": url, "column_values": columns}
        return Answered({"data": {"create_item": self.tasks[id_]}})

    def finish(self, task: str) -> None:
        self.tasks[task]["column_values"][0]["text"] = "Done"

    def refusal(self, status: int) -> Any:
        code = {401: "USER_UNAUTHORIZED", 429: "ComplexityException"}.get(status, "InternalServerError")
        return {"errors": [{"message": f"monday refuses with {status}", "extensions": {"code": code}}]}


STAND_INS = {"asana": AsanaBoard, "trello": TrelloBoard, "monday": MondayBoard}
