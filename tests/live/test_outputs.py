"""Outputs in a session: only the own view of their member, cut to their readers; no node waits or fails."""

import asyncio
import contextlib
import socket

import msgspec
import pytest

import alpine
from foedus.errors import DocumentError, InputError, SetupError
from foedus.feeds.asterix import record_spans
from foedus.feeds.asterix_items import describe
from foedus.live.outputs import Opened, Outputs, open_outputs
from foedus.live.session import Session
from foedus.model import SECOND_NS
from foedus.network import OutputEntry, OutputKind, parse_network

GOOD = """network = "test"
title = "A network for tests"
mode = "EXERCISE"
pact = "pact.toml"
tick_s = 5
feed = []
[[member]]
id = "CH"
name = "Country H"
"""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@contextlib.contextmanager
def listener():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        sock.setblocking(False)
        yield sock


def datagrams(sock):
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            found.append(sock.recv(1 << 16))
    return found


def entry(name, member, address, **more):
    fields = {"kind": OutputKind.ASTERIX_UDP, "sac": 25, "sic": 7, **more}
    return OutputEntry(id=name, member=member, address=address, **fields)


def batches(found):
    """Lists of records as {item/field: raw value}, one list to each end of batch."""
    out, batch = [], []
    for data in found:
        for category, items in record_spans(data, 1_000):
            values = {f"{value.item}/{value.field}": value.raw for value in describe(data, category, items)}
            if data[0] == 62:
                batch.append(values)
            elif values["000/TYPE"] == 2:
                out.append(batch)
                batch = []
    return out


def play(session, seconds):
    asyncio.run(
        session.play(
            iter(alpine.chunks(seconds)),
            start_ns=alpine.START_NS,
            end_ns=alpine.START_NS + seconds * SECOND_NS,
            speed=None,
            progress=lambda _: None,
        )
    )


def test_a_session_sends_each_members_own_view_and_to_a_readers_address_only_what_they_may_have(tmp_path):
    network, pact, texts = alpine.documents()
    with listener() as own, listener() as shared:
        addresses = [f"127.0.0.1:{sock.getsockname()[1]}" for sock in (own, shared)]
        outputs = (
            entry("own", "CH", addresses[0]),
            entry("shared", "CH", addresses[1], releasable_to=("FR",)),
        )
        session = Session(msgspec.structs.replace(network, output=outputs), pact, texts, tmp_path)
        play(session, 30)
        everything, released = batches(datagrams(own)), batches(datagrams(shared))
        node = session.members["CH"].station.node
        outgoing = node.outgoing()
        session.close()
    assert len(everything[-1]) == len(outgoing.tracks.number) > 10
    assert len(released[-1]) == len(outgoing.releasable_to(("FR",)).tracks.number)
    assert 0 < len(released[-1]) < len(everything[-1])
    assert all(record["080/SIM"] == 1 for batch in everything for record in batch)  # a recording is not live
    assert all(record["010/SAC"] == 25 for record in everything[-1])
    counts = session.members["CH"].outputs.counts()
    assert [one.lost for one in counts] == [0, 0]
    assert all(one.sent > 2 for one in counts)
    assert session.members["FR"].outputs.counts() == ()


class Faulty:
    pending = False

    def offer(self, outgoing):
        raise ValueError("a fault of ours")

    async def run(self):
        await asyncio.Event().wait()

    def counts(self):
        return msgspec.structs.replace(COUNTS)


def test_a_fault_of_an_output_stops_the_output_and_not_the_node(tmp_path):
    network, pact, texts = alpine.documents()
    session = Session(network, pact, texts, tmp_path)
    session.members["CH"].outputs = Outputs((Opened(Faulty(), ()),))
    play(session, 10)
    assert session.members["CH"].store.entries_count > 1
    (counts,) = session.members["CH"].outputs.counts()
    assert counts.state == "stopped: ValueError('a fault of ours')"
    session.close()


def counts_of_nothing():
    from foedus.live.output import OutputCounts

    return OutputCounts(output="x", kind="tak", state="", sent=0, skipped=0, lost=0)


