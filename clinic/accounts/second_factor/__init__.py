"""The second step of signing in: a code of an app, and recovery codes for whoever has lost it.

totp.py            codes of an app (RFC 6238)     recovery_codes.py  codes that stand in for it, once each
tickets.py         what waits between the password and the code
own_factors.py     what people set up, see and remove of their own
checking.py        whether a typed code is somebody's     removing.py  taking the second step of somebody else away
factor_letters.py  what people are mailed about it

``clinic.accounts`` hands out what deliveries may call.
"""
