"""The beginning of every server process: `--help` names its settings, and what keeps it from starting is one sentence.

Exit statuses: 0 after an orderly end, 1 when something outside is in the way (a port is taken, a folder cannot be
written), 2 when the settings are wrong and trying again is useless.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import SettingsError

from servicekit.errors import ServiceError
from servicekit.settings import SHARED_PREFIX, ServiceSettings, SettingRefused, explain

WRONG_SETTINGS = 2
CANNOT_START = 1

Settings = TypeVar("Settings", bound=ServiceSettings)


def start(kind: type[Settings], serve: Callable[[Settings], int | None], argv: Sequence[str] = ()) -> int:
    """Reads the settings and serves with them.

    Args:
        kind: The service's settings.
        serve: Runs the service until its end; what it returns is the exit status.
        argv: The words of the command line.

    Returns:
        The exit status.
    """
    if argv:
        return _tell(kind, argv)
    try:
        settings = kind()
    except ValidationError as error:
        return _refuse(kind, explain(error, kind.service), WRONG_SETTINGS)
    except SettingsError as error:  # a value that should be JSON is none; it may hold keys and is not repeated
        return _refuse(kind, f"{error}: it must be JSON", WRONG_SETTINGS)
    try:
        return serve(settings) or 0
    except SettingRefused as error:
        return _refuse(kind, f"{SHARED_PREFIX}{error.variable}: {error}", WRONG_SETTINGS)
    except ServiceError as error:
        return _refuse(kind, f"{error.message} ({error.reason})", CANNOT_START)
    except OSError as error:
        return _refuse(kind, f"{error}{_whose(error, settings)}", CANNOT_START)


def _refuse(kind: type[ServiceSettings], why: str, status: int) -> int:
    for line in why.splitlines():
        print(f"{kind.service}: {line}", file=sys.stderr)
    return status


def _whose(error: OSError, settings: ServiceSettings) -> str:
    """Names the variable of the data folder where that is what cannot be used."""
    inside = error.filename is not None and str(error.filename).startswith(str(settings.data_dir))
    return f" ({SHARED_PREFIX}DATA_DIR)" if inside else ""


def _tell(kind: type[ServiceSettings], words: Sequence[str]) -> int:
    if set(words) & {"-h", "--help"}:
        print(describe(kind))
        return 0
    return _refuse(kind, f"no arguments are taken, all is set by the environment; python -m {kind.service} --help", 2)


def describe(kind: type[ServiceSettings]) -> str:
    """Every setting with its variable, its default and what it means."""
    own = f"{SHARED_PREFIX}{kind.service.upper()}_"
    head = (
        f"python -m {kind.service}: all is set by the environment or `.env`.\n"
        f"{own}<NAME> is for this service, {SHARED_PREFIX}<NAME> for all of them; the first wins.\n"
    )
    return "\n".join([head, *(_line(name, field) for name, field in kind.model_fields.items())])


def _line(name: str, field: FieldInfo) -> str:
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, tuple | list):
        default = ",".join(map(str, default))
    shown = "" if default in (None, "", PydanticUndefined) or not field.repr else f" [{default}]"
    return f"  {name.upper()}{shown}" + (f"\n      {field.description}" if field.description else "")
