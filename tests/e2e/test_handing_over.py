"""The office hands a visit over in three presses, by hand and by the keyboard, with JavaScript and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from clinic import scheduling
from tests.browser import Opener
from tests.e2e.hand import Hand, Keys
from tests.people import Cast

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])
