import LogInput
import LogModel
import Testing

@testable import DiagnosticWriter

@Suite struct LedgerEntryTests {
  private static let second = LogTime(microseconds: 1_774_663_200_000_000)
  private static let later = LogTime(microseconds: 1_774_663_200_789_000)

  /// Equal entity tags are equal contents; without them, size and time decide.
  @Test(arguments: [
    (
      LogState(size: 7, modified: second, entityTag: "a"), LogState(size: 7, modified: later, entityTag: "a"),
      true
    ),
    (
      LogState(size: 7, modified: second, entityTag: "a"),
      LogState(size: 7, modified: second, entityTag: "b"), false
    ),
    (
      LogState(size: 7, modified: second, entityTag: "a"),
      LogState(size: 8, modified: second, entityTag: "a"), false
    ),
    (LogState(size: 7, modified: second, entityTag: "a"), LogState(size: 7, modified: second), false),
    (LogState(size: 7, modified: second), LogState(size: 7, modified: second, entityTag: "a"), false),
    (LogState(size: 7, modified: second), LogState(size: 7, modified: second), true),
    (LogState(size: 7, modified: second), LogState(size: 7, modified: later), false),
    (LogState(size: 7, modified: second), LogState(size: 8, modified: second), false),
  ])
  func contents(read: LogState, found: LogState, isSame: Bool) {
    let entry = LedgerEntry(
      size: Int64(read.size), modifiedAt: read.modified, entityTag: read.entityTag, status: .complete,
      hasError: false, wasNotRead: false)
    #expect(entry.hasContent(of: found) == isSame)
  }

  @Test func aReadingWithoutAStateIsNone() {
    let entry = LedgerEntry(
      size: nil, modifiedAt: nil, entityTag: nil, status: .growing, hasError: false, wasNotRead: false)
    #expect(!entry.hasContent(of: LogState(size: 0, modified: Self.second)))
  }
}
