import CorrelationGrammar
import LogModel
import TestSupport
import Testing

/// Logs of the corpus with bytes and lines changed at random: nothing traps, nothing depends on the cuts, and what
/// comes out keeps its promises.
@Suite struct HostileLogTests {
  private static let logs = Corpus.plainLogs.map(\.bytes).filter { (1..<3_000).contains($0.count) }
  private static let bits: [[UInt8]] =
    [
      "=== CORRELATION DATA ===", "=== END CORRELATION DATA ===", "===", "{", "}", "\"", "\\", "\u{1B}[",
      "\r", "***", "%",
      "tp_pct=999999999999999", "sl_pct=0.000000000000000000000000000001", "timeout_pct=1", "f1_buy=1e-30",
      "sortino=-999999999999999.123", "gates=", ":", ",", " ", "\t", "e999999999999", "•", "[", "\u{2028}",
      "nan",
    ].map { Array($0.utf8) } + [[0xFF], [0x00], [0xC3]]

  private func mutate(_ log: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var lines = log.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let at = Int.random(in: 0..<lines.count, using: &random)
      let place = Int.random(in: 0...lines[at].count, using: &random)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: lines.insert(lines[Int.random(in: 0..<lines.count, using: &random)], at: at)
      case 1 where lines.count > 1: lines.remove(at: at)
      case 2: lines.swapAt(at, Int.random(in: 0..<lines.count, using: &random))
      case 3: lines.insert(Self.bits.randomElement(using: &random) ?? [], at: at)
      case 4: lines[at].removeLast(lines[at].count - place)
      case 5 where place < lines[at].count: lines[at][place] = UInt8.random(in: 0...255, using: &random)
      default: lines[at].insert(contentsOf: Self.bits.randomElement(using: &random) ?? [], at: place)
      }
    }
    return Array(lines.joined(separator: [0x0A]))
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `hold`(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<600 {
      let log = mutate(Self.logs.randomElement(using: &random) ?? [], &random)
      let isWhole = Bool.random(using: &random)
      let scanned = scan(log, isWhole: isWhole)
      checkPromises(scanned, log)
      let cut = Chunking.few(for: log.count, seed: random.next(), randomCuts: 1)
      for chunks in cut.dropFirst() {
        let other = scan(log, cut: chunks, isWhole: isWhole)
        #expect(other.events == scanned.events, "\(chunks) of \(String(decoding: log, as: UTF8.self))")
        #expect(other.outcome == scanned.outcome)
      }
    }
  }

  private func checkPromises(_ scanned: Scanned, _ log: [UInt8]) {
    let numbers = scanned.records.map(\.block) + scanned.replays
    #expect(
      numbers.sorted() == Array(1..<scanned.blockCount + 1),
      "each block once: \(String(decoding: log, as: UTF8.self))")
    for record in scanned.records {
      for issue in record.issues where issue.kind.makesFieldAbsent {
        if let key = issue.key.flatMap(FieldKey.init(name:)) { #expect(record[key] == nil) }
        if issue.key == "gates" { #expect(record.gates == nil) }
      }
      if record.issues.contains(where: { $0.kind.makesBlockAbsent }) { #expect(record.pairTexts.isEmpty) }
      for issue in record.issues {
        #expect(issue.line >= record.line)
        #expect(issue.offset == start(of: issue.line, in: log))
      }
      #expect(record.offset == start(of: record.line, in: log))
    }
  }

  private func start(of line: Int, in log: [UInt8]) -> Int {
    var left = line - 1
    for (index, byte) in log.enumerated() where byte == 0x0A {
      if left == 0 { break }
      left -= 1
      if left == 0 { return index + 1 }
    }
    return 0
  }
}
