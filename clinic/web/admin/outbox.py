"""The outbox: mail that waits, was sent or was given up."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from clinic import mail
from clinic.errors import Conflict
from clinic.mail import letters
from clinic.web.admin.menu import PAGE_SIZE, blueprint
from clinic.web.kit.access import signed_in_actor
from clinic.web.kit.list_filters import read_filters
from clinic.web.kit.page import page, see_other
from clinic.web.kit.paging import requested_rows
from clinic.web.kit.status_looks import mail_look


@blueprint.get("/outbox")
def outbox() -> ResponseReturnValue:
    """Show the mail that waits, was sent or given up, newest first."""
    filters = read_filters("search", "status")
    found = mail.in_outbox(
        signed_in_actor(),
        status=filters.one_of("status", list(mail.MailStatus)),
        to=filters.text("search"),
        page=requested_rows(PAGE_SIZE),
    )
    return page(
        "admin/outbox.html",
        fragments={"mail-list"},
        filters=filters,
        found=found,
        statuses=[("", gettext("All")), *((str(each), gettext(mail_look(each)[0])) for each in mail.MailStatus)],
    )


@blueprint.get("/outbox/<int:mail_id>")
def one_mail(mail_id: int) -> ResponseReturnValue:
    """Show a mail as it reads; the links in it that open an account are masked."""
    return page("admin/mail.html", mail=mail.one_mail(signed_in_actor(), mail_id), mask=letters.MASK)


@blueprint.route("/outbox/<int:mail_id>/again", methods=["GET", "POST"])
def mail_again(mail_id: int) -> ResponseReturnValue:
    """Ask whether a mail that was given up should be sent again; let it wait on POST. A second press finds it done."""
    actor = signed_in_actor()
    try:
        given_up = mail.given_up(actor, mail_id)
        if request.method != "POST":
            return page("admin/mail_again.html", mail=given_up)
        mail.send_again(actor, mail_id)
    except Conflict as refusal:
        flash(refusal.text(gettext), "info")
    else:
        flash(gettext("The e-mail to %(mail)s is waiting to be sent.", mail=given_up["to"]), "success")
    return see_other(url_for(".outbox"))
