"""A copy says what its upstream says, but for what it drops or writes anew; changes upstream are flagged."""

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

from foedus.errors import DocumentError
from foedus.limits import BASED_ON_DEPTH_MAX
from foedus.pact.clauses import Assist, BasedOn, Casus, Clause, Notify, Pact, Suspend
from foedus.pact.reading.inherit import (
    ID_FIELDS,
    changed_upstream,
    clause_digest,
    flatten,
    inherit,
    seen_of,
)
from foedus.pact.reading.text import parse_pact, read_pact, read_upstream
from foedus.pact.reading.write import to_toml

HERE = Path(__file__).parents[1]
UPSTREAM_FILE = HERE / "good_draft.toml"
UPSTREAM = read_pact(UPSTREAM_FILE)

HEAD = """foedus = 1
pact = "copy"
version = "1"
title = "A copy"
date = 2022-01-01

[basis]
instrument = "invented"
binding = "none"
evidence = "stylised"

[based_on]
file = "up.toml"
{based_on}

[[party]]
id = "{first}"
name = "First"
role = "member"

[[party]]
id = "WEST"
name = "Second"
role = "member"

[[party]]
id = "NODE"
name = "Third"
role = "hub"

[[party]]
id = "BIG"
name = "Fourth"
role = "guarantor"
"""
OWN_HELP = """
[[clause]]
id = "HELP"
kind = "assist"
text = "The copy has it otherwise."
cite = "[T] 4"
basis = "stylised"
casus = "RAID"
by = "BIG"
standard = "decide_jointly"
discretion = "joint_decision"
"""
NEW = """
[[clause]]
id = "MORE"
kind = "cooperate"
text = "And more."
cite = "[T] 20"
basis = "stylised"
who = "any"
type = "training"
"""


def copy(based_on: str = "", rest: str = "", first: str = "EAST") -> Pact:
    return parse_pact(HEAD.format(based_on=based_on, first=first) + rest, file="copy.toml", upstream=UPSTREAM)


def ids(pact: Pact) -> list[str]:
    return [clause.id for clause in pact.clause]


def clause(pact: Pact, id_: str) -> Clause:
    return next(one for one in pact.clause if one.id == id_)


def test_a_copy_takes_over_every_clause_and_table_but_head_parties_ties_and_adversaries() -> None:
    pact = copy()
    for table in ("clause", "zone", "words", "milestone", "state", "bracket", "source"):
        assert getattr(pact, table) == getattr(UPSTREAM, table), table
    assert pact.pact == "copy"
    assert [party.name for party in pact.party] == ["First", "Second", "Third", "Fourth"]
    assert pact.no_ties == pact.adversary == ()
    assert pact.supersedes is None


def test_a_copy_is_not_silent_about_what_it_is_based_on() -> None:
    assert copy().based_on == BasedOn(file="up.toml")
    assert flatten(copy()).based_on is None
    assert flatten(copy()).clause == UPSTREAM.clause


def test_what_is_dropped_does_not_stand() -> None:
    pact = copy('drop = ["RANK", "forthwith"]', OWN_TELL)
    assert "RANK" in ids(UPSTREAM)
    assert "RANK" not in ids(pact)
    assert pact.words == {"immediately": 60}


OWN_TELL = """
[[clause]]
id = "TELL"
kind = "notify"
text = "Members report when they can."
cite = "[T] 3"
basis = "stylised"
by = "member"
to = "unsc"
content = "the attack"
casus = "RAID"
"""


def test_a_clause_written_anew_stands_in_the_place_of_all_of_that_id_and_a_new_one_last() -> None:
    pact = copy("", NEW + OWN_HELP)
    expected = [id_ for i, id_ in enumerate(ids(UPSTREAM)) if id_ not in ids(UPSTREAM)[:i]]
    assert ids(pact) == [*expected, "MORE"]
    helped = clause(pact, "HELP")
    assert isinstance(helped, Assist)
    assert helped.standard == "decide_jointly"


def test_words_zones_and_milestones_can_be_written_anew() -> None:
    rest = "\n[words]\nimmediately = 5\nsoon = 9\n"
    rest += '\n[[milestone]]\nid = "VISIT"\nsays = "Ours."\nbasis = "text"\n'
    pact = copy("", rest)
    assert pact.words == {"immediately": 5, "forthwith": 3600, "soon": 9}
    assert [one.says for one in pact.milestone] == ["Ours."]


def test_parties_are_renamed_wherever_a_row_refers_to_them() -> None:
    pact = copy('rename = { EAST = "OST" }', first="OST")
    assert pact.zone[0].owner == "OST"
    assert pact.milestone[0].by == ("OST", "FOE")
    raid, paused = clause(pact, "RAID"), clause(pact, "PAUSE")
    assert isinstance(raid, Casus)
    assert raid.loci == ("europe", "OST")
    assert isinstance(paused, Suspend)
    assert paused.as_to == (("OST", "BIG"),)
    said = to_toml(flatten(pact))
    assert "EAST" not in said
    assert said.count('"OST"') == said.count("OST")


