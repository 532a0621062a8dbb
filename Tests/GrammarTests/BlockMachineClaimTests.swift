import LogModel
import Testing

@testable import CorrelationGrammar

/// The machine behind a foreign line (1-correlation-data, Claimed blocks).
extension BlockMachineTests {
  private static let header = "=== CORRELATION DATA ==="
  private static let end = "=== END CORRELATION DATA ==="
  private static let foreign: [BlockEvent] = [
    .line(header, 1), .line("crypto=SOL", 2), .line("Evaluating it", 3),
  ]
  private static let interrupted = "note interrupted: Evaluating it"
  private static let ended = "end implicit:other_line, several records"
  private static let cutShort = "end implicit:other_line, cut short, several records"
  /// Lines of progress.
  private static func progress(_ count: Int) -> [BlockEvent] {
    (0..<count).map { .line("| \($0)% |", 4 + $0) }
  }

  // MARK: Undecided

  static let undecided: [Row] = [
    Row("further prose decides nothing", foreign, .line("done", 4)),
    Row("nor does a known key", foreign, .line("tp=2", 4)),
    Row(
      "an end marker claims the block", foreign + [.line("tp=2", 4)], .line(end, 5), interrupted,
      "read again Evaluating it, tp=2, \(end)"),
    Row("a header decides", foreign, .line(header, 4), ended, "begin"),
    Row(
      "a near-miss header decides", foreign, .line("=== Correlation Data ===", 4), ended,
      "report unrecognised_header"),
    Row("a line of = decides", foreign, .line("===", 4), ended),
    Row("a failure decides", foreign, .failure, ended),
    Row("the log's end decides", foreign, .inputEnded(isWhole: false), ended),
    Row("too many open blocks decide", foreign, .roomNeeded, ended),
    Row(
      "a known key that came shows that the block was cut short", foreign + [.line("tp=2", 4)], .inputEnded(),
      cutShort),
    Row("a key that the block has does not", foreign + [.line("crypto=ETH", 4)], .inputEnded(), ended),
    Row("nor does a key that is not ours", foreign + [.line("note=x", 4)], .inputEnded(), ended),
    Row("nor does a known key within a line", foreign + [.line("so tp=2", 4)], .inputEnded(), ended),
    Row("a known key of an object does", foreign + [.line(#"{"tp":2}"#, 4)], .inputEnded(), cutShort),
    Row(
      "a token and the line behind it spell a key", foreign + [.line("n_pas", 4), .line("sed=12", 5)],
      .inputEnded(), cutShort),
    Row(
      "or spell another key than the line begins with", foreign + [.line("old_", 4), .line("tp=2", 5)],
      .inputEnded(), ended),
    Row("the 63rd line behind the first decides nothing", foreign + progress(62), .line("| 45% |", 99)),
    Row("the 64th does", foreign + progress(63), .line("| 45% |", 99), ended),
    Row(
      "an end marker may be the 64th", foreign + progress(63), .line(end, 99), interrupted,
      "read again " + (["Evaluating it"] + (0..<63).map { "| \($0)% |" } + [end]).joined(separator: ", ")),
    Row("blank lines count", foreign + Array(repeating: .blank, count: 63), .blank, ended),
    Row(
      "an end marker in another record claims no block of one record",
      [.line(header, 1), .line("crypto=SOL", 1), .line("done", 1)], .line(end, 2), "end implicit:other_line",
      "report orphan_end"),
    Row(
      "an end marker of two writers claims none",
      foreign + [.line("tp=2", 4), .line(header, 5), .line("sl=1", 6), .line("x y", 7)], .line(end, 8),
      cutShort,
      "report orphan_end"),
  ]

  // MARK: Claimed

  private static let read = foreign + [.line("tp=2", 4), .line(end, 5), .line("Evaluating it", 3)]

  static let claimed: [Row] = [
    Row("a line of new keys feeds the block", read, .line("tp=2", 4), "take"),
    Row("so does an object", read, .line(#"{"tp":2}"#, 4), "take"),
    Row("a line with a key that the block has does not", read, .line("tp=2 crypto=ETH", 4), "take repeated"),
    Row("nor does one with a key that is not ours", read, .line("tp=2 note=x", 4)),
    Row("prose is nothing", read, .line("done", 4)),
    Row("a section is nothing", read, .line("--- ML ---", 4)),
    Row("an overlong line with a new key is skipped", read, .overlong("tp=2", 4), "skip line_too_long"),
    Row("a line whose key may be cut is nothing", read + [.line("screening_", 4)], .line("f1_buy=0.6", 5)),
    Row("the marker ends the block", read, .line(end, 5), "end explicit, several records"),
    Row("nothing is read behind a title", read + [.line("thresholds:", 4)], .line("tp=2", 5)),
    Row(
      "known keys behind a title leave the block cut short",
      read + [.line("thresholds:", 4), .line("tp=2", 5)],
      .line(end, 6), "end explicit, cut short, several records"),
    Row(
      "other keys behind a title do not", read + [.line("thresholds:", 4), .line("note=x", 5)], .line(end, 6),
      "end explicit, several records"),
  ]
}
