#!/usr/bin/env python3
"""The program's arguments, where they are hard to find: the program does what it was told, or ends with an error.

  python3 Tests/Operations/test_arguments.py    # the debug build
  CORRPARSE=.build/release/corrparse python3 Tests/Operations/test_arguments.py

A program that misses its arguments parses an empty input and ends with 0, which a monitor takes for GREEN. A program that
loads Swift's libraries is tried twice: as it is, and linked again from the same objects with these libraries in it, as Swift then
looks for the arguments in another place.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import program

PROGRAM = pathlib.Path(program.PROGRAM)
# The same with shared libraries: what `swift build --build-tests` leaves.
SHARED = program.ROOT / ".build/debug/corrparse"

# Moves the environment before `main` begins, as tracing and memory-checking libraries do.
PRELOADED = """
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void move_environment(void) {
  for (int number = 0; number < 1000; number++) {
    char name[32];
    snprintf(name, sizeof name, "PRELOADED_%d", number);
    setenv(name, "moved", 1);
  }
}
"""

# Starts $1 without a single argument, its name included.
NAMELESS = """
#include <unistd.h>

extern char **environ;

int main(int count, char **values) {
  char *none[] = {0};
  if (count == 2) execve(values[1], none, environ);
  return 1;
}
"""

# Has `main` called with argc 0, as Linux before 5.18 does where no argument is given.
NOTHING = """
#define _GNU_SOURCE
#include <dlfcn.h>

typedef int entry(int, char **, char **);
typedef void hook(void);
typedef int starter(entry *, int, char **, hook *, hook *, hook *, void *);

static entry *real;

static int without_arguments(int count, char **values, char **environment) {
  char *none[] = {0};
  return real(0, none, environment);
}

