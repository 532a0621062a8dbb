#!/usr/bin/env python3
"""A migration that works in steps: killed and taken up again, beside writers and readers, with what users have made.

Scripts/with-postgres.sh python3 Tests/Operations/test_migration_steps.py
"""

from __future__ import annotations

import pathlib
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import clusters
import program
from stepped import BUILDS, COUNT, INVALID, PATIENCE, STATED, STEPPED, STOP, STOPPED, TRANSACTION, WAITS, Stepped


class Kills:
    """Killed and taken up again."""

    def test_killed_after_any_step_it_is_taken_up_again(self):
        """The program is killed, or its server process, when a step has done its work and is not noted yet."""
        undisturbed = self.undisturbed()
        self.owner.run(STOP)
        for step in range(1, COUNT + 1):
            for kills_program in (True, False) if step == TRANSACTION else (step % 2 == 0,):
                self.owner.run(f"TRUNCATE public.stop; INSERT INTO public.stop VALUES ({step})")
                process = self.start()
                self.until(f"the end of step {step}", lambda: self.ask(STOPPED) or process.poll() is not None)  # noqa: B023
                if kills_program:
                    process.send_signal(signal.SIGKILL)
                    process.wait()
                self.owner.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN (" + STOPPED + ")")
                if not kills_program:
                    _, errors = process.communicate(timeout=PATIENCE)
                    self.assertEqual(process.returncode, 69, errors)
                self.until("the end of its server process", lambda: not self.ask(STOPPED))
                self.assertEqual(self.done(), step - 1)
                status = program.run("migrate", "status", DATABASE_URL=self.database.connection())
                self.assertEqual(status.returncode, 78)
                progress = f", {step - 1} of {COUNT} steps done" if step > 1 else ""
                self.assertIn(f"{STEPPED.stem}  pending{progress}\n", status.stdout)
            self.assertEqual(self.ask(INVALID), [])
        self.owner.run("DROP TABLE public.stop; DROP FUNCTION public.stop CASCADE")
        self.migrate()
        self.compare(undisturbed)

    def test_killed_in_a_step_it_is_taken_up_again(self):
        undisturbed = self.undisturbed()

        # While an index is built, which somebody's transaction keeps from ending.
        holder = self.connect()
        holder.run("BEGIN; LOCK TABLE corrparse.record IN ROW EXCLUSIVE MODE")
        process = self.start()
        self.until("a build that waits", lambda: self.ask(INVALID) and self.ask(WAITS))
        process.send_signal(signal.SIGKILL)
        process.wait()
        # Its server process has nobody any more, and ends.
        self.until("the end of the build", lambda: not self.ask(BUILDS))
        self.assertEqual(len(self.ask(INVALID)), 1)
        holder.run("ROLLBACK")

        # In the transaction, which a reader keeps waiting.
        holder.run("BEGIN; LOCK TABLE corrparse.run_diagnosis IN ACCESS SHARE MODE")
        process = self.start()
        self.until("a transaction that waits", lambda: self.done() >= TRANSACTION - 1 and self.ask(WAITS))
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertEqual(self.ask(INVALID), [])
        self.assertEqual(self.ask("SELECT to_regclass('corrparse.kept_statement')"), [None])
        holder.run("ROLLBACK")

        # The server process of a build.
        self.owner.run("DROP INDEX corrparse.record_dag_id_run_id_bytewise; DELETE FROM corrparse.migration_step WHERE step = 1")
        holder.run("BEGIN; LOCK TABLE corrparse.record IN ROW EXCLUSIVE MODE")
        process = self.start()
        self.until("a build that waits", lambda: self.ask(INVALID) and self.ask(WAITS))
        self.owner.run("SELECT pg_terminate_backend(pid::integer) FROM (" + WAITS + ") AS w")
        _, errors = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 69, errors)
        self.assertEqual(len(self.ask(INVALID)), 1)
        holder.run("ROLLBACK")
        self.migrate()
        self.compare(undisturbed)


