"""The cookie of a browser's session: signed as Flask does it, and read on machines whose clocks differ a little."""

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer


class _Signer(TimestampSigner):
    """Takes a stamp that seems to be ahead: it is of another machine of ours, as the signature says."""

    def unsign(self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False) -> Any:
        value, stamped = super().unsign(signed_value, None, return_timestamp=True)
        if max_age is not None and self.get_timestamp() - int(stamped.timestamp()) > max_age:
            raise SignatureExpired("The signature is too old.", payload=value, date_signed=stamped)
        return (value, stamped) if return_timestamp else value


class _Serializer(URLSafeTimedSerializer):
    default_signer = _Signer


class SessionInterface(SecureCookieSessionInterface):
    """Flask's, with that signer. Each application has its own."""

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
