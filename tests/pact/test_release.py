"""Claims of the release path, each with its smallest example."""

from pathlib import Path
from random import Random

import msgspec
import numpy as np
import pytest

from foedus.errors import DocumentError, InputError, LimitError
from foedus.limits import TRACKS_MAX
from foedus.model import SECOND_NS, Form, TrackClass, Tracks
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.tables.compile import ReleaseGroup, compile_pact, groups, is_in_force, warn_duties
from foedus.pact.tables.release import (
    clause_name,
    decide,
    decide_onward,
    degrade,
    onward,
    plot_mask,
    zones_of,
)
from random_pacts import NOW_NS, hub_pact, random_pact, route, verdict

HERE = Path(__file__).parent.parent
ALPINE = read_pact(HERE.parent / "pacts" / "alpine.toml")
STRAITS = (HERE / "good_pact.toml").read_text()
DRAFTED_NS = 1_583_000_000 * SECOND_NS  # 2020-02-29 18:13 UTC

ONE = """
foedus = 1
pact = "one"
version = "1"
title = "One rule after another"
date = 2018-01-01
basis = { instrument = "none", binding = "none", evidence = "stylised" }
party = [
  { id = "A", name = "A", role = "member" },
  { id = "B", name = "B", role = "member" },
  { id = "C", name = "C", role = "member" },
]
zone = [
  { id = "Z", source = "x", polygon = [[0, 0], [0, 2], [2, 2], [2, 0]] },
  { id = "Y", source = "x", polygon = [[0, 1], [0, 3], [2, 3], [2, 1]] },
  { id = "LOW", source = "x", ceiling_m = 1000, polygon = [[5, 0], [5, 2], [7, 2], [7, 0]] },
]
"""


def rules(*lines: str) -> Pact:
    """A pact of these shares and withholds, each given as its keys; ids S0, S1 ... by place."""
    common = 'text = "x", cite = "x", basis = "stylised"'
    clauses = [f'{{ id = "T", kind = "term", in_force = 2018-01-01, {common} }}']
    for i, line in enumerate(lines):
        kind = "share" if "form" in line else "withhold"
        clauses.append(f'{{ id = "S{i}", kind = "{kind}", data = "tracks", {common}, {line} }}')
    return parse_pact(ONE + "clause = [\n" + ",\n".join(clauses) + "\n]\n", file="one.toml")


def given(pact: Pact, to: str, where: tuple[float, float, float], track_class: int = 0) -> tuple[str, str]:
    """(form, clause) of what A gives of such a track."""
    tables = compile_pact(pact, member="A", time_ns=NOW_NS)
    lat, lon, height = (np.array([value]) for value in where)
    zones = zones_of(tables, np.radians(lat), np.radians(lon), height)
    decisions = decide(tables, np.array([track_class], np.int8), zones)
    column = tables.parties.index(to)
    form, clause = int(decisions.form[0, column]), int(decisions.clause[0, column])
    return Form(form).name.lower(), clause_name(tables, clause)


IN_Z, IN_BOTH, IN_Y, OUTSIDE = (1.0, 0.5, 500.0), (1.0, 1.5, 500.0), (1.0, 2.5, 500.0), (9.0, 9.0, 500.0)
ALL = 'from = "any", to = "any", form = "track"'


def test_what_no_clause_shares_is_denied() -> None:
    pact = rules('from = "A", to = "B", form = "track"')
    assert given(pact, "C", OUTSIDE) == ("none", "")
    assert given(pact, "B", OUTSIDE) == ("track", "S0")


def test_deny_beats_allow_at_equal_depth() -> None:
    pact = rules('from = "A", to = "B", form = "track"', 'from = "A", to = "B"')
    assert given(pact, "B", OUTSIDE) == ("none", "S1")


