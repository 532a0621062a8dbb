import CorrelationGrammar
import LogModel
import Testing

/// Values and keys that a chunk or a fold may have cut in two (1-correlation-data, Cut values).
@Suite struct CutValueTests {
  typealias Row = StreamTests.Row

  private static func text(_ lines: String...) -> [String] { lines.map { Log.text($0) } }
  private static func print(_ lines: String...) -> [String] { lines.map { Log.print($0) } }
  private static let header = Log.header
  /// Each is longer than what is kept of a line that feeds nothing.
  private static let blanks = String(repeating: " ", count: 300)
  private static let long = String(repeating: "x", count: 300)

  static let numbers: [Row] = [
    Row(
      "the first half of a number is none", text(header, "sl=1", "theta=0.4", "871", "tp=2", Log.end),
      "1: sl=1 tp=2 [cut_value theta, interrupted] explicit"),
    Row(
      "in one record too", [Log.text(header), "sl=1", "theta=0.4", "871", "tp=2", Log.end],
      "1: sl=1 tp=2 [cut_value theta, interrupted] explicit"),
    Row(
      "without a marker too", text(header, "sl=1", "theta=0.4", "871", "x y"),
      "1: sl=1 [cut_value theta] implicit:other_line"),
    Row(
      "also behind a record that holds the block", [Log.text(header), "sl=1", "theta=0.4", Log.text("871")],
      "1: sl=1 [cut_value theta] implicit:record_end"),
    Row(
      "before the exponent", text(header, "theta=0.3", "e-05", Log.end),
      "1:  [cut_value theta, interrupted] explicit"),
    Row(
      "no crash where a line without a pair of its own follows what may be the begin of a key",
      text(header, "sl=1 last_fold_", "event=correlation_data", "tp=2", Log.end),
      "1: tp=2 [malformed_number sl] explicit"),
    Row(
      "before the percent sign", text(header, "sl_pct=58.1", "%", Log.end),
      "1:  [cut_value sl_pct, interrupted] explicit"),
    Row(
      "the pairs behind the token are a line of their own",
      text(header, "sl_pct=5", "8.1,timeout_pct=11.7", Log.end),
      "1: timeout_pct=11.7 [cut_value sl_pct, interrupted] explicit"),
    Row(
      "which without a marker is not read", text(header, "sl_pct=5", "8.1,timeout_pct=11.7"),
      "1:  [cut_short, cut_value sl_pct] implicit:other_line"),
    Row(
      "a word is no rest of a number", text(header, "theta=0.31", "Evaluating...", Log.end),
      "1: theta=0.31 [interrupted] explicit"),
    Row(
      "nor are two words", text(header, "theta=0.4", "8 more", Log.end), "1: theta=0.4 [interrupted] explicit"
    ),
    Row(
      "a number at a distance is none either", text(header, "theta=0.4", "x y", "871", Log.end),
      "1: theta=0.4 [interrupted] explicit"),
    Row(
      "a value with a separator behind it was not cut", text(header, "theta=0.4,", "871", Log.end),
      "1: theta=0.4 [interrupted] explicit"),
    Row(
      "nor was one of an object", text(header, #"{"theta": 0.4}"#, "871", Log.end),
      "1: theta=0.4 [interrupted] explicit"),
    Row(
      "a record of WARNING brings no rest",
      text(header, "theta=0.4") + [Log.text("871", level: "WARNING")] + text(Log.end),
      "1: theta=0.4 [interrupted] explicit"),
  ]

  static let texts: [Row] = [
    Row(
      "a name before a token is one where the block goes on", text(header, "crypto=SOL", "USDC", Log.end),
      "1:  [cut_value crypto, interrupted] explicit"),
    Row(
      "known keys go on with it", text(header, "crypto=SOL", "USDC", "sl=1"),
      "1:  [cut_short, cut_value crypto] implicit:other_line"),
    Row(
      "else the token is prose", text(header, "crypto=SOL", "Done", "x y"),
      "1: crypto=SOL [] implicit:other_line"),
    Row(
      "an end marker behind the block's record goes on with it",
      [Log.text(header), "strategy_id=s", Log.text("-1"), Log.text(Log.end)],
      "1:  [cut_value strategy_id] implicit:record_end", "orphan_end at 4"),
    Row(
      "an extra is a text", text(header, "sl=1 note=a", "b", Log.end),
      "1: sl=1 [cut_value note, interrupted] explicit"),
    Row("gates in any case", text(header, "gates=f1:pass", "x"), "1:  [cut_value gates] implicit:other_line"),
    Row(
      "gates before a separator", text(header, "gates=f1:pass", ",sortino:fail"),
      "1:  [cut_value gates] implicit:other_line"),
    Row(
      "gates behind a separator", text(header, "gates=f1:pass,", "sortino:fail", Log.end),
      "1:  [cut_value gates, interrupted] explicit"),
    Row(
      "of a joined pair each of two tokens may be the value", print(header, "sl=", "871", "0.8", Log.end),
      "1:  [rejoined_pair sl, cut_value sl, interrupted] explicit"),
    Row(
      "and any foreign line may be a part of it", print(header, "crypto=", "SOL", "x y", Log.end),
      "1:  [rejoined_pair crypto, cut_value crypto, interrupted] explicit"),
    Row(
      "a token without more is the value", print(header, "crypto=", "SOL", "sl=1", Log.end),
      "1: crypto=SOL sl=1 [rejoined_pair crypto] explicit"),
  ]

  static let longLines: [Row] = [
    Row(
      "the pairs behind a token are read in a long line too",
      text(header, "sl_pct=5", "8.1,timeout_pct=11.7\(blanks)tp=2", Log.end),
      "1: tp=2 timeout_pct=11.7 [cut_value sl_pct, interrupted] explicit"),
    Row(
      "behind a text too", print(header, "crypto=", "日本 tp=2\(blanks)sl=1", Log.end),
      "1: sl=1 tp=2 [cut_value crypto, interrupted] explicit"),
    Row(
      "a long token cuts a text", text(header, "crypto=SOL", long, "x y", Log.end),
      "1:  [cut_value crypto, interrupted] explicit"),
    Row(
      "before the marker a long line cuts a number",
      text(header, "x y", "theta=0.4", "871 run=\(long)", Log.end),
      "1:  [interrupted, cut_value theta] explicit"),
    Row(
      "and gates", text(header, "x y", "gates=f1:pass", ",sortino:\(long)", Log.end),
      "1:  [interrupted, cut_value gates] explicit"),
    Row(
      "and gates behind a separator", text(header, "x y", "gates=f1:pass,", "sortino:fail \(long)", Log.end),
      "1:  [interrupted, cut_value gates] explicit"),
    Row(
      "long prose cuts nothing", text(header, "x y", "theta=0.4", "8 more \(long)", "tp=2", Log.end),
      "1: tp=2 theta=0.4 [interrupted] explicit"),
    Row(
      "a long foreign line may end in the beginning of a key",
      text(header, "sl=1", "x y", "run=\(long) screening_", "f1_buy=0.61", Log.end),
      "1: sl=1 [interrupted] explicit"),
  ]

  static let keys: [Row] = [
    Row(
      "what is left of a cut key is no key", text(header, "sl=1", "screening_", "f1_buy=0.61", Log.end),
      "1: sl=1 [interrupted] explicit"),
    Row(
      "without a marker the record says so", text(header, "sl=1", "screening_", "f1_buy=0.61"),
      "1: sl=1 [cut_short] implicit:other_line"),
    Row(
      "behind a pair the whole key is the one that is absent",
      text(header, "sl=1,last_fold_", "f1_buy=0.61 tp=2", Log.end),
      "1: tp=2 [malformed_number sl, cut_value last_fold_f1_buy] explicit"),
    Row(
      "a token that ends otherwise cuts no key", text(header, "sl=1", "Evaluating", "f1_buy=0.61", Log.end),
      "1: sl=1 f1_buy=0.61 [interrupted] explicit"),
    Row(
      "a value that ends in a point cuts none", text(header, "sl=1.", "f1_buy=0.61", Log.end),
      "1: sl=1 f1_buy=0.61 [] explicit"),
  ]

  @Test(arguments: numbers + texts + longLines + keys)
  func `half a value is never read as the whole`(row: Row) {
    #expect(scan(row.lines).summaries == row.expected)
  }

  /// The last line of a log, without LF, is a token for numbers and gates.
  @Test func `a token at the log's end cuts a number`() {
    #expect(
      scan(cut: Self.text(Log.header, "sl=1", "theta=0.4", "871")).summaries
        == ["1: sl=1 [cut_value theta] implicit:end_of_input"])
    #expect(
      scan(cut: Self.text(Log.header, "sl=1", "crypto=SOL", "USDC")).summaries
        == ["1: crypto=SOL sl=1 [] implicit:end_of_input"])
  }

  /// The issue stands where the value stands.
  @Test func `a cut value is shown with its place`() {
    let issue = scan(Self.text(Log.header, "sl=1", "theta=0.4", "871")).records.first?.issues.first
    #expect(issue?.line == 3)
    #expect(issue?.raw == "0.4")
  }
}
