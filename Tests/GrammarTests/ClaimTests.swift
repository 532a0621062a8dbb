import CorrelationGrammar
import LogModel
import Testing

/// Blocks with foreign lines inside (1-correlation-data, Claimed blocks, Suspension and Objects).
@Suite struct ClaimTests {
  typealias Row = StreamTests.Row

  private static func text(_ lines: String...) -> [String] { lines.map { Log.text($0) } }
  private static func print(_ lines: String...) -> [String] { lines.map { Log.print($0) } }
  /// Longer than what is kept of a line that feeds nothing.
  private static let long = String(repeating: "x", count: 300)
  private static let open = text(Log.header, "crypto=SOLUSDC")

  static let claims: [Row] = [
    Row(
      "a progress line within a block hides nothing behind it",
      open + text("Evaluating: 45%|####     |", "sortino=-1", "tp=2", Log.end),
      "1: crypto=SOLUSDC tp=2 sortino=-1 [interrupted] explicit"),
    Row(
      "several foreign lines are one interruption",
      open + text("Epoch 1/3", "tp=2", "Epoch 2/3", "sl=1", Log.end),
      "1: crypto=SOLUSDC sl=1 tp=2 [interrupted] explicit"),
    Row(
      "a pair beside prose or beside an unknown key is not read",
      open + text("Epoch 1/3", "best f1_buy=0.6", "tp=2 run=7", "elapsed=12s", Log.end),
      "1: crypto=SOLUSDC [interrupted] explicit"),
    Row(
      "a key again with another text shows two writers, in one record a duplicate",
      open + text("Epoch 1/3", "crypto=BTCUSDC", Log.end)
        + [Log.text(Log.header, ms: 200), "sl=1", "Epoch 1/3", "sl=2 tp=1", Log.end],
      "1:  [interleaved, interrupted] explicit", "2:  [interrupted, duplicate_key sl] explicit"),
    Row(
      "the same text again shows nothing", open + text("Epoch 1/3", "crypto=SOLUSDC", Log.end),
      "1: crypto=SOLUSDC [interrupted] explicit"),
    Row(
      "event=correlation_data beside known keys is no key",
      open + text("x y", "event=correlation_data tp=2", Log.end),
      "1: crypto=SOLUSDC tp=2 [interrupted] explicit"),
    Row(
      "lines behind a title are of another section, and the record says that they were there",
      open + text("thresholds:", "sortino=0.5", Log.end),
      "1: crypto=SOLUSDC [cut_short, interrupted] explicit"),
    Row(
      "a record that holds its block is claimed by a marker of its own",
      [Log.text(Log.header), "sl=1", "x y", "tp=2", Log.end], "1: sl=1 tp=2 [interrupted] explicit"),
    Row(
      "a marker in another record is none of its own",
      [Log.text(Log.header), "sl=1", "x y"] + text("tp=2", Log.end),
      "1: sl=1 [cut_short] implicit:other_line", "orphan_end at 5"),
    Row(
      "an end marker behind a claimed block is no orphan", open + text("x y", Log.end, Log.end),
      "1: crypto=SOLUSDC [interrupted] explicit"),
    Row(
      "objects over several lines are read before the marker too",
      print(Log.header, "sl=1", "x y", "{", #""tp": 2"#, "}", Log.end), "1: sl=1 tp=2 [interrupted] explicit"),
    Row(
      "a prolonged suspension becomes foreign lines, which feed nothing",
      open + [Log.text("slow", level: "WARNING"), "theta=0.5"] + text("x y", "tp=2", Log.end),
      "1: crypto=SOLUSDC tp=2 [interrupted] explicit"),
    Row(
      "an end marker in the record of the warning claims",
      open + [Log.text("slow", level: "WARNING"), "tp=2", Log.end] + text("x"),
      "1: crypto=SOLUSDC [interrupted] explicit"),
    Row(
      "a line of = behind a warning ends the block",
      open + [Log.text("slow", level: "WARNING")] + text("====="),
      "1: crypto=SOLUSDC [interrupted] explicit"),
  ]

  static let cutShort: [Row] = [
    Row(
      "without a marker nothing behind prose is read, and the record says so",
      open + text("Epoch 1/3", "sortino=-1", "Saved"), "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "also where a token and the next line are one key", open + text("x y", "n_pas", "sed=12"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "also where the next line is what stood behind the key", open + text("x y", "n_passed", "=12"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "also where a key was cut before its colon", open + text("x y", "baseline_f1_buy", ": 0.4871"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "also where a key was cut before an underscore or a sign", open + text("x y", "n", "_passed=12"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "before a digit", open + text("x y", "screening_f", "1_buy=0.4"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "before a percent sign", open + text("x y", "timeout", "%: 4"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "behind a bullet", open + text("• n_passed", "= 12"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "at the end of a long line", open + text("f1_buy=0.5", "run=\(long) screening_", "f1_buy=0.4"),
      "1: crypto=SOLUSDC f1_buy=0.5 [cut_short] implicit:other_line"),
    Row(
      "a line of points begins no key", open + text("x y", "...", "tp=2"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "a known key behind a bullet is a whole one", open + text("x y", "run_", "-tp=2"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "a key with a sign that belongs to no key of ours cuts nothing short",
      open + text("x y", "n", "_failed=12"),
      "1: crypto=SOLUSDC [] implicit:other_line"),
    Row(
      "prose alone cuts nothing short", open + text("Epoch 1/3", "Saved"),
      "1: crypto=SOLUSDC [] implicit:other_line"),
    Row(
      "two writers: no marker claims a later block of the stream",
      text(Log.header, "sl=1", "x y", "tp=2") + [Log.text(Log.header, ms: 200)]
        + text("sl=3", "x y", "tp=4", Log.end),
      "1: sl=1 [cut_short] implicit:other_line", "2: sl=3 [cut_short] implicit:other_line", "orphan_end at 9"),
    Row(
      "the record behind the block's own brings the rest",
      [Log.text(Log.header), "sl=1", Log.text("tp=2"), "theta=0.5", Log.end],
      "1: sl=1 [cut_short] implicit:record_end", "orphan_end at 5"),
    Row(
      "the one behind that is too far", [Log.text(Log.header), "sl=1"] + text("x y", "tp=2"),
      "1: sl=1 [] implicit:record_end"),
    Row(
      "an object over several lines in the record behind brings the rest",
      [Log.text(Log.header), "sl=1", Log.text("{"), #""tp": 2,"#, #""theta": 0.5"#, "}"] + text("x y"),
      "1: sl=1 [cut_short] implicit:record_end"),
    Row(
      "one behind prose in that record too",
      [Log.text(Log.header), "sl=1", Log.text("x y"), "{", #""tp": 2"#, "}"] + text("x y"),
      "1: sl=1 [cut_short] implicit:record_end"),
    Row(
      "one of other keys does not", [Log.text(Log.header), "sl=1", Log.text("{"), #""run": 2"#, "}"],
      "1: sl=1 [] implicit:record_end"),
    Row(
      "nor does one that never closes",
      [Log.text(Log.header), "sl=1", Log.text("{"), #""tp": 2"#] + text("x"),
      "1: sl=1 [] implicit:record_end"),
    Row(
      "an object in the record of a warning brings the rest",
      open + [Log.text("slow", level: "WARNING"), "{", #""tp": 2"#, "}"] + text("x y"),
      "1: crypto=SOLUSDC [cut_short] implicit:other_line"),
    Row(
      "and feeds nothing before a marker",
      open + [Log.text("slow", level: "WARNING"), "{", #""tp": 2"#, "}"] + text("theta=0.5", Log.end),
      "1: crypto=SOLUSDC theta=0.5 [interrupted] explicit"),
    Row(
      "an object that is never closed may have had more keys",
      [Log.text(Log.header), "sl=1", "{", #""tp": 2,"#] + text("x y"),
      "1: sl=1 [incomplete_block] implicit:other_line"),
    Row(
      "unless the marker claims the block", [Log.text(Log.header), "sl=1", "{", #""tp": 2,"#, Log.end],
      "1: sl=1 [interrupted] explicit"),
    Row(
      "a near-miss header ends what is looked at", open + text("=== Correlation Data ===", "tp=2", Log.end),
      "1: crypto=SOLUSDC [] implicit:other_line", "unrecognised_header at 3", "orphan_end at 5"),
  ]

  static let objects: [Row] = [
    Row(
      "an object printed over the stream's records is read",
      print(Log.header, "{", #""sl": 1,"#, #""gates": {"f1": "pass"},"#, #""tp": 2"#, "}", Log.end),
      "1: sl=1 tp=2 gates=f1:pass [] explicit"),
    Row(
      "in Airflow 3 too",
      [Log.header, "{", #"\"sl\": 1,"#, #"\"tp\": 2"#, "}", Log.end].map {
        Log.json($0, logger: "task.stdout")
      },
      "1: sl=1 tp=2 [] explicit"),
    Row(
      "each key belongs to its own record", print(Log.header, "{", #""sl": 1,"#, #""sl": 2"#, "}", Log.end),
      "1:  [interleaved] explicit"),
    Row(
      "a line that no object has is a line of its own", print(Log.header, "{", #""sl": 1,"#, "tp=2", Log.end),
      "1: tp=2 [interrupted] explicit"),
    Row(
      "on a stream of whole records an object ends with its record",
      text(Log.header, "{", #""sl": 1"#, "}", "tp=2", Log.end), "1: tp=2 [interrupted] explicit"),
  ]

  @Test(arguments: claims + cutShort + objects)
  func `a foreign line never costs a block its numbers in silence`(row: Row) {
    #expect(scan(row.lines).summaries == row.expected)
  }

  /// Nothing is read from a last line without LF, but the key with which it begins is there.
  @Test func `a key cut before the log's last line cuts the block short`() {
    let expected = ["1: crypto=SOLUSDC [cut_short] implicit:other_line"]
    #expect(scan(cut: Self.open + Self.text("x y", "n", "_passed=12")).summaries == expected)
    #expect(scan(cut: Self.open + Self.text("x y", "n_pas", "sed=12")).summaries == expected)
  }

  /// The place of an issue of an object's key is the line that holds the key.
  @Test func `an issue in an object over several records stands at its line`() {
    let record = scan(Self.print(Log.header, "{", #""sl": "x","#, #""tp": 2"#, "}", Log.end)).records.first
    #expect(record?.issues.map(\.line) == [3])
  }

  /// `cut_short` stands at the header, `interrupted` at the first foreign line.
  @Test func `the issues of a block with foreign lines have their places`() {
    let record = scan(Self.open + Self.text("ml:", "Epoch 1/3", "tp=2", Log.end)).records.first
    #expect(record?.issues.map(\.line) == [1, 3])
    #expect(record?.issues.map(\.raw) == [Log.header, "ml:"])
  }

  /// 63 lines behind the first foreign one, and the marker.
  @Test func `a marker claims from no further than 64 lines`() {
    func block(_ count: Int) -> [String] {
      scan(Self.open + (0..<count).map { Log.text("| \($0)% |") } + Self.text(Log.end)).summaries
    }
    #expect(block(64) == ["1: crypto=SOLUSDC [interrupted] explicit"])
    #expect(block(65) == ["1: crypto=SOLUSDC [] implicit:other_line", "orphan_end at 68"])
  }

  /// Nothing is held back that is decided.
  @Test func `a block that its marker ended comes at once`() {
    var scanner = LogScanner()
    var count = 0
    let lines = Self.open + Self.text("tp=2", Log.end)
    for line in lines {
      scanner.consume(Array((line + "\n").utf8).span) { if case .record = $0 { count += 1 } }
    }
    #expect(count == 1)
  }
}