def test_a_withhold_beats_a_share_that_is_narrower_in_another_way() -> None:
    pact = rules('from = "A", to = "B", classes = ["unidentified"], form = "track"', 'from = "A", to = "any"')
    assert given(pact, "B", OUTSIDE) == ("track", "S0")  # narrower in every way: an exception
    pact = rules('from = "A", to = "any", classes = ["unidentified"], form = "track"', 'from = "A", to = "B"')
    assert given(pact, "B", OUTSIDE) == ("none", "S1")
    assert given(pact, "C", OUTSIDE) == ("track", "S0")


def test_a_share_must_be_narrower_than_every_withhold_that_applies() -> None:
    pact = rules(
        'from = "A", to = "B", zones = ["Z"], form = "track"',
        'from = "A", to = "B"',
        'from = "A", to = "any", zones = ["Y"]',
    )
    assert given(pact, "B", IN_Z) == ("track", "S0")
    assert given(pact, "B", IN_BOTH) == ("none", "S1")
    assert given(pact, "B", IN_Y) == ("none", "S1")


def test_the_narrower_share_decides_for_more_and_for_less() -> None:
    for narrow, wide in (("track", "region"), ("region", "track")):
        pact = rules(
            f'from = "any", to = "any", form = "{wide}"', f'from = "A", to = "any", form = "{narrow}"'
        )
        assert given(pact, "B", OUTSIDE) == (narrow, "S1")


def test_a_zone_makes_a_share_narrower_only_inside_it() -> None:
    pact = rules(ALL, 'from = "any", to = "any", zones = ["Z"], form = "coarse"')
    assert given(pact, "B", IN_Z) == ("coarse", "S1")
    assert given(pact, "B", IN_BOTH) == ("coarse", "S1")
    assert given(pact, "B", IN_Y) == ("track", "S0")


def test_of_shares_that_say_the_same_the_first_in_the_text_is_named() -> None:
    lines = ('from = "A", to = "any", form = "track"', 'from = "any", to = "B", form = "track"')
    assert given(rules(*lines), "B", OUTSIDE) == ("track", "S0")
    assert given(rules(*lines[::-1]), "B", OUTSIDE) == ("track", "S0")


def test_shares_that_contradict_each_other_where_two_zones_overlap_do_not_compile() -> None:
    lines = [
        f'from = "A", to = "B", zones = ["{zone}"], form = "{form}"'
        for zone, form in (("Z", "track"), ("Y", "coarse"), ("LOW", "region"))
    ]
    with pytest.raises(DocumentError, match=r"S1 \(coarse\) against S0 \(track\) .* inside Z and Y"):
        rules(*lines)
    apart = rules(lines[0], lines[2])
    assert given(apart, "B", IN_BOTH) == ("track", "S0")
    settled = rules(*lines, 'from = "A", to = "any", zones = ["Y"]')  # the withhold is wider than S1 only
    assert [given(settled, "B", place)[0] for place in (IN_Z, IN_BOTH, IN_Y)] == ["track", "coarse", "coarse"]


def test_of_shares_that_contradict_each_other_all_the_same_the_lowest_form_holds() -> None:
    """No text says so and compiles; were the check for contradictions to miss one, less would be given."""
    pact = rules('from = "A", to = "any", form = "coarse"', 'from = "any", to = "B", form = "coarse"')
    for place, form in ((1, Form.TRACK), (2, Form.TRACK)):
        clauses = list(pact.clause)
        clauses[place] = msgspec.structs.replace(clauses[place], form=form)
        torn = msgspec.structs.replace(pact, clause=tuple(clauses))
        assert given(torn, "B", OUTSIDE) == ("coarse", f"S{2 - place}")
        assert verdict(torn, "A", "B", 0, set())[:2] == (Form.COARSE, f"S{2 - place}")


