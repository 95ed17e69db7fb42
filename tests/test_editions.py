"""A node goes by what has happened since its text was written: revoked, met, declared, suspended, left."""

import msgspec
import numpy as np
import pytest

import alpine
from foedus.errors import InputError
from foedus.facts import FactBook
from foedus.guard_reading import Past, Reading, stand_at
from foedus.journal import Record
from foedus.limits import FACTS_MAX
from foedus.model import DAY_NS, SECOND_NS, TrackClass
from foedus.pact.clauses import Bracket
from foedus.pact.force import edition
from foedus.pact.reading.text import parse_pact
from foedus.pact.tables.compile import compile_edition
from foedus.pact.tables.dates import next_change_ns
from foedus.wire import Ack, Batch, Happened, Tick, Warn, decode_batch, encode
from three_members import SHARE, WARN, Trio, flows, pact_of, warned

ALL = ["CH>FR", "CH>IT", "FR>CH", "FR>IT", "IT>CH", "IT>FR"]
CASUS = 'kind = "casus", event = ["attack"], object = ["any"], determined_by = "each"'


def test_an_order_revoked_at_a_time_stops_flows_and_duties_at_the_tick_after_it() -> None:
    trio = Trio(pact_of(SHARE, WARN))
    before = trio.play(90)
    assert flows(before) == ALL
    assert warned(before)
    trio.tell("exit", "trio", by="FR")
    trio.tell("exit", "trio", by="CH")
    after = [one.body for one in trio.play(60)]
    ends = [body for body in after if isinstance(body, Warn)]
    told = {one.body.warning for one in before if isinstance(one.body, Warn)}
    # Nothing but the bare end of what was warned of, once, and the word that it is stored.
    assert {end.warning for end in ends} <= told
    assert len({end.warning for end in ends}) == len(ends)
    assert all((end.state, end.detail, end.probability_percent) == ("CANCELLED", None, 0) for end in ends)
    assert [body for body in after if not isinstance(body, Warn | Ack)] == []
    assert trio.refused() == []
    for member in trio.stations:
        links = trio.stations[member].node.view().links
        assert all([clause for clause, _ in link.withheld] == ["T"] for link in links)
        assert not trio.stations[member].node.tables.in_force
        assert trio.stations[member].node.tables.duties == ()


def test_a_revocation_told_before_counts_from_its_own_second() -> None:
    trio = Trio(pact_of(SHARE))
    end_ns = alpine.START_NS + 47 * SECOND_NS
    for party in ("FR", "CH"):
        trio.tell("exit", "trio", at_ns=end_ns, by=party)
    sent = trio.play(90)
    assert max(one.time_ns for one in sent) == alpine.START_NS + 45 * SECOND_NS
    assert trio.refused() == []


def test_a_node_that_misses_the_revocation_is_stopped_by_its_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    trio = Trio(pact_of(SHARE))
    assert flows(trio.play(45)) == ALL
    monkeypatch.setattr(FactBook, "record", lambda self, item: False)
    trio.tell("exit", "trio", by="FR")
    trio.tell("exit", "trio", by="CH")
    assert trio.play(20) == []
    assert set(trio.refused()) == {"the pact is not in force"}


def test_one_party_that_leaves_takes_its_own_flows_with_it() -> None:
    trio = Trio(pact_of(SHARE))
    trio.tell("left", "IT")
    assert flows(trio.play(45)) == ["CH>FR", "FR>CH"]
    trio.tell("joined", "IT")
    assert flows(trio.play(45)) == ALL
    assert trio.refused() == []


def test_a_condition_precedent_opens_flows_when_it_is_recorded() -> None:
    waits = 'id = "P", kind = "suspend", on = ["S", "W"], precedent = "VISIT"'
    trio = Trio(pact_of(SHARE, WARN, waits))
    messages = trio.play(60)
    assert flows(messages) == warned(messages) == []
    trio.tell("met", "VISIT")
    messages = trio.play(60)
    assert flows(messages) == ALL
    assert warned(messages)
    assert trio.refused() == []


def test_a_casus_declared_opens_what_is_scoped_by_it_and_one_that_is_over_closes_it() -> None:
    scoped = f'{SHARE}, casus = "C"'
    trio = Trio(pact_of(scoped, f'{WARN}, casus = "C"', f'id = "C", {CASUS}, of = "any", by = ["any"]'))
    messages = trio.play(45)
    assert flows(messages) == warned(messages) == []
    trio.tell("casus", "C", by="FR", says="yes")
    messages = trio.play(60)
    assert flows(messages) == ALL
    assert warned(messages)
    trio.tell("casus", "C", by="IT", says="no")
    messages = trio.play(30)
    assert flows(messages) == warned(messages) == []
    assert trio.refused() == []


