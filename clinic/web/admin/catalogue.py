"""Departments, services and rooms: a list, a form and a switch for each, chosen by the name in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import SelectChoice, SelectField, StringField, TextAreaField

from clinic import directory
from clinic.directory import DepartmentEntry, DoctorEntry, RoomEntry, ServiceEntry
from clinic.i18n import N_, localized
from clinic.policy import Actor
from clinic.scheduling import UPCOMING, EntryKind
from clinic.text.normalization import alphabetical
from clinic.web.admin.activation import switching
from clinic.web.admin.form_fields import AdminForm, EntryField, MoneyField, WholeNumberField
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.kit.access import link_to, signed_in_actor
from clinic.web.kit.forms import required
from clinic.web.kit.list_filters import SWITCHED, read_filters
from clinic.web.kit.page import page, see_other
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.preferences import chosen_language
from clinic.web.kit.submitting import submitted
from clinic.web.kit.unsent_forms import keeps_unsent
from clinic.web.kit.versioned import VersionedForm

Entry = DepartmentEntry | ServiceEntry | RoomEntry

ICONS = {
    "stethoscope": N_("Stethoscope"),
    "heartbeat": N_("Heart"),
    "brain": N_("Brain"),
    "eye": N_("Eye"),
    "ear": N_("Ear"),
    "bone": N_("Bone"),
    "lungs": N_("Lungs"),
    "dental": N_("Tooth"),
    "baby-carriage": N_("Child"),
    "woman": N_("Woman"),
    "sun": N_("Sun"),
    "virus": N_("Virus"),
    "pill": N_("Pill"),
    "microscope": N_("Microscope"),
    "ribbon-health": N_("Ribbon"),
}


class EntryForm(VersionedForm, AdminForm):
    """An entry line by line, with the version that was read."""


class DepartmentForm(EntryForm):
    """A department in both languages."""

    lines = (("name", "name_vi"), ("description", "description_vi"), ("health_examination_fee", "icon"))
    name = StringField(lazy_gettext("Name in English"), [required()])
    name_vi = StringField(lazy_gettext("Name in Vietnamese"))
    description = TextAreaField(lazy_gettext("Description in English"))
    description_vi = TextAreaField(lazy_gettext("Description in Vietnamese"))
    health_examination_fee = MoneyField(lazy_gettext("Examination fee in dong"), [required()])
    icon = SelectField(lazy_gettext("Symbol"), validate_choice=False)


class ServiceForm(EntryForm):
    """A service in both languages."""

    lines = (("name", "name_vi"), ("description", "description_vi"), ("department_id", "price"))
    name = StringField(lazy_gettext("Name in English"), [required()])
    name_vi = StringField(lazy_gettext("Name in Vietnamese"))
    description = TextAreaField(lazy_gettext("Description in English"))
    description_vi = TextAreaField(lazy_gettext("Description in Vietnamese"))
    department_id = EntryField(lazy_gettext("Department"), [required(lazy_gettext("Please choose a department."))])
    price = MoneyField(lazy_gettext("Price in dong"), [required()])


class RoomForm(EntryForm):
    """A room and where it is."""

    lines = (("room_number", "floor"), ("department_id",))
    room_number = StringField(lazy_gettext("Room number"), [required()])
    floor = WholeNumberField(lazy_gettext("Floor"), [required()], description=lazy_gettext("The ground floor is 0."))
    department_id = EntryField(lazy_gettext("Department"))


@dataclass(frozen=True)
class Catalogue:
    """One kind of entry: how the domain lists, reads and writes it, and its words."""

    kind: EntryKind
    form: type[EntryForm]
    all: Callable[..., Any]
    one: Callable[[Actor, int], Entry]
    save: Callable[..., int]
    title: str
    create: str
    none_yet: str
    by_department: bool = True


CATALOGUES = {
    "departments": Catalogue(
        EntryKind.DEPARTMENT,
        DepartmentForm,
        directory.all_departments,
        directory.one_department,
        directory.save_department,
        N_("Departments"),
        N_("New department"),
        N_("No departments yet"),
        by_department=False,
    ),
    "services": Catalogue(
        EntryKind.SERVICE,
        ServiceForm,
        directory.all_services,
        directory.one_service,
        directory.save_service,
        N_("Services"),
        N_("New service"),
        N_("No services yet"),
    ),
    "rooms": Catalogue(
        EntryKind.ROOM,
        RoomForm,
        directory.all_rooms,
        directory.one_room,
        directory.save_room,
        N_("Rooms"),
        N_("New room"),
        N_("No rooms yet"),
    ),
}
_NAMES = f"<any({', '.join(CATALOGUES)}):name>"


def offered_departments(actor: Actor) -> list[tuple[int, str, bool]]:
    """Return all departments for a choice, by name: id, name in the reader's language, whether it is on."""
    offered = [(row["id"], display_name(row), row["is_active"]) for row in directory.all_departments(actor).results]
    return sorted(offered, key=lambda each: alphabetical(each[1]))


