"""The office's pages, kept to admins.

menu.py         the blueprint, and the places beside every page     form_fields.py  fields of the office's forms
desk.py         the day of all doctors     desk_grid.py  its table     desk_booking.py  booking in it     desk_place.py  where
somebody is at it     day_sheet.py  the day on paper     desk_words.py  what was typed, kept while a patient is made
search.py  the search beside every page
appointments.py all appointments, and what the office does with one     booking.py  booking for a patient
patients.py     all patients, and a new one     people.py  accounts     duties.py  what colleagues look after
factor_reset.py taking somebody's second step away     doctors.py  doctors     leave.py  any doctor's leave
doctor_week.py  any doctor's week and month
records.py      medical records, read     statistics.py  appointments counted, and the use of capacity
catalogue.py    departments, services and rooms     activation.py  switching off with what depends on it shown first
settling.py  visits that can't stay as they are
clinic_settings.py  what the clinic decides about itself     hours.py  its weekly hours and each doctor's     hours_form.py  their form
closures.py     when the clinic is closed     holidays.py  public ones, taken over     extra_hours.py  any doctor's extra hours
audit_log.py    who saw or changed what     audit_sentences.py  the same in words     unusual.py  what stands out of it
outbox.py  mail     system.py  the state of the system     profile.py  an admin's own details
"""

from clinic.web.admin import (
    appointments,
    audit_log,
    booking,
    catalogue,
    clinic_settings,
    closures,
    day_sheet,
    desk,
    doctor_week,
    doctors,
    duties,
    extra_hours,
    factor_reset,
    holidays,
    hours,
    leave,
    outbox,
    patients,
    people,
    profile,
    records,
    search,
    settling,
    statistics,
    system,
    unusual,
)
from clinic.web.admin.menu import blueprint

__all__ = [
    "appointments",
    "audit_log",
    "blueprint",
    "booking",
    "catalogue",
    "clinic_settings",
    "closures",
    "day_sheet",
    "desk",
    "doctor_week",
    "doctors",
    "duties",
    "extra_hours",
    "factor_reset",
    "holidays",
    "hours",
    "leave",
    "outbox",
    "patients",
    "people",
    "profile",
    "records",
    "search",
    "settling",
    "statistics",
    "system",
    "unusual",
]
