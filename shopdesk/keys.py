"""The two secrets of an installation: made once, kept in the state folder, for its owner only."""

import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from shopdesk.errors import SettingsError
from shopdesk.settings import Settings


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets of this installation.

    Attributes:
        session: signs the customers' session tokens; a new one ends every session.
        internal: the token that the gateway, Rasa and the action server share.
    """

    session: str
    internal: str


def load_keys(settings: Settings) -> Keys:
    """The keys from the settings where they are set, else from ``keys.json``, made when missing.

    Raises:
        SettingsError: ``keys.json`` is there but cannot be used.
    """
    if settings.session_secret and settings.internal_token:
        return Keys(settings.session_secret, settings.internal_token)
    kept = _read_or_make(settings.state_dir / "keys.json")
    return Keys(settings.session_secret or kept.session, settings.internal_token or kept.internal)


def _read_or_make(path: Path) -> Keys:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {"session": secrets.token_urlsafe(32), "internal": secrets.token_urlsafe(32)}
        # mkstemp makes a file that only its owner can read.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".keys-")
        draft = Path(name)
        with open(descriptor, "w") as file:
            json.dump(made, file)
        try:
            # Two processes may start at once: the first one's keys stay.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    try:
        kept = json.loads(path.read_text())
        return Keys(session=kept["session"], internal=kept["internal"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"The keys in {path} cannot be used ({type(error).__name__}: {error}); expected a JSON "
            "object with the texts `session` and `internal`.",
            "restore it from a backup, or remove it to have new keys made (customers then start "
            "new conversations).",
        ) from error
