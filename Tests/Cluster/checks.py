"""What the manifests have to be, besides valid by schema: pods that the restricted Pod Security Standard lets in and that
corrparse's own rules allow, references that resolve, and jobs that read corrparse's exit codes right.

Each check takes the objects of one rendering and returns what is wrong, a sentence each; empty when nothing is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

Object = dict
# https://kubernetes.io/docs/concepts/security/pod-security-standards/, restricted.
RESTRICTED_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SECCOMP_PROFILES = {"RuntimeDefault", "Localhost"}
SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}
# What the platform owner brings, named in docs/deployment.md: the secrets, the optional CA, the volume claim.
BROUGHT = {
    ("Secret", "corrparse-database"),
    ("Secret", "corrparse-settings"),
    ("Secret", "corrparse-bucket"),
    ("Secret", "corrparse-mlflow"),
    ("ConfigMap", "corrparse-database-ca"),
}
# The exit codes (5-command-line, Exit codes): whether the same pod could do better when it is tried again.
RETRIED = {
    69: True,
    74: True,
    75: True,
    143: True,
    137: True,
    130: True,
    139: True,
    1: True,
    64: False,
    65: False,
    70: False,
    71: False,
    77: False,
    78: False,
}
# Which variables are addresses that a pod connects to, by its component.
LOGS = ("CORRPARSE_PUSHGATEWAY", "AWS_ENDPOINT_URL_S3")
ADDRESSES = {"backfill": LOGS, "backfill-shard": LOGS, "observe": ("PROMETHEUS_URL",), "observe-mlflow": ("MLFLOW_TRACKING_URI",)}
# Where one shard's failure is no other shard's: a damaged log, a bug on some log.
OWN_FAILURE = {65, 70}


def named(thing: Object) -> str:
    return f"{thing['kind']}/{thing['metadata']['name']}"


def job_specs(objects: list[Object]) -> Iterator[tuple[str, Object]]:
    for thing in objects:
        if thing["kind"] == "CronJob":
            yield named(thing), thing["spec"]["jobTemplate"]["spec"]
        elif thing["kind"] == "Job":
            yield named(thing), thing["spec"]


def containers(pod: Object) -> list[Object]:
    return [*pod.get("initContainers", []), *pod.get("containers", []), *pod.get("ephemeralContainers", [])]


def restricted(objects: list[Object]) -> list[str]:
    """The restricted Pod Security Standard, control by control."""
    problems: list[str] = []
    for name, job in job_specs(objects):
        pod = job["template"]["spec"]
        shared = pod.get("securityContext", {})
        problems += [f"{name}: {key}" for key in ("hostNetwork", "hostPID", "hostIPC") if pod.get(key)]
        for volume in pod.get("volumes", []):
            problems += [f"{name}: volume {volume['name']} is a {kind}" for kind in volume.keys() - {"name"} - RESTRICTED_VOLUMES]
        problems += [f"{name}: sysctl {s['name']}" for s in shared.get("sysctls", []) if s["name"] not in SAFE_SYSCTLS]
        for container in containers(pod):
            where = f"{name}, container {container['name']}"
            own = container.get("securityContext", {})
            effective = shared | own
            capabilities = own.get("capabilities", {})
            wrong = {
                "is privileged": own.get("privileged"),
                "may escalate privileges": own.get("allowPrivilegeEscalation") is not False,
                "need not run as another user than root": effective.get("runAsNonRoot") is not True,
                "runs as root": effective.get("runAsUser") == 0,
                "has no seccomp profile": (effective.get("seccompProfile") or {}).get("type") not in SECCOMP_PROFILES,
                "keeps capabilities": "ALL" not in capabilities.get("drop", []),
                "adds capabilities": bool(set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}),
                "unmasks /proc": own.get("procMount", "Default") != "Default",
                "has a host port": any(port.get("hostPort") for port in container.get("ports", [])),
                "sets SELinux or AppArmor": "seLinuxOptions" in {*own, *shared} or "appArmorProfile" in {*own, *shared},
                "is a Windows host process": "windowsOptions" in {*own, *shared},
            }
            problems += [f"{where} {what}" for what, is_so in wrong.items() if is_so]
    return problems


def house_rules(objects: list[Object]) -> list[str]:
    """What corrparse asks for beyond the standard: the platform owner's usual admission rules."""
    problems: list[str] = []
    for thing in objects:
        if thing["kind"] == "ServiceAccount" and thing.get("automountServiceAccountToken") is not False:
            problems.append(f"{named(thing)} mounts its token")
        if thing["metadata"].get("labels", {}).get("app.kubernetes.io/name") != "corrparse":
            problems.append(f"{named(thing)} has not the label app.kubernetes.io/name: corrparse")
        if thing["kind"] == "CronJob":
            spec = thing["spec"]
            wanted = {"timeZone", "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"}
            problems += [f"{named(thing)} has no {key}" for key in sorted(wanted - spec.keys())]
            if spec.get("concurrencyPolicy") != "Forbid":
                problems.append(f"{named(thing)} may run beside itself")
    for name, job in job_specs(objects):
        pod = job["template"]["spec"]
        problems += [f"{name} has no {key}" for key in ("activeDeadlineSeconds", "ttlSecondsAfterFinished") if key not in job]
        if "backoffLimit" not in job and "backoffLimitPerIndex" not in job:
            problems.append(f"{name} has no backoff limit")
        if pod.get("automountServiceAccountToken") is not False:
            problems.append(f"{name} mounts a service account's token")
        if pod.get("restartPolicy") != "Never":
            problems.append(f"{name}: a pod failure policy wants restartPolicy Never")
        # The program needs up to 20 s (5-command-line, Exit codes).
        if pod.get("terminationGracePeriodSeconds", 30) < 30:
            problems.append(f"{name} does not leave the program the time to end")
        if job["template"]["metadata"].get("labels", {}).get("app.kubernetes.io/name") != "corrparse":
            problems.append(f"{name}: the network policy does not select its pods")
        for volume in pod.get("volumes", []):
            if not volume.get("persistentVolumeClaim", {"readOnly": True}).get("readOnly"):
                problems.append(f"{name}: the claim of volume {volume['name']} is not read-only")
        for container in containers(pod):
            where = f"{name}, container {container['name']}"
            if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
                problems.append(f"{where} can write to its root")
            tag = re.search(r":([^:/@]+)(@sha256:[0-9a-f]{64})?$", container["image"])
            if not tag or tag[1] == "latest":
                problems.append(f"{where}: the image {container['image']} has no version")
            for bound in ("requests", "limits"):
                have = container.get("resources", {}).get(bound, {})
                problems += [
                    f"{where} has no {bound} for {what}" for what in ("cpu", "memory", "ephemeral-storage") if what not in have
                ]
            problems += [
                f"{where}: {mount['mountPath']} is mounted writable"
                for mount in container.get("volumeMounts", [])
                if not mount.get("readOnly")
            ]
            values = {variable["name"]: variable["value"] for variable in container.get("env", []) if "value" in variable}
            problems += [f"{where}: {what}" for what in secrets_among(values)]
    for thing in objects:
        problems += [f"{named(thing)}: {what}" for what in secrets_among(thing["data"] if thing["kind"] == "ConfigMap" else {})]
    return problems


def secrets_among(values: dict[str, str]) -> list[str]:
    """Variables that whoever may read the manifest must not read."""
    names = [f"{name} stands in the manifest" for name in values if re.search("(?i)passw|secret|token|database_url", name)]
    login = r"""://[^/?#\s]*@|(^|[\s,;='"])[^/?#@:\s]+:[^/?#@\s]*@\S|(?i:passw(or)?d|secret|token)\s*="""
    return names + [f"{name} has a user or a password in it" for name, value in values.items() if re.search(login, value)]


def references(objects: list[Object]) -> list[str]:
    """Names that lead nowhere: mounts, accounts, ConfigMaps, secrets, variables in arguments, selectors, roles."""
    problems: list[str] = []
    present = {(thing["kind"], thing["metadata"]["name"]): thing for thing in objects}
    known = set(present) | BROUGHT
    for name, job in job_specs(objects):
        pod = job["template"]["spec"]
        wanted: list[tuple[str, str]] = [("ServiceAccount", pod.get("serviceAccountName", "default"))]
        volumes = {}
        for volume in pod.get("volumes", []):
            volumes[volume["name"]] = volume
            wanted += [("ConfigMap", volume["configMap"]["name"])] if "configMap" in volume else []
            wanted += [("Secret", volume["secret"]["secretName"])] if "secret" in volume else []
        mounted = set()
        for container in containers(pod):
            where = f"{name}, container {container['name']}"
            variables = {"JOB_COMPLETION_INDEX"} if job.get("completionMode") == "Indexed" else set()
            for source in container.get("envFrom", []):
                for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                    if key in source:
                        wanted.append((kind, source[key]["name"]))
                        variables |= set(present.get((kind, source[key]["name"]), {}).get("data", {}))
            for variable in container.get("env", []):
                variables.add(variable["name"])
                for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                    if key in variable.get("valueFrom", {}):
                        wanted.append((kind, variable["valueFrom"][key]["name"]))
            for argument in [*container.get("command", []), *container.get("args", [])]:
                problems += [
                    f"{where}: $({v}) is set nowhere" for v in re.findall(r"\$\((\w+)\)", argument) if v not in variables
                ]
            for mount in container.get("volumeMounts", []):
                mounted.add(mount["name"])
                if mount["name"] not in volumes:
                    problems.append(f"{where}: there is no volume {mount['name']}")
        problems += [f"{name}: nothing mounts the volume {volume}" for volume in sorted(volumes.keys() - mounted)]
        problems += [f"{name}: there is no {kind} {target}" for kind, target in wanted if (kind, target) not in known]
        names = {container["name"] for container in containers(pod)}
        for rule in job.get("podFailurePolicy", {}).get("rules", []):
            target = rule.get("onExitCodes", {}).get("containerName")
            if target and target not in names:
                problems.append(f"{name}: the pod failure policy is about a container {target}")
    for thing in objects:
        if thing["kind"] == "RoleBinding" and (thing["roleRef"]["kind"], thing["roleRef"]["name"]) not in known:
            problems.append(f"{named(thing)}: there is no {thing['roleRef']['kind']} {thing['roleRef']['name']}")
        if thing["kind"] == "Role":
            for rule in thing["rules"]:
                problems += [
                    f"{named(thing)}: there is no {target}"
                    for target in rule.get("resourceNames", [])
                    # airflow/corrparse_trigger.py makes that one from the CronJob.
                    if not any(other == target.removesuffix("-triggered") for _, other in known)
                ]
        if thing["kind"] == "NetworkPolicy":
            labels = [job["template"]["metadata"].get("labels", {}) for _, job in job_specs(objects)]
            if not any(selects(thing["spec"]["podSelector"], one) for one in labels):
                problems.append(f"{named(thing)} selects no pod")
    return problems


def selects(selector: Object, labels: dict[str, str]) -> bool:
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        expression["operator"] == "In" and labels.get(expression["key"]) in expression["values"]
        for expression in selector.get("matchExpressions", [])
    )


def decision(job: Object, code: int | None) -> str:
    """What the job controller does when a pod's container ends with this code, or (None) when its node is drained. The first
    rule that fits decides; without one the failure counts towards the backoff limit."""
    for rule in job.get("podFailurePolicy", {}).get("rules", []):
        codes = rule.get("onExitCodes")
        if codes and code is not None:
            fits = code in codes["values"] if codes["operator"] == "In" else code not in codes["values"]
        else:
            fits = code is None and any(
                condition["type"] == "DisruptionTarget" and condition.get("status", "True") == "True"
                for condition in rule.get("onPodConditions", [])
            )
        if fits:
            return rule["action"]
    return "Count"


def exit_codes(objects: list[Object]) -> list[str]:
    """The exit codes (5-command-line, Exit codes): a pod is tried again exactly where that can help, and one
    shard's trouble ends no other shard."""
    problems: list[str] = []
    for name, job in job_specs(objects):
        indexed = job.get("completionMode") == "Indexed"
        if decision(job, None) != "Ignore":
            problems.append(f"{name}: a drained node counts as a failure")
        for code, retried in RETRIED.items():
            expected = "Count" if retried else "FailIndex" if indexed and code in OWN_FAILURE else "FailJob"
            if decision(job, code) != expected:
                problems.append(f"{name}: exit code {code} leads to {decision(job, code)}, not {expected}")
    return problems


def shards(objects: list[Object]) -> list[str]:
    """An indexed job's pods take all shards, each its own, and back off by index."""
    problems: list[str] = []
    for name, job in job_specs(objects):
        if job.get("completionMode") != "Indexed":
            continue
        if "backoffLimitPerIndex" not in job:
            problems.append(f"{name}: one shard's failures use up the others' attempts")
        for container in containers(job["template"]["spec"]):
            arguments = container.get("args", [])
            shard = arguments[arguments.index("--shard") + 1] if "--shard" in arguments else ""
            count = {variable["name"]: variable.get("value") for variable in container.get("env", [])}.get("SHARDS")
            if shard != "$(JOB_COMPLETION_INDEX)/$(SHARDS)":
                problems.append(f"{name}: a pod does not take the shard of its index but '{shard}'")
            if count != str(job.get("completions")):
                problems.append(f"{name}: {job.get('completions')} completions, but {count} shards")
    return problems


def wave(thing: Object) -> int:
    """When Argo CD applies it."""
    return int(thing["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))


def one_place(objects: list[Object]) -> list[str]:
    """What an overlay says once holds for all pods: the image, and where the logs are."""
    images, claims = {}, {}
    for name, job in job_specs(objects):
        pod = job["template"]["spec"]
        images.setdefault(tuple(container["image"] for container in containers(pod)), name)
        for volume in pod.get("volumes", []):
            if "persistentVolumeClaim" in volume:
                claims.setdefault(volume["persistentVolumeClaim"]["claimName"], name)
    problems = [f"not one image: {', '.join(images.values())}"] if len(images) > 1 else []
    return problems + ([f"the pods read other logs: {', '.join(claims.values())}"] if len(claims) > 1 else [])


def rights(objects: list[Object]) -> list[str]:
    """Nothing comes in, and nobody gets all rights."""
    problems: list[str] = []
    for thing in objects:
        if thing["kind"] == "NetworkPolicy" and thing["spec"].get("ingress"):
            problems.append(f"{named(thing)} lets something in")
        rules = thing["rules"] if thing["kind"] == "Role" else []
        if any("*" in {*rule["verbs"], *rule["resources"], *rule["apiGroups"]} for rule in rules):
            problems.append(f"{named(thing)} may do anything")
        # Of a new object Kubernetes does not know the name when it decides.
        if any(not rule.get("resourceNames") and rule["verbs"] != ["create"] for rule in rules):
            problems.append(f"{named(thing)} may change what is not corrparse's")
    return problems


def ways_out(objects: list[Object]) -> list[str]:
    """Pods reach what their variables name: a policy that selects them lets out the port of each address."""
    problems: list[str] = []
    policies = [thing["spec"] for thing in objects if thing["kind"] == "NetworkPolicy"]
    settings = {thing["metadata"]["name"]: thing["data"] for thing in objects if thing["kind"] == "ConfigMap"}
    for name, job in job_specs(objects):
        labels = job["template"]["metadata"].get("labels", {})
        own = [policy for policy in policies if selects(policy["podSelector"], labels)]
        ports = {port["port"] for policy in own for rule in policy.get("egress", []) for port in rule.get("ports", [])}
        environment: dict[str, str] = {}
        for container in containers(job["template"]["spec"]):
            for source in container.get("envFrom", []):
                environment |= settings.get(source.get("configMapRef", {}).get("name"), {})
            environment |= {variable["name"]: variable.get("value", "") for variable in container.get("env", [])}
        if environment.get("CORRPARSE_LOG_ROOT", "").startswith("s3:"):
            environment = {"AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com"} | environment
        for variable in ADDRESSES.get(labels.get("app.kubernetes.io/component"), ()):
            if address := environment.get(variable):
                port = urlsplit(address).port or (80 if address.startswith("http:") else 443)
                if own and port not in ports:
                    problems.append(f"{name}: the network policy does not let it reach {variable}, port {port}")
    return problems


ALL = (restricted, house_rules, references, exit_codes, shards, one_place, rights, ways_out)


def problems_of(objects: list[Object]) -> list[str]:
    return [problem for check in ALL for problem in check(objects)]
