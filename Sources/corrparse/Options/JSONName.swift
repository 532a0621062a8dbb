/// The two names of JSON, one object a line. Each format has one of them, and takes the other: nobody knows by heart which is whose.
enum JSONName {
  private static let both = ["json", "ndjson"]

  /// The format that a name names; nil where it names none.
  static func format<Format: RawRepresentable>(_ name: String) -> Format? where Format.RawValue == String {
    Format(rawValue: name)
      ?? (both.contains(name) ? both.lazy.compactMap(Format.init(rawValue:)).first : nil)
  }
}
