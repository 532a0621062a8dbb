import LogModel
import Testing

@testable import CorrelationGrammar

/// The machine alone, as rows of events and actions (1-correlation-data, Grammar; 2-log-envelopes, Headers in messages).
@Suite struct BlockMachineTests {
  /// After the events of `before` the event `event` leads to `actions`.
  struct Row: Sendable, CustomStringConvertible {
    var name: String
    var before: [BlockEvent]
    var event: BlockEvent
    var actions: [String]
    var description: String { name }

    init(_ name: String, _ before: [BlockEvent], _ event: BlockEvent, _ actions: String...) {
      (self.name, self.before, self.event, self.actions) = (name, before, event, actions)
    }
  }

  private static let header = "=== CORRELATION DATA ==="
  private static let end = "=== END CORRELATION DATA ==="
  private static let nearMiss = "=== Correlation Data ==="

  // MARK: No block is open

  static let outside: [Row] = [
    Row("a header begins a block", [], .line(header, 1), "begin"),
    Row("a pair is nothing", [], .line("f1_buy=0.5", 1)),
    Row("an object is nothing", [], .line(#"{"f1_buy":0.5}"#, 1)),
    Row("a line of = is nothing", [], .line("=====", 1)),
    Row("an end marker ends no block", [], .line(end, 1), "report orphan_end"),
    Row("a second end marker ends none either", [.line(end, 1)], .line(end, 1), "report orphan_end"),
    Row("an end marker directly behind a block is late", [.line(header, 1), .line(end, 1)], .line(end, 2)),
    Row("so is one more", [.line(header, 1), .line(end, 1), .line(end, 2)], .line(end, 3)),
    Row(
      "an end marker behind a block and another line is none that is late",
      [.line(header, 1), .line(end, 1), .line("done", 2)], .line(end, 3), "report orphan_end"),
    Row("a near-miss header is the source's issue", [], .line(nearMiss, 1), "report unrecognised_header"),
    Row("an overlong header is one", [], .overlong(header, 1), "report unrecognised_header"),
    Row("an overlong pair is nothing", [], .overlong("f1_buy=0.5", 1)),
    Row("nothing ends where nothing is open: a record", [], .recordEnded(1)),
    Row("nothing ends where nothing is open: a failure", [], .failure),
    Row("nothing ends where nothing is open: the log", [], .inputEnded()),
  ]

  // MARK: A header, and no body-line yet

  private static let begun: [BlockEvent] = [.line(header, 1)]

  static let headers: [Row] = [
    Row("the header's record may go on with the body", begun, .line("f1_buy=0.5", 1), "take"),
    Row("so may the next record", begun, .line("f1_buy=0.5", 2), "take"),
    Row("a section is a body-line", begun, .line("--- ML ---", 1), "take"),
    Row("an object is a body-line", begun, .line(#"{"f1_buy":0.5}"#, 1), "take"),
    Row("a line of = is a banner", begun, .line("=====", 1), "pass banner"),
    Row("two = are another line", begun, .line("==", 1)),
    Row("the header's record ends", begun, .recordEnded(1)),
    Row("another line leaves open how the block ended", begun, .line("done", 1)),
    Row(
      "a near-miss header is reported before it ends the block", begun, .line(nearMiss, 1),
      "report unrecognised_header", "end implicit:other_line"),
    Row(
      "a second header in the same record", begun, .line(header, 1), "end implicit:new_header", "begin"),
    Row(
      "a second header in another record may be another writer's", begun, .line(header, 2),
      "hold back implicit:new_header", "begin"),
    Row("a failure", begun, .failure, "end implicit:failure, incomplete"),
    Row("a failure while lines come late", [.line(header, 1, .late)], .failure),
    Row("the log's end", begun, .inputEnded(), "end implicit:end_of_input"),
    Row("the end of a cut log", begun, .inputEnded(isWhole: false), "end implicit:end_of_input, incomplete"),
    Row(
      "a failure in the log makes only late blocks incomplete", begun, .inputEnded(sawFailure: true),
      "end implicit:end_of_input"),
    Row(
      "a failure in the log, and lines that come late", [.line(header, 1, .late)],
      .inputEnded(sawFailure: true), "end implicit:end_of_input, incomplete"),
    Row("too many blocks are open", begun, .roomNeeded, "end implicit:limit"),
  ]

  // MARK: The body is in the header's record

  private static let inRecord: [BlockEvent] = [.line(header, 1), .line("crypto=SOL", 1)]
  private static let ended = inRecord + [.recordEnded(1)]

  static let inHeaderRecord: [Row] = [
    Row("further lines are taken", inRecord, .line("crypto=ETH", 1), "take"),
    Row("the end marker", inRecord, .line(end, 1), "end explicit"),
    Row("three = are an end marker", inRecord, .line("===", 1), "end explicit"),
    Row("two are another line", inRecord, .line("==", 1)),
    Row("the record ends: the next one may show that it was cut", inRecord, .recordEnded(1)),
    Row("the log ends behind the record", ended, .inputEnded(), "end implicit:record_end"),
    Row("a failure behind the record", ended, .failure, "end implicit:record_end"),
    Row("too many blocks are open, and the record has ended", ended, .roomNeeded, "end implicit:record_end"),
    Row("an end marker behind the record is late", ended, .line(end, 2), "end implicit:record_end"),
    Row("so is one more", ended + [.line(end, 2)], .line(end, 3)),
    Row("a header behind the record", ended, .line(header, 2), "end implicit:record_end", "begin"),
    Row("new keys behind the record", ended, .line("tp=2", 2), "end implicit:record_end, cut short"),
    Row("keys that the block has, behind the record", ended, .line("crypto=ETH", 2)),
    Row(
      "new keys on a later line of the next record", ended + [.line("done", 2)], .line("tp=2", 2),
      "end implicit:record_end, cut short"),
    Row(
      "the next record ends without new keys", ended + [.line("done", 2)], .recordEnded(2),
      "end implicit:record_end"),
    Row(
      "the record behind the next one is not looked at", ended + [.line("done", 2)], .line("tp=2", 3),
      "end implicit:record_end"),
    Row(
      "an end marker on a later line of the next record", ended + [.line("done", 2)], .line(end, 2),
      "end implicit:record_end", "report orphan_end"),
    Row("a failure finds the block whole", inRecord, .failure, "end implicit:record_end"),
    Row("the log's end finds the block whole", inRecord, .inputEnded(), "end implicit:record_end"),
    Row(
      "the end of a cut log may have cut the record", inRecord, .inputEnded(isWhole: false),
      "end implicit:end_of_input, incomplete"),
    Row(
      "prose of the same record is foreign whatever its level",
      [.line(header, 1, .warning), .line("crypto=SOL", 1, .warning), .line("slow", 1, .warning)],
      .failure, "end implicit:other_line"),
  ]

  // MARK: The body is in the records behind the header's

  private static let across: [BlockEvent] = [.line(header, 1), .line("crypto=SOL", 2)]

  static let acrossRecords: [Row] = [
    Row("records end and the block goes on", across, .recordEnded(2)),
    Row("further records are taken", across, .line("tp=2", 3), "take"),
    Row(
      "a failure cuts the block off", across, .failure, "end implicit:failure, incomplete, several records"),
    Row("the log's end", across, .inputEnded(), "end implicit:end_of_input, several records"),
    Row("prose leaves open how the block ended", across, .line("done", 3)),
    Row(
      "prose in the record that fed the block last is no interruption", across + [.line("slow", 2, .warning)],
      .line(header, 3), "end implicit:other_line, several records", "begin"),
    Row(
      "nor is prose in the header's own record", begun + [.line("slow", 1, .warning)], .failure,
      "end implicit:other_line"),
    Row(
      "nor is prose of a stream whose level is the channel's", across + [.line("slow", 3, .standardError)],
      .line("=====", 4), "end implicit:other_line, several records"),
    Row("an overlong line with a key of ours is skipped", across, .overlong("tp=2", 3), "skip line_too_long"),
    Row("another overlong line is foreign", across, .overlong("note: x", 3)),
  ]

  // MARK: A print whose record has ended

  private static let printed: [BlockEvent] = [
    .line(header, 1, .print), .line("crypto=SOL", 1, .print), .recordEnded(1, .print),
  ]
  private static let cutPrint: [BlockEvent] = [
    .line(header, 1, .print), .line("recall_buy=", 1, .print), .recordEnded(1, .print),
  ]

  static let awaitingRecord: [Row] = [
    Row("keys that are new to the block go on with it", printed, .line("tp=2", 2, .print), "take"),
    Row("a known key once more does not", printed, .line("crypto=ETH tp=2", 2, .print)),
    Row(
      "nor does one beside a new key, which shows that the block was cut short", printed,
      .line("tp=2 crypto=ETH", 2, .print), "end implicit:record_end, cut short"),
    Row(
      "nor does a key that is not ours", printed, .line("tp=2 note=x", 2, .print),
      "end implicit:record_end, cut short"),
    Row("an object of new keys goes on", printed, .line(#"{"tp":2}"#, 2, .print), "take"),
    Row("an end marker ends nothing more", printed, .line(end, 2, .print), "end implicit:record_end"),
    Row(
      "a header is the next block's", printed, .line(header, 2, .print), "end implicit:record_end", "begin"),
    Row(
      "so is one with new keys on its line", printed, .line(header + " tp=2", 2, .print),
      "end implicit:record_end", "begin"),
    Row(
      "a near-miss header is reported behind the block", printed, .line(nearMiss, 2, .print),
      "end implicit:record_end", "report unrecognised_header"),
    Row(
      "the end of a cut log did not cut the record", printed, .inputEnded(isWhole: false),
      "end implicit:record_end"),
    Row(
      "a second write makes it more than one record", printed + [.line("tp=2", 2, .print)],
      .line(end, 2, .print), "end explicit, several records"),
    Row(
      "the second record is awaited like the first",
      printed + [.line("tp=2", 2, .print), .recordEnded(2, .print), .line("done", 3, .print)],
      .recordEnded(3, .print), "end implicit:record_end, several records"),
    Row("a word is the value that a flush cut off", cutPrint, .line("0.4", 2, .print), "join"),
    Row("only where a value is missing", printed, .line("0.4", 2, .print)),
    Row("two words are none", cutPrint, .line("all done", 2, .print)),
    Row("nor is a word in quotes", cutPrint, .line(#""0.4""#, 2, .print)),
    Row("nor is one that print() did not write", cutPrint, .line("0.4", 2)),
    Row(
      "a value comes once", cutPrint + [.line("0.4", 2, .print), .recordEnded(2, .print)],
      .line("0.5", 3, .print)),
  ]
}
