"""Work spread over a Ray cluster, or over this machine's cores: things in, results out.

Ray Data does what there is to do between machines: it starts the workers, hands them work, holds
back where results are not taken, repeats what a lost worker had in flight, and starts workers on
machines that join. Here is what goes in and what comes out.

    things ─▶ Feed (an actor) ─▶ read task ─▶ workers ─▶ results
             on this machine    on this one   anywhere    here

The things come from an iterator of this process, one at a time and a few ahead of the workers.
The feed keeps all of them in Ray's object store, which spills to the disk: so the read task, if
it has to be repeated, gives the same things under the same numbers.
"""

from __future__ import annotations

import logging
import pickle
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from queue import Queue
from typing import Any, Generic, TypeVar, cast

from agent.bulk.connecting import ClusterLost, Watch, lost, unless_lost
from agent.errors import AssayError

T = TypeVar("T")
R = TypeVar("R")
Worker = Callable[[T], R]
"""What a worker does with one thing; made once for each, see `spread`."""
Actor = Any
"""A handle of a Ray actor: `actor.method.remote(…)` gives a reference to the result."""

TRIES = 3
"""Workers that may end over one thing before it is given up."""
_AHEAD, _AHEAD_OF_EACH = 64, 4
"""Things that are read ahead of the workers, at least and for each that may be under way."""
_UNTAKEN = 64
"""Results that wait here until they are taken."""
_LETTING_GO, _PATIENCE = 120.0, 5.0
"""Seconds: for Ray to let go of what was under way; between two looks whether it is there."""
_MOST_WORKERS = 100_000


@dataclass(frozen=True)
class Given(Generic[T, R]):
    """What became of one thing.

    Attributes:
        thing: as it came.
        result: what the worker gave.
        lost: how many workers ended over it, where it was given up; there is no result then.
    """

    thing: T
    result: R | None = None
    lost: int = 0


def spread(
    things: Iterable[T], make: Callable[[], Worker[T, R]], *, at_once: int = 1
) -> Generator[Given[T, R]]:
    """Has workers do the same with many things; each comes back exactly once.

    Needs `agent.bulk.connecting.connected`. There is one worker for each core of the cluster; what
    they load stays loaded. Things come back as they are done, in any order.

    Args:
        things: may be pickled; each is asked for in this thread, when there is room for it.
        make: makes a worker where it is to work; may be pickled.
        at_once: things that a worker has under way, each in a thread of its own.

    Yields:
        What became of each thing.

    Raises:
        AssayError: what a worker, or its making, raised; the others' work is dropped.
        ClusterLost: the cluster's head is gone.
    """
    import ray

    cores = int(_resources().get("CPU", 1))
    ahead = max(_AHEAD, _AHEAD_OF_EACH * cores * at_once)
    feed = actor_here(_Feed, {"ahead": ahead}, max_concurrency=1000)
    events: Queue[_Room | _Done | _End] = Queue()
    results = _Results(feed, make, at_once, events)
    results.start()
    waiting = iter(things)
    under_way: dict[int, T] = {}
    fed = places = 0
    gone: list[ClusterLost] = []
    _ask_for_room(feed, events)

    def let_go() -> None:
        ray.kill(feed)  # ends what is still under way, too
        results.stop()

    def put(reference: list[Any] | None) -> None:
        """Hands one over; a cluster that is lost meanwhile takes it no more."""
        handed = feed.put.remote(reference)
        while not ray.wait([handed], timeout=_PATIENCE)[0]:
            if gone:
                raise gone[0]
        ray.get(handed)

    def tell(fault: ClusterLost) -> None:
        gone.append(fault)
        events.put(_End(fault))

    with unless_lost(let_go), _told_as_loss(), Watch(tell):
        while True:
            if places and events.empty():  # what is done is taken first
                thing = next(waiting, None)
                if thing is None:
                    put(None)
                    places = 0
                    continue
                under_way[fed] = thing
                put([ray.put(pickle.dumps(thing))])
                fed, places = fed + 1, places - 1
                if not places:
                    _ask_for_room(feed, events)
                continue
            event = events.get()
            if isinstance(event, _End):
                if event.fault:
                    raise event.fault
                break
            if isinstance(event, _Room):
                places = event.places
                continue
            results.taken.release()
            if event.number in under_way:  # else repeated after its first result had come
                yield event.given(under_way.pop(event.number))
        if under_way:
            raise RuntimeError(f"{len(under_way)} things never came back from the cluster")


