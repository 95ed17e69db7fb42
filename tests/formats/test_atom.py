"""The feed is what RFC 4287 asks for, newest first, and says its mode."""

import re
from datetime import datetime

from cap_parts import MODES, NOW_NS, alert, chain, issuer
from lxml import etree

from foedus.formats import atom
from foedus.formats.atom import write_feed
from foedus.model import SECOND_NS

ATOM = "{http://www.w3.org/2005/Atom}"
IDS = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def check_atom(data):
    """The root of a feed that has what RFC 4287, 4.1.1 and 4.1.2, demands; children each at most once."""
    root = etree.fromstring(data)
    assert root.tag == ATOM + "feed"
    for node in (root, *root.findall(ATOM + "entry")):
        for name in ("id", "title", "updated"):
            assert len(node.findall(ATOM + name)) == 1
        assert IDS.fullmatch(node.findtext(ATOM + "id"))
        assert node.findtext(ATOM + "title").strip()
        assert datetime.fromisoformat(node.findtext(ATOM + "updated")).tzinfo is not None
        for link in node.findall(ATOM + "link"):
            assert set(link.attrib) == {"rel", "type", "href"}
            assert re.fullmatch(r"[A-Za-z0-9._~/-]+", link.get("href"))  # an IRI without anything to escape
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert [link.get("rel") for link in root.findall(ATOM + "link")] == ["self"]
    for entry in root.findall(ATOM + "entry"):
        assert [link.get("rel") for link in entry.findall(ATOM + "link")] == ["alternate"]
    ids = [node.text for node in root.iter(ATOM + "id")]
    assert len(set(ids)) == len(ids)
    assert root.findtext(ATOM + "updated") == max(
        [entry.findtext(ATOM + "updated") for entry in root.findall(ATOM + "entry")],
        default=root.findtext(ATOM + "updated"),
    )
    return root


def test_a_feed_has_one_entry_per_warning_with_its_newest_message():
    other = alert(serial=2, sent_ns=NOW_NS + SECOND_NS)
    alerts = [*chain(3), other]
    root = check_atom(write_feed(issuer(), alerts, now_ns=NOW_NS))
    links = [link.get("href") for link in root.iterfind(f"{ATOM}entry/{ATOM}link")]
    assert links == [alerts[2].file_name, other.file_name]
    assert root[0].text != root.findtext(f"{ATOM}entry/{ATOM}id")
    assert write_feed(issuer(), alerts[::-1], now_ns=NOW_NS) == write_feed(issuer(), alerts, now_ns=NOW_NS)


def test_the_entry_of_a_warning_keeps_its_id_as_it_is_renewed():
    ids = {
        check_atom(write_feed(issuer(), chain(length), now_ns=NOW_NS)).findtext(f"{ATOM}entry/{ATOM}id")
        for length in (1, 2, 3)
    }
    assert len(ids) == 1


def test_a_feed_without_warnings_is_a_feed():
    root = check_atom(write_feed(issuer(), [], now_ns=NOW_NS))
    assert root.findtext(ATOM + "updated") == "2026-11-30T10:00:00Z"


def test_feed_and_entries_say_their_mode():
    titles = {}
    for mode in MODES:
        root = check_atom(write_feed(issuer(mode=mode), [alert(mode=mode)], now_ns=NOW_NS))
        titles[mode] = [node.text.partition(" - ")[0] for node in root.iter(ATOM + "title")]
    assert titles["EXERCISE"] == ["EXERCISE EXERCISE EXERCISE"] * 2
    assert titles["RECORDING"] == ["TEST TEST TEST"] * 2
    assert not any("EXERCISE" in title or "TEST" in title for title in titles["LIVE"])


def test_beyond_the_limit_the_oldest_are_left_out_and_counted(monkeypatch):
    monkeypatch.setattr(atom, "FEED_ENTRIES_MAX", 2)
    alerts = [alert(serial=serial, sent_ns=NOW_NS + serial * SECOND_NS) for serial in range(1, 6)]
    root = check_atom(write_feed(issuer(), alerts, now_ns=NOW_NS))
    assert len(root.findall(ATOM + "entry")) == 2
    assert root.findtext(ATOM + "subtitle") == "3 older warnings are left out"
    assert root.findtext(f"{ATOM}entry/{ATOM}updated") == "2026-11-30T10:00:05Z"