class Steps(Stepped):
    def test_nobody_waits_for_longer_than_is_said(self):
        writer, holder = self.connect(), self.connect()
        writer.run("SET lock_timeout = '1s'")
        change = "UPDATE corrparse.record SET theta = coalesce(theta, 0) + 0.1 WHERE run_id = 'r1'"
        holder.run("BEGIN; LOCK TABLE corrparse.record IN ROW EXCLUSIVE MODE")
        process = self.start()
        self.until("a build that waits", lambda: self.ask(INVALID) and self.ask(WAITS))
        for _ in range(20):
            writer.run(change)
            self.assertEqual(len(writer.run("SELECT FROM diagnostics.verdict_v1 WHERE run_id = 'r1'").rows), 20)
        holder.run("ROLLBACK")

        # The transaction waits for a reader, and a writer waits behind it: until the transaction gives up for a while.
        holder.run("BEGIN; LOCK TABLE corrparse.run_diagnosis IN ACCESS SHARE MODE")
        self.until("a transaction that waits", lambda: self.done() >= TRANSACTION - 1 and self.ask(WAITS))
        writer.run(f"SET lock_timeout = '{STATED + 1}s'")
        for _ in range(2):
            writer.run(change)
        self.assertIsNone(process.poll())
        holder.run("ROLLBACK")
        _, errors = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 0, errors)
        self.assertIn("tried again", errors)
        self.assertEqual(self.ask("SELECT DISTINCT theta FROM corrparse.record WHERE run_id = 'r1'"), ["2.2"])

    def test_two_at_once_do_it_once(self):
        both = [self.start(), self.start()]
        said = [process.communicate(timeout=PATIENCE) for process in both]
        self.assertEqual([process.returncode for process in both], [0, 0], said)
        self.assertEqual(sum(f"applied {STEPPED.stem}\n" in output for output, _ in said), 1, said)

    def test_what_users_made_of_the_views_stays(self):
        role = f"bi_{self.database.name}"
        self.owner.run(f"""
          CREATE ROLE {role};
          CREATE SCHEMA users AUTHORIZATION {role};
          GRANT SELECT ON diagnostics.verdict_v1 TO {role} WITH GRANT OPTION;
          GRANT SELECT (run_id) ON diagnostics.issue_v1 TO {role};
          CREATE VIEW users.mine WITH (security_barrier = true) AS
            SELECT crypto, count(*) AS n FROM diagnostics.verdict_v1 GROUP BY crypto;
          CREATE VIEW users.theirs AS
            SELECT m.crypto, m.n, r.run_id FROM users.mine AS m JOIN diagnostics.run_diagnosis_v1 AS r USING (crypto);
          COMMENT ON VIEW users.mine IS 'Somebody''s';
          COMMENT ON COLUMN users.mine.n IS 'How many';
          ALTER VIEW users.mine OWNER TO {role};
          GRANT SELECT ON users.theirs TO {role}, PUBLIC;
        """)
        self.addCleanup(self.drop_role, role)
        users = [
            'SELECT n::text FROM users.mine ORDER BY crypto COLLATE "C"',
            "SELECT count(*)::text FROM users.theirs",
            """
              SELECT concat_ws(' ', relname, reloptions, relowner::regrole,
                (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) AS a))
              FROM pg_class WHERE relnamespace = 'users'::regnamespace ORDER BY 1
            """,
            f"""
              SELECT concat(has_table_privilege('{role}', 'diagnostics.verdict_v1', 'SELECT WITH GRANT OPTION'),
                has_column_privilege('{role}', 'diagnostics.issue_v1', 'run_id', 'SELECT'),
                has_column_privilege('{role}', 'diagnostics.issue_v1', 'kind', 'SELECT'))
            """,
            "SELECT concat(obj_description('users.mine'::regclass, 'pg_class'), col_description('users.mine'::regclass, 2))",
            """
              SELECT concat_ws(' ', table_name, grantee, privilege_type) FROM information_schema.role_table_grants
              WHERE table_schema = 'diagnostics' ORDER BY 1
            """,
        ]
        before = [self.ask(question) for question in users]
        self.assertEqual(before[3], ["ttf"])
        self.migrate()
        after = [self.ask(question) for question in users]
        self.assertEqual(after[:-1], before[:-1])
        # Later migrations may have made further views.
        self.assertLessEqual(set(before[-1]), set(after[-1]))

    def test_what_cannot_be_made_again_is_named(self):
        self.owner.run("CREATE SCHEMA users; CREATE MATERIALIZED VIEW users.kept AS SELECT crypto FROM diagnostics.verdict_v1")
        done = program.run("migrate", "up", DATABASE_URL=self.database.connection())
        self.assertEqual(done.returncode, 78, done.stderr)
        self.assertIn("materialized view users.kept depends on view diagnostics.verdict_v1", done.stderr)
        self.assertIn("drop what depends on it, run corrparse migrate up, and make it again", done.stderr)
        self.owner.run("DROP MATERIALIZED VIEW users.kept")
        self.migrate()


class Sorted:
    """In a database that sorts as people do."""

    def test_identifiers_compare_bytewise_afterwards(self):
        self.assertEqual(self.ask("SELECT 'a' < 'B'"), ["t"])
        self.migrate()
        cryptos = self.ask("SELECT DISTINCT crypto FROM diagnostics.verdict_v1 ORDER BY crypto")
        self.assertEqual(cryptos, ["ETHUSDC", "SOLUSDC", "ethusdc", "ÖUSDC"])
        self.owner.run("SET enable_seqscan = off")
        self.assertEqual(self.ask("SELECT count(*) FROM corrparse.record WHERE crypto >= 'a'"), ["2000"])
        self.assertEqual(self.ask(INVALID), [])


class StepsWithICU(Sorted, Stepped):
    how = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"


class StepsWithLibc(Sorted, Kills, Stepped):
    how = "TEMPLATE template0 LOCALE 'en_US.UTF-8'"

    @classmethod
    def setUpClass(cls):
        folder = program.folder()
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        # A locale that need not be installed.
        made = ["localedef", "--inputfile=en_US", "--charmap=UTF-8", "--no-archive", str(folder / "en_US.UTF-8")]
        subprocess.run(made, check=True, capture_output=True)
        cluster = clusters.Cluster(folder / "cluster", LOCPATH=str(folder))
        cls.addClassCleanup(cluster.stop)
        cls.server = cluster.local


if __name__ == "__main__":
    unittest.main()
