import ArgumentParser
import LogModel
import RecordFormats

/// How `explain` prints.
enum ExplainFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json
}

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say what a name means that the program prints.",
    discussion: """
      Codes, conditions, golden signals, states, severities, certainties, issues, rules of lint, statuses of logs and \
      runs, and exit statuses. The beginning of a name suffices; without a name all of them are listed.

      Examples:
        corrparse explain
        corrparse explain EXECUTION_MISMATCH
        corrparse explain malformed
        corrparse explain 74
        corrparse explain --format json | jq -r 'select(.kind == "issue") | .name'
      """)

  @Argument(
    help: "A name, or its beginning; none: all names.",
    completion: .list(Explained.all.map(\.name)))
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

  /// What the name stands for: itself, else all that begin so.
  private func found() throws -> [Explained] {
    guard let name else { return Explained.all }
    let wanted = Self.folded(name)
    let exact = Explained.all.filter { Self.folded($0.name) == wanted }
    if !exact.isEmpty { return exact }
    let begun = Explained.all.filter { !wanted.isEmpty && Self.folded($0.name).hasPrefix(wanted) }
    if !begun.isEmpty { return begun }
    let near = NearestNames.of(wanted, among: Explained.all.map { Self.folded($0.name) })
    let names = near.compactMap { word in Explained.all.first { Self.folded($0.name) == word }?.name
    }
    throw ValidationError(
      "there is no code or other name \(name); "
        + (names.isEmpty
          ? "corrparse explain lists them" : "did you mean \(names.joined(separator: " or "))?"))
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
