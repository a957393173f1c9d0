"""The types that requests are made of: shapes only, each with its refusal as a message that can be translated.

In every optional field an empty string means null, as the React client sends it. A field never asks the database.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from clinic.db import row_id
from clinic.errors import Text as Message
from clinic.i18n import N_
from clinic.paging import CACHED_FOR, CACHED_OVER, PageRequest
from clinic.text.normalization import UNSTORABLE

PAGE_SIZE_MAX = 100
#: Longer rows of digits are shortened to this number: past the end of every list.
_HUGE = 10**15
_DEPTH_MAX = 20

CANT_BE_SAVED = Message(N_("This text has characters that we can't save."))


def storable(text: str) -> bool:
    """Return whether a database can keep ``text``: no NUL, no half of a surrogate pair."""
    return UNSTORABLE.search(text) is None


def speakable(name: str) -> str:
    """Return a key of somebody's body as a refusal can name it."""
    return UNSTORABLE.sub("?", name)[:100]


def says(**messages: str) -> dict[str, Any]:
    """Return the words of a field's refusals."""
    return {key: [Message(text)] for key, text in messages.items()}


class Given(fields.Field[Any]):
    """What all request fields share: empty is null, and our own words for what is missing."""

    default_error_messages = says(
        required=N_("This field is required."),
        null=N_("This field can't be empty."),
        validator_failed=N_("This value isn't valid."),
    )
    #: What an optional field holds when it is sent empty.
    empty: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("allow_none", not kwargs.get("required", False))
        super().__init__(*args, **kwargs)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Read ``value``, an empty one as null."""
        if value is None or value == "":
            if not self.allow_none:
                raise self.make_error("null")
            return self.empty
        return super().deserialize(value, *args, **kwargs)


class Text(Given, fields.String):
    """Text of at most ``limit`` characters; optional and sent empty it is an empty text."""

    empty = ""
    default_error_messages = says(invalid=N_("This must be text."))

    def __init__(self, limit: int | None = None, **kwargs: Any) -> None:
        if limit is not None:
            kwargs["metadata"] = {"maxLength": limit, **kwargs.get("metadata", {})}
        super().__init__(**kwargs)
        self.limit = limit

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if not storable(value):
            raise ma.ValidationError([CANT_BE_SAVED])
        if self.limit is not None and len(value.strip()) > self.limit:
            raise ma.ValidationError([Message(N_("At most %(limit)s characters."), {"limit": self.limit})])
        return value


class Choice(Text):
    """One of a few words."""

    def __init__(self, *choices: str, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs, metadata={"enum": list(choices), **(metadata or {})})
        self.choices = choices

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        word = super()._deserialize(value, *args, **kwargs)
        if word not in self.choices:
            message = N_("This must be one of: %(choices)s.")
            raise ma.ValidationError([Message(message, {"choices": ", ".join(self.choices)})])
        return word


class WholeNumber(Given, fields.Integer):
    """A positive whole number, as a number or in digits."""

    default_error_messages = says(invalid=N_("This must be a positive whole number."))
    least: ClassVar[int] = 1

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and re.fullmatch("[0-9]+", value):
            value = int(value) if len(value) < len(str(_HUGE)) else _HUGE
        if not isinstance(value, int) or isinstance(value, bool) or value < self.least:
            raise self.make_error("invalid")
        return min(value, _HUGE)


class Count(WholeNumber):
    """A whole number from 0 on."""

    default_error_messages = says(invalid=N_("This must be a whole number, 0 or more."))
    least = 0


class Switch(Given, fields.Boolean):
    """True or false, in JSON's own words."""

    default_error_messages = says(invalid=N_("This must be true or false."))

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Listed(Given, fields.List[Any]):
    """A list; sent empty it has nothing in it."""

    default_error_messages = says(invalid=N_("This must be a list."))

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs)


class Id(WholeNumber):
    """An id; React's select boxes send it in digits. A number that no column holds is 0, which no row has."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs, metadata={"minimum": 1, **(metadata or {})})

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        return row_id(super()._deserialize(value, *args, **kwargs))


class Ids(Listed):
    """Ids in a query, each as a parameter of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Id(), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        given = [each for each in value if each != ""] if isinstance(value, list) else value
        if not given and self.required:
            raise self.make_error("required")
        return super()._deserialize(given, *args, **kwargs)


