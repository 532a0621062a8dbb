import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// Values by domain (1-correlation-data: Record, Units and Issues), each read from a line of a block.
@Suite struct ValueTests {
  /// What a block of these lines says: its pairs, then its issues.
  private func read(_ lines: [String]) -> String {
    let record = scan([Log.text(Log.header)] + lines + [Log.end]).records.first
    return record.map { "\($0.pairTexts.joined(separator: " ")) [\($0.issueTexts.joined(separator: ", "))]" }
      ?? ""
  }

  @Test(arguments: FieldKey.allCases.map(\.name) + ["gates"])
  func `no field takes a value that says there is none`(key: String) {
    for value in ["", "None", "none", "null", "NULL", "nan", "NaN", "N/A", "n/a", "-", "\"\"", "\"None\""] {
      #expect(read(["\(key)=\(value)"]) == " [missing_value \(key)]", "\(value)")
    }
    #expect(read(["\(key)=***"]) == " [masked_value \(key)]")
    #expect(read(["\(key)=a***b"]) == " [masked_value \(key)]")
  }

  /// The fields that take numbers.
  static let numberKeys = FieldKey.allCases.filter {
    switch $0.domain {
    case .fold, .positiveDecimal, .count, .fraction, .anyDecimal, .exitShare, .percentPoints: true
    case .name, .horizon, .phase, .boolean: false
    }
  }.map(\.name)

  @Test(arguments: numberKeys)
  func `no number is guessed`(key: String) {
    for value in [
      "0,55", "1 204", "1\u{A0}204", "\u{2212}0.3", "tensor(0.5)", "0.5.1", "1e", "e5", "0x1", "1_000",
      ".", "+",
      "٣", "0.5 # best", "\"0.5", "1/2", "0.5f", "--1", "np.float64(0.5)%", "numpy.float64(0.5)",
      "np.float64( 0.5)",
      "np.float64(0.5%)", "np.float128(0.5)", "np.float64(np.float64(0.5))", "Decimal(0.5)", "Decimal('')",
      "np.float64()", "np.float64(0.5", "np.float64(0.5))", "NP.float64(0.5)", "np.float64('0.5')",
    ] {
      #expect(read(["\(key)=\(value)"]) == " [malformed_number \(key)]", "\(value)")
    }
    for value in ["inf", "-inf", "+Inf", "Infinity", "-INFINITY", "inf%"] {
      #expect(read(["\(key)=\(value)"]) == " [non_finite \(key)]", "\(value)")
    }
    // 19 significant digits are one too many wherever the point stands; 10^15 is too great.
    #expect(read(["\(key)=0.1234567890123456789"]) == " [malformed_number \(key)]")
    #expect(read(["\(key)=1000000000000000"]) == " [out_of_range \(key)]")
    #expect(read(["\(key)=1e-31"]) == " [out_of_range \(key)]")
  }

