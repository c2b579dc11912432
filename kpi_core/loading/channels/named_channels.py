# ruff: noqa: S608  (SQL is put together from quoted names)
"""The channel of each row of `typed`, by the list of channels; what no list covers is counted with its money."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.channels.channel_list import ChannelList, Written
from kpi_core.metrics import Model
from kpi_core.sql.quoting import literal, quoted

if TYPE_CHECKING:
    import duckdb

CHANNEL = "channel"
_MAKERS = ("platform", "source", "medium")
_MOST = 12
"""So many texts without a channel are told, those of the most rows."""


@frozen
class Uncovered:
    """Rows whose channel is on no list: `text` stands in its place, None where nothing does."""

    text: str | None
    rows: int
    money: tuple[tuple[str, Decimal], ...] = ()
    """Column -> its sum over these rows, where it has amounts."""


@frozen
class NamedChannels:
    is_made: bool = False
    """Whether channels were made of platforms, or of sources and media."""
    uncovered: tuple[Uncovered, ...] = ()


def name_channels(
    model: Model, present: Collection[str], channels: ChannelList, into: duckdb.DuckDBPyConnection, *, shipped: bool
) -> NamedChannels:
    """Write the channels into `typed`. Without a list that says anything of the source, nothing changes."""
    if CHANNEL not in model.columns or not (shipped or channels.own):
        return NamedChannels()
    has = CHANNEL in present
    columns = [CHANNEL] if has else [name for name in _MAKERS if name in present and name in model.columns]
    if columns:
        _write(columns, channels, into, shipped=shipped)
    return NamedChannels(bool(columns) and not has, _uncovered(model, columns, channels, into))


def _write(columns: list[str], channels: ChannelList, into: duckdb.DuckDBPyConnection, *, shipped: bool) -> None:
    rows = into.execute(f"SELECT DISTINCT {', '.join(map(quoted, columns))} FROM typed").fetchall()
    named = []
    for row in rows:
        name = channels.name_of(Written(**dict(zip(columns, row, strict=True))), shipped=shipped)
        if name is not None and (columns != [CHANNEL] or name != row[0]):
            named.append((*row, name))
    if not named:
        return
    places = ", ".join(f"kpi_{name} VARCHAR" for name in (*columns, "name"))
    into.execute(f"CREATE OR REPLACE TEMP TABLE kpi_channels ({places})")
    into.execute(
        f"INSERT INTO kpi_channels SELECT {', '.join(['unnest(?::VARCHAR[])'] * (len(columns) + 1))}",
        [list(column) for column in zip(*named, strict=True)],
    )
    same = " AND ".join(f"kpi_{name} IS NOT DISTINCT FROM typed.{quoted(name)}" for name in columns)
    into.execute(f"UPDATE typed SET {CHANNEL} = kpi_name FROM kpi_channels WHERE {same}")


def _uncovered(
    model: Model, columns: list[str], channels: ChannelList, into: duckdb.DuckDBPyConnection
) -> tuple[Uncovered, ...]:
    listed = ", ".join(map(literal, channels.names))
    selected = ["count(*)", *(f"sum({quoted(name)})" for name in model.money), *map(quoted, columns)]
    order = ", ".join(["1 DESC", *map(quoted, columns)])
    counted = into.execute(f"""
        SELECT {", ".join(selected)} FROM typed
        WHERE len(bad) = 0 AND ({CHANNEL} IS NULL OR {CHANNEL} NOT IN ({listed}))
        GROUP BY ALL HAVING count(*) > 0 ORDER BY {order} LIMIT {_MOST}""").fetchall()
    uncovered = []
    for rows, *rest in counted:
        money = tuple((name, sum_) for name, sum_ in zip(model.money, rest, strict=False) if sum_)
        written = Written(**dict(zip(columns, rest[len(model.money) :], strict=True)))
        uncovered.append(Uncovered(written.text, rows, money))
    return tuple(uncovered)
