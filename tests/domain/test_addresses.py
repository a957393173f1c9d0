"""Network addresses in one form, and whose tries count together. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.text import ip_addresses


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("198.51.100.77", "198.51.100.77"),
        ("198.51.100.77:40001", "198.51.100.77"),
        (" 198.51.100.77:40002 ", "198.51.100.77"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),  # as RFC 7239 quotes it
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:198.51.100.77", "198.51.100.77"),
        ("[::ffff:198.51.100.77]:40001", "198.51.100.77"),
        ("unknown", ip_addresses.UNREADABLE),
        ("_hidden", ip_addresses.UNREADABLE),
        ("198.51.100.777:1", ip_addresses.UNREADABLE),
        ("", ip_addresses.UNREADABLE),
        (None, ip_addresses.UNREADABLE),
    ],
)
def test_an_address_has_one_form(written, read):
    assert ip_addresses.canonical(written) == read


@given(st.one_of(st.text(), st.ip_addresses().map(str), st.from_regex(r"\[?[0-9a-f:.%]{0,20}\]?(:[0-9]{0,5})?")))
def test_the_form_of_a_form_is_itself_unless_nobody_can_read_it(written):
    read = ip_addresses.canonical(written)
    assert ip_addresses.canonical(read) == read
    assert ip_addresses.household(read) == ip_addresses.household(written)


def test_the_devices_of_a_household_count_together():
    assert ip_addresses.household("[2001:db8:1:2::1]:1") == ip_addresses.household("2001:db8:1:2:ffff::9")
    assert ip_addresses.household("2001:db8:1:2::1") != ip_addresses.household("2001:db8:1:3::1")
    assert ip_addresses.household("198.51.100.77:1") != ip_addresses.household("198.51.100.78:1")
    assert ip_addresses.household("nonsense") == ip_addresses.household("")
