"""The `stickerdesk` command. Each command imports what it needs, so that `--help` answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")  # parts are started by exec; gRPC need not follow the fork
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

import typer

from launcher import settings as settings_module
from launcher.errors import LauncherError
from servicekit.tenants import Scope

app = typer.Typer(
    name="stickerdesk",
    help="Customer service that reads and speaks stickers, on one machine.\n\n"
    "Settings come from the environment or `.env`: STICKERDESK_DATA_DIR (default .stickerdesk), "
    "STICKERDESK_GATEWAY_LISTEN (default 127.0.0.1:8700), and STICKERDESK_TRITON_URL, STICKERDESK_REDIS_URL, "
    "STICKERDESK_DATABASE_URL, STICKERDESK_LLM_BASE_URL / _LLM_API_KEY / _LLM_MODEL to use parts that run elsewhere.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
packs = typer.Typer(help="The sticker packs of a running stack.", no_args_is_help=True)
app.add_typer(packs, name="packs")
keys = typer.Typer(help="API keys of tenants, in the tenants file.", no_args_is_help=True)
app.add_typer(keys, name="keys")
approvals = typer.Typer(help="What waits for a person's word in a running stack.", no_args_is_help=True)
app.add_typer(approvals, name="approvals")

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="The stack's data folder.", envvar="STICKERDESK_DATA_DIR")
]
TenantsFile = Annotated[
    Path | None, typer.Option("--file", help="The tenants file.", envvar="STICKERDESK_TENANTS_FILE")
]


def _settings(data_dir: Path | None) -> settings_module.LauncherSettings:
    if data_dir is not None:
        os.environ["STICKERDESK_DATA_DIR"] = str(data_dir)
    return settings_module.load()


@app.command()
def up(data_dir: DataDir = None) -> None:
    """Start everything on this machine and keep it running until Ctrl-C.

    The first start installs the embedded Triton. A second start on the same data folder finds its conversations again.
    """
    from launcher.up import up as run

    run(_settings(data_dir))


@app.command()
def doctor(
    data_dir: DataDir = None, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Tell what is up, in which version, embedded or external, and what is missing.

    Ends with 0 when a stack runs and every part of it serves, else with 1. What it says of the database and of language
    models it reads from the environment: give it the one that the stack was started with.
    """
    from launcher.doctor import examine, show

    report = examine(_settings(data_dir))
    show(report, as_json=as_json)
    raise typer.Exit(0 if report.healthy else 1)


@app.command()
def chat(
    text: Annotated[str | None, typer.Argument(help="What to say; without it, lines are read from the input.")] = None,
    data_dir: DataDir = None,
    url: Annotated[str | None, typer.Option(help="The gateway; default: the running stack's.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Begin a new conversation as a new visitor.")] = False,
    timeout_s: Annotated[float, typer.Option("--timeout", min=1, help="Seconds to wait for each answer.")] = 60.0,
) -> None:
    """Say something to the running stack and read the answer as it streams in."""
    from launcher.chat import talk

    talk(_settings(data_dir), text, url=url, new=new, timeout_s=timeout_s)


@app.command()
def forget(
    customer: Annotated[str, typer.Argument(help="The customer's id: the subject of the token.")],
    data_dir: DataDir = None,
    tenant: Annotated[str, typer.Option(help="The merchant.")] = "default",
) -> None:
    """Erase a customer: conversations, what the shop knows of the person, pictures; while everything is running.

    Orders, invoices and refunds, which the law asks for, stay without a name. Prints what was erased; ends with 1 when
    nothing is known of the customer. Calling it again changes nothing. Where pictures are it reads from the environment
    (STICKERDESK_PICTURES_URL): give it the one that the stack was started with.
    """
    from launcher.forget import forget as run

    run(_settings(data_dir), customer, tenant=tenant)


@app.command()
def desk(
    data_dir: DataDir = None,
    name: Annotated[str, typer.Option(help="What customers read.")] = "Anna",
    tenant: Annotated[str, typer.Option(help="The merchant.")] = "default",
) -> None:
    """Print a link into the agent desk of the running stack; it is good for one login."""
    from launcher.desk import show

    show(_settings(data_dir), name=name, tenant=tenant)


@packs.command("list")
def packs_list(data_dir: DataDir = None) -> None:
    """List the packs."""
    from launcher.packs import list_packs

    list_packs(_settings(data_dir))


@packs.command("add")
def packs_add(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A pack's zip archive.")],
    data_dir: DataDir = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a pack of the same id.")] = False,
) -> None:
    """Add a pack; it is there at once and stays over restarts."""
    from launcher.packs import add_pack

    add_pack(_settings(data_dir), file, replace=replace)


@keys.command("create")
def keys_create(
    tenant: Annotated[str, typer.Argument(help="Whose key it is.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; repeat for several.")],
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[int | None, typer.Option("--expires-days", min=1, max=36500, help="Default: never.")] = None,
    add_tenant: Annotated[bool, typer.Option("--add-tenant", help="Add the tenant, and the file, if new.")] = False,
    file: TenantsFile = None,
) -> None:
    """Make a key; it is shown this once."""
    from launcher.keys import create

    create(file, tenant, name=name, scopes=[str(one) for one in scope], days=days, add_tenant=add_tenant)


@keys.command("list")
def keys_list(
    tenant: Annotated[str | None, typer.Argument(help="Only this tenant's.")] = None,
    file: TenantsFile = None,
    data_dir: DataDir = None,
) -> None:
    """List keys: what they may do, whether they are good, when they were last used."""
    from launcher.keys import show

    show(file, tenant, _settings(data_dir))


@keys.command("revoke")
def keys_revoke(
    key: Annotated[str, typer.Argument(help="The key's id, as `list` shows it.")], file: TenantsFile = None
) -> None:
    """Revoke a key; a running edge refuses it within seconds."""
    from launcher.keys import revoke

    revoke(file, key)


Decider = Annotated[str, typer.Option("--by", help="Who decides; default: the system's user.")]
Note = Annotated[str, typer.Option("--note", help="For the record.")]


@approvals.command("list")
def approvals_list(
    data_dir: DataDir = None, tenant: Annotated[str, typer.Option(help="The merchant.")] = "default"
) -> None:
    """List what waits, oldest first."""
    from launcher.approvals import decide

    decide(_settings(data_dir), "list", f"--tenant={tenant}")


@approvals.command("approve")
def approvals_approve(
    approval: Annotated[str, typer.Argument(help="Its number, AP…")],
    data_dir: DataDir = None,
    by: Decider = "",
    note: Note = "",
) -> None:
    """Do it; the customer is told."""
    from launcher.approvals import decide

    decide(_settings(data_dir), "approve", *_decision(by, note), "--", approval)


@approvals.command("deny")
def approvals_deny(
    approval: Annotated[str, typer.Argument(help="Its number, AP…")],
    data_dir: DataDir = None,
    by: Decider = "",
    note: Note = "",
) -> None:
    """Do not do it; the customer is told."""
    from launcher.approvals import decide

    decide(_settings(data_dir), "deny", *_decision(by, note), "--", approval)


def _decision(by: str, note: str) -> list[str]:
    return [f"--note={note}", *([f"--by={by}"] if by else [])]


def main() -> None:
    """Entry point: a known problem is a sentence and status 1, never a traceback."""
    try:
        app()
    except LauncherError as error:
        print(f"stickerdesk: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
