import Diagnosis
import LogModel

/// A second implementation of 3-classification, slow and written differently: numbers are integers in units
/// of 1/10,000, a rule is a plain Boolean function of complete inputs, and what an absent input does to it is
/// found by trying values for it. A condition is unknown if different completions give different results, and
/// it lacks the inputs whose own value can make that difference.
struct SlowTwin {
  typealias Values = [FieldKey: Int]

  struct TwinRule: Sendable {
    let code: DiagnosisCode
    let layer: DiagnosisLayer
    let inputs: [FieldKey]
    let holds: @Sendable (Values) -> Bool
  }

  struct Answer: Equatable {
    var findings: [DiagnosisCode] = []
    var certainty = Certainty.unclassified
    var severity = Severity.none
    var layers: [String] = []
    var notEvaluated: [UnevaluatedRule] = []
  }

  static let strategyKeys: Set<FieldKey> = [
    .f1Buy, .baselineF1Buy, .precisionBuy, .recallBuy, .buyRate, .actionRate, .stdF1Buy, .screeningF1Buy,
    .lastFoldF1Buy, .sortino, .tpPct, .slPct, .timeoutPct, .nTrades,
  ]

  static let rules: [TwinRule] = [
    TwinRule(code: .infraSaturated, layer: .infra, inputs: [.oomKills, .pvcPct, .cpuPct]) {
      $0[.oomKills, default: 0] > 2_0000 || $0[.pvcPct, default: 0] > 85_0000
        || $0[.cpuPct, default: 0] > 90_0000
    },
    TwinRule(code: .pipelineDegraded, layer: .infra, inputs: [.successRate]) {
      $0[.successRate, default: 0] < 70_0000
    },
    TwinRule(code: .noCandidates, layer: .run, inputs: [.nPassed, .nCandidates, .complete]) {
      $0[.complete] == 0 ? false : $0[.nPassed, default: 0] == 0 && $0[.nCandidates, default: 0] > 0
    },
    TwinRule(code: .mlUseless, layer: .ml, inputs: [.f1Buy, .baselineF1Buy]) {
      $0[.f1Buy, default: 0] <= $0[.baselineF1Buy, default: 0]
    },
    TwinRule(code: .screeningOverfit, layer: .ml, inputs: [.screeningF1Buy, .lastFoldF1Buy]) {
      $0[.screeningF1Buy, default: 0] > $0[.lastFoldF1Buy, default: 0] + 3000
    },
    TwinRule(code: .mlUnstable, layer: .ml, inputs: [.stdF1Buy]) { $0[.stdF1Buy, default: 0] > 1000 },
    TwinRule(code: .mlMarginal, layer: .ml, inputs: [.f1Buy, .baselineF1Buy]) {
      (1...500).contains($0[.f1Buy, default: 0] - $0[.baselineF1Buy, default: 0])
    },
    TwinRule(code: .executionMismatch, layer: .execution, inputs: [.f1Buy, .baselineF1Buy, .sortino]) {
      $0[.sortino, default: 0] < 0 ? $0[.f1Buy, default: 0] > $0[.baselineF1Buy, default: 0] + 500 : false
    },
    TwinRule(code: .mlExploitable, layer: .ml, inputs: [.f1Buy, .baselineF1Buy]) {
      (501...1000).contains($0[.f1Buy, default: 0] - $0[.baselineF1Buy, default: 0])
    },
    TwinRule(code: .mlSolid, layer: .ml, inputs: [.f1Buy, .baselineF1Buy]) {
      $0[.f1Buy, default: 0] > $0[.baselineF1Buy, default: 0] + 1000
    },
    TwinRule(code: .slTooTight, layer: .execution, inputs: [.slPct]) { $0[.slPct, default: 0] > 50_0000 },
    TwinRule(code: .tpTooAmbitious, layer: .execution, inputs: [.tpPct]) { $0[.tpPct, default: 0] < 20_0000 },
    TwinRule(code: .horizonTooShort, layer: .execution, inputs: [.timeoutPct]) {
      $0[.timeoutPct, default: 0] > 40_0000
    },
  ]

  private let values: Values
  private let reasons: [FieldKey: String]
  /// Whether no conclusion is certain.
  private let isDoubtful: Bool
  /// Why a field is absent that has no issue of its own.
  private let absence: String

  /// What the record says, given the usable values, the issue of each absent field, and the block's issues.
  init(logged: Values, issues: [FieldKey: IssueKind], block: [IssueKind]) {
    var values = logged
    var reasons = issues.mapValues(\.rawValue)
    if block.contains(.interleaved) || block.contains(.unsupportedVersion) {
      values = [:]
    } else if values[.nTrades] == 0 {
      for key in [FieldKey.sortino, .tpPct, .slPct, .timeoutPct] {
        values[key] = nil
        reasons[key] = "no_trades"
      }
    }
    // Not logged, the run is taken as complete; logged and unusable, that is unknown.
    if values[.complete] == nil, reasons[.complete] == nil, !block.contains(.cutShort),
      !block.contains(where: \.makesBlockAbsent)
    {
      values[.complete] = 1_0000
    }
    self.values = values
    self.reasons = reasons
    isDoubtful = block.contains(.damagedSource) || block.contains(.cutShort)
    absence = block.contains(.cutShort) ? "cut_short" : "absent"
  }

