"""Signing in at one member's consoles: a secret for a session, and who acts from then on.

A session is a random token in a cookie that no script can read; this process keeps its digest, the person and
the end. Nothing survives a restart: people sign in again. Wrong secrets make the person's next try wait,
longer each time but never more than a minute, so that guessing is slow and the duty officer is not shut out.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from foedus.limits import PERSON_CHARACTERS_MAX, SECRET_CHARACTERS_MAX, SIGN_IN_WAITING_MAX, SIGNED_IN_MAX
from foedus.live.answers import answer, read_asked, refuse
from foedus.people import People, Person, folded, is_theirs

SESSION_S: Final = 12 * 3600.0
"""A session ends with the longest watch; NIST SP 800-63B section 4.2.3 asks for a new sign-in by then."""

TRIES_FREE: Final = 3
"""Wrong secrets of one person that cost no wait: fingers slip."""

WAIT_S_MAX: Final = 60.0
"""The longest wait after a wrong secret: 1,440 tries a day for a guesser, a minute for the duty officer."""

NO_PEOPLE: Final = "this member lists no people: names are taken as they are typed"
WRONG: Final = "wrong person or secret"


class SignedIn(NamedTuple):
    """Who acts in one session."""

    person: str
    role: str
    until_s: float


class _Tries(NamedTuple):
    wrong: int  # in a row
    next_s: float  # no earlier than this


class _SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    person: str
    secret: str

    def __repr__(self) -> str:
        """Who asks; the secret stays out of every log."""
        return f"_SignIn({self.person!r})"


class WhoAmI(msgspec.Struct, frozen=True):
    """Who acts at this console."""

    person: str  # empty: nobody has signed in
    role: str
    needed: bool  # whether acts need a signed-in person here
    mode: str
    ends_in_s: float  # of the session; 0 without one


class SignInDesk:
    """One member's sign-ins. `people` None: the member lists nobody, and names are as typed.

    now_s: a clock that never runs back. make_token: a new unguessable token.
    """

    def __init__(
        self,
        people: People | None,
        *,
        member: str,
        mode: str,
        now_s: Callable[[], float] = time.monotonic,
        make_token: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        assert people is None or (people.member, people.mode.value) == (member, mode)
        self.needed = people is not None
        self._mode = mode
        self._path = f"/{member}/"
        network = people.network if people else ""
        self._cookie = f"foedus_{mode}_{network}_{member}"  # ports of one host share their cookies
        self._people = {folded(person.id): person for person in (people.person if people else ())}
        self._now_s = now_s
        self._make_token = make_token
        self._sessions: dict[bytes, SignedIn] = {}
        self._tries: dict[str, _Tries] = {}
        self._checking = asyncio.Lock()
        self._waiting = 0

    def routes(self) -> list[Route]:
        """The addresses below a member's own."""
        return [
            Route("/api/sign-in", self.sign_in, methods=["POST"]),
            Route("/api/sign-in", self.who_am_i, methods=["GET"]),
            Route("/api/sign-out", self.sign_out, methods=["POST"]),
        ]

    def person(self, request: Request, typed: str) -> str | Response:
        """Who acts: the person of the session where people are listed, else the name as typed."""
        if self.needed:
            signed = self._signed_in(request)
            return signed.person if signed else refuse("nobody has signed in at this console", 401)
        name = typed.strip()
        if not name or len(name) > PERSON_CHARACTERS_MAX or not name.isprintable():
            return refuse(
                f"expected a name or role of 1 to {PERSON_CHARACTERS_MAX} printable characters", 400
            )
        return name

    # ------------------------------------------------------------------------------------------- requests

    async def sign_in(self, request: Request) -> Response:
        """A session for a person who gives their secret; 401 for a wrong one, 429 while a wait lasts."""
        if not self.needed:
            return refuse(NO_PEOPLE, 409)
        asked = await read_asked(request, _SignIn, 'expected {"person": "...", "secret": "..."}')
        if isinstance(asked, Response):
            return asked
        if len(asked.secret) > SECRET_CHARACTERS_MAX:
            return refuse(WRONG, 401)
        if self._waiting >= SIGN_IN_WAITING_MAX:
            return refuse("too many people sign in at once, try again", 503)
        self._waiting += 1
        try:
            async with (
                self._checking
            ):  # one scrypt at a time: its memory and its processor are the node's too
                return await self._check(asked)
        finally:
            self._waiting -= 1

    async def _check(self, asked: _SignIn) -> Response:
        person = self._people.get(folded(asked.person))
        key = folded(person.id) if person else ""  # all strangers wait together: their names are endless
        tries = self._tries.get(key, _Tries(0, 0.0))
        ahead_s = tries.next_s - self._now_s()
        if ahead_s > 0:
            late = refuse(f"wrong too often: try again in {ahead_s:.0f} s", 429)
            late.headers["Retry-After"] = f"{ahead_s:.0f}"
            return late
        if not await self._is_theirs(person, asked.secret):
            self._tries[key] = self._after_wrong(tries)
            return refuse(WRONG, 401)
        assert person is not None
        self._tries.pop(key, None)
        return self._begin(person)

    async def _is_theirs(self, person: Person | None, secret: str) -> bool:
        """Whether the secret is that person's; a stranger's takes as long to refuse as anybody's."""
        some = person or next(iter(self._people.values()), None)
        if some is None:
            return False
        right = await asyncio.to_thread(is_theirs, some, secret)
        return right and person is not None

    def _after_wrong(self, tries: _Tries) -> _Tries:
        wrong = tries.wrong + 1
        wait_s = 0.0 if wrong < TRIES_FREE else min(WAIT_S_MAX, 2.0 ** min(wrong - TRIES_FREE, 10))
        return _Tries(wrong, self._now_s() + wait_s)

    def _begin(self, person: Person) -> Response:
        """A new session, in place of the oldest where there are too many."""
        now_s = self._now_s()
        self._sessions = {key: one for key, one in self._sessions.items() if one.until_s > now_s}
        while len(self._sessions) >= SIGNED_IN_MAX:
            del self._sessions[next(iter(self._sessions))]
        token = self._make_token()
        signed = SignedIn(person.id, person.role, now_s + SESSION_S)
        self._sessions[_digest(token)] = signed
        response = answer(self._who(signed))
        response.set_cookie(
            self._cookie, token, max_age=int(SESSION_S), path=self._path, httponly=True, samesite="strict"
        )
        return response

    async def who_am_i(self, request: Request) -> Response:
        """Who has signed in here."""
        return answer(self._who(self._signed_in(request)))

    async def sign_out(self, request: Request) -> Response:
        """End the session of this browser."""
        token = request.cookies.get(self._cookie, "")
        self._sessions.pop(_digest(token), None)
        response = answer(self._who(None))
        response.delete_cookie(self._cookie, path=self._path, httponly=True, samesite="strict")
        return response

    def _signed_in(self, request: Request) -> SignedIn | None:
        """The session of a request, None where it has none that still lasts."""
        signed = self._sessions.get(_digest(request.cookies.get(self._cookie, "")))
        return signed if signed and signed.until_s > self._now_s() else None

    def _who(self, signed: SignedIn | None) -> WhoAmI:
        if signed is None:
            return WhoAmI("", "", self.needed, self._mode, 0.0)
        return WhoAmI(signed.person, signed.role, self.needed, self._mode, signed.until_s - self._now_s())


def _digest(token: str) -> bytes:
    """What a session is kept by: comparing digests tells nothing of a token by its time."""
    return hashlib.sha256(token.encode()).digest()