def test_f25_a_node_drops_recipients_as_the_attacker_becomes_unknown_or_another_and_says_why() -> None:
    """What a track is a node is told by a declaration: of an attack by XX, by nobody known, by YY, by XX."""
    named = f'id = "C", {CASUS}, of = "CH", by = ["XX"]'
    scoped = 'id = "S", kind = "share", from = "any", to = "CH", data = "tracks", form = "track", casus = "C"'
    always = 'id = "A", kind = "share", from = "CH", to = "FR", data = "tracks", form = "coarse"'
    trio = Trio(pact_of(scoped, always, named))
    trio.play(25)
    dropped, kept = ["CH>FR"], ["CH>FR", "FR>CH", "IT>CH"]
    for says, attacker, sent, stands in (
        ("yes", "XX", kept, "met"),
        ("unknown", "", dropped, "undetermined"),
        ("yes", "YY", dropped, "over"),
        ("yes", "XX", kept, "met"),
    ):
        trio.tell("casus", "C", by="CH", says=says, as_to=("CH", attacker) if attacker else ())
        assert flows(trio.play(15)) == sent, attacker
        stand = trio.stations["FR"].node.view().pact
        assert stand is not None
        assert [(one.stand, one.by, one.scopes) for one in stand.casus] == [(stands, "CH", ("S",))]
    assert trio.refused() == []


def test_a_casus_that_is_in_doubt_opens_nothing_and_keeps_what_is_withheld_for_it() -> None:
    withheld = 'id = "H", kind = "withhold", from = "FR", to = "any", data = "tracks", casus = "C"'
    trio = Trio(pact_of(SHARE, withheld, f'id = "C", {CASUS}, of = "any", by = ["any"]'))
    trio.tell("casus", "C", by="FR", says="unknown")
    assert flows(trio.play(45)) == ["CH>FR", "CH>IT", "IT>CH", "IT>FR"]
    assert trio.refused() == []


def test_a_suspension_between_two_bars_that_pair_only() -> None:
    trio = Trio(pact_of(SHARE, WARN))
    trio.tell("suspended", "S", by="FR", as_to=("FR", "IT"))
    trio.tell("suspended", "W", by="FR", as_to=("IT", "FR"))
    messages = trio.play(90)
    assert flows(messages) == ["CH>FR", "CH>IT", "FR>CH", "IT>CH"]
    assert warned(messages)
    assert not {"FR>IT", "IT>FR"} & {*warned(messages)}
    trio.tell("resumed", "S", by="FR")
    assert flows(trio.play(45)) == ALL
    assert trio.refused() == []


def test_a_state_taken_off_one_list_of_adversaries_changes_only_the_flows_scoped_to_it() -> None:
    end = "2018-08-01T11:31:30Z"  # 90 s after the beginning
    lists = (
        "adversary = [\n"
        f'  {{ of = "CH", state = "XX", basis = "stylised", until = {end} }},\n'
        '  { of = "IT", state = "XX", basis = "stylised" },\n'
        '  { of = "CH", state = "YY", basis = "stylised" },\n'
        "]\n"
    )

    def scoped(name: str, giver: str) -> str:
        return f'{SHARE}, casus = "{name}"'.replace('"S"', f'"S-{name}"').replace(
            'from = "any"', f'from = "{giver}"'
        )

    by = 'by = ["adversaries"]'
    trio = Trio(
        pact_of(
            scoped("C-CH", "FR"),
            scoped("C-IT", "CH"),
            f'id = "C-CH", {CASUS}, of = "CH", {by}',
            f'id = "C-IT", {CASUS}, of = "IT", {by}',
            head=lists,
        )
    )
    trio.tell("casus", "C-CH", by="CH", says="yes", as_to=("CH", "XX"))
    trio.tell("casus", "C-IT", by="IT", says="yes", as_to=("IT", "XX"))
    assert flows(trio.play(85)) == ["CH>FR", "CH>IT", "FR>CH", "FR>IT"]
    assert flows(trio.play(40)) == ["CH>FR", "CH>IT"]
    trio.tell("casus", "C-CH", by="CH", says="yes", as_to=("CH", "YY"))
    assert flows(trio.play(40)) == ["CH>FR", "CH>IT", "FR>CH", "FR>IT"]
    assert trio.refused() == []


