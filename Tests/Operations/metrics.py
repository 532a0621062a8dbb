"""What the tests of metrics and logs share: the names, the samples of a text, and a stage with three blocks to store."""

from __future__ import annotations

import re
import shutil
import subprocess

import program

SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
CODES = {
    "INFRA_SATURATED",
    "PIPELINE_DEGRADED",
    "NO_CANDIDATES",
    "ML_USELESS",
    "SCREENING_OVERFIT",
    "ML_UNSTABLE",
    "ML_MARGINAL",
    "EXECUTION_MISMATCH",
    "ML_EXPLOITABLE",
    "ML_SOLID",
    "SL_TOO_TIGHT",
    "TP_TOO_AMBITIOUS",
    "HORIZON_TOO_SHORT",
    "all_clear",
    "unclassified",
}
# Written by hand; what else appears has to be added here and in docs/operations.md.
NAMES = {"corrparse_build_info"} | {
    f"corrparse_last_{name}"
    for name in (
        "run_timestamp_seconds",
        "run_duration_seconds",
        "run_exit_code",
        "run_logs_read",
        "run_logs_unchanged",
        "run_logs_failed",
        "run_logs_archived",
        "run_logs_without_task",
        "run_logs_with_unread_headers",
        "run_files_ignored",
        "run_content_conflicts",
        "run_records_without_fields",
        "run_records_left_out",
        "run_blocks_found",
        "run_blocks",
        "run_records_deleted",
        "run_verdicts",
        "run_source_issues",
        "run_read_bytes",
        "completion_timestamp_seconds",
        "success_timestamp_seconds",
    )
}


class Stage:
    """A database and a log: three blocks, one of which stands there twice."""

    def __init__(self) -> None:
        self.folder = program.folder()
        self.database = program.Database()
        self.logs = self.folder / "logs"
        blocks = "".join(map(program.block, (7, 8, 9, 9)))
        program.write(self.logs, program.LOG, blocks + program.END)

    def ingest(self, *arguments: str, connection: str | None = None, **settings: str) -> subprocess.CompletedProcess:
        return program.run("ingest", *arguments, DATABASE_URL=connection or self.database.connection(), **settings)

    def close(self) -> None:
        shutil.rmtree(self.folder)


def samples(text: str) -> dict[tuple[str, str], float]:
    """Values by name and labels, `command` and what the Pushgateway adds left out."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#") or not line.startswith("corrparse_"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        kept = [part for part in (labels or "").split(",") if not part.startswith(("command=", "job=", "instance="))]
        found[name, ",".join(kept)] = float(value)
    return found
