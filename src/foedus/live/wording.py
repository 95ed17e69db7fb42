"""Words that a console shows and does not have itself: classes, reasons, a warning in every language."""

from typing import Final

import msgspec

from foedus.formats.alert import Alert, Area, Issuer
from foedus.formats.texts import LANGUAGES, full, load_texts
from foedus.model import TrackClass
from foedus.view import WarningView
from foedus.watch.reason_words import WORDS

TRACK_CLASSES: Final = tuple(one.name.lower() for one in TrackClass)
REASONS: Final = tuple((one.word, one.sentence) for one in WORDS)


class WarningText(msgspec.Struct, frozen=True):
    """A warning in one language, behind the words of the mode."""

    language: str  # RFC 5646
    direction: str  # ltr, rtl
    text: str  # one thing per line


class WarningTexts(msgspec.Struct, frozen=True):
    """A warning in every language that there is."""

    texts: tuple[WarningText, ...]


def texts_of(
    warning: WarningView, *, mode: str, member: str, name: str, party: str, now_ns: int
) -> WarningTexts:
    """What the warning says as of a time, in the order of LANGUAGES. party: the name of who warned."""
    issuer = Issuer(network="", mode=mode, member=member, name=name, sender="", languages=LANGUAGES)
    area = Area(zone=warning.zone, name=warning.zone, polygon=())
    alert = Alert(issuer=issuer, warning=warning, party=party, area=area, serial=0, number=1, sent_ns=now_ns)
    texts = [load_texts(language) for language in LANGUAGES]
    return WarningTexts(tuple(WarningText(one.tag, one.direction, full(alert, one)) for one in texts))