def test_renaming_changes_no_sentence_and_no_id_of_a_clause() -> None:
    upstream = msgspec.structs.replace(
        UPSTREAM, clause=(msgspec.structs.replace(clause(UPSTREAM, "TELL"), id="EAST", content="EAST"),)
    )
    own = copy('rename = { EAST = "OST" }', first="OST")
    told = inherit(msgspec.structs.replace(own, clause=()), upstream).clause[0]
    assert isinstance(told, Notify)
    assert (told.id, told.content) == ("EAST", "EAST")


def test_every_field_that_may_hold_a_party_is_renamed() -> None:
    """Two parties that change names: every selector follows, in every kind of clause."""
    text = UPSTREAM_FILE.read_text()
    swapped = text.replace('"EAST"', '"x"').replace('"WEST"', '"EAST"').replace('"x"', '"WEST"')
    other = parse_pact(swapped, file="x")
    own = msgspec.structs.replace(
        copy(), based_on=BasedOn(file="up.toml", rename={"EAST": "WEST", "WEST": "EAST"}), clause=()
    )
    own = msgspec.structs.replace(own, zone=(), milestone=())
    resolved = inherit(own, UPSTREAM)
    for table in ("clause", "zone", "milestone"):
        assert getattr(resolved, table) == getattr(other, table)
    assert len(ID_FIELDS) == len(dict.fromkeys(ID_FIELDS))


def test_a_state_upstream_that_joins_is_a_party_of_the_copy() -> None:
    joined = '\n[[party]]\nid = "FOE"\nname = "Fifth"\nrole = "member"\n'
    assert [state.id for state in copy().state] == ["FOE"]
    assert copy("", joined).state == ()


def test_a_copy_cannot_be_read_without_its_upstream() -> None:
    text = HEAD.format(based_on="", first="EAST")
    with pytest.raises(
        DocumentError, match=r"found a copy of 'up\.toml'; expected a text that stands alone"
    ) as caught:
        parse_pact(text, file="copy.toml")
    assert (caught.value.line, caught.value.path) == (13, "based_on.file")


# ---------------------------------------------------------------- files


def write_copy(folder: Path, name: str, above: str, rest: str = "", based_on: str = "") -> Path:
    text = HEAD.format(based_on=based_on, first="EAST").replace("up.toml", above) + rest
    (folder / name).write_text(text)
    return folder / name


def write_upstream(folder: Path) -> Path:
    (folder / "up.toml").write_text(UPSTREAM_FILE.read_text())
    return folder / "up.toml"


def test_a_copy_of_a_copy_has_all_that_stands_above_it(tmp_path: Path) -> None:
    write_upstream(tmp_path)
    (tmp_path / "deeper").mkdir()
    write_copy(tmp_path, "b.toml", "up.toml", NEW)
    path = write_copy(tmp_path / "deeper", "c.toml", "../b.toml", OWN_HELP)
    pact = read_pact(path)
    assert ids(pact)[-1] == "MORE"
    assert sum(id_ == "HELP" for id_ in ids(pact)) == 1
    upstream = read_upstream(path, pact)
    assert upstream is not None
    assert upstream == read_pact(tmp_path / "b.toml")
    assert inherit(pact, upstream) == pact
    assert read_upstream(tmp_path / "up.toml", UPSTREAM) is None


def test_a_resolved_copy_reads_back_beside_its_upstream_and_alone() -> None:
    pact = copy('drop = ["RANK"]', NEW + OWN_HELP)
    assert parse_pact(to_toml(pact), file="x", upstream=UPSTREAM) == pact
    assert parse_pact(to_toml(flatten(pact)), file="x") == flatten(pact)


def test_a_mistake_of_the_copy_is_shown_in_the_copy_though_clauses_stand_before_it(tmp_path: Path) -> None:
    write_upstream(tmp_path)
    path = write_copy(tmp_path, "b.toml", "up.toml", NEW + OWN_HELP.replace('"RAID"', '"RAIDS"'))
    with pytest.raises(DocumentError) as caught:
        read_pact(path)
    line = path.read_text().split("\n").index('casus = "RAIDS"') + 1
    assert (caught.value.file, caught.value.line, caught.value.path) == (str(path), line, "clause[2].casus")


def test_a_mistake_in_an_inherited_clause_is_shown_two_files_up(tmp_path: Path) -> None:
    above = write_upstream(tmp_path)
    write_copy(tmp_path, "b.toml", "up.toml", NEW)
    path = write_copy(tmp_path, "c.toml", "b.toml", "", 'drop = ["VISIT"]')
    with pytest.raises(
        DocumentError, match=r"expected a milestone: nothing here \(as .*c.toml copies it\)"
    ) as caught:
        read_pact(path)
    line = above.read_text().split("\n").index('precedent = "VISIT"') + 1
    assert (caught.value.file, caught.value.line) == (str(above), line)
    assert caught.value.path == "clause[20].precedent"


