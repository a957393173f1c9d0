"""Who signs in and out, who is refused, and a token that was used twice: each is in the audit, by page and by program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from clinic import audit, clock
from clinic.audit import AuditAction, AuditEvent
from clinic.db import session
from tests.authenticator import set_up
from tests.people import ANA, PASSWORD, Cast
from tests.web.visitor import Visitor


def noted(app: Flask) -> list[tuple[str, str, int | None, int]]:
    """What was noted: the action, who did it as what, and whose account it was about."""
    with app.app_context():
        rows = session().scalars(select(AuditEvent).order_by(AuditEvent.id))
        return [(row.action, row.actor_role, row.actor_id, row.subject_id) for row in rows]


def last(app: Flask) -> AuditEvent:
    """The newest entry."""
    with app.app_context():
        return session().scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()


def log_in(app: Flask, email: str, password: str) -> dict[str, object]:
    """Sign in as a program does."""
    answer = app.test_client().post("/api/v1/auth/login/", json={"email": email, "password": password})
    found: dict[str, object] = answer.get_json()
    return found


def test_a_program_that_signs_in_is_noted_with_its_session(app: Flask, cast: Cast) -> None:
    log_in(app, ANA.upper(), PASSWORD)
    assert noted(app) == [(AuditAction.SIGN_IN_SUCCEEDED, "patient", cast.ana, cast.ana)]
    assert last(app).session_id
    with app.app_context():
        assert last(app).details == {"email_digest": audit.email_digest(ANA)}


def test_a_page_notes_signing_in_and_out(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app)
    visitor.get("/login").press("Sign in", email=ANA, password=PASSWORD)
    visitor.get("/patient/").press("Sign out")
    assert noted(app) == [
        (AuditAction.SIGN_IN_SUCCEEDED, "patient", cast.ana, cast.ana),
        (AuditAction.SESSION_ENDED, "patient", cast.ana, cast.ana),
    ]


def test_a_try_that_is_refused_is_a_guests(app: Flask, cast: Cast) -> None:
    log_in(app, ANA, "wrong")
    Visitor(app).get("/login").press("Sign in", email="nobody@example.com", password="wrong \x00")
    assert noted(app) == [
        (AuditAction.SIGN_IN_REFUSED, "guest", None, cast.ana),
        (AuditAction.SIGN_IN_REFUSED, "guest", None, 0),
    ]
    with app.app_context():
        assert last(app).details == {
            "email_digest": audit.email_digest("nobody@example.com"),
            "reason": "invalid_credentials",
        }
    assert "nobody" not in repr(vars(last(app)))


def test_a_right_password_without_the_code_is_noted_on_a_page_as_of_a_program(app: Flask, cast: Cast) -> None:
    with app.app_context():
        set_up(cast.ana)
    noted_before = len(noted(app))
    log_in(app, ANA.upper(), PASSWORD)
    by_program = last(app)
    Visitor(app).get("/login").press("Sign in", email=ANA, password=PASSWORD)
    assert noted(app)[noted_before:] == [(AuditAction.SIGN_IN_REFUSED, "guest", None, cast.ana)] * 2
    with app.app_context():
        assert by_program.details == last(app).details
        assert last(app).details == {"email_digest": audit.email_digest(ANA), "reason": "second_factor_required"}


def test_a_token_that_is_used_twice_is_noted(app: Flask, cast: Cast, clock_at: Callable[[object], object]) -> None:
    tokens = log_in(app, ANA, PASSWORD)["tokens"]
    client = app.test_client()
    codes = []
    for _ in range(2):
        answer = client.post("/api/v1/token/refresh/", json={"refresh": tokens["refresh"]})  # type: ignore[index]
        codes.append(answer.get_json().get("code"))
        clock_at(clock.now() + timedelta(minutes=1))
    assert codes == [None, "token_reused"]
    assert noted(app)[-1] == (AuditAction.TOKEN_REUSED, "patient", cast.ana, cast.ana)


def test_a_program_that_signs_out_is_noted(app: Flask, cast: Cast) -> None:
    tokens = log_in(app, ANA, PASSWORD)["tokens"]
    bearer = {"Authorization": f"Bearer {tokens['access']}"}  # type: ignore[index]
    app.test_client().post("/api/v1/auth/logout/", json={"refresh": tokens["refresh"]}, headers=bearer)  # type: ignore[index]
    assert noted(app)[-1] == (AuditAction.SESSION_ENDED, "patient", cast.ana, cast.ana)
