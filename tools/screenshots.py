"""Takes pictures of the portal's main pages: desktop and phone, light and dark.

    python -m tools.screenshots [--language vi] [--without-javascript] [--into FOLDER]

Starts a demo clinic of its own on a server of its own, opens each page in Chromium as whoever it is for, and puts the
pictures, each of a whole page, into build/screenshots (or FOLDER). Pictures in English with JavaScript also renew those
of the README in docs/screenshots, which show the first screen. The clinic lies in a time zone in which it is late in the
morning, so that its day is under way whenever the pictures are taken.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from bench.clinic import demo_clinic, server
from clinic.seed import DEMO_PASSWORD
from tests.browser import DEVICES, FLAGS
from tools import ensure_browser

ROOT = Path(__file__).resolve().parent.parent
INTO = ROOT / "build" / "screenshots"
SHOWN = ROOT / "docs" / "screenshots"
#: The hour of the clinic's day at which the pictures are taken.
HOUR = 10
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOCALES = {"en": "en-GB", "vi": "vi-VN"}
NOBODY = ""
PATIENT, DOCTOR, OFFICE, RECEPTION = (f"{name}@clinic.example" for name in ("patient", "doctor", "admin", "reception"))

#: Name of the picture: who sees the page, and its address with places that ``places`` fills in.
PAGES: Mapping[str, tuple[str, str]] = {
    "home": (NOBODY, "/"),
    "booking": (NOBODY, "/book?department={department}&doctor={doctor}&day={day}"),
    "review": (PATIENT, "/book/review?department={department}&doctor={doctor}&day={day}&time={time}"),
    "patient": (PATIENT, "/patient/"),
    "patient-visit": (PATIENT, "/patient/appointments/{coming}"),
    "patient-records": (PATIENT, "/patient/records"),
    "doctor": (DOCTOR, "/doctor/"),
    "doctor-record": (DOCTOR, "/doctor/appointments/{seen}/record"),
    "doctor-week": (DOCTOR, "/doctor/week"),
    "doctor-month": (DOCTOR, "/doctor/month"),
    "office": (OFFICE, "/admin/"),
    "office-visits": (OFFICE, "/admin/appointments"),
    "office-numbers": (OFFICE, "/admin/numbers"),
    "reception": (RECEPTION, "/admin/"),
    "reception-menu": (RECEPTION, "/admin/menu"),
}
#: The pictures that the README shows.
README = ("booking-mobile-light", "patient-mobile-dark", "doctor-desktop-light", "office-desktop-dark")


def time_zone(now: datetime, hour: int = HOUR) -> str:
    """Return the time zone in which it is ``hour`` o'clock or a little later.

    >>> time_zone(datetime(2026, 11, 25, 16, 20, tzinfo=UTC)), time_zone(datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    ('Etc/GMT+6', 'Etc/GMT-7')
    """
    ahead = (hour - now.hour + 11) % 24 - 11
    # The names of these zones count westwards.
    return f"Etc/GMT{-ahead:+d}"


class Caller:
    """Asks the API what the addresses of the pages need."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=f"{url}/api/v1/", timeout=30)

    def get(self, path: str, email: str = NOBODY, **wanted: Any) -> Any:
        """Return an answer of the API, as whoever has ``email``."""
        headers = {}
        if email:
            asked = {"email": email, "password": DEMO_PASSWORD}
            tokens = self._client.post("token/", json=asked).raise_for_status().json()
            headers["Authorization"] = f"Bearer {tokens['access']}"
        return self._client.get(path, params=wanted, headers=headers).raise_for_status().json()


def places(url: str) -> dict[str, Any]:
    """Return what the addresses are filled in with: a doctor's free time, a coming visit, one that has a record."""
    api = Caller(url)
    doctor = api.get("user/me/", DOCTOR)
    department = doctor["doctor_profile"]["department_id"]
    on: date = date.today()  # noqa: DTZ011 - any day near the clinic's serves
    free: list[str] = []
    while len(free) < 3:
        on += timedelta(days=1)
        slots = api.get("available-slots/", doctor_id=doctor["id"], date=on.isoformat())["available_slots"]
        free = [slot["time"] for slot in slots if slot["available"]]
    coming = api.get("appointments/", PATIENT, status="upcoming")["results"]
    seen = api.get("appointments/", DOCTOR, status="completed")["results"]
    return {
        "department": department,
        "doctor": doctor["id"],
        "day": on.isoformat(),
        "time": free[2],
        "coming": coming[-1]["id"],
        "seen": seen[0]["id"],
    }


def whole_page(page: Page, picture: Path, viewport: ViewportSize) -> None:
    """Take a picture of a whole page in a window as high as the page, so that what sticks to its foot stands there."""
    height = page.locator("html").bounding_box()
    page.set_viewport_size(
        {**viewport, "height": max(viewport["height"], math.ceil(height["height"] if height else 0))}
    )
    page.screenshot(path=picture, full_page=True)
    page.set_viewport_size(viewport)


def take(
    browser: Browser,
    url: str,
    filled: Mapping[str, Any],
    into: Path,
    *,
    language: str,
    for_readme: bool,
    **options: Any,
) -> Iterator[Path]:
    """Take all pictures and yield their files."""
    for device, shape in DEVICES.items():
        for scheme in SCHEMES:
            who, window = NOBODY, browser.new_context(base_url=url, color_scheme=scheme, **shape, **options)
            page = window.new_page()
            for name, (wanted, path) in PAGES.items():
                if wanted != who:
                    window.clear_cookies()
                    page.goto("/login")
                    page.fill("input[name=email]", wanted)
                    page.fill("input[name=password]", DEMO_PASSWORD)
                    page.press("input[name=password]", "Enter")
                    page.wait_for_url(lambda address: "/login" not in address)
                    # Whoever signs in reads in the account's own language.
                    switch = page.locator(f"button[name=language][value={language}]")
                    if switch.count():
                        switch.click()
                        page.wait_for_selector(f"html[lang={language}]")
                    who = wanted
                page.goto(path.format(**filled), wait_until="networkidle")
                picture = into / f"{name}-{device}-{scheme}.png"
                if for_readme and picture.stem in README:
                    page.screenshot(path=SHOWN / picture.name)
                whole_page(page, picture, shape["viewport"])
                yield picture
            window.close()


def main() -> None:
    """Take the pictures that the command line asks for."""
    asked = argparse.ArgumentParser(description="Pictures of the portal's main pages.")
    asked.add_argument("--language", choices=LOCALES, default="en")
    asked.add_argument("--without-javascript", action="store_true")
    asked.add_argument("--into", type=Path, default=INTO)
    wanted = asked.parse_args()
    wanted.into.mkdir(parents=True, exist_ok=True)
    options = {
        "language": wanted.language,
        "locale": LOCALES[wanted.language],
        "java_script_enabled": not wanted.without_javascript,
    }
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    zone = {"CLINIC_TIMEZONE": time_zone(datetime.now(UTC))}
    for_readme = wanted.language == "en" and not wanted.without_javascript
    SHOWN.mkdir(parents=True, exist_ok=True)
    with demo_clinic(settings=zone) as environment, server(environment) as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=ensure_browser.ensure(), args=flags)
        taken = take(browser, running.url, places(running.url), wanted.into, for_readme=for_readme, **options)
        print(f"{sum(1 for _picture in taken)} pictures in {wanted.into}")
        browser.close()


if __name__ == "__main__":
    main()
