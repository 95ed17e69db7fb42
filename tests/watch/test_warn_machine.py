"""Any history of threats, people, links, revocations and repeats: the invariants of warnings hold.

A state machine over the book of a member that warns, the relay of a hub and the inbox of a member warned.
The suite plays some hundred histories; `make soak` plays 100,000.
"""

import math

import hypothesis
import msgspec
import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from warn_scenes import T0, S, threats

from foedus.model import Tracks
from foedus.watch.delivery import REPEAT_NS, SHOWN_NS, delivery
from foedus.watch.inbox import Inbox
from foedus.watch.relay import WarnRelay
from foedus.watch.sent import Duty, Grounds
from foedus.watch.states import OPEN, SENT
from foedus.watch.tearline import ended
from foedus.watch.warn import WarnBook
from foedus.wire import Ack, Called, Warn

HISTORIES = 120
DUTY = Duty(
    zone=0, zone_id="Z", to="CH", clause="W", classes=(0,), horizon_s=300.0, probability=0.5, within_s=10.0,
    renew_s=20.0, expires_s=60.0, ack_s=15.0, retry=1, then="notify_council",
)  # fmt: skip
LINKS = (("IT", "CH"), ("CH", "IT"), ("IT", "HUB"), ("HUB", "CH"), ("CH", "HUB"), ("HUB", "IT"))
NUMBERS = (1, 2)


def columns(levels):
    """(tracks, threats, grounds) of tracks that are there: (number, probability, corroborated) each."""
    n = len(levels)
    tracks = Tracks.empty(n)._replace(
        number=np.array([number for number, _, _ in levels], np.int32),
        lat_rad=np.array([math.radians(46.0 + number) for number, _, _ in levels]),
    )
    near = [(row, p, both) for row, (_, p, both) in enumerate(levels) if p >= 0.01]
    rows = threats(*((row, 0, 100.0, p, False) for row, p, _ in near))
    return tracks, rows, [Grounds(90.0, 110.0, ("closing",), both) for _, _, both in near]


