"""`stickerdesk desk`: links into the agent desk, made with the gateway's own key."""

from __future__ import annotations

import os

from launcher import runfile
from launcher.errors import LauncherError
from launcher.settings import LauncherSettings
from servicekit.desk_login import make_login

NAME = "Anna"
TENANT = "default"


def show(settings: LauncherSettings, *, name: str, tenant: str) -> None:
    """Prints a link.

    Raises:
        LauncherError: Nothing runs on the data folder, the name cannot be one, or the gateway's key is not to be had.
    """
    running = runfile.read(settings.data_dir)
    if running is None:
        raise LauncherError("Nothing runs on this data folder.", "Start it with `stickerdesk up`.")
    if not 1 <= len(name.strip()) <= 64 or not name.isprintable():
        raise LauncherError("A name has 1 to 64 characters that can be read.")
    print(link(settings, running.url, name=name.strip(), tenant=tenant))


def link(settings: LauncherSettings, url: str, *, name: str = NAME, tenant: str = TENANT) -> str:
    """A link into the desk; what stands behind its # is sent to nobody but the edge, by the page.

    Raises:
        LauncherError: The gateway's key is not to be had.
    """
    return f"{url}/desk/#login={make_login(_secret(settings), tenant, name)}"


def _secret(settings: LauncherSettings) -> bytes:
    configured = os.environ.get("STICKERDESK_GATEWAY_TOKEN_SECRET") or settings.token_secret
    if configured:
        return configured.encode()
    try:
        return (settings.data_dir / "gateway" / "token.key").read_bytes()
    except OSError as error:
        raise LauncherError(f"The gateway's key cannot be read: {error.strerror}.") from error
