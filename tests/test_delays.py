"""Delayed rows: none leaves too young, none leaves that may not when it is due, and they tell nothing."""

from collections.abc import Sequence

import numpy as np
import pytest

import alpine
from foedus import outflow, releases
from foedus.model import SECOND_NS, Reports
from foedus.pact.reading.text import parse_pact
from foedus.wire import Picture, decode_message, unpack_columns
from test_non_interference import move, twin
from three_members import SHARE, Message, Trio, pact_of

DELAY_S = 30
LATE = f"{SHARE}, delay_s = {DELAY_S}"


def rows(messages: Sequence[Message], sender: str, recipient: str) -> list[tuple[int, float, float]]:
    """(time of the estimate, latitude, longitude) of every row from one to the other."""
    return [
        row
        for one in messages
        if (one.sender, one.recipient) == (sender, recipient)
        for reports in [one.reports]
        for row in zip(
            reports.time_ns.tolist(), reports.lat_rad.tolist(), reports.lon_rad.tolist(), strict=True
        )
    ]


def ages_s(messages: Sequence[Message]) -> np.ndarray:
    """How old each row was when it was sent, in seconds."""
    found = [(one.time_ns - one.reports.time_ns) / SECOND_NS for one in messages]
    return np.concatenate([np.zeros(0), *found])


@pytest.mark.parametrize("written", [f"{DELAY_S}", '"shortly"'])
def test_a_row_leaves_at_the_first_tick_at_which_it_is_old_enough(written: str) -> None:
    trio = Trio(pact_of(f"{SHARE}, delay_s = {written}"))
    messages = trio.play(90)
    ages = ages_s(messages)
    assert len(ages) > 100
    assert ages.min() >= DELAY_S
    assert ages.max() < DELAY_S + alpine.TICK_NS / SECOND_NS
    assert trio.refused() == []


def test_what_comes_late_is_what_would_have_come_at_once() -> None:
    at_once = rows(Trio(pact_of(SHARE)).play(60), "FR", "CH")
    late = rows(Trio(pact_of(LATE)).play(60 + DELAY_S), "FR", "CH")
    assert len(at_once) > 50
    until_ns = alpine.START_NS + 55 * SECOND_NS
    assert {row for row in late if row[0] <= until_ns} == {row for row in at_once if row[0] <= until_ns}


def test_pictures_go_at_every_tick_whether_or_not_a_row_is_due() -> None:
    at_once, late = (Trio(pact_of(share)).play(60) for share in (SHARE, LATE))
    assert [one[:3] for one in late] == [one[:3] for one in at_once]


def test_what_is_suspended_before_it_is_due_never_leaves() -> None:
    trio = Trio(pact_of(LATE))
    trio.play(60)
    trio.tell("suspended", "S", by="FR")
    assert trio.play(10) == []
    trio.tell("resumed", "S", by="FR")
    resumed_ns = trio.now_ns
    messages = trio.play(60)
    assert len(ages_s(messages)) > 50
    older = [  # of each track that is still held, nothing but its present estimate
        (one.sender, one.recipient, number)
        for one in messages
        for number, time_ns in zip(one.reports.number.tolist(), one.reports.time_ns.tolist(), strict=True)
        if time_ns < resumed_ns - alpine.TICK_NS
    ]
    assert len({*older}) == len(older)
    dropped = {what: n for what, n in trio.stations["FR"].node.dropped().items() if "waited" in what}
    assert sorted(dropped) == [f"row not given, waited for too long or in vain, {to}" for to in ("CH", "IT")]
    assert trio.refused() == []


def test_what_is_withheld_for_a_casus_before_it_is_due_never_leaves() -> None:
    hold = (
        'id = "H", kind = "withhold", from = "FR", to = "CH", data = "tracks", zones = ["Z-CH"], casus = "C"'
    )
    casus = (
        'id = "C", kind = "casus", event = ["attack"], object = ["any"], determined_by = "each", of = "any", '
        'by = ["any"]'
    )
    trio = Trio(pact_of(LATE, hold, casus))
    before = rows(trio.play(60), "FR", "CH")
    assert any(_inside(row) for row in before)
    trio.tell("casus", "C", by="FR", says="yes")
    after = rows(trio.play(60), "FR", "CH")
    assert after
    assert not any(_inside(row) for row in after)
    assert trio.refused() == []


def _inside(row: tuple[int, float, float]) -> bool:
    return bool(45.9 < np.degrees(row[1]) < 47.6 and 6.2 < np.degrees(row[2]) < 10.0)


def test_the_guard_holds_back_rows_that_leave_too_young(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "delays", lambda tables, clause: np.zeros(len(clause), np.int64))
    trio = Trio(pact_of(LATE))
    messages = trio.play(60)
    assert len(ages_s(messages)) == 0
    assert set(trio.refused()) == {f"a row that is not {DELAY_S} s old"}


def test_beyond_the_limit_the_oldest_rows_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outflow, "PENDING_ROWS_MAX", 10)
    trio = Trio(pact_of(LATE))
    messages = trio.play(90)
    node = trio.stations["FR"].node
    assert node.dropped()["row not given, waited for too long or in vain, CH"] > 20
    assert len(rows(messages, "FR", "CH")) < 5  # the newest ten are younger than the delay; what coasts goes
    assert trio.refused() == []


def test_the_hubs_own_delay_counts_for_what_it_passes_on() -> None:
    run, pact = _alpine_with('from = "hub"', seconds=90)
    ages = []
    for sent in run.stream("DE"):
        message = decode_message(sent.body)
        if sent.sender == "HUB" and isinstance(message, Picture):
            reports = unpack_columns(message.reports, Reports, parties=len(pact.party))
            ages += ((message.time_ns - reports.time_ns) / SECOND_NS).tolist()
    assert len(ages) > 20
    assert min(ages) >= DELAY_S
    assert _refusals(run) == []


def test_late_rows_tell_nothing_of_what_is_withheld() -> None:
    """The twin-run test with a delay on every direct share: IT's stream stays the same to the byte."""
    seconds = 180
    original, _ = _alpine_with('from = "member"', seconds=seconds)
    changed = [twin(chunk, move) for chunk in alpine.chunks(seconds)]
    altered, _ = _alpine_with('from = "member"', seconds=seconds, chunks=changed)
    assert altered.stream("CH") != original.stream("CH")
    assert altered.stream("IT") == original.stream("IT")
    assert sum(len(sent.body) for sent in original.stream("IT")) > 10_000


def _alpine_with(giver: str, *, seconds: int, chunks: list | None = None) -> tuple[alpine.Run, object]:
    """A run of the alpine network in which the shares of such givers are late."""
    _, _, texts = alpine.documents()
    text = texts.pact_text.replace(f"{giver}\nto =", f"delay_s = {DELAY_S}\n{giver}\nto =")
    assert text != texts.pact_text
    pact = parse_pact(text, file="late.toml")
    run = alpine.run(
        alpine.chunks(seconds) if chunks is None else chunks,
        seconds,
        stations=alpine.make_stations(pact=pact),
    )
    return run, pact


def _refusals(run: alpine.Run) -> list[str]:
    return [one.reason for station in run.stations.values() for one in station.refusals]
