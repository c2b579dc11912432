"""What a load knows of its sources, and what of that touches a number.

A *finding* is one thing that is wrong or odd with some rows of one source: which days, which column, how many. Loads
write findings beside the rows (`loading/source_health.py`), answers read them (`warehouse/health_tables.py`) and carry
those that touch them. A source without findings is sound, and is never named beside a number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from kpi_core.dates.periods import Days
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.breaks import Break

Code = Literal[
    "rows_kept_out",  # a needed value did not fit: the rows are not in
    "values_left_empty",  # an optional value did not fit
    "column_absent",  # the source has no such column
    "column_empty",  # the column holds nothing at all
    "column_partly_filled",  # the column holds a value in some rows only
    "column_less_filled",  # on these days it is empty far more often than before
    "unknown_words",  # words of a column with fixed meanings that nobody knows
    "no_orders",  # rows that count although their file calls them cancelled, unpaid or a test
    "stray_word",  # a value that stands on a few days only, in a column whose values last
    "look_alike",  # a new value that is nearly one of those before
    "days_in_two_files",  # the newer file counted
    "reports_or_accounts",  # two reports divide the same days otherwise: one of them counts, right or wrong
    "days_in_two_sources",  # two sources have the same numbers: one of them counts
    "sources_added_up",  # two sources of one tool with the same days and other numbers
    "accounts_added_up",  # two files with the same days and no row in common
    "rows_gone",  # rows of a day that the load before had
    "rows_added",  # rows of a day long past that the load before did not have
    "values_gone",  # values of a column that the load before had
    "values_changed",  # words of a column that are others than at the load before
    "rows_doubled",  # equal rows of a table without a key
    "rows_ahead",  # dated later than now
    "far_dates",  # dated years away from all others
    "days_missing",  # no rows on days that usually have some
    "days_thin",  # far fewer rows than usual
    "days_crowded",  # far more rows than usual
    "member_silent",  # one platform, network, channel … has stopped while the others go on
    "not_entered",  # a month without a category of costs that the three before had
    "source_late",  # its newest day is older than that of the table's other sources
    "source_stale",  # its newest day lies before yesterday
    "load_failed",  # the last load could not read it: its last good rows stand
    "account_failed",  # a service did not answer for one account of several: its last good rows stand
    "load_shrunk",  # a load brought far fewer rows than before: the old ones stand until somebody accepts
    "balance_carried",  # a member's last snapshot is older than the end of the period
    "balance_left_out",  # a member's last snapshot is too old to stand for the end of the period
    "no_entity",  # rows that belong to nobody: orders without a customer
    "currency_left_out",  # amounts in another currency, without a rate
    "history_young",  # its first days, where a number needs what was before: whose first order it is
    "counts_withheld",  # any of these, for a reader who may not know how many rows the table has
]
RATE = "rate"
"""The column of amounts in another currency, where rates are named and lack their days."""
_ONE_DAY = timedelta(days=1)
CODES: tuple[Code, ...] = get_args(Code)

INCOMPLETE: frozenset[Code] = frozenset(CODES) - {
    "accounts_added_up",
    "days_in_two_files",
    "days_in_two_sources",
    "reports_or_accounts",
    "sources_added_up",
    "rows_added",
    "rows_ahead",
    "far_dates",
    "source_stale",
    "column_partly_filled",
    "values_changed",
}
"""What makes a number one that is known to be incomplete: it is told without better or worse.

