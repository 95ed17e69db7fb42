"""What reaches one party of another's data through the hub, in plain Python, for explanations and checks."""

from typing import NamedTuple

from foedus.model import I8, Bool, Form
from foedus.pact.clauses import Pact
from foedus.pact.force import Edition
from foedus.pact.tables.onward import onward_rights
from foedus.pact.tables.rules import DENY, Verdict, judge, rules_of, speaking


class ViaHub(NamedTuple):
    """The highest form in which data may reach a party through the hub, and why it is that."""

    form: Form
    why: str


class Paths:
    """Direct verdicts and hub paths of one pact: by one edition, or as if every clause of it spoke."""

    def __init__(self, pact: Pact, now: Edition | None = None) -> None:
        self._pact = pact
        self._now = now
        self._ids = [party.id for party in pact.party]
        self._rules = rules_of(pact, now)
        self._hub = next((party.id for party in pact.party if party.role == "hub"), "")
        self._rights: dict[str, tuple[I8, Bool]] = {}

    def direct(self, giver: str, taker: str, track_class: int, zones: int) -> Verdict:
        """The verdict of shares and withholds; routes are not looked at."""
        spoken = speaking(self._rules, self._ids.index(giver), self._ids.index(taker), track_class)
        return judge(spoken, zones)

    def via_hub(self, giver: str, taker: str, track_class: int, zones: int) -> ViaHub:
        """What the hub may pass on to the taker of such data of the giver, as far as the hub gives it."""
        if not self._hub or self._hub in (giver, taker):
            return ViaHub(Form.NONE, "the hub is no third party here")
        up = self.direct(giver, self._hub, track_class, zones)
        down = self.direct(self._hub, taker, track_class, zones)
        reason = self._obstacle(giver, taker, up, self.direct(giver, taker, track_class, zones))
        if not reason and down.form == Form.NONE:
            reason = f"{self._hub} gives {taker} nothing of the kind"
        if reason:
            return ViaHub(Form.NONE, reason)
        allowed = Form(int(self._onward(giver)[0][up.clause, self._ids.index(taker)]))
        names = " and ".join(self._pact.clause[one.clause].id for one in (up, down))
        return ViaHub(min(allowed, down.form), f"by {names}, as far as the caveats allow")

    def _obstacle(self, giver: str, taker: str, up: Verdict, across: Verdict) -> str:
        """Why the giver's data may not go on to the taker; empty where they may."""
        forms, opened = self._onward(giver)
        end = self._ids.index(taker)
        if up.form == Form.NONE:
            return f"{giver} gives {self._hub} nothing of the kind"
        if forms[up.clause, end] == Form.NONE:
            by = self._pact.clause[up.clause].id
            return f"no caveat on {by} lets {self._hub} pass it on to {taker}"
        if across.form == Form.NONE and across.clause != DENY:
            return f"{self._pact.clause[across.clause].id} withholds it on every path"
        if not opened[end]:
            return f"behind {giver}'s rows at {self._hub} may be plots that are withheld from {taker}"
        return ""

    def _onward(self, giver: str) -> tuple[I8, Bool]:
        if giver not in self._rights:
            self._rights[giver] = onward_rights(self._pact, giver, self._now)
        return self._rights[giver]
