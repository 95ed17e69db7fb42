"""A CAP 1.2 message as a receiving system of ours reads it: what it says, and why it may not be taken.

Parsing refuses what is no CAP 1.2 (and every document type declaration: nothing is expanded). `faults` finds
what a schema cannot: a mode that is not said everywhere alike, no area, no end, a broken chain.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.etree import ElementTree

import msgspec

from foedus.errors import InputError
from foedus.formats.cap_words import (
    CATEGORIES,
    CERTAINTIES,
    MESSAGE_TYPES,
    NAMESPACE,
    RESPONSES,
    SCOPES,
    SEVERITIES,
    STATUS_OF,
    STATUSES,
    URGENCIES,
)
from foedus.formats.texts import LANGUAGES, load_texts, mode_words
from foedus.limits import ALERT_BYTES_MAX
from foedus.model import SECOND_NS
from foedus.network import utc_ns

SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}Signature"
LIFE_NS_MAX: Final = 24 * 3600 * SECOND_NS
"""As for a warning between nodes: what claims to hold for more than a day is a mistake or an attack."""

Ring = tuple[tuple[float, float], ...]

_NUMBER: Final = r"-?[0-9]{1,3}(?:\.[0-9]{1,15})?"
_RING: Final = re.compile(rf"{_NUMBER},{_NUMBER}(?:\s+{_NUMBER},{_NUMBER})*")


class Reference(msgspec.Struct, frozen=True):
    """An earlier message."""

    sender: str
    identifier: str
    sent_ns: int


class CapArea(msgspec.Struct, frozen=True, kw_only=True):
    """One area of an info."""

    description: str
    polygons: tuple[Ring, ...]  # latitude, longitude in degrees


class CapInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is told in one language; times are 0 where none is given."""

    language: str
    categories: tuple[str, ...]
    event: str
    responses: tuple[str, ...]
    urgency: str
    severity: str
    certainty: str
    onset_ns: int
    expires_ns: int
    sender_name: str
    headline: str
    description: str
    instruction: str
    parameters: tuple[tuple[str, str], ...]
    areas: tuple[CapArea, ...]

    def parameter(self, name: str) -> str:
        """The first value of a parameter of ours, empty if there is none."""
        return next((value for key, value in self.parameters if key == f"foedus:{name}"), "")


class CapMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message."""

    identifier: str
    sender: str
    sent_ns: int
    status: str
    message_type: str
    scope: str
    restriction: str
    note: str
    references: tuple[Reference, ...]
    infos: tuple[CapInfo, ...]
    signed: bool  # a signature stands in it; signature.py says whether it holds

    @property
    def mode(self) -> str:
        """The mode that it claims, empty if it names none of ours."""
        first = self.identifier.partition(".")[0]
        return first if first in STATUS_OF else ""

    @property
    def about(self) -> str:
        """What all messages about the same warning have in common: the identifier without its number."""
        return self.identifier.rpartition(".")[0]


# ---------------------------------------------------------------- parsing

_Times = tuple[int, int | None]
_ONE: Final = (1, 1)
_MAYBE: Final = (0, 1)
_ANY: Final = (0, None)

_ALERT: Final[dict[str, _Times]] = {
    "identifier": _ONE, "sender": _ONE, "sent": _ONE, "status": _ONE, "msgType": _ONE, "source": _MAYBE,
    "scope": _ONE, "restriction": _MAYBE, "addresses": _MAYBE, "code": _ANY, "note": _MAYBE,
    "references": _MAYBE, "incidents": _MAYBE, "info": _ANY,
}  # fmt: skip
_INFO: Final[dict[str, _Times]] = {
    "language": _MAYBE, "category": (1, None), "event": _ONE, "responseType": _ANY, "urgency": _ONE,
    "severity": _ONE, "certainty": _ONE, "audience": _MAYBE, "eventCode": _ANY, "effective": _MAYBE,
    "onset": _MAYBE, "expires": _MAYBE, "senderName": _MAYBE, "headline": _MAYBE, "description": _MAYBE,
    "instruction": _MAYBE, "web": _MAYBE, "contact": _MAYBE, "parameter": _ANY, "resource": _ANY,
    "area": _ANY,
}  # fmt: skip
_AREA: Final[dict[str, _Times]] = {
    "areaDesc": _ONE, "polygon": _ANY, "circle": _ANY, "geocode": _ANY, "altitude": _MAYBE, "ceiling": _MAYBE,
}  # fmt: skip
_PAIR: Final[dict[str, _Times]] = {"valueName": _ONE, "value": _ONE}


class _NoDoctype(ElementTree.TreeBuilder):
    """Builds the tree of a document without a document type declaration."""

    def doctype(self, name: str, _public: str | None, _system: str | None) -> None:
        """Refuse it: entities are not expanded and nothing is fetched."""
        raise InputError(where="", found=f"a document type declaration of {name}", expected="none")


def parse_cap(data: bytes, *, where: str) -> CapMessage:
    """The message; InputError with the place of what is not CAP 1.2."""
    if len(data) > ALERT_BYTES_MAX:
        raise InputError(
            where=where, found=f"{len(data):,} bytes", expected=f"at most {ALERT_BYTES_MAX:,} bytes"
        )
    parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314 (no declaration, so no entities)
    try:
        parser.feed(data)
        root = parser.close()
    except InputError as error:
        raise InputError(where=where, found=error.found, expected=error.expected) from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:  # the others: encodings not known
        raise InputError(where=where, found=f"no XML ({error})", expected="a CAP 1.2 message") from None
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise InputError(where=where, found=f"element {root.tag}", expected=f"alert of {NAMESPACE}")
    parts = _children(root, _ALERT, where=f"{where}: alert")
    return CapMessage(
        identifier=_name(parts, "identifier", where),
        sender=_name(parts, "sender", where),
        sent_ns=_time(parts, "sent", where),
        status=_word(parts, "status", STATUSES, where),
        message_type=_word(parts, "msgType", MESSAGE_TYPES, where),
        scope=_word(parts, "scope", SCOPES, where),
        restriction=_text(parts, "restriction"),
        note=_text(parts, "note"),
        references=tuple(_reference(one, where) for one in _text(parts, "references").split()),
        infos=tuple(
            _info(element, f"{where}: info {number}") for number, element in enumerate(parts["info"], 1)
        ),
        signed=any(child.tag == SIGNATURE for child in root),
    )


_Parts = dict[str, list[ElementTree.Element]]


def _children(element: ElementTree.Element, allowed: dict[str, _Times], *, where: str) -> _Parts:
    """The children by name; InputError for one unknown, too many, missing, or out of order."""
    parts: _Parts = {name: [] for name in allowed}
    names = list(allowed)
    newest = 0
    for child in element:
        if child.tag == SIGNATURE:
            continue
        name = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name not in parts:
            raise InputError(where=where, found=f"element {child.tag}", expected="one of CAP 1.2")
        if names.index(name) < newest:
            raise InputError(where=where, found=f"{name} after {names[newest]}", expected="it before that")
        newest = names.index(name)
        parts[name].append(child)
    for name, (least, most) in allowed.items():
        count = len(parts[name])
        if count < least or (most is not None and count > most):
            raise InputError(
                where=where, found=f"{count} of {name}", expected="one" if most else "one or more"
            )
    return parts


def _text(parts: _Parts, name: str) -> str:
    return (parts[name][0].text or "").strip() if parts[name] else ""


def _name(parts: _Parts, name: str, where: str) -> str:
    """An identifier or sender: not empty, without spaces, commas and `<`, `&` (CAP 1.2, 3.2.1)."""
    text = _text(parts, name)
    if not text or any(character in ",<&" or character.isspace() for character in text):
        raise InputError(where=f"{where}: {name}", found=repr(text), expected="no space, comma, < or &")
    return text


def _word(parts: _Parts, name: str, words: Sequence[str], where: str) -> str:
    text = _text(parts, name)
    if text not in words:
        raise InputError(where=f"{where}: {name}", found=repr(text), expected=", ".join(words))
    return text


def _time(parts: _Parts, name: str, where: str) -> int:
    return _instant(_text(parts, name), f"{where}: {name}") if parts[name] else 0


def _instant(text: str, where: str) -> int:
    """Nanoseconds of a CAP time; the schema's pattern has neither fractions nor Z."""
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        text = ""
    if text.endswith("Z") or len(text) != len("2018-08-01T11:30:00-00:00"):
        raise InputError(
            where=where, found="no such time", expected="a time such as 2018-08-01T11:30:00-00:00"
        )
    return utc_ns(text, where=where)


