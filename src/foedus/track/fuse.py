"""Temporary: replaced by the tracking engineer's fuser at the next merge."""

import numpy as np

from foedus.model import Reports, Tracks, concatenate, take


def reports_to_tracks(r: Reports) -> Tracks:
    """Rows."""
    t = Tracks.empty(len(r.number))
    return t._replace(number=r.number, time_ns=r.time_ns, status=np.ones(len(r.number), np.int8), lat_rad=r.lat_rad, lon_rad=r.lon_rad, height_m=r.height_m, velocity_east_m_s=r.velocity_east_m_s, velocity_north_m_s=r.velocity_north_m_s, velocity_up_m_s=r.velocity_up_m_s, position_sigma_m=r.position_sigma_m, height_sigma_m=r.height_sigma_m, velocity_sigma_m_s=r.velocity_sigma_m_s, track_class=r.track_class, icao24=r.icao24, callsign=r.callsign)


class Fuser:
    """Temp."""

    def __init__(self):
        self.n = {}
        self.m = {}

    def update(self, sources, *, now_ns):
        """Temp."""
        parts = []
        self.m = {}
        for bit, t in sources:
            if len(t.number):
                num = []
                for k in t.number.tolist():
                    n = self.n.setdefault((bit, k), len(self.n) + 1)
                    self.m[n] = ((bit, k),)
                    num.append(n)
                parts.append(t._replace(number=np.array(num, np.int32), sources=np.full(len(num), 1 << bit, np.int64)))
        return concatenate(parts) if parts else Tracks.empty()

    def members(self, number):
        """Temp."""
        return self.m.get(number, ())

    def number_of(self, bit, number):
        """Temp."""
        return self.n.get((bit, number), 0)
