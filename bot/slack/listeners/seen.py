"""What was handled already: Slack may deliver the same event again."""

from __future__ import annotations

from collections import OrderedDict


class Seen:
    """Remembers the newest `most` keys."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()

    def first(self, *keys: str) -> bool:
        """Whether none of the keys came before; they are remembered. Empty keys are left out."""
        kept = [key for key in keys if key]
        fresh = not any(key in self._keys for key in kept)
        for key in kept:
            self._keys[key] = None
            self._keys.move_to_end(key)
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)
        return fresh
