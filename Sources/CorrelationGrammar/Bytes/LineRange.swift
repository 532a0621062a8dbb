/// A range of bytes of one line in half the room of a range of integers. A line's description consists of many of them, and is
/// made for each line.
@propertyWrapper struct LineRange {
  private var lower: UInt32
  private var upper: UInt32

  /// No line is held that is longer than a `UInt32` can say (``ScanLimits``).
  init(wrappedValue: Range<Int>) {
    lower = UInt32(clamping: wrappedValue.lowerBound)
    upper = UInt32(clamping: wrappedValue.upperBound)
  }

  var wrappedValue: Range<Int> {
    get { Int(lower)..<Int(upper) }
    set { self = LineRange(wrappedValue: newValue) }
  }
}

extension Range<Int> {
  /// The range in a text that has so many bytes more before it.
  func shifted(by distance: Int) -> Range<Int> { lowerBound + distance..<upperBound + distance }
}
