"""What the tests of passkeys do again and again."""

from __future__ import annotations

from collections.abc import Callable

from clinic import accounts
from clinic.accounts import PasskeyAnswer, PendingPasskey, RelyingParty, SessionKind
from clinic.policy import Actor
from tests.domain.post import written
from tests.domain.second_steps import PHONE
from tests.passkey_device import ORIGIN, PRESENT, PasskeyDevice
from tests.people import ANA

HERE = RelyingParty(ORIGIN)
#: Devices that lie, or whose person does.
WRONG: dict[str, Callable[[], PasskeyDevice]] = {
    "another site's page": lambda: PasskeyDevice(origin="http://localhost.thief.example"),
    "another port": lambda: PasskeyDevice(origin="http://localhost:8001"),
    "another site": lambda: PasskeyDevice(rp_id="thief.example"),
    "another challenge": lambda: PasskeyDevice(challenge="A" * 43),
    "nobody showed that it is them": lambda: PasskeyDevice(flags=PRESENT),
    "nobody was there": lambda: PasskeyDevice(flags=4),
}


def add(actor: Actor, device: PasskeyDevice, name: str = "My phone") -> list[str]:
    """Add a passkey of a device to somebody's account; their recovery codes."""
    made = device.make(accounts.passkey_options(actor, HERE))
    return accounts.add_passkey(actor, PendingPasskey(name, PasskeyAnswer(made, HERE)))


def finish_by(ticket: str, device: PasskeyDevice) -> accounts.SignedIn:
    """Take the second step by a passkey."""
    options = accounts.second_step_by_ticket(ticket, HERE).passkey_options
    return finish_with(ticket, device.sign(options))


def finish_with(ticket: str, response: str) -> accounts.SignedIn:
    """Take the second step by what a browser answered."""
    return accounts.finish_sign_in_by_passkey(
        ticket=ticket, answer=PasskeyAnswer(response, HERE), kind=SessionKind.BROWSER, origin=PHONE
    )


def told() -> list[str]:
    """What the mails about second steps to Ana say, without greeting and end."""
    return [letter.subject for letter in written() if letter.kind == "second_factor" and letter.to == ANA]
