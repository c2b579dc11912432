"""To whom a number goes: a person, a channel with its readers, a spreadsheet, a file.

The operator, who can read the data anyway, is no audience for a face to name: `operator.py` has it.
"""

from __future__ import annotations

from kpi_core.access.operator import Operator
from kpi_core.frozen_dataclass import frozen


@frozen
class Person:
    """One member of the workspace, by Slack's ids; `groups` are the user groups the person is in.

    `channel` is where only this person reads the answer: what the whole channel may see, the person may see there too.
    `foreign` people are no members: they belong to another workspace, or are guests of this one, and see nothing; where
    a member has `admitted` them, they see what is limited to nobody. Of somebody `unverified` Slack does not say which
    workspace is theirs: nothing that is limited is for them.
    """

    user: str
    groups: frozenset[str] = frozenset()
    channel: str = ""
    foreign: bool = False
    unverified: bool = False
    admitted: bool = False


@frozen
class Channel:
    """A channel with all its readers; `shared` with some who are no members: of another workspace, or guests.

    Of one `unverified` Slack does not say whether it is: as one that is shared, it shows all who read there nothing.
    Where a member has `admitted` them, it shows what is limited to nobody.
    """

    channel: str
    shared: bool = False
    unverified: bool = False
    admitted: bool = False


@frozen
class Spreadsheet:
    """A spreadsheet, by its id, with everybody it is shared with."""

    spreadsheet: str


@frozen
class File:
    """A file that leaves the operator's hands: whoever gets it reads it, so it holds no limited KPI."""

    name: str


Audience = Person | Channel | Spreadsheet | File | Operator
