"""Calls from one service to another, and the three ways in which such a call can end."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2

from chassis.breaker import Breaker, CircuitOpen

RETRY_AFTER_SECONDS = 1.0
# Waiting for a free connection and connecting must both give up before the whole call does, because only
# then is it still certain that nothing was sent.
SHARE_OF_TIMEOUT_TO_CONNECT = 0.4
# uvicorn closes an idle connection after 5 s. Whoever reuses one at that moment cannot know whether the
# request was still read, so ours are given up earlier.
LIMITS = httpx2.Limits(max_connections=100, keepalive_expiry=3)


class NotSent(Exception):  # noqa: N818 - an outcome that callers name
    """The call certainly did not reach the other side: nothing has happened there."""

    def __init__(self, service: str, reason: str, retry_after: float = RETRY_AFTER_SECONDS) -> None:
        super().__init__(f"{service} was not called: {reason}")
        self.service = service
        self.retry_after = retry_after


class _Unreachable(NotSent):
    """Not sent because of the other side, not because of our own: this one counts as its failure."""


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome that callers name
    """The call was sent, or may have been, and no valid answer came: it may have happened there or not."""

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service} gave no valid answer: {reason}")
        self.service = service


def new_http() -> httpx2.AsyncClient:
    """The one client of a process, with the connections that all its ServiceClients share.

    Services are called by their own address: no proxy or .netrc of the environment (trust_env) has a say.
    """
    return httpx2.AsyncClient(limits=LIMITS, trust_env=False)


class ServiceClient:
    """Calls another service once, never again: who calls knows whether the call may be repeated.

    Use it with httpx2's own transport only. See docs/decisions/0003-circuit-breaker-adapter.md.
    """

    def __init__(
        self, http: httpx2.AsyncClient, name: str, base_url: str, breaker: Breaker, *, timeout: float
    ) -> None:
        self.name = name
        self._http = http
        self._base_url = base_url.rstrip("/")
        self.breaker = breaker
        self._timeout = timeout
        to_connect = timeout * SHARE_OF_TIMEOUT_TO_CONNECT
        self._connect_timeout = httpx2.Timeout(None, connect=to_connect, pool=to_connect)

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, json: Any = None
    ) -> httpx2.Response:
        """Give the answer, if its status is below 500; else raise NotSent or OutcomeUnknown."""
        try:
            with self.breaker.guard(failures=(_Unreachable, OutcomeUnknown)):
                answer = await self._send(method, path, headers, json)
                if answer.status_code >= 500:
                    raise OutcomeUnknown(self.name, f"status {answer.status_code}")
                return answer
        except CircuitOpen as refused:
            raise NotSent(self.name, str(refused), refused.retry_after) from refused

    async def _send(
        self, method: str, path: str, headers: Mapping[str, str] | None, json: Any
    ) -> httpx2.Response:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._http.request(
                    method, self._base_url + path, headers=headers, json=json, timeout=self._connect_timeout
                )
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise _Unreachable(self.name, _describe(error)) from error
        except (httpx2.PoolTimeout, httpx2.LocalProtocolError, httpx2.UnsupportedProtocol) as error:
            # Our own connections are all taken, or the request is malformed: nothing against the other side.
            raise NotSent(self.name, _describe(error)) from error
        except TimeoutError as error:
            raise OutcomeUnknown(self.name, f"no answer within {self._timeout:g} s") from error
        except httpx2.RequestError as error:
            raise OutcomeUnknown(self.name, _describe(error)) from error


def _describe(error: Exception) -> str:
    return f"{type(error).__name__} {error}".rstrip()
