#!/usr/bin/env python3
"""Views, functions and triggers have one current place, schema/current: a file each, from which migrations are assembled.

  Scripts/with-postgres.sh Scripts/schema-current.py check
    Do the files say what the migrations have made?
  Scripts/with-postgres.sh Scripts/schema-current.py write
    Writes the files that do not, from a migrated database.
  Scripts/with-postgres.sh Scripts/schema-current.py migration NAME [TABLES.sql]
    Makes the next file of schema/migrations from the files that differ.

To change a view or a function, edit its file and assemble a migration. TABLES.sql holds what else the step does: tables, indexes,
rows. The migration replaces what can be replaced. Where a column or a signature changes, PostgreSQL refuses that; then the
migration takes down every view, function and trigger and makes them anew. The views of diagnostics are never dropped: while what
they read is taken down they show rows of nulls of the same types, so grants and the users' own views on them stay.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import re
import sys
from dataclasses import dataclass

import libpq
import migration_steps
from schema_objects import OBJECTS, STUBS, Object

ROOT = pathlib.Path(__file__).resolve().parents[1]
MIGRATIONS, CURRENT = ROOT / "schema/migrations", ROOT / "schema/current"
HEADER = "SET LOCAL lock_timeout = '5s';\nSET LOCAL statement_timeout = '15min';\n"
GRANTS = "SELECT corrparse.grant_to_roles();\n"
# What is left to do behind a migration's assembly.
NEXT = """wrote {file}
Next, by hand:
- {file}: say in its first lines what it is for.
- Sources/CMigrations/migrations.c: give the program the file, behind the one before it,
    static const unsigned char {step}[] = {{
    #embed "../../{file}"
    }};
  and the step, as the last one:
    STEP({step}),
