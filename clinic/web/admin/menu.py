"""The office's blueprint, and the places that stand beside each of its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic.i18n import N_
from clinic.policy import Role
from clinic.web.kit.access import may_open, restrict_to
from clinic.web.kit.navigation import ADMIN_APPOINTMENTS, ADMIN_DESK, ADMIN_PATIENTS
from clinic.web.kit.page import page

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
restrict_to(blueprint, Role.ADMIN)

#: Rows of a list of the office.
PAGE_SIZE = 20


@dataclass(frozen=True)
class MenuEntry:
    """A place of the office: its endpoint with ``values``, and the other endpoints that belong to it."""

    label: str
    icon: str
    endpoint: str
    family: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    @property
    def href(self) -> str:
        """Where it leads."""
        values: dict[str, Any] = dict(self.values)
        return url_for(self.endpoint, **values)

    @property
    def words(self) -> str:
        """Its name."""
        return gettext(self.label)

    @property
    def current(self) -> str | None:
        """The value of aria-current, None where the person is elsewhere."""
        given: dict[str, Any] = request.view_args or {}
        if any(given.get(name) != value for name, value in self.values):
            return None
        if request.endpoint == self.endpoint:
            return "page"
        return "true" if request.endpoint in self.family else None


_ENTRY = ("admin.entry_new", "admin.entry", "admin.entry_switch")
PLACES = [
    MenuEntry(N_("Today"), "calendar", "admin.home", ADMIN_DESK),
    MenuEntry(N_("Visits"), "calendar-check", "admin.appointments", ADMIN_APPOINTMENTS),
    MenuEntry(N_("To settle"), "calendar-x", "admin.settling"),
    MenuEntry(N_("Patients"), "users", "admin.patients", ADMIN_PATIENTS),
    MenuEntry(N_("Records"), "clipboard-heart", "admin.records", ("admin.record",)),
    MenuEntry(
        N_("Doctors"),
        "stethoscope",
        "admin.doctors",
        (
            "admin.doctor_new",
            "admin.doctor",
            "admin.doctor_week",
            "admin.doctor_month",
            "admin.doctor_hours",
            "admin.doctor_hours_edit",
            "admin.doctor_hours_remove",
            "admin.doctor_extra_hours",
            "admin.doctor_extra_hours_end",
            "admin.doctor_leave",
            "admin.doctor_leave_end",
        ),
    ),
    MenuEntry(
        N_("Accounts"),
        "user",
        "admin.users",
        (
            "admin.user",
            "admin.user_new",
            "admin.user_duties",
            "admin.user_switch",
            "admin.user_invite",
            "admin.user_reset_factor",
            "admin.user_identity",
            "admin.user_keep_email",
        ),
    ),
    MenuEntry(N_("Departments"), "building-hospital", "admin.entries", _ENTRY, (("name", "departments"),)),
    MenuEntry(N_("Services"), "list-details", "admin.entries", _ENTRY, (("name", "services"),)),
    MenuEntry(N_("Rooms"), "door", "admin.entries", _ENTRY, (("name", "rooms"),)),
    MenuEntry(N_("Opening hours"), "clock", "admin.opening_hours"),
    MenuEntry(N_("Closed days"), "calendar-x", "admin.closures", ("admin.closure_remove", "admin.holidays")),
    MenuEntry(N_("Settings"), "settings", "admin.settings"),
    MenuEntry(N_("Statistics"), "activity", "admin.statistics"),
    MenuEntry(N_("Audit trail"), "history", "admin.audit_trail", ("admin.unusual",)),
    MenuEntry(N_("Outbox"), "mail", "admin.outbox", ("admin.one_mail", "admin.mail_again")),
    MenuEntry(N_("System"), "server", "admin.system"),
]


@blueprint.get("/menu")
def menu() -> ResponseReturnValue:
    """Show all places of the office: on a phone they don't fit beside each page."""
    return page("admin/menu.html")


@blueprint.context_processor
def _beside() -> dict[str, object]:
    # Asked by the pages that show them, not by an error page that must do without the database.
    def menu_entries() -> list[MenuEntry]:
        return [place for place in PLACES if may_open(place.endpoint)]

    return {
        "menu_entries": menu_entries,
        "menu_items": lambda: [(place, place.current) for place in menu_entries()],
    }
