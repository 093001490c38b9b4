"""Work spread over a cluster: the same reports as one process makes, whoever is lost on the way.

Three nodes on this machine, on the loopback interface, with one core each; one is killed in the
middle and one is added. Nothing here is quick: a node takes seconds to start.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.bulk import connecting, on_ray
from agent.bulk.cluster import TRIES, _told_as_loss, actor_here, spread
from agent.bulk.connecting import ClusterLost, connected, look_for, unless_lost
from agent.bulk.items import Item, Outcome, item
from agent.bulk.on_ray import check_on_ray
from agent.bulk.run import check_all
from agent.bulk.settings import Settings
from agent.errors import InputError, LibraryDamaged, UsageError
from agent.gateway.budget import Ledger, Limits
from agent.types import Document
from tests.conftest import BRIDGE, ROOT, SOURCES
from tests.model_server import ModelServer
from tools.library import Library
from tools.models.embedder import MiniLMEmbedder

ARTICLES = 12
NODE: Any = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "node_ip_address": "127.0.0.1"}


def test_without_ray_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'assay-factcheck\[ray\]'"), connected():
        pass


@pytest.mark.parametrize("address", ["nonsense", "host:", ":6379", "host:70000", "ray://host:1"])
def test_what_is_no_address_is_refused_with_what_to_write(address: str) -> None:
    with pytest.raises(UsageError, match="is no address") as raised:
        look_for(address)
    assert "HOST:PORT" in raised.value.todo


def test_where_nobody_listens_no_cluster_is_waited_for() -> None:
    with socket.socket() as bound:  # its port is taken, and not listened at
        bound.bind(("127.0.0.1", 0))
        begun = time.monotonic()
        with pytest.raises(UsageError, match="no Ray cluster answers"):
            look_for(f"127.0.0.1:{bound.getsockname()[1]}")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("answer", "is_head"),
    [
        (b"", False),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False),
        (bytes([0, 0, 0, 7, 0, 0, 0, 0, 0]), False),  # HTTP/2 that hangs up
        (bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]), True),
    ],
)
def test_what_listens_and_is_no_ray_is_told_from_a_head(
    answer: bytes, is_head: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "_ANSWERING", 0.2 if not answer else 5.0)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            taken, _ = server.accept()
            with taken:
                taken.sendall(answer)
                while taken.recv(100):
                    pass

        serving = threading.Thread(target=serve)
        serving.start()
        refused = nullcontext() if is_head else pytest.raises(UsageError, match="is no Ray cluster")
        with refused:
            look_for(f"localhost:{server.getsockname()[1]}", own="127.0.0.1")
        serving.join()


@pytest.mark.parametrize(
    ("fault", "where", "told"),
    [
        (ConnectionError("Failed to connect"), "head:1", "no Ray cluster answers"),
        (RuntimeError("Version mismatch: The cluster\n  Ray: 2"), "head:1", "The cluster Ray: 2"),
        (RuntimeError("Unauthenticated: no token"), "head:1", "RAY_AUTH_MODE=token"),
        (Exception("The current node timed out"), "local", "does not start on this machine"),
    ],
)
def test_why_ray_does_not_connect_is_told_in_one_line(
    fault: Exception, where: str, told: str
) -> None:
    error = connecting._told(fault, where)
    assert told in str(error) and "\n" not in str(error) and error.todo


def test_a_head_that_is_gone_is_told_once_and_nothing_is_asked_of_ray_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[ClusterLost] = []
    asked: list[str] = []
    monkeypatch.setattr(connecting, "_LOOKS", 0.01)
    monkeypatch.setattr(connecting, "_GONE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as head:
        where = SimpleNamespace(gcs_address=f"127.0.0.1:{head.getsockname()[1]}")
        ray = SimpleNamespace(get_runtime_context=lambda: where)
        monkeypatch.setitem(sys.modules, "ray", ray)
        with connecting.Watch(told.append) as watch:
            time.sleep(0.2)
            assert told == []
            head.close()
            watch.join(10)
    (lost,) = told
    assert "is lost" in lost.what and "the same command goes on" in lost.todo
    with pytest.raises(ClusterLost), unless_lost(lambda: asked.append("ray")):
        raise lost
    with pytest.raises(KeyboardInterrupt), unless_lost(lambda: asked.append("ray")):
        raise KeyboardInterrupt
    assert asked == ["ray"]


def test_only_what_means_the_cluster_s_loss_is_told_as_one() -> None:
    exceptions = pytest.importorskip("ray.exceptions")
    with pytest.raises(ClusterLost), _told_as_loss():
        raise exceptions.RaySystemError("the raylet is gone")
    for kind in ("OutOfMemoryError", "ObjectStoreFullError", "WorkerCrashedError"):
        fault = getattr(exceptions, kind)
        with pytest.raises(fault), _told_as_loss():
            raise fault("x")


def test_a_library_on_a_server_is_refused_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(on_ray, "connected")
    (tmp_path / "server.json").write_text('{"database": "postgresql://ada@db/news", "chroma": ""}')
    with pytest.raises(UsageError, match="db/news is on a server"):
        next(check_on_ray(_articles(), Settings(tmp_path)))


# --- on this machine's cores --------------------------------------------------------------


@pytest.mark.scale
@pytest.mark.timeout(300)
@pytest.mark.skipif(os.name != "posix", reason="SIGTERM is of POSIX")
def test_sigterm_ends_a_run_as_it_does_without_ray(library: Path, tmp_path: Path) -> None:
    for one in _articles():
        (tmp_path / f"{one.document.title}.txt").write_text(one.document.text)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "agent.cli", "batch", tmp_path, "--out", out, "--ray", "auto"]
    run = subprocess.Popen(
        [*map(str, command), "--library", str(library), "--no-claims"],
        cwd=ROOT,
        text=True,
        stderr=subprocess.PIPE,
    )
    try:
        while not list((out / "reports").glob("*.json")) and run.poll() is None:
            time.sleep(0.1)
        run.terminate()
        _, said = run.communicate()
    finally:
        run.kill()
    assert run.returncode == 143, said
    assert "interrupted" in said and "*** SIGTERM" not in said
    assert {"index.html", "failed.jsonl"} <= {path.name for path in out.iterdir()}


# --- on a cluster -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Ray's name for it: nodes are reached by the loopback interface.
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        patch.setenv("PYTHONPATH", str(ROOT))  # the workers load what is made here
        import ray
        from ray._private import ray_constants
        from ray.cluster_utils import Cluster

        patch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)
        made: Any = Cluster(
            initialize_head=True, head_node_args={**NODE, "include_dashboard": False}
        )
        shut_down: Any = ray.shutdown
        try:
            for _ in range(2):
                made.add_node(**NODE)
            with connected(made.address):
                yield made
        finally:
            shut_down()
            made.shutdown()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ray") / "library"
    with Library.open(folder, MiniLMEmbedder(), create=True) as library:
        for source in SOURCES:
            library.add(source)
    return folder


def _articles() -> list[Item]:
    story = BRIDGE.read_text("utf-8")
    return [
        item(Document(text=f"{story}\n\nIt has {number} lamps.", title=f"Bridge {number}"), "x")
        for number in range(ARTICLES)
    ]


def _but_for_times(outcomes: list[Outcome]) -> dict[str, str]:
    """What each article came to, as it is written, by its key."""
    said = {}
    for outcome in outcomes:
        assert outcome.report is not None, outcome.fault
        report = outcome.report.model_dump(mode="json")
        del report["run"]["created_at"], report["usage"]
        said[outcome.key] = json.dumps(report)
    return said


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_a_node_lost_and_a_node_added_change_no_report(cluster: Any, library: Path) -> None:
    items, how = _articles(), Settings(library)
    expected = _but_for_times(list(check_all(items, how)))
    outcomes: list[Outcome] = []
    for outcome in check_on_ray(items, how):
        outcomes.append(outcome)
        if len(outcomes) == 4:
            cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
        if len(outcomes) == 8:
            cluster.add_node(**NODE)
    assert sorted(each.key for each in outcomes) == sorted(each.key for each in items)
    assert _but_for_times(outcomes) == expected
    left = {path.name for path in library.iterdir()}
    assert left == {"chroma", "fulltext.json", "fulltext.sqlite", "library.sqlite", "locks"}


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_workers_share_one_budget_and_outlive_what_grants_it(
    cluster: Any, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    grants: list[Any] = []

    def noted(*arguments: Any, **options: Any) -> Any:
        grants.append(made(*arguments, **options))
        return grants[-1]

    made = actor_here
    monkeypatch.setattr(on_ray, "actor_here", noted)
    entries = json.loads((ROOT / "tests" / "answers" / "bridge.json").read_text("utf-8"))
    with ModelServer(entries) as server:
        how = Settings(library, "openai:judge-1", server.url, limits=Limits(tokens=40_000))
        ended = []
        for outcome in check_on_ray(_articles(), how):
            ended.append(outcome)
            if len(ended) == 3:
                ray.kill(grants[0], no_restart=False)
    assert len({each.key for each in ended}) == ARTICLES
    asked = [request.body["messages"] for request in server.requests]
    with Ledger(library / "spending.sqlite") as ledger:
        (spent,) = ledger._database.execute(
            "select sum(tokens) from spending where day like 'run %'"
        ).fetchone()
    assert asked and 0 < spent <= 40_000


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_a_thing_that_ends_its_workers_is_given_up_and_costs_no_other(cluster: Any) -> None:
    given = list(spread(range(12), _Fragile))
    assert sorted(each.thing for each in given) == list(range(12))
    (lost,) = [each for each in given if each.result is None]
    assert (lost.thing, lost.lost) == (5, TRIES)
    assert all(each.result == 2 * each.thing for each in given if each.thing != 5)


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_things_are_asked_for_as_there_is_room_and_an_error_ends_all(cluster: Any) -> None:
    asked = []

    def things() -> Iterator[int]:
        for number in range(100_000):
            asked.append(number)
            yield number

    with pytest.raises(InputError, match="the seventh") as raised:
        for _ in spread(things(), _Picky):
            pass
    assert raised.value.todo == "take another"
    assert len(asked) < 100_000


@pytest.mark.scale
@pytest.mark.timeout(600)
def test_what_keeps_a_worker_from_starting_is_raised_here(cluster: Any) -> None:
    with pytest.raises(LibraryDamaged, match="not here"):
        list(spread(range(3), _Missing))


class _Fragile:
    def __call__(self, number: int) -> int:
        if number == 5:
            time.sleep(0.5)
            os._exit(1)
        return 2 * number


class _Picky:
    def __call__(self, number: int) -> int:
        if number == 7:
            raise InputError("the seventh", "take another")
        return number


class _Missing:
    def __init__(self) -> None:
        raise LibraryDamaged("not here")

    def __call__(self, number: int) -> int:
        return number