  /// numpy 2 prints its numbers so; all was malformed (1-correlation-data, Numbers).
  @Test(arguments: [
    ("f1_buy=np.float64(0.55)", "f1_buy=0.55 []"), ("f1_buy=np.float32(5.5e-05)", "f1_buy=0.000055 []"),
    ("f1_buy=np.float16(.5)", "f1_buy=0.5 []"), ("n_trades=np.int64(12)", "n_trades=12 []"),
    ("n_trades=np.uint8(3.0)", "n_trades=3 []"), ("fold=np.int32(2)", "fold=2 []"),
    ("sortino=Decimal('-0.31')", "sortino=-0.31 []"), ("tp_pct=np.float64(46.2)", "tp_pct=46.2 []"),
    ("f1_buy=\"np.float64(0.55)\"", "f1_buy=0.55 []"), (#"{"f1_buy": np.float64(0.55)}"#, "f1_buy=0.55 []"),
    ("f1_buy=np.float64(nan)", " [missing_value f1_buy]"),
    ("f1_buy=Decimal('NaN')", " [missing_value f1_buy]"),
    ("f1_buy=np.float64(-inf)", " [non_finite f1_buy]"),
    ("sortino=Decimal('Infinity')", " [non_finite sortino]"),
    ("f1_buy=np.float64(1.5)", " [out_of_range f1_buy]"),
    ("n_trades=np.int64(-1)", " [out_of_range n_trades]"),
    ("f1_buy=np.float64(0.1234567890123456789)", " [malformed_number f1_buy]"),
    ("note=np.float64(0.5)", "+note=np.float64(0.5) []"),
  ])
  func `reads what Python prints of its number types`(line: String, expected: String) {
    #expect(read([line]) == expected)
  }

  /// `f"{crypto=}"` prints quotes, and they were taken for a part of the name (1-correlation-data, Record).
  @Test(arguments: [
    ("crypto='SOL'", "crypto=SOL []"), ("crypto: 'SOL'", "crypto=SOL []"),
    ("crypto=\"'SOL'\"", "crypto=SOL []"),
    ("crypto=''", " [missing_value crypto]"), ("crypto='None'", " [missing_value crypto]"),
    ("crypto='***'", " [masked_value crypto]"), ("crypto=np.str_('SOL')", " [malformed_pair crypto]"),
    ("crypto=b's1'", " [malformed_pair crypto]"), ("crypto='SOL", " [malformed_pair crypto]"),
    ("crypto=S`L", " [malformed_pair crypto]"),
    ("crypto=SOL;x", " [malformed_pair crypto]"), ("crypto=SOL|x", " [malformed_pair crypto]"),
    ("crypto=\u{2018}SOL\u{2019}", " [malformed_pair crypto]"),
    ("crypto=\u{AB}SOL\u{BB}", " [malformed_pair crypto]"),
    ("crypto=\u{201C}SOL\u{201D}", " [malformed_pair crypto]"),
    ("crypto=''SOL''", " [malformed_pair crypto]"), ("crypto=S\u{E2}L", "crypto=S\u{E2}L []"),
    ("horizon='H4'", " [out_of_range horizon]"), ("horizon=h4", " [out_of_range horizon]"),
    ("horizon=H04", " [out_of_range horizon]"), ("phase=Testing", " [out_of_range phase]"),
  ])
  func `a name is written without quotes`(line: String, expected: String) {
    #expect(read([line]) == expected)
  }

  /// The rest of the list was cut off, and the gates before it were taken for all of them.
  @Test(arguments: [
    ("gates: f1:pass,", " [malformed_pair gates]"), ("gates=,f1:pass", " [malformed_pair gates]"),
    ("gates=f1:pass,,sortino:fail", " [malformed_pair gates]"), ("gates=a b:pass", " [malformed_pair gates]"),
    ("gates=a=b:pass", " [malformed_pair gates]"), (#"{"gates": {"a:b": true}}"#, " [malformed_pair gates]"),
    (#"{"gates": {"a b": true}}"#, " [malformed_pair gates]"),
    (#"{"gates": {"a": {}}}"#, " [malformed_pair gates]"),
    (#"{"gates": {"a\u0000pass": 1}}"#, " [invalid_utf8 gates]"),
    ("{'gates': {'f1': True, 'sortino': False}}", "gates=f1:pass,sortino:fail []"),
    ("{'gates': {}}", " [missing_value gates]"), ("{'gates': {'f1': '***'}}", " [masked_value gates]"),
    ("{'gates': 'f1:pass'}", "gates=f1:pass []"),
  ])
  func `gates are read whole or not at all`(line: String, expected: String) {
    #expect(read([line]) == expected)
  }

  /// Nothing was shown of a value that has no character within its first 200 bytes.
  @Test func `an issue shows the first 200 bytes, up to a whole character`() {
    func shown(_ value: [UInt8]) -> String? {
      let log = Array("\(Log.header)\ncrypto=".utf8) + value + Array("\n\(Log.end)\n".utf8)
      return scan(log).records.first?.issues.first?.raw
    }
    // Each byte that belongs to no character is shown as one U+FFFD.
    #expect(shown(Array(repeating: 0x80, count: 300)) == String(repeating: "\u{FFFD}", count: 200))
    // Text of more than 128 characters is no name; the cut would go through a character.
    let long = String(repeating: "é", count: 150)
    #expect(shown(Array("x\(long)".utf8)) == "x" + long.prefix(99))
    let faces = String(repeating: "😀", count: 150)
    #expect(shown(Array("x\(faces)".utf8)) == "x" + faces.prefix(49))
    #expect(shown(Array(long.utf8)) == String(long.prefix(100)))
  }

  struct Row: Sendable, CustomStringConvertible {
    var line: String
    var expected: String
    var description: String { line }
    init(_ line: String, _ expected: String) { (self.line, self.expected) = (line, expected) }
  }

  static let rows: [Row] = [
    // Text.
    Row("crypto=SOLUSDC", "crypto=SOLUSDC []"),
    Row("crypto=\"SOL USDC\"", " [malformed_pair crypto]"),
    Row("crypto=a=b", " [malformed_pair crypto]"),
    Row("crypto=a,b", " [malformed_pair crypto]"),
    Row("crypto=SOL USDC", " [malformed_pair crypto]"),
    Row("crypto=\"SOLUSDC", " [malformed_pair crypto]"),
    Row("group=é", "group=é []"),
    Row("timeframe=\"1h\"", "timeframe=1h []"),
    Row("model_version=a\\b", "model_version=a\\b []"),
    Row(
      "strategy_id=\(String(repeating: "é", count: 128))",
      "strategy_id=\(String(repeating: "é", count: 128)) []"),
    Row("strategy_id=\(String(repeating: "é", count: 129))", " [malformed_pair strategy_id]"),
    // Horizon and phase.
    Row("horizon=H1", "horizon=H1 []"), Row("horizon=H99", "horizon=H99 []"),
    Row("horizon=H0", " [out_of_range horizon]"), Row("horizon=H100", " [out_of_range horizon]"),
    Row("horizon=H01", " [out_of_range horizon]"), Row("horizon=4", " [out_of_range horizon]"),
    Row("horizon=H", " [out_of_range horizon]"), Row("horizon=H4x", " [out_of_range horizon]"),
    Row("phase=screening", "phase=screening []"), Row("phase=testing", "phase=testing []"),
    Row("phase=wfrb", "phase=wfrb []"), Row("phase=training", " [out_of_range phase]"),
    // Fold and counts.
    Row("fold=0", "fold=0 []"), Row("fold=ALL", "fold=all []"), Row("fold=-1", " [out_of_range fold]"),
    Row("fold=1.5", " [out_of_range fold]"), Row("fold=-0", "fold=0 []"),
    Row("n_trades=3.0", "n_trades=3 []"), Row("n_trades=3.5", " [out_of_range n_trades]"),
    Row("n_trades=1e3", "n_trades=1000 []"), Row("n_trades=-1", " [out_of_range n_trades]"),
    Row("n_trades=5%", " [malformed_number n_trades]"),
    Row("oom_kills=999999999999999", "oom_kills=999999999999999 []"),
    // Multiples of ATR.
    Row("sl=0", " [out_of_range sl]"), Row("sl=0.0001", "sl=0.0001 []"), Row("tp=-1", " [out_of_range tp]"),
    Row("tp=5%", " [malformed_number tp]"),
    // Fractions.
    Row("f1_buy=0", "f1_buy=0 []"), Row("f1_buy=1", "f1_buy=1 []"), Row("f1_buy=1.000", "f1_buy=1 []"),
    Row("f1_buy=1.0001", " [out_of_range f1_buy]"), Row("f1_buy=-0.0001", " [out_of_range f1_buy]"),
    Row("f1_buy=-0.0", "f1_buy=0 []"), Row("f1_buy=.5", "f1_buy=0.5 []"), Row("f1_buy=1.", "f1_buy=1 []"),
    Row("f1_buy=55.1%", "f1_buy=0.551 []"), Row("f1_buy=100%", "f1_buy=1 []"),
    Row("f1_buy=100.1%", " [out_of_range f1_buy]"), Row("f1_buy=55.1 %", " [malformed_number f1_buy]"),
    Row("f1_buy=%", " [malformed_number f1_buy]"), Row("f1_buy=55%%", " [malformed_number f1_buy]"),
    Row("f1_buy=nan%", " [missing_value f1_buy]"), Row("f1_buy=1.2e-05", "f1_buy=0.000012 []"),
    Row("f1_buy=0.123456789012345678", "f1_buy=0.123456789012345678 []"),
    // Sortino.
    Row("sortino=-999999999999999", "sortino=-999999999999999 []"),
    Row("sortino=+1.5", "sortino=1.5 []"), Row("sortino=5%", " [malformed_number sortino]"),
    // Percent points of the platform.
    Row("success_rate=70", "success_rate=70 []"), Row("success_rate=0", "success_rate=0 []"),
    Row("success_rate=1.01", "success_rate=1.01 []"), Row("success_rate=1", " [unit_ambiguous success_rate]"),
    Row("success_rate=0.7", " [unit_ambiguous success_rate]"),
    Row("success_rate=0.7%", "success_rate=0.7 []"), Row("cpu_pct=100", "cpu_pct=100 []"),
    Row("cpu_pct=100.1", " [out_of_range cpu_pct]"), Row("pvc_pct=-1", " [out_of_range pvc_pct]"),
    // Booleans.
    Row("complete=true", "complete=true []"), Row("complete=No", "complete=false []"),
    Row("complete=1", "complete=true []"), Row("complete=0", "complete=false []"),
    Row("complete=YES", "complete=true []"), Row("complete=maybe", " [malformed_pair complete]"),
    // Quotes and their escapes.
    Row(#"note="a \"b\" \\ \n\t\q""#, "+note=a \"b\" \\ \n\t\\q []"),
    Row(#"theta="0.5""#, "theta=0.5 []"), Row(#"theta: "0.5""#, "theta=0.5 []"),
    // Keys.
    Row("F1-Buy=0.5", "f1_buy=0.5 []"), Row("pair=A", "crypto=A []"), Row("SYMBOL=A", "crypto=A []"),
    Row("sortino_ratio=1", "sortino=1 []"), Row("delta_f1=0.1 sl=1", "sl=1 []"),
    Row("f1_buy_x=1", "+f1_buy_x=1 []"), Row("My-Key=1", "+My-Key=1 []"),
  ]

  @Test(arguments: rows)
  func `reads`(row: Row) {
    #expect(read([row.line]) == row.expected)
  }

  // MARK: Exit shares

  /// The three shares as logged; what becomes of tp, sl and timeout, and the issues.
  static let shares: [(String, String, String, String)] = [
    ("38", "32", "30", "tp_pct=38 sl_pct=32 timeout_pct=30 []"),
    ("38.5", "0.5", "1", "tp_pct=38.5 sl_pct=0.5 timeout_pct=1 []"),
    ("0", "0", "0", "tp_pct=0 sl_pct=0 timeout_pct=0 []"),
    (
      "0", "0.4", "0.6", "tp_pct=0 sl_pct=40 timeout_pct=60 [unit_inferred sl_pct, unit_inferred timeout_pct]"
    ),
    ("0", "0", "1", "tp_pct=0 sl_pct=0 timeout_pct=100 [unit_inferred timeout_pct]"),
    (
      "0.35", "0.3", "0.3",
      "tp_pct=35 sl_pct=30 timeout_pct=30 [unit_inferred tp_pct, unit_inferred sl_pct, unit_inferred timeout_pct]"
    ),
    ("0.349", "0.3", "0.3", " [unit_ambiguous tp_pct, unit_ambiguous sl_pct, unit_ambiguous timeout_pct]"),
    (
      "0.45", "0.3", "0.3",
      "tp_pct=45 sl_pct=30 timeout_pct=30 [unit_inferred tp_pct, unit_inferred sl_pct, unit_inferred timeout_pct]"
    ),
    ("0.451", "0.3", "0.3", " [unit_ambiguous tp_pct, unit_ambiguous sl_pct, unit_ambiguous timeout_pct]"),
    // Of the bare ones only: a share with its sign says nothing about the others.
    ("38%", "0.3", "0.32", "tp_pct=38 [unit_ambiguous sl_pct, unit_ambiguous timeout_pct]"),
    ("38%", "32", "0.3", "tp_pct=38 sl_pct=32 timeout_pct=0.3 []"),
    ("nan", "0.5", "0.5", " [missing_value tp_pct, unit_ambiguous sl_pct, unit_ambiguous timeout_pct]"),
    ("nan", "0", "50", "sl_pct=0 timeout_pct=50 [missing_value tp_pct]"),
    ("101", "50", "0.2", "sl_pct=50 timeout_pct=0.2 [out_of_range tp_pct]"),
    ("-1", "50", "51", "sl_pct=50 timeout_pct=51 [out_of_range tp_pct]"),
    // Their sum has more digits than any number may have.
    (
      "999999999999999", "0.000000000000000000000000000001", "1",
      "sl_pct=0.000000000000000000000000000001 timeout_pct=1 [out_of_range tp_pct]"
    ),
  ]

  @Test(arguments: shares)
  func `infers the unit of the exit shares from all three`(
    tp: String, sl: String, timeout: String, expected: String
  ) {
    #expect(read(["tp_pct=\(tp)", "sl_pct=\(sl)", "timeout_pct=\(timeout)"]) == expected)
    #expect(read(["tp%=\(tp)  sl%=\(sl)  timeout%=\(timeout)"]) == expected)
  }

  // MARK: Gates

  static let gates: [Row] = [
    Row("f1:pass,sortino:fail", "gates=f1:pass,sortino:fail []"),
    Row(" f1 : PASS , sortino : KO ", "gates=f1:pass,sortino:fail []"),
    Row("a:ok,b:TRUE,c:1,d:✓", "gates=a:pass,b:pass,c:pass,d:pass []"),
    Row("a:ko,b:False,c:0,d:✗", "gates=a:fail,b:fail,c:fail,d:fail []"),
    Row("PASS", "gates=overall:pass []"), Row("0", "gates=overall:fail []"),
    Row("f1:pass,f1:pass", " [malformed_pair gates]"), Row("\"f1:pass,\"", " [malformed_pair gates]"),
    // A comma before the end of the line separates pairs.
    Row("f1:pass,", "gates=f1:pass []"),
    Row(",f1:pass", " [malformed_pair gates]"), Row(":pass", " [malformed_pair gates]"),
    Row("f1:", " [malformed_pair gates]"), Row("f1:maybe", " [malformed_pair gates]"),
    Row("f1", " [malformed_pair gates]"), Row("f1:pass;sortino:fail", " [malformed_pair gates]"),
    Row("f1:pass,***", " [masked_value gates]"), Row("F1:pass,f1:fail", "gates=F1:pass,f1:fail []"),
    Row("\"f1:pass, b:fail\"", "gates=f1:pass,b:fail []"), Row("\"f1:pass", " [malformed_pair gates]"),
    Row("a:b:pass", " [malformed_pair gates]"),
  ]

  @Test(arguments: gates)
  func `reads gates`(row: Row) {
    #expect(read(["gates=\(row.line)"]) == row.expected)
  }

  // MARK: Duplicates and bytes

  @Test func `one key twice in one record has no value, the same text again is no issue`() {
    #expect(read(["sl=1", "SL=1.0", "tp=2 tp=2"]) == "tp=2 [duplicate_key sl]")
    #expect(
      read(["symbol=A", "crypto=B", "note=a", "Note=b"]) == " [duplicate_key crypto, duplicate_key note]")
    #expect(read(["gates=PASS", "gates=FAIL", "delta_f1=1", "delta_f1=2"]) == " [duplicate_key gates]")
  }

  @Test func `bytes that are no text are replaced in extras and make a field absent`() {
    let lines =
      Array(Log.text(Log.header).utf8) + Array("\ngroup=x".utf8) + [0xFF]
      + Array("y\nnote=a".utf8) + [0xC3, 0x28] + Array("\ntheta=0.5".utf8) + [0xC0, 0x0A]
    let record = scan(lines).records.first
    #expect(
      record?.summary.hasPrefix(
        "+note=a\u{FFFD}( [invalid_utf8 group, invalid_utf8 note, invalid_utf8 theta]") == true)
  }
}
