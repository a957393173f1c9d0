"""What leaves of a trace: nothing that a client sent, nothing that tells where the database is."""

from __future__ import annotations

import pytest

from clinic.operations.span_redaction import ALLOWED, allowed, name_of

SECRET = "secret"
#: What the instrumentations of Flask and SQLAlchemy collect, by the older and the newer names.
COLLECTED = {
    "http.method": "GET",
    "http.request.method": "GET",
    "http.route": "/reset-password/<uid>/<token>",
    "http.status_code": 200,
    "http.response.status_code": 200,
    "http.scheme": "https",
    "url.scheme": "https",
    "http.flavor": "1.1",
    "network.protocol.version": "1.1",
    "http.target": f"/reset-password/MQ/{SECRET}?q={SECRET}",
    "http.url": f"https://clinic.example/{SECRET}",
    "url.full": f"https://clinic.example/{SECRET}",
    "url.path": f"/{SECRET}",
    "url.query": SECRET,
    "http.host": f"{SECRET}.example",
    "http.server_name": f"{SECRET}.example",
    "server.address": f"{SECRET}.example",
    "server.port": 8000,
    "net.host.port": 8000,
    "net.peer.ip": SECRET,
    "client.address": SECRET,
    "http.user_agent": SECRET,
    "user_agent.original": SECRET,
    "http.request.header.authorization": [SECRET],
    "http.request.method_original": SECRET,
    "enduser.id": SECRET,
    "db.system": "sqlite",
    "db.system.name": "sqlite",
    "db.statement": "SELECT users.id FROM users WHERE users.email = ?",
    "db.query.text": "SELECT users.id FROM users WHERE users.email = ?",
    "db.operation.name": "SELECT",
    "db.statement.parameters": f"('{SECRET}',)",
    "db.query.parameter.email": SECRET,
    "db.name": f"/srv/{SECRET}/clinic.db",
    "db.namespace": f"/srv/{SECRET}/clinic.db",
    "db.user": SECRET,
    "db.connection_string": f"postgresql://clinic:{SECRET}@db/clinic",
    "error.type": "ValueError",
    "exception.type": "ValueError",
    "exception.message": f"invalid literal: '{SECRET}'",
    "exception.stacktrace": SECRET,
}


def test_nothing_but_the_list_leaves() -> None:
    left = allowed(COLLECTED)
    assert set(left) == ALLOWED
    assert SECRET not in str(left)
    assert allowed(None) == {}


@pytest.mark.parametrize(
    ("name", "attributes", "said"),
    [
        ("GET /doctors/<int:doctor_id>", {"http.route": "/doctors/<int:doctor_id>"}, "GET /doctors/<int:doctor_id>"),
        (f"GET /{SECRET}", {"http.method": "GET"}, "GET"),
        (f"SELECT /srv/{SECRET}/clinic.db", {"db.system": "sqlite"}, "SELECT"),
        ("connect", None, "connect"),
    ],
)
def test_a_name_holds_no_path(name: str, attributes: dict[str, object] | None, said: str) -> None:
    assert name_of(name, attributes) == said
