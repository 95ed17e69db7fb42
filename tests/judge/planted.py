"""Planted bugs: what a faulty program would leave behind, made by running a faulty one or by tampering.

Four ways. TEXT: the nodes, compiler and guard alike, run another text than the one they should, which is what
a compiler that misreads a clause and a guard that errs alike come to. FACTS: they are not told a fact, or are
told it earlier. NODES: what a node wants to send is changed before its guard, which lets everything out.
TAPE: the record of a correct run is tampered with.
"""

import functools
import math
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import msgspec
import numpy as np

import foedus.pact.tables.release as release_module
from foedus.drill.reading import read_drill
from foedus.drill.simulation import Simulation
from foedus.drill.stations import text_played
from foedus.guard import Guard, Passed
from foedus.judge.judge import judge
from foedus.model import SECOND_NS, Form, Reports
from foedus.node import Node
from foedus.pact.reading.text import read_pact
from foedus.wire import Ack, Picture, Warn, decode_message, encode, pack_columns, unpack_columns

HERE = Path(__file__).parent
DRILL = read_drill(HERE / "brief.toml")
PACT = text_played(DRILL, read_pact(HERE / "brief_pact.toml"))
PARTIES = len(PACT.party)


class Plant(NamedTuple):
    """One bug. caught: (kind, rule) of a finding that shows it; one of them is enough."""

    name: str
    run: Callable[[int], object]  # seed -> Run
    caught: tuple[tuple[str, str], ...]
    cheap: bool = False  # needs no run of its own


@functools.lru_cache(maxsize=2)
def correct(seed):
    """The run of the correct program."""
    return Simulation(DRILL, PACT, name="brief", seed=seed).finish()


def play_as(drill, pact, seed):
    """A run of the faulty program, dressed as one of the text and the facts as they should be."""
    run = Simulation(drill, pact, name="brief", seed=seed).finish()
    return dressed(run, seed)


def dressed(run, seed):
    """The run under the digest of the right text."""

    def body(one):
        if one.kind != "picture":
            return one
        message = decode_message(one.body)
        return msgspec.structs.replace(one, body=encode(msgspec.structs.replace(message, pact=PACT.digest)))

    return msgspec.structs.replace(run, pact_digest=PACT.digest, sent=tuple(body(one) for one in run.sent))


# ---------------------------------------------------------------- another text


def with_clause(name, **changes):
    """The text with a clause changed."""
    clauses = tuple(msgspec.structs.replace(one, **changes) if one.id == name else one for one in PACT.clause)
    return msgspec.structs.replace(PACT, clause=clauses)


def without(name):
    """The text without a clause."""
    return msgspec.structs.replace(PACT, clause=tuple(one for one in PACT.clause if one.id != name))


def misread(name, pact, *caught):
    """A program that reads the text as another one."""
    return Plant(name, lambda seed: play_as(DRILL, pact, seed), caught)


def clause(name):
    return next(one for one in PACT.clause if one.id == name)


def finer_hub():
    """Caveat and share of the hub read as if they said `track`."""
    onward = msgspec.structs.replace(clause("O1").onward, max_form=Form.TRACK)
    rows = [
        msgspec.structs.replace(one, **{"O1": {"onward": onward}, "S3": {"form": Form.TRACK}}.get(one.id, {}))
        for one in PACT.clause
    ]
    return msgspec.structs.replace(PACT, clause=tuple(rows))


TEXT = (
    misread("forgets a withhold", without("H1"), ("forbidden", "withhold")),
    misread("ignores a delay", with_clause("S6", delay_s=0.0), ("forbidden", "delay")),
    misread("ignores need_to_know", with_clause("S6", need_to_know=None), ("forbidden", "share")),
    misread("uses the finer form", with_clause("S4", form=Form.TRACK), ("forbidden", "form")),
    misread("gives region where coarse is due", with_clause("S4", form=Form.REGION), ("forbidden", "form")),
    misread("ignores ORCON at the hub", without("O2"), ("forbidden", "onward"), ("forbidden", "orcon")),
    misread("lets the hub give the exact track", finer_hub(), ("forbidden", "form")),
    misread("ignores a route", without("R1"), ("forbidden", "route")),
    misread("ignores the casus of a share", with_clause("S5", casus=None), ("forbidden", "share")),
    misread("forgets a share that it owes", without("S1"), ("silence", "shall")),
    misread("does not warn", with_clause("W1", by=("NOR", "EST")), ("missed_duty", "warn")),
    misread("lets warnings stand too long", with_clause("W1", expires_s=600.0), ("warning", "expiry")),
    misread("warns of what is further off", with_clause("W1", horizon_s=1200.0), ("warning", "measure")),
    misread("reads the class wrong", with_clause("W1", classes=(2, 4)), ("missed_duty", "warn")),
)

