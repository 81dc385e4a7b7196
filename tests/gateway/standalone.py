"""Runs the gateway on its own before an assistant that is only pretended.

    python tests/gateway/standalone.py --port 8000 --folder DIRECTORY

For working on the widget, and for tests that kill the process. Ask "slow ..." for an answer after
three seconds, "nothing ..." for one that does not answer, "person" for a handoff, "thanks" for
plain text, "bad" for a reply that cannot be read. With ``--rasa-url`` a given assistant is asked
instead.
"""

import argparse
import asyncio
import json
import logging
from pathlib import Path
from typing import Any

from gateway.app import create_app
from gateway.server import make_server
from gateway.texts import Language
from store.migrate import migrate

SECRET = "a secret for tests, never for a shop"


def detect_language(text: str, default: Language) -> Language:
    return "zh" if any("\u4e00" <= c <= "\u9fff" for c in text) else default


def answer(question: str, language: str) -> list[dict[str, Any]]:
    """What an assistant might reply."""
    words = question.lower()
    zh = language == "zh"
    person = {"title": "转人工客服" if zh else "Talk to a person", "payload": "/request_human"}
    if words == "/request_human" or "person" in words or "人工" in words:
        text = "我这就为您转接人工客服。" if zh else "I'm passing you to a colleague now."
        handoff = {"type": "handoff", "text": text, "language": language}
        return [{"custom": {**handoff, "reason": "customer_request"}}]
    if "thanks" in words or "谢谢" in words:
        return [{"text": "不客气！" if zh else "You're welcome!", "buttons": [person]}]
    if "bad" in words:
        return [{"custom": {"type": "answer"}}]
    known = "nothing" not in words
    source = {
        "id": f"{language}/faq/shipping#delivery-time",
        "title": "配送需要多久？" if zh else "How long does delivery take?",
        "url": "/help/shipping",
        "quote": "标准配送需要 2 到 4 天。" if zh else "Standard delivery takes 2 to 4 days.",
    }
    silent = "抱歉，我不知道。" if zh else "Sorry, I don't know that."
    payload = {
        "type": "answer",
        "text": source["quote"] if known else silent,
        "language": language,
        "answered": known,
        "reason": None if known else "weak_evidence",
        "writer": "extractive" if known else None,
        "confidence": 0.83 if known else 0.12,
        "latency_ms": 41.2,
        "question": question,
        "sources": [source] if known else [],
        "passages": [{"id": source["id"], "score": 0.91 if known else 0.2}],
        "quick_replies": [] if known else [person],
    }
    return [{"recipient_id": "x", "custom": payload}]


async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Rasa's channel and the two health checks, as far as the gateway asks for them."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            lines = head.decode().split("\r\n")
            length = next(
                (int(line[15:]) for line in lines if line.lower().startswith("content-length:")), 0
            )
            body = await reader.readexactly(length)
            reply: Any = {"status": "ok", "index": {"passages": 1}}
            if lines[0].startswith("POST"):
                asked = json.loads(body)
                question = asked["message"]
                await asyncio.sleep(3 if "slow" in question else 0.3)
                reply = answer(question, detect_language(question, asked["metadata"]["language"]))
            data = json.dumps(reply).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(data), data))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--folder", type=Path, required=True, help="for the database")
    parser.add_argument("--rasa-url")
    parser.add_argument("--retry-delay", type=float, default=0.5)
    parser.add_argument("--widget-dir", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    url = arguments.rasa_url
    if url is None:
        assistant = await asyncio.start_server(pretend, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{assistant.sockets[0].getsockname()[1]}"
    database_url = f"sqlite:///{arguments.folder / 'gateway.db'}"
    migrate(database_url)
    folders = (
        {"widget_dir": arguments.widget_dir, "demo_shop_dir": None} if arguments.widget_dir else {}
    )
    app = create_app(
        database_url=database_url,
        rasa_url=url,
        rasa_token="rasa",
        actions_url=url,
        action_token="actions",
        secret=SECRET,
        # As a real one has: after a kill it goes on with its own work at once.
        name=f"standalone:{arguments.port}",
        files_dir=arguments.folder / "files",
        detect_language=detect_language,
        retry_delays=(arguments.retry_delay,) * 3,
        **folders,
    )
    await make_server(app, host="127.0.0.1", port=arguments.port).serve()


if __name__ == "__main__":
    asyncio.run(main())
