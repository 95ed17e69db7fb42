"""The script of a drill, a Master Scenario Events List: its words for effects and conditions, and its CSV.

Columns after HSEEP (Homeland Security Exercise and Evaluation Program, FEMA, January 2020): number, time,
event, inject, method, from, to, expected action, objective, notes; with condition and contingency after them.
"""

import csv
import io
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from foedus.document import name_found, suggest
from foedus.drill.text import Inject
from foedus.errors import InputError

COLUMNS: Final = (
    "number", "time", "event", "inject", "method", "from", "to", "expected action", "objective", "notes",
    "condition", "contingency",
)  # fmt: skip


class Word(NamedTuple):
    """What one word for an effect takes: kinds of its arguments in order, and the names of its options."""

    arguments: tuple[str, ...]
    options: tuple[str, ...] = ()


WORDS: Final[dict[str, Word]] = {
    "target": Word(("target",)),
    "outage": Word(("sensor",), ("for",)),
    "bias": Word(("sensor",), ("range_m", "azimuth_deg", "for")),
    "clutter": Word(("sensor",), ("per_scan", "for")),
    "detection": Word(("sensor",), ("probability", "for")),
    "cut": Word(("member", "member"), ("for",)),
    "heal": Word(("member", "member")),
    "partition": Word(("members", "members"), ("for",)),
    "delay": Word(("member", "member"), ("seconds", "for")),
    "silent": Word(("member",), ("for",)),
    "stop": Word(("member",), ("for",)),
    "slow": Word(("member",), ("by", "for")),
    "fact": Word(("what", "of"), ("by", "says", "as_to")),
    "attribute": Word(("event",)),
    "leak": Word(("member",)),
    "message": Word(()),
}
"""Effects: into truth, sensors, links, the hub or any node, people, the law, and messages to people."""

NUMBERS: Final = ("for", "range_m", "azimuth_deg", "per_scan", "probability", "seconds", "by")
"""Options whose value is a number, but for the `by` of a fact, which is a party."""


class Effect(NamedTuple):
    """One effect of an inject, read."""

    verb: str
    arguments: tuple[str, ...]
    options: tuple[tuple[str, str], ...]

    def number(self, name: str) -> float:
        """The value of a numeric option; 0 where it is left out."""
        return float(dict(self.options).get(name, "0"))

    def word(self, name: str) -> str:
        """The value of an option; empty where it is left out."""
        return dict(self.options).get(name, "")


MESSAGE: Final = Effect("message", (), ())


def parse_effect(text: str) -> Effect:
    """The effect in such words as `outage SA-R1 for=300`; InputError for what no simulator could do."""
    if not text.strip():
        return MESSAGE
    verb, *rest = text.split()
    word = WORDS.get(verb)
    if word is None:
        raise _fault(verb, f"an effect: {suggest(verb, WORDS)}")
    arguments = tuple(part for part in rest if "=" not in part)
    options = tuple(_option(verb, word, part) for part in rest if "=" in part)
    if len(arguments) != len(word.arguments):
        expected = " ".join([verb, *(f"<{kind}>" for kind in word.arguments)])
        raise _fault(text, expected)
    names = [name for name, _ in options]
    if len({*names}) < len(names):
        raise _fault(text, "each option once")
    return Effect(verb, arguments, options)


