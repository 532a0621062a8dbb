public import LogModel

extension LogEnvelope {
  /// Lines with the name of their container before them, as `kubectl logs --prefix` writes them.
  public static let kubectlPrefix = LogEnvelope(rawValue: "kubectl-prefix")
}

/// The name of a container before each line: `[pod/trainer-7c4/base] ` (2-log-envelopes, Envelopes: kubectl-prefix).
enum KubectlPrefix {
  static let definition = EnvelopeDefinition(
    name: .kubectlPrefix, examples: ["[pod/trainer-7c4/base] …"], remark: "with a line of any other inside",
    opening: Opening([.one(of: "["), .one(of: "p"), .one(of: "o"), .one(of: "d"), .one(of: "/")]),
    recogniser: .prefix(recognise), shape: .wrapsLine(shownBy: .lineInside))

  private static func recognise(_ line: Span<UInt8>) -> RecordHead? {
    guard line.has("[pod/"), let close = line.index(of: UInt8(ascii: "]")),
      let slash = line.index(of: UInt8(ascii: "/"), from: 5), slash > 5, slash + 1 < close,
      close + 1 == line.count || line[close + 1] == 0x20
    else { return nil }
    for index in 5..<close where line[index].isBlank || (line[index] == UInt8(ascii: "/") && index != slash) {
      return nil
    }
    var head = RecordHead()
    head.program = 1..<close
    head.message = min(close + 2, line.count)..<line.count
    return head
  }
}
