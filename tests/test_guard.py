"""The guard passes what the node should send, and refuses each planted mistake."""

from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest

from foedus.guard import Guard, Passed, Refused
from foedus.model import SECOND_NS, Form, Reports, Tracks
from foedus.pact.clauses import Pact
from foedus.pact.reading.text import read_pact
from foedus.pact.tables.compile import PactTables, compile_pact
from foedus.pact.tables.release import decide, decide_onward, degrade, onward, zones_of
from foedus.wire import Ack, Evidence, Picture, Send, Warn, pack_columns, unpack_columns
from random_pacts import NOW_NS, hub_pact, point, random_pact

ALPINE = read_pact(Path(__file__).parent.parent / "pacts" / "alpine.toml")


def tracks_at(points: list[tuple[float, float, float]], random: Random) -> Tracks:
    """Plausible tracks at (latitude, longitude, height) in degrees and metres."""
    n = len(points)
    lat, lon, height = np.array(points).T
    known = np.array([random.randint(0, 1) for _ in range(n)], np.int8)
    speed = np.array([[random.gauss(0, 150) for _ in range(n)] for _ in range(3)])
    return Tracks.empty(n)._replace(
        number=np.arange(101, 101 + n, dtype=np.int32),
        time_ns=np.full(n, NOW_NS - SECOND_NS),
        lat_rad=np.radians(lat),
        lon_rad=np.radians(lon),
        height_m=height,
        velocity_east_m_s=speed[0],
        velocity_north_m_s=speed[1],
        velocity_up_m_s=speed[2] / 10,
        position_sigma_m=np.array([random.uniform(20, 9_000) for _ in range(n)]),
        height_sigma_m=np.array([random.uniform(10, 900) for _ in range(n)]),
        velocity_sigma_m_s=np.array([random.uniform(1, 90) for _ in range(n)]),
        track_class=known,
        icao24=np.where(known == 1, 0x4B0000 + np.arange(n), -1).astype(np.int32),
        callsign=np.where(known == 1, 12345, 0),
    )


def send_of(tables: PactTables, tracks: Tracks, to: str, entitled: np.ndarray | None = None) -> Send:
    """What a node sends to a partner; entitled: at the hub, (n, parties) of onward forms of the inputs."""
    column = tables.parties.index(to)
    zones = zones_of(tables, tracks.lat_rad, tracks.lon_rad, tracks.height_m)
    forms_on = None
    if tables.hub:
        assert entitled is not None
        decisions = decide_onward(tables, entitled, tracks.track_class, zones)
    else:
        decisions = decide(tables, tracks.track_class, zones)
        if column == tables.hub_index:
            forms_on = onward(tables, tracks.track_class, zones)
            forms_on[decisions.form >= forms_on] = Form.NONE  # as releases.py does
    form, clause = decisions.form[:, column], decisions.clause[:, column]
    numbers = np.arange(1, len(form) + 1, dtype=np.int32)
    reports = degrade(tracks, form, clause, tables, numbers=numbers, onward=forms_on)
    kept = form > 0
    evidence = Evidence(
        pack_columns(Tracks._make(values[kept] for values in tracks)),
        entitled[kept, column].astype(np.int8).tobytes() if entitled is not None else b"",
    )
    return Send(to, Picture(NOW_NS, tables.digest, tables.clauses, pack_columns(reports)), evidence, ())


def entitlements(random: Random, tables: PactTables, n: int) -> np.ndarray | None:
    if not tables.hub:
        return None
    return np.array([[random.choice([0, 2, 3, 4]) for _ in tables.parties] for _ in range(n)], np.int8)


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("make", [random_pact, hub_pact])
def test_it_passes_every_picture_that_the_tables_release(make: Any, seed: int) -> None:
    random = Random(50_000 + seed)
    pact: Pact = make(random)
    for me in (party.id for party in pact.party):
        tables = compile_pact(pact, member=me, time_ns=NOW_NS)
        guard = Guard(pact, me)
        tracks = tracks_at([point(random) for _ in range(30)], random)
        for to in tables.partners:
            send = send_of(tables, tracks, to, entitlements(random, tables, 30))
            assert guard.check(send, time_ns=NOW_NS) == Passed(send.message.reports.rows), (seed, me, to)


