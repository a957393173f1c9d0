#!/usr/bin/env python3
"""Book a visit over the clinic's API and cancel it again; needs nothing but Python 3.11.

    python examples/book_and_cancel.py http://127.0.0.1:8000 --register
    python examples/book_and_cancel.py http://127.0.0.1:8000 --email ana@example.com --password ...

Signs in (or registers a new patient), looks for the first free time at least two days ahead, books it under an
Idempotency-Key, sends the very same booking once more as a client does that lost the answer, and cancels the visit.
"""

# ruff: noqa: T201 - it speaks to a person

import argparse
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

#: The clinic's rules: a day can be booked up to 30 days ahead, and cancelled until 24 hours before.
FIRST_DAY, LAST_DAY = 2, 30


class Refused(Exception):
    """The server said no: its status, stable code and sentence, and what is wrong with which field."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('message')} {body.get('errors') or ''}".strip())
        self.status, self.code = status, body.get("code")


class Clinic:
    """The API of one clinic, as one person."""

    def __init__(self, address: str) -> None:
        self.base = f"{address.rstrip('/')}/api/v1/"
        self.access: str | None = None

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None, **query: Any) -> Any:
        """Call an operation and return what it answers; ``Refused`` otherwise."""
        url = self.base + path + (f"?{urllib.parse.urlencode(query)}" if query else "")
        headers = {"Accept": "application/json"}
        if self.access is not None:
            headers["Authorization"] = f"Bearer {self.access}"
        if key is not None:
            headers["Idempotency-Key"] = key
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - the user's own address
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise Refused(refusal.code, json.load(refusal)) from None

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of a list, page after page."""
        number = 1
        while True:
            page = self.call("GET", path, page=number, page_size=100, **query)
            yield from page["results"]
            if page["next"] is None:
                return
            number += 1

    def sign_in(self, email: str, password: str) -> None:
        """Sign in by e-mail and password."""
        self.access = self.call("POST", "auth/login/", {"email": email, "password": password})["tokens"]["access"]

    def register(self) -> str:
        """Register a new patient and return the e-mail."""
        email, password = f"patient-{uuid.uuid4().hex[:12]}@example.com", uuid.uuid4().hex
        person = {
            "email": email,
            "password": password,
            "password_confirm": password,
            "full_name": "Example Patient",
            "phone_num": "0901234567",
            "role": "patient",
            "date_of_birth": "1990-05-17",
            "gender": "other",
            "address": "",
        }
        self.access = self.call("POST", "auth/register/", person)["tokens"]["access"]
        return email

    def first_free(self) -> dict[str, Any]:
        """Return the first free time of any doctor, as a booking."""
        doctors = list(self.pages("doctors/"))
        for ahead in range(FIRST_DAY, LAST_DAY):
            # The clinic's day may be one on from this machine's; the first day leaves room for that.
            day = (date.today() + timedelta(days=ahead)).isoformat()  # noqa: DTZ011
            for doctor in doctors:
                slots = self.call("GET", "available-slots/", doctor_id=doctor["id"], date=day)
                for slot in slots["available_slots"]:
                    if slot["available"]:
                        return {
                            "doctor_id": doctor["id"],
                            "department_id": doctor["department_id"],
                            "appointment_date": day,
                            "appointment_time": slot["time"],
                        }
        raise SystemExit("There is no free time in the next 30 days.")

    def book_first_free(self) -> dict[str, Any]:
        """Book the first free time, the next one if somebody was quicker, and return the visit."""
        for _attempt in range(5):
            wish, key = {**self.first_free(), "reason": "Check-up"}, str(uuid.uuid4())
            try:
                visit: dict[str, Any] = self.call("POST", "appointments/", wish, key=key)["appointment"]
            except Refused as refusal:
                if refusal.code != "slot_taken":
                    raise
                continue
            again = self.call("POST", "appointments/", wish, key=key)["appointment"]
            if again["id"] != visit["id"]:
                raise SystemExit("The same key booked twice.")
            return visit
        raise SystemExit("Somebody else was quicker five times.")


def main() -> int:
    """Book and cancel, telling what happens."""
    parser = argparse.ArgumentParser(description="Book a visit and cancel it again.")
    parser.add_argument("address", help="where the clinic answers, like http://127.0.0.1:8000")
    parser.add_argument("--email")
    parser.add_argument("--password", default="")
    parser.add_argument("--register", action="store_true", help="as a new patient")
    asked = parser.parse_args()
    if asked.register == bool(asked.email):
        parser.error("either --register or --email and --password")
    clinic = Clinic(asked.address)
    try:
        if asked.register:
            print(f"Registered as {clinic.register()}.")
        else:
            clinic.sign_in(asked.email, asked.password)
            print(f"Signed in as {asked.email}.")
        visit = clinic.book_first_free()
        when, fee = f"{visit['appointment_date']} {visit['appointment_time'][:5]}", visit["estimated_fee"]
        print(f"Booked visit {visit['id']} with {visit['doctor']['full_name']} on {when} for {fee}.")
        visit = clinic.call("POST", f"appointments/{visit['id']}/cancel/", {"reason": "Only an example"})["appointment"]
        print(f"Visit {visit['id']} is {visit['status']}.")
    except Refused as refusal:
        print(f"The clinic refused: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
