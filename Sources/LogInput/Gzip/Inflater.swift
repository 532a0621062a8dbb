/// The library that inflates gzip. Both give the same bytes and report the same damage; only the speed differs.
public enum Inflater: String, CaseIterable, Sendable, Hashable {
  #if CORRPARSE_ISAL
    /// Intel's ISA-L, the faster one.
    case isal
  #endif
  /// zlib, which is everywhere.
  case zlib

  /// The fastest that this program was built with.
  public static var fastest: Inflater { allCases[0] }

  /// A decoder at the start of a stream.
  func makeDecoder() -> any DeflateDecoder {
    switch self {
    #if CORRPARSE_ISAL
      case .isal: IsalDecoder()
    #endif
    case .zlib: ZlibDecoder()
    }
  }
}
