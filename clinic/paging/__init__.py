"""Lists by pages: by number for programs, from a row on for people. Knows no domain.

``pages`` cuts and counts; ``cursors`` writes where a page begins, and reads it.
"""

from clinic.paging.cursors import CURSOR_MAX
from clinic.paging.pages import MOST_COUNTED, Item, Keyset, Page, PageRequest, Segment, cut, paginate

__all__ = ["CURSOR_MAX", "MOST_COUNTED", "Item", "Keyset", "Page", "PageRequest", "Segment", "cut", "paginate"]
