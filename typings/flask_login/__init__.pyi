# What the portal uses of Flask-Login 0.6, which comes without types.

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

Loader = TypeVar("Loader", bound=Callable[[str], UserMixin | None])

class UserMixin:
    @property
    def is_authenticated(self) -> bool: ...
    def get_id(self) -> str: ...

class LoginManager:
    session_protection: str | None
    login_view: str | None
    def init_app(self, app: Flask, *, add_context_processor: bool = ...) -> None: ...
    def user_loader(self, callback: Loader) -> Loader: ...

# Whatever the loader returned, or somebody anonymous.
current_user: Any

def login_user(user: UserMixin) -> bool: ...
def logout_user() -> bool: ...
