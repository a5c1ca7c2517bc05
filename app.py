"""The door: `gunicorn app:server`, or `python app.py` for the same by hand."""

import sys

if __name__ == "__main__":
    from nnopt_viz.cli import main

    raise SystemExit(main(["serve", *sys.argv[1:]]))

from nnopt_viz.wsgi import app, server

__all__ = ["app", "server"]
