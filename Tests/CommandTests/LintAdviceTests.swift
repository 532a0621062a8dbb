import Diagnosis
import Foundation
import Ingest
import LogModel
import TestSupport
import Testing

/// What `lint` says to print: one finding for one cause, and nothing that it says to print is found again (5-command-line, Exit codes).
@Suite struct LintAdviceTests {
  private static func block(_ lines: String) -> String {
    "=== CORRELATION DATA ===\n\(lines)\n=== END CORRELATION DATA ===\n"
  }

  private static func findings(_ log: String) throws -> [String] {
    try Program.run("lint", "-", input: Array(log.utf8)).lines.filter { !$0.isEmpty }
  }

  /// `tp_pct=0.30` was told to have a percent sign, and `0.30%` to have none.
  @Test(arguments: [
    (
      "tp_pct=0.30",
      "2:8: unit_ambiguous: tp_pct: `0.30`; print tp_pct=30% where 0.30 is a fraction, tp_pct=0.3% where it is percent points"
    ),
    (
      "success_rate=.92",
      "2:14: unit_ambiguous: success_rate: `.92`; print success_rate=92% where .92 is a fraction, success_rate=0.92% where it is percent points"
    ),
    (
      "f1_buy=0.55%",
      "2:1: doubtful_percent: f1_buy: `0.55%`; read as 0.0055; print f1_buy=0.55 where 0.55 is the fraction, f1_buy=0.0055 where 0.55 percent points are right"
    ),
    ("n_trades=655.x", "2:10: malformed_number: n_trades: `655.x`; print an integer from 0 on"),
    (
      "sl_pct=55 %",
      "2:8: malformed_number: sl_pct: `55 %`; print sl_pct=55%, without a blank before the sign"
    ),
    (
      "f1_buy=55.1  %",
      "2:8: malformed_number: f1_buy: `55.1  %`; print f1_buy=55.1%, without a blank before the sign"
    ),
    (
      "sortino=3 %", "2:9: malformed_number: sortino: `3 %`; print a decimal with a point, of up to 18 digits"
    ),
    ("sortino=1e16", "2:9: out_of_range: sortino: `1e16`; print a number below 10^15"),
    ("tp=1e16", "2:4: out_of_range: tp: `1e16`; print a number below 10^15"),
    (
      "sl=1e-40",
      "2:4: out_of_range: sl: `1e-40`; round the number: 30 digits behind the point are the most"
    ),
    (
      "note=tuned sortino=3.5",
      #"2:1: several_pairs: `note=tuned sortino=3.5`; print one pair a line, or, where all of it is the text of note, note="tuned sortino=3.5""#
    ),
  ])
  func `a value is told with the right one`(pair: String, finding: String) throws {
    #expect(try Self.findings(Self.block(pair)) == ["<stdin>:" + finding])
  }

  @Test func `fractions of exits that add up to 1 are told as percent points, with a sign or without`() throws
  {
    for (sign, rule) in [("%", "doubtful_percent"), ("", "unit_inferred")] {
      let found = try Self.findings(
        Self.block("tp_pct=0.30\(sign)\nsl_pct=0.60\(sign)\ntimeout_pct=0.10\(sign)"))
      #expect(found.count == 3)
      for (line, pair) in zip(found, ["tp_pct=30%", "sl_pct=60%", "timeout_pct=10%"]) {
        #expect(line.contains(rule), "\(line)")
        #expect(line.hasSuffix("print \(pair)"), "\(line)")
      }
    }
  }

