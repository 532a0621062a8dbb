import Testing

@testable import CorrelationGrammar

/// Short runs of bytes are looked at eight bytes at a time. Each answer is that of looking at them one by one, whatever stands where.
@Suite struct ByteWordsTests {
  private static let valueBytes = Set(
    "+,-./0123456789:_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  @Test(arguments: 0..<20) func aByteIsFoundOutWhereverItStands(length: Int) {
    var wrong: [(place: Int, byte: UInt8)] = []
    for place in 0..<length {
      for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: "5") {
        var text = Array(repeating: UInt8(ascii: "5"), count: length)
        text[place] = byte
        let isValue = text.span.areValueBytes(from: 0)
        // What stands before the start does not count.
        let isRestValue = text.span.areValueBytes(from: place + 1)
        let found = text.span.nearIndex(of: byte)
        if isValue != Self.valueBytes.contains(byte) || !isRestValue || found != place {
          wrong.append((place, byte))
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  /// The first of several equal bytes counts; a text without the byte has no place.
  @Test(arguments: [("a==bcdefghij=", 1), ("0123456789a==", 11), ("0123456789", nil), ("", nil)])
  func theFirstPlaceIsFound(text: String, place: Int?) {
    let found = Array(text.utf8).span.nearIndex(of: 0x3D)
    #expect(found == place)
  }

  /// A key of ours is known in any case and with either sign; a line of it alone is a plain pair as we spell it.
  @Test(arguments: ["sl", "tp%", "f1_buy", "timeout_pct", "screening_f1_buy", "symbol"])
  func aKeyIsKnownHoweverItIsSpelled(key: String) throws {
    let line = Array("\(key)=0.8,1".utf8)
    let found = PairLexer.knownPair(line.span)
    let pair = try #require(found)
    #expect(pair.name.isKnown)
    #expect(pair.key == 0..<key.utf8.count)
    #expect(pair.value == key.utf8.count + 1..<line.count)
    let shouted = key.uppercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
    let name = KeyName(shouted.span, in: 0..<shouted.count)
    #expect(name == pair.name)
  }

  /// A comma at the end, a further pair, a quote and a blank make a line that the other readers take.
  @Test(arguments: [
    "sl=0.8,", "sl=0.8,tp=1", "sl=\"0.8\"", "sl= 0.8", "sl=", "=0.8", "nobodys_key=1", "sl:0.8",
  ])
  func otherLinesAreNoPlainPairs(line: String) {
    let pair = PairLexer.knownPair(Array(line.utf8).span)
    #expect(pair == nil)
  }
}
