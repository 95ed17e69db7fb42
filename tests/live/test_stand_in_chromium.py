"""The panel that says how the pact stands, and the two presses that declare a casus, in a real Chromium."""

import queue
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Locator, expect
from views import CLAUSES, START_NS, make_hello, make_provenance, make_stand, make_view, make_warning

from browser import Serving, Watched, chromium, opened, serving, wait_for_picture
from foedus.live.gateway import Gateway
from foedus.view import FactView
from foedus.wire import Happened

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOLD_S_MAX = 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


class Book:
    """What the console recorded; `reason` is why the next fact is not taken."""

    def __init__(self) -> None:
        self.told: queue.Queue[Happened] = queue.Queue()
        self.reason = ""

    def tell(self, item: Happened) -> str:
        if not self.reason:
            self.told.put(item)
        return self.reason


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def swiss(book: Book) -> Gateway:
    gateway = Gateway(make_hello("CH"), provenance=make_provenance, act=lambda _: None, tell=book.tell)
    gateway.publish(make_view(pact=make_stand()))
    return gateway


@pytest.fixture
def server(swiss: Gateway) -> Iterator[Serving]:
    with serving([swiss]) as running:
        yield running


@pytest.fixture
def console(browser: Browser, server: Serving) -> Iterator[Watched]:
    with opened(browser, server.url + "/CH/") as watched:
        wait_for_picture(watched.page)
        yield watched


def open_panel(console: Watched) -> Locator:
    panel = console.page.locator("details.stand")
    panel.locator("summary").click()
    return panel


def test_a_closed_panel_says_in_one_line_how_the_pact_stands(console, server, swiss):
    line = console.page.locator("details.stand summary")
    expect(line).to_contain_text("in force · 1 suspended")
    expect(console.page.locator("details.stand [role=status]")).to_have_count(1)
    over = make_stand(in_force="no", grounds=(("T1.exit", "IT gave notice 2018-08-01"),), suspended=())
    server.call(swiss.publish, make_view(step=1, pact=over))
    expect(line).to_contain_text("not in force")
    panel = open_panel(console)
    expect(panel).to_contain_text("T1.exit IT gave notice 2018-08-01")


def test_the_panel_names_roster_casus_suspensions_and_facts(console):
    panel = open_panel(console)
    expect(panel).to_contain_text("alpine 1.0, in force")
    expect(panel).to_contain_text("Parties today: CH, FR, DE, HUB; not IT")
    casus = panel.locator("[data-casus=border-threat]")
    expect(casus).to_contain_text("never declared")
    expect(casus).to_contain_text(CLAUSES["border-threat"])
    expect(casus).to_contain_text("Only while it is met: share-border")
    expect(panel).to_contain_text("share-civil by suspend-it between CH\N{EN DASH}FR")
    expect(panel).to_contain_text("waits for VISIT: a visit")
    expect(panel.locator(".fact")).to_have_text(re.compile(r"^06:59:00 IT left network file$"))


def test_one_press_declares_nothing_and_two_declare_the_casus_under_the_persons_name(
    console, book, server, swiss
):
    console.page.get_by_label("Name or role that acknowledges").fill("supervisor Bern")
    panel = open_panel(console)
    button = panel.get_by_role("button", name="Declare border-threat met\N{HORIZONTAL ELLIPSIS}")
    button.focus()
    console.page.keyboard.press("Enter")
    confirm = panel.get_by_role("button", name="Confirm: border-threat met, as supervisor Bern")
    expect(confirm).to_be_visible()
    assert book.told.empty()
    console.page.keyboard.press("Tab")
    expect(confirm).to_be_focused()
    console.page.keyboard.press("Enter")
    told = book.told.get(timeout=TOLD_S_MAX)
    assert told == Happened("casus", "border-threat", START_NS, "CH", "yes", (), "supervisor Bern")
    said = panel.locator(".said")
    expect(said).to_have_text("Recorded: border-threat met. It counts from the next tick.")
    stand = make_stand()
    met = msgspec.structs.replace(stand.casus[0], stand="met", since_ns=told.at_ns, by="CH")
    fact = FactView(
        what="casus",
        of="border-threat",
        at_ns=told.at_ns,
        by="CH",
        says="yes",
        as_to=(),
        person="supervisor Bern",
    )
    declared = make_stand(casus=(met, stand.casus[1]), facts=(*stand.facts, fact))
    server.call(swiss.publish, make_view(step=1, pact=declared))
    expect(said).to_have_count(0)
    expect(panel.locator(".fact").first).to_have_text("07:00:00 border-threat met by CH supervisor Bern")
    expect(panel.locator("[data-casus=border-threat]")).to_contain_text("declared met by CH at 07:00:00")
    panel.get_by_role("button", name="Declare border-threat over\N{HORIZONTAL ELLIPSIS}").click()
    panel.get_by_role("button", name="Confirm: border-threat over").click()
    over = book.told.get(timeout=TOLD_S_MAX)
    assert (over.says, over.at_ns > told.at_ns) == ("no", True)


def test_a_double_click_declares_nothing(console, book):
    panel = open_panel(console)
    panel.get_by_role("button", name="Declare border-threat met\N{HORIZONTAL ELLIPSIS}").dblclick()
    expect(
        panel.get_by_role("button", name="Declare border-threat met\N{HORIZONTAL ELLIPSIS}")
    ).to_be_visible()
    expect(panel.locator(".confirm")).to_have_count(0)
    assert book.told.empty()


def test_who_may_not_determine_a_casus_is_offered_no_button(console):
    casus = open_panel(console).locator("[data-casus=hub-alarm]")
    expect(casus).to_contain_text("Not for CH to determine.")
    expect(casus.locator("button")).to_have_count(0)


def test_a_fact_that_was_not_taken_says_why(console, book):
    book.reason = "of 'border-threat': no such casus"
    panel = open_panel(console)
    panel.get_by_role("button", name="Declare border-threat met\N{HORIZONTAL ELLIPSIS}").click()
    panel.locator(".confirm").click()
    expect(panel.locator(".failure")).to_contain_text("not recorded: of 'border-threat': no such casus")
    expect(panel.locator(".said")).to_have_count(0)


def test_after_the_end_nothing_can_be_declared(console, server, swiss):
    panel = open_panel(console)
    server.call(swiss.finish, "recording ended")
    expect(
        panel.get_by_role("button", name="Declare border-threat met\N{HORIZONTAL ELLIPSIS}")
    ).to_be_disabled()


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_core_finds_no_violation_in_the_open_panel(browser, server, swiss, width, tmp_path):
    server.call(swiss.publish, make_view(step=1, pact=make_stand(), warnings=(make_warning(),)))
    with opened(browser, server.url + "/CH/", width=width) as watched:
        wait_for_picture(watched.page)
        panel = open_panel(watched)
        panel.get_by_role("button", name="Declare border-threat met\N{HORIZONTAL ELLIPSIS}").click()
        expect(panel.locator(".confirm")).to_be_visible()
        watched.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = watched.page.evaluate("rules => axe.run({ runOnly: rules, iframes: false })", AXE_RULES)
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        watched.page.screenshot(path=tmp_path / "stand.png")
        assert watched.complaints == []
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []


def test_an_open_panel_leaves_a_waiting_warning_its_button(console, server, swiss):
    server.call(swiss.publish, make_view(step=1, pact=make_stand(), warnings=(make_warning(),)))
    open_panel(console)
    expect(console.page.locator(".acknowledge")).to_be_in_viewport(ratio=1)
    expect(console.page.locator("details.stand [data-casus=border-threat]")).to_be_in_viewport()
