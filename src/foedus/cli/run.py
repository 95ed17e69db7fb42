"""`foedus run`: play a network with its recording, show every member's picture, print one table."""

import asyncio
import contextlib
import math
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from foedus.document import read_text
from foedus.errors import InputError, SetupError
from foedus.facts import check_facts
from foedus.model import SECOND_NS
from foedus.network import Mode, Network, check_parties, parse_network, utc_ns
from foedus.pact.reading.inherit import flatten
from foedus.pact.reading.text import Pact, parse_pact, read_pact
from foedus.pact.reading.write import to_toml
from foedus.pact.variants import is_open

if TYPE_CHECKING:
    import socket

    from foedus.drill.recording import StateVectors
    from foedus.live.keys import Trust
    from foedus.live.session import Session, Texts
    from foedus.people import People

WARM_TICKS = 3
"""Ticks that the throw-away nodes run: by the third every kernel has had tracks to work on."""

MARGIN_DEG = 0.3
"""Room round the traffic in the map's first view."""


NO_LIVE_FEEDS = (
    "this version has no feeds that come live: it plays recordings, and never to a LIVE network. Trust root, "
    "keys and people of this network are in order"
)


class Window(msgspec.Struct, frozen=True):
    """What is played, and how fast; speed None is as fast as possible."""

    start_ns: int
    end_ns: int
    speed: float | None


