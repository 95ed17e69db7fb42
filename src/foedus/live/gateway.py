"""What one member's console may see, and the web application that shows it.

A gateway is built for one member and handed that member's views only; nothing in it leads to another member's
data. The live loop calls `publish` after each tick. Every console socket has one slot per topic in which the
newest value replaces the older: a slow browser skips pictures and never makes a queue.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from foedus.errors import LimitError, SetupError
from foedus.limits import (
    CONSOLE_BODY_BYTES_MAX,
    CONSOLE_CLIENTS_MAX,
    CONSOLE_SEND_S_MAX,
)
from foedus.live.answers import answer, read_asked, refuse
from foedus.live.calls import CallDesk, CallTaker
from foedus.live.declare import CLASSES, DECLARATION_EXPECTED, IDENTITIES, Declare, declared_of
from foedus.live.frame import encode_frame
from foedus.live.keys import no_people_words
from foedus.live.same_origin import LOOPBACK_NAMES, SameOriginOnly
from foedus.live.sign_in import SignInDesk
from foedus.live.wording import REASONS, TRACK_CLASSES, texts_of
from foedus.network import Mode
from foedus.people import People
from foedus.view import CallView, FeedView, LinkView, PactView, Provenance, View, WarningView
from foedus.watch.delivery import Escalated
from foedus.wire import Act, Declared, Happened

WEB: Final = Path(__file__).parent / "web"
"""Where the build hook puts the console; absent until it has run."""

NOT_BUILT: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>foedus</title><h1>foedus</h1>"
    "<p>The web console is not built yet. In the project folder, type <code>make demo</code>, or "
    "<code>pip install --editable .</code> where you manage the environment yourself.</p></html>"
)
TRY_LATER: Final = 1013
"""WebSocket close code: the server is too busy for this client (IANA registry, 1013 Try Again Later)."""
BACKLOG: Final = 128
"""Connections that wait in the kernel until the server takes them."""
MICROSECOND_NS: Final = 1_000
"""The step in which a pact's text reads time."""
NOTHING_TO_SAY: Final = 1008
"""WebSocket close code: policy violation, RFC 6455 section 7.4.1; a console listens and posts."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party of the pact; its place in the list is its bit in a track's `sources`."""

    id: str
    name: str


class PactHead(msgspec.Struct, frozen=True, kw_only=True):
    """Which pact is in force."""

    id: str
    version: str
    digest: str


class ZoneOutline(msgspec.Struct, frozen=True, kw_only=True):
    """A zone of the pact as the map draws it."""

    id: str
    owner: str
    polygon: tuple[tuple[float, float], ...]  # (latitude, longitude) in degrees, not closed


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello", tag_field="topic"):
    """What a console is told first: who it stands at, under which pact, and what the map holds."""

    member: str
    name: str
    title: str
    mode: str  # LIVE, EXERCISE or RECORDING
    speed: float  # recording seconds per second; 0 as fast as possible
    tick_s: float = 5.0
    parties: tuple[Party, ...]
    pact: PactHead
    clauses: dict[str, str]  # id -> the clause as one sentence
    zones: tuple[ZoneOutline, ...]
    bounds: tuple[float, float, float, float]  # south, west, north, east in degrees: the map's first view
    attribution: str = ""
    sign_in: bool = False  # whether acts need a person who has signed in
    identities: tuple[str, ...] = IDENTITIES  # by their number in a frame
    classes: tuple[str, ...] = TRACK_CLASSES  # by their number in a frame
    declarable: tuple[str, ...] = CLASSES  # classes that an authority may declare
    reasons: tuple[tuple[str, str], ...] = REASONS  # word, English sentence with {value} where it has one


class _Warnings(msgspec.Struct, frozen=True, tag="warnings", tag_field="topic"):
    warnings: tuple[WarningView, ...]


class _Calls(msgspec.Struct, frozen=True, tag="calls", tag_field="topic"):
    calls: tuple[CallView, ...]


class _Escalations(msgspec.Struct, frozen=True, tag="escalations", tag_field="topic"):
    escalations: tuple[Escalated, ...]


class _Links(msgspec.Struct, frozen=True, tag="links", tag_field="topic"):
    links: tuple[LinkView, ...]


class _Feeds(msgspec.Struct, frozen=True, tag="feeds", tag_field="topic"):
    feeds: tuple[FeedView, ...]


class _PactStand(msgspec.Struct, frozen=True, tag="pact", tag_field="topic"):
    pact: PactView


class _State(msgspec.Struct, frozen=True, tag="state", tag_field="topic"):
    state: str


class _Accepted(msgspec.Struct, frozen=True):
    warning: str
    verb: str
    already: bool