@pytest.mark.parametrize("seed", range(12))
def test_it_refuses_every_row_raised_above_its_form_or_given_onward_without_right(seed: int) -> None:
    """Row by row over random pacts: what the tables do not grant does not pass."""
    random = Random(60_000 + seed)
    pact = hub_pact(random)
    for me in (party.id for party in pact.party if party.role == "member"):
        tables = compile_pact(pact, member=me, time_ns=NOW_NS)
        guard = Guard(pact, me)
        tracks = tracks_at([point(random) for _ in range(8)], random)
        for to in tables.partners:
            for row in range(8):
                one = Tracks._make(column[row : row + 1] for column in tracks)
                _refused_when_raised(tables, guard, one, to)


def _refused_when_raised(tables: PactTables, guard: Guard, track: Tracks, to: str) -> None:
    zones = zones_of(tables, track.lat_rad, track.lon_rad, track.height_m)
    column = tables.parties.index(to)
    decisions = decide(tables, track.track_class, zones)
    number = np.array([1], np.int32)
    for form in range(int(decisions.form[0, column]) + 1, Form.SOURCE + 1):
        clause = np.maximum(decisions.clause[:, column], 0)
        reports = degrade(track, np.array([form], np.int8), clause, tables, numbers=number)
        send = _sent(tables, to, reports, track)
        assert isinstance(guard.check(send, time_ns=NOW_NS), Refused)
    form = decisions.form[:, column]
    granted = onward(tables, track.track_class, zones)
    for party in range(len(tables.parties)):
        more = granted.copy() if column == tables.hub_index else np.zeros_like(granted)
        more[0, party] += 1
        reports = degrade(track, form, decisions.clause[:, column], tables, numbers=number, onward=more)
        if len(reports.number):
            send = _sent(tables, to, reports, track)
            assert isinstance(guard.check(send, time_ns=NOW_NS), Refused), (to, party, granted)


def _sent(tables: PactTables, to: str, reports: Reports, tracks: Tracks) -> Send:
    picture = Picture(NOW_NS, tables.digest, tables.clauses, pack_columns(reports))
    return Send(to, picture, Evidence(pack_columns(tracks)), ())


# ---------------------------------------------------------------- planted mistakes, on the Alpine pact

OUTSIDE, RESERVED, ALPS = (46.2, 5.2, 10_000.0), (47.45, 6.25, 10_000.0), (46.3, 8.7, 900.0)


def picture_of(member: str, to: str, entitled: int = 4) -> tuple[Send, Reports, Tracks]:
    tables = compile_pact(ALPINE, member=member, time_ns=NOW_NS)
    tracks = tracks_at([OUTSIDE, ALPS, (45.1, 9.3, 5_000.0)], Random(1))
    tracks = tracks._replace(
        track_class=np.array([1, 0, 1], np.int8),
        icao24=np.array([0x4B0001, -1, 0x4B0002], np.int32),
        callsign=np.array([7, 0, 9]),
    )
    rights = np.full((3, len(tables.parties)), entitled, np.int8) if tables.hub else None
    send = send_of(tables, tracks, to, rights)
    assert isinstance(Guard(ALPINE, member).check(send, time_ns=NOW_NS), Passed)
    return send, unpack_columns(send.message.reports, Reports, parties=5), tracks


def altered(send: Send, reports: Reports, **columns: Any) -> Send:
    packed = pack_columns(reports._replace(**columns))
    return msgspec.structs.replace(send, message=msgspec.structs.replace(send.message, reports=packed))


def refusal(member: str, send: Send, time_ns: int = NOW_NS) -> str:
    verdict = Guard(ALPINE, member).check(send, time_ns=time_ns)
    assert isinstance(verdict, Refused), verdict
    return verdict.reason


def changed(column: np.ndarray, row: int, value: float) -> np.ndarray:
    column = column.copy()
    column[row] = value
    return column