def _option(verb: str, word: Word, part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    if name not in word.options:
        raise _fault(part, f"an option of {verb}: {suggest(name, word.options)}")
    if name in NUMBERS and verb != "fact":
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not abs(number) < 1e9:
            raise _fault(part, "a number")
    return name, value


def _fault(found: str, expected: str) -> InputError:
    return InputError(where="inject", found=name_found(found), expected=expected)


# ---------------------------------------------------------------- conditions

_TERM: Final = re.compile(
    r"^(?P<no>not )?(?P<what>known|shown|acknowledged|declared) (?P<who>[A-Za-z][\w-]*)"
    r"(?: by (?P<by>\d+(?:\.\d+)?))?$"
)


class Term(NamedTuple):
    """One part of a condition: whether something has happened, ever or until so many seconds."""

    negated: bool
    what: str  # known, shown, acknowledged (of a member), declared (of a casus)
    who: str
    by_s: float | None


def parse_condition(text: str) -> tuple[Term, ...]:
    """The parts of such words as `not acknowledged QA by 420 and declared C1`; InputError for any other."""
    if not text.strip():
        return ()
    terms = []
    for part in text.split(" and "):
        match = _TERM.match(part.strip())
        if match is None:
            expected = (
                "[not] known|shown|acknowledged MEMBER [by SECONDS], or [not] declared CASUS [by SECONDS]"
            )
            raise InputError(where="condition", found=name_found(part), expected=expected)
        by_s = None if match["by"] is None else float(match["by"])
        if match["no"] and by_s is None:
            raise InputError(
                where="condition", found=name_found(part), expected="`by SECONDS` with `not`: until when"
            )
        terms.append(Term(match["no"] is not None, match["what"], match["who"], by_s))
    return tuple(terms)


def settled(terms: Sequence[Term], happened_s: dict[tuple[str, str], float], now_s: float) -> bool | None:
    """Whether the condition holds at now_s; None while that can still change.

    happened_s: (what, who) -> when it first happened.
    """
    answers = [_term(term, happened_s.get((term.what, term.who)), now_s) for term in terms]
    if False in answers:
        return False
    return None if None in answers else True


def _term(term: Term, at_s: float | None, now_s: float) -> bool | None:
    limit_s = float("inf") if term.by_s is None else term.by_s
    if at_s is not None and at_s <= limit_s:
        return not term.negated
    return term.negated if now_s >= limit_s else None


# ---------------------------------------------------------------- CSV


def write_csv(injects: Sequence[Inject]) -> str:
    """The script as CSV (RFC 4180 with plain line ends) with the columns of COLUMNS; time in seconds."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in injects:
        time = "" if one.time_s is None else f"{one.time_s:.15g}"
        writer.writerow(
            (one.number, time, one.event, one.inject, one.method, one.sender, one.to, one.expected,
             one.objective, one.notes, one.condition, one.contingency)
        )  # fmt: skip
    return out.getvalue()


def parse_csv(text: str, *, file: str) -> tuple[Inject, ...]:
    """The script in a CSV text; InputError with its line for what it may not say. `time` is in seconds."""
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise InputError(where=file, found=str(error), expected="CSV with quotes in pairs") from None
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != COLUMNS:
        found = name_found(",".join(rows[0])) if rows else "nothing"
        raise InputError(where=f"{file}:1", found=found, expected="the columns " + ",".join(COLUMNS))
    return tuple(_row(row, f"{file}: row {number}") for number, row in enumerate(rows[1:], 2) if row)


def _row(row: list[str], where: str) -> Inject:
    if len(row) != len(COLUMNS):
        raise InputError(where=where, found=f"{len(row)} columns", expected=f"{len(COLUMNS)} columns")
    number, time, *rest = row
    try:
        time_s = float(time) if time.strip() else None
    except ValueError:
        time_s = -1.0
    if time_s is not None and not 0.0 <= time_s <= 604_800.0:
        raise InputError(where=f"{where}: time", found=name_found(time), expected="seconds from the start")
    event, inject, method, sender, to, expected, objective, notes, condition, contingency = rest
    return Inject(
        number=number, time_s=time_s, event=event, inject=inject, method=method, sender=sender, to=to,
        expected=expected, objective=objective, notes=notes, condition=condition, contingency=contingency,
    )  # fmt: skip


def write_toml(injects: Sequence[Inject]) -> str:
    """The script as [[inject]] tables, what is left out left out."""
    return "\n".join(_table(one) for one in injects)


def _table(one: Inject) -> str:
    keys = (
        ("number", one.number), ("event", one.event), ("inject", one.inject), ("method", one.method),
        ("from", one.sender), ("to", one.to), ("expected", one.expected), ("objective", one.objective),
        ("notes", one.notes), ("condition", one.condition), ("contingency", one.contingency),
    )  # fmt: skip
    lines = ["[[inject]]"]
    for key, value in keys:
        if value or key in ("number", "from", "to"):
            lines.append(f"{key} = {quoted(value)}")
        if key == "number" and one.time_s is not None:
            lines.append(f"time_s = {one.time_s!r}")
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A text as a basic TOML string."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    shown = (escapes.get(c) or (c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}") for c in text)
    return '"' + "".join(shown) + '"'
