"""Whether each clause makes sense beside the tables and the clauses that it names; one function per kind."""

from foedus.document import Place, name_found
from foedus.model import Form, TrackClass
from foedus.pact.clauses import (
    Approval,
    Assist,
    Casus,
    Caveat,
    Clause,
    Consult,
    Cooperate,
    Forbear,
    Notify,
    Precedence,
    Purpose,
    Record,
    Regard,
    Remedy,
    Reservation,
    Route,
    Selector,
    Share,
    Suspend,
    Term,
    Warn,
    Where,
    Withhold,
)
from foedus.pact.reading.lookup import DAY_S, DECIDERS, Lookup
from foedus.pact.variants import exclude_each_other
from foedus.pact.words import BODIES

SHARE_FORMS = (Form.REGION, Form.COARSE, Form.TRACK)


def check_options(look: Lookup) -> None:
    """Nothing; an error for the first option that the brackets do not offer."""
    offered = {bracket.id: bracket.choices for bracket in look.pact.bracket}
    for i, clause in enumerate(look.pact.clause):
        chosen: dict[str, str] = {}
        for j, option in enumerate(clause.option):
            bracket, colon, choice = option.partition(":")
            here = ("clause", i, "option", j)
            if not colon:
                look.fail(here, name_found(option), "BRACKET:choice")
            look.known(here, bracket, offered, "a bracket: ")
            look.known(here, choice, offered[bracket], f"a choice of {bracket}: ")
            if bracket in chosen:
                found = f"{bracket}:{choice} beside {bracket}:{chosen[bracket]}"
                look.fail(here, found, "one choice of each bracket, for all must be made")
            chosen[bracket] = choice


def check_clauses(look: Lookup) -> None:
    """Nothing; an error for the first clause that makes no sense, in the order of the text."""
    routed: list[tuple[int, tuple[str, str]]] = []
    for i, clause in enumerate(look.pact.clause):
        place: Place = ("clause", i)
        _common(look, place, clause)
        _check(look, place, clause)
        if isinstance(clause, Route):
            _route(look, place, clause, routed)
            routed += [(i, (min(pair), max(pair))) for pair in clause.pairs]


def _common(look: Lookup, place: Place, clause: Clause) -> None:
    look.citation((*place, "cite"), clause.cite)
    look.period(place, clause.since, clause.until)


def _check(look: Lookup, place: Place, clause: Clause) -> None:  # noqa: PLR0912 - one line per kind
    match clause:
        case Casus():
            _casus(look, place, clause)
        case Regard():
            _on_casus(look, place, clause, clause.casus)
            look.selector((*place, "by"), clause.by)
        case Consult():
            _consult(look, place, clause)
        case Notify():
            _notify(look, place, clause)
        case Assist():
            _on_casus(look, place, clause, clause.casus)
            by = look.selector((*place, "by"), clause.by)
            _another(look, place, clause.to, by, look.creditor((*place, "to"), clause.to, clause.casus))
            look.span((*place, "within_s"), clause.within_s)
        case Warn():
            _warn(look, place, clause)
        case Share() | Withhold():
            _data(look, place, clause)
        case Caveat():
            _caveat(look, place, clause)
        case Purpose():
            _clauses(look, place, "on", clause, clause.on, (Share, Warn), "a share or warn clause")
            look.once((*place, "allow"), clause.allow)
        case Cooperate():
            look.selector((*place, "who"), clause.who)
            look.span((*place, "every_d"), clause.every_d)
            if clause.observers is not None:
                look.selector((*place, "observers"), clause.observers)
        case Forbear():
            look.selector((*place, "by"), clause.by)
            look.once((*place, "acts"), clause.acts)
            look.attackers((*place, "toward"), clause.toward)
        case Record():
            _record(look, place, clause)
        case Approval():
            _approval(look, place, clause)
        case Term():
            _term(look, place, clause)
        case Suspend():
            _suspend(look, place, clause)
        case Reservation():
            _reservation(look, place, clause)
        case Precedence():
            _precedence(look, place, clause)
        case Remedy():
            _remedy(look, place, clause)


