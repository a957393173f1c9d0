"""What every page is made of. Imports no audience and no page; whoever signs in is handed to the guard. Three tables name
pages by their endpoints, so that each answers its question in one place: ``page_permissions.py``, ``navigation.py`` and
``mailed_links.py``.

access.py        who is asking: cookie session -> Actor, @public, roles     preferences.py  language and colours
session_cookie.py  the signed cookie, read on machines whose clocks differ     device_cookie.py  by which a browser is known again
page_permissions.py  which permission each page asks for
guard.py         default deny over all pages; forms that are not acted on     view_marks.py  what a view says of itself
page.py          a full page, or the fragment of it that HTMX asked for     templates.py  the templates' environment
part_cache.py    parts of pages that look the same to everybody who is shown the same, from memory
forms.py         the base of all forms, and the fields that several have     date_of_birth.py  a date in three boxes
code_forms.py    the field for a code     held_tickets.py  the ticket of a sign-in that waits for its second step
submitting.py    the life of a form: validated, its command given, refusals shown
versioned.py     forms that know the version they were filled from
unsent_forms.py  what was typed when the session had ended, sealed by sealing.py
list_filters.py  the filters that a list's address holds     days.py  the day that an address holds
paging.py        long lists, page by page
formatting.py    how money, numbers and names are written     date_formatting.py  dates and times     initials.py  two letters
weekly_hours.py  the hours of a week in words
status_looks.py  how statuses are shown: of appointments, mails, follow-ups     duty_words.py  what the office looks after
purpose_words.py  what it reads records for
navigation.py    which places each role sees in the header     mailed_links.py  the pages that mails lead to
"""
