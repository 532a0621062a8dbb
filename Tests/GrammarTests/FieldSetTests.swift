import TestSupport
import Testing

@testable import LogModel

/// The fields of a record against a dictionary.
@Suite struct FieldSetTests {
  @Test(arguments: 1...4) func setsAndRemovesAsADictionary(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var (fields, expected) = (FieldSet(), [FieldKey: FieldValue]())
    for step in 0..<500 {
      guard let key = FieldKey.allCases.randomElement(using: &random) else { return }
      let value: FieldValue? = Bool.random(using: &random) ? .integer(Int64(step)) : nil
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
}
