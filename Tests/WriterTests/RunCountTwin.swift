import Diagnosis
import LogModel

/// A second, slow reading of candidates and passed (`docs/specification/3-classification.md`, *Runs*), over the
/// records of the latest attempts of one run.
struct RunCountTwin {
  /// One record with what decides which of several is the last.
  struct Item {
    let record: CorrelationRecord
    let time: LogTime
    let task: String
    let map: Int
    let block: Int

    var crypto: String? {
      guard case .text(let name) = record[.crypto] else { return nil }
      return name
    }

    var isScreening: Bool { record[.phase] == .text("screening") }
    var isStrategy: Bool { RunCountTwin.testedKeys.contains { record[$0] != nil } }
    var isLost: Bool {
      !isStrategy && RunCountTwin.testedKeys.contains { record.reasonForAbsence(of: $0) != nil }
    }
    var isSummary: Bool {
      !isStrategy && !isLost && (record[.nCandidates] != nil || record[.nPassed] != nil)
    }
    /// A summary that counts.
    var isFinalSummary: Bool { isSummary && record[.complete] != .boolean(false) }

    /// Whether all gates were passed; nil where none can be used.
    var passesGates: Bool? {
      let cuts: Set<IssueKind> = [.incompleteBlock, .blockTooLong]
      guard !record.issues.contains(where: { cuts.contains($0.kind) || $0.key == "gates" }) else {
        return nil
      }
      return record.passedAllGates
    }

    /// A damaged block's numbers are perhaps others.
    var isDamaged: Bool { record.issues.contains { $0.kind == .damagedSource } }

    var place: (Int64, String, Int, Int) { (time.microseconds, task, map, block) }

    func integer(_ key: FieldKey) -> Int64? {
      guard case .integer(let value) = record[key] else { return nil }
      return value
    }
  }

  struct Count {
    var candidates: Int64?
    var passed: Int64?
    var isFromSummaries = false

    var saysNoCandidates: Bool { passed == 0 && candidates.map { $0 > 0 } == true }
  }

  static let testedKeys: [FieldKey] = [
    .f1Buy, .baselineF1Buy, .precisionBuy, .recallBuy, .buyRate, .actionRate, .stdF1Buy, .sortino, .tpPct,
    .slPct,
    .timeoutPct, .nTrades, .screeningF1Buy, .lastFoldF1Buy,
  ]

  private let items: [Item]
  /// Whether a log of them had more than was read.
  private let isCutOff: Bool

  init(_ all: [Item], isCutOff: Bool) {
    self.isCutOff = isCutOff
    let tests = all.filter { !$0.isScreening }
    items = tests.contains { $0.isSummary || $0.isStrategy || $0.isLost } ? tests : all
  }

  /// Of one crypto.
  func count(of crypto: String) -> Count { count(items.filter { $0.crypto == crypto }) }

  /// Of the whole run.
  var whole: Count {
    let own = items.filter { $0.crypto == nil }
    if own.contains(where: \.isFinalSummary) { return count(own) }
    var parts = Set(items.compactMap(\.crypto)).map(count(of:))
    let strangers = own.filter { $0.isStrategy || $0.isLost }
    if !strangers.isEmpty { parts.append(count(strangers)) }
    guard !parts.isEmpty else { return Count() }
    let candidates = parts.compactMap(\.candidates)
    let passed = parts.compactMap(\.passed)
    return Count(
      candidates: candidates.isEmpty ? nil : candidates.reduce(0, +),
      passed: passed.count == parts.count ? passed.reduce(0, +) : nil,
      isFromSummaries: parts.allSatisfy(\.isFromSummaries))
  }

  private func count(_ items: [Item]) -> Count {
    if let last = items.filter(\.isFinalSummary).max(by: { $0.place < $1.place }) {
      let isDoubtful = last.record.reasonForAbsence(of: .complete) != nil
      return Count(
        candidates: last.isDamaged ? nil : last.integer(.nCandidates),
        passed: isDoubtful || last.isDamaged ? nil : last.integer(.nPassed),
        isFromSummaries: true)
    }
    let strategies = items.filter(\.isStrategy)
    guard !isCutOff, !strategies.isEmpty, !items.contains(where: \.isLost),
      strategies.allSatisfy({ $0.passesGates != nil })
    else { return Count() }
    return Count(
      candidates: Int64(strategies.count), passed: Int64(strategies.count { $0.passesGates == true }))
  }
}
