"""A person's own warning at a console: called by one, seconded by another who repeats the mode.

The desk checks what can be told at once and gives the rest to the node, which judges a call by the pact and
journals who did what. Two persons are needed in every mode: a drill trains what is done live. Cancelling
needs one, for a false warning must end fast (Hawaii 2018: 38 minutes).
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from foedus.document import suggest
from foedus.errors import LimitError
from foedus.limits import CALLS_KEPT_MAX, SAYS_CHARACTERS_MAX
from foedus.live.answers import answer, read_asked, refuse
from foedus.live.sign_in import SignInDesk
from foedus.model import SECOND_NS, TrackClass
from foedus.view import CallView, WarningView
from foedus.watch.calls import same_person
from foedus.watch.tearline import CELLS_PER_DEGREE, entry_step_ns
from foedus.wire import Act, Called

ENTRY_S_MAX: Final = 3_600.0
"""How far ahead a person may place an entry: nobody takes shelter for longer on a guess."""

MICROSECOND_NS: Final = 1_000
TYPED: Final = "(names typed, not signed in) "
"""Stands before what the caller says where no people are listed."""

OPEN: Final = ("raised", "renewed", "downgraded")
WAITING: Final = "waiting"
NO_CALLS: Final = "this node takes no calls"
NO_SUCH_CALL: Final = "this member has no such call"


class CallTaker(Protocol):
    """What a node does with calls."""

    def call(self, item: Called) -> None:
        """Take a call; LimitError where the intake is full."""

    def act(self, act: Act) -> None:
        """Take an act about a call or a warning; LimitError where the intake is full."""


class _Call(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    zone: str
    track_class: str = msgspec.field(name="class")
    lat_cell_deg: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon_cell_deg: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    entry_in_s: Annotated[float, msgspec.Meta(ge=0, le=ENTRY_S_MAX)]
    says: Annotated[str, msgspec.Meta(max_length=SAYS_CHARACTERS_MAX)] = ""
    person: str = ""


class _Second(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mode: str
    person: str = ""


class _Person(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: str = ""


class CallPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """What a call would send, for the second person to read."""

    call: str
    mode: str
    prompt: str
    person: str
    recipients: tuple[str, ...]
    entry_ns: int


class CallZone(msgspec.Struct, frozen=True):
    """A zone in which this member may call a warning, whom that warns, and of what."""

    zone: str
    to: str
    name: str
    track_classes: tuple[str, ...] = msgspec.field(name="classes")


class CallOptions(msgspec.Struct, frozen=True):
    """What a person may call at this console now."""

    mode: str
    zones: tuple[CallZone, ...]


class Passed(msgspec.Struct, frozen=True):
    """An act that the node was given; what comes of it stands in its view."""

    subject: str
    verb: str
    person: str


class CallDesk:
    """One member's calls. `taker` None: its node takes none.

    called_to: whom a call of a class (TrackClass) in a zone would warn, empty for nobody. zones: ids of the
    pact's zones. names: of parties by id. warning: the newest view of a warning by its id.
    """

    def __init__(
        self,
        sign_ins: SignInDesk,
        taker: CallTaker | None,
        *,
        called_to: Callable[[str, int], str],
        mode: str,
        zones: Sequence[str],
        names: dict[str, str],
        now_ns: Callable[[], int],
        warning: Callable[[str], WarningView | None],
    ) -> None:
        self._sign_ins = sign_ins
        self._taker = taker
        self._called_to = called_to
        self._mode = mode
        self._zones = tuple(zones)
        self._names = names
        self._now_ns = now_ns
        self._warning = warning
        self._callers: dict[str, str] = {}  # call -> who called, the oldest first
        self._views: dict[str, CallView] = {}
        self._called_ns = 0

    def routes(self) -> list[Route]:
        """The addresses below a member's own."""
        return [
            Route("/api/calls", self.show_options, methods=["GET"]),
            Route("/api/calls", self.call, methods=["POST"]),
            Route("/api/calls/prompt", self.show_prompt, methods=["POST"]),
            Route("/api/calls/{call}", self.show_call, methods=["GET"]),
            Route("/api/calls/{call}/second", self.second, methods=["POST"]),
            Route("/api/calls/{call}/withdraw", self.withdraw, methods=["POST"]),
            Route("/api/warnings/{warning}/cancel", self.cancel, methods=["POST"]),
        ]

    def publish(self, views: Sequence[CallView]) -> None:
        """Go by what the node says of its calls: also those that were made before this desk began."""
        self._views = {view.id: view for view in views}
        for view in views:
            self._remember(view.id, view.by)

    def _remember(self, call: str, person: str) -> None:
        self._callers[call] = person
        while len(self._callers) > CALLS_KEPT_MAX:
            del self._callers[next(iter(self._callers))]

    async def show_options(self, _: Request) -> Response:
        """In which zones this member must warn whom of what, so that a call may be made."""
        options: dict[tuple[str, str], list[str]] = {}
        for zone in self._zones if self._taker is not None else ():
            for one in TrackClass:
                to = self._called_to(zone, one)
                if to:
                    options.setdefault((zone, to), []).append(one.name.lower())
        zones = (
            CallZone(zone, to, self._names.get(to, to), tuple(words)) for (zone, to), words in options.items()
        )
        return answer(CallOptions(self._mode, tuple(zones)))

    async def show_prompt(self, request: Request) -> Response:
        """What a call would send, for the person who is about to make it; the node is given nothing."""
        item = await self._read_call(request)
        return (
            item
            if isinstance(item, Response)
            else answer(self._prompt(msgspec.structs.replace(item, call="")))
        )

    async def show_call(self, request: Request) -> Response:
        """What a call that was made would send, for the person who is to second it."""
        view = self._views.get(request.path_params["call"])
        if view is None:
            return refuse(NO_SUCH_CALL, 404)
        item = Called(
            view.id,
            view.zone,
            TrackClass[view.track_class.upper()],
            view.lat_cell_deg,
            view.lon_cell_deg,
            view.entry_ns,
            view.by,
            view.says,
        )
        return answer(self._prompt(item))

    def _prompt(self, item: Called) -> CallPrompt:
        to = self._called_to(item.zone, item.track_class)
        whom = f"{self._names.get(to, to)} ({to})" if to else "nobody (no clause in force obliges to it now)"
        return CallPrompt(
            call=item.call,
            mode=self._mode,
            prompt=prompt_of(item, self._mode, whom),
            person=item.person,
            recipients=(to,) if to else (),
            entry_ns=item.entry_ns,
        )

    async def _read_call(self, request: Request) -> Called | Response:
        """The call that a person makes, or why it cannot be one."""
        asked = await read_asked(request, _Call, 'expected {"zone": "...", "class": "...", ...}')
        if isinstance(asked, Response):
            return asked
        person = self._sign_ins.person(request, asked.person)
        if isinstance(person, Response):
            return person
        objection = self._objection(asked)
        return refuse(f"not called: {objection}", 422) if objection else self._called(asked, person)

    async def call(self, request: Request) -> Response:
        """Give a call to the node and say what it would send; nothing is sent before another seconds it."""
        item = await self._read_call(request)
        if isinstance(item, Response):
            return item
        assert self._taker is not None
        try:
            self._taker.call(item)
        except LimitError as error:
            return refuse(f"not taken, try again: {error}", 503)
        self._remember(item.call, item.person)
        return answer(self._prompt(item), 202)

    def _objection(self, asked: _Call) -> str:
        """Why a call cannot be what a person means; the node and its guard judge the rest."""
        if self._taker is None or not self._now_ns():
            return NO_CALLS if self._taker is None else "no picture yet"
        if asked.zone not in self._zones:
            return f"zone {asked.zone[:64]!r}; expected {suggest(asked.zone, self._zones)}"
        classes = [one.name.lower() for one in TrackClass]
        if asked.track_class not in classes:
            return f"class {asked.track_class[:64]!r}; expected {suggest(asked.track_class, classes)}"
        if not self._called_to(asked.zone, TrackClass[asked.track_class.upper()]):
            whom = f"this member to warn anybody of {asked.track_class} in {asked.zone}"
            return f"no clause in force obliges {whom}"
        return ""

    def _called(self, asked: _Call, person: str) -> Called:
        now_ns = max(self._now_ns(), self._called_ns + MICROSECOND_NS)
        self._called_ns = now_ns
        return Called(
            f"C{now_ns // MICROSECOND_NS}",  # unique at this member: its time never runs back
            asked.zone,
            TrackClass[asked.track_class.upper()],
            _cell_deg(asked.lat_cell_deg),
            _cell_deg(asked.lon_cell_deg),
            entry_step_ns(now_ns + round(asked.entry_in_s * SECOND_NS)),
            person,
            asked.says if self._sign_ins.needed else TYPED + asked.says,
        )

    async def second(self, request: Request) -> Response:
        """Second a call: another person, who repeats the word of the mode."""
        asked = await read_asked(request, _Second, 'expected {"mode": "..."}')
        if isinstance(asked, Response):
            return asked
        call = request.path_params["call"]
        person = self._sign_ins.person(request, asked.person)
        if isinstance(person, Response):
            return person
        if call not in self._callers:
            return refuse(NO_SUCH_CALL, 404)
        if asked.mode != self._mode:
            found = f"found mode {asked.mode[:24]!r}; this console runs {self._mode}"
            return refuse(f"not seconded: {found}, and the word {self._mode} is to be repeated", 422)
        objection = self._objection_to_second(call, person)
        return (
            refuse(f"not seconded: {objection}", 409) if objection else self._pass_on("second", call, person)
        )

    def _objection_to_second(self, call: str, person: str) -> str:
        """Why this person may not second a call; the node asks the same once more."""
        view = self._views.get(call)
        if view is not None and view.state != WAITING:
            return f"this call is {view.state} {view.reason}".rstrip()
        caller = self._callers[call]
        if same_person(caller, person):
            return f"{caller} made this call; another person has to second it"
        return ""

    async def withdraw(self, request: Request) -> Response:
        """Take a call back before it is seconded."""
        return await self._by_one(request, "withdraw", request.path_params["call"])

    async def cancel(self, request: Request) -> Response:
        """Cancel a warning that this member gave; one person suffices."""
        warning = self._warning(request.path_params["warning"])
        if warning is None:
            return refuse("this member has no such warning", 404)
        if warning.direction == "received":
            return refuse(f"not cancelled: {warning.party} gave this warning and cancels it", 409)
        if warning.state not in OPEN:
            return refuse(f"not cancelled: it is {warning.state}", 409)
        return await self._by_one(request, "cancel", warning.id)

    async def _by_one(self, request: Request, verb: str, subject: str) -> Response:
        asked = await read_asked(request, _Person, 'expected {} or {"person": "..."}')
        if isinstance(asked, Response):
            return asked
        person = self._sign_ins.person(request, asked.person)
        if isinstance(person, Response):
            return person
        if verb == "withdraw" and subject not in self._callers:
            return refuse(NO_SUCH_CALL, 404)
        return self._pass_on(verb, subject, person)

    def _pass_on(self, verb: str, subject: str, person: str) -> Response:
        if self._taker is None:
            return refuse(NO_CALLS, 409)
        try:
            self._taker.act(Act(verb, subject, person))
        except LimitError as error:
            return refuse(f"not taken, try again: {error}", 503)
        return answer(Passed(subject, verb, person), 202)


def prompt_of(item: Called, mode: str, recipient: str) -> str:
    """What would be sent, in words: mode, recipient, class, area and time."""
    entry = datetime.fromtimestamp(item.entry_ns // SECOND_NS, UTC)
    cell = f"{_degrees(item.lat_cell_deg, 'NS')} {_degrees(item.lon_cell_deg, 'EW')}"
    track_class = TrackClass(item.track_class).name.lower()
    return (
        f"{mode}: warn {recipient} of an object of class {track_class} that enters zone "
        f"{item.zone} about {entry:%H:%M:%S} UTC, seen in the 0.1 degree cell {cell}. "
        f"It is sent once a second person repeats the word {mode}."
    )


def _cell_deg(angle_deg: float) -> float:
    """Southern or western edge of the cell that holds an angle; an edge stays where it is."""
    return math.floor(angle_deg * CELLS_PER_DEGREE + 1e-6) / CELLS_PER_DEGREE


def _degrees(angle_deg: float, letters: str) -> str:
    return f"{abs(angle_deg):.1f} {letters[angle_deg < 0]}"
