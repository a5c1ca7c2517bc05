"""Before NumPy is imported: how many threads its matrix products take."""

import os


def one_thread() -> None:
    """One, unless the environment says otherwise: our matrices are small, and on a busy machine
    further threads burn ten times what they save while they wait for each other."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
