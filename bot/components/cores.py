"""How many processor cores there are to share work out among."""

import os


def cores() -> int:
    """The cores that this process may use; a container is often given fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
