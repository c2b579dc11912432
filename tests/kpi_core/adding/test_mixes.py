"""Tables of ours in any writing: `kpi add` gives them back equal, or asks what only a person can know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mixes.mix import Mix, drawn_mix

from kpi_core.adding.addition import Added, add_files
from kpi_core.catalog import load_catalog
from kpi_core.loading.load import load
from kpi_core.settings.file import read_settings

from long import ran, times
from tables import read_tables

CATALOG = load_catalog()
NOW = datetime(2027, 3, 1, tzinfo=UTC)
SEEDS = 20_000_000


@dataclass(frozen=True)
class Outcome:
    """What became of a mix: what was asked, what is wrong in silence, and what was asked or refused without need."""

    asked: frozenset[str]
    wrong: str = ""
    needless: str = ""


def outcome_of(mix: Mix, folder: Path) -> Outcome:
    """Add a file as somebody would who answers each question rightly, and hold the loaded rows against those drawn."""
    folder.mkdir()
    (folder / "kpi.yaml").write_text(f"timezone: {mix.table.zone}\ncurrency: {mix.currency}\n", "utf-8")
    (folder / mix.name).write_bytes(mix.content)
    answers: dict[str, str] = {}
    while True:
        added = _added(mix, folder, answers)
        asked = {question.about for question in added.questions}
        new = asked - answers.keys()
        if added.state != "waits" or not new:
            break
        if any(mix.answers.get(question.about) not in {choice.value for choice in question.choices}
               for question in added.questions):  # fmt: skip
            return Outcome(frozenset(asked), needless=f"no right choice: {added.questions}")
        answers |= {about: mix.answers[about] for about in new}
    needless = _needless(mix, added, answers)
    # What is refused or kept out is told; what is in and is not what was drawn is the worst there is.
    return Outcome(frozenset(answers), "" if needless else _wrong(mix, added, answers, folder), needless)


def _added(mix: Mix, folder: Path, answers: Mapping[str, str]) -> Added:
    (added,) = add_files([folder / mix.name], folder / "kpi.yaml", CATALOG, answers, today=NOW.date())
    return added


def _needless(mix: Mix, added: Added, answers: Mapping[str, str]) -> str:
    """What was asked, refused or kept out although the file says it all."""
    if added.error is not None and added.error.code == "source_encoding" and "encoding" in mix.may:
        # A handful of letters prove no encoding; nothing is loaded.
        return ""
    if added.state != "added" or added.understanding is None:
        return f"{added.state}: {added.error or added.questions}"
    if added.understanding.rejections:
        return f"rejected: {added.understanding.rejections}"
    asked = answers.keys() - mix.may
    return f"asked needlessly: {sorted(asked)}" if asked else ""


def _wrong(mix: Mix, added: Added, answers: Mapping[str, str], folder: Path) -> str:
    if added.state != "added":
        return ""
    if added.look is not None and added.look.table != mix.table.model.name:
        return f"taken for {added.look.table}"
    if difference := _difference(mix, folder):
        return difference
    guessed = mix.must - answers.keys()
    return f"guessed: {sorted(guessed)}" if guessed else ""


def _difference(mix: Mix, folder: Path) -> str:
    report = load(read_settings(folder / "kpi.yaml"), CATALOG, now=NOW)
    if report.failed:
        return f"failed: {report.failed[0].error}"
    names = ", ".join(f'"{column.name}"' for column in mix.table.columns)
    with read_tables(folder / "kpi.duckdb") as snapshot:
        loaded = Counter(snapshot.execute(f"SELECT {names} FROM {mix.table.model.name}").fetchall())
    drawn = Counter(tuple(map(_stored, row)) for row in mix.table.rows)
    missing, surplus = list((drawn - loaded).items())[:2], list((loaded - drawn).items())[:2]
    return f"not equal: {missing} became {surplus}" if missing or surplus else ""


def _stored(value: object) -> object:
    """A value as loads store it: runs of blanks in a name are one."""
    return " ".join(value.split()) if isinstance(value, str) else value


@pytest.mark.long
def test_a_table_in_any_writing_comes_back_equal_or_is_asked_about(tmp_path: Path) -> None:
    """Encoding, delimiter, numbers, days, preamble, totals, header in any language: never a wrong number in silence.

    A question is asked where the text allows two readings. Where it does not, one in a hundred may still be asked
    about or kept out, such as the encoding of two letters; the aim is none.
    """
    needless: list[str] = []
    count = times(3, 2_000)
    for number in range(count):
        mix = drawn_mix(SEEDS + number, CATALOG)
        outcome = outcome_of(mix, tmp_path / str(number))
        assert not outcome.wrong, f"{outcome.wrong}\n{mix.seed}: {mix.notes}"
        needless += [f"{mix.seed}: {outcome.needless}"] if outcome.needless else []
        ran("mixes of writings", asked=int(bool(outcome.asked)), wrong=0, needless=int(bool(outcome.needless)))
    assert len(needless) <= max(1, count // 100), "\n".join(needless)
