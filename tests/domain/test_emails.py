"""E-mails: one form for each mailbox, however it is spelled. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.text import emails

ANYTHING = st.one_of(
    st.text(),
    st.emails(),
    st.builds("{}@{}.example".format, st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8)),
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  Ana@EXAMPLE.com ", "ana@example.com"),
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@xn--bcher-kva.example", "anna@xn--bcher-kva.example"),
        ("ANNA@XN--BCHER-KVA.EXAMPLE", "anna@xn--bcher-kva.example"),
        ("anna@bu\u0308cher.example", "anna@xn--bcher-kva.example"),
        ("việt@example.com", "việt@example.com"),
        ("vie\u0302\u0323t@example.com", "việt@example.com"),
        ("ana\N{ZERO WIDTH SPACE}@example.com", "ana@example.com"),
        ("nobody", "nobody"),
        ("@", "@"),
        ("", ""),
    ],
)
def test_a_mailbox_has_one_form(typed, kept):
    assert emails.canonical(typed) == kept


@given(ANYTHING)
def test_the_one_form_of_the_one_form_is_itself(typed):
    assert emails.canonical(emails.canonical(typed)) == emails.canonical(typed)


@given(ANYTHING)
def test_what_is_shown_names_the_same_mailbox(typed):
    kept = emails.canonical(typed)
    assert emails.canonical(emails.shown(kept)) == kept


@pytest.mark.parametrize("typed", ["", "nobody", "a@b@c", "a b@example.com", "x" * 300 + "@example.com", "\ud800@x.vn"])
def test_what_is_no_address_is_told_from_one(typed):
    assert not emails.is_email(typed)


def test_the_domain_is_shown_in_its_own_letters():
    assert emails.shown("anna@xn--bcher-kva.example") == "anna@bücher.example"
    assert emails.shown("ana@example.com") == "ana@example.com"
