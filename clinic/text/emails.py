"""E-mail addresses: one form for each mailbox, in which it is kept and compared, and how it is shown. Pure.

Kept are composed accents, lower case, and a domain in ASCII (IDNA, RFC 5891): it is what every mail server takes, and what
browsers make of a domain with accents. Shown is the domain as people write it.
"""

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from clinic.text.normalization import composed, without_invisible

EMAIL_MAX = 254  # RFC 5321, 4.5.3.1.3


def canonical(text: str) -> str:
    """Return an e-mail as it is kept; what is none, trimmed and in lower case.

    >>> canonical("Anna@Bücher.Example"), canonical(" anna@xn--bcher-kva.example")
    ('anna@xn--bcher-kva.example', 'anna@xn--bcher-kva.example')
    """
    plain = _lower(text)
    found = _parts(plain)
    return plain if found is None else _lower(f"{found.local_part}@{found.ascii_domain}")


def is_email(text: str) -> bool:
    """Return whether ``text`` can be an e-mail's address."""
    return _parts(_lower(text)) is not None


def shown(email: str) -> str:
    """Return a kept e-mail with its domain in the letters that it stands for."""
    found = _parts(email) if "xn--" in email else None
    return email if found is None else f"{found.local_part}@{found.domain}"


def _lower(text: str) -> str:
    plain = without_invisible(text).strip()
    return composed((composed(plain, EMAIL_MAX) or plain).lower(), EMAIL_MAX) or plain.lower()


def _parts(text: str) -> ValidatedEmail | None:
    if len(text) > EMAIL_MAX:
        return None
    try:
        return validate_email(text, check_deliverability=False, test_environment=True)
    except (EmailNotValidError, UnicodeError):
        return None
