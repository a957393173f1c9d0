"""Lists by pages: by number for programs, from a row on for people. Knows no domain.

``pages`` cuts and counts; ``positions`` finds which rows stand on a page; ``count_cache`` remembers the counts of long lists;
``cursors`` writes where a page begins, and reads it.
"""

from clinic.paging.count_cache import CACHED_FOR, CACHED_OVER
from clinic.paging.cursors import CURSOR_MAX
from clinic.paging.pages import MOST_COUNTED, Item, Keyset, Listing, Page, PageRequest, cut, paginate
from clinic.paging.positions import Segment

__all__ = [
    "CACHED_FOR",
    "CACHED_OVER",
    "CURSOR_MAX",
    "MOST_COUNTED",
    "Item",
    "Keyset",
    "Listing",
    "Page",
    "PageRequest",
    "Segment",
    "cut",
    "paginate",
]
