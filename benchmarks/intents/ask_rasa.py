"""Runs in Rasa's environment: what a trained model takes each line of standard input for.

python -m benchmarks.intents.ask_rasa MODEL < TEXTS

Both are JSON Lines: texts, and pairs of intent and confidence.
"""

import asyncio
import json
import sys
from typing import Any


async def _main(model: str) -> None:
    from rasa.core.agent import Agent

    agent: Any = Agent.load(model)
    for line in sys.stdin:
        intent = (await agent.parse_message(json.loads(line)))["intent"]
        sys.stdout.write(json.dumps([intent["name"], intent["confidence"]]) + "\n")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
