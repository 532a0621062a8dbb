import DiagnosticWriter
import SystemPackage

/// The reason why a universe cannot be imported.
struct UniverseFileError: Error {
  /// The line, from 1; nil if the reason is about the whole file.
  var line: Int?
  var reason: String
}

/// The file that `universe import` reads: CSV with a header, or NDJSON.
enum UniverseFile {
  private static let sizeLimit = 16 << 20

  /// The text of a file, or of the standard input for `-`.
  static func text(of name: String) throws(UniverseFileError) -> String {
    let bytes: [UInt8]
    do {
      let file = try name == "-" ? .standardInput : FileDescriptor.open(RawArguments.path(name), .readOnly)
      bytes = try read(file)
      if name != "-" { try file.close() }
    } catch let error as UniverseFileError {
      throw error
    } catch let error as Errno {
      throw UniverseFileError(reason: "cannot be read: \(error.description)")
    } catch {
      throw UniverseFileError(reason: "cannot be read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UniverseFileError(reason: "is no UTF-8 text")
    }
    return text.hasPrefix("\u{FEFF}") ? String(text.unicodeScalars.dropFirst()) : text
  }

  private static func read(_ file: FileDescriptor) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe file.read(into: $0) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= sizeLimit else {
        throw UniverseFileError(reason: "is longer than \(sizeLimit >> 20) MB, which no universe is")
      }
    }
  }

  /// The entries of a text, each crypto once. An empty universe is refused, because it is more likely a broken export than what the user
  /// wants.
  static func entries(
    in text: String, _ universe: Universe
  ) throws(DatabaseError) -> Result<[UniverseEntry], UniverseFileError> {
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.enumerated()
      .map { (number: $0.offset + 1, text: String($0.element)) }
      .filter { !$0.text.allSatisfy(\.isWhitespace) }
    guard let first = lines.first else {
      return .failure(UniverseFileError(reason: "is empty; a universe without cryptos is not imported"))
    }
    let reader: CSVColumns?
    if first.text.hasPrefix("{") {
      reader = nil
    } else {
      do {
        reader = try CSVColumns(header: first.text)
      } catch {
        return .failure(UniverseFileError(line: first.number, reason: error.reason))
      }
    }
    var entries: [UniverseEntry] = []
    var linesOfCryptos: [String: Int] = [:]
    for line in reader == nil ? lines[...] : lines.dropFirst() {
      let content =
        if let reader { reader.entry(line.text) } else { try universe.entry(ndjson: line.text) }
      switch content {
      case .unusable(let reason): return .failure(UniverseFileError(line: line.number, reason: reason))
      case .entry(let entry):
        if let earlier = linesOfCryptos[entry.crypto] {
          return .failure(
            UniverseFileError(
              line: line.number, reason: "\(entry.crypto) stands on line \(earlier) already"))
        }
        linesOfCryptos[entry.crypto] = line.number
        entries.append(entry)
      }
    }
    guard !entries.isEmpty else {
      return .failure(
        UniverseFileError(reason: "names no crypto; a universe without cryptos is not imported"))
    }
    return .success(entries)
  }
}

/// The places of the columns in a CSV file. Names have no line feeds, so that each line is a row.
private struct CSVColumns {
  let crypto: Int
  let group: Int
  let count: Int

  init(header: String) throws(UniverseFileError) {
    let names = (Self.fields(header) ?? []).map { $0.lowercased() }
    crypto = try Self.only("crypto", in: names) { $0 == "crypto" }
    group = try Self.only("group", in: names) { $0 == "group" || $0 == "crypto_group" }
    count = names.count
  }

  /// The place of a column that the header must name exactly once.
  private static func only(
    _ column: String, in names: [String], where isOne: (String) -> Bool
  ) throws(UniverseFileError) -> Int {
    guard let place = names.firstIndex(where: isOne) else {
      throw UniverseFileError(reason: "the header must name the columns crypto and group")
    }
    guard names.lastIndex(where: isOne) == place else {
      throw UniverseFileError(
        reason: "the header names \(column) twice, so that nobody knows which of them counts")
    }
    return place
  }

  func entry(_ line: String) -> Universe.Line {
    guard let fields = Self.fields(line) else { return .unusable("a quoted field does not end as it should") }
    guard fields.count == count else {
      return .unusable("\(fields.count) fields where the header has \(count)")
    }
    guard let entry = UniverseEntry(crypto: fields[crypto], group: fields[group]) else {
      return .unusable("names have 1 to 128 characters without blank, = or ,")
    }
    return .entry(entry)
  }

  /// The fields of a row (RFC 4180), without the blanks around them. Nil if a quoted field does not end as it should.
  private static func fields(_ line: String) -> [String]? {
    var fields: [String] = []
    var rest = line.unicodeScalars[...]
    while true {
      var field = String.UnicodeScalarView()
      if rest.first == "\"" {
        rest.removeFirst()
        var isOpen = true
        while isOpen, let scalar = rest.popFirst() {
          if scalar != "\"" {
            field.append(scalar)
          } else if rest.first == "\"" {
            field.append(rest.removeFirst())
          } else {
            isOpen = false
          }
        }
        guard !isOpen, rest.isEmpty || rest.first == "," else { return nil }
      } else {
        while let scalar = rest.first, scalar != "," { field.append(rest.removeFirst()) }
      }
      fields.append(String(trimmed(field)))
      guard rest.popFirst() != nil else { return fields }
    }
  }

  private static func trimmed(_ text: String.UnicodeScalarView) -> Substring.UnicodeScalarView {
    var part = text[...]
    while part.first?.properties.isWhitespace == true { part.removeFirst() }
    while part.last?.properties.isWhitespace == true { part.removeLast() }
    return part
  }
}
