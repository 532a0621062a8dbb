import CorrelationGrammar
import LogModel

/// The message lines of a block behind its header, as far as they show in the log's text: of bare text, of records whose prefixes are as
/// long as the header's, of their further lines, and of JSON records whose message is the same member as the header's.
struct BlockText {
  /// A message line.
  struct Line {
    /// The physical line, from 1.
    let number: Int
    /// The byte of the physical line at which the text begins, from 1.
    let column: Int
    /// The text with its outer blanks, without escapes of JSON.
    let text: [UInt8]

    /// The text without its outer blanks.
    var trimmed: Substring {
      Substring(decoding: text.trimmingBlanks, as: UTF8.self)
    }
    var blanksBefore: Int { text.prefix { $0 == 0x20 || $0 == 0x09 }.count }
    /// Whether it is a line of `=` and nothing more.
    var isSigns: Bool {
      let rest = text.trimmingBlanks
      return rest.count > 2 && rest.allSatisfy { $0 == UInt8(ascii: "=") }
    }
  }

  /// A block has so many lines at the most, and a few of others between them (1-correlation-data, Limits of a block).
  private static let mostLines = 384
  private static let endMarker = Array("=== END CORRELATION DATA ===".utf8)
  private static let words = Array("=== CORRELATION DATA".utf8)

  /// How many blanks stand before the header; 0 where something else stands before it.
  private(set) var headerIndent = 0
  /// The lines up to the end marker, which is the last one where there is one.
  private(set) var lines: [Line] = []

  /// The text of a block; nil where its header does not stand there as it is.
  init?(_ record: CorrelationRecord, _ log: ArraySlice<UInt8>) {
    var rest = log
    guard let header = Self.takeLine(&rest),
      let place = header.firstRange(of: Array(record.headerText.utf8))
    else { return nil }
    let prefix = header[..<place.lowerBound]
    let isBare = prefix.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    if isBare { headerIndent = prefix.count }
    let member = Self.member(prefix)
    // Lines that end with something of the log's, as the console of Airflow 3 prints them, do not show where their texts end.
    guard member != nil || header[place.upperBound...].allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else {
      return nil
    }
    if let member {
      add(JSONText.lines(header, after: Array(header[member])).dropFirst(), record.line)
    }
    var number = record.line
    while !isEnded, number - record.line < Self.mostLines, let line = Self.takeLine(&rest) {
      number += 1
      if line.firstRange(of: Self.words) != nil { return }
      if let member {
        add(JSONText.lines(line, after: Array(header[member]))[...], number)
      } else if isBare {
        add([(0, Array(line))], number)
      } else if Self.hasShape(line, of: prefix) {
        add([(prefix.count, Array(line.dropFirst(prefix.count)))], number)
      } else if let first = line.first, let of = prefix.first, !Self.isAlike(first, of) {
        add([(0, Array(line))], number)
      }
    }
  }

  /// The first line that holds the end marker and something else; nil where none does.
  var endWithOtherText: Line? {
    lines.first {
      !$0.text.trimmingBlanks.elementsEqual(Self.endMarker) && $0.text.firstRange(of: Self.endMarker) != nil
    }
  }

  private var isEnded: Bool {
    lines.last.map { $0.text.trimmingBlanks.elementsEqual(Self.endMarker) } ?? false
  }

  private mutating func add(_ texts: some Sequence<(offset: Int, text: [UInt8])>, _ number: Int) {
    for (offset, text) in texts where !isEnded {
      lines.append(Line(number: number, column: offset + 1, text: text))
    }
  }

  /// The next physical line, without its end.
  private static func takeLine(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard !text.isEmpty else { return nil }
    let end = text.firstIndex(of: 0x0A) ?? text.endIndex
    let line = text[..<end]
    text = text[min(end + 1, text.endIndex)...]
    return line.last == 0x0D ? line.dropLast() : line
  }

  /// The name of the member that holds the message, up to the quote of its value; nil where the header stands in no JSON.
  private static func member(_ prefix: ArraySlice<UInt8>) -> Range<Int>? {
    guard prefix.last == UInt8(ascii: "\""),
      let start = prefix.lastIndex(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: ",") })
    else { return nil }
    let name = prefix[(start + 1)...]
    return name.contains(UInt8(ascii: ":")) ? name.startIndex..<name.endIndex : nil
  }

  /// Whether a line begins as the header's does, with other digits.
  private static func hasShape(_ line: ArraySlice<UInt8>, of prefix: ArraySlice<UInt8>) -> Bool {
    line.count >= prefix.count && zip(line, prefix).allSatisfy { isAlike($0, $1) }
  }

  private static func isAlike(_ left: UInt8, _ right: UInt8) -> Bool {
    left == right || (isDigit(left) && isDigit(right))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

/// Texts in JSON.
private enum JSONText {
  /// The lines of the text that stands behind some bytes, up to its closing quote, with the place of each; empty where they do not
  /// stand there.
  static func lines(_ json: ArraySlice<UInt8>, after name: [UInt8]) -> [(offset: Int, text: [UInt8])] {
    guard let place = json.firstRange(of: name) else { return [] }
    var lines: [(offset: Int, text: [UInt8])] = [(place.upperBound - json.startIndex, [])]
    var isEscaped = false
    for index in json[place.upperBound...].indices {
      let byte = json[index]
      if isEscaped {
        isEscaped = false
        switch byte {
        case UInt8(ascii: "n"): lines.append((index + 1 - json.startIndex, []))
        case UInt8(ascii: "t"): lines[lines.count - 1].text.append(0x09)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
          lines[lines.count - 1].text.append(byte)
        default: lines[lines.count - 1].text += [UInt8(ascii: "\\"), byte]
        }
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        break
      } else {
        lines[lines.count - 1].text.append(byte)
      }
    }
    if lines.count > 1, lines.last?.text.isEmpty == true { lines.removeLast() }
    return lines
  }
}

extension Collection<UInt8> where Self: BidirectionalCollection {
  fileprivate var trimmingBlanks: SubSequence {
    let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    var rest = drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }
}
