"""20,000 generated queries at the codec and the API: a scenario or a clear refusal, always."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnopt_viz.page import build_app
from nnopt_viz.query.keys import QueryError
from nnopt_viz.race.codec import decode, encode, repair
from nnopt_viz.race.keys import EXAMPLES

if TYPE_CHECKING:
    from flask.testing import FlaskClient

BATCH = 50  # queries an example: most of hypothesis' time goes into starting one
EXAMPLES_CODEC, EXAMPLES_API = 320, 100  # times BATCH: 16,000 and 5,000 queries

KEYS = [*EXAMPLES, "utm_source", "fbclid", "Surface", "", "a" * 300, "r%75n", "ru\u0578"]
PIECES = [
    "&", "&", "=", "=", "(", ")", ",", "+", "%20", "%2B", "%26", "%3D", "%22", '"', ";", ".", "-",
    "rosenbrock", "himmelblau(tilt=0.5)", "bowl", "adam", "sgd(lr=0.1)", "rprop", "cosine",
    "adam(lr=", "schedule=", "adam(schedule=cosine(warmup=3))", "random(n=", "ring", "grid(n=3)",
    "point(x=1)", "true", "false", "nan", "inf", "-inf", "NaN", "None", "null", "__class__",
    "0", "1", "-1", "+1", "1.5", ".5", "5.", "1e3", "1e+3", "1E-5", "1e999", "-1e999", "1_0", "0x1",
    "9" * 30, "0" * 30, "1e", "--1", "1,2", "\u0661", "\uff11", "\u2212" + "1", "99999",
    'formula(f="x**2%20%2B%20y**2")', 'rule(text="x = x - lr*g")', '"x+-+y"', '"', "%", "%z", "%ff",
    "%00", "%C3%A9", "%F0%9F%98%80", "%u0041", "\x00", "\n", "\t", "\u00e9", "\U0001f600", "\ud800",
    "(" * 40, ")" * 40, "adam(schedule=" * 12, "&run=sgd" * 14, "a" * 3000, "v=1", "v=2",
]  # fmt: skip

pieces = st.sampled_from(PIECES)
# Like a query: known keys with something behind them.
likely = st.lists(st.tuples(st.sampled_from(KEYS), pieces, pieces), max_size=4).map(
    lambda parts: "&".join(f"{key}={first}{second}" for key, first, second in parts)
)
unlikely = st.lists(pieces, max_size=8).map("".join)
batches = st.lists(
    likely | likely | unlikely | st.text(max_size=40), min_size=BATCH, max_size=BATCH
)
FAST = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def check_codec(query: str, seen: Counter[str]) -> None:
    mended, notes = repair(query)
    text = encode(mended)
    back = decode(text)
    assert back == mended
    assert encode(back) == text
    assert mended.problem() is None
    assert len(notes) <= 13
    said: list[str] = []
    try:
        made = decode(query, said)
    except QueryError as fault:
        error = fault
    else:
        seen["accepted"] += 1
        assert notes == said
        assert made == mended or not query.strip("?&")  # nothing at all opens the landing scene
        return
    seen["refused"] += 1
    assert error.allowed
    assert 0 < len(str(error)) < 1000
    if not notes:  # only what the page drops silently
        assert "utm_" in query or "fbclid" in query


@pytest.mark.slow
def test_the_codec_reads_or_refuses_anything() -> None:
    seen: Counter[str] = Counter()

    @settings(FAST, max_examples=EXAMPLES_CODEC)
    @given(batches)
    def run(batch: list[str]) -> None:
        for query in batch:
            check_codec(query, seen)

    run()
    assert seen.total() >= 15_000, seen
    assert min(seen["accepted"], seen["refused"]) > 500, seen


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app: Any = build_app()
    return app.server.test_client()


@pytest.mark.slow
def test_the_api_never_fails(client: FlaskClient) -> None:
    """HEAD runs everything up to the first simulated step; short runs are simulated as well."""
    seen: Counter[int] = Counter()
    paths = st.sampled_from(["/run.bin", "/run.csv", "/run.parquet"])

    @settings(FAST, max_examples=EXAMPLES_API)
    @given(batches, paths)
    def run(batch: list[str], path: str) -> None:
        for query in batch:
            raw = query.encode("utf-8", "surrogatepass").decode("latin-1")
            environ = {"QUERY_STRING": raw}
            answer = client.head(path, environ_overrides=environ)
            seen[answer.status_code] += 1
            if answer.status_code == 200 and decode(query).positions < 300:
                answer = client.get("/run.json", environ_overrides=environ)
            assert answer.status_code in (200, 400, 414), (query, answer.text)

    run()
    assert seen.total() >= 5_000, seen
    assert min(seen[200], seen[400]) > 100, seen
