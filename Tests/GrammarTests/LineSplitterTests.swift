import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Physical lines, and what is kept of those that are too long.
@Suite struct LineSplitterTests {
  struct Line: Equatable {
    var text: String
    var line: Int
    var offset: Int
    var isOverlong = false
    var holdsHeader = false
    var isCut = false
  }

  private func split(_ text: String, cut: Chunking? = nil, text textLimit: Int = 40, json: Int = 60) -> [Line]
  {
    var splitter = LineSplitter(.standard, textLimit: textLimit, jsonLimit: json)
    var lines: [Line] = []
    let bytes = Array(text.utf8)
    func keep(_ line: Span<UInt8>, _ attributes: LineSplitter.Attributes) {
      lines.append(
        Line(
          text: line.text(in: 0..<line.count).text, line: attributes.position.line,
          offset: attributes.position.offset, isOverlong: attributes.isOverlong,
          holdsHeader: attributes.holdsHeader, isCut: attributes.isCut))
    }
    (cut ?? Chunking(name: "whole", ranges: [0..<bytes.count])).forEachChunk(of: bytes) { chunk in
      splitter.split(chunk) { keep($0, $1) }
    }
    splitter.finish { keep($0, $1) }
    #expect(splitter.bytesConsumed == bytes.count)
    return lines
  }

  @Test func `lines end in LF only`() {
    let text = "a\r\n\nb\rc\u{2028}d\u{85}e\u{B}f\u{C}g\nlast"
    #expect(
      split(text) == [
        Line(text: "a\r", line: 1, offset: 0), Line(text: "", line: 2, offset: 3),
        Line(text: "b\rc\u{2028}d\u{85}e\u{B}f\u{C}g", line: 3, offset: 4),
        Line(text: "last", line: 4, offset: 19, isCut: true),
      ])
    #expect(split("") == [])
    #expect(split("\n") == [Line(text: "", line: 1, offset: 0)])
  }

  private static let header = "=== CORRELATION DATA"

  /// A text line is 40 bytes long here, a JSON line 60.
  static let limits: [(String, String, Int, Bool, Bool)] = [
    ("text at its limit", String(repeating: "x", count: 40), 40, false, false),
    ("text over it", String(repeating: "x", count: 41), 40, true, false),
    ("JSON at its limit", "{" + String(repeating: "x", count: 59), 60, false, false),
    ("JSON over it", "{" + String(repeating: "x", count: 60), 60, true, false),
    ("JSON behind blanks", " \t{" + String(repeating: "x", count: 57), 60, false, false),
    ("JSON with a header it holds", "{" + header + String(repeating: "x", count: 60), 60, true, true),
    (
      "JSON with a header behind the limit", "{" + String(repeating: "x", count: 200) + header, 60, true, true
    ),
    ("JSON with a header across the limit", "{" + String(repeating: "x", count: 50) + header, 60, true, true),
    (
      "JSON with a header that ends at the limit", "{" + String(repeating: "x", count: 39) + header + "y", 60,
      true, true
    ),
    (
      "JSON with half a header at the limit and half at the end",
      "{" + String(repeating: "x", count: 49) + "=== CORREL" + String(repeating: "x", count: 50)
        + "ATION DATA", 60,
      true, false
    ),
    ("blanks, then text", String(repeating: " ", count: 50) + "x", 40, true, false),
    ("blanks, then JSON", String(repeating: " ", count: 50) + "{}", 52, false, false),
    ("nothing but blanks", String(repeating: " ", count: 61), 60, true, false),
  ]

  @Test(arguments: limits)
  func `keeps as much as the limit allows`(
    name: String, text: String, held: Int, isOverlong: Bool, holdsHeader: Bool
  ) {
    let line = Line(
      text: String(text.prefix(held)), line: 1, offset: 0, isOverlong: isOverlong, holdsHeader: holdsHeader)
    let next = Line(text: "next", line: 2, offset: text.utf8.count + 1)
    for cut in Chunking.all(for: text.utf8.count + 6, randomCuts: 100) {
      #expect(split(text + "\nnext\n", cut: cut) == [line, next], "\(name), \(cut)")
    }
    var last = line
    last.isCut = true
    for cut in Chunking.all(for: text.utf8.count, randomCuts: 20) where !text.isEmpty {
      #expect(split(text, cut: cut).map(\.text) == [last.text], "\(name) without LF, \(cut)")
      #expect(split(text, cut: cut).map(\.isOverlong) == [isOverlong], "\(name) without LF, \(cut)")
    }
  }

  @Test func `forgets a dropped header with its line`() {
    let long = "{" + String(repeating: "x", count: 200)
    for cut in Chunking.few(for: 450, randomCuts: 100) {
      let lines = split(
        long + Self.header + "\n" + long + "y\n" + String(repeating: "z", count: 24) + "\n", cut: cut)
      #expect(lines.map(\.holdsHeader) == [true, false, false], "\(cut)")
    }
  }

  /// "A physical line of any length outside a block costs no memory": 64 MiB in one line.
  @Test func `a line of any length leaves no more than its beginning`() {
    var splitter = LineSplitter(.standard, textLimit: 131_072, jsonLimit: 4 << 20)
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    var kept: [Int] = []
    for _ in 0..<64 { splitter.split(piece.span) { line, _ in kept.append(line.count) } }
    #expect(kept.isEmpty)
    #expect(splitter.bytesConsumed == 64 << 20)
    let end: [UInt8] = [0x0A]
    splitter.split(end.span) { line, attributes in
      kept.append(line.count)
      #expect(attributes.isOverlong)
    }
    #expect(kept == [131_072])
  }
}

extension LineSplitter {
  /// Takes the lines of a chunk one after the other.
  fileprivate mutating func split(_ chunk: Span<UInt8>, _ body: (Span<UInt8>, Attributes) -> Void) {
    var position = 0
    while position < chunk.count { position = takeLine(chunk, from: position, body) }
  }
}
