"""Keys by purpose: each its own, older secrets read and never used."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from clinic import settings
from clinic.keys import Keyring

WORDS = st.text(min_size=1, max_size=40)


@given(secret=WORDS, purposes=st.lists(WORDS, min_size=2, max_size=2, unique=True))
def test_each_purpose_has_a_key_of_its_own_and_always_the_same(secret, purposes):
    one, other = (Keyring(secret).derive(purpose) for purpose in purposes)
    assert one != other
    assert len(one) == len(other) == 32
    assert one == Keyring(secret).derive(purposes[0])


def test_a_key_is_the_one_of_rfc_5869():
    """What was sealed by another version has to be opened by this one."""
    assert (
        Keyring("secret").derive("purpose").hex() == "370fdf2d216eeb9e400b9b109e22799c89bc16712661df894400625a6eaa2d13"
    )


def test_older_secrets_are_read_and_the_one_in_use_comes_first():
    keys = Keyring("new", ("old", "oldest", "new"))
    assert keys.all("x") == (Keyring("new").derive("x"), Keyring("old").derive("x"), Keyring("oldest").derive("x"))
    assert keys.derive("x") == Keyring("new").derive("x")


def test_what_was_sealed_before_a_rotation_is_opened_while_the_old_secret_is_named():
    sealed = Keyring("old").fernet("x").encrypt(b"text")
    assert Keyring("new", ("old",)).fernet("x").decrypt(sealed) == b"text"
    for stranger in (Keyring("new").fernet("x"), Keyring("new", ("old",)).fernet("y")):
        with pytest.raises(InvalidToken):
            stranger.decrypt(sealed)
    fresh = Keyring("new", ("old",)).fernet("x").encrypt(b"text")
    with pytest.raises(InvalidToken):
        Keyring("old").fernet("x").decrypt(fresh)


def test_a_secret_is_in_no_text_of_its_keys():
    assert "secret" not in repr(Keyring("secret", ("older-secret",)))
    assert "secret" not in repr(settings.ClinicSettings(keys=Keyring("secret")))


def test_without_an_application_keys_are_of_this_process_alone():
    program = "from clinic import settings; print(settings.current().keys.derive('x').hex())"
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert elsewhere.stdout.strip() != settings.current().keys.derive("x").hex()
