/// Whether a listing moves on. A store that tells the same place again and again, or a cache before it that gives the same page, would
/// never be done with.
///
/// Holds a number for each page and one key, however long the listing is.
struct ListingProgress: Sendable, Equatable {
  /// A store may give pages without a key, where it passes over much; not so many in a row.
  private static let mostEmptyPages = 1000

  private enum Mark: Hashable {
    case token(String)
    case first([UInt8])
  }

  private var marks: Set<Int> = []
  private var last: [UInt8]?
  private var emptyPages = 0

  /// Takes the next page.
  /// - Returns: How the listing stands still, in one sentence; nil where it moves on.
  mutating func take(_ page: ListingPage) -> String? {
    for key in page.entries.map(\.key) {
      if key == last { return "it gives a key twice" }
      last = key
    }
    let first = page.entries.first?.key ?? page.prefixes.first
    if let first, !isNew(.first(first)) { return "it gives a page twice" }
    emptyPages = first == nil ? emptyPages + 1 : 0
    guard let token = page.next else { return nil }
    if !isNew(.token(token)) { return "it gives the same continuation token twice" }
    return emptyPages < Self.mostEmptyPages ? nil : "it gives \(emptyPages) pages in a row without a key"
  }

  private mutating func isNew(_ mark: Mark) -> Bool { marks.insert(mark.hashValue).inserted }
}
