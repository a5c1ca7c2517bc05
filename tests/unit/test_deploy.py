"""deploy/: the proxy answers for the app, for real; the manifests say what they should."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import yaml

from tests.support.attackers import attacking, silent, slow_body, slow_head
from tests.support.paths import ROOT
from tests.support.proxy import Proxy, configured, proxied, write_release
from tests.support.server import fetch, free_port, serving, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RACE = "/run.bin?surface=bowl&run=adam(lr={})"
UNITS = {"m": 2**20, "g": 2**30, "Mi": 2**20, "Gi": 2**30}


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with (
        serving() as app,
        proxied(tmp_path_factory.mktemp("proxy"), [app]) as made,
    ):
        yield made


def from_cache(proxy: Proxy, path: str, **headers: str) -> str | None:
    """Whether an answer came from the cache, as the proxy says it."""
    status, given, _ = fetch(proxy.port, path, **headers)
    assert status == 200
    return given["X-Cache"]


def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    write_release(tmp_path, "test")
    command = [*configured(tmp_path, free_port(), [free_port()]), "-t"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "test is successful" in done.stderr
    assert "[warn]" not in done.stderr


@pytest.mark.parametrize(
    "path",
    [
        "/", "/learn/momentum", "/_page/learn/momentum", "/_dash-layout", "/_dash-dependencies",
        RACE.format(0.1), "/run.bin?net=mlp&epochs=2&theme=light", "/figures.json?surface=bowl",
        "/slice.json?net=mlp&epochs=2", "/trace.json?surface=bowl&inspect=0,0,1",
        "/profile.json?surface=bowl&line=x", "/compare.json?run=sgd&run=adam&compare=0,1",
        "/check.json?surface=bowl", "/catalogue.json",
        "/assets/main.mjs",
    ],
)  # fmt: skip
def test_what_a_page_asks_for_is_answered_once_by_the_app(path: str, proxy: Proxy) -> None:
    assert from_cache(proxy, path) == "MISS"
    first = fetch(proxy.port, path)
    assert first[1]["X-Cache"] == "HIT"
    assert first[2]


def test_of_many_who_ask_the_same_at_once_one_reaches_the_app(proxy: Proxy) -> None:
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: from_cache(proxy, RACE.format(0.2)), range(6)))
    assert found.count("MISS") == 1


def test_an_answer_is_kept_in_each_encoding(proxy: Proxy) -> None:
    path = "/figures.json?surface=booth"
    plain = fetch(proxy.port, path)[2]
    spelt = ("br", "gzip, br;q=0.9", "gzip, deflate")
    answers = [fetch(proxy.port, path, **{"Accept-Encoding": one}) for one in spelt]
    kinds = [(headers["Content-Encoding"], headers["X-Cache"]) for _, headers, _ in answers]
    assert kinds == [("br", "MISS"), ("br", "HIT"), ("gzip", "MISS")]
    assert len(answers[0][2]) < len(plain)


@pytest.mark.parametrize("path", ["/healthz", "/run.csv?surface=bowl&steps=2"])
def test_the_moment_and_downloads_are_not_kept(path: str, proxy: Proxy) -> None:
    assert [from_cache(proxy, path) for _ in range(2)] == [None, None]


def test_a_refusal_is_not_kept(proxy: Proxy) -> None:
    found = [fetch(proxy.port, "/run.bin?surface=nothing") for _ in range(2)]
    assert [(status, headers["X-Cache"]) for status, headers, _ in found] == [(400, "MISS")] * 2


def test_who_holds_an_answer_is_told_so_by_the_proxy(proxy: Proxy) -> None:
    path = RACE.format(0.3)
    tag = fetch(proxy.port, path)[1]["ETag"]
    status, headers, _ = fetch(proxy.port, path, **{"If-None-Match": tag})
    assert (status, headers["X-Cache"]) == (304, "HIT")


def test_another_release_is_asked_anew(proxy: Proxy) -> None:
    path = RACE.format(0.4)
    assert [from_cache(proxy, path) for _ in range(2)] == ["MISS", "HIT"]
    proxy.release("next")
    kept = "HIT"
    while kept == "HIT":  # the processes of before end with their last answer
        kept = str(from_cache(proxy, path))
    assert kept == "MISS"
    proxy.release("test")


def test_slow_and_silent_clients_do_not_reach_the_app(proxy: Proxy) -> None:
    slow = ((silent(), 20), (slow_head(0.5), 20), (slow_body(0.5), 20))
    with attacking(proxy.port, *slow) as met:
        assert fetch(proxy.port, "/run.csv?surface=bowl&steps=2")[0] == 200
        assert [one.end for one in met] == [""] * 60  # all of them are still there


def test_what_was_answered_once_outlives_the_app(tmp_path: Path) -> None:
    path = RACE.format(0.5)
    with ExitStack() as stack:
        with serving() as app:
            proxy = stack.enter_context(proxied(tmp_path, [app]))
            fresh = fetch(proxy.port, path)[2]
        status, _, body = fetch(proxy.port, path)
        assert (status, body) == (200, fresh)
        assert fetch(proxy.port, RACE.format(0.6))[0] == 502


@pytest.mark.parametrize(("before", "address"), [("", "127.0.0.1"), ("127.0.0.1", "7.7.7.7")])
def test_what_a_proxy_before_says_of_who_asks_counts_where_it_is_named(
    before: str, address: str, tmp_path: Path
) -> None:
    """Else whoever comes through it would count as one."""
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        started(output, log="queries", proxies="127.0.0.1") as (_, app),
        proxied(tmp_path, [app], before=before) as proxy,
    ):
        told = {"X-Forwarded-For": "6.6.6.6, 7.7.7.7"}  # left of it anybody may have written
        assert fetch(proxy.port, RACE.format(0.7), **told)[0] == 200
    (line,) = (line for line in log.read_text("utf-8").splitlines() if "lr=0.7" in line)
    assert orjson.loads(line)["address"] == address


# --- the manifests ---


def kubernetes() -> dict[tuple[str, str], dict[str, Any]]:
    """What is in deploy/kubernetes.yaml: (kind, name) -> object."""
    found = yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text("utf-8"))
    return {(one["kind"], one["metadata"]["name"]): one for one in found}


def compose() -> dict[str, dict[str, Any]]:
    found = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text("utf-8"))
    return dict(found["services"])


def size(text: str) -> int:
    """Bytes: `1g`, `16Mi`."""
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


@pytest.mark.parametrize("name", ["nnopt-viz", "nnopt-viz-proxy"])
def test_a_pod_may_write_only_into_bounded_memory_and_is_nobody(name: str) -> None:
    spec = kubernetes()["Deployment", name]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    scratch = next(one["emptyDir"] for one in spec["volumes"] if one["name"] == "tmp")
    assert size(scratch["sizeLimit"]) < size(container["resources"]["limits"]["memory"])


def test_the_cluster_finds_the_pods_and_keeps_one() -> None:
    objects = kubernetes()
    for (kind, name), one in objects.items():
        if kind == "Service":
            pods = objects["Deployment", name]["spec"]["template"]
            assert one["spec"]["selector"] == pods["metadata"]["labels"]
            (port,) = one["spec"]["ports"]
            names = [given["name"] for given in pods["spec"]["containers"][0]["ports"]]
            assert port["targetPort"] in names
    budget = objects["PodDisruptionBudget", "nnopt-viz"]["spec"]
    app = objects["Deployment", "nnopt-viz"]["spec"]
    assert budget["selector"] == app["selector"]
    assert budget["minAvailable"] < app["replicas"]
    (container,) = app["template"]["spec"]["containers"]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] == "/healthz"


def test_every_container_of_compose_is_bounded() -> None:
    for one in compose().values():
        assert one["read_only"] is True
        assert one["cap_drop"] == ["ALL"]
        assert {"mem_limit", "cpus", "pids_limit"} <= set(one)
        (scratch,) = one["tmpfs"]
        held = re.search(r"size=(\w+)", scratch)
        assert held is not None
        assert size(held[1]) < size(one["mem_limit"])


def test_proxy_compose_and_cluster_agree_on_names_and_ports() -> None:
    conf = (ROOT / "deploy/nginx.conf").read_text("utf-8")
    assert "server nnopt-viz:8050" in conf
    assert compose()["nnopt-viz"]["expose"] == ["8050"]
    assert ("Service", "nnopt-viz") in kubernetes()
    assert kubernetes()["Service", "nnopt-viz"]["spec"]["ports"][0]["port"] == 8050
    kept = re.search(r"max_size=(\w+)", conf)
    assert kept is not None
    assert size(kept[1]) < size("320Mi")
