"""Thousands of runs of a drill on all cores or many machines: goes on after a stop, same on any pool.

The jobs are cut into chunks of a fixed size that does not depend on the pool. A chunk's rows are a file of
their own, written under another name first and renamed when whole; a sweep that was stopped goes on with the
chunks that have no file. At the end the chunks are put together in their order, so the result is the same to
the byte on one worker and on eight, however often it was stopped. Only the caller writes; workers give rows
back.
"""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from foedus.errors import FoedusError, InputError, LimitError, SetupError
from foedus.limits import SWEEP_RUNS_MAX

CHUNK: Final = 8
"""Runs of one chunk: at 100 ms a run, 0.8 s between two hand-overs, and at most that lost by a stop."""

AHEAD: Final = 2
"""Chunks per worker that are handed over before their turn, so that no worker waits for the caller."""

RESULT: Final = "outcomes.parquet"
HEADER: Final = "sweep.json"

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
WORKER: Final = {**dict.fromkeys(THREADS, "1"), "MALLOC_MMAP_THRESHOLD_": "1048576"}
"""What workers inherit. One run is one core's work: libraries that start threads of their own would fight
over the cores. Big columns go back to the system when freed: otherwise glibc keeps them, 2.0 GB instead of
0.4 after three runs of the Gulf drill."""


class Job(msgspec.Struct, frozen=True, array_like=True):
    """One run: the pact as it was asked for, and the seed."""

    pact: str
    seed: int


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder is a sweep of; another sweep does not go on in it."""

    drill: str
    drill_digest: str
    pacts: tuple[tuple[str, str], ...]  # (as asked for, digest)
    first_seed: int
    runs: int  # per pact
    version: str  # of foedus
    chunk: int = CHUNK

    def jobs(self) -> tuple[Job, ...]:
        """Every run, in the order of the result: pact by pact, seed by seed."""
        seeds = range(self.first_seed, self.first_seed + self.runs)
        return tuple(Job(pact, seed) for pact, _ in self.pacts for seed in seeds)


Work = Callable[[Job], pa.RecordBatch]
"""Plays one run and gives its rows; all batches of one sweep have one schema. Goes to workers by pickle."""


class _Task(NamedTuple):
    number: int
    jobs: tuple[Job, ...]


class Pool(Protocol):
    """Where chunks are worked on."""

    def work(self, function: Callable[[_Task], bytes], tasks: Sequence[_Task]) -> Iterator[tuple[int, bytes]]:
        """(number, rows) of each task, in whatever order they are done."""


class SweepError(FoedusError):
    """A run of a sweep failed: which, and why."""


class _Chunk:
    """The work of one task; an object, because only what has a name at the top of a module can be pickled."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __call__(self, task: _Task) -> bytes:
        sink = pa.BufferOutputStream()
        writer: pa.RecordBatchStreamWriter | None = None
        for job in task.jobs:
            try:
                batch = self._work(job)
            except Exception as error:
                raise SweepError(
                    f"pact {job.pact}, seed {job.seed}: {type(error).__name__}: {error}"
                ) from error
            writer = writer or pa.ipc.new_stream(sink, batch.schema)
            writer.write_batch(batch)
        assert writer is not None
        writer.close()
        return bytes(sink.getvalue())


# ---------------------------------------------------------------- pools


class Processes:
    """The cores of this machine."""

    def __init__(self, workers: int) -> None:
        assert workers >= 1
        self._workers = workers

    def work(self, function: Callable[[_Task], bytes], tasks: Sequence[_Task]) -> Iterator[tuple[int, bytes]]:
        """See Pool. SetupError when a worker is ended from outside; what is done is kept."""
        for name, value in WORKER.items():  # the workers start afresh
            os.environ.setdefault(name, value)
        context = get_context("spawn")  # threads of the caller are never copied
        with ProcessPoolExecutor(self._workers, mp_context=context, initializer=_ignore_interrupt) as pool:
            try:
                yield from _in_flight(lambda task: pool.submit(function, task), tasks, AHEAD * self._workers)
            except BrokenProcessPool as error:
                raise SetupError(
                    "a worker of the sweep was ended from outside, perhaps for want of memory; "
                    "the same command again goes on where it stopped, with fewer --workers if need be"
                ) from error
            finally:
                pool.shutdown(wait=False, cancel_futures=True)


