import CorrelationGrammar
import LogModel
import TestSupport
import Testing

/// Which envelope a line has, whatever stands around it, and that cuts between chunks change nothing
/// (2-log-envelopes, Envelopes).
@Suite struct EnvelopeTests {
  /// A line, and what it is recognised as.
  struct Line: Sendable, CustomStringConvertible {
    var text: String
    var envelopes: [LogEnvelope]
    var description: String { text }
  }

  static let lines = [
    Line(text: "[2026-03-28T02:14:07.123+0000] {file.py:412} INFO - x", envelopes: [.airflow2Text]),
    Line(text: "[2026-03-28T02:14:07.123+0000] {<string>:2} Level 25 - x", envelopes: [.airflow2Text]),
    Line(text: #"{"timestamp":"2026-03-28T02:14:07Z","event":"x"}"#, envelopes: [.airflow3JSON]),
    Line(text: #"{"timestamp":null,"event":"x"}"#, envelopes: [.airflow3JSON]),
    Line(text: #"{"event":"x"}"#, envelopes: [.bare]),
    Line(text: #"{"asctime": "2026-03-28T02:14:07.1+0000", "message": "x"}"#, envelopes: [.airflow2JSON]),
    Line(text: #"{"message": "x"}"#, envelopes: [.jsonExport, .bare]),
    Line(text: #"{"message": "x", "log": "y"}"#, envelopes: [.bare]),
    Line(text: #"{"message": "x", "f1_buy": 0.5}"#, envelopes: [.bare]),
    Line(text: #"{"message": "x", "group": "g"}"#, envelopes: [.jsonExport, .bare]),
    Line(text: #"{"message": {"text": "x"}}"#, envelopes: [.bare]),
    Line(text: #"{"fields": {"msg": "INFO - x"}}"#, envelopes: [.jsonExport, .uiDownload]),
    Line(text: #"{"log": "x", "stream": "stdout", "pod": "a"}"#, envelopes: [.jsonExport, .bare]),
    Line(text: "[2026-03-28, 02:14:07 UTC] {file.py:12} INFO - x", envelopes: [.airflow2UI]),
    Line(text: "[2026-03-28, 02:14:07 CEST] {file.py:12} INFO - x", envelopes: [.airflow2UI]),
    Line(text: "[2026-03-28, yesterday UTC] {file.py:12} INFO - x", envelopes: [.bare]),
    Line(text: "2026-03-28T02:14:07Z INFO - x", envelopes: [.timestamps, .uiDownload]),
    Line(text: "2026-03-28T02:14:07+02:00 f1_buy=0.5", envelopes: [.timestamps, .bare]),
    Line(text: "2026-03-28T02:14:07 f1_buy=0.5", envelopes: [.bare]),
    Line(text: "2026-03-28T02:14:07Z loss=0.5", envelopes: [.bare]),
    Line(text: "[pod/a/base] f1_buy=0.5", envelopes: [.kubectlPrefix, .bare]),
    Line(text: "[pod/a/base] loss=0.5", envelopes: [.bare]),
    Line(text: "[pod/a/base/c] f1_buy=0.5", envelopes: [.bare]),
    Line(text: "worker-1  | INFO - x", envelopes: [.compose, .uiDownload]),
    Line(text: "worker-1  | f1_buy=0.5", envelopes: [.bare]),
    Line(text: "worker-1 x | INFO - x", envelopes: [.bare]),
    Line(text: "sortino | INFO - x", envelopes: [.bare]),
    Line(
      text: "worker-1 | [pod/a/b] 2026-03-28T02:14:07Z INFO - x",
      envelopes: [.compose, .kubectlPrefix, .timestamps, .uiDownload]),
    Line(
      text: "[2026-03-28T02:14:07.123+0000] {pod_manager.py:1} INFO - [base] INFO - x",
      envelopes: [.airflow2Text, .podManager, .uiDownload]),
    Line(
      text: "[2026-03-28T02:14:07.123+0000] {file.py:1} INFO - [base] INFO - x", envelopes: [.airflow2Text]),
    Line(
      text: #"{"content":[{"event":"x"},{"event":"y"}],"continuation_token":null}"#, envelopes: [.apiJSON]),
    Line(text: #"{ "content" : [ {"event":"x"} ] }"#, envelopes: [.apiJSON]),
    Line(text: "{\r\"content\":[{\"event\":\"x\"}\r,\t{\"event\":\"y\"}]}", envelopes: [.apiJSON]),
    Line(text: #"{"content":[1,2]}"#, envelopes: [.bare]),
    Line(text: #"{"content":[{"name":"x"}]}"#, envelopes: [.bare]),
    Line(
      text: "2026-03-28 02:14:07.1+00:00 [info     ] x     [root] loc=a.py:1", envelopes: [.airflow3Console]),
    Line(text: "2026-03-28T02:14:07.1Z [warning  ] x", envelopes: [.airflow3Console]),
    Line(text: "2026-03-28T02:14:07.1Z [12] x", envelopes: [.bare]),
    Line(text: "[2026-03-28T02:14:07.1Z] INFO - x", envelopes: [.uiDownload]),
    Line(text: "INFO - x", envelopes: [.uiDownload]),
    Line(text: "SOLUSDC - x", envelopes: [.bare]),
    Line(text: "2026-03-28T02:14:07.1Z stdout F x", envelopes: [.cri, .bare]),
    Line(text: "2026-03-28T02:14:07Z stderr F INFO - x", envelopes: [.uiDownload, .cri]),
    Line(
      text: "2026-03-28T02:14:07.1Z stdout F [2026-03-28T02:14:07.123+0000] {f.py:1} INFO - x",
      envelopes: [.airflow2Text, .cri]),
    Line(text: "2026-03-28T02:14:07.1Z stdlog F x", envelopes: [.bare]),
    Line(text: #"{"log":"x\n","stream":"stdout","time":"t"}"#, envelopes: [.dockerJSON, .bare]),
    Line(text: #"{"log":"INFO - x\n","stream":"stderr"}"#, envelopes: [.uiDownload, .dockerJSON]),
    Line(text: "plain text", envelopes: [.bare]),
  ]

  @Test(arguments: lines)
  func `a line is known by its content`(line: Line) {
    var scanner = LogScanner()
    let bytes = Array((line.text + "\n").utf8)
    scanner.consume(bytes.span) { _ in }
    scanner.finish(isWhole: true) { _ in }
    #expect(Set(scanner.envelopes.map(\.envelope)) == Set(line.envelopes))
  }

  @Test func `every element of an answer counts, whatever white space is between them`() {
    var scanner = LogScanner()
    let answer = "{\"content\":[{\"event\":\"a\"}\r,{\"event\":\"b\"} , {\"event\":\"c\"}]}\n"
    let bytes = Array(answer.utf8)
    scanner.consume(bytes.span) { _ in }
    #expect(scanner.envelopes.map(\.count) == [3])
  }

  @Test func `of a log that names another program on every line a header that is not read is reported`() {
    var scanner = LogScanner()
    let lines = (0..<5000).map { #"{"log":"\#(Log.header)\n","stream":"s\#($0)"}"# + "\n" }.joined()
    let bytes = Array(lines.utf8)
    var events: [LogEvent] = []
    scanner.consume(bytes.span) { events.append($0) }
    scanner.finish(isWhole: true) { events.append($0) }
    #expect(scanner.blockCount == 4095)
    #expect(events.count == 5000)
    let issues = events.compactMap { if case .sourceIssue(let issue) = $0 { issue.kind } else { nil } }
    #expect(issues == Array(repeating: .unrecognisedHeader, count: 5000 - 4095))
    let counts = Dictionary(uniqueKeysWithValues: scanner.envelopes.map { ($0.envelope, $0.count) })
    // What is no container's line is bare; so is what stands in one.
    #expect(counts[.dockerJSON] == 4095)
    #expect(counts[.bare] == 5000)
  }

  /// The same block in every envelope.
  static let logs: [String] = {
    let body = ["=== CORRELATION DATA ===", "crypto=SOLUSDC", "f1_buy=0.55", "=== END CORRELATION DATA ==="]
    let time = "2026-03-28T02:14:07.1"
    let text = body.map { "[\(time)+0000] {a.py:1} INFO - \($0)\n" }.joined()
    let events = body.map { #"{"timestamp":"\#(time)Z","event":"\#($0)","logger":"root"}"# }
    let console = body.map { "\(time)Z [info     ] \($0)   [root] loc=a.py:1\n" }.joined()
    func substrings(of log: String) -> [Substring] { log.split(separator: "\n") }
    func docker(_ log: String) -> String {
      substrings(of: log).map { (line: Substring) in
        let half = line.index(line.startIndex, offsetBy: line.count / 2)
        func piece(_ text: Substring, _ end: String) -> String {
          let escaped = text.replacing("\"", with: "\\\"")
          return #"{"log":"\#(escaped)\#(end)","stream":"stdout","time":"\#(time)Z"}"# + "\n"
        }
        return piece(line[..<half], "") + piece(line[half...], "\\n")
      }.joined()
    }
    func cri(_ log: String) -> String {
      substrings(of: log).map { (line: Substring) in
        let half = line.index(line.startIndex, offsetBy: line.count / 2)
        return
          "\(time)Z stdout P \(line[..<half])\n\(time)Z stderr F noise\n\(time)Z stdout F \(line[half...])\n"
      }.joined()
    }
    let json = events.joined(separator: "\n") + "\n"
    return [
      text, json, console, body.joined(separator: "\n") + "\n",
      body.map { "INFO - \($0)\n" }.joined(),
      "\(time)Z [info     ] " + body.joined(separator: "\n") + " [root] loc=a.py:1\n",
      body.map { #"{"asctime": "\#(time)+0000", "message": "\#($0)", "filename": "a.py"}"# + "\n" }.joined(),
      #"{"content":[\#(events.joined(separator: ","))],"continuation_token":null}"# + "\n",
      cri(text), cri(json), cri(console), docker(text), docker(json), docker(console),
    ]
  }()

  @Test(arguments: logs)
  func `the block is the same in every envelope and in every cut`(log: String) {
    let bytes = Array(log.utf8)
    let whole = scan(bytes)
    #expect(whole.records.count == 1)
    #expect(whole.records.first?[.crypto] == .text("SOLUSDC"))
    #expect(whole.records.first?.decimal(.f1Buy)?.description == "0.55")
    #expect(whole.records.first?.end == .explicit)
    #expect(whole.records.first?.issues == [])
    for cut in 1..<bytes.count {
      let cutLog = scan(bytes, cut: Chunking(name: "cut at \(cut)", ranges: [0..<cut, cut..<bytes.count]))
      #expect(cutLog.events == whole.events, "cut at \(cut)")
    }
  }

  /// Found by fuzzing: how much of a line is held must not depend on where its prefix is cut.
  @Test(arguments: [
    "2026-03-28T02:14:07.1Z [info     ] === CORRELATION DATA ===", "INFO - === CORRELATION DATA ===",
    "2026-03-28T02:14:07.1Z stdout F 2026-03-28T02:14:07.1Z [info     ] === CORRELATION DATA ===",
    "2026-03-28T02:14:07.1Z stdout F {", "   {", "    2026-03-28T02:14:07.1Z [info     ] x", "{",
  ])
  func `the limit of a long line does not depend on cuts`(beginning: String) {
    var limits = ScanLimits()
    limits.blockBytes = 120
    limits.jsonLineBytes = 400
    let bytes = Array((beginning + String(repeating: " x=y", count: 55) + "   [root] loc=a.py:1\n").utf8)
    let whole = scan(bytes, limits: limits)
    for cut in 1..<bytes.count {
      let pieces = Chunking(name: "cut at \(cut)", ranges: [0..<cut, cut..<bytes.count])
      #expect(scan(bytes, cut: pieces, limits: limits).events == whole.events, "cut at \(cut)")
    }
  }

  @Test(arguments: logs)
  func `a log that stops anywhere invents nothing`(log: String) {
    let bytes = Array(log.utf8)
    for end in 0..<bytes.count {
      let part = scan(Array(bytes[..<end]), isWhole: false)
      #expect(part.records.count <= 1)
      for record in part.records {
        #expect(record[.crypto] == nil || record[.crypto] == .text("SOLUSDC"), "cut at \(end)")
        #expect(record[.f1Buy] == nil || record.decimal(.f1Buy)?.description == "0.55", "cut at \(end)")
        #expect(
          record.end == .explicit
            || record.issues.contains { $0.kind == .incompleteBlock || $0.kind == .emptyBlock },
          "cut at \(end)")
      }
    }
  }
}

/// Formats of one's own, in Python's notation (2-log-envelopes, Envelopes: custom).
@Suite struct LineFormatTests {
  @Test(arguments: [
    "%(asctime)s %(levelname)-8s [%(name)s] %(message)s",
    "[%(asctime)s] {%(filename)s:%(lineno)d} %(levelname)s - %(message)s",
    "%(levelname)s:%(name)s:%(message)s",
    "%(asctime)s|%(process)d|%(threadName)s|%(levelname)8s| 100%% %(message)s",
  ])
  func `a format is taken`(format: String) throws {
    _ = try LineFormat(format)
  }

  @Test(arguments: [
    "%(message)s", "%(asctime)s", "%(asctime)s %(message)s!", "%(asctime)s%(levelname)s %(message)s",
    "%(asctime)s %d %(message)s", "%(asctime", "%(asctime)", "", "%(message)s %(asctime)s %(message)s",
    "%(name)s %(message)s",
  ])
  func `what could recognise no line is refused`(format: String) {
    #expect(throws: LineFormat.Invalid.self) { try LineFormat(format) }
  }

  @Test(arguments: [
    ("%(asctime)s %(levelname)-8s [%(name)s] %(message)s", "2026-03-28T02:14:07.123+0100 INFO     [root] "),
    ("%(asctime)s %(levelname)-8s [%(name)s] %(message)s", "2026-03-28 02:14:07,123 INFO     [a.b-c] "),
    ("%(levelname)s:%(name)s:%(message)s", "INFO:root:"),
    ("%(asctime)s|%(process)d|%(levelname)8s| 100%% %(message)s", "2026-03-28T02:14:07Z|17|    INFO| 100% "),
  ])
  func `lines of a format are records`(format: String, prefix: String) throws {
    var scanner = LogScanner(lineFormat: try LineFormat(format))
    var records: [CorrelationRecord] = []
    let lines = ["=== CORRELATION DATA ===", "crypto=SOLUSDC", "f1_buy=0.5", "done with it"]
    let bytes = Array(lines.map { prefix + $0 + "\n" }.joined().utf8)
    scanner.consume(bytes.span) { if case .record(let record) = $0 { records.append(record) } }
    scanner.finish(isWhole: true) { if case .record(let record) = $0 { records.append(record) } }
    #expect(records.count == 1)
    #expect(records.first?[.crypto] == .text("SOLUSDC"))
    #expect(records.first?.end == .otherLine)
    #expect(scanner.envelopes.map(\.envelope) == [.custom])
  }

  @Test(arguments: [
    ("%(asctime)s %(levelname)-8s [%(name)s] %(message)s", "2026-03-28T02:14:07.123+0100 INFO     [root]"),
    ("%(asctime)s  --- %(levelname)s [%(message)s", "2026-03-28T02:14:07.123+0100  --- INFO ["),
    ("%(levelname)s:%(name)s:%(message)s", "INFO:root:"),
  ])
  func `a line that is cut within its prefix is none of the format`(format: String, prefix: String) throws {
    let lineFormat = try LineFormat(format)
    let bytes = Array(prefix.utf8)
    for count in 1...bytes.count {
      var scanner = LogScanner(lineFormat: lineFormat)
      scanner.consume(bytes.span.extracting(0..<count)) { _ in }
      scanner.finish(isWhole: false) { _ in }
      #expect((scanner.envelopes.map(\.envelope) == [.custom]) == (count == bytes.count), "\(count) bytes")
    }
  }

  @Test func `a print cut by a flush is joined where no file tells which logger prints`() throws {
    var scanner = LogScanner(lineFormat: try LineFormat("%(asctime)s %(levelname)-8s [%(name)s] %(message)s"))
    var records: [CorrelationRecord] = []
    let prefix = "2026-03-28T02:14:07.123+0100 INFO     [airflow.task] "
    let lines = ["=== CORRELATION DATA ===", "crypto=", "SOLUSDC", "=== END CORRELATION DATA ==="]
    let bytes = Array(lines.map { prefix + $0 + "\n" }.joined().utf8)
    scanner.consume(bytes.span) { if case .record(let record) = $0 { records.append(record) } }
    #expect(records.first?[.crypto] == .text("SOLUSDC"))
    #expect(records.first?.issues.map(\.kind) == [.rejoinedPair])
  }
}
