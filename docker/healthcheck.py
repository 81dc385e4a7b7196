"""Whether a process answers: ``healthcheck.py URL`` ends with 0 on status 200, else with 1.

The slim images have no curl, and Rasa and the action server want the shared token.
"""

import os
import sys
import urllib.request

TIMEOUT_SECONDS = 4


def main(url: str) -> int:
    token = os.environ.get("SHOPDESK_INTERNAL_TOKEN", "")
    request = urllib.request.Request(  # noqa: S310 - the image names the address, always http
        url, headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            return 0 if response.status == 200 else 1
    except OSError as error:
        print(f"{url}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
