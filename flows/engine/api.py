"""The Prefect API that this process talks to."""

import ipaddress
from urllib.parse import urlsplit

from prefect.settings import get_current_settings

__all__ = ["api_is_local"]


def api_is_local() -> bool:
    """Tell whether Prefect's API is on this machine: only then may captions and uris be sent to it."""
    host = urlsplit(get_current_settings().api.url or "").hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
