import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// A text that ended without LF, and the next one on the same line (1-correlation-data, Near-miss headers). The parameterised cases scan each
/// log in chunks of all sizes.
@Suite struct GluedLineTests {
  struct Row: Sendable, CustomStringConvertible {
    var name: String
    var lines: [String]
    var expected: [String]
    var description: String { name }
  }

  private static let (header, end) = (Log.header, Log.end)
  private static let open = [Log.text(header, ms: 1), Log.text("theta=0.4", ms: 2)]
  private static let printed = [Log.print(header + "\ntheta=0.4", ms: 1)]

  static let blocks: [Row] = [
    Row(
      name: "two blocks without a newline between them are two blocks",
      lines: [header, "theta=0.4", end + header, "sl=1", end],
      expected: ["1: theta=0.4 [] explicit", "2: sl=1 [] explicit"]),
    Row(
      name: "so they are with blanks between them, a version and pairs",
      lines: [header, "theta=0.4", end + " \t" + "=== CORRELATION DATA v1 === tp=2", "sl=1", end],
      expected: ["1: theta=0.4 [] explicit", "2: sl=1 tp=2 [] explicit"]),
    Row(
      name: "in one record", lines: [Log.text(header), "theta=0.4", end + header, "sl=1", end],
      expected: ["1: theta=0.4 [] explicit", "2: sl=1 [] explicit"]),
    Row(
      name: "the end marker claims the block behind a foreign line",
      lines: [header, "theta=0.4", "step 3", "tp=2", end + header, "sl=1", end],
      expected: ["1: tp=2 theta=0.4 [interrupted] explicit", "2: sl=1 [] explicit"]),
    Row(
      name: "it resumes a suspended block",
      lines: open + [
        Log.text("slow", level: "WARNING", ms: 3), Log.text(end + header, ms: 4), Log.text("sl=1", ms: 5),
      ],
      expected: ["1: theta=0.4 [interrupted] explicit", "2: sl=1 [] implicit:end_of_input"]),
    Row(
      name: "outside of a block it is an orphan, and the header is one",
      lines: ["done", end + header, "sl=1", end], expected: ["1: sl=1 [] explicit", "orphan_end at 2"]),
    Row(
      name: "behind the CR of a progress bar",
      lines: [header, "theta=0.4", "45%|##  |\r" + end + header, "sl=1", end],
      expected: ["1: theta=0.4 [] explicit", "2: sl=1 [] explicit"]),
    Row(
      name: "a third text makes it another line",
      lines: [header, "theta=0.4", end + header + header, "sl=1", end],
      expected: ["1: theta=0.4 [] implicit:other_line", "unrecognised_header at 3", "orphan_end at 5"]),
  ]

