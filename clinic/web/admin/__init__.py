"""The office's pages, kept to admins.

office.py      the blueprint, and the places beside every page     asked.py    what a list's filter form asks for
day.py         the day's visits of the whole clinic                fields.py   fields of the office's forms
directory.py   departments, services and rooms                     people.py   doctors and accounts
switching.py   switching something off with what hangs on it shown first
"""

from clinic.web.admin import day, directory, people
from clinic.web.admin.office import blueprint

__all__ = ["blueprint", "day", "directory", "people"]
