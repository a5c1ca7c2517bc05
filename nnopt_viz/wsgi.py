"""The application object for a WSGI server: `gunicorn nnopt_viz.wsgi:server`."""

from nnopt_viz.one_thread import one_thread

one_thread()

from nnopt_viz.page import build_app  # noqa: E402

app = build_app()
server = app.server
