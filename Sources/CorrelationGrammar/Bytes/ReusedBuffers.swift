/// Collections that are emptied for the next log. Their buffers are kept.
///
/// A scanner is used for one log after the other (``LogScanner/begin(expecting:runIsLogicalDate:)``). Each of its parts has a `reset()`
/// that makes it as a new one. `ReusedScannerTests` compares every property, at any depth, with those of a new scanner.
extension Array {
  /// Removes all elements. An empty array costs nothing.
  mutating func reset() {
    if !isEmpty { removeAll(keepingCapacity: true) }
  }
}

extension Set {
  /// Removes all elements. An empty set costs nothing.
  mutating func reset() {
    if !isEmpty { removeAll(keepingCapacity: true) }
  }
}