def test_a_track_of_unknown_height_is_kept_where_it_might_be_withheld() -> None:
    nowhere = float("nan")
    low, high, unknown = ((6.0, 1.0, height) for height in (500.0, 1500.0, nowhere))
    withheld = rules(ALL, 'from = "A", to = "B", zones = ["LOW"]')
    assert [given(withheld, "B", place)[0] for place in (low, high, unknown)] == ["none", "track", "none"]
    shared = rules('from = "A", to = "B", zones = ["LOW"], form = "track"')
    assert [given(shared, "B", place)[0] for place in (low, high, unknown)] == ["track", "none", "none"]


def test_a_band_holds_its_floor_and_not_its_ceiling() -> None:
    shared = rules('from = "A", to = "B", zones = ["LOW"], form = "track"')
    assert given(shared, "B", (6.0, 1.0, 999.999))[0] == "track"
    assert given(shared, "B", (6.0, 1.0, 1000.0))[0] == "none"


def test_a_point_on_a_common_border_lies_in_exactly_one_zone() -> None:
    tables = compile_pact(ALPINE, member="CH", time_ns=NOW_NS)
    countries = sum(1 << i for i, zone in enumerate(ALPINE.zone) if zone.owner == zone.id)
    borders = [(46.05, 6.85), (47.5, 7.1), (46.45, 9.5), (47.6, 8.0), (45.9, 7.3), (46.9, 6.5)]
    corners = [
        corner
        for corner in ALPINE.zone[0].polygon
        if sum(corner in zone.polygon for zone in ALPINE.zone) == 2
    ]
    points = np.radians(np.array(borders + corners))
    held = zones_of(tables, points[:, 0].copy(), points[:, 1].copy(), np.full(len(points), 9e3)) & countries
    counts = [int(bits).bit_count() for bits in held]
    assert len(corners) > 15
    assert max(counts) == 1


# ---------------------------------------------------------------- term, routes, groups, duties


def test_outside_its_term_a_pact_releases_nothing_and_names_the_term() -> None:
    pact = parse_pact(STRAITS, file="x")
    begun, over = 1_582_977_600 * SECOND_NS, 1_646_049_600 * SECOND_NS
    assert [is_in_force(pact, t) for t in (begun - 1, begun, over - 1, over)] == [False, True, True, False]
    tables = compile_pact(pact, member="NORD", time_ns=over)
    decisions = decide(tables, np.zeros(1, np.int8), np.zeros(1, np.int64))
    assert not decisions.form.any()
    assert [clause_name(tables, int(c)) for c in decisions.clause[0]] == ["", "IN", "IN", "IN", "IN"]
    assert tables.partners == ()
    assert groups(tables) == ()
    assert warn_duties(tables) == ()


def test_a_draft_is_never_in_force() -> None:
    pact = parse_pact(STRAITS.replace("in_force = 2020-02-29T12:00:00Z\n", ""), file="x")
    assert not is_in_force(pact, DRAFTED_NS)


def test_a_member_that_the_pact_does_not_have_is_an_input_error() -> None:
    with pytest.raises(InputError, match="'XX'; expected one of CH, FR, DE, IT, HUB"):
        compile_pact(ALPINE, member="XX", time_ns=NOW_NS)


def test_partners_are_those_reached_directly() -> None:
    partners = {
        name: compile_pact(ALPINE, member=name, time_ns=NOW_NS).partners
        for name in ("CH", "FR", "DE", "IT", "HUB")
    }
    assert partners == {
        "CH": ("FR", "DE", "IT", "HUB"),
        "FR": ("CH", "DE", "IT", "HUB"),
        "DE": ("CH", "FR", "HUB"),
        "IT": ("CH", "FR", "HUB"),
        "HUB": ("CH", "FR", "DE", "IT"),
    }


def test_a_hub_that_gives_an_observer_something_is_its_partner() -> None:
    tables = compile_pact(parse_pact(STRAITS, file="x"), member="KNOT", time_ns=DRAFTED_NS)
    assert tables.partners == ("NORD", "SUND", "OST", "GAST")


