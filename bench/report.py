"""One line of a benchmark."""

from typing import NamedTuple


class Row(NamedTuple):
    """A measured value; goal and peer (another program's value in the same run) where there is one."""

    name: str
    value: float
    unit: str
    goal: float | None
    peer: float | None
    note: str
