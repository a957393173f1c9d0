"""What a browser is asked for a passkey, and whether its answer is good (WebAuthn, by the library ``webauthn``).

Pure: knows no database, no account and no HTTP. Who signs has shown their device a PIN, finger or face
(``user_verification`` "required"); nobody is asked which make the device is ("none"). The library is imported where it is
used, since it takes 24 MB, and most people sign in without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

T = TypeVar("T")

#: Characters of an answer that are looked at; the longest, with an attestation that nobody asked for, have some 8,000.
ANSWER_MAX = 20_000
#: How long a browser waits for its person, in milliseconds.
_TIMEOUT = 120_000


@dataclass(frozen=True)
class RelyingParty:
    """The portal as browsers know it, by its address: what a passkey signs for another one is worth nothing here."""

    #: ``https://clinic.example``, without a path.
    origin: str

    @classmethod
    def at(cls, address: str) -> Self:
        """Return the portal at an address, written as browsers write it: in small letters, and no port that goes without saying."""
        plain = address.lower().rstrip("/")
        return cls(plain.removesuffix(":443" if plain.startswith("https:") else ":80"))

    @property
    def id(self) -> str:
        """The name of the host, to which a passkey belongs."""
        return urlsplit(self.origin).hostname or ""


@dataclass(frozen=True)
class PasskeyAnswer:
    """What a browser answered, as JSON, and the address at which it was asked."""

    response: str
    relying_party: RelyingParty


@dataclass(frozen=True)
class Known:
    """A passkey as browsers find it: its id (base64url), and by which ways the device is reached."""

    credential_id: str
    transports: Collection[str]


@dataclass(frozen=True)
class NewCredential:
    """A passkey that a device has made; id and public key in base64url."""

    credential_id: str
    public_key: str
    sign_count: int
    transports: list[str]
    is_backed_up: bool


@dataclass(frozen=True)
class Assertion:
    """What a good signature says besides: how many its device has made, and whether the passkey is on several."""

    sign_count: int
    is_backed_up: bool


def creation_options(
    relying_party: RelyingParty, challenge: str, *, clinic: str, email: str, full_name: str, known: Collection[Known]
) -> str:
    """Return what a browser is asked to make a passkey (JSON); a device that has one of those ``known`` makes no second.

    The device is told no id of the account, but a random one.
    """
    from webauthn import generate_registration_options, options_to_json  # noqa: PLC0415
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415
    from webauthn.helpers.structs import (  # noqa: PLC0415
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    chosen = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(
        generate_registration_options(
            rp_id=relying_party.id,
            rp_name=clinic,
            user_name=email,
            user_display_name=full_name,
            challenge=base64url_to_bytes(challenge),
            timeout=_TIMEOUT,
            authenticator_selection=chosen,
            exclude_credentials=_described(known),
        )
    )


def request_options(relying_party: RelyingParty, challenge: str, known: Collection[Known]) -> str:
    """Return what a browser is asked to sign with one of the passkeys that are ``known`` (JSON)."""
    from webauthn import generate_authentication_options, options_to_json  # noqa: PLC0415
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415
    from webauthn.helpers.structs import UserVerificationRequirement  # noqa: PLC0415

    return options_to_json(
        generate_authentication_options(
            rp_id=relying_party.id,
            challenge=base64url_to_bytes(challenge),
            timeout=_TIMEOUT,
            allow_credentials=_described(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def _described(known: Collection[Known]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor  # noqa: PLC0415

    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(each.credential_id),
            transports=[AuthenticatorTransport(way) for way in each.transports],
        )
        for each in known
    ]


def check_creation(answer: PasskeyAnswer, challenge: str) -> NewCredential | None:
    """Return the passkey that a device made for this address and ``challenge``; None for any other answer."""
    from webauthn import verify_registration_response  # noqa: PLC0415
    from webauthn.helpers import (  # noqa: PLC0415
        base64url_to_bytes,
        bytes_to_base64url,
        parse_registration_credential_json,
    )

    def check() -> NewCredential:
        credential = parse_registration_credential_json(answer.response)
        made = verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=answer.relying_party.id,
            expected_origin=answer.relying_party.origin,
            require_user_verification=True,
        )
        return NewCredential(
            bytes_to_base64url(made.credential_id),
            bytes_to_base64url(made.credential_public_key),
            made.sign_count,
            sorted(str(way.value) for way in credential.response.transports or []),
            made.credential_backed_up,
        )

    return _if_readable(answer, check)


def check_assertion(answer: PasskeyAnswer, challenge: str, public_key: str) -> Assertion | None:
    """Return what was signed for this address and ``challenge`` by the key; None for any other answer.

    Whether the count of signatures went on is the caller's to say: only of a good signature it says anything.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415
    from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415

    def check() -> Assertion:
        signed = verify_authentication_response(
            credential=answer.response,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=answer.relying_party.id,
            expected_origin=answer.relying_party.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        return Assertion(signed.new_sign_count, signed.credential_backed_up)

    return _if_readable(answer, check)


def credential_id_of(answer: PasskeyAnswer) -> str | None:
    """Return by which passkey somebody says that they signed; None where it can't be read."""

    def read() -> str | None:
        named = json.loads(answer.response)["id"]
        return named if isinstance(named, str) else None

    return _if_readable(answer, read)


def _if_readable(answer: PasskeyAnswer, read: Callable[[], T]) -> T | None:
    if len(answer.response) > ANSWER_MAX:
        return None
    try:
        return read()
    except Exception:  # noqa: BLE001 - what strangers send makes the parsers of JSON, CBOR and keys raise anything at all
        return None
