"""What may leave of a trace: a list of attributes, and names in which nobody's words stand. Knows no OpenTelemetry.

A span tells of a request its route, status and time, and of a statement its text with placeholders: what docs/security.md lets
logs say of a request, less the address and who asked.
"""

from collections.abc import Mapping

#: What leaves of a span or event: by the older names of the conventions and by the newer. The database's own name isn't among
#: them: SQLite's is a path.
ALLOWED = frozenset(
    {
        *("http.method", "http.request.method", "http.route", "http.scheme", "url.scheme"),
        *("http.status_code", "http.response.status_code", "http.flavor", "network.protocol.version"),
        *("db.system", "db.system.name", "db.statement", "db.query.text", "db.operation.name"),
        *("error.type", "exception.type"),
    }
)
ROUTE = "http.route"


def allowed(attributes: Mapping[str, object] | None) -> dict[str, object]:
    """Return those attributes that may leave."""
    return {name: value for name, value in (attributes or {}).items() if name in ALLOWED}


def name_of(name: str, attributes: Mapping[str, object] | None) -> str:
    """Return a span's name; all but a request's for a page of ours is cut to its first word.

    A request for no page of ours is named by its path, a statement by the name of the database, which may be a path.
    """
    return name if ROUTE in (attributes or {}) else name.partition(" ")[0]
