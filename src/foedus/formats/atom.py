"""The newest alerts of one member as an Atom 1.0 feed (RFC 4287), with a link to the CAP file of each.

One entry per warning, with its newest message. Ids are UUIDs made from names (RFC 9562, version 8, SHA-256),
so that the same alerts give the same feed, byte for byte.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from foedus.formats import texts
from foedus.formats.alert import Alert, Issuer, utc
from foedus.formats.cap_words import STATUS_OF
from foedus.formats.markup import attribute_of, branch, document, leaf
from foedus.limits import FEED_ENTRIES_MAX

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
CAP_TYPE: Final = "application/cap+xml"
"""IANA media type registered by OASIS."""


def write_feed(issuer: Issuer, alerts: Sequence[Alert], *, now_ns: int, name: str = "feed.atom") -> bytes:
    """The feed of one member, newest first; beyond FEED_ENTRIES_MAX the oldest are left out, and it says so.

    alerts: of that member and for the same readers; of each warning the one with the highest number counts.
    now_ns: `updated` of a feed without entries. name: of the feed itself, beside the CAP files.
    """
    newest: dict[str, Alert] = {}
    for alert in alerts:
        about = alert.identifier.rpartition(".")[0]
        before = newest.get(about)
        if before is None or alert.number > before.number:
            newest[about] = alert
    rows = sorted(newest.values(), key=lambda alert: (-alert.sent_ns, alert.identifier))
    shown = rows[:FEED_ENTRIES_MAX]
    english = texts.load_texts("en")
    lines = [
        leaf("id", _uuid("feed", issuer.mode, issuer.network, issuer.member)),
        leaf("title", texts.marked(f"{issuer.name}: air warnings", issuer.mode, english)),
        leaf("updated", _time(shown[0].sent_ns if shown else now_ns)),
        branch("author", leaf("name", issuer.name, depth=2)),
        f'  <link rel="self" type="application/atom+xml" href="{attribute_of(name)}"/>\n',
    ]
    if len(rows) > len(shown):
        lines.append(leaf("subtitle", f"{len(rows) - len(shown)} older warnings are left out"))
    lines += [_entry(alert) for alert in shown]
    return document("feed", NAMESPACE, "".join(lines))


def _entry(alert: Alert) -> str:
    words = texts.load_texts(alert.issuer.languages[0])
    status = STATUS_OF[alert.issuer.mode]
    lines = [
        leaf("id", _uuid("entry", alert.identifier.rpartition(".")[0]), depth=2),
        leaf("title", texts.headline(alert, words), depth=2),
        leaf("updated", _time(alert.sent_ns), depth=2),
        f'    <category term="{attribute_of(status)}"/>\n',
        f'    <link rel="alternate" type="{CAP_TYPE}" href="{attribute_of(alert.file_name)}"/>\n',
        leaf("summary", texts.full(alert, words), depth=2),
    ]
    return branch("entry", "".join(lines))


def _time(time_ns: int) -> str:
    return f"{utc(time_ns):%Y-%m-%dT%H:%M:%SZ}"


def _uuid(*names: str) -> str:
    """A URN that is the same for the same names and for no others."""
    digest = bytearray(hashlib.sha256("\n".join(names).encode()).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x80  # version 8
    digest[8] = digest[8] & 0x3F | 0x80  # variant of RFC 9562
    text = digest.hex()
    return f"urn:uuid:{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
