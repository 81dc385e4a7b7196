"""``python -m shopdesk`` is the same as the ``shopdesk`` command."""

from shopdesk.cli import main

if __name__ == "__main__":
    main()
