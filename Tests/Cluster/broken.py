"""Manifests with one mistake each, and what Tests/Cluster/checks.py has to say of it."""

from __future__ import annotations


def pod(thing: dict) -> dict:
    return (thing["spec"]["jobTemplate"]["spec"] if thing["kind"] == "CronJob" else thing["spec"])["template"]["spec"]


def container(thing: dict) -> dict:
    return pod(thing)["containers"][0]


def rules(thing: dict) -> list[dict]:
    return (thing["spec"]["jobTemplate"]["spec"] if thing["kind"] == "CronJob" else thing["spec"])["podFailurePolicy"]["rules"]


OBSERVE, SETTINGS = "CronJob/corrparse-observe", "ConfigMap/corrparse-settings"
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
    "no label": (SETTINGS, lambda o: o["metadata"].pop("labels"), "has not the label"),
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
    "a password among the settings": (
        SETTINGS,
        lambda o: o["data"].update(MLFLOW_TRACKING_PASSWORD="x"),
        "MLFLOW_TRACKING_PASSWORD stands in the manifest",
    ),
    "a password in an address": (
        SETTINGS,
        lambda o: o["data"].update(CORRPARSE_PUSHGATEWAY="https://u:p@push.example:9091"),
        "CORRPARSE_PUSHGATEWAY has a user or a password in it",
    ),
    "a password in an address without a scheme": (
        SETTINGS,
        lambda o: o["data"].update(https_proxy="u:p@proxy:3128"),
        "https_proxy has a user or a password in it",
    ),
    "a password in a value": (
        SETTINGS,
        lambda o: o["data"].update(PGOPTIONS="host=x password=y"),
        "PGOPTIONS has a user or a password in it",
    ),
    "a password in an address of a pod": (
        OBSERVE,
        lambda o: container(o)["env"][0].update(value="http://u:p@prometheus:9090"),
        "PROMETHEUS_URL has a user or a password in it",
    ),
    # References.
    "another account": (CRON, lambda o: pod(o).update(serviceAccountName="other"), "no ServiceAccount other"),
    "another secret": (
        CRON,
        lambda o: container(o)["env"][0]["valueFrom"]["secretKeyRef"].update(name="other"),
        "no Secret other",
    ),
    "other settings": (CRON, lambda o: container(o)["envFrom"][0]["configMapRef"].update(name="other"), "no ConfigMap other"),
    "a setting less": (SETTINGS, lambda o: o["data"].pop("CORRPARSE_SINCE"), "$(CORRPARSE_SINCE) is set nowhere"),
    "a volume less": (CRON, lambda o: pod(o)["volumes"].pop(0), "no volume logs"),
    "a mount less": (CRON, lambda o: container(o)["volumeMounts"].pop(0), "nothing mounts the volume logs"),
    "another container": (CRON, lambda o: rules(o)[1]["onExitCodes"].update(containerName="other"), "about a container other"),
    "another right": ("Role/corrparse-trigger", lambda o: o["rules"][0].update(verbs=["*"]), "may do anything"),
    "another role": ("RoleBinding/corrparse-trigger", lambda o: o["roleRef"].update(name="other"), "no Role other"),
    "another CronJob": ("Role/corrparse-trigger", lambda o: o["rules"][0].update(resourceNames=["other"]), "no other"),
    "every CronJob": ("Role/corrparse-trigger", lambda o: o["rules"][1].pop("resourceNames"), "change what is not corrparse's"),
    "another image": (CRON, lambda o: container(o).update(image="corrparse:0.0.9"), "not one image"),
    "another volume": (
        CRON,
        lambda o: pod(o)["volumes"][0]["persistentVolumeClaim"].update(claimName="other"),
        "the pods read other logs",
    ),
    "a door": ("NetworkPolicy/corrparse", lambda o: o["spec"].update(ingress=[{}]), "lets something in"),
    "no pods": ("NetworkPolicy/corrparse", lambda o: o["spec"]["podSelector"]["matchLabels"].update(x="y"), "selects no pod"),
    # Ways out.
    "a Pushgateway on another port": (
        SETTINGS,
        lambda o: o["data"].update(CORRPARSE_PUSHGATEWAY="https://push.example"),
        "CronJob/corrparse: the network policy does not let it reach CORRPARSE_PUSHGATEWAY, port 443",
    ),
    "a bucket on another port": (
        SETTINGS,
        lambda o: o["data"].update(AWS_ENDPOINT_URL_S3="http://minio:9000"),
        "Job/corrparse-backfill: the network policy does not let it reach AWS_ENDPOINT_URL_S3, port 9000",
    ),
    "a bucket and no way to it": (
        SETTINGS,
        lambda o: o["data"].update(CORRPARSE_LOG_ROOT="s3://airflow-logs/logs"),
        "does not let it reach AWS_ENDPOINT_URL_S3, port 443",
    ),
    "a Prometheus on another port": (
        OBSERVE,
        lambda o: container(o)["env"][0].update(value="http://prometheus:8428"),
        "does not let it reach PROMETHEUS_URL, port 8428",
    ),
    "another port of MLflow": (
        "NetworkPolicy/corrparse-observe-mlflow",
        lambda o: o["spec"]["egress"][0]["ports"][0].update(port=5001),
        "does not let it reach MLFLOW_TRACKING_URI, port 5000",
    ),
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
