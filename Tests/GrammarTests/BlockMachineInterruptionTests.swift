import LogModel
import Testing

@testable import CorrelationGrammar

/// The machine in suspension, with objects over several lines, at limits and at a cut line.
extension BlockMachineTests {
  private static let header = "=== CORRELATION DATA ==="
  private static let end = "=== END CORRELATION DATA ==="
  private static let across: [BlockEvent] = [.line(header, 1), .line("crypto=SOL", 2)]

  // MARK: Suspended

  private static let suspended = across + [.line("slow fold", 3, .warning)]
  private static let resumed = "note interrupted: slow fold"

  static let suspension: [Row] = [
    Row("a record of WARNING suspends", across, .line("slow fold", 3, .warning)),
    Row(
      "an end marker in the record claims the block", suspended, .line(end, 3, .warning), resumed,
      "read again slow fold, \(end)"),
    Row("keys in the record are nothing", suspended, .line("tp=2", 3, .warning)),
    Row(
      "unless a header follows: then the block was cut short", suspended + [.line("tp=2", 3, .warning)],
      .line(header, 4), "end implicit:other_line, cut short, several records", "begin"),
    Row(
      "a near-miss header in the record ends the block", suspended,
      .line("=== Correlation Data ===", 3, .warning),
      "end implicit:other_line, several records", "report unrecognised_header"),
    Row("another record of WARNING prolongs", suspended, .line("slower", 4, .warning)),
    Row(
      "new keys resume", suspended, .line("tp=2", 4), resumed, "take"),
    Row("new keys at WARNING do, too", suspended, .line("tp=2", 4, .warning), resumed, "take"),
    Row(
      "the first interruption is named", suspended + [.line("slower", 4, .warning)], .line("tp=2", 5),
      resumed, "take"),
    Row("an object of new keys resumes", suspended, .line(#"{"tp":2}"#, 4), resumed, "take"),
    Row(
      "the end marker resumes and ends", suspended, .line(end, 4), resumed, "end explicit, several records"),
    Row("a line of = does", suspended, .line("===", 4), resumed, "end explicit, several records"),
    Row("a known key does not", suspended, .line("crypto=ETH", 4)),
    Row("nor does prose", suspended, .line("done", 4)),
    Row("nor a section", suspended, .line("--- ML ---", 4)),
    Row(
      "an end marker behind what does not resume claims", suspended + [.line("done", 4)], .line(end, 5),
      resumed,
      "read again slow fold, done, \(end)"),
    Row(
      "the block had ended before a header", suspended, .line(header, 4),
      "end implicit:other_line, several records", "begin"),
    Row(
      "also before one in the interrupting record", suspended, .line(header, 3, .warning),
      "end implicit:other_line, several records", "begin"),
    Row(
      "a near-miss header shows that the block had ended", suspended, .line("=== Correlation Data ===", 4),
      "end implicit:other_line, several records", "report unrecognised_header"),
    Row(
      "keys in the record show at the log's end that the block was cut short",
      suspended + [.line("tp=2", 3, .warning)], .inputEnded(),
      "end implicit:end_of_input, cut short, several records"),
    Row(
      "a failure ends it as an open block", suspended, .failure,
      "end implicit:failure, incomplete, several records"),
    Row("so does the log's end", suspended, .inputEnded(), "end implicit:end_of_input, several records"),
    Row(
      "a block of a header only is resumed by keys", [.line(header, 1), .line("slow fold", 2, .warning)],
      .line("tp=2", 3), resumed, "take"),
    Row(
      "a block of a header only is not resumed by =", [.line(header, 1), .line("slow fold", 2, .warning)],
      .line("===", 3), "end implicit:other_line"),
  ]

  // MARK: Objects over several lines

  private static let inRecord: [BlockEvent] = [.line(header, 1), .line("crypto=SOL", 1), .line("{", 1)]
  private static let printed: [BlockEvent] = [
    .line(header, 1, .print), .line("crypto=SOL", 1, .print), .recordEnded(1, .print), .line("{", 2, .print),
  ]

  static let objects: [Row] = [
    Row("an object begins", [.line(header, 1)], .line("{", 1)),
    Row("it goes on", inRecord, .line(#""tp": 2,"#, 1)),
    Row("its brace closes", inRecord + [.line(#""tp": 2"#, 1)], .line("}", 1), "take object of 3 lines"),
    Row("what follows is a line again", inRecord + [.line("}", 1)], .line("sl=1", 1), "take"),
    Row("a line that cannot carry it on is no part of it", inRecord, .line("tp=2", 1), "read again tp=2"),
    Row(
      "the record ends before the brace: its lines are foreign", inRecord + [.line(#""tp": 2,"#, 1)],
      .objectBroke,
      #"read again "tp": 2,"#),
    Row(
      "what keys the object would have had is not known", inRecord + [.objectBroke], .line(header, 2),
      "end implicit:other_line, incomplete", "begin"),
    Row(
      "the end marker ends the object first", inRecord + [.line(#""tp": 2,"#, 1)], .line(end, 1),
      #"read again "tp": 2,"#, "read again \(end)"),
    Row(
      "the first line interrupts where the record is grave", across + [.line("{", 3, .warning)], .objectBroke),
    Row(
      "then the block is suspended", across + [.line("{", 3, .warning), .objectBroke],
      .line("tp=2", 4), "note interrupted: {", "take"),
    Row(
      "on a line stream the stream's next records carry it on",
      [.line(header, 1, .print), .line("{", 2, .print), .line(#""tp": 2"#, 3, .print)], .line("}", 4, .print),
      "take object of 3 lines"),
    Row(
      "elsewhere the next record does not", [.line(header, 1), .line("{", 2)], .line(#""tp": 2"#, 3),
      #"read again "tp": 2"#),
    Row(
      "an object of new keys goes on with a print", printed + [.line(#""tp": 2"#, 2, .print)],
      .line("}", 2, .print), "take object of 3 lines"),
    Row(
      "one of known keys does not", printed + [.line(#""crypto": 2"#, 2, .print)], .line("}", 2, .print),
      #"read again "crypto": 2, }"#),
    Row("an object that is none does not", printed, .objectBroke),
    Row(
      "the end of a cut log finds the record before it whole", printed, .inputEnded(isWhole: false),
      "end implicit:record_end"),
    Row("a failure, too", printed, .failure, "end implicit:record_end"),
    Row(
      "an object of new keys resumes", suspended + [.line("{", 4), .line(#""tp": 2"#, 4)], .line("}", 4),
      resumed, "take object of 3 lines"),
    Row(
      "an object of known keys does not", suspended + [.line("{", 4), .line(#""crypto": 2"#, 4)],
      .line("}", 4)),
    Row(
      "it is looked at before a marker that claims the block",
      suspended + [.line("{", 4), .line(#""crypto": 2"#, 4), .line("}", 4)], .line(end, 5), resumed,
      "read again slow fold, {, \"crypto\": 2, }, \(end)"),
    Row(
      "one at WARNING that does not resume prolongs", suspended + [.line("{", 4, .warning), .objectBroke],
      .line("tp=2", 5), resumed, "take"),
    Row(
      "the record that prolonged resumes nothing",
      suspended + [.line("{", 4, .warning), .objectBroke], .line("tp=2", 4, .warning)),
  ]

  // MARK: Limits

  /// Three body-lines, and less than 40 bytes.
  static let limits = BlockLimits(lines: 3, bytes: 40)
  private static let full: [BlockEvent] = [
    .line(header, 1), .line("sl=1", 1), .line("tp=2", 1), .line("--", 1),
  ]

  static let limitRows: [Row] = [
    Row("a fourth line", full, .line("theta=0.5", 1), "note block_too_long: theta=0.5", "end implicit:limit"),
    Row(
      "behind it an end marker is an orphan", full + [.line("theta=0.5", 1)], .line(end, 1),
      "report orphan_end"),
    Row("the end marker is no body-line", full, .line(end, 1), "end explicit"),
    Row(
      "39 bytes are not too many", [.line(header, 1)],
      .line("crypto=" + String(repeating: "x", count: 32), 1),
      "take"),
    Row(
      "40 are", [.line(header, 1)], .line("crypto=" + String(repeating: "x", count: 33), 1),
      "note block_too_long: crypto=" + String(repeating: "x", count: 33), "end implicit:limit"),
    Row(
      "an object that grows beyond the limit is none", [.line(header, 1), .line("{", 1)],
      .line("\"note\": \"" + String(repeating: "x", count: 32) + "\"", 1),
      "read again \"note\": \"" + String(repeating: "x", count: 32) + "\""),
    Row("own keys of 40 bytes", [.line(header, 1)], .ownKeys(40), "take own keys", "end implicit:record_end"),
    Row(
      "own keys of 41 bytes", [.line(header, 1)], .ownKeys(41), "note block_too_long: \(header)",
      "end implicit:limit"),
  ]

  // MARK: The last line may be cut

  private static let body: [BlockEvent] = [.line(header, 1), .line("crypto=SOL", 1)]

  static let cutLines: [Row] = [
    Row("a header begins a block", [], .cut(header, 1), "begin"),
    Row("an end marker alone is nobody's to judge", [], .cut(end, 1)),
    Row("the end marker ends the block", across, .cut(end, 3), "end explicit, several records"),
    Row("a pair is not read", across, .cut("tp=2", 3), "skip incomplete_block"),
    Row("nor in the header's record", body, .cut("tp=2", 1), "skip incomplete_block"),
    Row("prose ends nothing", across, .cut("done", 3)),
    Row("a short end marker ends nothing", across, .cut("===", 3)),
    Row("a pair resumes nothing, and is said", suspended, .cut("tp=2", 4), "skip incomplete_block"),
    Row("the end marker resumes and ends", suspended, .cut(end, 4), resumed, "end explicit, several records"),
    Row(
      "new keys behind the block's record show that it was cut short", body + [.recordEnded(1)],
      .cut("tp=2", 2),
      "end implicit:record_end, cut short"),
    Row("keys that the block has do not", body + [.recordEnded(1)], .cut("crypto=ETH", 2)),
    Row(
      "the end marker claims a block behind a foreign line", across + [.line("done", 3)], .cut(end, 4),
      "note interrupted: done", "read again done, \(end)"),
  ]

  @Test(
    arguments: outside + headers + inHeaderRecord + acrossRecords + awaitingRecord + suspension + undecided
      + claimed
      + objects + cutLines)
  func `an event leads to actions`(row: Row) {
    #expect(actions(of: row, within: BlockLimits(lines: 256, bytes: 65_536)) == row.actions)
  }

  @Test(arguments: limitRows)
  func `a limit ends the block`(row: Row) {
    #expect(actions(of: row, within: Self.limits) == row.actions)
  }

  private func actions(of row: Row, within limits: BlockLimits) -> [String] {
    var machine = BlockMachine(limits: limits)
    for event in row.before { _ = event.send(to: &machine) }
    return row.event.send(to: &machine)
  }
}
