"""The processes of `waspada run` and `waspada demo`: collector, stream, worker and API, put together."""

from __future__ import annotations

import socket

from crawler.posts.stream import stream_main
from crawler.process import collector_main
from waspada.cli.children import api_main, worker_main
from waspada.cli.supervisor import ChildSpec
from waspada.errors import SettingsError
from waspada.settings import LOOPBACK, Settings
from waspada.sources.extras import missing_extra
from waspada.sources.types import SourceKind


def listen(settings: Settings) -> socket.socket:
    """The listening socket, held by the supervisor so that a restarted API keeps its port. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingsError(
            f"The address {settings.host}:{settings.port} cannot be used: {error}.",
            hint="Name another port with --port, or stop what listens there.",
        ) from None
    return listener


def address(listener: socket.socket) -> str:
    """The address people type: http://127.0.0.1:8765."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_open(settings: Settings) -> bool:
    """Whether the API listens beyond this machine."""
    return settings.host not in LOOPBACK


def children(
    settings: Settings,
    listener: socket.socket,
    allowed_hosts: frozenset[str] = frozenset(),
    *,
    only_allowed: bool = False,
) -> list[ChildSpec]:
    """The reader of streams is there with the extra `posts` only, and not where only `allowed_hosts` are asked."""
    streams = not only_allowed and missing_extra(SourceKind.BLUESKY) is None
    return [
        ChildSpec(
            "collector", collector_main, (settings,), {"allowed_hosts": allowed_hosts, "only_allowed": only_allowed}
        ),
        *([ChildSpec("stream", stream_main, (settings,), {"allowed_hosts": allowed_hosts})] if streams else []),
        ChildSpec("worker", worker_main, (settings,)),
        ChildSpec("api", api_main, (settings, listener)),
    ]