def parse_speed(text: str) -> float | None:
    """A speed from the command line; None for `max`."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed <= 10_000.0:
        raise click.BadParameter(f"found {text!r}; expected a number above 0 and up to 10000, or max")
    return speed


@click.command()
@click.argument("network_file", metavar="NETWORK", type=click.Path(path_type=Path))
@click.option(
    "--speed", metavar="N|max", help="Recording seconds per second; max: as fast as it can, the whole day."
)
@click.option(
    "--from", "start", metavar="TIME", help="Start, e.g. 2018-08-01T11:30:00Z; default: the file's window."
)
@click.option("--to", "end", metavar="TIME", help="End; default: the file's window.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8765,
    show_default=True,
    help="Port of the consoles on 127.0.0.1; 0 takes any.",
)
@click.option(
    "--exit", "exit_at_end", is_flag=True, help="End with the recording instead of leaving the console open."
)
@click.option("--no-console", is_flag=True, help="Serve no console.")
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where journals go; default: run/NETWORK-MODE-TIME."
)
@click.option(
    "--trust",
    "trust_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Trust root, keys and people of this mode; default: keys for this run only, and nobody signs in.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the table as JSON, and nothing else, on standard output."
)
def run(
    network_file: Path,
    speed: str | None,
    start: str | None,
    end: str | None,
    port: int,
    exit_at_end: bool,
    no_console: bool,
    folder: Path | None,
    trust_folder: Path | None,
    as_json: bool,
) -> None:
    """Play NETWORK: all its nodes in one process, fed by its recording.

    Example: foedus run networks/alpine.toml --speed 20 --exit
    """
    from foedus.cli.table import print_summary
    from foedus.drill.recording import load_state_vectors
    from foedus.live.gateway import listen
    from foedus.live.web import HOST

    network, pact, texts = load(network_file)
    trust, people = open_trust(network, trust_folder)
    if network.mode is Mode.LIVE:
        raise SetupError(NO_LIVE_FEEDS)
    if network.recording is None:
        raise InputError(where=str(network_file), found="no [recording]", expected="a recording to play")
    vectors = load_state_vectors(network.recording.source)
    span_ns = int(vectors.time_ns[0]), int(vectors.time_ns[-1])
    window = choose_window(network, span_ns, speed, start, end)
    say = _speaker(as_json)
    with contextlib.ExitStack() as stack:
        listener = None if no_console else stack.enter_context(listen(HOST, port))
        _warm(network, pact, vectors, window, say)
        session = _open(network, pact, texts, folder, trust)
        stack.callback(session.close)
        stay = listener is not None and not exit_at_end
        asyncio.run(_play(session, window, vectors, listener, say, people, stay=stay))
        print_summary(session, as_json=as_json)


def open_trust(network: Network, folder: Path | None) -> tuple["Trust", dict[str, "People"]]:
    """By whose keys this run is sealed, and who may sign in at each member's consoles.

    SetupError where LIVE lacks either; InputError for what is of another mode, network or member.
    """
    from foedus.live.keys import fresh_trust, load_people, load_trust

    trust = fresh_trust(network) if folder is None else load_trust(folder, network)
    return trust, load_people(folder, network)


def load(network_file: Path) -> tuple[Network, Pact, "Texts"]:
    """A network file and the pact that it names; DocumentError for whatever is wrong in either."""
    from foedus.live.session import Texts
    from foedus.own_watch import check_zones

    network_text = read_text(network_file)
    network = parse_network(network_text, file=str(network_file))
    pact_file = network_file.parent / network.pact
    pact, pact_text = load_pact(pact_file)
    parties = tuple(party.id for party in pact.party)
    hub = next((party.id for party in pact.party if party.role == "hub"), "")
    check_parties(network, parties, hub, text=network_text, file=str(network_file))
    check_zones(network, pact, text=network_text, file=str(network_file))
    check_facts(network, pact, text=network_text, file=str(network_file))
    return (
        network,
        pact,
        Texts(str(network_file), network_text, str(pact_file), pact_text, network.mode.value),
    )


def load_pact(pact_file: Path) -> tuple[Pact, str]:
    """A pact that nodes can run, and its text as journals keep it; a copy is written out whole.

    InputError for a draft that still leaves a choice.
    """
    text = read_text(pact_file)
    pact = read_pact(pact_file)
    if is_open(pact):
        raise InputError(
            where=str(pact_file),
            found=f"a draft with open brackets: {', '.join(bracket.id for bracket in pact.bracket)}",
            expected="one text without them; `foedus pact expand` writes its variants",
        )
    if pact.based_on is not None:
        text = to_toml(flatten(pact))
        pact = parse_pact(text, file=str(pact_file))
    return pact, text


def choose_window(
    network: Network, span_ns: tuple[int, int], speed: str | None, start: str | None, end: str | None
) -> Window:
    """What to play: the options where given, else the file's window, or the whole recording at speed max.

    span_ns: first and last time of the recording.
    """
    recording = network.recording
    assert recording is not None
    pace = recording.speed if speed is None else parse_speed(speed)
    first_ns, last_ns = span_ns
    if pace is not None or start or end:
        first_ns = utc_ns(start or recording.window_start, where="--from" if start else "window_start")
        last_ns = utc_ns(end or recording.window_end, where="--to" if end else "window_end")
    if first_ns >= last_ns:
        raise InputError(where="window", found="an end that is not after its start", expected="a later end")
    tick_ns = round(network.tick_s * SECOND_NS)
    return Window(first_ns // tick_ns * tick_ns, last_ns, pace)


def _speaker(as_json: bool) -> Callable[[str], None]:
    """Where progress goes: standard output, or standard error when that is JSON."""
    return lambda text: click.echo(text, err=as_json)


def _warm(
    network: Network, pact: Pact, vectors: "StateVectors", window: Window, say: Callable[[str], None]
) -> None:
    """Compile or load every kernel before time starts to run, with nodes that are thrown away."""
    from foedus.cli.warm import compile_all
    from foedus.drill.lockstep import play
    from foedus.drill.source import feed_chunks
    from foedus.jit import compiled_before
    from foedus.node import Node
    from foedus.station import Station

    first = not compiled_before()
    say("compiling kernels (first run only) ..." if first else "loading kernels ...")
    began_s = time.perf_counter()
    if first:
        compile_all()
    tick_ns = round(network.tick_s * SECOND_NS)
    end_ns = window.start_ns + WARM_TICKS * tick_ns
    stations = {entry.id: Station(Node(network, pact, entry.id), pact) for entry in network.member}
    chunks = feed_chunks(network, window.start_ns, end_ns, vectors=vectors)
    play(stations, chunks, start_ns=window.start_ns, end_ns=end_ns, tick_ns=tick_ns)
    say(f"kernels ready after {time.perf_counter() - began_s:.1f} s")


def _open(network: Network, pact: Pact, texts: "Texts", folder: Path | None, trust: "Trust") -> "Session":
    """A session in a folder of its own."""
    from foedus.live.session import Session

    if folder is None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        folder = Path("run") / f"{network.network}-{network.mode.value}-{stamp}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"folder {folder} cannot be made ({error.strerror}); name another with --folder"
        ) from error
    return Session(network, pact, texts, folder, trust=trust)


async def _play(
    session: "Session",
    window: Window,
    vectors: "StateVectors",
    listener: "socket.socket | None",
    say: Callable[[str], None],
    people: dict[str, "People"],
    *,
    stay: bool,
) -> None:
    """Play the window, with consoles where a listener is given; Ctrl-C ends it early and cleanly."""
    from foedus.live.web import HOST, open_gateways, serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        if listener is not None:
            bounds = bounds_of(session.network, vectors)
            open_gateways(session, speed=window.speed, bounds=bounds, people=people)
            gateways = [member.gateway for member in session.members.values() if member.gateway is not None]
            await stack.enter_async_context(serve(gateways, listener, title=session.network.title))
            say(f"consoles: http://{HOST}:{listener.getsockname()[1]}/")
        say(f"journals: {session.folder}/")
        ended = await _until(stop, session, window, vectors)
        for member in session.members.values():
            if member.gateway is not None:
                member.gateway.finish("recording ended" if ended else "stopped")
        if stay and ended:
            say("the recording has ended; the consoles stay until Ctrl-C")
            await stop.wait()


async def _until(stop: asyncio.Event, session: "Session", window: Window, vectors: "StateVectors") -> bool:
    """Whether the recording was played to its end, not stopped by a person."""
    from foedus.cli.progress import Progress
    from foedus.drill.source import feed_chunks

    with Progress(session, window.start_ns, window.end_ns) as progress:
        chunks = feed_chunks(session.network, window.start_ns, window.end_ns, vectors=vectors)
        playing = asyncio.create_task(
            session.play(
                chunks,
                start_ns=window.start_ns,
                end_ns=window.end_ns,
                speed=window.speed,
                progress=progress.show,
            )
        )
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if playing.done():
            playing.result()
            return True
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        return False


def bounds_of(network: Network, vectors: "StateVectors") -> tuple[float, float, float, float]:
    """South, west, north, east (degrees) of the map's first view: recorded traffic, simulated paths."""
    points = [(point.lat_deg, point.lon_deg) for target in network.target for point in target.waypoint]
    lats = [
        math.degrees(vectors.lat_rad.min()),
        math.degrees(vectors.lat_rad.max()),
        *(lat for lat, _ in points),
    ]
    lons = [
        math.degrees(vectors.lon_rad.min()),
        math.degrees(vectors.lon_rad.max()),
        *(lon for _, lon in points),
    ]
    return min(lats) - MARGIN_DEG, min(lons) - MARGIN_DEG, max(lats) + MARGIN_DEG, max(lons) + MARGIN_DEG
