"""The office's pages, kept to admins.

office.py      the blueprint, and the places beside every page     fields.py   fields of the office's forms
day.py         the day's visits of the whole clinic                records.py  medical records, read
visits.py      all visits, and what the office does with one       finding.py  the search beside every page
booking.py     booking for a patient                               people.py   doctors and accounts
directory.py   departments, services and rooms                   trail.py    the audit trail and the outbox
numbers.py     visits counted, and the use of capacity
patients.py    all patients, and a new one                          profile.py  an admin's own details
leave.py       any doctor's leave
switching.py   switching something off with what hangs on it shown first
"""

from clinic.web.admin import (
    booking,
    day,
    directory,
    finding,
    leave,
    numbers,
    patients,
    people,
    profile,
    records,
    trail,
    visits,
)
from clinic.web.admin.office import blueprint

__all__ = [
    "blueprint",
    "booking",
    "day",
    "directory",
    "finding",
    "leave",
    "numbers",
    "patients",
    "people",
    "profile",
    "records",
    "trail",
    "visits",
]
