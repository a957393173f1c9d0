"""Refresh tokens on a real server: twenty at once, and a stolen old one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from clinic.accounts.models import SignInSession
from clinic.db import transaction
from tests.api.caller import PREFIX
from tests.people import ANA, PASSWORD, plant
from tests.servers import LiveServer
from tests.settings import PATIENCE


@pytest.fixture
def client(live_server: LiveServer) -> Iterator[httpx.Client]:
    """A client of the server, the cast in its database."""
    with live_server.app.app_context():
        plant()
    with httpx.Client(base_url=live_server.url + PREFIX, timeout=PATIENCE) as client:
        yield client


def rotate(client: httpx.Client, refresh: str) -> httpx.Response:
    """Exchange a refresh token."""
    return client.post("token/refresh/", json={"refresh": refresh})


def me(client: httpx.Client, access: str) -> int:
    """The status that an access token gets."""
    return client.get("user/me/", headers={"Authorization": f"Bearer {access}"}).status_code


def live_sessions(server: LiveServer) -> int:
    """How many sessions are alive."""
    with server.app.app_context(), transaction() as session:
        return session.scalar(select(func.count(SignInSession.id)).where(SignInSession.ended_at.is_(None))) or 0


def test_twenty_at_once_are_all_usable_and_one_session(live_server: LiveServer, client: httpx.Client) -> None:
    first = client.post("token/", json={"email": ANA, "password": PASSWORD}).json()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: rotate(client, first["refresh"]), range(20)))
    assert [answer.status_code for answer in answers] == [200] * 20, [answer.text for answer in answers]
    pairs: list[dict[str, Any]] = [answer.json() for answer in answers]
    assert {me(client, pair["access"]) for pair in pairs} == {200}
    assert live_sessions(live_server) == 1
    # Any of the twenty goes on from here: the others are retries of it.
    assert {rotate(client, pair["refresh"]).status_code for pair in (pairs[0], pairs[-1])} == {200}
    assert live_sessions(live_server) == 1


def test_a_stolen_old_one_ends_the_session(live_server: LiveServer, client: httpx.Client) -> None:
    stolen = client.post("token/", json={"email": ANA, "password": PASSWORD}).json()["refresh"]
    second = rotate(client, stolen).json()
    third = rotate(client, second["refresh"]).json()
    assert me(client, third["access"]) == 200
    answer = rotate(client, stolen)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_reused")
    assert me(client, third["access"]) == me(client, second["access"]) == 401
    assert rotate(client, third["refresh"]).status_code == 401
    assert live_sessions(live_server) == 0
