"""The drill as a whole: a pure function of drill, pact, seed and acts, played by the nodes that run live."""

import functools
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from foedus.drill.ideal import ideal_pact
from foedus.drill.minutes import Minutes
from foedus.drill.outcome import UmpireAct
from foedus.drill.people import read_casus
from foedus.drill.reading import read_drill
from foedus.drill.simulation import Simulation, kind_of, play
from foedus.drill.stations import network_of, network_text, open_stores, text_played
from foedus.drill.text import Inject
from foedus.journal import Store
from foedus.model import SECOND_NS, TrackClass
from foedus.network import parse_network
from foedus.pact.reading.text import read_pact
from foedus.pact.words import Truth
from foedus.station import replay, station_of
from foedus.wire import Feed, Picture, Warn, decode_batch, decode_message

ROOT = Path(__file__).parents[2]
SMALL = read_drill(ROOT / "drills" / "small.toml")
OPEN = read_pact(ROOT / "drills" / "pacts" / "small-open.toml")
CASUS = read_pact(ROOT / "drills" / "pacts" / "small-casus.toml")
SHORT = msgspec.structs.replace(SMALL, lasts_s=160.0)


@functools.cache
def whole(name):
    """A whole run of the small drill under each of three texts."""
    pact = {"open": OPEN, "casus": CASUS, "ideal": ideal_pact(SMALL)}[name]
    return play(SMALL, pact, name=name, seed=1)


def with_script(*injects, drill=SHORT):
    rows = tuple(
        Inject(number=str(number), time_s=time_s, inject=inject)
        for number, (time_s, inject) in enumerate(injects, 1)
    )
    return msgspec.structs.replace(drill, inject=rows)


def short(pact, *injects, acts=(), drill=SHORT):
    return play(with_script(*injects, drill=drill), pact, name="p", seed=1, acts=acts)


def seconds(run, time_ns):
    return (time_ns - run.truth.start_ns) / SECOND_NS


@functools.cache
def plain(name):
    """A short run without a script."""
    return short({"open": OPEN, "casus": CASUS}[name])


# ---------------------------------------------------------------- what comes of it


def test_f27_the_victim_is_warned_minutes_before_arrival_and_a_person_acknowledges():
    outcome = whole("open").outcome("E1", "SUD")
    assert (outcome.shown_by, outcome.shown_clause) == ("NOR", "W1")
    assert outcome.known_min > outcome.shown_min > outcome.acknowledged_min > 5.0
    assert seconds(whole("open"), outcome.arrival_ns) == pytest.approx(510.0, abs=2.0)


def test_a_text_that_waits_for_a_declaration_costs_the_minutes_until_it_comes():
    told = [one for one in whole("casus").told if one.what == "casus"]
    assert [(one.of, one.by, one.says, one.as_to) for one in told] == [("C1", "HUB", "yes", ("SUD", "XX"))]
    declared_s = seconds(whole("casus"), told[0].at_ns)
    assert declared_s > 90.0  # attributed a minute after 30 s, and then a person took time
    shown_s = seconds(whole("casus"), whole("casus").outcome("E1", "SUD").shown_ns)
    assert declared_s < shown_s < declared_s + 15.0


def test_f16_the_term_that_costs_the_minutes_is_named_and_confirmed_by_playing_without_it():
    runs = []

    def again(pact, name):
        runs.append(play(SMALL, pact, name=name, seed=1, keep_bodies=False))
        return runs[-1]

    minutes = Minutes(SMALL, whole("ideal"), again, tries=3)
    (loss,) = minutes.losses(CASUS, whole("casus"))
    assert 1.0 < loss.lost_min < 3.0  # half a minute of cue, a minute to attribute, a person
    assert [one.term for one in loss.costs] == ["C1.determined_by"]
    assert loss.costs[0].gained_min == pytest.approx(loss.lost_min, abs=0.1)
    assert loss.unexplained_min < 0.1
    assert len(runs) == 1
    assert minutes.losses(OPEN, whole("open"))[0].costs == ()


