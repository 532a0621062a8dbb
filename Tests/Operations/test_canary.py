#!/usr/bin/env python3
"""A password that must appear nowhere: every way to give one, in every command, with everything that can go wrong.

python3 Tests/Operations/test_canary.py          # every ninth of them, as in make test
python3 Tests/Operations/test_canary.py --all    # all: some minutes
"""

from __future__ import annotations

import concurrent.futures
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program
import tls
from canary_inputs import CANARY, Inputs

EVERY_PATH = False
# Parts that a message could be cut to are looked for too.
SECRETS = [CANARY, "canary", "CaNa", "NaRy", urllib.parse.quote("CaN%aRy"), "%43aNaRy"]


def setUpModule():
    global FOLDER, SERVER, INPUTS
    FOLDER = program.folder()
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)
    SERVER = tls.Server(FOLDER, tls.Certificates(FOLDER / "certificates"))
    unittest.addModuleCleanup(SERVER.close)
    INPUTS = Inputs(FOLDER, SERVER)


class Canary(unittest.TestCase):
    numbers = itertools.count()

    def paths(self):
        """Arguments and environment of every run, each in text or in JSON, most with metrics and every level of the log."""
        forms = itertools.cycle((["--log-level", "trace"], ["--log-level", "trace", "--log-format", "json"]))
        for (name, string), command in itertools.product(INPUTS.strings().items(), INPUTS.commands()):
            more = next(forms)
            yield name, [*command, *more], {"DATABASE_URL": string}
            if command[0] in ("ingest", "universe", "migrate"):
                yield name, [*command, *more, "--database", string], {}
        for (name, settings), command in itertools.product(INPUTS.environments().items(), INPUTS.commands()):
            yield name, [*command, *next(forms)], settings
        for arguments, settings in INPUTS.misplaced():
            yield "misplaced", arguments, settings

    def check(self, path) -> tuple[int, list[str]]:
        name, arguments, settings = path
        metrics = FOLDER / f"{next(self.numbers)}.prom"
        if (
            arguments[0] in ("ingest", "backfill")
            and "--dry-run" not in arguments
            and "--metrics-file" not in arguments
            and name != "misplaced"
        ):
            arguments = [*arguments, "--metrics-file", str(metrics)]
        done = program.run(*arguments, folder=str(FOLDER), **settings)
        told = {"stdout": done.stdout, "stderr": done.stderr}
        if metrics.exists():
            told["metrics"] = metrics.read_text()
        leaks = [
            f"{name}: {place} of {arguments} {settings}: {text}"
            for place, text in told.items()
            if any(secret in text for secret in SECRETS)
        ]
        if "json" in arguments[-4:] and "--log-format" in arguments:
            for line in done.stderr.splitlines():
                try:
                    json.loads(line)
                except ValueError:
                    leaks.append(f"{name}: not JSON: {line}")
        return done.returncode, leaks

    def test_no_path_shows_it(self):
        paths = list(self.paths())
        if not EVERY_PATH:
            # A step that shares no divisor with the number of commands meets every string and every command.
            paths = paths[::9]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            results = list(pool.map(self.check, paths))
        leaks = [leak for _, found in results for leak in found]
        failed = sum(status != 0 for status, _ in results)
        print(
            f"canary: {len(paths)} runs, {failed} of which failed with {len({s for s, _ in results if s})} exit statuses; "
            f"{len(leaks)} show the password",
            file=sys.stderr,
        )
        self.assertEqual(leaks[:20], [])
        self.assertGreaterEqual(failed, 100)
        self.assertLessEqual({64, 69, 77, 78}, {status for status, _ in results})
        # Nor has any run left it in the name or the content of a file, or in the database.
        left = [
            path
            for path in FOLDER.rglob("*")
            if path.is_file()
            and path.parent != FOLDER / "certificates"
            and FOLDER / "cluster" not in path.parents
            and path not in (INPUTS.services, INPUTS.wrong_services, INPUTS.passfile)
        ]
        self.assertEqual([path for path in left if CANARY in path.name or CANARY.encode() in path.read_bytes()], [])
        for database in ("postgres", "edited", "future", "empty"):
            dump = subprocess.run(
                [SERVER.programs / "pg_dump", "--data-only", "--inserts", f"{SERVER.local} dbname={database}"],
                capture_output=True,
                text=True,
                check=True,
                env=program.environment(),
            ).stdout
            self.assertEqual([secret for secret in SECRETS if secret in dump], [])

    def test_the_process_title_hides_it(self):
        """Of a run that waits: for its standard input, for a server that says nothing."""
        secret = f"postgresql://postgres:{CANARY}@127.0.0.1:{SERVER.port}/postgres"
        silent = program.socket.create_server(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        waiting = [
            (["state", "--database", f"postgresql://u:{CANARY}@127.0.0.1:{port}/x"], {}),
            (["state", f"--database=postgres://u:{CANARY}@127.0.0.1:{port}/x"], {}),
            (["state", "--database", f"host=127.0.0.1 port={port} password={CANARY}"], {}),
            (["observe", "prometheus", "--dry-run", "--url", f"http://u:{CANARY}@127.0.0.1:{port}"], {}),
            (["-"], {"DATABASE_URL": secret, "PGPASSWORD": CANARY}),
        ]
        for arguments, settings in waiting:
            process = subprocess.Popen(
                [program.PROGRAM, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=program.environment(**settings),
            )
            try:
                proc = pathlib.Path(f"/proc/{process.pid}")
                for _ in range(500):
                    # It waits for a socket or its input once it sleeps.
                    if (proc / "stat").read_text().rsplit(")", 1)[1].split()[0] == "S" and len(
                        list((proc / "task").iterdir())
                    ) > 1:
                        break
                    time.sleep(0.01)
                time.sleep(0.2)
                self.assertIsNone(process.poll())
                for name in ("cmdline", "comm", "stat", "status"):
                    self.assertNotIn(CANARY.encode(), (proc / name).read_bytes(), (name, arguments))
                title = subprocess.run(
                    ["ps", "-ww", "-o", "args=", str(process.pid)], check=False, capture_output=True, text=True
                ).stdout
                self.assertNotIn(CANARY, title)
                self.assertIn("corrparse", title)
            finally:
                process.kill()
                process.communicate()
        silent.close()


if __name__ == "__main__":
    EVERY_PATH = "--all" in sys.argv
    unittest.main(argv=[argument for argument in sys.argv if argument != "--all"])
