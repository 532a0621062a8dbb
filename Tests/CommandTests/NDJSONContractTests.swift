import Diagnosis
import Foundation
import TestSupport
import Testing

/// The NDJSON contract (5-command-line, NDJSON), byte for byte: every line here is written by hand from
/// docs/specification. Only the wording of `explanation` is not part of the contract.
@Suite struct NDJSONContractTests {
  let files: Workspace
  /// Of the taxonomy.
  private let version = Taxonomy.current.version

  init() throws { files = try Workspace() }

  /// The line up to and with `"explanation":"`, and the numbers that the explanation must show.
  private func expect(_ line: String?, is expected: String, explaining numbers: [String]) {
    let parts = (line ?? "").components(separatedBy: #","explanation":""#)
    #expect(parts.first == expected)
    #expect(parts.count == 2)
    let explanation = parts.last ?? ""
    #expect(explanation.hasSuffix(#""}}"#))
    for number in numbers { #expect(explanation.contains(number)) }
  }

  /// Airflow 2 text with the identity in the path: everything that a record can have.
  @Test func strategyRecordOfAMappedTask() throws {
    let path =
      "dag_id=launch__discovery/run_id=manual__2026-03-28T02:00:00+00:00/task_id=test_step/map_index=3/attempt=1.log"
    // Line 1 has 53 bytes with its line feed; 77, 36, 34, 30 and 36 follow: std_f1_buy begins line 6.
    let log = """
      [2026-03-28T02:14:07.000+0000] {a.py:1} INFO - start
      [2026-03-28T02:14:07.123+0000] {test_step.py:88} INFO - === CORRELATION DATA ===
      - crypto=SOLUSDC, horizon=H4, fold=ALL
      f1_buy=0.5512 | baseline=0.4871x
      baseline_f1_buy: 0.48710
      std_f1_buy=None
      sortino_ratio=-3.2e-01
      SL%=58.1% TP%=22.0% timeout%=19.9%
      gates=f1:PASS, sortino:ko
      note="a \\"b\\" \\\\ é\\tz" note-2=
      === END CORRELATION DATA ===

      """
    try files.write(log, to: path)
    let outcome = try Program.run(path, in: files.path)
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(outcome.lines.count == 1)
    let offset = log.utf8.count - log[(log.range(of: "std_f1_buy")?.lowerBound ?? log.endIndex)...].utf8.count
    expect(
      outcome.lines.first,
      is: #"{"source":"\#(path)","line":2,"offset":53,"block":1,"observed_at":"2026-03-28T02:14:07.123Z","#
        + #""task":{"dag_id":"launch__discovery","run_id":"manual__2026-03-28T02:00:00+00:00","#
        + #""task_id":"test_step","map_index":3,"try_number":1},"grammar":1,"end":"explicit","#
        + #""record":{"crypto":"SOLUSDC","horizon":"H4","fold":"all","f1_buy":0.5512,"baseline_f1_buy":0.4871,"#
        + #""sortino":-0.32,"tp_pct":22,"sl_pct":58.1,"timeout_pct":19.9},"#
        + #""gates":{"f1":"pass","sortino":"fail"},"#
        + #""extras":{"baseline":"0.4871x","note":"a \"b\" \\ é\tz","note-2":""},"#
        + #""issues":[{"kind":"missing_value","key":"std_f1_buy","line":6,"offset":\#(offset),"raw":"None"}],"#
        + #""verdict":{"taxonomy":\#(version),"primary":"EXECUTION_MISMATCH","certainty":"provisional","severity":"P2","#
        + #""findings":["EXECUTION_MISMATCH","ML_EXPLOITABLE","SL_TOO_TIGHT"],"ml":"ML_EXPLOITABLE","#
        + #""execution":"EXECUTION_MISMATCH","infra":"not_applicable","delta_points":6.41,"#
        + #""not_evaluated":[{"rule":"SCREENING_OVERFIT","lacks":["screening_f1_buy","last_fold_f1_buy"],"#
        + #""why":"absent"},{"rule":"ML_UNSTABLE","lacks":["std_f1_buy"],"why":"missing_value"}]"#,
      explaining: ["0.5512", "0.4871", "6.41", "-0.32", "58.1"])
  }

  /// Airflow 3 JSON lines through a pipe: no identity, an implicit end, a summary record, an issue of the source.
  @Test func summaryRecordAndOrphanOfAPipe() throws {
    let first =
      #"{"timestamp":"2026-03-28T04:14:07.500000+02:00","level":"info","logger":"t","#
      + #""event":"=== CORRELATION DATA ===\ncrypto=BTCUSDC\nn_candidates=40 n_passed=0"}"# + "\n"
    let second = #"{"timestamp":"2026-03-28T02:14:08Z","level":"info","logger":"t","event":"next"}"# + "\n"
    let third =
      #"{"timestamp":"2026-03-28T02:14:09Z","level":"info","logger":"t","event":"=== END CORRELATION DATA ==="}"#
      + "\n"
    let outcome = try Program.run(input: Array((first + second + third).utf8))
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 2)
    expect(
      outcome.lines.first,
      is: #"{"source":"-","line":1,"offset":0,"block":1,"observed_at":"2026-03-28T02:14:07.5Z","#
        + #""grammar":1,"end":"implicit:record_end","record":{"crypto":"BTCUSDC","n_candidates":40,"n_passed":0},"#
        + #""issues":[],"verdict":{"taxonomy":\#(version),"primary":"NO_CANDIDATES","certainty":"certain","severity":"P1","#
        + #""findings":["NO_CANDIDATES"],"ml":"not_applicable","execution":"not_applicable","#
        + #""infra":"not_applicable","not_evaluated":[]"#,
      explaining: ["40"])
    #expect(
      outcome.lines.last
        == #"{"source":"-","status":"complete","issues":[{"kind":"orphan_end","line":3,"#
        + #""offset":\#(first.utf8.count + second.utf8.count),"raw":"=== END CORRELATION DATA ==="}]}"#)
  }

  /// A bare message has neither time nor task; a version that is not known is interpreted in nothing.
  @Test func unknownVersionOfABarePipe() throws {
    let outcome = try Program.run(
      input: Array(
        "=== CORRELATION DATA v2 ===\ncrypto=BTCUSDC f1_buy=0.6\n=== END CORRELATION DATA ===\n".utf8))
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
    expect(
      outcome.lines.first,
      is: #"{"source":"-","line":1,"offset":0,"block":1,"grammar":2,"end":"explicit","record":{},"#
        + #""issues":[{"kind":"unsupported_version","line":1,"offset":0,"raw":"=== CORRELATION DATA v2 ==="}],"#
        + #""verdict":{"taxonomy":\#(version),"certainty":"unclassified","severity":"none","findings":[],"#
        + #""ml":"not_applicable","execution":"not_applicable","infra":"not_applicable","not_evaluated":[]"#,
      explaining: [])
  }

  @Test func truncatedArchiveEndsWithItsStatus() throws {
    let whole = Gzip.member(TaskLog.block("crypto=SOLUSDC") + TaskLog.line)
    try files.write(Array(whole.dropLast(8)), to: "cut.log.gz")
    let outcome = try Program.run("cut.log.gz", in: files.path)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.lines.count == 2)
    #expect(outcome.lines.last == #"{"source":"cut.log.gz","status":"truncated","issues":[]}"#)
    #expect(outcome.errorText.contains("cut.log.gz"))
  }