def test_who_may_not_have_every_plot_has_a_tracker_of_its_own() -> None:
    tables = compile_pact(ALPINE, member="FR", time_ns=NOW_NS)
    assert groups(tables) == (ReleaseGroup(("CH", "DE", "HUB"), True), ReleaseGroup(("IT",), False))
    reserved = np.array([1 << 4 | 1 << 1, 1 << 1, 0])
    classes = np.zeros(3, np.int8)
    assert plot_mask(tables, ("CH", "DE", "HUB"), classes, reserved).tolist() == [True, True, True]
    assert plot_mask(tables, ("IT",), classes, reserved).tolist() == [False, True, True]


@pytest.mark.parametrize("seed", range(30))
def test_partners_of_one_group_may_have_exactly_the_same_plots(seed: int) -> None:
    random = Random(70_000 + seed)
    pact = hub_pact(random) if seed % 2 else random_pact(random)
    every = [{zone.id for i, zone in enumerate(pact.zone) if n >> i & 1} for n in range(1 << len(pact.zone))]
    for me in (party.id for party in pact.party):
        tables = compile_pact(pact, member=me, time_ns=NOW_NS)
        parts = groups(tables)
        assert sorted(name for group in parts for name in group.partners) == sorted(tables.partners)
        masks = {}
        for name in tables.partners:
            assert not route(pact, me, name)
            masks[name] = [verdict(pact, me, name, c, held)[0] > 0 for c in (0, 1) for held in every]
        for group in parts:
            assert all(masks[name] == masks[group.partners[0]] for name in group.partners)
            assert not group.every_plot or all(masks[group.partners[0]])
        for later in parts[1:]:
            assert not all(masks[later.partners[0]])


def test_duties_to_warn_lead_to_the_hub_where_a_route_says_so() -> None:
    duties = warn_duties(compile_pact(ALPINE, member="IT", time_ns=NOW_NS))
    assert [(duty.to, duty.via, duty.zones, duty.clause) for duty in duties] == [
        ("CH", "CH", 1 << 0, "W1"),
        ("FR", "FR", 1 << 1, "W1"),
        ("DE", "HUB", 1 << 2, "W1"),
    ]
    assert duties[0].classes == (TrackClass.UNIDENTIFIED,)
    assert duties[0].content == Form.ALERT
    assert (duties[0].horizon_s, duties[0].probability, duties[0].within_s) == (300, 0.5, 15)
    assert (duties[0].renew_s, duties[0].expires_s, duties[0].ack_s) == (30, 120, 60)


def test_without_named_zones_a_warning_is_owed_for_every_zone_of_the_endangered() -> None:
    pact = parse_pact(STRAITS.replace('id = "LOW"\n', 'id = "LOW"\nowner = "SUND"\n'), file="x")
    duties = warn_duties(compile_pact(pact, member="OST", time_ns=DRAFTED_NS))
    assert [(duty.to, duty.via, duty.zones) for duty in duties] == [("SUND", "SUND", 0b011)]
    assert warn_duties(compile_pact(pact, member="KNOT", time_ns=DRAFTED_NS)) == ()


# ---------------------------------------------------------------- onward


def test_nothing_goes_onward_without_a_caveat_that_lets_it() -> None:
    text = STRAITS.replace('on = ["UP"]', 'on = ["LOWSHARE"]').replace('rel_to = "hub"', 'rel_to = "any"')
    tables = compile_pact(parse_pact(text, file="x"), member="NORD", time_ns=DRAFTED_NS)
    assert not onward(tables, np.zeros(1, np.int8), np.zeros(1, np.int64)).any()


def test_onward_is_capped_by_the_caveat_and_by_the_share_to_the_hub() -> None:
    tables = compile_pact(parse_pact(STRAITS, file="x"), member="NORD", time_ns=DRAFTED_NS)
    forms = onward(tables, np.zeros(1, np.int8), np.zeros(1, np.int64))
    assert forms.tolist() == [[0, Form.COARSE, Form.COARSE, 0, Form.COARSE]]
    poorer = STRAITS.replace(
        'to = "KNOT"\ndata = "tracks"\nform = "track"', 'to = "KNOT"\ndata = "tracks"\nform = "region"'
    )
    tables = compile_pact(parse_pact(poorer, file="x"), member="NORD", time_ns=DRAFTED_NS)
    forms = onward(tables, np.zeros(1, np.int8), np.zeros(1, np.int64))
    assert forms.tolist() == [[0, Form.REGION, Form.REGION, 0, Form.REGION]]


