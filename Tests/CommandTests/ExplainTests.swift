import CorrelationGrammar
import Diagnosis
import DiagnosticWriter
import Foundation
import Ingest
import LogModel
import RecordFormats
import TestSupport
import Testing

@testable import corrparse

/// `explain` knows every name that the program prints (5-command-line, Commands).
@Suite struct ExplainTests {
  private static func names() throws -> Set<String> {
    let outcome = try Program.run("explain", "--format", "json")
    #expect(outcome.status == 0)
    return Set(
      try outcome.lines.map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        for part in ["name", "kind", "meaning"] {
          #expect((object?[part] as? String)?.isEmpty == false, "\(line)")
        }
        return object?["name"] as? String ?? ""
      })
  }

  @Test func `every name is explained`() throws {
    let taxonomy = Taxonomy.current
    let printed =
      taxonomy.rules.map(\.code.rawValue) + taxonomy.rules.map(\.entry) + taxonomy.signals.map(\.name)
      + taxonomy.conditions.map(\.name) + GlobalState.allCases.map(\.rawValue)
      + Severity.allCases.map(\.rawValue)
      + Certainty.allCases.map(\.rawValue) + Verdict.labelsWithoutCode + IssueKind.allCases.map(\.rawValue)
      + LintRule.all.map(\.name) + ExitStatus.allCases.map { String($0.rawValue) }
      + [
        "complete", "growing", "truncated", "corrupt", "failed", "running", "success", "ok", "warning",
        "critical",
      ]
      + ["clear", "not_evaluable", "not_applicable", "triggered", "absent", "no_trades"]
    #expect(Set(printed).subtracting(try Self.names()) == [])
  }

  /// A condition without a step of its own would repeat its meaning.
  @Test func `every condition has a next step`() {
    for condition in Taxonomy.current.conditions { #expect(condition.nextStep != condition.meaning) }
  }

  /// The links that `explain`, `state` and `next` print lead somewhere.
  @Test func `every playbook is in the handbook`() throws {
    let page = String(
      decoding: try #require(Files.bytes(Repository.path("docs/operations.md"))), as: UTF8.self)
    let alerts = Explained.alerts.compactMap { alert in
      alert.parts.last?.text.split(separator: "#").last.map(String.init)
    }
    var names: [String] = Taxonomy.current.rules.map(\.code.rawValue)
    names += Taxonomy.current.conditions.map(\.name)
    names += Taxonomy.current.signals.map(\.name)
    names += ["global-state"] + alerts
    for name in names { #expect(page.contains("<a id=\"\(name)\"></a>"), "\(name)") }
    #expect(page.contains("## Morning check"))
  }

  @Test(arguments: IssueKind.allCases.filter { !$0.meaning.example.hasPrefix("(") })
  func `the example of an issue gives it`(kind: IssueKind) throws {
    let log = "=== CORRELATION DATA ===\n\(kind.meaning.example)\n=== END CORRELATION DATA ===\n"
    let outcome = try Program.run("--format", "ndjson", input: Array(log.utf8))
    #expect(outcome.text.contains("\"kind\":\"\(kind.rawValue)\""), "\(outcome.text)")
  }

  private static let lookups: [(String, [String])] = [
    (
      "execution-mismatch",
      ["EXECUTION_MISMATCH\n  what       code of the taxonomy", "  over when  sortino > 0 or sl_pct < 40"]
    ),
    ("sl_too", ["SL_TOO_TIGHT\n", "  rerun      sl_range \"1.2,1.5,1.8,2.0\" with SL_TOO_TIGHT"]),
    (
      "malformed",
      [
        "malformed_pair\n  what       issue of a block or log", "malformed_number\n",
        "  example    f1_buy=0,55",
      ]
    ),
    ("74", ["74\n  what       exit status"]), ("yellow", ["YELLOW\n  what       global state"]),
    ("core_crypto_stale", ["  state      ORANGE"]),
    ("colon_pair", ["colon_pair\n  what       rule of lint", "  cure       print key=value"]),
    ("SL_TOO_TIGHT?", ["SL_TOO_TIGHT\n  what       code of the taxonomy"]),
    ("PIPELINE_DEGRADED", ["  playbook   docs/operations.md#PIPELINE_DEGRADED"]),
    ("tp_pct", ["tp_pct\n  what       key of a block", "  read by    TP_TOO_AMBITIOUS"]),
    ("Symbol", ["crypto\n  what       key of a block"]), ("HZN", ["HZN\n  what       column of a table"]),
    ("fresh d", ["  meaning    of state: the signal model_freshness"]),
    ("lint", ["lint\n  what       command", "nearly_known_key\n  what       rule of lint"]),
    ("since", ["when an ingest first noted this state"]), ("ignored", ["names are no log's"]),
    ("no rule applies", ["of an unclassified record"]),
    ("corrparse-no-ingest", ["No log was stored for 26 hours\n  what       alert"]),
    ("corrparse-sl_pct", ["sl_pct\n  what       golden signal"]),
  ]

  @Test(arguments: lookups)
  func `names, whatever their case, and their beginnings are understood`(name: String, parts: [String]) throws
  {
    let outcome = try Program.run("explain", name)
    #expect(outcome.status == 0)
    for part in parts { #expect(outcome.text.contains(part), "\(outcome.text)") }
  }

  /// `explain` knew neither `may do` nor `rejected`, which `next` and `ingest` print.
  @Test func `every word of state, next, runs, logs and the summary is explained`() throws {
    var words = [
      "!", "*", "?", "sortino<0", "+2", "all clear", "first noted", "not noted before", "best strategy",
    ]
    words += [
      "without task", "no diagnosis", "next run", "runs in a row", "platform", "all", "none", "useful",
      "ignored",
    ]
    words += StepTitle.allCases.map(\.rawValue) + BlockEnd.allCases.map(\.rawValue)
    words += ReadReason.allCases.map(\.rawValue) + FieldKey.allCases.map(\.name) + ["gates"]
    // Every part of the summary of an ingest.
    var summary = IngestSummary()
    (summary.filesRead, summary.logsCleared, summary.filesIgnored) = (1, 1, 1)
    (summary.recordsWithoutFields, summary.recordsLeftOut) = (2, 1)
    let text = IngestSession.text(of: summary, .zero)
    for word in [
      "read", "unchanged", "failed", "blocks", "stored", "replayed", "rejected", "no verdicts",
      "no source issues",
      "cleared", "ignored", "records without fields", "left out",
    ] {
      #expect(text.contains(word), "\(text)")
      words.append(word)
    }
    #expect(Set(words).subtracting(try Self.names()) == [])
  }

  /// ATR, pts, btc-core and the forms of log lines were printed, and `explain` knew none of them.
  @Test func `every term, value of a list and form of log lines is explained`() throws {
    let names = try Self.names()
    let page = String(
      decoding: try #require(Files.bytes(Repository.path("docs/specification/terms.md"))), as: UTF8.self)
    let rows = page.split(separator: "## Sections of the manual")[0].matches(of: /\n\| (.+) \| (.+) \|/).map {
      (String($0.output.1), String($0.output.2))
    }.filter { !["decision", "term", "---"].contains($0.0) }
    // The specification and the program say the same.
    #expect(Terms.all.map(\.names) == rows.map(\.0))
    #expect(Terms.all.map(\.meaning) == rows.map(\.1))
    var words = Terms.all.flatMap(\.words).filter { FieldKey(name: $0.lowercased()) == nil }
    words += ["pts", "p95", "manual", "ML owner", "btc-core", "defi", "candidates", "layer", "passed over"]
    words += StoredList.all.flatMap { $0.values.map(\.name) } + Obstacle.names + ["not_useful"]
    words += LogEnvelope.known.map(\.name.rawValue)
    #expect(words.contains("bare") && words.contains("airflow2-text") && words.contains("latest_attempt"))
    #expect(Set(words).subtracting(names) == [])
  }

  @Test(arguments: [
    ("f1_buy", "  meaning    The F1 score (harmonic mean of precision and recall) of the class BUY."),
    ("baseline_f1_buy", "  meaning    baseline_f1_buy, the F1 score of a classifier that always says BUY"),
    ("H1", "  meaning    The longest time that a trade may stay open"),
    ("sl_pct", "  meaning    tp_pct, sl_pct, timeout_pct: which part of the trades ended at which barrier"),
    ("ATR", "ATR\n  what       term of the users\n  meaning    Average true range"),
    ("airflow3-json", "  example    {"), ("btc-core", "a group of cryptos"),
  ])
  func `a key is explained by the users' sentence`(name: String, text: String) throws {
    let outcome = try Program.run("explain", name)
    #expect(outcome.text.contains(text), "\(outcome.text)\(outcome.errorText)")
  }

  /// It suggested exit statuses, and one name several times.
  @Test func `what is no name is not answered with exit statuses, nor twice with one name`() throws {
    let empty = try Program.run("explain", "")
    #expect(empty.status == Status.usage)
    #expect(empty.errorText.contains("explain names nothing"))
    #expect(try Program.run("explain", "H4").text.hasPrefix("horizon\n"))
    for name in ["5", "H0", "H4x", "sortino<9", "sotrino"] {
      let outcome = try Program.run("explain", name)
      #expect(outcome.status == Status.usage)
      let line = outcome.errorText.split(separator: "\n").first ?? ""
      let names = line.split(separator: "did you mean ").dropFirst().joined().split { " ?".contains($0) }
        .filter { $0 != "or" }
      #expect(Set(names).count == names.count, "\(line)")
      #expect(!names.contains { $0.allSatisfy(\.isNumber) }, "\(line)")
    }
  }

  /// Who is rung up asks what the alert means.
  @Test func `every alert is explained`() throws {
    var names: [String] = []
    for file in ["corrparse", "p0", "p1", "p2", "p3"] {
      let path = "grafana/provisioning/alerting/\(file).yaml"
      let text = String(decoding: try #require(Files.bytes(Repository.path(path))), as: UTF8.self)
      names += text.matches(of: /\n {8}title: "(.*)"/).map { String($0.output.1) }
    }
    let rules = String(
      decoding: try #require(Files.bytes(Repository.path("prometheus/corrparse.rules.yaml"))), as: UTF8.self)
    names += rules.matches(of: /- alert: (\w+)/).map { String($0.output.1) }
    #expect(names.count > 25)
    for name in names {
      let outcome = try Program.run("explain", name)
      #expect(outcome.status == 0, "\(name) \(outcome.errorText)")
      #expect(outcome.text.contains("docs/operations.md#"), "\(name)")
    }
  }

  /// A new column without a meaning would have no line of it.
  @Test func `every column and key is explained`() {
    for item in Explained.columns + Explained.keys { #expect(!item.meaning.isEmpty, "\(item.name)") }
  }

  @Test func `an unknown name is answered with the nearest`() throws {
    let outcome = try Program.run("explain", "EXECUTION_MISMACH")
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("did you mean EXECUTION_MISMATCH or execution?"))
    #expect(try Program.run("explain", "zzzzzz").errorText.contains("corrparse explain lists them"))
  }

  /// `explain malformed` is understood, and `malfromed` got no answer: it is far from malformed_number.
  @Test(arguments: [
    ("malfromed", "malformed"), ("malformd", "malformed"), ("SCREENNIG", "screening"), ("unraed", "unread"),
    ("cored_crypto", "core_crypto"), ("interlaeved", "interleaved"), ("orfan_end", "orphan_end"),
  ])
  func `a mistyped beginning of a name is answered with it`(name: String, meant: String) throws {
    let outcome = try Program.run("explain", name)
    #expect(outcome.status == Status.usage)
    #expect(outcome.errorText.contains("; did you mean \(meant)"), "\(outcome.errorText)")
    #expect(try Program.run("explain", meant).status == 0)
  }
}
