"""Claims about declarations: what holds, for how long, and that only a named person says what a track is."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from foedus.limits import DECLARATIONS_MAX, SAYS_CHARACTERS_MAX
from foedus.model import SECOND_NS, Identity, TrackClass, Tracks
from foedus.watch import identity as identity_module
from foedus.watch.identity import DECLARABLE, NOTHING, IdentityBook, classes_at
from foedus.wire import Declared

S = SECOND_NS
SOURCE = Path(__file__).parents[2] / "src" / "foedus"


def said(identity=NOTHING, track_class=NOTHING, person="duty officer", says=""):
    return Declared(1, int(identity), int(track_class), person, says)


def own(*numbers, cls=TrackClass.UNIDENTIFIED):
    n = len(numbers)
    return Tracks.empty(n)._replace(number=np.array(numbers, np.int32), track_class=np.full(n, cls, np.int8))


def held(book, number=7):
    standing = book.standing(number)
    return standing.identity, standing.track_class


def test_of_what_nobody_said_anything_the_identity_is_pending():
    assert held(IdentityBook()) == (Identity.PENDING, NOTHING)


def test_a_declaration_holds_with_who_when_and_why():
    book = IdentityBook()
    assert book.declare(said(Identity.SUSPECT, TrackClass.UAS, says="seen from the tower"), 7, now_ns=5 * S)
    assert held(book) == (Identity.SUSPECT, TrackClass.UAS)
    (record,) = book.records(7)
    assert (record.person, record.says, record.time_ns, record.ended_ns) == (
        "duty officer",
        "seen from the tower",
        5 * S,
        0,
    )
    assert held(book, 8) == (Identity.PENDING, NOTHING)


def test_what_is_not_said_stays_as_it_was_said_before():
    book = IdentityBook()
    book.declare(said(track_class=TrackClass.CRUISE), 7, now_ns=S)
    book.declare(said(Identity.HOSTILE), 7, now_ns=2 * S)
    assert held(book) == (Identity.HOSTILE, TrackClass.CRUISE)
    book.declare(said(Identity.NEUTRAL, TrackClass.AIRCRAFT), 7, now_ns=3 * S)
    assert held(book) == (Identity.NEUTRAL, TrackClass.AIRCRAFT)
    assert len(book.records(7)) == 3


def test_pending_without_a_class_takes_everything_back_and_the_record_stays():
    book = IdentityBook()
    book.declare(said(Identity.HOSTILE, TrackClass.CRUISE), 7, now_ns=S)
    book.declare(said(Identity.PENDING, person="supervisor"), 7, now_ns=4 * S)
    assert held(book) == (Identity.PENDING, NOTHING)
    assert book.classify(own(7)).track_class.tolist() == [TrackClass.UNIDENTIFIED]
    assert [(one.person, one.ended_ns) for one in book.records(7)] == [
        ("duty officer", 4 * S),
        ("supervisor", 4 * S),
    ]


def test_a_track_that_is_lost_ends_its_declaration_and_the_record_stays():
    book = IdentityBook()
    book.declare(said(Identity.HOSTILE, TrackClass.CRUISE), 7, now_ns=S)
    book.follow(own(6, 7), now_ns=2 * S)
    assert held(book) == (Identity.HOSTILE, TrackClass.CRUISE)
    book.follow(own(6), now_ns=3 * S)
    assert held(book) == (Identity.PENDING, NOTHING)
    book.follow(own(6, 7), now_ns=4 * S)  # the number comes back: nobody has said anything of what it is now
    assert held(book) == (Identity.PENDING, NOTHING)
    assert book.records(7)[0].ended_ns == 3 * S


def test_a_declared_class_takes_the_place_of_the_trackers_and_nothing_else_changes():
    book = IdentityBook()
    book.declare(said(track_class=TrackClass.UAS), 7, now_ns=S)
    before = own(6, 7, cls=TrackClass.COOPERATIVE)
    after = book.classify(before)
    assert after.track_class.tolist() == [TrackClass.COOPERATIVE, TrackClass.UAS]
    assert after.track_class.dtype == before.track_class.dtype
    assert before.track_class.tolist() == [TrackClass.COOPERATIVE] * 2
    for name in set(Tracks._fields) - {"track_class"}:
        assert getattr(after, name) is getattr(before, name)


@pytest.mark.parametrize(
    ("item", "number", "words"),
    [
        (said(Identity.HOSTILE, person=""), 7, "without a person"),
        (said(Identity.HOSTILE, person="  "), 7, "without a person"),
        (said(7), 7, "identity"),
        (said(-2), 7, "identity"),
        (said(track_class=TrackClass.COOPERATIVE), 7, "class"),
        (said(track_class=99), 7, "class"),
        (said(), 7, "says nothing"),
        (said(Identity.FRIEND, says="x" * (SAYS_CHARACTERS_MAX + 1)), 7, "SAYS_CHARACTERS_MAX"),
        (said(Identity.FRIEND), 0, "one's own"),
    ],
)
def test_what_cannot_be_declared_is_refused_and_counted(item, number, words):
    book = IdentityBook()
    assert not book.declare(item, number, now_ns=S)
    assert held(book) == (Identity.PENDING, NOTHING)
    ((reason, count),) = book.counts()
    assert words in reason
    assert count == 1


def test_the_record_is_bounded_and_never_forgets_what_stands(monkeypatch):
    assert DECLARATIONS_MAX > 1_000
    monkeypatch.setattr(identity_module, "DECLARATIONS_MAX", 3)
    book = IdentityBook()
    for number in (1, 2, 3):
        assert book.declare(said(Identity.SUSPECT), number, now_ns=number * S)
    assert not book.declare(said(Identity.SUSPECT), 4, now_ns=4 * S)
    book.follow(own(2, 3), now_ns=5 * S)
    assert book.declare(said(Identity.SUSPECT), 4, now_ns=6 * S)
    assert [one.track for one in book.all_records()] == [2, 3, 4]
    assert dict(book.counts()) == {
        "declaration refused: DECLARATIONS_MAX stand": 1,
        "ended declaration forgotten: DECLARATIONS_MAX reached": 1,
    }


# ---------------------------------------------------------------- nobody but a person

MAKERS = (
    "watch/identity.py", "live/declare.py", "node.py", "formats/cot.py", "formats/geojson.py", "formats/sapient.py",
)  # fmt: skip
"""Who may make an Identity of a number: the book of declarations, the console's words, and what is shown."""

