"""Entries of the audit for tests of its chain, and what somebody does to them who owns the tables."""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from clinic import clock
from clinic.audit import AuditAction, AuditEvent
from clinic.cli.audit_commands import audit_group
from clinic.db import Base, db, session, transaction
from clinic.policy import Role
from clinic.triggers import triggers_of

EVENTS, SEALS = Base.metadata.tables["audit_events"], Base.metadata.tables["audit_seals"]


def write(number: int, *, first: int | None = None, **more: Any) -> None:
    """Write so many entries, numbered from the ``first`` on."""
    line = {
        "actor_id": 1, "actor_role": Role.ADMIN, "session_id": 1, "deed": AuditAction.RECORD_READ, "patient_id": 2,
        "request_id": "r", "details": {"fields": ["tên", "phone"], "patients": [2, 7]}, "address": "198.51.100.7", "device": "", "at": clock.now(),
    }  # fmt: skip
    if not number:
        return
    with transaction() as current:
        rows = [line | {"subject_id": each} | more for each in range(1, number + 1)]
        if first is not None:
            rows = [row | {"id": first + place} for place, row in enumerate(rows)]
        current.execute(insert(EVENTS), rows)


def as_the_owner(*statements: str) -> None:
    """Do what only who owns the tables can: the triggers are gone for a moment, and back."""
    with db.engine.begin() as connection:
        tables = ("audit_events", "audit_seals", "audit_event_patients")
        found = {table: triggers_of(connection, table) for table in tables}
        on_sqlite = connection.dialect.name == "sqlite"
        for table, definitions in found.items():
            for name in definitions:
                connection.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if on_sqlite else f" ON {table}"))
        for statement in statements:
            connection.execute(text(statement))
        for definitions in found.values():
            for statement in (each for definition in definitions.values() for each in definition):
                connection.exec_driver_sql(statement)
    # What was read before was another database.
    session().rollback()


def numbers() -> list[int]:
    """The entries by number."""
    return list(session().scalars(select(AuditEvent.id).order_by(AuditEvent.id)))


def run(app: Flask, *args: str) -> tuple[int, str]:
    """Run a command of the audit."""
    result = app.test_cli_runner().invoke(audit_group, args)
    return result.exit_code, result.output.strip()
