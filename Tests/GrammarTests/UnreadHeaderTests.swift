import CorrelationGrammar
import LogModel
import Testing

/// Headers from which no block comes are said, whatever the envelope (1-correlation-data, Near-miss headers and Unread headers).
@Suite struct UnreadHeaderTests {
  private func issues(_ lines: [String]) -> [String] {
    scan(lines).sourceIssues.map { issue in
      "\(issue.kind.rawValue) \(issue.line)" + (issue.places.map { " of \($0)" } ?? "")
    }
  }

  @Test(arguments: [
    [Log.text("INFO:root:=== CORRELATION DATA ===")],
    ["28/03/2026 02:14:07 [info     ] === CORRELATION DATA ===       [root] loc=x.py:1"],
    [#"{"level": "info", "event": "=== CORRELATION DATA ===", "logger": "root"}"#],
    ["base [2026-03-28T02:14:07.123+0000] {a.py:1} INFO - === CORRELATION DATA ==="],
    [Log.json("step", more: #","detail":"=== CORRELATION DATA ===""#)],
    ["looking for CORRELATION DATA"],
  ])
  func `a header in an unknown envelope is no silence`(lines: [String]) {
    #expect(issues(lines) == ["unread_header 1 of 1"])
    #expect(issues(["before"] + lines + ["after"] + lines) == ["unread_header 2 of 2"])
  }

  @Test func `it is said once, with the first line and how many there are`() throws {
    let line = "a CORRELATION DATA b CORRELATION DATA " + String(repeating: "x", count: 300)
    let found = try #require(scan(["x", line, "y", line, Log.end, line]).sourceIssues.last)
    #expect(found.kind == .unreadHeader)
    #expect(found.line == 2)
    #expect(found.offset == 2)
    #expect(found.places == 4)
    #expect(found.raw == String(line.prefix(200)))
  }

  @Test func `where the last line has no LF, it is said too`() {
    #expect(scan(cut: ["x", "a CORRELATION DATA"]).sourceIssues.map(\.kind) == [.unreadHeader])
  }

  /// A terminal folds lines, a writer hands output on in chunks: wherever the header is cut, the log is not silent.
  @Test(arguments: [Log.header, Log.end, "=== CORRELATION DATA v1 ==="], 1..<23)
  func `a header that a line's end cuts is no silence`(marker: String, place: Int) {
    let parts = [String(marker.prefix(place)), String(marker.dropFirst(place))]
    let logs = [
      [Log.text(parts[0]), parts[1]],
      parts.map { Log.text($0) },
      [Log.text(parts[0]), Log.text("of another thread", file: "other.py"), Log.text(parts[1])],
      parts.map { Log.json($0) },
      [Log.json(parts.joined(separator: #"\n"#))],
      [
        "2026-03-28 02:14:07.123456+00:00 [info     ] \(parts[0])       [root] loc=x.py:1",
        "2026-03-28 02:14:07.123457+00:00 [info     ] \(parts[1])       [root] loc=x.py:1",
      ],
      parts.map { "[2026-03-28T02:14:07.1Z] INFO - \($0) source=task loc=x.py:3" },
      parts.map { "unknown: \u{1b}[32m\($0)\u{1b}[0m" },
    ]
    for log in logs {
      #expect(!issues(log).isEmpty, "\(log)")
      #expect(!issues((0..<20).map { Log.text("epoch \($0)") } + log).isEmpty, "\(log)")
    }
  }

  @Test func `of words that are cut the places are said`() {
    let folded = [
      "[2026-03-28T02:14:07.123+0000] {launch_discovery.py:137} INFO - === CORRELATION ", "DATA ===", "sl=1",
      "[2026-03-28T02:14:08.123+0000] {launch_discovery.py:140} INFO - === END CORRELAT", "ION DATA ===",
    ]
    #expect(issues(folded) == ["unread_header 1 of 2"])
    #expect(issues(["=== CORR", "ELATION DATA ==="]) == ["unread_header 2 of 1"])
    // Where a line has the words, these are the places.
    #expect(issues(folded + ["=== x CORRELATION DATA"]) == ["unread_header 6 of 1"])
    #expect(issues(["=== x CORRELATION DATA"] + folded) == ["unread_header 1 of 1"])
  }

  @Test(arguments: [
    "=== CORRELATION ===", "=== CORRELATION of DATA ===", "=== CORRELATION: 0.5", "=== VALIDATION DATA ===",
    "=== RELATION DATA ===", "=== TRANSACTION DATA ===", "ION DATA ===", "CORRELATION", "DATA ===",
    "see TION DATA", "=== CORRELATIONS", "=== correlat",
  ])
  func `titles like it are nothing`(line: String) {
    #expect(issues([line]) == [])
    #expect(issues([Log.text(line)]) == [])
    #expect(issues([Log.json(line)]) == [])
  }

  @Test func `a line that has not ended cuts nothing`() {
    #expect(scan(cut: ["x", "=== CORREL"]).sourceIssues == [])
    #expect(scan(cut: ["x", "=== CORRELATION "]).sourceIssues == [])
    #expect(scan(cut: ["x", "ATION DATA ==="]).sourceIssues.map(\.kind) == [.unreadHeader])
  }

  /// `scan` cuts the bytes into chunks of all sizes, which must give the same.
  @Test(arguments: [0, 1, 40, 60, 130])
  func `parts of the words lie at all distances from the ends of lines`(blanks: Int) {
    let room = String(repeating: " ", count: blanks)
    let letters = String(repeating: "x", count: blanks)
    for (text, isPart) in [
      ("\(letters)=== CORRELATION\(room)", blanks < 50), ("\(room)ATION DATA v1 ===\(letters)", true),
      ("\(letters)\(room)RELATION DATA ===", true), ("\(letters)=== END CORRELATION DA\r", true),
      ("\(letters)\u{1b}[1;3mELATION DATA ===", true),
    ] {
      let lines = [letters, text + "\n" + letters, text, room + letters]
      #expect(scan(lines).sourceIssues.map(\.places) == (isPart ? [2] : []), "\(text)")
    }
  }

  @Test func `the words in small letters, or in part, are nothing`() {
    #expect(issues(["the correlation data of SOL", "CORRELATION", "DATA", "CORRELATION  DATA set"]) == [])
  }

  @Test func `a log that gives a block has no unread header`() {
    let quoted = Log.text("looking for '=== CORRELATION DATA ==='")
    #expect(issues([quoted] + Log.block("sl=1") + [quoted]) == [])
  }

  @Test func `a place that has an issue is not told of twice`() {
    #expect(
      issues([Log.text("root: === CORRELATION DATA ==="), Log.text("## CORRELATION DATA")])
        == ["unrecognised_header 2"])
    #expect(
      issues([Log.text("## CORRELATION DATA"), Log.text("root: === CORRELATION DATA ===")])
        == ["unrecognised_header 1"])
  }

  /// A lost header leaves its end marker, which is a place as others are.
  @Test func `an orphan end does not hide it`() {
    #expect(issues([Log.text(Log.end)]) == ["orphan_end 1", "unread_header 1 of 1"])
  }

  @Test(arguments: [
    Log.text("### CORRELATION DATA ###"), Log.print("correlation data"), Log.json("[CORRELATION DATA]"),
    Log.json(#"\"=== CORRELATION DATA ===\""#), Log.json(#"a\n> === CORRELATION DATA ===\nb"#),
    "> === CORRELATION DATA ===",
    Log.text("C O R R E L A T I O N   D A T A"), Log.text("=== CORRELATION DATA: SOLUSDC ==="),
    "2026-03-28 02:14:07.123456+00:00 [info     ] ## CORRELATION DATA       [root] loc=x.py:1",
    "[2026-03-28T02:14:07.1Z] INFO - ## CORRELATION DATA source=a loc=x.py:3",
  ])
  func `a near-miss header is said wherever it stands`(line: String) {
    #expect(issues([line]) == ["unrecognised_header 1"])
    // Behind lines like it, over which the search passes.
    let ordinary = (0..<20).map { Log.text("epoch \($0) of 20", ms: 100 + $0) }
    let events = (0..<20).map { Log.json("epoch \($0) of 20", time: "02:14:07.0001\(10 + $0)") }
    #expect(issues(ordinary + [line] + ordinary) == ["unrecognised_header 21"])
    #expect(issues(events + [line] + events) == ["unrecognised_header 21"])
  }

  /// The search passes over objects like those before, whatever the message and the values of free members are.
  @Test(arguments: [
    ("the words CORRELATION DATA were not printed", #""detail":"none""#),
    (#"not printed:\n the words CORRELATION DATA"#, #""detail":"none""#),
    ("no CORRELATION DATA", #""detail":"none""#),
    ("epoch", #""detail":"no CORRELATION DATA""#),
    ("epoch", #""detail":"none","\u0043CORRELATION DATA":1"#),
    ("=== CORRELAT", #""detail":"none""#),
    (#"epoch\nRELATION DATA ==="#, #""detail":"none""#),
    ("epoch", #""detail":"=== END CORRELATION DA""#),
    ("epoch", #""detail":"TION DATA v1 ===""#),
  ])
  func `the words are found in an object like those before`(event: String, more: String) {
    let events = (0..<20).map { Log.json("epoch \($0)", more: #","detail":"of \#($0)""#) }
    let line = Log.json(event, more: "," + more)
    #expect(issues(events + [line] + events) == ["unread_header 21 of 1"])
    #expect(issues(events + [line, line, line] + events + [line]) == ["unread_header 21 of 4"])
  }

  @Test func `words that begin in one object and end in the next are none`() {
    #expect(issues(Array(repeating: Log.json("DATA CORRELATION"), count: 20)) == [])
  }

  @Test func `a line that names another task than the path does not hide it`() {
    let path = TaskIdentity(dagID: "d", runID: "r", taskID: "t", mapIndex: nil, tryNumber: 1)
    var scanner = LogScanner(expecting: path)
    var kinds: [IssueKind] = []
    let sink: (LogEvent) -> Void = { event in
      if case .sourceIssue(let issue) = event { kinds.append(issue.kind) }
    }
    let bytes = Array((Log.json("no CORRELATION DATA", more: #","task_id":"other""#) + "\n").utf8)
    scanner.consume(bytes.span, sink)
    scanner.finish(isWhole: true, sink)
    #expect(kinds == [.identityConflict, .unreadHeader])
  }

  @Test func `a near-miss header in an open block ends it`() {
    #expect(
      scan([Log.header, "sl=1", "[CORRELATION DATA]", "tp=2"].map { Log.text($0) }).summaries
        == ["1: sl=1 [] implicit:other_line", "unrecognised_header at 3"])
  }
}
