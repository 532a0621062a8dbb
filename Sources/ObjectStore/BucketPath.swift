/// `s3://bucket/prefix` as somebody names it.
public struct BucketPath: Sendable, Hashable {
  /// The bucket's name.
  public let bucket: String
  /// The key or prefix, as it is: nothing in it is encoded.
  public let key: [UInt8]

  /// Whether a text is meant to name a bucket.
  public static func isOne(_ text: String) -> Bool { text.hasPrefix("s3://") }

  /// Reads a text; nil where it names none.
  public init?(_ text: String) {
    guard Self.isOne(text) else { return nil }
    let rest = text.utf8.dropFirst("s3://".utf8.count)
    let name = rest.prefix { $0 != UInt8(ascii: "/") }
    guard (1...255).contains(name.count), name.allSatisfy(Self.isNameByte) else { return nil }
    bucket = String(Substring(name))
    key = Array(rest.dropFirst(name.count + 1))
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
