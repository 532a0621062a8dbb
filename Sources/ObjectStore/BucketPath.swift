/// `s3://bucket/prefix`, as a user names it. The schemes of Hadoop, `s3a://` and `s3n://`, mean the same. Case makes no difference.
public struct BucketPath: Sendable, Hashable {
  private static let schemes = ["s3://", "s3a://", "s3n://"]

  /// The bucket's name. If the store has tenants, as Ceph, the tenant and a colon stand before it.
  public let bucket: String
  /// The key or prefix as it is, without any encoding.
  public let key: [UInt8]

  /// Whether a text is meant to name a bucket, right or wrong.
  public static func isOne(_ text: String) -> Bool { scheme(of: text) != nil }

  /// Reads a text. Nil if it does not name a bucket.
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