int __libc_start_main(entry *program, int count, char **values, hook *before, hook *after, hook *end, void *stack) {
  starter *start = (starter *)dlsym(RTLD_NEXT, "__libc_start_main");
  real = program;
  return start(without_arguments, count, values, before, after, end, stack);
}
"""

# An empty folder where /proc was, for this program only.
WITHOUT_PROC = [
    "unshare",
    *([] if os.getuid() == 0 else ["--map-root-user"]),
    "--mount",
    "--propagation",
    "private",
    "sh",
    "-euc",
    'mount -t tmpfs none /proc; test ! -e /proc/self; exec "$@"',
    "sh",
]


def setUpModule() -> None:
    global FOLDER, PROGRAMS, PRELOAD, EMPTY, LAUNCHER, LOG
    FOLDER = program.folder()
    unittest.addModuleCleanup(shutil.rmtree, FOLDER)
    PRELOAD = compiled("preloaded.c", PRELOADED, "-shared", "-fPIC")
    EMPTY = compiled("nothing.c", NOTHING, "-shared", "-fPIC")
    LAUNCHER = compiled("nameless.c", NAMELESS)
    LOG = program.write(FOLDER, program.LOG, program.block(7) + program.END)
    PROGRAMS = {"as built": PROGRAM}
    if loads_swift(PROGRAM):
        PROGRAMS["linked with Swift's libraries"] = relinked()
    elif SHARED.exists():
        PROGRAMS["with shared libraries"] = SHARED


def compiled(name: str, text: str, *options: str) -> pathlib.Path:
    source = program.write(FOLDER, name, text)
    made = source.with_suffix(".so" if options else ".out")
    subprocess.run(["clang", "-Wall", "-Werror", *options, "-o", str(made), str(source)], check=True)
    return made


def loads_swift(path: pathlib.Path) -> bool:
    read = subprocess.run(["readelf", "--dynamic", "--wide", path], capture_output=True, text=True, check=True)
    return "libswiftCore.so" in read.stdout


def made_by(command: list[str]) -> str:
    return pathlib.Path(command[command.index("-o") + 1]).name


def relinked() -> pathlib.Path:
    """Linked as the package manager linked it, with the one option more that `make build` has."""
    plan = PROGRAM.parent.resolve().parents[1] / f"{PROGRAM.parent.name}.yaml"
    lines = (line.strip() for line in plan.read_text().splitlines())
    commands = [json.loads(line.removeprefix("args: ")) for line in lines if line.startswith("args: [")]
    links = [command for command in commands if "-emit-executable" in command and made_by(command) == PROGRAM.name]
    assert len(links) == 1, f"{plan} has {len(links)} commands that link {PROGRAM.name}"
    command = links[0]
    made = FOLDER / "linked-in" / "corrparse"
    made.parent.mkdir()
    command[command.index("-o") + 1] = str(made)
    # Objects made for shared libraries name Foundation, not what is in an archive of its own there.
    subprocess.run([*command, "-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims"], check=True)
    assert not loads_swift(made)
    return made


def everywhere():
    """Every program in every place: what it is called, and the beginning of the command."""
    moved = ["env", f"LD_PRELOAD={PRELOAD}"]
    for name, path in PROGRAMS.items():
        yield {"program": name, "place": "plain"}, [path]
        yield {"program": name, "place": "setenv before main"}, [*moved, path]
        yield {"program": name, "place": "no /proc"}, [*WITHOUT_PROC, path]
        yield {"program": name, "place": "both"}, [*WITHOUT_PROC, *moved, path]


def finish(command: list, **settings: str) -> tuple[int, str, str]:
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        cwd=FOLDER,
        env=program.environment(**settings),
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class Arguments(unittest.TestCase):
    def test_version_is_said(self) -> None:
        for case, command in everywhere():
            with self.subTest(**case):
                status, output, errors = finish([*command, "--version"])
                self.assertEqual((status, errors), (0, ""))
                self.assertRegex(output, r"\Acorrparse \d+\.\d+\.\d+(|\+g\w+|-\d+-g\w+) \(grammar ")

    def test_parse_reads_the_log_that_is_named(self) -> None:
        for case, command in everywhere():
            with self.subTest(**case):
                status, output, errors = finish([*command, "parse", LOG])
                self.assertEqual((status, errors, len(output.splitlines())), (0, "", 1))

    def test_parse_reads_a_log_whose_name_is_no_utf8(self) -> None:
        path = os.fsencode(FOLDER) + b"/\xff\xfe.log"
        pathlib.Path(os.fsdecode(path)).write_bytes(LOG.read_bytes())
        for case, command in everywhere():
            with self.subTest(**case):
                status, output, errors = finish([*command, path])
                self.assertEqual((status, errors, len(output.splitlines())), (0, "", 1))

    def test_backfill_does_not_end_green_without_a_database(self) -> None:
        nobody = f"postgresql://127.0.0.1:{program.free_port()}/none"
        for case, command in everywhere():
            with self.subTest(**case):
                status, _, errors = finish(
                    [*command, "backfill", "--since", "2020-01-01", "--log-root", FOLDER],
                    DATABASE_URL=nobody,
                    CORRPARSE_RETRIES="0",
                )
                self.assertEqual(status, 69, errors)

    def test_state_is_not_green_without_a_database(self) -> None:
        nobody = f"postgresql://127.0.0.1:{program.free_port()}/none"
        for case, command in everywhere():
            with self.subTest(**case):
                status, output, errors = finish([*command, "state"], DATABASE_URL=nobody, CORRPARSE_RETRIES="0")
                self.assertNotEqual(status, 0, errors)
                self.assertNotIn("GREEN", output)

    def test_arguments_over_many_pages_of_memory_arrive(self) -> None:
        names = [f"{FOLDER}/{'x' * 200}-{number}.log" for number in range(60)]
        for case, command in everywhere():
            with self.subTest(**case):
                status, _, errors = finish([*command, "parse", *names], LONG="x" * 100_000)
                self.assertEqual(status, 65)
                self.assertEqual(re.findall(r"x-(\d+)\.log", errors), [str(number) for number in range(60)])

    def test_a_password_is_overwritten(self) -> None:
        with program.socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(60)
            secret = f"postgresql://u:CaNaRy@127.0.0.1:{silent.getsockname()[1]}/x"
            for case, command in everywhere():
                with self.subTest(**case):
                    process = subprocess.Popen(
                        [*command, "state", "--database", secret],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        env=program.environment(),
                    )
                    try:
                        # Whoever connects has taken the argument, and waits for an answer.
                        with silent.accept()[0]:
                            shown = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
                        self.assertEqual(shown[1:], [b"state", b"--database", b"x" * len(secret), b""])
                    finally:
                        process.kill()
                        process.communicate()

    def test_a_start_without_even_a_name_is_refused(self) -> None:
        """Linux gives the program an empty name since 5.18, and argc 0 before."""
        for case, command in everywhere():
            before, path = command[:-1], command[-1]
            for count, start in ((1, [LAUNCHER, path]), (0, ["env", f"LD_PRELOAD={EMPTY} {PRELOAD}", path])):
                with self.subTest(argc=count, **case):
                    status, output, errors = finish([*before, *start])
                    self.assertEqual((status, output), (64, ""), errors)
                    self.assertIn("started without arguments", errors)


if __name__ == "__main__":
    unittest.main()
