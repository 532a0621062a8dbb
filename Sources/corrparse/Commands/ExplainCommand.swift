import ArgumentParser
import CorrelationGrammar
import Diagnosis
import LogModel
import RecordFormats

/// How `explain` prints.
enum ExplainFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json

  init?(argument: String) {
    guard let format: Self = JSONName.format(argument) else { return nil }
    self = format
  }
}

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what a name means that the program prints.",
    discussion: """
      Codes, conditions, golden signals, states, severities, certainties, issues, rules of lint, statuses of logs and \
      runs, exit statuses, keys of blocks, columns of tables, values of ndjson and csv, forms of log lines, alerts, the \
      users' terms, and commands. The beginning of a name suffices; \
      without a name all of them are listed.

      Examples:
        corrparse explain
        corrparse explain EXECUTION_MISMATCH
        corrparse explain malformed
        corrparse explain DELTA
        corrparse explain 74
        corrparse explain --format json | jq -r 'select(.kind == "issue") | .name'
      """)

  @Argument(
    help: "A name, or its beginning; none: all names.",
    completion: .list(
      Explained.all.map(\.name).filter { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }))
  var name: String?
  @Option(help: "How to print: text, or json, one object a line for each name.")
  var format = ExplainFormat.text
  @OptionGroup var color: ColorOption

  func validate() throws { _ = try found() }

  func run() throws {
    var output = StandardOutput()
    let found = try found()
    switch format {
    case .json:
      var bytes: [UInt8] = []
      for item in found { JSONWriter.append(to: &bytes) { $0.explained(item) } }
      output.document(bytes)
    case .text where name == nil: overview(found, to: &output)
    case .text:
      for (index, item) in found.enumerated() {
        if index > 0 { output.line("") }
        write(item, to: &output)
      }
    }
    try output.closeOrExit()
  }

  /// What the name stands for: itself, else all that begin so, else what it is a part of.
  private func found() throws -> [Explained] {
    guard let name else { return Explained.all }
    let wanted = Self.folded(KnownKey.canonical(name) ?? name)
    if let found = Self.named(wanted) { return found }
    // A provisional code is shown with a mark, and the alerts of Grafana have the program's name before theirs.
    let bare = wanted.hasSuffix("?") ? String(wanted.dropLast()) : wanted
    if bare != wanted, let found = Self.named(bare) { return found }
    if bare.hasPrefix(Self.alertPrefix),
      let found = Self.played(String(bare.dropFirst(Self.alertPrefix.count)))
    {
      return found
    }
    if let found = Self.described(bare) { return found }
    throw ValidationError(Self.unknown(name, folded: bare))
  }

  /// What to say of a name that there is none of.
  private static func unknown(_ name: String, folded: String) -> String {
    if folded.isEmpty { return "explain names nothing; leave the name out for a list, or give one" }
    let shown = askable
    let near = NearestNames.of(folded, among: shown.keys).compactMap { shown[$0] }
    return "there is no code or other name \(name); "
      + (near.isEmpty ? "corrparse explain lists them" : "did you mean \(near.joined(separator: " or "))?")
  }

  /// What somebody may have mistyped, as it is compared, with how it is shown: names, and the words with which names of several begin, since
  /// a beginning is understood (`malformed` of malformed_number). Exit statuses and marks are near to every short text, and to nothing that was
  /// meant.
  private static var askable: [String: String] {
    let items = Explained.all.filter { $0.kind != .status && $0.name.count > 1 }
    let names = items.map { (folded($0.name), $0.name) }
    let beginnings = names.flatMap { name, shown in
      zip(name, 0...).filter { $0.0 == "_" && $0.1 > 3 }.map { _, end in
        (String(name.prefix(end)), String(shown.prefix(end)))
      }
    }
    return Dictionary(names + beginnings, uniquingKeysWith: { first, _ in first })
  }

  private static let alertPrefix = "corrparse_"

  /// What has a name, with all of a kind that has it (`lint`, `alert`); else what begins so.
  private static func named(_ wanted: String) -> [Explained]? {
    guard !wanted.isEmpty else { return nil }
    // The values of a horizon, of which each would be a name.
    if wanted.first == "h", let number = Int(wanted.dropFirst()), 1...99 ~= number { return named("horizon") }
    let exact = Explained.all.filter { folded($0.name) == wanted }
    let ofKind = Explained.all.filter { $0.kind.rawValue == wanted }
    if !exact.isEmpty || !ofKind.isEmpty { return exact + ofKind }
    let begun = Explained.all.filter { folded($0.name).hasPrefix(wanted) }
    return begun.isEmpty ? nil : begun
  }

  /// What has a place in the handbook.
  private static func played(_ anchor: String) -> [Explained]? {
    let found = Explained.all.filter { item in
      item.parts.contains { $0.title == "playbook" && folded($0.text).hasSuffix("#" + anchor) }
    }
    return found.isEmpty ? nil : found
  }

  /// What a text of several words speaks of, as the titles of alerts do: what has it in its meaning, else the signals, conditions and codes in it.
  private static func described(_ text: String) -> [Explained]? {
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.flatMap { $0.split(separator: "_") }
    guard words.count > 2 else { return nil }
    let states = GlobalState.allCases.map { $0.rawValue.lowercased() + ":_" }
    let meaning = states.first(where: text.hasPrefix).map { String(text.dropFirst($0.count)) } ?? text
    let told = Explained.all.filter { folded($0.meaning).contains(meaning) }
    if !told.isEmpty { return told }
    let kinds: [Explained.Kind] = [.code, .condition, .signal]
    let named = Explained.all.filter {
      kinds.contains($0.kind) && "_\(text)_".contains("_\(folded($0.name))_")
    }
    return named.isEmpty ? nil : named
  }

  private static func folded(_ name: String) -> String {
    name.lowercased().replacing("-", with: "_").replacing(" ", with: "_")
  }

  private func write(_ item: Explained, to output: inout StandardOutput) {
    output.line(StyledText(item.name, code: color.isWanted ? "1" : nil))
    for part in [("what", item.kind.title)] + item.parts {
      var head = "  " + DisplayWidth.padded(part.0, to: 9) + "  "
      let room = StandardOutput.width.map { max(20, $0 - head.count) }
      for line in DisplayWidth.lines(part.1, in: room, indent: 0) {
        output.line(StyledText(head + line))
        head = String(repeating: " ", count: head.count)
      }
    }
  }

  private func overview(_ items: [Explained], to output: inout StandardOutput) {
    let width = StandardOutput.width
    for kind in Explained.Kind.allCases {
      output.line(StyledText(kind.rawValue, code: color.isWanted ? "1" : nil))
      for item in items where item.kind == kind {
        let line = "  " + DisplayWidth.padded(item.name, to: 24) + "  " + item.meaning
        output.line(StyledText(width.map { DisplayWidth.cut(line, to: $0) } ?? line))
      }
    }
  }
}

extension JSONWriter {
  fileprivate mutating func explained(_ item: Explained) {
    beginObject()
    member("name", item.name)
    member("kind", item.kind.rawValue)
    for part in item.parts {
      key(given: part.title.replacing(" ", with: "_"))
      value(part.text)
    }
    endObject()
    endLine()
  }
}
