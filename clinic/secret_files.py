"""Secrets that stand in files: a variable like SECRET_KEY_FILE names one that holds the value of SECRET_KEY.

So Docker, Kubernetes and systemd hand secrets on: an environment is seen by ``docker inspect`` and by child processes, a
file by whom its mode lets. Knows no setting by name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: What the name of a setting ends with where a file holds its value.
SUFFIX = "_FILE"


@dataclass
class SecretFiles:
    """What was found in files and what is wrong with the rest, by the name of the setting."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    #: Each begins with a variable's name and shows no value.
    problems: dict[str, str] = field(default_factory=dict)


def read(names: Iterable[str], environment: Mapping[str, str], root: Path) -> SecretFiles:
    """Return the values of the settings ``names`` that ``environment`` says to be in files.

    A relative path begins at ``root``. An empty variable is none, as for every setting.
    """
    found = SecretFiles()
    for name in names:
        path = environment.get(name + SUFFIX)
        if not path:
            continue
        if environment.get(name):
            found.problems[name] = f"{name} and {name}{SUFFIX} are both set: one of them has to go"
            continue
        try:
            found.values[name] = _value(root / path)
        except ValueError as problem:
            found.problems[name] = f"{name}{SUFFIX} {problem}"
    return found


def _value(file: Path) -> str:
    """Return what a file holds, without the newline at its end; ``ValueError`` says why that is no value."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"can't be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ValueError("must name a text file in UTF-8") from None
    value = text.rstrip("\r\n")
    if not value.strip():
        raise ValueError("names an empty file")
    if not value.isprintable():
        raise ValueError("must name a file with one line and no control characters")
    return value
