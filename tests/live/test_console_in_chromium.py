"""The built console in a real Chromium, against a real server with gateways fed here."""

import queue
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from views import (
    CLAUSES,
    PARTIES,
    START_NS,
    make_hello,
    make_provenance,
    make_view,
    make_warning,
)

import alpine
from browser import Serving, Watched, chromium, opened, serving, wait_for_picture
from foedus.errors import LimitError
from foedus.live.gateway import WEB, Gateway, Party
from foedus.model import SECOND_NS
from foedus.network import Mode
from foedus.wire import Act
from keys import in_mode, people_of

CONSOLE = Path(__file__).parents[2] / "console"
AXE = CONSOLE / "node_modules" / "axe-core" / "axe.min.js"
ACT_S_MAX = 20
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert (WEB / "console.html").is_file(), "the console is not built: `pip install --editable .` builds it"
    with chromium() as running:
        yield running


@pytest.fixture
def acts() -> "queue.Queue[Act]":
    return queue.Queue()


@pytest.fixture
def swiss(acts: "queue.Queue[Act]") -> Gateway:
    """Switzerland's gateway with 60 tracks and one warning that waits for a person."""
    gateway = Gateway(make_hello("CH"), provenance=make_provenance, act=acts.put)
    gateway.publish(make_view(warnings=(make_warning(),)))
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


def take(acts: "queue.Queue[Act]", verb: str) -> Act:
    """The next act with that verb."""
    while (act := acts.get(timeout=ACT_S_MAX)).verb != verb:
        pass
    return act


def click_track(page: Page, number: int) -> None:
    spot = page.evaluate("number => window.foedus.project(number)", number)
    page.mouse.click(spot["x"], spot["y"])


def test_no_request_leaves_the_machine_while_a_console_is_open(console, server, swiss):
    page = console.page
    click_track(page, 1)
    expect(page.locator("[data-provenance=yes]")).to_be_visible()
    page.keyboard.press("a")
    server.call(swiss.publish, make_view(step=1, warnings=(make_warning(),)))
    wait_for_picture(page, 2)
    assert any(url.startswith("ws://") for url in console.requests)
    assert any("basemap" in url for url in console.requests)
    assert console.hosts() == [f"127.0.0.1:{server.port}"]
    assert console.complaints == []


def test_a_click_on_a_track_shows_its_sensors_partners_and_clauses(console):
    click_track(console.page, 1)
    panel = console.page.locator(".selected[data-track='1']")
    expect(panel.locator("h2")).to_have_text("#1")
    expect(panel).to_contain_text("unidentified, confirmed")
    expect(panel).to_contain_text("GENEVA")
    expect(panel).to_contain_text("given by FR as track")
    expect(panel).to_contain_text("share-civil")
    expect(panel).to_contain_text(CLAUSES["share-civil"])
    expect(panel.locator(".withheld")).to_contain_text("Italy")
    expect(panel.locator(".withheld")).to_contain_text("default deny")


def test_a_received_warning_on_the_screen_is_reported_as_shown(console, acts):
    assert take(acts, "shown") == Act("shown", "IT-1", "")


def test_a_members_own_warning_on_its_screen_is_reported_as_shown(console, server, swiss, acts):
    assert take(acts, "shown") == Act("shown", "IT-1", "")
    warnings = (
        make_warning(id="S", direction="sent", party="DE"),
        make_warning(id="O", direction="own", party="CH"),
    )
    server.call(swiss.publish, make_view(step=1, warnings=warnings))
    assert take(acts, "shown") == Act("shown", "O", "")


def test_a_page_of_all_members_reports_no_warning_as_shown(browser, server, swiss, acts):
    with opened(browser, server.url + "/") as watched:
        frame = watched.page.frame_locator("iframe")
        expect(frame.locator(".badge")).to_contain_text("1 warning")
    assert acts.empty()


def test_key_a_acknowledges_and_the_card_then_names_the_person_and_time(console, server, swiss, acts):
    page = console.page
    page.get_by_label("Name or role that acknowledges").fill("supervisor Bern")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    assert take(acts, "acknowledge") == Act("acknowledge", "IT-1", "supervisor Bern")
    done = make_warning(
        shown_ns=START_NS, acknowledged_ns=START_NS + 65 * SECOND_NS, person="supervisor Bern"
    )
    server.call(swiss.publish, make_view(step=1, warnings=(done,)))
    card = page.locator("[data-warning=IT-1]")
    expect(card.locator(".acknowledge")).to_have_count(0)
    expect(card).to_contain_text("07:01:05")
    expect(card).to_contain_text("supervisor Bern")


