"""What people are told of their own account: once for each thing, in the transaction in which it happens.

By mail, and on a page of their account that tells the same in the language that they read now. Never by a name of a record
or an appointment: what stands here also stands in a mail.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from clinic import clock, mail
from clinic.accounts.account_letters import ACCOUNT_OPENED, STAFF_CHANGED, OpeningFacts, StaffChange, StaffChangeFacts
from clinic.accounts.email_change_models import Notice
from clinic.accounts.models import HAS_PASSWORD, NO_PASSWORD, User
from clinic.accounts.rows import NoticeRow
from clinic.db import AnyRow, is_rehearsing, session, transaction, translate_violation
from clinic.mail.letter_facts import Facts
from clinic.paging import Keyset, Page, PageRequest, paginate
from clinic.policy import Action, Actor, Duty, Role, require

#: What the same person of the office opens again within this time counts as opened once.
OPENED_ONCE = timedelta(hours=1)

_NOTICES = select(Notice.id, Notice.kind, Notice.details, Notice.created_at, Notice.read_at)


def notify(
    user: User,
    letter: mail.LetterKind[Facts],
    facts: Facts,
    *,
    key: str,
    link_id: int | None = None,
    by_mail: bool = True,
) -> None:
    """Note that a person is told of something, and queue the letter that tells ``facts``, in the present transaction.

    ``key`` names the thing among those that this letter tells: of two calls with the same one only the first tells them.
    ``link_id``: of the link that stands in it (``mail.queue``). Not ``by_mail``: it is told on the page alone.
    The page shows what stands in the block "notice" of the letter's template.
    """
    try:
        with session().begin_nested():
            session().add(Notice(user_id=user.id, kind=letter.name, key=key, details=dict(letter.stored(facts))))
    except IntegrityError as error:
        if translate_violation(error) != "uq_notices_user_id_kind_key":
            raise
        return
    if by_mail:
        mail.queue(letter, facts, to=user.email, language=user.language, link_id=link_id)


def tell_admins(
    actor: Actor | None,
    user: User,
    what: StaffChange,
    *,
    duties: Collection[Duty] = (Duty.ACCOUNTS,),
    key: str = "",
) -> None:
    """Tell the other admins with one of ``duties``, in the present transaction, what one of them did to an account; or
    what its person did to it by a link (no ``actor``).

    Nobody who does harm by such an account, or has taken over an admin's, stays unseen. ``key``: as of ``notify``, where
    the same is told more seldom than each time.
    """
    by_id, by_name = (user.id, user.full_name) if actor is None else (actor.user_id, actor.full_name)
    at = clock.now()
    others = select(User).where(
        # Whoever was invited and hasn't come yet has no colleagues to look after.
        User.role == Role.ADMIN,
        User.is_active,
        HAS_PASSWORD,
        User.id.not_in((by_id, user.id)),
    )
    for admin in session().scalars(others.order_by(User.id)):
        if not set(duties).intersection(admin.duties):
            continue
        facts = StaffChangeFacts(admin.full_name, what, by_name, user.full_name, user.role, at)
        notify(admin, STAFF_CHANGED, facts, key=key or f"{what} {user.id} {at.isoformat()}")


def tell_opened(actor: Actor, user_id: int) -> None:
    """Tell somebody that the office opened their account: each time on the page, and by mail once a week at most.

    Whoever has no password uses no account yet; a person's own readings, and those of a rehearsal, are told to nobody.
    """
    at = clock.now()
    if user_id == actor.user_id or is_rehearsing() or _is_told(_openings(user_id, at), actor, at):
        return
    with transaction():
        # The user is locked first: of two who open an account at once, one queues the week's mail.
        user = session().get_one(User, user_id, populate_existing=True, with_for_update={"key_share": True})
        earlier = _openings(user_id, at)
        if user.password_hash == NO_PASSWORD or not user.is_active or _is_told(earlier, actor, at):
            return
        is_first = all(opened.created_at < _week_of(at) for opened in earlier)
        facts = OpeningFacts(user.full_name, at)
        notify(user, ACCOUNT_OPENED, facts, key=f"{actor.user_id} {at.isoformat()}", by_mail=is_first)


def _openings(user_id: int, at: datetime) -> list[AnyRow]:
    """Return what was told of openings of an account in this week and the last hour."""
    since = min(_week_of(at), at - OPENED_ONCE)
    lately = (Notice.user_id == user_id) & (Notice.created_at >= since) & (Notice.kind == ACCOUNT_OPENED.name)
    return list(session().execute(select(Notice.key, Notice.created_at).where(lately)))


def _is_told(earlier: list[AnyRow], actor: Actor, at: datetime) -> bool:
    """Return whether an opening by this person is told already."""
    own = f"{actor.user_id} "
    return any(opened.key.startswith(own) and opened.created_at > at - OPENED_ONCE for opened in earlier)


def _week_of(at: datetime) -> datetime:
    """Return when the week began in which a moment is, in the clinic."""
    on = clock.local(at).date()
    return clock.starts_at(on - timedelta(days=on.weekday()), time(0))


def my_notices(actor: Actor | None, *, page: PageRequest | Keyset | None = None) -> Page[NoticeRow]:
    """Return what the actor was told of their account, newest first, in the language that they read; it counts as read now."""
    actor = require(actor, Action.SEE_OWN_ACCOUNT)

    def shape(row: AnyRow) -> NoticeRow:
        text = mail.notice_text(row.kind, row.details, actor.language)
        return {
            "id": row.id,
            "kind": row.kind,
            "text": text,
            "created_at": row.created_at,
            "is_new": row.read_at is None,
        }

    newest_first = (Notice.created_at.desc(), Notice.id.desc())
    found = paginate(_NOTICES, newest_first, page, shape, where=[Notice.user_id == actor.user_id])
    unread = [row["id"] for row in found.results if row["is_new"]]
    if unread:
        with transaction() as current:
            current.execute(update(Notice).where(Notice.id.in_(unread)).values(read_at=clock.now()))
    return found
