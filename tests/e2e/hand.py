"""A hand that uses a page and counts what it does, and one that uses the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

#: No place of a page is further than this from another by Tab.
FAR = 250


#: Tells whether the middle of an element is what a finger hits there.
NOTHING_OVER_IT = """node => {
  const box = node.getBoundingClientRect();
  return node.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


class Hand:
    """Presses, and counts it. A press, a selection and going into a field are one interaction each; typing is none."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = 0

    def press(self, target: Locator) -> None:
        """One interaction."""
        target.click()
        self.presses += 1

    def press_in_sight(self, target: Locator) -> None:
        """One interaction with what is there to see and hit, without scrolling for it."""
        expect(target).to_be_in_viewport(ratio=1)
        assert target.evaluate(NOTHING_OVER_IT), f"something lies over {target}"
        self.press(target)

    def select(self, label: str, value: str) -> None:
        """One interaction: an entry of a list."""
        self.page.get_by_label(label).select_option(value)
        self.presses += 1

    def type(self, label: str, text: str) -> None:
        """One interaction: into the field; the typing itself isn't counted."""
        self.press(self.page.get_by_label(label))
        self.page.keyboard.type(text)

    def fill(self, fields: dict[str, str]) -> None:
        """The one typed form: typing, and Tab from field to field, are not counted."""
        for label, text in fields.items():
            self.page.get_by_label(label, exact=True).fill(text)


class Keys:
    """Uses a page by Tab, Enter, Space, arrows and typing: never by a click, never by a focus that a script sets."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go(self, target: Locator, *, back: bool = False) -> None:
        """Go by Tab (or Shift+Tab) until the focus is on ``target``."""
        expect(target).to_be_visible()
        for _ in range(FAR):
            if target.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab never reaches {target}")

    def enter(self, target: Locator, *, back: bool = False) -> None:
        """Follow a link or press a button by Enter."""
        self.go(target, back=back)
        self.page.keyboard.press("Enter")

    def space(self, target: Locator, *, back: bool = False) -> None:
        """Press a button, or choose what has the focus, by Space."""
        self.go(target, back=back)
        self.page.keyboard.press("Space")

    def type(self, label: str, text: str) -> None:
        """Go into a field and type."""
        self.go(self.page.get_by_label(label))
        self.page.keyboard.type(text)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in from the page that the window is on."""
        self.page.goto("/login")
        self.type("E-mail", email)
        self.type("Password", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "/login" not in url)
