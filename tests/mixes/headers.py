"""Headers in the languages of our users, and whether one could as well be another table's."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from kpi_core.layouts.recognition import recognised
from mixes.tables import Table, names_of, plain, tables


def _language(name: str) -> str:
    if any("가" <= sign <= "힣" for sign in name):
        return "ko"
    if any("ぁ" <= sign <= "ヿ" for sign in name):
        return "ja"
    if any("一" <= sign <= "鿿" for sign in name):
        return "zh"
    return "en" if name.isascii() else "de"


def drawn_header(random: Random, table: Table, language: str) -> tuple[dict[str, str], bool] | None:
    """Column -> header, and whether a name is a vague one; None where this header is somebody else's, too."""
    names = names_of(table.model.name)
    header, taken, vague = {}, set(), False
    for column in table.columns:
        own = names.get(column.name, {})
        strength = "weak" if own.get("weak") and random.random() < 0.1 else "strong"
        others = {
            plain(name)
            for other, each in names.items()
            if other != column.name
            for kind in each.values()
            for name in kind
        }
        others |= {plain(other) for other in table.model.columns if other != column.name}
        choices = [name for name in (*own.get(strength, ()), column.name) if plain(name) not in others | taken]
        spoken = [name for name in choices if _language(name) in {language, "ja" if language == "zh" else language}]
        fitting = spoken or [name for name in choices if _language(name) == "en"]
        if not fitting:
            return None
        header[column.name] = random.choice(fitting)
        vague = vague or (
            strength == "weak"
            and header[column.name] != column.name
            and plain(header[column.name]) != plain(column.name)
        )
        taken.add(plain(header[column.name]))
    return (header, vague) if not _is_anothers(table, list(header.values())) else None


def _is_anothers(table: Table, header: Sequence[str]) -> bool:
    """Whether a tool writes the same header, or another table has all of its columns."""
    if recognised(header) is not None:
        return True
    return any(all(_is_named(other, name) for name in header) for other in all_names() if other != table.model.name)


def _is_named(table: str, header: str) -> bool:
    return plain(header) in all_names()[table]


_ALL: dict[str, set[str]] = {}


def all_names() -> dict[str, set[str]]:
    if not _ALL:
        from kpi_core.catalog import load_catalog

        catalog = load_catalog()
        for table in tables(catalog):
            own = {plain(column) for column in catalog.models[table].columns}
            listed = {plain(name) for each in names_of(table).values() for kind in each.values() for name in kind}
            _ALL[table] = own | listed
    return _ALL
