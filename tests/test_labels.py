"""Labels agree with what is really released: a party is on one only if it was given that estimate."""

import functools

import numpy as np
import pytest

import alpine
from foedus.model import Form, Reports
from foedus.node import Node
from foedus.wire import Picture, decode_message, unpack_columns
from three_members import SHARE, Trio, pact_of

COARSE = SHARE.replace('form = "track"', 'form = "coarse"')
ONE_WAY = 'id = "S", kind = "share", from = "FR", to = ["CH"], data = "tracks", form = "track"'
LATE = SHARE + ", delay_s = 3600"

Estimate = tuple[str, ...]
Given = dict[tuple[str, Estimate], int]  # (party, estimate) -> the highest form in which it has it, or may


def estimates(columns, *names):
    names = ("time_ns", "lat_rad", "lon_rad", "height_m", "velocity_east_m_s", "position_sigma_m", *names)
    rows = [getattr(columns, name).tolist() for name in names]
    return [tuple(str(value) for value in row) for row in zip(*rows, strict=True)]


def note(given: Given, parties: tuple[str, ...], recipient: str, reports: Reports) -> None:
    """Keep what a picture gives its recipient, and what it lets the recipient pass on."""
    for row, estimate in enumerate(estimates(reports)):
        for index, party in enumerate(parties):
            form = reports.onward[row, index] if party != recipient else reports.form[row]
            given[party, estimate] = max(int(form), given.get((party, estimate), 0))


def expected(node: Node, given: Given, minimum: Form) -> dict[int, set[str]]:
    """Number in the picture -> the parties that have, or may have onward, everything behind it."""
    own = dict(zip(node._own.number.tolist(), estimates(node._own), strict=True))
    found = {number: set(node.parties) for number in node._picture.number.tolist()}
    for bit, theirs, fused in node._fuser.pairs():
        giver = node.parties[bit]
        if giver == node.member:
            may = {party for party in node.parties if given.get((party, own[theirs]), 0) >= minimum}
        else:
            reports = node._partners[giver].reports
            row = reports.number.tolist().index(theirs)
            forms = reports.onward[row].tolist()
            may = {party for party, form in zip(node.parties, forms, strict=True) if form >= minimum}
            may |= {giver} if reports.form[row] >= minimum else set()
        found[fused] &= may | {node.member}
    return found


def labelled(node: Node, minimum: Form) -> dict[int, set[str]]:
    numbers = node._picture.number.tolist()
    rows = node.labels().releasable(minimum).tolist()
    return {
        number: {party for party, may in zip(node.parties, row, strict=True) if may}
        for number, row in zip(numbers, rows, strict=True)
    }


@functools.cache
def trio(*clauses: str) -> tuple[Trio, dict[str, Given]]:
    """Three members after a minute, and what each of them gave."""
    run = Trio(pact_of(*clauses))
    given: dict[str, Given] = {member: {} for member in run.stations}
    for message in run.play(60):
        if isinstance(message.body, Picture):
            note(given[message.sender], ("CH", "FR", "IT"), message.recipient, message.reports)
    return run, given


@pytest.mark.parametrize("minimum", [Form.TRACK, Form.COARSE, Form.ALERT])
@pytest.mark.parametrize("clause", [SHARE, ONE_WAY], ids=["all", "one way"])
def test_a_label_names_exactly_the_parties_that_were_given_what_is_behind_the_track(clause, minimum):
    run, given = trio(clause)
    shared = 0
    for member, station in run.stations.items():
        labels = labelled(station.node, minimum)
        assert labels == expected(station.node, given[member], minimum)
        shared += sum(len(parties) > 1 for parties in labels.values())
    assert shared > 10


def test_a_party_that_is_given_less_than_the_track_is_not_on_the_label_of_the_track():
    run, _ = trio(COARSE)
    for station in run.stations.values():
        labels = station.node.labels()
        assert labels.releasable(Form.TRACK).sum() == len(labels.form)  # the member itself
        assert labels.releasable(Form.COARSE).sum() > len(labels.form)


def test_what_may_not_leave_yet_is_on_no_label():
    run, _ = trio(LATE)
    for station in run.stations.values():
        assert station.node.labels().releasable(Form.ALERT).sum() == len(station.node.labels().form)


def test_the_clause_of_a_label_is_the_one_by_which_the_row_was_released():
    run, _ = trio(ONE_WAY)
    node = run.stations["FR"].node
    labels = node.labels()
    named = {node.tables.clauses[index] for index in labels.clause[labels.clause >= 0].tolist()}
    assert named == {"S"}


def test_over_a_hub_and_a_withhold_labels_still_agree_with_what_was_sent():
    """In the alpine network FR gives IT nothing that rests on plots in its reserved zone."""
    run = alpine.run(alpine.chunks(120), 120)
    parties = run.stations["FR"].node.parties
    given: dict[str, Given] = {party: {} for party in parties}
    for sent in run.sent:
        message = decode_message(sent.body)
        if isinstance(message, Picture):
            reports = unpack_columns(message.reports, Reports, parties=len(parties))
            note(given[sent.sender], parties, sent.recipient, reports)
    for party in ("CH", "FR", "DE", "IT"):
        node = run.stations[party].node
        assert labelled(node, Form.TRACK) == expected(node, given[party], Form.TRACK)
        form = node._releases.may_go_on(node._own, now_ns=node.time_ns).form
        for row, estimate in enumerate(estimates(node._own)):
            for index, other in enumerate(parties):
                had = given[party].get((other, estimate), Form.NONE)
                assert other == party or form[row, index] == had, (party, other, estimate)
    node = run.stations["FR"].node
    italy = node._releases.may_go_on(node._own, now_ns=node.time_ns).form[:, parties.index("IT")]
    assert (italy == Form.TRACK).sum() == 10  # of 12 that IT is given something of: two began in the zone
    assert len(italy) > 12
    hub = run.stations["HUB"].node
    for number, may in labelled(hub, Form.TRACK).items():
        behind = {hub.parties[bit] for bit, _, fused in hub._fuser.pairs() if fused == number}
        assert may & {"CH", "FR"} == set(), behind  # nobody meets them through the hub


def test_labels_of_an_empty_picture_are_empty():
    node = alpine.make_stations()["CH"].node
    assert node.labels().form.shape == (0, 5)
    assert np.array_equal(node.outgoing().identity, np.zeros(0, np.int8))
