from enum import StrEnum

class LogLevels(StrEnum):
    warning = "warning"
