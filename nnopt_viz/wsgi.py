"""The application object for a WSGI server: `gunicorn nnopt_viz.wsgi:server`."""

from nnopt_viz.page import build_app

app = build_app()
server = app.server
