"""Where the pages are that mails and calendar entries lead to."""

from collections.abc import Mapping

from flask import Flask

from clinic.settings import LinkedPage, PathOf

_ENDPOINTS: Mapping[LinkedPage, str] = {
    LinkedPage.APPOINTMENT: "patient.appointment",
    LinkedPage.BOOKING: "public.book",
    LinkedPage.FORGOTTEN_PASSWORD: "public.forgot_password",
    LinkedPage.NOTICES: "account.notices",
    LinkedPage.NEW_PASSWORD: "public.reset_password",
}


def path_of(app: Flask) -> PathOf:
    """Return what makes the paths of the pages of ``app``; it needs no request."""

    def path(page: LinkedPage, values: Mapping[str, object]) -> str:
        return app.url_map.bind("").build(_ENDPOINTS[page], values)

    return path