- Tests/CommandTests/MigrateTests.swift: add "{step}" to the end of `steps`."""
# As the program's migrator begins a migration.
BEGIN = "BEGIN; SET LOCAL TimeZone = 'UTC'; SET LOCAL search_path = pg_catalog, pg_temp"

# The kind and the name of an object: the folder and the name of its file.
Key = tuple[str, str]


def path_of(kind: str, name: str) -> pathlib.Path:
    return CURRENT / f"{kind}s" / f"{name}.sql"


class Failure(Exception):
    """What is to be said instead of a traceback."""


def read_files() -> dict[Key, str]:
    """The text of every file."""
    files = {}
    for path in sorted(CURRENT.glob("*/*.sql")):
        kind, name, text = path.parent.name.removesuffix("s"), path.stem, path.read_text()
        made = name.rpartition(".")[2] if kind == "trigger" else name
        if not re.search(rf"^CREATE OR REPLACE {kind.upper()} {re.escape(made)}\b", text, re.MULTILINE):
            raise Failure(f"{path.relative_to(ROOT)} has no CREATE OR REPLACE {kind.upper()} {made}")
        files[kind, name] = text
    return files


@dataclass
class Database:
    """A database of its own, dropped at the end."""

    name: str
    connection: libpq.Connection

    def objects(self) -> dict[Key, Object]:
        found: dict[Key, Object] = {}
        for kind, name, *rest, private in self.connection.run(OBJECTS).rows:
            if (kind, name) in found:
                raise Failure(f"two functions are called {name}: a file holds one")
            found[kind, name] = Object(*rest, private == "t")
        return found

    def migrate(self, text: str) -> None:
        for step in migration_steps.steps(text):
            if step.is_transaction:
                self.run(step.text)
            else:
                self.connection.run(step.text)

    def run(self, text: str) -> None:
        """As one transaction."""
        with self.transaction():
            self.connection.run(text)

    @contextlib.contextmanager
    def transaction(self):
        self.connection.run(BEGIN)
        try:
            yield
        except BaseException:
            self.connection.run("ROLLBACK")
            raise
        self.connection.run("COMMIT")

    def try_all(self, statements: dict) -> tuple[list, dict]:
        """Runs statements in an order in which they succeed. Gives the keys in that order, and the errors of the rest."""
        done, rest = [], dict(statements)
        while rest:
            errors = {}
            for key, statement in rest.items():
                self.connection.run("SAVEPOINT one")
                try:
                    self.connection.run(statement)
                    done.append(key)
                except libpq.Error as error:
                    self.connection.run("ROLLBACK TO SAVEPOINT one")
                    errors[key] = error
            if len(errors) == len(rest):
                return done, errors
            rest = {key: rest[key] for key in errors}
        return done, {}


class Workshop:
    """Databases on the server of Scripts/with-postgres.sh."""

    def __init__(self, stack: contextlib.ExitStack):
        self.server = os.environ.get("CORRPARSE_TEST_DATABASE", "")
        if not self.server:
            raise Failure("CORRPARSE_TEST_DATABASE is not set: run this by Scripts/with-postgres.sh")
        self.stack = stack
        self.admin = stack.enter_context(libpq.Connection(self.server))
        self.count = 0

    def database(self, template: Database | None = None) -> Database:
        """An empty one, or a copy of one that nobody is connected to."""
        self.count += 1
        name = f"schema_current_{os.getpid()}_{self.count}"
        self.admin.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template.name}" if template else ""))
        self.stack.callback(self.admin.run, f"DROP DATABASE {name} WITH (FORCE)")
        return Database(name, self.connect(name))

    def connect(self, name: str) -> libpq.Connection:
        return self.stack.enter_context(libpq.Connection(libpq.with_database(self.server, name)))

    def migrated(self) -> Database:
        """With every step of schema/migrations."""
        database = self.database()
        database.run("CREATE SCHEMA corrparse")
        for step in sorted(MIGRATIONS.glob("v*.sql")):
            try:
                database.migrate(step.read_text())
            except libpq.Error as error:
                raise Failure(f"{step.relative_to(ROOT)}: {error}") from None
        return database

    def copy(self, original: Database) -> Database:
        original.connection.close()
        made = self.database(original)
        original.connection = self.connect(original.name)
        return made


def build(database: Database, files: dict[Key, str], tables: str = "") -> tuple[list[Key], dict]:
    """Takes down all there is and makes what the files say; gives the order of making them, and the files that failed."""
    with database.transaction():
        objects = database.objects()
        drops = {key: f"DROP {item.signature}" for key, item in objects.items()}
        # What stays is what tables are made with.
        _, kept = database.try_all(drops)
        for key in kept:
            database.connection.run(f"COMMENT ON {objects[key].signature} IS NULL")
        if tables:
            database.connection.run(tables)
        order, errors = database.try_all(files)
        if not errors:
            database.connection.run(GRANTS)
        return order, errors


def differences(made: Database, wanted: Database) -> list[Key]:
    """What is not the same in both, or in one of them only."""
    have, want = made.objects(), wanted.objects()
    return sorted(key for key in have.keys() | want.keys() if have.get(key) != want.get(key))


def dropping(key: Key, item: Object) -> str:
    return f"-- squawk-ignore ban-drop-{key[0]}\nDROP {item.signature};\n"


def takedown(database: Database) -> str:
    """The statements that take down everything but the contract and what tables and triggers are made with."""
    stubs = [row[0] for row in database.connection.run(STUBS).rows]
    with database.transaction():
        for stub in stubs:
            database.connection.run(stub)
        parts = {key: item for key, item in database.objects().items() if key[0] != "trigger" and key[1].startswith("corrparse.")}
        order, _ = database.try_all({key: f"DROP {item.signature}" for key, item in parts.items()})
    return "".join(stubs) + "\n" + "".join(dropping(key, parts[key]) for key in order)


def check(workshop: Workshop) -> int:
    migrated = workshop.migrated()
    built = workshop.copy(migrated)
    _, errors = build(built, read_files())
    for (kind, name), error in errors.items():
        print(f"{path_of(kind, name).relative_to(ROOT)}: {error}", file=sys.stderr)
    if errors:
        return 1
    stale = differences(migrated, built)
    for kind, name in stale:
        print(f"{path_of(kind, name).relative_to(ROOT)}: the migrations make another {kind} {name}", file=sys.stderr)
    if stale:
        print("assemble a migration from these files, or write them anew: CONTRIBUTING.md, The schema", file=sys.stderr)
    return 1 if stale else 0


def write(workshop: Workshop) -> int:
    migrated = workshop.migrated()
    objects = migrated.objects()

    def rewrite(key: Key) -> None:
        path = path_of(*key)
        if key in objects:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(objects[key].text())
        else:
            path.unlink()
        print(f"{'wrote' if key in objects else 'removed'} {path.relative_to(ROOT)}")

    # First those that make nothing, without which the rights of the others are not what they would be.
    built = workshop.copy(migrated)
    _, errors = build(built, read_files())
    for key in errors:
        rewrite(key)
    if errors:
        built = workshop.copy(migrated)
        build(built, read_files())
    for key in differences(migrated, built):
        rewrite(key)
    return 0


def assemble(workshop: Workshop, name: str, tables: str) -> int:
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise Failure(f"{name}: a migration's name is of small letters, digits and _")
    files = read_files()
    migrated = workshop.migrated()
    wanted = workshop.copy(migrated)
    order, errors = build(wanted, files, tables)
    if errors:
        raise Failure("\n".join(f"{path_of(*key).relative_to(ROOT)}: {error}" for key, error in errors.items()))
    tables = tables and tables.rstrip("\n") + "\n\n"
    changed = differences(migrated, wanted)
    had = migrated.objects()
    gone = {key: dropping(key, had[key]) for key in changed if key not in files}
    replaced = "\n".join([*(files[key] for key in order if key in changed), *gone.values()])
    untriggered = [statement for (kind, _), statement in gone.items() if kind == "trigger"]
    made = "\n".join(files[key] for key in order)
    anew = "".join(untriggered) + takedown(workshop.copy(migrated)) + "\n" + tables + made
    for body in (tables + replaced, anew):
        text = f"-- {name.replace('_', ' ').capitalize()}. Assembled by Scripts/schema-current.py.\n{HEADER}\n{body}\n{GRANTS}"
        trial = workshop.copy(migrated)
        try:
            trial.run(text)
        except libpq.Error as error:
            refused = error
            continue
        if not differences(trial, wanted):
            break
        refused = "it makes something else"
    else:
        raise Failure(f"no migration comes to what the files say: {refused}")
    version = 1 + max(int(step.name[1:5]) for step in MIGRATIONS.glob("v*.sql"))
    path = MIGRATIONS / f"v{version:04}_{name}.sql"
    path.write_text(text)
    print(NEXT.format(file=path.relative_to(ROOT), step=path.stem))
    return 0


def main(arguments: list[str]) -> int:
    with contextlib.ExitStack() as stack:
        try:
            workshop = Workshop(stack)
            match arguments:
                case ["check"]:
                    return check(workshop)
                case ["write"]:
                    return write(workshop)
                case ["migration", name]:
                    return assemble(workshop, name, "")
                case ["migration", name, tables]:
                    return assemble(workshop, name, pathlib.Path(tables).read_text())
        except Failure as failure:
            print(f"schema-current: {failure}", file=sys.stderr)
            return 1
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
