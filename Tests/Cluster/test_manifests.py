#!/usr/bin/env python3
"""The manifests of k8s/, k8s-components/ and k8s-overlays/: rendered by kustomize, valid strictly under several versions of
Kubernetes, and as Tests/Cluster/checks.py wants them, each of whose rules is broken once and seen.

  Scripts/cluster-tools.sh python3 Tests/Cluster/test_manifests.py

CORRPARSE names the program, by default the debug build: every command line in a manifest has to be one that it takes.
"""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

try:
    import kubernetes_validate
except ImportError:
    kubernetes_validate = None

import checks
from broken import BROKEN
from manifests import (
    ROOT,
    as_written,
    documented,
    documents,
    egress,
    expanded,
    has_kustomize,
    one,
    overlay_with,
    render,
    rendered,
    role,
    written,
)

PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
KUSTOMIZATIONS = [
    "k8s",
    *(f"k8s-overlays/{kind}/{top}" for kind in ("volume", "bucket") for top in ("hourly", "upgrade", "years")),
]
RELEASE = subprocess.run([ROOT / "Scripts" / "version.sh", "--release"], check=True, capture_output=True, text=True).stdout
IMAGE = f"registry.example/cvntrade/corrparse:{RELEASE.strip()}"
# The oldest that has backoffLimitPerIndex without a feature gate, and later ones.
VERSIONS = ["1.29", "1.31", "1.33", "1.35", "1.37"]
MISSING: list[str] = []


def needs(tool: str, is_there: bool):
    if not is_there:
        MISSING.append(tool)
    return unittest.skipUnless(is_there, f"{tool} is not installed")


