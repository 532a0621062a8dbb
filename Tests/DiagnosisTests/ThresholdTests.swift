import Diagnosis
import LogModel
import Testing

/// One record at, just under or just over a threshold, and whether the code triggers there.
struct ThresholdCase: CustomTestStringConvertible, Sendable {
  let code: DiagnosisCode
  let fields: [(FieldKey, String)]
  let triggers: Bool

  init(_ code: DiagnosisCode, _ triggers: Bool, _ fields: (FieldKey, String)...) {
    self.code = code
    self.fields = fields
    self.triggers = triggers
  }

  var testDescription: String {
    let pairs = fields.map { "\($0.0.name)=\($0.1)" }.joined(separator: " ")
    return "\(pairs): \(triggers ? "" : "not ")\(code.rawValue)"
  }
}

/// A case of the delta rules: `f1_buy`, `baseline_f1_buy`.
private func gain(_ code: DiagnosisCode, _ triggers: Bool, _ f1: String, _ baseline: String) -> ThresholdCase
{
  ThresholdCase(code, triggers, (.f1Buy, f1), (.baselineF1Buy, baseline))
}

/// A case of EXECUTION_MISMATCH.
private func mismatch(_ triggers: Bool, _ f1: String, _ baseline: String, _ sortino: String) -> ThresholdCase
{
  ThresholdCase(
    .executionMismatch, triggers, (.f1Buy, f1), (.baselineF1Buy, baseline), (.sortino, sortino))
}

private func gap(_ triggers: Bool, _ screening: String, _ lastFold: String) -> ThresholdCase {
  ThresholdCase(.screeningOverfit, triggers, (.screeningF1Buy, screening), (.lastFoldF1Buy, lastFold))
}

private func summary(_ triggers: Bool, _ passed: String, _ candidates: String, _ complete: String)
  -> ThresholdCase
{
  ThresholdCase(
    .noCandidates, triggers, (.nPassed, passed), (.nCandidates, candidates), (.complete, complete))
}

private let cases: [ThresholdCase] = [
  ThresholdCase(.infraSaturated, false, (.oomKills, "1")),
  ThresholdCase(.infraSaturated, false, (.oomKills, "2")),
  ThresholdCase(.infraSaturated, true, (.oomKills, "3")),
  ThresholdCase(.infraSaturated, false, (.pvcPct, "84.999999999999999999")),
  ThresholdCase(.infraSaturated, false, (.pvcPct, "85")),
  ThresholdCase(.infraSaturated, true, (.pvcPct, "85.000000000000000001")),
  ThresholdCase(.infraSaturated, false, (.cpuPct, "89.999999999999999999")),
  ThresholdCase(.infraSaturated, false, (.cpuPct, "90")),
  ThresholdCase(.infraSaturated, true, (.cpuPct, "90.000000000000000001")),
  ThresholdCase(.pipelineDegraded, true, (.successRate, "69.999999999999999999")),
  ThresholdCase(.pipelineDegraded, false, (.successRate, "70")),
  ThresholdCase(.pipelineDegraded, false, (.successRate, "70.000000000000000001")),
  summary(true, "0", "1", "true"), summary(false, "0", "0", "true"), summary(false, "1", "1", "true"),
  summary(false, "0", "1", "false"),
  gain(.mlUseless, true, "0.499999999999999999", "0.5"),
  gain(.mlUseless, true, "0.50", "0.5"),
  gain(.mlUseless, false, "0.500000000000000001", "0.5"),
  gain(.mlMarginal, false, "0.5", "0.5"),
  gain(.mlMarginal, true, "0.500000000000000001", "0.5"),
  gain(.mlMarginal, true, "0.549999999999999999", "0.5"),
  gain(.mlMarginal, true, "0.55", "0.50"),
  gain(.mlMarginal, false, "0.550000000000000001", "0.5"),
  gain(.mlExploitable, false, "0.55", "0.50"),
  gain(.mlExploitable, true, "0.550000000000000001", "0.5"),
  gain(.mlExploitable, true, "0.599999999999999999", "0.5"),
  gain(.mlExploitable, true, "0.6", "0.5"),
  gain(.mlExploitable, false, "0.600000000000000001", "0.5"),
  gain(.mlSolid, false, "0.599999999999999999", "0.5"),
  gain(.mlSolid, false, "0.60", "0.5"),
  gain(.mlSolid, true, "0.600000000000000001", "0.5"),
  gap(false, "0.799999999999999999", "0.5"), gap(false, "0.8", "0.5"),
  gap(true, "0.800000000000000001", "0.5"),
  gap(false, "0.5", "0.9"),
  ThresholdCase(.mlUnstable, false, (.stdF1Buy, "0.099999999999999999")),
  ThresholdCase(.mlUnstable, false, (.stdF1Buy, "0.1")),
  ThresholdCase(.mlUnstable, true, (.stdF1Buy, "0.100000000000000001")),
  mismatch(true, "0.550000000000000001", "0.5", "-0.000000000000000001"),
  mismatch(false, "0.55", "0.5", "-0.000000000000000001"),
  mismatch(false, "0.549999999999999999", "0.5", "-1"),
  mismatch(false, "0.550000000000000001", "0.5", "0"),
  mismatch(false, "0.550000000000000001", "0.5", "0.000000000000000001"),
  ThresholdCase(.slTooTight, false, (.slPct, "49.999999999999999999")),
  ThresholdCase(.slTooTight, false, (.slPct, "50")),
  ThresholdCase(.slTooTight, true, (.slPct, "50.000000000000000001")),
  ThresholdCase(.tpTooAmbitious, true, (.tpPct, "19.999999999999999999")),
  ThresholdCase(.tpTooAmbitious, false, (.tpPct, "20")),
  ThresholdCase(.tpTooAmbitious, false, (.tpPct, "20.000000000000000001")),
  ThresholdCase(.horizonTooShort, false, (.timeoutPct, "39.999999999999999999")),
  ThresholdCase(.horizonTooShort, false, (.timeoutPct, "40")),
  ThresholdCase(.horizonTooShort, true, (.timeoutPct, "40.000000000000000001")),
]

