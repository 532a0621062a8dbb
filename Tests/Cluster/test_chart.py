#!/usr/bin/env python3
"""The Helm chart charts/corrparse by the real helm, of two versions: it makes the pods and the rights that the kustomizations
make, its objects are valid strictly and as Tests/Cluster/checks.py wants them, and values that make no sense are refused.

  Scripts/cluster-tools.sh python3 Tests/Cluster/test_chart.py
"""

from __future__ import annotations

import json
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
from manifests import ROOT, documented, documents, egress, is_hook, one, overlay_with, render, yaml
from refused import REFUSED

sys.path.insert(0, str(ROOT / "airflow"))
import corrparse_trigger

CHART = ROOT / "charts" / "corrparse"
HELMS = [name for name in ("helm", "helm-oldest") if shutil.which(name)]
VERSIONS = ["1.29", "1.31", "1.33", "1.35", "1.37"]
EVERYTHING = {
    "years": {"enabled": True, "since": "2024-01-01"},
    "observe": {"enabled": True},
    "mlflow": {"enabled": True},
    "prune": {"enabled": True},
    "trigger": {"enabled": True},
}
IMAGE = {"image": {"repository": "registry.example/cvntrade/corrparse"}}
# What the overlays of k8s-overlays/ say.
LOGS = {
    "volume": {"logs": {"claim": "airflow-logs"}},
    "bucket": {"bucket": {"url": "s3://airflow-logs/logs", "region": "eu-west-1", "endpoint": "https://objects.example"}},
}


def helm(*arguments: str, values: dict, program: str = "helm") -> subprocess.CompletedProcess:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(values, file)
        file.flush()
        return subprocess.run(
            [program, *arguments, "--namespace", "airflow", "--values", file.name], check=False, capture_output=True, text=True
        )


def template(values: dict, program: str = "helm", release: str = "corrparse") -> list[dict]:
    done = helm("template", release, str(CHART), values=values, program=program)
    if done.returncode != 0:
        raise AssertionError(f"{program} template: {done.stderr}")
    return documents(done.stdout)


def values_of(kind: str, **more: dict) -> dict:
    return {**IMAGE, **LOGS[kind], **EVERYTHING, **more}


def comparable(objects: list[dict]) -> dict[str, dict]:
    """By kind and name, without what only the tool that applies them looks at."""
    found = {}
    for thing in json.loads(json.dumps(objects)):
        metadata = thing["metadata"]
        metadata["name"] = re.sub(r"(-backfill)-[0-9a-f]{8}$", r"\1", metadata["name"])
        metadata.pop("annotations", None)
        jobs = [job for _, job in checks.job_specs([thing])]
        templates = [thing["spec"]["jobTemplate"]] if thing["kind"] == "CronJob" else []
        for labelled in (thing, *templates, *(job["template"] for job in jobs)):
            labels = labelled["metadata"]["labels"]
            labelled["metadata"]["labels"] = {
                key: labels[key] for key in ("app.kubernetes.io/name", "app.kubernetes.io/component") if key in labels
            }
        found[checks.named(thing)] = thing
    return found


