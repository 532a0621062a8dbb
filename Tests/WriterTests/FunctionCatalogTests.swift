import Diagnosis
import Testing

@testable import DiagnosticWriter

/// What the catalog says of every function: a fixed search path, and what a planner may do with it.
@Suite struct FunctionCatalogTests {
  /// Functions that compute from their arguments alone.
  private static let immutable: Set<String> = [
    "corrparse.counted", "corrparse.doubts_gates", "corrparse.figure", "corrparse.gates_passed",
    "corrparse.is_accepted", "corrparse.is_past",
    "corrparse.is_strategy", "corrparse.is_useful", "corrparse.run_state", "corrparse.settled_state",
    "corrparse.severities",
    "corrparse.strategy_keys", "corrparse.text_digest",
  ]
  /// Functions that read tables or settings and write nothing.
  private static let stable: Set<String> = [
    "corrparse.attempt_at", "corrparse.best_strategy_at", "corrparse.challengers_at",
    "corrparse.condition_at", "corrparse.condition_subject_at", "corrparse.crypto_at",
    "corrparse.crypto_run_at", "corrparse.diagnose_run", "corrparse.finished_run_at",
    "corrparse.global_state_at", "corrparse.infra_input_at", "corrparse.model_version_at",
    "corrparse.next_step", "corrparse.passed_over", "corrparse.registered_model_at", "corrparse.registry_at",
    "corrparse.run_at", "corrparse.run_passed_at", "corrparse.run_record_at", "corrparse.setting",
    "corrparse.setting_hours", "corrparse.severity_of", "corrparse.signal_at", "corrparse.signal_reading_at",
    "corrparse.stored_run_at", "corrparse.utc_text", "diagnostics.drift_at", "diagnostics.global_state_at",
    "diagnostics.global_state_conditions_at", "diagnostics.global_state_subjects_at",
    "diagnostics.golden_signals_at", "diagnostics.infra_last_seen_at", "diagnostics.model_versions_at",
  ]
  /// Functions that write.
  private static let volatile: Set<String> = [
    "corrparse.grant_to_roles", "corrparse.note_change_of_all_runs", "corrparse.note_global_state",
    "corrparse.note_run_change", "corrparse.note_run_change_of_reading",
    "corrparse.note_run_change_of_record", "corrparse.refresh_run_diagnoses", "corrparse.use_roles",
  ]

  private static let rows: SQLText = """
    SELECT p.pronamespace::regnamespace || '.' || p.proname,
      CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END
        || CASE p.proparallel WHEN 's' THEN ' safe' WHEN 'r' THEN ' restricted' ELSE ' unsafe' END,
      p.prosqlbody IS NOT NULL OR p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp']
    FROM pg_proc AS p WHERE p.pronamespace IN ('corrparse'::regnamespace, 'diagnostics'::regnamespace)
    ORDER BY 1
    """

  @Test func searchPathIsFixedAndWhatPlannersMayDoIsTrue() throws {
    let database = try TestDatabase()
    let rows = try database.connect().query(Self.rows)
    var seen: Set<String> = []
    for row in 0..<rows.rowCount {
      let name = rows.text(row, 0) ?? ""
      seen.insert(name)
      let expected =
        Self.immutable.contains(name)
        ? "immutable safe"
        : Self.stable.contains(name)
          ? "stable safe" : Self.volatile.contains(name) ? "volatile unsafe" : "not listed here"
      #expect(rows.text(row, 1) == expected, "\(name)")
      #expect(rows.boolean(row, 2) == true, "\(name) has the search path of whoever calls it")
    }
    #expect(Self.immutable.union(Self.stable).union(Self.volatile).subtracting(seen) == [])
  }

  /// A database whose administrator has taken from PUBLIC what new functions give it.
  @Test func hardenedDefaultPrivilegesStopNobody() throws {
    let database = try TestDatabase(isMigrated: false)
    let owner = try database.connect()
    try owner.run("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    try Migrator(owner).up(programVersion: "1", taxonomy: .whole())

    let writer = try database.connect("options='-c role=corrparse_writer'")
    try World.healthy.store(writer)
    try RunDiagnoses(writer).refresh()
    #expect(try Supervision(writer).noteState())
    _ = try Pruner(writer).plan(before: World.noon - .days(100))
    #expect(try Reclassifier(writer, classifier: Classifier()).run().added == 0)

    let reader = try database.connect("options='-c role=corrparse_reader'")
    let views = try owner.column(
      "SELECT c.oid::regclass::text FROM pg_class AS c WHERE c.relnamespace = 'diagnostics'::regnamespace AND c.relkind = 'v'"
    )
    #expect(views.count > 10)
    for view in views.compactMap(\.self) {
      _ = try reader.query(SQLText(stringLiteral: "SELECT * FROM \(view)"))
    }
    #expect(try reader.globalState().hasPrefix("GREEN"))
  }
}
