import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// The strict reader of RFC 8259 text.
@Suite struct JSONScannerTests {
  private func isObject(_ text: String) -> Bool { isObject(Array(text.utf8)) }
  private func isObject(_ bytes: [UInt8]) -> Bool { JSONScanner.object(bytes.span) { _ in } }

  @Test(
    arguments: [
      "null", "true", "false", "0", "-0", "-1", "10", "0.5", "-0.0", "1e5", "1E+5", "1.5e-05", "0e0",
      "123456789012345678901",
      #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#, #""\u0041\uD83D\uDE80""#, #""\ud800""#, "\"\u{7F}\u{2028}é🚀\"",
      "[]", "[ ]", "[1]", "[1 , [2, {}] , \"x\"]", "{}", "{ }", #"{"a":1}"#, #"{"a":1,"a":2}"#,
      #"{"":{"":[]}}"#,
      " \t\r\n1 \t\r\n",
    ])
  func `takes values that are valid`(value: String) {
    #expect(isObject("{\"k\":\(value)}"))
    #expect(isObject(" { \"k\" : \(value) , \"l\" : [\(value),\(value)] } "))
  }

  @Test(
    arguments: [
      "", "nul", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x1", "1_0",
      "1 2", "'a'",
      "\"", #""\""#, #""\x41""#, #""\u12""#, #""\u12G4""#, "\"a\nb\"", "\"a\tb\"", "\"\u{0}\"", "\"\u{1F}\"",
      "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", "{1:2}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#,
      #"{,"a":1}"#,
      #"{"a":1 "b":2}"#, #"{a:1}"#, "// c", "1 // c", "\u{FEFF}1", "\u{A0}1", "\u{B}1",
    ])
  func `refuses values that are not`(value: String) {
    #expect(!isObject("{\"k\":\(value)}"))
  }

  @Test(arguments: [
    "", " ", "[]", "1", "\"a\"", "{} {}", "{}x", "x{}", "{", "}", "{\"a\":1", "{\"a\"", "{\"a\":1}}",
  ])
  func `refuses texts that are not one object`(text: String) {
    #expect(!isObject(text))
  }

  @Test func `refuses every beginning of an object`() {
    let whole = Array(#"{"event":"a\u00e9\n","n":[-1.5e-05,true,null],"o":{"k":"v"}}"#.utf8)
    #expect(isObject(whole))
    for end in whole.indices { #expect(!isObject(Array(whole[..<end])), "\(end) bytes") }
  }

  @Test func `goes down 128 levels and no further`() {
    func nested(_ depth: Int) -> String {
      String(repeating: "{\"k\":", count: depth - 1) + "{}" + String(repeating: "}", count: depth - 1)
    }
    func arrays(_ depth: Int) -> String {
      "{\"k\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }
    #expect(isObject(nested(128)))
    #expect(!isObject(nested(129)))
    #expect(isObject(arrays(127)))
    #expect(!isObject(arrays(128)))
    #expect(!isObject(nested(100_000)))
    #expect(!isObject(arrays(100_000)))
  }

  @Test func `gives members with their kinds and places`() {
    let text = Array(#" {"a":"x\"y","b":-1,"c":true,"d":null,"e":{"f":1},"g":[1]} "#.utf8)
    var found: [String] = []
    let isValid = JSONScanner.object(text.span) { member in
      let key = String(decoding: text[member.key], as: UTF8.self)
      found.append("\(key) \(member.kind) \(String(decoding: text[member.value], as: UTF8.self))")
    }
    #expect(isValid)
    #expect(
      found == [
        #"a string x\"y"#, "b number -1", "c boolean true", "d null null", #"e object {"f":1}"#,
        "g array [1]",
      ])
  }

  @Test(
    arguments: [
      (#"plain"#, "plain"), (#"\"\\\/"#, "\"\\/"), (#"\b\f\n\r\t"#, "\u{8}\u{C}\n\r\t"), (#"\u0041"#, "A"),
      (#"\u00e9\u00E9"#, "éé"), (#"\u20ac"#, "€"), (#"\ud83d\ude80"#, "🚀"), (#"x\uD83D\uDE80y"#, "x🚀y"),
      (#"\u0000"#, "\u{0}"), (#"\uffff"#, "\u{FFFF}"), (#"\\n"#, #"\n"#), (#"\\\n"#, "\\\n"),
      (#"é\u0041"#, "éA"),
    ])
  func `resolves escapes`(text: String, expected: String) {
    #expect(decoded(text) == Array(expected.utf8))
  }

  /// Half a pair is no text: it becomes a byte that no UTF-8 has, so that the value is reported.
  @Test(arguments: [
    #"\ud83d"#, #"\ude80"#, #"\ud83dx"#, #"\ud83d\n"#, #"\ud83d\ud83d"#, #"\ude80\ud83d"#, #"a\ud83d\u0041"#,
  ])
  func `makes half a surrogate pair visible`(text: String) {
    let bytes = decoded(text)
    #expect(bytes.contains(0xFF))
    #expect(!bytes.span.text(in: 0..<bytes.count).isValid)
  }

  /// The second half stands behind the end of the string.
  @Test func `does not look behind the string for the other half`() {
    let text = Array(#"\ud83d\ude80"#.utf8)
    var bytes: [UInt8] = []
    JSONString.decode(text.span, in: 0..<6, into: &bytes)
    #expect(bytes == [0xFF])
  }

  private func decoded(_ text: String) -> [UInt8] {
    let source = Array(text.utf8)
    var bytes: [UInt8] = []
    JSONString.decode(source.span, in: 0..<source.count, into: &bytes)
    return bytes
  }
}
