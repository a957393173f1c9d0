"""Names of signed-in devices, made from their user agents, and groups of those that look alike. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext

from clinic.accounts import SessionRow

#: The first that is found counts: most browsers claim to be others too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("coc_coc", "Cốc Cốc"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
NAME_MAX = 60


def _found(named: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for mark, name in named if mark in user_agent), None)


def device_name(user_agent: str) -> str:
    """Return a device in words; what says nothing known is called by the beginning of what it says."""
    browser, system = _found(BROWSERS, user_agent), _found(SYSTEMS, user_agent)
    if browser and system:
        return gettext("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or user_agent[:NAME_MAX].strip() or gettext("Unknown device")


class Device(SessionRow):
    """A sign-in with the name of its device."""

    name: str


@dataclass(frozen=True)
class DeviceGroup:
    """Sign-ins that look alike: the one used last, and the older ones."""

    newest: Device
    older: list[Device]


def grouped(devices: Iterable[Device]) -> list[DeviceGroup]:
    """Return the sign-ins by device and address, in the order in which they come; this device stands alone."""
    groups: dict[tuple[bool, str, str, str], list[Device]] = {}
    for each in devices:
        groups.setdefault((each["is_this_one"], each["kind"], each["name"], each["address"]), []).append(each)
    return [DeviceGroup(newest, older) for newest, *older in groups.values()]