  static let ends: [Row] = [
    Row(
      name: "the next block's keys do not feed the block before",
      lines: [header, "theta=0.4", "sortino=1.2" + header, "crypto=SOLUSDC", end],
      expected: [
        "1: theta=0.4 [incomplete_block sortino] implicit:other_line", "unrecognised_header at 3",
        "orphan_end at 5",
      ]),
    Row(
      name: "a word before the end marker", lines: [header, "theta=0.4", "done" + end, "sl=1"],
      expected: ["1: theta=0.4 [] implicit:other_line", "unrecognised_header at 3"]),
    Row(
      name: "a text behind the end marker", lines: [header, "theta=0.4", end + " next line", "sl=1", end],
      expected: ["1: theta=0.4 [] implicit:other_line", "unrecognised_header at 3", "orphan_end at 5"]),
    Row(
      name: "also for a key that was read before",
      lines: [header, "theta=0.4", "sl=1 theta=0.4" + end],
      expected: [
        "1:  [incomplete_block sl, incomplete_block theta] implicit:other_line", "unrecognised_header at 3",
      ]),
    Row(
      name: "an object before the end marker", lines: [header, "theta=0.4", #"{"sl":1}"# + end],
      expected: ["1: theta=0.4 [incomplete_block] implicit:other_line", "unrecognised_header at 3"]),
    Row(
      name: "the last brace of an object before the end marker",
      lines: [header, "theta=0.4", "{", #""sl":1"#, "}" + end],
      expected: ["1: theta=0.4 [incomplete_block] implicit:other_line", "unrecognised_header at 5"]),
    Row(
      name: "the text within an object's string",
      lines: [header, "theta=0.4", "{", #""note":"\#(end)","#, #""sl":1"#, "}", end],
      expected: [
        "1: theta=0.4 [incomplete_block] implicit:other_line", "unrecognised_header at 4", "orphan_end at 7",
      ]),
    Row(
      name: "the text within quotes", lines: [header, "theta=0.4", #"crypto="\#(header)""#, "sl=1", end],
      expected: [
        "1: theta=0.4 [incomplete_block crypto] implicit:other_line", "unrecognised_header at 3",
        "orphan_end at 5",
      ]),
    Row(
      name: "the rest of a number before the end marker", lines: [header, "theta=0.4", "871e" + end],
      expected: ["1:  [cut_value theta] implicit:other_line", "unrecognised_header at 3"]),
    Row(
      name: "a word behind a number", lines: [header, "theta=0.4", "x871" + end],
      expected: ["1: theta=0.4 [] implicit:other_line", "unrecognised_header at 3"]),
    Row(
      name: "the rest of a name: with an end marker the block goes on",
      lines: [header, "crypto=SOL", "USDC" + end, header, "crypto=SOL", "USDC" + header],
      expected: [
        "1:  [cut_value crypto] implicit:other_line", "2: crypto=SOL [] implicit:other_line",
        "unrecognised_header at 3",
        "unrecognised_header at 6",
      ]),
    Row(
      name: "gates that go on", lines: [header, "gates=f1:pass", ",sortino:fail" + header],
      expected: ["1:  [cut_value gates] implicit:other_line", "unrecognised_header at 3"]),
    Row(
      name: "behind a foreign line the next block's marker claims nothing",
      lines: [header, "theta=0.4", "step 3 of 5", "sl=1" + header, "tp=1", end],
      expected: [
        "1: theta=0.4 [cut_short] implicit:other_line", "unrecognised_header at 4", "orphan_end at 6",
      ]),
    Row(
      name: "behind a warning",
      lines: open + [
        Log.text("slow", level: "WARNING", ms: 3), Log.text("sl=1" + header, ms: 4), Log.text("tp=1", ms: 5),
      ],
      expected: [
        "1: theta=0.4 [incomplete_block sl] implicit:other_line", "unrecognised_header at 4",
      ]),
    Row(
      name: "within a warning",
      lines: open + [
        Log.text("slow", level: "WARNING", ms: 3), "done" + end, Log.text("tp=1", ms: 5),
      ],
      expected: ["1: theta=0.4 [] implicit:other_line", "unrecognised_header at 4"]),
    Row(
      name: "a key whose value was to come",
      lines: [Log.print(header, ms: 1), Log.print("theta=", ms: 2), Log.print("0.4" + end, ms: 3)],
      expected: ["1:  [cut_value theta] implicit:other_line", "unrecognised_header at 3"]),
    Row(
      name: "a joined value",
      lines: [
        Log.print(header, ms: 1), Log.print("theta=", ms: 2), Log.print("0.4", ms: 3),
        Log.print(end + " x", ms: 4),
      ],
      expected: [
        "1:  [rejoined_pair theta, cut_value theta] implicit:other_line", "unrecognised_header at 4",
      ]),
    Row(
      name: "a joined value before a line that is nearly a header",
      lines: [
        Log.print(header, ms: 1), Log.print("theta=", ms: 2), Log.print("0.4", ms: 3),
        Log.print("== CORRELATION DATA ==", ms: 4),
      ],
      expected: [
        "1:  [rejoined_pair theta, cut_value theta] implicit:other_line", "unrecognised_header at 4",
      ]),
    Row(
      name: "behind a block that ended with its record it is prose",
      lines: [
        Log.text(header, ms: 1), "theta=0.4", Log.text("done" + header, ms: 2), Log.text("sl=1", ms: 3),
      ],
      expected: ["1: theta=0.4 [] implicit:record_end"]),
    Row(
      name: "where a known key begins it, that block was cut short",
      lines: [Log.text(header, ms: 1), "theta=0.4", Log.text("sl=1" + header, ms: 2)],
      expected: ["1: theta=0.4 [cut_short] implicit:record_end"]),
    Row(
      name: "a second write of a print",
      lines: printed + [Log.print("sl=1" + header, ms: 2)],
      expected: ["1: theta=0.4 [incomplete_block sl] implicit:record_end"]),
    Row(
      name: "a header with pairs", lines: [header + " tp=2" + header, "theta=0.4", end],
      expected: ["unrecognised_header at 1", "orphan_end at 3"]),
    Row(
      name: "outside of a block it is prose", lines: ["x" + header, header, "sl=1", end, "y" + end, "z"],
      expected: ["1: sl=1 [] explicit"]),
  ]

  @Test(arguments: blocks) func `an end marker and a header on one line`(row: Row) {
    #expect(scan(row.lines).summaries == row.expected)
  }

  @Test(arguments: ends) func `a text that is glued to a header or an end marker ends the block`(row: Row) {
    #expect(scan(row.lines).summaries == row.expected)
  }

  @Test func `a line that is cut and glued is a cut line`() {
    #expect(
      scan(cut: Self.open + [Log.text("sl=1" + Self.header, ms: 3)]).summaries
        == ["1: theta=0.4 [incomplete_block sl] implicit:end_of_input"])
    #expect(
      scan(cut: Self.open + [Log.text(Self.end + Self.header, ms: 3)]).summaries
        == ["1: theta=0.4 [] explicit", "2:  [empty_block] implicit:end_of_input"])
  }

  /// A text of more bytes than are held: the rest of the line is searched for a header.
  @Test(arguments: [70_000, 140_000]) func `a long value and a header`(length: Int) {
    let long = "f1_buy=" + String(repeating: "1", count: length) + Self.header
    let found = scan([Self.header, "theta=0.4", long, "crypto=SOLUSDC", Self.end])
    #expect(
      found.summaries == [
        "1: theta=0.4 [incomplete_block f1_buy] implicit:other_line", "unrecognised_header at 3",
        "orphan_end at 5",
      ])
  }

  /// Two records of JSON on one line are a damaged line, which stands in the blocks of all JSON streams.
  @Test func `two records of JSON on one line`() {
    let lines = ["a", "b"].flatMap { [Log.json(Self.header, logger: $0), Log.json("theta=0.4", logger: $0)] }
    let glued = Log.json(Self.end, logger: "a") + Log.json(Self.header, logger: "a")
    let found = scan(lines + [glued, Log.json("sl=1", logger: "a"), Log.json(Self.end, logger: "a")])
    #expect(
      found.summaries == [
        "1: theta=0.4 [incomplete_block] implicit:other_line",
        "2: theta=0.4 [incomplete_block] implicit:other_line",
        "unrecognised_header at 5", "orphan_end at 7",
      ])
  }

