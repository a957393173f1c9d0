from enum import StrEnum

class Interfaces(StrEnum):
    WSGI = "wsgi"