COUNTS = counts_of_nothing()


# ---------------------------------------------------------------- the network file


def output_table(**keys):
    defaults = {"id": "desk", "member": "CH", "kind": "tak", "address": "127.0.0.1:8087"}
    rows = [f"{key} = {value!r}".replace("'", '"') for key, value in {**defaults, **keys}.items()]
    return GOOD + "\n[[output]]\n" + "\n".join(rows) + "\n"


def test_each_kind_of_output_is_read():
    for keys in (
        {},
        {"address": "[2001:db8::1]:8087", "releasable_to": ["CH"]},
        {"kind": "asterix-udp", "sac": 1, "sic": 2, "address": "host.example:8600"},
        {"kind": "webhook", "address": "https://desk.example/x?y=1", "secret_file": "desk.secret"},
        {"kind": "webhook", "address": "http://[::1]:8080", "secret_file": "desk.secret"},
    ):
        (output,) = parse_network(output_table(**keys), file="n.toml").output
        assert output.id == "desk"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"member": "HC"}, "output[1].member: found 'HC'"),
        ({"kind": "fax"}, "output[1].kind"),
        ({"releasable_to": ["CH", "XX"]}, "output[1].releasable_to[2]: found 'XX'"),
        ({"address": "127.0.0.1"}, "expected a host and a port"),
        ({"address": "127.0.0.1:0"}, "expected a host and a port"),
        ({"address": "127.0.0.1:65536"}, "expected a host and a port"),
        ({"address": "2001:db8::1:8087"}, "expected a host and a port"),
        ({"address": "http://x:80"}, "expected a host and a port"),
        ({"address": "https://desk.example/x"}, "expected a host and a port"),
        ({"kind": "webhook", "secret_file": "s"}, "expected a URL"),
        ({"kind": "webhook", "secret_file": "s", "address": "ftp://x/"}, "expected a URL"),
        ({"kind": "webhook", "secret_file": "s", "address": "https://me:pw@x/"}, "expected a URL"),
        ({"kind": "webhook", "secret_file": "s", "address": "https://x:99999/"}, "expected a URL"),
        ({"kind": "webhook", "secret_file": "s", "address": "https://x/ y"}, "expected a URL"),
        ({"kind": "webhook", "address": "https://x/"}, "secret_file: found ''"),
        ({"secret_file": "s"}, "only a webhook has one"),
        ({"sac": 3}, "only asterix-udp has one"),
        ({"kind": "asterix-udp", "sac": 3}, "sic: found none"),
        ({"password": "x"}, "password"),
    ],
)
def test_a_mistake_in_an_output_is_told_with_its_place(keys, words):
    with pytest.raises(DocumentError) as caught:
        parse_network(output_table(**keys), file="n.toml")
    assert words in str(caught.value)
    assert "n.toml:" in str(caught.value)


def test_two_outputs_of_one_name_are_refused():
    table = output_table()
    with pytest.raises(DocumentError, match="a second time"):
        parse_network(table + table[len(GOOD) :], file="n.toml")


def test_an_output_that_cannot_be_opened_is_told_before_anything_runs(tmp_path, monkeypatch):
    webhook = OutputEntry(
        id="w", member="CH", kind=OutputKind.WEBHOOK, address="http://127.0.0.1:9/", secret_file="w.secret"
    )
    with pytest.raises(DocumentError, match="no such file"):
        open_outputs((webhook,), "CH", folder=tmp_path)
    (tmp_path / "w.secret").write_text("hush\n")
    with pytest.raises(InputError, match="24 to 64 octets"):
        open_outputs((webhook,), "CH", folder=tmp_path)
    (tmp_path / "w.secret").write_text(SECRET + "\n")
    assert open_outputs((webhook,), "CH", folder=tmp_path).counts()[0].state == "waiting"
    assert open_outputs((webhook,), "FR", folder=tmp_path).counts() == ()

    def fails(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", fails)
    nowhere = entry("u", "CH", "no-such-host.invalid:1")
    with pytest.raises(SetupError, match="no-such-host"):
        open_outputs((nowhere,), "CH", folder=tmp_path)