@contextmanager
def _told_as_loss() -> Iterator[None]:
    """What Ray raises where its own parts are gone is told as the cluster's loss.

    A worker that ended, memory or a disk that is full and a setting that cannot be had are none:
    Ray still answers, and is let go of as after any other fault.
    """
    from ray.exceptions import LocalRayletDiedError, NodeDiedError, RaySystemError, RpcError

    try:
        yield
    except (LocalRayletDiedError, NodeDiedError, RaySystemError, RpcError) as error:
        raise lost(str(error).partition("\n")[0]) from error


@dataclass(frozen=True)
class _Room:
    """So many things may be handed over."""

    places: int


@dataclass(frozen=True)
class _Done:
    """A result, packed; None where the thing was given up after so many tries."""

    number: int
    tries: int
    packed: bytes | None

    def given(self, thing: Any) -> Given[Any, Any]:
        if self.packed is None:
            return Given(thing, lost=self.tries)
        result = pickle.loads(self.packed)  # noqa: S301 - of our own worker
        if isinstance(result, AssayError):
            raise result
        return Given(thing, result)


@dataclass(frozen=True)
class _End:
    """Nothing more comes, whatever the reason."""

    fault: Exception | None = None


class _Results(threading.Thread):
    """Takes results from Ray Data, which has no call that does not block.

    Args:
        feed, make, at_once: as of `_results`.
        events: gets each result, and the end.
    """

    def __init__(
        self, feed: Actor, make: Callable[[], Worker[Any, Any]], at_once: int, events: Queue[Any]
    ) -> None:
        super().__init__(name="assay-results", daemon=True)
        self.taken = threading.Semaphore(_UNTAKEN)
        """Released for each result that was taken: Ray holds back where nobody takes them."""
        self._results = _results(feed, make, at_once)
        self._events = events
        self._stopped = False

    def stop(self) -> None:
        """Nobody takes results any more; waits until Ray has let go of what was under way."""
        self._stopped = True
        self.taken.release()
        self.join(_LETTING_GO)

    def run(self) -> None:
        fault: Exception | None = None
        try:
            with closing(self._results) as results:
                for done in results:
                    self.taken.acquire()
                    if self._stopped:
                        break
                    self._events.put(_Done(*done))
        except Exception as error:  # raised again where the results are taken
            fault = error
        self._events.put(_End(fault))


def _ask_for_room(feed: Actor, events: Queue[Any]) -> None:
    def told(answer: Future[int]) -> None:
        fault = answer.exception()
        events.put(_End(cast("Exception", fault)) if fault else _Room(answer.result()))

    feed.room.remote().future().add_done_callback(told)


def actor_here(kind: type, arguments: Mapping[str, Any], **options: Any) -> Actor:
    """An actor on this machine, which takes no core from the workers.

    Args:
        kind: its class.
        arguments: of the class.
        options: of Ray.
    """
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    actor: Any = ray.remote(kind)
    where = NodeAffinitySchedulingStrategy(_this_node(), soft=False)
    return actor.options(num_cpus=0, scheduling_strategy=where, **options).remote(**arguments)


def _this_node() -> str:
    import ray

    node: str = ray.get_runtime_context().get_node_id()
    return node


class _Feed:
    """The things so far, by number, and how often work on each was begun."""

    def __init__(self, ahead: int) -> None:
        import asyncio

        self._ahead = ahead
        self._things: list[list[Any] | None] = []
        self._begun: dict[int, int] = {}
        self._changed = asyncio.Condition()

    async def room(self) -> int:
        """How many things may be put, as soon as that is one."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._room > 0)
            return self._room

    @property
    def _room(self) -> int:
        return len(self._begun) + self._ahead - len(self._things)

    async def put(self, reference: list[Any] | None) -> None:
        """Takes the next thing; None is the end."""
        async with self._changed:
            self._things.append(reference)
            self._changed.notify_all()

    async def get(self, number: int) -> list[Any] | None:
        """A thing, as soon as it is there."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._things) > number)
            return self._things[number]

    async def begin(self, number: int) -> int:
        """How often work on a thing was begun before."""
        async with self._changed:
            before = self._begun.get(number, 0)
            self._begun[number] = before + 1
            self._changed.notify_all()
        return before


