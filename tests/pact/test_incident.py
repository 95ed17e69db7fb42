"""The incident document: what it may say, and what its accounts say."""

from pathlib import Path

import pytest
from incident_parts import HEAD, account, attribution, fact, incident

from foedus.errors import DocumentError
from foedus.pact.incidents.incident import (
    attackers_of,
    describe_fact,
    parse_incident,
    readings_of,
    stance,
    when_of,
)
from foedus.pact.incidents.interval import Interval

INCIDENTS = Path(__file__).parents[2] / "incidents"


@pytest.mark.parametrize("name", ["doha-2025", "abqaiq-2019"])
def test_the_incidents_of_the_library_read_and_every_account_names_its_source(name: str) -> None:
    path = INCIDENTS / f"{name}.toml"
    found = parse_incident(path.read_text("utf-8"), file=path.name).incident
    assert found.incident == name
    assert all(one.source.startswith("[") for one in found.account)


def test_doha_marks_the_bounds_that_are_its_own() -> None:
    text = (INCIDENTS / "doha-2025.toml").read_text("utf-8")
    found = parse_incident(text, file="doha").incident
    marked = [(one.according_to, one.what, one.placeholder) for one in found.fact if one.placeholder]
    assert ("white_house", "hub_knows", ("lo", "hi")) in marked
    assert ("us_officials_press", "hub_knows", ("lo", "hi")) in marked
    assert ("us_air_commander", "hub_knows", ("lo",)) in marked


WRONG = {
    "an unknown key": (HEAD + account("a") + "[[fact]]\nwat = 1\n", "fact[1].wat", "unknown key 'wat'"),
    "an account that is not there": (
        HEAD + account("a") + fact("knows", "US", "b", [1, 2]),
        "fact[1].according_to",
        "'b'",
    ),
    "a state that is none": (
        HEAD + account("a") + fact("knows", "Qatar", "a", [1, 2]),
        "fact[1].who",
        "'Qatar'",
    ),
    "bounds the wrong way round": (
        HEAD + account("a") + fact("knows", "US", "a", [2, 1]),
        "fact[1].when",
        "2.0 above 1.0",
    ),
    "a time of what never happened": (
        HEAD + account("a") + fact("knows", "US", "a", [1, 2], happened="no"),
        "fact[1].when",
        "a time of what never happened",
    ),
    "no time": (
        HEAD + account("a") + '[[fact]]\nwhat = "knows"\nwho = "US"\naccording_to = "a"\n',
        "fact[1]",
        "no key 'when'",
    ),
    "minutes and an instant": (
        HEAD + account("a") + fact("knows", "US", "a", "[1, 2025-09-09T12:00:00Z]"),
        "fact[1].when",
        "minutes and an instant",
    ),
    "an instant without an offset": (
        HEAD + account("a") + fact("knows", "US", "a", "[2025-09-09T12:00:00, 2025-09-09T12:00:00]"),
        "fact[1].when[1]",
        "2025-09-09T12:00:00",
    ),
    "both at once": (
        HEAD + account("a") + fact("knows", "US", "a", [1, 2]) + fact("knows", "US", "a"),
        "fact[2].happened",
        "a says both that it happened and that it never did",
    ),
    "an attacker of whom nothing is known": (
        HEAD + account("a") + attribution("a", "unknown", "IL"),
        "attribution[1].standing",
        "unknown of IL",
    ),
    "a source that is not there": (
        HEAD + account("a").replace('source = "tests"', 'source = "[NO]"'),
        "account[1].source",
        "'NO'",
    ),
    "two accounts of one name": (HEAD + account("a") * 2, "account[2].according_to", "a again"),
    "no account": (HEAD, "", "no key 'account'"),
    "a zero that ends before it begins": (
        HEAD.replace("[2025-09-09T13:00:00Z", "[2025-09-09T14:00:00Z") + account("a"),
        "zero.at",
        "2025-09-09T14:00:00+00:00 after 2025-09-09T13:00:00+00:00",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_told_with_its_place(what: str) -> None:
    text, path, found = WRONG[what]
    with pytest.raises(DocumentError) as caught:
        parse_incident(text, file="tests.toml")
    assert (caught.value.path, caught.value.found) == (path, found)
    assert caught.value.line > 0 or path == ""


def test_minutes_become_seconds_and_placeholders_keep_their_names() -> None:
    file = incident(fact("knows", "US", "a", [-8, -1], placeholder=["lo"]))
    assert when_of(file.incident, file.incident.fact[0]) == Interval(
        lo_s=-480.0, hi_s=-60.0, lo_placeholders=("a knows.lo",)
    )


def test_an_instant_is_as_uncertain_as_the_zero() -> None:
    head = HEAD.replace(
        "at = [2025-09-09T13:00:00Z, 2025-09-09T13:00:00Z]",
        'at = [2025-09-09T12:50:00Z, 2025-09-09T13:00:00Z]\nplaceholder = ["lo"]',
    )
    file = incident(fact("knows", "US", "a", "[2025-09-09T12:40:00Z, 2025-09-09T12:45:00Z]"), head=head)
    found = when_of(file.incident, file.incident.fact[0])
    assert (found.lo_s, found.hi_s) == (-1200.0, -300.0)
    assert (found.lo_placeholders, found.hi_placeholders) == ((), ("zero.lo",))


def test_attackers_are_all_that_somebody_names_and_nobody_where_one_leaves_it_open() -> None:
    rows = [attribution("a", "claimed", "YE"), attribution("b", "denied", "IR"), attribution("c", "unknown")]
    assert attackers_of(incident(*rows).incident) == ("YE", "unattributed")
    assert attackers_of(incident(attribution("b", "denied", "IR")).incident) == ("unattributed",)


def test_who_names_another_denies_and_who_says_nothing_is_silent() -> None:
    found = incident(attribution("a", "claimed", "YE"), attribution("b", "denied", "YE")).incident
    assert [stance(found, one, "YE") for one in "abc"] == ["asserts", "denies", "silent"]
    assert stance(found, "a", "IR") == "denies"


def test_a_group_is_read_as_itself_and_as_what_it_may_count_as() -> None:
    actor = '[[actor]]\nid = "GROUP"\nname = "a group"\ncounted_as = ["IR-ALIGNED"]\n'
    found = incident(actor, attribution("a", "claimed", "GROUP")).incident
    assert readings_of(found, "GROUP") == ("GROUP", "IR-ALIGNED")
    assert readings_of(found, "IR") == ("IR",)


def test_a_fact_in_words_stars_its_placeholders() -> None:
    file = incident(fact("warn_received", "QA", "a", [-10, 0], by="US", placeholder=["lo"]))
    assert describe_fact(file.incident.fact[0]) == (
        "according to a, QA received a warning from US in [-10*, 0] min"
    )
    assert str(file.line_of_fact(0)).startswith("tests.toml:")
