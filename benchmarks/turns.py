"""What a turn costs early and late in a conversation: CPU of the Rasa process.

python -m benchmarks.turns

Several customers, one after the other, have a conversation of 207 messages each with the real Rasa
and the real actions. Compared are turns 3 to 7 and 203 to 207 of each, in one run, so that what
else the machine does weighs on both.
"""

import json
import statistics
import tempfile
import uuid
from pathlib import Path

import httpx

from benchmarks.system import System

GOAL = 1.3
_CONVERSATIONS = 5
# Ten messages go round, so the same ones stand at both places.
_EARLY, _LATE = range(3, 8), range(203, 208)
_SAID = (
    "how long does delivery take?", "thanks", "do you ship to Norway?", "ok", "你们接受支付宝吗？",
    "where is my order", "never mind", "can I return a sleeping bag?", "hello", "多久能送到？",
)  # fmt: skip


def main() -> None:
    """Measure, print the means and their ratio; exit 1 where it is above the goal."""
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder) / "state")
        try:
            system.start()
            early, late, memory = _measure(system)
        finally:
            system.stop()
    # Means: the system counts CPU in steps of 10 ms, so a median would jump by a third.
    first, last = statistics.fmean(early), statistics.fmean(late)
    print(f"turns 3-7:     {first * 1000:.1f} ms CPU of Rasa each (mean of {len(early)})")
    print(f"turns 203-207: {last * 1000:.1f} ms (mean of {len(late)})")
    print(f"ratio {last / first:.2f}, goal at most {GOAL}; Rasa holds {memory:.0f} MB")
    raise SystemExit(last / first > GOAL)


def _measure(system: System) -> tuple[list[float], list[float], float]:
    rasa = system.process("rasa")
    token = json.loads((system.state / "keys.json").read_text())["internal"]
    headers = {"Authorization": f"Bearer {token}"}
    early, late = [], []
    with httpx.Client(base_url=system.rasa, headers=headers, timeout=60, trust_env=False) as client:
        for _ in range(_CONVERSATIONS):
            sender = uuid.uuid4().hex
            for turn in range(1, _LATE.stop):
                body = {
                    "sender": sender,
                    "message": _SAID[turn % len(_SAID)],
                    "metadata": {"language": "en", "message_id": str(turn)},
                }
                before = sum(rasa.cpu_times()[:2])
                client.post("/webhooks/shopdesk/webhook", json=body).raise_for_status()
                spent = sum(rasa.cpu_times()[:2]) - before
                if turn in _EARLY:
                    early.append(spent)
                elif turn in _LATE:
                    late.append(spent)
    return early, late, rasa.memory_info().rss / 1e6


if __name__ == "__main__":
    main()
