import CorrelationGrammar
import LogModel
import Testing

/// A header whose own line tells no time has the last one before it in its stream (2-log-envelopes, Times).
@Suite struct StreamTimeTests {
  private static let path = TaskIdentity(dagID: "d", runID: "r", taskID: "t", tryNumber: 1)

  private func headerTimes(_ lines: [String], expecting: TaskIdentity? = nil) -> [String?] {
    var scanner = LogScanner(expecting: expecting)
    var times: [String?] = []
    let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
    let sink: (LogEvent) -> Void = { event in
      if case .record(let record) = event { times.append(record.headerTime?.description) }
    }
    scanner.consume(bytes.span, sink)
    scanner.finish(isWhole: true, sink)
    return times
  }

  private static let bareHeader = Log.json(Log.header + #"\ncrypto=X"#, more: #","lineno":9"#)
    .replacing(#""2026-03-28T02:14:07.000123Z""#, with: "null")

  /// With a path ordinary lines are passed over, without one all are read.
  @Test(arguments: [nil, path])
  func `in lines of Airflow 3`(expecting: TaskIdentity?) {
    let lines = [
      Log.json("a", time: "02:00:01", more: #","lineno":1"#),
      Log.json("b", time: "02:00:02", more: #","lineno":22"#),
      Log.json("another stream", logger: "other", time: "02:00:03", more: #","lineno":1"#),
      Log.json("no time", time: "", more: #","lineno":1"#),
    ]
    #expect(headerTimes(lines + [Self.bareHeader], expecting: expecting) == ["2026-03-28T02:00:02Z"])
    #expect(headerTimes(Array(lines.dropFirst(2)) + [Self.bareHeader], expecting: expecting) == [nil])
  }

  @Test func `more streams than are kept cost their times, not another one's`() {
    let lines = (0..<3000).map { Log.json("a", logger: "l\($0)", time: "02:00:01") }
    let first = Log.json("a", time: "02:00:07", more: #","lineno":1"#)
    #expect(headerTimes([first] + lines + [Self.bareHeader], expecting: Self.path) == [nil])
    #expect(headerTimes(lines + [first, Self.bareHeader], expecting: Self.path) == ["2026-03-28T02:00:07Z"])
  }

  @Test func `in elements of an answer of the API`() {
    let answer =
      #"{"content":[{"timestamp":"2026-03-28T02:00:01Z","event":"a"},"#
      + #"{"event":"=== CORRELATION DATA ===\ncrypto=X"}],"continuation_token":null}"#
    #expect(headerTimes([answer]) == ["2026-03-28T02:00:01Z"])
  }

  @Test func `in lines for Elasticsearch`() {
    func line(_ time: String, _ message: String) -> String {
      #"{"asctime":"\#(time)","message":"\#(message)","filename":"a.py","levelname":"INFO"}"#
    }
    let lines = [line("2026-03-28T02:00:01.5+0000", "a"), line("soon", Log.header + #"\ncrypto=X"#)]
    #expect(headerTimes(lines) == ["2026-03-28T02:00:01.5Z"])
  }

  @Test func `in a download that shows a time now and then`() {
    let lines = ["[2026-03-28T02:00:01Z] INFO - a", "INFO - b", "INFO - " + Log.header, "INFO - crypto=X"]
    #expect(headerTimes(lines) == ["2026-03-28T02:00:01Z"])
  }
}
