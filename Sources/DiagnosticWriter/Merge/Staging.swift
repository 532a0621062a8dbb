import Diagnosis
import LogModel

/// The temporary tables that a transaction loads by COPY before it merges them: one row per log, and one per record with
/// its verdict and issues. They go when the transaction ends.
enum Staging {
  struct Column {
    let name: SQLText
    let type: SQLText
  }

  /// What a record's row holds, in the order in which ``CopyEncoder/record(_:verdict:)`` writes it.
  static let recordColumns: [Column] =
    [
      Column(name: "log", type: "bigint"), Column(name: "block", type: "bigint"),
      Column(name: "names_attempt", type: "boolean"), Column(name: "issues", type: "jsonb"),
    ] + storedRecordColumns + [Column(name: "taxonomy_version", type: "bigint")] + storedVerdictColumns

  /// The columns of `corrparse.record` but its key.
  static let storedRecordColumns: [Column] =
    [
      Column(name: "line", type: "bigint"), Column(name: "byte_offset", type: "bigint"),
      Column(name: "grammar_version", type: "bigint"), Column(name: "block_end", type: "text"),
      Column(name: "observed_at", type: "timestamptz"), Column(name: "observed_from", type: "text"),
      Column(name: "dag_id", type: "text"), Column(name: "run_id", type: "text"),
      Column(name: "task_id", type: "text"), Column(name: "map_index", type: "bigint"),
      Column(name: "try_number", type: "bigint"),
    ] + FieldKey.allCases.map { Column(name: SQLText(columnOf: $0), type: SQLText(typeOf: $0)) } + [
      Column(name: "gates", type: "jsonb"), Column(name: "extras", type: "jsonb"),
    ]

  /// The columns of `corrparse.record` that hold what a block says.
  static let contentColumns: [SQLText] =
    FieldKey.allCases.map { SQLText(columnOf: $0) } + ["gates", "extras"]

  /// The columns of `corrparse.verdict` but its key.
  static let storedVerdictColumns: [Column] = [
    Column(name: "primary_code", type: "text"), Column(name: "findings", type: "text[]"),
    Column(name: "certainty", type: "text"), Column(name: "severity", type: "text"),
    Column(name: "ml", type: "text"), Column(name: "execution", type: "text"),
    Column(name: "infra", type: "text"), Column(name: "delta_points", type: "numeric"),
    Column(name: "not_evaluated", type: "jsonb"), Column(name: "explanation", type: "text"),
  ]

  /// What a log's row holds, in the order in which ``CopyEncoder/log(_:_:)`` writes it.
  static let logColumns: [Column] =
    [
      Column(name: "ordinal", type: "bigint"), Column(name: "location", type: "text"),
      Column(name: "source_name", type: "text"), Column(name: "dag_id", type: "text"),
      Column(name: "run_id", type: "text"), Column(name: "task_id", type: "text"),
      Column(name: "map_index", type: "bigint"), Column(name: "try_number", type: "bigint"),
      Column(name: "part", type: "text"),
    ] + storedLogColumns + [
      Column(name: "issue_list", type: "jsonb"), Column(name: "outcome_list", type: "jsonb"),
      Column(name: "program_version", type: "text"), Column(name: "head", type: "bytea"),
      Column(name: "run", type: "bigint"), Column(name: "replaces", type: "text"),
    ]

  /// The columns of `corrparse.log` that a reading sets. The columns of the reading's time and of the program's version are not among them.
  static let storedLogColumns: [Column] = [
    Column(name: "size_bytes", type: "bigint"), Column(name: "modified_at", type: "timestamptz"),
    Column(name: "entity_tag", type: "text"), Column(name: "fingerprint", type: "bytea"),
    Column(name: "status", type: "text"),
    Column(name: "error", type: "text"), Column(name: "decompressed_bytes", type: "bigint"),
    Column(name: "blocks", type: "bigint"), Column(name: "replays", type: "bigint"),
    Column(name: "issues", type: "bigint"), Column(name: "line_format", type: "text"),
    Column(name: "path_template", type: "text"),
  ]

  /// What says that blocks of a log are damaged, in the order in which ``CopyEncoder/damage(_:_:)`` writes it.
  static let damageColumns: [Column] = [
    Column(name: "log", type: "bigint"), Column(name: "first_block", type: "bigint"),
    Column(name: "last_block", type: "bigint"), Column(name: "clause", type: "text"),
  ]

  /// Begins the transaction. Everything is local to it, so that a pooler's next client finds nothing changed. Plans are
  /// short-lived and small, so compiling them would cost more than it gives.
  static let transaction: SQLText = """
    BEGIN;
    SET LOCAL TimeZone = 'UTC';
    SET LOCAL search_path = pg_catalog, pg_temp;
    SET LOCAL lock_timeout = '60s';
    SET LOCAL statement_timeout = '15min';
    SET LOCAL idle_in_transaction_session_timeout = '15min';
    SET LOCAL client_min_messages = warning;
    SET LOCAL jit = off;

    """

  /// Begins a transaction with its staging tables.
  static let begin: SQLText =
    transaction + table("staged_record", recordColumns, also: "")
    + table(
      "staged_log", logColumns,
      also: ", source_id bigint, previous_source_id bigint, feeds boolean, had_feed boolean, refusal text, "
        + "complete_bytes bigint, conflict text, displaced bigint, digests bytea, stem text, known_source_id bigint, "
        + "rotation bigint, is_other boolean, has_nothing_new boolean, earlier_parts bigint[], later_parts bigint[], "
        + "replayed bigint, displaced_verdicts text, displaced_issues text, displaced_empty bigint")

  /// From this many bytes of COPY data on the rows are many, and ``planningForManyRows`` pays.
  static let manyRowBytes = 1 << 16

  /// For many rows. The planner knows neither how many rows are staged, which would take
  /// longer to count than to merge, nor how many the source has: joins that suffer when it guesses low are ruled out.
  static let planningForManyRows: SQLText = "SET LOCAL enable_nestloop = off;\nSET LOCAL work_mem = '32MB';\n"

  static let copyRecords: SQLText = copy("staged_record", recordColumns)
  static let copyLog: SQLText = copy("staged_log", logColumns)

  static let copyDamages: SQLText =
    table("staged_damage", damageColumns, also: "") + copy("staged_damage", damageColumns)

  private static func table(_ name: SQLText, _ columns: [Column], also more: SQLText) -> SQLText {
    "CREATE TEMPORARY TABLE " + name + " (" + columns.map { $0.name + " " + $0.type }.joined() + more
      + ") ON COMMIT DROP;\n"
  }

  private static func copy(_ name: SQLText, _ columns: [Column]) -> SQLText {
    "COPY pg_temp." + name + " (" + columns.map(\.name).joined() + ") FROM STDIN;\n"
  }
}

extension SQLText {
  /// The column of a field: its canonical key, but `group`, which is a word of SQL, with the views' name.
  init(columnOf key: FieldKey) {
    self.init(stringLiteral: key == .group ? "logged_group" : key.name)
  }

  fileprivate init(typeOf key: FieldKey) {
    self =
      switch key.domain {
      case .name, .horizon, .phase, .fold: "text"
      case .count: "bigint"
      case .positiveDecimal, .fraction, .anyDecimal, .exitShare, .percentPoints: "numeric"
      case .boolean: "boolean"
      }
  }
}