# ---------------------------------------------------------------- facts not told


def untold(name, keep, *caught, early=None):
    """A program that does not heed some facts; the judge is told all."""

    def run(seed):
        facts = tuple(one for one in DRILL.fact if keep(one))
        if early is not None:
            facts = tuple(early(one) for one in facts)
        drill = msgspec.structs.replace(DRILL, fact=facts)
        played = play_as(drill, PACT, seed)
        return msgspec.structs.replace(played, told=told_all())

    return Plant(name, run, caught)


@functools.cache
def told_all():
    """Every fact of the drill, as the correct run tells them."""
    return correct(1).told


def _sooner(fact):
    return msgspec.structs.replace(fact, at=DRILL.start) if fact.says == "yes" else fact


FACTS = (
    untold("ignores a suspension", lambda one: one.of != "S4", ("forbidden", "share")),
    untold("ignores the end of a casus", lambda one: one.says != "no", ("forbidden", "share")),
    untold("forwards after a party has left", lambda one: one.what != "left", ("forbidden", "roster")),
    untold("does not heed that the casus is met", lambda one: one.says != "yes", ("silence", "may")),
    untold("acts on a casus before it is declared", lambda one: True, ("forbidden", "share"), early=_sooner),
    untold("does not resume", lambda one: one.what != "resumed", ("silence", "may")),
)  # fmt: skip

# ---------------------------------------------------------------- a node that errs, and a guard that lets it


def faulty(name, edit, *caught, patches=()):
    """A program whose nodes send what `edit` makes of each send; (member, send, seconds) -> sends."""

    def run(seed):
        step = Node.step
        started = {}

        def stepped(self, batch):
            began = started.setdefault("at", batch.time_ns)
            sends = step(self, batch)
            return [
                one for send in sends for one in edit(self.member, send, (batch.time_ns - began) / SECOND_NS)
            ]

        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(Node, "step", stepped))
            stack.enter_context(mock.patch.object(Guard, "check", return_value=Passed(1)))
            for where, what, value in patches:
                stack.enter_context(mock.patch.object(where, what, value))
            return Simulation(DRILL, PACT, name="brief", seed=seed).finish()

    return Plant(name, run, caught)


def as_it_is(member, send, at_s):
    return [send]


def on_warn(change, *, by=None, when=lambda warn, at_s: True):
    """Change what a member's warnings are; None drops them."""

    def edit(member, send, at_s):
        if not isinstance(send.message, Warn) or by not in (None, member) or not when(send.message, at_s):
            return [send]
        return change(send)

    return edit


def said(send, **changes):
    return msgspec.structs.replace(send, message=msgspec.structs.replace(send.message, **changes))


def cancelled(warn, at_s):
    return warn.state == "CANCELLED"


def no_rows(member, send, at_s):
    if not isinstance(send.message, Picture) or (member, send.recipient) != ("NOR", "EST"):
        return [send]
    return [said(send, reports=pack_columns(Reports.empty(0, PARTIES)), clauses=())]


def rows_changed(who, **columns):
    """Change columns of the rows that one party gives; each a function of the rows."""

    def edit(member, send, at_s):
        if not isinstance(send.message, Picture) or (member, send.recipient) != who:
            return [send]
        rows = unpack_columns(send.message.reports, Reports, parties=PARTIES)
        new = {name: change(rows) for name, change in columns.items()}
        return [said(send, reports=pack_columns(rows._replace(**new)))]

    return edit


def straight_on(member, send, at_s):
    """Norland sends Sudland directly what it gives Estland."""
    direct = msgspec.structs.replace(send, recipient="SUD")
    return [send, direct] if (member, send.recipient) == ("NOR", "EST") else [send]


def answers_for_others(member, send, at_s):
    """The hub acknowledges in the place of the member to whom it passes a warning on."""
    if member != "HUB" or not isinstance(send.message, Ack) or send.message.step != "stored":
        return [send]
    person = msgspec.structs.replace(send.message, step="acknowledged", person="duty officer")
    return [msgspec.structs.replace(send, message=person), send]


