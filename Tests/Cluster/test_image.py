#!/usr/bin/env python3
"""The container image, started by podman and runc as a pod of k8s/ is: by default an image of the root folder that the
Containerfile copies, with --image the one that the Containerfile makes (`make image`).

  Scripts/with-postgres.sh Scripts/cluster-tools.sh python3 Tests/Cluster/test_image.py [--rounds N] [--seed N] [--image NAME]

Command lines and settings are those of the manifests, the database roles those that docs/deployment.md tells to make. A round
ends a backfill by SIGTERM to process 1 at a random instant: exit status 143, no log half stored, and the next run brings
the database of an undisturbed one.

CORRPARSE names the program for the root folder, by default the debug build. Of an image it is asked besides that it has none of
Swift's libraries, and is small.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Faults"))


import checks
import compare
import container
import manifests
import trees
from postgres import Database, Server
from proxy import Proxy

PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
MEGABYTE = 1 << 20
# 6-bars, Bars wants 16 MiB of the stripped static program; docs/reliability.md says what it has. This only keeps it from growing.
LARGEST = 16 * MEGABYTE
LARGEST_IMAGE = 42_000_000
# What the root folder is called as an image.
PACKED = "localhost/corrparse-root:test"
OPTIONS = argparse.Namespace(rounds=6, seed=1, image=None)
ENDINGS: Counter[str] = Counter()


def setUpModule() -> None:
    global FOLDER, IMAGE, LOGS, SERVER, PROXY
    FOLDER = Path(tempfile.mkdtemp(prefix="corrparse-image.", dir="/tmp"))
    FOLDER.chmod(0o755)
    IMAGE, LOGS = FOLDER / "root", FOLDER / "logs"
    if OPTIONS.image:
        container.unpack(OPTIONS.image, IMAGE)
    else:
        subprocess.run([str(ROOT / "Scripts" / "image-root.sh"), str(PROGRAM), str(IMAGE)], cwd=ROOT, check=True)
        os.environ["CORRPARSE_CONTAINERS"] = str(FOLDER / "containers")
        container.pack(IMAGE, PACKED)
    _, new = trees.mixed(OPTIONS.seed, logs_of_each=2, many=0, samples_of=4)
    seconds = trees.second_locations(new)
    trees.write(LOGS, new, without=seconds)
    SERVER = Server()
    # The socket's folder is closed to the container's user.
    PROXY = Proxy(SERVER.socket)
    with SERVER.create(name="cvntrade") as database:
        for statement in re.findall(r"```sql\n(.*?)```", (ROOT / "docs" / "deployment.md").read_text(), re.DOTALL):
            database.ask(statement)
        run("Job/corrparse-migrate", "cvntrade", "corrparse_migrator", expected={0})
        database.forget()
        SERVER.create("cvntrade", name="migrated")


def tearDownModule() -> None:
    PROXY.close()
    SERVER.forget()
    if not OPTIONS.image:
        container.podman("system", "reset", "--force")
    shutil.rmtree(FOLDER)


def start(name: str, database: str, role: str) -> container.Container:
    """A pod of this job, but for the settings of time and place."""
    job = dict(checks.job_specs(manifests.as_written()))[name]
    pod = job["template"]["spec"]["containers"][0]
    settings = manifests.one(manifests.as_written(), "ConfigMap/corrparse-settings")["data"] | {"CORRPARSE_SINCE": "2020-01-01"}
    settings["DATABASE_URL"] = f"postgresql://{role}@127.0.0.1:{PROXY.port}/{database}?sslmode=disable"
    return container.Container(
        OPTIONS.image or PACKED, LOGS, [*pod["command"], *manifests.expanded(pod["args"], settings)], settings
    )


def run(name: str, database: str, role: str, expected: set[int]) -> str:
    status, _, errors = start(name, database, role).finish()
    if status not in expected:
        raise AssertionError(f"{name} ends with {status}: {errors}")
    return errors


def backfill(database: Database, expected: set[int]) -> str:
    return run("CronJob/corrparse", database.name, "corrparse_job", expected)


class Image(unittest.TestCase):
    def test_nothing_is_missing_and_nothing_superfluous(self) -> None:
        files = {str(file.relative_to(IMAGE)) for file in IMAGE.rglob("*") if not file.is_dir()}
        self.assertLessEqual(
            {"usr/local/bin/corrparse", "etc/ssl/certs/ca-certificates.crt", "etc/passwd", "usr/share/doc/corrparse.LICENSE"},
            files,
        )
        programs = {
            name for name in files if os.access(IMAGE / name, os.X_OK) and "/lib" not in name and (IMAGE / name).is_file()
        }
        self.assertEqual(programs - {"lib64"}, {"usr/local/bin/corrparse"})
        writable = [name for name in files if (IMAGE / name).lstat().st_mode & 0o6022 and not (IMAGE / name).is_symlink()]
        self.assertEqual(writable, [])
        # A scanner finds the package of every library from Debian.
        libraries = {Path(name).name for name in files if name.startswith("usr/lib")}
        self.assertGreater(len(libraries), 5)
        packages = [(IMAGE / name).read_text() for name in files if name.startswith("var/lib/dpkg/status.d/")]
        self.assertLessEqual(
            {"libpq5", "libc6", "zlib1g"}, {re.search(r"^Package: (\S+)$", text, re.MULTILINE)[1] for text in packages}
        )
        self.assertEqual(len(packages), len([name for name in files if name.endswith("/copyright")]))

    def test_image_is_small(self) -> None:
        if not OPTIONS.image:
            self.skipTest("only the image of `make image`")
        self.assertEqual(list(IMAGE.rglob("libswift*")), [])
        size = (IMAGE / "usr" / "local" / "bin" / "corrparse").stat().st_size
        whole = sum(file.lstat().st_size for file in IMAGE.rglob("*") if file.is_file())
        print(f"image: program {size / MEGABYTE:.2f} MiB, stripped; whole root {whole / MEGABYTE:.1f} MiB", file=sys.stderr)
        self.assertLess(size, LARGEST)
        self.assertLess(whole, LARGEST_IMAGE)
        self.assertLess(int(container.podman("inspect", "--format={{.Size}}", OPTIONS.image).stdout), LARGEST_IMAGE)

    def test_image_says_what_it_is(self) -> None:
        if not OPTIONS.image:
            self.skipTest("only the image of `make image`")
        said = container.podman("inspect", "--format={{.Config.User}} {{.Config.StopSignal}}", OPTIONS.image).stdout.split()
        self.assertEqual(said, ["65532:65532", "SIGTERM"])
        # As somebody types it: the entry point, and help without a command.
        for arguments, expected in ((["--version"], "corrparse "), ([], "USAGE: corrparse")):
            done = container.podman("run", "--rm", *container.CONFINED, OPTIONS.image, *arguments)
            self.assertIn(expected, done.stdout)

    def test_containerfile_is_in_order(self) -> None:
        text = (ROOT / "Containerfile").read_text()
        # Every base has a full version, or is empty.
        bases = re.findall(r"^(?:FROM|ARG SWIFT_IMAGE=)\s*(\S+)", text, re.MULTILINE)
        self.assertEqual(
            [
                base
                for base in bases
                if not re.fullmatch(r"scratch|\$\{SWIFT_IMAGE\}|\S+:\d+\.\d+\.\d+-\w+(@sha256:[0-9a-f]{64})?", base)
            ],
            [],
        )
        if not shutil.which("hadolint"):
            self.skipTest("hadolint is not installed")
        for content, clean in ((text, True), (text.replace("USER 65532", "USER root"), False)):
            done = subprocess.run(["hadolint", "-"], check=False, input=content, capture_output=True, text=True)
            self.assertEqual(done.returncode == 0, clean, done.stdout)


class Running(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        with SERVER.create("migrated") as database:
            cls.relations = compare.relations_of(database.ask)
            cls.before = compare.snapshot(database.ask, cls.relations)
            database.forget()
            pod = start("CronJob/corrparse", database.name, "corrparse_job")
            pod.wait_for_start()
            begin = time.monotonic()
            while pod.first:
                time.sleep(0.002)
            # Of the program alone, without what podman does before and after.
            cls.seconds = time.monotonic() - begin
            status, _, errors = pod.finish()
            if status != 65:
                raise AssertionError(f"ends with {status}: {errors}")
            cls.reference = compare.snapshot(database.ask, cls.relations)
            cls.source = database.ask("SELECT name FROM corrparse.source WHERE is_identified ORDER BY name LIMIT 1")[0]

    def test_process_one_is_confined(self) -> None:
        with SERVER.create("migrated") as database, Held(database, self.source) as pod:
            first = pod.wait_for_start()
            status, mounts = container.status_of(first), container.mounts_of(first)
            self.assertEqual(status["NSpid"].split()[1:], ["1"])
            self.assertEqual((set(status["Uid"].split()), set(status["Gid"].split())), ({"65532"}, {"65532"}))
            self.assertLessEqual(set(status["Groups"].split()), {"65532"})
            self.assertEqual((int(status["CapEff"], 16), int(status["CapPrm"], 16), status["NoNewPrivs"]), (0, 0, "1"))
            # 2: system calls are filtered by a profile.
            self.assertEqual(status["Seccomp"], "2")
            self.assertEqual(
                {place: "ro" in how for place, how in mounts.items() if place in ("/", "/logs")}, {"/": True, "/logs": True}
            )

    def test_a_run_that_waits_ends_on_sigterm(self) -> None:
        """In the middle of a backfill for certain: a lock holds it."""
        with SERVER.create("migrated") as database, Held(database, self.source) as pod:
            pod.wait_until_held()
            os.kill(pod.first, signal.SIGTERM)
            status, _, errors = pod.finish_after_release(lambda said: "finishing the log at hand" in said)
            self.assertEqual(status, 143, errors)
            self.assertIn("stopped before the end", errors)
            self.judge(database)

    def test_sigterm_at_random_instants(self) -> None:
        chance = random.Random(OPTIONS.seed)
        for number in range(OPTIONS.rounds):
            with self.subTest(round=number, seed=OPTIONS.seed), SERVER.create("migrated") as database:
                pod = start("CronJob/corrparse", database.name, "corrparse_job")
                pod.wait_for_start()
                time.sleep(chance.uniform(0, self.seconds))
                if first := pod.first:
                    os.kill(first, signal.SIGTERM)
                status, _, errors = pod.finish()
                self.assertIn(status, (143, 65), errors)
                ENDINGS["143" if status == 143 else "finished before"] += 1
                self.judge(database)

    def judge(self, database: Database) -> None:
        found = compare.snapshot(database.ask, self.relations, tables_only=True)
        self.assertEqual(compare.sources_in_between(found, [self.before, self.reference]), [])
        database.forget()
        backfill(database, {65})
        self.assertEqual(compare.differences(self.reference, compare.snapshot(database.ask, self.relations)), [])
        self.assertEqual(compare.broken_invariants(database.ask), [])


class Held:
    """A backfill that has come to wait for a lock on a source."""

    def __init__(self, database: Database, source: str):
        self.database, self.source = database, source

    def __enter__(self) -> Held:
        name = self.source.replace("'", "''")
        self.database.ask(f"BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('{name}', 1))")
        self.pod = start("CronJob/corrparse", self.database.name, "corrparse_job")
        return self

    def __getattr__(self, name: str):
        return getattr(self.pod, name)

    def wait_until_held(self) -> None:
        while self.pod.process.poll() is None and not SERVER.ask(
            f"SELECT 1 FROM pg_stat_activity WHERE datname = '{self.database.name}' AND wait_event_type = 'Lock'"
        ):
            time.sleep(0.01)

    def finish_after_release(self, is_heard) -> tuple[int, str, str]:
        said = ""
        while not is_heard(said) and (line := self.pod.process.stderr.readline()):
            said += line
        self.database.ask("ROLLBACK")
        status, output, errors = self.pod.finish()
        return status, output, said + errors

    def __exit__(self, *_: object) -> None:
        if self.pod.process.poll() is None:
            self.pod.kill()
            self.pod.process.communicate()
        self.database.forget()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=OPTIONS.rounds)
    parser.add_argument("--seed", type=int, default=OPTIONS.seed)
    parser.add_argument("--image", help="an image of Scripts/podman.sh, in place of the root folder")
    parser.parse_args(namespace=OPTIONS)
    if os.getuid() != 0:
        print("image: SKIPPED, only root may run containers without name spaces of users")
        return
    done = unittest.main(argv=sys.argv[:1], exit=False).result
    said = ", ".join(f"{count} {'ended with 143' if ending == '143' else ending}" for ending, count in sorted(ENDINGS.items()))
    print(
        f"image: {OPTIONS.image or 'of the root folder'} by podman and runc, as process 1; {OPTIONS.rounds} times SIGTERM: "
        f"{said}; {len(done.failures) + len(done.errors)} with differences"
    )
    sys.exit(not done.wasSuccessful())


if __name__ == "__main__":
    main()
