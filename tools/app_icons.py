"""Draws the icons of the installed portal and of phones' home screens from static/img/lotus.svg.

    python -m tools.app_icons

Only where the lotus changes; the pictures are committed. Needs a browser (`python -m tools.ensure_browser`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tools import ensure_browser

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"
#: The page's own colour in the light (`--bg` of clinic.css).
BACKGROUND = "#eef9f6"


@dataclass(frozen=True)
class AppIcon:
    """One file: its size, how wide the lotus is in it, and how round its corners are (shares of the size)."""

    name: str
    size: int
    lotus: float
    corner: float


ICONS = (
    AppIcon("icon-192.png", 192, 0.72, 0.22),
    AppIcon("icon-512.png", 512, 0.72, 0.22),
    # Systems cut these into shapes of their own: the lotus stays within the circle that all of them leave.
    AppIcon("icon-maskable-512.png", 512, 0.56, 0),
    AppIcon("apple-touch-icon.png", 180, 0.66, 0),
)


def draw(browser: Browser, icon: AppIcon, lotus: str) -> None:
    """Draw one icon into static/img."""
    page = browser.new_page(viewport={"width": icon.size, "height": icon.size})
    page.set_content(
        f"<style>body {{ margin: 0 }} div {{ width: {icon.size}px; height: {icon.size}px; display: grid;"
        f" place-items: center; background: {BACKGROUND}; border-radius: {icon.size * icon.corner}px }}"
        f" svg {{ width: {round(icon.size * icon.lotus)}px }}</style><div>{lotus}</div>"
    )
    page.screenshot(path=str(IMAGES / icon.name), omit_background=True)
    page.close()


def main() -> None:
    """Draw all icons."""
    lotus = (IMAGES / "lotus.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=ensure_browser.ensure(), args=flags)
        for icon in ICONS:
            draw(browser, icon, lotus)
        browser.close()


if __name__ == "__main__":
    main()