def only(who, change, when=lambda warn, at_s: True):
    """Change the warnings of one member."""
    return on_warn(change, by=who, when=when)


def for_sud(warn, at_s):
    return warn.to == "SUD"


def dropped(send):
    return []


def to_est(send):
    return [msgspec.structs.replace(send, recipient="EST")]


def to_sud(send):
    return [msgspec.structs.replace(send, recipient="SUD")]


def second_of_entry(send):
    return [said(send, entry_ns=send.message.entry_ns + SECOND_NS)]


def exact_place(send):
    return [said(send, lat_cell_deg=send.message.lat_cell_deg + 0.0123)]


def originator_in_id(send):
    return [said(send, warning=f"HUB-NOR-{send.message.warning[-5:]}")]


def second_id(send):
    return [send, said(send, warning=send.message.warning + "b")]


def live(send):
    return [said(send, mode="LIVE")]


def zone_of_another(send):
    return [said(send, zone="Z-SUD")]


def wrong_clause(send):
    return [said(send, clause="W2")]


MIDDLE = (release_module, "_middle", lambda angle, cells, most: angle)
STEPPED = (release_module, "_stepped", lambda values, exact, coarse, step: values)
CALLSIGN = rows_changed(("EST", "NOR"), callsign=lambda rows: rows.callsign + 1)
NUMBERS = rows_changed(("NOR", "EST"), number=lambda rows: rows.number + np.int32(40))
MARKS = rows_changed(("EST", "HUB"), onward=lambda rows: np.full_like(rows.onward, 3))
CLAUSES = rows_changed(("HUB", "NOR"), clause=lambda rows: rows.clause - 1)
FINER, TEARLINE = ("forbidden", "finer"), ("warning", "tearline")

NODES = (
    faulty("drops a cancel", only("NOR", dropped, cancelled), ("warning", "cancel")),
    faulty("the hub drops a cancel", only("HUB", dropped, cancelled), ("warning", "cancel")),
    faulty("warns late", only("SUD", dropped, lambda _, at_s: at_s < 90), ("late", "warn")),
    faulty("the hub passes no warning on", only("HUB", dropped), ("missed_duty", "relay")),
    faulty("tells the second of entry", on_warn(second_of_entry), TEARLINE),
    faulty("tells the exact place in a warning", on_warn(exact_place), TEARLINE),
    faulty("says LIVE in a drill", on_warn(live), ("warning", "mode")),
    faulty("warns directly where it may not", only("NOR", to_sud, for_sud), ("forbidden", "route")),
    faulty("warns another than the one owed", only("NOR", to_est, for_sud), ("warning", "addressee")),
    faulty("warns of a zone of another", only("SUD", zone_of_another), ("warning", "zone")),
    faulty("names the originator in the hub's id", only("HUB", originator_in_id), ("forbidden", "identity")),
    faulty("tells one threat under two ids", only("SUD", second_id), ("warning", "two_ids")),
    faulty("names the wrong clause for a warning", only("NOR", wrong_clause), ("warning", "owed")),
    faulty("acknowledges for another", answers_for_others, ("warning", "ack")),
    faulty("gives nothing of what it has to give", no_rows, ("silence", "shall")),
    faulty("sends directly where it may not", straight_on, ("forbidden", "route")),
    faulty("sends the exact place in a coarse row", as_it_is, FINER, patches=(MIDDLE,)),
    faulty("sends the exact height in a coarse row", as_it_is, FINER, patches=(STEPPED,)),
    faulty("tells the callsign in a coarse row", CALLSIGN, FINER),
    faulty("gives its own track numbers away", NUMBERS, ("forbidden", "number")),
    faulty("marks rows to go on to everybody", MARKS, ("forbidden", "onward")),
    faulty("names the wrong clause of a row", CLAUSES, ("forbidden", "clause")),
)

# ---------------------------------------------------------------- a record tampered with


def tampered(name, edit, *caught):
    """The record of a correct run, changed by edit(run) -> run."""
    return Plant(name, lambda seed: edit(correct(seed)), caught, cheap=True)