A partly filled column is judged by its share, see `answering/known.py`.
"""


COUNTED: frozenset[Code] = frozenset(CODES) - {
    "days_in_two_sources",
    "column_absent",
    "column_empty",
    "column_less_filled",
    "values_changed",
    "days_missing",
    "member_silent",
    "not_entered",
    "source_late",
    "source_stale",
    "load_failed",
    "account_failed",
    "balance_carried",
    "balance_left_out",
    "history_young",
    "counts_withheld",
}
"""What is told with numbers of rows."""
A_LITTLE = 0.02
"""The share of rows or values up to which some that are gone since the load before change no verdict."""

OF_ROWS: frozenset[Code] = frozenset({"rows_kept_out", "member_silent", "not_entered", "currency_left_out"})
"""What names a column but is about whole rows, so that it touches numbers that do not read the column."""


OF_MISSING_ROWS: frozenset[Code] = frozenset({"member_silent", "days_missing", "days_thin", "source_late"})
"""What lacks on some days without saying anything of the rows on others."""
OF_PAIRS: frozenset[Code] = frozenset({"days_in_two_sources", "sources_added_up"})
"""What two sources of a table say together, whichever of them was loaded last."""
OF_SOURCES: frozenset[Code] = frozenset({"load_failed", "account_failed"})
"""What every answer says that reads the source; incomplete is only what falls on its days."""


@frozen
class Finding:
    """One thing about some rows of a source.

    `days` are the days it touches, half-open, None where that is not known or does not matter: then every number of the
    table. `count` is a number of rows, of values where a column is named, of days for `days_missing`; `total` of how
    many, 0 where that says nothing. `examples` are a few offending texts with their place, for the load's report.
    """

    code: Code
    source: str
    table: str
    column: str = ""
    """Of the model; empty where whole rows are meant."""
    member: str = ""
    """The value of `column` that it is about: a platform, a category, a word. Of values that could mean two things, the
    key of the source in kpi.yaml that settles it: `decimal` or `dates`. Of an absent column of ends, `not_yet`. Of
    amounts in another currency, its code, or the sign in its place."""
    days: Days | None = None
    count: int = 0
    total: int = 0
    examples: tuple[str, ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether a number that it touches is known not to be the whole one."""
        little = self.code in {"rows_gone", "values_gone"} and self.count <= A_LITTLE * self.total
        return self.code in INCOMPLETE and not little

    @property
    def last_day(self) -> date:
        """The last day it touches, inside; of a finding with days."""
        assert self.days is not None
        return self.days[1] - _ONE_DAY

    @property
    def before(self) -> date:
        """The day before the first it touches: until then all is well."""
        assert self.days is not None
        return self.days[0] - _ONE_DAY

    def touches(self, days: Days) -> bool:
        """Whether any of the days may hold rows of it."""
        return self.days is None or (self.days[0] < days[1] and days[0] < self.days[1])


@frozen
class Fill:
    """How much of a column a source fills: `rows` it has, `filled` with a value. `present`: the source has it."""

    present: bool
    rows: int
    filled: int


@frozen
class SourceFacts:
    """One source as its last good load left it. Days are local dates; None where it has no rows."""

    source: str
    table: str
    first_day: date | None
    last_day: date | None
    """The newest day that has come: rows dated ahead, or years away from all others, do not count."""
    rows: int
    loaded_at: datetime | None
    """The last good load, an aware instant."""
    columns: Mapping[str, Fill] = field(default_factory=dict)
    """By model column, those that are not needed by the model."""
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By model column, the values that it brings of the columns whose balances it keeps."""
    kept_out: int = 0
    """Rows that the last good load kept out."""
    vat: Mapping[str, str] = field(default_factory=dict)
    """By column of amounts whether VAT is in them, `with`, `without` or `mixed`, where that is known."""
    quiet_days: int = 0
    """So many days without rows are usual for it: weekends when it is closed, a Sunday without an order."""


@frozen
class Health:
    """All that is known of a workspace's sources; nothing where its tables were filled outside."""

    sources: tuple[SourceFacts, ...] = ()
    findings: tuple[Finding, ...] = ()
    breaks: tuple[Break, ...] = ()
    """The days from which on columns mean something else, with rows on both sides."""

    def filled_by(self, table: str, column: str, member: str | None) -> str:
        """Which sources bring a member of a table, as one text; the table itself where no load fills it."""
        sources = self.of_table(table)
        own = [facts.source for facts in sources if member in facts.members.get(column, ())]
        return ", ".join(own or [facts.source for facts in sources]) or table

    def ahead_from(self, table: str, today: date) -> str:
        """Which sources of a table bring rows dated after a day, as one text; the table where no load fills it."""
        sources = [facts.source for facts in self.of_table(table)]
        ahead = {finding.source for finding in self.findings if finding.code == "rows_ahead" and finding.table == table}
        ahead |= {
            facts.source for facts in self.of_table(table) if facts.last_day is not None and facts.last_day > today
        }
        return ", ".join([name for name in sources if name in ahead] or sources) or table

    def of_table(self, table: str) -> tuple[SourceFacts, ...]:
        """The sources that fill a table, in the order of kpi.yaml."""
        return tuple(facts for facts in self.sources if facts.table == table)