def test_a_reason_that_gains_nothing_by_itself_is_named_with_the_one_that_does():
    """The runs are made up, by what the text says: minutes come when both terms are out of the way."""
    clauses = tuple(msgspec.structs.replace(one, by="HUB") if one.id == "W1" else one for one in CASUS.clause)
    narrow = msgspec.structs.replace(CASUS, clause=clauses)
    asked = []

    def again(pact, name):
        warn = next(one for one in pact.clause if one.id == "W1")
        asked.append((warn.by, warn.casus))
        return whole("ideal") if asked[-1] == ("any", None) else whole("casus")

    (loss,) = Minutes(SMALL, whole("ideal"), again, tries=9).losses(narrow, whole("casus"))
    assert asked == [("HUB", None), ("any", None)]
    assert [(one.term, one.after) for one in loss.costs] == [("W1.by", ("C1.determined_by",))]
    assert loss.unexplained_min == pytest.approx(0.0, abs=1e-9)


def test_without_tries_the_text_alone_names_the_term():
    minutes = Minutes(SMALL, whole("ideal"), lambda pact, name: pytest.fail("played"), tries=0)
    (loss,) = minutes.losses(CASUS, whole("casus"))
    assert [(one.term, one.gained_min) for one in loss.costs] == [("C1.determined_by", None)]


def test_a_ghost_is_seen_by_its_sensor_and_enters_no_truth_of_arrivals():
    (ghost,) = [one for one in whole("open").truth.targets if not one.real]
    assert ghost.event == ""
    assert all(one.target != "G1" for one in whole("open").known)
    false = [one for one in whole("open").warned if not one.target]
    assert {(one.member, one.direction) for one in false} == {("SUD", "own")}


# ---------------------------------------------------------------- the same again


def test_a_run_is_a_pure_function_of_drill_pact_and_seed():
    one, two = plain("open"), short(OPEN)
    assert one.sent == two.sent
    assert one.effects == two.effects
    assert msgspec.structs.replace(one, truth=two.truth) == two
    other = play(with_script(), OPEN, name="p", seed=2)
    assert other.effects != one.effects


