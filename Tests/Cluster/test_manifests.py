#!/usr/bin/env python3
"""The manifests of k8s/ and k8s-overlays/: rendered by kustomize, valid strictly under several versions of Kubernetes, and as
Tests/Cluster/checks.py wants them, each of whose rules is broken once and seen.

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
import unittest
from pathlib import Path

try:
    import kubernetes_validate
except ImportError:
    kubernetes_validate = None

import checks
from manifests import ROOT, as_written, expanded, has_kustomize, one, render, role

PROGRAM = Path(os.environ.get("CORRPARSE", ROOT / ".build" / "debug" / "corrparse")).resolve()
KUSTOMIZATIONS = ["k8s", "k8s-overlays/volume", "k8s-overlays/bucket"]
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

        self.assertEqual(by_name(render("k8s")), by_name(as_written()))

    @needs("kubectl", has_kustomize())
    def test_overlays_change_what_they_say(self) -> None:
        volume, bucket = render("k8s-overlays/volume"), render("k8s-overlays/bucket")
        for objects in (volume, bucket):
            self.assertEqual({thing["metadata"]["namespace"] for thing in objects}, {"airflow"})
            for name, job in checks.job_specs(objects):
                self.assertEqual(
                    job["template"]["spec"]["containers"][0]["image"], "registry.example/cvntrade/corrparse:0.1.0", name
                )
        readers = {"CronJob/corrparse", "Job/corrparse-backfill"}
        for name, job in checks.job_specs(volume):
            claims = [
                v["persistentVolumeClaim"]["claimName"]
                for v in job["template"]["spec"]["volumes"]
                if "persistentVolumeClaim" in v
            ]
            self.assertEqual(claims, ["my-airflow-logs"] if name in readers else [], name)
        for name, job in checks.job_specs(bucket):
            pod = job["template"]["spec"]
            self.assertNotIn("persistentVolumeClaim", {kind for volume in pod["volumes"] for kind in volume}, name)
            secrets = [source["secretRef"] for source in pod["containers"][0]["envFrom"] if "secretRef" in source]
            # Optional, as pods with an identity of the cloud's have none.
            self.assertEqual(secrets, [{"name": "corrparse-bucket", "optional": True}] if name in readers else [], name)
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

        found = lint("k8s", "k8s-overlays")
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


def pod(thing: dict) -> dict:
    return (thing["spec"]["jobTemplate"]["spec"] if thing["kind"] == "CronJob" else thing["spec"])["template"]["spec"]


def container(thing: dict) -> dict:
    return pod(thing)["containers"][0]


def rules(thing: dict) -> list[dict]:
    return (thing["spec"]["jobTemplate"]["spec"] if thing["kind"] == "CronJob" else thing["spec"])["podFailurePolicy"]["rules"]


CRON, MIGRATE, BACKFILL = "CronJob/corrparse", "Job/corrparse-migrate", "Job/corrparse-backfill"
# Which object is changed, how, and what has to be said of it.
BROKEN = {
    # The restricted standard.
    "host network": (CRON, lambda o: pod(o).update(hostNetwork=True), "hostNetwork"),
    "host processes": (CRON, lambda o: pod(o).update(hostPID=True), "hostPID"),
    "host memory": (CRON, lambda o: pod(o).update(hostIPC=True), "hostIPC"),
    "host path": (
        CRON,
        lambda o: pod(o)["volumes"].__setitem__(0, {"name": "logs", "hostPath": {"path": "/"}}),
        "volume logs is a hostPath",
    ),
    "unsafe sysctl": (
        CRON,
        lambda o: pod(o)["securityContext"].update(sysctls=[{"name": "kernel.msgmax", "value": "1"}]),
        "sysctl",
    ),
    "privileged": (CRON, lambda o: container(o)["securityContext"].update(privileged=True), "is privileged"),
    "escalation": (MIGRATE, lambda o: container(o)["securityContext"].pop("allowPrivilegeEscalation"), "may escalate"),
    "root allowed": (BACKFILL, lambda o: pod(o)["securityContext"].pop("runAsNonRoot"), "need not run as another user"),
    "root allowed again": (
        BACKFILL,
        lambda o: container(o)["securityContext"].update(runAsNonRoot=False),
        "need not run as another user",
    ),
    "root": (BACKFILL, lambda o: container(o)["securityContext"].update(runAsUser=0), "runs as root"),
    "no seccomp": (CRON, lambda o: pod(o)["securityContext"].pop("seccompProfile"), "has no seccomp profile"),
    "no confinement": (
        CRON,
        lambda o: container(o)["securityContext"].update(seccompProfile={"type": "Unconfined"}),
        "has no seccomp profile",
    ),
    "capabilities": (CRON, lambda o: container(o)["securityContext"].pop("capabilities"), "keeps capabilities"),
    "a capability": (
        CRON,
        lambda o: container(o)["securityContext"]["capabilities"].update(add=["SYS_ADMIN"]),
        "adds capabilities",
    ),
    "proc": (CRON, lambda o: container(o)["securityContext"].update(procMount="Unmasked"), "unmasks /proc"),
    "host port": (CRON, lambda o: container(o).update(ports=[{"containerPort": 1, "hostPort": 1}]), "has a host port"),
    "SELinux": (CRON, lambda o: pod(o)["securityContext"].update(seLinuxOptions={"user": "x"}), "SELinux"),
    "AppArmor": (CRON, lambda o: container(o)["securityContext"].update(appArmorProfile={"type": "Unconfined"}), "AppArmor"),
    "Windows": (CRON, lambda o: pod(o)["securityContext"].update(windowsOptions={"hostProcess": True}), "Windows"),
    "an init container": (
        CRON,
        lambda o: pod(o).update(initContainers=[{"name": "init", "image": "x:1"}]),
        "container init may escalate",
    ),
    # The house rules.
    "account token": ("ServiceAccount/corrparse", lambda o: o.pop("automountServiceAccountToken"), "mounts its token"),
    "pod token": (CRON, lambda o: pod(o).update(automountServiceAccountToken=True), "mounts a service account's token"),
    "no label": ("ConfigMap/corrparse-settings", lambda o: o["metadata"].pop("labels"), "has not the label"),
    "pods without label": (MIGRATE, lambda o: o["spec"]["template"]["metadata"].pop("labels"), "does not select its pods"),
    "overlap": (CRON, lambda o: o["spec"].update(concurrencyPolicy="Replace"), "may run beside itself"),
    "local time": (CRON, lambda o: o["spec"].pop("timeZone"), "has no timeZone"),
    "no starting deadline": (CRON, lambda o: o["spec"].pop("startingDeadlineSeconds"), "has no startingDeadlineSeconds"),
    "no history limit": (CRON, lambda o: o["spec"].pop("failedJobsHistoryLimit"), "has no failedJobsHistoryLimit"),
    "no deadline": (BACKFILL, lambda o: o["spec"].pop("activeDeadlineSeconds"), "has no activeDeadlineSeconds"),
    "no end": (MIGRATE, lambda o: o["spec"].pop("ttlSecondsAfterFinished"), "has no ttlSecondsAfterFinished"),
    "no backoff": (MIGRATE, lambda o: o["spec"].pop("backoffLimit"), "has no backoff limit"),
    "restarts": (CRON, lambda o: pod(o).update(restartPolicy="OnFailure"), "restartPolicy"),
    "no grace": (CRON, lambda o: pod(o).update(terminationGracePeriodSeconds=5), "the time to end"),
    "writable root": (CRON, lambda o: container(o)["securityContext"].pop("readOnlyRootFilesystem"), "can write to its root"),
    "writable logs": (CRON, lambda o: container(o)["volumeMounts"][0].pop("readOnly"), "/logs is mounted writable"),
    "writable claim": (CRON, lambda o: pod(o)["volumes"][0]["persistentVolumeClaim"].pop("readOnly"), "is not read-only"),
    "no tag": (CRON, lambda o: container(o).update(image="registry:5000/corrparse"), "has no version"),
    "latest": (CRON, lambda o: container(o).update(image="corrparse:latest"), "has no version"),
    "no limit": (CRON, lambda o: container(o)["resources"].pop("limits"), "has no limits for memory"),
    "no request": (CRON, lambda o: container(o)["resources"]["requests"].pop("cpu"), "has no requests for cpu"),
    "a password": (
        CRON,
        lambda o: container(o)["env"].append({"name": "PGPASSWORD", "value": "x"}),
        "PGPASSWORD stands in the manifest",
    ),
    # References.
    "another account": (CRON, lambda o: pod(o).update(serviceAccountName="other"), "no ServiceAccount other"),
    "another secret": (
        CRON,
        lambda o: container(o)["env"][0]["valueFrom"]["secretKeyRef"].update(name="other"),
        "no Secret other",
    ),
    "other settings": (CRON, lambda o: container(o)["envFrom"][0]["configMapRef"].update(name="other"), "no ConfigMap other"),
    "a setting less": (
        "ConfigMap/corrparse-settings",
        lambda o: o["data"].pop("CORRPARSE_SINCE"),
        "$(CORRPARSE_SINCE) is set nowhere",
    ),
    "a volume less": (CRON, lambda o: pod(o)["volumes"].pop(0), "no volume logs"),
    "a mount less": (CRON, lambda o: container(o)["volumeMounts"].pop(0), "nothing mounts the volume logs"),
    "another container": (CRON, lambda o: rules(o)[1]["onExitCodes"].update(containerName="other"), "about a container other"),
    "another role": ("RoleBinding/corrparse-trigger", lambda o: o["roleRef"].update(name="other"), "no Role other"),
    "another CronJob": ("Role/corrparse-trigger", lambda o: o["rules"][0].update(resourceNames=["other"]), "no other"),
    "no pods": ("NetworkPolicy/corrparse", lambda o: o["spec"]["podSelector"]["matchLabels"].update(x="y"), "selects no pod"),
    # Exit codes.
    "drained node": (CRON, lambda o: rules(o).pop(0), "a drained node counts"),
    "usage tried again": (MIGRATE, lambda o: rules(o)[1]["onExitCodes"]["values"].remove(64), "exit code 64 leads to Count"),
    "outage given up": (CRON, lambda o: rules(o)[1]["onExitCodes"]["values"].append(69), "exit code 69 leads to FailJob"),
    "stop given up": (BACKFILL, lambda o: rules(o)[2]["onExitCodes"]["values"].append(143), "exit code 143 leads to FailJob"),
    "one for all": (BACKFILL, lambda o: rules(o)[1].update(action="FailJob"), "exit code 65 leads to FailJob, not FailIndex"),
    "order": (
        CRON,
        lambda o: rules(o).insert(0, {"action": "Ignore", "onExitCodes": {"operator": "NotIn", "values": [0]}}),
        "leads to Ignore",
    ),
    # Shards.
    "fewer shards": (BACKFILL, lambda o: o["spec"].update(completions=8), "8 completions, but 16 shards"),
    "one shard for all": (BACKFILL, lambda o: container(o)["args"].__setitem__(-1, "0/16"), "shard of its index but '0/16'"),
    "shared attempts": (
        BACKFILL,
        lambda o: (o["spec"].pop("backoffLimitPerIndex"), o["spec"].update(backoffLimit=3)),
        "use up the others' attempts",
    ),
}


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
