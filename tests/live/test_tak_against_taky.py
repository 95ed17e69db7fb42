"""Tracks reach TAK clients through a real server, taky, with their label; a real socket is the subject."""

import asyncio
import contextlib
import os
import socket
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from foedus.live.tak import TakOutput
from foedus.view import Outgoing
from pictures import outgoing_of, tracks_of, warning

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-taky" / "bin" / "python"
CONFIG = """
[taky]
bind_ip = 127.0.0.1
root_dir = {folder}
redis = false
[cot_server]
port = {port}
[ssl]
enabled = false
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


async def connected(port):
    """A client of the server, once it listens."""
    for _ in range(500):
        with contextlib.suppress(ConnectionRefusedError):
            return await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.02)
    raise AssertionError("taky does not listen after 10 s")


async def events(reader, count):
    """So many events as the server relays them."""
    parser = ElementTree.XMLPullParser(["end"])
    parser.feed("<stream>")
    found = []
    async with asyncio.timeout(20):
        while len(found) < count:
            data = await reader.read(1 << 16)
            assert data, "the server closed the connection"
            parser.feed(data)
            found += [element for _, element in parser.read_events() if element.tag == "event"]
    return found


@contextlib.asynccontextmanager
async def taky(tmp_path, port):
    """The server in a process of its own, and two clients that are connected to it."""
    assert PYTHON.exists(), "run `make test-setup` first: it makes .venv-taky"
    config = tmp_path / "taky.conf"
    config.write_text(CONFIG.format(folder=tmp_path, port=port), "utf-8")
    command = [PYTHON, "-W", "ignore", "-m", "taky.cot", "-l", "critical", "-c", str(config)]
    environment = {**os.environ, "PYTHONPATH": ""}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment)
    try:
        clients = [await connected(port) for _ in range(2)]
        yield [reader for reader, _ in clients]
        for _, writer in clients:
            writer.close()
    finally:
        process.terminate()
        process.wait(timeout=10)


def test_every_client_gets_every_event_with_its_label_and_the_server_drops_opex(tmp_path):
    async def scene():
        port = free_port()
        tracks = tracks_of(50)
        outgoing = outgoing_of(tracks, "EXERCISE", warning())
        output = TakOutput("desk", "127.0.0.1", port, interval_s=0.0, wait_s=0.01)
        async with taky(tmp_path, port) as (first, second):
            sending = asyncio.create_task(output.run())
            output.offer(outgoing)
            received = await events(first, 51)
            also = await events(second, 51)
            newer = outgoing._replace(tracks=tracks._replace(time_ns=tracks.time_ns + 10**9))
            output.offer(newer)
            assert len(await events(first, 50)) == 50
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        check(received, outgoing)
        assert [one.get("uid") for one in also] == [one.get("uid") for one in received]
        assert output.connections == 1
        assert output.counts().sent == 101

    def check(received, outgoing: Outgoing):
        assert len({one.get("uid") for one in received}) == 51
        for row, event in enumerate(received[:50]):
            label = event.find("detail/_foedus_").attrib
            assert label["mode"] == "EXERCISE"
            assert label["relto"] == " ".join(outgoing.markings()[row].parties)
            assert event.find("detail/remarks").text.startswith("EXERCISE EXERCISE EXERCISE")
            assert event.get("type").startswith("a-p-A")
            assert "opex" not in event.attrib  # why the label stands in the detail
        assert received[50].get("type") == "u-d-f"
        assert len(received[50].findall("detail/link")) == 5

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_a_connection_for_a_party_carries_only_what_that_party_may_have(tmp_path):
    async def scene():
        port = free_port()
        outgoing = outgoing_of(tracks_of(20), "LIVE", warning(), warning(id="2", party="FR"))
        output = TakOutput("desk", "127.0.0.1", port, interval_s=0.0, wait_s=0.01)
        async with taky(tmp_path, port) as (reader, _):
            sending = asyncio.create_task(output.run())
            output.offer(outgoing.releasable_to(("FR",)))
            received = await events(reader, 11)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        assert all("FR" in one.find("detail/_foedus_").get("relto").split() for one in received)

    asyncio.run(asyncio.wait_for(scene(), 30))


# ---------------------------------------------------------------- without taky: a socket that misbehaves


@contextlib.asynccontextmanager
async def server(handle, port=0):
    tasks = []

    async def closing(reader, writer):
        tasks.append(asyncio.current_task())
        with contextlib.closing(writer):
            await handle(reader, writer)

    listening = await asyncio.start_server(closing, "127.0.0.1", port)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_a_lost_connection_is_made_again_and_told_everything_anew():
    async def scene():
        got, connections = asyncio.Queue(), []

        async def handle(reader, writer):
            connections.append(writer)
            async with asyncio.timeout(10):
                await got.put(await events(reader, 5))

        async with server(handle) as port:
            output = TakOutput("desk", "127.0.0.1", port, interval_s=0.0, wait_s=0.001)
            sending = asyncio.create_task(output.run())
            outgoing = outgoing_of(tracks_of(5))
            output.offer(outgoing)
            await got.get()
            while output.connections < 2:
                await asyncio.sleep(0.001)
            output.offer(outgoing)
            assert len(await got.get()) == 5
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_without_a_server_the_newest_view_replaces_the_one_before_and_nobody_waits():
    async def scene():
        output = TakOutput("desk", "127.0.0.1", free_port(), interval_s=0.0, wait_s=0.001)
        sending = asyncio.create_task(output.run())
        for _ in range(100):
            output.offer(outgoing_of(tracks_of(1)))
        await asyncio.sleep(0.02)
        assert output.counts().skipped == 99
        assert output.counts().sent == 0
        assert output.counts().state.startswith("no connection: ")
        assert not output.pending
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scene(), 30))


def test_a_track_is_sent_no_more_often_than_the_interval_allows():
    async def scene():
        async def handle(reader, writer):
            while await reader.read(1 << 16):
                pass

        interval_s = 0.02
        async with server(handle) as port:
            output = TakOutput("desk", "127.0.0.1", port, interval_s=interval_s, wait_s=0.001)
            began_s = asyncio.get_running_loop().time()
            sending = asyncio.create_task(output.run())
            tracks = tracks_of(1)
            step = 0
            while output.counts().sent < 4:
                step += 1
                output.offer(outgoing_of(tracks._replace(time_ns=tracks.time_ns + step)))
                await asyncio.sleep(0.001)
            elapsed_s = asyncio.get_running_loop().time() - began_s
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        assert elapsed_s >= 3 * interval_s
        assert output.counts().skipped > 0

    asyncio.run(asyncio.wait_for(scene(), 30))