class _Acknowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: str = ""


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact as a person records it; `by` is this member where it is left out."""

    what: str
    of: str
    person: str = ""
    says: str = ""
    by: str = ""
    as_to: tuple[str, ...] = ()


class _Recorded(msgspec.Struct, frozen=True):
    what: str
    of: str
    at_ns: int
    by: str


class _Taken(msgspec.Struct, frozen=True):
    track: int
    identity: str
    track_class: str = msgspec.field(name="class")


class _Console:
    """One connected browser: its wake-up call, and the version of each topic that it has."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.seen: dict[str, int] = {}


class Gateway:
    """One member's door to its consoles.

    `provenance` answers for a track number of this member's picture. `act` takes what a person did; it may
    raise LimitError where the node's intake is full. `tell` takes a fact that a person records and says why
    the pact knows nothing of it, nothing if it does; it may raise LimitError too. `declare` takes what a
    person declares of a track and says why it cannot be, nothing if it can; it may raise LimitError too.
    `people` may sign in; None: names are as typed, which LIVE does not allow (SetupError). `calls` takes
    people's own warnings, and `called_to` says whom one of a class in a zone would warn.
    """

    def __init__(
        self,
        hello: Hello,
        *,
        provenance: Callable[[int], Provenance | None],
        act: Callable[[Act], None],
        tell: Callable[[Happened], str] = lambda item: "this console records no facts",
        declare: Callable[[Declared], str] = lambda item: "this console takes no declarations",
        people: People | None = None,
        calls: CallTaker | None = None,
        called_to: Callable[[str, int], str] = lambda zone, track_class: "",
    ) -> None:
        if people is None and hello.mode == Mode.LIVE.value:
            raise SetupError(no_people_words(hello.member))
        hello = msgspec.structs.replace(hello, sign_in=people is not None)
        self.hello = hello
        self.sign_ins = SignInDesk(people, member=hello.member, mode=hello.mode)
        self.calls = CallDesk(
            self.sign_ins,
            calls,
            called_to=called_to,
            mode=hello.mode,
            zones=[zone.id for zone in hello.zones],
            names={party.id: party.name for party in hello.parties},
            now_ns=lambda: 0 if self._ended else self._time_ns,
            warning=self._warning,
        )
        self._provenance = provenance
        self._act = act
        self._tell = tell
        self._declare = declare
        self._time_ns = 0  # of the newest view
        self._told_ns = 0  # of the newest fact that was recorded here
        self._ended = ""
        # In the order in which a socket sends them: a fat picture never delays a warning of the same tick.
        self._topics: dict[str, bytes] = {"hello": msgspec.json.encode(hello)}
        self._versions: dict[str, int] = {"hello": 1}
        self._warnings: dict[str, WarningView] = {}
        self._passed: set[tuple[str, str]] = set()
        self._consoles: set[_Console] = set()
        self._sequence = 0
        self.refused_clients = 0
        self.dropped_clients = 0

    def _warning(self, warning_id: str) -> WarningView | None:
        return self._warnings.get(warning_id)

    @property
    def clients(self) -> int:
        """Consoles connected now."""
        return len(self._consoles)

    def publish(self, view: View) -> None:
        """Show this view from now on; call it in the event loop that serves the sockets."""
        self._warnings = {warning.id: warning for warning in view.warnings}
        self._passed = {(verb, warning) for verb, warning in self._passed if warning in self._warnings}
        self._put("warnings", msgspec.json.encode(_Warnings(view.warnings)))
        self._put("links", msgspec.json.encode(_Links(view.links)))
        self._put("feeds", msgspec.json.encode(_Feeds(view.feeds)))
        if view.pact is not None:
            self._put("pact", msgspec.json.encode(_PactStand(view.pact)))
        if view.calls or "calls" in self._topics:
            self._put("calls", msgspec.json.encode(_Calls(view.calls)))
        if view.escalations or "escalations" in self._topics:
            self._put("escalations", msgspec.json.encode(_Escalations(view.escalations)))
        self.calls.publish(view.calls)
        self._time_ns = view.time_ns
        self._sequence += 1
        frame = encode_frame(
            view.picture, time_ns=view.time_ns, sequence=self._sequence, identity=view.identity
        )
        self._put("picture", frame)
        self._wake()

    def finish(self, state: str) -> None:
        """Say in the header that nothing more will come, and why: `recording ended`."""
        self._ended = state
        self._put("state", msgspec.json.encode(_State(state)))
        self._wake()

    def _put(self, topic: str, data: bytes) -> None:
        if self._topics.get(topic) != data:
            self._topics[topic] = data
            self._versions[topic] = self._versions.get(topic, 0) + 1

    def _wake(self) -> None:
        for console in self._consoles:
            console.news.set()

    # ------------------------------------------------------------------------------------------- socket

    async def serve_socket(self, websocket: WebSocket) -> None:
        """Feed one console until it goes away, says something, or takes nothing for too long."""
        await websocket.accept()
        if len(self._consoles) >= CONSOLE_CLIENTS_MAX:
            self.refused_clients += 1
            await websocket.close(TRY_LATER, f"this member already has {CONSOLE_CLIENTS_MAX} consoles")
            return
        console = _Console()
        self._consoles.add(console)
        tasks = (
            asyncio.create_task(self._feed(websocket, console)),
            asyncio.create_task(self._listen(websocket)),
        )
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._consoles.discard(console)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        for task in tasks:
            if not task.cancelled():
                task.result()  # a failure of our own shows in the log, instead of a socket that falls silent

    async def _feed(self, websocket: WebSocket, console: _Console) -> None:
        while True:
            console.news.clear()
            for topic in tuple(self._topics):
                version = self._versions[topic]
                if console.seen.get(topic) == version:
                    continue
                console.seen[topic] = version
                data = self._topics[topic]
                message = (
                    websocket.send_bytes(data) if topic == "picture" else websocket.send_text(data.decode())
                )
                try:
                    await asyncio.wait_for(message, CONSOLE_SEND_S_MAX)
                except TimeoutError:
                    self.dropped_clients += 1
                    return
                except WebSocketDisconnect:
                    return
            await console.news.wait()

    async def _listen(self, websocket: WebSocket) -> None:
        message = await websocket.receive()
        if message["type"] != "websocket.disconnect":
            with suppress(WebSocketDisconnect):
                await websocket.close(NOTHING_TO_SAY, "a console sends nothing here")

    # ------------------------------------------------------------------------------------------- requests

    async def show_track(self, request: Request) -> Response:
        """Provenance of one track as JSON; 404 where the picture has no such track."""
        found = self._provenance(request.path_params["number"])
        if found is None:
            return refuse("this picture holds no such track", 404)
        return answer(found)

    async def mark_shown(self, request: Request) -> Response:
        """Note that a warning stands on a screen."""
        return self._pass_on("shown", request.path_params["warning"], "")

    async def show_texts(self, request: Request) -> Response:
        """What a warning says in each language; 404 where this member has no such warning."""
        warning = self._warnings.get(request.path_params["warning"])
        if warning is None:
            return refuse("this member has no such warning", 404)
        hello = self.hello
        names = {party.id: party.name for party in hello.parties}
        by = hello.member if warning.direction == "sent" else warning.party
        return answer(
            texts_of(
                warning,
                mode=hello.mode,
                member=hello.member,
                name=hello.name,
                party=names.get(by, by),
                now_ns=self._time_ns,
            )
        )

    async def acknowledge(self, request: Request) -> Response:
        """Note that a person has seen a warning and answers for it."""
        asked = await read_asked(request, _Acknowledge, 'expected {"person": "..."}')
        if isinstance(asked, Response):
            return asked
        person = self.sign_ins.person(request, asked.person)
        if isinstance(person, Response):
            return person
        return self._pass_on("acknowledge", request.path_params["warning"], person)

    async def record(self, request: Request) -> Response:
        """Note a fact that a person records, for this member's node only.

        It is dated with the newest picture, and never with the time of an earlier fact from here, so that of
        two the later one counts. Another party's declaration of a casus cannot be given here.
        """
        asked = await read_asked(request, _Record, 'expected {"person": "...", "what": "...", "of": "..."}')
        if isinstance(asked, Response):
            return asked
        person = self.sign_ins.person(request, asked.person)
        return person if isinstance(person, Response) else self._recorded(asked, person)

    def _recorded(self, asked: _Record, person: str) -> Response:
        """Give the node a fact, dated here."""
        if not self._time_ns or self._ended:
            return refuse(f"not recorded: {self._ended or 'no picture yet'}", 409)
        me = self.hello.member
        by = asked.by or me
        if asked.what == "casus" and by != me:
            return refuse(f"not recorded: a casus is declared here by {me} only", 422)
        at_ns = max(self._time_ns, self._told_ns + MICROSECOND_NS)
        item = Happened(asked.what, asked.of, at_ns, by, asked.says, asked.as_to, person)
        try:
            reason = self._tell(item)
        except LimitError as error:
            return refuse(f"not taken, try again: {error}", 503)
        if reason:
            return refuse(f"not recorded: {reason}", 422)
        self._told_ns = at_ns
        return answer(_Recorded(item.what, item.of, at_ns, by), 202)

    async def declare(self, request: Request) -> Response:
        """Note what a person declares one of this member's own tracks to be; nothing of it leaves as such.

        404: no such track; 409: only partners see it, so there is nothing of one's own to declare; 422: a
        word that there is not.
        """
        asked = await read_asked(request, Declare, DECLARATION_EXPECTED)
        if isinstance(asked, Response):
            return asked
        person = self.sign_ins.person(request, asked.person)
        if isinstance(person, Response):
            return person
        number = request.path_params["number"]
        if self._ended:
            return refuse(f"not declared: {self._ended}", 409)
        if self._provenance(number) is None:
            return refuse("this picture holds no such track", 404)
        item = declared_of(asked, number, person)
        if isinstance(item, str):
            return refuse(f"not declared: {item}", 422)
        return self._hand_on(item, _Taken(number, asked.identity, asked.track_class))

    def _hand_on(self, item: Declared, taken: _Taken) -> Response:
        """The answer to a declaration whose words are in order."""
        try:
            reason = self._declare(item)
        except LimitError as error:
            return refuse(f"not taken, try again: {error}", 503)
        return refuse(f"not declared: {reason}", 409) if reason else answer(taken, 202)

    def _pass_on(self, verb: str, warning_id: str, person: str) -> Response:
        """Hand an act to the node, once per warning and verb, however many consoles say it."""
        warning = self._warnings.get(warning_id)
        if warning is None:
            return refuse("this member has no such warning", 404)
        if warning.direction == "sent":
            return refuse("a sent warning is acknowledged by its recipient", 409)
        done = warning.shown_ns if verb == "shown" else warning.acknowledged_ns
        already = bool(done) or (verb, warning_id) in self._passed
        if not already:
            try:
                self._act(Act(verb, warning_id, person))
            except LimitError as error:
                return refuse(f"not taken, try again: {error}", 503)
            self._passed.add((verb, warning_id))
        return answer(_Accepted(warning_id, verb, already), 200 if already else 202)


