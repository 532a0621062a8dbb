import LogModel
import TestSupport
import Testing

@testable import CorrelationGrammar

/// A scanner that begins another log gives what a new one gives, whatever log it has read before, and however far.
@Suite struct ReusedScannerTests {
  /// How the log before was left.
  enum Ending: CaseIterable {
    case whole
    /// In the middle of a line, and known to be cut.
    case cut
    /// Without an end, as where whoever reads gives up.
    case abandoned
    /// In a gzip member that proved damaged.
    case damaged

    /// Reads a log so far.
    func read(_ bytes: [UInt8], by scanner: inout LogScanner) {
      let middle = bytes.count / 2
      switch self {
      case .whole:
        scanner.consume(bytes.span) { _ in }
        scanner.finish(isWhole: true) { _ in }
      case .cut:
        scanner.consume(bytes.span.extracting(0..<middle)) { _ in }
        scanner.finish(isWhole: false) { _ in }
      case .abandoned: scanner.consume(bytes.span.extracting(0..<middle)) { _ in }
      case .damaged:
        scanner.beginMember()
        scanner.consume(bytes.span.extracting(0..<middle)) { _ in }
        _ = scanner.memberIsDamaged()
        scanner.consume(bytes.span.extracting(middle..<bytes.count)) { _ in }
      }
    }
  }

  /// So little that nearly every log of the corpus passes one of the limits.
  private static let tight: ScanLimits = {
    var limits = ScanLimits()
    (limits.blockLines, limits.blockBytes, limits.jsonLineBytes) = (3, 120, 400)
    (limits.openBlocks, limits.streams, limits.rememberedBlocks) = (1, 2, 2)
    return limits
  }()

  private static let task = TaskIdentity(
    dagID: "launch__discovery", runID: "manual__2026-03-28T02:00:00+00:00", taskID: "t1.test_step",
    mapIndex: nil, tryNumber: 1)

  /// The corpus, and logs that leave something open.
  private static let logs: [(name: String, bytes: [UInt8])] =
    Corpus.plainLogs
    + [
      ("open block", Array((Log.text(Log.header) + "\n" + Log.text("crypto=A")).utf8)),
      (
        "many streams",
        Array((0..<20).map { Log.text(Log.header, file: "f\($0).py", ms: $0) + "\ncrypto=A\n" }.joined().utf8)
      ),
      ("list", Array(#"{"content":[{"timestamp":"2026-03-28T02:14:07Z","event":"=== CORRE"#.utf8)),
      ("long JSON", Array(#"{"event":""#.utf8) + Array(repeating: 0x20, count: 200_000)),
      ("mark", [0xEF, 0xBB, 0xBF]), ("half a mark", [0xEF, 0xBB]), ("nothing", []),
    ]

  /// What a scanner of its own gives of each log, by the limits. A task is expected of every second one.
  private static let alone: [[Everything]] = [ScanLimits(), Self.tight].map { limits in
    Self.logs.enumerated().map { index, log in
      Everything(log.bytes, limits: limits, expecting: Self.expected(index))
    }
  }

  private static func expected(_ index: Int) -> TaskIdentity? { index % 2 == 0 ? task : nil }

  @Test(arguments: Ending.allCases, [false, true])
  func `two logs by one scanner`(ending: Ending, isTight: Bool) {
    var scanner = LogScanner(limits: isTight ? Self.tight : ScanLimits())
    for (index, log) in Self.logs.enumerated() {
      let before = Self.logs[(index * 31 + 31) % Self.logs.count]
      ending.read(before.bytes, by: &scanner)
      scanner.begin(expecting: Self.expected(index))
      let again = Everything(log.bytes, by: &scanner)
      #expect(again == Self.alone[isTight ? 1 : 0][index], "\(log.name) behind \(before.name)")
      scanner.begin()
    }
  }

  @Test(arguments: Ending.allCases)
  func `every property is as in a new scanner`(ending: Ending) {
    let limits = ending == .whole || ending == .cut ? Self.tight : ScanLimits()
    let new = Self.properties(of: LogScanner(limits: limits, expecting: Self.task))
    #expect(new.count > 100)
    var scanner = LogScanner(limits: limits)
    for log in Self.logs {
      ending.read(log.bytes, by: &scanner)
      scanner.begin(expecting: Self.task)
      let properties = Self.properties(of: scanner)
      #expect(properties == new, "behind \(log.name)")
      guard properties == new else { return }
    }
  }

  /// Every property with its value, at any depth. What never changes, as the list of envelopes, is not looked into.
  private static func properties(of scanner: LogScanner) -> [String] {
    var list: [String] = []
    add(scanner, "", to: &list)
    return list
  }

  private static func add(_ value: Any, _ path: String, to list: inout [String]) {
    // Another property says which of these elements count.
    if path.hasSuffix(".firstEntries.known") { return }
    // Each search for lines of one pair begins these anew before anything reads them.
    if path == ".reader.pairs" { return }
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .class || mirror.children.isEmpty {
      list.append("\(path) = \(mirror.displayStyle == .class ? "\(mirror.subjectType)" : "\(value)")")
      return
    }
    for (index, child) in mirror.children.enumerated() {
      add(child.value, "\(path).\(child.label ?? "\(index)")", to: &list)
    }
  }
}
