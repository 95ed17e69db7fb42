"""One member's feeds: bytes in, plots out at the next tick, and what was refused on the way."""

import numpy as np

from foedus.errors import WireError
from foedus.feeds import Decoder, open_decoder
from foedus.limits import PLOTS_PER_BATCH_MAX
from foedus.model import Plots, Sensor, concatenate, take
from foedus.network import Network
from foedus.view import FeedView
from foedus.wire import Feed


class FeedState:
    """One feed: its decoder, where its sensors stand in the node's list, and its counts."""

    def __init__(self, name: str, decoder: Decoder, *, offset: int) -> None:
        self.name = name
        self.decoder = decoder
        self.offset = offset
        self.newest_ns = 0
        self.plots_count = 0
        self.accepted: dict[str, int] = {}
        self.refused: dict[str, int] = {}


class Intake:
    """All feeds of one member; the node's sensors are those of its feeds, in the order of the file."""

    def __init__(self, network: Network, member: str) -> None:
        sensors: list[Sensor] = []
        self._feeds: dict[str, FeedState] = {}
        for entry in network.feed:
            if entry.member == member:
                decoder = open_decoder(entry.format, entry.sensor)
                self._feeds[entry.id] = FeedState(entry.id, decoder, offset=len(sensors))
                sensors += entry.sensor
        self.sensors = tuple(sensors)
        self._waiting: list[Plots] = []
        self._waiting_count = 0

    def feed(self, item: Feed, now_ns: int) -> None:
        """Decode the bytes of one feed; WireError for one that the network file does not give this member."""
        state = self._feeds.get(item.feed)
        if state is None:
            expected = "one of " + ", ".join(self._feeds)
            raise WireError(where="input of the node", found=f"feed {item.feed!r}", expected=expected)
        decoded = state.decoder.feed(item.data, now_ns)
        _add(state.accepted, decoded.accepted)
        _add(state.refused, decoded.refused)
        plots = decoded.plots
        count = len(plots.time_ns)
        if count == 0:
            return
        room = PLOTS_PER_BATCH_MAX - self._waiting_count
        if count > room:
            _add(state.refused, (("more plots in one tick than PLOTS_PER_BATCH_MAX", count - room),))
            plots = take(plots, np.arange(room))
            count = room
        state.plots_count += count
        state.newest_ns = max(state.newest_ns, int(plots.time_ns.max(initial=0)))
        self._waiting.append(plots._replace(sensor=(plots.sensor + state.offset).astype(np.int32)))
        self._waiting_count += count

    def take(self) -> Plots:
        """The plots since the last call, in the order of arrival."""
        plots = concatenate(self._waiting) if self._waiting else Plots.empty()
        self._waiting = []
        self._waiting_count = 0
        return plots

    def views(self) -> tuple[FeedView, ...]:
        """The state of each feed."""
        return tuple(
            FeedView(
                feed=state.name,
                newest_ns=state.newest_ns,
                plots=state.plots_count,
                refused=tuple(sorted(state.refused.items())),
            )
            for state in self._feeds.values()
        )


def _add(total: dict[str, int], counts: tuple[tuple[str, int], ...]) -> None:
    for name, count in counts:
        total[name] = total.get(name, 0) + count
