import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Gzip members that prove damaged, replays, and the limit of open blocks (1-correlation-data, Issues;
/// 2-log-envelopes, Replays; 6-bars, Limits).
@Suite struct DamageTests {
  private static func block(_ number: Int, file: String = "a.py") -> String {
    """
    [2026-03-28T02:14:07.00\(number)+0000] {\(file):1} INFO - === CORRELATION DATA ===
    crypto=C\(number)
    === END CORRELATION DATA ===

    """
  }

  private static func json(_ event: String) -> String {
    #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","event":"\#(event)","logger":"root"}"#
  }

  private final class Log {
    var scanner = LogScanner()
    var records: [CorrelationRecord] = []
    var replays: [Int] = []
    var issues: [GrammarIssue] = []

    func take(_ event: LogEvent) {
      switch event {
      case .record(let record): records.append(record)
      case .replay(let block): replays.append(block)
      case .sourceIssue(let issue): issues.append(issue)
      }
    }

    func consume(_ text: String) {
      let bytes = Array(text.utf8)
      scanner.consume(bytes.span) { take($0) }
    }

    func damage() -> (blocks: [ClosedRange<Int>], issue: GrammarIssue)? { scanner.memberIsDamaged() }

    func finish(isWhole: Bool = true) { scanner.finish(isWhole: isWhole) { take($0) } }
  }

  @Test func everyBlockOfTheMemberIsConcerned() throws {
    let log = Log()
    log.scanner.beginMember()
    log.consume(Self.block(1))
    log.scanner.beginMember()
    log.consume(Self.block(2) + Self.block(3))
    let damage = try #require(log.damage())
    #expect(damage.blocks == [2...3])
    #expect(damage.issue.block == 2)
    #expect(damage.issue.kind == .damagedSource)
    #expect(damage.issue.line == 4)
    log.scanner.beginMember()
    log.consume(Self.block(4))
    #expect(log.damage()?.blocks == [4...4])
    log.finish()
    #expect(log.records.map(\.block) == [1, 2, 3, 4])
  }

  /// The only header stands in a line that has not ended where the member has.
  @Test func blockOfTheLineInWhichTheMemberEnds() throws {
    let log = Log()
    log.scanner.beginMember()
    log.consume("a line\n" + Self.json("=== CORRELATION DATA ===\\nsl=1"))
    #expect(log.damage()?.blocks == nil)
    log.finish(isWhole: false)
    let record = try #require(log.records.first)
    #expect(record.issues.map(\.kind).contains(.damagedSource))
    #expect(log.issues.map(\.kind) == [.damagedSource])
    #expect(log.issues.first?.block == 1)
    #expect(log.issues.first?.line == 2)
  }

  /// Of what stands behind that line the damaged member has no byte.
  @Test func blocksBehindTheLineInWhichTheMemberEnds() {
    let log = Log()
    log.scanner.beginMember()
    log.consume("a line\nnothing but")
    #expect(log.damage()?.blocks == nil)
    log.scanner.beginMember()
    log.consume(" text\n" + Self.block(1))
    log.finish()
    #expect(log.records.map(\.block) == [1])
    #expect(log.records.flatMap(\.issues) == [])
    #expect(log.issues == [])
  }

  /// A block that lies across the boundary has bytes of both members.
  @Test(arguments: [true, false]) func blockAcrossTheBoundary(firstIsDamaged: Bool) throws {
    let log = Log()
    let text = Self.block(1)
    log.scanner.beginMember()
    log.consume(String(text.prefix(95)))
    if firstIsDamaged { #expect(log.damage()?.blocks == [1...1]) }
    log.scanner.beginMember()
    log.consume(String(text.dropFirst(95)))
    if !firstIsDamaged { #expect(log.damage()?.blocks == [1...1]) }
    log.finish()
    #expect(log.records.first?.issues.map(\.kind) == (firstIsDamaged ? [.damagedSource] : []))
  }

  /// Even where only the header's own line lies across it.
  @Test func headerAcrossTheBoundary() {
    let log = Log()
    let text = Self.block(1)
    log.scanner.beginMember()
    log.consume(String(text.prefix(20)))
    #expect(log.damage()?.blocks == nil)
    log.scanner.beginMember()
    log.consume(String(text.dropFirst(20)) + Self.block(2))
    log.finish()
    #expect(log.records.map { $0.issues.map(\.kind) } == [[.damagedSource], []])
  }

  @Test func damageWithoutBlocksConcernsNone() {
    let log = Log()
    log.consume(Self.block(1))
    log.scanner.beginMember()
    log.consume("[2026-03-28T02:14:09.000+0000] {a.py:1} INFO - done\n")
    #expect(log.damage()?.blocks == nil)
  }

  /// An upload that appended the log to itself.
  @Test func repeatedBlocksAreReplays() {
    let log = Log()
    let once = Self.block(1) + Self.block(2)
    log.consume(once + once + Self.block(3))
    log.finish()
    #expect(log.records.map(\.block) == [1, 2, 5])
    #expect(log.replays == [3, 4])
    #expect((log.scanner.blockCount, log.scanner.replayCount) == (5, 2))
  }

  /// The same body at another time, another body at the same time, and bodies without a time are no replays.
  @Test func whatIsNoReplay() {
    let log = Log()
    let header = "[2026-03-28T02:14:07.001+0000] {a.py:1} INFO - === CORRELATION DATA ===\n"
    log.consume(
      header + "crypto=X\n===\n" + header + "crypto=Y\n===\n" + header.replacing(".001", with: ".002")
        + "crypto=X\n===\n")
    log.consume("{}\n")
    let bare = Log()
    bare.consume("=== CORRELATION DATA ===\ncrypto=X\n===\n=== CORRELATION DATA ===\ncrypto=X\n===\n")
    let empty = Log()
    empty.consume(header + "=== END CORRELATION DATA ===\n" + header + "=== END CORRELATION DATA ===\n")
    for log in [log, bare, empty] {
      log.finish()
      #expect(log.replays == [])
    }
    #expect(log.records.count == 3)
  }

  /// A late end marker is no orphan directly after a block; behind another line of its stream it is.
  @Test(arguments: [
    (
      #"{"timestamp":"2026-03-28T02:14:08Z","level":"info","event":"other","logger":"b","filename":"a.py"}"#,
      false
    ),
    (
      #"{"timestamp":"2026-03-28T02:14:08Z","level":"info","event":"other","logger":"a","filename":"b.py"}"#,
      false
    ),
    (
      #"{"timestamp":"2026-03-28T02:14:08Z","level":"info","event":"other","logger":"a","filename":"a.py"}"#,
      true
    ),
  ])
  func watchedStream(line: String, isOrphan: Bool) {
    let log = Log()
    func event(_ text: String) -> String {
      #"{"timestamp":"2026-03-28T02:14:07Z","level":"info","event":"\#(text)","logger":"a","filename":"a.py"}"#
        + "\n"
    }
    log.consume(
      event(#"=== CORRELATION DATA ===\ncrypto=X"#) + line + "\n" + event("=== END CORRELATION DATA ==="))
    log.finish()
    #expect(log.records.map(\.end) == [.recordEnd])
    #expect(log.issues.map(\.kind) == (isOrphan ? [.orphanEnd] : []))
  }

  /// The same within one record, whose further lines have no prefix.
  @Test(arguments: [("", false), ("crypto=SOLUSDC", true), ("prose", true)])
  func lineBetweenInTheRecord(line: String, isOrphan: Bool) {
    let log = Log()
    log.consume("[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - === CORRELATION DATA ===\ncrypto=X\n")
    log.consume("=== END CORRELATION DATA ===\n\(line)\n=== END CORRELATION DATA ===\n")
    log.finish()
    #expect(log.records.map(\.end) == [.explicit])
    #expect(log.issues.map(\.kind) == (isOrphan ? [.orphanEnd] : []))
  }

  /// A block that waits for its successor ends with it: of those that end together, by number.
  @Test(arguments: [true, false]) func blocksThatEndTogether(byFailure: Bool) {
    func line(_ file: String, _ text: String) -> String {
      "[2026-03-28T02:14:07.123+0000] {\(file):1} INFO - \(text)\n"
    }
    let log = Log()
    log.consume(line("a.py", "=== CORRELATION DATA ===") + line("a.py", "crypto=A"))
    log.consume(line("b.py", "=== CORRELATION DATA ===") + line("b.py", "crypto=B"))
    log.consume(line("a.py", "=== CORRELATION DATA ===") + line("a.py", "crypto=C"))
    if byFailure { log.consume(line("taskinstance.py", "Task failed with exception")) }
    log.finish()
    #expect(log.records.map(\.block) == [1, 2, 3])
  }

  /// The last record ends where the log does, and so do blocks that wait for further lines.
  @Test func lastRecordEndsWithTheOpenBlocks() {
    let log = Log()
    log.consume("=== CORRELATION DATA ===\n")
    log.consume("[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - === CORRELATION DATA ===\ncrypto=X\n")
    log.finish()
    #expect(log.records.map(\.block) == [1, 2])
    #expect(log.records.map(\.end) == [.endOfInput, .recordEnd])
  }
}
