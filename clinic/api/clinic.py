"""The clinic itself: what everybody may know of it, and what the office decides about it."""

from typing import Any, cast

from flask import Response
from flask_babel import gettext as _

from clinic import configuration
from clinic.api.auth import signed_in
from clinic.api.blueprint import Resource
from clinic.api.responses import answer, done
from clinic.api.schemas import clinic as schemas
from clinic.api.versions import ETAG, IF_MATCH, etag, expected_version
from clinic.configuration import ClinicChanges, PublicDetails
from clinic.policy import Action, Actor

resource = Resource("clinic", __name__, description="The clinic itself: how it is reached, and its rules of booking.")


def _tag(found: PublicDetails) -> dict[str, str]:
    return etag(found) if found["version"] else {}


def _body(found: PublicDetails) -> dict[str, object]:
    return {name: value for name, value in found.items() if name != "version"}


@resource.route("/clinic/")
@resource.response(200, schemas.Clinic, headers=ETAG)
def clinic() -> Response:
    """Read how the clinic is reached, and its rules of booking.

    A text in Vietnamese is null where it is the English one. No ETag where nothing was ever changed in the portal.
    """
    found = configuration.public_details()
    return answer(_body(found), headers=_tag(found))


@resource.route("/clinic/", methods=["PATCH"])
@resource.response(200, schemas.ClinicSaved, headers=ETAG)
@resource.refuses(412)
@resource.reads(IF_MATCH)
@signed_in(Action.MANAGE_SETTINGS)
@resource.arguments(schemas.ClinicEntry)
def update_clinic(actor: Actor, body: dict[str, Any]) -> Response:
    """Change what the clinic decides about itself: the keys that are sent; admins who look after the catalogue.

    It holds in every process of the portal within two seconds. Each change is kept in a history.
    """
    reset = body.pop("reset", None) or []
    configuration.save(actor, cast(ClinicChanges, body), reset=reset, expected_version=expected_version())
    found = configuration.public_details()
    return done(_("Your changes are saved."), headers=_tag(found), clinic=_body(found))
