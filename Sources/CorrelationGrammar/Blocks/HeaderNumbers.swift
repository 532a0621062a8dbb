/// Numbers the headers of a log in the order of their lines (5-command-line, NDJSON).
///
/// Each header has a *place*. A header that may be a copy of the one before it keeps its place until it is known whether it counts.
/// The number of a header is its place less the places before it that were given up.
struct HeaderNumbers {
  /// Places so far.
  private(set) var places = 0
  /// Places of headers of which it is not known yet whether they count, in order.
  private var kept: [Int] = []
  /// Places of headers that do not count, in order.
  private var givenUp: [Int] = []

  /// Behind a kept place at most this many further places are given. The records at these places wait for their numbers.
  private static let mostWaiting = 256
  /// So many places are given up before headers are numbered anew, and before that has to be possible.
  private static let (manyGivenUp, mostGivenUp) = (4096, 65_536)

  /// Headers that count.
  var count: Int { places - givenUp.count - kept.count }
  /// Whether so many headers wait for their numbers that it has to be decided which of them count.
  var isCrowded: Bool {
    guard let first = kept.first else { return false }
    return places - first >= Self.mostWaiting || givenUp.count >= Self.mostGivenUp
  }

  /// Whether so many places were given up that headers are to be numbered anew; all of their numbers are known.
  var isLong: Bool { givenUp.count >= Self.manyGivenUp && kept.isEmpty }

  /// Numbers the headers anew: the number of each is its place.
  mutating func forgetGivenUp() {
    places = count
    givenUp.removeAll(keepingCapacity: true)
  }

  /// The next place, for a header that counts.
  mutating func take() -> Int {
    places += 1
    return places
  }

  /// The next place, for a header of which it is not known yet whether it counts.
  mutating func keep() -> Int {
    kept.append(take())
    return places
  }

  /// The header with a place that was kept counts.
  mutating func confirm(_ place: Int) { kept.removeAll { $0 == place } }

  /// The header with a place that was kept does not count.
  mutating func giveUp(_ place: Int) {
    confirm(place)
    if place == places {
      places -= 1
    } else {
      givenUp.insert(place, at: givenUpCount(before: place))
    }
  }

  /// Whether the number of a place is known.
  func isKnown(_ place: Int) -> Bool { kept.first.map { place < $0 } ?? true }

  /// The number of a place; each place before it is known to count or not.
  func number(of place: Int) -> Int { place - givenUpCount(before: place) }

  private func givenUpCount(before place: Int) -> Int {
    var range = 0..<givenUp.count
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range = givenUp[middle] < place ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}
