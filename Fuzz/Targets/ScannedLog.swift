import TestSupport

@testable import CorrelationGrammar
@testable import LogModel

/// What scanning some bytes came to.
struct ScannedLog: Equatable {
  var events: [LogEvent] = []
  var blockCount = 0
  var replayCount = 0
  var lineCount = 0
  var byteCount = 0
  var outcome = TaskOutcome()

  /// Scans bytes, in one piece unless told otherwise. With `passesOver` false each line is read.
  init(
    _ bytes: [UInt8], cut: Chunking? = nil, isWhole: Bool = true, limits: ScanLimits = ScanLimits(),
    lineFormat: LineFormat? = nil, passesOver: Bool = true
  ) {
    let envelopes = EnvelopeList(EnvelopeDefinition.all, lineFormat: lineFormat)
    var scanner = LogScanner(limits: limits, envelopes: envelopes, passesOver: passesOver)
    (cut ?? Chunking(name: "whole", ranges: [0..<bytes.count])).forEachChunk(of: bytes) { chunk in
      scanner.consume(chunk) { events.append($0) }
    }
    check(scanner.byteCount == bytes.count, "\(scanner.byteCount) bytes counted of \(bytes.count)")
    scanner.finish(isWhole: isWhole) { events.append($0) }
    (blockCount, replayCount) = (scanner.blockCount, scanner.replayCount)
    (lineCount, byteCount) = (scanner.lineCount, scanner.byteCount)
    outcome = scanner.outcome
  }

  var records: [CorrelationRecord] {
    events.compactMap { event in
      if case .record(let record) = event { record } else { nil }
    }
  }

  private var replays: [Int] {
    events.compactMap { event in
      if case .replay(let block) = event { block } else { nil }
    }
  }

  var explicitEnds: Int { records.count { $0.end == .explicit } }

  /// Every header is one record or one replay, and everything found has a place in the log.
  func checkAgainst(_ bytes: [UInt8]) {
    let numbers = (records.map(\.block) + replays).sorted()
    check(numbers == Array(1..<blockCount + 1), "blocks 1 … \(blockCount) came out as \(numbers)")
    check(replays.count == replayCount, "\(replayCount) replays counted, \(replays.count) handed on")
    let starts = [0] + bytes.indices.filter { bytes[$0] == 0x0A }.map { $0 + 1 }
    check(lineCount == starts.count, "\(lineCount) lines counted of \(starts.count)")
    func isStart(_ line: Int, _ offset: Int) -> Bool {
      line >= 1 && line <= starts.count && starts[line - 1] == offset && offset < bytes.count
    }
    for event in events {
      switch event {
      case .record(let record):
        check(isStart(record.line, record.offset), "record at line \(record.line), byte \(record.offset)")
        for issue in record.issues {
          check(isStart(issue.line, issue.offset), "issue at line \(issue.line), byte \(issue.offset)")
          checkRaw(of: issue)
        }
        checkValues(of: record)
      case .sourceIssue(let issue):
        check(isStart(issue.line, issue.offset), "issue at line \(issue.line), byte \(issue.offset)")
        checkRaw(of: issue)
      case .replay: break
      }
    }
  }

  /// Everything found can be printed. Apart from the rest, because it takes longer than all of it.
  func checkPrinting() {
    for event in events {
      switch event {
      case .record(let record): checkOutput(of: record)
      case .sourceIssue(let issue): checkOutput(ofSource: [issue])
      case .replay: break
      }
    }
  }

  /// At most 200 bytes of the log; each that is no UTF-8 becomes a character of three.
  private func checkRaw(of issue: GrammarIssue) {
    guard let raw = issue.raw else { return }
    let replaced = raw.unicodeScalars.count { $0 == "\u{FFFD}" }
    check(raw.utf8.count - 2 * replaced <= 200, "\(issue.kind) shows \(raw.utf8.count) bytes")
  }
}