# ------------------------------------------------------------------------------------------ application


class _Card(msgspec.Struct, frozen=True):
    member: str
    name: str


class _Index(msgspec.Struct, frozen=True):
    title: str
    mode: str
    speed: float
    attribution: str
    members: tuple[_Card, ...]


def make_app(gateways: Sequence[Gateway], *, title: str, hosts: Sequence[str] = LOOPBACK_NAMES) -> Starlette:
    """One origin: an index page, and below `/<member>/` that member's console, socket and requests."""
    first = gateways[0].hello if gateways else None
    index = _Index(
        title=title,
        mode=first.mode if first else "",
        speed=first.speed if first else 0.0,
        attribution=first.attribution if first else "",
        members=tuple(_Card(gateway.hello.member, gateway.hello.name) for gateway in gateways),
    )

    async def show_index(_: Request) -> Response:
        return _page("index.html")

    async def list_members(_: Request) -> Response:
        return answer(index)

    routes: list[BaseRoute] = [
        Route("/", show_index),
        # A member's id starts with a letter, so the underscore keeps these two apart from all members.
        Route("/_members", list_members),
        Mount("/_web", StaticFiles(directory=WEB, check_dir=False)),
        *(Mount(f"/{gateway.hello.member}", routes=_member_routes(gateway)) for gateway in gateways),
    ]
    return Starlette(routes=routes, middleware=[Middleware(SameOriginOnly, hosts=hosts)])


