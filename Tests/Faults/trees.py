"""The trees of logs that the rounds ingest: each has an old state, which a database may hold already, and a new one.

What becomes of a log between the two: it is new, unchanged, has grown, was rewritten, is shorter or damaged now, or has a
second location (`.log` and `.log.gz`). The same seed gives the same bytes. Times of modification are fixed; one in the far
future makes a log one that may still grow, whatever the clock says.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from postgres import REPOSITORY

OLD_TIME = 1_774_663_200  # 2026-03-28T02:00:00Z
NEW_TIME = 1_774_749_600
STILL_GROWING = 4_102_444_800  # 2100-01-01
DAG = "launch__discovery"
CRYPTOS = ["BTCUSDC", "ETHUSDC", "SOLUSDC", "ADAUSDC", "BONKUSDC", "DOGEUSDC"]
LINE = "[2026-03-28T02:14:06.000+0000] {test_step.py:40} INFO - loading candles\n"
SUCCESS = (
    "[2026-03-28T02:59:00.000+0000] {taskinstance.py:1138} INFO - Marking task as SUCCESS. dag_id=launch__discovery, "
    "task_id=test_step, execution_date=20260328T020000, start_date=20260328T021400, end_date=20260328T025900\n"
)


@dataclass(frozen=True)
class Log:
    content: bytes
    modified: int


Tree = dict[str, Log]


def block(chance: random.Random, number: int, extra_lines: int = 0) -> str:
    clock = f"02:{14 + number // 3600 % 40:02d}:{number // 60 % 60:02d}.{number % 60:03d}"
    header = f"[2026-03-28T{clock}+0000] {{test_step.py:88}} INFO - "
    crypto, horizon, trades = chance.choice(CRYPTOS), chance.choice((1, 4, 12)), chance.randrange(900)
    score, baseline, sortino = chance.randrange(3000, 7000), chance.randrange(3000, 6000), chance.uniform(-2, 3)
    body = [
        f"crypto={crypto} horizon=H{horizon} fold={number % 7} n_trades={trades}",
        f"f1_buy=0.{score} baseline_f1_buy=0.{baseline} sortino={sortino:.3f}",
        f"tp_pct={chance.randrange(20, 60)} sl_pct={chance.randrange(10, 40)} note=block_{number}",
    ]
    # Some blocks have something wrong with them: issues are rows as well.
    if chance.random() < 0.3:
        body.append(
            chance.choice(
                ["std_f1_buy=None", "theta=0.3 theta=0.4", "recall_buy=1.7", "gates=f1:pass,sortino:perhaps", "buy_rate=nan"]
            )
        )
    body += [f"f1_macro_{i}=0.{chance.randrange(10**15)}" for i in range(extra_lines)]
    return header + "=== CORRELATION DATA ===\n" + "".join(f"{line}\n" for line in body) + "=== END CORRELATION DATA ===\n"


def text(seed: str, blocks: int, finished: bool = True, extra_lines: int = 0, padding: int = 0) -> bytes:
    """A log whose first blocks are those of a shorter one with the same seed."""
    chance = random.Random(seed)
    parts = [LINE]
    for number in range(blocks):
        parts += [block(chance, number, extra_lines), LINE]
    return ("".join(parts) + LINE * padding + (SUCCESS if finished else "")).encode()


def packed(content: bytes, members: int = 1) -> bytes:
    size = -(-len(content) // members)
    return b"".join(gzip.compress(content[i : i + size], 6, mtime=0) for i in range(0, len(content), size))


def damaged(archive: bytes, at: float) -> bytes:
    """With a byte flipped at this share of its length."""
    position = int(len(archive) * at)
    return archive[:position] + bytes([archive[position] ^ 0x55]) + archive[position + 1 :]


def path(run: str, task: str = "test_step", attempt: int = 1) -> str:
    return f"dag_id={DAG}/run_id=manual__2026-03-28T02:00:00+00:00_{run}/task_id={task}/attempt={attempt}.log"


def small() -> tuple[Tree, Tree]:
    """For a session short enough to be cut at every byte: a log that has grown, a new one, and one that is damaged now."""
    old: Tree = {path("grown"): Log(text("grown", 1, finished=False), STILL_GROWING)}
    new: Tree = {
        path("grown"): Log(text("grown", 2), NEW_TIME),
        path("later") + ".gz": Log(damaged(packed(text("later", 2)), 0.97), NEW_TIME),
    }
    return old, new


def mixed(seed: int, logs_of_each: int = 1, many: int = 900, samples_of: int = 12) -> tuple[Tree, Tree]:
    """Every kind of log and of change, some real logs, and one with so many blocks that the program does not hold its rows
    in memory."""
    old: Tree = {}
    new: Tree = {}
    chance = random.Random(f"tree {seed}")
    for i in range(logs_of_each):

        def unique(kind: str, number: int = i) -> str:
            return f"{kind}{number}.{seed}"

        def blocks(low: int = 2, high: int = 9) -> int:
            return chance.randrange(low, high)

        name = unique("steady")
        old[path(name)] = new[path(name)] = Log(text(name, blocks()), OLD_TIME)
        name = unique("new")
        new[path(name)] = Log(text(name, blocks()), NEW_TIME)
        new[path(name, attempt=2) + ".gz"] = Log(packed(text(name + "b", blocks()), members=3), NEW_TIME)
        name, count = unique("grown"), blocks()
        old[path(name)] = Log(text(name, count, finished=False), STILL_GROWING)
        new[path(name)] = Log(text(name, count + 3), NEW_TIME)
        # As long, but with fewer blocks, other values, and one issue more or less: rows are updated and removed.
        name, count = unique("rewritten"), blocks(5)
        old[path(name)] = Log(text(name, count), OLD_TIME)
        new[path(name)] = Log(text(name + "b", count - 3, padding=40), NEW_TIME)
        name, count = unique("shrunk"), blocks(5)
        old[path(name)] = Log(text(name, count), OLD_TIME)
        new[path(name)] = Log(text(name, count - 3), NEW_TIME)
        name = unique("spoilt")
        archive = packed(text(name, 8), members=4)
        old[path(name) + ".gz"] = Log(archive, OLD_TIME)
        new[path(name) + ".gz"] = Log(damaged(archive, 0.9), NEW_TIME)
        name = unique("healed")
        archive = packed(text(name, 8), members=4)
        old[path(name) + ".gz"] = Log(archive[: len(archive) * 2 // 3], OLD_TIME)
        new[path(name) + ".gz"] = Log(archive, NEW_TIME)
        # Two locations of one attempt: equal, the packed one behind, or damaged.
        for kind, second in (
            ("same", packed(text(unique("same"), 6))),
            ("behind", packed(text(unique("behind"), 3, finished=False))),
            ("broken", damaged(packed(text(unique("broken"), 6), members=2), 0.8)),
        ):
            name = unique(kind)
            if chance.random() < 0.5:
                old[path(name)] = Log(text(name, 2, finished=False), STILL_GROWING)
            new[path(name)] = Log(text(name, 6), NEW_TIME)
            new[path(name) + ".gz"] = Log(second, NEW_TIME)
        name = unique("damaged")
        archive = packed(text(name, 10), members=5)
        new[path(name) + ".gz"] = Log(
            chance.choice([damaged(archive, 0.7), archive[:-5], archive[: len(archive) // 2]]), NEW_TIME
        )
        name = unique("failed")
        new[path(name) + ".gz"] = Log(packed(b"x")[:6], NEW_TIME)
        new[f"{unique('unidentified')}.log"] = Log(text(unique("unidentified"), 3), NEW_TIME)
        new[path(unique("open"))] = Log(text(unique("open"), 3, finished=False), STILL_GROWING)
    if many:
        old[path(f"many.{seed}")] = Log(text("many", many // 3, finished=False, extra_lines=12), STILL_GROWING)
        new[path(f"many.{seed}")] = Log(text("many", many, extra_lines=12), NEW_TIME)
    for number, (name, content) in enumerate(samples(samples_of)):
        if number % 2:
            old[name] = Log(content, OLD_TIME)
        new[name] = Log(content, OLD_TIME if number % 2 else NEW_TIME)
    return old, new


def samples_root() -> Path:
    """The folder of real logs, one folder for each variant: the shared ones where they are (CORRPARSE_SAMPLES, else
    ../shared/samples beside the checkout, as the Swift tests find them), else those of the repository."""
    named = os.environ.get("CORRPARSE_SAMPLES")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "samples"
    if named and not folder.is_dir():
        raise SystemExit(f"CORRPARSE_SAMPLES names no folder: {named}")
    if not folder.is_dir():
        folder = REPOSITORY / "Tests" / "Samples"
    return folder / "logs"


def samples(limit: int) -> list[tuple[str, bytes]]:
    """Short real logs, one of each task attempt: two that begin differently would be a content_conflict, in which what was stored
    first stays."""
    root = samples_root()
    attempts: dict[str, Path] = {}
    for variant in ("af211_default", "af26_default", "af33_default"):
        for file in sorted((root / variant).rglob("attempt=*.log*")):
            if file.stat().st_size < 12_000:
                attempts.setdefault(str(file.relative_to(root / variant)).removesuffix(".gz"), file)
    files = list(attempts.values())
    chosen = files if len(files) <= limit else random.Random(1).sample(files, limit)
    return [(str(file.relative_to(root)), file.read_bytes()) for file in chosen]


def second_locations(tree: Tree) -> set[str]:
    """Those logs of which the tree holds the plain file as well."""
    return {name for name in tree if name.endswith(".gz") and name[:-3] in tree}


def write(root: Path, tree: Tree, without: set[str] = frozenset()) -> None:
    """Makes a folder hold exactly these logs."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    for name, log in tree.items():
        if name not in without:
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(log.content)
            os.utime(file, (log.modified, log.modified))
