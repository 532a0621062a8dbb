import TestSupport
import Testing

/// What `lint` says of lines that are no pairs, of markers that are not alone on their line, and of forms that are not strict
/// (5-command-line, Exit codes).
@Suite struct LintLineTests {
  private static let header = "=== CORRELATION DATA ==="
  private static let end = "=== END CORRELATION DATA ==="

  private static func block(_ lines: String) -> String { "\(header)\n\(lines)\n\(end)\n" }

  /// The findings of a log, without the name of the input.
  private static func findings(_ log: String) throws -> [String] {
    try Program.run("lint", "-", input: Array(log.utf8)).lines.filter { !$0.isEmpty }
      .map { String($0.dropFirst("<stdin>:".count)) }
  }

  private static let pairsOnly = "print nothing but pairs between header and end marker"
  private static let object =
    "print the pairs as lines of their own; an object may hold texts, numbers and one level of groups, and no list"

  /// "write the block with one call" was the answer to all of them.
  private static let lines: [(line: String, cure: String)] = [
    ("note=two words", #"print note="two words""#), ("note2='a b'", #"print note2="a b""#),
    ("- note=two words", #"print note="two words""#),
    (#"note=say "hi" twice"#, #"print note="say \"hi\" twice""#),
    ("note=a b c=3", "print one pair a line, and a value with blanks in double quotes"),
    ("f1 buy=0.55", "did you mean f1_buy? print f1_buy=0.55"),
    (#""f1_buy"=0.55"#, "did you mean f1_buy? print f1_buy=0.55"),
    ("my key=3", "a key is a letter, and then letters, digits, _, . and -; print my_key=3"),
    ("1st=3", "a key is a letter, and then letters, digits, _, . and -; print another"),
    ("schlüssel=3", "print the key in ASCII: a letter, and then letters, digits, _, . and -"),
    ("time=3", "a line that begins with time= is an ordinary log line; give the key another name"),
    ("level=INFO", "a line that begins with level= is an ordinary log line; give the key another name"),
    ("export crypto=SOLUSDC", "print crypto=SOLUSDC"),
    ("# scores", pairsOnly), ("******", pairsOnly), ("// ml", pairsOnly),
    (#"{"crypto":"SOLUSDC","folds":[1,2]}"#, object), (#"{"SOLUSDC":{"H4":{"f1_buy":0.5}}}"#, object),
    ("{\n\"crypto\": \"SOLUSDC\",\n\"folds\": [1, 2]\n}", object),
    (#""crypto": "SOLUSDC","#, "print crypto=SOLUSDC"),
    ("baseline_f1_buy -> 0.4", "print baseline_f1_buy=0.4"), ("f1_buy     0.55", "print f1_buy=0.55"),
    ("| f1_buy | 0.55 |", "print f1_buy=0.55"),
    ("f1_buy sortino", "print each key with its value, key=value, one pair a line"),
    ("Note: all done", #"print it before or behind the block, or, where it is a pair, as Note="all done""#),
    (
      "loading data",
      pairsOnly + ", and where the line is another writer's, write the block with one call"
    ),
  ]

  @Test(arguments: lines)
  func `a line that is no pair is told what to print instead`(line: String, cure: String) throws {
    let shown = line.split(separator: "\n")[0]
    #expect(
      try Self.findings(Self.block("\(line)\nsl=1")) == ["2:1: interrupted: `\(shown)`; \(cure)"])
    // Followed literally, nothing is found of the pair.
    let pairs = cure.matches(of: /(?:print|as) ([A-Za-z_0-9]+=("[^"\\]*(\\.[^"\\]*)*"|[^ ,;]+))$/).map {
      String($0.output.1)
    }
    for pair in pairs { #expect(try Self.findings(Self.block(pair)) == [], "\(pair)") }
  }

  @Test func `a line that is too long is told its length`() throws {
    let found = try Self.findings(Self.block("sl=1\nnote=" + String(repeating: "x", count: 70_000)))
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("3:1: interrupted: `note=xxx") == true)
    #expect(found.first?.hasSuffix("; the line is over 64 KiB; print a shorter value") == true)
  }

  /// A block took three rounds: the first line alone was told.
  @Test func `every line that is no pair is told at once`() throws {
    let found = try Self.findings(Self.block("sl=1\nmy key=3\ntp=2\n# scores\nnote=two words\nloading"))
    #expect(
      found.map { $0.prefix(17) } == [
        "3:1: interrupted:", "5:1: interrupted:", "6:1: interrupted:", "7:1: interrupted:",
      ])
  }

  /// The block was called empty, with "print no header where there is nothing to tell".
  @Test func `a block of lines that are no pairs is not called empty`() throws {
    #expect(
      try Self.findings(Self.block("f1_buy -> 0.5\nsortino -> 3")).map { $0.prefix(17) } == [
        "2:1: interrupted:", "3:1: interrupted:",
      ])
    #expect(try Self.findings(Self.block("")).count == 1)
  }

  /// `crypto` was blamed, which is the reading's word for it, and nothing said why.
  @Test func `a value that the next line may go on is told which line that is`() throws {
    #expect(
      try Self.findings(Self.block("crypto=SOLUSDC\nf1 buy=0.55")) == [
        "2:8: cut_value: crypto: `SOLUSDC`; line 3 may be the rest of it; change that line",
        "3:1: interrupted: `f1 buy=0.55`; did you mean f1_buy? print f1_buy=0.55",
      ])
  }

  @Test func `lines are told in records with prefixes and in JSON too`() throws {
    let prefix = "[2026-03-28T02:14:07.123+0000] {a.py:1} INFO - "
    let column = prefix.utf8.count + 1
    let records = [Self.header, "sl=1", "# scores", "my key=3", Self.end].map { prefix + $0 + "\n" }.joined()
    #expect(
      try Self.findings(records).map { $0.prefix { $0 != ";" } } == [
        "3:\(column): interrupted: `# scores`", "4:\(column): interrupted: `my key=3`",
      ])
    let record = prefix + Self.block("sl=1\n# scores\nmy key=3")
    #expect(
      try Self.findings(record).map { $0.prefix { $0 != ";" } } == [
        "3:1: interrupted: `# scores`", "4:1: interrupted: `my key=3`",
      ])
    let json =
      #"{"timestamp":"2026-03-28T02:14:07.1Z","event":""#
      + Self.block("sl=1\n# scores\nmy key=3").dropLast().replacing("\n", with: "\\n") + "\"}\n"
    #expect(
      try Self.findings(json).map { $0.split(separator: " ", maxSplits: 1)[1].prefix { $0 != ";" } } == [
        "interrupted: `# scores`", "interrupted: `my key=3`",
      ])
  }

  /// Objects over several lines, and pairs in two pieces, are no lines that are no pairs.
  @Test func `lines of an object are not told one by one`() throws {
    #expect(
      try Self.findings(Self.block("{\n\"sl\": 1,\n\"tp\": 2\n}\nloading")).map { $0.prefix(17) } == [
        "2:1: json_body: `", "6:1: interrupted:",
      ])
  }