def test_who_may_know_its_own_area_only_gets_what_is_inside_it() -> None:
    trio = Trio(pact_of(f'{SHARE}, need_to_know = "own_area"'))
    messages = trio.play(60)
    assert {"FR>CH", "IT>CH"} <= {*flows(messages)}
    assert not {"CH>FR", "IT>FR"} & {*flows(messages)}
    for one in messages:
        lat_deg, lon_deg = np.degrees(one.reports.lat_rad), np.degrees(one.reports.lon_rad)
        if one.recipient == "CH":
            assert ((lat_deg > 45.9) & (lat_deg < 47.6) & (lon_deg > 6.2) & (lon_deg < 10.0)).all()
    assert trio.refused() == []


# ---------------------------------------------------------------- facts


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (Happened("met", "NOTHING", 0), "no such milestone"),
        (Happened("happened", "VISIT", 0), "no such kind"),
        (Happened("exit", "other", 0, "FR"), "no such pact or party"),
        (Happened("exit", "trio", 0, "XX"), "no such pact or party"),
        (Happened("approved", "ratification", 0, "FR"), "no such step of that party"),
        (Happened("suspended", "S9", 0, "FR"), "no such clause to suspend"),
        (Happened("suspended", "S", 0, "FR", "", ("FR",)), "no such pair of parties"),
        (Happened("left", "XX", 0), "no such party"),
        (Happened("casus", "S", 0, "FR", "yes"), "no such casus"),
        (Happened("casus", "C", 0, "FR", "perhaps"), "a casus is met (yes), over (no) or unknown"),
        (Happened("casus", "C", 0, "XX", "yes"), "a casus declared by somebody who may not"),
        (Happened("casus", "U", 0, "unknown", "yes"), "a casus declared by somebody who may not"),
    ],
)
def test_a_fact_that_names_nothing_in_the_text_is_refused_and_counted(fact: Happened, why: str) -> None:
    casus = f'id = "C", {CASUS}, of = "any", by = ["any"]'
    nobody = casus.replace('"C"', '"U"').replace('"each"', '"unknown"')
    trio = Trio(pact_of(SHARE, casus, nobody))
    station = trio.stations["FR"]
    before = station.node.tables
    station.advance(Batch(trio.now_ns, (fact,)))
    assert station.node.dropped() == {f"fact refused: {why}": 1}
    assert station.node.tables is before


def test_facts_beyond_the_limit_are_refused_and_the_same_fact_counts_once() -> None:
    book = FactBook(pact_of(SHARE))
    assert book.record(Happened("met", "VISIT", 0))
    assert not book.record(Happened("met", "VISIT", 0))
    for microsecond in range(1, FACTS_MAX):
        assert book.record(Happened("met", "VISIT", 1_000 * microsecond))
    assert not book.record(Happened("met", "VISIT", -1_000))
    assert book.counts() == (("fact refused: FACTS_MAX recorded", 1),)


def test_a_batch_with_a_fact_goes_through_the_journal_unchanged() -> None:
    batch = Batch(5, (Happened("casus", "C", 3, "FR", "yes", ("FR", "XX")),))
    assert decode_batch(encode(batch)) == batch


