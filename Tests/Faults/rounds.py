"""The kinds of rounds. Each disturbs a run of the program in its way; a round's number and the seed say how."""

from __future__ import annotations

import contextlib
import os
import random
import threading
import time
from dataclasses import replace
from pathlib import Path

import compare
from postgres import Database, Pooler, SQLFailure
from proxy import TO_CLIENT, TO_SERVER, Cut, Measured, Proxy
from stage import Program, Result, Stage


def kill(stage: Stage, chance: random.Random) -> Result:
    """SIGKILL at a random instant."""
    situation = stage.choose(chance)
    database = stage.rewound(situation)
    program = stage.start(stage.arguments(chance), database.connection, chance)
    # Beside other rounds a run takes longer than it was measured alone.
    time.sleep(chance.uniform(0, situation.seconds * 1.4))
    program.kill()
    outcome = program.finish()
    result = stage.judge(situation, database, [outcome], may_end=(-9,))
    result.happened = outcome.status == -9
    return result


def terminate(stage: Stage, chance: random.Random) -> Result:
    """pg_terminate_backend, or pg_cancel_backend, at one to three random instants."""
    situation = stage.choose(chance)
    database = stage.rewound(situation)
    instants = sorted(chance.uniform(0, situation.seconds) for _ in range(chance.randint(1, 3)))
    function = chance.choice(["pg_terminate_backend", "pg_terminate_backend", "pg_cancel_backend"])
    # The session is there before the program starts.
    stage.server.ask("SELECT")
    program = stage.start(stage.arguments(chance), database.connection, chance)
    hits = 0
    for instant in instants:
        time.sleep(max(0, program.start + instant - time.monotonic()))
        hits += len(
            stage.server.ask(
                f"SELECT {function}(pid) FROM pg_stat_activity WHERE datname = '{database.name}' "
                "AND application_name = 'corrparse'"
            )
        )
    result = stage.judge(situation, database, [program.finish()])
    result.happened = hits > 0
    return result


def restart(stage: Stage, chance: random.Random) -> Result:
    """An immediate restart of the server: it recovers from its log as after a crash."""
    situation = stage.choose(chance)
    with stage.server.create(situation.template) as database:
        stage.server.survive_crashes()
        program = stage.start(stage.arguments(chance), database.connection, chance)
        time.sleep(chance.uniform(0, situation.seconds * 1.2))
        running = program.process.poll() is None
        stage.server.pg_ctl("restart", "--mode=immediate")
        result = stage.judge(situation, database, [program.finish()])
        # Where the run was over, what it had said was stored had to survive: the judgement looks before any rerun.
        result.happened = running
        return result


def concurrent(stage: Stage, chance: random.Random, pooler: Pooler | None, count: int, only_backfills: bool = False) -> Result:
    """Several processes over the same logs, started at random offsets: the rows of one, and each of them succeeds."""
    situation = stage.choose(chance)
    with stage.server.create(situation.template) as database:
        connection = pooler.connection(database.name) if pooler else database.connection
        programs = []
        for _ in range(count):
            arguments = stage.arguments(chance)
            while only_backfills and arguments[0] != "backfill":
                arguments = stage.arguments(chance)
            programs.append(stage.start(arguments, connection, chance))
            time.sleep(chance.uniform(0, situation.seconds / count))
        outcomes = [program.finish() for program in programs]
        result = stage.judge(situation, database, outcomes, may_end=())
        for outcome in outcomes:
            if "deadlock" in outcome.text:
                result.problems.append(f"a deadlock: {outcome.text}")
        deadlocks = database.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0]
        if deadlocks != "0":
            result.problems.append(f"{deadlocks} deadlocks, says the server")
        return result