  /// A record printed before its member proved damaged cannot carry the issue: the source's line does.
  @Test func corruptMemberNamesItsFirstBlock() throws {
    let good = Gzip.member(TaskLog.block("crypto=SOLUSDC"))
    let bad = Gzip.member(
      Array((TaskLog.block("crypto=ETHUSDC", second: 8) + TaskLog.line).utf8), checksum: 42)
    let last = Gzip.member(TaskLog.block("crypto=ADAUSDC", second: 9))
    try files.write(good + bad + last, to: "bad.log.gz")
    let outcome = try Program.run("bad.log.gz", in: files.path)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.errorText.contains("bad.log.gz"))
    let cryptos = ["SOLUSDC", "ETHUSDC", "ADAUSDC"]
    #expect(outcome.lines.count == 4)
    for (line, crypto) in zip(outcome.lines, cryptos) { #expect(line.contains(#""crypto":"\#(crypto)""#)) }
    let source = try JSONDecoder().decode(SourceLine.self, from: Data((outcome.lines.last ?? "").utf8))
    #expect(source.status == "corrupt")
    #expect(source.issues.map(\.kind) == ["damaged_source"])
    #expect(source.issues.map(\.block) == [2])
  }

  private struct SourceLine: Decodable {
    struct Issue: Decodable {
      var kind: String
      var block: Int?
    }
    var status: String
    var issues: [Issue]
  }

  @Test func logThatCannotBeReadHasALineOfItsOwn() throws {
    let outcome = try Program.run("missing.log", in: files.path)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.lines == [#"{"source":"missing.log","status":"failed","issues":[]}"#])
    #expect(outcome.errorText.contains("missing.log") && outcome.errorText.contains("No such file"))
  }
}
