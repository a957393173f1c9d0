"""A device with passkeys, in software: it makes and signs as WebAuthn says, with real keys, and lies where a test wants it to."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from clinic.accounts.models import User
from clinic.accounts.second_factor import passkeys
from clinic.accounts.second_factor.webauthn_checks import NewCredential
from clinic.db import transaction

ORIGIN = "http://localhost"
PRESENT, VERIFIED, BACKED_UP, HAS_KEY = 0x01, 0x04, 0x18, 0x40


@dataclass
class PasskeyDevice:
    """One device with one passkey at most; its person is at hand and shows that it is them."""

    #: Where its browser is, and the site that it believes to be on.
    origin: str = ORIGIN
    rp_id: str = "localhost"
    flags: int = PRESENT | VERIFIED
    #: How many signatures it made; None for a device that doesn't count.
    count: int | None = 0
    #: What it signs in the place of what it is asked to.
    challenge: str | None = None
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: str) -> str:
        """A new passkey, as a browser's JSON."""
        credential = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + self.public_key()
        data = self._data(self.flags | HAS_KEY) + credential
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        made = {
            "clientDataJSON": self._client_data("webauthn.create", options),
            "attestationObject": bytes_to_base64url(attested),
        }
        return self._answer({**made, "transports": ["internal", "hybrid"]})

    def public_key(self) -> bytes:
        """The public half, as devices write it (COSE)."""
        numbers = self.key.public_key().public_numbers()
        halves = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        return cbor2.dumps({1: 2, 3: -7, -1: 1, **halves})

    def sign(self, options: str) -> str:
        """A signature by the passkey, as a browser's JSON."""
        if self.count is not None:
            self.count += 1
        client_data = self._client_data("webauthn.get", options)
        data = self._data(self.flags)
        raw = base64url_to_bytes(client_data)
        signature = self.key.sign(data + hashlib.sha256(raw).digest(), ec.ECDSA(hashes.SHA256()))
        signed = {
            "clientDataJSON": client_data,
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
        }
        return self._answer(signed)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count or 0)

    def _client_data(self, kind: str, options: str) -> str:
        challenge = self.challenge or json.loads(options)["challenge"]
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return bytes_to_base64url(json.dumps(said).encode())

    def _answer(self, response: dict[str, Any]) -> str:
        named = bytes_to_base64url(self.credential_id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})


def give_passkey(user_id: int, name: str = "Điện thoại") -> PasskeyDevice:
    """Add a device's passkey to somebody's account (needs an application context); it hasn't signed anything yet."""
    device = PasskeyDevice()
    named, key = bytes_to_base64url(device.credential_id), bytes_to_base64url(device.public_key())
    with transaction() as current:
        user = current.get_one(User, user_id)
        passkeys.add(user, NewCredential(named, key, 0, ["internal"], is_backed_up=False), name)
    return device


def passkey_id_of(user_id: int) -> int:
    """The id of somebody's first passkey (needs an application context)."""
    return passkeys.living_passkeys(user_id)[0].id
