"""The clinic over the API: read by everybody, changed by who looks after the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clinic.i18n import LANGUAGES
from tests.api.caller import Caller
from tests.people import Cast

AsCaller = Callable[[str], Caller]
PATH = "clinic/"


def test_everybody_reads_it(anyone: Caller, cast: Cast) -> None:
    answer = anyone.get(PATH)

    body = answer.get_json()
    assert (body["clinic_name"], body["emergency_number"], body["horizon_days"]) == ("Sen Clinic", "115", 30)
    assert (body["languages"], body["is_demo"], body["timezone"]) == (list(LANGUAGES), False, "Asia/Ho_Chi_Minh")
    assert body["address"].startswith("12 Lotus Street")
    assert body["address_vi"].startswith("12 đường Hoa Sen")
    assert "ETag" not in answer.headers


def test_an_admin_changes_what_is_sent_and_the_rest_stays(as_: AsCaller, anyone: Caller) -> None:
    before = anyone.get(PATH).get_json()
    answer = as_("esther").call("PATCH", PATH, json={"notice_hours": 0, "letterhead": "Sen JSC", "colour": "red"})

    assert answer.get_json()["clinic"] == {**before, "notice_hours": 0, "letterhead": "Sen JSC"}
    read = anyone.get(PATH)
    assert (read.get_json(), read.headers["ETag"]) == (answer.get_json()["clinic"], '"1"')


def test_reset_gives_values_back_to_the_server(as_: AsCaller, anyone: Caller) -> None:
    esther = as_("esther")
    esther.call("PATCH", PATH, json={"notice_hours": 0, "horizon_days": 60})
    esther.call("PATCH", PATH, json={"reset": ["notice_hours"]})

    body = anyone.get(PATH).get_json()
    assert (body["notice_hours"], body["horizon_days"]) == (24, 60)


def test_an_empty_text_takes_a_value_away(as_: AsCaller, anyone: Caller) -> None:
    as_("esther").call("PATCH", PATH, json={"phone": "", "map_url": None})

    body = anyone.get(PATH).get_json()
    assert (body["phone"], body["map_url"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"phone": "call us", "notice_hours": 999, "languages": []}, {"phone", "notice_hours", "languages"}),
        ({"clinic_name": "", "horizon_days": None, "is_demo": None}, {"clinic_name", "horizon_days", "is_demo"}),
        ({"is_demo": "yes", "languages": "en", "notice_hours": -1}, {"is_demo", "languages", "notice_hours"}),
        ({"phone": 7, "email": "nobody"}, {"phone", "email"}),
        ({"reset": ["colour"]}, {"reset"}),
    ],
)
def test_everything_wrong_is_told_at_once(as_: AsCaller, anyone: Caller, body: object, fields: set[str]) -> None:
    before = anyone.get(PATH).get_json()
    answer = as_("esther").call("PATCH", PATH, json=body)

    assert (answer.status_code, set(answer.get_json()["errors"])) == (400, fields)
    assert anyone.get(PATH).get_json() == before


def test_a_stale_version_writes_nothing(as_: AsCaller, anyone: Caller) -> None:
    esther = as_("esther")
    esther.call("PATCH", PATH, json={"notice_hours": 12})
    answer = esther.call("PATCH", PATH, json={"notice_hours": 1}, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert esther.call("PATCH", PATH, json={"notice_hours": 2}, headers={"If-Match": '"1"'}).status_code == 412
    assert anyone.get(PATH).get_json()["notice_hours"] == 1


def test_the_document_and_the_index_have_the_clinics_name(as_: AsCaller, anyone: Caller) -> None:
    as_("esther").call("PATCH", PATH, json={"clinic_name": "Phòng khám Hồ Tây"})

    assert anyone.get("").get_json()["name"] == "Phòng khám Hồ Tây"
    assert anyone.get("schema/").get_json()["info"]["title"] == "Phòng khám Hồ Tây API"


def test_an_answer_is_in_a_language_that_the_clinic_offers(as_: AsCaller, anyone: Caller, cast: Cast) -> None:
    path = f"departments/{cast.cardiology}/"
    read = anyone.get(path, headers={"Accept-Language": "en"})
    as_("esther").call("PATCH", PATH, json={"languages": ["vi"]})
    kept = {"Accept-Language": "en", "If-None-Match": read.headers["ETag"]}

    answer = anyone.get(path, headers=kept)
    assert (answer.status_code, answer.get_json()["name"]) == (200, "Tim mạch")
