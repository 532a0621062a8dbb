import TestSupport
import Testing

@testable import CorrelationGrammar
@testable import LogModel

/// The fields of a record against a dictionary.
@Suite struct FieldSetTests {
  @Test(arguments: 1...4) func setsAndRemovesAsADictionary(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var (fields, expected) = (FieldSet(), [FieldKey: FieldValue]())
    for step in 0..<500 {
      guard let key = FieldKey.allCases.randomElement(using: &random) else { return }
      let value = Self.value(step, &random)
      fields[key] = value
      expected[key] = value
      let isSame = FieldKey.allCases.allSatisfy { fields[$0] == expected[$0] }
      #expect(isSame)
      let inOrder = FieldKey.allCases.filter { expected[$0] != nil }
      var all: [(key: FieldKey, value: FieldValue)] = []
      fields.forEach { all.append(($0, $1)) }
      #expect(all.map(\.key) == inOrder)
      #expect(all.map(\.value) == inOrder.compactMap { expected[$0] })
      // Two sets are the same whatever way they came by their fields.
      var anew = FieldSet()
      for key in inOrder { anew[key] = expected[key] }
      #expect(anew == fields)
      #expect(anew.hashValue == fields.hashValue)
    }
  }

  @Test(arguments: FieldKey.allCases) func `a field has the name of its case`(key: FieldKey) {
    #expect(key.name.replacing("_", with: "") == "\(key)".lowercased())
  }

  /// A case without a name, and a name that is too long, trapped without a word at the first record.
  @Test func `what keeps a new field from working is told`() {
    let names = FieldKey.allCases.map(\.name)
    #expect(FieldKey.obstacle(to: names) == nil)
    let fewer = "\(names.count) fields and \(names.count - 1) names"
    #expect(FieldKey.obstacle(to: names.dropLast())?.contains(fewer) == true)
    let (most, tooLong) = (String(repeating: "m", count: 24), String(repeating: "n", count: 25))
    #expect(FieldKey.obstacle(to: names.dropLast() + [most]) == nil)
    #expect(
      FieldKey.obstacle(to: names.dropLast() + [tooLong])?.contains("\(tooLong) has 25 letters") == true)
    #expect(FieldKey.mostLetters == KeyName.Table.longest)
    #expect(names.count <= FieldNumbers.mostFields)
  }

  /// A value of any kind, or none: numbers with and without room in 64 bits too.
  private static func value(_ step: Int, _ random: inout SeededGenerator) -> FieldValue? {
    switch Int.random(in: 0..<12, using: &random) {
    case 0...3: nil
    case 4: .integer(Int64(step))
    case 5: .integer(.min)
    case 6: .boolean(step % 2 == 0)
    case 7: .text("a text of more than fifteen bytes, \(step)")
    case 8: .decimal(ExactDecimal(coefficient: Int128(Int64.max) * 10 + Int128(step), scale: 3))
    case 9: .decimal(ExactDecimal(coefficient: 3 * Int128(step) + 1, scale: 200))
    case _: .decimal(ExactDecimal(coefficient: -Int128(step), scale: step % 30))
    }
  }
}