def test_typing_an_a_in_the_search_acknowledges_nothing(console, acts):
    page = console.page
    take(acts, "shown")
    page.keyboard.press("/")
    page.keyboard.type("a")
    expect(page.locator("#find")).to_have_value("a")
    page.locator(".acknowledge").click()
    assert take(acts, "acknowledge").person == "duty officer"
    assert acts.empty()


def test_an_acknowledgement_that_was_not_taken_says_so(browser):
    def refuse(_: Act) -> None:
        raise LimitError(name="INTAKE_MAX", limit=1, asked=2)

    gateway = Gateway(make_hello("CH"), provenance=make_provenance, act=refuse)
    gateway.publish(make_view(warnings=(make_warning(),)))
    with serving([gateway]) as server, opened(browser, server.url + "/CH/") as watched:
        watched.page.locator(".acknowledge").click()
        expect(watched.page.locator(".failure")).to_contain_text("INTAKE_MAX")
        expect(watched.page.locator(".acknowledge")).to_be_enabled()


def test_received_own_and_sent_warnings_stand_apart_and_sent_ones_cannot_be_acknowledged(
    console, server, swiss
):
    warnings = (
        make_warning(id="S", direction="sent", party="DE"),
        make_warning(id="O", direction="own", party="CH"),
        make_warning(id="R"),
    )
    server.call(swiss.publish, make_view(step=1, warnings=warnings))
    page = console.page
    for direction, title in (("received", "Received"), ("own", "Own"), ("sent", "Sent")):
        expect(page.locator(f".direction.{direction} h3")).to_contain_text(title)
    expect(page.locator("[data-warning=S] .acknowledge")).to_have_count(0)
    expect(page.locator("[data-warning=R] .acknowledge")).to_have_count(1)


def test_the_stale_banner_appears_when_the_socket_dies(console, server, swiss):
    # After the end of a recording silence is no reason for the banner; the lost socket is the only one left.
    server.call(swiss.finish, "recording ended")
    expect(console.page.locator(".ended")).to_be_visible()
    expect(console.page.locator(".stale")).to_have_count(0)
    server.stop()
    expect(console.page.locator(".stale")).to_contain_text("Connection lost")
    assert console.page.locator(".stale button").count() == 0
    expect(console.page.locator(".lamp-good")).to_have_count(0)


def test_the_console_connects_again_by_itself(browser, swiss):
    with serving([swiss]) as first, opened(browser, first.url + "/CH/") as watched:
        wait_for_picture(watched.page)
        port = first.port
        first.stop()
        expect(watched.page.locator(".stale")).to_be_visible()
        with serving([swiss], port=port) as second:
            second.call(swiss.publish, make_view(step=1))
            wait_for_picture(watched.page, 2)
            expect(watched.page.locator(".stale")).to_have_count(0)


def test_a_silent_node_brings_the_banner_unless_the_recording_has_ended(browser):
    quick = {"speed": 50.0, "tick_s": 1.0}
    silent = Gateway(make_hello("CH", **quick), provenance=make_provenance, act=lambda _: None)
    ended = Gateway(make_hello("FR", **quick), provenance=make_provenance, act=lambda _: None)
    for gateway in (silent, ended):
        gateway.publish(make_view())
    ended.finish("recording ended")
    with (
        serving([silent, ended]) as server,
        opened(browser, server.url + "/FR/") as quiet,
        opened(browser, server.url + "/CH/") as worried,
    ):
        wait_for_picture(quiet.page)
        expect(worried.page.locator(".stale")).to_contain_text("No new picture", timeout=15_000)
        expect(quiet.page.locator(".mode .ended")).to_have_text("recording ended")
        expect(quiet.page.locator(".stale")).to_have_count(0)
        server.call(silent.publish, make_view(step=1))
        expect(worried.page.locator(".stale")).to_have_count(0)


