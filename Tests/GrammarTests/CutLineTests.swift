import CorrelationGrammar
import LogModel
import Testing

/// Nothing is read from a line that may be cut (1-correlation-data, Cut lines): a last physical line without
/// LF.
@Suite struct CutLineTests {
  struct Row: Sendable, CustomStringConvertible {
    var name: String
    var lines: [String]
    var isWhole = true
    var expected: [String]
    var description: String { name }
  }

  private static let open = [Log.text(Log.header), Log.text("crypto=SOLUSDC")]
  private static let inOneRecord = [Log.text(Log.header), "crypto=SOLUSDC"]
  private static let printed = [Log.print(Log.header), "crypto=SOLUSDC"]

  static let rows: [Row] = [
    Row(
      name: "the key of a cut pair is absent", lines: open + [Log.text("theta=0.5")],
      expected: ["1: crypto=SOLUSDC [incomplete_block theta] implicit:end_of_input"]),
    Row(
      name: "also when it was read before", lines: open + [Log.text("theta=0.5"), Log.text("theta=0.55")],
      expected: ["1: crypto=SOLUSDC [incomplete_block theta] implicit:end_of_input"]),
    Row(
      name: "by its canonical name", lines: open + [Log.text("SL%=5")],
      expected: ["1: crypto=SOLUSDC [incomplete_block sl_pct] implicit:end_of_input"]),
    Row(
      name: "in a colon pair", lines: open + [Log.text("- theta: 0.5")],
      expected: ["1: crypto=SOLUSDC [incomplete_block theta] implicit:end_of_input"]),
    Row(
      // It may be another key that is cut: `sl` of `sl_pct`.
      name: "a key without its sign names nothing", lines: open + [Log.text("theta")],
      expected: ["1: crypto=SOLUSDC [] implicit:end_of_input"]),
    Row(
      name: "prose that is cut ends nothing", lines: open + [Log.text("Training fold 1 of 5")],
      expected: ["1: crypto=SOLUSDC [] implicit:end_of_input"]),
    Row(
      name: "a cut failure line is none",
      lines: open + [Log.text("Marking task as FAILED.", file: "taskinstance.py")],
      expected: ["1: crypto=SOLUSDC [] implicit:end_of_input"]),
    Row(
      name: "a cut log says so of the block", lines: open + [Log.text("theta=0.5")], isWhole: false,
      expected: ["1: crypto=SOLUSDC [incomplete_block, incomplete_block theta] implicit:end_of_input"]),
    Row(
      name: "a header that is the cut line opens a block",
      lines: open + [Log.text("tp=1"), Log.text(Log.header)],
      expected: [
        "1:  [interleaved] implicit:new_header", "2:  [empty_block, interleaved] implicit:end_of_input",
      ]),
    Row(
      name: "a cut header's pairs are not read", lines: [Log.text(Log.header + " crypto=SOLUSDC theta=0.5")],
      expected: ["1:  [incomplete_block crypto, empty_block] implicit:end_of_input"]),
    Row(
      name: "behind a block that lies in one print record a cut header cuts nothing",
      lines: printed + [Log.print(Log.header)],
      expected: ["1: crypto=SOLUSDC [] implicit:record_end", "2:  [empty_block] implicit:end_of_input"]),
    Row(
      name: "behind a block that lies in one print record a cut end marker says nothing new",
      lines: printed + [Log.print(Log.end)], expected: ["1: crypto=SOLUSDC [] implicit:record_end"]),
    Row(
      name: "a suspended block ended before the interruption, says a cut header",
      lines: open + [Log.text("slow", level: "WARNING"), Log.text(Log.header)],
      expected: ["1: crypto=SOLUSDC [] implicit:other_line", "2:  [empty_block] implicit:end_of_input"]),
    Row(
      name: "a cut end marker resumes and ends a suspended block",
      lines: open + [Log.text("slow", level: "WARNING"), Log.text(Log.end)],
      expected: ["1: crypto=SOLUSDC [interrupted] explicit"]),
    Row(
      // Whole, the line might have resumed the block.
      name: "a cut key behind a warning resumes nothing, and is said",
      lines: open + [Log.text("slow", level: "WARNING"), Log.text("theta=0.5")],
      expected: ["1: crypto=SOLUSDC [incomplete_block theta] implicit:end_of_input"]),
    Row(
      name: "a cut short end marker ends nothing", lines: open + [Log.text("=====")],
      expected: ["1: crypto=SOLUSDC [] implicit:end_of_input"]),
    Row(
      name: "a cut end marker alone is nobody's to judge; its words are no block",
      lines: [Log.text("x"), Log.text(Log.end)],
      expected: ["unread_header at 2"]),
    Row(
      name: "nor is one where a block ended before",
      lines: inOneRecord + [Log.end, Log.text("x"), Log.text(Log.end)],
      expected: ["1: crypto=SOLUSDC [] explicit"]),
    Row(
      name: "a cut header that is not whole is none that is not recognised",
      lines: [Log.text("x"), Log.text("=== CORRELATION DATA")], expected: ["unread_header at 2"]),
    Row(
      name: "not either where a block ended before",
      lines: inOneRecord + [Log.end, Log.text("x"), Log.text("=== CORRELATION DATA =")],
      expected: ["1: crypto=SOLUSDC [] explicit"]),
    Row(
      name: "a JSON object that parses whole is not cut",
      lines: open + [Log.text(#"{"theta":0.5,"sl":1}"#)],
      expected: ["1: crypto=SOLUSDC sl=1 theta=0.5 [] implicit:end_of_input"]),
    Row(
      name: "nor is one over the lines of its record",
      lines: inOneRecord + ["{", #""theta":0.5"#, "}"],
      expected: ["1: crypto=SOLUSDC theta=0.5 [] implicit:record_end"]),
    Row(
      name: "an object that lacks its end feeds and ends nothing",
      lines: open + [Log.text("sl=1"), Log.text(#"{"theta":0.5"#)],
      expected: ["1: crypto=SOLUSDC sl=1 [] implicit:end_of_input"]),
    Row(
      name:
        "an object over lines that lacks its end feeds nothing; its first line, which is whole, is no body-line",
      lines: inOneRecord + ["{", #""theta":0.5,"#, #""sl":1"#],
      expected: ["1: crypto=SOLUSDC [incomplete_block] implicit:other_line"]),
    Row(
      name: "a JSON line of Airflow that parses whole is not cut",
      lines: [Log.json(Log.header), Log.json("sl=1"), Log.json("tp=2")],
      expected: ["1: sl=1 tp=2 [] implicit:end_of_input"]),
    Row(
      name: "a cut JSON line of Airflow is bare text",
      lines: [Log.json(Log.header), Log.json("sl=1"), String(Log.json("tp=2").dropLast())],
      expected: ["1: sl=1 [] implicit:end_of_input"]),
    Row(
      name: "a structured header in the console's form is only a header where it is cut",
      lines: ["2026-03-28T02:14:07.1Z [info     ] === CORRELATION DATA ===   [s] crypto=SOLUSDC f1_buy=0.5"],
      expected: ["1:  [empty_block] implicit:end_of_input"]),
    Row(
      name: "a console record that ends on the cut line may go on",
      lines: [
        "2026-03-28T02:14:07.1Z [info     ] " + Log.header, "crypto=SOLUSDC", "theta=0.5 [root] loc=a.py:1",
      ],
      isWhole: false,
      expected: ["1: crypto=SOLUSDC [incomplete_block, incomplete_block theta] implicit:end_of_input"]),
    Row(
      name: "so may a download's",
      lines: [
        "[2026-03-28T02:14:07.1Z] INFO - " + Log.header, "crypto=SOLUSDC", "theta=0.5 source=root loc=a.py:1",
      ],
      isWhole: false,
      expected: ["1: crypto=SOLUSDC [incomplete_block, incomplete_block theta] implicit:end_of_input"]),
    Row(
      name: "CR behind a cut pair changes nothing", lines: open + [Log.text("theta=0.5\r")],
      expected: ["1: crypto=SOLUSDC [incomplete_block theta] implicit:end_of_input"]),
  ]

  @Test(arguments: rows)
  func `feeds nothing`(row: Row) {
    #expect(scan(cut: row.lines, isWhole: row.isWhole).summaries == row.expected)
  }

  /// With its LF each of them is read.
  @Test func `is read with its LF`() {
    #expect(scan(Self.open + [Log.text("theta=0.5")]).records.first?[.theta] != nil)
  }
}
