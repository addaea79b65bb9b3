"""The Prefect server and the proxies before it, for ``ilime doctor``."""

import os
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from rich.console import Console

from flows.console.findings import Finding, ok, warning, wrong
from flows.engine.execution_home import default_home, execution_home
from flows.engine.local_server import local_server
from ilime_core.errors import IlimeError

__all__ = ["engine", "proxies"]

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_TIMEOUT_S = 10.0
_ON_ANY = frozenset({"dask", "ray"})


def engine(runner: str) -> Finding:
    """Check that the server of PREFECT_API_URL answers, or that one of ilime's own starts."""
    url = os.environ.get("PREFECT_API_URL")
    if runner == "inline":
        return ok("engine", "runner inline needs no Prefect server")
    if url:
        return _given(url)
    if runner in _ON_ANY:
        return wrong(
            "engine", f"runner {runner} needs a server: prefect server start, and PREFECT_API_URL set to it"
        )
    start = time.monotonic()
    try:
        with execution_home(default_home()) as folder, local_server(folder) as server:
            server.wait(Console(quiet=True))
    except IlimeError as error:
        return wrong("engine", str(error))
    return ok("engine", f"a Prefect server of ilime's own starts in {time.monotonic() - start:.0f} s")


def proxies() -> Finding:
    """Check that requests to this machine do not go through a proxy."""
    names = sorted(name for name in os.environ if name.lower() in {"http_proxy", "https_proxy", "all_proxy"})
    if not names:
        return ok("proxies", "none set")
    said = f"{', '.join(names)} set"
    host = _place(os.environ.get("PREFECT_API_URL", ""))[0]
    if host in _LOCAL and not urllib.request.proxy_bypass(host):
        cure = "export NO_PROXY=127.0.0.1,localhost"
        return warning(
            "proxies", f"{said}, and PREFECT_API_URL on this machine would go through them: {cure}"
        )
    return ok("proxies", f"{said}; this machine's own addresses are reached directly")


def _given(url: str) -> Finding:
    host, shown = _place(url)
    if not host:
        return wrong("engine", "PREFECT_API_URL is not a URL; it looks like http://127.0.0.1:4200/api")
    request = urllib.request.Request(f"{url.rstrip('/')}/health")  # noqa: S310 - the scheme is checked in _place
    # As the engine does: no proxy leads to this machine itself.
    opener = urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if host in _LOCAL else []))
    try:
        with opener.open(request, timeout=_TIMEOUT_S) as reply:
            reply.read(1)
    except urllib.error.HTTPError as error:
        if error.code in {401, 403}:
            return ok("engine", f"{shown} answers, and wants the credentials that Prefect's settings hold")
        return wrong("engine", f"{shown} answers {error.code} to /health: does the URL end in /api?")
    except (urllib.error.URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        cure = "start it (prefect server start), correct PREFECT_API_URL, or unset it"
        return wrong("engine", f"{shown} does not answer ({why}): {cure}")
    return ok("engine", f"the Prefect server {shown} answers")


def _place(url: str) -> tuple[str, str]:
    """Host, and the URL without its credentials."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "", ""
    if parts.scheme not in {"http", "https"} or not host:
        return "", ""
    return host, f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"
