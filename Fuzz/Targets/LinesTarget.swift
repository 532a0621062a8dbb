import CorrelationGrammar
import LogModel

/// The line and envelope reader: any bytes as a decompressed log.
enum LinesTarget {
  static func run(_ input: [UInt8]) {
    checkLog(input).checkPrinting()
    checkLog(input, limits: narrow)
    checkLog(input, lineFormat: custom)
    checkMembers(input)
  }

  /// A format of one's own (2-log-envelopes, Envelopes: custom).
  private static let custom = try? LineFormat("%(asctime)s %(levelname)-8s [%(name)s] %(message)s")

  /// Limits that a short input can pass.
  private static let narrow: ScanLimits = {
    var limits = ScanLimits()
    limits.blockLines = 4
    limits.blockBytes = 120
    limits.jsonLineBytes = 400
    limits.openBlocks = 2
    return limits
  }()

  /// What holds for every log: nothing depends on where its chunks are cut, nor on whether lines are passed over, and no header is
  /// lost.
  @discardableResult
  static func checkLog(
    _ log: [UInt8], limits: ScanLimits = ScanLimits(), lineFormat: LineFormat? = nil
  ) -> ScannedLog {
    var choices = Choices(of: log)
    let whole = ScannedLog(log, limits: limits, lineFormat: lineFormat)
    whole.checkAgainst(log)
    let cut = choices.cut(of: log.count)
    let inChunks = ScannedLog(log, cut: cut, limits: limits, lineFormat: lineFormat)
    check(inChunks == whole, "the result depends on the chunks: \(cut)")
    let read = ScannedLog(log, limits: limits, lineFormat: lineFormat, passesOver: false)
    check(read == whole, "the result depends on whether lines are passed over")
    let damaged = ScannedLog(log, cut: cut, isWhole: false, limits: limits, lineFormat: lineFormat)
    damaged.checkAgainst(log)
    check(damaged.blockCount == whole.blockCount, "a damaged log has other headers")
    check(damaged.explicitEnds <= whole.explicitEnds, "a damaged log ends more blocks explicitly")
    return whole
  }

  /// Gzip members that begin, end and prove damaged anywhere.
  private static func checkMembers(_ log: [UInt8]) {
    var choices = Choices(of: log)
    var scanner = LogScanner()
    var numbers: Set<Int> = []
    choices.cut(of: log.count).forEachChunk(of: log) { chunk in
      if choices.flag() { scanner.beginMember() }
      scanner.consume(chunk) { note($0) }
      guard choices.flag(), let (blocks, issue) = scanner.memberIsDamaged() else { return }
      check(issue.block.map { (1...scanner.blockCount).contains($0) } ?? false, "no block: \(issue)")
      for range in blocks {
        check(range.upperBound <= scanner.blockCount, "blocks \(range) of \(scanner.blockCount)")
      }
    }
    scanner.finish(isWhole: false) { note($0) }
    check(numbers.count + scanner.replayCount == scanner.blockCount, "a block is lost")

    func note(_ event: LogEvent) {
      guard case .record(let record) = event else { return }
      check(numbers.insert(record.block).inserted, "block \(record.block) came twice")
      checkValues(of: record)
    }
  }
}
