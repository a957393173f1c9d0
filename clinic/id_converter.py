"""Ids in paths, of pages and of the API."""

from werkzeug.routing import BaseConverter

from clinic.db import MAX_ID, row_id

_DIGITS_MAX = len(str(MAX_ID))


class IdConverter(BaseConverter):
    """An id in a path: whatever is written in digits.

    A number that no column holds is 0, the id of nothing: 404 like any unknown id, and like these only for those who may
    ask, after 401 and 403.
    """

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        """Return the id, or 0, which no row has, for a number beyond every column."""
        return row_id(int(value)) if len(value) <= _DIGITS_MAX else 0
