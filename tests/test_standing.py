"""What a node says of the pact's stand is what its text and the recorded facts make it."""

from foedus.facts import FactBook
from foedus.guard_reading import Past
from foedus.model import SECOND_NS
from foedus.view import PactView
from foedus.wire import Happened
from three_members import SHARE, WARN, Trio, pact_of

CASUS = 'kind = "casus", event = ["attack"], object = ["any"], of = "any", by = ["any"]'
EACH = f'id = "C", {CASUS}, determined_by = "each"'
FRENCH = f'id = "D", {CASUS}, determined_by = "FR"'
WAITS = 'id = "P", kind = "suspend", on = ["W"], precedent = "VISIT"'


def stand(trio: Trio, member: str = "CH") -> PactView:
    found = trio.stations[member].node.view().pact
    assert found is not None
    return found


def test_before_the_first_tick_a_node_says_nothing_of_the_pact() -> None:
    trio = Trio(pact_of(SHARE))
    assert trio.stations["CH"].node.view().pact is None
    trio.play(5)
    assert stand(trio).in_force == "yes"
    assert stand(trio).grounds == ()
    assert stand(trio).roster == ("CH", "FR", "IT")


def test_an_exit_shows_in_roster_and_force_with_its_ground() -> None:
    trio = Trio(pact_of(SHARE))
    trio.tell("exit", "trio", by="FR")
    trio.play(5)
    assert stand(trio).roster == ("CH", "IT")
    assert stand(trio).in_force == "yes"
    trio.tell("exit", "trio", by="IT")
    trio.play(5)
    assert stand(trio).in_force == "no"
    assert ("T.exit", "FR gave notice 2018-08-01T11:30:00Z") in stand(trio).grounds


def test_a_casus_says_who_declared_it_when_what_it_opens_and_whether_this_member_may() -> None:
    trio = Trio(pact_of(f'{SHARE}, casus = "C"', EACH, FRENCH))
    trio.play(5)
    each, french = stand(trio).casus
    assert (each.stand, each.since_ns, each.by, each.scopes) == ("", 0, "", ("S",))
    assert (each.may_declare, french.may_declare) == (True, False)
    assert stand(trio, "FR").casus[1].may_declare
    at_ns = trio.now_ns
    trio.tell("casus", "C", by="FR", says="yes")
    trio.play(5)
    each, _ = stand(trio).casus
    assert (each.stand, each.since_ns, each.by) == ("met", at_ns, "FR")
    for says, shown in (("unknown", "undetermined"), ("no", "over")):
        trio.tell("casus", "C", by="CH", says=says)
        trio.play(5)
        assert (stand(trio).casus[0].stand, stand(trio).casus[0].by) == (shown, "CH")


def test_a_declaration_of_the_future_is_listed_and_not_yet_said() -> None:
    trio = Trio(pact_of(SHARE, EACH))
    trio.tell("casus", "C", by="FR", says="yes", at_ns=trio.now_ns + 20 * SECOND_NS)
    trio.play(15)
    assert stand(trio).casus[0].stand == ""
    assert len(stand(trio).facts) == 1
    trio.play(5)
    assert stand(trio).casus[0].stand == "met"


def test_a_suspension_names_its_clause_its_reason_and_its_pairs() -> None:
    trio = Trio(pact_of(SHARE, WARN, WAITS))
    trio.tell("suspended", "S", by="FR", as_to=("FR", "IT"))
    trio.play(5)
    by_fact, by_clause = stand(trio).suspended
    assert (by_fact.clause, by_fact.by, by_fact.pairs) == ("S", "S", (("FR", "IT"),))
    assert by_fact.why == "suspended by FR 2018-08-01T11:30:00Z"
    assert (by_clause.clause, by_clause.by, by_clause.pairs) == ("W", "P", ())
    assert by_clause.why == "waits for VISIT: A visit takes place."
    trio.tell("met", "VISIT")
    trio.tell("resumed", "S", by="FR")
    trio.play(5)
    assert stand(trio).suspended == ()


def test_every_fact_taken_is_listed_with_who_recorded_it_and_no_other() -> None:
    trio = Trio(pact_of(SHARE))
    trio.tell("met", "VISIT", person="duty officer")
    trio.tell("left", "IT", at_ns=trio.now_ns - SECOND_NS)
    trio.tell("met", "NOTHING")
    trio.play(5)
    assert [(one.what, one.of, one.person) for one in stand(trio).facts] == [
        ("left", "IT", ""),
        ("met", "VISIT", "duty officer"),
    ]


def test_one_fact_recorded_by_two_persons_is_one_fact_to_node_and_guard() -> None:
    pact = pact_of(SHARE)
    past, book = Past(pact), FactBook(pact)
    for person in ("duty officer", "supervisor"):
        past.tell(Happened("met", "VISIT", 5, person=person))
        book.record(Happened("met", "VISIT", 5, person=person))
    assert len(past) == len(book.recorded) == 1
    assert book.recorded[0].person == "duty officer"
