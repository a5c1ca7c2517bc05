"""The door: `gunicorn app:server`, or `python app.py` for the same by hand."""

from nnopt_viz.page import build_app

app = build_app()
server = app.server

if __name__ == "__main__":
    from nnopt_viz.cli import main

    raise SystemExit(main(["serve"]))
