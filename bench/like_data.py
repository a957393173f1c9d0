"""Pages, and the calls of the API that show the same.

A page stands beside every call that a program needs to show like data: neither beside the cheapest one of them, nor
beside more than the page shows. The first of them is told apart, for a page costs much more than that one alone. What the
API has no call for isn't counted, so that a page is rather judged too hard: who of the twelve best doctors is free
soonest (home), how many visits are past (a patient's visits).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.processor import Call, Client, get
from clinic import clock

if TYPE_CHECKING:
    from bench.calls import Clinic

API = "/api/v1"
#: Doctors on the first page and in their list, and the days of each that are shown.
ON_HOME, IN_LIST, DAYS = 3, 6, 4
ADMIN = "admin@clinic.example"
Headers = dict[str, str]


@dataclass(frozen=True)
class Page:
    """A page, the paths of the API beside it (the main one first), and why these."""

    name: str
    path: Callable[[int], str]
    beside: Callable[[int], Sequence[str]]
    why: str
    browser: Headers | None = None
    program: Headers | None = None

    def page(self, number: int) -> Call:
        """Return the call of the page."""
        return get(self.path(number), self.browser)

    def main_call(self, number: int) -> Call:
        """Return the call of the API's main one of like data."""
        return get(self.beside(number)[0], self.program)

    def all_calls(self, number: int) -> Call:
        """Return the calls of all like data, one after the other; the worst of their statuses."""
        paths = self.beside(number)

        def run(client: Client) -> int:
            return max(client.fetch(path, self.program)[0] for path in paths)

        return run


DEPARTMENTS, DOCTORS, VISITS = f"{API}/departments/", f"{API}/doctors/", f"{API}/appointments/"


def pages(clinic: Clinic) -> list[Page]:
    """Return the pages that are measured."""
    return [*_directory(clinic), *_booking(clinic), *_of_a_patient(clinic), *_of_staff(clinic)]


def _free(doctor_id: int, days: int, first: int = 0) -> list[str]:
    """Return the paths of a doctor's times on so many days, the first of them so many days from now."""
    ahead = (clock.today() + timedelta(days=first + each) for each in range(days))
    return [f"{API}/available-slots/?doctor_id={doctor_id}&date={on}" for on in ahead]


def _directory(clinic: Clinic) -> list[Page]:
    guest, best = clinic.guest(), clinic.best_doctors()

    def with_times(most: int) -> list[str]:
        return [DOCTORS, DEPARTMENTS, *(path for each in best[:most] for path in _free(each, DAYS))]

    return [
        Page(
            "home", lambda _: "/", lambda _: with_times(ON_HOME),
            "all departments, three doctors and each one's times of four days", guest,
        ),
        Page(
            "departments", lambda _: "/departments", lambda _: [DEPARTMENTS],
            "the departments with their fees", guest,
        ),
        Page(
            "doctors", lambda _: "/doctors", lambda _: with_times(IN_LIST),
            "six doctors, each one's times of four days, the departments to choose from", guest,
        ),
    ]  # fmt: skip


def _booking(clinic: Clinic) -> list[Page]:
    guest = clinic.guest()

    def chosen(number: int) -> tuple[int, int, int]:
        doctor_id, _, department = clinic.doctors[number % len(clinic.doctors)]
        return doctor_id, department, 4 + number % 9

    def path(number: int) -> str:
        doctor_id, department, ahead = chosen(number)
        return f"/book?department={department}&doctor={doctor_id}&day={clock.today() + timedelta(days=ahead)}"

    def beside(number: int) -> list[str]:
        doctor_id, department, ahead = chosen(number)
        colleagues = [each for each, _, theirs in clinic.doctors if theirs == department and each != doctor_id]
        day = _free(doctor_id, 1, ahead)
        calendar = [path for path in _free(doctor_id, 31) if path not in day]
        listed = [DEPARTMENTS, f"{DOCTORS}?department_id={department}"]
        return [*day, *listed, *calendar, *(path for each in colleagues for path in _free(each, 1))]

    return [
        Page(
            "booking, nothing chosen", lambda _: "/book", lambda _: [DEPARTMENTS],
            "the departments to choose from", guest,
        ),
        Page(
            "booking, a day chosen", path, beside,
            "the day's times, all departments, the department's doctors with each one's next free time (a day of each at"
            " least), and how much of 31 days is free", guest,
        ),
    ]  # fmt: skip


def _of_a_patient(clinic: Clinic) -> list[Page]:
    patient = clinic.patients[0][1]
    browser, program = clinic.browser(patient), clinic.bearers[patient]
    return [
        Page(
            "a patient's home", lambda _: "/patient/",
            lambda _: [f"{VISITS}?status=upcoming", f"{API}/medical-records/?page_size=5", f"{API}/user/me/"],
            "the coming visits, the five latest records with their measurements, and by name and age whose they are",
            browser, program,
        ),
        Page(
            "a patient's visits", lambda _: "/patient/appointments", lambda _: [f"{VISITS}?status=upcoming", VISITS],
            "the coming visits, and how many there are in all", browser, program,
        ),
    ]  # fmt: skip


def _of_staff(clinic: Clinic) -> list[Page]:
    yesterday, doctor = clock.today() - timedelta(days=1), clinic.doctors[0][1]
    return [
        Page(
            "a doctor's day", lambda _: f"/doctor/?day={yesterday}",
            lambda _: [f"{VISITS}?date_from={yesterday}&date_to={yesterday}&page_size=20"],
            "the visits of the day; gaps between them are shown of days to come only",
            clinic.browser(doctor), clinic.bearers[doctor],
        ),
        Page(
            "the office's visits", lambda _: "/admin/appointments",
            lambda _: [f"{VISITS}?page_size=20", DEPARTMENTS, DOCTORS],
            "twenty visits, and the departments and doctors by which they are found",
            clinic.browser(ADMIN), clinic.bearers[ADMIN],
        ),
    ]  # fmt: skip
