"""Speed of the drill simulator: 8 members, 60 sensors, 500 flights, everybody tells everybody; one core."""

import os
import sys
import time
from datetime import UTC, datetime

from bench.report import Row
from foedus.drill.ideal import ideal_pact
from foedus.drill.simulation import Simulation
from foedus.drill.text import Drill, LinkTable, Site, Target, Traffic
from foedus.model import SECOND_NS, Sensor, SensorKind, TrackClass
from foedus.network import MemberEntry, Waypoint
from foedus.pact.clauses import Zone

MEMBERS, SENSORS, FLIGHTS = 8, 60, 500
WARM_S, PLAYED_S = 30, 120


def run() -> list[Row]:
    """Seconds of drill per second of processor time, after a warm half minute."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    simulation = Simulation(drill(), ideal_pact(drill()), name="ideal", seed=1, keep_bodies=False)
    simulation.run_to(simulation.world.start_ns + WARM_S * SECOND_NS)
    began_s = time.process_time()
    simulation.run_to(simulation.world.start_ns + (WARM_S + PLAYED_S) * SECOND_NS)
    cpu_s = time.process_time() - began_s
    tracks = [simulation.stations[one].node.tracks_held for one in simulation.members]
    assert sum(own for own, _ in tracks) > FLIGHTS
    note = f"{sum(own for own, _ in tracks)} own tracks, {tracks[0][1]} in the first picture"
    return [Row("drill, 8 members, 60 sensors, 500 flights", PLAYED_S / cpu_s, "x real time", 20, None, note)]


def drill() -> Drill:
    """An invented square of ten degrees with sensors on a grid, dealt out to the members in turn."""
    members = tuple(MemberEntry(id=f"M{number}", name=f"member {number}") for number in range(MEMBERS))
    sites = tuple(
        Site(
            member=members[number % MEMBERS].id,
            sensor=Sensor(
                id=f"R{number:02d}",
                kind=SensorKind.RADAR,
                lat_deg=float(number // 10) * 1.6,
                lon_deg=float(number % 10) * 1.0,
                height_m=300.0,
                period_s=5.0 if number % 2 else 10.0,
                range_max_m=150_000.0,
                clutter_per_scan=2.0,
            ),
        )
        for number in range(SENSORS)
    )
    zones = tuple(
        Zone(
            id=f"Z{number}",
            owner=members[number].id,
            source="invented box",
            polygon=((number, 4.0), (number, 4.5), (number + 0.5, 4.5), (number + 0.5, 4.0)),
        )
        for number in range(MEMBERS)
    )
    way = (
        Waypoint(after_s=0.0, lat_deg=9.0, lon_deg=4.2, height_m=5_000.0),
        Waypoint(after_s=3_600.0, lat_deg=1.0, lon_deg=4.2, height_m=5_000.0),
    )
    return Drill(
        foedus=1,
        drill="bench",
        title="Bench",
        start=datetime(2030, 1, 1, tzinfo=UTC),
        lasts_s=600.0,
        member=members,
        site=sites,
        zone=zones,
        target=(Target(id="T1", track_class=TrackClass.UNIDENTIFIED, at_s=0.0, waypoint=way),),
        traffic=Traffic(flights=FLIGHTS, south_deg=1.0, north_deg=8.0, west_deg=1.0, east_deg=8.0),
        links=LinkTable(loss=0.01),
    )


def profile() -> None:
    """Where the time goes, by function: `python -m bench.drill`."""
    import cProfile
    import pstats

    simulation = Simulation(drill(), ideal_pact(drill()), name="ideal", seed=1, keep_bodies=False)
    simulation.run_to(simulation.world.start_ns + WARM_S * SECOND_NS)
    profiler = cProfile.Profile()
    profiler.enable()
    simulation.run_to(simulation.world.start_ns + (WARM_S + 60) * SECOND_NS)
    profiler.disable()
    pstats.Stats(profiler, stream=sys.stdout).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    profile()
