"""Backups: the database in one file that can be checked and restored, on SQLite and PostgreSQL.

``archive`` owns the file, ``tables`` which tables are the portal's, ``columns`` which columns they have, ``sqlite`` and ``postgresql`` how rows get into it and
out again, ``service`` what is refused. Knows no domain but the audit, in which it notes who copied or replaced everything,
and the accounts, whose sign-ins a restore ends. docs/decisions/0022-backups.md says why.
"""

from clinic.operations.backups.archive import BackupError, Manifest
from clinic.operations.backups.columns import why_unrestorable
from clinic.operations.backups.service import (
    Restored,
    back_up,
    back_up_to_folder,
    back_up_to_stream,
    restore,
    restore_from_stream,
    verify,
)

__all__ = [
    "BackupError",
    "Manifest",
    "Restored",
    "back_up",
    "back_up_to_folder",
    "back_up_to_stream",
    "restore",
    "restore_from_stream",
    "verify",
    "why_unrestorable",
]
