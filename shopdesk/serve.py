"""The three processes, each put together from the settings and served until it is told to stop.

Imports stand inside the functions: the gateway must start in a second and load no model.
"""

import logging
import os
import socket

from shopdesk.errors import StartError
from shopdesk.keys import load_keys
from shopdesk.prepare import MODEL_NAME
from shopdesk.processes import rasa_arguments, rasa_environment
from shopdesk.settings import ROOT, Settings


def serve_gateway(settings: Settings) -> None:
    """Serve the public gateway."""
    from gateway.app import create_app
    from gateway.channels.configure import make_channels
    from gateway.server import make_server
    from knowledge_base.language import detect_language

    keys = load_keys(settings)
    app = create_app(
        database_url=settings.database,
        rasa_url=settings.rasa,
        rasa_token=keys.internal,
        actions_url=settings.actions,
        action_token=keys.internal,
        secret=keys.session,
        files_dir=settings.files_dir,
        # The port is taken before this name is used, so no two on a machine have the same.
        name=f"{socket.gethostname()}:{settings.port}",
        detect_language=detect_language,
        session_days=settings.session_days,
        allowed_origins=settings.allowed_origins,
        identity_secret=settings.identity_secret,
        identity_public_key=settings.identity_public_key,
        file_scan_command=settings.file_scan_command,
        channels=make_channels(settings.channels),
        limits=settings.limits,
        limits_storage=settings.limits_storage,
    )
    server = make_server(app, host=settings.host, port=settings.port)
    server.run(sockets=[server.config.bind_socket()])


def serve_actions(settings: Settings) -> None:
    """Load the knowledge and serve Rasa's custom actions."""
    from actions.server import make_server, serve
    from shopdesk.knowledge import load_knowledge
    from shopdesk.shop import load_returns, load_shop

    knowledge, index = load_knowledge(settings)
    shop, returns = load_shop(settings), load_returns(settings)
    app = make_server(knowledge, index, load_keys(settings).internal, shop, returns)
    serve(app, settings.actions_host, settings.actions_port)


def serve_rasa(settings: Settings) -> None:
    """Become Rasa: this process is replaced by its command.

    Raises:
        StartError: the model has not been trained.
    """
    model = settings.bot_dir / MODEL_NAME
    if not model.exists():
        raise StartError(f"There is no dialogue model at {model}.", "run `make train`.")
    arguments = rasa_arguments(settings, model)
    os.chdir(ROOT)
    os.execve(arguments[0], arguments, rasa_environment(settings, load_keys(settings)))  # noqa: S606


def configure_log(level: str) -> None:
    """One line an event, with its time and where it came from."""
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    # httpx logs every request, which are several a message.
    logging.getLogger("httpx").setLevel(logging.WARNING)
