"""How much of the cores a sweep uses at runs of 100 ms. `python -m bench.sweep`."""

import os
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from bench.report import machine
from foedus.drill.sweep import Header, Job, Processes, Sweep

RUN_S = 0.1
RUNS = 400


def work(job: Job) -> pa.RecordBatch:
    """A run that takes 100 ms of one core, as long as a short drill takes, and gives one row."""
    end_s = time.process_time() + RUN_S
    while time.process_time() < end_s:
        pass
    return pa.RecordBatch.from_pydict({"pact": [job.pact], "seed": [job.seed]})


def share(workers: int, folder: Path) -> float:
    """Processor time of the runs over wall time and workers, their start included."""
    header = Header(
        drill="bench", drill_digest="", pacts=(("a", ""),), first_seed=0, runs=RUNS, version=str(workers)
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin_s = time.perf_counter()
    Sweep(header, folder).run(work, Processes(workers))
    wall_s = time.perf_counter() - begin_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{workers} workers: {RUNS} runs of {RUN_S * 1e3:.0f} ms in {wall_s:.1f} s; "
        f"{RUNS * RUN_S / wall_s / workers:.3f} of the cores on runs, {used_s / wall_s / workers:.3f} in all"
    )
    return RUNS * RUN_S / wall_s / workers


def main() -> None:
    """Print the share, median of five, on all cores."""
    print(machine())
    cores = os.cpu_count() or 1
    with TemporaryDirectory() as folder:
        shares = sorted(share(cores, Path(folder) / str(number)) for number in range(5))
    print(f"median of five on {cores} cores: {shares[2]:.3f}")


if __name__ == "__main__":
    main()
