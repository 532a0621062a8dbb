import CorrelationGrammar
import LogModel
import Testing

/// An object over the lines of a record decides as one on one line does (1-correlation-data, Suspension;
/// 2-log-envelopes, Records of a block).
@Suite struct DecidingObjectTests {
  private static let open = [Log.text(Log.header), Log.text("crypto=SOLUSDC")]
  private static let suspended = open + [Log.text("slow", level: "WARNING")]
  private static let printed = [Log.print(Log.header), "crypto=SOLUSDC"]

  @Test(arguments: [
    (
      suspended + [Log.text("{"), #""theta": 0.5,"#, #""sl": 1"#, "}", Log.text(Log.end)],
      ["1: crypto=SOLUSDC sl=1 theta=0.5 [interrupted] explicit"]
    ),
    // Nothing but what is new to the block resumes it.
    (
      suspended + [Log.text("{"), #""theta": 0.5,"#, #""crypto": "SOLUSDC""#, "}", Log.text(Log.end)],
      ["1: crypto=SOLUSDC [interrupted] explicit"]
    ),
    (
      suspended + [Log.text("{"), #""theta": 0.5,"#, #""step": 1"#, "}"],
      ["1: crypto=SOLUSDC [cut_short] implicit:other_line"]
    ),
    // What is no object is another line.
    (
      suspended + [Log.text("{"), #""theta": 0.5"#, Log.text("x")],
      ["1: crypto=SOLUSDC [] implicit:other_line"]
    ),
    (
      suspended + [Log.text("{"), Log.header, "horizon=H1", Log.text("x")],
      ["1: crypto=SOLUSDC [] implicit:other_line", "2: horizon=H1 [] implicit:record_end"]
    ),
    // A further record of WARNING that does not resume the block prolongs the suspension.
    (
      suspended + [
        Log.text("{", level: "WARNING"), #""step": 1"#, "}", Log.text("theta=0.5"), Log.text(Log.end),
      ],
      ["1: crypto=SOLUSDC theta=0.5 [interrupted] explicit"]
    ),
    (
      printed + [Log.print("{"), #""theta": 0.5"#, "}", Log.print("x")],
      ["1: crypto=SOLUSDC theta=0.5 [] implicit:record_end"]
    ),
    (
      printed + [Log.print("{"), #""crypto": "SOLUSDC""#, "}", Log.print("x")],
      ["1: crypto=SOLUSDC [] implicit:record_end"]
    ),
  ])
  func `decides at its end`(lines: [String], expected: [String]) {
    #expect(scan(lines).summaries == expected)
  }
}

/// The limit for a structured header (2-log-envelopes, Structured headers): its keys are one body-line, as
/// long as the pairs that say the same.
@Suite struct StructuredHeaderLimitTests {
  private func scanned(noteBytes: Int) -> [CorrelationRecord] {
    let note = String(repeating: "x", count: noteBytes)
    return scan([Log.json(Log.header, more: #","crypto":"SOL","note":"\#(note)""#)]).records
  }

  @Test func `up to it the keys are taken`() {
    // `crypto=SOL ` and `note=… ` are 65,536 bytes together.
    let records = scanned(noteBytes: 65_536 - 11 - 6)
    #expect(records.first?[.crypto] == .text("SOL"))
    #expect(records.first?.end == .recordEnd)
    #expect(records.first?.issues == [])
  }

  @Test func `beyond it nothing is`() {
    #expect(scanned(noteBytes: 65_536 - 11 - 5).map(\.summary) == [" [block_too_long] implicit:limit"])
  }
}

/// Blocks whose body is a JSON object, on one line or over the lines of one record (1-correlation-data,
/// Objects).
@Suite struct JSONBodyTests {
  struct Row: Sendable, CustomStringConvertible {
    var name: String
    var lines: [String]
    var expected: [String]
    var description: String { name }
  }

  private static func row(_ name: String, _ lines: [String], _ expected: String...) -> Row {
    Row(name: name, lines: lines, expected: expected)
  }

  static let rows: [Row] = [
    row(
      "the lines of one record",
      [Log.text(Log.header), "{", #"  "crypto": "SOLUSDC","#, #"  "theta": 0.5"#, "}", Log.end],
      "1: crypto=SOLUSDC theta=0.5 [] explicit"),
    row(
      "pairs before and after an object",
      [Log.text(Log.header), "sl=1", #"{"crypto":"SOLUSDC"}"#, "tp=2", Log.end],
      "1: crypto=SOLUSDC sl=1 tp=2 [] explicit"),
    row(
      "an object with an array elsewhere than in gates is no body-line",
      [Log.text(Log.header), "sl=1", #"{"crypto":"SOLUSDC","folds":[1,2]}"#, "tp=2"],
      "1: sl=1 [cut_short] implicit:other_line"),
    row(
      "an object in an object in an object is none",
      [Log.text(Log.header), "sl=1", #"{"a":{"b":{"tp":2}}}"#],
      "1: sl=1 [] implicit:other_line"),
    row(
      "a section is an object of scalars",
      [Log.text(Log.header), #"{"ml":{"theta":0.5,"note":"x"},"sl":1}"#],
      "1: sl=1 theta=0.5 +note=x [] implicit:record_end"),
    row(
      "sections alone are an empty block",
      [Log.text(Log.header), "[SOLUSDC]", "---", Log.end], "1:  [empty_block] explicit"),
    row(
      "an empty object is a body-line without pairs",
      [Log.text(Log.header), "{}", "sl=1", Log.end], "1: sl=1 [] explicit"),
    row(
      "two objects on one line are no body-line",
      [Log.text(Log.header), #"{"sl":1}{"tp":2}"#], "1:  [empty_block] implicit:other_line"),
    row(
      "an unfinished object is a foreign line, and what cannot carry it on is read as what it is",
      [Log.text(Log.header), "sl=1", "{", "tp=2", Log.end, Log.header, "theta=0.5", Log.text("done x")],
      "1: sl=1 tp=2 [interrupted] explicit", "2: theta=0.5 [] implicit:record_end"),
    row(
      "an unfinished object behind an unfinished object",
      [Log.text(Log.header), "{", "x", Log.header, "{", #""sl":1"#]
        + [Log.text("}"), Log.text(Log.header), Log.text("tp=2"), Log.text(Log.end)],
      "1:  [empty_block, incomplete_block] implicit:other_line",
      "2:  [empty_block, incomplete_block] implicit:other_line", "3: tp=2 [] explicit"),
    row(
      "an unfinished object as the log's last record",
      [Log.text(Log.header), "{", "x", Log.header, "{", #""sl":1"#],
      "1:  [empty_block, incomplete_block] implicit:other_line",
      "2:  [empty_block, incomplete_block] implicit:other_line"),
    row(
      "a closing brace in the next record closes nothing",
      [Log.text(Log.header), Log.text("{"), Log.text(#""sl":1"#), Log.text("}")],
      "1:  [empty_block, incomplete_block] implicit:other_line"),
    row(
      "an object in a WARNING record's lines that is none suspends the block",
      [Log.text(Log.header), Log.text("sl=1"), Log.text("{", level: "WARNING"), "trace", Log.text("tp=2")]
        + [Log.text(Log.end)],
      "1: sl=1 tp=2 [interrupted] explicit"),
    row(
      "one key twice in one object",
      [Log.text(Log.header), #"{"sl":1,"sl":2,"tp":2,"TP":2}"#, Log.end],
      "1: tp=2 [duplicate_key sl] explicit"),
    row(
      "a lone surrogate is no text",
      [Log.text(Log.header), #"{"crypto":"SOL\ud800","note":"a\udc00b"}"#, Log.end],
      "1: +note=a\u{FFFD}b [invalid_utf8 crypto, invalid_utf8 note] explicit"),
    row(
      "gates as an object",
      [Log.text(Log.header), #"{"gates":{"f1":"pass","sortino":false,"trades":1}}"#, Log.end],
      "1: gates=f1:pass,sortino:fail,trades:pass [] explicit"),
    row(
      "an object with gates as an array is no body-line",
      [Log.text(Log.header), "tp=2", #"{"sl":1,"gates":["f1"]}"#],
      "1: tp=2 [] implicit:other_line"),
    row(
      "gates in a section are none",
      [Log.text(Log.header), "tp=2", #"{"ml":{"gates":{"f1":"pass"}}}"#],
      "1: tp=2 [] implicit:other_line"),
    row(
      "an array of one object is that object",
      [Log.text(Log.header), #"[{"sl":1}]"#, Log.end], "1: sl=1 [] explicit"),
    row(
      "an array of two objects feeds nothing and says so",
      [Log.text(Log.header), #"[{"sl":1},{"sl":2}]"#, "tp=2", Log.end],
      "1: tp=2 [malformed_pair] explicit"),
    row(
      "an array of something else is no body-line",
      [Log.text(Log.header), "tp=2", #"[{"sl":1},2]"#], "1: tp=2 [] implicit:other_line"),
    row(
      "what Python prints of a dict",
      [
        Log.text(Log.header),
        "{'crypto': 'SOL', 'f1_buy': np.float64(0.55), 'complete': True, 'note': None, 'ml': {'theta': 5e-05}}",
        Log.end,
      ],
      "1: crypto=SOL f1_buy=0.55 theta=0.00005 complete=true +note=None [] explicit"),
    row(
      "NaN and Infinity in JSON",
      [Log.text(Log.header), #"{"sl":1,"f1_buy":NaN,"sortino":-Infinity,"theta":nan,"tp":inf}"#, Log.end],
      "1: sl=1 [missing_value f1_buy, non_finite sortino, missing_value theta, non_finite tp] explicit"),
    row(
      "a typed field under an object of gates' shape",
      [Log.text(Log.header), #"{"theta":{"sl":1}}"#, Log.end], "1: sl=1 [] explicit"),
  ]

  @Test(arguments: rows)
  func `reads`(row: Row) {
    #expect(scan(row.lines).summaries == row.expected)
  }

  /// The header cannot carry the object on, so its lines are foreign, and the log goes on.
  @Test func `gives up an object of more lines than a block may have`() {
    let open = [Log.text(Log.header), "{"] + (0..<300).map { #""k\#($0)":1,"# }
    let next = [Log.header, "sl=1", Log.end]
    #expect(
      scan(open + next).summaries == [
        "1:  [empty_block, incomplete_block] implicit:other_line", "2: sl=1 [] explicit",
      ])
  }

  @Test func `gives up an object of more bytes than a block may have`() {
    let long = "\"note\":\"" + String(repeating: "x", count: 40_000) + "\","
    let lines = [Log.text(Log.header), "{", long, long, "\"sl\":1}", Log.header, "tp=1", Log.end]
    #expect(
      scan(lines).summaries == [
        "1:  [empty_block, incomplete_block] implicit:other_line", "2: tp=1 [] explicit",
      ])
  }

  /// Found by fuzzing: whatever stood in a record behind an unfinished object was lost where the log was cut.
  @Test(arguments: [true, false])
  func `a header breaks an unfinished object off, whether the log is whole or cut`(isWhole: Bool) {
    let log = scan(
      [Log.text(Log.header), "{ to be continued", Log.header, "sl=1", Log.end], isWhole: isWhole)
    #expect(log.summaries == ["1:  [empty_block] implicit:other_line", "2: sl=1 [] explicit"])
  }

  @Test func `counts an object as one body-line`() {
    let object = ["{"] + (0..<300).map { "\"k\($0)\":1," } + ["\"sl\":1", "}"]
    #expect(scan([Log.text(Log.header)] + object).records.first?[.sl] == .decimal(1))
  }
}