def _reference(text: str, where: str) -> Reference:
    sender, _, rest = text.partition(",")
    identifier, _, sent = rest.partition(",")
    if not sender or not identifier or "," in sent:
        raise InputError(where=f"{where}: references", found=repr(text), expected="sender,identifier,sent")
    return Reference(sender, identifier, _instant(sent, f"{where}: references"))


def _info(element: ElementTree.Element, where: str) -> CapInfo:
    parts = _children(element, _INFO, where=where)
    return CapInfo(
        language=_text(parts, "language") or "en-US",
        categories=tuple(_listed(parts, "category", CATEGORIES, where)),
        event=_text(parts, "event"),
        responses=tuple(_listed(parts, "responseType", RESPONSES, where)),
        urgency=_word(parts, "urgency", URGENCIES, where),
        severity=_word(parts, "severity", SEVERITIES, where),
        certainty=_word(parts, "certainty", CERTAINTIES, where),
        onset_ns=_time(parts, "onset", where),
        expires_ns=_time(parts, "expires", where),
        sender_name=_text(parts, "senderName"),
        headline=_text(parts, "headline"),
        description=_text(parts, "description"),
        instruction=_text(parts, "instruction"),
        parameters=tuple(_pair(one, f"{where}: parameter") for one in parts["parameter"]),
        areas=tuple(_area(one, f"{where}: area {number}") for number, one in enumerate(parts["area"], 1)),
    )


def _listed(parts: _Parts, name: str, words: Sequence[str], where: str) -> list[str]:
    return [_word({name: [one]}, name, words, where) for one in parts[name]]


def _pair(element: ElementTree.Element, where: str) -> tuple[str, str]:
    parts = _children(element, _PAIR, where=where)
    return _text(parts, "valueName"), _text(parts, "value")


def _area(element: ElementTree.Element, where: str) -> CapArea:
    parts = _children(element, _AREA, where=where)
    return CapArea(
        description=_text(parts, "areaDesc"),
        polygons=tuple(_ring(one.text or "", f"{where}: polygon") for one in parts["polygon"]),
    )


def _ring(text: str, where: str) -> Ring:
    """Closed, of four points or more, within the bounds of WGS 84 (CAP 1.2, 3.2.4)."""
    points: Ring = ()
    if _RING.fullmatch(text.strip()):
        points = tuple((float(lat), float(lon)) for lat, lon in (pair.split(",") for pair in text.split()))
    if len(points) < 4 or points[0] != points[-1]:
        raise InputError(
            where=where, found=f"{len(points)} points", expected="four or more, the last the first"
        )
    if not all(abs(lat) <= 90.0 and abs(lon) <= 180.0 for lat, lon in points):
        raise InputError(where=where, found="a point off the earth", expected="latitude,longitude in degrees")
    return points


# ---------------------------------------------------------------- judging


def read_cap(data: bytes, *, where: str) -> CapMessage:
    """A message of ours; InputError if it is none, or if it does not say its mode everywhere alike."""
    message = parse_cap(data, where=where)
    found = mode_faults(message)
    if found:
        raise InputError(where=where, found=found[0], expected="one mode, said everywhere alike")
    return message