class Cuts:
    """Rounds of a short session through a proxy that cuts it."""

    def __init__(self, stage: Stage):
        self.stage, self.situation = stage, stage.from_old
        # The tables before the session, and after each of its COMMITs.
        self.after: list[compare.Dump] = []
        self.whole = self.measure()

    def measure(self) -> Measured:
        """One session without a cut."""
        database = self.stage.rewound(self.situation)
        self.after.append(self.stage.dump(database, tables_only=True))
        proxy = Proxy(self.stage.server.socket, on_commit=lambda: self.after.append(self.stage.dump(database, tables_only=True)))
        outcome = self.session(database, proxy).finish()
        proxy.close()
        result = self.stage.judge(self.situation, database, [outcome], may_end=())
        if result.problems or not proxy.measured.commits:
            raise SystemExit("the session without a cut fails:\n" + "\n".join(result.problems or ["no COMMIT seen"]))
        return proxy.measured

    def session(self, database: Database, proxy: Proxy) -> Program:
        # Where nobody comes back, waiting for it only takes time.
        retries = 2 if proxy.cut and proxy.cut.lasting else None
        return self.stage.start(
            self.stage.arguments(None), self.stage.server.connection(database.name, **proxy.connection), retries=retries
        )

    def around_commits(self) -> list[Cut]:
        """The cuts that matter most: COMMIT sent whole or all but its last byte, its answer not, partly or just delivered."""
        cuts = []
        for number, (sent, before, after) in enumerate(self.whole.commits, 1):
            cuts += [
                Cut(commit=number),
                Cut(commit=number, resets=True),
                Cut(TO_SERVER, sent),
                Cut(TO_SERVER, sent, resets=True),
                Cut(TO_SERVER, sent - 1),
                # With nobody there afterwards, what the database holds is what that COMMIT has left.
                Cut(commit=number, lasting=True),
                Cut(TO_SERVER, sent - 1, lasting=True),
            ]
            cuts += [Cut(TO_CLIENT, count) for count in (before, before + 1, after - 1, after)]
        return cuts

    def every(self) -> list[Cut]:
        """Every byte count in both directions."""
        return [
            Cut(direction, count, resets=count % 2 == 1)
            for direction in (TO_SERVER, TO_CLIENT)
            for count in range(self.whole.bytes[direction])
        ]

    def plan(self, seed: int, count: int | None) -> list[Cut]:
        """So many cuts, those around COMMIT and some after which nobody listens any more among them; without a count all."""
        special = self.around_commits()
        everywhere = self.every()
        chance = random.Random(f"{seed} cuts")
        lasting = [replace(cut, lasting=True) for cut in chance.sample(everywhere, 2)]
        chosen = everywhere if count is None else chance.sample(everywhere, max(count - len(special) - len(lasting), 0))
        return special + lasting + chosen

    def round(self, cut: Cut) -> Result:
        database = self.stage.rewound(self.situation)
        proxy = Proxy(self.stage.server.socket, cut)
        try:
            outcome = self.session(database, proxy).finish()
        finally:
            proxy.close()
        result = self.stage.judge(self.situation, database, [outcome])
        result.note = str(cut)
        result.happened = proxy.measured.cut
        if not result.happened:
            result.problems.append("the session ended before it could be cut here")
        elif cut.lasting:
            if outcome.status != 69 and not self.is_after_work(cut):
                result.problems.append(f"the server was gone for good, but the exit status is {outcome.status}")
            expected = self.left_by(cut)
            if expected:
                result.problems += [f"right after the cut: {line}" for line in compare.differences(expected, result.found)]
        return result

    def left_by(self, cut: Cut) -> compare.Dump | None:
        """What a cut for good at a COMMIT leaves in the database."""
        if cut.commit is not None:
            return self.after[cut.commit]
        for number, (sent, _, _) in enumerate(self.whole.commits, 1):
            if cut.direction == TO_SERVER and cut.bytes == sent - 1:
                return self.after[number - 1]
        return None

    def is_after_work(self, cut: Cut) -> bool:
        """Whether the program needs nothing any more at this point: it has the last answer and says goodbye."""
        sent, _, after = self.whole.commits[-1]
        return cut.commit is None and cut.bytes >= (sent + 1 if cut.direction == TO_SERVER else after)


class FullDisk:
    """Rounds in which the disk of the server, or of the tablespace with the program's tables, has little space left: until
    the program gives up, or for a second or two."""

    def __init__(self, stage: Stage, disk: Path, tablespace: str | None):
        self.stage, self.disk, self.tablespace = stage, disk, tablespace

    def round(self, chance: random.Random, stays_full: bool) -> Result:
        situation = self.stage.choose(chance)
        with self.stage.server.create(situation.template, tablespace=self.tablespace) as database:
            self.stage.server.survive_crashes()
            if chance.random() < 0.7:
                # The first connection to a database writes a file; without space nobody else gets in.
                database.ask("SELECT")
            ballast = Ballast(self.disk, left=chance.choice([0, chance.randrange(0, 40), chance.randrange(0, 200)]) * 1024)
            program = self.stage.start(
                self.stage.arguments(chance), database.connection, chance, retries=3 if stays_full else None
            )
            if not stays_full:
                time.sleep(situation.seconds + chance.uniform(0.2, 2))
                ballast.remove()
                self.revive(database)
            outcome = program.finish()
            ballast.remove()
            self.revive(database)
            result = self.stage.judge(situation, database, [outcome])
            # A run that waited for space says so and succeeds.
            result.happened = outcome.status != situation.status or "is tried again" in outcome.text
            if outcome.status == 75 and "space" not in outcome.text:
                result.problems.append(f"75 without saying that there is no space: {outcome.sentence}")
            return result

    def revive(self, database: Database) -> None:
        """A server that could not write its log has stopped itself."""
        try:
            database.ask("SELECT")
        except SQLFailure:
            self.stage.server.pg_ctl("restart", "--mode=immediate")


class Ballast:
    """Takes the space of a file system but for so many bytes, and until it is removed whatever comes free as well: a server
    deletes segments of its log at every checkpoint, and a slow run would find that space."""

    def __init__(self, disk: Path, left: int):
        self.level = left
        self.path = disk / "ballast"
        self.file = self.path.open("wb", buffering=0)
        self.ending = threading.Event()
        self.top_up()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self) -> None:
        while not self.ending.wait(0.002):
            self.top_up()

    def top_up(self) -> None:
        state = os.statvfs(self.path)
        free = state.f_bavail * state.f_frsize
        self.level, size = min(self.level, free), free - self.level
        with contextlib.suppress(OSError):  # the server was faster
            while size > 0:
                size -= self.file.write(bytes(min(size, 1 << 20)))

    def remove(self) -> None:
        """Can be called again."""
        self.ending.set()
        self.thread.join()
        self.file.close()
        self.path.unlink(missing_ok=True)
