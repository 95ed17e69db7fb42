"""How `foedus pact explain` prints an opinion: duties, flows, silence and its grounds, and the roster."""

from collections.abc import Sequence

from foedus.cli.terminal import line, title
from foedus.pact.asking.opinion import Given, Opinion, Owed, PartyOn, together
from foedus.pact.asking.sentences import listed, plain

VERBS = {
    "regard": "regards it as",
    "consult": "consults",
    "notify": "notifies",
    "assist": "assists",
    "warn": "warns",
    "share": "gives",
    "cooperate": "cooperates with",
    "forbear": "refrains, toward",
}

PAIRS_SHOWN = 8
"""Pairs between whom nothing flows that are printed for one reason; --json has them all."""


def print_opinion(one: Opinion) -> None:
    """One pact's opinion, for people."""
    title(f"{one.title} ({one.pact} {one.version}, binding: {one.binding})")
    line(f"Asked: {one.situation}; on {one.at}.")
    _print_force(one)
    print_roster(one.roster)
    title("Who owes what")
    for duty in _once(one.owed):
        line(f"  {duty_line(duty)}")
        line(f"      because {duty.because}" if duty.truth == "yes" else f"      {_doubt(duty)}", "dim")
        for remedy in duty.follows:
            line(f"      {remedy}")
    if not one.owed:
        line("  no duty")
    title("Who gets what")
    for flow in one.given:
        if flow.truth != "no":
            line(f"  {flow_line(flow)}")
    _print_nothing(one.given)
    if one.unspoken:
        title("Why not")
    for silent in one.unspoken:
        unknown = f" (depends on unknown {listed(silent.depends_on)})" if silent.depends_on else ""
        said = "in doubt" if silent.truth == "undetermined" else "does not speak"
        line(f"  {silent.clause} ({silent.kind}) {said}{unknown}")
        for ground in silent.grounds:
            line(f"      {ground}", "dim")


def _once(owed: Sequence[Owed]) -> list[Owed]:
    """The duties, with what several do together told once."""
    told: dict[tuple[str, ...], Owed] = {}
    for index, duty in enumerate(owed):
        together = duty.kind == "cooperate"
        key = (
            (duty.clause, duty.truth, *sorted((duty.debtor, *duty.creditors))) if together else (str(index),)
        )
        told.setdefault(key, duty)
    return list(told.values())


def _print_force(one: Opinion) -> None:
    if one.in_force == "yes":
        line("In force.")
        return
    said = "Not in force" if one.in_force == "no" else "Whether it is in force is undetermined"
    line(f"{said}: {'; '.join(one.in_force_grounds)}.", "bold red")
    for party, step, clause in one.missing:
        line(f"  missing: {plain(step)} of {party} ({clause or 'no approval clause has it'})")


def print_roster(roster: Sequence[PartyOn]) -> None:
    """Who is a party on that day, and each one's list of adversaries then."""
    named = [one.id for one in roster if one.on_roster == "yes"]
    line(f"Parties on that day: {', '.join(named) or 'none'}.")
    for one in roster:
        if one.on_roster != "yes":
            said = "not" if one.on_roster == "no" else "perhaps"
            line(f"  {one.id} {said}: {one.why}", "dim")
        if one.adversaries:
            line(f"  adversaries of {one.id}: {', '.join(one.adversaries)}")


def duty_line(duty: Owed) -> str:
    """One duty in one line, with its deadline, binding, clause and stage."""
    to = f" {listed(duty.creditors)}" if duty.creditors and duty.kind != "regard" else ""
    says = plain(duty.says) if duty.kind != "notify" else duty.says
    said = f" {says}" if duty.kind == "regard" else f": {says}"
    doubt = "undetermined whether " if duty.truth == "undetermined" else ""
    choice = f", discretion: {plain(duty.discretion)}" if duty.discretion else ""
    return (
        f"{doubt}{duty.debtor} {VERBS[duty.kind]}{to}{said}{choice}{_deadline(duty)}; "
        f"binding: {duty.binding}; {duty.clause}; {plain(duty.stage)}"
        + (f" ({duty.stage_says})" if duty.stage_says else "")
    )


def _deadline(duty: Owed) -> str:
    if duty.kind in ("regard", "forbear") or not duty.within:
        return ""
    clock = {"event": "the event", "cue": "the first cue", "knowledge": "knowing it"}[duty.clock]
    if duty.within.startswith("unknown"):
        return f", by when is not known, from {clock}"
    vague = not duty.within[0].isdigit()
    seconds = f"{duty.within_s:g} s" if duty.within_s is not None else "unknown"
    word = f"'{duty.within}' ({seconds})" if vague else duty.within if "days" in duty.within else seconds
    return f", within {word} from {clock}"


def _doubt(duty: Owed) -> str:
    if duty.depends_on:
        return f"depends on unknown {listed(duty.depends_on)}"
    return "; ".join(duty.grounds)


def flow_line(flow: Given) -> str:
    """One flow in one line, with its form, delay, path and clause."""
    via = f" (hub) via {flow.via}" if flow.via else ""
    delay = ", after a time that is not known" if flow.delay_s is None else ""
    if flow.delay_s:
        delay = f", after {flow.delay_s:g} s"
    source = f", {flow.source}" if flow.source else ""
    pair = f"{flow.giver} gives {flow.taker} {plain(flow.data)}"
    if flow.truth == "yes":
        return f"{pair} as {flow.form}{via}{delay}{source}; {flow.clause}"
    unknown = f"depends on unknown {listed(flow.depends_on)}" if flow.depends_on else "; ".join(flow.grounds)
    most = f", at most {flow.form_max}" if flow.form_max != "none" else ""
    return f"undetermined whether {pair}{most}; {flow.clause}; {unknown}"


def _print_nothing(given: Sequence[Given]) -> None:
    """The pairs between whom nothing flows, those with the same grounds together."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for flow in given:
        if flow.truth == "no":
            grounds = flow.grounds or (f"{flow.clause} closes the way",)
            groups.setdefault(grounds, []).append(f"{flow.giver} to {flow.taker}")
    for grounds, pairs in groups.items():
        more = f" and {len(pairs) - PAIRS_SHOWN} pairs more" if len(pairs) > PAIRS_SHOWN else ""
        line(f"  nothing: {', '.join(pairs[:PAIRS_SHOWN])}{more}")
        for ground in grounds:
            line(f"      {ground}", "dim")
    if not given:
        line("  no clause shares such data; what no clause shares is not released")


def print_together(opinions: Sequence[Opinion]) -> None:
    """What the pacts oblige together."""
    owed, given = together(opinions)
    title(f"Together ({', '.join(one.pact for one in opinions)})")
    for duty, pact in owed:
        line(f"  {pact}: {duty_line(duty)}")
    for flow, pact in given:
        if flow.truth != "no":
            line(f"  {pact}: {flow_line(flow)}")
    if not owed and not any(flow.truth != "no" for flow, _ in given):
        line("  no duty and no flow")
