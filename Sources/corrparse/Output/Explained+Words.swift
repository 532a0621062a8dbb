import DiagnosticWriter
import Ingest
import LogModel

/// What `explain` says of the words that `state`, `next`, `runs`, `logs`, `parse` and the summary of `ingest` print.
extension Explained {
  static let printedWords: [Explained] =
    plain(.word, marks + platform)
    + plain(.word, StepTitle.allCases.compactMap { title in title.meaning.map { (title.rawValue, $0) } })
    + plain(.word, BlockEnd.allCases.map { ($0.rawValue, $0.meaning) })
    + plain(.word, ReadReason.allCases.compactMap { reason in reason.meaning.map { (reason.rawValue, $0) } })
    + plain(.word, summary)

  private static let marks = [
    ("!", "of state: critical, past a critical bound of the signal above it"),
    ("*", "of state: warning, past a warning bound of the signal above it"),
    (
      "sortino<0",
      "of ALSO: the record's Sortino is negative, and that alone makes its severity P2; no code says so"
    ),
    ("+2", "of ALSO: so many more findings than there is room for; ndjson and csv have all"),
    ("overall", "of gates: the gate of a bare gates=PASS, which names none"),
    ("all clear", "every rule that applies was evaluated, and none triggered (all_clear)"),
  ]

  private static let platform = [
    ("platform", "of state: the scope of the signals that are of all together, infra_health"),
    ("all", "of state: all DAGs together; of a summary: the number of rows"),
    ("first noted", "of state: when an ingest first noted this state, later than what the state comes from"),
    ("not noted before", "of state: no ingest has noted this state yet"),
    (
      "best strategy",
      "of next: the strategy of the crypto's last run that the figures of signals are of, and those of a strategy in an exit criterion"
    ),
    ("no diagnosis", "of next: no test run of the crypto is known, or none of its records has a code"),
    (
      "see to what is critical first",
      "of next: a golden signal of the crypto is past a critical bound; docs/operations.md says under its name what to do"
    ),
    ("trigger", "of next: the command that launches the next run; corrparse itself launches nothing"),
    ("next run", "of next: the configuration of the next launch__discovery, as JSON; nothing triggers it"),
    ("runs in a row", "of next: how many of the crypto's last runs have the same diagnosis"),
  ]

  /// The words of the summary of `ingest` and `backfill`.
  ///
  /// Codes in it count the records that were stored or found stored (unchanged); a log that lies in two places counts twice, as its blocks do.
  static let summary = [
    ("read", "of an ingest: logs that were opened and read"),
    ("blocks", "of an ingest: headers found; each is stored, unchanged, replayed or rejected"),
    ("stored", "of an ingest: records that were written, as new or in place of others"),
    (
      "replayed",
      "of an ingest: blocks that are copies of earlier ones of the log, as replays print them; they are not stored"
    ),
    (
      "rejected",
      "of an ingest: blocks that are not stored, for the server refuses them or another log of the attempt is stored; a warning names each"
    ),
    (
      "records without fields",
      "of an ingest: records without any usable key, for an issue of the block or of each of its keys; corrparse issues has these"
    ),
    ("source issues", "of an ingest: issues of logs themselves, not of a block; corrparse issues has them"),
    ("no source issues", "of an ingest: no log has an issue of its own"),
    (
      "no verdicts",
      "of an ingest: no record was stored or found stored, as where every log is unchanged and none was read"
    ),
    (
      "with unread headers",
      "of an ingest: logs with lines that have the words of a header, and no block there; --line-format may be missing"
    ),
    ("outside the window", "of a backfill: logs that failed before, and that --since and --until leave out"),
    ("without task", "of an ingest: logs of which neither the path nor the lines tell whose they are"),
    ("cleared", "of an ingest: logs that are gone and whose failed reading the ledger no longer has"),
    ("left out", "of an ingest: records of a reading that is worse than the one that is stored"),
    ("passed over", "of parse and backfill: a file or object that is not read; parse -v says why"),
    (
      "sort",
      "--sort takes a column's title or a key; the help of each command names its keys (corrparse verdicts --help)"
    ),
    ("recognised", "of parse -v: the forms of log lines that were seen, as 2-log-envelopes names them"),
  ]
}

extension StepTitle {
  /// What stands behind the title; nil where it is a status of signals, which `explain` knows as that.
  fileprivate var meaning: String? {
    switch self {
    case .lastRun: "of next: the crypto's last run of a test DAG, whose diagnosis is above it"
    case .critical, .warning, .useful: nil
    case .see: "of next: where the handbook speaks of the signals that are critical"
    case .escalate: "of next: whom to tell, after three runs in a row without the exit criterion"
    case .exit:
      "of next: when the incident is over (exit criterion), and whether that is reached"
    case .mayDo: "of next: the playbook's step as an offer, because the exit criterion is reached"
    case .do: "of next: the playbook's step"
    case .playbook: "of next and state: where the manual and the handbook say more"
    }
  }
}

extension BlockEnd {
  /// How such a block ended.
  fileprivate var meaning: String {
    switch self {
    case .explicit: "of a block: its end marker ended it"
    case .newHeader: "of a block: the next header ended it; it has no end marker"
    case .otherLine: "of a block: a line that is none of a block ended it; it has no end marker"
    case .recordEnd: "of a block: its log record ended; it has no end marker"
    case .failure: "of a block: a line that says that the task failed ended it"
    case .endOfInput: "of a block: the log ended; it has no end marker"
    case .limit: "of a block: it is over 256 lines or 64 KiB, and what is beyond is not read"
    }
  }
}

extension ReadReason {
  /// Why `backfill --dry-run` would read a log, or not; nil where it is a status of logs, which `explain` knows as that.
  fileprivate var meaning: String? {
    switch self {
    case .new: "of backfill --dry-run: the ledger does not know the log"
    case .changed: "of backfill --dry-run: the log has another size or time than the ledger says"
    case .growing: nil
    case .damaged: "of backfill --dry-run: unchanged, and damaged or not stored whole when it was read"
    case .unmended:
      "of backfill --dry-run: unchanged since it was found damaged, or could not be stored whole; --retry-failed reads it again"
    case .format:
      "of backfill --dry-run: unchanged; headers or its task were not found, and --line-format or --path-template is another than then"
    case .forced: "of backfill --dry-run: unchanged, and --force reads everything"
    case .unchanged:
      "of backfill --dry-run and ingests: the log or record is as it was, so nothing is written"
    case .archived: "of backfill --dry-run: an archived object, which is not asked for"
    }
  }
}