@Suite struct ThresholdTests {
  @Test(arguments: cases)
  func aThresholdIsMetExactlyOrNotAtAll(_ sample: ThresholdCase) throws {
    let found = try #require(state(sample.code, record(from: sample.fields)))
    if case .triggered = found {
      #expect(sample.triggers)
    } else {
      #expect(found == .clear)
      #expect(!sample.triggers)
    }
    let findings = verdict(record(from: sample.fields)).findings
    #expect(findings.contains(sample.code) == sample.triggers)
  }

  @Test(arguments: DiagnosisCode.allCases)
  func everyCodeHasCasesOnBothSides(code: DiagnosisCode) {
    let own = cases.filter { $0.code == code }
    #expect(own.contains { $0.triggers })
    #expect(own.contains { !$0.triggers })
  }

  /// The number that binary floating point gets wrong: 0.55 - 0.50 is 0.05 and not a hair more.
  @Test func fiftyFiveMinusFiftyIsMarginal() {
    let verdict = verdict([.f1Buy: "0.55", .baselineF1Buy: "0.50", .sortino: "-1"])
    #expect(verdict.primary == .mlMarginal)
    #expect(verdict.findings == [.mlMarginal])
    #expect(verdict.deltaPoints == 5)
    #expect(verdict.execution == .notEvaluable)
  }

  /// The most digits that a record keeps: 18 significant ones, 30 after the point.
  @Test func theSmallestGainsCount() {
    let tiny = verdict([.f1Buy: "0.000000000000000000000000000001", .baselineF1Buy: "0"])
    #expect(tiny.primary == .mlMarginal)
    #expect(tiny.deltaPoints == dec("0.0000000000000000000000000001"))
    let nearOne = verdict([.f1Buy: "1", .baselineF1Buy: "0.000000000000000000000000000001"])
    #expect(nearOne.primary == .mlSolid)
    #expect(nearOne.deltaPoints == dec("99.9999999999999999999999999999"))
    let steep = state(
      .executionMismatch,
      [.f1Buy: "1", .baselineF1Buy: "0", .sortino: "-0.000000000000000000000000000001"])
    #expect(steep == .triggered(.p2))
    #expect(verdict([.sortino: "-999999999999999.999"]).severity == .p2)
  }
}
