"""Writes docs/pacts-compared.md: `python scripts/pacts_compared.py`. A test compares the two."""

from datetime import UTC, datetime
from pathlib import Path

from foedus.pact.comparing.order import Library, Rank, Row, library_of, name_of
from foedus.pact.reading.text import read_pact
from foedus.pact.variants import expand

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "pacts-compared.md"
LIBRARY = ROOT / "pacts" / "library"

AT = datetime(2026, 11, 30, tzinfo=UTC)
"""The day for which the page says what is in force."""

HEAD = """# The instruments of the library, compared

Written by `python scripts/pacts_compared.py` from `pacts/library/`; do not edit.

A dagger (†) marks a file that rests on reports or is stylised: nobody has published those words. *Unknown*
means that the term is not published or was not seen, never that there is none. "In force" is said for
30 November 2026, by what the files record.

"""

ORDER = """
## The order of strength

Of the answer to an attack (as what it is regarded, and how to assist), over {situations:,} situations that
the texts tell apart. One pact is at least as strong as another if in every one of them each side owes at
least as much.

"""

WORDS = """
## The order of the words alone

The same duties, wherever, against whomever and for whatever object they hold: as what the attack is regarded,
the standard of assistance, the discretion, and how far the instrument binds.

"""

WHAT_IT_IS_NOT = """
## What this page does not say

It is no legal advice and no forecast of what anybody would do. The texts are reduced to the words of a small
vocabulary, so two wordings that a lawyer would keep apart may share a word here, and the order among the
words (`src/foedus/pact/words.py`) is ours; whose discretion it is makes no order at all. Time limits are left
out of both orders, since hardly any text names one. Each pact is read as if in force, with approvals given
and conditions met, and as between two sides, a guarantor and one ally ("read as" above); places stay where
they are on a coarse map, so two treaties for different parts of the world are incomparable however alike
their words. A pact that stands higher promises more in its text, which says nothing about whether it would be
kept. Files marked † rest on reports or are stylised in whole or in part; in the others single clauses may be,
as their `basis` says.
"""


def page(library: Library) -> str:
    """The whole page."""
    marks = {f"{row.pact} {row.version}": _marked(row) for row in library.rows}
    silent = [f"{row.pact} {row.version}" for row in library.rows if not row.regard and not row.assist]
    parts = [HEAD, *_table(library)]
    parts += [ORDER.format(situations=library.situations), _rank(library.by_situations, marks, silent)]
    parts += [WORDS, _rank(library.by_words, marks, silent), WHAT_IT_IS_NOT]
    return "".join(parts)


def _marked(row: Row) -> str:
    dagger = "" if row.evidence == "text" else "†"
    return f"{row.pact} {row.version.partition(',')[0]}{dagger}"


def _table(library: Library) -> list[str]:
    parts = ["## What each says\n\n"]
    parts += [
        _row_line("instrument", "form", "binding", "regard", "assist", "consult", "notify"),
        _row_line(*["---"] * 7),
    ]
    parts += [
        _row_line(
            f"**{_marked(row)}** {row.title}",
            row.form,
            row.binding,
            _cell(row.regard),
            _cell(row.assist),
            _cell(row.consult),
            _cell(row.notify),
        )
        for row in library.rows
    ]
    parts += ["\n", _row_line("instrument", "casus foederis", "warn", "data"), _row_line(*["---"] * 4)]
    parts += [
        _row_line(_marked(row), _cell(row.casus), _cell(row.warn), _cell(row.data)) for row in library.rows
    ]
    parts += [
        "\n",
        _row_line("instrument", "exit", "in force", "missing", "unknown", "read as"),
        _row_line(*["---"] * 6),
    ]
    parts += [
        _row_line(
            _marked(row),
            row.exit,
            row.standing.in_force,
            ", ".join(row.standing.missing) or "-",
            " ".join(row.unknown) or "-",
            row.read_as or "-",
        )
        for row in library.rows
    ]
    return parts


def _row_line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def _cell(words: tuple[str, ...]) -> str:
    return "; ".join(words).replace("_", " ") or "-"


def _rank(rank: Rank, marks: dict[str, str], silent: list[str]) -> str:
    lines = ["Equal, and below named by the first of them:\n\n"]
    for one in rank.classes:
        why = " (no answer to an attack)" if all(name in silent for name in one) else ""
        if len(one) > 1:
            lines.append(f"- {', '.join(marks[name] for name in one)}{why}\n")
    lists = (
        ("Stronger (what follows from two steps is left out)", ">", rank.covers),
        ("Incomparable", "and", rank.incomparable),
        ("Cannot be told, for terms are unknown", "and", rank.open),
    )
    for title, sign, pairs in lists:
        lines.append(f"\n{title}:\n\n")
        for one, others in _by_first(pairs).items():
            lines.append(f"- {marks[one]} {sign} {', '.join(marks[other] for other in others)}\n")
        if not pairs:
            lines.append("- none\n")
    return "".join(lines)


def _by_first(pairs: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
    return found


def library() -> Library:
    """The library of this repository, in the order of dates and names."""
    pacts = [pact for path in sorted(LIBRARY.glob("*.toml")) for pact in expand(read_pact(path))]
    return library_of(sorted(pacts, key=lambda pact: (pact.date, name_of(pact))), at=AT)


if __name__ == "__main__":
    FILE.write_text(page(library()), encoding="utf-8")
    print(f"wrote {FILE.relative_to(ROOT)}")
