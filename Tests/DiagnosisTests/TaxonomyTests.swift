import Diagnosis
import LogModel
import Testing

/// The table of 3-classification, Rules, typed in by hand.
private let page3: [(code: String, layer: String, condition: String, severity: String)] = [
  ("INFRA_SATURATED", "infra", "oom_kills > 2 or pvc_pct > 85 or cpu_pct > 90", "P0; P1 when only cpu_pct"),
  ("PIPELINE_DEGRADED", "infra", "success_rate < 70", "P1"),
  ("NO_CANDIDATES", "run", "n_passed = 0 and n_candidates > 0 and complete is not false", "P1"),
  ("ML_USELESS", "ml", "f1_buy - baseline_f1_buy <= 0", "P2"),
  ("SCREENING_OVERFIT", "ml", "screening_f1_buy - last_fold_f1_buy > 0.3", "P2"),
  ("ML_UNSTABLE", "ml", "std_f1_buy > 0.1", "P2"),
  ("ML_MARGINAL", "ml", "0 < f1_buy - baseline_f1_buy <= 0.05", "P3"),
  ("EXECUTION_MISMATCH", "execution", "f1_buy - baseline_f1_buy > 0.05 and sortino < 0", "P2"),
  ("ML_EXPLOITABLE", "ml", "0.05 < f1_buy - baseline_f1_buy <= 0.1", "none"),
  ("ML_SOLID", "ml", "f1_buy - baseline_f1_buy > 0.1", "none"),
  ("SL_TOO_TIGHT", "execution", "sl_pct > 50", "P2"),
  ("TP_TOO_AMBITIOUS", "execution", "tp_pct < 20", "P2"),
  ("HORIZON_TOO_SHORT", "execution", "timeout_pct > 40", "P2"),
]

@Suite struct TaxonomyTests {
  @Test func versionOneIsPage3sTable() throws {
    let rules = try #require(Taxonomy.version(1)).rules
    #expect(rules.map(\.code.rawValue) == page3.map(\.code))
    #expect(rules.map(\.layer.rawValue) == page3.map(\.layer))
    #expect(rules.map(\.condition.text) == page3.map(\.condition))
    #expect(rules.map(\.severity.text) == page3.map(\.severity))
    // Codes are only added, and each has a rule in the version that judges.
    #expect(DiagnosisCode.allCases.map(\.rawValue).starts(with: page3.map(\.code)))
    #expect(Set(Taxonomy.current.rules.map(\.code)) == Set(DiagnosisCode.allCases))
  }

  @Test(arguments: DiagnosisCode.allCases)
  func everyCodeSaysWhatItMeansAndWhatToDo(code: DiagnosisCode) throws {
    let rule = try #require(Taxonomy.current[code])
    for text in [rule.meaning, rule.nextStep] {
      #expect(text.hasSuffix("."))
      #expect(!text.contains("\n"))
      #expect(text.count > 10)
    }
    #expect(rule.inputs == rule.condition.inputs)
  }

  /// In a chart a code is known by its colour alone.
  @Test func noTwoCodesShareAColour() {
    let colors = Taxonomy.current.rules.map(\.color)
    #expect(Set(colors).count == colors.count)
    #expect(colors.allSatisfy { $0.wholeMatch(of: /#[0-9A-F]{6}/) != nil })
  }

  @Test func playbooksAreTheManualsSections() {
    let sections = Taxonomy.current.rules.compactMap { rule in rule.playbook.map { (rule.code, $0) } }
    #expect(
      Dictionary(uniqueKeysWithValues: sections) == [
        .infraSaturated: "9.4", .noCandidates: "9.3", .mlUseless: "9.2", .executionMismatch: "9.1",
        .slTooTight: "9.1", .tpTooAmbitious: "9.1", .horizonTooShort: "9.1",
      ])
  }

  @Test func theFourLevelsShareOneEntry() {
    let level = Taxonomy.current.rules.filter { $0.entry == "ML_LEVEL" }.map(\.code)
    #expect(level == [.mlUseless, .mlMarginal, .mlExploitable, .mlSolid])
    // Every other code has its own.
    let others = Taxonomy.current.rules.filter { !level.contains($0.code) }
    #expect(others.count >= 9 && others.allSatisfy { $0.entry == $0.code.rawValue })
  }

  @Test func versionsAreKnownByNumber() {
    #expect(Taxonomy.version(1)?.version == 1)
    #expect(Taxonomy.version(0) == nil)
    #expect(Taxonomy.version(Taxonomy.all.count + 1) == nil)
    #expect(Taxonomy.current.version == Taxonomy.all.count)
    #expect(Taxonomy.all.map(\.version) == Array(1...Taxonomy.all.count))
  }

  /// A changed threshold moves the verdict and every text that names it; version 1 stays as it was.
  @Test func aLaterVersionStandsBesideTheFirst() throws {
    var thresholds = Thresholds()
    thresholds.marginalGain = dec("0.07")
    thresholds.pvcPercent = 80
    let later = Taxonomy(version: Taxonomy.current.version + 1, thresholds: thresholds)
    let sample = record([.f1Buy: "0.56", .baselineF1Buy: "0.50", .sortino: "-1"])
    let old = Classifier().verdict(on: sample)
    let new = Classifier(taxonomy: later).verdict(on: sample)
    #expect(old.taxonomyVersion == Taxonomy.current.version)
    #expect(old.findings == [.executionMismatch, .mlExploitable])
    #expect(new.taxonomyVersion == later.version)
    #expect(new.findings == [.mlMarginal])
    #expect(later[.executionMismatch]?.condition.text == "f1_buy - baseline_f1_buy > 0.07 and sortino < 0")
    #expect(later[.mlExploitable]?.condition.text == "0.07 < f1_buy - baseline_f1_buy <= 0.1")
    #expect(try #require(later[.mlMarginal]).nextStep.contains("over 7 pts"))
    #expect(try #require(later[.infraSaturated]).nextStep.contains("over 80 %"))
  }

  @Test func aVersionMayOrderOrDropRules() {
    let rules = Taxonomy.current.rules.filter { $0.code != .executionMismatch }.reversed()
    let classifier = Classifier(taxonomy: Taxonomy(version: 9, rules: Array(rules)))
    let verdict = classifier.verdict(
      on: record([.f1Buy: "0.6", .baselineF1Buy: "0.5", .sortino: "-1", .slPct: "60", .stdF1Buy: "0.2"]))
    #expect(verdict.findings == [.slTooTight, .mlExploitable, .mlUnstable])
    #expect(verdict.execution == .finding(.slTooTight))
  }

  @Test func severitiesAscendToP0() {
    #expect(Severity.allCases.sorted() == [.none, .p3, .p2, .p1, .p0])
    #expect(Taxonomy.current[.infraSaturated]?.severity.worst == .p0)
    #expect(Taxonomy.current[.mlMarginal]?.severity.worst == .p3)
  }
}
