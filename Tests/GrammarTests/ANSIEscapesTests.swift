import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Escape sequences that are removed before a line is read (2-log-envelopes, How prefixes and lines are
/// read), by the shapes of ECMA-48.
@Suite struct ANSIEscapesTests {
  @Test(
    arguments: [
      ("colours", "\u{1B}[1;36mcrypto\u{1B}[0m=SOL", "crypto=SOL"),
      ("without parameters", "a\u{1B}[mb", "ab"),
      ("private parameters", "a\u{1B}[?25lb\u{1B}[>0qc", "abc"),
      ("intermediate bytes", "a\u{1B}[0 qb", "ab"),
      ("cursor and erase", "\u{1B}[2K\u{1B}[1Ga\u{1B}[10;20H", "a"),
      ("two bytes", "a\u{1B}cb\u{1B}7c", "abc"),
      ("a character set", "a\u{1B}(Bb", "ab"),
      ("a title ended by BEL", "\u{1B}]0;crypto=X\u{7}a", "a"),
      ("a title ended by ST", "\u{1B}]0;x\u{1B}\\a", "a"),
      ("a link", "\u{1B}]8;;http://a\u{1B}\\b\u{1B}]8;;\u{1B}\\", "b"),
      (
        "DCS, SOS, PM and APC", "\u{1B}Pq\u{1B}\\a\u{1B}Xx\u{1B}\\b\u{1B}^x\u{1B}\\c\u{1B}_x\u{1B}\\d", "abcd"
      ),
      ("sequences on end", "\u{1B}[0m\u{1B}[1m\u{1B}[2m", ""),
      ("nothing to remove", "a[0mb", "a[0mb"),
      ("a lone ESC at the end", "a\u{1B}", "a\u{1B}"),
      ("an unfinished sequence", "a\u{1B}[1;2", "a\u{1B}[1;2"),
      ("an unfinished title keeps the line", "\u{1B}]0;theta=0.5", "\u{1B}]0;theta=0.5"),
      ("ESC before a control character", "a\u{1B}\u{1}b", "a\u{1B}\u{1}b"),
      ("ESC before text that is not ASCII", "a\u{1B}éb", "a\u{1B}éb"),
      ("a broken sequence before a whole one", "\u{1B}[1\u{1B}[0ma", "\u{1B}[1a"),
    ])
  func `removes`(name: String, text: String, expected: String) {
    let bytes = Array(text.utf8)
    var plain: [UInt8] = []
    ANSIEscapes.strip(bytes.span, in: 0..<bytes.count, into: &plain)
    #expect(String(decoding: plain, as: UTF8.self) == expected)
  }

  @Test func `looks at its range only`() {
    let bytes = Array("\u{1B}[0mab\u{1B}[0m".utf8)
    var plain: [UInt8] = []
    ANSIEscapes.strip(bytes.span, in: 4..<9, into: &plain)
    #expect(plain == Array("ab\u{1B}[0".utf8))
  }

  @Test func `colours hide neither prefixes nor headers nor pairs`() {
    let lines = [
      "[\u{1B}[34m2026-03-28T02:14:07.123+0000\u{1B}[0m] {\u{1B}[34mlaunch.py:\u{1B}[0m141} INFO\u{1B}[0m - \u{1B}[1m"
        + Log.header + "\u{1B}[0m\r",
      "\u{1B}[33mcrypto\u{1B}[0m=\u{1B}[32mBTCUSDC\u{1B}[0m\r", "\u{1B}[1m" + Log.end + "\u{1B}[0m\r",
    ]
    let record = scan(lines).records.first
    #expect(record?.summary == "crypto=BTCUSDC [] explicit")
    #expect(record?.headerTime?.description == "2026-03-28T02:14:07.123Z")
    let json = [Log.json(#"\u001b[1m=== CORRELATION DATA ===\u001b[0m\nsl\u001b[0m=1"#)]
    #expect(scan(json).summaries == ["1: sl=1 [] implicit:record_end"])
  }
}