class Rendering(unittest.TestCase):
    @needs("kubectl", has_kustomize())
    def test_kustomize_renders_the_base_as_it_stands(self) -> None:
        def by_name(objects: list[dict]) -> list[dict]:
            return sorted(objects, key=checks.named)

        self.assertEqual(by_name(render("k8s")), by_name(written("k8s")))

    @needs("kubectl", bool(shutil.which("kubectl-oldest")))
    def test_an_older_kubectl_renders_the_same(self) -> None:
        for folder in KUSTOMIZATIONS:
            self.assertEqual(documents(rendered(folder, "kubectl-oldest")), render(folder), folder)

    @needs("kubectl", has_kustomize())
    def test_what_is_applied_again_and_again_has_no_job(self) -> None:
        """The pods of a job cannot be changed: applying another image would fail. A job that runs would be disturbed."""
        for kind in ("volume", "bucket"):
            hourly = render(f"k8s-overlays/{kind}/hourly")
            self.assertNotIn("Job", {thing["kind"] for thing in hourly})
            for top, added in (("upgrade", "Job/corrparse-migrate"), ("years", "Job/corrparse-backfill")):
                whole = {checks.named(thing): thing for thing in render(f"k8s-overlays/{kind}/{top}")}
                self.assertEqual(set(whole) - {checks.named(thing) for thing in hourly}, {added})
                for thing in hourly:
                    self.assertEqual(whole[checks.named(thing)], thing)

    @needs("kubectl", has_kustomize())
    def test_nothing_empty_is_written_that_the_server_leaves_out(self) -> None:
        """Such a field shows in every `kubectl diff`."""
        for thing in [*as_written(), *role(), *(thing for folder in KUSTOMIZATIONS for thing in render(folder))]:
            self.assertEqual(empty_fields(thing), [], checks.named(thing))

    @needs("kubectl", has_kustomize())
    def test_argo_cd_applies_settings_then_the_migration_then_the_rest(self) -> None:
        for folder in KUSTOMIZATIONS:
            waves = {checks.named(thing): checks.wave(thing) for thing in render(folder)}
            for name, wave in waves.items():
                expected = {"CronJob/corrparse": 0, "Job/corrparse-migrate": -1, "Job/corrparse-backfill": 1}.get(name, -2)
                self.assertEqual(wave, expected, f"{folder}: {name}")
        hook = one(render("k8s-overlays/volume/upgrade"), "Job/corrparse-migrate")["metadata"]["annotations"]
        # Made anew each time, and what comes after it waits for its end.
        self.assertEqual(hook["argocd.argoproj.io/hook"], "Sync")
        self.assertEqual(hook["argocd.argoproj.io/hook-delete-policy"], "BeforeHookCreation")

    @needs("kubectl", has_kustomize())
    def test_components_come_with_the_namespace_and_the_image_of_the_overlay(self) -> None:
        for kind in ("volume", "bucket"):
            with tempfile.TemporaryDirectory() as folder:
                objects = render(overlay_with(Path(folder), kind, ["airflow", "observe", "observe-mlflow", "prune"], "years"))
            self.assertLessEqual(
                {
                    "CronJob/corrparse-observe",
                    "CronJob/corrparse-observe-mlflow",
                    "CronJob/corrparse-prune",
                    "RoleBinding/corrparse-trigger",
                },
                {checks.named(thing) for thing in objects},
            )
            self.assertEqual({thing["metadata"]["namespace"] for thing in objects}, {"airflow"})
            images = {job["template"]["spec"]["containers"][0]["image"] for _, job in checks.job_specs(objects)}
            self.assertEqual(images, {IMAGE})
            self.assertEqual(checks.problems_of(objects), [])

    @needs("kubectl", has_kustomize())
    def test_documented_patches_narrow_the_network(self) -> None:
        database, prometheus = ([{"ipBlock": {"cidr": cidr}}] for cidr in ("10.20.0.0/24", "10.30.0.7/32"))
        for kind, bucket in (("volume", []), ("bucket", [(443, None)])):
            with tempfile.TemporaryDirectory() as folder:
                hourly = overlay_with(Path(folder), kind, ["observe"], "hourly")
                before = render(hourly)
                file = hourly / "kustomization.yaml"
                # As it is pasted below the patches, with which the overlay ends.
                pasted = documented("name: corrparse-observe}")
                # Behind a pooler: a second port of the database.
                file.write_text(
                    file.read_text() + re.sub("(?m)^( +- ){op: replace.*6432}$", rf"\g<0>\n\g<1>{second_port()}", pasted)
                )
                rendered.cache_clear()
                objects = render(hourly)
            self.assertEqual([port["port"] for port in egress(objects)[0]["ports"]], [6432, 5432])
            ways = [(rule["ports"][0]["port"], rule.get("to")) for rule in egress(objects)]
            self.assertEqual(ways, [(6432, database), *bucket, (443, prometheus), (443, [{"namespaceSelector": {}}])], kind)
            # The patches of the overlay still are.
            others = [[thing for thing in which if thing["kind"] != "NetworkPolicy"] for which in (before, objects)]
            self.assertEqual(*others, kind)

    @needs("kubectl", has_kustomize())
    def test_migration_and_years_take_secret_and_authority_from_the_hourly_run(self) -> None:
        for kind in ("volume", "bucket"):
            with tempfile.TemporaryDirectory() as folder:
                hourly = overlay_with(Path(folder), kind, [], "hourly")
                file = hourly / "kustomization.yaml"
                file.write_text(file.read_text() + documented("name: own-database"))
                upgrade, years = ({checks.named(t): t for t in render(hourly.with_name(top))} for top in ("upgrade", "years"))
            for name, thing, key in (
                ("CronJob/corrparse", upgrade, "DATABASE_URL"),
                ("Job/corrparse-migrate", upgrade, "MIGRATION_DATABASE_URL"),
                ("Job/corrparse-backfill", years, "DATABASE_URL"),
            ):
                pod = dict(checks.job_specs([thing[name]]))[name]["template"]["spec"]
                variables = {variable["name"]: variable for variable in pod["containers"][0]["env"]}
                expected = {"secretKeyRef": {"name": "own-database", "key": key}}
                self.assertEqual(variables["DATABASE_URL"]["valueFrom"], expected, name)
                volumes = {volume["name"]: volume for volume in pod["volumes"]}
                self.assertEqual(volumes["database-ca"]["configMap"], {"name": "own-ca", "optional": True}, name)

    @needs("kubectl", has_kustomize())
    def test_overlays_change_what_they_say(self) -> None:
        volume, bucket = (
            [thing for top in ("upgrade", "years") for thing in render(f"k8s-overlays/{kind}/{top}")]
            for kind in ("volume", "bucket")
        )
        for objects in (volume, bucket):
            self.assertEqual({thing["metadata"]["namespace"] for thing in objects}, {"airflow"})
            for name, job in checks.job_specs(objects):
                self.assertEqual(job["template"]["spec"]["containers"][0]["image"], IMAGE, name)
        readers = {"CronJob/corrparse", "Job/corrparse-backfill"}
        for name, job in checks.job_specs(volume):
            claims = [
                v["persistentVolumeClaim"]["claimName"]
                for v in job["template"]["spec"]["volumes"]
                if "persistentVolumeClaim" in v
            ]
            self.assertEqual(claims, ["airflow-logs"] if name in readers else [], name)
            groups = job["template"]["spec"]["securityContext"].get("supplementalGroups")
            self.assertEqual(groups, [0] if name in readers else None, name)
        for name, job in checks.job_specs(bucket):
            pod = job["template"]["spec"]
            self.assertNotIn("persistentVolumeClaim", {kind for volume in pod["volumes"] for kind in volume}, name)
            secrets = [source["secretRef"] for source in pod["containers"][0]["envFrom"] if "secretRef" in source]
            # Optional, as pods with an identity of the cloud's have none, and few have a password among their settings.
            expected = [{"name": name, "optional": True} for name in ("corrparse-settings", "corrparse-bucket")]
            self.assertEqual(secrets, expected if name in readers else [], name)
        settings = one(bucket, "ConfigMap/corrparse-settings")["data"]
        self.assertEqual(settings["CORRPARSE_LOG_ROOT"], "s3://airflow-logs/logs")
        self.assertEqual(settings["CORRPARSE_SINCE"], "2d")

    @needs("kubernetes-validate", kubernetes_validate is not None)
    def test_every_object_is_valid_strictly(self) -> None:
        everything = as_written() + role()
        if has_kustomize():
            everything += [thing for folder in KUSTOMIZATIONS for thing in render(folder)]
        for version in VERSIONS:
            for thing in everything:
                with self.subTest(version=version, thing=checks.named(thing)):
                    self.assertEqual(kubernetes_validate.validate(thing, version, strict=True), version)
        # Strictly: a field that nobody knows is an error, as is one that came later.
        misspelt = copy.deepcopy(one(as_written(), "CronJob/corrparse"))
        misspelt["spec"]["concurrencypolicy"] = misspelt["spec"].pop("concurrencyPolicy")
        later = one(as_written(), "Job/corrparse-backfill")
        for thing, version in ((misspelt, VERSIONS[0]), (later, "1.27")):
            with self.assertRaises(kubernetes_validate.ValidationError):
                kubernetes_validate.validate(thing, version, strict=True)

    @needs("yamllint", bool(shutil.which("yamllint")))
    def test_yamllint_finds_nothing(self) -> None:
        def lint(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess:
            return subprocess.run(
                ["yamllint", "--strict", *arguments], check=False, cwd=ROOT, input=text, capture_output=True, text=True
            )

        found = lint(
            *"k8s k8s-components k8s-overlays prometheus charts/corrparse/Chart.yaml charts/corrparse/values.yaml".split()
        )
        self.assertEqual((found.returncode, found.stdout), (0, ""))
        self.assertNotEqual(lint("-", text="a: 1\na: 2\n").returncode, 0)

    def test_overlays_and_base_are_as_the_checks_want(self) -> None:
        self.assertEqual(checks.problems_of(as_written() + role()), [])
        for folder in KUSTOMIZATIONS if has_kustomize() else []:
            with self.subTest(folder):
                self.assertEqual(checks.problems_of(render(folder)), [])


class Commands(unittest.TestCase):
    def test_the_program_takes_every_command_line(self) -> None:
        """Nobody listens where the database should be: 69 is what comes after the arguments and settings were understood."""
        objects = as_written()
        settings = one(objects, "ConfigMap/corrparse-settings")["data"]
        for name, job in checks.job_specs(objects):
            container = job["template"]["spec"]["containers"][0]
            environment = {**settings, "JOB_COMPLETION_INDEX": "15", "DATABASE_URL": "postgresql:///x?host=/nowhere/at/all"}
            environment |= {variable["name"]: variable["value"] for variable in container["env"] if "value" in variable}
            arguments = expanded(container["args"], environment)
            done = subprocess.run(
                [str(PROGRAM), *arguments], check=False, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
            )
            self.assertEqual(done.returncode, 69, f"{name}: {' '.join(arguments)}: {done.stderr}")
            self.assertEqual(container["command"], ["/usr/local/bin/corrparse"])

    def test_exit_codes_are_those_of_the_program(self) -> None:
        """A new one has to find its place in the pod failure policies."""
        source = (ROOT / "Sources" / "corrparse" / "ExitStatus.swift").read_text()
        self.assertEqual(
            {int(code) for code in re.findall(r"case \w+ = (\d+)", source)} - {0},
            {code for code in checks.RETRIED if 64 <= code <= 78},
        )


def second_port() -> str:
    """The line of docs/deployment.md that lets out to the server beside its pooler."""
    return re.search("`({op: add, path: /spec/egress/1/ports/-.*?}})`", (ROOT / "docs" / "deployment.md").read_text())[1]


def empty_fields(value: object, path: str = "") -> list[str]:
    if isinstance(value, dict):
        # A selector of everything is written so, and kept.
        kept = {key: inner for key, inner in value.items() if not (key.endswith("Selector") and inner == {})}
        return [found for key, inner in kept.items() for found in empty_fields(inner, f"{path}.{key}")] or [path] * (not value)
    if isinstance(value, list):
        return [found for inner in value for found in empty_fields(inner, f"{path}[]")] or [path] * (not value)
    return []


class Checks(unittest.TestCase):
    def test_every_rule_finds_what_breaks_it(self) -> None:
        for title, (name, change, sentence) in BROKEN.items():
            with self.subTest(title):
                objects = copy.deepcopy(as_written() + role())
                change(one(objects, name))
                found = checks.problems_of(objects)
                self.assertTrue(any(sentence in problem for problem in found), f"not found: {sentence}; found: {found}")


def main() -> None:
    done = unittest.main(exit=False, verbosity=1).result
    ran = [f"{len(as_written()) + len(role())} objects", f"{len(BROKEN)} broken ones refused"]
    ran += [f"{len(KUSTOMIZATIONS)} renderings"] if "kubectl" not in MISSING else []
    ran += [f"Kubernetes {', '.join(VERSIONS)}"] if "kubernetes-validate" not in MISSING else []
    said = ", ".join(dict.fromkeys(MISSING))
    print(f"manifests: {'; '.join(ran)}" + (f"; SKIPPED for want of {said}" if said else ""))
    sys.exit(not done.wasSuccessful())


if __name__ == "__main__":
    main()
