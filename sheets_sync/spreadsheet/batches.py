"""Requests in batches that Google takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from kpi_core.frozen_dataclass import frozen

LARGEST_BATCH = 1_900_000
"""Bytes; Google asks for 2 MB at most."""
Json = dict[str, Any]


@frozen
class Step:
    """Requests that belong in one batch, and the block they are for, so that a refusal can name it."""

    block: str
    requests: tuple[Json, ...]
    values: Json | None = None
    """Instead of requests: a range of plain values."""


def encoded_size(part: object) -> int:
    """Bytes of a part of a body, as the client will encode it, and a comma."""
    return len(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()) + 1


def batches_of(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Batches that stay below Google's size."""
    batch: list[Step] = []
    size = 0
    for step in steps:
        length = encoded_size(step.requests)
        if batch and size + length > LARGEST_BATCH:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(step)
        size += length
    if batch:
        yield tuple(batch)
