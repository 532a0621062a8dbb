import CorrelationGrammar
import LogModel
import Testing

/// Blocks in their streams: suspension, prints, structured headers, long lines, replays and interleaving
/// (1-correlation-data and 2-log-envelopes).
@Suite struct StreamTests {
  struct Row: Sendable, CustomStringConvertible {
    var name: String
    var lines: [String]
    var expected: [String]
    var description: String { name }
    init(_ name: String, _ lines: [String], _ expected: String...) {
      (self.name, self.lines, self.expected) = (name, lines, expected)
    }
  }

  private static let open = [Log.text(Log.header), Log.text("crypto=SOLUSDC")]
  private static func warn(_ message: String) -> String { Log.text(message, level: "WARNING") }

  static let suspensions: [Row] = [
    Row(
      "a traceback line of a prolonging record resumes nothing",
      open + [
        warn("slow fold"), Log.text("could not compute", level: "ERROR"), "sortino=-1", Log.text("tp=2"),
      ]
        + [Log.text(Log.end)],
      "1: crypto=SOLUSDC tp=2 [interrupted] explicit"),
    Row(
      "nor does one of the interrupting record",
      open + [warn("could not compute"), "sortino=-1", Log.text("tp=2"), Log.text(Log.end)],
      "1: crypto=SOLUSDC tp=2 [interrupted] explicit"),
    Row(
      "an end marker in the interrupting record claims the block, and nothing behind it is read",
      open + [warn("could not compute"), "sortino=-1", Log.end, Log.text("tp=2"), Log.text(Log.end)],
      "1: crypto=SOLUSDC [interrupted] explicit", "orphan_end at 7"),
    Row(
      "so does one in a prolonging record", open + [warn("slow"), warn("slow"), Log.end, Log.text("x")],
      "1: crypto=SOLUSDC [interrupted] explicit"),
    Row(
      "a header on a later line of the interrupting record opens a block",
      open + [warn("results:"), Log.header, "tp=2", Log.end, Log.text("x")],
      "1: crypto=SOLUSDC [] implicit:other_line", "2: tp=2 [] explicit"),
    Row(
      "a near-miss header in the interrupting record ends the block and is reported once",
      open + [warn("results:"), "=== Correlation Data ===", Log.text(Log.end)],
      "1: crypto=SOLUSDC [] implicit:other_line", "unrecognised_header at 4", "orphan_end at 5"),
    Row(
      "a block logged at WARNING is no interruption of itself",
      [warn(Log.header), warn("crypto=SOLUSDC"), warn("tp=2"), warn(Log.end)],
      "1: crypto=SOLUSDC tp=2 [] explicit"),
    Row(
      "a block logged at WARNING goes on behind an interruption",
      [warn(Log.header), warn("crypto=SOLUSDC"), warn("slow disk"), warn("tp=2"), warn(Log.end)],
      "1: crypto=SOLUSDC tp=2 [interrupted] explicit"),
    Row(
      "a token logged at WARNING may be the rest of a value of a block logged at WARNING",
      [warn(Log.header), warn("crypto=SOLUSDC"), warn("slow"), warn("tp=2"), warn(Log.end)],
      "1: tp=2 [cut_value crypto, interrupted] explicit"),
    Row(
      "a record that fed the block does not suspend it: without a marker nothing behind it is read",
      open + [warn("tp=2"), "slow one", Log.text("sl=1"), Log.text("x y")],
      "1: crypto=SOLUSDC tp=2 [cut_short] implicit:other_line"),
    Row(
      "nor does prose in the header's own record",
      [warn(Log.header), "slow", "tp=2", Log.text("x")], "1:  [empty_block, cut_short] implicit:other_line"),
    Row(
      "an empty block may be interrupted",
      [Log.text(Log.header), warn("slow"), Log.text("tp=2"), Log.text(Log.end)],
      "1: tp=2 [interrupted] explicit"),
    Row(
      "an unknown key does not resume, nor does a known one beside it",
      open + [warn("slow"), Log.text("tp=2 note=x"), Log.text("x y")],
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "a JSON object of new known keys resumes",
      open + [warn("slow"), Log.text(#"{"tp":2}"#), Log.text(Log.end)],
      "1: crypto=SOLUSDC tp=2 [interrupted] explicit"),
    Row(
      "a short end marker resumes and ends", open + [warn("slow"), Log.text("=====")],
      "1: crypto=SOLUSDC [interrupted] explicit"),
    Row(
      "a failure line ends a suspended block as an open one",
      open + [warn("slow"), Log.text("Marking task as FAILED. dag_id=x", file: "taskinstance.py")],
      "1: crypto=SOLUSDC [incomplete_block] implicit:failure"),
    Row(
      "level numbers count",
      open + [Log.text("slow", level: "Level 30"), Log.text("tp=2"), Log.text(Log.end)],
      "1: crypto=SOLUSDC tp=2 [interrupted] explicit"),
    Row(
      "a level under WARNING does not suspend",
      open + [Log.text("slow one", level: "Level 29"), Log.text("tp=2"), Log.text("x y")],
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
  ]

  static let prints: [Row] = [
    Row(
      "several flushed pairs",
      [Log.print(Log.header), Log.print("crypto="), Log.print("A"), Log.print("sl=1 tp="), Log.print("2")]
        + [Log.print(Log.end)],
      "1: crypto=A sl=1 tp=2 [rejoined_pair crypto, rejoined_pair tp] explicit"),
    Row(
      "two tokens are one too many",
      [Log.print(Log.header), Log.print("crypto="), Log.print("A B"), Log.print("sl=1")],
      "1:  [cut_short, missing_value crypto] implicit:other_line"),
    Row(
      "the token comes in the next record or not at all",
      [
        Log.print(Log.header), Log.print("crypto="), Log.print("--- a ---"), Log.print("A"),
        Log.print("sl=1"),
      ],
      "1:  [cut_short, missing_value crypto] implicit:other_line"),
    Row(
      "a token on a later line of the same record is none",
      [Log.print(Log.header), Log.print("crypto="), "A", Log.print("sl=1")],
      "1:  [cut_short, cut_value crypto] implicit:other_line"),
    Row(
      "a record of another stream between changes nothing",
      [Log.print(Log.header), Log.print("crypto="), Log.text("B"), Log.print("A"), Log.print(Log.end)],
      "1: crypto=A [rejoined_pair crypto] explicit"),
    Row(
      "stderr is another stream",
      [Log.print(Log.header), Log.print("crypto="), Log.print("A", level: "WARNING"), Log.print("sl=1")]
        + [Log.print(Log.end)],
      "1: sl=1 [missing_value crypto] explicit"),
    Row(
      "a second write goes on, a third too; an end marker is no body-line",
      [
        Log.print(Log.header), "crypto=A", Log.print("sl=1"), "tp=2", Log.print("theta=0.5"),
        Log.print(Log.end),
      ],
      "1: crypto=A sl=1 tp=2 theta=0.5 [] implicit:record_end"),
    Row(
      "prose behind the first write: the block had ended with its record",
      [Log.print(Log.header), "crypto=A", Log.print("Training it"), Log.print("sl=1")],
      "1: crypto=A [] implicit:record_end"),
    Row(
      "a second block in the next print",
      [Log.print(Log.header), "crypto=A", Log.print(Log.header), "crypto=B", Log.print("x")],
      "1: crypto=A [] implicit:record_end", "2: crypto=B [] implicit:record_end"),
  ]

  private static let wide = String(repeating: "x", count: 70_000)
  static let longLines: [Row] = [
    Row(
      "of a known key", open + [Log.text("theta=" + wide), Log.text("sl=1"), Log.text(Log.end)],
      "1: crypto=SOLUSDC sl=1 [line_too_long theta] explicit"),
    Row(
      "of gates, in any case, behind gates that could be read",
      open + [Log.text("gates=PASS"), Log.text("GATES=" + wide), Log.text(Log.end)],
      "1: crypto=SOLUSDC [line_too_long gates] explicit"),
    Row(
      "of an alias, behind the key itself",
      open + [Log.text("tp_pct=60"), Log.text("TP%=" + wide), Log.text(Log.end)],
      "1: crypto=SOLUSDC [line_too_long tp_pct] explicit"),
    Row(
      "of an unknown key", open + [Log.text("note=" + wide), Log.text("sl=1")],
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "of JSON", open + [Log.text("{\"note\":\"" + wide + "\"}"), Log.text("sl=1")],
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row("outside a block", [Log.text(wide), Log.text("theta=" + wide), Log.json(wide)]),
    Row(
      "of another stream", open + [Log.text(wide, file: "other.py"), Log.text("sl=1"), Log.text(Log.end)],
      "1: crypto=SOLUSDC sl=1 [] explicit"),
    Row(
      "at WARNING", open + [warn(wide), Log.text("sl=1"), Log.text(Log.end)],
      "1: crypto=SOLUSDC sl=1 [interrupted] explicit"),
    Row(
      "an event of Airflow 3",
      [Log.json(Log.header), Log.json("theta=" + wide), Log.json("sl=1"), Log.json(Log.end)],
      "1: sl=1 [line_too_long theta] explicit"),
  ]

  static let structured: [Row] = [
    Row(
      "scalars, gates and a section",
      [
        Log.json(
          Log.header, more: #","crypto":"A","sl":1,"gates":{"f1":"pass"},"ml":{"theta":0.5},"note":null"#)
      ],
      "1: crypto=A sl=1 theta=0.5 gates=f1:pass +note=null [] implicit:record_end"),
    Row(
      "what follows is no part of it, an end marker no orphan",
      [Log.json(Log.header, more: #","sl":1"#), Log.json(Log.end), Log.json("tp=2")],
      "1: sl=1 [] implicit:record_end"),
    Row(
      "it cuts a block of its stream, which is no like one",
      [Log.json(Log.header), Log.json("crypto=A"), Log.json(Log.header, more: #","sl":1"#)],
      "1:  [interleaved] implicit:new_header", "2:  [interleaved] implicit:record_end"),
    Row(
      "it ends a suspended block",
      [Log.json(Log.header), Log.json("crypto=A"), Log.json("slow", level: "warning")]
        + [Log.json(Log.header, more: #","sl":1"#)],
      "1: crypto=A [] implicit:other_line", "2: sl=1 [] implicit:record_end"),
    Row(
      "keys on body-lines are no data",
      [Log.json(Log.header), Log.json("sl=1", more: #","tp":2,"n_trades":7"#), Log.json(Log.end)],
      "1: sl=1 [] explicit"),
    Row(
      "an unknown version is not interpreted",
      [Log.json("=== CORRELATION DATA v2 ===", more: #","sl":1"#)],
      "1:  [unsupported_version] implicit:record_end"),
    Row(
      "the logger's context is no data",
      [
        Log.json(
          Log.header,
          more:
            #","ti_id":"x","dag_id":"d","task_id":"t","run_id":"r","map_index":-1,"try_number":1,"lineno":1"#
            + #","filename":"f.py","chan":"c","loc":"l""#),
        Log.json("sl=1", more: #","ti_id":"x","filename":"f.py","chan":"c""#),
      ],
      "1: sl=1 [] implicit:end_of_input"),
  ]

  static let replays: [Row] = [
    Row(
      "the same header time and body", Log.block("sl=1") + Log.block("sl=1"), "1: sl=1 [] explicit"),
    Row(
      "the same header time in the other form of the console",
      ["2026-03-28 02:14:07.040000+00:00 [info     ] \(Log.header)", "sl=1", Log.end]
        + ["2026-03-28T02:14:07.040000Z [info     ] \(Log.header)", "sl=1", Log.end]
        + ["2026-03-28T02:14:07.040000+01:00 [info     ] \(Log.header)", "sl=1", Log.end],
      "1: sl=1 [] explicit", "3: sl=1 [] explicit"),
    Row(
      "the same block of two tasks in one file, the second task's twice",
      ["a", "b", "b"].flatMap { task in
        [Log.header, "sl=1", Log.end].map { Log.json($0, more: #","ti_id":"\#(task)""#) }
      },
      "1: sl=1 [] explicit", "2: sl=1 [] explicit"),
    Row(
      "the same block of two sources", Log.block("sl=1") + [Log.print(Log.header), "sl=1", Log.end],
      "1: sl=1 [] explicit", "2: sl=1 [] explicit"),
    Row(
      "another time", Log.block("sl=1", ms: 1) + Log.block("sl=1", ms: 2), "1: sl=1 [] explicit",
      "2: sl=1 [] explicit"),
    Row("another body", Log.block("sl=1") + Log.block("sl=1 "), "1: sl=1 [] explicit"),
    Row(
      "another body by one byte", Log.block("sl=1") + Log.block("sl=1.0"), "1: sl=1 [] explicit",
      "2: sl=1 [] explicit"),
    Row(
      "another body behind a flush",
      [Log.print(Log.header), Log.print("crypto="), Log.print("A"), Log.print(Log.end)]
        + [Log.print(Log.header), Log.print("crypto="), Log.print("B"), Log.print(Log.end)],
      "1: crypto=A [rejoined_pair crypto] explicit", "2: crypto=B [rejoined_pair crypto] explicit"),
    Row(
      "without a body", [Log.text(Log.header), Log.end, Log.text(Log.header), Log.end],
      "1:  [empty_block] explicit", "2:  [empty_block] explicit"),
    Row(
      "bare text has no time", [Log.header, "sl=1", Log.end, Log.header, "sl=1", Log.end],
      "1: sl=1 [] explicit", "2: sl=1 [] explicit"),
    Row(
      "keys on the header's line are its body",
      [Log.text(Log.header + " sl=1"), Log.text(Log.end), Log.text(Log.header + " sl=2"), Log.text(Log.end)],
      "1: sl=1 [] explicit", "2: sl=2 [] explicit"),
    Row(
      "structured headers with other keys at one time",
      [Log.json(Log.header, more: #","sl":1,"ab":"c""#), Log.json(Log.header, more: #","sl":1,"a":"bc""#)],
      "1: sl=1 +ab=c [] implicit:record_end", "2: sl=1 +a=bc [] implicit:record_end"),
  ]

  private static let next = Log.text(Log.header, ms: 200)
  private static func pairs(_ keys: String) -> [String] { keys.map { Log.text("\($0)=1") } }
  static let interleavings: [Row] = [
    Row(
      "alike: the same keys", [Log.text(Log.header)] + pairs("abcd") + [next] + pairs("abcd"),
      "1: +a=1 +b=1 +c=1 +d=1 [] implicit:new_header", "2: +a=1 +b=1 +c=1 +d=1 [] implicit:end_of_input"),
    Row(
      "alike: three quarters of the longer one's keys",
      [Log.text(Log.header)] + pairs("abcd") + [next] + pairs("abd"),
      "1: +a=1 +b=1 +c=1 +d=1 [] implicit:new_header", "2: +a=1 +b=1 +d=1 [] implicit:end_of_input"),
    Row(
      "two of three keys are less",
      [Log.text(Log.header)] + pairs("abd") + [next] + pairs("ad"),
      "1:  [interleaved] implicit:new_header", "2:  [interleaved] implicit:end_of_input"),
    Row(
      "another last key", [Log.text(Log.header)] + pairs("abcde") + [next] + pairs("abcdf"),
      "1:  [interleaved] implicit:new_header", "2:  [interleaved] implicit:end_of_input"),
    Row(
      "another order inside",
      [Log.text(Log.header)] + pairs("abcdef") + [next] + pairs("aedcbf"),
      "1:  [interleaved] implicit:new_header", "2:  [interleaved] implicit:end_of_input"),
    Row(
      "a key again with another text in another record",
      [Log.text(Log.header), Log.text("sl=1"), Log.text("sl=2"), Log.text(Log.end)],
      "1:  [interleaved] explicit"),
    Row(
      "the same text again", [Log.text(Log.header), Log.text("sl=1"), Log.text("sl=1"), Log.text(Log.end)],
      "1: sl=1 [] explicit"),
    Row(
      "later blocks of one record are trusted, spread ones are not",
      [Log.text(Log.header), Log.text("sl=1"), Log.text("sl=2"), Log.text(Log.end)] + Log.block("tp=1")
        + [Log.text(Log.header), Log.text("tp=3"), Log.text(Log.end), Log.text(Log.header, file: "b.py")]
        + [Log.text("tp=4", file: "b.py"), Log.text(Log.end, file: "b.py")],
      "1:  [interleaved] explicit", "2: tp=1 [] explicit", "3:  [interleaved] explicit",
      "4: tp=4 [] explicit"),
    Row(
      "three headers in a row: the last pair agrees, the first does not",
      [Log.text(Log.header)] + pairs("xy") + [next] + pairs("ab") + [Log.text(Log.header, ms: 201)]
        + pairs("ab"),
      "1:  [interleaved] implicit:new_header", "2:  [interleaved] implicit:new_header",
      "3:  [interleaved] implicit:end_of_input"),
  ]

  @Test(arguments: suspensions + prints)
  func `suspends and goes on`(row: Row) { #expect(scan(row.lines).summaries == row.expected) }
  @Test(arguments: longLines)
  func `skips a line that is too long`(row: Row) { #expect(scan(row.lines).summaries == row.expected) }
  @Test(arguments: structured)
  func `reads structured headers`(row: Row) { #expect(scan(row.lines).summaries == row.expected) }
  @Test(arguments: replays)
  func `knows a replay`(row: Row) {
    let scanned = scan(row.lines)
    #expect(scanned.summaries == row.expected)
    #expect(scanned.replayCount == scanned.blockCount - row.expected.count)
    #expect(scanned.replays.count == scanned.replayCount)
  }
  @Test(arguments: interleavings)
  func `never guesses writers apart`(row: Row) { #expect(scan(row.lines).summaries == row.expected) }
}
