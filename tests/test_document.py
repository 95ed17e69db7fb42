"""Every mistake in a text document is named with its line, its path and what belongs there."""

from pathlib import Path

import msgspec
import pytest

from foedus.document import line_of, name_id, parse_document, read_document, spell_place, suggest
from foedus.errors import DocumentError
from foedus.limits import DOCUMENT_BYTES_MAX
from foedus.model import SensorKind
from foedus.network import Network

HERE = Path(__file__).parent
BAD = HERE / "bad" / "document"

# file: (line, path, words in the message)
MISTAKES = {
    "unknown_key": (28, "feed[1].sensor[2].lat", ["unknown key 'lat'", "did you mean lat_deg?"]),
    "missing_key": (25, "feed[1].sensor[2]", ["no key 'period_s'", "period_s = a number"]),
    "wrong_type": (30, "feed[1].sensor[2].height_m", ["'500 m'", "expected a number"]),
    "not_one_of": (
        27,
        "feed[1].sensor[2].kind",
        ["'rader'", "one of radar, receiver", "did you mean radar?"],
    ),
    "number_for_a_name": (27, "feed[1].sensor[2].kind", ["found 0", "one of radar, receiver"]),
    "out_of_range": (5, "tick_s", ["found 0", "a number above 0 at most 60"]),
    "not_finite": (32, "feed[1].sensor[2].range_max_m", ["found inf", "a finite number"]),
    "impossible_name": (8, "member[1].id", ["'C H'", "text that matches"]),
    "look_alike_name": (8, "member[1].id", ["text that matches"]),
    "wrong_mode": (3, "mode", ["'exercise'", "one of LIVE, EXERCISE, RECORDING"]),
    "single_bracket": (7, "member", ["a table", "an array of items"]),
    "duplicate_key": (6, "", ["tick_s = 6", "at most once"]),
    "duplicate_table": (8, "", ["[recording]", "at most once", "[[clause]]"]),
    "no_value": (5, "", ["tick_s =", "a value"]),
    "no_equals": (5, "", ["tick_s 5", "key = value"]),
    "open_quote": (8, "", ['id = "CH', "ends with a quote on the same line"]),
    "open_bracket": (31, "", ["a closing ]"]),
    "two_on_a_line": (5, "", ["one key = value per line"]),
    "deep_nesting": (0, "", ["nested too deeply"]),
    "long_key": (5, "", ["a key of more than 64 parts"]),
    "long_number": (0, "", ["a number that is too long"]),
    "not_utf8": (9, "", ["byte 0xff", "UTF-8"]),
}


def test_every_broken_file_is_in_the_table() -> None:
    assert sorted(path.stem for path in BAD.glob("*.toml")) == sorted(MISTAKES)


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_broken_file_names_line_path_and_what_belongs_there(name: str) -> None:
    line, path, words = MISTAKES[name]
    file = BAD / f"{name}.toml"
    with pytest.raises(DocumentError) as caught:
        read_document(file, Network)
    error = caught.value
    assert (error.file, error.line, error.path) == (str(file), line, path), str(error)
    for word in words:
        assert word in str(error)
    assert len(str(error).splitlines()) == 1


def test_the_good_file_is_read_with_names_of_enumerations() -> None:
    network = read_document(HERE / "good_network.toml", Network)
    assert [sensor.kind for sensor in network.feed[0].sensor] == [SensorKind.RADAR, SensorKind.RADAR]


def test_a_missing_file_and_a_folder_are_document_errors(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "none.toml", "no such file"), (tmp_path, "is a directory")):
        with pytest.raises(DocumentError, match=words) as caught:
            read_document(path, Network)
        assert caught.value.line == 0