def test_a_row_from_the_reserved_zone_does_not_reach_italy() -> None:
    tables = compile_pact(ALPINE, member="FR", time_ns=NOW_NS)
    tracks = tracks_at([RESERVED], Random(2))
    reports = degrade(
        tracks,
        np.array([Form.TRACK], np.int8),
        np.array([tables.clauses.index("S1")], np.int16),
        tables,
        numbers=np.array([1], np.int32),
    )
    verdict = Guard(ALPINE, "FR").check(_sent(tables, "IT", reports, tracks), time_ns=NOW_NS)
    assert verdict == Refused("a row in form 4 where 0 is allowed", "H1", 0)
    assert Guard(ALPINE, "FR").check(_sent(tables, "CH", reports, tracks), time_ns=NOW_NS) == Passed(1)


def test_nothing_of_france_goes_onward_to_italy_wherever_it_is() -> None:
    send, reports, _ = picture_of("FR", "HUB")
    assert reports.onward[:, 3].tolist() == [0, 0, 0]
    onward_it = reports.onward.copy()
    onward_it[0, 3] = Form.COARSE
    assert "onward form 3 for IT" in refusal("FR", altered(send, reports, onward=onward_it))


def test_nothing_goes_onward_to_a_party_that_is_given_it_directly() -> None:
    send, reports, _ = picture_of("FR", "HUB")
    assert reports.onward[:, 0].tolist() == [0, 0, 0]
    twice = reports.onward.copy()
    twice[0, 0] = Form.COARSE
    assert "onward for CH what it is given directly" in refusal("FR", altered(send, reports, onward=twice))


def test_onward_forms_are_nil_except_toward_the_hub() -> None:
    send, reports, _ = picture_of("FR", "CH")
    forms = reports.onward.copy()
    forms[0, 2] = Form.REGION
    assert "onward form 2 for DE" in refusal("FR", altered(send, reports, onward=forms))


def test_germany_sends_italy_nothing_directly() -> None:
    send, _, _ = picture_of("DE", "CH")
    direct = msgspec.structs.replace(send, recipient="IT")
    verdict = Guard(ALPINE, "DE").check(direct, time_ns=NOW_NS)
    assert verdict == Refused("IT may be reached through HUB only", "R1", -1)


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("lat_rad", 0.8, "values that are not those of the evidence"),
        ("velocity_east_m_s", 12.0, "values that are not those of the evidence"),
        ("position_sigma_m", 1.0, "values that are not those of the evidence"),
        ("icao24", 0x4B9999, "an identity that is not that of the evidence"),
        ("callsign", 77, "an identity that is not that of the evidence"),
        ("time_ns", NOW_NS - 5 * SECOND_NS, "a time that is not that of the evidence"),
        ("track_class", 0, "a class that is not that of the evidence"),
        ("number", 0, "a number that is not positive"),
        ("number", 2, "two rows with one number"),
        ("form", Form.NONE, "a row in form 0"),
        ("form", Form.SOURCE, "a row in form 5"),
        ("form", Form.ALERT, "a form in which no rows are released"),
        ("form", Form.COARSE, "an identity in a form without one"),
        ("clause", 2, "the row names another clause than S1"),
        ("clause", 99, "the row names another clause than S1"),
        ("clause", -1, "the row names another clause than S1"),
    ],
)
def test_a_row_in_full_says_exactly_what_the_evidence_says(column: str, value: float, words: str) -> None:
    send, reports, _ = picture_of("FR", "CH")
    columns = {column: changed(getattr(reports, column), 0, value)}
    assert words in refusal("FR", altered(send, reports, **columns))


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("icao24", 0x4B0001, "an identity in a form without one"),
        ("callsign", 7, "an identity in a form without one"),
        ("lat_rad", float(np.radians(46.2)), "a position finer than its cell"),
        ("lon_rad", float(np.radians(5.2001)), "a position finer than its cell"),
        ("lat_rad", float(np.radians(46.35)), "a position that is not that of the evidence"),
        ("height_m", 10_010.0, "a height or velocity finer than its form"),
        ("height_m", 12_000.0, "values that are not those of the evidence"),
        ("height_m", float("nan"), "a height or velocity finer than its form"),
        ("velocity_north_m_s", 133.3, "a height or velocity finer than its form"),
        ("position_sigma_m", 80.0, "an accuracy finer than its form"),
        ("velocity_sigma_m_s", 3.0, "an accuracy finer than its form"),
        ("form", Form.REGION, "a position finer than its cell"),
        ("form", Form.TRACK, "a row in form 4 where 3 is allowed"),
    ],
)
def test_a_coarse_row_carries_no_more_than_its_form(column: str, value: float, words: str) -> None:
    send, reports, _ = picture_of("HUB", "CH")
    assert reports.form.tolist() == [3, 4, 3]
    columns = {column: changed(getattr(reports, column), 0, value)}
    assert words in refusal("HUB", altered(send, reports, **columns))


