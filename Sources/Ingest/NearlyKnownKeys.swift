import CorrelationGrammar
import LogModel

extension CorrelationRecord {
  /// The keys outside the grammar that are nearly known, with what they are near to. `python/corrparse_block` says the same to producers.
  var nearlyKnownKeys: [(key: String, near: [String])] {
    let known = FieldKey.allCases.map(\.name) + ["gates"]
    return extras.compactMap { extra in
      let key = extra.key.lowercased().replacing("-", with: "_")
      var near = NearestNames.of(key, among: known.filter { Self.isSlip(key, for: $0) })
      // Other words for a key are a mistake only where the key itself is missing.
      if near.isEmpty { near = Self.meant(by: key, among: known).filter { !logged($0) } }
      return near.isEmpty ? nil : (extra.key, near)
    }
  }

  /// Whether a key is a known one that lacks its end, or differs from it at one place by two characters at most: `baseline_f1` and `sortinoo` are
  /// slips, `sortino_ratio` and `precision_sell` are keys of their own.
  private static func isSlip(_ key: String, for known: String) -> Bool {
    if known.hasPrefix(key) { return true }
    let same = zip(key, known).prefix { $0 == $1 }.count
    let rest = zip(key.dropFirst(same).reversed(), known.dropFirst(same).reversed()).prefix { $0 == $1 }.count
    return key.count - same - rest <= 2 && known.count - same - rest <= 2
  }

  /// The known keys of which a key is the first word (`f1`), and the one that it is in other words (`tp_percent`, `stop_loss`).
  private static func meant(by key: String, among known: [String]) -> [String] {
    var words = key
    for (long, short) in [("stop_loss", "sl"), ("take_profit", "tp"), ("number_of", "n")] {
      words = words.replacing(long, with: short)
    }
    let name = words.split(separator: "_").map { otherWords[$0] ?? String($0) }.joined(separator: "_")
    if known.contains(name) { return [name] }
    if known.contains("n_" + name) { return ["n_" + name] }
    return key.count > 1 ? known.filter { $0.hasPrefix(key + "_") } : []
  }

  /// Words that people print for those of our keys.
  private static let otherWords: [Substring: String] = [
    "percent": "pct", "percentage": "pct", "perc": "pct", "share": "pct",
    "num": "n", "nb": "n", "count": "n",
    "ticker": "crypto", "coin": "crypto", "asset": "crypto", "instrument": "crypto",
    "stoploss": "sl", "takeprofit": "tp",
  ]

  /// Whether the block has a key, usable or not.
  private func logged(_ key: String) -> Bool {
    if key == "gates" { return gates != nil || issues.contains { $0.key == key } }
    guard let field = FieldKey(name: key) else { return false }
    return self[field] != nil || reasonForAbsence(of: field) != nil
  }
}
