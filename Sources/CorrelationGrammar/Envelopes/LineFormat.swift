public import LogModel

extension LogEnvelope {
  /// A log format of the user's own.
  public static let custom = LogEnvelope(rawValue: "custom")
}

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

  /// The format as it was given.
  public let text: String
  private var parts: [Part] = []
  private let hasTime: Bool
  /// Whether lines tell the file they come from; where they do not, any logger may be that of `print()`.
  private let hasFile: Bool

  private static let levels: [StaticString] = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "NOTSET"]

  /// Reads a format.
  /// - Throws: ``Invalid`` when it is no format by which a line could be recognised: without `%(message)s` at its end, or
  ///   with neither a time nor a level before it, or with two fields that nothing separates.
  public init(_ format: String) throws(Invalid) {
    text = format
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

  /// The envelope of lines in a format; without one no line is of it.
  static func definition(_ format: LineFormat?) -> EnvelopeDefinition {
    EnvelopeDefinition(
      name: .custom, examples: [],
      remark: "what `--line-format` says, in the notation of `log_format` in airflow.cfg",
      opening: format == nil ? Opening() : Opening([.of(.any)]), recogniser: .prefix { format?.head(of: $0) },
      shape: .untilNextPrefix, describe: { format?.describe($0, $1, &$2) })
  }

  /// Where the format has no file, each logger has a stream.
  private func describe(_ line: Span<UInt8>, _ origin: LineOrigin, _ context: inout LogRecordContext) {
    if hasFile {
      context.describeFile(line, origin)
    } else {
      context.streamKey.append(line.extracting(origin.logger), as: .source)
      context.isPrint = true
      // `airflow.task` is the logger of print() as well, so none of its lines tells an outcome.
      context.isAirflow =
        line.has("airflow.", at: origin.logger.lowerBound) && !line.is("airflow.task", in: origin.logger)
    }
    context.mayNameTask = line.is("airflow.task", in: origin.logger)
  }

  /// Recognises the prefix of a line.
  private func head(of line: Span<UInt8>) -> RecordHead? {
    var head = RecordHead()
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
        head.message = position..<line.count
      case .field(.asctime):
        guard let (_, end) = LogTime.prefix(of: line, from: position) else { return nil }
        head.time = position..<end
        position = end
      case .field(let field):
        guard case .literal(let next) = parts[index + 1],
          let end = Self.find(next, line, from: position)
        else { return nil }
        let value = line.trimmingBlanks(position..<end)
        switch field {
        case .levelname:
          guard !value.isEmpty, value.count <= 40, hasTime || Self.isLevel(line, value) else { return nil }
          head.origin.level = value
        case .name: head.origin.logger = value
        case .filename: head.origin.file = value
        case .asctime, .message, .other: break
        }
        position = end
      }
    }
    return head
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
    // A line that ends with its prefix has lost the blank before its empty message. A line that is cut may end before this field
    // begins.
    let place = line.count - literal.count + 1
    return literal.last == 0x20 && place >= start && match(literal.dropLast(), line, at: place) == line.count
      ? place : nil
  }
}
