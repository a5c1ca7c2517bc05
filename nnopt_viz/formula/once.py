"""A property that is computed once for each object, and never waited for.

`functools.cached_property` of Python 3.11 holds a lock of the whole class while it computes. Who
waits for a turn within (see `declare.pace`) would hold up everybody, and could wait for them in
turn. Here two threads may compute the same value at once; they come to the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801  used as `property` is
    """As `cached_property` of Python 3.12: the value is kept in the object's dictionary."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> once[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> once[T] | T:
        if instance is None:
            return self
        value = self.compute(instance)
        instance.__dict__[self.name] = value  # found before this from now on
        return value
