"""A tuple of arrays handed to the parts of a kernel by reference (docs/decisions/0012-borrowed-desk.md).

This extends numba's compiler, whose inside has no types: a type, how it lies in memory, how its fields are
read, and the function that makes one.
"""

# mypy: ignore-errors

from typing import Any

import numba
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model


class Borrowed(types.Type):
    """numba's type of a reference to a NamedTuple of arrays that lies on the stack of a kernel."""

    def __init__(self, held: Any) -> None:
        self.held = held
        super().__init__(name=f"Borrowed({held})")


@register_model(Borrowed)
class _BorrowedModel(models.PrimitiveModel):
    """A pointer to the tuple."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, manager.lookup(kind.held).get_value_type().as_pointer())


@infer_getattr
class _BorrowedFields(AttributeTemplate):
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


@intrinsic
def _borrow(_typing: Any, value: Any) -> Any:
    """A reference to a NamedTuple of arrays, for use inside one kernel; its fields read as before.

    numba hands a tuple over field by field, seven words an array, and counts the references to every array
    at every call, atomically: 350 ns for a tuple of forty arrays. What a kernel was given is alive until it
    returns, so its parts may do without.
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


borrow: Any = _borrow_nothing if numba.config.DISABLE_JIT else _borrow