class Day(Given, fields.Date):
    """A date, ``YYYY-MM-DD``."""

    default_error_messages = says(invalid=N_("This must be a date in the form YYYY-MM-DD."))

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> date:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise self.make_error("invalid")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None


class ClockTime(Given, fields.Time):
    """A time of day, ``HH:MM`` or ``HH:MM:SS``."""

    default_error_messages = says(invalid=N_("This must be a time in the form HH:MM."))
    pattern = "[0-9]{2}:[0-9]{2}(:[0-9]{2})?"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, metadata={"pattern": f"^{self.pattern}$"})

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> time:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise self.make_error("invalid")
        try:
            return time.fromisoformat(value)
        except ValueError:
            raise self.make_error("invalid") from None


class Part(Given, fields.Nested):
    """An object inside a body."""

    default_error_messages = says(invalid=N_("This must be a JSON object."))

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **kwargs)


class JsonObject(Given, fields.Dict):
    """Any JSON object whose texts can be stored."""

    default_error_messages = says(invalid=N_("This must be a JSON object."))

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if not all(storable(text) for text in _texts(value)):
            raise ma.ValidationError([CANT_BE_SAVED])
        return value


def _texts(value: object, depth: int = 0) -> Iterable[str]:
    """Yield every text in a JSON value, keys too."""
    if depth > _DEPTH_MAX:
        raise ma.ValidationError([Message(N_("This is nested too deeply."))])
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, depth + 1)


class Body(ma.Schema):
    """A request body."""

    class Meta:
        """Clients send extras: they are ignored."""

        unknown = ma.EXCLUDE

    #: Whether an action may be called without any body.
    body_optional: ClassVar[bool] = False
    #: Whether what the domain refuses is told together with what the schema does: its command takes what is missing as
    #: empty.
    all_at_once: ClassVar[bool] = False


class Query(ma.Schema):
    """The parameters of a query; an empty one is as good as none."""

    class Meta:
        """Parameters of somebody else's are ignored."""

        unknown = ma.EXCLUDE

    def on_bind_field(self, _name: str, field: fields.Field[Any]) -> None:
        """Know no null: a query has texts only."""
        field.allow_none = False

    @ma.pre_load
    def without_empty(self, data: Mapping[str, str], **_kwargs: Any) -> dict[str, str]:
        """Leave out the parameters that are empty."""
        names = (field.data_key or name for name, field in self.fields.items())
        return {name: data[name] for name in names if data.get(name)}


class Paged(Query):
    """The page of a list: ``page`` from 1, ``page_size`` 10 unless asked, never over 100."""

    page = WholeNumber(metadata={"minimum": 1, "description": "The page, from 1."})
    page_size = WholeNumber(metadata={"minimum": 1, "description": "Rows a page (default 10); over 100 means 100."})


def page_of(query: dict[str, Any]) -> PageRequest:
    """Take the page out of a ``Paged`` query, so that the filters are left."""
    number, size = query.pop("page", 1), query.pop("page_size", 10)
    return PageRequest(number=number, size=min(size, PAGE_SIZE_MAX))


class Answer(ma.Schema):
    """What an operation answers. Only documents, so that every key is there unless it is marked ``optional``."""

    class Meta:
        """More keys may come in later versions."""

        unknown = ma.EXCLUDE

    def on_bind_field(self, _name: str, field: fields.Field[Any]) -> None:
        """Make each field a required key."""
        field.required = not field.metadata.get("optional", False)


def money(**kwargs: Any) -> fields.String:
    """Document an amount or a rating: a decimal string with two places."""
    return fields.String(validate=validate.Regexp(r"^[0-9]+\.[0-9]{2}$"), **kwargs)


def list_of(item: type[Answer]) -> type[Answer]:
    """Return the documentation of a paged list of ``item``."""
    content = {
        "count": fields.Integer(
            metadata={
                "description": f"Rows in all. Of more than {CACHED_OVER:,} it may be as old as "
                f"{CACHED_FOR.seconds} seconds."
            }
        ),
        "next": fields.Url(allow_none=True, metadata={"description": "The next page."}),
        "previous": fields.Url(allow_none=True, metadata={"description": "The page before."}),
        "results": fields.List(fields.Nested(item)),
        "__doc__": f"A page of {item.__name__} rows.",
    }
    return type(f"{item.__name__}List", (Answer,), content)