def _member_routes(gateway: Gateway) -> list[BaseRoute]:
    async def show_console(_: Request) -> Response:
        return _page("console.html")

    return [
        Route("/", show_console),
        WebSocketRoute("/ws", gateway.serve_socket),
        Route("/api/tracks/{number:int}", gateway.show_track),
        Route("/api/tracks/{number:int}/declare", gateway.declare, methods=["POST"]),
        Route("/api/warnings/{warning}/shown", gateway.mark_shown, methods=["POST"]),
        Route("/api/warnings/{warning}/texts", gateway.show_texts),
        Route("/api/warnings/{warning}/acknowledge", gateway.acknowledge, methods=["POST"]),
        Route("/api/facts", gateway.record, methods=["POST"]),
        *gateway.sign_ins.routes(),
        *gateway.calls.routes(),
    ]


def serve_config(app: Starlette, host: str, port: int) -> uvicorn.Config:
    """Settings of the web server; deflate is off because it costs 200 times what it saves on a picture."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=CONSOLE_BODY_BYTES_MAX,
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket for `uvicorn.Server.serve(sockets=[...])`; SetupError says if the port is taken.

    uvicorn itself would end the whole program from inside the event loop.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise SetupError(
            f"the console cannot listen at {host} port {port}: {error.strerror or error}; "
            "end what uses that port, or give another one with --port"
        ) from error
    return listener


def _page(name: str) -> Response:
    path = WEB / name
    return FileResponse(path) if path.is_file() else HTMLResponse(NOT_BUILT, status_code=503)
