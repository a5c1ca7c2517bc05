"""The last few values by key, for what is made piece by piece; a function has `lru_cache`.

Written here rather than taken from a library (cachetools): 40 lines against one more pinned
dependency, whose caches are not safe among threads without a lock around every use.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")


class Cache(Generic[K, V]):
    """A bounded table, safe among threads: what was asked for longest ago leaves first.

    Args:
        entries: how many values are kept at most, at least 1.
        size: how large all of them may be together; what is larger is not kept.
        size_of: how large a value is, in the same units (bytes); asked once a value.
    """

    def __init__(
        self, entries: int, size: float = math.inf, size_of: Callable[[V], float] = lambda _: 0.0
    ) -> None:
        self.entries, self.size, self._size_of = entries, size, size_of
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[V, float]] = OrderedDict()
        if size < math.inf:
            _large.add(self)

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """The value of a key, which now counts as asked for last; None when it isn't kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: K, value: V) -> None:
        """Keep a value, in place of an earlier one of this key; one that is larger than all may be
        together is not kept."""
        size = self._size_of(value)
        with self._lock:
            self._kept.pop(key, None)
            if size <= self.size:
                self._kept[key] = value, size
            while self._is_full():
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Keep nothing."""
        with self._lock:
            self._kept.clear()

    def _is_full(self) -> bool:
        return len(self._kept) > self.entries or self.size < sum(s for _, s in self._kept.values())


# Those with a limit on their size: what they keep is large.
_large: WeakSet[Cache[Any, Any]] = WeakSet()


def give_back() -> None:
    """Let go of all large values that caches of this process keep: memory is short. What is asked
    for again is made again."""
    for cache in list(_large):
        cache.clear()
