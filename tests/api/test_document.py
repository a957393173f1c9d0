"""The OpenAPI document: valid, complete, in two formats, shown by two pages."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from clinic import records
from clinic.api.openapi import yaml_lines
from tests.api.caller import PREFIX, Caller, Document

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:openapi_spec_validator")


@pytest.fixture(params=["sqlite"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The document knows no database: one is enough."""
    return str(request.param)


def test_it_is_valid(document: Document) -> None:
    assert document.content["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document.content).validate()


def test_every_route_of_the_api_is_in_it(app: Flask, document: Document) -> None:
    routes = [
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    twice = [route for route, many in Counter(routes).items() if many > 1]
    assert not twice, f"two operations answer the same request: {twice}"
    documented = {
        (path, method)
        for path, methods in document.content["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert documented == set(routes)
    assert all(path.startswith(PREFIX) and path.endswith("/") for path, _method in routes)


def test_every_operation_says_what_it_is(document: Document) -> None:
    names = []
    tags = {tag["name"] for tag in document.content["tags"]}
    for path, methods in document.content["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            names.append(operation["operationId"])
            assert operation["summary"].endswith("."), (path, method)
            assert "\n" not in operation["summary"], f"keep the docstring's first sentence on one line: {path} {method}"
            assert len(operation["summary"]) <= 120, (path, method)
            assert set(operation["tags"]) <= tags
            assert operation["security"] in ([], [{"bearer": []}])
            assert any(status.startswith(("2", "303")) for status in operation["responses"])
            assert ("401" in operation["responses"]) >= bool(operation["security"])
            if "requestBody" in operation:
                assert {"400", "413", "415"} <= set(operation["responses"])
            if "{" in path:
                assert "404" in operation["responses"]
            assert "422" not in operation["responses"]
    assert len(set(names)) == len(names)
    assert document.content["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_lists_of_the_directory_say_what_they_can_be_asked_for(document: Document) -> None:
    """And the header by which a copy is asked after stands beside it."""
    paged = {"page", "page_size"}
    for path, asked in {
        "departments/": paged,
        "services/": paged | {"department_id", "specialty_id"},
        "doctors/": paged | {"department_id", "specialization", "search"},
    }.items():
        parameters = document.content["paths"][PREFIX + path]["get"]["parameters"]
        assert {each["name"] for each in parameters if each["in"] == "query"} == asked
        assert [each["name"] for each in parameters if each["in"] == "header"] == ["If-None-Match"]


def test_as_yaml_it_says_the_same(anyone: Caller, document: Document) -> None:
    answer = anyone.get("schema/", {"format": "yaml"})
    assert answer.mimetype == "application/yaml"
    assert yaml.safe_load(answer.text) == document.content
    assert anyone.get("schema/", {"format": "json"}).get_json() == document.content
    assert anyone.get("schema/", {"format": "xml"}).status_code == 400


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
#: Keys are short here as they are in the document: YAML takes them up to 1024 characters.
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner)
)


# Under load the drawing of values is slow, which says nothing of the code.
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(json_values)
def test_any_json_is_written_as_yaml(value: object) -> None:
    assert yaml.safe_load("\n".join(yaml_lines(value))) == value


def test_the_index_links_to_what_is_there(anyone: Caller) -> None:
    body = anyone.get("").get_json()
    assert body["version"]
    for url in body["links"].values():
        path = url.partition(PREFIX)[2]
        assert anyone.get(path).status_code in {200, 400, 401, 405}, url


#: What can be read without knowing an id and isn't among the links of the first answer, each with the reason.
NOT_LINKED = {
    "": "it is the first answer",
    "admin/": "pages, not data",
    "available-slots/": "appointments/available-slots/ by a shorter path",
    **dict.fromkeys(
        ("patient/appointments/", "doctor/appointments/", "appointments/my-appointments/"), "a part of appointments/"
    ),
    "appointments/doctors-by-department/": "a part of doctors/",
    "appointments/my-medical-records/": "medical-records/ by another path",
    "appointments/my-patients/": "patients/ by another path",
    "services/specialties/": "a part of services/",
}


def test_the_index_links_to_every_list(anyone: Caller, document: Document) -> None:
    lists = {
        path.removeprefix(PREFIX)
        for path, methods in document.content["paths"].items()
        if "get" in methods and "{" not in path
    }
    linked = {url.partition(PREFIX)[2] for url in anyone.get("").get_json()["links"].values()}
    assert lists - linked == set(NOT_LINKED), "link it (_LINKS in clinic/api/openapi.py), or say here why not"


def test_the_guide_names_every_resource(root: Path, document: Document) -> None:
    guide = (root / "docs" / "api.md").read_text(encoding="utf-8")
    resources = {path.removeprefix(PREFIX).partition("/")[0] for path in document.content["paths"]} - {""}
    assert {each for each in resources if f"{each}/" not in guide} == set(), "say in docs/api.md what it is for"


@pytest.mark.parametrize("path", ["docs/", "redoc/"])
def test_its_pages_use_local_files_only(anyone: Caller, path: str) -> None:
    answer = anyone.get(path)
    assert answer.mimetype == "text/html"
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for url in re.findall(r'(?:src|href|data-schema)="([^"]+)"', answer.text):
        assert url.startswith("/")
        with anyone.client.get(url) as file:
            assert file.status_code == 200
    assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text)


def test_the_known_vital_signs_are_the_domains(document: Document) -> None:
    described = document.content["components"]["schemas"]["RecordEntry"]["properties"]["vital_signs"]["description"]
    known = [records.BLOOD_PRESSURE, *records.VITALS]
    assert re.findall(r"`(\w+)`", described) == known