  var answer: Answer {
    var answer = Answer()
    var open: [Int] = []
    var applicable: [Int] = []
    var triggered: [Int] = []
    for (index, rule) in Self.rules.enumerated() where applies(rule) {
      applicable.append(index)
      let outcomes = rule.code == .infraSaturated ? [rule.holds(values)] : outcomes(of: rule, values)
      if outcomes == [true] { triggered.append(index) }
      if outcomes.count == 2 { open.append(index) }
    }
    answer.findings = triggered.map { Self.rules[$0].code }
    answer.severity = severity(of: answer.findings)
    answer.notEvaluated = entries(open)
    if let first = triggered.first {
      answer.certainty = isDoubtful || open.contains { $0 < first } ? .provisional : .certain
    } else if open.isEmpty, !applicable.isEmpty {
      answer.certainty = isDoubtful ? .provisional : .certain
    }
    answer.layers = [DiagnosisLayer.ml, .execution, .infra].map { layer in
      func ofLayer(_ indices: [Int]) -> [Int] { indices.filter { Self.rules[$0].layer == layer } }
      if let first = ofLayer(triggered).first { return Self.rules[first].code.rawValue }
      if !ofLayer(open).isEmpty { return "not_evaluable" }
      return ofLayer(applicable).isEmpty ? "not_applicable" : "clear"
    }
    return answer
  }

  private func applies(_ rule: TwinRule) -> Bool {
    let isStrategy = !Self.strategyKeys.isDisjoint(with: values.keys)
    switch rule.layer {
    case .infra: return rule.inputs.contains { values[$0] != nil }
    case .run:
      let wasStrategy = !Self.strategyKeys.isDisjoint(with: reasons.keys)
      return !isStrategy && !wasStrategy && (values[.nPassed] != nil || values[.nCandidates] != nil)
    case .ml, .execution: return isStrategy
    }
  }

  private func severity(of findings: [DiagnosisCode]) -> Severity {
    let all: [Severity] = findings.map { code in
      switch code {
      case .infraSaturated:
        (values[.oomKills] ?? 0) > 2_0000 || (values[.pvcPct] ?? 0) > 85_0000 ? .p0 : .p1
      case .pipelineDegraded, .noCandidates: .p1
      case .mlMarginal: .p3
      case .mlExploitable, .mlSolid: .none
      default: .p2
      }
    }
    let order: [Severity] = [.p0, .p1, .p2, .p3]
    return order.first { all.contains($0) || ($0 == .p2 && (values[.sortino] ?? 0) < 0) } ?? .none
  }

  private func entries(_ open: [Int]) -> [UnevaluatedRule] {
    let levels: Set<DiagnosisCode> = [.mlUseless, .mlMarginal, .mlExploitable, .mlSolid]
    return open.compactMap { index in
      let rule = Self.rules[index]
      if levels.contains(rule.code) && rule.code != .mlUseless { return nil }
      let lacks = rule.inputs.filter { matters($0, to: rule) }
      return UnevaluatedRule(
        rule: rule.code == .mlUseless ? "ML_LEVEL" : rule.code.rawValue, lacks: lacks.map(\.name),
        why: lacks.first.flatMap { reasons[$0] } ?? absence)
    }
  }

  // MARK: Completions

  /// The results that the completions of a record give.
  private func outcomes(of rule: TwinRule, _ values: Values) -> Set<Bool> {
    var results: Set<Bool> = []
    try? complete(rule.inputs, values) {
      results.insert(rule.holds($0))
      if results.count == 2 { throw Stop() }
    }
    return results
  }

  /// Whether, with all other inputs known, this absent one can still decide.
  private func matters(_ key: FieldKey, to rule: TwinRule) -> Bool {
    guard values[key] == nil else { return false }
    var found = false
    try? complete(rule.inputs.filter { $0 != key }, values) {
      if outcomes(of: rule, $0).count == 2 {
        found = true
        throw Stop()
      }
    }
    return found
  }

  private struct Stop: Error {}

  /// Calls `body` for each way of filling in the absent ones of these inputs.
  private func complete(_ inputs: [FieldKey], _ values: Values, _ body: (Values) throws -> Void) throws {
    guard let key = inputs.first(where: { values[$0] == nil }) else { return try body(values) }
    for candidate in candidates(for: key, values) {
      var completed = values
      completed[key] = candidate
      try complete(inputs, completed, body)
    }
  }

  /// Values on every side of every threshold that a field can meet.
  private func candidates(for key: FieldKey, _ values: Values) -> [Int] {
    let differences = [-4000, 0, 1, 500, 501, 1000, 1001, 3000, 3001]
    switch key {
    case .f1Buy: return differences.map { (values[.baselineF1Buy] ?? 0) + $0 }
    case .baselineF1Buy: return differences.map { (values[.f1Buy] ?? 0) - $0 }
    case .screeningF1Buy: return differences.map { (values[.lastFoldF1Buy] ?? 0) + $0 }
    case .lastFoldF1Buy: return differences.map { (values[.screeningF1Buy] ?? 0) - $0 }
    case .sortino: return [-1, 0, 1]
    default: return [0, 1_0000, 100_0000]
    }
  }
}
