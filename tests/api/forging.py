"""Tokens that somebody makes who has the key that signs them."""

from __future__ import annotations

from typing import Any

import jwt
from flask import Flask

from clinic import settings
from clinic.keys import id_of

PURPOSE = "tokens of the API"


def claims_of(token: str | None) -> dict[str, Any]:
    """What a token says."""
    found: dict[str, Any] = jwt.decode(token or "", options={"verify_signature": False})
    return found


def signed(app: Flask, claims: dict[str, Any]) -> str:
    """A token with these claims, signed as the portal does."""
    with app.app_context():
        key = settings.current().keys.derive(PURPOSE)
    return jwt.encode(claims, key.hex(), "HS256", headers={"kid": id_of(key)})


def changed(app: Flask, token: str | None, **claims: Any) -> str:
    """The same token with other claims; None takes one out."""
    return signed(app, {name: value for name, value in (claims_of(token) | claims).items() if value is not None})
