"""What visitors ask for: a page and its data, and then something else every few seconds."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.client import Answer, Browser
from nnopt_viz.page.opening import PREFIX

EVERY = 5.0  # seconds between two changes of a visitor, on average
ARRIVING = 10.0  # seconds within which all have opened their page
STOPS = 3  # times that one asks again when the server has no room
DEAR_PATIENCE = 300.0  # seconds that one waits for something dear

# Surfaces with a knob, and between which values visitors move it.
SURFACES = {
    "rosenbrock(b=%.3f)": (1, 200),
    "himmelblau(tilt=%.4f)": (0, 2),
    "rastrigin(amplitude=%.3f)": (1, 20),
    "ackley(b=%.4f)": (0.1, 0.4),
    "bowl(curvature=%.3f)": (0.1, 20),
    "ravine(width=%.4f)": (0.05, 1),
}
FRAME = ("/_dash-layout", "/_dash-dependencies")  # what Dash asks for on every page
RUNS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adagrad")
DATA = ("moons", "circles", "xor", "spirals")


@dataclass(slots=True)
class Seen:
    """Every answer of a part, by what was asked for."""

    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, answer: Answer) -> Answer:
        self.answers[kind].append(answer)
        return answer


@dataclass(slots=True)
class Visitor:
    """One browser and the race in it.

    Args:
        browser: its connections.
        seen: where answers are noted.
        chance: decides what comes next.
        surface, runs, start: the race that is shown.
    """

    browser: Browser
    seen: Seen
    chance: random.Random
    surface: str = ""
    runs: list[str] = field(default_factory=list)
    start: str = ""

    async def ask(self, kind: str, path: str, **headers: str) -> Answer:
        """GET something, as the page does: a 503 is obeyed, and asked for again."""
        for _ in range(STOPS):
            answer = self.seen.add(kind, await self.browser.ask(path, **headers))
            if answer.status != 503 or "retry-after" not in answer.headers:
                break
            await asyncio.sleep(float(answer.headers["retry-after"]))
        return answer

    async def open(self, query: str, path: str = "/") -> None:
        """Open a page whose scripts and styles are in the browser's cache."""
        await self.ask("page", f"{path}?{query}")
        await asyncio.gather(*(self.ask("page", one) for one in FRAME))
        await self.ask("page", f"{PREFIX}{path}?{query}")
        await self.show(query)

    async def show(self, query: str) -> None:
        """The data of a page: its stream, and the map."""
        if query.startswith("net="):
            await self.ask("training", f"/run.bin?{query}&theme=light")
            await self.ask("slice", f"/slice.json?{query}&theme=light")
            return
        surface = query.split("&")[0]
        await asyncio.gather(
            self.ask("race", f"/run.bin?{query}"),
            self.ask("figures", f"/figures.json?{surface}&theme=light"),
        )

    def run(self) -> str:
        """An optimizer at some rate."""
        return f"{self.chance.choice(RUNS)}(lr={self.chance.uniform(0.001, 0.05):.5f})"

    def race(self, *kept: str) -> str:
        """The visitor's race, with everything new but what is kept: nobody has asked for it yet."""
        chance = self.chance
        if "surface" not in kept:
            surface = chance.choice([*SURFACES])
            self.surface = surface % chance.uniform(*SURFACES[surface])
        if "runs" not in kept:
            self.runs = [self.run() for _ in range(chance.randint(1, 4))]
        if "start" not in kept:
            self.start = ",".join(f"{chance.uniform(-1.5, 1.5):.3f}" for _ in "xy")
        return self.query

    @property
    def query(self) -> str:
        """The race that is shown."""
        runs = "".join(f"&run={run}" for run in self.runs)
        return f"surface={self.surface}{runs}&start={self.start}"

    async def move_rate(self) -> None:
        """Another rate for one of the runs, and perhaps another optimizer."""
        self.runs[self.chance.randrange(len(self.runs))] = self.run()
        await self.ask("race", f"/run.bin?{self.query}")

    async def move_start(self) -> None:
        """A click on the map."""
        await self.ask("race", f"/run.bin?{self.race('surface', 'runs')}")

    async def move_surface(self) -> None:
        """Another surface, or another value of its knob."""
        await self.show(self.race("runs", "start"))

    def training(self) -> str:
        """A training of the default size."""
        rate = f"{self.chance.uniform(0.005, 0.05):.5f}"
        return f"net=mlp&data={self.chance.choice(DATA)}&run=adam(lr={rate})"

    async def change(self) -> None:
        """One thing that a visitor does."""
        query, surface = self.query, f"surface={self.surface}"
        steps: list[tuple[int, Callable[[], Awaitable[object]]]] = [
            (25, self.move_rate),
            (20, self.move_start),
            (15, self.move_surface),
            (10, lambda: self.open(self.race())),
            (8, lambda: self.ask("looks", f"/trace.json?{query}&inspect=0,0,1")),
            (6, lambda: self.ask("looks", f"/profile.json?{surface}&line=x")),
            (6, lambda: self.ask("looks", f"/check.json?{query}")),
            (7, lambda: self.ask("training", f"/run.bin?{self.training()}&theme=light")),
            (3, lambda: self.show(self.training())),
        ]
        (do,) = self.chance.choices([step for _, step in steps], [share for share, _ in steps])
        await do()

    async def stay(self, seconds: float) -> None:
        """Come some time within ARRIVING, and change something until the time is over."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        await asyncio.sleep(self.chance.uniform(0, min(ARRIVING, seconds)))
        await self.open(self.race())
        while True:
            pause = self.chance.uniform(0.5, 1.5) * EVERY
            if loop.time() + pause > end:
                break
            await asyncio.sleep(pause)
            await self.change()
        self.browser.leave()


async def visit(port: int, seen: Seen, users: int, seconds: float, seed: int = 0) -> None:
    """So many visitors for so long. All come from one address, as a class does."""
    await asyncio.gather(
        *(
            Visitor(Browser(port), seen, random.Random(f"{seed} {at}")).stay(seconds)
            for at in range(users)
        )
    )


# --- dear requests ---

_TWELVE = "".join("&run=schedule_free_sgd" for _ in range(12))
_ADAMS = "".join(f"&run=adam(lr={0.001 * (i + 1):g})" for i in range(12))


def long_race(at: int) -> str:
    """The animated page of a race of 12 × 20 runs of 20,000 steps."""
    return f"/run.html?surface=langermann{_TWELVE}&seed={at}&steps=20000&start=random(n=20)"


def large_table(at: int) -> str:
    """5 million rows of CSV."""
    return f"/run.csv?surface=himmelblau{_ADAMS}&start=random(n=4096)&steps=100&seed={at}"


def large_training(at: int) -> str:
    """A training of 10 layers with 64 units."""
    net = ",".join(["64"] * 10)
    return f'/run.bin?net=mlp(hidden="{net}")&data=xor(n=20)&run=sgd(lr=0.01)&epochs=400&seed={at}'


def large_slice(at: int) -> str:
    """The slice of such a training, with 4 × 870 rows."""
    net = ",".join(["64"] * 10)
    asked = f"data=xor(n=20)&run=sgd(lr=0.01)&batch=2000&epochs=870&seed={at}"
    return f'/slice.json?net=mlp(hidden="{net}")&{asked}'


DEAR = (long_race, large_training, large_table, large_slice)


async def want_dear(port: int, seen: Seen, count: int, source: str) -> None:
    """So many who want something dear all the time; ends when it is cancelled."""

    async def one(at: int) -> None:
        browser = Browser(port, source, DEAR_PATIENCE)
        turn = 0
        while True:
            path = DEAR[at % len(DEAR)](1000 * at + turn)
            answer = seen.add("dear", await browser.ask(path))
            turn += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))

    await asyncio.gather(*(one(at) for at in range(count)))
