"""Views and hellos for tests of the console: an invented Alpine picture, made by arithmetic, never random."""

import math

import msgspec
import numpy as np

from foedus.live.gateway import Hello, PactHead, Party, ZoneOutline
from foedus.model import SECOND_NS, TrackClass, Tracks, TrackStatus, pack_callsign
from foedus.view import (
    CasusView,
    Contribution,
    FactView,
    FeedView,
    LinkView,
    PactView,
    Provenance,
    ReleaseView,
    SuspensionView,
    View,
    WarningView,
)

START_NS = 1_533_106_800 * SECOND_NS  # 2018-08-01T07:00:00Z
PARTIES = ("CH", "FR", "DE", "IT", "HUB")
NAMES = {
    "CH": "Switzerland",
    "FR": "France",
    "DE": "Germany",
    "IT": "Italy",
    "HUB": "Alpine hub",
}
CLAUSES = {
    "border-threat": "An attack on the territory of a party is imminent; each party determines that.",
    "hub-alarm": "The hub raises the alarm.",
    "share-civil": "Every party gives every other party the tracks of aircraft that answer, as tracks.",
    "fr-zone": "France gives Italy nothing from within the zone Haute-Savoie.",
    "share-border": "Italy gives Switzerland what is within 50 km of their border, coarse.",
    "warn-entry": "Who sees an aircraft that does not answer heading for a zone warns its owner.",
}
ZONES = (
    ZoneOutline(
        id="TICINO",
        owner="CH",
        polygon=((45.85, 8.4), (46.55, 8.4), (46.55, 9.3), (45.85, 9.1)),
    ),
    ZoneOutline(
        id="HAUTE-SAVOIE",
        owner="FR",
        polygon=((45.8, 5.9), (46.4, 6.2), (46.3, 6.8), (45.85, 6.9)),
    ),
)


def make_hello(member: str, **changes: object) -> Hello:
    """What a gateway of that member says first."""
    values: dict[str, object] = {
        "member": member,
        "name": NAMES.get(member, member),
        "title": "Alpine air policing",
        "mode": "RECORDING",
        "speed": 5.0,
        "tick_s": 5.0,
        "parties": tuple(Party(id=party, name=NAMES[party]) for party in PARTIES),
        "pact": PactHead(id="alpine", version="1.0", digest="9f2c" * 16),
        "clauses": CLAUSES,
        "zones": ZONES,
        "bounds": (45.8, 5.9, 47.8, 10.5),
        "attribution": "Positions: The OpenSky Network, https://opensky-network.org",
    }
    return Hello(**(values | changes))  # type: ignore[arg-type]


def make_picture(rows: int, *, time_ns: int = START_NS, first_number: int = 1, step: int = 0) -> Tracks:
    """Aircraft spread over the Alps on a golden-ratio grid; row 0 answers nothing, every ninth row coasts."""
    i = np.arange(rows)
    heading = i * 2.399963
    speed = 120.0 + (i * 37 % 140)
    moved_m = speed * 5.0 * step
    lat = np.radians(45.85 + (i * 0.618034 % 1.0) * 1.9) + moved_m * np.cos(heading) / 6.371e6
    lon = np.radians(6.0 + (i * 0.754878 % 1.0) * 4.4) + moved_m * np.sin(heading) / 4.4e6
    age_s = np.where(i % 9 == 8, 25.0, i % 5)
    silent = i == 0
    return Tracks.empty(rows)._replace(
        number=(first_number + i).astype(np.int32),
        time_ns=(time_ns - age_s * SECOND_NS).astype(np.int64),
        status=np.where(i % 9 == 8, TrackStatus.COASTING, TrackStatus.CONFIRMED).astype(np.int8),
        lat_rad=np.where(silent, math.radians(45.9 + 0.004 * step), lat),
        lon_rad=np.where(silent, math.radians(8.75), lon),
        height_m=np.where(silent, 900.0, 9_200.0 + i * 53 % 3_000),
        velocity_east_m_s=np.where(silent, 5.0, speed * np.sin(heading)),
        velocity_north_m_s=np.where(silent, 88.0, speed * np.cos(heading)),
        velocity_up_m_s=np.where(i % 7 == 3, 6.0, np.where(i % 7 == 5, -7.0, 0.0)),
        position_sigma_m=np.where(silent, 900.0, 60.0 + i % 40),
        height_sigma_m=np.full(rows, 50.0),
        velocity_sigma_m_s=np.full(rows, 4.0),
        track_class=np.where(silent, TrackClass.UNIDENTIFIED, TrackClass.COOPERATIVE).astype(np.int8),
        icao24=np.where(silent, -1, 0x4B0000 + i).astype(np.int32),
        callsign=np.array(
            [0 if k == 0 or k % 11 == 10 else pack_callsign(f"SWR{100 + k}") for k in range(rows)], np.int64
        ),
        sources=np.where(silent, 1 << 3, 1 << (i % 4) | 1).astype(np.int64),
    )