def test_the_hub_sends_nothing_back_and_caps_by_its_own_share() -> None:
    tables = compile_pact(ALPINE, member="HUB", time_ns=NOW_NS)
    forms_in = np.array([[0, 4, 4, 2, 0]], np.int8)
    decisions = decide_onward(tables, forms_in, np.ones(1, np.int8), np.zeros(1, np.int64))
    assert decisions.form.tolist() == [[0, 3, 3, 2, 0]]
    assert [clause_name(tables, int(c)) for c in decisions.clause[0]] == ["O1", "S3", "S3", "S3", ""]


# ---------------------------------------------------------------- forms


def tracks(n: int = 1, **columns: float) -> Tracks:
    filled = {
        "lat_rad": np.radians(46.234),
        "lon_rad": np.radians(8.777),
        "height_m": 8_260.0,
        "velocity_east_m_s": 190.0,
        "velocity_north_m_s": -40.0,
        "velocity_up_m_s": 3.0,
        "position_sigma_m": 71.0,
        "height_sigma_m": 40.0,
        "velocity_sigma_m_s": 2.5,
        "icao24": 0x4B1234,
        "callsign": 99,
        "track_class": 1,
        "time_ns": NOW_NS,
    } | columns
    empty = Tracks.empty(n)
    return empty._replace(
        **{name: np.full(n, value, getattr(empty, name).dtype) for name, value in filled.items()}
    )


def cut(form: Form, rows: Tracks) -> dict[str, float]:
    """The one row of a report in that form."""
    tables = compile_pact(ALPINE, member="FR", time_ns=NOW_NS)
    reports = degrade(
        rows, np.array([form], np.int8), np.array([1], np.int16), tables, numbers=np.array([17], np.int32)
    )
    assert reports.onward.shape == (1, 5)
    assert not reports.onward.any()
    assert [column.dtype for column in reports] == [column.dtype for column in type(reports).empty(1, 5)]
    return {name: column[0].item() for name, column in zip(reports._fields[:-1], reports, strict=False)}


def test_a_track_is_given_as_it_is() -> None:
    row, exact = cut(Form.TRACK, tracks()), tracks()
    assert (row.pop("number"), row.pop("form"), row.pop("clause")) == (17, Form.TRACK, 1)
    for name, value in row.items():
        assert value == getattr(exact, name)[0], name


def test_coarse_is_a_tenth_of_a_degree_without_identity() -> None:
    row = cut(Form.COARSE, tracks())
    assert np.degrees(row["lat_rad"]) == pytest.approx(46.25, abs=1e-12)
    assert np.degrees(row["lon_rad"]) == pytest.approx(8.75, abs=1e-12)
    assert row["height_m"] == 8_500
    assert (row["velocity_east_m_s"], row["velocity_north_m_s"], row["velocity_up_m_s"]) == (200, -50, 0)
    assert (row["icao24"], row["callsign"], row["track_class"]) == (-1, 0, 1)
    assert (row["position_sigma_m"], row["height_sigma_m"], row["velocity_sigma_m_s"]) == (3_500, 200, 25)


def test_region_is_a_degree_and_nothing_that_moves() -> None:
    row = cut(Form.REGION, tracks())
    assert np.degrees(row["lat_rad"]) == pytest.approx(46.5, abs=1e-12)
    assert np.degrees(row["lon_rad"]) == pytest.approx(8.5, abs=1e-12)
    unknown = [name for name, value in row.items() if np.isnan(value)]
    assert unknown == [
        "height_m",
        "velocity_east_m_s",
        "velocity_north_m_s",
        "velocity_up_m_s",
        "height_sigma_m",
        "velocity_sigma_m_s",
    ]
    assert (row["icao24"], row["callsign"], row["position_sigma_m"]) == (-1, 0, 35_000)