class _Work:
    """One worker, as Ray Data calls it: a row is a thing, packed."""

    def __init__(self, feed: Actor, make: Callable[[], Worker[Any, Any]]) -> None:
        self._feed = feed
        self._fault: AssayError | None = None
        try:
            self._do = make()
        except AssayError as fault:
            self._fault = fault  # told with the first result: Ray would try to start it again

    def __call__(self, batch: Any) -> Any:
        """A batch of one."""
        import pyarrow
        import ray

        (number,), (packed,) = (batch.column(name).to_pylist() for name in ("number", "thing"))
        tries: int = ray.get(self._feed.begin.remote(number))
        result: Any = self._fault
        if result is None and tries < TRIES:
            try:
                result = self._do(pickle.loads(packed))  # noqa: S301 - packed by `spread`
            except AssayError as fault:
                result = fault
        done = None if tries >= TRIES and result is None else pickle.dumps(result)
        return pyarrow.table(
            {
                "number": [number],
                "tries": [tries],
                "result": pyarrow.array([done], pyarrow.large_binary()),
            }
        )


def _results(
    feed: Actor, make: Callable[[], Worker[Any, Any]], at_once: int
) -> Generator[tuple[int, int, bytes | None]]:
    """Number, tries and packed result of each thing, as they come."""
    import ray.data

    context = ray.data.DataContext.get_current().copy()
    # A thing is a block of its own: what is lost with a worker is what it was at.
    context.target_max_block_size = 1
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what goes wrong is raised
    with ray.data.DataContext.current(context):
        pool = ray.data.ActorPoolStrategy(
            min_size=1,
            max_size=_MOST_WORKERS,
            initial_size=max(1, int(_resources().get("CPU", 1))),
            max_tasks_in_flight_per_actor=2 * at_once,
            max_concurrent_calls_per_actor=at_once,
            enable_true_multi_threading=at_once > 1,
        )
        things = ray.data.read_datasource(
            _source(feed),
            override_num_blocks=1,
            num_cpus=0,
            label_selector={"ray.io/node-id": _this_node()},
        )
        results = things.map_batches(
            _Work,
            fn_constructor_args=(feed, make),
            batch_size=1,
            batch_format="pyarrow",
            num_cpus=1,
            compute=pool,
        )
        batches: Iterable[Any] = results.iter_batches(
            batch_size=None, batch_format="pyarrow", prefetch_batches=0
        )
        for table in batches:
            columns = (table.column(name).to_pylist() for name in ("number", "tries", "result"))
            yield from zip(*columns, strict=True)


def _resources() -> dict[str, float]:
    import ray

    resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return resources


def _source(feed: Actor) -> Any:
    """The feed as Ray Data reads it: one task that gives one block after the other."""
    from ray.data import Datasource
    from ray.data.block import BlockMetadata
    from ray.data.datasource import ReadTask

    class Things(Datasource):
        def get_read_tasks(self, *_: Any, **__: Any) -> list[ReadTask]:
            unknown = BlockMetadata(
                num_rows=None, size_bytes=None, input_files=None, exec_stats=None
            )
            return [ReadTask(lambda: _read(feed), unknown)]

        def estimate_inmemory_data_size(self) -> int | None:
            return None

    return Things()  # type: ignore[no-untyped-call]


def _read(feed: Actor) -> Iterator[Any]:
    import pyarrow
    import ray

    number = 0
    while (reference := ray.get(feed.get.remote(number))) is not None:
        (thing,) = reference
        packed = pyarrow.array([ray.get(thing)], pyarrow.large_binary())
        yield pyarrow.table({"number": [number], "thing": packed})
        number += 1
