"""Who is at the desk: an API key or token in a header, or a browser's session in a cookie.

A session is sealed and short; it is renewed while it is used and ends when the key or token behind it does. A request
that changes something and has only a cookie must come from our own page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from gateway.desk.used_links import UsedLinks
from gateway.tokens import invalid_token
from gateway.trust.authenticator import Authenticator
from gateway.trust.budget import Budget
from gateway.trust.identity import Identity, require
from servicekit.desk_login import read_login
from servicekit.errors import ServiceError, exhausted, forbidden, unauthenticated
from servicekit.sealing import Seal
from servicekit.tenants import Scope

COOKIE = "stickerdesk_desk"
PATH = "/v1/desk"
HEADER = "x-stickerdesk-desk"
_LIFE_S = 3600.0
_LONGEST_S = 12 * 3600.0
_SAFE = frozenset({"GET", "HEAD"})
_KINDS: dict[str, Literal["token", "key"]] = {"token": "token", "key": "key"}


class DeskSessions:
    """Lets people in.

    Args:
        secret: The edge's key; replicas share it.
        authenticator: Reads keys and tokens.
        budget: How many requests a person may send.
        used: Which links were used.
        secure: Whether cookies are for HTTPS alone.
        clock: Wall clock in seconds since 1970.
    """

    def __init__(
        self, secret: bytes, authenticator: Authenticator, budget: Budget, used: UsedLinks, *, secure: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._secret, self._authenticator, self._budget = secret, authenticator, budget
        self._secure, self._clock = secure, clock
        self._seal = Seal(secret, "desk session")
        self._used = used

    async def admitted(self, request: Request) -> Identity:
        """Who asks; they may be at the desk and are not too fast.

        Raises:
            ServiceError: TOKEN_MISSING, TOKEN_INVALID (401), TOKEN_EXPIRED, TOKEN_REVOKED, SCOPE_MISSING,
                ORIGIN_FORBIDDEN (403), RATE_LIMITED (429).
        """
        authorization, origin = request.headers.get("authorization"), request.headers.get("origin")
        if authorization is not None:
            identity = await self._authenticator.authenticate(authorization, origin=origin)
        else:
            identity = self._of_cookie(request)
            if request.method not in _SAFE:
                check_own_page(request)
        require(identity, Scope.AGENT)
        if (wait_s := self._budget.spend(identity)) > 0.0:
            raise exhausted("RATE_LIMITED", "too many requests, wait a moment", retry_after_s=wait_s)
        return identity

    async def begin(self, key: str, login: str) -> Identity:
        """Who comes in with a key or token, or by a link; a link is good once.

        Raises:
            ServiceError: As of `admitted`.
        """
        if login:
            return self._by_link(login)
        return require(await self._authenticator.resolve(key), Scope.AGENT)

    def check(self, identity: Identity) -> None:
        """Raises when somebody who was let in may stay no longer.

        Raises:
            ServiceError: As of `admitted`.
        """
        if (error := self._authenticator.withdrawn(identity)) is not None:
            raise error
        if self._clock() > identity.expires_at_s:
            raise forbidden("TOKEN_EXPIRED", "the session is over, log in again")

    def _by_link(self, word: str) -> Identity:
        login = read_login(self._secret, word, self._clock)
        if login is None or not self._used.take(login):
            raise invalid_token()
        now_s = self._clock()
        identity = Identity(
            f"link:{login.name}", login.tenant, now_s, now_s + _LONGEST_S, frozenset({Scope.AGENT}), "token", login.id,
            login.name,
        )  # fmt: skip
        self.check(identity)
        return identity

    def keep(self, identity: Identity, answer: Response, *, end_s: float | None = None) -> Response:
        """Gives the browser its session; it reads it never, and sends it to the desk alone."""
        now_s = self._clock()
        end_s = min(now_s + _LONGEST_S, identity.expires_at_s) if end_s is None else end_s
        until_s = min(now_s + _LIFE_S, end_s)
        facts = {
            "sub": identity.subject, "tenant": identity.tenant, "kind": identity.kind, "id": identity.token_id,
            "name": identity.name, "scopes": sorted(identity.scopes), "iat": identity.issued_at_s, "exp": until_s,
            "end": end_s,
        }  # fmt: skip
        self._cookie(answer, self._seal.close(facts), max_age=max(0, int(until_s - now_s)))
        return answer

    def renew(self, request: Request, identity: Identity, answer: Response) -> Response:
        """The same session for longer, when it came by a cookie."""
        facts = self._facts(request)
        if request.headers.get("authorization") is None and facts is not None:
            self.keep(identity, answer, end_s=facts["end"])
        return answer

    def drop(self, answer: Response) -> Response:
        """Ends the browser's session."""
        self._cookie(answer, "", max_age=0)
        return answer

    def _cookie(self, answer: Response, value: str, *, max_age: int) -> None:
        answer.set_cookie(
            COOKIE, value, max_age=max_age, path=PATH, secure=self._secure, httponly=True, samesite="strict"
        )

    def _facts(self, request: Request) -> dict[str, Any] | None:
        return self._seal.open(request.cookies.get(COOKIE, ""))

    def _of_cookie(self, request: Request) -> Identity:
        if COOKIE not in request.cookies:
            raise unauthenticated("TOKEN_MISSING", "log in, or send a key: Authorization: Bearer …")
        facts = self._facts(request)
        if facts is None:
            raise invalid_token()
        identity = Identity(
            facts["sub"], facts["tenant"], facts["iat"], facts["exp"], frozenset(map(Scope, facts["scopes"])),
            _KINDS[facts["kind"]], facts["id"], facts["name"],
        )  # fmt: skip
        self.check(identity)
        return identity


def check_own_page(request: Request) -> None:
    """Lets a request with a cookie through when our own page sent it.

    Raises:
        ServiceError: ORIGIN_FORBIDDEN (403).
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    own = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    if HEADER not in request.headers or (site != "same-origin" if site is not None else not own):
        raise _foreign()


def _foreign() -> ServiceError:
    return forbidden("ORIGIN_FORBIDDEN", "the desk's own page sends this")
