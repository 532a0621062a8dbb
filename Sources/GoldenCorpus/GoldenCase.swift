public import CorrelationGrammar
import Diagnosis
import Ingest
public import LogInput
import LogModel
import RecordFormats
public import SystemPackage

/// A log with the records that it is known to give (5-command-line, Commands).
///
/// In a folder of its own it is `input.log` or `input.log.gz` with `expected.ndjson`; beside others `NAME.log[.gz]` has
/// `NAME.expected.ndjson`. `line-format.txt` holds the log's own format, where it has one (`NAME.line-format.txt`).
public struct GoldenCase: Sendable, Hashable {
  /// Its path below the corpus.
  public let name: String
  /// The log.
  public let log: FilePath

  /// A log of a corpus.
  public init(name: String, log: FilePath) {
    self.name = name
    self.log = log
  }

  private var fileName: String { log.lastComponent.map(\.string) ?? "" }

  private func beside(_ suffix: String) -> FilePath {
    let stem = fileName.hasSuffix(".gz") ? fileName.dropLast(7) : fileName.dropLast(4)
    let folder = log.removingLastComponent()
    return folder.appending(stem == "input" ? suffix : "\(stem).\(suffix)")
  }

  /// Where its expectation is.
  public var expectation: FilePath { beside("expected.ndjson") }

  /// The records that it is known to give, line by line; nil where nobody has said.
  /// - Throws: The system's reason why the file cannot be read.
  public func expected() throws -> [String]? {
    try Self.text(of: expectation)?.split(separator: "\n").map(String.init)
  }

  /// The log's own format; nil where it has none.
  /// - Throws: ``LineFormat/Invalid``, or the system's reason why the file cannot be read.
  public func lineFormat() throws -> LineFormat? {
    try Self.text(of: beside("line-format.txt")).map { try LineFormat(String($0.prefix { !$0.isNewline })) }
  }

  /// The text of a file; nil where there is none.
  private static func text(of path: FilePath) throws -> String? {
    let file: FileDescriptor
    do {
      file = try FileDescriptor.open(path, .readOnly)
    } catch Errno.noSuchFileOrDirectory {
      return nil
    }
    return try file.closeAfter {
      var text: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
        if count == 0 { return String(decoding: text, as: UTF8.self) }
        text += buffer[..<count]
      }
    }
  }

  /// What the program prints for the log, without explanations and without times that are not the log's.
  /// - Parameter lineFormat: The log's own format.
  /// - Returns: The lines, and what went wrong where nothing of the log, or not all of it, could be read.
  public func output(lineFormat: LineFormat?) -> (lines: [String], failure: InputError?) {
    var run = ParseRun(lineFormat: lineFormat, future: nil)
    var lines: [String] = []
    var failure: InputError?
    let source = fileName
    run.parse(
      .path(log),
      record: { record in
        var item = record
        item.source = source
        // Whose log it would be elsewhere is nothing of the case's.
        if LogPath(log.absolute) != nil { item.identity = nil }
        var buffer: [UInt8] = []
        NDJSONFormat.append(item, to: &buffer)
        lines.append(Self.comparable(buffer, timeIsFromLog: record.record.headerTime != nil))
      },
      notice: { notice in
        if case .failed(let error) = notice { failure = error }
        guard case .finished(_, let scan) = notice else { return }
        if let error = scan.reading.error, scan.status == .failed || error.concern.isOfRun { failure = error }
        guard !scan.issues.isEmpty || scan.status != .complete else { return }
        var buffer: [UInt8] = []
        NDJSONFormat.appendSource(source, status: scan.status.rawValue, issues: scan.issues, to: &buffer)
        lines.append(String(decoding: buffer.dropLast(), as: UTF8.self))
      }, chunkEnd: {})
    return (lines, failure)
  }

  private static func comparable(_ line: [UInt8], timeIsFromLog: Bool) -> String {
    let text = String(decoding: line.dropLast(), as: UTF8.self)
    guard line.last == 0x0A, let tree = JSONTree(text), tree.text == text else {
      return "not one line of compact JSON: " + text
    }
    let bare = tree.without("verdict", "explanation")
    return (timeIsFromLog ? bare : bare.without("observed_at")).text
  }

  /// What differs, for a person to read; nil where nothing does.
  public static func report(expected: [String], got: [String]) -> String? {
    var text = ""
    for index in 0..<max(expected.count, got.count) {
      let (left, right) = (expected.dropFirst(index).first, got.dropFirst(index).first)
      guard left != right else { continue }
      text += "\n  line \(index + 1):\n"
      text += differences(left, right).map(\.description).joined(separator: "\n")
    }
    return text.isEmpty ? nil : text
  }

  private static func differences(_ expected: String?, _ got: String?) -> [Difference] {
    guard let expected, let got, let left = JSONTree(expected), let right = JSONTree(got) else {
      return [Difference(path: "", expected: expected, got: got)]
    }
    let found = Difference.all(left, right)
    return found.isEmpty ? [Difference(path: "(text only)", expected: expected, got: got)] : found
  }
}
