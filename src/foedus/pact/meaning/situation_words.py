"""Situations as people type them, `attacker=IL victim=QA object=land event=attack at=2025-09-09`.

Also the check that the pacts that are asked know every name in one.

    situation = { word } ;
    word      = key "=" value ;
    key       = "at" | "event" | "attacker" | "victim" | "object" | "host" | "region" | "class" | "provoked"
              | "lawful" | "zones" | "data" | "elapsed_s" | "fact" | "deed" ;
    fact      = what ":" of [ ":" by [ ":" says ] ] "@" time ;   (e.g. exit:us-qa:US@2025-09-09T12:00:00Z)
    deed      = clause ":" by "@" seconds ;                      (e.g. W1:US@30: done 30 s after it was owed)

zones are joined by commas; fact and deed may stand several times.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NoReturn, get_args

from foedus.document import Place, error_at, name_found, suggest
from foedus.errors import DocumentError
from foedus.pact.clauses import Pact
from foedus.pact.force import Fact
from foedus.pact.meaning.situation import UNATTRIBUTED, Situation, parse_situation
from foedus.pact.meaning.states import STATES, near_state
from foedus.pact.words import Region

KEYS: Final = (
    "at", "event", "attacker", "victim", "object", "host", "region", "class", "provoked", "lawful", "zones",
    "data", "elapsed_s", "fact", "deed",
)  # fmt: skip
NOBODY: Final = "nobody"
"""As host: the territory of no state."""


def situation_of_words(text: str, *, file: str, at: datetime | None = None) -> Situation:
    """The situation in `key=value` words; DocumentError for the first mistake. at: if no word says when."""
    lines: list[str] = []
    listed: dict[str, list[str]] = {"fact": [], "deed": []}
    seen: list[str] = []
    for word in text.split():
        key, equals, value = word.partition("=")
        if not equals or not value:
            _fail(file, word, name_found(word), "key=value, such as attacker=IL")
        if key not in KEYS:
            _fail(file, key, f"unknown key {name_found(key)}", suggest(key, KEYS))
        if key in listed:
            listed[key].append(_fact(value, file) if key == "fact" else _deed(value, file))
            continue
        if key in seen:
            _fail(file, key, f"{key} twice", "each key once; only fact and deed may stand several times")
        seen.append(key)
        lines.append(f"{key} = {_value(key, value, file)}")
    if "at" not in seen and at is not None:
        lines.append(f"at = {at.isoformat()}")
    lines += [f"{key}s = [{', '.join(values)}]" for key, values in listed.items() if values]
    try:
        return parse_situation("\n".join(lines), file=file)
    except DocumentError as error:  # the lines are ours, so their numbers would mislead
        raise DocumentError(
            file=file, line=0, path=error.path, found=error.found, expected=error.expected
        ) from None


def _fail(file: str, path: str, found: str, expected: str) -> NoReturn:
    raise DocumentError(file=file, line=0, path=path, found=found, expected=expected)


def _value(key: str, value: str, file: str) -> str:
    """The value as TOML has it."""
    if key == "at":
        return _instant(value, key, file)
    if key == "elapsed_s":
        return str(_number(value, key, file))
    if key == "zones":
        return json.dumps(value.split(","))
    return json.dumps("" if (key, value) == ("host", NOBODY) else value)


def _instant(value: str, key: str, file: str) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        _fail(file, key, name_found(value), "a time such as 2025-09-09 or 2025-09-09T12:46:00Z")
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).isoformat()


def _number(value: str, key: str, file: str) -> float:
    try:
        return float(value)
    except ValueError:
        _fail(file, key, name_found(value), "a number of seconds")


def _fact(value: str, file: str) -> str:
    said, at_sign, when = value.rpartition("@")
    parts = said.split(":")
    if not at_sign or len(parts) not in (2, 3, 4):
        _fail(file, "fact", name_found(value), "WHAT:OF[:BY[:SAYS]]@TIME, such as exit:us-qa:US@2025-09-09")
    named = zip(("what", "of", "by", "says"), parts, strict=False)
    fields = [f"{key} = {json.dumps(part)}" for key, part in named]
    return "{ " + ", ".join([*fields, f"at = {_instant(when, 'fact', file)}"]) + " }"


def _deed(value: str, file: str) -> str:
    said, at_sign, after = value.rpartition("@")
    parts = said.split(":")
    if not at_sign or len(parts) != 2:
        _fail(file, "deed", name_found(value), "CLAUSE:PARTY@SECONDS, such as W1:US@30")
    seconds = _number(after, "deed", file)
    return f"{{ clause = {json.dumps(parts[0])}, by = {json.dumps(parts[1])}, after_s = {seconds} }}"


# ---------------------------------------------------------------- names


def check_situation(
    situation: Situation, pacts: Sequence[Pact], *, file: str, text: str = "", place: Place = ()
) -> None:
    """Nothing; DocumentError for the first id, region or zone of which neither the pacts nor STATES know.

    text, place: where the situation stands in the document that the error is to name.
    """
    parties = _ids(pacts)
    victim = [("victim", situation.victim)] if situation.victim or situation.event != "none" else []
    attacker = [] if situation.attacker == UNATTRIBUTED else [("attacker", situation.attacker)]
    host = [("host", situation.host)] if situation.host else []
    for key, one in (*attacker, *victim, *host):
        if one not in parties and one not in STATES:
            raise error_at(
                text, (*place, key), file=file, found=_found_id(one, pacts), expected=_expected_id(one, pacts)
            )
    regions = get_args(Region)
    if situation.region is not None and situation.region not in regions:
        found = name_found(situation.region)
        raise error_at(
            text, (*place, "region"), file=file, found=found, expected=suggest(situation.region, regions)
        )
    zones = list(dict.fromkeys(zone.id for pact in pacts for zone in pact.zone))
    for zone in situation.zones:
        if zone not in zones:
            raise error_at(
                text, (*place, "zones"), file=file, found=name_found(zone), expected=suggest(zone, zones)
            )
    _check_facts(situation.facts, pacts, file=file, text=text, place=place)
    clauses = list(dict.fromkeys(clause.id for pact in pacts for clause in pact.clause))
    for index, deed in enumerate(situation.deeds):
        for key, one, known in (("clause", deed.clause, clauses), ("by", deed.by, list(parties))):
            if one not in known:
                where = (*place, "deeds", index, key)
                raise error_at(text, where, file=file, found=name_found(one), expected=suggest(one, known))


def _check_facts(facts: Iterable[Fact], pacts: Sequence[Pact], *, file: str, text: str, place: Place) -> None:
    parties = list(dict.fromkeys(party.id for pact in pacts for party in pact.party))
    clauses = list(dict.fromkeys(clause.id for pact in pacts for clause in pact.clause))
    known = {
        "met": [milestone.id for pact in pacts for milestone in pact.milestone],
        "exit": [pact.pact for pact in pacts],
        "suspended": clauses,
        "resumed": clauses,
        "casus": clauses,
        "joined": parties,
        "left": parties,
    }
    for index, fact in enumerate(facts):
        allowed = known.get(fact.what)
        if allowed is not None and fact.of not in allowed:
            where = (*place, "facts", index, "of")
            raise error_at(
                text, where, file=file, found=name_found(fact.of), expected=suggest(fact.of, allowed)
            )


def _ids(pacts: Sequence[Pact]) -> dict[str, str]:
    """Every party and state that the texts name, with its name, in order."""
    parties = {one.id: one.name for pact in pacts for one in pact.party}
    return parties | {one.id: one.name for pact in pacts for one in pact.state if one.id not in parties}


def _found_id(one: str, pacts: Sequence[Pact]) -> str:
    return f"{name_found(one)}, which no text names" if one else "nobody"


def _expected_id(one: str, pacts: Sequence[Pact]) -> str:
    ids = _ids(pacts)
    by_name = {name.casefold(): id_ for id_, name in ids.items()}
    if one.casefold() in by_name:
        return f"its id, {by_name[one.casefold()]}"
    listed = suggest(one, ids)
    near = near_state(one)
    hint = f" (did you mean {near}?)" if near and "did you mean" not in listed else ""
    return f"{listed}, {UNATTRIBUTED} for an attacker, or the two-letter code of a state{hint}"


def words_of(situation: Situation) -> str:
    """The situation in words that `situation_of_words` reads back, facts and deeds left out."""
    parts = [f"at={situation.at.isoformat()}", f"event={situation.event}"]
    if situation.event != "none":
        parts += [
            f"attacker={situation.attacker}",
            f"victim={situation.victim}",
            f"object={situation.object}",
        ]
    if situation.host is not None and situation.host != situation.victim:
        parts.append(f"host={situation.host or NOBODY}")
    if situation.region:
        parts.append(f"region={situation.region}")
    parts.append(f"class={situation.track_class.name.lower()}")
    parts += [f"{key}={value}" for key, value, usual in _marks(situation) if value != usual]
    if situation.zones:
        parts.append(f"zones={','.join(situation.zones)}")
    return " ".join(parts)


def _marks(situation: Situation) -> tuple[tuple[str, str, str], ...]:
    data = situation.data.name.lower()
    return (
        ("provoked", situation.provoked, "no"),
        ("lawful", situation.lawful, "yes"),
        ("data", data, "tracks"),
    )
