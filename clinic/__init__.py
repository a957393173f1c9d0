"""The clinic portal.

``app``         puts everything together; ``config`` reads the environment; ``cli`` is the operator's way in.
``logs``, ``ready``, ``footprint``  what is written of each request, whether the portal can serve, how much memory it keeps.
``seed``        plants the demo clinic.
``http_errors``  refusals and errors as answers.
``web``, ``api``  the two deliveries: pages for people, JSON for programs. Neither knows the other.
``limits``      how often somebody may try, on pages and in the API alike.
``records``     what was found and decided at an appointment.
``scheduling``  when people meet: slots, bookings and their life cycle.
``directory``   what the clinic offers: departments, services, rooms, doctors.
``accounts``    who people are: users, passwords, sign-in sessions.
``policy``, ``audit``, ``mail``  who may do what, who did what, and what is told to whom.
``letters``, ``transport``, ``smtp``  how mails are written, and how they leave.  ``maintenance``  whether the portal is closed.
``triage``      what a person's words show: an emergency, a child, a field of medicine.
``settings``, ``contact``  what the domain is told of the clinic that it serves, and how people reach it.
``texts``, ``phones``, ``emails``, ``search``  what people type, in one form each, and finding by it.
``paging``, ``rehearsal``, ``addresses``  lists by pages, what a command would refuse, where a request comes from.
``db``, ``clock``, ``errors``, ``i18n``, ``formats``, ``word_lists``  the ground: transactions, time, refusals, languages,
dates in words, columns of closed lists.
Imports point down this list only; import-linter holds it.
"""
