"""The server's settings: read, named when they can't be, with defaults."""

from __future__ import annotations

import pytest

from nnopt_viz.web.settings import SettingError, Settings, from_environment


@pytest.mark.parametrize(
    "given",
    [
        {"NNOPT_VIZ_PORT": "0"}, {"NNOPT_VIZ_PORT": "65536"}, {"NNOPT_VIZ_PORT": "80a"},
        {"NNOPT_VIZ_WORKERS": "-1"}, {"NNOPT_VIZ_THREADS": "1.5"},
        {"NNOPT_VIZ_SLOTS": "-1"}, {"NNOPT_VIZ_SLOTS": "65"}, {"NNOPT_VIZ_MEMORY": "63"},
        {"NNOPT_VIZ_DEADLINE": "0"}, {"NNOPT_VIZ_DEADLINE": "601"}, {"NNOPT_VIZ_LOG": "all"},
        {"NNOPT_VIZ_METRICS": "1"}, {"NNOPT_VIZ_PROXIES": "proxy.example.edu"},
        {"NNOPT_VIZ_PROXIES": "10.0.0.1/8"},
        {"NNOPT_VIZ_FRAME_ANCESTORS": "https://a.b; script-src *"},
        {"NNOPT_VIZ_FRAME_ANCESTORS": "'none' https://a.b"},
        {"NNOPT_VIZ_FRAME_ANCESTORS": "'unsafe-inline'"},
    ],
)  # fmt: skip
def test_bad_ones_are_named(given: dict[str, str]) -> None:
    with pytest.raises(SettingError, match=next(iter(given))):
        from_environment(given)


def test_they_have_defaults() -> None:
    made = from_environment({"NNOPT_VIZ_PORT": " "})
    assert (made.host, made.port, made.threads) == ("127.0.0.1", 8050, 1)
    assert (made.log, made.metrics, made.proxies) == ("off", False, ())
    assert 2 <= made.workers <= 4
    assert made.dear_at_once >= 1


def test_they_are_read() -> None:
    made = from_environment(
        {
            "NNOPT_VIZ_WORKERS": "64", "NNOPT_VIZ_PROXIES": "10.0.0.0/8 ::1, 127.0.0.1",
            "NNOPT_VIZ_LOG": "queries", "NNOPT_VIZ_METRICS": "on", "NNOPT_VIZ_MEMORY": "64",
        }
    )  # fmt: skip
    assert made.dear_at_once == 1
    assert made.proxies == ("10.0.0.0/8", "::1", "127.0.0.1")
    assert (made.log, made.metrics, made.memory) == ("queries", True, 64)
    assert Settings(slots=3).dear_at_once == 3
