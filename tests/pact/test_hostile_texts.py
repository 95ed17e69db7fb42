"""Whatever a text of the permitted size says, it is read or refused with bounded work, counted in calls."""

import sys
from collections.abc import Callable

import pytest

from foedus.errors import FoedusError
from foedus.limits import DOCUMENT_BYTES_MAX, MEMBERS_MAX
from foedus.pact.reading.text import parse_pact

CALLS_PER_BYTE_MAX = 8
"""Calls of Python functions (a step of a generator counts as one); the worst text known needs five."""

CALLS_MAX = 3_000_000
"""Calls for a short text whose work the limits bound; the worst known needs two million."""

LONG = DOCUMENT_BYTES_MAX // 4
"""Bytes of the texts whose work goes with their length; the longest are read by the first test alone."""

HEAD = """foedus = 1
pact = "x"
version = "1"
title = "x"
date = 2020-01-01
basis = { instrument = "x", binding = "none", evidence = "stylised" }
"""
COMMON = 'text="x"\ncite="x"\nbasis="text"\n'
TERM = f'[[clause]]\nid="T"\nkind="term"\n{COMMON}'
CASUS = f'[[clause]]\nid="C"\nkind="casus"\n{COMMON}event=["attack"]\nobject=["any"]\nof="any"\nby=["any"]\n'


def parties(count: int) -> str:
    return "".join(f'[[party]]\nid="P{i}"\nname="x"\nrole="member"\n' for i in range(count))


def filled(start: str, row: Callable[[int], str], most: int = 4_000, end: str = "") -> str:
    """A text with as many rows as fit in LONG, at most `most`."""
    rows, size = [], len(start) + len(end)
    for i in range(most):
        size += len(row(i))
        if size > LONG:
            break
        rows.append(row(i))
    return start + "".join(rows) + end


def share(i: int, fields: str) -> str:
    return f'[[clause]]\nid="S{i}"\nkind="share"\n{COMMON}data="tracks"\n{fields}\n'


def listed(count: int, word: str) -> str:
    return "[" + ",".join([f'"{word}"'] * count) + "]"


MANY = HEAD + parties(MEMBERS_MAX) + TERM
SQUARE = "[[{0},{0}],[{0},{1}],[{1},{1}],[{1},{0}]]"


FORMS = ("track", "coarse", "region")


def zones(count: int, polygon: Callable[[int], str]) -> str:
    return "".join(f'[[zone]]\nid="Z{i}"\nsource="x"\npolygon={polygon(i)}\n' for i in range(count))


def comb(vertices: int) -> str:
    """A polygon of many teeth."""
    teeth = ",".join(f"[{10 + (i % 2) * (1 + i / 1000)},{i / 10}]" for i in range(vertices - 2))
    return f"[[9.0,-1.0],{teeth},[9.0,{vertices / 10}]]"


def brackets(count: int) -> str:
    return "".join(f'[[bracket]]\nid="B{i}"\nsays="x"\nchoices=["a","b"]\n' for i in range(count))


def options(number: int) -> str:
    return str([f"B{j}:{'ab'[number >> j & 1]}" for j in range(12)])


def rank(i: int, over: str, under: str) -> str:
    return f'[[clause]]\nid="R{i}"\nkind="precedence"\n{COMMON}over=["{over}"]\nunder=["{under}"]\n'


