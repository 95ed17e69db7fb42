"""Static checks: each finding on the smallest change of a pact that brings it about, and not without it."""

from pathlib import Path

import pytest

from foedus.model import SECOND_NS
from foedus.pact.check import Finding, check_pact
from foedus.pact.text import parse_pact

HERE = Path(__file__).parent.parent
ALPINE = (HERE.parent / "pacts" / "alpine.toml").read_text()
STRAITS = (HERE / "good_pact.toml").read_text()
IN_2021_NS = 1_620_000_000 * SECOND_NS


def found(text: str, *, time_ns: int = IN_2021_NS) -> list[Finding]:
    return list(check_pact(parse_pact(text, file="x"), time_ns=time_ns))


def without(text: str, *ids: str) -> str:
    """The text without these clauses."""
    head, *clauses = text.split("[[clause]]")
    kept = [clause for clause in clauses if not any(f'id = "{id_}"' in clause for id_ in ids)]
    assert len(kept) == len(clauses) - len(ids)
    return "[[clause]]".join([head, *kept])


def clause(id_: str, kind: str, fields: str) -> str:
    return (
        f'\n[[clause]]\nid = "{id_}"\nkind = "{kind}"\ntext = "x"\ncite = "x"\nbasis = "stylised"\n{fields}\n'
    )


def test_the_alpine_pact_has_no_findings() -> None:
    assert found(ALPINE) == []


def test_k2_a_pact_outside_its_term() -> None:
    before = found(STRAITS, time_ns=0)[0]
    assert (before.number, before.severity, before.clauses) == ("K2", "error", ("IN",))
    assert "not in force" in before.witness
    assert not [one for one in found(STRAITS) if one.number == "K2"]


def test_k4_a_hub_to_which_nobody_gives_anything_cannot_warn() -> None:
    by_hub = ALPINE.replace('by = "member"', 'by = "hub"')
    assert found(by_hub) == []
    findings = found(without(by_hub, "S2", "S4", "O1", "O2"))
    errors = [one for one in findings if one.severity == "error"]
    assert [(one.number, one.clauses) for one in errors] == [("K4", ("W1",)), ("K4", ("W2",))]
    assert "nobody gives it unidentified tracks" in errors[0].witness


def test_k4_whoever_owns_no_zone_cannot_be_warned() -> None:
    homeless = ALPINE.replace('id = "DE"\nowner = "DE"\n', 'id = "DE"\nowner = "FR"\n')
    findings = found(homeless)
    assert [(one.number, one.severity) for one in findings] == [("K4", "error")] * 2
    assert findings[0].witness.startswith("DE is to be warned, but owns no zone")


def test_k5_data_that_reach_a_party_only_because_there_is_a_hub() -> None:
    leaks = [one for one in found(without(ALPINE, "S1")) if one.number == "K5"]
    assert len(leaks) == 11  # of 12 ordered pairs; FR withholds from IT, so nothing of FR's goes on to IT
    assert {one.severity for one in leaks} == {"warning"}
    assert leaks[0].clauses == ("S2", "S3", "O1")
    assert leaks[0].witness == (
        "CH gives FR unidentified tracks in no form, but through HUB they reach it as coarse."
    )


def test_k5_data_that_the_originator_itself_gives_in_a_lower_form() -> None:
    head, tail = ALPINE.split('id = "S1"')
    leaks = [
        one
        for one in found(head + 'id = "S1"' + tail.replace('form = "track"', 'form = "region"', 1))
        if one.number == "K5"
    ]
    assert len(leaks) == 11
    assert "as region, but through HUB they reach it as coarse" in leaks[0].witness


def test_k6_two_members_that_meet_only_through_a_hub_that_may_pass_nothing_on() -> None:
    shut = ALPINE.replace('max_form = "coarse"', 'max_form = "none"').replace(
        'max_form = "track"', 'max_form = "none"'
    )
    findings = [one for one in found(shut) if one.number == "K6"]
    assert [one.clauses for one in findings] == [("R1",)]
    assert findings[0].witness.startswith("Nothing that DE sees ever reaches IT")


OVER_ALPS = 'from = "FR"\nto = "IT"\ndata = "tracks"\nzones = ["ALPS"]\n'


@pytest.mark.parametrize(
    ("extra", "dead"),
    [
        (clause("X", "share", OVER_ALPS + 'form = "track"'), False),
        (clause("H", "withhold", OVER_ALPS) + clause("X", "share", OVER_ALPS + 'form = "track"'), True),
        (clause("X", "withhold", 'from = "HUB"\nto = "IT"\ndata = "tracks"'), False),
        (clause("X", "caveat", 'on = ["S1"]\norcon = true\nrel_to = "member"'), True),
        (clause("X", "caveat", 'on = ["S2"]\norcon = true\nrel_to = "hub"'), False),
    ],
)
def test_k8_a_clause_without_effect(extra: str, dead: bool) -> None:
    findings = [one.clauses for one in found(ALPINE + extra) if one.number == "K8"]
    assert (("X",) in findings) is dead


def test_k8_a_withhold_of_what_nobody_shares() -> None:
    bare = found(without(STRAITS, "GIVE", "LIFT", "UP", "ONLY"))
    assert [one.clauses for one in bare if one.number == "K8"] == [("KEEP",)]
    assert not [one for one in found(STRAITS) if one.number == "K8"]