def test_rows_swapped_against_their_evidence_are_refused() -> None:
    send, reports, _ = picture_of("FR", "CH")
    swapped = Reports._make(column[[1, 0, 2]] for column in reports)
    assert "not that of the evidence" in refusal("FR", altered(send, swapped))


def test_rows_and_evidence_must_be_as_many() -> None:
    send, _, tracks = picture_of("FR", "CH")
    fewer = Evidence(pack_columns(Tracks._make(column[:2] for column in tracks)))
    assert "3 rows with evidence for 2" in refusal("FR", msgspec.structs.replace(send, evidence=fewer))


def test_the_hub_gives_no_more_than_the_reports_behind_a_row_allow() -> None:
    send, _, _ = picture_of("HUB", "CH", entitled=4)
    poorer = msgspec.structs.replace(send.evidence, onward=bytes([Form.COARSE, Form.COARSE, Form.COARSE]))
    assert "a row in form 4 where 3" in refusal("HUB", msgspec.structs.replace(send, evidence=poorer))
    without = msgspec.structs.replace(send.evidence, onward=b"")
    assert "onward forms in evidence" in refusal("HUB", msgspec.structs.replace(send, evidence=without))


def test_a_member_cannot_claim_to_relay() -> None:
    send, _, _ = picture_of("FR", "CH")
    relaying = msgspec.structs.replace(send.evidence, onward=bytes([5, 5, 5]))
    assert "onward forms in evidence" in refusal("FR", msgspec.structs.replace(send, evidence=relaying))


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("pact", "0" * 64, "another pact"),
        ("time_ns", NOW_NS + 1, "from the future"),
        ("clauses", ("S1", "hello"), "a clause that the pact does not have"),
    ],
)
def test_the_head_of_a_picture_is_checked(field: str, value: Any, words: str) -> None:
    send, _, _ = picture_of("FR", "CH")
    message = msgspec.structs.replace(send.message, **{field: value})
    assert words in refusal("FR", msgspec.structs.replace(send, message=message))


def test_nothing_leaves_while_the_pact_is_not_in_force() -> None:
    send, _, _ = picture_of("FR", "CH")
    assert "not in force" in refusal("FR", send, time_ns=1_400_000_000 * SECOND_NS)


@pytest.mark.parametrize("recipient", ["FR", "XX", ""])
def test_only_another_party_is_a_recipient(recipient: str) -> None:
    send, _, _ = picture_of("FR", "CH")
    assert "no other party" in refusal("FR", msgspec.structs.replace(send, recipient=recipient))


def test_whatever_goes_wrong_inside_is_a_refusal() -> None:
    send, _, tracks = picture_of("FR", "CH")
    torn = msgspec.structs.replace(send.message.reports, rows=7)
    broken = msgspec.structs.replace(send, message=msgspec.structs.replace(send.message, reports=torn))
    assert "could not judge" in refusal("FR", broken)
    nowhere = Evidence(pack_columns(tracks._replace(lat_rad=changed(tracks.lat_rad, 0, np.nan))))
    assert "without a position" in refusal("FR", msgspec.structs.replace(send, evidence=nowhere))
    assert "no message of a kind" in refusal("FR", msgspec.structs.replace(send, message=None))
    assert "could not judge" in refusal("FR", msgspec.structs.replace(send, recipient=["CH"]))


# ---------------------------------------------------------------- warnings and acknowledgements