def _ignore_interrupt() -> None:
    """Leave Ctrl-C to the caller, which ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _in_flight(
    submit: Callable[[_Task], "Future[bytes]"], tasks: Sequence[_Task], most: int
) -> Iterator[tuple[int, bytes]]:
    """Hand tasks over, a bounded number at a time, and give back what is done."""
    waiting = iter(tasks)
    running: dict[Future[bytes], int] = {}
    while True:
        for task in waiting:
            running[submit(task)] = task.number
            if len(running) >= most:
                break
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future.result()


class Ray:
    """The machines of a Ray cluster (`foedus[scale]`); an empty address starts one on this machine.

    Each machine needs the same foedus. SetupError where Ray is not installed or cannot be reached.
    """

    def __init__(self, address: str, workers: int) -> None:
        try:
            import ray  # noqa: PLC0415 - an extra, and heavy
        except ImportError as error:
            raise SetupError("Ray is not installed here; pip install 'foedus[scale]'") from error
        self._ray: Any = ray
        self._workers = workers
        try:
            ray.init(address=address or None, num_cpus=None if address else workers, log_to_driver=False)
        except (ConnectionError, ValueError) as error:
            raise SetupError(f"no Ray cluster answers at {address or 'this machine'}: {error}") from error

    def work(self, function: Callable[[_Task], bytes], tasks: Sequence[_Task]) -> Iterator[tuple[int, bytes]]:
        """See Pool."""
        ray = self._ray
        remote = ray.remote(num_cpus=1, max_retries=3)(_remote)
        shared = ray.put(function)
        waiting = iter(tasks)
        running: dict[Any, int] = {}
        while True:
            for task in waiting:
                running[remote.remote(shared, task)] = task.number
                if len(running) >= AHEAD * self._workers:
                    break
            if not running:
                return
            done, _ = ray.wait(list(running), num_returns=1)
            for reference in done:
                try:
                    rows = ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    raise error.cause from None  # what the run itself raised, without Ray's own pages
                yield running.pop(reference), rows


def _remote(function: Callable[[_Task], bytes], task: _Task) -> bytes:
    return function(task)


# ---------------------------------------------------------------- the sweep


class Sweep:
    """One sweep in its folder.

    InputError where the folder holds another sweep, LimitError beyond SWEEP_RUNS_MAX runs.
    """

    def __init__(self, header: Header, folder: Path) -> None:
        total = header.runs * len(header.pacts)
        if total > SWEEP_RUNS_MAX:
            raise LimitError(name="SWEEP_RUNS_MAX", limit=SWEEP_RUNS_MAX, asked=total)
        self.header = header
        self.folder = folder
        self._claim()
        jobs = header.jobs()
        self._tasks = tuple(
            _Task(number, jobs[start : start + header.chunk])
            for number, start in enumerate(range(0, len(jobs), header.chunk))
        )

    def _claim(self) -> None:
        """Write the header into an empty folder, or find the same one there."""
        path = self.folder / HEADER
        ours = msgspec.json.format(msgspec.json.encode(self.header), indent=1)
        if path.exists():
            if path.read_bytes() != ours:
                raise InputError(
                    where=str(path),
                    found="the header of another sweep",
                    expected="the same drill, pacts, seeds and version of foedus, or another folder",
                )
            return
        if self.folder.exists() and any(self.folder.iterdir()):
            raise InputError(where=str(self.folder), found="files", expected="an empty folder or a sweep")
        self.folder.mkdir(parents=True, exist_ok=True)
        _write_whole(path, ours)

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:06d}.arrows"

    def missing(self) -> tuple[_Task, ...]:
        """The chunks that nobody has worked on yet, or whose file was lost."""
        if (self.folder / RESULT).exists():
            return ()
        return tuple(task for task in self._tasks if not self._part(task.number).exists())

    def run(
        self,
        work: Work,
        pool: Pool,
        *,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Path:
        """Work on what is missing, put all rows together, and give the path of the result.

        progress: called with runs done and runs in all, first for what an earlier call left.
        """
        total = sum(len(task.jobs) for task in self._tasks)
        missing = self.missing()
        runs = {task.number: len(task.jobs) for task in missing}
        done = total - sum(runs.values())
        progress(done, total)
        for number, rows in pool.work(_Chunk(work), missing):
            _write_whole(self._part(number), rows)
            done += runs[number]
            progress(done, total)
        return self._gather()

    def _gather(self) -> Path:
        """One Parquet file of all chunks in their order; the chunks go once it is whole."""
        result = self.folder / RESULT
        if not result.exists():
            tables = []
            for task in self._tasks:
                with pa.ipc.open_stream(self._part(task.number).read_bytes()) as stream:
                    tables.append(stream.read_all())
            sink = pa.BufferOutputStream()
            pq.write_table(pa.concat_tables(tables).combine_chunks(), sink)
            _write_whole(result, bytes(sink.getvalue()))
        for task in self._tasks:
            self._part(task.number).unlink(missing_ok=True)
        return result


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    draft = path.with_suffix(path.suffix + ".draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
