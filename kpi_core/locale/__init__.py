"""The sentences of each language, loaded from `<language>.yaml`; `phrases.py` says them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kpi_core.cache import cached


@cache
def sentences(language: str) -> Mapping[str, str]:
    """Dotted keys -> sentences of one language; empty for a language without a file."""
    return cached("sentences", language, lambda: _read(language))


def _read(language: str) -> dict[str, str]:
    import yaml

    source = Path(__file__).parent / f"{language}.yaml"
    if not source.is_file():
        return {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return _flat(yaml.load(source.read_text("utf-8"), Loader=loader))  # noqa: S506 - both are safe loaders


def _flat(node: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in node.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
