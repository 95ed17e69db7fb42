"""The after-action report: what it says, that it says EXERCISE, and that texts of scripts stay texts."""

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from tests.report.made_run import DRILL, ROOT, RUN, at, kept, outcome

from foedus.cli.main import cli
from foedus.drill.keeping import decode_run, encode_run
from foedus.errors import InputError, LimitError
from foedus.judge.finding import Finding as Judged
from foedus.limits import REPORT_ROWS_MAX, REPORT_TEXT_MAX
from foedus.report.blocks import clean, grid
from foedus.report.figures import drawable
from foedus.report.html import to_html
from foedus.report.pdf import to_pdf
from foedus.report.ratings import rate
from foedus.report.sections import report_of
from foedus.report.tables import TABLES, encode_json, encode_parquet, numbers_of

HOSTILE = "<script>alert(1)</script><img src=x onerror=go()> & \"'`$x^2$ \u202egnp.\u2066 \x00 \U0001f600 ]]>"


def report(one):
    return report_of(one, numbers_of(one))


class Page(HTMLParser):
    """Tags, ids, and the words outside of tags."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.attributes, self.words = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_data(self, data):
        self.words.append(data)


def hostile():
    """The run with hostile text wherever a drill, script or pact may hold free text."""
    objective = msgspec.structs.replace(DRILL.objective[0], says=HOSTILE)
    injects = tuple(
        msgspec.structs.replace(one, event=HOSTILE, expected=HOSTILE, notes=HOSTILE) for one in DRILL.inject
    )
    drill = msgspec.structs.replace(
        DRILL, title=HOSTILE, note=HOSTILE, objective=(objective,), inject=injects
    )
    told = tuple(msgspec.structs.replace(one, because=HOSTILE, of=HOSTILE) for one in RUN.told)
    warned = tuple(msgspec.structs.replace(one, warning=HOSTILE, party=HOSTILE) for one in RUN.warned)
    return kept(drill, pact=HOSTILE, told=told, warned=warned)


# ---------------------------------------------------------------- kept runs


def test_a_kept_run_reads_in_again():
    again = decode_run(encode_run(kept()), where="x.run")
    assert encode_run(again) == encode_run(kept())
    assert again.run.truth.rows.time_ns.tolist() == [at(35), at(40)]
    assert again.run.outcomes == RUN.outcomes


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "truncated"),
        (encode_run(kept())[:-40], "truncated"),
        (encode_run(msgspec.structs.replace(kept(), format=2)), "format 2"),
        (encode_run(msgspec.structs.replace(kept(), mode="LIVE")), "mode 'LIVE'"),
    ],
)
def test_what_is_no_kept_run_is_refused(data, found):
    with pytest.raises(InputError, match=found):
        decode_run(data, where="x.run")


# ---------------------------------------------------------------- ratings and findings


@pytest.mark.parametrize(
    ("shown_s", "letter"),
    [(500 - 240, "P"), (500 - 239, "S"), (500 - 180, "S"), (500 - 179, "M"), (500 - 59, "U"), (None, "U")],
)
def test_a_letter_is_the_worst_value_that_still_earns_it(shown_s, letter):
    shown_ns = 0 if shown_s is None else at(shown_s)
    (rating,) = rate(DRILL, msgspec.structs.replace(RUN, outcomes=(outcome(shown_ns=shown_ns),)))
    assert rating.letter == letter


def test_the_worst_of_several_events_counts_and_no_event_is_not_rated():
    both = (outcome(), outcome(event="E2", shown_ns=at(495)))
    assert rate(DRILL, msgspec.structs.replace(RUN, outcomes=both))[0].letter == "U"
    assert rate(DRILL, msgspec.structs.replace(RUN, outcomes=()))[0].letter == ""


def test_fewer_false_warnings_are_better():
    objective = msgspec.structs.replace(DRILL.objective[0], measure="false_warnings", p=0.0, s=1.0, m=2.0)
    drill = msgspec.structs.replace(DRILL, objective=(objective,))
    assert rate(drill, RUN)[0].letter == "S"


def test_every_finding_has_its_party_and_clause():
    found = {(one.kind, one.party, one.clause) for one in numbers_of(kept()).findings}
    assert found == {
        ("minutes lost to the text", "all parties", "C1"), ("false warning", "NOR", "W2"),
        ("not acknowledged", "SUD", "W2"), ("not stored", "NOR", "W1"),
        ("held back by the guard", "NOR", "R1"),
    }  # fmt: skip
    late = numbers_of(kept(outcomes=(outcome(shown_ns=at(530)),))).findings
    assert ("not warned in time", "SUD") in [(one.kind, one.party) for one in late]
    assert "0.5 minutes after arrival" in late[0].found


def test_the_judge_is_asked_where_the_bytes_are_there_and_only_then(monkeypatch):
    said = Judged(
        at_ns=at(100), kind="forbidden", rule="form", who="NOR", to="SUD", clause="R1", says="too fine"
    )
    monkeypatch.setattr("foedus.report.findings.judge", lambda text, run: (said,))
    assert not [one for one in numbers_of(kept()).findings if one.kind.startswith("judge")]
    assert b"has not read this run" in to_html(report(kept()))
    text = (ROOT / "drills" / "pacts" / "small-casus.toml").read_text("utf-8")
    sent = tuple(msgspec.structs.replace(one, body=b"x") for one in RUN.sent)
    judged = msgspec.structs.replace(kept(sent=sent), pact=text)
    assert [one.party for one in numbers_of(judged).findings if one.kind == "judge: forbidden"] == ["NOR"]
    assert b"has read every message" in to_html(report(judged))


# ---------------------------------------------------------------- the page


def test_the_page_says_what_was_played_and_what_came_of_it():
    words = "\n".join(Page(to_html(report(kept())).decode()).words)
    for said in (
        "small-casus", "ab" * 32, DRILL.digest, "skip", "6.7", "NOR W1", "finer than the tearline",
        "none speaks", "casus", "P Performed without Challenges", "condition not met",
        "casus C1 yes by HUB after 35 s",
        "Weigh C1.determined_by", "Sensors are synthetic",
    ):  # fmt: skip
        assert said in words, said


def test_hostile_text_stays_text_on_the_page():
    page = Page(to_html(report(hostile())).decode())
    assert not {"script", "img", "iframe", "object", "link", "base", "form"} & set(page.tags)
    assert not [
        name for name in page.attributes if name.startswith("on") or name in ("src", "srcdoc", "action")
    ]
    assert "<script>alert(1)</script>" in "".join(page.words)
    assert "\u202e" not in "".join(page.words)
    assert "\x00" not in "".join(page.words)


def test_a_page_fetches_nothing_and_its_ids_are_its_own():
    text = to_html(report(kept())).decode()
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert "default-src 'none'" in text
    assert "url(http" not in text
    assert not re.search(r'href="(?!#)', text)
    assert page.tags.count("svg") == 2 * page.tags.count("figure") == 4


def test_every_page_says_exercise():
    text = to_html(report(kept())).decode()
    assert text.count("EXERCISE EXERCISE EXERCISE") == 2
    assert "<title>EXERCISE: " in text
    many = kept(played=RUN.played * 60)
    pages, marks = pdf_marks(to_pdf(report(many)))
    assert pages > 3
    assert marks == pages


def pdf_marks(data):
    """(pages of a PDF, how many of them draw the pale word across); content is not compressed in a test."""
    import base64
    import zlib

    pages = len(re.findall(rb"/Type /Page\b", data))
    streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    texts = []
    for one in streams:
        try:
            texts.append(zlib.decompress(base64.a85decode(one.strip(), adobe=False) if b"~>" not in one else
                         base64.a85decode(b"<~" + one.strip(), adobe=True)))  # fmt: skip
        except (zlib.error, ValueError):
            continue
    return pages, sum(b" 96 Tf" in one for one in texts)


def test_equal_runs_give_equal_bytes():
    one = report(kept())
    assert to_html(one) == to_html(report(kept()))
    assert to_pdf(one) == to_pdf(report(kept()))


def test_a_text_without_end_and_of_any_script_makes_a_document():
    endless = msgspec.structs.replace(DRILL, note=HOSTILE * 2_000, title="x" * 100_000)
    injects = tuple(
        msgspec.structs.replace(one, event="y" * 100_000, expected="ع 戦 " * 9_000) for one in DRILL.inject
    )
    one = report(kept(msgspec.structs.replace(endless, inject=injects)))
    assert len(one.title) == REPORT_TEXT_MAX
    assert to_pdf(one).startswith(b"%PDF")
    assert to_pdf(report(hostile())).startswith(b"%PDF")
    assert drawable("a戦") == "a\ufffd"
    assert clean("a\tb\r\nc\x07") == "a b c\ufffd"


def test_rows_beyond_the_limit_are_counted():
    table = grid("c", ("a",), [("x",)] * (REPORT_ROWS_MAX + 3))
    assert (len(table.rows), table.left_out) == (REPORT_ROWS_MAX, 3)


def test_an_empty_run_makes_a_report():
    empty = kept(losses=(), outcomes=(), warned=(), sent=(), told=(), played=(), acts=(), decided=())
    assert b"Nothing arrived at any capital" in to_html(report(empty))
    assert to_pdf(report(empty)).startswith(b"%PDF")


# ---------------------------------------------------------------- the numbers


def test_json_and_parquet_hold_the_same_numbers():
    runs = [numbers_of(kept()), numbers_of(kept(seed=8))]
    said = json.loads(encode_json(runs))
    for name in TABLES:
        table = pq.read_table(io.BytesIO(encode_parquet(runs, name)))
        assert table.schema.metadata[b"foedus.mode"] == b"EXERCISE"
        rows = [{**run["which"], **row} for run in said for row in run[name]]
        assert table.to_pylist() == rows
        assert {row["mode"] for row in rows} == {"EXERCISE"}


# ---------------------------------------------------------------- the command and the notebook


def call(*words):
    return CliRunner().invoke(cli, ["drill", "report", *map(str, words)])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    for seed in (7, 8):
        (folder / f"small-casus-{seed}.run").write_bytes(encode_run(kept(seed=seed)))
    result = call(folder, "-o", folder / "out", "--json")
    assert result.exit_code == 0, result.output
    return folder / "out", [json.loads(line) for line in result.stdout.splitlines()]


def test_the_command_writes_a_report_of_every_run_in_a_folder(written):
    folder, said = written
    names = sorted(path.name for path in folder.iterdir())
    tables = [f"{name}.parquet" for name in TABLES]
    pages = [f"small-casus-{seed}.{form}" for seed in (7, 8) for form in ("html", "pdf")]
    assert names == sorted([*pages, *tables, "numbers.json"])
    assert sorted(Path(one["file"]).name for one in said) == names


def test_an_empty_folder_and_too_many_runs_are_told(tmp_path, monkeypatch):
    result = call(tmp_path, "-o", tmp_path / "out")
    assert isinstance(result.exception, InputError)
    monkeypatch.setattr("foedus.limits.REPORT_RUNS_MAX", 0)
    (tmp_path / "a.run").write_bytes(b"")
    result = call(tmp_path, "-o", tmp_path / "out")
    assert isinstance(result.exception, LimitError)


def test_the_notebook_runs_on_what_the_command_writes(written):
    path = Path(__file__).parents[2] / "docs" / "notebooks" / "drill.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    scope = {"FOLDER": str(written[0])}
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and not source.startswith("FOLDER"):
            exec(compile(source, str(path), "exec"), scope)
    assert scope["shown"]["small-casus", "SUD"] == [399 / 60, 399 / 60]


def test_a_copy_of_another_text_is_kept_standing_alone(tmp_path):
    from foedus.cli.drill_run import _keep
    from foedus.drill.keeping import read_run
    from foedus.pact.reading.text import parse_pact, read_pact

    library = ROOT / "pacts" / "library"
    copy = read_pact(library / "us-sa-2025-warn.toml")
    assert copy.based_on is not None
    made = kept()
    _keep(tmp_path, made.drill, copy, [made.run], ())
    (path,) = tmp_path.iterdir()
    alone = parse_pact(read_run(path).pact, file="kept")
    assert alone.based_on is None
    assert alone.clause == copy.clause