def with_message(run, choose, change):
    """The run with the first message that `choose` takes changed by `change`, to one message or several."""
    sent, done = [], False
    for one in run.sent:
        message = decode_message(one.body)
        if done or not choose(one, message):
            sent.append(one)
            continue
        done = True
        sent += [msgspec.structs.replace(one, body=encode(new)) for new in change(message)]
    return msgspec.structs.replace(run, sent=tuple(sent))


def shown_again(run, *, after_s):
    """The first `shown` once more, so many seconds later."""
    return with_message(
        run,
        lambda one, message: isinstance(message, Ack) and message.step == "shown",
        lambda ack: [ack, msgspec.structs.replace(ack, time_ns=ack.time_ns + round(after_s * SECOND_NS))],
    )


def shown_late(run):
    return with_message(
        run,
        lambda one, message: isinstance(message, Ack) and message.step == "shown",
        lambda ack: [msgspec.structs.replace(ack, time_ns=run.truth.end_ns + 400 * SECOND_NS)],
    )


def acknowledged_by_nobody(run):
    return with_message(
        run,
        lambda one, message: isinstance(message, Ack) and message.step == "acknowledged",
        lambda ack: [msgspec.structs.replace(ack, person="")],
    )


def acknowledged_by_a_third(run):
    sent = tuple(
        msgspec.structs.replace(one, sender="EST") if one.kind == "ack" and one.sender == "SUD" else one
        for one in run.sent
    )
    return msgspec.structs.replace(run, sent=sent)


def revived(run):
    """A warning that was called off stands again."""
    return with_message(
        run,
        lambda one, message: isinstance(message, Warn) and message.state == "CANCELLED",
        lambda warn: [
            warn,
            msgspec.structs.replace(
                warn,
                state="RENEWED",
                revision=warn.revision + 1,
                expires_ns=warn.expires_ns + 120 * SECOND_NS,
            ),
        ],
    )


def said_twice(run):
    """One revision that says two things."""
    return with_message(
        run,
        lambda one, message: isinstance(message, Warn) and message.revision == 2,
        lambda warn: [warn, msgspec.structs.replace(warn, entry_ns=warn.entry_ns + 20 * SECOND_NS)],
    )


def stale_text(run):
    return with_message(
        run,
        lambda one, message: isinstance(message, Picture),
        lambda picture: [msgspec.structs.replace(picture, pact="0" * 64)],
    )


def moved_row(run):
    """A row from outside the reserved zone moved into it, as if the withhold had been forgotten once."""

    def change(picture):
        rows = unpack_columns(picture.reports, Reports, parties=PARTIES)
        inside = rows._replace(
            lat_rad=np.full_like(rows.lat_rad, math.radians(1.4)),
            lon_rad=np.full_like(rows.lon_rad, math.radians(0.5)),
        )
        return [msgspec.structs.replace(picture, reports=pack_columns(inside))]

    def choose(one, message):
        return (one.sender, one.recipient, one.kind) == ("NOR", "EST", "picture") and message.reports.rows > 0

    return with_message(run, choose, change)


def damaged(run):
    sent = (msgspec.structs.replace(run.sent[0], body=run.sent[0].body[:-3]), *run.sent[1:])
    return msgspec.structs.replace(run, sent=sent)


TAPE = (
    tampered("shown twice", lambda run: shown_again(run, after_s=3.0), ("shown_twice", "shown")),
    tampered("shown after it had expired", shown_late, ("shown_after_expiry", "shown")),
    tampered("acknowledged by nobody", acknowledged_by_nobody, ("warning", "ack")),
    tampered("acknowledged by another than the recipient", acknowledged_by_a_third, ("warning", "ack")),
    tampered("revived after it was called off", revived, ("warning", "life")),
    tampered("one revision says two things", said_twice, ("warning", "revision")),
    tampered("goes by a text that is not in force", stale_text, ("forbidden", "pact")),
    tampered("one row inside a withheld zone", moved_row, ("forbidden", "withhold")),
    tampered("a message that cannot be read", damaged, ("forbidden", "unreadable")),
)

PLANTS = TEXT + FACTS + NODES + TAPE


def is_caught(plant, seed):
    """Whether the judge finds the planted bug in the run of that seed."""
    run = plant.run(seed)
    return any((one.kind, one.rule) in plant.caught for one in judge(PACT, run))


def first_seed(plant, seeds):
    """The first seed at which the bug is caught, None where it never is."""
    return next((seed for seed in seeds if is_caught(plant, seed)), None)