def test_a_circle_of_copies_is_shown_as_a_chain(tmp_path: Path) -> None:
    for name, above in (("a.toml", "b.toml"), ("b.toml", "c.toml"), ("c.toml", "sub/../b.toml")):
        write_copy(tmp_path, name, above)
    (tmp_path / "sub").mkdir()
    with pytest.raises(
        DocumentError, match=r"found a\.toml -> b\.toml -> c\.toml -> b\.toml; expected a chain"
    ):
        read_pact(tmp_path / "a.toml")
    write_copy(tmp_path, "self.toml", "self.toml")
    with pytest.raises(DocumentError, match=r"found self\.toml -> self\.toml; expected"):
        read_pact(tmp_path / "self.toml")


def test_a_chain_of_copies_has_a_limit(tmp_path: Path) -> None:
    write_upstream(tmp_path)
    write_copy(tmp_path, "c1.toml", "up.toml")
    for i in range(2, BASED_ON_DEPTH_MAX + 1):
        write_copy(tmp_path, f"c{i}.toml", f"c{i - 1}.toml")
    assert ids(read_pact(tmp_path / f"c{BASED_ON_DEPTH_MAX - 1}.toml")) == ids(UPSTREAM)
    with pytest.raises(DocumentError, match=f"a chain of more than {BASED_ON_DEPTH_MAX} texts"):
        read_pact(tmp_path / f"c{BASED_ON_DEPTH_MAX}.toml")


# ---------------------------------------------------------------- what has changed upstream


def seen(upstream: Pact) -> str:
    entries = ", ".join(f'{id_} = "{digest}"' for id_, digest in seen_of(upstream).items())
    return f"seen = {{ {entries} }}"


def changed(**edits: str) -> Pact:
    clauses = [
        msgspec.structs.replace(one, text=edits[one.id]) if one.id in edits else one
        for one in UPSTREAM.clause
    ]
    return msgspec.structs.replace(UPSTREAM, clause=tuple(clauses))


def test_the_digest_of_a_clause_is_of_its_canonical_json() -> None:
    one = clause(UPSTREAM, "DRILL")
    canonical = json.dumps(json.loads(msgspec.json.encode(one)), sort_keys=True, separators=(",", ":"))
    as_written = msgspec.json.encode(one, order="deterministic")
    assert json.loads(canonical) == json.loads(as_written)
    assert clause_digest(one) == hashlib.sha256(as_written).hexdigest()[:16]
    assert clause_digest(msgspec.structs.replace(one, text="Other.")) != clause_digest(one)


def test_a_copy_of_an_unchanged_text_flags_nothing() -> None:
    assert changed_upstream(copy(seen(UPSTREAM)), UPSTREAM) == ()
    assert changed_upstream(UPSTREAM, UPSTREAM) == ()


def test_a_copy_that_noted_nothing_flags_nothing() -> None:
    assert changed_upstream(copy(), changed(DRILL="Other.")) == ()


def test_a_change_upstream_is_flagged_with_what_it_does_to_the_copy() -> None:
    now = changed(DRILL="They exercise daily.", HELP="Nobody helps.", RANK="Other.")
    text = HEAD.format(based_on=seen(UPSTREAM) + '\ndrop = ["RANK"]', first="EAST") + OWN_HELP
    resolved = parse_pact(text, file="copy.toml", upstream=now)
    assert changed_upstream(resolved, now) == (
        "HELP was changed in up.toml; the copy has its own words for it.",
        "DRILL was changed in up.toml; the copy takes the new words over.",
        "RANK was changed in up.toml; the copy drops it.",
    )


def test_one_of_two_alternatives_that_changes_is_flagged() -> None:
    clauses = list(UPSTREAM.clause)
    second = [i for i, one in enumerate(clauses) if one.id == "HELP"][1]
    clauses[second] = msgspec.structs.replace(clauses[second], text="Other.")
    now = msgspec.structs.replace(UPSTREAM, clause=tuple(clauses))
    resolved = parse_pact(HEAD.format(based_on=seen(UPSTREAM), first="EAST"), file="x", upstream=now)
    assert changed_upstream(resolved, now) == (
        "HELP was changed in up.toml; the copy takes the new words over.",
    )


def test_a_clause_added_or_dropped_upstream_is_flagged() -> None:
    extra = msgspec.structs.replace(clause(UPSTREAM, "DRILL"), id="EXTRA")
    fewer = tuple(one for one in UPSTREAM.clause if one.id != "RANK")
    now = msgspec.structs.replace(UPSTREAM, clause=(*fewer, extra))
    resolved = parse_pact(HEAD.format(based_on=seen(UPSTREAM), first="EAST"), file="x", upstream=now)
    assert changed_upstream(resolved, now) == (
        "RANK was dropped in up.toml; the copy has it no more.",
        "EXTRA was added in up.toml; the copy has a clause of that id.",
    )


def test_a_change_of_a_renamed_clause_is_seen_and_a_mere_renaming_is_not() -> None:
    text = HEAD.format(based_on=seen(UPSTREAM) + '\nrename = { EAST = "OST" }', first="OST")
    assert changed_upstream(parse_pact(text, file="x", upstream=UPSTREAM), UPSTREAM) == ()
    now = changed(RAID="Any attack.")
    assert changed_upstream(parse_pact(text, file="x", upstream=now), now) == (
        "RAID was changed in up.toml; the copy takes the new words over.",
    )
