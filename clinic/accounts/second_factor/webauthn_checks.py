"""What a browser is asked for a passkey, and whether its answer is good (WebAuthn, by the library of that name).

Pure: knows no database, no account and no HTTP. Who signs has shown their device a PIN, finger or face
(``user_verification`` "required"); nobody is asked which make the device is ("none"). The library is imported where it is
used, since it takes 24 MB, and most people sign in without it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import urlsplit

import idna

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
        """Return the portal at an address, written as browsers write it: in small letters, a name beyond ASCII as the network
        knows it, and no port that goes without saying."""
        plain = address.lower().rstrip("/")
        name = urlsplit(plain).hostname or ""
        plain = plain.replace(name, _in_ascii(name), 1)
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
    import webauthn.helpers.structs  # noqa: PLC0415 - 24 MB, and most people sign in without it

    chosen = webauthn.helpers.structs.AuthenticatorSelectionCriteria(
        resident_key=webauthn.helpers.structs.ResidentKeyRequirement.PREFERRED,
        user_verification=webauthn.helpers.structs.UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=relying_party.id,
            rp_name=clinic,
            user_name=email,
            user_display_name=full_name,
            challenge=_bytes(challenge),
            timeout=_TIMEOUT,
            authenticator_selection=chosen,
            exclude_credentials=_described(known),
        )
    )


def request_options(relying_party: RelyingParty, challenge: str, known: Collection[Known]) -> str:
    """Return what a browser is asked to sign with one of the passkeys that are ``known`` (JSON)."""
    import webauthn.helpers.structs  # noqa: PLC0415 - as above

    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=relying_party.id,
            challenge=_bytes(challenge),
            timeout=_TIMEOUT,
            allow_credentials=_described(known),
            user_verification=webauthn.helpers.structs.UserVerificationRequirement.REQUIRED,
        )
    )


def _described(known: Collection[Known]) -> list[PublicKeyCredentialDescriptor]:
    import webauthn.helpers.structs  # noqa: PLC0415 - as above

    return [
        webauthn.helpers.structs.PublicKeyCredentialDescriptor(
            id=_bytes(each.credential_id),
            transports=[webauthn.helpers.structs.AuthenticatorTransport(way) for way in each.transports],
        )
        for each in known
    ]


def check_creation(answer: PasskeyAnswer, challenge: str) -> NewCredential | None:
    """Return the passkey that a device made for this address and ``challenge``; None for any other answer."""
    import webauthn.helpers  # noqa: PLC0415 - as above

    def check() -> NewCredential:
        credential = webauthn.helpers.parse_registration_credential_json(answer.response)
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_bytes(challenge),
            expected_rp_id=answer.relying_party.id,
            expected_origin=answer.relying_party.origin,
            require_user_verification=True,
        )
        return NewCredential(
            _text(made.credential_id),
            _text(made.credential_public_key),
            made.sign_count,
            sorted(str(way.value) for way in credential.response.transports or []),
            made.credential_backed_up,
        )

    return _if_readable(answer, check)


def check_assertion(answer: PasskeyAnswer, challenge: str, public_key: str) -> Assertion | None:
    """Return what was signed for this address and ``challenge`` by the key; None for any other answer.

    Whether the count of signatures went on is the caller's to say: only of a good signature it says anything.
    """
    import webauthn  # noqa: PLC0415 - as above

    def check() -> Assertion:
        signed = webauthn.verify_authentication_response(
            credential=answer.response,
            expected_challenge=_bytes(challenge),
            expected_rp_id=answer.relying_party.id,
            expected_origin=answer.relying_party.origin,
            credential_public_key=_bytes(public_key),
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


def _in_ascii(name: str) -> str:
    try:
        return name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:  # no browser finds it either
        return name


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _if_readable(answer: PasskeyAnswer, read: Callable[[], T]) -> T | None:
    if len(answer.response) > ANSWER_MAX:
        return None
    try:
        return read()
    except Exception:  # noqa: BLE001 - what strangers send makes the parsers of JSON, CBOR and keys raise anything at all
        return None