  /// With the header's cure a producer made five findings of two.
  @Test(arguments: ["[INFO] ", "INFO ", "12:00:01 ", "(1) ", "* ", "INFO:"])
  func `an end marker with something before it gets the end marker's cure`(prefix: String) throws {
    let log = "\(Self.header)\nsl=1\n\(prefix)\(Self.end)\n"
    let found = try Self.findings(log)
    #expect(found.count == 1)
    #expect(
      found.first?.contains(
        "3:1: unrecognised_header: `\(prefix)\(Self.end)`; print \(Self.end) and nothing else on the line")
        == true, "\(found)")
  }

  /// The format that lint names reads the log.
  @Test(arguments: [
    ("2026-11-30 10:00:00,123 ", "%(asctime)s %(message)s"), ("[INFO] ", "[%(levelname)s] %(message)s"),
    ("INFO ", "%(levelname)s %(message)s"),
    ("2026-11-30 10:00:00,123 train INFO ", "%(asctime)s train %(levelname)s %(message)s"),
    ("2026-11-30 10:00:00,123 | INFO | train | ", "%(asctime)s | %(levelname)s | train | %(message)s"),
  ])
  func `where a line format reads the header it is named`(prefix: String, format: String) throws {
    let log = [Self.header, "sl=1", Self.end].map { prefix + $0 + "\n" }.joined()
    let found = try Self.findings(log)
    #expect(
      found.first?.hasSuffix(
        "; print \(Self.header) and nothing else on the line, or give --line-format '\(format)'") == true,
      "\(found)")
    let read = try Program.run("lint", "--line-format", format, "-", input: Array(log.utf8))
    #expect(read.status == 0, "\(read.text)")
  }

  /// `--line-format` was the advice, and refused such a format.
  @Test(arguments: ["train ", "[train] ", "testing H4 "])
  func `where no line format can read the header it is not named as the cure`(prefix: String) throws {
    let log = [Self.header, "sl=1", Self.end].map { prefix + $0 + "\n" }.joined()
    #expect(
      try Self.findings(log).first?.contains(
        "; print \(Self.header) and nothing else on the line: end the line before it, or log it with %(asctime)s or %(levelname)s"
      ) == true)
  }

  /// "print the header as it is spelled" was the advice, and it was spelled right.
  @Test(arguments: [
    (#"{"event":"HEADER","level":"info"}"#, "give the event a key timestamp with an ISO time"),
    (#"{"event":"HEADER","timestamp":1764500000.1}"#, "give the event a key timestamp with an ISO time"),
    (#"{"event":"HEADER","ts":"2026-03-28T02:14:07.1Z"}"#, "give the event a key timestamp with an ISO time"),
    (#"{"msg":"HEADER","sl":"1","timestamp":"2026-03-28T02:14:07.1Z"}"#, "and the header as its key event"),
    ("event='HEADER' timestamp=2026-03-28T02:14:07.1Z", "use a renderer of JSON with an ISO timestamp"),
    (#"timestamp=2026-03-28T02:14:07.1Z event="HEADER""#, "use a renderer of JSON with an ISO timestamp"),
  ])
  func `a structured line that is not read is told what it lacks`(line: String, cure: String) throws {
    let log = line.replacing("HEADER", with: Self.header) + "\n"
    #expect(try Self.findings(log).first?.contains(cure) == true)
    #expect(try Self.findings(log).first?.contains("--line-format; ") == false)
  }

  /// The line was never named: scores behind it were lost, and the last line was blamed.
  @Test func `a line of signs that ends a block is told at its line`() throws {
    let cure = "print === END CORRELATION DATA === where the block ends, and no line of signs before it"
    #expect(try Self.findings(Self.block("sl=1\n======\ntp=2")) == ["3:1: sign_end: `======`; \(cure)"])
    #expect(try Self.findings("\(Self.header)\nsl=1\n=====\n") == ["3:1: sign_end: `=====`; \(cure)"])
    #expect(try Self.findings(Self.block("======\nsl=1")).map { $0.prefix(11) } == ["2:1: banner"])
  }

  @Test func `a block that is too long is one finding`() throws {
    let found = try Self.findings(Self.block((0..<300).map { "x\($0)=1" }.joined(separator: "\n")))
    #expect(found.map { $0.prefix(20) } == ["258:1: block_too_long"].map { $0.prefix(20) })
  }

  /// The page says that each of these is not the strict form, and lint was silent.
  @Test(arguments: [
    ("sl=1\n\ntp=2", ["3:1: blank_line: a line without text"]), ("  sl=1", ["2:3: indented: `sl=1`"]),
    ("f1_buy=0.55,", ["2:1: trailing_separator: `f1_buy=0.55,`"]),
    ("sl=1;", ["2:1: trailing_separator: `sl=1;`"]),
    (
      "gates=f1:pass, sortino:fail",
      ["2:1: blank_in_gates: `gates=f1:pass, sortino:fail`; print gates=f1:pass,sortino:fail"]
    ),
    ("crypto='SOLUSDC'", ["2:1: single_quotes: `crypto='SOLUSDC'`; print crypto=SOLUSDC"]),
    ("tp%=30%", ["2:1: percent_in_key: `tp%=30%`; print tp_pct=30%"]),
    (#"note="a, ""#, []), ("note=\"it's\"", []), ("gates=\"f1:pass, sortino:fail\"", []),
  ])
  func `a form that is not strict is told`(lines: String, findings: [String]) throws {
    let found = try Self.findings(Self.block(lines))
    #expect(found.count == findings.count, "\(found)")
    for (line, finding) in zip(found, findings) { #expect(line.hasPrefix(finding), "\(line)") }
  }

  @Test func `an indented header and end marker are told`() throws {
    #expect(
      try Self.findings("  \(Self.header)\nsl=1\n \(Self.end)\n").map { $0.prefix { $0 != "`" } } == [
        "1:3: indented: ", "3:2: indented: ",
      ])
  }
}
