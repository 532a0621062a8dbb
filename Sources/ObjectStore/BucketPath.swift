/// `s3://bucket/prefix` as somebody names it; `s3a://` and `s3n://`, as Hadoop has them, mean the same, in any case.
public struct BucketPath: Sendable, Hashable {
  private static let schemes = ["s3://", "s3a://", "s3n://"]

  /// The bucket's name; with the tenant and a colon before it where the store has tenants (Ceph).
  public let bucket: String
  /// The key or prefix, as it is: nothing in it is encoded.
  public let key: [UInt8]

  /// Whether a text is meant to name a bucket.
  public static func isOne(_ text: String) -> Bool { scheme(of: text) != nil }

  /// Reads a text; nil where it names none.
  public init?(_ text: String) {
    guard let scheme = Self.scheme(of: text) else { return nil }
    let rest = text.utf8.dropFirst(scheme.utf8.count)
    let name = rest.prefix { $0 != UInt8(ascii: "/") }
    let parts = name.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard name.count <= 255, (1...2).contains(parts.count),
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isNameByte) })
    else { return nil }
    bucket = String(Substring(name))
    key = Array(rest.dropFirst(name.count + 1))
  }

  private static func scheme(of text: String) -> String? {
    let start = text.prefix(6).lowercased()
    return schemes.first(where: start.hasPrefix)
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
