"""Names are compared with look-alike letters and signs as one; each mailbox has one e-mail, its domain in ASCII.

Two accounts whose e-mails turn out to be the same mailbox both stay. One of them, by whose e-mail people sign in from
now on, has the one form: whichever has it already, else the one that is switched on, else the older one. The others keep
their spelling and are logged, for the office to look at.

Revision ID: 0009
Revises: 0008
"""

import logging
import unicodedata

import sqlalchemy as sa
from alembic import op
from email_validator import EmailNotValidError, validate_email

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

log = logging.getLogger("alembic.runtime.migration")

EMAIL_MAX = 254
NAME_KEY_MAX = 300
_SIGNS = str.maketrans(dict.fromkeys("’‘ʼʻʹ′´`＇", "'") | dict.fromkeys("‐‑‒–—―−－", "-"))
_LETTERS = str.maketrans(
    {"đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "ŧ": "t", "þ": "th", "æ": "ae", "œ": "oe"}
)

users = sa.table(
    "users",
    sa.column("id", sa.Integer),
    sa.column("email", sa.String),
    sa.column("full_name", sa.String),
    sa.column("name_key", sa.String),
    sa.column("is_active", sa.Boolean),
)
doctors = sa.table(
    "doctors",
    sa.column("user_id", sa.Integer),
    sa.column("specialization", sa.String),
    sa.column("translations", sa.JSON),
    sa.column("specialization_key", sa.Text),
)


def _folded(text: str) -> str:
    """As texts are compared from now on (clinic.texts.folded when this was written)."""
    plain = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    letters = "".join(each for each in plain if not (unicodedata.combining(each) or unicodedata.category(each) == "Cf"))
    return " ".join(letters.casefold().translate(_LETTERS | _SIGNS).split())


def _folded_before(text: str) -> str:
    """As texts were compared until now."""
    plain = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.casefold().split())


def _canonical(email: str) -> str:
    """As e-mails are kept from now on (clinic.emails.canonical when this was written)."""
    plain = unicodedata.normalize("NFC", email.strip().lower())
    try:
        found = validate_email(plain, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        return plain
    kept = f"{found.local_part}@{found.ascii_domain}".lower()
    return kept if len(kept) <= EMAIL_MAX else plain


def upgrade() -> None:
    _fold(_folded)
    connection = op.get_bind()
    taken: set[str] = set()
    rows = connection.execute(
        sa.select(users.c.id, users.c.email)
        .where(users.c.email.is_not(None))
        .order_by(users.c.is_active.desc(), users.c.id)
    ).all()
    spellings = {row.email for row in rows}
    for row in rows:
        kept = _canonical(row.email)
        if kept in taken or (kept != row.email and kept in spellings):
            log.warning("Account %d keeps its e-mail as it is spelled: another account has the same mailbox.", row.id)
            continue
        taken.add(kept)
        if kept != row.email:
            connection.execute(sa.update(users).where(users.c.id == row.id).values(email=kept))


def downgrade() -> None:
    # The older version reads the one form of an e-mail, too.
    _fold(_folded_before)


def _fold(folded) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(users.c.id, users.c.full_name, users.c.name_key)).all():
        key = folded(row.full_name)[:NAME_KEY_MAX]
        if key != row.name_key:
            connection.execute(sa.update(users).where(users.c.id == row.id).values(name_key=key))
    for row in connection.execute(sa.select(doctors)).all():
        texts = [row.specialization, *(each.get("specialization", "") for each in (row.translations or {}).values())]
        key = "\n".join(filter(None, map(folded, filter(None, texts))))
        if key != row.specialization_key:
            connection.execute(
                sa.update(doctors).where(doctors.c.user_id == row.user_id).values(specialization_key=key)
            )