@unittest.skipUnless(HELMS, "helm is not installed")
class Chart(unittest.TestCase):
    maxDiff = None

    def test_helm_lint_finds_nothing(self) -> None:
        for program in HELMS:
            for kind in LOGS:
                done = helm("lint", "--strict", str(CHART), values=values_of(kind), program=program)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_chart_makes_the_pods_and_the_rights_of_the_kustomizations(self) -> None:
        for kind in LOGS:
            with tempfile.TemporaryDirectory() as name:
                upgrade = overlay_with(Path(name), kind, ["airflow", "observe", "observe-mlflow", "prune"], "upgrade")
                kustomized = comparable([*render(upgrade), *render(upgrade.with_name("years"))])
            # kustomize applies its policy before the migration.
            policy = "NetworkPolicy/corrparse-migrate"
            chart = comparable([thing for thing in template(values_of(kind)) if checks.named(thing) != policy])
            self.assertEqual(sorted(chart), sorted(kustomized), kind)
            for name, thing in kustomized.items():
                self.assertEqual(chart[name], thing, f"{kind}: {name}")

    def test_objects_are_valid_and_as_the_checks_want(self) -> None:
        for kind, logs in LOGS.items():
            for values in (values_of(kind), IMAGE | logs, values_of(kind, image=IMAGE["image"] | {"pullSecrets": ["login"]})):
                objects = template(values)
                self.assertEqual(checks.problems_of(objects), [])
                for version in VERSIONS if kubernetes_validate else []:
                    for thing in objects:
                        self.assertEqual(kubernetes_validate.validate(thing, version, strict=True), version)

    def test_policies_let_out_the_ports_of_the_urls(self) -> None:
        for push, endpoint, observe, mlflow, expected in (
            ("http://push:9092", "http://minio:9000", "http://p:8428/x", "http://m", [9092, 9000, 8428, 80]),
            ("https://push.example/x", "https://[::1]:9443/", "https://p.example", "https://m/x:7", [443, 9443, 443, 443]),
            ("", "", "", "https://m:5443", [9091, 443, 9090, 5443]),
        ):
            with self.subTest(push):
                objects = template(
                    values_of(
                        "bucket",
                        bucket={"url": "s3://b/p", "endpoint": endpoint},
                        settings={"CORRPARSE_PUSHGATEWAY": push},
                        observe={"enabled": True, "url": observe},
                        mlflow={"enabled": True, "url": mlflow},
                    )
                )
                self.assertEqual([rule["ports"][0]["port"] for rule in egress(objects)], [5432, *expected])
                self.assertEqual(checks.problems_of(objects), [])

    def test_ports_and_peers_that_are_given_go_before_those_of_the_urls(self) -> None:
        peer = [{"ipBlock": {"cidr": "10.1.2.0/24"}}]
        ports = {"databasePort": 6432, "pushgatewayPort": 19091, "bucketPort": 9000}
        peers = {f"{name}To": peer for name in ("database", "bucket", "observe", "mlflow")}
        objects = template(
            values_of(
                "bucket",
                networkPolicy={**ports, **peers, "pushgatewayTo": []},
                observe={"enabled": True, "port": 19090},
                mlflow={"enabled": True, "port": 15000},
            )
        )
        rules = egress(objects)
        self.assertEqual([rule["ports"][0]["port"] for rule in rules], [6432, 19091, 9000, 19090, 15000])
        # Without peers any address is one.
        self.assertEqual([rule.get("to") for rule in rules], [peer, None, peer, peer, peer])
        for version in VERSIONS[::4] if kubernetes_validate else []:
            for thing in objects:
                self.assertEqual(kubernetes_validate.validate(thing, version, strict=True), version)

    def test_pods_are_let_out_to_what_they_use(self) -> None:
        objects = template(values_of("bucket"))
        policies = [thing for thing in objects if thing["kind"] == "NetworkPolicy"]
        logs = {53, 5432, 9091, 443}
        expected = {"": logs, "backfill": logs, "observe": {53, 5432, 9090}, "mlflow": {53, 5432, 5000}}
        for name, job in checks.job_specs(objects):
            labels = job["template"]["metadata"]["labels"]
            own = [policy for policy in policies if checks.selects(policy["spec"]["podSelector"], labels)]
            ports = {port["port"] for policy in own for rule in policy["spec"]["egress"] for port in rule["ports"]}
            last = re.sub("-?[0-9a-f]{8}$", "", name).removeprefix("CronJob/corrparse").rpartition("-")[2]
            self.assertEqual(ports, expected.get(last, {53, 5432}), name)

    def test_documented_values_narrow_the_network(self) -> None:
        values = yaml.safe_load(documented("observeTo:"))
        rules = egress(template(values_of("volume", **values)))
        self.assertEqual([rule["ports"][0]["port"] for rule in rules], [6432, 9091, 9090, 5000])
        own = values["networkPolicy"]
        expected = [own["databaseTo"], own["pushgatewayTo"], own["observeTo"], [{"namespaceSelector": {}}]]
        self.assertEqual([rule["to"] for rule in rules], expected)

    def test_an_identity_is_that_of_the_account_that_reads_the_bucket(self) -> None:
        accounts = {"annotations": {"a": "reads"}, "migrationAnnotations": {"a": "migrates"}}
        for given, expected in ((accounts, ["reads", "migrates"]), ({"annotations": {"a": "reads"}}, ["reads", None])):
            objects = template(values_of("bucket", serviceAccounts=given))
            names = ("ServiceAccount/corrparse", "ServiceAccount/corrparse-migrate")
            self.assertEqual([one(objects, name)["metadata"].get("annotations", {}).get("a") for name in names], expected)

    def test_a_prometheus_that_wants_a_password_comes_from_the_secret(self) -> None:
        objects = template(values_of("volume", observe={"enabled": True, "url": ""}))
        pods = {name: job["template"]["spec"]["containers"][0] for name, job in checks.job_specs(objects)}
        observer = pods["CronJob/corrparse-observe"]
        self.assertEqual([variable["name"] for variable in observer["env"]], ["DATABASE_URL"])
        self.assertIn({"secretRef": {"name": "corrparse-settings", "optional": True}}, observer["envFrom"])
        # Who talks to the database only has no other password.
        for name in ("Job/corrparse-migrate", "CronJob/corrparse-prune"):
            self.assertEqual(pods[name]["envFrom"], [{"configMapRef": {"name": "corrparse-settings"}}])

    def test_rights_of_the_trigger_are_on_the_cron_jobs_of_the_release(self) -> None:
        rules = one(template(values_of("volume"), release="staging"), "Role/staging-corrparse-trigger")["rules"]
        names = {name for rule in rules for name in rule.get("resourceNames", [])}
        self.assertEqual(names, {"staging-corrparse", corrparse_trigger.name_for("staging-corrparse")})

    def test_two_versions_of_helm_make_the_same(self) -> None:
        for kind in LOGS:
            self.assertEqual(template(values_of(kind), HELMS[0]), template(values_of(kind), HELMS[-1]))

    def test_migration_is_a_hook_that_is_made_anew(self) -> None:
        annotations = one(template(values_of("volume")), "Job/corrparse-migrate")["metadata"]["annotations"]
        self.assertEqual(annotations["helm.sh/hook"], "post-install,pre-upgrade")
        self.assertEqual(annotations["helm.sh/hook-delete-policy"], "before-hook-creation")

    def test_a_migration_before_an_upgrade_has_its_way_to_the_database(self) -> None:
        """The policy of the release still has the port of before, such as one that was wrong."""
        objects = template(values_of("volume", networkPolicy={"databasePort": 6432, "databaseTo": [{"podSelector": {}}]}))
        hooks = [checks.named(thing) for thing in objects if is_hook(thing)]
        self.assertEqual(sorted(hooks), ["Job/corrparse-migrate", "NetworkPolicy/corrparse-migrate"])
        policy, whole = (one(objects, f"NetworkPolicy/corrparse{name}") for name in ("-migrate", ""))
        annotations = policy["metadata"]["annotations"]
        self.assertEqual((annotations["helm.sh/hook"], annotations["helm.sh/hook-weight"]), ("pre-upgrade", "-1"))
        # The name service and the database, as every pod.
        self.assertEqual(policy["spec"]["egress"], whole["spec"]["egress"][:2])
        labels = one(objects, "Job/corrparse-migrate")["spec"]["template"]["metadata"]["labels"]
        self.assertTrue(checks.selects(policy["spec"]["podSelector"], labels))
        without = template(values_of("volume", migration={"enabled": False}))
        self.assertFalse([thing for thing in without if is_hook(thing)])
        self.assertEqual(checks.problems_of(without), [])

    def test_an_upgrade_changes_no_job(self) -> None:
        """The pods of a job cannot be changed: with another image it is another job."""

        def jobs(tag: str) -> set[str]:
            objects = template(values_of("volume", image=IMAGE["image"] | {"tag": tag}))
            return {checks.named(thing) for thing in objects if thing["kind"] == "Job" and "annotations" not in thing["metadata"]}

        self.assertEqual(jobs("0.1.0"), jobs("0.1.0"))
        self.assertEqual(len(jobs("0.1.0") | jobs("0.2.0")), 2)

    def test_two_releases_in_a_namespace_share_no_name(self) -> None:
        first, second = (template(values_of("bucket"), release=release) for release in ("corrparse", "staging"))
        self.assertEqual({checks.named(thing) for thing in first} & {checks.named(thing) for thing in second}, set())
        self.assertEqual(checks.problems_of(second), [])
        longest = template(values_of("bucket"), release="x" * 53)
        self.assertTrue(all(len(thing["metadata"]["name"]) <= 52 for thing in longest))

    def test_values_that_make_no_sense_are_refused(self) -> None:
        for title, (wrong, place) in REFUSED.items():
            with self.subTest(title):
                values = json.loads(json.dumps(IMAGE | LOGS["volume"]))
                for key, value in wrong.items():
                    values[key] = {**values.get(key, {}), **value} if isinstance(value, dict) else value
                done = helm("template", "corrparse", str(CHART), values=values)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(place, done.stderr)

    def test_settings_that_the_chart_writes_are_refused(self) -> None:
        written: set[str] = set()
        for kind in LOGS:
            objects = template(values_of(kind, settings={"CORRPARSE_JOBS": None, "CORRPARSE_LOG_FORMAT": None}))
            written |= one(objects, "ConfigMap/corrparse-settings")["data"].keys()
            for _, job in checks.job_specs(objects):
                written |= {variable["name"] for variable in job["template"]["spec"]["containers"][0]["env"]}
        self.assertLessEqual({"CORRPARSE_SINCE", "AWS_ENDPOINT_URL_S3", "SHARDS"}, written)
        for name in written - {"DATABASE_URL"}:
            done = helm("template", "corrparse", str(CHART), values=values_of("bucket", settings={name: "x"}))
            self.assertRegex(done.stderr, f"settings.{name} would be said twice, since the chart sets it: give it as [a-z]")

    def test_settings_that_hold_no_password_are_taken(self) -> None:
        settings = {
            "CORRPARSE_LINE_FORMAT": "%(asctime)s %(levelname)-8s [%(name)s] user=%(u)s %(message)s",
            "CORRPARSE_PATH_TEMPLATE": "{{ ti.dag_id }}/{{ ti.run_id }}@{{ try_number }}.log",
            "CORRPARSE_PUSHGATEWAY": "https://push.example/a:b@c",
            "no_proxy": "localhost:80,.svc,10.0.0.0/8",
            "AWS_REGION": "eu-west-1",
            "CURL_CA_BUNDLE": "/etc/corrparse/servers.crt",
        }
        objects = template(values_of("volume", settings=settings))
        data = one(objects, "ConfigMap/corrparse-settings")["data"]
        self.assertEqual({name: data[name] for name in settings}, settings)

    def test_every_kind_of_peer_is_taken(self) -> None:
        peers = [
            {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
            {"ipBlock": {"cidr": "fd00::1/128"}},
            {"ipBlock": {"cidr": "::/0"}},
            {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "postgres"}}},
            {"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]}},
            {"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}},
        ]
        objects = template(values_of("volume", networkPolicy={"databaseTo": peers}))
        self.assertEqual(egress(objects)[0]["to"], peers)
        for thing in objects if kubernetes_validate else []:
            self.assertEqual(kubernetes_validate.validate(thing, VERSIONS[0], strict=True), VERSIONS[0])

    def test_notes_say_how_to_go_on(self) -> None:
        done = helm("install", "other", str(CHART), "--dry-run=client", values=values_of("volume"))
        self.assertEqual(done.returncode, 0, done.stderr)
        notes = done.stdout.split("NOTES:")[1]
        self.assertIn("create job --from=cronjob/other-corrparse other-corrparse-first", notes)
        self.assertIn("CORRPARSE_CRONJOB=other-corrparse", notes)
        self.assertIn("2024-01-01", notes)
        # Longer than the migration may take.
        seconds = one(template(values_of("volume")), "Job/corrparse-migrate")["spec"]["activeDeadlineSeconds"]
        page = (ROOT / "docs" / "deployment.md").read_text()
        for text in (notes, *re.findall("helm (?:install|upgrade) corrparse .*", page)):
            self.assertGreater(int(re.search(r"--timeout (\d+)m", text)[1]) * 60, seconds, text)

    def test_version_is_the_last_release(self) -> None:
        told = subprocess.run([ROOT / "Scripts" / "version.sh", "--release"], check=True, capture_output=True, text=True).stdout
        self.assertIn(f"\nappVersion: {told.strip()}\n", (CHART / "Chart.yaml").read_text())


def main() -> None:
    done = unittest.main(exit=False).result
    print(f"chart: by {' and '.join(HELMS)}" if HELMS else "chart: SKIPPED for want of helm")
    sys.exit(not done.wasSuccessful())


if __name__ == "__main__":
    main()
