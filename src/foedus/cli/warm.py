"""The first start: kernels compiled in two processes at once, since they take most of a first half minute.

Each half calls its kernels with made-up data of the types that nodes use; what it compiles goes into the
cache on disk, from where the other process loads it.
"""

import subprocess
import sys

import numpy as np

from foedus.model import SECOND_NS, PlotKind, Plots, Sensor, SensorKind, TrackClass, Tracks
from foedus.network import FeedFormat

RADAR = Sensor(
    id="radar", kind=SensorKind.RADAR, lat_deg=0.0, lon_deg=0.0, height_m=0.0, period_s=5.0,
    range_max_m=100_000.0, sac=0, sic=1,
)  # fmt: skip
NOW_NS = 10 * SECOND_NS


def compile_all() -> None:
    """Compile the tracker here, the rest in a second process; a failure there shows at its first use."""
    command = [sys.executable, "-c", "from foedus.cli.warm import compile_rest; compile_rest()"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet):  # noqa: S603 - our own interpreter
        compile_tracker()


def compile_tracker() -> None:
    """The kernels that take plots to tracks."""
    from foedus.track.tracker import Tracker

    tracker = Tracker((RADAR,))
    tracker.step(radar_plots(), now_ns=NOW_NS)
    tracker.tracks()


def compile_rest() -> None:
    """The kernels that decode, place, release, fuse and watch."""
    from foedus.feeds import open_decoder
    from foedus.feeds.asterix_encode import encode_048
    from foedus.track.fuse import Fuser
    from foedus.watch.threat import assess, make_zones

    open_decoder(FeedFormat.ASTERIX, (RADAR,)).feed(encode_048(radar_plots(), RADAR.sac, RADAR.sic), NOW_NS)
    tracks = Tracks.empty(2)._replace(
        number=np.array([1, 2], np.int32),
        time_ns=np.full(2, NOW_NS),
        height_m=np.full(2, 1_000.0),
        track_class=np.array(
            [TrackClass.UNIDENTIFIED, TrackClass.BALLISTIC], np.int8
        ),  # what flies, what falls
    )
    Fuser().update([(0, tracks)], now_ns=NOW_NS)
    zones = make_zones([((0.0, 0.0), (0.0, 1.0), (1.0, 1.0))], [None], [None])
    assess(tracks, zones, now_ns=NOW_NS, horizon_s=60.0)


def radar_plots() -> Plots:
    """Two plots of one turn of the radar."""
    return Plots.empty(2)._replace(
        time_ns=np.array([NOW_NS - SECOND_NS, NOW_NS]),
        kind=np.full(2, PlotKind.POLAR, np.int8),
        range_m=np.array([20_000.0, 40_000.0]),
        azimuth_rad=np.array([1.0, 2.0]),
    )
