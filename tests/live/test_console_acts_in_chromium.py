"""What persons do at a console, in a real Chromium: sign in, call and second a warning, cancel, declare."""

import queue
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from views import START_NS, make_hello, make_provenance, make_view, make_warning

import alpine
from browser import Serving, Watched, chromium, opened, serving, wait_for_picture
from foedus.live.gateway import Gateway
from foedus.model import SECOND_NS, Identity, TrackClass
from foedus.network import Mode
from foedus.view import CallView, DeclaredView, Provenance, ReasonView
from foedus.watch.delivery import Escalated
from foedus.wire import Act, Called, Declared, Detail
from keys import SECRET, in_mode, people_of

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TAKEN_S_MAX = 20
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class Desk:
    """A node that keeps what it is given; it warns FR of all in HAUTE-SAVOIE but what is ballistic."""

    def __init__(self) -> None:
        self.items: queue.Queue[Called | Act | Declared] = queue.Queue()

    def called_to(self, zone: str, track_class: int) -> str:
        return "FR" if zone == "HAUTE-SAVOIE" and track_class != TrackClass.BALLISTIC else ""

    def call(self, item: Called) -> None:
        self.items.put(item)

    def act(self, act: Act) -> None:
        self.items.put(act)

    def declare(self, item: Declared) -> str:
        self.items.put(item)
        return ""

    def taken(self) -> Called | Act | Declared:
        return self.items.get(timeout=TAKEN_S_MAX)


def provenance(number: int) -> Provenance | None:
    found = make_provenance(number)
    record = DeclaredView(
        identity="suspect",
        track_class="",
        person="watch-2",
        says="answers no call",
        time_ns=START_NS,
        ended_ns=0,
    )
    return found and msgspec.structs.replace(found, identity="suspect", declared=(record,))


CALL = CallView(
    id="C7",
    zone="HAUTE-SAVOIE",
    track_class="uas",
    lat_cell_deg=45.9,
    lon_cell_deg=6.5,
    entry_ns=START_NS + 300 * SECOND_NS,
    by="watch-2",
    says="seen from the ground",
    seconded_by="",
    state="waiting",
    reason="",
    until_ns=START_NS + 120 * SECOND_NS,
    warnings=(),
)
RECEIVED = make_warning(
    track=1,
    basis="confirmed",
    detail=Detail(START_NS + 200 * SECOND_NS, START_NS + 360 * SECOND_NS, ("heading_to_zone",)),
    reasons=(ReasonView("heading_to_zone", 280.0), ReasonView("low_and_slow", float("nan"))),
)
SENT = make_warning(
    id="CH-FR-1",
    direction="sent",
    party="FR",
    zone="HAUTE-SAVOIE",
    state="downgraded",
    basis="person",
    delivery="not shown",
    delivery_since_ns=START_NS - 6 * SECOND_NS,
)
ESCALATED = Escalated(warning="CH-FR-1", clause="warn-entry", then="second_route", time_ns=START_NS)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def swiss(desk: Desk) -> Gateway:
    exercise = in_mode(alpine.documents()[0], Mode.EXERCISE)
    gateway = Gateway(
        # As slow as a recording may be: no banner of silence comes while the tests look.
        make_hello("CH", mode="EXERCISE", speed=1.0, tick_s=60.0),
        provenance=provenance,
        act=desk.act,
        declare=desk.declare,
        people=people_of(exercise, "CH", "watch-1", "watch-2"),
        calls=desk,
        called_to=desk.called_to,
    )
    identity = np.full(60, Identity.PENDING, np.int8)
    identity[0] = Identity.SUSPECT
    view = make_view(warnings=(RECEIVED, SENT))
    gateway.publish(view._replace(calls=(CALL,), escalations=(ESCALATED,), identity=identity))
    return gateway


