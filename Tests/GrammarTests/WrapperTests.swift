import CorrelationGrammar
import LogModel
import TestSupport
import Testing

/// A log as somebody found it, and the records that it gives.
struct FoundLog: Sendable, CustomStringConvertible {
  var description: String
  var lines: [String]
  /// One line a record and source issue, as ``Scanned/summaries`` has them.
  var gives: [String]

  init(_ description: String, _ lines: [String], gives: [String]) {
    self.description = description
    self.lines = lines
    self.gives = gives
  }

  /// What nearly all of these logs give: one whole block.
  static let oneBlock = ["1: crypto=SOLUSDC f1_buy=0.55 [] explicit"]
  /// The lines of that block.
  static let block = [Log.header, "crypto=SOLUSDC", "f1_buy=0.55", Log.end]

  /// The block with something around each line.
  static func block(_ around: (String) -> String) -> [String] { block.map(around) }
}

/// Lines with something before them, or inside an object: what collectors, `kubectl`, `docker` and people's clipboards make of logs
/// (2-log-envelopes, Envelopes).
@Suite struct WrapperTests {
  static func pasted(_ message: String, zone: String = "UTC") -> String {
    "[2026-03-28, 02:14:07 \(zone)] {launch_discovery.py:137} INFO - \(message)"
  }

  static func stamped(_ line: String) -> String { "2026-03-28T02:14:07.123456789Z \(line)" }

