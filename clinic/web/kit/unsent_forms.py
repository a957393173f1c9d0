"""Forms that were posted after the session had ended: sealed, carried through the sign-in page, and sent again.

It belongs to the user in whose session the form was made, which the form's own token tells; nobody else is shown or
sends any of it (decision 10). A view says by ``@keeps_unsent(Form)`` that its form is worth keeping. Nothing is executed
here, and nothing is kept on the server.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self, cast
from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from wtforms import Field, HiddenField, PasswordField, SelectField

from clinic import accounts
from clinic.web.kit.forms import PortalForm, whole
from clinic.web.kit.sealing import seal, unseal
from clinic.web.kit.view_marks import View, mark_of, marked

Form = type[PortalForm]
Pairs = list[tuple[str, str]]

#: The buttons for language and colours, where they show a form again in which something may be typed.
SET_LANGUAGE, SET_THEME = "set_language", "set_theme"
TOKEN = "csrf_token"  # noqa: S105 - the field's name
_NOT_TYPED = frozenset({TOKEN, SET_LANGUAGE, SET_THEME})
#: Twice what the longest form, a medical record, holds in Vietnamese; in bytes, before it is sealed.
MOST = 128 * 1024
#: A working day: whoever sends later than that should look at the form anew.
LASTS = timedelta(hours=12)
#: How much of a text is shown before it is sent again, in characters.
SHOWN = 200


def keeps_unsent(form: Form | Callable[..., Form]) -> Callable[[View], View]:
    """Mark a view as that of a form in which people type; ``form`` is its class, or a function that returns it from the
    view's arguments.

    An open view that is marked must do nothing before the form's ``validate`` agreed: ``guard.py`` shows it again.
    """

    return lambda view: marked(view, unsent_form=form)


def form_of(endpoint: str | None, view_args: Mapping[str, Any]) -> Form | None:
    """Return the form of a marked view, None of any other."""
    found = mark_of(endpoint, "unsent_form")
    if found is None or isinstance(found, type):
        return cast("Form | None", found)
    return cast(Form, found(**view_args))


def is_shown_again() -> bool:
    """Return whether a form was sent by a button for language or colours: it is shown again, nothing of it is acted
    on."""
    if request.method != "POST" or form_of(request.endpoint, request.view_args or {}) is None:
        return False
    return SET_LANGUAGE in request.form or SET_THEME in request.form


def name_token(session_id: int, mark: str, random: str) -> str:
    """Return the secret behind the tokens of a sign-in session's forms; it names the session, and by its ``mark`` no other
    that has the same id after a restore."""
    return f"{session_id}.{mark}.{random}"


def owner() -> int | None:
    """Return the user in whose sign-in session the posted form was made; None for a guest's form or a forged token.

    The session may have ended, and the token need not fit the browser's present cookie: who made the form stays true.
    """
    token = request.form.get(TOKEN, "")
    serializer = URLSafeTimedSerializer(current_app.config["WTF_CSRF_SECRET_KEY"], salt="wtf-csrf-token")
    try:
        number, *named = str(serializer.loads(token)).split(".")
    except BadData:
        return None
    session_id = whole(number) if len(named) == 2 else None
    return None if session_id is None else accounts.user_of_session(session_id, named[0])


@dataclass(frozen=True)
class UnsentForm:
    """A form as it was posted, without its token: whose it is, where it was sent, and its fields in their order."""

    user_id: int
    address: str
    fields: Pairs

    def sealed(self) -> str | None:
        """Return all of it sealed; None if it is more than ``MOST``."""
        plain = json.dumps([self.user_id, self.address, self.fields], ensure_ascii=False, separators=(",", ":"))
        raw = plain.encode("utf-8", "surrogatepass")
        return seal(raw) if len(raw) <= MOST else None

    @classmethod
    def opened(cls, sealed: str) -> Self | None:
        """Return what was sealed; None if it was changed on the way or is older than ``LASTS``."""
        raw = unseal(sealed, within=LASTS)
        if raw is None:
            return None
        user_id, address, fields = json.loads(raw.decode("utf-8", "surrogatepass"))
        return cls(user_id, address, [(name, value) for name, value in fields])

    def view_args(self) -> Mapping[str, Any]:
        """Return what the form's address says beside its query, nothing for one that the portal doesn't have any more."""
        return self._view()[1]

    def _view(self) -> tuple[str | None, Mapping[str, Any]]:
        """Return the endpoint and the arguments of the view that the form was sent to."""
        adapter = current_app.create_url_adapter(request)
        try:
            return adapter.match(urlsplit(self.address).path, "POST") if adapter else (None, {})
        except HTTPException:
            return None, {}

    def summary(self) -> Iterator[tuple[str, str]]:
        """Yield a summary of what will be sent: the label and the beginning of each field in which something stands.

        Nothing of a form that the portal doesn't have any more: sending it says so.
        """
        form = form_of(*self._view())
        if form is None:
            return
        for field in form(formdata=MultiDict(self.fields), meta={"csrf": False}):
            words = _words(field)
            if words:
                yield field.label.text, words if len(words) <= SHOWN else f"{words[:SHOWN]}…"


def posted() -> UnsentForm | None:
    """Return what the present request posted, if it is a form worth keeping and it is known whose it is.

    A form with a password is none: without the password it would be sent for nothing, and that is never kept. Nor is one
    that says so itself (``sealable``).
    """
    form = form_of(request.endpoint, request.view_args or {})
    if (
        form is None
        or not form.sealable
        or any(isinstance(field, PasswordField) for field in form(formdata=None, meta={"csrf": False}))
    ):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_TYPED]
    if not any(value.strip() for _, value in fields):
        return None
    user_id = owner()
    return None if user_id is None else UnsentForm(user_id, request.full_path.rstrip("?"), fields)


def _words(field: Field) -> str:
    """Return what stands in a field as people read it; "" for nothing, and for what is only a number to the server."""
    typed = str(field.raw_data[0]).strip() if field.raw_data else ""
    if isinstance(field, HiddenField) or not typed:
        return ""
    if isinstance(field, SelectField):
        return next((str(choice.label) for choice in field.choices or [] if choice.value == typed), "")
    return typed
