"""`foedus pact negotiate`: what the positions of several sides can end in."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from foedus.pact.negotiating.negotiate import Conflict, Decider, Entry, Outcome, Package, negotiate
from foedus.pact.negotiating.positions import Negotiation, Positions, read_positions, without

if TYPE_CHECKING:
    from rich.table import Table

ROWS_MAX = 20
"""Packages shown without --all."""


@click.command(name="negotiate")
@click.argument("file", metavar="POSITIONS", type=click.Path(path_type=Path))
@click.option("--drop", "dropped", metavar="TERM", multiple=True, help="As if this concession were dropped.")
@click.option("--ledger", is_flag=True, help="Demands and concessions, one by one, with what hangs on each.")
@click.option("--all", "show_all", is_flag=True, help=f"Every acceptable package, not only {ROWS_MAX}.")
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object per line: the outcome, then its parts."
)
def negotiate_command(
    file: Path, dropped: tuple[str, ...], ledger: bool, show_all: bool, as_json: bool
) -> None:
    """Say which packages all sides can agree to, which are best, and what blocks or decides.

    Exit code 0: some package is acceptable to all; 1: none is, or the file is broken; 2: called wrongly.

    Example: foedus pact negotiate pacts/negotiations/us-sa-il.toml --ledger
    """
    positions, draft = read_positions(file)
    for term in dropped:
        known = [offer.term for position in positions.position for offer in position.concession]
        if term not in known:
            raise click.BadParameter(f"{term!r} is none of {', '.join(known)}", param_hint="--drop")
        positions = without(positions, term)
    outcome = negotiate(Negotiation(positions, draft))
    if as_json:
        _print_json(outcome)
    elif ledger:
        _print_ledger(positions, outcome)
    else:
        _print_outcome(positions, outcome, None if show_all else ROWS_MAX)
    if not outcome.acceptable:
        raise SystemExit(1)


PARTS = {
    "acceptable": "package",
    "undetermined": "package",
    "conflicts": "conflict",
    "near_misses": "near_miss",
    "deciders": "decider",
    "ledger": "entry",
}
"""Parts of the outcome, and what one line of each is called in JSON."""


def _print_json(outcome: Outcome) -> None:
    whole = {key: value for key, value in msgspec.structs.asdict(outcome).items() if key not in PARTS}
    click.echo(msgspec.json.encode({"line": "outcome", **whole}))
    for part, name in PARTS.items():
        for row in getattr(outcome, part):
            click.echo(msgspec.json.encode({"line": name, **msgspec.structs.asdict(row)}))


# ---------------------------------------------------------------- for people


def _say(text: str = "") -> None:
    from rich.console import Console
    from rich.text import Text

    Console().print(Text(text))


def _head(positions: Positions, outcome: Outcome) -> None:
    from rich.console import Console
    from rich.text import Text

    Console().print(Text(f"{positions.title} ({positions.negotiation}, {positions.date})", style="bold"))
    _say(positions.note)
    sets = 1 << len(positions.term)
    _say(
        f"{outcome.draft} has {outcome.variants} variants; with {sets} sets of the terms beside it that "
        f"makes {outcome.packages:,} packages."
    )


def _print_outcome(positions: Positions, outcome: Outcome, rows_max: int | None) -> None:
    from rich.console import Console

    _head(positions, outcome)
    sides = _and(outcome.sides)
    if outcome.acceptable:
        front = sum(package.front for package in outcome.acceptable)
        _say(
            f"{sides} can all agree to {len(outcome.acceptable)} of them. {front} of these are on the Pareto "
            "front (*): nothing else gives one side more without giving another less."
        )
        common = _common(outcome.acceptable)
        if common:
            _say(f"All of them have {', '.join(common)}.")
        Console().print(_packages(positions, outcome, common, rows_max))
        for line in _caption(positions):
            _say(line)
        _print_deciders(outcome)
        _print_concessions(outcome)
    else:
        _say(f"No package is certainly acceptable to {sides}.")
        _print_conflicts(outcome.conflicts)
        _print_near_misses(outcome)
    if outcome.undetermined:
        terms = dict.fromkeys(term for package in outcome.undetermined for term in package.rests_on)
        count = len(outcome.undetermined)
        _say(f"{count} packages are undetermined; they depend on unknown {', '.join(terms)}.")


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _parts(package: Package) -> list[str]:
    return [*(f"{bracket}:{choice}" for bracket, choice in package.choices.items()), *package.terms]


def _common(packages: Sequence[Package]) -> list[str]:
    """What is in every package, where there is more than one to compare."""
    rest = packages[1:]
    return [part for part in _parts(packages[0]) if rest and all(part in _parts(package) for package in rest)]


def _packages(positions: Positions, outcome: Outcome, common: Sequence[str], rows_max: int | None) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("", "besides" if common else "package"):
        table.add_column(name)
    for side in outcome.sides:
        table.add_column(side, justify="right")
    ranks = {
        position.party: sorted({package.values[position.party] for package in outcome.acceptable})
        for position in positions.position
        if position.compare == "order"
    }
    shown = sorted(outcome.acceptable, key=lambda package: not package.front)[:rows_max]
    for package in shown:
        values = [
            f"{_place(ranks[side], package.values[side])}." if side in ranks else f"{package.values[side][0]}"
            for side in outcome.sides
        ]
        rest = [part for part in _parts(package) if part not in common]
        table.add_row("*" if package.front else "", " ".join(rest) or "nothing else", *values)
    if len(shown) < len(outcome.acceptable):
        table.add_row("", f"and {len(outcome.acceptable) - len(shown)} more: --all")
    return table


def _place(ranked: Sequence[tuple[int, ...]], value: tuple[int, ...]) -> int:
    return len(ranked) - ranked.index(value)


def _caption(positions: Positions) -> list[str]:
    weighing = [one.party for one in positions.position if one.compare == "weight"]
    ordering = [one.party for one in positions.position if one.compare == "order"]
    lines = []
    if weighing:
        lines.append(
            f"{_and(weighing)}: weights of the preferences that hold, less the costs of what it gives."
        )
    if ordering:
        lines.append(f"{_and(ordering)}: place in its own order; equals share a place.")
    return lines


def _print_deciders(outcome: Outcome) -> None:
    choices = [one for one in outcome.deciders if one.kind != "approval" and one.packages]
    total = len(outcome.acceptable)
    if choices:
        most = choices[0].packages
        names = _and([one.what for one in choices if one.packages == most])
        _say(f"Decides most: {names}. A change there alone spoils {_of(most, total)}.")
    groups: dict[tuple[int, tuple[str, ...]], list[Decider]] = {}
    for one in outcome.deciders:
        if one.kind == "approval" and one.packages:
            groups.setdefault((one.packages, one.duties), []).append(one)
    for (packages, duties), approvals in groups.items():
        names = _and([one.what for one in approvals])
        without_it = f"without it nothing is owed by {', '.join(duties)}"
        _say(f"{names}: needed by {_of(packages, total)}; {without_it}.")


def _of(count: int, total: int) -> str:
    return f"all {total}" if count == total else f"{count} of {total}"


def _print_concessions(outcome: Outcome) -> None:
    total = len(outcome.acceptable)
    for entry in outcome.ledger:
        if entry.kind == "concession" and entry.met:
            _say(f"Without {entry.party}'s concession {entry.what}: {_left(entry, total)}.")


def _left(entry: Entry, total: int) -> str:
    if not entry.left:
        why = "; or ".join(" / ".join(one.requirements) for one in entry.blocked_by[:2])
        return f"nothing is left ({why})" if why else "nothing is left"
    falls = f"{', '.join(entry.falls)} fall" if entry.falls else "no clause falls"
    return f"{entry.left} of {total} are left, and {falls}"


def _print_conflicts(conflicts: Sequence[Conflict]) -> None:
    if conflicts:
        size = len(conflicts[0].requirements)
        what = "one requirement" if size == 1 else f"{size} requirements"
        _say(f"What blocks: {what} that no package meets together, while any fewer of them can be met:")
    for number, conflict in enumerate(conflicts, 1):
        _say(f"  {number}. {'; '.join(conflict.requirements)}")


def _print_near_misses(outcome: Outcome) -> None:
    if not outcome.near_misses:
        _say("No single concession opens a package.")
    for miss in outcome.near_misses:
        count = "one package" if miss.opens == 1 else f"{miss.opens} packages"
        _say(f"If {miss.change}, {count} would be acceptable, such as {miss.package}.")


def _print_ledger(positions: Positions, outcome: Outcome) -> None:
    from rich.console import Console
    from rich.table import Table

    _head(positions, outcome)
    total = len(outcome.acceptable)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("who", "demands, or gives", "status", "in", "links", "clauses", "without it"):
        table.add_column(name, overflow="fold")
    for entry in outcome.ledger:
        row: list[Any] = [
            entry.party,
            f"{entry.says}: {entry.reads}" if entry.kind == "demand" else f"gives {entry.what}: {entry.says}",
            entry.status,
            f"{entry.met}/{total}",
            " ".join(entry.links) or "-",
            " ".join(entry.clauses) or "-",
            "" if entry.kind == "demand" or not total else _left(entry, total),
        ]
        table.add_row(*row)
    Console().print(table)
    _say(
        "in: acceptable packages in which it is met or given. clauses: what rests on it, also through links."
    )
