"""What a process keeps in its memory is bounded by bytes, and the least recently used goes first."""

from __future__ import annotations

from threading import Thread

from clinic.byte_cache import ByteCache

#: Room for three values of a thousand bytes with their keys, and not for four.
THREE = 4000


def test_what_was_put_is_there():
    cache = ByteCache(THREE)
    assert cache.get("a") is None
    cache.put("a", b"1")
    cache.put("a", b"2")
    assert cache.get("a") == b"2"


def test_the_least_recently_used_goes_first():
    cache = ByteCache(THREE)
    for key in "abc":
        cache.put(key, bytes(1000))
    cache.get("a")
    cache.put("d", bytes(1000))
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]


def test_what_is_put_again_counts_once():
    cache = ByteCache(THREE)
    cache.put("a", bytes(1000))
    for _ in range(10):
        cache.put("b", bytes(1000))
    assert cache.get("a") is not None


def test_what_is_too_large_alone_drives_nothing_out():
    cache = ByteCache(THREE)
    cache.put("a", b"1")
    cache.put("b", bytes(THREE))
    assert (cache.get("a"), cache.get("b")) == (b"1", None)


def test_many_small_values_are_bounded_too():
    cache = ByteCache(THREE)
    for number in range(1000):
        cache.put(number, b"")
    assert sum(cache.get(number) is not None for number in range(1000)) < 20


def test_threads_may_share_it():
    cache, wrong = ByteCache(THREE), list[bytes]()

    def use(name: str) -> None:
        for number in range(2000):
            key = f"{name}{number % 7}"
            value = cache.get(key)
            if value is not None and not value.startswith(key.encode()):
                wrong.append(value)
            cache.put(key, key.encode() + bytes(500))

    threads = [Thread(target=use, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sum(cache.get(f"{name}{number}") is not None for name in "abcd" for number in range(7)) <= THREE // 500
