"""The library of real instruments: every fact has its source or is `unknown`, and every file reads."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from foedus.pact.clauses import Approval, Casus, Route, Warn
from foedus.pact.force import Fact, in_force, time_ns_of
from foedus.pact.meaning.evaluate import Evaluator
from foedus.pact.meaning.situation import Situation
from foedus.pact.reading.inherit import seen_of
from foedus.pact.reading.text import read_pact
from foedus.pact.words import UNKNOWN, Truth
from test_structure import DISCLAIMERS, ENGAGEMENT, words_of

ROOT = Path(__file__).parent.parent.parent
LIBRARY = ROOT / "pacts" / "library"
FILES = sorted(LIBRARY.glob("*.toml"))
CASES = sorted((LIBRARY / "cases").glob("*.toml"))
NAMES = [file.stem for file in FILES]

INSTRUMENTS = {
    "North Atlantic Treaty 1949": ["north-atlantic-treaty"],
    "US-Japan 1960": ["us-japan"],
    "US-ROK 1953": ["us-rok"],
    "US-Philippines 1951": ["us-philippines"],
    "ANZUS 1951": ["anzus"],
    "C-SIPA US-Bahrain 2023": ["c-sipa"],
    "EO 14353 Qatar": ["eo-14353"],
    "MNNA, 22 U.S.C. 2321k": ["mnna"],
    "GCC Joint Defence Agreement 2000": ["gcc-2000"],
    "Arab League Joint Defence 1950": ["arab-league-1950"],
    "Saudi-Pakistan SMDA 17 Sep 2025": ["smda-2025"],
    "Saudi-US draft 2023-24": ["us-sa-2023", "us-sa-2024"],
    "Saudi-US draft 2025": ["us-sa-2025", "us-sa-2025-warn"],
    "Saudi-US SDA 18 Nov 2025": ["sda-2025"],
    "MEAD 2022, RSC 2022-25": ["rsc"],
    "MEAD-CDOC, 12 Jan 2026": ["mead-cdoc"],
    "TISA 2014 + 19 Dec 2023 data link": ["tisa"],
    "Launch notification 1988; JDEC 2000": ["launch-notification-1988", "jdec-2000"],
    "UN Charter Art. 51": ["un-charter-51"],
}
"""Each instrument that the library is about, with its files."""

CONTESTED = {
    ("anzus", "C1"): "how far the Pacific Area reaches",
    ("anzus", "Q1"): "whether the suspension still stands as it did",
    ("c-sipa", "T1"): "when it entered into force",
    ("smda-2025", "C1"): "whom and what it covers",
    ("smda-2025", "A1"): "what is owed",
    ("us-rok", "T1"): "the day of entry into force",
}
"""Facts on which sources contradict one another: the clause says so in its text."""

EXPECTATION = re.compile(
    r"(it is undetermined whether )?[A-Z-]+ "
    r"((warns|assists|consults|does not (warn|assist|consult)) [A-Z-]+"
    r"|(notifies|does not notify) (unsc|the council|[A-Z-]+)"
    r"|(regards|does not regard) it as [a-z_]+"
    r"|gives [A-Z-]+ (nothing|[a-z_]+ as [a-z]+)|does not give [A-Z-]+ [a-z_]+( as [a-z]+)?)"
)
"""The closed grammar of expectations."""


def pact_of(name):
    return read_pact(LIBRARY / f"{name}.toml")


def unknown_fields(pact):
    """Every term of a pact whose value is `unknown`, such as `C1.object`, in the order of the text."""
    found = [f"basis.{name}" for name in ("binding", "form") if getattr(pact.basis, name) == UNKNOWN]
    for clause in pact.clause:
        found += [f"{clause.id}.{path}" for path in _unknown_in(clause)]
    return list(dict.fromkeys(found))


def _unknown_in(struct):
    for field in msgspec.structs.fields(type(struct)):
        value = getattr(struct, field.name)
        if value == UNKNOWN or (isinstance(value, tuple) and UNKNOWN in value):
            yield field.encode_name
        elif isinstance(value, msgspec.Struct):
            yield from (f"{field.encode_name}.{inner}" for inner in _unknown_in(value))


def keys_of(cite):
    return re.findall(r"\[([A-Za-z0-9_-]+)\]", cite)


# ---------------------------------------------------------------- what is there


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_instrument_has_its_files(instrument):
    assert [name for name in INSTRUMENTS[instrument] if name not in NAMES] == []


def test_no_file_belongs_to_no_instrument():
    listed = sorted(name for names in INSTRUMENTS.values() for name in names)
    assert listed == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_reads_and_says_of_what_kind_it_is(name):
    pact = pact_of(name)
    assert pact.basis.instrument
    assert pact.title


# ---------------------------------------------------------------- sources


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_cites_a_provision_of_a_source_that_the_file_lists(name):
    pact = pact_of(name)
    keys = [source.key for source in pact.source]
    wrong = [
        (clause.id, clause.cite)
        for clause in pact.clause
        if not keys_of(clause.cite)
        or any(key not in keys for key in keys_of(clause.cite))
        or not re.search(r"\[[A-Za-z0-9_-]+\] \S", clause.cite)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_no_source_of_a_file_is_listed_and_not_cited(name):
    text = tomllib.loads((LIBRARY / f"{name}.toml").read_text("utf-8"))
    cited = [key for clause in text.get("clause", ()) for key in keys_of(clause["cite"])]
    assert [one["key"] for one in text.get("source", ()) if one["key"] not in cited] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_was_not_verified_at_source_is_unknown_and_no_quotation(name):
    """A clause whose text or cite says that the wording was not seen leaves something unknown."""
    pact = pact_of(name)
    unknown = [field.split(".")[0] for field in unknown_fields(pact)]
    admits = re.compile(r"terms?[^.;]* not verified|Art\. \w+,? not verified|not published|not disclosed")
    silent = [
        clause.id
        for clause in pact.clause
        if admits.search(f"{clause.text} {clause.cite}")
        and clause.id not in unknown
        and not isinstance(clause, Approval)
    ]
    assert silent == []


def test_the_readme_lists_every_unknown_term():
    """The list is remade with the lines that this test expects."""
    said = (LIBRARY / "README.md").read_text("utf-8").split("## What is unknown")[1]
    expected = []
    for name in NAMES:
        fields = unknown_fields(pact_of(name))
        expected.append(f"- `{name}`: " + (", ".join(fields) if fields else "nothing"))
    assert [line for line in said.splitlines() if line.startswith("- ")] == expected


def test_unknown_fields_sees_words_in_lists_and_in_inner_tables():
    fields = unknown_fields(pact_of("anzus"))
    assert "C1.object" in fields
    assert "T1.exit.notice_d" in fields
    assert "C1.by" not in fields


@pytest.mark.parametrize("name", NAMES)
def test_stylised_and_reported_texts_say_so_in_every_clause(name):
    """Nothing of an unpublished text is called its text; a copy keeps what upstream is."""
    pact = pact_of(name)
    if pact.basis.evidence == "text" or pact.based_on is not None:
        return
    published = ("gcc-2000",)  # the preamble and one ratification are published
    if name not in published:
        assert [clause.id for clause in pact.clause if clause.basis == "text"] == []


@pytest.mark.parametrize(("name", "clause"), sorted(CONTESTED))
def test_a_contested_fact_says_so(name, clause):
    text = next(one.text for one in pact_of(name).clause if one.id == clause)
    assert "ontested" in text


@pytest.mark.parametrize("name", NAMES)
def test_no_other_clause_claims_to_be_contested(name):
    said = [(name, clause.id) for clause in pact_of(name).clause if "ontested" in clause.text]
    assert [one for one in said if one not in CONTESTED] == []


@pytest.mark.parametrize("file", [*FILES, *CASES, LIBRARY / "README.md"], ids=lambda file: file.name)
def test_no_file_speaks_of_weapons_control(file):
    found = [
        (number, match[0])
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if not any(words in line for words in DISCLAIMERS)
        for match in [ENGAGEMENT.search(words_of(line))]
        if match
    ]
    assert found == []


@pytest.mark.parametrize("name", NAMES)
def test_every_zone_is_invented_and_says_so(name):
    assert all("invented" in zone.source and "no real" in zone.source for zone in pact_of(name).zone)


# ---------------------------------------------------------------- what the texts say


def test_the_roster_of_nato_grows_to_thirty_two():
    pact = pact_of("north-atlantic-treaty")
    counts = [
        sum(party.since is None or party.since <= datetime(year, 12, 31, tzinfo=UTC) for party in pact.party)
        for year in (1949, 1952, 1955, 1982, 1999, 2004, 2009, 2017, 2020, 2023, 2024)
    ]
    assert counts == [12, 14, 15, 16, 19, 26, 28, 29, 30, 31, 32]


def test_the_status_of_major_ally_waits_thirty_days_after_the_notice_to_congress():
    pact = pact_of("mnna")
    notice = datetime(2025, 12, 1, tzinfo=UTC)
    facts = (Fact(what="approved", of="legislature_notice", by="US", at=notice),)

    def truth(days):
        return in_force(pact, time_ns=time_ns_of(notice + timedelta(days=days)), facts=facts).truth

    assert truth(-1) == truth(0) == truth(29) == Truth.NO
    assert truth(30) == Truth.YES


def test_the_status_of_major_ally_has_no_casus_and_no_duty_but_to_cooperate():
    pact = pact_of("mnna")
    assert not any(isinstance(clause, Casus) for clause in pact.clause)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    duties = Evaluator(pact).duties(Situation(at=at, event="attack", attacker="IR", victim="SA"))
    assert {duty.kind for duty in duties} == {"cooperate"}


@pytest.mark.parametrize("name", ["us-japan", "us-rok", "us-philippines", "anzus", "north-atlantic-treaty"])
def test_a_treaty_from_which_the_senate_step_is_taken_never_enters_into_force(name):
    pact = pact_of(name)
    at = time_ns_of(datetime(2026, 1, 1, tzinfo=UTC))
    assert in_force(pact, time_ns=at).truth == Truth.YES
    without = tuple(
        msgspec.structs.replace(
            clause, steps=tuple(step for step in clause.steps if step != "senate_advice_and_consent")
        )
        if isinstance(clause, Approval)
        else clause
        for clause in pact.clause
    )
    assert in_force(msgspec.structs.replace(pact, clause=without), time_ns=at).truth == Truth.NO


def test_no_text_of_a_government_owes_anybody_a_warning():
    """The missing clause: only what this library itself has written warns."""
    warned = {name for name in NAMES for one in pact_of(name).clause if isinstance(one, Warn)}
    assert warned == {"rsc", "us-sa-2025-warn"}
    stylised = [
        clause.basis for name in sorted(warned) for clause in pact_of(name).clause if isinstance(clause, Warn)
    ]
    assert stylised == ["stylised", "stylised"]


def test_members_of_the_construct_meet_only_through_the_hub_and_own_one_box_each():
    pact = pact_of("rsc")
    members = [party.id for party in pact.party if party.role == "member"]
    pairs = {frozenset(pair) for clause in pact.clause if isinstance(clause, Route) for pair in clause.pairs}
    assert pairs == {frozenset((a, b)) for a in members for b in members if a != b}
    assert sorted(zone.owner for zone in pact.zone) == sorted(members)
    assert all(frozenset(pair) in pairs for pair in pact.no_ties)


# ---------------------------------------------------------------- copies


def test_the_draft_of_2025_is_the_order_for_qatar_with_saudi_arabia_in_its_place_and_no_warning():
    order, copy = pact_of("eo-14353"), pact_of("us-sa-2025")
    clauses = {clause.id: clause for clause in copy.clause}
    assert clauses["C1"].of == "SA"
    assert clauses["A1"] == next(clause for clause in order.clause if clause.id == "A1")
    assert not any(isinstance(clause, Warn) for clause in copy.clause)


def test_the_draft_with_a_warning_differs_from_the_one_without_by_that_duty_and_its_remedy():
    without = {clause.id: clause for clause in pact_of("us-sa-2025").clause}
    having = {clause.id: clause for clause in pact_of("us-sa-2025-warn").clause}
    assert [one for one in having if one not in without] == ["W1", "M1"]
    assert all(having[id_] == clause for id_, clause in without.items())


def test_the_copy_of_the_order_has_seen_the_order_as_it_is():
    """After a change of eo-14353.toml read the copy again, then write what is expected here into it."""
    assert pact_of("us-sa-2025").based_on.seen == seen_of(pact_of("eo-14353"))


# ---------------------------------------------------------------- cases


def test_every_text_has_at_least_three_cases():
    counts = dict.fromkeys(NAMES, 0)
    for file in CASES:
        text = tomllib.loads(file.read_text("utf-8"))
        for path in text.get("pacts", [text.get("pact")]):
            counts[Path(path).stem] += len(text["case"])
    assert {name: count for name, count in counts.items() if count < 3} == {}


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_every_case_expects_in_the_closed_grammar_and_has_a_name_of_its_own(file):
    cases = tomllib.loads(file.read_text("utf-8"))["case"]
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names))
    wrong = [one for case in cases for one in case["expect"] if not EXPECTATION.fullmatch(one)]
    assert wrong == []
    assert all(case["expect"] for case in cases)
