from enum import StrEnum

class Interfaces(StrEnum):
    WSGI = "wsgi"

class HTTPModes(StrEnum):
    http1 = "1"
