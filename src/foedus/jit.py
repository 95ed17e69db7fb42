"""The one place that says how kernels are compiled.

Importing this module imports numba (0.2 to 0.8 s), so only kernel files import it, and commands that do not
compute never load one. Three rules (reasons: docs/decisions/0004-kernels.md):

* no `fastmath`: compiled and interpreted kernels then agree to the bit;
* compiled code is cached on disk under a digest of foedus's sources, because numba's own cache looks at
  one file only and would serve stale code after an edit in a helper's file;
* a kernel is a plain function of arrays and numbers that fills outputs its caller allocated, or returns
  scalars; it signals failure by a status code.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])

GENERATIONS_KEPT = 4
"""Cached builds kept beside the present one, so that switching branches does not compile anew."""


def _sources_digest() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _choose_cache() -> Path | None:
    """The folder for this build's compiled kernels; None leaves numba's own setting, if a person gave one."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return None
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "foedus" / "kernels"
    folder = home / _sources_digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()  # the present build is the newest, also when it was made long ago
        generations = sorted(home.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
        for old in generations[GENERATIONS_KEPT + 1 :]:
            shutil.rmtree(old, ignore_errors=True)
    except OSError:
        return None  # a read-only home: numba falls back to its own choice
    return folder


CACHE_FOLDER = _choose_cache()
if CACHE_FOLDER is not None:
    numba.config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]


def compiled_before(kernel: str = "") -> bool:
    """Whether that kernel, or any, of this very build is on disk, so that the first call will be quick."""
    named = CACHE_FOLDER or os.environ.get("NUMBA_CACHE_DIR")
    return bool(named) and any(Path(str(named)).rglob(f"*.{kernel}-*.nbi" if kernel else "*.nbi"))


def part(function: Function) -> Function:
    """Compile a function that only kernels call: no entry from Python and no place on disk of its own.

    Its code is in each kernel that uses it. This halves the time that the first start spends compiling. A
    test calls a part through a kernel of its own. Do not call kernels or parts with integer literals: numba
    compiles them anew for every literal.
    """
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, numba.njit(nogil=True, error_model="numpy", **options)(function))


def kernel(function: Function) -> Function:
    """Compile a kernel at its first call, for the types of that call."""
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
