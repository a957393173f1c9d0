"""The clinic portal.

``app``         puts everything together; ``config`` reads the environment; ``cli`` is the operator's way in.
``web``, ``api``  the two deliveries: pages for people, JSON for programs. Neither knows the other.
``records``     what was found and decided at a visit.
``scheduling``  when people meet: slots, bookings and their life cycle.
``directory``   what the clinic offers: departments, services, rooms, doctors.
``accounts``    who people are: users, passwords, sign-in sessions.
``policy``, ``audit``, ``mail``  who may do what, who did what, and what is told to whom.
``letters``, ``smtp``  how mails are written, and how they leave.  ``maintenance``  whether the portal is closed.
``db``, ``clock``, ``errors``, ``i18n``  the ground: transactions, time, refusals, languages.
Imports point down this list only; import-linter holds it.
"""
