import LogModel
import TestSupport

@testable import CorrelationGrammar

/// Everything that a scanner can be asked about a log.
struct Everything: Equatable {
  var events: [LogEvent] = []
  var counts: [Int]
  var outcome: TaskOutcome
  var told: [ToldOutcome]
  var instance: String
  var envelopes: [String]

  /// Scans a log in chunks of one size. With `passesOver` false each line is read.
  init(
    _ bytes: [UInt8], _ size: ChunkSize = .whole, limits: ScanLimits = ScanLimits(),
    expecting: TaskIdentity? = nil, envelopes list: EnvelopeList = .standard, passesOver: Bool = true
  ) {
    var scanner = LogScanner(limits: limits, expecting: expecting, envelopes: list, passesOver: passesOver)
    self.init(bytes, size, by: &scanner)
  }

  /// Scans a log by a scanner that has just begun.
  init(_ bytes: [UInt8], _ size: ChunkSize = .whole, by scanner: inout LogScanner) {
    var events: [LogEvent] = []
    size.chunking(of: bytes.count).forEachChunk(of: bytes) { chunk in
      scanner.consume(chunk) { events.append($0) }
    }
    scanner.finish(isWhole: true) { events.append($0) }
    self.events = events
    counts = [scanner.blockCount, scanner.replayCount, scanner.byteCount, scanner.lineCount]
    outcome = scanner.outcome
    told = scanner.toldOutcomes
    instance = scanner.firstInstance.map { "\($0.id) \($0.time?.description ?? "-")" } ?? "none"
    envelopes = scanner.envelopes.map { "\($0.envelope.rawValue) \($0.count)" }
  }

  /// The records in one line each.
  var summaries: [String] {
    events.map { event in
      switch event {
      case .record(let record): "\(record.block): \(record.summary)"
      case .replay(let block): "\(block): replay"
      case .sourceIssue(let issue): "\(issue.kind.rawValue) at \(issue.line)"
      }
    }
  }
}