def test_a_console_holds_its_own_members_data_only(browser, swiss):
    italian = Gateway(make_hello("IT"), provenance=make_provenance, act=lambda _: None)
    italian.publish(make_view(member="IT", first_number=777_001))
    with serving([swiss, italian]) as server, opened(browser, server.url + "/CH/") as watched:
        heard: list[str | bytes] = []

        def hear(data: str | bytes) -> None:
            heard.append(data)

        watched.page.on("websocket", lambda socket: socket.on("framereceived", hear))
        watched.page.reload()
        wait_for_picture(watched.page)
        told = b"".join(data.encode() if isinstance(data, str) else data for data in heard)
        assert b"ch-receivers" in told
        assert b"it-receivers" not in told
        assert watched.page.evaluate("window.foedus.project(1)") is not None
        assert watched.page.evaluate("window.foedus.project(777001)") is None
        assert not [url for url in watched.requests if "/IT/" in url]


@pytest.mark.parametrize("renderer", ["canvas", "webgl"])
def test_the_map_is_drawn_by_either_renderer_and_blank_without_tracks(browser, server, swiss, renderer):
    with opened(browser, f"{server.url}/CH/?renderer={renderer}") as watched:
        page = watched.page
        wait_for_picture(page)
        assert page.locator("body").get_attribute("data-renderer") == renderer
        # 60 symbols of some 80 pixels each
        assert page.evaluate("window.foedus.ink()") > 60 * 40
        server.call(swiss.publish, make_view(rows=0, step=1))
        wait_for_picture(page, 2)
        assert page.evaluate("window.foedus.ink()") == 0
        expect(page.locator(".empty")).to_contain_text("No track is held")


def test_the_filter_acts_on_map_table_and_count_alike(console):
    page = console.page
    before = page.evaluate("window.foedus.ink()")
    page.get_by_label("Class", exact=True).select_option("unidentified")
    expect(page.locator(".counts[data-rows='1']")).to_contain_text("1 of 60")
    expect(page.locator("td.name")).to_have_text(["#1"])
    assert 0 < page.evaluate("window.foedus.ink()") < before / 10
    page.get_by_role("button", name="clear filter").click()
    page.get_by_label("Source").select_option("3")  # IT: the fourth party of the pact
    expect(page.locator(".counts[data-rows='16']")).to_be_visible()
    page.locator("#find").fill("swr103")
    expect(page.locator("td.name")).to_have_text(["SWR103"])
    page.get_by_label("From, hundreds of feet").fill("400")
    expect(page.locator(".empty")).to_contain_text("filter hides all 60 tracks")


def test_a_party_beyond_the_thirty_second_stands_behind_its_tracks(browser):
    parties = tuple(Party(id=f"P{k:02}", name=f"Party {k}") for k in range(62))
    gateway = Gateway(
        make_hello("P00", name="Party 0", parties=parties), provenance=make_provenance, act=lambda _: None
    )
    view = make_view(rows=3)
    sources = np.array([1 << 5, 1 << 37, 1 << 61 | 1], np.int64)
    gateway.publish(view._replace(picture=view.picture._replace(sources=sources)))
    with serving([gateway]) as server, opened(browser, server.url + "/P00/") as watched:
        expect(watched.page.locator("td.from")).to_have_text(["P05", "P37", "P00 P61"])
        watched.page.get_by_label("Source").select_option("37")
        expect(watched.page.locator("td.from")).to_have_text(["P37"])


def test_every_track_is_in_the_table_though_few_rows_are_rendered(console, server, swiss):
    server.call(swiss.publish, make_view(rows=3_000, step=1))
    page = console.page
    wait_for_picture(page, 2)
    expect(page.locator("table")).to_have_attribute("aria-rowcount", "3001")
    assert page.locator("tbody tr").count() < 100
    page.locator(".table-box").evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(page.locator("tr[aria-rowindex='3001']")).to_be_visible()


def test_keys_alone_select_tracks_and_open_help(console):
    page = console.page
    page.keyboard.press("j")
    expect(page.locator(".selected[data-track='1']")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".selected[data-track='2']")).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator(".selected[data-track='1']")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".selected.none")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("acknowledge the first warning")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_link_names_the_clauses_by_which_rows_are_withheld(console):
    page = console.page
    chip = page.locator("details.chip", has_text="IT").first
    expect(chip.locator(".held")).to_have_text("⊘5")
    chip.locator("summary").click()
    expect(chip).to_contain_text("fr-zone")
    expect(chip).to_contain_text(CLAUSES["fr-zone"])
    expect(chip).to_contain_text("default deny")


