import ArgumentParser
import Ingest
import LogModel

/// How `lint` prints.
enum LintFormat: String, CaseIterable, ExpressibleByArgument {
  case text, github, sarif
}

/// Writes the findings of `lint`.
struct LintWriter {
  private let format: LintFormat
  private let isColored: Bool
  /// The findings that wait for the one document that SARIF is.
  private var results: [(finding: LintFinding, name: String)] = []
  /// What could not be read, for the same document.
  private var failures: [String] = []

  init(_ format: LintFormat, isColored: Bool) {
    self.format = format
    self.isColored = isColored
  }

  /// Writes a finding. As text an allowed one is not written: the last line of the command counts it.
  mutating func write(_ finding: LintFinding, in name: String, to output: inout StandardOutput) {
    switch format {
    case .text: if !finding.isAllowed { output.line(text(finding, in: name)) }
    case .github: output.line(Self.annotation(finding, in: name))
    case .sarif: results.append((finding, name))
    }
  }

  /// Writes that an input could not be read to its end, for formats of which stderr is no part.
  mutating func write(failure: String, in name: String, to output: inout StandardOutput) {
    switch format {
    case .text: break
    case .github:
      let place = name == Self.standardInput ? "" : "file=\(Self.property(name)),"
      output.line("::error \(place)title=unreadable::\(Self.escaped(failure))")
    case .sarif: failures.append(failure)
    }
  }

  /// How the standard input is called.
  static let standardInput = "<stdin>"

  /// Ends the output.
  func end(_ output: inout StandardOutput) {
    guard format == .sarif else { return }
    var bytes: [UInt8] = []
    JSONWriter.append(to: &bytes) { $0.sarif(results, failures) }
    output.document(bytes)
  }

  private func text(_ finding: LintFinding, in name: String) -> StyledText {
    let place = StyledText(
      "\(name):\(finding.line):\(finding.column): ", code: isColored ? "1" : nil)
    return
      "\(place)\(StyledText(finding.kind, code: isColored ? "1;31" : nil))\(Self.message(finding))"
  }

  /// What is said of a finding behind its rule.
  fileprivate static func message(_ finding: LintFinding) -> String {
    var text = ""
    if let key = finding.key { text += ": \(key)" }
    if let raw = finding.raw, !raw.isEmpty { text += ": `\(raw)`" }
    let rule = rules[finding.kind]
    if let what = finding.what ?? (text.isEmpty ? rule?.seen : nil) { text += ": \(what)" }
    return text + "; " + (finding.hint ?? rule?.cure ?? "")
  }

  private static let rules = Dictionary(
    LintRule.all.map { ($0.name, (seen: $0.seen, cure: $0.cure)) }, uniquingKeysWith: { first, _ in first })

  /// An annotation of GitHub Actions, in which `%` and line ends are escaped, and in properties `:` and `,` too.
  private static func annotation(_ finding: LintFinding, in name: String) -> StyledText {
    let kind = finding.isAllowed ? "notice" : "error"
    let text = escaped(finding.kind + message(finding))
    // What was piped is no file of the repository.
    guard name != standardInput else {
      return "::\(kind) title=\(finding.kind)::\(name):\(finding.line):\(finding.column): \(text)"
    }
    return
      "::\(kind) file=\(property(name)),line=\(finding.line),col=\(finding.column),title=\(finding.kind)::\(text)"
  }

  private static func escaped(_ text: String) -> String {
    PrintableText.escaped(text).replacing("%", with: "%25")
  }

  private static func property(_ text: String) -> String {
    escaped(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }
}

extension JSONWriter {
  /// Writes a document of SARIF 2.1.0 with one run.
  fileprivate mutating func sarif(_ results: [(finding: LintFinding, name: String)], _ failures: [String]) {
    beginObject()
    member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
    member("version", "2.1.0")
    key("runs")
    beginArray()
    beginObject()
    key("tool")
    beginObject()
    key("driver")
    beginObject()
    member("name", "corrparse")
    member("version", Version.program)
    key("rules")
    beginArray()
    for rule in LintRule.all {
      beginObject()
      member("id", rule.name)
      message("shortDescription", rule.seen)
      message("help", rule.cure)
      endObject()
    }
    endArray()
    endObject()
    endObject()
    key("invocations")
    beginArray()
    beginObject()
    member("executionSuccessful", failures.isEmpty)
    key("toolExecutionNotifications")
    beginArray()
    for failure in failures {
      beginObject()
      member("level", "error")
      message("message", failure)
      endObject()
    }
    endArray()
    endObject()
    endArray()
    key("results")
    beginArray()
    for (finding, name) in results { result(finding, name) }
    endArray()
    endObject()
    endArray()
    endObject()
    endLine()
  }

  private mutating func result(_ finding: LintFinding, _ name: String) {
    beginObject()
    member("ruleId", finding.kind)
    member("level", "error")
    message("message", finding.kind + LintWriter.message(finding))
    key("locations")
    beginArray()
    beginObject()
    key("physicalLocation")
    beginObject()
    key("artifactLocation")
    beginObject()
    member("uri", name == LintWriter.standardInput ? "stdin" : Self.uri(name))
    endObject()
    key("region")
    beginObject()
    member("startLine", finding.line)
    member("startColumn", finding.column)
    endObject()
    endObject()
    endObject()
    endArray()
    if finding.isAllowed {
      key("suppressions")
      beginArray()
      beginObject()
      member("kind", "external")
      endObject()
      endArray()
    }
    endObject()
  }

  private mutating func message(_ name: StaticString, _ text: String) {
    key(name)
    beginObject()
    member("text", text)
    endObject()
  }

  /// A path as the reference of a URI: what is no letter, digit or one of `-._~/` is percent-encoded.
  private static func uri(_ path: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
    return path.utf8.map { byte in
      if plain.contains(byte) { return String(Unicode.Scalar(byte)) }
      let digits = String(byte, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
