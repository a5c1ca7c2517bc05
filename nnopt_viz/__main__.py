"""`python -m nnopt_viz` is `nnopt-viz`."""

from nnopt_viz.cli import main

raise SystemExit(main())
