"""What a newcomer does: `foedus run`, open the address, see the warning, acknowledge it, read the table."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import alpine
from browser import chromium, opened, wait_for_picture

FROM, TO = "2018-08-01T11:34:00Z", "2018-08-01T11:40:00Z"
"""The silent aircraft is tracked from the start and warned of within some 90 s of recording."""


class Demo:
    """A running `foedus run`, and the address that it printed."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "foedus", "run", str(alpine.NETWORK_FILE), "--port", "0", "--json"]
        command += ["--speed", "12", "--from", FROM, "--to", TO, "--folder", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = ""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            found = re.search(r"consoles: (http://127\.0\.0\.1:\d+)/", line)
            if found:
                self.url = found[1]
                return
        raise AssertionError(self.said)

    def end(self) -> list[dict[str, object]]:
        """Press Ctrl-C, and read the table."""
        self.process.send_signal(2)
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, self.said + err
        table: list[dict[str, object]] = json.loads(out)
        return table


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def acknowledge_one(page: Page) -> None:
    """Press `a` at an open warning; one of a track that has just begun may be cancelled before that."""
    received = page.locator('[data-warning^="IT:IT-CH-"]')
    for _ in range(5):
        expect(received.and_(page.locator(".waiting"))).to_be_visible(timeout=60_000)
        page.keyboard.press("a")
        answered = received.filter(has_text=re.compile("duty officer"))
        try:
            expect(answered).to_have_count(1, timeout=5_000)
        except AssertionError:
            continue
        return
    raise AssertionError("five warnings came and went, and none could be acknowledged")


def test_a_newcomer_sees_the_warning_acknowledges_it_and_the_sender_learns_who(
    browser: Browser, tmp_path: Path
) -> None:
    demo = Demo(tmp_path / "run")
    try:
        with opened(browser, f"{demo.url}/CH/") as swiss, opened(browser, f"{demo.url}/IT/") as italian:
            wait_for_picture(swiss.page)
            acknowledge_one(swiss.page)
            sent = italian.page.locator('[data-warning^="IT-CH-"]', has_text="duty officer")
            expect(sent).to_have_count(1, timeout=20_000)
            assert swiss.hosts() == italian.hosts() == [demo.url.removeprefix("http://")]
            assert swiss.complaints == italian.complaints == []
        with opened(browser, f"{demo.url}/FR/") as french:
            wait_for_picture(french.page)
            assert french.page.locator("[data-warning]").count() == 0
            assert french.hosts() == [demo.url.removeprefix("http://")]
    finally:
        table = demo.end()
    by_member = {str(row["member"]): row for row in table}
    italy = by_member["IT"]
    sent_count, stored, shown, acknowledged = (
        italy[f"warnings_{step}"] for step in ("sent", "stored", "shown", "acknowledged")
    )
    assert sent_count == stored == shown, table
    assert acknowledged == 1, table
    assert all(row["guard_refusals"] == {} for row in table), table
    # What a partner has not renewed for a minute leaves the picture; nothing else may be dropped.
    dropped = {reason for row in table for reason in row["dropped"]}  # type: ignore[attr-defined]
    assert dropped <= {"row not fused: older than a minute"}, dropped
