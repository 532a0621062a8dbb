import LogModel

/// A log format as it stands in `airflow.cfg`, in Python's notation:
/// `%(asctime)s %(levelname)-8s [%(name)s] %(message)s` (2-log-envelopes, Envelopes: custom).
public struct LineFormat: Sendable {
  /// What is wrong with a format.
  public struct Invalid: Error, CustomStringConvertible {
    /// What is wrong, and what to write instead.
    public let description: String
  }

  private enum Field: String {
    case asctime, levelname, name, filename, message
    case other
  }

  private enum Part {
    case literal([UInt8])
    case field(Field)
  }

  /// The prefix of one line.
  struct Prefix {
    var time = 0..<0
    var level = 0..<0
    var name = 0..<0
    var file = 0..<0
    var message = 0
  }

  private var parts: [Part] = []
  private let hasTime: Bool
  /// Whether lines tell the file they come from; where they do not, any logger may be that of `print()`.
  let hasFile: Bool

  private static let levels: [StaticString] = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "NOTSET"]

  /// Reads a format.
  /// - Throws: ``Invalid`` when it is no format by which a line could be recognised: without `%(message)s` at its end, or
  ///   with neither a time nor a level before it, or with two fields that nothing separates.
  public init(_ format: String) throws(Invalid) {
    var rest = format[...]
    var fields: [Field] = []
    while let first = rest.first {
      guard first == "%" else {
        Self.append(String(rest.removeFirst()), to: &parts)
        continue
      }
      rest.removeFirst()
      if rest.first == "%" {
        rest.removeFirst()
        Self.append("%", to: &parts)
        continue
      }
      guard rest.first == "(", let close = rest.firstIndex(of: ")") else {
        throw Invalid(description: "a % that begins no %(name)s; write %% for a percent sign")
      }
      let name = String(rest[rest.index(after: rest.startIndex)..<close])
      rest = rest[rest.index(after: close)...]
      guard let conversion = rest.firstIndex(where: { $0.isLetter }) else {
        throw Invalid(description: "%(\(name)) has no conversion; write %(\(name))s")
      }
      rest = rest[rest.index(after: conversion)...]
      if case .field = parts.last {
        throw Invalid(description: "nothing separates %(\(name)) from the field before it")
      }
      let field = Field(rawValue: name) ?? .other
      fields.append(field)
      parts.append(.field(field))
    }
    guard case .field(.message) = parts.last, fields.filter({ $0 == .message }).count == 1 else {
      throw Invalid(description: "%(message)s must stand once, at the end")
    }
    hasTime = fields.contains(.asctime)
    hasFile = fields.contains(.filename)
    guard hasTime || fields.contains(.levelname) else {
      throw Invalid(description: "without %(asctime)s or %(levelname)s no line could be told from another")
    }
  }

  private static func append(_ text: String, to parts: inout [Part]) {
    if case .literal(let bytes) = parts.last {
      parts[parts.count - 1] = .literal(bytes + Array(text.utf8))
    } else {
      parts.append(.literal(Array(text.utf8)))
    }
  }

  /// Recognises the prefix of a line.
  func prefix(of line: Span<UInt8>) -> Prefix? {
    var prefix = Prefix()
    var position = 0
    for (index, part) in parts.enumerated() {
      switch part {
      case .literal(let bytes):
        if let end = Self.match(bytes, line, at: position) {
          position = end
        } else if index == parts.count - 2, bytes.last == 0x20,
          Self.match(bytes.dropLast(), line, at: position) == line.count
        {
          // An empty message, and the blank before it was trimmed by whoever stored the line.
          position = line.count
        } else {
          return nil
        }
      case .field(.message):
        prefix.message = position
      case .field(.asctime):
        guard let (_, end) = LogTime.prefix(of: line, from: position) else { return nil }
        prefix.time = position..<end
        position = end
      case .field(let field):
        guard case .literal(let next) = parts[index + 1],
          let end = Self.find(next, line, from: position)
        else { return nil }
        let value = line.trimmingBlanks(position..<end)
        switch field {
        case .levelname:
          guard !value.isEmpty, value.count <= 40, hasTime || Self.isLevel(line, value) else { return nil }
          prefix.level = value
        case .name: prefix.name = value
        case .filename: prefix.file = value
        default: break
        }
        position = end
      }
    }
    return prefix
  }

  private static func isLevel(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
    levels.contains { line.is($0, in: range) }
  }

  private static func match(_ bytes: some Collection<UInt8>, _ line: Span<UInt8>, at start: Int) -> Int? {
    guard start + bytes.count <= line.count else { return nil }
    for (index, byte) in bytes.enumerated() where line[start + index] != byte { return nil }
    return start + bytes.count
  }

  /// Where the literal after a field begins: at the first place, past the blanks that pad the field.
  private static func find(_ literal: [UInt8], _ line: Span<UInt8>, from start: Int) -> Int? {
    guard let first = literal.first else { return nil }
    var position = start
    while position < line.count, line[position].isBlank { position += 1 }
    while let candidate = line.index(of: first, from: position) {
      if match(literal, line, at: candidate) != nil { return candidate }
      position = candidate + 1
    }
    // A line that ends with its prefix has lost the blank before its empty message; one that is cut may end before
    // this field begins.
    let place = line.count - literal.count + 1
    return literal.last == 0x20 && place >= start && match(literal.dropLast(), line, at: place) == line.count
      ? place : nil
  }
}
