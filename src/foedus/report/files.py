"""What a report becomes as files: names and bytes, ready to be written."""

from collections.abc import Iterator, Sequence

from foedus.drill.keeping import Kept
from foedus.report.html import to_html
from foedus.report.pdf import to_pdf
from foedus.report.sections import report_of
from foedus.report.tables import TABLES, encode_json, encode_parquet, numbers_of


def report_files(runs: Sequence[tuple[str, Kept]]) -> Iterator[tuple[str, bytes]]:
    """(name, bytes): HTML and PDF of each named run, then the numbers of all: one JSON, a Parquet a table."""
    numbers = []
    for name, kept in runs:
        numbers.append(numbers_of(kept))
        report = report_of(kept, numbers[-1])
        yield f"{name}.html", to_html(report)
        yield f"{name}.pdf", to_pdf(report)
    yield "numbers.json", encode_json(numbers)
    for table in TABLES:
        yield f"{table}.parquet", encode_parquet(numbers, table)