def faults(
    message: CapMessage, *, mode: str, now_ns: int, known: Sequence[CapMessage] = ()
) -> tuple[str, ...]:
    """Why a system that runs in `mode` may not take the message now, as sentences; none: it may.

    known: other messages that this system has, in any order.
    """
    found = mode_faults(message)
    if message.mode and message.mode != mode:
        found.append(f"it is a message of mode {message.mode}; this system runs {mode}")
    if message.scope == "Restricted" and not message.restriction:
        found.append("its scope is Restricted and it does not say to whom")
    if not message.infos:
        found.append("it has no info")
    for info in message.infos:
        found += _info_faults(message, info, now_ns)
    found += _chain_faults(message, known)
    return tuple(dict.fromkeys(found))


def mode_faults(message: CapMessage) -> list[str]:
    """Where a message does not say its mode, or says another one."""
    mode = message.mode
    if not mode:
        return [f"its identifier {message.identifier} begins with no mode"]
    found = []
    if message.status != STATUS_OF[mode]:
        found.append(
            f"its status is {message.status}; its identifier says {mode}, which is {STATUS_OF[mode]}"
        )
    if mode != "LIVE" and not message.note.startswith(mode_words(mode, load_texts("en"))):
        found.append(f"its note does not begin with the words of {mode}")
    for info in message.infos:
        if info.parameter("mode") != mode:
            found.append(f"its parameter mode is {info.parameter('mode') or 'missing'}; expected {mode}")
        if info.language not in LANGUAGES:
            found.append(f"its language {info.language} is none in which the words of a mode are known")
            continue
        for name in ("event", "headline", "description", "instruction"):
            found += _marking_faults(name, getattr(info, name), info.language, mode)
    return found


def _marking_faults(name: str, text: str, language: str, mode: str) -> list[str]:
    """Whether a text for people begins with the words of the mode, and in LIVE with those of none."""
    where = f"its {name} in language {language}"
    if mode != "LIVE":
        words = mode_words(mode, load_texts(language))
        return [] if text.startswith(words) else [f"{where} does not begin with the words of {mode}"]
    others = [
        other
        for other in ("EXERCISE", "RECORDING")
        for tag in LANGUAGES
        if text.startswith(mode_words(other, load_texts(tag)))
    ]
    return [f"{where} begins with the words of {others[0]}, but it claims to be LIVE"] if others else []


def _info_faults(message: CapMessage, info: CapInfo, now_ns: int) -> list[str]:
    """Area and end."""
    found = []
    if not any(area.polygons for area in info.areas):
        found.append("it has no area: nobody is meant by it, and certainly not everyone")
    if not info.expires_ns:
        found.append("it has no end")
    elif info.expires_ns <= message.sent_ns:
        found.append("it ends before it begins")
    elif info.expires_ns - message.sent_ns > LIFE_NS_MAX:
        found.append("it claims to hold for more than a day")
    elif info.expires_ns <= now_ns:
        found.append(f"it ended {(now_ns - info.expires_ns) // SECOND_NS:,} s ago")
    return found


def _chain_faults(message: CapMessage, known: Sequence[CapMessage]) -> list[str]:
    """Whether a message names those before it, and none of another sender."""
    found = []
    if message.message_type == "Alert" and message.references:
        found.append("it is a first message and names earlier ones")
    if message.message_type in ("Update", "Cancel") and not message.references:
        found.append(f"its type is {message.message_type} and it names no earlier message")
    if any(reference.sender != message.sender for reference in message.references):
        found.append("it speaks for a message of another sender")
    if message.infos and message.infos[0].parameter("references_left_out"):
        return found
    named = [(one.sender, one.identifier, one.sent_ns) for one in message.references]
    missing = [
        other.identifier
        for other in known
        if (other.sender, other.about) == (message.sender, message.about)
        and _place(other) < _place(message)
        and (other.sender, other.identifier, other.sent_ns) not in named
    ]
    return found + [f"it does not name {identifier}, which came before it" for identifier in sorted(missing)]


def _place(message: CapMessage) -> tuple[int, int]:
    """Order among the messages about one warning: time, then the number at the end of the identifier."""
    tail = message.identifier.rpartition(".")[2]
    return message.sent_ns, int(tail) if tail.isdecimal() and len(tail) < 19 else 0