@pytest.fixture(scope="module")
def server(swiss: Gateway) -> Iterator[Serving]:
    with serving([swiss]) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def console(browser: Browser, server: Serving) -> Iterator[Watched]:
    """One console for all these tests, at which watch-1 signs in first."""
    with opened(browser, server.url + "/CH/") as watched:
        wait_for_picture(watched.page)
        watched.page.locator(".acknowledge").click()
        dialog = watched.page.get_by_role("dialog")
        expect(dialog).to_contain_text("Sign in at the consoles of CH")
        expect(watched.page.locator(".warnings .failure")).to_contain_text("nobody has signed in")
        sign_in(watched.page, "wrong secret")
        expect(dialog).to_contain_text("wrong person or secret")
        sign_in(watched.page, SECRET)
        expect(watched.page.locator("[data-person=watch-1]")).to_be_visible()
        yield watched


def sign_in(page: Page, secret: str) -> None:
    page.get_by_label("Person").fill("watch-1")
    page.get_by_label("Secret").fill(secret)
    page.get_by_role("button", name="Sign in", exact=True).click()


def drained(desk: Desk, kind: type) -> object:
    """The next item of that kind; a screen says `shown` whenever it shows something."""
    while not isinstance(item := desk.taken(), kind) or getattr(item, "verb", "") == "shown":
        pass
    return item


def test_a_card_says_basis_bounds_and_reasons_in_words(console):
    card = console.page.locator("[data-warning=IT-1]")
    expect(card).to_contain_text("confirmed by two unlike sensors")
    expect(card).to_contain_text("entry between 07:03:20 and 07:06:00")
    expect(card).to_contain_text("it enters the zone in 280 s")
    expect(card).to_contain_text("low and slow")  # a value that was not told leaves the word alone
    card.locator(".texts summary").click()
    expect(card.locator("[lang=he]")).to_have_attribute("dir", "rtl")
    expect(card.locator("[lang=en]")).to_contain_text("EXERCISE EXERCISE EXERCISE")


def test_what_no_screen_has_shown_is_loud_at_the_sender_with_since_when_and_what_follows(console):
    page = console.page
    expect(page.locator(".overdue")).to_contain_text("not shown by FR: HAUTE-SAVOIE, since 06:59:54")
    card = page.locator("[data-warning=CH-FR-1]")
    expect(card.locator(".delivery.late")).to_contain_text("not shown by FR since 06:59:54")
    expect(card.locator(".escalated")).to_contain_text("second route")
    expect(card).to_contain_text("called by two persons")
    expect(card.locator(".pill")).to_contain_text("downgraded")


