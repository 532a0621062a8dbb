import LogModel
import TestSupport
import Testing

@testable import Diagnosis

/// The form by which records are judged against the rules as they are written.
@Suite struct RuleTableTests {
  /// The current rules, and conditions that no rule of the manual has: nested, empty, with numbers of more than 64 bits and of many places.
  private static let rules: [Rule] =
    Taxonomy.current.rules + [
      rule(.all([.anyPresent([.over(.delta, 0), .under(.field(.sortino), 1)]), .notFalse(.complete)])),
      rule(.all([])), rule(.anyPresent([])), rule(.notFalse(.complete)),
      rule(.over(.field(.theta), ExactDecimal(coefficient: Int128(Int64.max) * 100))),
      rule(.between(.screeningGap, over: ExactDecimal(coefficient: 1, scale: 20), atMost: 1)),
      rule(
        .anyPresent([.equal(.field(.sl), 2), .over(.field(.tp), 3)]),
        .lowered(.p0, to: .p3, whenOnly: .tp)),
    ]

  private static func rule(_ condition: Condition, _ severity: RuleSeverity = .fixed(.p2)) -> Rule {
    Rule(
      .mlSolid, layer: .ml, applicability: .testedStrategy, condition: condition, severity: severity,
      color: "#000000", meaning: "", nextStep: "")
  }

  @Test(arguments: UInt64(1)...8)
  func judgesAsTheRulesAreWritten(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let table = RuleTable(Self.rules)
    var seen: Set<String> = []
    for round in 0..<500 {
      let record = Self.record(&random)
      var findings: [RuleFinding] = []
      var evidence = Evidence(record)
      table.judge(&evidence, into: &findings)
      for (rule, finding) in zip(Self.rules, findings) {
        let state = rule.state(in: &evidence)
        switch finding {
        case .triggered(let severity): #expect(state == .triggered(severity), "\(rule.code), round \(round)")
        case .clear: #expect(state == .clear, "\(rule.code), round \(round)")
        case .notEvaluable(let lacks):
          #expect(
            state == .notEvaluable(rule.inputs.filter(lacks.contains)), "\(rule.code), round \(round)")
        case .notApplicable: break
        }
        seen.insert("\(rule.code) \(state)".prefix { $0 != "(" }.description)
      }
    }
    // Every rule of the manual was found to hold and not to hold.
    for code in DiagnosisCode.allCases {
      #expect(seen.contains("\(code) triggered") && seen.contains("\(code) clear"), "\(code)")
    }
  }

  /// Values at, just above and just below each threshold that a key can meet, with other scales, far away, without room in 64 bits, of
  /// another kind than the key's, absent, and absent for an issue.
  private static func record(_ random: inout SeededGenerator) -> CorrelationRecord {
    var record = CorrelationRecord()
    let isStrategy = Bool.random(using: &random)
    for key in FieldKey.allCases {
      if !isStrategy, Evidence.testedStrategyKeys.contains(key) { continue }
      switch Int.random(in: 0..<12, using: &random) {
      case 0: break
      case 1:
        record.issues.append(GrammarIssue(kind: .missingValue, key: key.name, line: 1, offset: 0))
      case 2: record[key] = .text("2")
      case 3: record[key] = .boolean(Bool.random(using: &random))
      case 4: record[key] = .integer(Int64.random(in: -1...3, using: &random))
      case 5: record[key] = .decimal(ExactDecimal(coefficient: Int128(Int64.max) * 1000 + 1, scale: 19))
      case _: record[key] = .decimal(near(&random))
      }
    }
    // The difference of two such values seldom lies between the levels of a gain.
    if isStrategy, Bool.random(using: &random) {
      let gain = ["0", "0.05", "0.07", "0.15", "0.2"].randomElement(using: &random) ?? "0"
      record[.baselineF1Buy] = .decimal(dec("0.4"))
      record[.f1Buy] = .decimal(dec("0.4") + dec(gain))
      record[.sortino] = .decimal(dec(Bool.random(using: &random) ? "-1" : "1"))
    }
    for kind in [IssueKind.cutShort, .damagedSource, .interleaved]
    where Int.random(in: 0..<10, using: &random) == 0 {
      record.issues.append(GrammarIssue(kind: kind, line: 1, offset: 0))
    }
    return record
  }

  private static let thresholds = [
    "0", "0.05", "0.1", "0.3", "1", "2", "3", "20", "40", "50", "70", "85", "90",
  ]

  private static func near(_ random: inout SeededGenerator) -> ExactDecimal {
    let threshold = dec(thresholds.randomElement(using: &random) ?? "0")
    let step = ExactDecimal(coefficient: 1, scale: Int.random(in: 1...25, using: &random))
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return threshold + step
    case 1: return threshold - step
    case _: return threshold
    }
  }
}
