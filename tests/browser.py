"""A real browser against a real server on a free loopback port, for tests of what a person sees.

`serving(gateways)` runs uvicorn in a thread; `chromium()` gives a browser that reaches nothing but loopback.
"""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from foedus.live.gateway import Gateway, listen, make_app, serve_config

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    # No name resolves: a request that leaves the machine fails, and does not only go unnoticed.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
TIMEOUT_MS = 20_000


class Serving:
    """A server in its own thread; `call` runs a function in its event loop, as the live loop would."""

    def __init__(self, gateways: Sequence[Gateway], title: str, port: int = 0) -> None:
        self._listener = listen("127.0.0.1", port)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = uvicorn.Server(serve_config(make_app(gateways, title=title), "127.0.0.1", self.port))
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="console-server")
        self._thread.start()
        assert self._ready.wait(20), "the console's server did not start"

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        # Connections wait in the socket's backlog until the server takes them: nobody needs to poll.
        self._loop.call_soon(self._ready.set)
        await self._server.serve(sockets=[self._listener])

    def call(self, function: Callable[..., object], *args: object) -> None:
        """Run the function in the server's loop and wait until it is done."""
        done = threading.Event()

        def run() -> None:
            function(*args)
            done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(20), "the server's loop is stuck or the function raised"

    def stop(self) -> None:
        """End the server and close all sockets; twice does no harm."""
        self._server.should_exit = True
        self._thread.join(20)
        self._listener.close()
        assert not self._thread.is_alive(), "the console's server did not end"


@contextmanager
def serving(
    gateways: Sequence[Gateway], *, title: str = "Alpine air policing", port: int = 0
) -> Iterator[Serving]:
    """A running server for these gateways; port 0 takes a free one."""
    server = Serving(gateways, title, port)
    try:
        yield server
    finally:
        server.stop()


def find_chromium(playwright: Playwright) -> str:
    """Path of a Chromium; fails with what to type where there is none."""
    named = os.environ.get("FOEDUS_CHROMIUM")
    candidates = [named] if named else [shutil.which(name) for name in CHROMIUM_NAMES]
    candidates.append(playwright.chromium.executable_path)
    for path in candidates:
        if path and os.path.exists(path):
            return path
    raise AssertionError(
        "the browser tests need a Chromium: `make test` gets one, or `sudo apt install chromium`, "
        "or set FOEDUS_CHROMIUM to one"
    )


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that is closed again whatever the test does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=list(CHROMIUM_FLAGS)
        )
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page, every request it made, and everything its scripts complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(TIMEOUT_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("websocket", lambda socket: self.requests.append(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type == "error" else None,
        )

    def hosts(self) -> list[str]:
        """Names and ports that the page talked to, sorted."""
        return sorted(
            {urlsplit(url).netloc for url in self.requests if not url.startswith(("data:", "blob:"))}
        )


@contextmanager
def opened(browser: Browser, url: str, *, width: int = 1280, height: int = 800) -> Iterator[Watched]:
    """A page in a context of its own, at that address."""
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    try:
        watched = Watched(context.new_page())
        watched.page.goto(url)
        yield watched
    finally:
        context.close()


def wait_for_picture(page: Page, sequence: int = 0) -> None:
    """Wait until the page has drawn that very frame, 0 for any; the page's policy forbids polling by eval."""
    drawn = f'[data-drawn="{sequence}"]' if sequence else '[data-drawn]:not([data-drawn="0"])'
    page.wait_for_selector("body" + drawn, state="attached")
