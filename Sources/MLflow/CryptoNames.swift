/// Finds cryptos in the names of models.
struct CryptoNames {
  /// By their lower-case form; several where only the case tells them apart.
  private let known: [[Unicode.Scalar]: [String]]

  init(_ cryptos: Set<String>) {
    known = Dictionary(grouping: cryptos.sorted()) { Self.folded($0) }
  }

  /// How a crypto is written here; nil where the crypto is not known.
  func spelling(_ crypto: String) -> String? {
    let names = known[Self.folded(crypto)] ?? []
    return names.contains(crypto) ? crypto : names.first
  }

  /// The cryptos that stand in a name between characters that are neither letters nor digits. Where one match lies within another, the longer
  /// one counts.
  func cryptos(in name: String) -> [String] {
    let text = Self.folded(name)
    var matches: [(range: Range<Int>, names: [String])] = []
    for (crypto, names) in known where !crypto.isEmpty && crypto.count <= text.count {
      for start in 0...(text.count - crypto.count) {
        let range = start..<(start + crypto.count)
        guard text[range].elementsEqual(crypto), !Self.isPart(text, range.lowerBound - 1),
          !Self.isPart(text, range.upperBound)
        else { continue }
        matches.append((range, names))
      }
    }
    let longest = matches.filter { match in
      !matches.contains { other in
        other.range.count > match.range.count && other.range.lowerBound <= match.range.lowerBound
          && match.range.upperBound <= other.range.upperBound
      }
    }
    return Set(longest.flatMap(\.names)).sorted()
  }

  private static func folded(_ text: String) -> [Unicode.Scalar] { Array(text.lowercased().unicodeScalars) }

  /// Whether a letter or digit stands there.
  private static func isPart(_ text: [Unicode.Scalar], _ index: Int) -> Bool {
    guard text.indices.contains(index) else { return false }
    return text[index].properties.isAlphabetic || text[index].properties.numericType != nil
  }
}
