"""The blueprint that every resource uses: reads by our reader, refuses in the API's shape, documents what it does.

An operation says what it answers with ``response``, what else it may refuse with ``refuses``, and by ``signed_in``
(``clinic.api.auth``) who may call it; the rest of its documentation follows from that.
"""

import functools
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar, cast

from flask import Flask
from flask_smorest import Api, Blueprint

from clinic.api.paths import PREFIX
from clinic.api.request_parsing import Misshapen, Reader, limit_body
from clinic.dry_run import would_refuse
from clinic.operations.bodies import WITHOUT_BODY
from clinic.policy import Action, Role, is_for_all_of

View = TypeVar("View", bound=Callable[..., Any])

BEARER = "bearer"


class Resource(Blueprint):
    """A group of operations under ``/api/v1/``."""

    ARGUMENTS_PARSER = Reader()

    def __init__(self, name: str, import_name: str, *, description: str) -> None:
        super().__init__(f"api_{name}", import_name, url_prefix=PREFIX, description=description)
        self.title = name
        self._prepare_doc_cbks += [_document_headers, _document_refusals]
        self.before_request(limit_body)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Register an operation; a path with doubled slashes is unknown rather than redirected."""
        if view_func is None:
            raise TypeError("an operation needs its view")
        name = endpoint or view_func.__name__
        options["merge_slashes"] = False
        options["tags"] = [self.title]
        super().add_url_rule(rule, name, self.doc(operationId=name)(view_func), provide_automatic_options, **options)

    def also(self, rule: str, *, name: str, summary: str, methods: Sequence[str] = ("GET",)) -> Callable[[View], View]:
        """Register an operation at another path or by another method, too, under a name and a summary of its own.

        Stands above ``route``, so that it is documented like that one.
        """

        def decorate(view: View) -> View:
            @functools.wraps(view)
            def same(*args: Any, **kwargs: Any) -> Any:
                return view(*args, **kwargs)

            same.__name__, same.__doc__ = name, summary
            self.add_url_rule(rule, name, same, methods=list(methods))
            return view

        return decorate

    def arguments(self, schema: Any, *, location: str = "json", **more: Any) -> Callable[[View], View]:
        """Hand the view what was sent, read by ``schema``.

        Where the shape of something is wrong and the schema is ``all_at_once``, the view is dry-run with the rest, so
        that one answer says everything that is wrong.
        """
        # One for all requests: a schema keeps nothing of what it reads.
        read_by = super().arguments(schema() if isinstance(schema, type) else schema, location=location, **more)

        def decorate(view: View) -> View:
            read = read_by(view)

            @functools.wraps(read)
            def run(*args: Any, **kwargs: Any) -> Any:
                try:
                    return read(*args, **kwargs)
                except Misshapen as refusal:
                    if not getattr(refusal.schema, "all_at_once", False):
                        raise
                    body = refusal.filled()
                    raise refusal.with_also(would_refuse(lambda: view(*args, body, **kwargs))) from None

            return cast(View, run)

        return decorate

    def describe_in(self, api: Api, app: Flask) -> None:
        """Describe the operations in the document of ``api``, under this resource's own title."""
        self.register_views_in_doc(api, app, api.spec, name=self.name, parameters=None)
        api.spec.tag({"name": self.title, "description": self.description})

    def refuses(self, *statuses: int) -> Callable[[View], View]:
        """Document the error statuses that an operation may answer besides those that follow from its arguments."""

        def document(view: View) -> View:
            for status in statuses:
                view = self.alt_response(status, HTTPStatus(status).name)(view)
            return view

        return document

    def reads(self, header: dict[str, Any]) -> Callable[[View], View]:
        """Document a header that an operation reads, beside its parameters."""
        document: Callable[[View], View] = self.doc(request_headers=[header])
        return document

    def limited(self, limit: Callable[[View], View]) -> Callable[[View], View]:
        """Let an operation be tried only as often as ``limit`` (``clinic.limits``) says, and document the 429.

        Stands outside ``arguments``: a body that is refused is a try, too.
        """

        def decorate(view: View) -> View:
            return self.refuses(HTTPStatus.TOO_MANY_REQUESTS)(limit(view))

        return decorate


def _document_headers(doc: dict[str, Any], doc_info: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Put the headers that an operation reads behind its other parameters."""
    own = doc_info.get("manual_doc", {}).pop("request_headers", [])
    if headers := [*own, *doc_info.get("headers_of_caller", [])]:
        doc["parameters"] = [*doc.get("parameters", []), *headers]
    return doc


def _document_refusals(
    doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_context: Any
) -> dict[str, Any]:
    """Add to an operation the security it asks for, and the refusals that go with that and with having a body."""
    refusals = [HTTPStatus.SERVICE_UNAVAILABLE]
    if method.upper() not in WITHOUT_BODY:
        refusals.append(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if "requestBody" in doc:
        refusals.append(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    doc["security"] = []
    if "signed_in" in doc_info:
        doc["security"] = [{BEARER: []}]
        refusals.append(HTTPStatus.UNAUTHORIZED)
        actions: tuple[Action, ...] = doc_info["signed_in"]
        for_everybody = all(any(is_for_all_of(role, action) for action in actions) for role in Role)
        if actions and (doc_info["roles"] or not for_everybody):
            refusals.append(HTTPStatus.FORBIDDEN)
    doc.setdefault("responses", {}).update({int(status): status.name for status in refusals})
    return doc
