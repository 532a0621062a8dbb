import TestSupport
import Testing

@testable import LogInput

/// Content that is no log is refused with what it is, and was `complete` without blocks for ever (2-log-envelopes, Content that is no
/// log).
@Suite struct ForeignContentTests {
  private static let text = lines(0..<40)

  /// A text with so many bytes a character, the bytes of a mark before it.
  private static func wide(_ mark: [UInt8], _ width: Int, isBigEndian: Bool) -> [UInt8] {
    mark
      + text.flatMap { byte in
        let zeros = [UInt8](repeating: 0, count: width - 1)
        return isBigEndian ? zeros + [byte] : [byte] + zeros
      }
  }

  private static func tar(_ name: String, _ content: [UInt8]) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    header.replaceSubrange(0..<name.utf8.count, with: name.utf8)
    header.replaceSubrange(257..<262, with: "ustar".utf8)
    return header + content
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var content: ForeignContent?
    var name: String
    var bytes: [UInt8]
    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(content: .zstd, name: "zstd", bytes: [0x28, 0xB5, 0x2F, 0xFD, 0x04, 0x58, 0x91, 0x61]),
    Case(content: .xz, name: "xz", bytes: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0x00, 0x04]),
    Case(content: .bzip2, name: "bzip2", bytes: Array("BZh91AY&SY".utf8) + [0x7F, 0xB2, 0x8B]),
    Case(
      content: .bzip2, name: "bzip2 of nothing",
      bytes: Array("BZh9".utf8) + [0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0]),
    Case(content: .zip, name: "zip", bytes: Array("PK".utf8) + [3, 4, 20, 0] + text),
    Case(
      content: .zip, name: "empty zip", bytes: Array("PK".utf8) + [5, 6] + [UInt8](repeating: 0, count: 18)),
    Case(content: .tar, name: "tar of a log", bytes: tar("attempt=1.log", text)),
    Case(content: .elf, name: "ELF", bytes: [0x7F] + Array("ELF".utf8) + [2, 1, 1]),
    Case(content: .utf16, name: "UTF-16LE with a mark", bytes: wide([0xFF, 0xFE], 2, isBigEndian: false)),
    Case(content: .utf16, name: "UTF-16BE with a mark", bytes: wide([0xFE, 0xFF], 2, isBigEndian: true)),
    Case(content: .utf16, name: "UTF-16LE", bytes: wide([], 2, isBigEndian: false)),
    Case(content: .utf16, name: "UTF-16BE", bytes: wide([], 2, isBigEndian: true)),
    Case(
      content: .utf32, name: "UTF-32LE with a mark", bytes: wide([0xFF, 0xFE, 0, 0], 4, isBigEndian: false)),
    Case(
      content: .utf32, name: "UTF-32BE with a mark", bytes: wide([0, 0, 0xFE, 0xFF], 4, isBigEndian: true)),
    Case(content: .utf32, name: "UTF-32LE", bytes: wide([], 4, isBigEndian: false)),
    Case(content: .utf32, name: "UTF-32BE", bytes: wide([], 4, isBigEndian: true)),
    Case(content: .binary, name: "all bytes", bytes: (0..<40).flatMap { _ in (0...255).map(UInt8.init) }),
    Case(
      content: .binary, name: "SQLite",
      bytes: Array("SQLite format 3\0".utf8) + [0x10, 0, 1, 1, 0, 0x40, 0x20, 0x20] + [1, 2, 3]),
    Case(content: nil, name: "text", bytes: text),
    Case(content: nil, name: "nothing", bytes: []),
    Case(
      content: nil, name: "text with a hole of zeros", bytes: text + [UInt8](repeating: 0, count: 4096) + text
    ),
    Case(content: nil, name: "zeros alone", bytes: [UInt8](repeating: 0, count: 9000)),
    Case(content: nil, name: "text and then zeros", bytes: text + [UInt8](repeating: 0, count: 9000)),
    Case(content: nil, name: "zeros and then text", bytes: [UInt8](repeating: 0, count: 300) + text),
    Case(content: nil, name: "text of another encoding", bytes: Array("caf".utf8) + [0xE9, 0x0A]),
    Case(content: nil, name: "terminal colours and a bell", bytes: Array("\u{1B}[1mx\u{1B}[0m\u{7}\n".utf8)),
    Case(content: nil, name: "text that begins like a zip", bytes: Array("PKG=x\n".utf8)),
    Case(content: nil, name: "text that begins like bzip2", bytes: Array("BZh9 is a model\n".utf8)),
    Case(content: nil, name: "the beginning of a zip's mark", bytes: Array("PK".utf8) + [3]),
    Case(content: nil, name: "a byte order mark of UTF-8", bytes: [0xEF, 0xBB, 0xBF] + text),
    Case(content: nil, name: "a binary behind 8 KiB of text", bytes: lines(0..<300) + [0, 1, 2, 3, 0xFF]),
  ]

  private func check(_ decoded: Decoded, _ expected: Case, _ cut: Chunking) {
    if let content = expected.content {
      #expect(decoded.reading.status == .failed, "\(cut)")
      #expect(decoded.damage == .init(kind: .foreign(content), offset: nil), "\(cut)")
    } else {
      #expect(decoded.reading.status == .complete, "\(cut)")
      #expect(decoded.content == expected.bytes, "\(cut)")
    }
  }

  @Test(arguments: cases) func `content is told by its first bytes`(expected: Case) {
    for cut in Chunking.few(for: expected.bytes.count, randomCuts: 5) {
      check(decode(expected.bytes, cut: cut, refusesForeign: true), expected, cut)
    }
    #expect(
      decode(expected.bytes, refusesForeign: true).content == (expected.content == nil ? expected.bytes : []))
  }

  @Test(arguments: cases) func `inside gzip too`(expected: Case) {
    let packed = Gzip.member(expected.bytes)
    for file in [packed, Gzip.member(packed)] {
      for cut in Chunking.few(for: file.count, randomCuts: 3) {
        let decoded = decode(file, cut: cut, refusesForeign: true)
        if expected.bytes.isEmpty { continue }
        check(decoded, expected, cut)
      }
    }
  }

  @Test(arguments: ForeignContent.allCases) func `it is said what it is and what to do`(
    content: ForeignContent
  ) {
    let text = InputError(.foreign(content), path: "a.log").description
    #expect(text.hasPrefix("a.log: is "))
    #expect(text.contains("; "))
    if content != .binary, content != .elf {
      #expect(text.lowercased().contains(content.rawValue.lowercased()))
    }
    #expect(InputError(.foreign(content), path: "a.log").concern == .content)
  }

  /// A live pipe shows its lines at once.
  @Test func `ordinary text does not wait for more`() {
    var decoder = LogDecoder(bufferBytes: 65_536, limits: ReadLimits(), fingerprints: false)
    var sink = RecordingSink()
    let line = lines(0..<1)
    _ = decoder.take(line.span, into: &sink)
    #expect(sink.content == line)
  }
}
