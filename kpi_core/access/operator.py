"""The audience that sees everything: the terminal, the files it writes, its assistant over stdio.

An import contract says who may name it; a command that shows what goes elsewhere names that place instead.
"""

from __future__ import annotations

from kpi_core.frozen_dataclass import frozen


@frozen
class Operator:
    """Whoever runs the commands of the terminal, and can read the data anyway."""


OPERATOR = Operator()
