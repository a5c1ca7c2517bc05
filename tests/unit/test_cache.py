"""The bounded cache: what stays, what leaves, and many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from nnopt_viz.declare.cache import Cache, give_back


def kept(cache: Cache[int, int], among: range) -> list[int]:
    return [key for key in among if cache.get(key) is not None]


def test_what_is_not_there_is_none() -> None:
    assert Cache[str, int](3).get("a") is None


def test_what_was_asked_for_longest_ago_leaves_first() -> None:
    cache = Cache[int, int](3)
    for key in range(3):
        cache.keep(key, key * 10)
    assert cache.get(0) == 0  # 1 is now the oldest
    cache.keep(3, 30)
    assert len(cache) == 3
    assert kept(cache, range(4)) == [0, 2, 3]


def test_a_key_kept_again_has_its_new_value_and_counts_as_new() -> None:
    cache = Cache[int, int](2)
    for key, value in ((0, 1), (1, 1), (0, 2), (2, 1)):
        cache.keep(key, value)
    assert cache.get(0) == 2
    assert cache.get(1) is None


@pytest.mark.parametrize(
    ("sizes", "stay"),
    [
        ((4, 4), [0, 1]),
        ((4, 4, 4), [1, 2]),  # 12 are more than 10
        ((4, 4, 9), [2]),
        ((4, 4, 50), [0, 1]),  # what is larger than all may be is not kept at all
        ((50, 1), [1]),
    ],
)
def test_all_together_are_no_larger_than_allowed(sizes: tuple[int, ...], stay: list[int]) -> None:
    cache = Cache[int, int](9, size=10, size_of=float)
    for key, size in enumerate(sizes):
        cache.keep(key, size)
    assert kept(cache, range(len(sizes))) == stay


def test_a_value_kept_again_counts_once() -> None:
    cache = Cache[int, int](9, size=10, size_of=float)
    for key in (0, 1, 1, 1):
        cache.keep(key, 5)
    assert kept(cache, range(2)) == [0, 1]


def test_a_value_that_has_grown_too_large_takes_the_earlier_one_with_it() -> None:
    cache = Cache[str, int](9, size=10, size_of=float)
    cache.keep("a", 5)
    cache.keep("a", 50)
    assert cache.get("a") is None


def test_what_is_large_is_given_back_and_can_be_kept_again() -> None:
    large, small = Cache[int, int](9, size=10, size_of=float), Cache[int, int](9)
    for cache in (large, small):
        cache.keep(1, 5)
    give_back()
    assert (large.get(1), small.get(1)) == (None, 5)
    large.keep(1, 6)
    assert large.get(1) == 6


def test_many_threads_leave_it_whole() -> None:
    cache = Cache[int, int](8, size=100, size_of=lambda value: value % 30)

    def use(first: int) -> None:
        for i in range(2_000):
            key = (first + i * 7) % 40
            cache.keep(key, key)
            assert cache.get((key + first) % 40) in (None, (key + first) % 40)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))  # raises what a thread raised
    assert len(cache) <= 8
    assert sum(key % 30 for key in kept(cache, range(40))) <= 100
