"""One duty, one track or a few, and a book that is driven tick by tick."""

import math

import numpy as np

from foedus.model import SECOND_NS, TrackClass, Tracks
from foedus.watch.sent import Duty
from foedus.watch.states import WarningEvent
from foedus.watch.threat import Threats
from foedus.watch.warn import WarnBook

S = SECOND_NS
T0 = 1_533_123_000 * S
RAISE, RENEW, DOWNGRADE, CANCEL, EXPIRE = WarningEvent

DUTY = Duty(
    zone=0,
    zone_id="CH",
    to="CH",
    clause="W1",
    classes=(TrackClass.UNIDENTIFIED,),
    horizon_s=300.0,
    probability=0.5,
    within_s=10.0,
    renew_s=30.0,
    expires_s=120.0,
    ack_s=15.0,
)


def tracks(*numbers, lat=46.0, lon=8.5, cls=TrackClass.UNIDENTIFIED, north=0.0):
    n = len(numbers)
    return Tracks.empty(n)._replace(
        number=np.array(numbers, np.int32),
        lat_rad=np.full(n, math.radians(lat)),
        lon_rad=np.full(n, math.radians(lon)),
        velocity_north_m_s=np.full(n, north),
        track_class=np.full(n, cls, np.int8),
    )


def threats(*rows):
    """Rows of (row, zone, entry_s, probability, inside)."""
    kinds = (np.int32, np.int32, np.float64, np.float64, np.bool_)
    return Threats(
        *(np.array([row[i] for row in rows], kind) for i, kind in enumerate(kinds)),
        *([np.zeros(len(rows))] * 5),
    )


def sure(entry_s=200.0, probability=0.9, inside=False, row=0, zone=0):
    return threats((row, zone, entry_s, probability, inside))


NONE = threats()


class Run:
    """A book, driven tick by tick of 5 s."""

    def __init__(self, *duties, member="IT"):
        self.book = WarnBook(member, mode="RECORDING")
        self.duties = duties or (DUTY,)
        self.now = T0

    def tick(self, seen, threat, grounds=()):
        changes = self.book.assess(seen, threat, self.duties, now_ns=self.now, grounds=grounds)
        self.now += 5 * S
        return changes

    def ticks(self, count, seen, threat, grounds=()):
        return [change for _ in range(count) for change in self.tick(seen, threat, grounds)]


def events(changes):
    return [change.event for change in changes]
