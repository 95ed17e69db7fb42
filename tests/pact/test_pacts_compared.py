"""The page of all instruments, and the order of strength on it."""

import functools
import importlib.util
from pathlib import Path

from foedus.pact.comparing.order import rank
from foedus.pact.words import Truth

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("pacts_compared", ROOT / "scripts" / "pacts_compared.py")
PAGE = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(PAGE)


@functools.cache
def library():
    return PAGE.library()


def test_the_page_is_what_the_command_would_write():
    assert PAGE.FILE.read_text("utf-8") == PAGE.page(library())


def test_every_instrument_of_the_library_is_in_the_table():
    text = PAGE.FILE.read_text("utf-8")
    assert len(library().rows) == len(list(PAGE.LIBRARY.glob("*.toml")))
    assert all(f"**{row.pact} " in text for row in library().rows)


def test_what_stands_higher_is_never_lower_too():
    for one in (library().by_situations, library().by_words):
        pairs = [*one.covers, *one.incomparable, *one.open]
        assert len({frozenset(pair) for pair in pairs}) == len(pairs)


def test_the_arab_league_has_the_strongest_words_of_all():
    strongest = next(name for name, _ in library().by_words.covers if name.startswith("arab-league"))
    beaten = [weaker for stronger, weaker in library().by_words.covers if stronger == strongest]
    assert "nato 1949" in beaten


def test_nato_and_us_japan_are_an_incomparable_pair_of_the_order():
    pairs = [{one.split()[0], other.split()[0]} for one, other in library().by_situations.incomparable]
    assert {"nato", "us-japan"} in pairs


def test_a_published_text_that_promises_no_answer_is_below_those_that_do():
    lowest = next(
        one for one in library().by_situations.classes if any(name.startswith("mnna") for name in one)
    )
    assert all(
        weaker == lowest[0] for stronger, weaker in library().by_situations.covers if stronger == "nato 1949"
    )


def test_steps_that_follow_from_others_are_left_out_and_equals_are_one():
    yes, no, open_ = Truth.YES, Truth.NO, Truth.UNDETERMINED
    # a > b > c = d; e is apart from all but cannot be told from a
    table = [
        [yes, yes, yes, yes, open_],
        [no, yes, yes, yes, no],
        [no, no, yes, yes, no],
        [no, no, yes, yes, no],
        [open_, no, no, no, yes],
    ]
    found = rank("abcde", table)
    assert found.classes == (("a",), ("b",), ("c", "d"), ("e",))
    assert found.covers == (("a", "b"), ("b", "c"))
    assert found.incomparable == (("b", "e"), ("c", "e"))
    assert found.open == (("a", "e"),)
