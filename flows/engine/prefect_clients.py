"""Connections of Prefect's clients to their server: through no proxy, and with a time limit."""

import logging
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from prefect.client.base import PrefectHttpxAsyncClient, PrefectHttpxSyncClient
from prefect.events.clients import NullEventsClient
from prefect.events.worker import EventsWorker
from prefect.logging.handlers import set_api_log_sink

from flows.engine.engine_watch import server_lost
from flows.engine.local_server import EngineError

__all__ = ["bounded_clients", "direct_clients", "fall_silent"]

_SERVICES = ("prefect._internal.concurrency", "prefect.events", "prefect.client")
_KINDS = (PrefectHttpxSyncClient, PrefectHttpxAsyncClient)


@contextmanager
def direct_clients() -> Generator[None]:
    """Let clients that are made within ignore the proxies of the environment: none leads to this machine."""

    def without(make: Callable[..., None]) -> Callable[..., None]:
        def init(self: object, *arguments: Any, **named: Any) -> None:
            make(self, *arguments, **({"trust_env": False} | named))

        return init

    with ExitStack() as stack:
        for kind in _KINDS:
            stack.enter_context(_replaced(kind, "__init__", without))
        yield


@contextmanager
def bounded_clients() -> Generator[None]:
    """Requests within are not tried again once the server is lost, where Prefect would for minutes.

    They raise EngineError then.
    """

    def bounded(send_with_retry: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: object, request: object, send: Callable[..., Any], *more: Any, **named: Any) -> Any:
            def once(*arguments: Any, **further: Any) -> Any:
                if reason := server_lost():
                    raise EngineError(f"the Prefect server {reason}")
                return send(*arguments, **further)

            return send_with_retry(self, request, once, *more, **named)

        return call

    with ExitStack() as stack:
        for kind in _KINDS:
            stack.enter_context(_replaced(kind, "_send_with_retry", bounded))
        try:
            yield
        finally:
            if server_lost():
                _speak_again()


def fall_silent() -> None:
    """Let Prefect's background services forget what no server will take, and say nothing of it."""
    set_api_log_sink(lambda _: None)
    EventsWorker.set_client_override(NullEventsClient)
    logging.raiseExceptions = False
    for name in _SERVICES:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _speak_again() -> None:
    set_api_log_sink(None)
    EventsWorker.set_client_override(None)
    logging.raiseExceptions = True
    for name in _SERVICES:
        logging.getLogger(name).setLevel(logging.NOTSET)


@contextmanager
def _replaced(kind: type, name: str, change: Callable[[Callable[..., Any]], object]) -> Generator[None]:
    known = getattr(kind, name)
    setattr(kind, name, change(known))
    try:
        yield
    finally:
        setattr(kind, name, known)