WARN = Warn(
    warning="IT-CH-0001",
    revision=1,
    state="RAISED",
    mode="RECORDING",
    clause="W1",
    to="CH",
    zone="CH",
    track_class=0,
    lat_cell_deg=45.8,
    lon_cell_deg=8.7,
    raised_ns=NOW_NS,
    entry_ns=NOW_NS + 120 * SECOND_NS,
    probability_percent=70,
    expires_ns=NOW_NS + 120 * SECOND_NS,
)
NO_EVIDENCE = Evidence(pack_columns(Tracks.empty()))


def ready(message: Warn, **evidence: Any) -> Evidence:
    """Evidence that the message can be called off."""
    cancel = msgspec.structs.replace(
        message, revision=message.revision + 1, state="CANCELLED", probability_percent=0, detail=None
    )
    return msgspec.structs.replace(NO_EVIDENCE, **({"cancel": cancel} | evidence))


def warning(member: str, recipient: str, *, passed_on: str = "", **fields: Any) -> Passed | Refused:
    message = msgspec.structs.replace(WARN, **fields)
    send = Send(recipient, message, ready(message, passed_on=passed_on), ())
    return Guard(ALPINE, member).check(send, time_ns=NOW_NS)


def test_a_warning_that_is_owed_passes() -> None:
    assert warning("IT", "CH") == Passed(1)


def test_a_warning_between_two_who_meet_through_the_hub_goes_to_the_hub_and_on() -> None:
    fields = {"to": "DE", "zone": "DE", "warning": "IT-DE-0001"}
    assert warning("IT", "HUB", **fields) == Passed(1)
    assert isinstance(warning("IT", "DE", **fields), Refused)
    assert isinstance(warning("IT", "CH", **fields), Refused)
    fields["warning"] = "HUB-DE-R0001"
    assert warning("HUB", "DE", passed_on="IT", **fields) == Passed(1)
    assert isinstance(warning("HUB", "DE", **fields), Refused)
    for other in ("CH", "DE", "HUB", "XX"):  # who meet DE directly, or owe nothing
        assert isinstance(warning("HUB", "DE", passed_on=other, **fields), Refused), other


def test_the_hub_relays_no_warning_for_those_who_meet_directly() -> None:
    assert isinstance(warning("HUB", "CH", warning="HUB-CH-R0001"), Refused)


def test_the_id_of_a_relayed_warning_does_not_tell_whose_it_is() -> None:
    verdict = warning("HUB", "DE", to="DE", zone="DE", warning="IT-DE-0001")
    assert isinstance(verdict, Refused)
    assert "id" in verdict.reason


@pytest.mark.parametrize(
    "fields",
    [
        {"clause": "S1"},
        {"clause": "W9"},
        {"to": "FR"},
        {"zone": "IT"},
        {"zone": "ALPS"},
        {"zone": "FR-RESERVED"},
        {"track_class": 1},
        {"state": "ALARM"},
        {"mode": "DRILL"},
        {"warning": "IT-CH-0001 see track 5"},
        {"warning": ""},
        {"revision": 0},
        {"lat_cell_deg": 45.83},
        {"lon_cell_deg": 8.71234},
        {"lat_cell_deg": float("nan")},
        {"probability_percent": 73},
        {"entry_ns": NOW_NS + 121 * SECOND_NS},
        {"raised_ns": NOW_NS + 1},
        {"expires_ns": NOW_NS + 121 * SECOND_NS},
    ],
    ids=str,
)
def test_a_warning_says_only_what_was_agreed(fields: dict[str, Any]) -> None:
    assert isinstance(warning("IT", "CH", **fields), Refused)


# what a warning of the hub itself rests on: DE's data may serve IT, FR's may not, because of H1

DE, FR = 1 << 2, 1 << 1
OWN = {
    "to": "IT",
    "zone": "IT",
    "warning": "HUB-IT-0001",
    "clause": "W2",
    "lat_cell_deg": 46.2,
    "lon_cell_deg": 8.7,
}


