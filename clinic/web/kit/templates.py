"""The templates' environment: Flask's, which doesn't ask the same of every import and macro anew."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment
from jinja2.runtime import Context, Macro


class PageContext(Context):
    """A context that calls a macro at once; Jinja asks of anything that is called what it wants to be told."""

    def call(self, callee: Any, /, *args: Any, **kwargs: Any) -> Any:
        if type(callee) is not Macro:
            return super().call(callee, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return callee(self.eval_ctx, *args, **kwargs)


class PageEnvironment(Environment):
    """An environment whose templates share their globals, so that Jinja sees at a glance that a macro needs no others."""

    context_class = PageContext

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals
