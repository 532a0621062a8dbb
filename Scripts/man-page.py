#!/usr/bin/env python3
"""Writes the manual page from what the program says of itself: man-page.py .build/debug/corrparse > docs/corrparse.1"""

import json
import re
import subprocess
import sys

# Every variable that the program reads, and libpq's and libcurl's that matter most. Tests/Scripts/test_man_page.py holds the list
# against the sources.
ENVIRONMENT = [
    ("CORRPARSE_LOG_ROOT", "The folder or bucket with the logs, for backfill."),
    ("CORRPARSE_JOBS", "How many logs are read at once, as --jobs."),
    ("CORRPARSE_RETRIES", "How often work on the database or bucket is tried again, as --retries."),
    ("CORRPARSE_LINE_FORMAT", "The log_format of airflow.cfg, as --line-format."),
    ("CORRPARSE_PATH_TEMPLATE", "The log_filename_template of airflow.cfg, as --path-template."),
    ("CORRPARSE_INFLATER", "What gzip is inflated through, as --inflater."),
    ("CORRPARSE_LIMITS", "Limits on what a log may cost, as --limit, several with blanks between."),
    ("CORRPARSE_LOG_LEVEL CORRPARSE_LOG_FORMAT", "How a run logs on standard error, as --log-level and --log-format."),
    ("CORRPARSE_PUSHGATEWAY", "The Pushgateway that gets the metrics of a run, as --pushgateway."),
    ("CORRPARSE_BUCKET_TIMEOUT", "Seconds after which a transfer from a bucket that stands still is given up."),
    ("CORRPARSE_S3_ADDRESSING", "Where the name of a bucket stands in its address: auto, path or virtual."),
    ("PROMETHEUS_URL", "The Prometheus server, as --url of observe prometheus."),
    ("MLFLOW_TRACKING_URI", "The MLflow server, as --url of observe mlflow."),
    (
        "MLFLOW_TRACKING_USERNAME MLFLOW_TRACKING_PASSWORD MLFLOW_TRACKING_TOKEN",
        "Who asks the MLflow server: a user with a password, else whoever has the token.",
    ),
    ("MLFLOW_WORKSPACE", "The workspace of the MLflow server."),
    (
        "MLFLOW_TRACKING_SERVER_CERT_PATH MLFLOW_TRACKING_INSECURE_TLS",
        "A file with the certificates to trust for MLflow, before SSL_CERT_FILE; true or 1: its certificate is not checked.",
    ),
    ("DATABASE_URL", "The database, as --database."),
    (
        "PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS",
        "Parts of the connection, as libpq reads them, where neither --database nor DATABASE_URL says something else.",
    ),
    ("PGSSLMODE PGREQUIRESSL PGSSLROOTCERT PGSSLCERT PGSSLKEY", "TLS to the database, likewise."),
    ("SSL_CERT_FILE CURL_CA_BUNDLE", "A file with the certificates to trust for Prometheus and the Pushgateway, as --ca-file."),
    ("AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN", "The keys of a bucket."),
    (
        "AWS_PROFILE AWS_DEFAULT_PROFILE AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE HOME",
        "The profile with the settings of a bucket, and its files.",
    ),
    ("AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_SESSION_NAME", "The role of a bucket that a token stands for."),
    ("AWS_REGION AWS_DEFAULT_REGION", "The region of a bucket."),
    (
        "AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL AWS_ENDPOINT_URL_STS AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "The servers of an object store other than AWS's.",
    ),
    ("AWS_CA_BUNDLE", "A file with the certificates to trust for buckets, instead of the system's."),
    ("https_proxy http_proxy no_proxy", "Proxies on the way to buckets, Prometheus and the Pushgateway, as libcurl reads them."),
    ("COLUMNS", "How wide tables are where the output is no terminal; without it they have every column."),
    ("NO_COLOR TERM", "No colours where NO_COLOR is set or TERM is dumb, unless --color always asks for them."),
]


def environment():
    """The section of variables, a paragraph for each group."""
    out = []
    for variables, text in ENVIRONMENT:
        out += [".TP", ", ".join("\\fB" + roff(name) + "\\fR" for name in variables.split()), roff(text)]
    return out


def roff(text):
    lines = text.replace("\\", "\\e").replace("-", "\\-").split("\n")
    # troff reads ASCII; the rest has names.
    lines = ["".join(c if ord(c) < 128 else f"\\[u{ord(c):04X}]" for c in line) for line in lines]
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def paragraphs(text):
    """Prose as paragraphs, indented lines as they are."""
    out, verbatim = [], False
    for line in text.rstrip().split("\n"):
        if line.startswith("  ") and not verbatim:
            out.append(".nf")
            verbatim = True
        elif verbatim and not line.startswith("  "):
            out.append(".fi")
            verbatim = False
        out.append(roff(line) if line.strip() else ".PP")
    if verbatim:
        out.append(".fi")
    return [
        line
        for i, line in enumerate(out)
        if not (line == ".PP" and (i == 0 or i + 1 == len(out) or out[i + 1] in (".nf", ".PP")))
    ]


def names(argument):
    if argument["kind"] == "positional":
        return "\\fI" + roff(argument["valueName"]) + "\\fR"
    dashes = {"long": "--", "short": "-", "longWithSingleDash": "-"}
    text = ", ".join("\\fB" + roff(dashes[n["kind"]] + n["name"]) + "\\fR" for n in argument["names"])
    return text + (" \\fI" + roff(argument["valueName"]) + "\\fR" if argument["kind"] == "option" else "")


def command(node, path):
    out = [".SS " + roff(" ".join(path))] if len(path) > 1 else []
    if node.get("abstract"):
        out += paragraphs(node["abstract"])
    if node.get("discussion"):
        out += [".PP", *paragraphs(node["discussion"])]
    for argument in node.get("arguments", []):
        if not argument.get("shouldDisplay", True) or any(
            n["name"] in ("help", "h", "version") for n in argument.get("names", [])
        ):
            continue
        out += [".TP", names(argument), roff(argument.get("abstract", "") or "")]
        if argument.get("allValues"):
            out.append(roff("One of " + ", ".join(argument["allValues"]) + "."))
        if argument.get("discussion"):
            out.append(roff(argument["discussion"]))
    for sub in node.get("subcommands", []):
        if sub["commandName"] != "help":
            out += command(sub, [*path, sub["commandName"]])
    return out


def main():
    program = sys.argv[1]
    tree = json.loads(subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True).stdout)["command"]
    told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    # The release alone, so that the page is the same for every commit behind it.
    version = re.match(r"[0-9.]*[0-9]", told).group()
    print('.TH CORRPARSE 1 "" "corrparse ' + version + '" "User Commands"')
    print(".SH NAME\ncorrparse \\- " + roff(tree["abstract"]))
    print(".SH SYNOPSIS\n\\fBcorrparse\\fR [\\fIcommand\\fR] [\\fIoptions\\fR]\n.SH DESCRIPTION")
    print("\n".join(command(dict(tree, subcommands=[]), ["corrparse"])[1:]))
    print(".SH COMMANDS")
    for sub in tree["subcommands"]:
        if sub["commandName"] != "help":
            print("\n".join(command(sub, ["corrparse", sub["commandName"]])))
    print(".SH ENVIRONMENT")
    print("\n".join(environment()))
    print(""".SH EXIT STATUS
0 done; 1 lint or corpus verify found something; 64 usage; 65 some input could not be read or was damaged; 69 database
unreachable; 70 a bug; 71 a stack or address space too small; 74 reading or writing failed, or no log root; 75 try again
later; 77 missing rights; 78 configuration; 130 and 143 ended by SIGINT or SIGTERM. state: 0 GREEN; 1 YELLOW; 2 ORANGE or
RED; 3 UNKNOWN.""")


if __name__ == "__main__":
    main()