  /// `sl_pct=0.58` beside `tp_pct=30.2` was read as 0.58 percent points without a word, and SL_TOO_TIGHT was lost.
  @Test(arguments: [
    (
      "30.2", "0.58", "11.7",
      [
        "3:1: doubtful_percent: sl_pct: `0.58`; read as 0.58 percent points, as another share is over 1; print sl_pct=58%"
      ]
    ),
    (
      "0.302", "0.581", "11.7",
      [
        "2:1: doubtful_percent: tp_pct: `0.302`; read as 0.302 percent points, as another share is over 1; print tp_pct=30.2%",
        "3:1: doubtful_percent: sl_pct: `0.581`; read as 0.581 percent points, as another share is over 1; print sl_pct=58.1%",
      ]
    ),
    (
      "0.5", "99", "0.5",
      [
        "2:1: doubtful_percent: tp_pct: `0.5`; read as 0.5 percent points, as another share is over 1; print tp_pct=0.5%",
        "4:1: doubtful_percent: timeout_pct: `0.5`; read as 0.5 percent points, as another share is over 1; print timeout_pct=0.5%",
      ]
    ),
    (
      "80.2%", "58%", "11.7%",
      [
        "2:1: share_sum: read as tp_pct 80.2%, sl_pct 58%, timeout_pct 11.7%, 149.9% together; print the shares of one whole, with percent signs"
      ]
    ),
    ("30.2", "58.1", "11.7", []), ("0", "0", "0", []), ("30%", "60%", "5%", []), ("30%", "60%", "15%", []),
    (
      "30%", "60%", "4.9%",
      [
        "2:1: share_sum: read as tp_pct 30%, sl_pct 60%, timeout_pct 4.9%, 94.9% together; print the shares of one whole, with percent signs"
      ]
    ),
    (
      "30%", "60%", "15.1%",
      [
        "2:1: share_sum: read as tp_pct 30%, sl_pct 60%, timeout_pct 15.1%, 105.1% together; print the shares of one whole, with percent signs"
      ]
    ),
  ])
  func `exit shares of two units, or of no one whole, are told`(
    tp: String, sl: String, timeout: String, findings: [String]
  ) throws {
    #expect(
      try Self.findings(Self.block("tp_pct=\(tp)\nsl_pct=\(sl)\ntimeout_pct=\(timeout)"))
        == findings.map { "<stdin>:" + $0 })
  }

  @Test func `of two exit shares that may be of two units both readings are told`() throws {
    #expect(
      try Self.findings(Self.block("sl_pct=58.1\ntimeout_pct=0.117")) == [
        "<stdin>:3:1: doubtful_percent: timeout_pct: `0.117`; read as 0.117 percent points, as another share is over 1; "
          + "print timeout_pct=11.7% where 0.117 is a fraction, timeout_pct=0.117% where it is percent points"
      ])
  }

  /// Values that are wrong in every way in which a value of its key can be.
  private static let wrong = [
    "", "None", "nan", "inf", "***", "x", "0,55", "0.30", "1", "-1", "0.55%", "0.3%", "120%", "1.5", "3.5",
    "1e3",
    "tensor(0.5)", "maybe", "4", "a b",
  ]

  /// Each key with every wrong value: what is told to be printed instead is printed, and lint says nothing of it.
  @Test func `what lint says to print gives no finding`() throws {
    var log = ""
    var pairs: [String] = []
    for key in FieldKey.allCases.map(\.name) + ["gates"] {
      for value in Self.wrong { log += Self.block("\(key)=\(value)") }
    }
    for line in try Self.findings(log) {
      let advice = line.split(separator: "; ").dropFirst().joined(separator: "; ")
      pairs += advice.matches(of: /([a-z_0-9]+=[^ ,]+(,[a-z]+:[a-z]+)*)/).map { String($0.output.1) }
    }
    // Two pairs of each of seven scores with 0.55 % and 0.3 %, of each percent key with 0.30 and 1, and gates.
    let percents = FieldKey.allCases.count { [.exitShare, .percentPoints].contains($0.domain) }
    #expect(Set(pairs).count == 7 * 4 + percents * 4 + 1)
    let printed = Set(pairs).sorted().map(Self.block).joined()
    #expect(try Self.findings(printed) == [])
  }

  /// The cures in words, with values that follow them.
  @Test func `values of the forms that lint names give no finding`() throws {
    let values: [(FieldDomain, [String])] = [
      (.name, ["SOLUSDC"]), (.horizon, ["H1", "H99"]), (.phase, ["screening", "testing", "wfrb"]),
      (.fold, ["0", "all"]), (.positiveDecimal, ["0.1"]), (.count, ["0", "655"]),
      (.fraction, ["0", "1", "0.55", "55%"]), (.anyDecimal, ["-0.32"]),
      (.exitShare, ["0%", "30.2%", "100%"]),
      (.percentPoints, ["0%", "100%"]), (.boolean, ["true", "false"]),
    ]
    var log = ""
    for key in FieldKey.allCases {
      let of = values.first { "\($0.0)" == "\(key.domain)" }
      for value in try #require(of).1 { log += Self.block("\(key.name)=\(value)") }
    }
    #expect(try Self.findings(log) == [])
  }

  /// Blocks that a lacking value keeps from being judged with certainty, or might.
  private static let lacking = [
    "crypto=SOLUSDC\nn_candidates=53\nn_passed=0\nKEY", "n_candidates=53\nKEY", "n_passed=0\nKEY",
    "crypto=SOLUSDC\nf1_buy=0.55\nbaseline_f1_buy=0.48\nsortino=-0.3\nKEY", "f1_buy=0.55\nKEY",
    "success_rate=90%\nKEY",
    "crypto=SOLUSDC\nKEY",
  ]

  private static func certainties(_ log: String) throws -> [String] {
    try Program.run("parse", "--format", "ndjson", input: Array(log.utf8)).lines.filter { !$0.isEmpty }.map {
      let record = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return (record?["verdict"] as? [String: Any] ?? record)?["certainty"] as? String ?? ""
    }
  }

  /// "leave the key out where there is no value" made NO_CANDIDATES, certain, of an unclassified block with `complete=None`.
  @Test func `following the advice on a lacking value makes no verdict certain`() throws {
    var given: [String] = []
    for block in Self.lacking {
      for key in FieldKey.allCases.map(\.name) + ["gates"] where !block.contains(key + "=") {
        // As a name `inf` is a value as any other.
        for value in ["None", "nan", "", "inf", "***"]
        where value != "inf" || FieldKey(name: key)?.domain != .name {
          given.append(block.replacing("KEY", with: "note=\(given.count)\n\(key)=\(value)"))
        }
      }
    }
    var followed = given
    var line = 0
    let found = try Self.findings(given.map(Self.block).joined())
    #expect(found.count >= given.count)
    for index in given.indices {
      let last = line + given[index].split(separator: "\n").count + 2
      // The value stands in the line before the end marker.
      if found.contains(where: { $0.hasPrefix("<stdin>:\(last - 1):") && $0.contains("leave the key out") }) {
        followed[index] = given[index].split(separator: "\n").dropLast().joined(separator: "\n")
      }
      line = last
    }
    let before = try Self.certainties(given.map(Self.block).joined())
    let after = try Self.certainties(followed.map(Self.block).joined())
    #expect(before.count == given.count && after.count == given.count)
    #expect(Set(before) == ["certain", "provisional", "unclassified"])
    #expect(!zip(before, after).contains { $0 != "certain" && $1 == "certain" })
  }

  private static let slips = [
    "=== CORRELATON DATA ===", "=== CORRELATION_DATA ===", "=== CORRELATION-DATA ===",
    "=== CORRELATION DATAS ===", "=== CORRELATION DATA: ===", "### CORRELATION DATA ###",
  ]

  /// It had up to four findings, one of them with a cure for something else.
  @Test(arguments: slips)
  func `a misspelt header is one finding`(header: String) throws {
    let found = try Self.findings(
      Self.block("f1_buy=0.55").replacing("=== CORRELATION DATA ===", with: header))
    #expect(
      found == [
        "<stdin>:1:1: unrecognised_header: `\(header)`; print === CORRELATION DATA === and nothing else on the line"
      ])
  }

  /// It named the end marker, and `--line-format` as the cure.
  @Test(arguments: slips)
  func `parse names a misspelt header of a file, and nothing else`(header: String) throws {
    let files = try Workspace()
    let log = Self.block("f1_buy=0.55").replacing("=== CORRELATION DATA ===", with: header)
    try files.write(log, to: "a.log")
    for format in ["ndjson", "table"] {
      let outcome = try Program.run("parse", "--format", format, files("a.log"))
      let told = outcome.errorText.split(separator: "\n")
      #expect(told.count == 2, "\(outcome.errorText)")
      #expect(told.first?.contains("a.log:1: looks like the header of a block and is none") == true)
      #expect(told.last?.contains("no CORRELATION DATA block was found") == true)
    }
  }

  /// Of a pipe the header is not known, but that it is lost.
  @Test func `parse says of a pipe that the header is lost`() throws {
    let log = Self.block("f1_buy=0.55").replacing("=== CORRELATION DATA ===", with: Self.slips[0])
    let outcome = try Program.run("parse", "--format", "table", input: Array(log.utf8))
    #expect(
      outcome.errorText.contains("-:3: an end marker stands here without its header"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("corrparse lint finds one that is misspelt"))
    #expect(!outcome.errorText.contains("--line-format"))
  }

  /// A misspelt header in a log with good blocks costs one block, which nobody missed.
  @Test func `parse names a misspelt header beside good blocks`() throws {
    let files = try Workspace()
    let good = Self.block("f1_buy=0.55")
    try files.write(good + good.replacing("=== CORRELATION D", with: "=== CORRELATON D") + good, to: "a.log")
    let outcome = try Program.run("parse", "--format", "table", files("a.log"))
    #expect(
      outcome.errorText.contains("a.log:4: looks like the header of a block and is none"),
      "\(outcome.errorText)")
    #expect(try Program.run("lint", files("a.log")).lines.filter { !$0.isEmpty }.count == 1)
  }

  @Test(arguments: [
    "=== END CORRELATION ===", "=== END ===", "=== END CORRELATON DATA ===", "=== CORRELATION DATA END ===",
    "=== END CORRELATION DATA ==", "== END OF BLOCK ==",
  ])
  func `a misspelt end marker is one finding, with its own cure`(marker: String) throws {
    let log = "=== CORRELATION DATA ===\nf1_buy=0.55\n\(marker)\nall done\n"
    #expect(
      try Self.findings(log) == [
        "<stdin>:3:1: unrecognised_header: `\(marker)`; print === END CORRELATION DATA === and nothing else on the line"
      ])
  }

  /// It stood at the header and named neither the line nor the key.
  @Test func `a key that comes again in a block is named`() throws {
    #expect(
      try Self.findings(Self.block("crypto=SOLUSDC\nf1_buy=0.55\ncrypto=BTCUSDC")) == [
        "<stdin>:4:1: interleaved: crypto: `BTCUSDC`; the block has crypto in line 2 too, as `SOLUSDC`, so nothing of it is read; "
          + "print each key once, and the block with one call"
      ])
  }

  @Test(arguments: [
    ("theta=0.4=== CORRELATION DATA ===", "theta"), ("done=== END CORRELATION DATA ===", ""),
    ("=== END CORRELATION DATA === next line", ""),
  ])
  func `a text that is glued to a header or an end marker is named with its cure`(line: String, key: String)
    throws
  {
    let log = Array("=== CORRELATION DATA ===\nf1_buy=0.55\n\(line)\nbye\n".utf8)
    let cure =
      "`\(line)`; print the header and the end marker each on a line of its own: end the text before with a newline"
    let outcome = try Program.run("lint", "-", input: log)
    #expect(outcome.lines.contains("<stdin>:3:1: unrecognised_header: \(cure)"))
    #expect(key.isEmpty || outcome.lines.contains { $0.hasPrefix("<stdin>:3:7: incomplete_block: \(key)") })
    #expect(try Program.run("parse", "-", input: log).errorText.contains(cure))
  }
}