@pytest.mark.parametrize("excess", [0, 1])
def test_a_document_may_have_exactly_the_limit_of_bytes(tmp_path: Path, excess: int) -> None:
    text = (HERE / "good_network.toml").read_text()
    text += "#" * (DOCUMENT_BYTES_MAX - len(text) + excess)
    file = tmp_path / "long.toml"
    file.write_text(text)
    if not excess:
        assert read_document(file, Network).network == "test"
        return
    with pytest.raises(DocumentError, match=f"at most {DOCUMENT_BYTES_MAX} bytes"):
        read_document(file, Network)
    with pytest.raises(DocumentError, match=f"at most {DOCUMENT_BYTES_MAX} bytes"):
        parse_document(text, Network, file="long.toml")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "mark.toml"
    file.write_bytes(b"\xef\xbb\xbf" + (HERE / "good_network.toml").read_bytes())
    assert read_document(file, Network).network == "test"


AWKWARD = '''# comment with [ and "
a.b = 1   # a = 2
text = """
x = 1
\\""" [[no]] """
raw = \'\'\'
y\'\'\'
list = [
  # none here
  [1, 2], [
    3,
    "]" ],
]
inline = { p = 1, q = { r = "}" } }
"quoted key" = 1
[one.two]
c = 1979-05-27T07:32:00Z
[[many]]
d = 1
[[many.deep]]
e = 1
[[many]]
[[many.deep]]
[[many.deep]]
f = \'#\'
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("a", "b"), 2),
        (("text",), 3),
        (("raw",), 6),
        (("list", 0), 10),
        (("list", 1), 10),
        (("list", 1, 0), 11),
        (("list", 1, 1), 12),
        (("inline", "q", "r"), 14),
        (("quoted key",), 15),
        (("one", "two", "c"), 17),
        (("many", 0, "d"), 19),
        (("many", 0, "deep", 0, "e"), 21),
        (("many", 1), 22),
        (("many", 1, "deep", 1, "f"), 25),
        (("many", 1, "deep", 1, "absent"), 24),
        (("absent",), 0),
    ],
)
def test_lines_are_found_in_any_toml(place: tuple[str | int, ...], line: int) -> None:
    assert line_of(AWKWARD, place) == line


def test_lines_are_the_same_with_carriage_returns() -> None:
    assert line_of(AWKWARD.replace("\n", "\r\n"), ("many", 1, "deep", 1, "f")) == 25


def test_paths_count_from_one() -> None:
    assert spell_place(("clause", 2, "polygon", 0, 1)) == "clause[3].polygon[1][2]"


def test_a_struct_that_tolerates_unknown_fields_is_closed_all_the_same() -> None:
    class Loose(msgspec.Struct):
        a: int = 0

    with pytest.raises(DocumentError, match="unknown key 'b'"):
        parse_document("b = 1", Loose, file="x.toml")


class Painted(msgspec.Struct, tag="painted"):
    sensor: SensorKind


def test_what_is_missing_is_described_by_the_names_that_a_person_writes() -> None:
    names = ", ".join(kind.name.lower() for kind in SensorKind)
    with pytest.raises(DocumentError, match=f"found no key 'sensor'; expected sensor = one of {names}"):
        parse_document('type = "painted"', Painted, file="x.toml")


def test_a_table_that_does_not_say_its_kind_lacks_that_key() -> None:
    class Plain(msgspec.Struct, tag="plain"):
        pass

    class Any(msgspec.Struct):
        item: tuple[Painted | Plain, ...]

    with pytest.raises(
        DocumentError, match=r"item\[1\]: found no key 'type'; expected a table whose kind is one of"
    ):
        parse_document("[[item]]\nsensor = 1", Any, file="x.toml")


def test_a_character_that_only_looks_like_a_letter_is_named() -> None:
    assert name_id("\u0410B") == "'\u0410B' with U+0410 CYRILLIC CAPITAL LETTER A"
    assert name_id("A\u200b") == "'A\\u200b' with U+200B ZERO WIDTH SPACE"
    assert name_id("AB") == "'AB'"


def test_a_long_list_of_allowed_words_is_cut() -> None:
    words = [f"w{i}" for i in range(45)]
    assert suggest("W44", words).endswith("w39 and 5 more (did you mean w44?)")
    assert suggest("x", []) == "nothing here"
    assert len(suggest("x" * 100_000, ["y"])) < 100
