"""Intervals of seconds relative to a named zero, each bound with the placeholders that it rests on.

A bound may be missing: then nothing is known on that side. A placeholder is a bound that nobody has stated
and that the writer of a file has put in its place; whatever is worked out from one carries its name.
"""

import msgspec

from foedus.pact.words import Truth


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """An instant that is known to lie between two others; None: no bound on that side."""

    lo_s: float | None
    hi_s: float | None
    lo_placeholders: tuple[str, ...] = ()
    hi_placeholders: tuple[str, ...] = ()

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Every placeholder that one of the bounds rests on, each once."""
        return tuple(dict.fromkeys((*self.lo_placeholders, *self.hi_placeholders)))


OPEN = Interval(lo_s=None, hi_s=None)
"""An instant of which nothing is known."""


def moment(at_s: float) -> Interval:
    """The interval of one instant."""
    return Interval(lo_s=at_s, hi_s=at_s)


def shifted(one: Interval, by_s: float) -> Interval:
    """The interval so much later."""
    return msgspec.structs.replace(
        one,
        lo_s=None if one.lo_s is None else one.lo_s + by_s,
        hi_s=None if one.hi_s is None else one.hi_s + by_s,
    )


def before_zero(one: Interval) -> Interval:
    """How long before zero the instant lies: its bounds with the other sign, in the other order."""
    return Interval(
        lo_s=None if one.hi_s is None else 0.0 - one.hi_s,
        hi_s=None if one.lo_s is None else 0.0 - one.lo_s,
        lo_placeholders=one.hi_placeholders,
        hi_placeholders=one.lo_placeholders,
    )


def floored(one: Interval, least_s: float) -> Interval:
    """The interval with nothing of it below that; a bound so replaced still rests on what it did."""
    return latest(one, moment(least_s))


def latest(one: Interval, other: Interval) -> Interval:
    """The later of two instants."""
    unknown = one.hi_s is None or other.hi_s is None
    lows = [bound for bound in (one.lo_s, other.lo_s) if bound is not None]
    return Interval(
        lo_s=max(lows, default=None),
        hi_s=None if unknown else max(one.hi_s or 0.0, other.hi_s or 0.0),
        lo_placeholders=_both(one.lo_placeholders, other.lo_placeholders),
        hi_placeholders=_both(one.hi_placeholders, other.hi_placeholders),
    )


def earliest(one: Interval, other: Interval) -> Interval:
    """The earlier of two instants."""
    return before_zero(latest(before_zero(one), before_zero(other)))


def after(done: Interval, due: Interval) -> Truth:
    """Whether one instant lies after the other, three-valued. At it is not after it."""
    if done.lo_s is not None and due.hi_s is not None and done.lo_s > due.hi_s:
        return Truth.YES
    if done.hi_s is not None and due.lo_s is not None and done.hi_s <= due.lo_s:
        return Truth.NO
    return Truth.UNDETERMINED


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


# ---------------------------------------------------------------- in words


def spell_minutes(one: Interval) -> str:
    """`[-480*, -1] min`: a star marks a placeholder."""
    return _spell(one, 60.0, "min")


def spell_seconds(one: Interval) -> str:
    """`[-28680*, 60] s`: a star marks a placeholder."""
    return _spell(one, 1.0, "s")


def spell_lo(one: Interval) -> str:
    """The lower bound alone, `-120 min`."""
    return "no bound" if one.lo_s is None else f"{one.lo_s / 60.0:.10g} min"


def _spell(one: Interval, unit_s: float, unit: str) -> str:
    lo = "no bound" if one.lo_s is None else f"{one.lo_s / unit_s:.10g}{'*' if one.lo_placeholders else ''}"
    hi = "no bound" if one.hi_s is None else f"{one.hi_s / unit_s:.10g}{'*' if one.hi_placeholders else ''}"
    return f"[{lo}, {hi}] {unit}"
