"""Small pacts for the tests of the static checks, and ways to ask what is found in them."""

from datetime import UTC, datetime
from pathlib import Path

from foedus.pact.checks import Finding, check_all, check_pact
from foedus.pact.clauses import Pact
from foedus.pact.meaning.world import World
from foedus.pact.reading.text import parse_pact

WORLDS = Path(__file__).parents[1] / "pact_worlds"
RSC = (WORLDS / "rsc.toml").read_text("utf-8")
AT = datetime(2024, 6, 1, tzinfo=UTC)

HEAD = """
foedus = 1
pact = "{pact}"
version = "1"
title = "t"
date = 2020-01-01
[basis]
instrument = "an arrangement for a test"
binding = "law"
evidence = "stylised"
form = "arrangement"
"""
TERM = (
    '[[clause]]\nid = "T"\nkind = "term"\ntext = "t"\ncite = "c"\nbasis = "stylised"\nin_force = 2020-01-01\n'
)


def party(id_: str, role: str = "member", more: str = "") -> str:
    return f'[[party]]\nid = "{id_}"\nname = "{id_}"\nrole = "{role}"\nregions = ["gulf"]\n{more}\n'


def zone(id_: str, south: int) -> str:
    corners = f"[[{south}, 10], [{south + 1}, 10], [{south + 1}, 11], [{south}, 11]]"
    return f'[[zone]]\nid = "Z{id_}"\nowner = "{id_}"\nsource = "invented"\npolygon = {corners}\n'


def clause(id_: str, kind: str, fields: str) -> str:
    return (
        f'[[clause]]\nid = "{id_}"\nkind = "{kind}"\ntext = "t"\ncite = "c"\nbasis = "stylised"\n{fields}\n'
    )


def casus(id_: str = "C", by: str = '["external"]', more: str = "", of: str = '"any"') -> str:
    terms = f'event = ["attack"]\nobject = ["any"]\nof = {of}\nby = {by}\ndetermined_by = ["each"]\n'
    return clause(id_, "casus", terms + more)


def warn(id_: str, by: str, to: str, more: str = "") -> str:
    fields = (
        f'by = {by}\nto = {to}\ncontent = "alert"\nhorizon_s = 600\nprobability = 0.5\nrenew_s = 30\n'
        f"expires_s = 120\nack_s = 60\n{more}"
    )
    return clause(id_, "warn", fields if "within_s" in more else fields + "\nwithin_s = 60\n")


def share(id_: str, giver: str, taker: str, more: str = "", form: str = "track", data: str = "tracks") -> str:
    fields = f'from = {giver}\nto = {taker}\ndata = "{data}"\nform = "{form}"\n{more}'
    return clause(id_, "share", fields)


def pact(*parts: str, name: str = "p") -> Pact:
    return parse_pact(HEAD.format(pact=name) + "\n".join(parts) + TERM, file=name)


def found(text: str | Pact, number: str = "", world: World | None = None) -> list[Finding]:
    """What is found in one pact by one check."""
    one = parse_pact(text, file="x") if isinstance(text, str) else text
    findings = check_pact(one, at=AT, facts=(world or World()).fact, world=world or World())
    return [finding for finding in findings if not number or finding.number == number]


def together(*pacts: Pact, number: str = "") -> list[Finding]:
    """What is found in several pacts that none has alone."""
    return [finding for finding in check_all(pacts, at=AT) if not number or finding.number == number]


def without(text: str, *ids: str) -> str:
    """The text without these clauses."""
    head, *clauses = text.split("[[clause]]")
    kept = [one for one in clauses if not any(f'id = "{id_}"\n' in one for id_ in ids)]
    assert len(kept) == len(clauses) - len(ids)
    return "[[clause]]".join([head, *kept])


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)
