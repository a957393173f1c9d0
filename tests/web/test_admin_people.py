"""The office's doctors and accounts: lists, corrections, invitations, switches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from flask import Flask

from clinic import accounts, directory, mail
from clinic.db import db
from tests import factories
from tests.people import PASSWORD, Cast
from tests.statements import count_statements
from tests.web.conftest import LATER
from tests.web.visitor import Sheet, Visitor, birthday

As = Callable[[str], Visitor]
Make = Callable[..., int]
FAY = {"full_name": "Fay Front", "email": "fay@clinic.example", "phone_num": "0911222333", "language": "vi"}


def heads(page: Sheet) -> list[str]:
    """The row heads of the list."""
    return [node.text for node in page.main.all("th", scope="row")]


def doctor(cast: Cast) -> dict[str, str]:
    """What is typed of a new doctor."""
    return {
        **FAY, "department_id": str(cast.cardiology), "room_id": str(cast.heart_room), "license_number": "L-NEW",
        "experience_years": "7", "consultation_fee": "300.000", "title": "Specialist", "title_vi": "Bác sĩ",
    }  # fmt: skip


def letters(app: Flask) -> list[str]:
    """To whom an invitation is on its way."""
    with app.app_context():
        return [letter["to"] for letter in mail.all_mail() if "/reset-password/" in letter["body"]]


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_the_languages_of_a_doctor_are_ticked(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/doctors/{cast.chen}")
    assert page.values("Save")["languages"] == []
    assert page.press("Save", languages=["en", "vi"]).status == 303
    again = as_("esther").get(f"/admin/doctors/{cast.chen}")
    assert again.values("Save")["languages"] == ["vi", "en"]
    with app.app_context():
        assert directory.doctor(cast.chen, lang="en")["languages"] == ["vi", "en"]
    refused = again.press("Save", languages=["tlh"])
    assert refused.status == 422
    assert "Please choose from these languages." in refused.main.text
    assert again.press("Save", languages=[]).status == 303
    assert as_("esther").get(f"/admin/doctors/{cast.chen}").values("Save")["languages"] == []


def test_a_refused_form_still_offers_the_doctors_own_room(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/doctors/{cast.chen}")
    refused = page.press("Save", room_id=str(cast.heart_room), experience_years="many")
    assert refused.status == 422
    offered = [each.get("value") for each in refused.main.one("select", name="room_id").all("option")]
    assert str(cast.chens_room) in offered
    assert refused.press("Save", room_id=str(cast.chens_room), experience_years="9").status == 303


def test_accounts_are_listed_and_found(as_: As, cast: Cast) -> None:
    page = as_("esther").get("/admin/users")
    assert heads(page) == ["Ana Nguyễn", "Boris Đặng", "Dr Chen", "Dr Diallo", "Esther Office"]
    assert heads(page.press("Show", search="dang")) == ["Boris Đặng"]
    assert heads(page.press("Show", role="doctor")) == ["Dr Chen", "Dr Diallo"]
    assert "Nothing found" in page.press("Show", active="off").main.text
    assert heads(as_("esther").get("/admin/users?role=astrologer")) == heads(page)


def test_a_swapped_list_is_the_list_of_the_page(as_: As, cast: Cast) -> None:
    for address, target in (("/admin/users?search=d", "user-list"), ("/admin/doctors?search=d", "doctor-list")):
        page, part = as_("esther").get(address), as_("esther").swap(address, target)
        assert "<html" not in part.html
        assert part.tree.one("section").written() == page.tree.one("section", id=target).written()


def test_an_account_is_corrected(as_: As, cast: Cast) -> None:
    page = as_("esther").get("/admin/users").click("Ana Nguyễn")
    assert "17 May 1990" in page.main.text
    done = page.press("Save", full_name="Ánh Nguyễn", email="anh@example.com", phone_num="0911111111")
    assert done.status == 303
    assert done.follow().h1 == "Ánh Nguyễn"


def test_a_wrong_correction_keeps_what_was_typed(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/users/{cast.ana}")
    refused = page.press("Save", full_name="Anna", email="boris@example.com", phone_num="12")
    assert refused.status == 422
    assert "Please enter a phone number of 10 digits." in refused.main.text
    taken = refused.press("Save", phone_num="0911111111")
    assert taken.status == 422
    assert "There's already an account with this e-mail." in taken.main.text
    assert taken.values("Save")["full_name"] == "Anna"


def test_everything_that_the_clinic_asks_of_a_patient_is_corrected(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        lan = accounts.admit_patient(
            cast.actor("esther"),
            full_name="Lan",
            phone_num="0911222333",
            date_of_birth=date(1984, 2, 29),
            gender="male",
        )
    right = {
        **birthday("1948-12-29"), "gender": "female", "address": "5 Hàng Bạc", "insurance_id": "SHI-79-1",
        "emergency_contact": "Minh", "emergency_contact_phone": "0911000111",
    }  # fmt: skip
    page = as_("esther").get(f"/admin/users/{lan}")
    assert page.press("Save", **right).status == 303, "without an e-mail too"
    shown = as_("esther").get(f"/admin/users/{lan}")
    assert {name: shown.values("Save")[name] for name in right} == right
    for told in ("29 December 1948", "Female", "5 Hàng Bạc", "SHI-79-1", "Minh", "091 100 0111"):
        assert told in shown.main.one("dl").text
    fields = "address, date of birth, emergency contact, emergency contact's phone, gender, insurance number"
    assert f"Esther Office corrected Lan: {fields}." in as_("esther").get("/admin/trail").main.text
    assert "SHI-79-1" not in as_("esther").get("/admin/trail").html, "the trail has fields, not what they hold"


def test_a_wrong_detail_of_a_patient_is_said_with_all_others_and_kept(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/users/{cast.ana}")
    assert page.main.one("details", class_="unfold").get("open") is None
    wrong = {**birthday("2030-01-01"), "emergency_contact_phone": "1", "phone_num": "2", "address": "kept"}
    refused = page.press("Save", **wrong)
    assert refused.status == 422
    assert refused.main.one("details", class_="unfold").get("open") is not None
    assert "can't be in the future" in refused.main.text
    said = refused.main.text.count("Please enter a phone number of 10 digits.")
    assert said == 4, "in the summary and at each of two fields"
    assert {name: refused.values("Save")[name] for name in wrong} == wrong
    assert page.press("Save").status == 303, "nothing was saved meanwhile"


def test_who_is_no_patient_has_no_patients_details(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/users/{cast.chen}")
    assert "date_of_birth_day" not in page.values("Save")
    assert "Upcoming visits" not in page.main.text


def test_a_patients_coming_visits_stand_on_their_page(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        numbers = factories.appointments(7, cast.ana, cast.chen, first_day=LATER)
    page = as_("esther").get(f"/admin/users/{cast.ana}")
    coming = page.main.one("section", aria_labelledby="coming")
    shown = [link.attrs["href"] for link in coming.all("a") if link.attrs["href"].startswith("/admin/appointments/")]
    assert len(shown) == 5
    assert set(shown) <= {f"/admin/appointments/{number}" for number in numbers}
    assert "7 visits" in page.click("Show all 7").main.text


def test_somebody_elses_correction_is_not_overwritten_unseen(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/users/{cast.ana}")
    page.press("Save", full_name="First")
    stale = page.press("Save", full_name="Second")
    assert stale.status == 412
    assert "First" in stale.h1
    assert stale.values("Save my version")["full_name"] == "Second"
    assert stale.main.one("div", class_="theirs").text == "Saved in the meantime : Full name First"
    assert stale.click("Use their version").values("Save")["full_name"] == "First"
    assert stale.press("Save my version").follow().h1 == "Second"


def test_an_admin_is_invited_and_again(app: Flask, as_: As, cast: Cast) -> None:
    esther = as_("esther")
    form = esther.get("/admin/users").click("Invite somebody to the office")
    refused = form.press("Send the invitation", **{**FAY, "email": "ana@example.com"})
    assert refused.status == 422
    assert refused.values("Send the invitation")["full_name"] == "Fay Front"
    done = refused.press("Send the invitation", email=FAY["email"])
    assert done.status == 303
    shown = done.follow()
    assert "The invitation is on its way to fay@clinic.example." in shown.text
    assert shown.press("Invite again").status == 303
    assert letters(app) == ["fay@clinic.example"] * 2


def test_who_is_off_is_not_invited(app: Flask, as_: As, cast: Cast) -> None:
    with app.app_context():
        fay = accounts.invite_admin(cast.actor("esther"), **FAY)
    page = as_("esther").get(f"/admin/users/{fay}")
    page.click("Switch off").press("Switch off")
    refused = page.press("Invite again")
    assert refused.status == 409
    assert "This account is switched off." in refused.main.text
    assert letters(app) == ["fay@clinic.example"]


def test_who_has_a_password_is_not_invited(app: Flask, as_: As, cast: Cast) -> None:
    """A link that sets a new password is theirs alone to ask for."""
    esther = as_("esther")
    for person in (cast.ana, cast.chen):
        assert "Invite again" not in esther.get(f"/admin/users/{person}").text
        refused = esther.command(f"/admin/users/{person}/invite")
        assert (refused.status, "already has a password" in refused.main.text) == (409, True)
    assert letters(app) == []


def test_a_patient_is_invited_again_who_has_an_email(app: Flask, as_: As, cast: Cast) -> None:
    esther = as_("esther")

    def admit(name: str, email: str, none_of: Sequence[int] = ()) -> int:
        return accounts.admit_patient(
            cast.actor("esther"),
            full_name=name,
            email=email,
            phone_num="0911222333",
            date_of_birth=date(1948, 2, 29),
            gender="female",
            none_of=none_of,
        )

    with app.app_context():
        lan = admit("Lan", "")
        mai = admit("Mai", "mai@example.com", [lan])
    shown = esther.get(f"/admin/users/{mai}").press("Invite again").follow()
    assert "The invitation is on its way to mai@example.com." in shown.text
    assert "Invite again" not in esther.get(f"/admin/users/{lan}").text
    refused = esther.command(f"/admin/users/{lan}/invite")
    assert (refused.status, "This patient has no e-mail." in refused.main.text) == (409, True)
    assert letters(app) == ["mai@example.com"] * 2


def test_an_account_is_switched_off_knowing_its_visits(app: Flask, as_: As, cast: Cast, appointment: Make) -> None:
    appointment(LATER, "09:00")
    page = as_("esther").get(f"/admin/users/{cast.chen}").click("Switch off")
    assert "1 upcoming visit is affected" in page.main.text
    appointment(LATER, "10:00")
    refused = page.press("Switch off anyway")
    assert refused.status == 409
    assert refused.press("Switch off anyway").status == 303
    assert as_("chen").get("/doctor/").status == 303
    with app.app_context():
        assert not accounts.person(cast.actor("esther"), cast.chen)["is_active"]


def test_nobody_switches_themselves_off(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/users/{cast.esther}")
    assert not [node for node in page.main.all("a") if node.text == "Switch off"]
    refused = as_("esther").get(f"/admin/users/{cast.esther}/switch").press("Switch off")
    assert refused.status == 409
    assert "You can't switch off your own account." in refused.main.text


# --- doctors ----------------------------------------------------------------------------------------------------------


def test_doctors_are_listed_and_found(as_: As, cast: Cast) -> None:
    page = as_("esther").get("/admin/doctors")
    assert heads(page) == ["Dr Chen", "Dr Diallo"]
    assert heads(page.press("Show", department=str(cast.neurology))) == ["Dr Diallo"]
    assert heads(page.press("Show", search="CHEN@")) == ["Dr Chen"]


def test_a_doctor_is_invited(app: Flask, as_: As, cast: Cast) -> None:
    form = as_("esther").get("/admin/doctors").click("Invite a doctor")
    refused = form.press("Send the invitation", **{**doctor(cast), "license_number": "", "experience_years": "x"})
    assert refused.status == 422
    assert refused.values("Send the invitation")["experience_years"] == "x"
    done = refused.press("Send the invitation", license_number="L-NEW", experience_years="7")
    assert done.status == 303
    shown = done.follow()
    assert shown.h1 == "Dr Fay Front"
    assert shown.values("Save")["consultation_fee"] == "300000"
    assert shown.values("Save")["room_id"] == str(cast.heart_room)
    assert letters(app) == ["fay@clinic.example"]


def test_an_invited_doctor_is_shown_as_such_and_not_public_until_the_link_is_used(
    app: Flask, as_: As, guest: Visitor, cast: Cast
) -> None:
    esther = as_("esther")
    shown = esther.get("/admin/doctors/new").press("Send the invitation", **doctor(cast)).follow()
    assert "Invited, not signed in yet" in shown.main.text
    assert "Patients can't see or book this doctor yet" in shown.main.text
    for path in ("/admin/doctors", "/admin/users"):
        assert esther.get(path).main.text.count("Invited, not signed in yet") == 1
    assert "Fay Front" not in guest.get("/doctors").main.text
    assert "The invitation is on its way" in shown.press("Invite again").follow().text
    assert letters(app) == ["fay@clinic.example"] * 2

    with app.app_context():
        uid, token = str(mail.all_mail()[-1]["body"]).split("/reset-password/")[1].split()[0].split("/")
        accounts.reset_password(uid=uid, token=token, new_password=PASSWORD, confirm_password=PASSWORD)
    assert "Dr Fay Front" in guest.get("/doctors").main.text
    assert "Invited" not in esther.get("/admin/doctors").main.text


def test_a_phone_number_is_written_in_groups_and_can_be_called(as_: As, cast: Cast) -> None:
    for path in ("/admin/doctors", "/admin/users", "/admin/patients"):
        numbers = [
            link for link in as_("esther").get(path).main.all("a") if (link.get("href") or "").startswith("tel:")
        ]
        assert numbers, path
        assert all(" " in link.text and " " not in link.attrs["href"] for link in numbers), path


def test_a_doctor_with_coming_visits_changes_department_only_knowingly(as_: As, cast: Cast, appointment: Make) -> None:
    appointment(LATER, "09:00")
    page = as_("esther").get(f"/admin/doctors/{cast.chen}").press("Save", specialization="Rhythm").follow()
    refused = page.press("Save", department_id=str(cast.neurology), bio="Typed")
    assert refused.status == 409
    assert "1 upcoming visit with this doctor" in refused.main.text
    assert "cancel them" not in refused.main.text, "the visits stay: nobody is told to move or cancel them"
    assert refused.values("Save anyway")["bio"] == "Typed"
    done = refused.press("Save anyway")
    assert done.status == 303
    assert done.follow().values("Save")["department_id"] == str(cast.neurology)


def test_somebody_elses_words_about_a_doctor_are_not_overwritten_unseen(app: Flask, as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/doctors/{cast.chen}")
    with app.app_context():
        directory.update_me(cast.actor("chen"), {"doctor_profile": {"bio": "His own words", "room": None}})
    stale = page.press("Save", bio="Mine")
    assert stale.status == 412
    assert [node.text for node in stale.main.all("div", class_="theirs")] == [
        "Saved in the meantime : Own room (empty)", "Saved in the meantime : About the doctor in English His own words",
    ]  # fmt: skip
    assert stale.press("Save my version").follow().values("Save")["bio"] == "Mine"


def test_a_wrong_doctor_keeps_what_was_typed(as_: As, cast: Cast) -> None:
    page = as_("esther").get(f"/admin/doctors/{cast.diallo}")
    refused = page.press("Save", experience_years="200", title="Chief")
    assert refused.status == 422
    assert "Please enter a number from 0 to 80." in refused.main.text
    assert refused.values("Save")["title"] == "Chief"


# --- the same questions to each ---------------------------------------------------------------------------------------

PATHS = ["users", "users/new", "users/{chen}", "users/{chen}/switch", "doctors", "doctors/new", "doctors/{chen}"]
COMMANDS = ["users/new", "users/{chen}", "users/{chen}/switch", "users/{chen}/invite", "doctors/new", "doctors/{chen}"]


@pytest.mark.parametrize("path", PATHS)
def test_they_are_the_offices_alone(as_: As, guest: Visitor, cast: Cast, path: str) -> None:
    address = "/admin/" + path.format(**vars(cast))
    assert [as_(who).get(address).status for who in ("ana", "chen", "esther")] == [403, 403, 200]
    assert guest.get(address).goes_to == f"/login?next={address}"


@pytest.mark.parametrize("path", COMMANDS)
def test_nobody_else_does_anything(app: Flask, as_: As, guest: Visitor, cast: Cast, path: str) -> None:
    address = "/admin/" + path.format(**vars(cast))
    fields = {**doctor(cast), "to": "off", "expected_count": "0"}
    assert [as_(who).command(address, **fields).status for who in ("ana", "chen")] == [403, 403]
    assert guest.command(address, **fields).goes_to.startswith("/login")
    assert as_("esther").post(address, fields).status == 400, "without its token"
    with app.app_context():
        assert accounts.people(cast.actor("esther")).count == 5
        assert accounts.person(cast.actor("esther"), cast.chen)["is_active"]


@pytest.mark.parametrize("path", ["users/{}", "users/{}/switch", "doctors/{}"])
@pytest.mark.parametrize("number", ["0", "999999"])
def test_what_is_not_there_is_not_found(as_: As, cast: Cast, path: str, number: str) -> None:
    assert as_("esther").get("/admin/" + path.format(number)).status == 404
    assert as_("esther").command("/admin/" + path.format(number)).status == 404


def test_an_invitation_is_not_sent_by_looking(as_: As, cast: Cast) -> None:
    assert as_("esther").get(f"/admin/users/{cast.chen}/invite").status == 405


@pytest.mark.parametrize("path", PATHS)
def test_no_more_statements_for_more_people(app: Flask, as_: As, cast: Cast, path: str) -> None:
    def statements() -> int:
        with app.app_context():
            engine = db.engine
        with count_statements(engine) as sent:
            assert as_("esther").get("/admin/" + path.format(**vars(cast))).status == 200
        return len(sent)

    as_("esther").get("/admin/")
    statements()  # whose account is opened is told so, once in an hour
    with app.app_context():
        # Where no visit is shown, none is noted as read.
        factories.appointments(1, cast.ana, cast.chen, first_day=LATER)
    few = statements()
    with app.app_context():
        for number in range(25):
            factories.doctor(f"Thêm {number}", department_id=cast.cardiology)
            factories.room(f"R{number}", floor=4)
        factories.appointments(30, cast.ana, cast.chen, first_day=LATER + timedelta(days=1))
    assert statements() == few <= 12