class WarningNet(RuleBasedStateMachine):
    """IT warns CH, directly or through HUB; what each has sent waits on a link until a rule moves it."""

    @initialize(through_hub=st.booleans(), second=st.booleans())
    def begin(self, through_hub, second):
        self.now = T0
        self.duty = msgspec.structs.replace(DUTY, via="HUB" if through_hub else "")
        self.second = "HUB" if second and not through_hub else ""
        self.in_force = True
        self.book = WarnBook("IT", mode="EXERCISE")
        self.relay = WarnRelay("HUB", mode="EXERCISE")
        self.box = Inbox("CH", mode="EXERCISE")
        self.links = {link: [] for link in LINKS}
        self.told = {}  # (way, warning) -> newest message that went that way
        self.shown = []  # (warning of the originator, revision)
        self.got_acks = set()  # (warning, step) that left CH, by the originator's id
        self.stored = set()  # ids at CH of what it has acknowledged as stored
        self.raised = {}  # open (track) -> warning
        self.calls = 0

    # ------------------------------------------------------------ the member that warns

    def put(self, letters):
        for letter in letters:
            self.links["IT", letter.recipient].append(letter.message)
            self.told[letter.recipient, letter.message.warning] = letter.message
            assert letter.message.to == "CH"

    def tell(self, changes):
        for change in changes:
            record = change.warning
            before = SENT_EVENTS[change.event]
            assert any(change.event in SENT[state] for state in before), change.event
            if record.state in OPEN:
                assert record.cancel == ended(change.message, "CANCELLED")
            else:  # the end goes by every way that a message took
                ways = {way for way, warning in self.told if warning == record.id}
                assert ways <= {letter.recipient for letter in change.letters}
            assert change.message.detail is None or change.message.revision > 1
            self.put(change.letters)

    @rule(
        levels=st.lists(
            st.tuples(
                st.sampled_from(NUMBERS), st.sampled_from([0.0, 0.1, 0.3, 0.4, 0.6, 1.0]), st.booleans()
            ),
            max_size=2,
            unique_by=lambda level: level[0],
        ),
        ticks=st.integers(1, 4),
    )
    def tick(self, levels, ticks):
        for _ in range(ticks):
            self.now += 5 * S
            tracks, rows, grounds = columns(sorted(levels))
            duties = (self.duty,) if self.in_force else ()
            changes = self.book.assess(tracks, rows, duties, now_ns=self.now, grounds=grounds)
            assert all(self.in_force or not change.warning.open for change in changes)
            self.tell(changes)
            self.beat_now()
            self.box.tick(self.now)

    @rule(seconds=st.integers(1, 8))
    def wait(self, seconds):
        until = self.now + seconds * S
        for _ in range(100):
            due = self.book.next_due_ns()
            if due is None or due > until:
                break
            self.now = due
            self.beat_now()
        else:
            raise AssertionError("beats without end")
        self.now = until

    def beat_now(self):
        letters = self.book.beat(self.now, lambda record: self.second if self.in_force else "")
        for letter in letters:
            said = self.book._sent[letter.warning].said
            assert msgspec.structs.replace(letter.message, same="") == said, "repeated in the same words"
        self.put(letters)

    @rule(seconds=st.sampled_from([0, 5, 30]))
    def revoke_for(self, seconds):
        """The duty ends; it may come back while the threat stands."""
        self.in_force = False
        for _ in range(seconds // 5):
            self.tick([(number, 1.0, True) for number in NUMBERS], 1)

    @rule()
    def restore(self):
        self.in_force = True

    @rule()
    def call(self):
        if self.in_force:
            self.calls += 1
            item = Called(f"C{self.calls}", "Z", 0, 46.0, 8.0, self.now + 60 * S, "duty officer")
            self.tell([self.book.call(item, self.duty, self.now)])

    @rule(which=st.integers(0, 5), data=st.data())
    def cancel(self, which, data):
        records = self.book.open_warnings()
        if records:
            change = self.book.cancel(records[which % len(records)].id, "supervisor", self.now)
            assert change.message == records[which % len(records)].cancel
            self.tell([change])

    # ------------------------------------------------------------ links

    @rule(link=st.sampled_from(LINKS), count=st.integers(1, 6))
    def deliver(self, link, count):
        for _ in range(min(count, len(self.links[link]))):
            self.take(link, self.links[link].pop(0))

    @rule(count=st.integers(1, 3))
    def deliver_everything(self, count):
        for _ in range(count):
            for link in LINKS:
                while self.links[link]:
                    self.take(link, self.links[link].pop(0))

    @rule(link=st.sampled_from(LINKS))
    def lose(self, link):
        self.links[link].clear()

    @rule(link=st.sampled_from(LINKS))
    def repeat(self, link):
        self.links[link] = [message for message in self.links[link] for _ in range(2)][:40]

    @rule(link=st.sampled_from(LINKS))
    def reorder(self, link):
        self.links[link].reverse()

    def take(self, link, message):
        sender, recipient = link
        if recipient == "CH":
            self.take_at_member(sender, message)
        elif recipient == "HUB" and isinstance(message, Warn):
            relayed = self.relay.relay(
                message, sender, self.now, clause="W2", meet_directly=not self.duty.via
            )
            if relayed.message is not None:
                assert "IT" not in relayed.message.warning
                assert relayed.message.same == "" or not self.duty.via, "the source is told to nobody"
                self.links["HUB", relayed.recipient].append(relayed.message)
        elif recipient == "HUB":
            passed = self.relay.ack(message, sender)
            if passed is not None:
                self.links["HUB", passed[0]].append(passed[1])
        else:
            self.book.acked(message, sender)

    # ------------------------------------------------------------ the member warned

    def origin(self, message):
        """The originator's id of a message at CH; the relay knows it."""
        if message.warning.startswith("IT-"):
            return message.warning
        return self.relay._passages[message.warning].warning

    def take_at_member(self, sender, message):
        known = {record.key: record.state for record in self.box.warnings()}
        receipt = self.box.received(message, sender, self.now)
        if receipt.show:
            key = (self.origin(message), message.revision)
            assert key not in self.shown, "shown twice"
            self.shown.append(key)
            before = known.get(receipt.warning.key)
            assert receipt.warning.open or before in OPEN, "shown after its end"
            if receipt.warning.open:
                assert self.now < message.expires_ns, "shown after its expiry"
        for ack in () if receipt.ack is None else (receipt.ack, *receipt.caught_up):
            self.stored.add(receipt.warning.key)
            self.answer(sender, ack)

    def answer(self, sender, ack):
        self.got_acks.add((self.origin(ack), ack.step))
        self.links["CH", sender].append(ack)

    @rule(which=st.integers(0, 5), verb=st.sampled_from(["shown", "acknowledge"]))
    def act(self, which, verb):
        records = self.box.to_show()
        if not records:
            return
        record = records[which % len(records)]
        other = self.box.other_copy(record)
        for one in (record,) if other is None else (record, other):
            if verb == "shown":
                ack = self.box.shown(one.key, self.now)
            else:
                ack = self.box.acknowledge(one.key, "watch", self.now)
            if ack is not None:
                self.answer(one.sender, ack)

    @rule(
        step=st.sampled_from(["stored", "shown", "acknowledged"]), sender=st.sampled_from(["FR", "HUB", "IT"])
    )
    def forge(self, step, sender):
        """Somebody who was not asked acknowledges."""
        for record in self.book.sent_warnings():
            if sender not in record.ways:
                self.book.acked(Ack(record.id, record.revision, step, self.now, "forger"), sender)

    # ------------------------------------------------------------ what always holds

    @invariant()
    def nobody_acknowledges_on_behalf_of_another(self):
        for record in self.book.sent_warnings() if hasattr(self, "book") else ():
            assert not record.stored_ns or any(w == record.id for w, _ in self.got_acks)
            assert not record.shown_ns or {(record.id, "shown"), (record.id, "acknowledged")} & self.got_acks
            assert not record.acknowledged_ns or (record.id, "acknowledged") in self.got_acks
            assert record.person in ("", "watch")

    @invariant()
    def what_was_acknowledged_is_kept(self):
        if hasattr(self, "book"):
            assert self.stored <= {record.key for record in self.box.warnings()}

    @invariant()
    def a_warning_that_was_sent_can_be_called_off(self):
        if hasattr(self, "book"):
            for record in self.book.sent_warnings():
                assert record.cancel is not None
                assert record.ways

    @invariant()
    def one_warning_per_track_zone_and_member(self):
        if hasattr(self, "book"):
            keys = [(r.track, r.duty.zone, r.duty.to) for r in self.book.sent_warnings() if r.open]
            assert len(keys) == len(set(keys))

    @invariant()
    def silence_is_seen_in_time_and_wakes_the_node(self):
        """What is not stored after 2 s, or not shown after 4 s, has its word, or a beat is due by then."""
        if not hasattr(self, "book"):
            return
        due = self.book.next_due_ns()
        for record in self.book.sent_warnings():
            word = delivery(record, self.now).word
            if record.unstored_ns and record.repeat_ns:
                assert due is not None
                assert due <= record.repeat_ns
            if self.now >= record.raised_ns + SHOWN_NS and not record.shown_ns and not record.acknowledged_ns:
                assert word in ("not stored", "not shown")
            if record.unstored_ns and self.now >= record.unstored_ns + REPEAT_NS:
                assert word == "not stored"

    def teardown(self):
        """Let the threat end, heal the links: whoever was warned learns of the end, and nothing stands."""
        if not hasattr(self, "book"):
            return
        self.tick([(number, 0.0, False) for number in NUMBERS], 3)
        self.deliver(("IT", "HUB"), 99)
        for link in LINKS:  # the ends that this gave are lost before CH, once more
            self.lose(link)
        awaited = [r.id for r in self.book.sent_warnings() if not r.unstored_ns or r.repeat_ns]
        for _ in range(30):
            self.wait(5)
            self.deliver_everything(3)
            self.tick([(number, 0.0, False) for number in NUMBERS], 1)
            self.deliver_everything(3)
        assert self.book.open_warnings() == ()
        self.box.tick(self.now)
        assert self.box.open_warnings() == ()
        for record in self.book.sent_warnings():
            assert record.unstored_ns == 0 or record.id not in awaited, "an end that nobody has stored"
        over = {record.id for record in self.book.sent_warnings() if not record.open}
        for record in self.box.warnings():
            assert self.origin(record.warn) in over
            assert record.state not in OPEN


SENT_EVENTS = {
    event: [state for state in SENT if event in SENT[state]] for moves in SENT.values() for event in moves
}

TestWarningNet = WarningNet.TestCase
# `make soak` plays as many as its own profile says.
if hypothesis.settings.get_current_profile_name() == "foedus":
    TestWarningNet.settings = hypothesis.settings(max_examples=HISTORIES, stateful_step_count=30)
