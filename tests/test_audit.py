"""Claims about the release log: any altered, removed, moved or added leaf is found."""

import hashlib

import pytest

from foedus.audit import FIRST_LINK, Leaf, decode_leaf, encode_leaf, next_link, verify_chain
from foedus.errors import JournalError
from foedus.wire import Verdicts

Row = tuple[int, bytes, bytes]


def leaf(number: int) -> Leaf:
    return Leaf(
        number=number,
        time_ns=number * 1_000,
        recipient="BB",
        sequence=number,
        kind="picture",
        subject="",
        message=hashlib.sha256(b"%d" % number).digest(),
        pact="digest",
        refused="",
        verdicts=(Verdicts("S1", 4, 7), Verdicts("", 0, 1)),
    )


def log(count: int) -> list[Row]:
    link, rows = FIRST_LINK, []
    for number in range(1, count + 1):
        data = encode_leaf(leaf(number))
        link = next_link(link, data)
        rows.append((number, data, link))
    return rows


def test_an_untouched_log_verifies_and_names_its_head() -> None:
    rows = log(4)
    assert verify_chain(rows, where="log") == (4, rows[-1][2])
    assert verify_chain([], where="log") == (0, FIRST_LINK)


def test_a_leaf_survives_the_round_trip() -> None:
    assert decode_leaf(encode_leaf(leaf(3)), where="log") == leaf(3)


def test_links_follow_from_every_earlier_leaf() -> None:
    assert (
        log(3)[2][2]
        == hashlib.sha256(
            hashlib.sha256(
                hashlib.sha256(bytes(32) + encode_leaf(leaf(1))).digest() + encode_leaf(leaf(2))
            ).digest()
            + encode_leaf(leaf(3))
        ).digest()
    )


def altered(rows: list[Row]) -> list[Row]:
    return [rows[0], (2, encode_leaf(leaf(2)).replace(b"BB", b"CC"), rows[1][2]), *rows[2:]]


def altered_with_its_link(rows: list[Row]) -> list[Row]:
    data = encode_leaf(leaf(2)).replace(b"BB", b"CC")
    return [rows[0], (2, data, next_link(rows[0][2], data)), *rows[2:]]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (altered, "leaf 2 was altered"),
        (altered_with_its_link, "leaf 3 was altered"),
        (lambda rows: rows[:1] + rows[2:], "found leaf 3; expected leaf 2"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "found leaf 2; expected leaf 1"),
        (lambda rows: [(1, rows[1][1], rows[0][2]), *rows[1:]], "leaf 1 says that it is leaf 2"),
        (lambda rows: [(1, b"\xc1", rows[0][2]), *rows[1:]], "bytes that are no leaf"),
        (lambda rows: [*rows, (5, rows[3][1], rows[3][2])], "leaf 5 says that it is leaf 4"),
    ],
)
def test_any_change_to_the_log_is_found_where_it_is(change, fault: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(JournalError, match=fault):
        verify_chain(change(log(4)), where="log")
