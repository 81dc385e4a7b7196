"""Keeping a customer's words from being taken as commands.

Rasa reads a message that begins with ``/`` as an intent: ``/restart`` wipes the conversation and
``/intent{"slot": "value"}`` sets slots. Only the server may say such things, by a quick reply
that it offered itself.
"""


def as_plain_text(text: str) -> str:
    """The text as the assistant may read it: never empty, and never beginning with ``/``.

    Rasa strips white space before it looks for the slash, and so must we.

    Example:
        >>> as_plain_text(" / /restart")
        'restart'
        >>> as_plain_text("and/or")
        'and/or'
    """
    stripped = text.strip()
    while stripped.startswith("/"):
        stripped = stripped.lstrip("/").lstrip()
    # Slashes alone mean nothing, but an empty message would be refused.
    return stripped or "?"