@pytest.mark.parametrize("mode", ["RECORDING", "EXERCISE"])
def test_what_is_not_live_says_so_in_words(browser, mode):
    gateway = Gateway(make_hello("CH", mode=mode), provenance=make_provenance, act=lambda _: None)
    gateway.publish(make_view())
    with serving([gateway]) as server, opened(browser, server.url + "/CH/") as watched:
        strip = watched.page.locator(".mode")
        expect(strip).to_contain_text(mode)
        expect(strip).to_contain_text("not live")
        expect(strip).to_contain_text("5\N{MULTIPLICATION SIGN} speed")
        expect(watched.page.locator(".time")).to_contain_text("07:00:00")
        expect(watched.page.locator(".attribution")).to_contain_text("The OpenSky Network")
        expect(watched.page).to_have_title(f"{mode} CH - foedus")
        watched.page.goto(server.url + "/CH/?embed")
        expect(watched.page.locator(".embed-head")).to_contain_text(mode)


def test_live_says_so_in_words_and_in_a_colour_of_its_own(browser):
    live = in_mode(alpine.documents()[0], Mode.LIVE)
    people = people_of(live, "CH", "watch-1")
    gateway = Gateway(
        make_hello("CH", mode="LIVE"), provenance=make_provenance, act=lambda _: None, people=people
    )
    gateway.publish(make_view())
    with serving([gateway]) as server, opened(browser, server.url + "/CH/") as watched:
        expect(watched.page.locator(".mode-live")).to_contain_text("LIVE")
        expect(watched.page.locator(".mode")).not_to_contain_text("not live")
        expect(watched.page).to_have_title("LIVE CH - foedus")


def test_the_index_shows_every_members_own_picture_and_leads_to_its_console(browser):
    gateways = [
        Gateway(make_hello(member), provenance=make_provenance, act=lambda _: None) for member in PARTIES
    ]
    for rows, gateway in enumerate(gateways, start=31):
        gateway.publish(make_view(rows=rows, member=gateway.hello.member))
    with serving(gateways) as server, opened(browser, server.url + "/") as watched:
        page = watched.page
        expect(page.locator("iframe")).to_have_count(len(PARTIES))
        for rows, member in enumerate(PARTIES, start=31):
            tile = page.frame_locator(f"iframe[src='/{member}/?embed']")
            expect(tile.locator(".embed-head")).to_contain_text(member)
            expect(tile.locator(".embed-foot")).to_contain_text(f"{rows} tracks")
        assert watched.hosts() == [f"127.0.0.1:{server.port}"]
        assert watched.complaints == []
        page.get_by_role("link", name="FR France").click()
        expect(page.locator("h1")).to_contain_text("FR")


def test_a_narrow_screen_shows_the_warning_first_and_can_acknowledge(browser, server, acts):
    with opened(browser, server.url + "/CH/", width=390, height=844) as watched:
        page = watched.page
        wait_for_picture(page)
        button = page.locator(".acknowledge")
        expect(button).to_be_in_viewport()
        assert button.bounding_box()["height"] >= 44
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        button.click()
        assert take(acts, "acknowledge").subject == "IT-1"


@pytest.mark.parametrize(("path", "width"), [("/CH/", 1280), ("/CH/", 390), ("/", 1280)])
def test_axe_core_finds_no_violation(browser, server, path, width):
    assert AXE.is_file(), "axe-core is missing: `pip install --editable .` builds the console and brings it"
    with opened(browser, server.url + path, width=width) as watched:
        page = watched.page
        if path != "/":
            wait_for_picture(page)
            page.keyboard.press("j")
            expect(page.locator("[data-provenance=yes]")).to_be_visible()
        else:
            expect(page.frame_locator("iframe").locator(".embed-foot")).to_contain_text("60 tracks")
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("rules => axe.run({ runOnly: rules, iframes: false })", AXE_RULES)
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 10


def test_the_console_says_nothing_of_weapons():
    text = " ".join(
        path.read_text(encoding="utf-8") for path in sorted(CONSOLE.joinpath("src").rglob("*.ts*"))
    )
    assert "warning" in text
    assert re.findall(r"(?i)\b(weapon|engage|intercept\b|fire|kill|hostile)\w*", text) == []