DECLARERS = ("drill/simulation.py", "live/declare.py")
"""A person at a console; and a drill's officer, who says a class and never an identity."""


def inferences(source):
    """(line, code) of every place that names an identity other than PENDING, or makes one of a number."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and last_name(node.value) == "Identity" and node.attr.isupper():
            found += [(node.lineno, f"Identity.{node.attr}")] if node.attr != "PENDING" else []
        elif isinstance(node, ast.Call) and last_name(node.func) in ("Identity", "Declared"):
            found.append((node.lineno, f"{last_name(node.func)}(...)"))
    return found


def last_name(node):
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_no_line_of_the_program_names_an_identity_or_makes_a_declaration_by_itself():
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = str(path.relative_to(SOURCE))
        for _, code in inferences(path.read_text("utf-8")):
            found.setdefault(code, []).append(name)
    assert set(found) <= {"Identity(...)", "Declared(...)"}
    assert set(found["Identity(...)"]) <= set(MAKERS)
    assert tuple(found["Declared(...)"]) == DECLARERS
    officer = (SOURCE / "drill" / "simulation.py").read_text("utf-8")
    assert officer.count("Declared(") == officer.count("Declared(number, -1, ") == 1


@pytest.mark.parametrize(
    "source",
    [
        "x = Identity.HOSTILE",
        "x = model.Identity.SUSPECT",
        "x = Identity(6)",
        "x = wire.Declared(1, 6, -1, 'x')",
    ],
)
def test_a_planted_inference_is_found(source):
    assert inferences(source)


def test_every_class_beyond_answering_can_be_declared():
    assert [one.name for one in DECLARABLE] == ["AIRCRAFT", "BALLISTIC", "CRUISE", "UAS"]


# ---------------------------------------------------------------- the class of a place


def at(number, lat, lon, cls, *, time_s=0.0, north=0.0, sigma_m=50.0):
    return Tracks.empty(1)._replace(
        number=np.array([number], np.int32),
        time_ns=np.array([round(time_s * S)]),
        lat_rad=np.radians([lat]),
        lon_rad=np.radians([lon]),
        velocity_north_m_s=np.array([north]),
        velocity_east_m_s=np.array([math.nan]),
        position_sigma_m=np.array([sigma_m]),
        track_class=np.array([cls], np.int8),
    )


def class_at(tracks, lat, lon, *, time_s=0.0):
    classes = classes_at(
        tracks, lat_rad=np.radians([lat]), lon_rad=np.radians([lon]),
        time_ns=np.array([round(time_s * S)]), track_class=np.array([TrackClass.COOPERATIVE], np.int8),
    )  # fmt: skip
    return TrackClass(int(classes[0]))


def test_a_place_on_a_declared_track_has_its_class_and_one_beside_it_has_not():
    declared = at(1, 46.0, 8.0, TrackClass.CRUISE)
    assert class_at(declared, 46.005, 8.0) is TrackClass.CRUISE
    assert class_at(declared, 46.02, 8.0) is TrackClass.COOPERATIVE
    assert class_at(declared._replace(position_sigma_m=np.array([500.0])), 46.02, 8.0) is TrackClass.CRUISE


def test_a_place_is_compared_with_where_the_track_is_at_its_time():
    declared = at(1, 46.0, 8.0, TrackClass.CRUISE, north=200.0)
    assert class_at(declared, 46.0 + 10 * 200.0 / 111_195.0, 8.0, time_s=10.0) is TrackClass.CRUISE
    assert class_at(declared, 46.0, 8.0, time_s=10.0) is TrackClass.COOPERATIVE
    assert class_at(declared, 46.0 - 5 * 200.0 / 111_195.0, 8.0, time_s=-5.0) is TrackClass.CRUISE


def test_a_nearer_track_of_no_such_class_keeps_its_own():
    pair = Tracks._make(
        np.concatenate(columns)
        for columns in zip(
            at(1, 46.0, 8.0, TrackClass.CRUISE), at(2, 46.006, 8.0, TrackClass.COOPERATIVE), strict=True
        )
    )
    assert class_at(pair, 46.005, 8.0) is TrackClass.COOPERATIVE
    assert class_at(pair, 46.001, 8.0) is TrackClass.CRUISE


def test_across_the_antimeridian_and_without_a_place():
    declared = at(1, 0.0, 179.999, TrackClass.UAS)
    assert class_at(declared, 0.0, -179.999) is TrackClass.UAS
    assert class_at(declared, math.nan, math.nan) is TrackClass.COOPERATIVE
    assert class_at(Tracks.empty(), 0.0, 0.0) is TrackClass.COOPERATIVE
