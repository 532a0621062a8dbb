import Diagnosis
import LogModel
import Testing

/// 3-classification, Useful and best strategies.
@Suite struct UsefulnessTests {
  private static let exploitable: [(FieldKey, String)] = [(.f1Buy, "0.57"), (.baselineF1Buy, "0.50")]

  private func isUseful(
    _ more: [(FieldKey, String)] = [], gates: [Gate]? = nil, level: [(FieldKey, String)] = exploitable
  ) -> Bool {
    let sample = record(from: level + more, gates: gates)
    return sample.isUseful(under: verdict(sample))
  }

  @Test func allGatesMustHavePassed() {
    #expect(isUseful(gates: [Gate(name: "f1", passed: true), Gate(name: "sortino", passed: true)]))
    #expect(!isUseful(gates: [Gate(name: "f1", passed: true), Gate(name: "sortino", passed: false)]))
    #expect(isUseful([(.sortino, "-1")], gates: [Gate(name: "overall", passed: true)]))
    #expect(!isUseful([(.sortino, "2")], gates: [Gate(name: "overall", passed: false)]))
  }

  @Test func withoutGatesSortinoDecides() {
    #expect(isUseful([(.sortino, "0.1")]))
    #expect(isUseful([(.sortino, "0")]))
    #expect(!isUseful([(.sortino, "-0.1")]))
    #expect(!isUseful())
    #expect(!isUseful([(.sortino, "1"), (.nTrades, "0")]))
    #expect(isUseful([(.sortino, "1")], gates: []))
  }

  @Test func theSignalMustBeExploitableStableAndNotOverfit() {
    let passed = [Gate(name: "overall", passed: true)]
    #expect(isUseful(gates: passed, level: [(.f1Buy, "0.7"), (.baselineF1Buy, "0.5")]))
    #expect(!isUseful(gates: passed, level: [(.f1Buy, "0.55"), (.baselineF1Buy, "0.5")]))
    #expect(!isUseful(gates: passed, level: [(.f1Buy, "0.5"), (.baselineF1Buy, "0.5")]))
    #expect(!isUseful(gates: passed, level: [(.f1Buy, "0.7")]))
    #expect(!isUseful([(.stdF1Buy, "0.11")], gates: passed))
    #expect(!isUseful([(.screeningF1Buy, "0.9"), (.lastFoldF1Buy, "0.5")], gates: passed))
    #expect(isUseful([(.stdF1Buy, "0.1"), (.screeningF1Buy, "0.8"), (.lastFoldF1Buy, "0.5")], gates: passed))
  }

  @Test func derivedNumbersAreExact() {
    let sample = record([
      .f1Buy: "0.5512", .baselineF1Buy: "0.4871", .screeningF1Buy: "0.81", .lastFoldF1Buy: "0.555",
    ])
    #expect(sample.deltaPoints == dec("6.41"))
    #expect(sample.screeningGap == dec("0.255"))
    #expect(record([.f1Buy: "0.5", .lastFoldF1Buy: "0.5"]).deltaPoints == nil)
    #expect(record([.f1Buy: "0.5", .lastFoldF1Buy: "0.5"]).screeningGap == nil)
    #expect(record([:]).passedAllGates == nil)
  }
}
