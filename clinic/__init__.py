"""The clinic portal. ``docs/architecture.md`` says what each part owns and must not know.

``app``         puts everything together; ``config`` reads the environment, and ``secret_files`` that it names; ``cli`` has the
            operator's commands; ``server`` serves.
``seed``        plants the demo clinic.
``http_errors``  refusals and errors as answers.
``web``, ``api``  the two deliveries: pages for people, JSON for programs. Neither knows the other.
``operations``  logs, metrics, the state of the system, readiness, migrations, memory, maintenance, backups,
            static files, security headers.
``records``     what was found and decided at an appointment.
``scheduling``  when people meet: slots, appointments and their states.
``directory``   what the clinic offers: departments, services, rooms, doctors.
``accounts``    who people are: users, passwords, sign-in sessions.
``policy``, ``audit``, ``mail``  who may do what; who did what; what people are mailed, and how it leaves.
``triage``      what a person's words show: an emergency, a child, a field of medicine.
``contact``, ``keys``, ``settings``  how people reach the clinic; what the domain is told of the clinic that it serves.
``limits``, ``id_converter``  how often somebody may try; the ids in paths.
``paging``, ``dry_run``, ``events``, ``replica``, ``jobs``, ``pruning``  lists by pages; what a command would refuse; what
            happens, told to whoever counts it; reports read from a standby; work that is done from time to time; removing
            what is kept no longer.
``text``        what people type and read, in one form each.
``db``, ``db_errors``, ``autocommit``, ``engine``, ``postgresql_driver``, ``id_lists``, ``clock``, ``errors``, ``i18n``, ``word_lists``,
``online_indexes``, ``version``     the ground: transactions, their errors, connections, time, refusals, languages, closed lists, which version this is.
``byte_cache``, ``triggers``  what a process keeps in its memory; the triggers by which a table refuses to be rewritten.

Imports point down this list only; import-linter holds it.
"""
