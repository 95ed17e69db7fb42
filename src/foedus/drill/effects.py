"""What injects do to the world, the sensors, the links, the nodes and the people, and its end."""

import heapq
import math
from collections.abc import Callable, Sequence

from foedus.drill.links import Links
from foedus.drill.people import People
from foedus.drill.script import Effect
from foedus.drill.sites import Fault, Looker
from foedus.drill.truth import World
from foedus.model import SECOND_NS


class Effects:
    """Applies effects; one with `for=` is undone when its time is over."""

    def __init__(self, world: World, lookers: Sequence[Looker], links: Links, people: People) -> None:
        self._world = world
        self._lookers = {one.sensor.id: one for one in lookers}
        self._links = links
        self._people = people
        self._stopped: dict[str, bool] = {}
        self._undo: list[tuple[int, int, Callable[[], None]]] = []
        self._count = 0

    def stopped(self, member: str) -> bool:
        """Whether a member's node does not run now."""
        return self._stopped.get(member, False)

    def next_ns(self) -> int | None:
        """When the next effect ends."""
        return self._undo[0][0] if self._undo else None

    def undo(self, now_ns: int) -> None:
        """End the effects whose time is over."""
        while self._undo and self._undo[0][0] <= now_ns:
            heapq.heappop(self._undo)[2]()

    def apply(self, effect: Effect, now_ns: int) -> None:
        """Do what an inject says, but for `fact` and `attribute`, which are the simulation's."""
        back: Callable[[], None] | None = None
        match effect.verb:
            case "target":
                self._world.appear(effect.arguments[0], now_ns)
            case "outage" | "bias" | "clutter" | "detection":
                back = self._sensor(effect)
            case "cut" | "heal" | "delay":
                back = self._link(effect)
            case "partition":
                back = self._partition(effect)
            case "silent" | "stop" | "slow":
                back = self._member(effect)
            case _:
                assert effect.verb in ("message", "leak")
        lasts_s = effect.number("for")
        if back is not None and lasts_s > 0.0:
            self._count += 1
            heapq.heappush(self._undo, (now_ns + round(lasts_s * SECOND_NS), self._count, back))

    def _sensor(self, effect: Effect) -> Callable[[], None]:
        looker = self._lookers[effect.arguments[0]]
        match effect.verb:
            case "outage":
                looker.fault = looker.fault._replace(silent=True)
            case "bias":
                looker.fault = looker.fault._replace(
                    range_m=effect.number("range_m"), azimuth_rad=math.radians(effect.number("azimuth_deg"))
                )
            case "clutter":
                looker.fault = looker.fault._replace(clutter=effect.number("per_scan"))
            case _:
                looker.fault = looker.fault._replace(detection=effect.number("probability"))
        return lambda: _mend(looker, effect.verb)

    def _link(self, effect: Effect) -> Callable[[], None]:
        a, b = effect.arguments
        if effect.verb == "delay":
            self._links.delay(a, b, effect.number("seconds"))
            return lambda: self._links.delay(a, b, 0.0)
        self._links.cut(a, b, cut=effect.verb == "cut")
        return lambda: self._links.cut(a, b, cut=False)

    def _partition(self, effect: Effect) -> Callable[[], None]:
        pairs = [(a, b) for a in effect.arguments[0].split(",") for b in effect.arguments[1].split(",")]
        for a, b in pairs:
            self._links.cut(a, b, cut=True)

        def heal() -> None:
            for a, b in pairs:
                self._links.cut(a, b, cut=False)

        return heal

    def _member(self, effect: Effect) -> Callable[[], None]:
        (member,) = effect.arguments
        if effect.verb == "slow":
            self._people.slow(member, effect.number("by"))
            return lambda: self._people.slow(member, 0.0)
        if effect.verb == "silent":
            self._silence(member, silent=True)
            return lambda: self._silence(member, silent=False)
        self._stop(member, stopped=True)
        return lambda: self._stop(member, stopped=False)

    def _silence(self, member: str, *, silent: bool) -> None:
        """Let nothing that a member knows go out: its node runs, its messages stay, its people are silent."""
        self._links.mute(member, mute=silent)
        self._people.silent[member] = silent

    def _stop(self, member: str, *, stopped: bool) -> None:
        self._stopped[member] = stopped
        self._links.down(member, down=stopped)


def _mend(looker: Looker, verb: str) -> None:
    """Take one kind of fault from a sensor; another kind stays."""
    good = Fault()
    match verb:
        case "outage":
            looker.fault = looker.fault._replace(silent=good.silent)
        case "bias":
            looker.fault = looker.fault._replace(range_m=good.range_m, azimuth_rad=good.azimuth_rad)
        case "clutter":
            looker.fault = looker.fault._replace(clutter=good.clutter)
        case _:
            looker.fault = looker.fault._replace(detection=good.detection)