def behind(sources: int = DE, **columns: Any) -> Tracks:
    """The row of an unidentified aircraft over the Alps."""
    row = tracks_at([(46.25, 8.75, 900.0)], Random(3))
    row = row._replace(track_class=np.zeros(1, np.int8), sources=np.array([sources], np.int64))
    return row._replace(**{name: np.full(1, v, getattr(row, name).dtype) for name, v in columns.items()})


def by_itself(
    row: Tracks, onward: bytes = b"\x01", guard: Guard | None = None, **fields: Any
) -> Passed | Refused:
    message = msgspec.structs.replace(WARN, **(OWN | fields))
    send = Send("IT", message, ready(message, tracks=pack_columns(row), onward=onward), ())
    return (guard or Guard(ALPINE, "HUB")).check(send, time_ns=NOW_NS)


def test_the_hub_warns_by_itself_from_one_row_of_which_an_alert_may_go_on() -> None:
    assert by_itself(behind()) == Passed(1)
    assert by_itself(behind(), onward=b"\x04") == Passed(1)


@pytest.mark.parametrize(
    ("row", "onward", "words"),
    [
        (behind(FR), b"\x01", "data of FR, which may not serve it"),
        (behind(DE | FR), b"\x04", "data of FR, which may not serve it"),
        (behind(1 << 3), b"\x04", "data of IT, which may not serve it"),
        (behind(0), b"\x04", "data of nobody"),
        (behind(), b"\x00", "not even an alert goes on"),
        (behind(), b"", "without the one row"),
        (behind(), b"\x04\x04", "without the one row"),
        (Tracks.empty(), b"", "without the one row"),
        (behind(lat_rad=0.82), b"\x04", "a cell that does not hold the row"),
        (behind(track_class=1), b"\x04", "a row of a class that the clause does not mean"),
    ],
)
def test_the_guard_refuses_a_warning_of_the_hub_on_anything_else(
    row: Tracks, onward: bytes, words: str
) -> None:
    verdict = by_itself(row, onward)
    assert isinstance(verdict, Refused)
    assert words in verdict.reason


def test_the_hub_ends_only_a_warning_that_it_gave_and_says_nothing_new_with_it() -> None:
    guard = Guard(ALPINE, "HUB")
    nothing = Tracks.empty()
    ended = {"state": "EXPIRED", "revision": 2, "probability_percent": 0}
    assert isinstance(by_itself(nothing, b"", guard, **ended), Refused)
    assert by_itself(behind(), guard=guard) == Passed(1)
    for more in (
        {"lat_cell_deg": 46.3},
        {"entry_ns": WARN.entry_ns + 10 * SECOND_NS},
        {"warning": "HUB-IT-0002"},
    ):
        assert isinstance(by_itself(nothing, b"", guard, **(ended | more)), Refused), more


def test_people_at_the_hub_call_a_warning_by_two_and_need_no_row() -> None:
    called = msgspec.structs.replace(WARN, **OWN, basis="person")
    for persons, passes in ((("one", "another"), True), (("one", "One"), False), ((), False)):
        send = Send("IT", called, ready(called, persons=persons), ())
        assert isinstance(Guard(ALPINE, "HUB").check(send, time_ns=NOW_NS), Passed) == passes, persons


def ack(member: str, recipient: str, **fields: Any) -> Passed | Refused:
    message = msgspec.structs.replace(Ack("IT-CH-0001", 1, "acknowledged", NOW_NS, "duty officer"), **fields)
    return Guard(ALPINE, member).check(Send(recipient, message, NO_EVIDENCE, ()), time_ns=NOW_NS)


def test_an_acknowledgement_goes_where_there_is_a_way() -> None:
    assert ack("CH", "IT") == Passed(1)
    assert ack("DE", "HUB") == Passed(1)
    assert isinstance(ack("DE", "IT"), Refused)


@pytest.mark.parametrize(
    "fields",
    [{"step": "seen"}, {"warning": "a b"}, {"revision": 0}, {"time_ns": NOW_NS + 1}, {"person": "x" * 101}],
    ids=str,
)
def test_an_acknowledgement_carries_nothing_else(fields: dict[str, Any]) -> None:
    assert isinstance(ack("CH", "IT", **fields), Refused)