def display_name(row: Entry) -> str:
    """Return an entry's name in the reader's language, a room's with its word."""
    if "room_number" in row:
        return gettext("Room %(number)s", number=row["room_number"])
    return localized(row["name"], row["translations"], "name", chosen_language())


@blueprint.get(f"/{_NAMES}", endpoint="entries")
def entries(name: str) -> ResponseReturnValue:
    """List departments, services or rooms, those that are off too."""
    actor, catalogue = signed_in_actor(), CATALOGUES[name]
    filters = read_filters("search", "active", *(["department"] if catalogue.by_department else []))
    more = {"department_id": filters.number("department")} if catalogue.by_department else {}
    found = catalogue.all(
        actor, search=filters.text("search"), active=filters.switched, page=requested_rows(PAGE_SIZE), **more
    )
    return page(
        "admin/entries.html",
        fragments={"entry-list"},
        name=name,
        catalogue=catalogue,
        filters=filters,
        switched=SWITCHED,
        departments=offered_departments(actor) if catalogue.by_department else [],
        found=found,
        display_name=display_name,
    )


@blueprint.route(f"/{_NAMES}/new", methods=["GET", "POST"], endpoint="entry_new")
@keeps_unsent(lambda name: CATALOGUES[name].form)
def entry_new(name: str) -> ResponseReturnValue:
    """Show an empty form; create the entry on POST."""
    return _form(name, CATALOGUES[name].form(), None)


@blueprint.route(f"/{_NAMES}/<int:entry_id>", methods=["GET", "POST"], endpoint="entry")
@keeps_unsent(lambda name, **_: CATALOGUES[name].form)
def entry(name: str, entry_id: int) -> ResponseReturnValue:
    """Show an entry in its form; save it on POST."""
    shown = CATALOGUES[name].one(signed_in_actor(), entry_id)
    return _form(name, CATALOGUES[name].form(data=filled(shown)), shown)


def filled(entry: DepartmentEntry | ServiceEntry | RoomEntry | DoctorEntry) -> dict[str, object]:
    """Return what a form's fields hold of an entry, its Vietnamese texts among them."""
    vietnamese = entry["translations"].get("vi", {}) if "translations" in entry else {}
    return {**entry, **{f"{key}_vi": text for key, text in vietnamese.items()}}


def _form(name: str, form: EntryForm, shown: Entry | None) -> ResponseReturnValue:
    actor, catalogue = signed_in_actor(), CATALOGUES[name]
    entry_id = shown["id"] if shown else 0
    _offer(form, actor)
    outcome = submitted(form, lambda: _save(catalogue, actor, form, entry_id))
    if form.stale:
        shown = catalogue.one(actor, entry_id)
        form.set_beside(filled(shown))
    if outcome.done or form.saved_already:
        flash(gettext("Your changes are saved."), "success")
        return see_other(url_for(".entry", name=name, entry_id=outcome.result if outcome.done else entry_id))
    return page(
        "admin/entry.html",
        status=outcome.status,
        form=form,
        name=name,
        catalogue=catalogue,
        shown=shown,
        title=display_name(shown) if shown else gettext(catalogue.create),
    )


def _save(catalogue: Catalogue, actor: Actor, form: EntryForm, entry_id: int) -> int:
    """Create an entry, or change the one of ``entry_id``; return its id."""
    if not entry_id:
        return catalogue.save(actor, form.values())
    which = {f"{catalogue.kind}_id": entry_id}
    return catalogue.save(actor, form.values(), expected_version=form.expected_version, **which)


def _offer(form: AdminForm, actor: Actor) -> None:
    if "department_id" in form:
        form["department_id"].offer(offered_departments(actor))
    if "icon" in form:
        icon = form["icon"].data
        known = [SelectChoice(key, gettext(label)) for key, label in ICONS.items()]
        form["icon"].choices = known if icon in ICONS or not icon else [*known, SelectChoice(icon, icon)]


@blueprint.route(f"/{_NAMES}/<int:entry_id>/switch", methods=["GET", "POST"], endpoint="entry_switch")
def entry_switch(name: str, entry_id: int) -> ResponseReturnValue:
    """Show what depends on an entry; switch it off or on by POST."""
    shown = CATALOGUES[name].one(signed_in_actor(), entry_id)
    return switching(
        CATALOGUES[name].kind,
        entry_id,
        name=display_name(shown),
        active=shown["is_active"],
        back=url_for(".entry", name=name, entry_id=entry_id),
        appointments=link_to("admin.appointments", status=UPCOMING, department=entry_id)
        if name == "departments"
        else "",
    )