def _on_casus(look: Lookup, place: Place, clause: Clause, casus: str | None) -> None:
    if casus is not None:
        look.reference((*place, "casus"), casus, clause, (Casus,), "a casus clause")


def _remedy(look: Lookup, place: Place, clause: Remedy) -> None:
    """A remedy; `attacked` may stand in it where each clause that it is about has a casus."""
    _clauses(look, place, "on", clause, clause.on)
    casus = [getattr(one, "casus", None) for one in look.pact.clause if one.id in clause.on]
    found = None if None in casus else casus[0]
    look.creditor((*place, "by"), clause.by, found)
    look.creditor((*place, "to"), clause.to, found)
    look.span((*place, "within_s"), clause.within_s)


def _clauses(
    look: Lookup,
    place: Place,
    field: str,
    clause: Clause,
    names: tuple[str, ...],
    kinds: tuple[type, ...] = (),
    what: str = "a clause",
) -> None:
    look.once((*place, field), names)
    for j, name in enumerate(names):
        here = (*place, field, j)
        look.reference(here, name, clause, kinds, what)
        if name == clause.id:
            look.fail(here, f"{name} itself", "another clause")


def _another(look: Lookup, place: Place, selector: Selector, by: int, to: int) -> None:
    if by == to and by.bit_count() == 1 and selector != "attacked":
        look.fail((*place, "to"), "the debtor itself", "another party")


def _classes(look: Lookup, place: Place, classes: tuple[TrackClass, ...]) -> None:
    look.once((*place, "classes"), [item.name.lower() for item in classes])


# ---------------------------------------------------------------- triggers and duties


def _casus(look: Lookup, place: Place, clause: Casus) -> None:
    look.once((*place, "event"), clause.event)
    look.once((*place, "object"), clause.object)
    look.selector((*place, "of"), clause.of)
    look.attackers((*place, "by"), clause.by)
    look.loci((*place, "loci"), clause.loci)
    look.selector((*place, "determined_by"), clause.determined_by, DECIDERS)
    _classes(look, place, clause.classes)
    look.once((*place, "exclude"), clause.exclude)


def _consult(look: Lookup, place: Place, clause: Consult) -> None:
    _on_casus(look, place, clause, clause.casus)
    by = look.selector((*place, "by"), clause.by)
    _another(look, place, clause.to, by, look.creditor((*place, "to"), clause.to, clause.casus))
    look.once((*place, "also"), clause.also)
    look.span((*place, "within_s"), clause.within_s)
    look.selector((*place, "called_by"), clause.called_by)


def _notify(look: Lookup, place: Place, clause: Notify) -> None:
    _on_casus(look, place, clause, clause.casus)
    by = look.selector((*place, "by"), clause.by)
    to = look.creditor((*place, "to"), clause.to, clause.casus, BODIES)
    _another(look, place, clause.to, by, to)
    look.span((*place, "within_s"), clause.within_s)
    look.span((*place, "lead_s"), clause.lead_s)


def _warn(look: Lookup, place: Place, clause: Warn) -> None:
    _on_casus(look, place, clause, clause.casus)
    by = look.selector((*place, "by"), clause.by)
    to = look.creditor((*place, "to"), clause.to, clause.casus)
    if by == to and by.bit_count() == 1:
        look.fail((*place, "to"), "the warner itself", "another party")
    _classes(look, place, clause.classes)
    owned = [zone.id for zone in look.pact.zone if zone.owner and to & look.bits[zone.owner]]
    if not owned:
        look.fail((*place, "to"), "parties that own no zone", "a party that owns a zone to be warned of")
    look.list_of((*place, "zones"), clause.zones, owned)
    look.attackers((*place, "against"), clause.against)
    _soon(look, (*place, "within_s"), clause.within_s)
    if clause.renew_s > clause.expires_s:
        found = f"{clause.renew_s:g} s, after the warning has expired"
        look.fail((*place, "renew_s"), found, f"at most expires_s = {clause.expires_s:g}")
    kinds, what = (Caveat, Withhold), "a caveat or withhold clause"
    _clauses(look, place, "notwithstanding", clause, clause.notwithstanding, kinds, what)