def test_the_same_bytes_on_any_hash_seed():
    code = (
        "import msgspec, pathlib\n"
        "from foedus.drill.reading import read_drill\n"
        "from foedus.drill.simulation import play\n"
        "from foedus.pact.reading.text import read_pact\n"
        "drill = read_drill(pathlib.Path('drills/small.toml'))\n"
        "drill = msgspec.structs.replace(drill, lasts_s=60.0)\n"
        "pact = read_pact(pathlib.Path('drills/pacts/small-open.toml'))\n"
        "print(play(drill, pact, name='p', seed=1).effects)"
    )
    number = "2" if os.environ.get("PYTHONHASHSEED") != "2" else "3"
    env = {**os.environ, "PYTHONHASHSEED": number, "PYTHONPATH": "src"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    here = play(msgspec.structs.replace(SMALL, lasts_s=60.0), OPEN, name="p", seed=1)
    assert done.stdout.strip() == str(here.effects)


def test_journals_replay_to_the_byte_and_hold_the_same_sensors_under_every_pact(tmp_path):
    feeds = {}
    for name, pact in (("open", OPEN), ("casus", CASUS)):
        folder = tmp_path / name
        folder.mkdir()
        drill = msgspec.structs.replace(SHORT, lasts_s=60.0)
        stores = open_stores(folder, drill, text_played(drill, pact))
        run = play(drill, pact, name=name, seed=1, stores=stores)
        for store in stores.values():
            store.close()
        digests = dict(run.effects)
        for path in run.journals:
            store = Store.open(Path(path))
            header = store.header
            assert header.mode == "EXERCISE"
            station = station_of(header, where=path)
            entries = list(store.entries())
            assert replay(station, iter(entries), where=path)[1].hex() == digests[header.member]
            feeds[name, header.member] = [
                (batch.time_ns, item.feed, item.data)
                for entry in entries
                for batch in [decode_batch(entry.batch)]
                for item in batch.inputs
                if isinstance(item, Feed)
            ]
            store.close()
    for member in ("NOR", "SUD"):
        assert len(feeds["open", member]) > 20
        assert feeds["open", member] == feeds["casus", member]


def test_the_umpires_acts_make_the_same_run_as_a_script_without_the_inject():
    acts = (UmpireAct(at_s=10.0, act="skip", inject="1"),)
    skipped = short(OPEN, (50.0, "outage NOR-R1"), acts=acts)
    cut = short(OPEN, (50.0, "outage NOR-R1"))
    assert [one.why for one in skipped.played] == ["skipped by the umpire"]
    assert skipped.effects != cut.effects
    # Chance hangs on the digest of the drill, so the undisturbed run is that of the same file.
    late = short(
        OPEN, (50.0, "outage NOR-R1"), acts=(UmpireAct(at_s=1.0, act="shift", inject="1", by_s=900.0),)
    )
    assert skipped.effects == late.effects


def test_running_in_two_halves_is_running_at_once():
    simulation = Simulation(with_script(), OPEN, name="p", seed=1)
    simulation.run_to(simulation.world.start_ns + 77 * SECOND_NS)
    assert simulation.finish().effects == plain("open").effects


# ---------------------------------------------------------------- messages


def test_every_message_is_captured_with_its_times_and_bytes():
    run = whole("open")
    kinds = {one.kind for one in run.sent}
    assert {"picture", "warn", "ack"} <= kinds
    for one in run.sent:
        assert kind_of(one.body) == one.kind == type(decode_message(one.body)).__name__.lower()
        assert one.arrived_ns == 0 or one.arrived_ns > one.sent_ns
    late = [one for one in run.sent if one.arrived_ns == 0]
    assert all(one.sent_ns > run.truth.end_ns - 60 * SECOND_NS for one in late)
    assert any(one.tries > 1 for one in run.sent)  # the links lose one in twenty


@pytest.mark.parametrize("name", ["small", "gulf"])
def test_the_network_of_a_drill_is_one_that_a_network_file_could_say(name):
    drill = read_drill(ROOT / "drills" / f"{name}.toml")
    network = network_of(drill, ideal_pact(drill))
    assert parse_network(network_text(network), file="n.toml") == network


def test_it_is_always_an_exercise():
    warnings = [decode_message(one.body) for one in whole("open").sent if one.kind == "warn"]
    assert warnings
    assert {one.mode for one in warnings if isinstance(one, Warn)} == {"EXERCISE"}


def test_a_member_outside_the_pact_gives_and_gets_nothing_and_warns_itself():
    run = whole("open")
    assert run.outside == ("HUB",)
    assert not any("HUB" in (one.sender, one.recipient) for one in run.sent)


# ---------------------------------------------------------------- injects


def shared(run):
    """Pictures with rows that arrived, by (sender, recipient), and the second of the first."""
    found = {}
    for one in run.sent:
        message = decode_message(one.body)
        if isinstance(message, Picture) and message.reports.rows and one.arrived_ns:
            found.setdefault((one.sender, one.recipient), seconds(run, one.arrived_ns))
    return found


def test_f12_a_cut_link_keeps_a_warning_until_it_heals():
    run = short(OPEN, (1.0, "cut NOR SUD for=60"))
    (warned,) = [one for one in run.warned if one.direction == "received"]
    assert seconds(run, warned.stored_ns) > 61.0 > seconds(run, warned.raised_ns)
    assert shared(run)["NOR", "SUD"] > 61.0
    outcome = run.outcome("E1", "SUD")
    assert outcome is None  # the drill ends before arrival


def test_a_silent_hub_declares_nothing_though_it_was_told():
    assert [one for one in short(CASUS, (0.0, "silent HUB")).told if one.what == "casus"] == []
    assert [one for one in plain("casus").told if one.what == "casus"] != []


def test_a_silent_member_keeps_its_messages_and_sends_them_when_it_speaks_again():
    run = short(OPEN, (0.0, "silent NOR for=100"))
    first_ns = min(one.arrived_ns for one in run.sent if one.sender == "NOR" and one.arrived_ns)
    assert seconds(run, first_ns) > 100.0
    assert any(one.sender == "NOR" and seconds(run, one.sent_ns) < 50.0 for one in run.sent)


def test_a_stopped_node_takes_no_step_and_goes_on_later():
    drill = with_script((20.0, "stop NOR for=100"))
    simulation = Simulation(drill, OPEN, name="p", seed=1)
    simulation.run_to(simulation.world.start_ns + 100 * SECOND_NS)
    assert seconds_of(simulation, "NOR") < 21.0
    simulation.run_to(simulation.end_ns)
    assert seconds_of(simulation, "NOR") == 160.0


def seconds_of(simulation, member):
    return (simulation.stations[member].node.time_ns - simulation.world.start_ns) / SECOND_NS


def test_f32_an_attacker_whom_nobody_can_name_is_no_casus_until_he_is_named():
    event = msgspec.structs.replace(SHORT.event[0], attributed_after_s=None)
    drill = msgspec.structs.replace(SHORT, event=(event,))
    assert short(CASUS, drill=drill).told == ()
    named = short(CASUS, (70.0, "attribute E1"), drill=drill)
    assert [one.of for one in named.told] == ["C1"]
    assert seconds(named, named.told[0].at_ns) > 70.0


def test_a_fact_of_the_script_is_told_to_the_nodes_of_the_parties():
    run = short(OPEN, (10.0, "fact exit small-open by=NOR"))
    assert [(one.what, one.of, one.by, one.because) for one in run.told] == [
        ("exit", "small-open", "NOR", "inject 1")
    ]
    left = short(OPEN, (10.0, "fact left NOR by=NOR"))
    assert ("NOR", "SUD") not in {pair for pair, at_s in shared(left).items() if at_s > 20.0}


def test_slow_people_acknowledge_later():
    run = short(OPEN, (0.0, "slow SUD by=60"))
    assert run.outcomes == ()  # the drill ends before arrival
    slow = [one for one in run.warned if one.direction == "received"]
    quick = [one for one in plain("open").warned if one.direction == "received"]
    assert slow[0].shown_ns - slow[0].raised_ns > 60 * SECOND_NS > quick[0].shown_ns - quick[0].raised_ns


# ---------------------------------------------------------------- the Gulf, by its texts


def test_under_the_construct_a_partner_who_attacks_is_no_casus_and_the_term_is_named():
    gulf = read_drill(ROOT / "drills" / "gulf.toml")
    rsc = text_played(gulf, read_pact(ROOT / "pacts" / "library" / "rsc.toml"))
    event = {one.id: one for one in gulf.event}
    (reading,) = read_casus(gulf, rsc, event["DOH"], attributed=True)
    assert (reading.truth, reading.grounds) == (Truth.NO, ("C1.by: IL is not among IR, IR-ALIGNED",))
    (unnamed,) = read_casus(gulf, rsc, event["E19"], attributed=False)
    assert unnamed.truth == Truth.UNDETERMINED
    (named,) = read_casus(gulf, rsc, event["JUN"], attributed=True)
    assert named.truth == Truth.YES


def test_the_gulf_is_invented_on_whole_degrees_and_says_so():
    gulf = read_drill(ROOT / "drills" / "gulf.toml")
    assert all(one.sensor.lat_deg % 1 == one.sensor.lon_deg % 1 == 0 for one in gulf.site)
    assert "invented" in gulf.note
    assert {one.track_class for one in gulf.target} == {
        TrackClass.CRUISE,
        TrackClass.UAS,
        TrackClass.BALLISTIC,
    }


def test_a_sweep_keeps_one_row_per_event_and_capital_of_a_run():
    from foedus.drill.sweep_rows import SCHEMA, rows_of

    run = whole("open")
    batch = rows_of(run)
    assert batch.schema.equals(SCHEMA)
    rows = batch.to_pylist()
    assert [(row["event"], row["member"]) for row in rows] == [
        (one.event, one.member) for one in run.outcomes
    ]
    for row, one in zip(rows, run.outcomes, strict=True):
        assert (row["known_min"], row["shown_min"]) == (one.known_min, one.shown_min)
        assert row["effects"] == dict(run.effects)[one.member]
    ghosts = [one for one in run.warned if one.direction != "sent" and not one.target]
    assert sum(row["false_warnings"] for row in rows) == sum(
        ghost.member == one.member for ghost in ghosts for one in run.outcomes
    )


def test_a_run_without_events_leaves_no_rows_but_the_same_columns():
    from foedus.drill.sweep_rows import SCHEMA, rows_of

    batch = rows_of(msgspec.structs.replace(whole("open"), outcomes=()))
    assert batch.num_rows == 0
    assert batch.schema.equals(SCHEMA)
