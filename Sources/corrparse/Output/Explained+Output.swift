import ArgumentParser
import Diagnosis
import Ingest
import LogModel
import RecordFormats

/// What `explain` says of keys, columns, alerts and commands.
extension Explained {
  static let keys: [Explained] =
    FieldKey.allCases.map { key in
      let codes = Taxonomy.current.rules.filter { $0.inputs.contains(key) }.map(\.code.rawValue)
      return Explained(
        .key, key.name,
        [
          ("meaning", Terms.meaning(ofKey: key.name) ?? "a value of the block"),
          ("values", key.domain.values),
          ("read by", codes.isEmpty ? nil : codes.joined(separator: ", ")),
          ("more", "docs/printing-blocks.md#keys"),
        ])
    } + [
      Explained(
        .key, "gates",
        [
          ("meaning", "the gates of a strategy, each passed or failed: gates=f1:pass,sortino:fail"),
          ("read by", "useful"), ("more", "docs/printing-blocks.md#keys"),
        ])
    ]

  /// The columns of every table, and the heads of the table of `state`.
  static let columns: [Explained] = {
    let tables = [
      VerdictColumns.all, ListColumns.runs, ListColumns.logs, ListColumns.issues, SummaryRow.columns,
    ]
    var titles: [String] = []
    for column in tables.joined() where !titles.contains(column.title) { titles.append(column.title) }
    let heads = StateText.titles.sorted { $0.value < $1.value }.map { signal, title in
      Explained(.column, title, [("meaning", "of state: the signal \(signal)")])
    }
    return titles.map { Explained(.column, $0, [("meaning", meanings[$0])]) } + heads
  }()

  private static let meanings = [
    "CRYPTO": "the crypto pair (key crypto)", "HZN": "the horizon (key horizon)",
    "SL": "the stop-loss, in multiples of the ATR (key sl)",
    "TP": "the take-profit, in multiples of the ATR (key tp)",
    "FOLD": "the fold (key fold)", "F1": "the model's score (key f1_buy)",
    "BASE": "the score of always predicting BUY (key baseline_f1_buy)",
    "DELTA": "f1_buy - baseline_f1_buy, in percentage points of F1",
    "SORTINO": "the Sortino ratio (key sortino)",
    "TP%": "exits at the take-profit, percent (key tp_pct)",
    "SL%": "exits at the stop-loss, percent (key sl_pct)",
    "TO%": "exits by timeout, percent (key timeout_pct)",
    "GATES": "how many of its gates the strategy passed (key gates)",
    "SEV": "the severity: the worst of the findings, at least P2 where Sortino is negative",
    "VERDICT": "the primary code, unclassified, or all clear; ? behind it is provisional",
    "ALSO":
      "the findings beside the primary, and sortino<0 where that alone makes the severity; +2: so many more",
    "ISSUES": "how many issues the record, or the log, has",
    "AT": "where the block or line stands: task:line, or log:line; ? where that is not known",
    "STARTED": "when the run's first attempt started; - where no log tells", "DAG": "the DAG (dag_id)",
    "RUN": "the DAG run (run_id)", "STATE": "what became of the run",
    "RECORDS": "records of its latest attempts",
    "PASSED":
      "how many of the run's candidates passed; ? where no block tells it, and where a log of the run is truncated, corrupt or failed, so that it may have had more: logs --run RUN lists it",
    "USEFUL": "how many of its strategies are useful",
    "DIAGNOSIS": "the run's primary code", "STATUS": "how the reading of the log ended",
    "READ": "when the log was read",
    "SIZE": "the log's size as it lies there", "BLOCKS": "blocks found in it",
    "TASK": "the task that the log is of; none without identity",
    "LOCATION": "where the log is", "ERROR": "why nothing, or not all, of it could be read or stored",
    "OBSERVED": "when the record was logged; of a log's own issue its modification time",
    "KIND": "the kind of the issue", "KEY": "the key that the issue is about",
    "RAW": "the text that was not usable",
    "BY": "what is counted by: severity, code, …", "NAME": "which of them", "COUNT": "how many rows have it",
  ]

  /// The alerts that have no name of a code, signal or condition: those of Grafana by their titles, of Prometheus by their names.
  static let alerts: [Explained] = [
    ("No log was stored for 26 hours", "ingests have stopped, or no run was logged", "no-ingest"),
    (
      "The platform was not observed for 45 minutes", "observe prometheus has told nothing of late",
      "no-observation"
    ),
    (
      "The model registry was not observed for 3 hours", "observe mlflow has told nothing of late",
      "no-registry-observation"
    ),
    (
      "The global state has been UNKNOWN for 2 hours", "nothing is triggered and something is not known",
      "state-unknown"
    ),
    ("Records could not be classified", "fields are missing or unreadable", "unclassified-records"),
    ("Logs could not be read whole", "logs are damaged, cut or unreadable", "failed-logs"),
    (
      "The pipeline is blocked: runs fail and none succeeds", "every run that finished in 24 hours failed",
      "pipeline-blocked"
    ),
    (
      "The F1 gain drifts: the last 7 days are not like the 30 days before", "its drift index is over 0.25",
      "drift"
    ),
    (
      "buy_rate drifts: the last 7 days are not like the 30 days before", "its drift index is over 0.25",
      "drift"
    ),
    (
      "Sortino drifts: the last 7 days are not like the 30 days before", "its drift index is over 0.25",
      "drift"
    ),
    ("CorrparseFailed", "a job of corrparse was given up", "alerts-of-prometheus"),
    ("CorrparseNotSucceeding", "no hourly run has ended with 0 for three hours", "alerts-of-prometheus"),
    (
      "CorrparseNotRunning", "no run over all DAGs has come to its end for three hours",
      "alerts-of-prometheus"
    ),
    (
      "CorrparseMetricsMissing", "nothing was pushed to the Pushgateway for three hours",
      "alerts-of-prometheus"
    ),
    ("CorrparseFailedLogs", "the last run over all DAGs could not read some logs", "alerts-of-prometheus"),
    (
      "CorrparseUnreadHeaders", "logs have headers of which no block came; --line-format may be missing",
      "unread-headers"
    ),
  ].map { Explained(.alert, $0, [("meaning", $1), ("playbook", "docs/operations.md#\($2)")]) }

  static let outputWords: [Explained] =
    plain(
      .word,
      [
        (
          "since",
          "of state: when an ingest first noted this state (first noted), later than what the state comes from; the evidence of the conditions has the times of that"
        ),
        (
          "ignored",
          "of files: their names are no log's (.log, .log.gz, or a rotated part of one), so they are not read; -v and backfill --dry-run name them"
        ),
        (
          "no rule applies",
          "of an unclassified record: it has no usable key of a tested strategy, and is neither a run's summary nor figures of the platform"
        ),
        ("?", "unknown, or behind a code provisional (corrparse explain provisional)"),
      ]) + printedWords

  static let commands: [Explained] = Corrparse.configuration.subcommands.compactMap { command in
    command.configuration.commandName.map { name in
      Explained(
        .command, name,
        [("meaning", command.configuration.abstract), ("more", "corrparse \(name) --help")])
    }
  }
}
