import Testing

@testable import CorrelationGrammar

/// What a text is as an object, as far as it has come (1-correlation-data, Objects).
@Suite struct ObjectReadingTests {
  private func reading(_ text: String) -> String {
    let bytes = Array(text.utf8)
    switch JSONBody.read(bytes.span) {
    case .unfinished: return "unfinished"
    case .none: return "none"
    case .body(let body):
      if body.hasSeveralObjects { return "several" }
      let texts = zip(body.pairs, body.places).map { (pair: LoggedPair, place: Int) -> String in
        let line = bytes[..<place].count(where: { $0 == 0x0A })
        let key = body.text.span.text(in: pair.key).text
        let value = body.text.span.text(in: pair.value).text
        return "\(line):\(key)=\(value.replacing("\0", with: "~"))"
      }
      return texts.joined(separator: " ")
    }
  }

  @Test(arguments: [
    (#"{"a": 1}"#, "0:a=1"), (#"{'a': "b", "c": 'd'}"#, "0:a=b 0:c=d"),
    (#"{"a":true,'b':False,"c":null}"#, "0:a=true 0:b=False 0:c=null"),
    ("{\n'a': 1,\n\n'b': 2}", "1:a=1 3:b=2"), (#"{'a': 'it\'s', 'b': "it's"}"#, "0:a=it's 0:b=it's"),
    (#"{'a': '\x41\u00e9\U0001F680\n', "b": "\ud83d\ude80\/"}"#, "0:a=A\u{E9}\u{1F680}\n 0:b=\u{1F680}/"),
    (
      "{'a': Decimal('0.5'), 'b': np.int64(3), 'c': -1.5e+16}",
      "0:a=Decimal('0.5') 0:b=np.int64(3) 0:c=-1.5e+16"
    ),
    ("{'gates': {'f1': True}}", "0:gates=f1~True~"), ("[{'a': 1}]", "0:a=1"), ("[{}, {}]", "several"),
    ("{}", ""),
    ("{'event': 'correlation_data', 'a': 1}", "0:a=1"), ("{'event': 'x'}", "0:event=x"),
  ])
  func `reads JSON and Python mixed`(text: String, expected: String) {
    #expect(reading(text) == expected)
    // Each beginning of it can still become an object, unless it is cut within a word or a string.
    for count in 1..<text.utf8.count {
      let beginning = String(decoding: text.utf8.prefix(count), as: UTF8.self)
      #expect(["unfinished", "none"].contains(reading(beginning)), "\(beginning)")
    }
  }

  @Test(arguments: [
    "{", "[", "{'a'", "{'a':", "{'a': 1", "{'a': 1,", "{'a': {'b': 1}", "[{'a': 1}", "[{'a': 1},", "{ \n",
  ])
  func `waits for more`(text: String) {
    #expect(reading(text) == "unfinished")
  }

  @Test(arguments: [
    "{'a': 1,}", "{'a': 1} x", "{'a': tensor(0.5)}", "{'a': b'x'}", "{'a': ('x',)}", "{a: 1}",
    "{'a': 'x\ny'}",
    "{'a': 'x", "{1: 2}", "{'a': .5}", "{'a': 01}", "{'a': 1}{", "[]", "[1]", "[[{}]]", "[{'a': [1]}]",
    "{'a': [1]}",
    "{'a': {'b': {'c': 1}}}", "{'gates': ['f1']}", "{'ml': {'gates': {}}}", "{'a': Truer}",
    "{'a': np.float64(0.5}",
    "{'a': '\\q'}", "{'a' 1}", "{'a': {1, 2}}", "{'a': datetime.date(2026, 3, 28)}", "x", "",
  ])
  func `is no body`(text: String) {
    #expect(reading(text) == (text.isEmpty ? "unfinished" : "none"))
  }
}
