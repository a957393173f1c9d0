"""A doctor's pages.

appointments.py      the blueprint; the day with its queue, one appointment, and what is done with it
appointment_view.py  everything that is shown of one appointment     record_form.py  the medical record
week.py              the week and the month     lists.py  appointments, patients, records     leave.py  the own leave
own_extra_hours.py   the own extra hours     profile.py  the own profile
"""

from clinic.web.doctor.appointments import blueprint

__all__ = ["blueprint"]