def test_the_next_change_is_the_next_date_of_text_or_facts_with_its_waits() -> None:
    dated = f"{SHARE}, since = 2018-03-01, until = 2018-04-01"
    text = pact_of(dated)
    term = msgspec.structs.replace(
        text.term,
        exit=msgspec.structs.replace(text.term.exit, notice_d=10.0),  # type: ignore[type-var]
    )
    pact = msgspec.structs.replace(text, clause=(term, *text.clause[1:]))
    days = []
    time_ns: int | None = 0
    while time_ns is not None and len(days) < 20:
        time_ns = next_change_ns(pact, time_ns)
        days.append(None if time_ns is None else time_ns // DAY_NS - 17_532)  # from 2018-01-01
    assert days == [0, 10, 59, 69, 90, 100, None]


def test_warnings_name_whoever_owns_the_zone_that_is_entered() -> None:
    trio = Trio(pact_of(WARN))
    messages = trio.play(90)
    bodies = [one.body for one in messages if isinstance(one.body, Warn)]
    assert {(body.to, body.zone) for body in bodies} <= {("CH", "Z-CH"), ("IT", "Z-IT")}
    assert bodies
    assert all(one.recipient == one.body.to for one in messages if isinstance(one.body, Warn))
    assert trio.refused() == []


def test_a_caveat_of_one_originator_opens_the_way_onward_for_its_own_data_only() -> None:
    _, alpine_pact, texts = alpine.documents()
    text = texts.pact_text.replace('on = ["S2"]', 'originator = "DE"\non = ["S2"]')
    pact = parse_pact(text, file="originator.toml")
    assert pact != alpine_pact
    given = [one.id for one in pact.clause].index("S2")
    for member, opened in (("DE", True), ("CH", False)):
        now = edition(pact, time_ns=alpine.START_NS)
        tables = compile_edition(pact, now, member=member)
        assert tables.rules.onward_form[given].any() == opened
        reading = Reading(pact, stand_at(pact, Past(pact), alpine.START_NS), member)
        assert any(reading.entitlements("HUB", TrackClass.COOPERATIVE, ())) == opened


def test_a_text_with_open_brackets_runs_on_no_node() -> None:
    pact = pact_of(SHARE)
    draft = msgspec.structs.replace(pact, bracket=(Bracket(id="B1", says="x", choices=("a", "b")),))
    with pytest.raises(InputError, match="open brackets B1"):
        Trio(draft)
    assert not stand_at(draft, Past(draft), alpine.START_NS).in_force


def test_a_journal_with_facts_replays_to_the_same_effects() -> None:
    casus = f'id = "C", {CASUS}, of = "any", by = ["any"]'
    pact = pact_of(f'{SHARE}, casus = "C", delay_s = 10', casus)
    trio = Trio(pact)
    batches: list[bytes] = []
    effects: list[bytes] = []
    station = trio.stations["FR"]
    advance = station.advance

    def keep(batch: Batch) -> Record:
        record = advance(batch)
        batches.append(record.batch)
        effects.append(record.effects)
        return record

    station.advance = keep  # type: ignore[method-assign]
    trio.play(30)
    trio.tell("casus", "C", by="FR", says="yes")
    assert flows(trio.play(40))
    again = Trio(pact).stations["FR"]
    assert [again.advance(decode_batch(batch)).effects for batch in batches] == effects


# ---------------------------------------------------------------- duties against certain attackers


AGAINST = f'{WARN}, casus = "C", against = ["XX"]'


@pytest.mark.parametrize(
    ("against", "named", "holds"),
    [
        ('["XX"]', ("IT", "XX"), True),
        ('["XX"]', ("IT", "YY"), False),
        ('["XX"]', (), None),
        ('["external"]', ("IT", "YY"), True),
        ('["external"]', ("IT", "FR"), False),
        ('["parties"]', ("IT", "FR"), True),
        ('["adversaries"]', ("IT", "XX"), True),
        ('["adversaries"]', ("FR", "XX"), False),
        ('["XX", "unknown"]', ("IT", "YY"), None),
        ('["any"]', (), True),
    ],
)
def test_a_duty_against_some_holds_while_the_declared_casus_names_one_of_them(
    against: str, named: tuple[str, ...], holds: bool | None
) -> None:
    """For the node and, read for itself, for the guard; undetermined is closed and is said so."""
    pact = pact_of(
        f'{WARN}, casus = "C", against = {against}',
        f'id = "C", {CASUS}, of = "any", by = ["any"]',
        head='adversary = [{ of = "IT", state = "XX", basis = "stylised" }]\n',
    )
    trio, past = Trio(pact), Past(pact)
    fact = Happened("casus", "C", alpine.START_NS, "CH", "yes", named)
    past.tell(fact)
    for station in trio.stations.values():
        station.advance(Batch(trio.now_ns, (fact, Tick())))
    node = trio.stations["IT"].node
    stand = node.view().pact
    assert stand is not None
    assert (
        bool(node.tables.duties) == ("W" in stand_at(pact, past, alpine.START_NS).speaking) == (holds is True)
    )
    assert stand.unattributed == (("W",) if holds is None else ())


def test_a_duty_against_some_without_a_casus_waits_for_a_name_that_nobody_can_give() -> None:
    trio = Trio(pact_of(f'{WARN}, against = ["XX"]'))
    assert warned(trio.play(60)) == []
    stand = trio.stations["IT"].node.view().pact
    assert stand is not None
    assert stand.unattributed == ("W",)


def test_once_the_attacker_is_named_the_warnings_leave_and_pass_the_guard() -> None:
    trio = Trio(pact_of(AGAINST, f'id = "C", {CASUS}, of = "any", by = ["any"]'))
    trio.tell("casus", "C", by="CH", says="yes")
    assert warned(trio.play(45)) == []
    trio.tell("casus", "C", by="CH", says="yes", as_to=("IT", "XX"))
    assert warned(trio.play(60))
    assert trio.refused() == []
