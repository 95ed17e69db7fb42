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
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model

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
    return bool(named) and any(Path(str(named)).rglob(f"*{kernel}*.nbi"))


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


class Borrowed(types.Type):  # type: ignore[misc]
    """numba's type of a reference to a NamedTuple of arrays that lies on the stack of a kernel."""

    def __init__(self, held: Any) -> None:
        self.held = held
        super().__init__(name=f"Borrowed({held})")


@register_model(Borrowed)
class _BorrowedModel(models.PrimitiveModel):  # type: ignore[misc]
    """A pointer to the tuple."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, manager.lookup(kind.held).get_value_type().as_pointer())


@infer_getattr
class _BorrowedFields(AttributeTemplate):  # type: ignore[misc]
    """Fields of a reference: arrays as they are, tuples as references to them."""

    key = Borrowed

    def generic_resolve(self, kind: Any, name: str) -> Any:
        """The type of a field; None if there is none."""
        if name not in kind.held.fields:
            return None
        field = kind.held.types[kind.held.fields.index(name)]
        return Borrowed(field) if isinstance(field, types.BaseTuple) else field


@lower_getattr_generic(Borrowed)
def _load_field(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    place = kind.held.fields.index(name)
    pointer = cgutils.gep_inbounds(builder, value, 0, place)
    if isinstance(kind.held.types[place], types.BaseTuple):
        return pointer
    return builder.load(pointer)


def _without_owner(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """The value with the owner of every array in it set to null: nobody counts references to it then."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value=value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        parts = cgutils.unpack_tuple(builder, value)
        kept = [_without_owner(context, builder, k, p) for k, p in zip(kind.types, parts, strict=True)]
        return context.make_tuple(builder, kind, kept)
    return value


@intrinsic  # type: ignore[misc]
def borrow(_typing: Any, value: Any) -> Any:
    """A reference to a NamedTuple of arrays, for use inside one kernel; its fields read as before.

    numba hands a tuple over field by field, seven words an array, and counts the references to every array
    at every call, atomically. What a kernel was given is alive until it returns, so its parts may do without:
    measured on a tuple of forty arrays, 350 ns a call became 2.
    """

    if isinstance(value, Borrowed):
        return value(value), lambda _context, _builder, _signature, arguments: arguments[0]

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kept = _without_owner(context, builder, signature.args[0], arguments[0])
        return cgutils.alloca_once_value(builder, kept)

    return Borrowed(value)(value), codegen


def _borrow_nothing(value: Any) -> Any:
    """What `borrow` is where kernels run as plain Python (NUMBA_DISABLE_JIT): there is nothing to save."""
    return value


if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
    borrow = cast(Any, _borrow_nothing)
