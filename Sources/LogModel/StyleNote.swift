/// Where a block is written in another form than the strict one: logfmt pairs, one a line
/// (1-correlation-data; `corrparse lint`).
///
/// The parser takes all of these forms. A producer's CI may refuse them.
public struct StyleNote: Sendable, Hashable {
  /// The form.
  public enum Kind: String, CaseIterable, Sendable, Hashable {
    case severalPairs = "several_pairs"
    case colonPair = "colon_pair"
    case blanksAtSign = "blanks_at_sign"
    case numberRepr = "number_repr"
    case bullet
    case section
    case banner
    case jsonBody = "json_body"
    case pairsOnHeader = "pairs_on_header"
    case structuredHeader = "structured_header"
  }

  /// The form.
  public let kind: Kind
  /// The physical line, from 1.
  public let line: Int
  /// The byte at which that line begins, from 0.
  public let offset: Int
  /// The message line, at most 200 bytes of it.
  public let raw: String

  /// A note of a form at a place.
  public init(_ kind: Kind, line: Int, offset: Int, raw: String) {
    self.kind = kind
    self.line = line
    self.offset = offset
    self.raw = raw
  }
}
