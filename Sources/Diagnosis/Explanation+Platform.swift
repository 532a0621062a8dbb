import LogModel

/// The clauses about platform, pipeline and run, and those of a verdict that found nothing.
extension Explanation {
  /// What the sentence begins with where no rule triggered.
  mutating func writeVerdictWithoutFinding() {
    if certainty != .unclassified {
      beginClause("all clear")
    } else if notEvaluated.isEmpty {
      beginClause("no rule applies: ")
      addReasonForNothing()
    } else {
      beginClause("unclassified, no rule triggered")
    }
  }

  private mutating func addReasonForNothing() {
    if let wholeBlock = evidence.wholeBlock {
      add("every field of the block is absent (")
      add(given: wholeBlock.rawValue)
      add(")")
      return
    }
    let unusable = unusableInputs(of: table.rules.flatMap(\.inputs) + Evidence.testedStrategyKeys)
    if unusable.isEmpty {
      add("the block has none of their inputs")
    } else {
      add("none of their inputs is usable (")
      addWithReasons(unusable)
      add(")")
    }
  }

  /// The fields of a list that were logged and that an issue made absent, in the order of the record, each once.
  private func unusableInputs(of keys: [FieldKey]) -> [FieldKey] {
    if evidence.issues.isEmpty { return [] }
    return Set(keys).filter { evidence.reasonForAbsence(of: $0) != nil }
      .sorted { $0.rawValue < $1.rawValue }
  }

  /// The rules that apply wherever one of their inputs is there. Quantities over their limits come first, those within
  /// them last. Each names the inputs that it was judged without.
  mutating func writePlatform(triggered wanted: Bool) {
    guard evidence.hasAny(of: table.platformInputs) else { return }
    for index in buffers.findings.indices where table.entries[index].applicability == .anyInput {
      switch buffers.findings[index] {
      case .triggered: if !wanted { continue }
      case .clear: if wanted { continue }
      case .notEvaluable, .notApplicable: continue
      }
      let rule = table.rules[index]
      var isFirst = true
      for part in rule.condition.parts where part.truth(in: &evidence) == Truth(wanted) {
        if isFirst { beginClause() } else { add(wanted ? " and " : ", ") }
        isFirst = false
        addComparison(part, holds: wanted)
      }
      let missing = rule.inputs.filter { !evidence.has($0) }
      if !missing.isEmpty {
        add(" (judged without ")
        addWithReasons(missing)
        add(")")
      }
    }
  }

  /// How many candidates passed, and whether that is the whole grid.
  mutating func writeSummary() {
    guard let index = table.entries.firstIndex(where: { $0.applicability == .summary }),
      buffers.findings[index] != .notApplicable
    else { return }
    let passed = evidence.decimal(.nPassed)
    beginClause()
    switch (passed, evidence.decimal(.nCandidates)) {
    case (let passed?, let candidates?):
      add(passed, " of ")
      add(candidates, " candidates passed")
    case (let passed?, nil): add(passed, " candidates passed")
    case (nil, let candidates?): add(candidates, " candidates were tried")
    case (nil, nil): break
    }
    if passed == nil || passed == .zero { addCompleteness() }
  }

  private mutating func addCompleteness() {
    switch (evidence.boolean(.complete), has(.noCandidates)) {
    case (false?, _): add(", but the run is not complete")
    case (true?, true): add(" on a complete run")
    case (nil, true):
      add(" on a run taken as complete (")
      addWithReasons([.complete])
      add(")")
    case (_, false): break
    }
  }

  /// Adds `cpu_pct 95 is over 90`, or `… is not over 90`.
  mutating func addComparison(_ condition: Condition, holds: Bool) {
    switch condition {
    case .over(let quantity, let threshold):
      addMeasured(quantity)
      add(holds ? " is over " : " is not over ")
      add(threshold)
    case .under(let quantity, let threshold):
      addMeasured(quantity)
      add(holds ? " is under " : " is not under ")
      add(threshold)
    case .atMost, .equal, .between, .notFalse, .all, .anyPresent:
      add(given: holds ? condition.text : "not (\(condition.text))")
    }
  }

  private mutating func addMeasured(_ quantity: Quantity) {
    add(given: quantity.text)
    if let value = evidence.value(of: quantity) {
      add(" ")
      add(value)
    }
  }
}