  static func object(_ text: String, _ more: String = "") -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
      "\n", with: "\\n")
    return #"{"message":"\#(escaped)"\#(more)}"#
  }

  static func pod(_ message: String) -> String { Log.text(message, file: "pod_manager.py") }

  static let podLogger =
    #"airflow.providers.cncf.kubernetes.utils.pod_manager.PodManager"#

  static let logs = [
    FoundLog(
      "a page of the web interface that was pasted", FoundLog.block { pasted($0) }, gives: FoundLog.oneBlock),
    FoundLog(
      "a pasted page in a zone without an offset", FoundLog.block { pasted($0, zone: "CEST") },
      gives: FoundLog.oneBlock),
    FoundLog("kubectl logs --timestamps", FoundLog.block { stamped(Log.text($0)) }, gives: FoundLog.oneBlock),
    FoundLog("times before what a program prints", FoundLog.block { stamped($0) }, gives: FoundLog.oneBlock),
    FoundLog(
      "times before a level in brackets, in capitals",
      [Log.header, "[INFO] crypto=SOLUSDC", "[Warning] f1_buy=0.55", Log.end].map { stamped($0) },
      gives: FoundLog.oneBlock),
    FoundLog(
      "a container's times before a level in brackets, in capitals",
      [Log.header, "[INFO] crypto=SOLUSDC", "[ERROR] f1_buy=0.55", Log.end].map {
        "worker-1  | \(stamped($0))"
      },
      gives: FoundLog.oneBlock),
    FoundLog(
      "times before lines of a record that go on",
      [stamped(Log.text(Log.header)), stamped("crypto=SOLUSDC"), stamped("f1_buy=0.55"), stamped(Log.end)],
      gives: FoundLog.oneBlock),
    FoundLog(
      "times with an offset before JSON lines",
      FoundLog.block { "2026-03-28T04:14:07.1+02:00 \(Log.json($0))" },
      gives: FoundLog.oneBlock),
    FoundLog(
      "kubectl logs --prefix", FoundLog.block { "[pod/sol-1/base] \(Log.text($0))" }, gives: FoundLog.oneBlock
    ),
    FoundLog(
      "kubectl logs --prefix --timestamps", FoundLog.block { "[pod/sol-1/base] \(stamped(Log.text($0)))" },
      gives: FoundLog.oneBlock),
    FoundLog("docker compose logs", FoundLog.block { "worker-1  | \($0)" }, gives: FoundLog.oneBlock),
    FoundLog(
      "docker compose logs -t", FoundLog.block { "worker-1  | \(stamped($0))" }, gives: FoundLog.oneBlock),
    FoundLog(
      "two containers whose blocks are written at the same time",
      zip(FoundLog.block, [Log.header, "crypto=BTCUSDC", "f1_buy=0.61", Log.end]).flatMap {
        ["worker-1  | \($0)", "worker-2  | \($1)"]
      },
      gives: ["1: crypto=SOLUSDC f1_buy=0.55 [] explicit", "2: crypto=BTCUSDC f1_buy=0.61 [] explicit"]),
    FoundLog(
      "a table within a block, whose first column is a known key",
      [Log.text(Log.header), "crypto=SOLUSDC", "f1_buy=0.55", Log.end, "f1_buy  | 0.99"],
      gives: FoundLog.oneBlock),
    FoundLog(
      "a table whose row holds a pair, which makes no container known",
      [
        Log.text(Log.header), "crypto=SOLUSDC", "f1_buy=0.55", Log.end, "5 | f1_buy=0.99",
        "5 | \(Log.text("x"))",
      ],
      gives: FoundLog.oneBlock),
    FoundLog(
      "a pod's lines in its operator's log", FoundLog.block { pod("[base] \($0)") }, gives: FoundLog.oneBlock),
    FoundLog(
      "a pod's lines of which only the first has the container's name",
      [pod("[base] \(Log.header)"), "crypto=SOLUSDC", "f1_buy=0.55", Log.end], gives: FoundLog.oneBlock),
    FoundLog(
      "a pod that logs JSON lines", FoundLog.block { pod("[base] \(Log.json($0))") }, gives: FoundLog.oneBlock
    ),
    FoundLog(
      "a pod's lines in Airflow 3", FoundLog.block { Log.json("[base] \($0)", logger: podLogger) },
      gives: FoundLog.oneBlock),
    FoundLog(
      "several lines of a pod in one event of Airflow 3",
      [Log.json("[base] " + FoundLog.block.joined(separator: #"\n"#), logger: podLogger)],
      gives: FoundLog.oneBlock),
    FoundLog(
      "a pod's lines on Airflow 3's console",
      FoundLog.block {
        "2026-03-28 02:14:07.1+00:00 [info     ] [base] \($0)   [\(podLogger)] loc=pod_manager.py:4"
      },
      gives: FoundLog.oneBlock),
    FoundLog(
      "two containers of one pod",
      zip(FoundLog.block, [Log.header, "crypto=BTCUSDC", "f1_buy=0.61", Log.end]).flatMap {
        [pod("[base] \($0)"), pod("[sidecar] \($1)")]
      },
      gives: ["1: crypto=SOLUSDC f1_buy=0.55 [] explicit", "2: crypto=BTCUSDC f1_buy=0.61 [] explicit"]),
    FoundLog("objects of a collector", FoundLog.block { object($0) }, gives: FoundLog.oneBlock),
    FoundLog(
      "objects of a collector around Airflow's lines", FoundLog.block { object(Log.text($0)) },
      gives: FoundLog.oneBlock),
    FoundLog(
      "one object with all lines", [object(FoundLog.block.joined(separator: "\n") + "\n")],
      gives: FoundLog.oneBlock),
    FoundLog(
      "objects of Elasticsearch's search", FoundLog.block { #"{"_index":"a","_source":\#(object($0))}"# },
      gives: FoundLog.oneBlock),
    FoundLog(
      "objects of two pods",
      zip(FoundLog.block, [Log.header, "crypto=BTCUSDC", "f1_buy=0.61", Log.end]).flatMap {
        [
          object($0, #","kubernetes":{"pod_name":"a"}"#),
          object($1, #","kubernetes":{"pod_name":"b"}"#),
        ]
      },
      gives: ["1: crypto=SOLUSDC f1_buy=0.55 [] explicit", "2: crypto=BTCUSDC f1_buy=0.61 [] explicit"]),
    FoundLog(
      "objects of a collector around those of docker",
      FoundLog.block { object(#"{"log":"\#($0)\n","stream":"stdout"}"#) },
      gives: FoundLog.oneBlock),
    FoundLog(
      "a container's lines that have times of their own",
      FoundLog.block { "2026-03-28T02:14:07.1Z stdout F \(stamped($0))" },
      gives: FoundLog.oneBlock),
    FoundLog(
      "a body that has a text like those of collectors",
      [Log.text(Log.header), #"{"crypto":"SOLUSDC","f1_buy":0.55,"message":"done"}"#, Log.end],
      gives: ["1: crypto=SOLUSDC f1_buy=0.55 +message=done [] explicit"]),
  ]

  @Test(arguments: logs) func `a block is read whatever stands around its lines`(log: FoundLog) {
    #expect(scan(log.lines).summaries == log.gives)
  }

  @Test(arguments: [
    (pasted(Log.header), "2026-03-28T02:14:07Z"),
    (pasted(Log.header, zone: "GMT"), "2026-03-28T02:14:07Z"),
    (pasted(Log.header, zone: "+08:00"), "2026-03-27T18:14:07Z"),
    (pasted(Log.header, zone: "CEST"), "-"),
    (stamped(Log.header), "2026-03-28T02:14:07.123456Z"),
    (stamped(Log.text(Log.header, ms: 5)), "2026-03-28T02:14:07.005Z"),
    ("worker-1  | 2026-03-28T02:14:07.5Z \(Log.header)", "2026-03-28T02:14:07.5Z"),
    (pod("[base] \(Log.header)"), "2026-03-28T02:14:07.123Z"),
    (object(Log.header, #","time":"2026-03-28T02:14:07.25Z""#), "2026-03-28T02:14:07.25Z"),
    (object(Log.header, #","time":"1774664047""#), "-"),
    (
      object(Log.header, #","@timestamp":"2026-03-28T02:14:07Z","time":"2026-03-28T09:00:00Z""#),
      "2026-03-28T02:14:07Z"
    ),
  ]) func `a record has its own time, else that of what stands around it`(line: String, time: String) {
    let record = scan([line, "crypto=SOLUSDC"]).records.first
    #expect(record?.headerTime?.description ?? "-" == time)
  }

  @Test func `prose with a time before it makes no times known`() {
    var scanner = LogScanner()
    let bytes = Array("2026-03-28T02:14:07Z starting\nNote | all done\n[pod/a/b] starting\n".utf8)
    scanner.consume(bytes.span) { _ in }
    scanner.finish(isWhole: true) { _ in }
    #expect(scanner.envelopes.map(\.envelope) == [.bare])
  }

  @Test func `objects of an export name the task of their lines`() {
    let names = #","dag_id":"d","run_id":"r","task_id":"t","try_number":2,"map_index":-1"#
    var scanner = LogScanner()
    var events: [LogEvent] = []
    let bytes = Array(FoundLog.block { Self.object($0, names) + "\n" }.joined().utf8)
    scanner.consume(bytes.span) { events.append($0) }
    scanner.finish(isWhole: true) { events.append($0) }
    guard case .record(let record) = events.first else {
      Issue.record("no record")
      return
    }
    #expect(record.identity == TaskIdentity(dagID: "d", runID: "r", taskID: "t", tryNumber: 2))
  }
}

/// What a log may have before its first line.
@Suite struct ByteOrderMarkTests {
  @Test(arguments: [
    FoundLog.block.map { $0 + "\n" }.joined(), FoundLog.block { Log.text($0) + "\n" }.joined(),
    FoundLog.block { Log.json($0) + "\n" }.joined(),
    #"{"content":[\#(FoundLog.block { Log.json($0) }.joined(separator: ","))]}"# + "\n",
  ]) func `a log that an editor saved with a mark is read from its first line on`(log: String) {
    let plain = scan(Array(log.utf8))
    let marked = scan([0xEF, 0xBB, 0xBF] + Array(log.utf8))
    #expect(marked.summaries == FoundLog.oneBlock)
    #expect(marked.records.map(\.line) == plain.records.map(\.line))
  }

  @Test func `the bytes of the mark count, and none of it is lost where it is none`() {
    for bytes: [UInt8] in [
      [0xEF], [0xEF, 0xBB], [0xEF, 0xBB, 0x0A], [0xEF, 0xBB, 0xBF], [0xEF, 0xBB, 0xBF, 0x0A],
    ] {
      for size in ChunkSize.allCases {
        #expect(Everything(bytes, size).counts[2] == bytes.count)
      }
    }
  }

  @Test func `a line behind the first one has its place in the file`() {
    let log = [0xEF, 0xBB, 0xBF] + Array("\nsecond\n=== correlation data\n".utf8)
    #expect(scan(log).sourceIssues.map(\.offset) == [11])
  }
}