  /// The short ways take lines that are one plain pair. No such line can hold the text of a header: its value has no blank.
  @Test(arguments: FieldKey.allCases.map(\.name) + ["gates", "sl%"])
  func `no plain pair holds the text of a header`(key: String) {
    for text in [Self.header, Self.end, Self.end + Self.header] {
      for line in [
        "\(key)=1\(text)", "\(key)=\(text)", "\(key)=\(text)1", "\(key)=\"\(text)\"", "\(key)= \(text)",
      ] {
        let bytes = Array(line.utf8)
        #expect(PairLexer.knownPair(bytes.span) == nil, "\(line)")
      }
    }
  }

  // MARK: Envelopes

  /// The lines of a log of one envelope with these messages, each a record of its own.
  private static func lines(_ definition: EnvelopeDefinition, _ messages: [String]) -> [String] {
    messages.enumerated().map { number, message in
      let inside =
        definition.wraps ? "[2026-03-28T02:14:07.\(100 + number)+0000] {a.py:1} INFO - \(message)" : message
      let example = definition.examples[0]
      return example.replacing(
        "…", with: example.hasPrefix("{") ? inside.replacing("\"", with: "\\\"") : inside)
    }
  }

  @Test(arguments: EnvelopeDefinition.all.filter { !$0.examples.isEmpty }.map(\.name.rawValue))
  func `texts are glued in every envelope`(name: String) throws {
    let definition = try #require(EnvelopeDefinition.all.first { $0.name.rawValue == name })
    let two = [Self.header, "crypto=SOLUSDC", Self.end + Self.header, "crypto=ETHUSDC", "sl=2", Self.end]
    #expect(
      scan(Self.lines(definition, two)).summaries == [
        "1: crypto=SOLUSDC [] explicit", "2: crypto=ETHUSDC sl=2 [] explicit",
      ])
    let one = [Self.header, "crypto=SOLUSDC", "tp=3" + Self.header, "sl=2", Self.end]
    #expect(
      scan(Self.lines(definition, one)).summaries == [
        "1: crypto=SOLUSDC [incomplete_block tp] implicit:other_line", "unrecognised_header at 3",
        "orphan_end at 5",
      ])
  }

  /// Where a log names its tasks in its lines, the second block's task is told too.
  @Test(arguments: [false, true]) func `the block behind an end marker knows its task`(passesOver: Bool)
    throws
  {
    let more = #","dag_id":"d","task_id":"t","run_id":"r","try_number":1,"ti_id":"7""#
    let messages = [Self.header, "theta=0.4", Self.end + Self.header, "sl=1", Self.end]
    let lines = (1...3).flatMap { _ in messages }.enumerated().map { number, message in
      Log.json(message, time: "02:14:0\(number / 5).00\(1000 + number)", more: more)
    }
    let found = Everything(Array(lines.map { $0 + "\n" }.joined().utf8), passesOver: passesOver)
    let tasks = found.events.compactMap { event in
      if case .record(let record) = event { record.identity?.taskID } else { nil }
    }
    #expect(tasks == Array(repeating: "t", count: 6))
  }
}
