"""What an alert says in the languages of people, from the files in `texts/`.

One file per language, closed: each holds every key and every placeholder of the others. Lines are labels with
values, not sentences round them, so that no grammar depends on what is put in. In a language that is written
from right to left everything put in is isolated (UAX #9, section 2.4: LRI, FSI ... PDI), so that a time or a
name neither turns round nor drags its neighbours along.
"""

import functools
from importlib.resources import files
from typing import Final, Literal

import msgspec

from foedus.document import parse_document
from foedus.formats.alert import Alert, utc

LANGUAGES: Final = ("ar", "de", "en", "fr", "he", "it")

SHORT_CHARACTERS_MAX: Final = 90
"""Of what follows the mode words: one page of an old pager or half an SMS, so that nothing cuts it."""

_LEFT_TO_RIGHT: Final = "\u2066"  # LRI: times, numbers, ids
_BY_FIRST_LETTER: Final = "\u2068"  # FSI: names, whose script is not known
_END: Final = "\u2069"  # PDI


class _Closed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a language file: every key is there, and no other."""


class ModeWords(_Closed, frozen=True):
    """Of the modes that are not real."""

    EXERCISE: str
    RECORDING: str


class ClassWords(_Closed, frozen=True):
    """By name of model.TrackClass."""

    unidentified: str
    cooperative: str
    aircraft: str
    ballistic: str
    cruise: str
    uas: str


class ShortPatterns(_Closed, frozen=True):
    """The short message: area, class, time."""

    expected: str
    inside: str
    less_likely: str
    over: str
    run_out: str


class StateWords(_Closed, frozen=True):
    """By value of watch.states.WarningState."""

    raised: str
    renewed: str
    downgraded: str
    cancelled: str
    expired: str


class Lines(_Closed, frozen=True):
    """Lines of the full message."""

    area: str
    what: str
    expected: str
    inside: str
    between: str
    probability: str
    cell: str
    reasons: str
    source: str


class BasisWords(_Closed, frozen=True):
    """By word of wire.Warn.basis."""

    confirmed: str
    unconfirmed: str
    person: str


class ReasonWords(_Closed, frozen=True):
    """By word of the closed list of reasons."""

    heading_to_zone: str
    inside_zone: str
    low_and_slow: str
    unidentified: str
    off_route: str
    squawk_7500: str
    squawk_7600: str
    squawk_7700: str
    fell_silent: str
    falling_to_zone: str
    no_velocity: str
    closing: str


class InstructionLines(_Closed, frozen=True):
    """What people should do."""

    shelter: str
    prepare: str
    windows: str
    authorities: str
    over: str


class Texts(_Closed, frozen=True):
    """One language."""

    tag: str  # RFC 5646
    direction: Literal["ltr", "rtl"]
    event: str
    mode: ModeWords
    note: ModeWords
    track_class: ClassWords
    short: ShortPatterns
    state: StateWords
    line: Lines
    basis: BasisWords
    reason: ReasonWords
    instruction: InstructionLines


@functools.cache
def load_texts(language: str) -> Texts:
    """The texts of one of LANGUAGES."""
    assert language in LANGUAGES
    name = f"{language}.toml"
    return parse_document(
        files("foedus.formats").joinpath("texts", name).read_text("utf-8"), Texts, file=name
    )


# ---------------------------------------------------------------- phrases


def mode_words(mode: str, texts: Texts) -> str:
    """The words that say that it is not real; empty in LIVE only."""
    if mode == "LIVE":
        return ""
    words: str = getattr(texts.mode, mode)
    return words


def marked(text: str, mode: str, texts: Texts) -> str:
    """The text behind the mode words."""
    words = mode_words(mode, texts)
    return f"{words} - {text}" if words else text


def phase(alert: Alert) -> str:
    """Which short pattern fits."""
    warning = alert.warning
    by_state = {"cancelled": "over", "expired": "run_out", "downgraded": "less_likely"}
    coming = "inside" if warning.entry_ns <= alert.sent_ns else "expected"
    return by_state.get(warning.state, coming)


def short(alert: Alert, texts: Texts) -> str:
    """Area, class and time in at most SHORT_CHARACTERS_MAX characters, without mode words.

    The name of the area is replaced by the id of its zone where it is too long.
    """
    pattern: str = getattr(texts.short, phase(alert))
    time = _value(_clock(alert.warning.entry_ns), texts)
    for name in (alert.area.name, alert.area.zone):
        text = pattern.format(area=_name(name, texts), what=_class(alert, texts), time=time)
        if len(text) <= SHORT_CHARACTERS_MAX:
            return text
    return text[:SHORT_CHARACTERS_MAX]


def event(alert: Alert, texts: Texts) -> str:
    """What kind of thing is told."""
    return marked(texts.event, alert.issuer.mode, texts)


def headline(alert: Alert, texts: Texts) -> str:
    """The short message behind the mode words."""
    return marked(short(alert, texts), alert.issuer.mode, texts)


def full(alert: Alert, texts: Texts) -> str:
    """What may be told, one thing per line, behind the mode words; the public does not learn by whom."""
    warning, line = alert.warning, texts.line
    state: str = getattr(texts.state, warning.state)
    lines = [state, line.area.format(area=_name(alert.area.name, texts))]
    lines.append(line.what.format(what=_class(alert, texts)))
    if phase(alert) in ("expected", "inside", "less_likely"):
        lines += _entry(alert, texts)
        basis: str = getattr(texts.basis, warning.basis)
        lines.append(basis)
        lines += _reasons(alert, texts)
    if not alert.public:
        lines.append(line.source.format(party=_name(alert.party, texts)))
    return marked("\n".join(lines), alert.issuer.mode, texts)


def instruction(alert: Alert, texts: Texts, *, shelter_now: bool) -> str:
    """What people should do, behind the mode words and what these mean; of a recording nothing but these."""
    lines, said = texts.instruction, []
    if alert.issuer.mode != "LIVE":
        said.append(note(alert, texts))
    if alert.issuer.mode == "RECORDING":
        return marked(said[0], alert.issuer.mode, texts)
    if phase(alert) == "over":
        said.append(lines.over)
    elif phase(alert) != "run_out":
        said += [lines.shelter if shelter_now else lines.prepare, lines.windows]
    said.append(lines.authorities)
    return marked("\n".join(said), alert.issuer.mode, texts)


def note(alert: Alert, texts: Texts) -> str:
    """What a mode that is not real means for who reads it; empty in LIVE."""
    if alert.issuer.mode == "LIVE":
        return ""
    pattern: str = getattr(texts.note, alert.issuer.mode)
    return pattern.format(network=_value(alert.issuer.network, texts))


def _entry(alert: Alert, texts: Texts) -> list[str]:
    """When it comes, how probably, and where it was."""
    warning, line = alert.warning, texts.line
    time = _value(_clock(warning.entry_ns), texts)
    lines = [line.inside if warning.entry_ns <= alert.sent_ns else line.expected.format(time=time)]
    if warning.detail is not None and warning.detail.latest_ns > alert.sent_ns:
        earliest, latest = (
            _value(_clock(time_ns), texts)
            for time_ns in (warning.detail.earliest_ns, warning.detail.latest_ns)
        )
        lines.append(line.between.format(earliest=earliest, latest=latest))
    lines.append(line.probability.format(percent=_value(f"{warning.probability_percent} %", texts)))
    lines.append(line.cell.format(place=_value(place(warning.lat_cell_deg, warning.lon_cell_deg), texts)))
    return lines


def _reasons(alert: Alert, texts: Texts) -> list[str]:
    """The reasons that this language has words for, on one line; the parameters of the message have all."""
    given = alert.warning.detail.reasons if alert.warning.detail is not None else ()
    words = [getattr(texts.reason, word) for word in given if word in ReasonWords.__struct_fields__]
    return [texts.line.reasons.format(reasons="; ".join(words))] if words else []


def _class(alert: Alert, texts: Texts) -> str:
    words: str = getattr(texts.track_class, alert.warning.track_class)
    return words


def place(lat_deg: float, lon_deg: float) -> str:
    """A corner of a 0.1 degree cell, as people read it."""
    return (
        f"{abs(lat_deg):.1f} {'S' if lat_deg < 0 else 'N'} {abs(lon_deg):.1f} {'W' if lon_deg < 0 else 'E'}"
    )


def _clock(time_ns: int) -> str:
    return f"{utc(time_ns):%H:%M} UTC"


def _value(text: str, texts: Texts) -> str:
    return f"{_LEFT_TO_RIGHT}{text}{_END}" if texts.direction == "rtl" else text


def _name(text: str, texts: Texts) -> str:
    return f"{_BY_FIRST_LETTER}{text}{_END}" if texts.direction == "rtl" else text
