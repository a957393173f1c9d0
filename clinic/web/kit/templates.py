"""The templates' environment: Flask's, which doesn't ask the same of every import and macro anew."""

from __future__ import annotations

from collections.abc import MutableMapping
from types import FunctionType, MethodType
from typing import Any

from flask.templating import Environment
from jinja2.runtime import Context, Macro

#: What is called at once unless it asks for more, see below.
_PLAIN = (FunctionType, MethodType)


class PageContext(Context):
    """A context that calls macros and plain functions at once; Jinja asks of anything that is called what it wants to be told."""

    def call(self, callee: Any, /, *args: Any, **kwargs: Any) -> Any:
        kind = type(callee)
        is_macro = kind is Macro
        # What asks for the context or the environment says so by this attribute (jinja2.pass_context and others).
        if not is_macro and (kind not in _PLAIN or hasattr(callee, "jinja_pass_arg")):
            return super().call(callee, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return callee(self.eval_ctx, *args, **kwargs) if is_macro else callee(*args, **kwargs)


class PageEnvironment(Environment):
    """An environment whose templates share their globals, so that Jinja sees at a glance that a macro needs no others."""

    context_class = PageContext

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
