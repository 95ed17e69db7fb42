"""Deliveries of webhooks, to a real HTTP server on loopback."""

import asyncio
import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from foedus.formats.webhook import Receiver, read_secret
from foedus.limits import OUTPUT_EVENTS_MAX, OUTPUT_TRIES_MAX
from foedus.live.webhook import WebhookOutput
from pictures import outgoing_of, tracks_of, warning

KEY = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", where="test")
NOW_S = 1_800_000_000


class Endpoint(ThreadingHTTPServer):
    """An endpoint that checks what comes as a receiver should, and answers by a list, at its end with 204."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.receiver = Receiver((KEY,))
        self.got = []  # (path, headers, body, why it was refused)
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.answers.pop(0) if self.server.answers else 204
        why = self.server.receiver.refusal(headers, body, now_s=NOW_S) if status == 204 else "not looked at"
        self.server.got.append((self.path, headers, body, why))
        self.send_response(status)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 (a followed redirect would be a GET)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def endpoint(*answers):
    server = Endpoint(*answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def output_to(url, **options):
    return WebhookOutput("desk", url, KEY, now_s=lambda: NOW_S, wait_s=0.0, **options)


async def deliver(output, *views):
    """Offer the views one after the other and wait until everything is delivered or given up."""
    sending = asyncio.create_task(output.run())
    for view in views:
        output.offer(view)
    async with asyncio.timeout(20):
        while output.pending:
            await asyncio.sleep(0.001)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)


def view_of(*warnings, mode="EXERCISE"):
    return outgoing_of(tracks_of(0), mode, *warnings)


RAISED, RENEWED = warning(), warning(revision=2, state="renewed")
CANCELLED = warning(revision=3, state="cancelled")


def test_a_receiver_gets_each_change_once_signed_and_in_order():
    with endpoint() as server:
        views = (view_of(RAISED), view_of(RAISED), view_of(RENEWED), view_of(CANCELLED))
        output = output_to(server.url + "/warnings?desk=1")
        asyncio.run(deliver(output, *views))
    assert [why for *_, why in server.got] == ["", "", ""]
    assert {path for path, *_ in server.got} == {"/warnings?desk=1"}
    types = [json.loads(body)["type"] for _, _, body, _ in server.got]
    assert types == [f"exercise.warning.{state}" for state in ("raised", "renewed", "cancelled")]
    assert server.got[0][1]["content-type"] == "application/json"
    assert (output.counts().sent, output.counts().lost) == (3, 0)
    assert output.counts().state == "delivered"


def test_a_repeated_and_a_tampered_message_are_refused_at_the_receiver():
    with endpoint() as server:
        asyncio.run(deliver(output_to(server.url), view_of(RAISED)))
        _, headers, body, _ = server.got[0]
        again = server.receiver
        assert again.refusal(headers, body, now_s=NOW_S + 10) == "repeated"
        assert again.refusal(headers, body.replace(b"raised", b"renews"), now_s=NOW_S + 10).startswith(
            "no sig"
        )
        assert "300 s" in Receiver((KEY,)).refusal(headers, body, now_s=NOW_S + 3_600)


def test_errors_are_tried_again_with_the_same_id_before_anything_behind_goes():
    with endpoint(500, 503, 204, 500) as server:
        output = output_to(server.url)
        asyncio.run(deliver(output, view_of(RAISED), view_of(RENEWED)))
    ids = [headers["webhook-id"] for _, headers, _, _ in server.got]
    assert ids == [ids[0]] * 3 + [ids[3]] * 2
    assert ids[0] != ids[3]
    assert [server.got[index][3] for index in (2, 4)] == ["", ""]
    assert (output.counts().sent, output.counts().lost) == (2, 0)


def test_no_redirect_is_followed():
    with endpoint(*[302] * OUTPUT_TRIES_MAX) as server:
        output = output_to(server.url)
        asyncio.run(deliver(output, view_of(RAISED)))
    assert len(server.got) == OUTPUT_TRIES_MAX
    assert {path for path, *_ in server.got} == {"/"}
    assert output.counts().lost == 1
    assert output.counts().state == "not delivered: status 302"


def test_a_dead_endpoint_costs_a_bounded_number_of_tries_and_what_is_lost_is_counted():
    with endpoint() as server:
        url = server.url
    output = output_to(url)  # nobody listens there any more
    asyncio.run(deliver(output, view_of(RAISED), view_of(RENEWED)))
    assert (output.counts().sent, output.counts().lost) == (0, 2)
    assert output.counts().state.startswith("not delivered: ")


def test_between_tries_the_wait_doubles(monkeypatch):
    waits = []

    async def note(seconds):
        waits.append(seconds)

    async def scene():
        output = WebhookOutput(
            "desk", "http://x.invalid", KEY, post=lambda *_: 500, now_s=lambda: NOW_S, wait_s=1.0
        )
        output.offer(view_of(RAISED))
        monkeypatch.setattr("foedus.live.webhook.asyncio.sleep", note)
        sending = asyncio.create_task(output.run())
        async with asyncio.timeout(10):
            while output.pending:
                await asyncio.wait([sending], timeout=0.001)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(scene())
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    assert len(waits) == OUTPUT_TRIES_MAX - 1


def test_beyond_the_limit_the_oldest_are_lost_and_counted():
    output = WebhookOutput("desk", "http://x.invalid", KEY, post=lambda *_: 204)
    for count in range(OUTPUT_EVENTS_MAX + 5):
        output.offer(view_of(warning(id=f"CH-{count}")))
    assert output.counts().lost == 5
    assert output.counts().state == f"waiting, {OUTPUT_EVENTS_MAX} waiting"
