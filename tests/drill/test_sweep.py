import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from foedus.drill import sweep
from foedus.drill.sweep import Header, Job, Processes, Sweep, SweepError
from foedus.errors import InputError, LimitError, SetupError
from foedus.limits import SWEEP_RUNS_MAX


def header(runs=20, **changes):
    values = {
        "drill": "toy", "drill_digest": "d", "pacts": (("a", "1"), ("b", "2")), "first_seed": 5,
        "runs": runs, "version": "0",
    }  # fmt: skip
    return Header(**(values | changes))


def work(job: Job) -> pa.RecordBatch:
    rows = job.seed % 3  # some runs have no rows at all
    return pa.RecordBatch.from_pydict(
        {"pact": pa.array([job.pact] * rows, pa.string()), "seed": pa.array([job.seed] * rows, pa.int64())}
    )


def failing(job: Job) -> pa.RecordBatch:
    if job == Job("b", 9):
        raise ValueError("planted")
    return work(job)


def dying(job: Job) -> pa.RecordBatch:
    if job == Job("b", 9):
        os.kill(os.getpid(), signal.SIGKILL)
    return work(job)


class Here:
    """Works on the tasks in this process, the last one first."""

    def work(self, function, tasks):
        for task in reversed(tasks):
            yield task.number, function(task)


EXPECTED = [(pact, seed) for pact in "ab" for seed in range(5, 25) for _ in range(seed % 3)]


def rows_of(path: Path) -> list[tuple[str, int]]:
    table = pq.read_table(path).to_pydict()
    return list(zip(table["pact"], table["seed"], strict=True))


def test_rows_come_pact_by_pact_and_seed_by_seed_in_whatever_order_they_were_done(tmp_path):
    told = []
    path = Sweep(header(), tmp_path / "s").run(work, Here(), progress=lambda *both: told.append(both))
    assert rows_of(path) == EXPECTED
    assert told[0] == (0, 40)
    assert told[-1] == (40, 40)
    assert sorted(one.name for one in path.parent.iterdir()) == ["outcomes.parquet", "sweep.json"]


def test_one_two_and_eight_workers_give_the_same_bytes(tmp_path):
    here = Sweep(header(), tmp_path / "here").run(work, Here()).read_bytes()
    for workers in (1, 2, 8):
        path = Sweep(header(), tmp_path / str(workers)).run(work, Processes(workers))
        assert path.read_bytes() == here


def test_a_killed_sweep_goes_on_with_what_is_missing_and_gives_the_same_bytes(tmp_path):
    script = (
        "import os, signal, sys; sys.path[:0] = [sys.argv[1]]\n"
        "from pathlib import Path\n"
        "import test_sweep as t\n"
        "kill = lambda done, total: os.kill(os.getpid(), signal.SIGKILL) if done >= 16 else None\n"
        "t.Sweep(t.header(), Path(sys.argv[2])).run(t.work, t.Here(), progress=kill)\n"
    )
    folder = tmp_path / "killed"
    done = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(folder)], check=False
    )
    assert done.returncode == -signal.SIGKILL
    again = Sweep(header(), folder)
    assert [task.number for task in again.missing()] == [0, 1, 2]
    told = []
    path = again.run(work, Here(), progress=lambda *both: told.append(both))
    assert told[0] == (16, 40)
    assert path.read_bytes() == Sweep(header(), tmp_path / "whole").run(work, Here()).read_bytes()


def test_a_chunk_that_was_half_written_is_worked_on_again(tmp_path):
    Sweep(header(), tmp_path / "s")
    (tmp_path / "s" / "part-000002.arrows.draft").write_bytes(b"half")
    half = Sweep(header(), tmp_path / "s")
    assert len(half.missing()) == 5
    assert rows_of(half.run(work, Here())) == EXPECTED


def test_a_finished_sweep_is_not_played_again(tmp_path):
    Sweep(header(), tmp_path / "s").run(work, Here())
    path = Sweep(header(), tmp_path / "s").run(failing, Here())
    assert rows_of(path) == EXPECTED


@pytest.mark.parametrize(
    "change", [{"first_seed": 6}, {"drill_digest": "other"}, {"version": "1"}, {"runs": 21}]
)
def test_another_sweep_does_not_go_on_in_the_folder(tmp_path, change):
    Sweep(header(), tmp_path / "s")
    with pytest.raises(InputError, match="found the header of another sweep"):
        Sweep(header(**change), tmp_path / "s")


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="expected an empty folder or a sweep"):
        Sweep(header(), tmp_path)


def test_a_run_that_fails_is_named_and_what_was_done_is_kept(tmp_path):
    with pytest.raises(SweepError, match="pact b, seed 9: ValueError: planted"):
        Sweep(header(), tmp_path / "s").run(failing, Processes(1))
    left = Sweep(header(), tmp_path / "s")
    assert len(left.missing()) < 5
    assert rows_of(left.run(work, Here())) == EXPECTED


def test_a_worker_that_is_killed_ends_the_sweep_with_words(tmp_path):
    with pytest.raises(SetupError, match="goes on where it stopped"):
        Sweep(header(), tmp_path / "s").run(dying, Processes(2))
    assert rows_of(Sweep(header(), tmp_path / "s").run(work, Here())) == EXPECTED


def test_too_many_runs_are_refused(tmp_path):
    with pytest.raises(LimitError, match="SWEEP_RUNS_MAX"):
        Sweep(header(SWEEP_RUNS_MAX), tmp_path / "s")


def test_ray_that_is_not_there_is_named_with_the_extra_that_brings_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SetupError, match=r"foedus\[scale\]"):
        sweep.Ray("", 1)
