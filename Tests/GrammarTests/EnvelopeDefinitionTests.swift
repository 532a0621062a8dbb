import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// What holds for every envelope of the list.
@Suite struct EnvelopeDefinitionTests {
  /// A line of a format of the user's own, which has no example.
  private static let custom = ("%(levelname)s|%(message)s", "INFO|message")

  private static func list(_ definitions: [EnvelopeDefinition]) throws -> EnvelopeList {
    EnvelopeList(definitions, lineFormat: try LineFormat(custom.0))
  }

  private static func examples(of definition: EnvelopeDefinition) -> [String] {
    if definition.name == .custom { return [custom.1] }
    // Some wrappers are told by the line inside alone.
    let message = definition.wraps ? Log.end : "message"
    return definition.examples.map { $0.replacing("…", with: message) }
  }

  private static func envelopes(of line: String, in list: EnvelopeList) -> [LogEnvelope] {
    var scanner = LogScanner(envelopes: list)
    let bytes = Array((line + "\n").utf8)
    scanner.consume(bytes.span) { _ in }
    scanner.finish(isWhole: true) { _ in }
    return scanner.envelopes.map(\.envelope)
  }

  @Test func `each envelope has a name of its own`() {
    #expect(Set(LogEnvelope.allCases).count == EnvelopeDefinition.all.count)
  }

  @Test(arguments: LogEnvelope.allCases.map(\.rawValue))
  func `each envelope has a line, and is recognised by it`(name: String) throws {
    let definition = try #require(EnvelopeDefinition.all.first { $0.name.rawValue == name })
    let lines = Self.examples(of: definition)
    #expect(!lines.isEmpty)
    let list = try Self.list(EnvelopeDefinition.all)
    for line in lines { #expect(Self.envelopes(of: line, in: list).contains(definition.name), "\(line)") }
  }

  @Test(arguments: LogEnvelope.allCases.map(\.rawValue))
  func `without its line in the list an envelope is not recognised, and all others are`(name: String) throws {
    guard name != LogEnvelope.bare.rawValue else { return }
    let list = try Self.list(EnvelopeDefinition.all.filter { $0.name.rawValue != name })
    for definition in EnvelopeDefinition.all {
      for line in Self.examples(of: definition) {
        let isRecognised = Self.envelopes(of: line, in: list).contains(definition.name)
        // A message stands in a record of another envelope.
        let isOutside = definition.isOfMessages && name == LogEnvelope.airflow2Text.rawValue
        #expect(isRecognised == (definition.name.rawValue != name && !isOutside), "\(line)")
      }
    }
  }

  /// What a recogniser recognises, the search over whole chunks must not take for a bare line.
  @Test(arguments: LogEnvelope.allCases.map(\.rawValue))
  func `the opening admits whatever is recognised`(name: String) throws {
    let list = try Self.list(EnvelopeDefinition.all)
    var maker = EnvelopeLogMaker(random: SeededGenerator(seed: 1))
    for _ in 0..<400 {
      let line = Array(maker.line(of: LogEnvelope(rawValue: name)).utf8)
      guard !line.isEmpty else { continue }
      for (index, definition) in list.definitions.enumerated() where Self.recognises(definition, line.span) {
        let isAdmitted = list.openings.admits(index, line.span)
        #expect(isAdmitted, "\(definition.name.rawValue): \(String(decoding: line, as: UTF8.self))")
      }
    }
  }

  private static func recognises(_ definition: EnvelopeDefinition, _ line: Span<UInt8>) -> Bool {
    switch definition.recogniser {
    case .prefix(let recognise): return recognise(line) != nil
    case .object(let recognise):
      var members = JSONMembers()
      return members.read(line) && recognise(line, &members) != nil
    case .message, .anyOther: return false
    }
  }

  /// The table of docs/correlation-data.md is made from the definitions.
  @Test func `the documentation shows every envelope`() throws {
    var table = ["| envelope | looks like |", "|---|---|"]
    for definition in EnvelopeDefinition.all {
      let examples = definition.examples.map { "`\($0.replacing("|", with: "\\|"))`" }.joined(separator: ", ")
      let parts = [examples, definition.remark].filter { !$0.isEmpty }
      table.append("| \(definition.name.rawValue) | \(parts.joined(separator: ", ")) |")
    }
    let expected = table.joined(separator: "\n")
    let folder = Corpus.folder.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let path = folder.joined(separator: "/") + "/docs/correlation-data.md"
    let document = String(decoding: try #require(Files.bytes(path)), as: UTF8.self)
    #expect(document.contains(expected), "docs/correlation-data.md should have this table:\n\(expected)")
  }
}

extension EnvelopeDefinition {
  /// Whether its lines wrap lines of other programs.
  var wraps: Bool {
    switch shape {
    case .wrapsLine: true
    case .line, .untilNextPrefix, .untilContext, .list, .loose: false
    }
  }

  /// Whether its lines are messages of records of other envelopes.
  var isOfMessages: Bool {
    switch recogniser {
    case .message: true
    case .prefix, .object, .anyOther: false
    }
  }
}
