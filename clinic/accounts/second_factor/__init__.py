"""The second step of signing in: a code of an app or a passkey, and recovery codes for whoever has lost it.

totp.py            codes of an app (RFC 6238)     recovery_codes.py  codes that stand in for it, once each
passkeys.py        passkeys (WebAuthn)            webauthn_checks.py  what browsers are asked and answer
tickets.py         what waits between two requests
own_factors.py     what people set up, see and remove of their own     own_passkeys.py  passkeys of it
checking.py        whether a code or passkey is somebody's     removing.py  taking the second step of somebody else away
factor_letters.py  what people are mailed about it

``clinic.accounts`` hands out what deliveries may call.
"""
