import CorrelationGrammar
import LogModel

extension StyleNote {
  /// What to print in place of the line, where the line tells more than its form (``StyleNote/Kind/meaning``); nil elsewhere.
  var cure: String? {
    // `note=tuned sortino=3.5`: a text that holds a pair, or two pairs.
    guard kind == .severalPairs, let sign = raw.firstIndex(of: "=") else { return nil }
    let (key, text) = (raw[..<sign], raw[raw.index(after: sign)...])
    guard KnownKey.canonical(String(key)) == nil, !text.contains("\""), !text.hasPrefix("'"),
      !text.contains("\\"),
      raw.utf8.count < 80, key.allSatisfy({ $0.isLetter || $0.isNumber || "_.-".contains($0) })
    else { return nil }
    return "\(kind.meaning.cure), or, where all of it is the text of \(key), \(key)=\"\(text)\""
  }
}
