"""The cookie of a browser's session: signed as Flask does it, and read on machines whose clocks differ a little.

What it says is readable to whoever holds the browser, but for the messages to the person: these may name somebody.
"""

import hashlib
from typing import Any

from cryptography.fernet import InvalidToken
from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from clinic import settings
from clinic.operations.addresses import is_api

#: Where Flask keeps messages until they are shown, and what their key is for.
_MESSAGES, _PURPOSE = "_flashes", "messages in cookies"


class _Signer(TimestampSigner):
    """Takes a stamp that seems to be ahead: it is of another machine of ours, as the signature says."""

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        value, stamped = super().unsign(signed_value, None, return_timestamp=True)
        if max_age is not None and self.get_timestamp() - int(stamped.timestamp()) > max_age:
            raise SignatureExpired("The signature is too old.", payload=value, date_signed=stamped)
        return (value, stamped) if return_timestamp else value


class _Serializer(URLSafeTimedSerializer):
    default_signer = _Signer

    def dump_payload(self, obj: Any) -> bytes:
        """Return what the cookie holds, with its messages sealed."""
        if _MESSAGES in obj:
            plain = self.serializer.dumps(obj[_MESSAGES])
            sealed = settings.current().keys.fernet(_PURPOSE).encrypt(plain.encode("utf-8")).decode("ascii")
            obj = {**obj, _MESSAGES: sealed}
        return super().dump_payload(obj)

    def load_payload(self, *args: Any, **kwargs: Any) -> Any:
        """Return what a cookie holds, its messages opened; those of a key that is gone are gone, too."""
        held = super().load_payload(*args, **kwargs)
        if _MESSAGES in held:
            try:
                plain = settings.current().keys.fernet(_PURPOSE).decrypt(held.pop(_MESSAGES))
            except InvalidToken:
                return held
            held[_MESSAGES] = self.serializer.loads(plain.decode("utf-8"))
        return held


class SessionInterface(SecureCookieSessionInterface):
    """Flask's, with that signer, and none for the API, which knows no cookie. Each application has its own."""

    digest_method = staticmethod(hashlib.sha256)

    def __init__(self) -> None:
        """Build nothing yet: an application gets its key after this."""
        self._kept: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what writes and reads the cookie, built at the first request: the key stays what it is."""
        if self._kept is None:
            usual = super().get_signing_serializer(app)
            if usual is None:
                return None
            self._kept = _Serializer(
                usual.secret_keys, salt=self.salt, serializer=self.serializer, signer_kwargs=usual.signer_kwargs
            )
        return self._kept

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the browser's cookie says; of the API's requests a session that is empty and can't be written."""
        return self.null_session_class() if is_api(request) else super().open_session(app, request)
