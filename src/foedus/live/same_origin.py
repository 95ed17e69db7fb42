"""What stands before every console address: only this machine's names, only this origin, only this page.

A console listens on loopback. Any web page that a person opens could still talk to loopback, in the name of
whoever has signed in, so three checks stand here: the Host header must be a name of this machine (against DNS
rebinding), the Origin of a socket or of a change must be the page's own (against forged requests), and the
answer forbids foreign scripts and frames.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES: Final = ("127.0.0.1", "localhost", "::1")
BUILT: Final = "/_web/assets/"
SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SameOriginOnly:
    """ASGI wrapper that refuses foreign hosts and origins and adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = LOOPBACK_NAMES) -> None:
        self.app = app
        self.hosts = tuple(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it in one sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        objection = self._objection(scope)
        if objection and scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": objection})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                # Built files carry a digest of their content in their names; all else is of the moment.
                built = scope["path"].startswith(BUILT) and message["status"] == 200
                headers["Cache-Control"] = "public, max-age=31536000, immutable" if built else "no-store"
            await send(message)

        app = PlainTextResponse(objection + "\n", status_code=403) if objection else self.app
        await app(scope, receive, send_guarded)

    def _objection(self, scope: Scope) -> str:
        """Why this request is refused; empty if it is not."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if _name_of(host) not in self.hosts:
            return f"this console answers to {', '.join(self.hosts)} only, not to {host[:80]!r}"
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        origin = headers.get("origin")
        # A browser always sends Origin here; a request without one comes from no web page.
        if changes and origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return f"this request comes from another page ({origin[:80]!r})"
        return ""


def _name_of(host: str) -> str:
    """The name in a Host header, without port and brackets; empty if it is not a host."""
    try:
        return (urlsplit("//" + host).hostname or "").lower()
    except ValueError:
        return ""
