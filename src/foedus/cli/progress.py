"""How far a recording has played, on the terminal."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar

from foedus.live.session import Session
from foedus.model import SECOND_NS


class Progress:
    """A bar on standard error with recording time, tracks and warnings; silent where that is no terminal."""

    def __init__(self, session: Session, start_ns: int, end_ns: int) -> None:
        self._session = session
        self._start_ns = start_ns
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            console=Console(file=sys.stderr),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("playing", total=(end_ns - start_ns) / SECOND_NS)

    def show(self, time_ns: int) -> None:
        """Note that the recording has played up to this time."""
        nodes = [member.station.node for member in self._session.members.values()]
        tracks = sum(node.tracks_held[0] for node in nodes)
        clock = f"{time_ns // SECOND_NS // 3600 % 24:02d}:{time_ns // SECOND_NS // 60 % 60:02d}"
        self._bar.update(
            self._task,
            completed=(time_ns - self._start_ns) / SECOND_NS,
            description=f"{clock} UTC, {tracks} tracks",
        )

    def __enter__(self) -> Self:
        """Start the bar."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.stop()
