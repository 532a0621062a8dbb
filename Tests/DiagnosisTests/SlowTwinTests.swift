import Diagnosis
import LogModel
import Testing

/// SplitMix64: a seeded generator, so that a failure can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func oneIn(_ number: Int) -> Bool { Int.random(in: 0..<number, using: &self) == 0 }

  mutating func pick(_ values: [Int]) -> Int { values.randomElement(using: &self) ?? 0 }
}

/// A record in both forms: as the classifier takes it, and as the slow twin does.
private struct Sample {
  var record = CorrelationRecord()
  var logged: SlowTwin.Values = [:]
  var issues: [FieldKey: IssueKind] = [:]
  var block: [IssueKind] = []

  init(using random: inout SeededGenerator) {
    let isSparse = random.oneIn(3)
    let keys =
      random.oneIn(6) ? FieldKey.allCases.filter { !SlowTwin.strategyKeys.contains($0) } : FieldKey.allCases
    for key in keys {
      guard let value = value(of: key, using: &random) else { continue }
      if random.oneIn(isSparse ? 2 : 5) {
        if random.oneIn(2) {
          issues[key] = IssueKind.allCases.filter(\.makesFieldAbsent).randomElement(using: &random)
        }
      } else {
        logged[key] = value
      }
    }
    if random.oneIn(30) { block.append(.interleaved) }
    if random.oneIn(60) { block.append(.unsupportedVersion) }
    if random.oneIn(10) { block.append(.damagedSource) }
    if random.oneIn(10) { block.append(.cutShort) }
    for (key, value) in logged { record[key] = fieldValue(of: key, value) }
    for key in FieldKey.allCases {
      if let kind = issues[key] { record.issues.append(issue(kind, key)) }
    }
    record.issues += block.map { issue($0) }
  }

  /// A value near what the rules ask for, in units of 1/10,000; nil for fields that no rule reads.
  private func value(of key: FieldKey, using random: inout SeededGenerator) -> Int? {
    let steps = [-3001, -1, 0, 1, 499, 500, 501, 750, 999, 1000, 1001, 2999, 3000, 3001]
    switch key {
    case .baselineF1Buy, .lastFoldF1Buy: return random.pick([3001, 3500, 5000])
    case .f1Buy: return (logged[.baselineF1Buy] ?? 5000) + random.pick(steps)
    case .screeningF1Buy: return (logged[.lastFoldF1Buy] ?? 5000) + random.pick(steps)
    case .precisionBuy, .recallBuy, .buyRate, .actionRate, .theta: return 5000
    case .stdF1Buy: return random.pick([0, 999, 1000, 1001])
    case .sortino: return random.pick([-3200, -1, 0, 1, 8000])
    case .tpPct, .slPct, .timeoutPct, .successRate, .pvcPct, .cpuPct:
      let limit = random.pick([0, 20_0000, 40_0000, 50_0000, 70_0000, 85_0000, 90_0000])
      return limit + random.pick(limit == 0 ? [0, 1] : [-1, 0, 1])
    case .nTrades, .nCandidates, .nPassed: return random.pick([0, 0, 1_0000, 45_0000])
    case .oomKills: return random.pick([0, 2_0000, 3_0000])
    case .complete: return random.pick([0, 1_0000])
    default: return nil
    }
  }

  private func fieldValue(of key: FieldKey, _ value: Int) -> FieldValue {
    switch key.domain {
    case .count: .integer(Int64(value / 1_0000))
    case .boolean: .boolean(value != 0)
    default: .decimal(ExactDecimal(coefficient: Int128(value), scale: 4))
    }
  }
}

@Suite struct SlowTwinTests {
  @Test(arguments: UInt64(1)...8)
  func theClassifierAgreesWithItsSlowTwin(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for round in 1...500 {
      let sample = Sample(using: &random)
      let twin = SlowTwin(logged: sample.logged, issues: sample.issues, block: sample.block).answer
      let verdict = verdict(sample.record)
      let answer = SlowTwin.Answer(
        findings: verdict.findings, certainty: verdict.certainty, severity: verdict.severity,
        layers: [verdict.ml.text, verdict.execution.text, verdict.infra.text],
        notEvaluated: verdict.notEvaluated)
      #expect(
        answer == twin, "seed \(seed), round \(round): \(sample.logged) \(sample.issues) \(sample.block)")
      #expect(verdict.primary == twin.findings.first)
    }
  }

  /// The random records reach every code, certainty, severity and layer conclusion; else the test above says
  /// less than it seems to.
  @Test func theSamplesReachEverything() {
    var random = SeededGenerator(state: 1)
    var seen: Set<String> = []
    for _ in 1...2000 {
      let sample = Sample(using: &random)
      let answer = SlowTwin(logged: sample.logged, issues: sample.issues, block: sample.block).answer
      seen.formUnion(answer.findings.map(\.rawValue) + answer.notEvaluated.flatMap { [$0.rule, $0.why] })
      seen.formUnion([answer.certainty.rawValue, answer.severity.rawValue] + answer.layers)
      if answer.findings.isEmpty, answer.certainty == .certain { seen.insert("all clear") }
      seen.insert("lacks \(answer.notEvaluated.first { $0.rule == "EXECUTION_MISMATCH" }?.lacks.count ?? 0)")
    }
    let wanted =
      DiagnosisCode.allCases.map(\.rawValue) + Severity.allCases.map(\.rawValue)
      + [
        "ML_LEVEL", "no_trades", "absent", "missing_value", "certain", "provisional", "unclassified",
        "all clear",
      ]
      + ["clear", "not_applicable", "not_evaluable", "lacks 1", "lacks 2", "lacks 3"]
    #expect(seen.isSuperset(of: wanted), "missing: \(Set(wanted).subtracting(seen))")
  }
}