def test_a_call_is_read_in_words_before_it_is_made(console, desk):
    page = console.page
    page.get_by_role("button", name="Call a warning" + ELLIPSIS).click()
    dialog = page.get_by_role("dialog", name="EXERCISE: Call a warning")
    expect(dialog.get_by_label("Zone").locator("option")).to_have_text(["HAUTE-SAVOIE, warns France"])
    assert "ballistic" not in dialog.get_by_label("Class").inner_text()
    dialog.get_by_label("Class").select_option("uas")
    dialog.get_by_role("button", name="Pick on the map").click()
    expect(dialog).to_have_count(0)
    box = page.locator(".map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(dialog.get_by_label("Latitude")).not_to_have_value("")
    dialog.get_by_label("Latitude").fill("45.97")
    dialog.get_by_label("Longitude").fill("6.51")
    page.keyboard.press("Enter")
    prompt = page.get_by_role("dialog").locator(".prompt")
    expect(prompt.locator(".prompt-mode")).to_have_text("EXERCISE")
    expect(prompt).to_contain_text("warn France (FR) of an object of class uas that enters zone HAUTE-SAVOIE")
    expect(prompt).to_contain_text("about 07:05:00 UTC")
    page.get_by_role("button", name="Call it as EXERCISE").click()
    called = drained(desk, Called)
    assert (called.zone, called.track_class, called.person) == ("HAUTE-SAVOIE", TrackClass.UAS, "watch-1")
    assert (called.lat_cell_deg, called.lon_cell_deg) == (45.9, 6.5)
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_second_person_types_the_word_of_the_mode_and_another_word_is_refused(console, desk):
    page = console.page
    page.locator("[data-call=C7]").get_by_role("button", name="Second it").click()
    dialog = page.get_by_role("dialog", name="EXERCISE: Second a warning")
    expect(dialog).to_contain_text("Called by watch-2. You act as watch-1.")
    expect(dialog.locator(".prompt")).to_contain_text("EXERCISE: warn France (FR)")
    typed = dialog.get_by_label("Type the word of the mode")
    typed.fill("LIVE")
    page.keyboard.press("Enter")
    expect(dialog.locator(".failure")).to_contain_text("found mode 'LIVE'; this console runs EXERCISE")
    typed.fill("EXERCISE")
    page.keyboard.press("Enter")
    assert drained(desk, Act) == Act("second", "C7", "watch-1")
    expect(dialog).to_have_count(0)


def test_a_call_is_withdrawn_and_a_sent_warning_cancelled_by_a_press_and_its_confirmation(console, desk):
    page = console.page
    call = page.locator("[data-call=C7]")
    call.get_by_role("button", name="Withdraw" + ELLIPSIS).click()
    call.get_by_role("button", name="Confirm: withdraw, as watch-1").click()
    assert drained(desk, Act) == Act("withdraw", "C7", "watch-1")
    card = page.locator("[data-warning=CH-FR-1]")
    card.get_by_role("button", name="Cancel this warning" + ELLIPSIS).click()
    assert desk.items.empty()
    card.get_by_role("button", name="Confirm: cancel at FR, as watch-1").click()
    assert drained(desk, Act) == Act("cancel", "CH-FR-1", "watch-1")
    expect(page.locator("[data-warning=IT-1]").get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_declaration_takes_two_presses_and_its_record_stands_on_the_panel(console, desk):
    page = console.page
    page.keyboard.press("j")
    panel = page.locator(".selected[data-track='1']")
    expect(panel.locator(".counts")).to_have_text("unidentified, confirmed, suspect")
    declared = panel.locator(".declared")
    expect(declared).to_contain_text("07:00:00 suspect by watch-2: \N{LEFT DOUBLE QUOTATION MARK}answers no")
    expect(panel.locator(".reasons")).to_contain_text("TICINO")
    declared.locator("summary").click()
    declared.get_by_label("Identity").select_option("neutral")
    declared.get_by_label("Class").select_option("aircraft")
    declared.get_by_label("Grounds").fill("flight plan found")
    declared.get_by_role("button", name="Declare neutral, class aircraft" + ELLIPSIS).click()
    declared.get_by_role("button", name="Confirm EXERCISE: neutral, class aircraft, as watch-1").click()
    expect(declared.locator(".said")).to_contain_text("Given to the node: neutral, class aircraft")
    expected = Declared(1, Identity.NEUTRAL, TrackClass.AIRCRAFT, "watch-1", "flight plan found")
    assert drained(desk, Declared) == expected


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_core_finds_no_violation_with_everything_open(console, server, width):
    page = console.page
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate(AXE.read_text(encoding="utf-8"))
    card = page.locator("[data-warning=CH-FR-1]")
    card.get_by_role("button", name="Cancel this warning").click()
    page.get_by_role("button", name="Call a warning" + ELLIPSIS).click()
    page.locator("dialog .form").wait_for()
    found = page.evaluate("rules => axe.run({ runOnly: rules, iframes: false })", AXE_RULES)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    card.get_by_role("button", name="Back, change nothing").click()
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []
    assert console.hosts() == [f"127.0.0.1:{server.port}"]


def test_signing_out_takes_the_name_off_the_console(console):
    console.page.get_by_role("button", name="Sign out").click()
    expect(console.page.locator("[data-person='']")).to_be_visible()
