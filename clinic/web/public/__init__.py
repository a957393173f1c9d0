"""Pages for everybody, signed in or not.

home.py        the blueprint; the first page, departments, doctors, contact, privacy
readers.py     who reads what of a patient     stored_data.py  what is kept of one, both as privacy tells it
sign_in.py     signing in and out, registering, language and colours     second_factor.py  its second step
arriving.py    where somebody goes then     password_reset.py  a forgotten password
email_links.py  confirming an e-mail, undoing its change
own_sign_in.py  being let in after strangers tried too often
visit_answer.py  answering to another time or doctor of a visit
booking.py     booking for oneself
search.py      the one search of the home page, with search_form.py     symptoms.py  which department suits symptoms
rooms.py       where the rooms are     manifest.py  the portal among the apps of a phone
security_contact.py  whom to tell about a hole in the portal
"""

from clinic.web.public import (
    booking,
    email_links,
    home,
    own_sign_in,
    password_reset,
    rooms,
    search,
    sign_in,
    symptoms,
    visit_answer,
)
from clinic.web.public.home import blueprint

__all__ = [
    "blueprint",
    "booking",
    "email_links",
    "home",
    "own_sign_in",
    "password_reset",
    "rooms",
    "search",
    "sign_in",
    "symptoms",
    "visit_answer",
]
