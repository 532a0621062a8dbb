import TestSupport
import Testing

/// Whose a record is: the path, or the flags of a piped log, win over the lines, in `parse` and in the database
/// alike (2-log-envelopes, Identity).
@Suite struct LogIdentityTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  private static let original = NamedAttempt(run: "manual__2026-03-27T02:00:00+00:00")
  private static let copied = NamedAttempt(run: "manual__2026-03-28T02:00:00+00:00")

  /// Every attempt that a view shows, with the number of its rows.
  private func attempts(_ view: String) throws -> [String] {
    try database.column(
      "SELECT concat_ws(' ', dag_id, run_id, task_id, map_index, try_number, count(*)) FROM diagnostics.\(view) "
        + "GROUP BY dag_id, run_id, task_id, map_index, try_number ORDER BY 1")
  }

  private func runs() throws -> [String] {
    try database.column(
      "SELECT concat_ws(' ', run_id, records) FROM diagnostics.run_diagnosis_v1 WHERE crypto IS NULL ORDER BY 1"
    )
  }

  @Test(arguments: NamedAttempt.Form.allCases)
  func `a copied log counts for the run of its path and leaves the original run alone`(
    form: NamedAttempt.Form
  ) throws {
    let log = Self.original.log(form, blocks: 2)
    try files.write(log, to: Self.original.path)
    try files.write(log, to: Self.copied.path)
    let outcome = try database.run("ingest", files.path)
    #expect(outcome.status == 0)
    let expected = [Self.original, Self.copied].map(\.text)
    #expect(try attempts("verdict_v1") == expected.map { $0 + " 2" })
    #expect(try attempts("task_attempt_v1") == expected.map { $0 + " 1" })
    #expect(try attempts("ingestion_v1") == expected.map { $0 + " 1" })
    #expect(try attempts("issue_v1") == [expected[1] + " 1"])
    #expect(
      try database.column("SELECT concat_ws(' ', kind, key, raw) FROM diagnostics.issue_v1") == [
        "identity_conflict run_id \(Self.original.run)"
      ])
    #expect(try runs() == [Self.original, Self.copied].map { "\($0.run) 2" })
    let parsed = try Program.run("parse", files(Self.copied.path))
    #expect(parsed.text.components(of: #""run_id":"\#(Self.copied.run)""#) == 2)
    #expect(!parsed.text.contains(#""run_id":"\#(Self.original.run)""#))
  }

  /// The default templates of Airflow 2 and 3, the one that the samples' customised Airflow has, and one of nobody's.
  @Test(arguments: [
    (
      "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number }}.log",
      "dag_id=d/run_id=r/task_id=t/map_index=3/attempt=2.log", "d r t 3 2"
    ),
    (
      "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number|default(ti.try_number) }}.log",
      "dag_id=d/run_id=r/task_id=t/attempt=2.log", "d r t 2"
    ),
    (
      "{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{% if ti.map_index >= 0 %}{{ ti.map_index }}_{% endif %}{{ try_number }}.log",
      "d/g.t/2026-03-28T02:00:00+00:00/3_2.log", "d 2026-03-28T02:00:00+00:00 g.t 3 2"
    ),
    (
      "{{ ti.run_id }}/{{ ti.dag_id }}--{{ ti.task_id }}/{% if ti.map_index >= 0 %}m{{ ti.map_index }}/{% else %}all/{% endif %}try-{{ try_number }}.log",
      "r/d--t/all/try-2.log", "d r t 2"
    ),
  ])
  func `a path template tells whose a log is, printed and stored`(
    template: String, path: String, attempt: String
  ) throws {
    try files.write(TaskLog.line + TaskLog.block("crypto=SOLUSDC"), to: path)
    let outcome = try database.run("ingest", "--path-template", template, files.path)
    #expect(outcome.status == 0)
    #expect(!outcome.summary.contains("without task"))
    #expect(try attempts("verdict_v1") == [attempt + " 1"])
    let parsed = try Program.run("parse", "--path-template", template, "--format", "csv", files.path)
    #expect(parsed.status == 0)
    #expect(parsed.text.contains(attempt.split(separator: " ").first.map { ",\($0)," } ?? "?"))
  }

  @Test(arguments: NamedAttempt.Form.allCases)
  func `a piped log counts for the run of its flags`(form: NamedAttempt.Form) throws {
    let log = Array(Self.original.log(form, blocks: 2).utf8)
    let outcome = try database.run(
      "ingest", "--stdin", "--dag-id", Self.copied.dag, "--run-id", Self.copied.run, "--task-id",
      Self.copied.task, "--try-number", "1", input: log)
    #expect(outcome.status == 0)
    #expect(outcome.errorText.contains("\(Self.original.run)"))
    #expect(outcome.summary.contains("identity_conflict 1"))
    for view in ["task_attempt_v1", "ingestion_v1", "issue_v1"] {
      #expect(try attempts(view) == [Self.copied.text + " 1"])
    }
    #expect(try attempts("verdict_v1") == [Self.copied.text + " 2"])
    #expect(try runs() == ["\(Self.copied.run) 2"])
  }

  /// In words and as JSON; a log that agrees with its path is not spoken of.
  @Test func `a conflict is a warning and a count in the summary and in the metrics`() throws {
    try files.write(Self.original.log(.text, blocks: 1), to: "logs/" + Self.original.path)
    try files.write(Self.original.log(.text, blocks: 1), to: "logs/" + Self.copied.path)
    let text = try database.run("ingest", files("logs"), "--metrics-file", files("m.prom"))
    let warnings = text.errorText.split(separator: "\n").filter { $0.hasPrefix("corrparse: warning: ") }
    #expect(warnings.count == 1)
    let warning = warnings.first ?? ""
    for part in [files("logs/" + Self.copied.path), "line 2", "run_id", Self.original.run, Self.copied.run] {
      #expect(warning.contains(part), "\(part) in \(warning)")
    }
    #expect(text.summary.contains("; source issues: identity_conflict 1; "))
    let metrics = String(decoding: try files.read("m.prom"), as: UTF8.self)
    #expect(
      metrics.contains(
        #"corrparse_last_run_source_issues{command="ingest",kind="identity_conflict"} 1"#))
    #expect(metrics.contains(#"corrparse_last_run_source_issues{command="ingest",kind="orphan_end"} 0"#))
    let json = try database.run("ingest", "--force", "--log-format", "json", files("logs"))
    let lines = json.errorText.split(separator: "\n").filter { $0.contains(#""level":"warning""#) }
    #expect(lines.count == 1)
    #expect(lines.first?.contains(Self.copied.path) ?? false)
    let unchanged = try database.run("ingest", files("logs"))
    #expect(unchanged.summary.contains("; no source issues; "))
  }

  @Test(arguments: ["ndjson", "table", "csv"])
  func `parse warns of a conflict whatever it prints`(format: String) throws {
    try files.write(Self.original.log(.json, blocks: 1), to: Self.copied.path)
    let outcome = try Program.run("parse", "--format", format, files(Self.copied.path))
    #expect(outcome.status == 0)
    #expect(outcome.errorText.split(separator: "\n").count == 1)
    for part in [Self.copied.path, "run_id", Self.original.run, Self.copied.run] {
      #expect(outcome.errorText.contains(part))
    }
    let json = try Program.run(
      "parse", "--format", format, files(Self.copied.path), environment: ["CORRPARSE_LOG_FORMAT": "json"])
    #expect(json.errorText.contains(#""level":"warning""#))
  }

  /// What the versions stored that took the lines' word: records and attempts under the original run.
  @Test(arguments: [false, true])
  func `records that an earlier version stored under the lines' run move to the path's when read again`(
    isForced: Bool
  ) throws {
    let log = Self.original.log(.text, blocks: 2)
    try files.write(log, to: Self.copied.path)
    #expect(try database.run("ingest", files.path).status == 0)
    let right = try database.logicalState()
    try database.execute(
      """
      UPDATE corrparse.record SET run_id = '\(Self.original.run)';
      INSERT INTO corrparse.task_outcome (source_id, dag_id, run_id, task_id, map_index, try_number, state, stated)
      SELECT source_id, dag_id, '\(Self.original.run)', task_id, map_index, try_number, 'unknown', false
      FROM corrparse.task_outcome
      """)
    #expect(try database.run("reclassify").status == 0)
    #expect(try runs().contains("\(Self.original.run) 2"))
    if isForced {
      #expect(try database.run("ingest", "--force", files.path).status == 0)
      #expect(try database.logicalState() == right)
    } else {
      try files.write(log + TaskLog.line, to: Self.copied.path)
      #expect(try database.run("ingest", files.path).status == 0)
    }
    for view in ["verdict_v1", "task_attempt_v1"] {
      #expect(try attempts(view) == [Self.copied.text + (view == "verdict_v1" ? " 2" : " 1")])
    }
    #expect(try runs() == ["\(Self.copied.run) 2"])
  }

  /// Of random paths and lines.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `parse shows each record under the attempt that the views show`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var paths: [String: NamedAttempt] = [:]
    for number in 0..<60 {
      let log = RandomLog(number: number, &random)
      try files.write(log.text, to: "logs/" + log.path)
      if let attempt = log.pathAttempt { paths[files("logs/" + log.path)] = attempt }
    }
    let parsed = try Program.run("parse", files("logs"))
    #expect(parsed.status == 0)
    #expect(try database.run("ingest", files("logs")).status == 0)
    let shown = parsed.lines.filter { $0.contains(#""block":"#) && $0.contains(#""verdict":"#) }.map { line in
      [line.value(of: "source"), line.value(of: "block"), line.object(of: "task")].joined(separator: " ")
    }
    let stored = try database.column(
      """
      SELECT concat(i.location, ' ', v.block, ' ', CASE WHEN v.dag_id IS NOT NULL THEN concat(
        '{"dag_id":"', v.dag_id, '","run_id":"', v.run_id, '","task_id":"', v.task_id, '",',
        '"map_index":' || v.map_index || ',', '"try_number":', v.try_number, '}') END)
      FROM diagnostics.verdict_v1 AS v JOIN diagnostics.ingestion_v1 AS i USING (source)
      """)
    #expect(shown.count > 60)
    #expect(shown.sorted() == stored.sorted())
    // Nothing of a log whose path names its attempt stands under another one.
    for (location, attempt) in paths {
      for view in ["verdict_v1", "task_attempt_v1", "issue_v1", "ingestion_v1"] {
        let others = try database.column(
          "SELECT count(*) FROM diagnostics.\(view) WHERE dag_id = '\(attempt.dag)' AND "
            + "(run_id, task_id, coalesce(map_index, -1), try_number) <> "
            + "('\(attempt.run)', '\(attempt.task)', \(attempt.mapIndex ?? -1), \(attempt.attempt))")
        #expect(others == ["0"], "\(view) of \(location)")
      }
      #expect(
        try database.column(
          "SELECT DISTINCT run_id FROM diagnostics.run_diagnosis_v1 WHERE dag_id = '\(attempt.dag)'"
        )
        .allSatisfy { $0 == attempt.run })
    }
  }

  /// A pipe has no path; without flags its lines are all there is.
  @Test func `a piped log without flags shows the attempts that its lines name`() throws {
    var random = SeededGenerator(seed: 99)
    for number in 0..<12 {
      let log = Array(RandomLog(number: number, &random).text.utf8)
      #expect(try database.run("ingest", "--stdin", "--source", "p\(number)", input: log).status == 0)
      let shown = try Program.run("parse", input: log).lines.filter { $0.contains(#""verdict":"#) }
        .map { "\($0.value(of: "block")) \($0.value(of: "run_id")) \($0.value(of: "try_number"))" }
      let stored = try database.column(
        "SELECT concat(block, ' ', run_id, ' ', try_number) FROM diagnostics.verdict_v1 WHERE source = 'p\(number)'"
      )
      #expect(shown.sorted() == stored.sorted())
    }
  }
}

extension String {
  fileprivate func components(of part: String) -> Int {
    var count = 0
    var rest = self[...]
    while let found = rest.firstRange(of: part) {
      count += 1
      rest = rest[found.upperBound...]
    }
    return count
  }

  /// The text of a member of a line of NDJSON, without quotes; empty where there is none.
  fileprivate func value(of key: String) -> String {
    guard let start = firstRange(of: "\"\(key)\":")?.upperBound else { return "" }
    let rest = self[start...]
    return rest.first == "\""
      ? String(rest.dropFirst().prefix { $0 != "\"" }) : String(rest.prefix(while: \.isNumber))
  }

  /// The text of a flat object that is a member of a line of NDJSON.
  fileprivate func object(of key: String) -> String {
    guard let start = firstRange(of: "\"\(key)\":{")?.upperBound else { return "" }
    return "{" + self[start...].prefix { $0 != "}" } + "}"
  }
}
