import LogModel
import Testing

/// The one writer of JSON: expected texts are those of RFC 8259 and of 5-command-line, NDJSON.
@Suite struct JSONWriterTests {
  /// Commas stand between members and elements, and nowhere else, whatever is nested in what.
  @Test func commasStandBetweenValues() {
    let text = JSONWriter.text(.escaped) { json in
      json.beginObject()
      json.member("a", 1)
      json.member("left_out", nil as String?)
      json.key("b")
      json.beginArray()
      json.beginObject()
      json.endObject()
      json.beginArray()
      json.endArray()
      json.value("x")
      json.value(true)
      json.endArray()
      json.key(given: "c\"")
      json.beginObject()
      json.member("d", ["y", "z"])
      json.member("e", json: "1.50")
      json.endObject()
      json.member("f", false)
      json.endObject()
      json.endLine()
      json.beginObject()
      json.endObject()
    }
    #expect(text == #"{"a":1,"b":[{},[],"x",true],"c\"":{"d":["y","z"],"e":1.50},"f":false}"# + "\n{}")
  }

  @Test(arguments: [
    (Int64(0), "0"), (7, "7"), (-10, "-10"), (Int64.max, "9223372036854775807"),
    (Int64.min, "-9223372036854775808"),
  ])
  func wholeNumbersAreWrittenInFull(_ number: Int64, _ text: String) {
    #expect(JSONWriter.text(.escaped) { $0.value(number) } == text)
  }

  @Test func decimalsHaveTheirShortestForm() {
    let text = JSONWriter.text(.dropped) { json in
      json.beginArray()
      json.value(ExactDecimal(coefficient: -3200, scale: 4))
      json.value(ExactDecimal(coefficient: 22))
      json.endArray()
    }
    #expect(text == "[-0.32,22]")
  }

  /// Texts are looked at eight bytes at a time. One character that has to be escaped is found at each place of a text of any length.
  @Test(arguments: [
    ("\"", #"\""#), ("\\", #"\\"#), ("\u{1F}", #"\u001f"#), ("\u{7F}", #"\u007f"#), ("\u{85}", #"\u0085"#),
  ])
  func aCharacterIsEscapedWhereverItStands(_ character: String, _ escaped: String) {
    for length in 0..<20 {
      for place in 0...length {
        let (before, behind) = (
          String(repeating: " ", count: place), String(repeating: "~", count: length - place)
        )
        let text = JSONWriter.text(.escaped) { $0.value(before + character + behind) }
        #expect(text == "\"\(before)\(escaped)\(behind)\"")
      }
    }
  }

  /// What RFC 8259 wants escaped, and for users what a terminal would obey.
  @Test func usersReadEveryCharacterEscapedThatATerminalWouldObey() {
    let text = "a\"b\\c\u{8}\u{C}\n\r\t\u{0}\u{1B}\u{7F}\u{9B}é\u{2028}😀"
    #expect(
      JSONWriter.text(.escaped) { $0.value(text) }
        == #""a\"b\\c\b\f\n\r\t\u0000\u001b\u007f\u009bé"# + "\u{2028}😀\"")
  }

  /// PostgreSQL cannot store NUL. Everything else is stored as it is.
  @Test func theDatabaseGetsEverythingButNUL() {
    let text = "a\u{0}b\u{7F}\u{9B}\u{1}é"
    #expect(JSONWriter.text(.dropped) { $0.value(text) } == #""ab"# + "\u{7F}\u{9B}" + #"\u0001é""#)
  }

  @Test func aBufferKeepsWhatStoodBefore() {
    var buffer = Array("before ".utf8)
    JSONWriter.append(to: &buffer) { $0.array(["x"]) }
    #expect(String(decoding: buffer, as: UTF8.self) == #"before ["x"]"#)
  }
}