def make_warning(**changes: object) -> WarningView:
    """A warning that Switzerland received from Italy, stored and not yet shown."""
    values: dict[str, object] = {
        "id": "IT-1",
        "direction": "received",
        "party": "IT",
        "zone": "TICINO",
        "clause": "warn-entry",
        "state": "raised",
        "revision": 1,
        "track_class": "unidentified",
        "lat_cell_deg": 45.9,
        "lon_cell_deg": 8.7,
        "raised_ns": START_NS - 10 * SECOND_NS,
        "entry_ns": START_NS + 280 * SECOND_NS,
        "probability_percent": 80,
        "expires_ns": START_NS + 900 * SECOND_NS,
        "track": 0,
        "stored_ns": START_NS - 5 * SECOND_NS,
    }
    return WarningView(**(values | changes))  # type: ignore[arg-type]


def make_stand(**changes: object) -> PactView:
    """A pact in force with one casus that Switzerland may declare, one that it may not, and a suspension."""
    casus = CasusView(
        id="border-threat",
        stand="",
        since_ns=0,
        by="",
        may_declare=True,
        scopes=("share-border",),
    )
    values: dict[str, object] = {
        "in_force": "yes",
        "grounds": (),
        "roster": ("CH", "FR", "DE", "HUB"),
        "casus": (casus, msgspec.structs.replace(casus, id="hub-alarm", may_declare=False, scopes=())),
        "suspended": (
            SuspensionView(
                clause="share-civil", by="suspend-it", why="waits for VISIT: a visit", pairs=(("CH", "FR"),)
            ),
        ),
        "facts": (
            FactView(
                what="left", of="IT", at_ns=START_NS - 60 * SECOND_NS, by="", says="", as_to=(), person=""
            ),
        ),
    }
    return PactView(**(values | changes))  # type: ignore[arg-type]


def make_view(
    *,
    rows: int = 60,
    step: int = 0,
    warnings: tuple[WarningView, ...] = (),
    member: str = "CH",
    first_number: int = 1,
    pact: PactView | None = None,
) -> View:
    """Everything a gateway may show after the given number of ticks."""
    time_ns = START_NS + step * 5 * SECOND_NS
    links = tuple(
        LinkView(
            party=party,
            via="HUB" if {member, party} == {"DE", "IT"} else "",
            newest_ns=0 if party == "HUB" else time_ns - 2 * SECOND_NS,
            received_rows=10 + 7 * k,
            released_rows=20 + 5 * k,
            withheld=(("fr-zone", 3), ("", 2)) if party == "IT" else (),
            warnings_sent=0,
            warnings_received=1 if party == "IT" else 0,
        )
        for k, party in enumerate(PARTIES)
        if party != member
    )
    feed = FeedView(
        feed=f"{member.lower()}-receivers",
        newest_ns=time_ns - 3 * SECOND_NS,
        plots=12_345 + step * rows,
        refused=(("outside the range of every sensor", 4),),
    )
    picture = make_picture(rows, time_ns=time_ns, step=step, first_number=first_number)
    return View(time_ns=time_ns, picture=picture, warnings=warnings, links=links, feeds=(feed,), pact=pact)


def make_provenance(number: int) -> Provenance | None:
    """Every positive number below 10,000 has one sensor and one report behind it."""
    if not 0 < number < 10_000:
        return None
    return Provenance(
        number=number,
        contributions=(
            Contribution(origin="GENEVA", kind="sensor", form="", clause="", time_ns=START_NS),
            Contribution(
                origin="FR",
                kind="report",
                form="track",
                clause="share-civil",
                time_ns=START_NS - 4 * SECOND_NS,
            ),
        ),
        releases=(
            ReleaseView(party="DE", form="track", clause="share-civil"),
            ReleaseView(party="IT", form="none", clause=""),
        ),
    )
