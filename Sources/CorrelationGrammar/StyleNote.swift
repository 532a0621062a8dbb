/// Where a block is written in another form than the strict one: logfmt pairs, one a line (page 1; `corrparse lint`).
///
/// The parser takes all of these; a producer's CI may not want them.
public struct StyleNote: Sendable, Hashable {
  /// The form.
  public enum Kind: String, CaseIterable, Sendable, Hashable {
    case severalPairs = "several_pairs"
    case colonPair = "colon_pair"
    case blanksAtSign = "blanks_at_sign"
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

  init(_ kind: Kind, _ text: Span<UInt8>, at position: LogPosition) {
    self.kind = kind
    line = position.line
    offset = position.offset
    raw = text.rawText(in: 0..<text.count)
  }

  /// What is not strict about a line of pairs.
  static func kinds(of text: Span<UInt8>, _ pairs: [LoggedPair]) -> [Kind] {
    var kinds: [Kind] = []
    if MessageLine.afterBullet(text) > 0 { kinds.append(.bullet) }
    if pairs.count > 1 { kinds.append(.severalPairs) }
    guard let pair = pairs.first else { return kinds }
    var sign = pair.key.upperBound
    while sign < text.count, text[sign].isBlank { sign += 1 }
    if sign < text.count, text[sign] == UInt8(ascii: ":") {
      kinds.append(.colonPair)
    } else if sign > pair.key.upperBound || (sign + 1 < text.count && text[sign + 1].isBlank) {
      kinds.append(.blanksAtSign)
    }
    return kinds
  }
}
