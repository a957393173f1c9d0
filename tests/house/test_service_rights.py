"""What the services of ``compose.yaml`` may do: the capabilities that they need, and the database by a role that can't rewrite it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def test_services_have_the_capabilities_that_they_need_and_no_other(compose: dict[str, Any]) -> None:
    added = {name: service.get("cap_add", []) for name, service in compose["services"].items()}
    assert all(service["cap_drop"] == ["ALL"] for service in compose["services"].values())
    assert {name: given for name, given in added.items() if given} == {
        "proxy": ["NET_BIND_SERVICE"],
        "postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
        "redis": ["SETGID", "SETUID"],
    }


def test_counters_that_still_count_are_not_pushed_out(compose: dict[str, Any]) -> None:
    command = compose["services"]["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "volatile-ttl"


def test_who_serves_knows_no_owner_of_the_tables(compose: dict[str, Any], root: Path) -> None:
    with_owner = {name for name, each in compose["services"].items() if "database_owner_url" in each.get("secrets", [])}
    assert with_owner == {"migrate", "backup"}
    postgres, deploy = compose["services"]["postgres"], root / "deploy"
    assert postgres["environment"]["POSTGRES_USER"] != "clinic", "the image makes a superuser of this name"
    assert "./deploy/postgres/roles.sh:/docker-entrypoint-initdb.d/roles.sh:ro" in postgres["volumes"]
    assert os.access(deploy / "postgres" / "roles.sh", os.X_OK)
    made, roles = ((deploy / name).read_text(encoding="utf-8") for name in ("make-secrets.sh", "postgres/roles.sh"))
    for role in ("clinic", "clinic_owner"):
        assert f'CREATE ROLE "{role}" LOGIN' in roles
        assert f"postgresql://{role}:%s@postgres:5432/clinic'" in made
