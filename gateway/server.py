"""Serving the gateway with uvicorn, set up as the gateway needs it."""

import uvicorn
from fastapi import FastAPI

from gateway.widget.frames import LONGEST_FRAME


def make_server(app: FastAPI, *, host: str, port: int) -> uvicorn.Server:
    """A server for ``app``; ``await server.serve()`` or ``server.run()`` runs it until a signal.

    Logging is left to the caller. Behind a proxy that ends TLS, set ``FORWARDED_ALLOW_IPS``.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            # The older "websockets" uses an interface that both packages are giving up.
            ws="websockets-sansio",
            # Larger frames end the connection while they are read; never all in memory.
            ws_max_size=LONGEST_FRAME,
            # Messages are small; a compressor for each of thousands of idle sockets is not.
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )
