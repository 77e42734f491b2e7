"""`python -m orchestrator.approvals list | approve ID | deny ID`: what waits for a person, and that person's word."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys

from pydantic import ValidationError

from orchestrator.backoffice.opening import Opening
from orchestrator.backoffice.schema import Approval
from orchestrator.cases.deciding import Decisions
from orchestrator.cases.form_words import FormWords
from orchestrator.cases.wording import Wording
from orchestrator.dialogue.forms import Forms
from orchestrator.journal.keys import Keys
from orchestrator.journal.redis_marks import RedisAmendments
from orchestrator.journal.store import Store, open_redis
from orchestrator.reply.templates import Templates
from orchestrator.retrieval.knowledge import load_knowledge
from orchestrator.settings import OrchestratorSettings
from orchestrator.tools.catalogue import ShopTools
from servicekit.errors import ServiceError
from servicekit.settings import explain

_ZONE = "Asia/Shanghai"


def arguments() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="python -m orchestrator.approvals", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="what waits, oldest first")
    listing.add_argument("--tenant", default="default")
    for name, about in (("approve", "do it"), ("deny", "do not do it")):
        deciding = commands.add_parser(name, help=about)
        deciding.add_argument("approval", help="its number, AP…")
        deciding.add_argument("--by", default=getpass.getuser(), help="who decides")
        deciding.add_argument("--note", default="", help="for the record")
    return parser


async def run(settings: OrchestratorSettings, asked: argparse.Namespace) -> str:
    """Carries out a command; what is printed.

    Raises:
        ServiceError: APPROVAL_UNKNOWN, APPROVAL_DECIDED, BACKOFFICE_UNAVAILABLE.
    """
    opening = Opening(settings.database_url, settings.data_dir, tenant=settings.shop_tenant, demo_shop=False)
    client = open_redis(settings.redis_url, cluster=settings.redis_cluster)
    shop = ShopTools(opening.office)
    try:
        if asked.command == "list":
            waiting = await shop.approvals.pending(asked.tenant)
            return "\n".join(map(line, waiting)) or "nothing waits for a person"
        amendments = RedisAmendments(Store(client, Keys(settings.redis_prefix), settings.limits))
        words, templates = FormWords(Wording(_ZONE)), Templates(load_knowledge())
        decisions = Decisions(shop, amendments, Forms(), words, templates)
        try:
            made = await decisions.decide(
                asked.approval, agree=asked.command == "approve", by=asked.by[:128], note=asked.note[:500]
            )
        except ServiceError as error:
            if error.reason != "UNAVAILABLE":
                raise
            # What was decided is done and stays; only the conversation could not be reached.
            return f"{asked.approval} is decided: the customer will be told when the conversation store answers again"
        return f"{made.approval.id} {made.approval.status}: the customer has been told"
    finally:
        await client.aclose()
        await opening.office.database.close()


def line(approval: Approval) -> str:
    """An approval in one line."""
    amount = approval.amount.text("en")
    return f"{approval.id}  {approval.created_at:%Y-%m-%d %H:%M}Z  {approval.tool}  {amount}  {approval.why}"


def main() -> int:
    """Runs the command; 1 when it cannot be done, 2 when the settings are wrong."""
    asked = arguments().parse_args()
    try:
        settings = OrchestratorSettings()
        print(asyncio.run(run(settings, asked)))
    except ValidationError as error:
        print(explain(error, "orchestrator"), file=sys.stderr)
        return 2
    except ServiceError as error:
        print(f"{error.reason}: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
