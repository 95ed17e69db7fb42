"""A pact is read as written, or refused with the line, the path and the words a drafter needs."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec.inspect
import pytest
from mistakes import MORE_MISTAKES

from foedus import wire
from foedus.errors import DocumentError, LimitError
from foedus.limits import CLAUSES_MAX, DOCUMENT_BYTES_MAX, RULES_PER_PAIR_MAX
from foedus.model import Form, TrackClass
from foedus.network import Network
from foedus.pact.clauses import Pact, Share, Warn
from foedus.pact.reading.text import parse_pact, read_pact
from foedus.pact.reading.validate import zones_overlap
from foedus.pact.words import DataKind

HERE = Path(__file__).parent.parent
BAD = HERE / "bad" / "pact"
ALPINE = HERE.parent / "pacts" / "alpine.toml"
GOOD = HERE / "good_pact.toml"

# file: (line, path, words in the message)
MISTAKES: dict[str, tuple[int, str, list[str]]] = {
    "banded_zone_both_ways": (
        120,
        "clause[6].zones[1]",
        ["LOW, which has a floor or ceiling, in a withh", "two zones, because a track of unknown height "],
    ),
    "caveat_leaves_out_the_taker": (
        151,
        "clause[9].on[1]",
        ["UP, which gives to KNOT", "clauses that give only to parties of rel_to"],
    ),
    "caveat_on_a_withhold": (
        151,
        "clause[9].on[1]",
        ["'KEEP'", "the id of a share clause: one of GIVE, UP, DO"],
    ),
    "caveat_on_nothing": (151, "clause[9].on", ["an array of 0", "an array of at least 1 items, each text"]),
    "class_twice": (107, "clause[5].classes[2]", ["unidentified again", "each at most once"]),
    "clause_twice": (77, "clause[3].id", ["GIVE, which clause 2 has already", "an id of its own"]),
    "contradiction": (
        110,
        "clause[6]",
        ["OTHER (region) against LOWSHARE (track) for u", "one form, or one of the two clauses narrower "],
    ),
    "crossing_polygon": (
        42,
        "zone[1].polygon",
        ["a polygon that touches or crosses itself", "a simple polygon"],
    ),
    "direct_allowed": (143, "clause[8].direct", ["'allowed'", "one of forbidden"]),
    "empty_text": (79, "clause[3].text", ["''", "text of 1 to 500 characters"]),
    "ends_before_it_begins": (63, "clause[1].until", ["2019-02-28T12:00:00+00:00", "an end after in_force"]),
    "floor_above_ceiling": (
        47,
        "zone[2].floor_m",
        ["floor 2000 m, ceiling 1000 m", "a floor below the ceiling"],
    ),
    "form_alert": (74, "clause[2].form", ["'alert'", "one of region, coarse, track; an alert is wha"]),
    "form_none": (74, "clause[2].form", ["'none'", "one of region, coarse, track; to give nothing"]),
    "form_source": (74, "clause[2].form", ["'source'", "one of region, coarse, track; plots with thei"]),
    "format_of_the_future": (2, "foedus", ["2", "one of 1"]),
    "gives_itself": (105, "clause[5].to", ["the giver itself", "another party"]),
    "impossible_date": (
        63,
        "",
        ["'until = 2022-02-30T12:00:00Z' (Invalid date ", "TOML: invalid date or datetime"],
    ),
    "key_of_another_kind": (
        143,
        "clause[8].form",
        ["unknown key 'form'", "one of kind, id, text, cite, basis, binding, since, until, option, pairs"],
    ),
    "latitude_out_of_range": (42, "zone[1].polygon[2][1]", ["155.0", "a number at least -90 at most 90"]),
    "look_alike_party": (
        105,
        "clause[5].to",
        ["U+04AE CYRILLIC CAPITAL LETTER STRAIGHT U", "one of NORD, SUND, OST", "did you mean SUND?"],
    ),
    "negative_seconds": (
        167,
        "clause[10].within_s",
        ["-20", "seconds, above 0 and at most 31622400"],
    ),
    "no_clause_text": (76, "clause[3]", ["no key 'text'", "text = text of 1 to 500 characters"]),
    "no_kind": (135, "clause[8]", ["no key 'kind'", "a table whose kind is one of casus, regard, consult"]),
    "no_term": (56, "clause", ["0 clauses of kind term", "exactly one"]),
    "onward_source": (
        154,
        "clause[9].onward.max_form",
        ["'source'", "one of none, alert, region, coarse, track"],
    ),
    "party_named_as_role": (34, "party[5].id", ["'observer'", "an id that is not a word for a role"]),
    "party_twice": (19, "party[2].id", ["NORD, which party 1 has already", "an id of its own"]),
    "polygon_round_the_world": (
        42,
        "zone[1].polygon",
        ["a polygon wider than 180 degrees", "two zones, one on each side"],
    ),
    "polygon_without_area": (
        42,
        "zone[1].polygon",
        ["a polygon without area", "vertices that enclose an area"],
    ),
    "probability_in_percent": (166, "clause[10].probability", ["30", "a number at least 0.01 at most 1"]),
    "role_nobody_has": (154, "clause[9].onward.to[2]", ["'observer'", "a role that some party has"]),
    "route_of_one": (141, "clause[8].pairs[1]", ["NORD twice", "two different parties"]),
    "route_twice": (141, "clause[8].pairs[2]", ["OST and NORD again", "each pair at most once"]),
    "route_with_the_hub": (
        141,
        "clause[8].pairs[1]",
        ["a pair with KNOT itself", "pairs that can both reach KNOT"],
    ),
    "source_not_stripped": (
        154,
        "clause[9].onward.strip_source",
        ["false", "true: a hub never tells from whom its rows co"],
    ),
    "time_without_offset": (
        63,
        "clause[1].until",
        ["2022-02-28T12:00:00", "an offset from UTC at its end, such as 2018-0"],
    ),
    "two_hubs": (36, "party[5].role", ["a second hub beside KNOT", "at most one hub"]),
    "two_terms": (65, "clause[2]", ["2 clauses of kind term", "exactly one"]),
    "two_vertices": (
        42,
        "zone[1].polygon",
        ["an array of 2", "an array of at least 3 at most 512 items, eac"],
    ),
    "unknown_class": (107, "clause[5].classes[1]", ["'hostile'", "one of unidentified, cooperative"]),
    "unknown_data": (
        73,
        "clause[2].data",
        ["'plotz'", "one of tracks, plots, picture, intelligence, warning_data", "did you mean plots?"],
    ),
    "unknown_form": (74, "clause[2].form", ["'course'", "one of none, alert, region, coarse, track, so"]),
    "unknown_key": (
        75,
        "clause[2].delay_min",
        ["unknown key 'delay_min'", "one of kind, id, text, cite, basis", "did you mean delay_s?"],
    ),
    "unknown_kind": (137, "clause[8].kind", ["'rout'", "one of casus, regard, consult", "mean route?"]),
    "unknown_owner": (52, "zone[3].owner", ["'WEST'", "one of NORD, SUND, OST, KNOT, GAST (did you m"]),
    "unknown_party": (105, "clause[5].to", ["'SUNT'", "one of NORD, SUND, OST, KNOT, GAST, member, h"]),
    "unknown_role": (36, "party[5].role", ["'guest'", "one of ally, guarantor, hub, member, observer"]),
    "unknown_zone": (108, "clause[5].zones[1]", ["'LO'", "one of NARROWS, LOW, YARD (did you mean LOW?)"]),
    "vertex_of_three": (
        42,
        "zone[1].polygon[2]",
        ["an array of 3", "an array of 2: a number at least -90 at most "],
    ),
    "via_no_hub": (142, "clause[8].via", ["GAST, which is no hub", "the hub of the pact"]),
    "warn_of_a_foreign_zone": (165, "clause[10].zones[1]", ["'YARD'", "one of NARROWS"]),
    "warn_renewed_too_late": (
        168,
        "clause[10].renew_s",
        ["300 s, after the warning has expired", "at most expires_s = 240"],
    ),
    "warn_without_zone": (
        163,
        "clause[10].to",
        ["parties that own no zone", "a party that owns a zone to be warned of"],
    ),
    "zone_twice": (45, "zone[2].id", ["NARROWS, which zone 1 has already", "an id of its own"]),
}


MISTAKES |= MORE_MISTAKES


def test_every_broken_pact_is_in_the_table() -> None:
    assert sorted(path.stem for path in BAD.glob("*.toml")) == sorted(MISTAKES)


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_broken_pact_names_line_path_and_what_belongs_there(name: str) -> None:
    line, path, words = MISTAKES[name]
    with pytest.raises(DocumentError) as caught:
        read_pact(BAD / f"{name}.toml")
    error = caught.value
    assert (error.line, error.path) == (line, path), str(error)
    for word in words:
        assert word in str(error)


def test_a_pact_is_read_as_written() -> None:
    pact = read_pact(GOOD)
    share = next(clause for clause in pact.clause if clause.id == "LOWSHARE")
    assert share == Share(
        id="LOWSHARE",
        text="Low unidentified tracks the northern shore gives the southern one in full.",
        cite="tests",
        basis="stylised",
        giver="NORD",
        taker="SUND",
        data=DataKind.TRACKS,
        form=Form.TRACK,
        classes=(TrackClass.UNIDENTIFIED,),
        zones=("LOW",),
    )
    assert pact.term.in_force == datetime(2020, 2, 29, 12, tzinfo=UTC)
    assert pact.zone[1].ceiling_m == 1000
    assert pact.party[4].role == "observer"


def test_the_digest_is_of_what_the_pact_says_not_of_its_layout() -> None:
    text = GOOD.read_text()
    digest = parse_pact(text, file="x").digest
    relaid = (
        text.replace("[[clause]]", "# a remark\n\n[[clause]]").replace(" = ", "=").replace("1000", "1_000.0")
    )
    assert relaid != text
    assert parse_pact(relaid, file="y").digest == digest
    assert parse_pact(text.replace("1000", "1001"), file="x").digest != digest
    assert len(digest) == 64


def test_the_alpine_pact_is_stylised_and_its_zones_lie_side_by_side() -> None:
    pact = read_pact(ALPINE)
    assert pact.basis.binding == "none"
    assert {clause.basis for clause in pact.clause} == {"stylised"}
    countries = [zone for zone in pact.zone if zone.id in ("CH", "FR", "DE", "IT")]
    assert [zone.owner for zone in countries] == [zone.id for zone in countries]
    for i, zone in enumerate(countries):
        assert 10 <= len(zone.polygon) <= 30
        for other in countries[i + 1 :]:
            assert not zones_overlap(zone, other), (zone.id, other.id)
    warn = next(clause for clause in pact.clause if isinstance(clause, Warn))
    assert (warn.horizon_s, warn.probability) == (300, 0.5)


@pytest.mark.parametrize("kind", [Pact, Network, wire.Batch, wire.Send])
def test_no_constraint_stands_inside_a_union(kind: type) -> None:
    """With one, msgspec 0.22 crashes the interpreter now and then while it shuts down (its issue 717)."""
    assert not list(constrained_unions(msgspec.inspect.type_info(kind), inside=False))


def constrained_unions(kind: object, *, inside: bool) -> list[object]:
    constrained = [
        name for name in ("pattern", "ge", "gt", "le", "lt", "tz", "max_length") if getattr(kind, name, None)
    ]
    found: list[object] = [kind] if inside and constrained else []
    if isinstance(kind, msgspec.inspect.StructType):
        return [bad for field in kind.fields for bad in constrained_unions(field.type, inside=False)]
    if isinstance(kind, msgspec.inspect.UnionType):
        return [bad for one in kind.types for bad in constrained_unions(one, inside=True)]
    for item in (*getattr(kind, "item_types", ()), getattr(kind, "item_type", None)):
        if item is not None:
            found += constrained_unions(item, inside=inside)
    return found


def shares(count: int, fields: str = "") -> str:
    """The good pact with many more clauses."""
    clause = '[[clause]]\nid = "X{}"\nkind = "share"\ntext = "X."\ncite = "x"\nbasis = "stylised"\n'
    rest = f'from = "NORD"\nto = "SUND"\ndata = "tracks"\nform = "coarse"\n{fields}\n'
    return GOOD.read_text() + "".join(clause.format(i) + rest for i in range(count))


def test_as_many_shares_may_speak_on_one_pair_as_the_limit_says() -> None:
    text = shares(RULES_PER_PAIR_MAX - 1)  # one stands in the good pact for cooperative tracks already
    with pytest.raises(DocumentError, match=f"{RULES_PER_PAIR_MAX + 1} share clauses from NORD to SUND"):
        parse_pact(text, file="x")  # and two for unidentified ones
    assert len(parse_pact(shares(RULES_PER_PAIR_MAX - 2), file="x").clause) == 10 + RULES_PER_PAIR_MAX - 2


def test_a_million_clauses_are_refused() -> None:
    with pytest.raises(DocumentError, match=f"at most {DOCUMENT_BYTES_MAX} bytes"):
        parse_pact("[[clause]]\n" * 1_000_000, file="x")


def test_more_clauses_than_the_limit_are_refused() -> None:
    text = GOOD.read_text()
    start = text.index("[[clause]]")
    term = "\n".join(text[start:].split("\n", 8)[:8]) + "\n"
    many = "".join(term.replace('"IN"', f'"I{i}"') for i in range(CLAUSES_MAX + 1))
    with pytest.raises(DocumentError, match=f"an array of {CLAUSES_MAX + 1}; .* at most {CLAUSES_MAX} items"):
        parse_pact(text[:start] + many, file="x")


def test_a_pact_that_takes_too_long_to_check_for_contradictions_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    coarse = shares(3, 'zones = ["YARD"]').removeprefix(GOOD.read_text())
    region = coarse.replace('"X', '"Y').replace('form = "coarse"', 'form = "region"')
    withheld = GOOD.read_text().replace('from = "OST"\nto = "any"', 'from = "NORD"\nto = "SUND"', 1)
    text = withheld + coarse + region  # nine pairs of shares that would contradict, were they not withheld
    parse_pact(text, file="x")
    monkeypatch.setattr("foedus.pact.reading.ties.TIE_CHECKS_MAX", 8)
    with pytest.raises(LimitError, match="TIE_CHECKS_MAX is 8"):
        parse_pact(text, file="x")
