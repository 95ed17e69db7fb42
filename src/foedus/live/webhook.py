"""One webhook endpoint: each change of a warning is delivered in order, tried again, given up in the open.

Nothing is followed: a redirect counts as a failure, since it would carry a warning to an address that nobody
configured. What waits is in memory; after a restart the warnings still open are told anew, under other ids.
"""

import asyncio
import http.client
import ssl
import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from foedus.formats.webhook import WarningChanges, WebhookMessage, sign
from foedus.limits import OUTPUT_EVENTS_MAX, OUTPUT_TRIES_MAX
from foedus.live.output import OutputCounts
from foedus.network import URL
from foedus.view import Outgoing

TIMEOUT_S: Final = 10.0
"""The specification recommends 15 to 30 s at most; a warning is worth less the later it comes."""
WAIT_S_MIN: Final = 1.0
ANSWER_BYTES_MAX: Final = 1 << 16
DELIVERED: Final = "delivered"

Post = Callable[[bytes, dict[str, str]], int]
"""Sends body and headers; gives the status of the answer, or raises OSError or HTTPException."""


class WebhookOutput:
    """Delivers to one URL. `post`, `now_s` and `wait_s` are replaced in tests."""

    def __init__(
        self,
        name: str,
        url: str,
        key: bytes,
        *,
        post: Post | None = None,
        now_s: Callable[[], float] = time.time,
        wait_s: float = WAIT_S_MIN,
    ) -> None:
        self._name = name
        self._key = key
        self._post = post or _poster(url)
        self._now_s = now_s
        self._wait_s = wait_s
        self._changes = WarningChanges()
        self._waiting: deque[WebhookMessage] = deque()
        self._news = asyncio.Event()
        self._state = "waiting"
        self._sent = 0
        self._lost = 0

    def offer(self, outgoing: Outgoing) -> None:
        """Queue what changed; beyond OUTPUT_EVENTS_MAX the oldest are lost and counted."""
        self._waiting.extend(self._changes.update(outgoing))
        while len(self._waiting) > OUTPUT_EVENTS_MAX:
            self._waiting.popleft()
            self._lost += 1
        if self._waiting:
            self._news.set()

    def counts(self) -> OutputCounts:
        """Messages delivered, and given up; those that wait are in the state."""
        waiting = f", {len(self._waiting)} waiting" if self._waiting else ""
        return OutputCounts(
            output=self._name,
            kind="webhook",
            state=self._state + waiting,
            sent=self._sent,
            skipped=0,
            lost=self._lost,
        )

    @property
    def pending(self) -> bool:
        """Whether a message is neither delivered nor given up."""
        return bool(self._waiting)

    async def run(self) -> None:
        """Deliver one message after the other, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                await self._deliver(self._waiting[0])

    async def _deliver(self, message: WebhookMessage) -> None:
        """Try until it is taken, or OUTPUT_TRIES_MAX times; nothing behind it goes before it is settled."""
        wait_s = self._wait_s
        for attempt in range(1, OUTPUT_TRIES_MAX + 1):
            self._state = await self._try(message)
            if self._state == DELIVERED:
                self._sent += 1
                break
            if attempt < OUTPUT_TRIES_MAX:
                await asyncio.sleep(wait_s)
                wait_s *= 2
        else:
            self._lost += 1
        if self._waiting and self._waiting[0] is message:  # not lost to a full queue meanwhile
            self._waiting.popleft()

    async def _try(self, message: WebhookMessage) -> str:
        """DELIVERED, or what stood against it."""
        headers = sign(self._key, message, timestamp_s=int(self._now_s()))
        headers["content-type"] = "application/json"
        try:
            status = await asyncio.to_thread(self._post, message.body, headers)
        except (OSError, http.client.HTTPException) as error:
            return f"not delivered: {error or type(error).__name__}"
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return DELIVERED
        return f"not delivered: status {status}"


def _poster(url: str) -> Post:
    """A POST to this URL and nowhere else: a new connection each time, no redirects, no proxies."""
    parts = URL.fullmatch(url)
    assert parts is not None
    host, port = parts["host"].strip("[]"), int(parts["port"]) if parts["port"] else None
    target = parts["target"] or "/"
    target = target if target.startswith("/") else f"/{target}"

    def post(body: bytes, headers: dict[str, str]) -> int:
        connection: http.client.HTTPConnection
        if parts["scheme"] == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        try:
            connection.request("POST", target, body, headers)
            response = connection.getresponse()
            response.read(ANSWER_BYTES_MAX)
            return response.status
        finally:
            connection.close()

    return post
