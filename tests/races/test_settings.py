"""What the office saves in the portal holds in every process within two seconds, and of two who save at once one is told."""

from __future__ import annotations

import time

import httpx
import pytest
from flask import Flask

from clinic import configuration
from clinic.api.paths import PREFIX
from tests import people
from tests.people import Cast
from tests.races.conftest import Crowd, at_once, sending
from tests.races.server_process import Process, Start
from tests.servers import LiveServer
from tests.settings import PATIENCE

#: Seconds that a change may take until every process goes by it.
HOLDS_WITHIN = 2.0


def names_shown(server: Process, times: int) -> set[str]:
    """The clinic's names that pages show, each asked for over a connection of its own, so that every worker is asked."""
    shown = set()
    for _ in range(times):
        page = httpx.get(f"http://127.0.0.1:{server.port}/login", timeout=PATIENCE)
        assert page.status_code == httpx.codes.OK, page.text
        shown.add(page.text.partition("<title>")[2].partition("</title>")[0].rpartition(" · ")[2])
    return shown


def test_every_process_goes_by_what_was_saved_within_two_seconds(app: Flask, start: Start) -> None:
    servers = [start(), start()]
    for server in servers:
        server.wait(server.answers)
        assert names_shown(server, 12) == {"Sen Clinic"}
    with app.app_context():
        configuration.save(people.plant().actor("esther"), {"clinic_name": "Phòng khám Hồ Tây"})
    time.sleep(HOLDS_WITHIN)

    assert [names_shown(server, 12) for server in servers] == [{"Phòng khám Hồ Tây"}] * 2


@pytest.mark.parametrize(("headers", "statuses"), [({"If-Match": '"1"'}, [200, 412]), ({}, [200, 200])])
def test_of_two_who_save_at_once_nobody_is_written_over_unseen(
    live_server: LiveServer, crowd: Crowd, cast: Cast, headers: dict[str, str], statuses: list[int]
) -> None:
    with live_server.app.app_context():
        configuration.save(cast.actor("esther"), {"notice_hours": 1})
    answers = at_once(
        [
            sending(crowd.api(cast.esther), "PATCH", f"{PREFIX}/clinic/", json={"notice_hours": hours}, headers=headers)
            for hours in (12, 36)
        ]
    )

    assert sorted(answer.status_code for answer in answers) == statuses, [answer.text for answer in answers]
    with live_server.app.app_context():
        assert len(configuration.history(cast.actor("esther"))) == 1 + statuses.count(200)
