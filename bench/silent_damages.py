"""How many damages to data change a number in silence, how often sound data is named, what looking costs a load.

Companies are drawn as in the tests; a damage drops, delays, doubles, blanks or misspells a part of one source. The cost
is that of writing down the health of the data, as a share of the processor time of whole loads.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from companies.drawn_shop import Company, drawn_company
from damages import Damage, any_damage, large_damage, loaded, named_while_sound, silent_after

from kpi_core.answering.engine import Engine
from kpi_core.loading import snapshot

Draw = Callable[[Company, str, Random], Damage | None]
A_COMPANY = 12
"""Damages of each company and kind."""


class Timed:
    """A function, and the processor time spent in it, in seconds."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.seconds = 0.0
        self._function = function

    def __call__(self, *args: Any) -> Any:
        started = time.process_time()
        outcome = self._function(*args)
        self.seconds += time.process_time() - started
        return outcome


def main() -> None:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--companies", type=int, default=2, help="24 damages each (default 2; 21 make 500)")
    companies = parser.parse_args().companies
    looking = snapshot.write_health = Timed(snapshot.write_health)
    loading = Timed(loaded)
    cost, named, answers = 0.0, 0, 0
    silent = {any_damage: 0, large_damage: 0}
    for number in range(companies):
        with TemporaryDirectory() as name:
            company = drawn_company(Path(name), f"bench {number}")
            before = looking.seconds
            engine = loading(company)
            cost += looking.seconds - before
            sentences, count = named_while_sound(engine)
            named, answers = named + len(sentences), answers + count
            for draw in silent:
                silent[draw] += silent_damages(company, engine, Path(name), draw, Random(f"{draw.__name__} {number}"))
            engine.warehouse.close()
    damages = companies * A_COMPANY
    print(f"{damages:,} damages over a sound load, silent: {silent[any_damage]}")
    print(f"{damages:,} large damages at a first load, silent: {silent[large_damage]}")
    print(f"{answers:,} answers of sound companies, with a sentence: {named}, at most {answers // 200}")
    print(f"looking at the data: {cost / loading.seconds:.0%} of a load")


def silent_damages(company: Company, engine: Engine, folder: Path, draw: Draw, random: Random) -> int:
    """How many damages of one kind change a number in silence."""
    silent = done = 0
    while done < A_COMPANY:
        damage = draw(company, random.choice(sorted(company.rows)), random)
        if damage is not None:
            done += 1
            silent += bool(silent_after(damage, company, engine, folder / "damaged", fresh=draw is large_damage))
    return silent


if __name__ == "__main__":
    main()
