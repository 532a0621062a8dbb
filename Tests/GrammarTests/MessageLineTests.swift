import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// What one message line is to a block (1-correlation-data, Grammar).
@Suite struct MessageLineTests {
  private func line(_ text: String) -> (MessageLine, [String]) {
    let bytes = Array(text.utf8)
    var pairs: [LoggedPair] = []
    let line = MessageLine(bytes.span, pairs: &pairs)
    let texts = pairs.map { pair in
      bytes.span.text(in: pair.key).text + " -> " + bytes.span.text(in: pair.value).text
    }
    return (line, texts)
  }

  @Test(arguments: [
    ("=== CORRELATION DATA ===", 1), ("=== CORRELATION DATA v1 ===", 1),
    ("=== CORRELATION DATA v2 ===", 2),
    ("=== CORRELATION DATA v0 ===", 0), ("=== CORRELATION DATA === crypto=SOLUSDC  horizon=H1", 1),
    ("=== CORRELATION DATA === note=x", 1),
  ])
  func headers(text: String, version: Int) {
    guard case .header(let found, _) = line(text).0 else {
      Issue.record("\(text) is no header")
      return
    }
    #expect(found == version)
  }

  @Test(arguments: [
    "==== CORRELATION DATA ====", "=== correlation data ===", "===CORRELATION DATA===",
    "=== CORRELATION DATA",
    "=== CORRELATION DATA === is printed below", "=== CORRELATION DATA v ===", "= CORRELATION DATA",
    "=== CORRELATION DATA ====", "=== CORRELATION DATA === level=info",
    "### CORRELATION DATA ###", "[CORRELATION DATA]", "correlation data",
    "[INFO] === CORRELATION DATA ===",
    "\"=== CORRELATION DATA ===\"", "> === CORRELATION DATA ===", "# === CORRELATION DATA ===",
    "=== CORRELATION_DATA ===", "--- Correlation-Data (v2) ---",
    "\u{2500}\u{2500} CORRELATION DATA \u{2500}\u{2500}",
    "\u{1F4CA} === CORRELATION DATA ===", "=== START CORRELATION DATA ===",
    "[END CORRELATION DATA]",
    "C O R R E L A T I O N   D A T A", "CORRELATION\u{A0}DATA", "correlation_data: 1",
    #"{"correlation":"data"}"#, "2026-03-28 02:14:05,919 [INFO    ] === CORRELATION DATA ===",
    "v1 begin correlation data begin",
  ])
  func nearMisses(text: String) {
    #expect(line(text).0 == .nearMiss)
  }

