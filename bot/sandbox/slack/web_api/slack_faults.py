"""What goes wrong on demand: a call that is limited, refused, slow, answered with a broken page, or never answered."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["ratelimited", "error", "http", "drop_before", "drop_after", "delay", "garbage"]


@dataclass(slots=True)
class Fault:
    """Befalls `times` calls of `method` (`*`: any; `response_url` for those posts), each with chance `share`.

    `drop_after` carries the call out and loses the answer; `drop_before` loses the call.
    """

    kind: Kind
    method: str = "*"
    times: int = 1
    share: float = 1.0
    error: str = "internal_error"
    status: int = 500
    retry_after: int = 1
    seconds: float = 0.0


@dataclass(slots=True)
class Faults:
    """The faults that wait to happen; the same `seed` gives the same run."""

    waiting: list[Fault] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - repeatable, nothing secret

    def put(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def put_json(self, body: dict[str, Any]) -> None:
        """From the control API; TypeError for an unknown key."""
        self.put(Fault(**body))

    def clear(self, seed: int = 0) -> None:
        self.waiting.clear()
        self.chance.seed(seed)

    def take(self, method: str) -> Fault | None:
        """The fault that befalls this call, if one does."""
        for fault in self.waiting:
            if fault.method in {"*", method} and self.chance.random() < fault.share:
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None