@pytest.mark.parametrize("form", [Form.COARSE, Form.REGION])
def test_a_cut_row_does_not_tell_where_in_the_cell_or_how_well_it_is_known(form: Form) -> None:
    wanted = cut(form, tracks())
    other = tracks(
        lat_rad=np.radians(46.2001),
        lon_rad=np.radians(8.7999),
        height_m=8_740.0,
        velocity_east_m_s=210.0,
        position_sigma_m=15.0,
        height_sigma_m=5.0,
        velocity_sigma_m_s=20.0,
        icao24=-1,
        callsign=0,
    )
    assert {k: v for k, v in cut(form, other).items() if not np.isnan(v)} == {
        k: v for k, v in wanted.items() if not np.isnan(v)
    }


@pytest.mark.parametrize(("form", "cell"), [(Form.COARSE, 0.1), (Form.REGION, 1.0)])
@pytest.mark.parametrize("place", [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0), (-0.05, -179.99)])
def test_cells_end_at_the_poles_and_the_date_line(
    form: Form, cell: float, place: tuple[float, float]
) -> None:
    row = cut(form, tracks(lat_rad=np.radians(place[0]), lon_rad=np.radians(place[1])))
    lat, lon = np.degrees(row["lat_rad"]), np.degrees(row["lon_rad"])
    assert abs(lat) < 90
    assert abs(lon) < 180
    assert abs(lat - place[0]) <= cell / 2 + 1e-9
    assert abs(lon - place[1]) <= cell / 2 + 1e-9


def test_a_poor_estimate_is_not_made_to_look_good_by_its_form() -> None:
    row = cut(Form.COARSE, tracks(position_sigma_m=9_800.0, velocity_sigma_m_s=80.0, height_sigma_m=900.0))
    assert row["position_sigma_m"] >= 9_800
    assert row["velocity_sigma_m_s"] >= 80
    assert row["height_sigma_m"] >= 900


def test_what_is_unknown_stays_unknown_in_a_coarse_row() -> None:
    row = cut(Form.COARSE, tracks(height_m=np.nan, velocity_east_m_s=np.nan, velocity_sigma_m_s=np.nan))
    assert np.isnan([row["height_m"], row["velocity_east_m_s"], row["velocity_sigma_m_s"]]).all()


def test_rows_that_are_not_released_are_left_out_and_onward_forms_kept_in_step() -> None:
    tables = compile_pact(ALPINE, member="FR", time_ns=NOW_NS)
    rows = tracks(4)._replace(lat_rad=np.radians([46.0, 46.5, 47.0, 47.5]))
    reports = degrade(
        rows,
        np.array([4, 0, 3, 4], np.int8),
        np.array([1, 6, 1, 1], np.int16),
        tables,
        numbers=np.array([5, 6, 7, 8], np.int32),
        onward=np.arange(20, dtype=np.int8).reshape(4, 5),
    )
    assert reports.number.tolist() == [5, 7, 8]
    assert reports.form.tolist() == [4, 3, 4]
    assert reports.onward[:, 0].tolist() == [0, 10, 15]
    assert np.degrees(reports.lat_rad).round(6).tolist() == [46.0, 47.05, 47.5]


def test_more_rows_than_a_message_may_hold_are_an_error() -> None:
    tables = compile_pact(ALPINE, member="FR", time_ns=NOW_NS)
    n = TRACKS_MAX + 1
    with pytest.raises(LimitError, match="TRACKS_MAX"):
        degrade(tracks(1), np.zeros(n, np.int8), np.zeros(n, np.int16), tables, numbers=np.zeros(n, np.int32))