  @Test(arguments: [
    ("", MessageLine.blank), ("=== END CORRELATION DATA ===", .endMarker), ("===", .rule(count: 3)),
    ("==", .rule(count: 2)), ("============", .rule(count: 12)), ("---", .section),
    ("-- Metrics --", .section),
    ("--- ML ---", .section), ("[exits]", .section), ("[]", .other), ("-- Metrics", .other),
    ("{\"a\":1}", .json),
    ("looking for '=== CORRELATION DATA ==='", .other), ("=== END CORRELATION DATA", .nearMiss),
    ("-", .other),
    ("Saved model for SOLUSDC to s3://bucket/models/SOLUSDC_H1.pkl in 3.2s", .other),
    ("Done in: 12.5 s", .other),
    ("Metrics:", .other), ("http://x", .other), ("gate summary: n_passed=1 n_candidates=5", .other),
    ("note=hello world", .other), ("event=step_done crypto=X", .other),
    ("level=info msg=x", .other),
    ("MSG=x", .other), ("time=2026 a=1", .other), ("- level=info crypto=X", .other),
    ("[event=x crypto=X]", .other), ("event=correlation_data level=info", .other),
    ("the correlation data", .other), ("correlations data", .other), ("DATA CORRELATION", .other),
    ("correlation data, correlation data", .other), ("d\u{E9}but correlation data", .other),
    ("correlation database", .other), (#"note="x"y"#, .other), (#"note: "x"y"#, .other),
    ("['sl=1']", .other), ("[{x}]", .json), ("[", .json), ("[a, b]", .other),
    ("-- ML --", .section),
    ("----", .section), ("[note: x]", .section), ("-note=x", .other), ("3.note=x", .other),
    ("[NOTE] sl=1", .other),
    ("1.sl=1", .other), ("[INFO]sl=1", .other), ("- - sl=1", .other),
  ])
  func others(text: String, expected: MessageLine) {
    #expect(line(text).0 == expected)
  }

  @Test(arguments: [
    ("crypto=SOLUSDC", ["crypto -> SOLUSDC"]),
    ("f1_buy = 0.5 sortino = 0.3", ["f1_buy -> 0.5", "sortino -> 0.3"]),
    ("a=1, b=2;c=3|d=4", ["a -> 1", "b -> 2", "c -> 3", "d -> 4"]),
    ("a=1,", ["a -> 1"]),
    ("recall_buy= sortino=0.3", ["recall_buy -> ", "sortino -> 0.3"]),
    (
      "gates=f1:pass, sortino:fail n_trades=3", ["gates -> f1:pass, sortino:fail", "n_trades -> 3"]
    ),
    ("f1_buy=0.55 # best", ["f1_buy -> 0.55 # best"]),
    ("n_trades=1 204", ["n_trades -> 1 204"]),
    ("precision_buy=0,4312", ["precision_buy -> 0,4312"]),
    (#"note="two words" crypto=X"#, ["note -> two words", "crypto -> X"]),
    (#"crypto=X note="open crypto=Y"#, ["crypto -> X", #"note -> "open crypto=Y"#]),
    ("- crypto=X", ["crypto -> X"]), ("* horizon: H4", ["horizon -> H4"]),
    ("• fold=1", ["fold -> 1"]),
    ("  crypto : SOLUSDC".trimmingPrefix(while: \.isWhitespace).description, ["crypto -> SOLUSDC"]),
    ("crypto:SOLUSDC", ["crypto -> SOLUSDC"]),
    ("crypto: SOL horizon=H4", ["crypto -> SOL horizon=H4"]),
    (#"crypto: "SOLUSDC""#, ["crypto -> SOLUSDC"]), ("crypto:", ["crypto -> "]),
    ("Note: done", ["Note -> done"]), ("TP%=46.2% sl-pct=1", ["TP% -> 46.2%", "sl-pct -> 1"]),
    ("event=correlation_data crypto=X", ["crypto -> X"]), ("event=correlation_data", []),
    ("crypto=X event=correlation_data sl=1", ["crypto -> X", "sl -> 1"]),
    ("event=correlation_data n_trades=1 204", ["n_trades -> 1 204"]),
    ("[f1_buy=0.55]", ["f1_buy -> 0.55"]), ("[f1_buy: 0.55]", ["f1_buy -> 0.55"]),
    ("-- k=v --", ["k -> v"]), ("[crypto=X, sl=1]", ["crypto -> X", "sl -> 1"]),
    ("> crypto=X", ["crypto -> X"]), ("\u{2192} sl=1", ["sl -> 1"]), ("\u{B7} sl=1", ["sl -> 1"]),
    ("\u{2013} sl=1", ["sl -> 1"]), ("12. sl=1", ["sl -> 1"]), ("3)  sl=1", ["sl -> 1"]),
    ("[Warn] sl=1", ["sl -> 1"]), ("[CRITICAL] note=x", ["note -> x"]),
    ("-crypto: X", ["crypto -> X"]),
    ("\u{2022}f1_buy=0.5", ["f1_buy -> 0.5"]), ("gates=f1:pass,", ["gates -> f1:pass"]),
    ("uri=s3://x?y=z", ["uri -> s3://x?y=z"]), ("a=1,2,3", ["a -> 1,2,3"]),
    ("crypto=\u{A0}x y=1", ["crypto -> \u{A0}x", "y -> 1"]),
  ])
  func pairs(text: String, expected: [String]) {
    let (line, pairs) = line(text)
    #expect(line == .pairs)
    #expect(pairs == expected)
  }

  /// Runs of blanks and separators must not cost their square.
  /// A plain pair of a key of ours is taken without a look at the letters of the whole line. So no such key may begin as a header's words do:
  /// of no word and key one begins with the other.
  @Test(
    arguments: FieldKey.allCases.map(\.name) + [
      "gates", "delta_f1", "symbol", "pair", "sortino_ratio", "tp%", "sl%", "timeout%",
    ])
  func noKeyBeginsLikeAHeader(key: String) {
    let letters = key.filter(\.isLetter)
    for word in ["correlationdata", "begin", "start", "end", "v", "info"] {
      #expect(!word.hasPrefix(letters) && !letters.hasPrefix(word))
    }
    #expect(line("\(key)=correlation").0 == .pairs)
  }

  @Test func manyBlanksAreReadInOnePass() {
    let blanks = String(repeating: " ", count: 60_000)
    #expect(line("crypto=a" + blanks + "b horizon=H4").1.count == 2)
    let marks = String(repeating: " ,", count: 30_000)
    #expect(line("crypto=a" + marks + "b horizon=H4").1.count == 2)
  }
}
