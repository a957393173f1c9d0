# What the portal uses of flask-smorest 0.47, which comes without types.

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import flask
from apispec import APISpec
from flask import Flask
from marshmallow import Schema

_View = TypeVar("_View", bound=Callable[..., Any])
_Shape = Schema | type[Schema] | Mapping[str, Any] | str

class Blueprint(flask.Blueprint):
    ARGUMENTS_PARSER: ClassVar[Any]
    _prepare_doc_cbks: list[Callable[..., dict[str, Any]]]
    def __init__(self, name: str, import_name: str, *, url_prefix: str, description: str) -> None: ...
    description: str
    def route(self, rule: str, *, methods: list[str] = ..., **options: Any) -> Callable[[_View], _View]: ...
    def arguments(
        self, schema: Schema | type[Schema], *, location: str = ..., **more: Any
    ) -> Callable[[_View], _View]: ...
    def response(
        self,
        status_code: int,
        schema: _Shape | None = ...,
        *,
        content_type: str = ...,
        description: str = ...,
        headers: Mapping[str, Any] = ...,
    ) -> Callable[[_View], _View]: ...
    def alt_response(
        self,
        status_code: int,
        response: str | None = ...,
        *,
        schema: _Shape | None = ...,
        description: str = ...,
        headers: Mapping[str, Any] = ...,
        success: bool = ...,
    ) -> Callable[[_View], _View]: ...
    @staticmethod
    def doc(**kwargs: Any) -> Callable[[_View], _View]: ...
    def register_views_in_doc(
        self, api: Api, app: Flask, spec: APISpec, *, name: str, parameters: list[dict[str, Any]] | None
    ) -> None: ...

class Api:
    ERROR_SCHEMA: ClassVar[type[Schema]]
    DEFAULT_ERROR_RESPONSE_NAME: ClassVar[str | None]
    spec: APISpec
    def __init__(self, app: Flask | None = ..., *, spec_kwargs: Mapping[str, Any] | None = ...) -> None: ...
    def init_app(self, app: Flask) -> None: ...
    def register_converter(self, converter: type, func: Callable[[Any], dict[str, Any]]) -> None: ...