def _soon(look: Lookup, place: Place, within_s: float | str) -> None:
    """A node sends warnings: its deadline is at most a day."""
    look.span(place, within_s)
    seconds = look.pact.words.get(within_s, 0.0) if isinstance(within_s, str) else within_s
    if seconds > DAY_S:
        said = f"{within_s}, " if isinstance(within_s, str) else ""
        look.fail(place, f"{said}{seconds:g} s", f"at most {DAY_S} seconds, for a node sends the warning")


# ---------------------------------------------------------------- data


def _data(look: Lookup, place: Place, clause: Share | Withhold) -> None:
    givers = look.selector((*place, "from"), clause.giver)
    takers = look.selector((*place, "to"), clause.taker)
    if givers == takers and givers.bit_count() == 1:
        look.fail((*place, "to"), "the giver itself", "another party")
    _classes(look, place, clause.classes)
    look.list_of((*place, "zones"), clause.zones, look.zone_ids)
    _on_casus(look, place, clause, clause.casus)
    if not isinstance(clause, Share):
        if len(clause.ground) > 500:
            look.fail((*place, "ground"), name_found(clause.ground), "text of 0 to 500 characters")
        return
    if isinstance(clause.form, Form):
        _form(look, (*place, "form"), clause.form)
    look.span((*place, "delay_s"), clause.delay_s, zero=True)
    if clause.need_to_know and not any(
        zone.owner and takers & look.bits[zone.owner] for zone in look.pact.zone
    ):
        expected = "a taker that owns a zone, for only what lies in its own zones would be given"
        look.fail((*place, "need_to_know"), "takers that own no zone", expected)
    kinds, what = (Withhold,), "a withhold clause"
    _clauses(look, place, "notwithstanding", clause, clause.notwithstanding, kinds, what)


def _form(look: Lookup, place: Place, form: Form) -> None:
    reasons = {
        Form.SOURCE: "plots with their sensor are not shared yet",
        Form.ALERT: "an alert is what a warn clause gives",
        Form.NONE: "to give nothing, write a withhold clause",
    }
    if form not in SHARE_FORMS:
        names = ", ".join(allowed.name.lower() for allowed in SHARE_FORMS)
        look.fail(place, name_found(form.name.lower()), f"one of {names}; {reasons[form]}")


def _route(look: Lookup, place: Place, clause: Route, routed: list[tuple[int, tuple[str, str]]]) -> None:
    look.known((*place, "via"), clause.via, look.party_ids)
    if look.party(clause.via).role != "hub":
        look.fail((*place, "via"), f"{clause.via}, which is no hub", "the hub of the pact")
    before = {pair: True for i, pair in routed if not exclude_each_other(look.pact.clause[i], clause)}
    for j, pair in enumerate(clause.pairs):
        here = (*place, "pairs", j)
        ordered = look.pair(here, pair)
        if clause.via in pair:
            found = f"a pair with {clause.via} itself"
            look.fail(here, found, f"pairs that can both reach {clause.via}")
        if ordered in before:
            look.fail(here, f"{pair[0]} and {pair[1]} again", "each pair at most once")
        before[ordered] = True


def _caveat(look: Lookup, place: Place, clause: Caveat) -> None:
    rel_to = look.selector((*place, "rel_to"), clause.rel_to)
    look.selector((*place, "originator"), clause.originator)
    look.once((*place, "on"), clause.on)
    for j, name in enumerate(clause.on):
        here = (*place, "on", j)
        for i in look.reference(here, name, clause, (Share,), "a share clause"):
            share = look.pact.clause[i]
            assert isinstance(share, Share)
            outside = look.selector(("clause", i, "to"), share.taker) & ~rel_to
            if outside:
                left_out = ", ".join(id_ for k, id_ in enumerate(look.party_ids) if outside >> k & 1)
                found = f"{name}, which gives to {left_out}"
                look.fail(here, found, "clauses that give only to parties of rel_to")
    if clause.onward is not None:
        look.selector((*place, "onward", "to"), clause.onward.to)
        allowed = (Form.NONE, Form.ALERT, *SHARE_FORMS)
        if clause.onward.max_form not in allowed:
            names = ", ".join(form.name.lower() for form in allowed)
            found = name_found(clause.onward.max_form.name.lower())
            look.fail((*place, "onward", "max_form"), found, f"one of {names}")
        if not clause.onward.strip_source:
            expected = "true: a hub never tells from whom its rows come"
            look.fail((*place, "onward", "strip_source"), "false", expected)


def _record(look: Lookup, place: Place, clause: Record) -> None:
    look.once((*place, "log"), clause.log)
    look.once((*place, "secrecy"), clause.secrecy)
    look.span((*place, "keep_d"), clause.keep_d)
    look.span((*place, "disclose_after_d"), clause.disclose_after_d, zero=True)
    if clause.disclose_to is not None:
        look.selector((*place, "disclose_to"), clause.disclose_to)


# ---------------------------------------------------------------- force, exceptions, rank


def _approval(look: Lookup, place: Place, clause: Approval) -> None:
    look.known((*place, "by"), clause.by, look.party_ids, "one party: ")
    look.once((*place, "steps"), clause.steps)
    for j, done in enumerate(clause.done):
        look.known((*place, "done", j, "step"), done.step, clause.steps, "a step of steps: ")
    look.once((*place, "done"), [done.step for done in clause.done])
    look.span((*place, "wait_d"), clause.wait_d, zero=True)


def _term(look: Lookup, place: Place, clause: Term) -> None:
    if clause.since is not None:
        look.fail((*place, "since"), clause.since.isoformat(), "in_force, for the beginning of the pact")
    if clause.in_force and clause.until and clause.in_force >= clause.until:
        look.fail((*place, "until"), clause.until.isoformat(), "an end after in_force")
    look.span((*place, "duration_y"), clause.duration_y)
    if clause.exit is not None:
        look.span((*place, "exit", "notice_d"), clause.exit.notice_d, zero=True)
        look.selector((*place, "exit", "by"), clause.exit.by)
        look.once((*place, "exit", "needs"), clause.exit.needs)


def _suspend(look: Lookup, place: Place, clause: Suspend) -> None:
    _clauses(look, place, "on", clause, clause.on)
    for field, name in (("precedent", clause.precedent), ("subsequent", clause.subsequent)):
        if name is not None:
            look.known((*place, field), name, look.milestone_ids, "a milestone: ")
    if clause.precedent is not None and clause.precedent == clause.subsequent:
        look.fail((*place, "subsequent"), f"{clause.precedent} again", "another milestone than precedent")
    if clause.since is None and clause.precedent is None and clause.subsequent is None:
        look.fail(place, "no since, precedent or subsequent", "what begins or ends the suspension")
    seen: dict[tuple[str, str], bool] = {}
    for j, pair in enumerate(clause.as_to):
        ordered = look.pair((*place, "as_to", j), pair)
        if ordered in seen:
            look.fail((*place, "as_to", j), f"{pair[0]} and {pair[1]} again", "each pair at most once")
        seen[ordered] = True


def _reservation(look: Lookup, place: Place, clause: Reservation) -> None:
    look.known((*place, "by"), clause.by, look.party_ids, "one party: ")
    _clauses(look, place, "on", clause, clause.on)
    _where(look, (*place, "where"), clause.where)
    look.selector((*place, "accepted_by"), clause.accepted_by)


def _where(look: Lookup, place: Place, where: Where) -> None:
    look.once((*place, "event"), where.event)
    look.once((*place, "object"), where.object)
    if where.victim is not None:
        look.selector((*place, "victim"), where.victim)
    look.attackers((*place, "attacker"), where.attacker)
    look.loci((*place, "loci"), where.loci)


def _precedence(look: Lookup, place: Place, clause: Precedence) -> None:
    for field, names in (("over", clause.over), ("under", clause.under)):
        look.once((*place, field), names)
        for j, name in enumerate(names):
            here = (*place, field, j)
            pact, colon, other = name.partition(":")
            if colon and (not pact or not other):
                look.fail(here, name_found(name), "a clause id, pact:ID or pact:*")
            if not colon:
                look.reference(here, name, clause, (), "a clause of this pact, or pact:ID, or pact:*")
            if field == "under" and name in clause.over:
                look.fail(here, f"{name}, which is in over too", "another clause than those in over")