LENGTHY: dict[str, str] = {
    "a clause again and again": "[[clause]]\n" * (LONG // 11),
    "nested arrays": HEAD + "x = " + "[" * (LONG // 3) + "]" * (LONG // 3),
    "nested tables": HEAD + "x = " + "{a=" * (LONG // 5) + "1" + "}" * (LONG // 5),
    "a deep header": HEAD + "".join(f"[{'.'.join('a' * 60)}.b{i}]\n" for i in range(LONG // 130)),
    "one long selector": MANY + share(0, f'from={listed(LONG // 7, "any")}\nto="any"\nform="track"'),
    "one long selector of strangers": MANY
    + share(0, f'from={listed(LONG // 5, "X")}\nto="any"\nform="track"'),
    "one long list of classes": MANY
    + share(0, f'from="any"\nto="any"\nclasses={listed(LONG // 16, "unidentified")}\nform="track"'),
    "one long word": MANY + share(0, f'from="{"x" * (LONG // 2)}"\nto="any"\nform="track"'),
    "one long list of references": MANY + rank(0, "T", "T").replace('["T"]', listed(LONG // 5, "T"), 1),
    "shares of all to all": filled(MANY, lambda i: share(i, 'from="any"\nto="any"\nform="track"')),
    "every pair by itself": filled(
        MANY, lambda i: share(i, f'from="P{i % 62}"\nto="P{(i % 62 + 1 + i // 62) % 62}"\nform="track"')
    ),
    "one id for all": filled(MANY, lambda _: share(0, 'from="any"\nto="any"\nform="track"')),
    "one id for many alternatives": filled(
        MANY + brackets(12), lambda i: share(0, f'from="P1"\nto="P2"\nform="track"\noption={options(i)}')
    ),
    "variants without number": filled(
        MANY + brackets(16), lambda i: share(i, 'from="any"\nto="any"\nform="track"')
    ),
    "a long circle of precedence": filled(
        HEAD + parties(2) + TERM,
        lambda i: rank(i, f"R{i - 1}" if i else "T", f"R{i}"),
        1_500,
        rank(1_500, "R1499", "T"),
    ),
    "routes": filled(
        MANY.replace('"member"', '"hub"', 1),
        lambda i: (
            f'[[clause]]\nid="R{i}"\nkind="route"\n{COMMON}pairs=[["P1","P{2 + i % 60}"]]\n'
            'via="P0"\ndirect="forbidden"\n'
        ),
    ),
    "caveats on everything": filled(
        MANY,
        lambda i: (
            share(i, f'from="P{i % 62}"\nto="P{(i + 1 + i // 62) % 62}"\nform="track"')
            if i < 500
            else f'[[clause]]\nid="O{i}"\nkind="caveat"\n{COMMON}on=["S{i % 500}"]\n'
            'orcon=true\nrel_to="any"\n'
        ),
    ),
    "adversaries": filled(
        HEAD + parties(2) + TERM,
        lambda i: (
            f'[[adversary]]\nof="P0"\nstate="P1"\nbasis="text"\nsince={1000 + i}-01-01\n'
            f"until={1000 + i}-01-02\n"
        ),
    ),
    "states": filled(HEAD + parties(2) + TERM, lambda i: f'[[state]]\nid="X{i}"\nname="x"\n', LONG),
    "words": filled(HEAD + parties(2) + TERM + "[words]\n", lambda i: f"w{i}=1\n", LONG),
    "citations": filled(
        HEAD + parties(2) + '[[source]]\nkey="x"\nsays="x"\n',
        lambda i: f'[[clause]]\nid="T{i}"\nkind="term"\ntext="x"\ncite="{"[x]" * 160}"\nbasis="text"\n',
    ),
    "suspensions": filled(
        HEAD + parties(2) + TERM,
        lambda i: (
            f'[[milestone]]\nid="M{i}"\nsays="x"\nbasis="text"\n'
            f'[[clause]]\nid="U{i}"\nkind="suspend"\n{COMMON}on=["T"]\nprecedent="M{i}"\n'
        ),
    ),
}

INTRICATE: dict[str, str] = {
    "contradictions that differ in zone and casus": filled(
        MANY + zones(31, lambda i: SQUARE.format(i, i + 30)),
        lambda i: share(i, f'from="any"\nto="any"\nzones=["Z{i // 2}"]\nform="{FORMS[i % 2]}"\ncasus="C{i}"'),
        62,
        "".join(CASUS.replace('"C"', f'"C{i}"') for i in range(62)),
    ),
    "contradictions that are all settled": filled(
        MANY + f'[[clause]]\nid="W"\nkind="withhold"\n{COMMON}from="any"\nto="any"\ndata="tracks"\n',
        lambda i: share(i, f'from="any"\nto="any"\nform="{FORMS[i % 3]}"'),
        62,
    ),
    "combs side by side": filled(
        HEAD + parties(2) + zones(40, lambda _: comb(300)) + TERM,
        lambda i: share(i, f'from="any"\nto="any"\nzones=["Z{i}"]\nform="{FORMS[i % 2]}"'),
        40,
    ),
    "hundreds of variants": filled(
        MANY + brackets(8),
        lambda i: share(i, f'from="any"\nto="any"\nform="track"\noption=["B{i % 8}:{"ab"[i // 8 % 2]}"]'),
        62,
    ),
    "ranks among all shares of one pair": filled(
        HEAD + parties(2) + TERM,
        lambda i: (
            share(i, 'from="P0"\nto="P1"\nform="track"')
            if i < 62
            else rank(i, f"S{i % 61}", f"S{i % 61 + 1}")
        ),
        400,
    ),
}


def calls(text: str) -> int:
    """How many Python functions are called to read a text, or to refuse it with an error for a person."""
    count = 0

    def tally(_frame: object, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    said = ""
    before = sys.gettrace()
    sys.settrace(tally)  # it gives None back: lines are not counted, and calls of built-in functions neither
    try:
        parse_pact(text, file="hostile.toml")
    except FoedusError as error:
        said = str(error)
    finally:
        sys.settrace(before)
    assert len(said) < 2_000
    assert "\n" not in said
    return count


@pytest.mark.parametrize("name", LENGTHY)
def test_the_work_for_a_text_goes_with_its_length(name: str) -> None:
    text = LENGTHY[name]
    assert len(text) > LONG // 4
    assert calls(text) < CALLS_PER_BYTE_MAX * len(text)


@pytest.mark.parametrize("name", INTRICATE)
def test_the_work_for_an_intricate_text_is_bounded_by_the_limits(name: str) -> None:
    assert calls(INTRICATE[name]) < CALLS_MAX


def test_the_longest_text_is_read() -> None:
    text = filled(HEAD + parties(2) + TERM, lambda i: f'[[state]]\nid="X{i}"\nname="x"\n', LONG)
    text += "#" * (DOCUMENT_BYTES_MAX - len(text))
    assert calls(text) < CALLS_PER_BYTE_MAX * DOCUMENT_BYTES_MAX
    with pytest.raises(FoedusError, match=f"at most {DOCUMENT_BYTES_MAX} bytes"):
        parse_pact(text + "#", file="x")
