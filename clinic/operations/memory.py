"""How much memory a server process keeps, and what it takes to look after it.

glibc's defaults suit programs that hash no passwords in eight threads.

Each thread gets an arena of its own, and the 19 MiB of every password hash stay in it. Few arenas, and large blocks given
back at once, keep the process below 150 MB (bench/ measures it). Other C libraries are left alone.
"""

import ctypes
import gc
import platform
from collections.abc import Iterator
from contextlib import contextmanager

# The names of malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_MEGABYTE = 1024 * 1024
_ARENAS = 2


def keep_small() -> None:
    """Tell glibc to use few arenas and to give large blocks back; call before threads start."""
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(_M_ARENA_MAX, _ARENAS)
    mallopt(_M_MMAP_THRESHOLD, _MEGABYTE)
    mallopt(_M_TRIM_THRESHOLD, _MEGABYTE)


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage while the portal is loaded, nor ever among what it loaded: nearly all of that stays.

    Looking would take a fifth of the start's processor time.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
