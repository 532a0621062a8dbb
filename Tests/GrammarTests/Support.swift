import CorrelationGrammar
import LogModel
import TestSupport
import Testing

/// What scanning a log came to.
struct Scanned: Equatable {
  var events: [LogEvent] = []
  var blockCount = 0
  var replayCount = 0
  var outcome = TaskOutcome()

  var records: [CorrelationRecord] {
    events.compactMap { event in
      if case .record(let record) = event { record } else { nil }
    }
  }

  var sourceIssues: [GrammarIssue] {
    events.compactMap { event in
      if case .sourceIssue(let issue) = event { issue } else { nil }
    }
  }

  /// The numbers of blocks that were replays.
  var replays: [Int] {
    events.compactMap { event in
      if case .replay(let block) = event { block } else { nil }
    }
  }
}

/// The sizes of chunks in which the logs of all suites are read.
enum ChunkSize: Int, CaseIterable {
  case oneByte = 1
  case sevenBytes = 7
  case page = 4096
  case whole = 0

  /// The cuts of so many bytes.
  func chunking(of count: Int) -> Chunking {
    let size = self == .whole ? max(1, count) : rawValue
    let starts = stride(from: 0, to: count, by: size)
    return Chunking(name: "\(self)", ranges: starts.map { $0..<min(count, $0 + size) })
  }
}

/// Scans a log with one cut.
func scan(
  _ bytes: [UInt8], cut: Chunking, isWhole: Bool = true, limits: ScanLimits = ScanLimits()
) -> Scanned {
  var scanner = LogScanner(limits: limits)
  var scanned = Scanned()
  cut.forEachChunk(of: bytes) { chunk in
    scanner.consume(chunk) { scanned.events.append($0) }
  }
  scanner.finish(isWhole: isWhole) { scanned.events.append($0) }
  scanned.blockCount = scanner.blockCount
  scanned.replayCount = scanner.replayCount
  scanned.outcome = scanner.outcome
  return scanned
}

/// Scans a log in chunks of all sizes, which must give the same.
func scan(_ bytes: [UInt8], isWhole: Bool = true, limits: ScanLimits = ScanLimits()) -> Scanned {
  let whole = scan(bytes, cut: ChunkSize.whole.chunking(of: bytes.count), isWhole: isWhole, limits: limits)
  for size in ChunkSize.allCases where bytes.count < 1 << 18 {
    let cut = scan(bytes, cut: size.chunking(of: bytes.count), isWhole: isWhole, limits: limits)
    #expect(cut == whole, "\(size): \(cut.summaries) instead of \(whole.summaries)")
  }
  return whole
}

/// Scans the lines of a log; each ends in LF.
func scan(_ lines: [String], isWhole: Bool = true, limits: ScanLimits = ScanLimits()) -> Scanned {
  scan(Array(lines.map { $0 + "\n" }.joined().utf8), isWhole: isWhole, limits: limits)
}

/// Scans lines of which the last has no LF.
func scan(cut lines: [String], isWhole: Bool = true) -> Scanned {
  scan(Array(lines.joined(separator: "\n").utf8), isWhole: isWhole)
}

/// Lines as Airflow writes them.
enum Log {
  static let header = "=== CORRELATION DATA ==="
  static let end = "=== END CORRELATION DATA ==="

  /// The first line of a record of Airflow 2.
  static func text(
    _ message: String, file: String = "launch_discovery.py", level: String = "INFO", ms: Int = 123
  ) -> String {
    let digits = String(ms)
    let fraction = String(repeating: "0", count: 3 - digits.count) + digits
    return "[2026-03-28T02:14:07.\(fraction)+0000] {\(file):137} \(level) - \(message)"
  }

  /// The first line of a record that `print()` made in Airflow 2.
  static func print(_ message: String, level: String = "INFO", ms: Int = 123) -> String {
    text(message, file: "logging_mixin.py", level: level, ms: ms)
  }

  /// A record of Airflow 3; the event's text must be JSON inside the quotes, `more` begins with a comma.
  static func json(
    _ event: String, logger: String = "root", level: String = "info", time: String = "02:14:07.000123",
    more: String = ""
  ) -> String {
    #"{"timestamp":"2026-03-28T\#(time)Z","level":"\#(level)","event":"\#(event)","logger":"\#(logger)"\#(more)}"#
  }

  /// A block in one record of Airflow 2, as lines.
  static func block(_ lines: String..., ms: Int = 123) -> [String] {
    [text(header, ms: ms)] + lines + [end]
  }
}

extension CorrelationRecord {
  /// Kind and key of every issue: `malformed_number f1_buy`, `empty_block`.
  var issueTexts: [String] {
    issues.map { ([$0.kind.rawValue] + ($0.key.map { [$0] } ?? [])).joined(separator: " ") }
  }

  /// Fields, gates and extras as `key=value`, in the order of the outputs.
  var pairTexts: [String] {
    var texts = fields.map { key, value in
      switch value {
      case .text(let text): "\(key.name)=\(text)"
      case .integer(let number): "\(key.name)=\(number)"
      case .decimal(let number): "\(key.name)=\(number)"
      case .boolean(let flag): "\(key.name)=\(flag)"
      }
    }
    if let gates {
      texts.append(
        "gates=" + gates.map { "\($0.name):\($0.passed ? "pass" : "fail")" }.joined(separator: ","))
    }
    return texts + extras.map { "+\($0.key)=\($0.text)" }
  }

  /// One record in one line: pairs, issues, end.
  var summary: String {
    "\(pairTexts.joined(separator: " ")) [\(issueTexts.joined(separator: ", "))] \(end.rawValue)"
  }
}

extension Scanned {
  /// One line a record, by block number, then one a source issue.
  var summaries: [String] {
    records.sorted { $0.block < $1.block }.map { "\($0.block): \($0.summary)" }
      + sourceIssues.map { "\($0.kind.rawValue) at \($0.line)" }
  }
}
